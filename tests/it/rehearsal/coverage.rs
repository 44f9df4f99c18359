//! Coverage of a script by its tests: exactly the lines that ran and the ways that branches went.

use std::collections::BTreeMap;
use std::time::Duration;

use naryad::rehearsal::script_tests::{Counting, PackSource, Report, RunOptions, run_with};
use naryad::workflow::script_coverage::LineState;

use crate::helpers::SETTINGS;

const COUNTED: RunOptions = RunOptions { wall_max: Duration::from_secs(60), counting: Counting::On };

fn pack(script: &str, tests: &str) -> PackSource {
    PackSource {
        script: script.to_owned(),
        settings: SETTINGS.to_owned(),
        tests: BTreeMap::from([("tests/some.rhai".to_owned(), tests.to_owned())]),
        ..PackSource::default()
    }
}

fn counted(script: &str, tests: &str) -> Report {
    let report = run_with(&pack(script, tests), COUNTED);
    assert!(report.all_passed() && !report.tests.is_empty(), "{report}");
    report
}

/// `line: state times [way times, …]` of each line of the script.
#[track_caller]
fn check(script: &str, tests: &str, expected: &str) {
    let report = counted(script, tests);
    let coverage = report.coverage.unwrap();
    let mut text = String::new();
    for line in &coverage.files[0].each_line {
        let state = match line.state {
            LineState::Ran => "ran",
            LineState::Partly => "partly",
            LineState::NotRun => "not",
        };
        let ways: Vec<String> = line.ways.iter().map(|way| format!("{} {}", way.way, way.times)).collect();
        text += &format!("{}: {state} {}", line.line, line.times);
        if !ways.is_empty() {
            text += &format!(" [{}]", ways.join(", "));
        }
        text.push('\n');
    }
    text += &format!("lines {}, branches {}\n", coverage.lines, coverage.branches);
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert_eq!(text.trim().lines().collect::<Vec<_>>(), expected, "\n{text}");
}

