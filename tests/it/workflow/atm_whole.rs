//! The example of operation 1 is published as it was written and plays its day: no word of it is left out.
//!
//! Four words of the text have better names here than where it was first written down: a ladder about a visit is
//! `order.ladder(name)`, not `ticket.ladder(name, order)`; what a department answered is `task.comment`, not
//! `task.answer`; the only channel of a message so far is `desk`, not `chat`.

use std::collections::BTreeMap;

use naryad::domain::pack::Pack;
use naryad::rehearsal::script_tests::{PackSource, run};
use naryad::workflow::{Known, check};

const SCRIPT: &str = include_str!("atm.rhai");
const SETTINGS: &str = include_str!("atm.toml");
const DAY: &str = include_str!("examples/atm_day.rhai");

/// What the text must say, so that nobody makes it pass by leaving something out.
const SAID: &[&str] = &[
    "ticket.require_report(order, #{",
    "photos: 3, documents: [\"act_of_acceptance\"], signatures: 2",
    "fn on_report(ticket, report)",
    "report.order.return_report(report.defects);",
    "report.order.expect(\"report\", hours(4))",
    "ticket.close(#{ resolution: report.order.resolution });",
    "order.mark_no_show();",
    "photos: order.photos",
    "order.send_note(task.comment, task.files);",
    "#{ order: order }",
];

#[test]
fn the_example_of_cash_machines_is_clean_and_whole() {
    let pack = Pack::parse(SETTINGS).unwrap();
    assert_eq!(check(SCRIPT, &pack, &Known::default()), []);
    let missing: Vec<&&str> = SAID.iter().filter(|said| !SCRIPT.contains(**said)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_example_of_cash_machines_plays_its_day() {
    let report = run(&PackSource {
        script: SCRIPT.to_owned(),
        settings: SETTINGS.to_owned(),
        tests: BTreeMap::from([("tests/day.rhai".to_owned(), DAY.to_owned())]),
        ..PackSource::default()
    });
    assert!(report.all_passed(), "{report}");
    assert_eq!(report.tests.len(), 8, "{report}");
}

#[test]
fn a_channel_that_is_not_there_is_named_with_those_that_are() {
    let pack = Pack::parse(SETTINGS).unwrap();
    let chat = SCRIPT.replace("channel: \"desk\"", "channel: \"chat\"");
    let findings: Vec<String> =
        check(&chat, &pack, &Known::default()).iter().map(ToString::to_string).collect();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("`chat`") && findings[0].contains("known: desk"), "{findings:?}");
}
