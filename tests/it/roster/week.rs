//! A week of a vendor's support: flexible hours, one at night, each request to the least loaded of those on shift.

use std::collections::BTreeMap;

use naryad::rehearsal::script_tests::{PackSource, run};

use crate::helpers::SETTINGS;

#[test]
fn a_week_of_requests_goes_to_the_least_loaded_on_shift() {
    let report = run(&PackSource {
        script: include_str!("workflow.rhai").to_owned(),
        settings: SETTINGS.to_owned(),
        tests: BTreeMap::from([("tests/week.rhai".to_owned(), include_str!("week.rhai").to_owned())]),
        ..PackSource::default()
    });
    assert!(report.all_passed() && report.tests.len() == 3, "{report}");
}
