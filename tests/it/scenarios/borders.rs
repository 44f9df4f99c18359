//! What one client's script, people and imports may not reach.

use naryad::commands::Request;
use naryad::commands::pack_check::check_pack;
use naryad::domain::command::{
    Alarm, Command, ImportState, ImportTicket, ImportUpdate, Recipient, TicketChanges,
};
use naryad::domain::person::{Actor, Affiliation, Grant, Role};
use naryad::domain::ticket::{Level, LinkKind};
use naryad::domain::{ClientId, Key, Moment, TicketId};
use naryad::store;
use naryad::workflow::Severity;

use crate::helpers::{SETTINGS, TestDesk, refusal};

#[test]
fn a_script_touches_no_ticket_of_another_client() {
    let desk = TestDesk::new();
    let (ours, theirs) = (desk.client("ours", ""), desk.client("theirs", ""));
    let (own, foreign) = (desk.opens(ours, "own"), desk.opens(theirs, "foreign"));
    let script = Actor::Script { client: ours };
    let before = desk.ticket(foreign);
    let changes = Box::new(TicketChanges { is_urgent: Some(true), ..TicketChanges::default() });
    let queue = Key::new("supervisors").unwrap();
    let resolution = Key::new("done").unwrap();
    let text = Some("hello".to_owned());
    let cases = [
        Command::ChangeTicket { ticket: foreign, version: None, changes },
        Command::QueueTicket {
            ticket: foreign,
            version: None,
            queue,
            reason: None,
            alarm: Alarm::Silent,
            information: Box::default(),
        },
        Command::CloseTicket {
            ticket: foreign,
            version: None,
            resolution,
            reason: None,
            information: Box::default(),
        },
        Command::MarkDuplicate { ticket: foreign, of: own },
        Command::CountUp { ticket: foreign, name: Key::new("x").unwrap() },
        Command::Notify { ticket: foreign, to: Recipient::Assignee, template: None, text, order: None },
        Command::StartTimer { ticket: foreign, name: Key::new("remind").unwrap(), run_at: desk.now() },
        Command::LinkTickets { ticket: foreign, other: own, kind: LinkKind::Related },
    ];
    for command in cases {
        let named = format!("{command:?}");
        let answer = desk.desk.run(Request::new(script.clone(), command));
        assert_eq!(refusal(answer), "other_client", "{named}");
    }
    let clear = Command::ClearMark { ticket: own };
    assert_eq!(refusal(desk.desk.run(Request::new(script.clone(), clear))), "forbidden");
    let link = Command::LinkTickets { ticket: own, other: foreign, kind: LinkKind::Related };
    assert_eq!(refusal(desk.desk.run(Request::new(script.clone(), link))), "other_client");
    let duplicate = Command::MarkDuplicate { ticket: own, of: foreign };
    assert_eq!(refusal(desk.desk.run(Request::new(script, duplicate))), "other_client");
    assert_eq!(desk.ticket(foreign), before);
}

#[test]
fn nothing_of_a_ticket_reaches_a_person_of_another_client() {
    let desk = TestDesk::new();
    let (ours, theirs) = (desk.client("ours", ""), desk.client("theirs", ""));
    let ticket = desk.opens(ours, "own");
    let stranger = desk.somebody("petrov", Role::ClientContact, Some(theirs));
    let to = || Recipient::Person { person: stranger.id };
    let text = Some("secret".to_owned());
    for actor in [Actor::Script { client: ours }, Actor::Operator] {
        let notify = Command::Notify { ticket, to: to(), template: None, text: text.clone(), order: None };
        assert_eq!(refusal(desk.desk.run(Request::new(actor.clone(), notify))), "not_found", "{actor:?}");
        let watch = Command::AddWatcher { ticket, who: to() };
        assert_eq!(refusal(desk.desk.run(Request::new(actor.clone(), watch))), "not_found", "{actor:?}");
    }
    assert_eq!(desk.told(stranger.id), [""; 0]);
}

