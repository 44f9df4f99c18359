//! What goes into a run of script tests and what comes out.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Key;
use crate::workflow::ScriptCoverage;

/// A pack with its tests, as texts.
#[derive(Debug, Clone, Default)]
pub struct PackSource {
    /// `workflow.rhai`.
    pub script: String,
    /// `client.toml`.
    pub settings: String,
    /// `tests/*.rhai`: the file's name, such as `tests/receipt.rhai`, and its text.
    pub tests: BTreeMap<String, String>,
    /// `workflows/shared/`, by the path that `import` names.
    pub shared: crate::workflow::SharedSources,
    /// `holidays/*.ics`, by key.
    pub holidays: BTreeMap<Key, String>,
}

/// All tests of a pack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScriptTestReport)]
pub struct Report {
    /// In the order of the files and of the functions in them.
    pub tests: Vec<TestResult>,
    /// Why tests could not be run at all: the pack or a test file is wrong.
    pub problems: Vec<TestProblem>,
    /// Wall time of the whole.
    pub millis: u64,
    /// What of the script ran, when it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<ScriptCoverage>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScriptTestResult)]
pub struct TestResult {
    /// `test_receipt_jam_calls_grade_1`
    pub name: String,
    pub file: String,
    /// Where the function begins, from 1.
    pub line: usize,
    pub outcome: Outcome,
    pub millis: u64,
    /// Why it failed; `null` when it passed.
    pub failed: Option<Failed>,
    /// Plugin calls that nobody answered, such as `parts-stock.in_stock`; no failure.
    pub unanswered: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScriptTestOutcome)]
pub enum Outcome {
    Passed,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScriptTestFailed)]
pub struct Failed {
    /// From 1; 0 where no line is to blame.
    pub line: usize,
    pub column: usize,
    pub message: String,
    /// A stable word for programs where a limit stopped the test, such as `test_operations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the sentence speaks of, by name, for programs that say it in another language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    pub expected: Option<String>,
    pub actual: Option<String>,
    /// What happened on the tickets so far, one line each.
    pub story: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScriptTestProblem)]
pub struct TestProblem {
    /// `workflow.rhai`, `client.toml` or a test file; empty when it is none of them.
    pub file: String,
    /// From 1; 0 when it is about the whole.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl Report {
    #[must_use]
    pub fn all_passed(&self) -> bool {
        self.problems.is_empty() && self.tests.iter().all(|test| test.outcome == Outcome::Passed)
    }

    #[must_use]
    pub fn failed_count(&self) -> usize {
        self.tests.iter().filter(|test| test.outcome == Outcome::Failed).count()
    }
}

impl TestProblem {
    #[must_use]
    pub fn about(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0, message: message.into() }
    }
}

impl fmt::Display for TestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.is_empty(), self.line) {
            (true, _) => write!(f, "{}", self.message),
            (false, 0) => write!(f, "{}: {}", self.file, self.message),
            (false, line) => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.message),
        }
    }
}

impl fmt::Display for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(failed) = &self.failed else { return write!(f, "ok      {}", self.name) };
        writeln!(f, "FAILED  {}", self.name)?;
        let line = if failed.line == 0 { self.line } else { failed.line };
        writeln!(f, "  {}:{line}: {}", self.file, failed.message)?;
        if let Some(expected) = &failed.expected {
            writeln!(f, "  expected: {expected}")?;
        }
        if let Some(actual) = &failed.actual {
            writeln!(f, "  actual:   {actual}")?;
        }
        for told in &failed.story {
            writeln!(f, "    {told}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        for test in &self.tests {
            writeln!(f, "{}", test.to_string().trim_end())?;
            for call in &test.unanswered {
                writeln!(f, "        (nobody answered the plugin call {call})")?;
            }
        }
        let (count, failed) = (self.tests.len(), self.failed_count());
        if let Some(coverage) = &self.coverage {
            write!(f, "{coverage}")?;
        }
        write!(f, "{} passed, {failed} failed in {} ms", count - failed, self.millis)
    }
}
