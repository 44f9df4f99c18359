//! A ticket's way through the desk without a script.

use naryad::commands::{Idempotency, Request};
use naryad::domain::assignment::{MemberWanted, Requirements};
use naryad::domain::command::{AssignTo, Command, TicketChanges};
use naryad::domain::event::Event;
use naryad::domain::person::{Actor, Grant, Membership, Role};
use naryad::domain::{Key, Span};

use crate::helpers::{TestDesk, made, refusal};

fn status(to: &str) -> Box<TicketChanges> {
    Box::new(TicketChanges { status: Some(Key::new(to).unwrap()), ..TicketChanges::default() })
}

#[test]
fn a_ticket_is_numbered_answered_resolved_closed_and_reopened() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let operator = desk.somebody("olga", Role::Operator, None);
    let done = operator.opens(client, "screen is dark").unwrap();
    assert_eq!(done.number.as_deref(), Some("BANK-1"));
    let ticket = done.ticket.unwrap();
    operator.assigns(ticket, &operator).unwrap();
    operator.replies(ticket, "on it").unwrap();
    let resolution = Key::new("done").unwrap();
    operator
        .does(Command::ResolveTicket {
            ticket,
            version: None,
            resolution: resolution.clone(),
            reason: None,
            information: Box::default(),
        })
        .unwrap();
    operator
        .does(Command::CloseTicket {
            ticket,
            version: None,
            resolution,
            reason: None,
            information: Box::default(),
        })
        .unwrap();
    assert_eq!(
        refusal(operator.does(Command::ChangeTicket { ticket, version: None, changes: status("in_work") })),
        "ticket_is_closed"
    );
    operator.does(Command::ReopenTicket { ticket, version: None, reason: Some("again".to_owned()) }).unwrap();
    assert_eq!(desk.ticket(ticket).status, *"in_work");
    assert_eq!(
        desk.story(ticket),
        [
            "ticket_opened",
            "ticket_assigned",
            "comment_added",
            "status_changed",
            "ticket_resolved",
            "status_changed",
            "ticket_closed",
            "status_changed",
            "ticket_reopened"
        ]
    );
}

#[test]
fn a_stale_version_is_refused_and_changes_nothing() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "screen is dark");
    let seen = desk.ticket(ticket).version;
    desk.does(Command::ChangeTicket { ticket, version: Some(seen), changes: status("in_work") }).unwrap();
    let late = desk.does(Command::ChangeTicket {
        ticket,
        version: Some(seen),
        changes: status("awaiting_approval"),
    });
    assert_eq!(refusal(late), "stale_version");
    assert_eq!(desk.ticket(ticket).status, *"in_work");
}

#[test]
fn a_request_sent_twice_is_carried_out_once() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let send = |subject: &str, hash: &str| {
        let mut request =
            Request::new(Actor::Operator, Command::OpenTicket(Box::new(TestDesk::request(client, subject))));
        request.idempotency = Some(Idempotency { key: "k1".to_owned(), request_sha256: hash.to_owned() });
        desk.desk.run(request)
    };
    let first = send("screen is dark", "h1").unwrap();
    let again = send("screen is dark", "h1").unwrap();
    assert!(again.is_repeat && !first.is_repeat);
    assert_eq!(made(&first), made(&again));
    assert_eq!(refusal(send("another", "h2")), "idempotency_key_reused");
    assert_eq!(
        desk.opens(client, "next"),
        desk.read(|db| naryad::store::ticket::by_number(db, client, 2)).unwrap().id
    );
}

#[test]
fn a_refused_command_leaves_nothing_behind() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let mut open = TestDesk::request(client, "screen is dark");
    open.fields.insert(Key::new("flor").unwrap(), serde_json::json!(3));
    let refused = desk.does(Command::OpenTicket(Box::new(open)));
    let message = refused.as_ref().unwrap_err().to_string();
    assert_eq!(refusal(refused), "unknown_key");
    assert!(message.contains("did you mean `floor`?"), "{message}");
    let ticket = desk.opens(client, "screen is dark");
    assert_eq!(desk.ticket(ticket).number, 1, "the number of the refused ticket is not lost");
}