#[test]
fn a_person_of_another_client_cannot_tell_whether_a_ticket_is_there() {
    let desk = TestDesk::new();
    let (ours, theirs) = (desk.client("ours", ""), desk.client("theirs", ""));
    let ticket = desk.opens(ours, "own");
    let stranger = desk.somebody("petrov", Role::ClientContact, Some(theirs));
    let operator = desk.somebody("olga", Role::Operator, Some(theirs));
    for person in [&stranger, &operator] {
        assert_eq!(refusal(person.replies(ticket, "hello")), "not_found");
        assert_eq!(refusal(person.replies(TicketId(77), "hello")), "not_found");
        assert_eq!(refusal(person.opens(ours, "x")), "not_found");
    }
}

#[test]
fn each_refusal_of_a_right_says_what_may_not_be_done() {
    let desk = TestDesk::new();
    let client = desk.client("ours", "");
    let ticket = desk.opens(client, "own");
    let contact = desk.somebody("petrov", Role::ClientContact, Some(client));
    let controller = desk.somebody("kira", Role::Controller, None);
    let operator = desk.somebody("olga", Role::Operator, None);
    let change = || {
        let changes = Box::new(TicketChanges { is_urgent: Some(true), ..TicketChanges::default() });
        Command::ChangeTicket { ticket, version: None, changes }
    };
    let access = |person| Command::SetAccess {
        person,
        grants: [Grant { role: Role::Administrator, client: None }].into(),
        memberships: Default::default(),
    };
    let cases = [
        (contact.does(change()), "you may not change this ticket"),
        (contact.notes(ticket, "psst"), "you may not write notes on this ticket"),
        (controller.replies(ticket, "hello"), "you may not answer the client on this ticket"),
        (
            operator.does(Command::ReleaseQuarantine { client }),
            "you may not do what a supervisor does for this client",
        ),
        (operator.does(access(operator.id)), "you may not do what an administrator does"),
        (operator.does(Command::PlayDue { due: naryad::domain::DueId(1) }), "only the clock does"),
    ];
    for (answer, sentence) in cases {
        let said = answer.unwrap_err().to_string();
        assert!(said.contains(sentence), "{said}");
    }
    contact.replies(ticket, "a client answers on its own ticket").unwrap();
    controller.notes(ticket, "a controller writes notes").unwrap();
}

#[test]
fn a_partner_sees_only_what_was_passed_to_it() {
    let desk = TestDesk::new();
    let settings = crate::helpers::SETTINGS.replace(
        "key = \"commercial\"\nkind = \"department\"",
        "key = \"commercial\"\nkind = \"department\"\npartner = \"local\"",
    );
    let client = desk.client_with("ours", "", &settings);
    let put = Command::PutPartner {
        id: None,
        version: None,
        key: Key::new("local").unwrap(),
        name: "Local service".to_owned(),
    };
    let partner = naryad::domain::PartnerId(crate::helpers::made(&desk.does(put).unwrap()));
    let pavel = desk.person("pavel", Affiliation::Partner { partner }, None);
    pavel.gets(&[Grant { role: Role::PartnerMember, client: None }], &[]);
    let (passed, kept) = (desk.opens(client, "passed"), desk.opens(client, "kept"));
    let task = naryad::domain::command::OpenTask {
        ticket: passed,
        department: Key::new("commercial").unwrap(),
        title: "Look at it".to_owned(),
        due_at: None,
        outcomes: Vec::new(),
        fields: Default::default(),
    };
    desk.does(Command::OpenTask(Box::new(task))).unwrap();
    let task = desk.open_task(passed, "commercial");
    assert_eq!(task.partner, Some(partner));
    pavel.notes(passed, "we look").unwrap();
    assert_eq!(refusal(pavel.notes(kept, "and this?")), "not_found");
    pavel.finishes(task.id, "approved").unwrap();
}

