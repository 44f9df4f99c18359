//! One call: a fresh instance, its budget, and what became of it.

use std::sync::{Arc, mpsc};
use std::time::Instant;

use wasmtime::{Store, Trap, UpdateDeadline, bail};

use super::super::limits::{
    ANSWER_BYTES_MAX, CHECK_TEXT_BYTES_MAX, ERROR_CODE_BYTES_MAX, ERROR_MESSAGE_BYTES_MAX,
    WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_ANSWER_HEADER_BYTES_MAX, WEBHOOK_ANSWER_HEADERS_MAX, cut,
};
use super::super::protocol::{Door, Outcome, Retry, StartCall, ToParent};
use super::abilities::{Counts, DeskClock, Memory, Running};
use super::budget::{Budget, Over};
use super::engine::Doors;
use super::wit::exports::naryad::plugin::functions::{self, PluginError};
use super::wit::exports::naryad::plugin::webhooks::{WebhookAnswer, WebhookRequest};
use super::{Child, Granted};

/// Strings and lists that one crossing may make here; above the memory of a plugin, so that only lists of
/// many small things, which grow on their way, are stopped by it.
const CROSSING_BYTES_MAX: usize = 80 << 20;
const TRAP_TEXT_BYTES_MAX: usize = 500;

/// Runs a call to its end, whatever that is.
pub fn call(
    child: &Arc<Child>,
    start: StartCall,
    input: Vec<u8>,
    replies: mpsc::Receiver<Granted>,
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
            counts: Counts::default(),
            clock: DeskClock {
                started: Instant::now(),
                started_ms: start.now_ms,
                stands: start.clock_stands,
            },
        },
    );
    let (outcome, answer) = match run(child, &mut store, &start, input) {
        Ok(Ok(answer)) => said(answer),
        Ok(Err(error)) => (plugin_error(&error), Vec::new()),
        Err(Broken::NotLinked(why)) => (Outcome::NotLinked { why }, Vec::new()),
        Err(Broken::NoSuchDoor) => (Outcome::NoSuchDoor, Vec::new()),
        Err(Broken::Trapped(error)) => (trapped(&error, store.data()), Vec::new()),
    };
    let running = store.data();
    let guest_us = u64::try_from(running.budget.guest_time().as_micros()).unwrap_or(u64::MAX);
    let memory_peak_bytes = running.memory.bytes as u64;
    (ToParent::Done { call: start.call, outcome, guest_us, memory_peak_bytes }, answer)
}

enum Broken {
    NotLinked(String),
    NoSuchDoor,
    Trapped(wasmtime::Error),
}

impl From<wasmtime::Error> for Broken {
    fn from(error: wasmtime::Error) -> Self {
        Broken::Trapped(error)
    }
}

/// What the plugin said.
enum Answer {
    Document(String),
    Webhook(WebhookAnswer),
    Nothing,
}

fn run(
    child: &Child,
    store: &mut Store<Running>,
    start: &StartCall,
    input: Vec<u8>,
) -> Result<Result<Answer, PluginError>, Broken> {
    let doors = child.linked(&start.package, start.linked).map_err(Broken::NotLinked)?;
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
    let answer = enter(&doors, store, &start.entry, input);
    store.data_mut().budget.pause();
    answer
}

/// Instantiates the component and calls the export that this entry is for.
fn enter(
    doors: &Doors,
    store: &mut Store<Running>,
    door: &Door,
    input: Vec<u8>,
) -> Result<Result<Answer, PluginError>, Broken> {
    // Looked at first: a component without the export is not even begun.
    macro_rules! guest {
        ($indices:expr) => {{
            let indices = $indices.as_ref().ok_or(Broken::NoSuchDoor)?;
            let instance = doors.component.instantiate(&mut *store)?;
            indices.load(&mut *store, &instance)?
        }};
    }
    let text = |bytes: Vec<u8>| {
        String::from_utf8(bytes).map_err(|_| Broken::NotLinked("a document is not UTF-8".to_owned()))
    };
    Ok(match door {
        Door::Function { name } => {
            let guest = guest!(doors.functions);
            guest.call_call(&mut *store, name, &text(input)?)?.map(Answer::Document)
        }
        Door::Event => {
            let guest = guest!(doors.events);
            guest.call_on_event(&mut *store, &text(input)?)?.map(Answer::Document)
        }
        Door::Poll { cursor } => {
            let guest = guest!(doors.polling);
            guest.call_poll(&mut *store, cursor.as_deref())?.map(Answer::Document)
        }
        Door::Webhook { path, method, query, headers } => {
            let guest = guest!(doors.webhooks);
            let request = WebhookRequest {
                path: path.clone(),
                method: method.clone(),
                query: query.clone(),
                headers: headers.clone(),
                body: input,
            };
            guest.call_webhook(&mut *store, &request)?.map(Answer::Webhook)
        }
        Door::Check => {
            let guest = guest!(doors.health);
            let found = guest.call_check(&mut *store)?;
            found.map(|found| Answer::Document(cut(&found, CHECK_TEXT_BYTES_MAX).to_owned()))
        }
        Door::Refused { refusal } => {
            let guest = guest!(doors.refusals);
            guest.call_on_refused(&mut *store, &text(input)?, refusal)?.map(|()| Answer::Nothing)
        }
    })
}

/// The answer as the parent takes it, if it is not too large for that.
fn said(answer: Answer) -> (Outcome, Vec<u8>) {
    let too_large = |bytes| (Outcome::AnswerTooLarge { bytes }, Vec::new());
    match answer {
        Answer::Nothing => (Outcome::Answered, Vec::new()),
        Answer::Document(document) if document.len() > ANSWER_BYTES_MAX => too_large(document.len()),
        Answer::Document(document) => (Outcome::Answered, document.into_bytes()),
        Answer::Webhook(answer) => {
            let WebhookAnswer { status, headers, mut body, items } = answer;
            let head: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
            let head_max = WEBHOOK_ANSWER_HEADERS_MAX * WEBHOOK_ANSWER_HEADER_BYTES_MAX;
            // Beyond this the parent would not even read the frame; what is right it judges itself.
            if items.len() > ANSWER_BYTES_MAX || body.len() > 2 * WEBHOOK_ANSWER_BYTES_MAX || head > head_max
            {
                return too_large(items.len() + body.len() + head);
            }
            let body_bytes = body.len();
            body.extend_from_slice(items.as_bytes());
            (Outcome::AnsweredWebhook { status, headers, body_bytes }, body)
        }
    }
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
    if running.counts.too_many_wishes() {
        return Outcome::TooManyWishes;
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
