//! Script tests: what they can say, how they fail, what they cost.

mod coverage;
mod failures;
mod language;
mod packs;
mod written;
mod year_end;

use std::collections::BTreeMap;

use naryad::rehearsal::script_tests::{Failed, Outcome, PackSource, Report, TestResult, run};

use crate::helpers::SETTINGS;

const SCRIPT: &str = include_str!("workflow.rhai");
const FILE: &str = "tests/some.rhai";

/// Runs the tests of one file against the pack of these tests.
fn run_file(tests: &str) -> Report {
    run_with(SCRIPT, tests)
}

fn run_with(script: &str, tests: &str) -> Report {
    run(&PackSource {
        script: script.to_owned(),
        settings: SETTINGS.to_owned(),
        tests: BTreeMap::from([(FILE.to_owned(), tests.to_owned())]),
        ..PackSource::default()
    })
}

/// Every test of the file passes.
#[track_caller]
fn all_pass(tests: &str) -> Report {
    let report = run_file(tests);
    assert!(report.all_passed() && !report.tests.is_empty(), "{report}");
    report
}

/// The one test of the file, whose lines are `body`, fails.
#[track_caller]
fn fails(body: &str) -> (TestResult, Failed) {
    let mut report = run_file(&format!("fn test_it() {{\n{body}\n}}"));
    assert_eq!(report.problems, []);
    let test = report.tests.pop().unwrap();
    assert_eq!(test.outcome, Outcome::Failed, "{body}");
    let failed = test.failed.clone().unwrap();
    (test, failed)
}
