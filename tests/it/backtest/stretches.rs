//! What is refused in the middle of many commands costs nothing else: it is played as if each had been marked.

use naryad::domain::Span;
use naryad::domain::command::{AssignTo, Command, OpenTicket};
use naryad::domain::person::Role;

use super::{backtest, differing, is_the_same, key, plan, texts};
use crate::helpers::{SETTINGS, TestDesk};

/// A second ticket about the same goes elsewhere.
const FINDS: &str = r#"
fn on_opened(ticket) {
    if ticket.possible_duplicates.is_empty() {
        ticket.queue("support", #{ reason: "new" });
    } else {
        ticket.queue("dispatchers", #{ reason: "known" });
    }
}
"#;
const PASSES: &str = r#"fn on_opened(ticket) { ticket.queue("support", #{ reason: "new" }); }"#;
/// A ticket about damage is closed at once; of one about a jam the run fails after it has done something.
const CLOSES: &str = r#"
fn on_opened(ticket) {
    ticket.queue("dispatchers", #{ reason: "new" });
    switch ticket.category {
        "vandalism" => ticket.close(#{ resolution: "done" }),
        "receipt_jam" => throw "a jam",
        _ => ()
    }
}
"#;

#[test]
fn a_ticket_finds_those_just_before_it_as_it_did() {
    let desk = TestDesk::new();
    let client = desk.client("bank", FINDS);
    let from = desk.now();
    for number in 0..12 {
        desk.opens(client, &format!("receipt printer jams in lobby {}", number / 2));
        desk.pass(Span::minutes(1));
    }
    let outcome = backtest(&desk, &plan(client, (from, desk.now()), texts(FINDS, SETTINGS))).unwrap();
    is_the_same(&outcome.report);
    assert_eq!(outcome.report.history.differ, 0, "{:#?}", outcome.report.history.first.first());
    assert_eq!(outcome.report.history.compared, 12);
    let other = backtest(&desk, &plan(client, (from, desk.now()), texts(PASSES, SETTINGS))).unwrap();
    assert_eq!(differing(&other.report).len(), 11, "all but the first: {}", other.report);
}

#[test]
fn what_is_refused_between_others_is_counted_once_and_changes_nothing_else() {
    const TICKETS: usize = 90;
    let category = |number: usize| ["vandalism", "unknown", "receipt_jam", "unknown", "unknown"][number % 5];
    let desk = TestDesk::new();
    let olga = desk.somebody("olga", Role::Supervisor, None);
    let client = desk.client("bank", PASSES);
    let from = desk.now();
    let mut tickets = Vec::new();
    for number in 0..TICKETS {
        let category = Some(key(category(number)));
        let ticket = desk.opens_with(OpenTicket { category, ..TestDesk::request(client, "a fault") });
        tickets.push(ticket);
        desk.pass(Span::minutes(1));
        let to = AssignTo::Person { person: olga.id };
        let (version, reason, information) = (None, None, Box::default());
        olga.does(Command::AssignTicket { ticket, version, to, reason, information }).unwrap();
        desk.pass(Span::minutes(1));
    }
    let outcome = backtest(&desk, &plan(client, (from, desk.now()), texts(CLOSES, SETTINGS))).unwrap();
    let report = &outcome.report;
    let closed: Vec<_> = (0..TICKETS).filter(|number| category(*number) == "vandalism").collect();
    let refused: Vec<_> = closed.iter().map(|number| tickets[*number]).collect();
    let named: Vec<_> = report.draft.not_applied.first.iter().filter_map(|lost| lost.ticket).collect();
    assert_eq!((report.draft.not_applied.count, named), (refused.len(), refused), "{report}");
    assert_eq!(report.draft.applied, 2 * TICKETS - closed.len());
    assert_eq!(report.draft.script_errors, TICKETS / 5);
    assert_eq!(report.published.applied, 2 * TICKETS);
    assert_eq!((report.commands - report.record_changes, report.tickets_opened), (2 * TICKETS, TICKETS));
    assert_eq!(differing(report), tickets, "{report}");
    assert_eq!(report.history.differ, 0, "{:#?}", report.history.first.first());
}
