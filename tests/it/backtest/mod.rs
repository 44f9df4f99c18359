//! A window of the past is replayed with a draft: what would be different, and what cannot be said.

mod across;
mod held;
mod limits;
pub(crate) mod lively;
mod log;
mod ratings;
mod stretches;
mod unknown;
mod visit_reports;

use std::collections::BTreeMap;

use naryad::domain::{ClientId, Key, Moment, TicketId};
use naryad::rehearsal::backtest::{
    BacktestError, BacktestReport, Draft, Limits, Outcome, Plan, Progress, Side, run,
};

use super::helpers::TestDesk;

/// Sends each category to a department of its own.
const BY_CATEGORY: &str = r#"
fn on_opened(ticket) {
    switch ticket.category {
        "receipt_jam" => ticket.queue("dispatchers", #{ reason: "jam" }),
        "vandalism" => ticket.queue("commercial", #{ reason: "damage" }),
        _ => ticket.queue("support", #{ reason: "other" })
    }
}
"#;

fn texts(script: &str, settings: &str) -> Draft {
    Draft::Texts {
        script: script.to_owned(),
        settings: settings.to_owned(),
        modules: BTreeMap::new(),
        holidays: BTreeMap::new(),
    }
}

fn plan(client: ClientId, (from, to): (Moment, Moment), draft: Draft) -> Plan {
    Plan { client, from, to, draft, limits: Limits::default() }
}

fn backtest(desk: &TestDesk, plan: &Plan) -> Result<Outcome, BacktestError> {
    run(desk.desk.readers(), plan, desk.now(), &Progress::default())
}

#[track_caller]
fn differing(report: &BacktestReport) -> Vec<TicketId> {
    assert_eq!(report.totals.tickets, report.tickets.len());
    report.tickets.iter().map(|row| row.ticket).collect()
}

/// Says what is there when two versions should not have differed.
#[track_caller]
fn is_the_same(report: &BacktestReport) {
    assert!(report.is_empty(), "{:#?}", report.tickets.iter().take(3).collect::<Vec<_>>());
    assert_eq!(report.published.unknown, report.draft.unknown);
    assert_eq!(report.published.not_applied, report.draft.not_applied);
}

fn key(name: &str) -> Key {
    Key::new(name).unwrap()
}
