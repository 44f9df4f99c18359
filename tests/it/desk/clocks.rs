//! SLA clocks follow the ticket's events.

use naryad::domain::command::{Command, TicketChanges};
use naryad::domain::event::Event;
use naryad::domain::person::Role;
use naryad::domain::sla::SlaClock;
use naryad::domain::{Key, Span, TicketId};
use naryad::store;

use crate::helpers::TestDesk;

fn clock(desk: &TestDesk, ticket: TicketId, target: &str) -> SlaClock {
    let clocks = desk.read(|db| store::sla_clock::of_ticket(db, ticket));
    clocks.into_iter().find(|clock| clock.target == *target).unwrap()
}

fn set_status(desk: &TestDesk, ticket: TicketId, status: &str) {
    let changes = TicketChanges { status: Some(Key::new(status).unwrap()), ..TicketChanges::default() };
    desk.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }).unwrap();
}

fn reached(desk: &TestDesk, ticket: TicketId) -> Vec<(String, i64)> {
    let events = desk.events(ticket).into_iter();
    events
        .filter_map(|recorded| match recorded.event {
            Event::SlaReached { target, percent, .. } => Some((target.as_str().to_owned(), percent)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_waiting_ticket_uses_no_time_and_is_due_later() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "screen is dark");
    desk.pass(Span::minutes(100));
    set_status(&desk, ticket, "awaiting_approval");
    desk.pass(Span::days(3));
    assert_eq!(clock(&desk, ticket, "resolution").used, Span::minutes(100));
    set_status(&desk, ticket, "in_work");
    desk.pass(Span::minutes(379));
    assert!(!reached(&desk, ticket).contains(&("resolution".to_owned(), 100)));
    desk.pass(Span::minutes(1));
    assert!(reached(&desk, ticket).contains(&("resolution".to_owned(), 100)));
}

#[test]
fn only_a_public_answer_of_staff_is_the_first_response() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let operator = desk.somebody("olga", Role::Operator, None);
    let contact = desk.somebody("anna", Role::ClientContact, Some(client));
    let ticket = desk.opens(client, "screen is dark");
    operator.notes(ticket, "looking").unwrap();
    contact.replies(ticket, "hurry, please").unwrap();
    assert_eq!(clock(&desk, ticket, "first_response").met_at, None);
    desk.pass(Span::minutes(10));
    operator.replies(ticket, "an engineer is coming").unwrap();
    let met = clock(&desk, ticket, "first_response");
    assert_eq!((met.met_at, met.used), (Some(desk.now()), Span::minutes(10)));
}

#[test]
fn an_answer_that_the_end_made_needless_stays_so_when_the_ticket_is_reopened() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let operator = desk.somebody("olga", Role::Operator, None);
    let contact = desk.somebody("anna", Role::ClientContact, Some(client));
    let (silent, answered) = (desk.opens(client, "screen is dark"), desk.opens(client, "no paper"));
    desk.pass(Span::minutes(10));
    operator.replies(answered, "an engineer is coming").unwrap();
    for ticket in [silent, answered] {
        let resolution = Key::new("done").unwrap();
        let information = Box::default();
        desk.does(Command::CloseTicket { ticket, version: None, resolution, reason: None, information })
            .unwrap();
        desk.pass(Span::minutes(10));
        desk.does(Command::ReopenTicket { ticket, version: None, reason: None }).unwrap();
        contact.replies(ticket, "it is dark again").unwrap();
        operator.replies(ticket, "we are on our way").unwrap();
        let first = clock(&desk, ticket, "first_response");
        assert_eq!((first.is_unneeded, first.met_at.is_some()), (ticket == silent, true));
        assert!(!clock(&desk, ticket, "resolution").is_unneeded);
    }
}

#[test]
fn a_reopened_ticket_goes_on_with_what_it_had_used() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "screen is dark");
    desk.pass(Span::minutes(30));
    let resolution = Key::new("done").unwrap();
    desk.does(Command::CloseTicket {
        ticket,
        version: None,
        resolution,
        reason: None,
        information: Box::default(),
    })
    .unwrap();
    desk.pass(Span::days(30));
    desk.does(Command::ReopenTicket { ticket, version: None, reason: None }).unwrap();
    desk.pass(Span::minutes(10));
    let resolution = clock(&desk, ticket, "resolution");
    let calendar = naryad::domain::calendar::Calendar::always();
    assert_eq!(resolution.used_at(&calendar, desk.now()), Span::minutes(40));
    assert_eq!(reached(&desk, ticket), []);
}

#[test]
fn each_warning_is_raised_once_at_its_moment() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "screen is dark");
    desk.pass(Span::minutes(47));
    assert_eq!(reached(&desk, ticket), []);
    desk.pass(Span::minutes(1));
    assert_eq!(reached(&desk, ticket), [("first_response".to_owned(), 80)]);
    desk.pass(Span::days(2));
    let warnings = reached(&desk, ticket);
    let expected = [("first_response", 80), ("first_response", 100), ("resolution", 80), ("resolution", 100)];
    assert_eq!(warnings, expected.map(|(target, percent)| (target.to_owned(), percent)));
}
