//! Schedules: the script is called in the client's time, finds tickets, and is called once for what was missed.

use naryad::commands::why::explain_run;
use naryad::domain::pack::Pack;
use naryad::domain::{ClientId, Moment, Span};
use naryad::store;
use naryad::store::due::DueKind;
use naryad::store::run::RunState;

use crate::helpers::{SETTINGS, TestDesk};

/// Each morning at 9 in Moscow; the desk begins on Monday at 12 there.
const MORNING: &str =
    "\n[[schedules]]\nkey = 'morning'\nlabel = { en = 'Morning' }\ncron = '0 9 * * MON-FRI'\n";

const SCRIPT: &str = r#"
fn on_schedule(name) {
    for ticket in find_tickets(#{ status: "new", changed_before: now() - hours(12) }, 30) {
        ticket.status = "in_work";
        ticket.add_tag(name);
    }
}
fn on_changed(ticket, change) { if change.what == "status" { ticket.count_up("seen"); } }
"#;

fn rows(desk: &TestDesk, client: ClientId) -> Vec<(String, String)> {
    let rows = desk.read(|db| store::due::all_of_client(db, client, DueKind::Schedule));
    rows.into_iter().map(|due| (due.name.to_string(), due.run_at.to_string().replace(".000Z", "Z"))).collect()
}

fn row(key: &str, at: &str) -> (String, String) {
    (key.to_owned(), at.to_owned())
}

#[test]
fn a_morning_takes_up_what_was_left_overnight_also_when_there_is_much() {
    let desk = TestDesk::new();
    let client = desk.client_with("bank", SCRIPT, &format!("{SETTINGS}{MORNING}"));
    let old: Vec<_> = (0..30).map(|number| desk.opens(client, &format!("no cash {number}"))).collect();
    assert_eq!(rows(&desk, client), [row("morning", "2026-11-03T06:00:00Z")]);
    desk.pass(Span::hours(18));
    let young = desk.opens(client, "younger");
    desk.pass(Span::hours(3));
    for ticket in &old {
        let stands = desk.ticket(*ticket);
        assert_eq!(stands.status.as_str(), "in_work");
        assert!(stands.tags.contains("morning") && stands.counters.get("seen") == Some(&1));
    }
    assert_eq!(desk.ticket(young).status.as_str(), "new");
    assert_eq!(rows(&desk, client), [row("morning", "2026-11-04T06:00:00Z")]);
}

#[test]
fn what_was_missed_comes_once_and_a_weekend_is_passed_over() {
    let desk = TestDesk::new();
    let script = r#"fn on_schedule(name) { for t in find_tickets(#{}, 1) { t.count_up("mornings"); } }"#;
    let client = desk.client_with("bank", script, &format!("{SETTINGS}{MORNING}"));
    let ticket = desk.opens(client, "no cash");
    // The desk is down from Monday to Friday afternoon.
    desk.clock.set("2026-11-06T12:00:00Z".parse::<Moment>().unwrap());
    desk.pass(Span::minutes(1));
    assert_eq!(desk.ticket(ticket).counters.get("mornings"), Some(&1));
    assert_eq!(rows(&desk, client), [row("morning", "2026-11-09T06:00:00Z")]);
}

#[test]
fn a_run_that_fails_changes_nothing_and_the_next_comes_all_the_same() {
    let desk = TestDesk::new();
    let script = r#"fn on_schedule(name) {
        for t in find_tickets(#{}, 10) { t.urgent = true; }
        throw "broken";
    }"#;
    let client = desk.client_with("bank", script, &format!("{SETTINGS}{MORNING}"));
    let ticket = desk.opens(client, "no cash");
    desk.pass(Span::days(1));
    assert!(!desk.ticket(ticket).is_urgent && !desk.ticket(ticket).is_marked);
    let failed = desk.read(|db| store::work_list::runs_failed(db, client, 10));
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (failed[0].ticket, failed[0].handler.as_str(), failed[0].state),
        (None, "on_schedule", RunState::Failed)
    );
    assert_eq!(rows(&desk, client), [row("morning", "2026-11-04T06:00:00Z")]);
    let run = desk.read(|db| store::run::get(db, failed[0].id)).unwrap();
    assert_eq!(explain_run(&desk.desk, run.id).unwrap()["handler"], "on_schedule");
}

#[test]
fn another_version_moves_its_schedules_and_takes_those_that_are_gone() {
    let desk = TestDesk::new();
    let client = desk.client_with("bank", SCRIPT, &format!("{SETTINGS}{MORNING}"));
    let evening = MORNING.replace("'morning'", "'evening'").replace("0 9", "30 18");
    let later = MORNING.replace("0 9", "0 10");
    desk.publishes(client, SCRIPT, &format!("{SETTINGS}{later}{evening}")).unwrap();
    assert_eq!(
        rows(&desk, client),
        [row("evening", "2026-11-02T15:30:00Z"), row("morning", "2026-11-03T07:00:00Z")]
    );
    desk.publishes(client, "", SETTINGS).unwrap();
    assert!(rows(&desk, client).is_empty());
}

#[test]
fn a_schedule_that_cannot_be_is_refused_with_its_place() {
    for (from, to, wanted) in [
        ("0 9 * * MON-FRI", "0 9 30 2 *", "never comes"),
        ("0 9 * * MON-FRI", "0 9 * * 1-5", "by name"),
        ("0 9 * * MON-FRI", "* * * * *", "more often than every 5 minutes"),
        ("0 9 * * MON-FRI", "0 9 * *", "4 fields"),
        ("key = 'morning'", "key = 'Morning'", "not a key"),
    ] {
        let settings = format!("{SETTINGS}{}", MORNING.replace(from, to));
        let error = Pack::parse(&settings).unwrap_err();
        assert!(error.message.contains(wanted), "{to}: {error}");
        assert!(error.line > SETTINGS.lines().count(), "{to}: {error}");
    }
    let twice = format!("{SETTINGS}{MORNING}{MORNING}");
    assert!(Pack::parse(&twice).unwrap_err().message.contains("the schedule `morning` is defined twice"));
}
