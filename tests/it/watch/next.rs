//! The next best ticket, taken by people.

use std::collections::BTreeSet;

use naryad::domain::command::Command;
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::ticket::Level;
use naryad::domain::{ClientId, Key, Span, TicketId};

use crate::helpers::{SETTINGS, Somebody, TestDesk, refusal};

fn operator<'d>(desk: &'d TestDesk, login: &str, client: Option<ClientId>) -> Somebody<'d> {
    let person = desk.somebody(login, Role::Operator, client);
    let queue = Key::new("support").unwrap();
    person.gets(&[Grant { role: Role::Operator, client }], &[Membership { queue, client: None }]);
    person
}

fn next(client: Option<ClientId>) -> Command {
    Command::TakeNext { client, queue: None }
}

fn taken(person: &Somebody<'_>) -> Option<TicketId> {
    person.does(next(None)).ok().and_then(|done| done.ticket)
}

#[test]
fn what_is_pressing_is_taken_first_and_the_reason_is_told() {
    let desk = TestDesk::new();
    let client = desk.client("acme", "");
    // Priority 3 has a first response within an hour; priority 1 has no target in this pack.
    let open = |impact, urgency| {
        let request = TestDesk::request(client, "Something");
        desk.opens_with(naryad::domain::command::OpenTicket { impact, urgency, ..request })
    };
    let low = open(Level::Low, Level::Low);
    let high = open(Level::High, Level::High);
    let at_risk = open(Level::Medium, Level::Medium);
    desk.pass(Span::minutes(10));
    let ivan = operator(&desk, "ivan", None);
    let done = ivan.does(next(None)).unwrap();
    assert_eq!((done.ticket, done.note.as_deref()), (Some(at_risk), Some("Next best: due in 50 min")));
    assert_eq!(desk.ticket(at_risk).assignee, Some(ivan.id));
    let words = desk.events(at_risk).iter().rev().find_map(|event| event.event.texts().first().copied());
    let words = desk.read(|db| naryad::store::text::get(db, words.unwrap())).unwrap();
    assert_eq!(words, "Next best: due in 50 min");
    assert_eq!((taken(&ivan), taken(&ivan)), (Some(high), Some(low)));
    assert_eq!(refusal(ivan.does(next(None))), "nothing_to_take");
}

#[test]
fn two_at_once_never_get_the_same() {
    let desk = TestDesk::new();
    let client = desk.client("acme", "");
    let people: Vec<Somebody<'_>> =
        (0..4).map(|number| operator(&desk, &format!("operator-{number}"), None)).collect();
    let tickets: BTreeSet<TicketId> = (0..40).map(|_| desk.opens(client, "Something")).collect();
    let all: Vec<TicketId> = std::thread::scope(|scope| {
        let hands: Vec<_> = people
            .iter()
            .map(|person| scope.spawn(move || (0..10).map(|_| taken(person).unwrap()).collect::<Vec<_>>()))
            .collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    });
    assert_eq!(all.len(), 40);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), tickets);
}

#[test]
fn nobody_gets_what_they_may_not_take() {
    let desk = TestDesk::new();
    let ours = desk.client("ours", "");
    let attested = format!("{SETTINGS}\n[assignment]\nrequired_certificates = [\"ours\"]\n");
    let strict = desk.client_with("strict", "", &attested);
    desk.opens(strict, "Needs a certificate");
    // No queue, no tickets of the client, no certificate: each is said.
    let alone = desk.somebody("alone", Role::Operator, None);
    let told = |person: &Somebody<'_>| person.does(next(None)).unwrap_err().to_string();
    assert!(told(&alone).contains("member of no queue"), "{}", told(&alone));
    let of_ours = operator(&desk, "ivan", Some(ours));
    assert!(told(&of_ours).contains("nothing waits"), "{}", told(&of_ours));
    let everywhere = operator(&desk, "olga", None);
    assert!(told(&everywhere).contains("1 tickets wait, but you lack"), "{}", told(&everywhere));
    let ticket = desk.opens(ours, "Ours");
    assert_eq!(refusal(everywhere.does(next(Some(strict)))), "not_attested");
    // What waits for the client is not given out, nor what is somebody's or done.
    let waiting = desk.opens(ours, "Waits");
    let status = Some(Key::new("waiting_for_client").unwrap());
    let changes = naryad::domain::command::TicketChanges { status, ..Default::default() };
    of_ours
        .does(Command::ChangeTicket { ticket: waiting, version: None, changes: Box::new(changes) })
        .unwrap();
    assert_eq!((taken(&of_ours), taken(&of_ours)), (Some(ticket), None));
    assert_eq!(refusal(desk.does(next(None))), "forbidden");
}

#[test]
fn a_ticket_that_one_may_not_take_keeps_no_other_back() {
    let desk = TestDesk::new();
    let attested = format!("{SETTINGS}\n[assignment]\nrequired_certificates = [\"ours\"]\n");
    let client = desk.client_with("acme", "", &attested);
    let old = desk.opens(client, "Under the old terms");
    desk.publishes(client, "", SETTINGS).unwrap();
    let free = desk.opens(client, "Under the new terms");
    let olga = operator(&desk, "olga", None);
    // A ticket keeps the version that it was opened with, here as everywhere.
    assert_eq!(taken(&olga), Some(free));
    assert_eq!(refusal(olga.does(next(None))), "not_attested");
    assert_eq!(desk.ticket(old).assignee, None);
    desk.publishes(client, "", &attested).unwrap();
    let again = desk.opens(client, "Under the old terms again");
    assert_eq!(refusal(olga.does(next(None))), "not_attested");
    assert_eq!(desk.ticket(again).assignee, None);
}
