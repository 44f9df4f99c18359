//! Reports of a past window find their visits in a replay, whatever the ids.

use naryad::domain::Span;
use naryad::domain::person::Role;
use naryad::domain::report::ReportVerdict;
use naryad::domain::work_order::Stage;
use naryad::rehearsal::backtest::LostWhy;

use super::{backtest, plan, texts};
use crate::helpers::{SETTINGS, TestDesk};

const ASKS: &str = r#"
fn on_opened(ticket) { ticket.dispatch(#{ city: "Almaty" }); }
fn on_work_order(ticket, order) {
    if order.stage == "done" { ticket.require_report(order, #{ photos: 1, documents: ["act_of_acceptance"] }); }
}
fn on_report(ticket, report) {
    if report.verdict == "accepted" { ticket.close(); } else { ticket.queue("dispatchers", #{ reason: report.defects }); }
}
"#;

#[test]
fn a_report_and_its_verdict_are_played_again() {
    let desk = TestDesk::new();
    let client = desk.client("bank", ASKS);
    let engineer = desk.engineer("nurlan", 1, "Almaty");
    let elena = desk.somebody("elena", Role::Controller, None);
    let from = desk.now();
    let ticket = desk.opens(client, "printer");
    let order = desk.last_order(ticket).id;
    for stage in [Stage::Accepted, Stage::Arrived, Stage::Done] {
        desk.pass(Span::minutes(10));
        engineer.moves(order, stage, None).unwrap();
    }
    let papers = engineer.papers(&["dark"], &["act_of_acceptance"], 0);
    desk.pass(Span::minutes(10));
    engineer.hands_in(order, papers.clone()).unwrap();
    desk.pass(Span::minutes(10));
    elena.judges(order, ReportVerdict::Returned, Some("The photo is dark")).unwrap();
    let mut again = engineer.papers(&["bright"], &[], 0);
    again.push(papers[1].clone());
    desk.pass(Span::minutes(10));
    engineer.hands_in(order, again).unwrap();
    desk.pass(Span::minutes(10));
    elena.judges(order, ReportVerdict::Accepted, None).unwrap();
    desk.pass(Span::minutes(10));
    assert!(desk.ticket(ticket).is_closed());

    let window = (from, desk.now());
    let same = backtest(&desk, &plan(client, window, texts(ASKS, SETTINGS))).unwrap().report;
    assert!(same.is_empty() && same.history.differ == 0, "{same}");
    assert_eq!((same.published.unknown.count, same.published.not_applied.count), (0, 0), "{same}");

    // A window that begins between the two reports stands on what was handed in before.
    let middle = (from + Span::minutes(55), desk.now());
    let same = backtest(&desk, &plan(client, middle, texts(ASKS, SETTINGS))).unwrap().report;
    assert!(same.is_empty() && same.history.differ == 0, "{same}");
    assert_eq!((same.published.unknown.count, same.published.not_applied.count), (0, 0), "{same}");

    let idle = ASKS.replace(
        "fn on_opened(ticket) { ticket.dispatch(#{ city: \"Almaty\" }); }",
        "fn on_opened(ticket) { }",
    );
    let report = backtest(&desk, &plan(client, window, texts(&idle, SETTINGS))).unwrap().report;
    let lost: Vec<(LostWhy, &str)> =
        report.draft.unknown.first.iter().map(|lost| (lost.why, lost.command.as_str())).collect();
    for command in ["hand_in_report", "judge_report"] {
        assert_eq!(
            lost.iter().filter(|lost| **lost == (LostWhy::NoCounterpart, command)).count(),
            2,
            "{lost:?}"
        );
    }
}
