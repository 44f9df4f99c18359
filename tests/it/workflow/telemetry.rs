//! The example of operation 5 runs whole: its text with the better names is published and played on a rehearsal's desk.

use std::collections::BTreeMap;

use naryad::domain::pack::Pack;
use naryad::rehearsal::script_tests::{PackSource, run};
use naryad::workflow::{Known, check};

const SCRIPT: &str = include_str!("telemetry.rhai");
const SETTINGS: &str = include_str!("telemetry.toml");
const TESTS: &str = include_str!("telemetry_tests.rhai");

fn source(script: &str) -> PackSource {
    PackSource {
        script: script.to_owned(),
        settings: SETTINGS.to_owned(),
        tests: BTreeMap::from([("tests/telemetry.rhai".to_owned(), TESTS.to_owned())]),
        ..PackSource::default()
    }
}

#[test]
fn the_example_of_operation_5_runs_whole() {
    let report = run(&source(SCRIPT));
    assert!(report.all_passed() && report.tests.len() == 9, "{report}");
}

#[test]
fn a_report_that_is_none_is_found_before_it_is_sent() {
    let script = SCRIPT.replace("\"unclassified\"", "\"unclasified\"");
    let findings = check(&script, &Pack::parse(SETTINGS).unwrap(), &Known::default());
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].message, "there is no report `unclasified`");
    assert!(format!("{findings:?}").contains("unclassified"), "what was meant is said: {findings:?}");
}
