//! The kit's tapes: one plays what was recorded, one records what comes back, one is silent.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use super::fixture::{Exchange, FixtureRequest, FixtureResponse};
use crate::plugin_host::{Tape, TapedOutcome, TapedRequest};

/// Answers from the recorded requests, in their order.
#[derive(Debug, Default)]
pub struct PlayedTape {
    state: Mutex<Played>,
}

#[derive(Debug, Default)]
struct Played {
    left: VecDeque<Exchange>,
    asked: usize,
    problems: Vec<String>,
}

impl PlayedTape {
    /// Begins a call.
    pub fn wind(&self, exchanges: &[Exchange]) {
        let left = exchanges.iter().cloned().collect();
        *self.state() = Played { left, asked: 0, problems: Vec::new() };
    }

    /// What was asked otherwise than recorded in the call that has ended.
    pub fn problems(&self) -> Vec<String> {
        let mut played = self.state();
        let mut problems = std::mem::take(&mut played.problems);
        for (number, Exchange { request, .. }) in played.left.iter().enumerate() {
            let at = played.asked + number;
            problems.push(format!("http[{at}]: expected {} {}, was nothing", request.method, request.url));
        }
        problems
    }

    fn state(&self) -> MutexGuard<'_, Played> {
        self.state.lock().expect("no holder panics")
    }
}

impl Tape for PlayedTape {
    fn play(&self, request: &TapedRequest) -> Option<TapedOutcome> {
        let mut played = self.state();
        let at = played.asked;
        let Some(exchange) = played.left.pop_front() else {
            let made = FixtureRequest::of(request);
            played.problems.push(format!("http: expected nothing more, was {} {}", made.method, made.url));
            return Some(TapedOutcome::Unreachable("nothing is recorded for this request".to_owned()));
        };
        played.asked += 1;
        let differences = exchange.request.differences(request);
        played.problems.extend(differences.into_iter().map(|one| format!("http[{at}].request.{one}")));
        match exchange.response.outcome() {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                played.problems.push(format!("http[{at}].response: {error:#}"));
                Some(TapedOutcome::Unreachable("the recorded response cannot be read".to_owned()))
            }
        }
    }

    fn keep(&self, _: &TapedRequest, _: &TapedOutcome) {}
}

/// Lets everything go out, and writes it down.
#[derive(Debug, Default)]
pub struct RecordingTape {
    state: Mutex<Recorded>,
}

#[derive(Debug, Default)]
struct Recorded {
    exchanges: Vec<Exchange>,
    /// The request was allowed; what is refused before is refused again when it is played.
    is_let_out: bool,
}

impl RecordingTape {
    /// What was recorded since it was last asked.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.state.lock().expect("no holder panics")).exchanges
    }
}

impl Tape for RecordingTape {
    fn play(&self, _: &TapedRequest) -> Option<TapedOutcome> {
        self.state.lock().expect("no holder panics").is_let_out = true;
        None
    }

    fn keep(&self, request: &TapedRequest, outcome: &TapedOutcome) {
        let mut recorded = self.state.lock().expect("no holder panics");
        if !std::mem::take(&mut recorded.is_let_out) {
            return;
        }
        if let Some(response) = FixtureResponse::of(outcome) {
            recorded.exchanges.push(Exchange { request: FixtureRequest::of(request), response });
        }
    }
}

/// For a package that is only looked at.
#[derive(Debug)]
pub struct SilentTape;

impl Tape for SilentTape {
    fn play(&self, _: &TapedRequest) -> Option<TapedOutcome> {
        Some(TapedOutcome::Unreachable("nothing goes out".to_owned()))
    }

    fn keep(&self, _: &TapedRequest, _: &TapedOutcome) {}
}
