//! What a call did, beside what its fixture expects of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Value, json};

use super::fixture::{Body, Expectation, ExpectedError, Fixture, FixtureFile, FixtureLine, canonical};
use super::keeper;
use crate::plugin_host::{CallFailure, Entered, EntryAnswer, FailureReason, LogLine, Transcript};

/// How a call of a fixture ended, and what is kept after it.
pub struct Ending {
    result: Result<Value, CallFailure>,
    pub transcript: Transcript,
    kv: BTreeMap<String, Body>,
    files: BTreeMap<String, FixtureFile>,
}

impl Ending {
    /// # Errors
    /// When a file that the call made cannot be read.
    pub fn of(fixture: &Fixture, result: Result<Entered, CallFailure>) -> anyhow::Result<Ending> {
        let (result, transcript, kv, made) = match result {
            Ok(Entered { answer, kv, files, transcript }) => (Ok(document(answer)), transcript, kv, files),
            Err(failure) => {
                let transcript = failure.transcript.clone();
                (Err(failure), transcript, Vec::new(), Vec::new())
            }
        };
        let files = made.iter().map(|file| Ok((file.handle.clone(), keeper::made(file)?)));
        let files = files.collect::<anyhow::Result<_>>()?;
        Ok(Ending { result, transcript, kv: keeper::kept(fixture, &kv), files })
    }

    /// What a recording expects from now on. `has_kv`: the plugin keeps keys and values.
    pub fn seen(&self, has_kv: bool) -> Expectation {
        Expectation {
            answer: self.result.as_ref().ok().cloned(),
            error: self.result.as_ref().err().map(error),
            log: Some(self.log()),
            kv: has_kv.then(|| self.kv.clone()),
            files: (!self.files.is_empty()).then(|| self.files.clone()),
        }
    }

    /// What is not as expected; empty when all is.
    pub fn compare(&self, expect: &Expectation) -> Vec<String> {
        let mut problems = Vec::new();
        match (&expect.answer, &expect.error, &self.result) {
            (Some(expected), _, Ok(answer)) => differ("answer", expected, answer, &mut problems),
            (_, Some(expected), Err(failure)) => differ_in_error(expected, failure, &mut problems),
            (Some(expected), None, Err(_)) => {
                problems.push(format!("answer: expected {expected}; the call {self}"));
            }
            (None, Some(expected), Ok(_)) => {
                problems.push(format!("error: expected `{}`; the call {self}", expected.code));
            }
            (None, None, _) => problems.push(format!("nothing is expected; the call {self}")),
        }
        let trapped =
            matches!(&self.result, Err(failure) if matches!(failure.reason, FailureReason::Trapped { .. }));
        if trapped && expect.error.is_none() {
            problems.push("a panic is a trap: its message stands in the log".to_owned());
        }
        if let Some(expected) = &expect.log {
            differ_in_lines(expected, &self.log(), &mut problems);
        }
        if let Some(expected) = &expect.kv {
            differ("kv", &json!(canonical(expected)), &json!(canonical(&self.kv)), &mut problems);
        }
        if let Some(expected) = &expect.files {
            differ("files", &json!(expected), &json!(self.files), &mut problems);
        }
        problems
    }

    fn log(&self) -> Vec<FixtureLine> {
        let line = |line: &LogLine| FixtureLine { level: line.level, message: line.message.clone() };
        self.transcript.log.iter().map(line).collect()
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(answer) => write!(f, "answered {answer}"),
            Err(failure) => write!(f, "failed with `{}`: {}", failure.code(), failure.reason),
        }
    }
}

/// An answer as a fixture writes it.
fn document(answer: EntryAnswer) -> Value {
    match answer {
        EntryAnswer::Value(value) | EntryAnswer::Items(value) | EntryAnswer::Poll(value) => value,
        EntryAnswer::Webhook { status, headers, body, items } => {
            let headers: BTreeMap<String, String> = headers.into_iter().collect();
            json!({ "status": status, "headers": headers, "body": Body::of(&body), "items": items })
        }
        EntryAnswer::Text(text) => Value::String(text),
        EntryAnswer::Nothing => Value::Null,
    }
}

fn differ_in_error(expected: &ExpectedError, failure: &CallFailure, problems: &mut Vec<String>) {
    let actual = error(failure);
    if *expected != actual {
        differ("error", &json!(expected), &json!(actual), problems);
        problems.push(format!("the error says: {}", failure.reason));
    }
}

/// Names each place where two documents differ.
pub fn differ(at: &str, expected: &Value, actual: &Value, problems: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
            for name in names {
                differ_in_part(&format!("{at}.{name}"), expected.get(name), actual.get(name), problems);
            }
        }
        (Value::Array(expected), Value::Array(actual)) => {
            for place in 0..expected.len().max(actual.len()) {
                differ_in_part(&format!("{at}[{place}]"), expected.get(place), actual.get(place), problems);
            }
        }
        (expected, actual) if expected != actual => {
            problems.push(format!("{at}: expected {expected}, was {actual}"));
        }
        _ => {}
    }
}

fn differ_in_part(at: &str, expected: Option<&Value>, actual: Option<&Value>, problems: &mut Vec<String>) {
    match (expected, actual) {
        (Some(expected), Some(actual)) => differ(at, expected, actual, problems),
        (Some(expected), None) => problems.push(format!("{at}: expected {expected}, is not there")),
        (None, Some(actual)) => problems.push(format!("{at}: expected nothing, was {actual}")),
        (None, None) => {}
    }
}

fn differ_in_lines(expected: &[FixtureLine], actual: &[FixtureLine], problems: &mut Vec<String>) {
    let text = |line: Option<&FixtureLine>| match line {
        Some(line) => format!("{:?} {:?}", line.level, line.message),
        None => "nothing".to_owned(),
    };
    for at in 0..expected.len().max(actual.len()) {
        let (wanted, found) = (expected.get(at), actual.get(at));
        if wanted != found {
            problems.push(format!("log[{at}]: expected {}, was {}", text(wanted), text(found)));
        }
    }
}

fn error(failure: &CallFailure) -> ExpectedError {
    let retry_after = failure.retry_after().map(|after| after.as_secs());
    ExpectedError { code: failure.code().to_owned(), retryable: failure.retryable(), retry_after }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_difference_is_named_with_its_path() {
        let expected = json!({ "a": [1, { "b": "x" }], "c": null, "d": 1 });
        let actual = json!({ "a": [1, { "b": "y" }, 3], "c": null, "e": 2 });
        let mut problems = Vec::new();
        differ("answer", &expected, &expected, &mut problems);
        assert_eq!(problems, Vec::<String>::new());
        differ("answer", &expected, &actual, &mut problems);
        assert_eq!(
            problems,
            [
                "answer.a[1].b: expected \"x\", was \"y\"",
                "answer.a[2]: expected nothing, was 3",
                "answer.d: expected 1, is not there",
                "answer.e: expected nothing, was 2",
            ]
        );
    }
}
