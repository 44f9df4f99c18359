//! A long story in no time: the year's end, a public holiday, a daylight-saving change, a ladder of 48 hours.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use naryad::domain::Key;
use naryad::rehearsal::script_tests::{PackSource, run};

use crate::helpers::SETTINGS;

/// All of it passes weeks of virtual time; a test that slept would take days.
const WALL_MAX: Duration = Duration::from_secs(10);

const SCRIPT: &str = r#"
fn on_opened(ticket) {
    ticket.ladder("approval")
        .rung("remind", working(hours(8)))
        .rung("insist", hours(24))
        .rung("give_up", hours(48))
        .stop_on("approved");
}
fn remind(ticket) { ticket.note("remind"); }
fn insist(ticket) { ticket.note("insist"); }
fn give_up(ticket) { ticket.queue("dispatchers"); }
"#;

const TESTS: &str = r#"
fn test_the_years_end_with_a_holiday() {
    // Friday before the holidays: four working hours are left, the next working day is Monday the 4th.
    at("2026-12-31 14:00", "Europe/Berlin");
    let ticket = open(#{ subject: "a request" });
    pass(hours(23) + minutes(59));
    assert_eq(ticket.comments, []);
    pass(minutes(1));
    assert_eq(ticket.comments, ["insist"], "1 January is a holiday: 24 hours have passed, 8 working ones have not");
    at("2027-01-02 13:59", "Europe/Berlin");
    assert_eq(ticket.queue, "support");
    at("2027-01-02 14:00", "Europe/Berlin");
    assert_eq(ticket.queue, "dispatchers", "48 hours");
    at("2027-01-04 12:59", "Europe/Berlin");
    assert_eq(ticket.comments, ["insist"]);
    at("2027-01-04 13:00", "Europe/Berlin");
    assert_eq(ticket.comments, ["insist", "remind"], "four hours before the holidays, four behind them");
}

fn test_the_clocks_go_forward() {
    // On 28 March 2027 an hour is skipped: 48 hours from Saturday noon end on Monday at one.
    at("2027-03-27 12:00", "Europe/Berlin");
    let ticket = open(#{ subject: "a request" });
    at("2027-03-29 12:59", "Europe/Berlin");
    assert_eq(ticket.queue, "support");
    at("2027-03-29 13:00", "Europe/Berlin");
    assert_eq(ticket.queue, "dispatchers");
    assert_eq(ticket.comments, ["insist"], "and the working hours of Monday go on");
    at("2027-03-29 17:00", "Europe/Berlin");
    assert_eq(ticket.comments, ["insist", "remind"]);
}

fn test_the_clocks_go_back() {
    // On 25 October 2026 an hour comes twice.
    at("2026-10-24 12:00", "Europe/Berlin");
    let ticket = open(#{ subject: "a request" });
    at("2026-10-26 10:59", "Europe/Berlin");
    assert_eq(ticket.queue, "support");
    at("2026-10-26 11:00", "Europe/Berlin");
    assert_eq(ticket.queue, "dispatchers");
}
"#;

const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\nBEGIN:VEVENT\r\nUID:new-year\r\n\
DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270102\r\nSUMMARY:New Year's Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn the_years_end_a_holiday_both_clock_changes_and_a_ladder_of_48_hours_take_no_time() {
    let settings = SETTINGS.replace(
        "calendar = { time_zone = \"Europe/Moscow\" }",
        "calendar = { time_zone = \"Europe/Berlin\", holidays = [\"new-year\"], \
         hours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"09:00\", to = \"18:00\" }] }",
    );
    assert_ne!(settings, SETTINGS);
    let began = Instant::now();
    let report = run(&PackSource {
        script: SCRIPT.to_owned(),
        settings,
        tests: BTreeMap::from([("tests/year_end.rhai".to_owned(), TESTS.to_owned())]),
        holidays: BTreeMap::from([(Key::new("new-year").unwrap(), HOLIDAYS.to_owned())]),
        ..PackSource::default()
    });
    assert!(report.all_passed() && report.tests.len() == 3, "{report}");
    for test in &report.tests {
        println!("{}: {} ms", test.name, test.millis);
    }
    assert!(began.elapsed() < WALL_MAX, "{report}");
}