fn state(status: &str) -> ImportState {
    ImportState {
        status: Key::new(status).unwrap(),
        category: None,
        impact: Level::Medium,
        urgency: Level::Medium,
        priority: 3,
        queue: Some(Key::new("support").unwrap()),
        reopen_count: 0,
        fields: Default::default(),
        assigned_to: None,
    }
}

fn imports(desk: &TestDesk, client: ClientId, command: Command, at: Moment) {
    desk.desk.run(Request::new(Actor::Import { client }, command).occurred(at).muted()).unwrap();
}

#[test]
fn an_import_wakes_no_script_and_starts_no_clock() {
    let desk = TestDesk::new();
    let script = "fn on_opened(ticket) { ticket.add_tag(\"woken\"); }
        fn on_changed(ticket, change) { ticket.add_tag(\"woken\"); }";
    let client = desk.client("ours", script);
    let at: Moment = "2016-02-29T01:16:00Z".parse().unwrap();
    let open = ImportTicket {
        client,
        external: "INC1".to_owned(),
        row: "row-1".to_owned(),
        opened_at: at,
        subject: "From elsewhere".to_owned(),
        state: state("new"),
        tags: Default::default(),
    };
    imports(&desk, client, Command::ImportTicket(Box::new(open)), at);
    let update = ImportUpdate {
        client,
        external: "INC1".to_owned(),
        row: "row-2".to_owned(),
        state: ImportState { status: Key::new("in_work").unwrap(), ..state("in_work") },
    };
    imports(&desk, client, Command::ImportUpdate(Box::new(update)), at);
    let ticket = desk.read(|db| store::ticket::ids_after(db, TicketId(0), 10)).remove(0);
    let imported = desk.ticket(ticket);
    assert_eq!((imported.opened_at, imported.status.as_str()), (at, "in_work"));
    assert!(imported.tags.is_empty());
    assert_eq!(desk.runs(ticket), []);
    assert_eq!(desk.read(|db| store::sla_clock::of_ticket(db, ticket)), []);
    assert_eq!(desk.read(|db| store::due::of_ticket(db, ticket)), []);
}

#[test]
fn a_check_offers_nobody_who_cannot_serve_the_client() {
    let desk = TestDesk::new();
    let (ours, theirs) = (desk.client("ours", ""), desk.client("theirs", ""));
    desk.somebody("olga", Role::Operator, Some(ours));
    desk.somebody("anna", Role::Administrator, None);
    desk.somebody("boris", Role::Administrator, Some(theirs));
    desk.somebody("carlotta", Role::ClientContact, Some(theirs));
    let partner = |key: &str, login: &str, client| {
        let put = Command::PutPartner {
            id: None,
            version: None,
            key: Key::new(key).unwrap(),
            name: key.to_owned(),
        };
        let partner = crate::helpers::made(&desk.does(put).unwrap());
        let person = desk.person(login, Affiliation::Partner { partner: partner.into() }, None);
        person.gets(&[Grant { role: Role::PartnerMember, client: Some(client) }], &[]);
    };
    partner("near", "nurlan", ours);
    partner("far", "ferdinand", theirs);
    for (given, near) in [
        ("olgaa", Some("olga")),
        ("annaa", Some("anna")),
        ("nurlann", Some("nurlan")),
        ("boriss", None),
        ("carlottaa", None),
        ("ferdinandd", None),
    ] {
        let script = format!("fn on_opened(ticket) {{ ticket.assign(\"{given}\"); }}");
        let mut findings = check_pack(&desk.desk, ours, &script, SETTINGS).unwrap();
        findings.retain(|finding| finding.severity == Severity::Error);
        assert_eq!(findings.len(), 1, "{given}: {findings:?}");
        assert_eq!(findings[0].hint.as_deref(), near, "{given}");
        let refused = desk.publishes(ours, &script, SETTINGS).unwrap_err().to_string();
        assert!(refused.contains("there is no person"), "{refused}");
        assert_eq!(refused.contains("did you mean"), near.is_some(), "{refused}");
    }
}