#[test]
fn nobody_without_a_right_changes_a_ticket() {
    let desk = TestDesk::new();
    let ours = desk.client("ours", "");
    let theirs = desk.client("theirs", "");
    let ticket = desk.opens(theirs, "secret");
    let contact = desk.somebody("anna", Role::ClientContact, Some(ours));
    let operator = desk.somebody("olga", Role::Operator, Some(ours));
    let engineer = desk.engineer("ivan", 1, "Almaty");
    for person in [&contact, &operator, &engineer] {
        assert_eq!(refusal(person.notes(ticket, "hello")), "not_found");
        assert_eq!(refusal(person.opens(theirs, "mine now")), "not_found");
    }
    assert_eq!(refusal(contact.notes(desk.opens(ours, "open"), "internal")), "forbidden");
}

#[test]
fn a_timer_fires_once_at_its_moment_and_not_after_it_was_cancelled() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "screen is dark");
    let start = |name: &str, minutes: i64| {
        let (name, run_at) = (Key::new(name).unwrap(), desk.now() + Span::minutes(minutes));
        desk.does(Command::StartTimer { ticket, name, run_at }).unwrap();
    };
    start("remind", 10);
    start("escalate", 20);
    desk.does(Command::CancelTimer { ticket, name: Key::new("escalate").unwrap() }).unwrap();
    desk.pass(Span::minutes(9));
    assert!(!desk.story(ticket).contains(&"timer_fired"));
    desk.pass(Span::minutes(30));
    assert_eq!(desk.story(ticket).iter().filter(|name| **name == "timer_fired").count(), 1);
}

#[test]
fn a_grade_out_of_bounds_is_refused_at_every_door() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "screen is dark");
    desk.engineer("ivan", 2, "Almaty");
    for grade in [i64::MIN, -1, 101, i64::MAX] {
        let requirements = Requirements { grade: Some(grade), ..Requirements::default() };
        let asked = desk.does(Command::Dispatch { ticket, requirements, due_at: None, note: None });
        assert_eq!(refusal(asked), "invalid", "{grade}");
    }
    assert_eq!(desk.story(ticket), ["ticket_opened"]);
}

#[test]
fn the_least_loaded_is_somebody_who_may_work_on_the_ticket() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "screen is dark");
    desk.member("karine", "support");
    let to = AssignTo::Member(MemberWanted::of(Key::new("support").unwrap()));
    desk.does(Command::AssignTicket {
        ticket,
        version: None,
        to: to.clone(),
        reason: None,
        information: Box::default(),
    })
    .unwrap();
    assert_eq!(desk.ticket(ticket).assignee, None);
    // Its script has no `on_unassigned`, and nobody suits: never silence.
    assert!(desk.story(ticket).ends_with(&["assignment_failed", "ticket_queued"]));
    let is_alarm = desk.events(ticket).into_iter().any(|recorded| {
        matches!(recorded.event, Event::TicketQueued { is_alarm: true, to, .. } if to == *"supervisors")
    });
    assert!(is_alarm, "{:?}", desk.ticket(ticket).queue);
    let operator = desk.somebody("olga", Role::Operator, None);
    let support = Membership { queue: Key::new("support").unwrap(), client: None };
    operator.gets(&[Grant { role: Role::Operator, client: None }], &[support]);
    desk.does(Command::AssignTicket { ticket, version: None, to, reason: None, information: Box::default() })
        .unwrap();
    assert_eq!(desk.ticket(ticket).assignee, Some(operator.id));
}

#[test]
fn what_waits_for_the_writer_is_counted() {
    let desk = TestDesk::new();
    let client = desk.client("acme", "");
    let (started, has_started) = std::sync::mpsc::channel();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let held = desk.desk.clone();
        scope.spawn(move || {
            held.aside_now(move |_| {
                started.send(()).unwrap();
                let _ = gate.recv();
                Ok(())
            })
        });
        has_started.recv().unwrap();
        assert_eq!(desk.desk.waiting(), 0, "what is under way waits no more");
        for _ in 0..3 {
            scope.spawn(|| desk.opens(client, "x"));
        }
        while desk.desk.waiting() < 3 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        open.send(()).unwrap();
    });
    assert_eq!(desk.desk.waiting(), 0);
}
