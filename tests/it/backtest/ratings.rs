//! Recorded ratings come again as what clients' people do; what they wake differs with the draft.

use naryad::domain::Span;
use naryad::domain::command::{Command, RateTicket};
use naryad::domain::person::Role;

use super::{backtest, differing, is_the_same, plan, texts};
use crate::helpers::{SETTINGS, TestDesk};

const ASKS: &str = r#"
fn on_resolved(ticket) { ticket.ask_rating(#{ after: minutes(5) }); }
fn on_rating(ticket, rating) { if rating.score <= 2 { ticket.escalate("commercial", #{ reason: rating.comment }); } }
"#;

#[test]
fn a_rating_is_replayed_and_is_not_applied_where_nobody_asks() {
    let desk = TestDesk::new();
    let client = desk.client("bank", ASKS);
    let contact = desk.contact(client, None, "Dinara");
    let dinara = desk.person_of(client, contact, "dinara");
    let olga = desk.somebody("olga", Role::Supervisor, None);
    // The question is planned before the window begins.
    let solve = |ticket| {
        let resolution = naryad::domain::Key::new("done").unwrap();
        let (version, reason, information) = (None, None, Box::default());
        olga.does(Command::ResolveTicket { ticket, version, resolution, reason, information }).unwrap();
    };
    let open = || {
        let mut open = TestDesk::request(client, "printer");
        open.contact = Some(contact);
        desk.opens_with(open)
    };
    let ticket = open();
    solve(ticket);
    desk.pass(Span::minutes(2));
    let from = desk.now();
    let late = open();
    solve(late);
    desk.pass(Span::minutes(10));
    let rate = |ticket, score| {
        let comment = Some("Too slow".to_owned());
        dinara.does(Command::RateTicket(Box::new(RateTicket { ticket, score, comment }))).unwrap();
    };
    rate(ticket, 1);
    rate(late, 2);
    desk.pass(Span::hours(1));
    assert_eq!(desk.tasks(ticket).len() + desk.tasks(late).len(), 2);
    let window = (from, desk.now());
    let same = backtest(&desk, &plan(client, window, texts(ASKS, SETTINGS))).unwrap().report;
    is_the_same(&same);
    assert_eq!((same.history.differ, same.published.not_applied.count), (0, 0), "{same}");
    // A kinder threshold: one task fewer.
    let kinder = ASKS.replace("<= 2", "<= 1");
    let report = backtest(&desk, &plan(client, window, texts(&kinder, SETTINGS))).unwrap().report;
    assert_eq!(differing(&report), [late]);
    assert_eq!(report.totals.tasks, 1, "{report}");
    // Nobody asks any more: the answer has no question.
    let silent = "fn on_opened(ticket) { }";
    let report = backtest(&desk, &plan(client, window, texts(silent, SETTINGS))).unwrap().report;
    assert!(report.draft.not_applied.count >= 1, "{report}");
}
