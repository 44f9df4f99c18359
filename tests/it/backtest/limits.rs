//! What cannot be back-tested says why; what is cancelled ends.

use naryad::domain::{ClientId, Span};
use naryad::rehearsal::backtest::{BacktestError, BacktestPhase, Draft, Limits, Plan, Progress, run};

use super::{BY_CATEGORY, backtest, plan, texts};
use crate::helpers::{SETTINGS, TestDesk};

fn same() -> Draft {
    texts(BY_CATEGORY, SETTINGS)
}

#[test]
fn a_window_that_cannot_be_played_says_why() {
    let desk = TestDesk::new();
    let client = desk.client("bank", BY_CATEGORY);
    let from = desk.now();
    desk.opens(client, "printer");
    desk.pass(Span::hours(2));
    let to = desk.now();
    let error = |plan: Plan| backtest(&desk, &plan).unwrap_err().to_string();
    assert!(error(plan(client, (to, from), same())).contains("must come after its beginning"));
    assert!(error(plan(client, (from, to + Span::days(1)), same())).contains("has not come yet"));
    let long = Span::from_ms(-Span::days(500).ms());
    assert!(error(plan(client, (from + long, to), same())).contains("longer than 400 days"));
    let quiet = (to - Span::minutes(5), to);
    assert!(error(plan(client, quiet, same())).contains("nothing came from outside"));
    assert!(error(plan(ClientId(7), (from, to), same())).contains("the client is not there"));
    assert!(error(plan(client, (from, to), Draft::Saved)).contains("there is no draft"));
    let few = Limits { commands_max: 0, ..Limits::default() };
    let asked = Plan { limits: few, ..plan(client, (from, to), same()) };
    assert!(error(asked).contains("more than 0 commands"));
    let full = Limits { disk_bytes_max: 1, ..Limits::default() };
    assert!(error(Plan { limits: full, ..plan(client, (from, to), same()) }).contains("grown past 1 bytes"));
}

#[test]
fn a_draft_with_findings_is_not_played() {
    let desk = TestDesk::new();
    let client = desk.client("bank", BY_CATEGORY);
    let from = desk.now();
    desk.opens(client, "printer");
    desk.pass(Span::hours(2));
    let wrong = texts("fn on_opened(ticket) { ticket.queue(\"dispachers\"); }", SETTINGS);
    let error = backtest(&desk, &plan(client, (from, desk.now()), wrong)).unwrap_err();
    assert!(matches!(error, BacktestError::Findings(_)), "{error}");
    assert!(error.to_string().contains("dispachers"), "{error}");
}

#[test]
fn what_the_journal_has_forgotten_cannot_be_played() {
    let mut desk = TestDesk::new();
    let client = desk.client("bank", BY_CATEGORY);
    let from = desk.now();
    desk.opens(client, "printer");
    desk.pass(Span::days(1));
    let kept_since = desk.now();
    desk.opens(client, "scanner");
    desk.pass(Span::days(1));
    desk.restarts_after(|connection| {
        let forgotten = connection.execute("delete from journal where recorded_at < ?1", [kept_since.ms()]);
        assert!(forgotten.unwrap() > 0);
    });
    let error = backtest(&desk, &plan(client, (from, desk.now()), same())).unwrap_err();
    assert!(error.to_string().contains(&kept_since.to_string()), "{error}");
    let later = backtest(&desk, &plan(client, (kept_since, desk.now()), same())).unwrap().report;
    assert_eq!((later.tickets_before, later.tickets_opened), (1, 1));
}

#[test]
fn a_cancelled_back_test_ends_without_a_result() {
    let desk = TestDesk::new();
    let client = desk.client("bank", BY_CATEGORY);
    let from = desk.now();
    desk.opens(client, "printer");
    desk.pass(Span::hours(2));
    let (progress, asked) = (Progress::default(), plan(client, (from, desk.now()), same()));
    progress.cancel();
    let error = run(desk.desk.readers(), &asked, desk.now(), &progress).unwrap_err();
    assert!(matches!(error, BacktestError::Cancelled), "{error}");
    let progress = Progress::default();
    run(desk.desk.readers(), &asked, desk.now(), &progress).unwrap();
    assert_eq!(progress.stand().phase, BacktestPhase::Comparing);
    assert!(progress.stand().done >= progress.stand().total, "{:?}", progress.stand());
}
