//! Guards: the client's script refuses a person's step with a field and a text, and no other's.

use naryad::commands::DeskError;
use naryad::domain::command::Command;
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::{ClientId, Key, Refusal, TicketId};
use naryad::store::run::RunState;

use crate::helpers::{Somebody, TestDesk};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

const SCRIPT: &str = r#"
fn on_accepting(ticket, person) {
    if ticket.is_default("category") { return refuse("category", person.name + ": classify the request first"); }
}
fn on_resolving(ticket, resolution) {
    if resolution == "refused" && ticket.fields.access_code == () { refuse("fields.access_code", "Say the code"); refuse("x", "y"); }
}
fn on_closing(ticket, resolution) { throw "broken"; }
fn on_comment(ticket, comment) { ticket.close(#{ resolution: "refused" }); }
"#;

fn operator<'d>(desk: &'d TestDesk, client: ClientId) -> Somebody<'d> {
    let olga = desk.somebody("olga", Role::Operator, Some(client));
    olga.gets(
        &[Grant { role: Role::Operator, client: Some(client) }],
        &[Membership { queue: key("support"), client: None }],
    );
    olga
}

fn ends(ticket: TicketId, resolution: &str, how: &str) -> Command {
    let (version, resolution, reason, information) = (None, key(resolution), None, Box::default());
    match how {
        "close" => Command::CloseTicket { ticket, version, resolution, reason, information },
        _ => Command::ResolveTicket { ticket, version, resolution, reason, information },
    }
}

fn refused(answer: Result<naryad::commands::Done, DeskError>) -> (String, String) {
    match answer {
        Err(DeskError::Refused(Refusal::RefusedByWorkflow { field, message })) => (field, message),
        other => panic!("expected the workflow's refusal, got {other:?}"),
    }
}

#[test]
fn a_person_may_not_take_or_resolve_what_the_script_refuses() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    let olga = operator(&desk, client);
    let ticket = desk.opens(client, "no cash");
    let before = desk.events(ticket).len();
    let (field, message) = refused(olga.assigns(ticket, &olga));
    assert_eq!((field.as_str(), message.as_str()), ("category", "olga: classify the request first"));
    let (field, message) = refused(olga.does(ends(ticket, "refused", "resolve")));
    assert_eq!((field.as_str(), message.as_str()), ("fields.access_code", "Say the code"));
    assert_eq!(desk.events(ticket).len(), before, "nothing has happened");
    assert!(desk.runs(ticket).is_empty(), "a refusal leaves no run: the command was not made");

    olga.does(ends(ticket, "done", "resolve")).unwrap();
    assert_eq!(desk.handlers(ticket), [("on_resolving".to_owned(), RunState::Applied)]);
    assert!(desk.ticket(ticket).resolved_at.is_some());
}

#[test]
fn the_next_ticket_is_one_that_the_script_lets_go() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    let olga = operator(&desk, client);
    let unclassified = desk.opens(client, "older");
    assert_eq!(refused(olga.does(Command::TakeNext { client: None, queue: None })).0, "category");
    let mut request = TestDesk::request(client, "younger");
    request.category = Some(key("receipt_jam"));
    let classified = desk.opens_with(request);
    let done = olga.does(Command::TakeNext { client: None, queue: None }).unwrap();
    assert_eq!(done.ticket, Some(classified));
    assert_eq!(desk.ticket(unclassified).assignee, None);
}

#[test]
fn a_guard_that_fails_stops_nobody_and_scripts_are_not_asked() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    let olga = operator(&desk, client);
    let closed_by_hand = desk.opens(client, "by hand");
    olga.does(ends(closed_by_hand, "done", "close")).unwrap();
    let stands = desk.ticket(closed_by_hand);
    assert!(stands.is_closed() && stands.is_marked);
    assert_eq!(desk.handlers(closed_by_hand)[0], ("on_closing".to_owned(), RunState::Failed));

    let closed_by_script = desk.opens(client, "by script");
    olga.replies(closed_by_script, "close it").unwrap();
    let stands = desk.ticket(closed_by_script);
    assert!(stands.is_closed() && !stands.is_marked);
    assert_eq!(desk.handlers(closed_by_script), [("on_comment".to_owned(), RunState::Applied)]);
}

#[test]
fn a_guard_changes_nothing_and_refuse_is_for_guards() {
    // What the check can see is not published; these ways it cannot.
    for (script, wanted) in [
        (
            "fn on_closing(ticket, resolution) { for one in [ticket] { one.add_tag(\"seen\"); } }",
            "a guard changes nothing",
        ),
        (
            "fn on_opened(ticket) { no(); }\nfn no() { refuse(\"category\", \"no\"); }",
            "`refuse` is for guards",
        ),
    ] {
        let desk = TestDesk::new();
        let client = desk.client("bank", script);
        let olga = operator(&desk, client);
        let ticket = desk.opens(client, "no cash");
        olga.does(ends(ticket, "done", "close")).unwrap();
        let failure = desk.runs(ticket).into_iter().find_map(|run| run.failure).expect(script);
        assert!(failure.contains(wanted), "{failure}");
        assert!(desk.ticket(ticket).tags.is_empty() && !desk.ticket(ticket).is_urgent);
    }
}