const OPEN_TWO: &str = r#"
fn test_two() {
    open(#{ subject: "one" });
    open(#{ subject: "two", impact: "high" });
}"#;

#[test]
fn each_statement_and_each_way_of_an_if_is_counted() {
    check(
        r#"
fn on_opened(ticket) {
    let n = 1;
    if ticket.impact == "high" {
        ticket.note("high");
    } else if ticket.impact == "low" {
        ticket.note("low");
    }
    if n == 1 { ticket.note("always"); }
    if n == 2 { ticket.note("never"); } else { ticket.note("else"); }
    helper(ticket);
}
fn helper(ticket) {
    if ticket.subject == "two" { return; }
    ticket.note("first only");
}
fn on_closed(ticket) {
    ticket.note("closed");
}"#,
        OPEN_TWO,
        "
        3: ran 2
        4: ran 2 [true 1, false 1]
        5: ran 1
        6: partly 1 [true 0, false 1]
        7: not 0
        9: partly 2 [true 2, false 0]
        10: partly 2 [true 0, false 2]
        11: ran 2
        14: ran 2 [true 1, false 1]
        15: ran 1
        18: not 0
        lines 81 % (9 of 11), branches 70 % (7 of 10)",
    );
}

#[test]
fn arms_of_a_switch_are_ways() {
    check(
        r#"
fn weight(impact) {
    switch impact {
        "high" | "medium" => 3,
        "low" => { 1 }
        _ => 0
    }
}
fn on_opened(ticket) {
    if weight(ticket.impact) > 2 { ticket.note("heavy"); }
    switch ticket.subject {
        "one" => ticket.note("1"),
        "three" => ticket.note("3")
    }
    let word = switch ticket.subject { "two" => {}, _ => 7 };
}"#,
        OPEN_TWO,
        r#"
        3: partly 2 ["high" | "medium" 2, "low" 0, _ 0]
        4: ran 2
        5: not 0
        6: not 0
        10: partly 2 [true 2, false 0]
        11: partly 2 ["one" 1, "three" 0, no arm 1]
        12: ran 1
        13: not 0
        15: ran 2 ["two" 1, _ 1]
        lines 66 % (6 of 9), branches 60 % (6 of 10)"#,
    );
}

#[test]
fn what_stands_in_a_condition_and_what_is_caught_leads_nowhere_astray() {
    check(
        r#"
fn is_two(ticket) {
    if ticket.subject == "two" { return true; }
    false
}
fn count(n) {
    if n > 0 { count(n - 1) }
}
fn on_opened(ticket) {
    if is_two(ticket) { ticket.note("two"); }
    if (switch 1 { 1 => true, _ => false }) { ticket.note("always"); }
    try {
        if [1][5] == 1 { ticket.note("never"); }
    } catch {
        ticket.note("caught");
    }
    count(2);
}"#,
        OPEN_TWO,
        "
        3: ran 2 [true 1, false 1]
        4: ran 1
        7: ran 6 [true 4, false 2]
        10: ran 2 [true 1, false 1]
        11: partly 2 [true 2, false 0, arm 1 2, _ 0]
        12: ran 2
        13: partly 2 [true 0, false 0]
        15: ran 2
        17: ran 2
        lines 100 % (9 of 9), branches 66 % (8 of 12)",
    );
}

#[test]
fn guards_timers_and_shared_modules_count_too() {
    let mut pack = pack(
        r#"import "shared/words" as words;
fn on_opened(ticket) {
    ticket.note(words::hello(ticket));
    ticket.timer("remind", hours(1));
}
fn on_timer(ticket, name) { ticket.note(name); }
fn on_resolving(ticket, resolution) {
    if ticket.subject == "one" { refuse("resolution", "not yet"); }
}"#,
        r#"
fn test_it() {
    let ticket = open(#{ subject: "one" });
    pass(hours(2));
    try { ticket.resolve(#{ resolution: "done" }); assert(false); } catch (refusal) { assert_eq(refusal.code, "refused_by_workflow"); }
}"#,
    );
    let module = "fn hello(ticket) { \"hello\" }\nfn bye() {\n    \"bye\"\n}\n";
    pack.shared.insert("shared/words".to_owned(), module.into());
    pack.shared.insert("shared/other".to_owned(), "fn unused() { 1 }".into());
    let report = run_with(&pack, COUNTED);
    assert!(report.all_passed(), "{report}");
    let coverage = report.coverage.unwrap();
    let files: Vec<(&str, usize, usize)> = coverage
        .files
        .iter()
        .map(|file| (file.file.as_str(), file.lines.covered, file.lines.total))
        .collect();
    assert_eq!(files, [("workflow.rhai", 5, 5), ("shared/words", 1, 2)], "{coverage}");
    assert_eq!((coverage.branches.covered, coverage.branches.total), (1, 2), "false was never seen");
    assert_eq!(coverage.to_string().lines().last(), Some("    lines not run: 3"));
}

#[test]
fn a_run_that_fails_counts_as_far_as_it_came() {
    check(
        r#"
fn on_opened(ticket) {
    if ticket.subject == "one" {
        let n = 0;
        ticket.priority = 1 / n;
    }
    ticket.note("only two");
}"#,
        &OPEN_TWO.replace("fn test_two() {", "fn test_two() { expect_failed_runs();"),
        "
        3: ran 2 [true 1, false 1]
        4: ran 1
        5: ran 1
        7: ran 1
        lines 100 % (4 of 4), branches 100 % (2 of 2)",
    );
}

#[test]
fn without_counting_there_is_no_coverage() {
    let report = run_with(&pack("fn on_opened(ticket) {}", OPEN_TWO), RunOptions::default());
    assert_eq!(report.coverage, None);
    assert!(report.all_passed());
}

#[test]
fn what_is_left_when_the_time_is_over_is_named() {
    let tests = "fn test_a() {}\nfn test_b() { open(#{ subject: \"x\" }); }";
    let report = run_with(&pack("", tests), RunOptions { wall_max: Duration::ZERO, counting: Counting::Off });
    assert!(report.tests.is_empty() && !report.all_passed(), "{report}");
    let left: Vec<_> =
        report.problems.iter().map(|problem| (problem.line, problem.message.as_str())).collect();
    let words = "was not run: the tests took longer than 0 s together";
    assert_eq!(left, [(1, &*format!("`test_a` {words}")), (2, &*format!("`test_b` {words}"))]);
}
