//! What a call did, beside what its fixture expects of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::fixture::{Expectation, ExpectedError, FixtureLine};
use crate::plugin_host::{Answer, CallFailure, FailureReason, LogLine, Transcript};

pub type Ending = Result<Answer, CallFailure>;

pub fn transcript(ended: &Ending) -> &Transcript {
    match ended {
        Ok(answer) => &answer.transcript,
        Err(failure) => &failure.transcript,
    }
}

/// What a recording expects from now on.
pub fn seen(ended: &Ending) -> Expectation {
    Expectation {
        answer: ended.as_ref().ok().map(|answer| answer.value.clone()),
        error: ended.as_ref().err().map(error),
        log: Some(log(ended)),
    }
}

pub fn outcome_text(ended: &Ending) -> String {
    match ended {
        Ok(answer) => format!("answered {}", answer.value),
        Err(failure) => format!("failed with `{}`: {}", failure.code(), failure.reason),
    }
}

/// What is not as expected; empty when all is.
pub fn compare(expect: &Expectation, ended: &Ending) -> Vec<String> {
    let mut problems = Vec::new();
    match (&expect.answer, &expect.error, ended) {
        (Some(expected), _, Ok(answer)) => differ("answer", expected, &answer.value, &mut problems),
        (_, Some(expected), Err(failure)) => {
            let actual = error(failure);
            differ("error.code", &expected.code.clone().into(), &actual.code.into(), &mut problems);
            let (wanted, found) = (expected.retryable.into(), actual.retryable.into());
            differ("error.retryable", &wanted, &found, &mut problems);
            let (wanted, found) = (expected.retry_after.into(), actual.retry_after.into());
            differ("error.retry_after", &wanted, &found, &mut problems);
            if !problems.is_empty() {
                problems.push(format!("the error says: {}", failure.reason));
            }
        }
        (Some(expected), None, Err(_)) => {
            problems.push(format!("answer: expected {expected}; the call {}", outcome_text(ended)));
        }
        (None, Some(expected), Ok(_)) => {
            problems.push(format!("error: expected `{}`; the call {}", expected.code, outcome_text(ended)));
        }
        (None, None, _) => problems.push(format!("nothing is expected; the call {}", outcome_text(ended))),
    }
    if let Err(CallFailure { reason: FailureReason::Trapped { .. }, .. }) = ended
        && expect.error.is_none()
    {
        problems.push("a panic is a trap: its message stands in the log".to_owned());
    }
    if let Some(expected) = &expect.log {
        differ_in_lines(expected, &log(ended), &mut problems);
    }
    problems
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

fn log(ended: &Ending) -> Vec<FixtureLine> {
    let line = |line: &LogLine| FixtureLine { level: line.level, message: line.message.clone() };
    transcript(ended).log.iter().map(line).collect()
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
