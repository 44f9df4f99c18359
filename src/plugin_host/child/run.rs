//! One call: a fresh instance, its budget, and what became of it.

use std::sync::{Arc, mpsc};

use wasmtime::{Store, Trap, UpdateDeadline, bail};

use super::super::limits::{ANSWER_BYTES_MAX, ERROR_CODE_BYTES_MAX, ERROR_MESSAGE_BYTES_MAX, cut};
use super::super::protocol::{Outcome, Retry, StartCall, ToParent};
use super::abilities::{Memory, Running};
use super::budget::{Budget, Over};
use super::engine::Http;
use super::wit::exports::naryad::plugin::functions;
use super::{Child, HttpReply};

/// Strings and lists that one crossing may make here; above the memory of a plugin, so that only lists of
/// many small things, which grow on their way, are stopped by it.
const CROSSING_BYTES_MAX: usize = 80 << 20;
const TRAP_TEXT_BYTES_MAX: usize = 500;

/// Runs a call to its end, whatever that is.
pub fn call(
    child: &Arc<Child>,
    start: StartCall,
    input: Vec<u8>,
    replies: mpsc::Receiver<HttpReply>,
) -> (ToParent, Vec<u8>) {
    let _ticking = child.ticker.tick();
    let mut store = Store::new(
        &child.engine,
        Running {
            child: Arc::clone(child),
            call: start.call,
            context: start.context.clone(),
            replies,
            budget: Budget::new(start.limits.guest_ms, start.limits.wall_ms),
            over: None,
            memory: Memory {
                bytes_max: usize::try_from(start.limits.memory_bytes).unwrap_or(usize::MAX),
                bytes: 0,
                refused: false,
            },
            log_lines: 0,
            requests: 0,
        },
    );
    let (outcome, answer) = match run(child, &mut store, &start, input) {
        Ok(Ok(answer)) if answer.len() > ANSWER_BYTES_MAX => {
            (Outcome::AnswerTooLarge { bytes: answer.len() }, Vec::new())
        }
        Ok(Ok(answer)) => (Outcome::Answered, answer.into_bytes()),
        Ok(Err(error)) => (plugin_error(&error), Vec::new()),
        Err(Broken::NotLinked(why)) => (Outcome::NotLinked { why }, Vec::new()),
        Err(Broken::Trapped(error)) => (trapped(&error, store.data()), Vec::new()),
    };
    let running = store.data();
    let guest_us = u64::try_from(running.budget.guest_time().as_micros()).unwrap_or(u64::MAX);
    let memory_peak_bytes = running.memory.bytes as u64;
    (ToParent::Done { call: start.call, outcome, guest_us, memory_peak_bytes }, answer)
}

enum Broken {
    NotLinked(String),
    Trapped(wasmtime::Error),
}

impl From<wasmtime::Error> for Broken {
    fn from(error: wasmtime::Error) -> Self {
        Broken::Trapped(error)
    }
}

fn run(
    child: &Child,
    store: &mut Store<Running>,
    start: &StartCall,
    input: Vec<u8>,
) -> Result<Result<String, functions::PluginError>, Broken> {
    let http = if start.http { Http::Granted } else { Http::NotGranted };
    let linked = child.linked(&start.package, http).map_err(Broken::NotLinked)?;
    let input =
        String::from_utf8(input).map_err(|_| Broken::NotLinked("the input is not UTF-8".to_owned()))?;
    store.limiter(|running| &mut running.memory);
    store.set_hostcall_fuel(CROSSING_BYTES_MAX);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        let running = store.data_mut();
        running.over = running.budget.over();
        match running.over {
            None => Ok(UpdateDeadline::Continue(1)),
            Some(_) => bail!("the time of the call is over"),
        }
    });
    store.data_mut().budget.resume();
    let connector = linked.instantiate(&mut *store)?;
    let answer = connector.naryad_plugin_functions().call_call(&mut *store, &start.function, &input);
    store.data_mut().budget.pause();
    Ok(answer?)
}

fn plugin_error(error: &functions::PluginError) -> Outcome {
    Outcome::PluginError {
        code: cut(&error.code, ERROR_CODE_BYTES_MAX).to_owned(),
        message: cut(&error.message, ERROR_MESSAGE_BYTES_MAX).to_owned(),
        retry: match error.retry {
            functions::Retry::Never => Retry::Never,
            functions::Retry::Later => Retry::Later,
            functions::Retry::AfterSeconds(seconds) => Retry::AfterSeconds(seconds),
        },
    }
}

fn trapped(error: &wasmtime::Error, running: &Running) -> Outcome {
    if running.memory.refused {
        return Outcome::OutOfMemory;
    }
    match (running.over, error.downcast_ref::<Trap>()) {
        (Some(Over::Guest), _) => Outcome::GuestTimeOver,
        (Some(Over::Wall), _) => Outcome::WallTimeOver,
        (None, Some(Trap::StackOverflow)) => Outcome::Trapped { why: "its stack overflowed".to_owned() },
        (None, Some(Trap::UnreachableCodeReached)) => {
            Outcome::Trapped { why: "it stopped itself (a panic, or a bug of its own)".to_owned() }
        }
        (None, Some(trap)) => Outcome::Trapped { why: trap.to_string() },
        (None, None) => Outcome::Trapped { why: cut(&format!("{error:#}"), TRAP_TEXT_BYTES_MAX).to_owned() },
    }
}
