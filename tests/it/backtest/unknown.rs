//! What a replay cannot know is counted and named, never guessed.

use naryad::domain::Span;
use naryad::domain::command::PluginAnswer;
use naryad::rehearsal::backtest::LostWhy;
use serde_json::json;

use super::{backtest, plan, texts};
use crate::helpers::{SETTINGS, TestDesk};

const ASKS: &str = r#"
fn on_opened(ticket) { ticket.escalate("commercial", #{ reason: "price", due: hours(24) }); }
fn on_task_done(ticket, task) { ticket.queue("dispatchers", #{ reason: task.outcome }); }
"#;
const CALLS: &str = r#"
fn on_opened(ticket) { ticket.call_plugin("parts-stock", "in_stock", #{ part: "printer" }).then("known"); }
fn known(ticket, answer, context) { ticket.queue("dispatchers", #{ reason: "known" }); }
"#;

#[test]
fn the_outcome_of_a_task_that_the_draft_does_not_open_is_unknown() {
    let desk = TestDesk::new();
    let anna = desk.member("anna", "commercial");
    let client = desk.client("bank", ASKS);
    let from = desk.now();
    let ticket = desk.opens(client, "broken glass");
    desk.pass(Span::hours(1));
    anna.finishes(desk.open_task(ticket, "commercial").id, "approved").unwrap();
    desk.pass(Span::hours(1));
    let silent = "fn on_opened(ticket) { }";
    let report = backtest(&desk, &plan(client, (from, desk.now()), texts(silent, SETTINGS))).unwrap().report;
    assert_eq!((report.published.unknown.count, report.history.differ), (0, 0), "{report}");
    assert_eq!(report.draft.unknown.count, 1);
    let lost = &report.draft.unknown.first[0];
    assert_eq!(
        (lost.why, lost.ticket, lost.command.as_str()),
        (LostWhy::NoCounterpart, Some(ticket), "finish_task")
    );
    assert_eq!((report.totals.tasks, report.totals.route), (1, 1));
    let again = backtest(&desk, &plan(client, (from, desk.now()), texts(ASKS, SETTINGS))).unwrap().report;
    assert!(again.is_empty() && again.draft.unknown.count == 0, "{again}");
}

#[test]
fn an_answer_serves_the_same_question_and_no_other() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    desk.plugin(client, "parts-stock", "in_stock");
    desk.publishes(client, CALLS, SETTINGS).unwrap();
    let from = desk.now();
    let ticket = desk.opens(client, "printer");
    desk.pass(Span::minutes(1));
    desk.plugins_answer(|_| PluginAnswer::Ok { value: json!({ "in_stock": true }) });
    desk.pass(Span::hours(1));
    assert_eq!(desk.ticket(ticket).queue.unwrap(), *"dispatchers");
    let window = (from, desk.now());
    let same = backtest(&desk, &plan(client, window, texts(CALLS, SETTINGS))).unwrap().report;
    assert!(same.is_empty() && same.history.differ == 0, "{same}");
    assert_eq!((same.published.unknown.count, same.draft.unknown.count), (0, 0));
    let other = CALLS.replace("part: \"printer\"", "part: \"ribbon\"");
    let report = backtest(&desk, &plan(client, window, texts(&other, SETTINGS))).unwrap().report;
    let whys: Vec<LostWhy> = report.draft.unknown.first.iter().map(|lost| lost.why).collect();
    assert_eq!(whys, [LostWhy::NoCounterpart, LostWhy::Unanswered], "{:?}", report.draft.unknown);
    assert_eq!(report.published.unknown.count, 0);
    assert_eq!(report.totals.route, 1);
}

#[test]
fn a_command_that_the_draft_leaves_no_room_for_is_no_longer_applied() {
    let closes = r#"fn on_opened(ticket) { ticket.close(#{ resolution: "done" }); }"#;
    let desk = TestDesk::new();
    let olga = desk.somebody("olga", naryad::domain::person::Role::Supervisor, None);
    let client = desk.client("bank", "");
    let from = desk.now();
    let ticket = desk.opens(client, "printer");
    desk.pass(Span::minutes(1));
    olga.assigns(ticket, &olga).unwrap();
    desk.pass(Span::minutes(1));
    let report = backtest(&desk, &plan(client, (from, desk.now()), texts(closes, SETTINGS))).unwrap().report;
    assert_eq!(report.published.not_applied.count, 0);
    assert_eq!(report.draft.not_applied.count, 1, "{report}");
    let lost = &report.draft.not_applied.first[0];
    assert_eq!((lost.why, lost.command.as_str()), (LostWhy::Refused, "assign_ticket"));
    assert!(lost.said.as_ref().is_some_and(|said| said.contains("closed")), "{lost:?}");
}
