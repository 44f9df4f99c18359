//! `plugin test`: recorded calls are played against the package, or made anew from a live run.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::args::TestPlugin;
use super::fixture::{
    self, Exchange, Expectation, ExpectedError, Fixture, FixtureLine, FixtureRequest, FixtureResponse,
    Recorded,
};
use super::stand::Stand;
use super::{FIXTURES_FOLDER, PluginFolder};
use crate::cli::Ended;
use crate::plugin_host::{
    Answer, CallFailure, FailureReason, HostPattern, Tape, TapedOutcome, TapedRequest, Transcript,
};

pub async fn test(order: &TestPlugin) -> anyhow::Result<Ended> {
    let folder = PluginFolder::open(&order.folder)?;
    let file = order.package.clone().unwrap_or_else(|| folder.package());
    let wasm = fs::read(&file)
        .with_context(|| format!("{} cannot be read; `naryad plugin build` makes it", file.display()))?;
    let recorded = fixture::read_all(&folder.path.join(FIXTURES_FOLDER), order.only.as_deref())?;
    ensure!(
        !recorded.is_empty(),
        "no fixture: `{}` has no such .json file",
        folder.path.join(FIXTURES_FOLDER).display()
    );
    if order.record { record(order, &wasm, recorded).await } else { play(&wasm, recorded).await }
}

async fn play(wasm: &[u8], recorded: Vec<Recorded>) -> anyhow::Result<Ended> {
    let tape = Arc::new(PlayedTape::default());
    let stand =
        Stand::with(wasm, private_hosts(wasm, &recorded)?, Arc::clone(&tape) as Arc<dyn Tape>).await?;
    let mut failed = 0;
    for Recorded { name, fixture, file } in &recorded {
        tape.wind(&fixture.http);
        let ended =
            stand.call(fixture, &BTreeMap::new()).await.with_context(|| file.display().to_string())?;
        let mut problems = tape.problems();
        problems.extend(compare(&fixture.expect, &ended));
        if problems.is_empty() {
            println!("ok      {name}");
            continue;
        }
        failed += 1;
        println!("FAILED  {name} ({})", file.display());
        for problem in problems {
            println!("        {problem}");
        }
        for line in &transcript(&ended).log {
            println!("        log: {:?} {}", line.level, line.message);
        }
    }
    stand.host.shutdown().await;
    println!("{} passed, {failed} failed", recorded.len() - failed);
    Ok(if failed == 0 { Ended::Well } else { Ended::WithFindings })
}

/// A recorded system may have stood in a private network; nothing goes out when it is played.
pub(super) fn private_hosts(wasm: &[u8], recorded: &[Recorded]) -> anyhow::Result<Vec<HostPattern>> {
    let manifest = crate::plugin_host::package::read(wasm)?.manifest;
    Ok(recorded.iter().flat_map(|one| manifest.hosts_with(&one.fixture.context.configuration)).collect())
}

async fn record(order: &TestPlugin, wasm: &[u8], recorded: Vec<Recorded>) -> anyhow::Result<Ended> {
    let mut secrets = BTreeMap::new();
    for pair in &order.secret_env {
        let (name, variable) = pair.split_once('=').context("write --secret-env NAME=VARIABLE")?;
        let value = std::env::var(variable)
            .with_context(|| format!("the variable {variable} of the environment is not set"))?;
        secrets.insert(name.to_owned(), value);
    }
    let private = if order.private { private_hosts(wasm, &recorded)? } else { Vec::new() };
    let tape = Arc::new(RecordingTape::default());
    let stand = Stand::with(wasm, private, Arc::clone(&tape) as Arc<dyn Tape>).await?;
    for Recorded { name, mut fixture, file } in recorded {
        let ended = stand.call(&fixture, &secrets).await.with_context(|| file.display().to_string())?;
        fixture.http = tape.take();
        fixture.expect = seen(&ended);
        write(&file, &fixture)?;
        println!("recorded {name}: {} requests, {}", fixture.http.len(), outcome_text(&ended));
    }
    stand.host.shutdown().await;
    println!("Read what was recorded before you commit it: answers of a real system may hold personal data.");
    Ok(Ended::Well)
}

fn write(file: &Path, fixture: &Fixture) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(fixture)? + "\n";
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

type Ending = Result<Answer, CallFailure>;

fn transcript(ended: &Ending) -> &Transcript {
    match ended {
        Ok(answer) => &answer.transcript,
        Err(failure) => &failure.transcript,
    }
}

fn error(failure: &CallFailure) -> ExpectedError {
    let retry_after = failure.retry_after().map(|after| after.as_secs());
    ExpectedError { code: failure.code().to_owned(), retryable: failure.retryable(), retry_after }
}

fn log(ended: &Ending) -> Vec<FixtureLine> {
    let line =
        |line: &crate::plugin_host::LogLine| FixtureLine { level: line.level, message: line.message.clone() };
    transcript(ended).log.iter().map(line).collect()
}

fn seen(ended: &Ending) -> Expectation {
    Expectation {
        answer: ended.as_ref().ok().map(|answer| answer.value.clone()),
        error: ended.as_ref().err().map(error),
        log: Some(log(ended)),
    }
}

fn outcome_text(ended: &Ending) -> String {
    match ended {
        Ok(answer) => format!("answered {}", answer.value),
        Err(failure) => format!("failed with `{}`: {}", failure.code(), failure.reason),
    }
}

