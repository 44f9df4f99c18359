//! How a test fails: with the line, what was expected, what was there, and what happened until then.

use std::collections::BTreeMap;

use naryad::rehearsal::script_tests::{Outcome, PackSource, run};

use super::{FILE, fails, run_file, run_with};
use crate::helpers::SETTINGS;

#[test]
fn a_failed_comparison_shows_line_expected_actual_and_the_story() {
    let (test, failed) = fails(
        "let t = open(#{ subject: \"Paper\", category: \"vandalism\" });\n\
         t.task(\"commercial\").finish(\"refused\", #{ comment: \"No\" });\n\
         assert_eq(t.status, \"in_work\");",
    );
    assert_eq!((test.file.as_str(), test.line, failed.line), (FILE, 1, 4));
    assert_eq!(failed.expected.as_deref(), Some("\"in_work\""));
    assert_eq!(failed.actual.as_deref(), Some("\"closed\""));
    let story = failed.story.join("\n");
    for part in
        ["T-1", "task_opened: commercial", "task_done: commercial refused", "ticket_closed: refused No"]
    {
        assert!(story.contains(part), "{story}");
    }
    let shown = test.to_string();
    assert!(shown.contains("tests/some.rhai:4: not what was expected"), "{shown}");
}

#[test]
fn each_mistake_in_a_test_has_its_words_and_its_line() {
    let cases = [
        ("assert(1 == 2);", "it does not hold"),
        ("assert(false, \"no such luck\");", "no such luck"),
        ("fail(\"on purpose\");", "on purpose"),
        ("assert_ne(2, 2.0);", "the very thing that must not be"),
        ("assert_contains(\"abc\", \"d\");", "the text lacks it"),
        ("assert_contains([1, 2], 3);", "the array lacks it"),
        ("open(#{ subjekt: \"x\" });", "did you mean `subject`?"),
        ("open(#{ subject: 7 });", "open: `subject` wants a text"),
        ("open(#{ subject: \"\" });", "the desk refused it"),
        ("open(#{ subject: \"x\", asset: \"ATM-1\" });", "`asset` wants what `asset(...)` made"),
        ("member(\"comercial\", \"Karine\");", "did you mean `commercial`?"),
        ("at(\"tomorrow\");", "2026-12-31 17:55"),
        ("at(\"2026-01-01 10:00\"); at(\"2025-01-01 10:00\");", "does not go back"),
        ("open(#{ subject: \"x\" }).sla(\"resolutoin\");", "it has: first_response, resolution"),
        ("open(#{ subject: \"x\" }).fields.flor;", "did you mean `floor`?"),
        ("try { assert(false, \"not to be caught\"); } catch { }", "not to be caught"),
        ("let x = 1 / 0;", "Division by zero"),
        ("nosuch();", "nosuch"),
        ("open(#{ subject: \"x\" }).nosuch;", "nosuch"),
    ];
    for (body, words) in cases {
        let (_, failed) = fails(body);
        let said = failed.message.to_lowercase();
        assert!(said.contains(&words.to_lowercase()), "{body}\n  said: {}", failed.message);
        assert_eq!(failed.line, 2, "{body}: {}", failed.message);
    }
}

#[test]
fn a_loop_without_end_ends_at_the_count_of_operations() {
    for (body, line) in [
        ("loop { }", 2),
        ("let n = 0;\nloop {\n n += 1;\n}", 4),
        ("for turn in 0..20 { turn + 1; }\nlet n = 0;\nloop { n = n + 1 - 1; }", 4),
    ] {
        let (test, failed) = fails(body);
        assert_eq!(failed.code.as_deref(), Some("test_operations"), "{body}: {}", failed.message);
        assert_eq!(failed.values["max"], "5000000");
        assert_eq!(failed.line, line, "{body}");
        let shown = format!("tests/some.rhai:{line}: the test itself took more than 5000000 operations");
        assert!(test.to_string().contains(&shown), "{test}");
    }
}

#[test]
fn each_limit_of_a_test_has_its_own_words_and_a_line() {
    for (body, code, line) in [
        ("deeper();\n}\nfn deeper() {\n  deeper();", "test_depth", 5),
        ("let text = \"0123456789\";\nloop { text += text; }", "test_size", 3),
        ("let all = [1];\nloop { all += all; }", "test_size", 3),
    ] {
        let (_, failed) = fails(body);
        assert_eq!(failed.code.as_deref(), Some(code), "{body}: {}", failed.message);
        assert_eq!(failed.line, line, "{body}: {}", failed.message);
    }
}

#[test]
fn a_failed_run_of_the_script_fails_the_test_unless_it_was_expected() {
    let breaks = "let t = open(#{ subject: \"break\" });\nt.resolve(#{ resolution: \"done\" });";
    let (_, failed) = fails(breaks);
    assert!(failed.message.contains("on_resolved"), "{}", failed.message);
    let expecting = format!(
        "fn test_it() {{ expect_failed_runs(); {breaks} assert(t.is_marked); assert_eq(t.failed_runs.len(), 1); \
         assert_eq(t.failed_runs[0].handler, \"on_resolved\"); }}"
    );
    let report = run_file(&expecting);
    assert!(report.all_passed(), "{report}");
}

#[test]
fn one_failure_does_not_touch_the_other_tests() {
    let report = run_file(
        "fn test_a() { open(#{ subject: \"x\" }); fail(\"a\"); }\nfn test_b() { assert_eq(tickets(), []); }",
    );
    let outcomes: Vec<Outcome> = report.tests.iter().map(|test| test.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Passed]);
    assert_eq!(report.failed_count(), 1);
    assert!(!report.all_passed());
}

#[test]
fn files_that_cannot_be_run_are_problems_with_a_place() {
    let report = run_file("fn test_a() {\n  let x = ;\n}");
    assert_eq!((report.problems[0].file.as_str(), report.problems[0].line), (FILE, 2));
    assert!(!report.all_passed());

    let report = run_file("fn helper() { }");
    assert!(report.problems[0].message.contains("has no test"), "{report}");

    let report = run_with("fn on_opend(ticket) { }", "fn test_a() { }");
    assert_eq!(report.problems[0].file, "workflow.rhai");
    assert!(report.problems[0].message.contains("on_opened"), "{report}");
    assert_eq!(report.tests, []);
}

#[test]
fn a_script_may_import_shared_modules() {
    let report = run(&PackSource {
        script: "import \"shared/visits\" as visits;\nfn on_opened(ticket) { visits::mark(ticket); }"
            .to_owned(),
        settings: SETTINGS.to_owned(),
        tests: BTreeMap::from([(
            FILE.to_owned(),
            "fn test_it() { assert_eq(open(#{ subject: \"x\" }).tags, [\"seen\"]); }".to_owned(),
        )]),
        shared: [("shared/visits".to_owned(), "fn mark(ticket) { ticket.add_tag(\"seen\"); }".into())].into(),
        ..PackSource::default()
    });
    assert!(report.all_passed(), "{report}");
}