/// What is not as expected; empty when all is.
fn compare(expect: &Expectation, ended: &Ending) -> Vec<String> {
    let mut problems = Vec::new();
    match (&expect.answer, &expect.error, ended) {
        (Some(expected), None, Ok(answer)) => differ("answer", expected, &answer.value, &mut problems),
        (None, Some(expected), Err(failure)) => {
            let actual = error(failure);
            if *expected != actual {
                problems.push(format!("error: expected {expected:?}, was {actual:?} ({})", failure.reason));
            }
        }
        (Some(_), Some(_), _) | (None, None, _) => {
            problems
                .push(format!("`expect` should have either `answer` or `error`; it {}", outcome_text(ended)));
        }
        (Some(expected), None, Err(_)) => {
            problems.push(format!("expected the answer {expected}; it {}", outcome_text(ended)));
        }
        (None, Some(expected), Ok(_)) => {
            problems.push(format!("expected the error `{}`; it {}", expected.code, outcome_text(ended)));
        }
    }
    if let Err(CallFailure { reason: FailureReason::Trapped { .. } | FailureReason::Crashed { .. }, .. }) =
        ended
        && expect.error.is_none()
    {
        problems.push("a panic is a trap: its message stands in the log".to_owned());
    }
    if let Some(expected) = &expect.log {
        let actual = log(ended);
        for at in 0..expected.len().max(actual.len()) {
            let text = |line: Option<&FixtureLine>| {
                line.map_or_else(
                    || "nothing".to_owned(),
                    |line| format!("{:?} {:?}", line.level, line.message),
                )
            };
            if expected.get(at) != actual.get(at) {
                problems.push(format!(
                    "log line {}: expected {}, was {}",
                    at + 1,
                    text(expected.get(at)),
                    text(actual.get(at))
                ));
            }
        }
    }
    problems
}

/// Names each place where two documents differ.
fn differ(at: &str, expected: &Value, actual: &Value, problems: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            let names: std::collections::BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
            for name in names {
                let at = format!("{at}.{name}");
                match (expected.get(name), actual.get(name)) {
                    (Some(expected), Some(actual)) => differ(&at, expected, actual, problems),
                    (Some(expected), None) => {
                        problems.push(format!("{at}: expected {expected}, is not there"))
                    }
                    (None, Some(actual)) => problems.push(format!("{at}: expected nothing, was {actual}")),
                    (None, None) => {}
                }
            }
        }
        (expected, actual) if expected != actual => {
            problems.push(format!("{at}: expected {expected}, was {actual}"));
        }
        _ => {}
    }
}

/// Answers from the recorded requests, in their order.
#[derive(Debug, Default)]
pub(super) struct PlayedTape {
    state: Mutex<Played>,
}

#[derive(Debug, Default)]
struct Played {
    left: VecDeque<Exchange>,
    asked: usize,
    problems: Vec<String>,
}

impl PlayedTape {
    pub(super) fn wind(&self, exchanges: &[Exchange]) {
        let left = exchanges.iter().cloned().collect();
        *self.state.lock().expect("no holder panics") = Played { left, asked: 0, problems: Vec::new() };
    }

    pub(super) fn problems(&self) -> Vec<String> {
        let mut played = self.state.lock().expect("no holder panics");
        let mut problems = std::mem::take(&mut played.problems);
        for left in &played.left {
            problems.push(format!(
                "it did not ask for {} {}, as was recorded",
                left.request.method, left.request.url
            ));
        }
        problems
    }
}

impl Tape for PlayedTape {
    fn play(&self, request: &TapedRequest) -> Option<TapedOutcome> {
        let mut played = self.state.lock().expect("no holder panics");
        played.asked += 1;
        let at = played.asked;
        let Some(exchange) = played.left.pop_front() else {
            let made = FixtureRequest::of(request);
            let made = serde_json::to_string(&made).unwrap_or_default();
            played.problems.push(format!("request {at} was not recorded: {made}"));
            return Some(TapedOutcome::Unreachable("nothing is recorded for this request".to_owned()));
        };
        let differences = exchange.request.differences(request);
        played.problems.extend(differences.into_iter().map(|one| format!("request {at}: {one}")));
        match exchange.response.outcome() {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                played.problems.push(format!("response {at}: {error:#}"));
                Some(TapedOutcome::Unreachable("the recorded response cannot be read".to_owned()))
            }
        }
    }

    fn keep(&self, _: &TapedRequest, _: &TapedOutcome) {}
}

/// Lets everything go out, and writes it down.
#[derive(Debug, Default)]
struct RecordingTape {
    exchanges: Mutex<Vec<Exchange>>,
}

impl RecordingTape {
    fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.exchanges.lock().expect("no holder panics"))
    }
}

impl Tape for RecordingTape {
    fn play(&self, _: &TapedRequest) -> Option<TapedOutcome> {
        None
    }

    fn keep(&self, request: &TapedRequest, outcome: &TapedOutcome) {
        let Some(response) = FixtureResponse::of(outcome) else { return };
        let exchange = Exchange { request: FixtureRequest::of(request), response };
        self.exchanges.lock().expect("no holder panics").push(exchange);
    }
}

/// For a package that is only looked at.
#[derive(Debug)]
pub(super) struct SilentTape;

impl SilentTape {
    pub(super) fn new() -> Arc<dyn Tape> {
        Arc::new(SilentTape)
    }
}

impl Tape for SilentTape {
    fn play(&self, _: &TapedRequest) -> Option<TapedOutcome> {
        Some(TapedOutcome::Unreachable("nothing goes out".to_owned()))
    }

    fn keep(&self, _: &TapedRequest, _: &TapedOutcome) {}
}
