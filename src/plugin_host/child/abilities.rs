//! What a running plugin may call: context, log, clock and random bytes from here, the rest from the parent.

mod http;
mod kept;

use std::sync::{Arc, mpsc};
use std::time::Instant;

use wasmtime::{ResourceLimiter, Result, bail};

use super::super::limits::{
    LOG_LINE_BYTES_MAX, LOG_LINES_MAX, RANDOM_BYTES_MAX, SIGNED_BYTES_MAX, WISHES_MAX, cut,
};
use super::super::protocol::{self, HmacAlgorithm, LogLevel, Refusal, Reply, ToParent, Wish};
use super::budget::{Budget, Over};
use super::wit::naryad::plugin::{clock, context, log, random, signatures};
use super::{Child, Granted};
use crate::domain::calendar::WallTime;

const TABLE_ELEMENTS_MAX: usize = 100_000;
const INSTANCES_MAX: usize = 32;
/// Names and the like are cut before they cross: what is longer is not known anyway.
const NAME_BYTES_MAX: usize = 200;
const ZONE_BYTES_MAX: usize = 100;
/// No algorithm makes a longer one.
const SIGNATURE_BYTES_MAX: usize = 64;

/// One call while it runs.
pub struct Running {
    pub child: Arc<Child>,
    pub call: u64,
    pub context: protocol::Context,
    pub replies: mpsc::Receiver<Granted>,
    pub budget: Budget,
    pub over: Option<Over>,
    pub memory: Memory,
    pub counts: Counts,
    pub clock: DeskClock,
}

/// How often it asked for what is limited.
#[derive(Default)]
pub struct Counts {
    log_lines: usize,
    requests: usize,
    kv_writes: usize,
    wishes: usize,
}

impl Counts {
    pub fn too_many_wishes(&self) -> bool {
        self.wishes > WISHES_MAX
    }
}

/// The desk's time, carried on from the start of the call.
pub struct DeskClock {
    pub started: Instant,
    pub started_ms: i64,
    pub stands: bool,
}

/// Memory of all of an instance together.
pub struct Memory {
    pub bytes_max: usize,
    pub bytes: usize,
    /// It asked for more than it may have.
    pub refused: bool,
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let total = self.bytes.saturating_add(desired.saturating_sub(current));
        if total > self.bytes_max {
            self.refused = true;
            // A trap rather than a refusal: a plugin that goes on without memory fails somewhere unclear.
            bail!("more than {} bytes of memory", self.bytes_max);
        }
        self.bytes = total;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        self.refused |= desired > TABLE_ELEMENTS_MAX;
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }

    fn instances(&self) -> usize {
        INSTANCES_MAX
    }

    fn tables(&self) -> usize {
        INSTANCES_MAX
    }

    fn memories(&self) -> usize {
        INSTANCES_MAX
    }
}

impl context::Host for Running {
    fn get(&mut self) -> Result<context::CallContext> {
        let context = self.context.clone();
        Ok(context::CallContext {
            client: context.client,
            installation: context.installation,
            configuration: context.configuration,
            attempt: context.attempt,
            idempotency_key: context.idempotency_key,
            time_zone: context.time_zone,
        })
    }

    fn time_left_ms(&mut self) -> Result<u32> {
        Ok(u32::try_from(self.budget.left().as_millis()).unwrap_or(u32::MAX))
    }
}

impl log::Host for Running {
    fn write(&mut self, level: log::Level, message: String) -> Result<()> {
        self.counts.log_lines += 1;
        // One more than is kept, so that the parent knows that there were more.
        if self.counts.log_lines > LOG_LINES_MAX + 1 {
            return Ok(());
        }
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        };
        let message = cut(&message, LOG_LINE_BYTES_MAX).to_owned();
        self.paused(|running| running.child.say(&ToParent::Log { call: running.call, level, message }, &[]));
        Ok(())
    }
}

impl clock::Host for Running {
    fn now_ms(&mut self) -> Result<i64> {
        let DeskClock { started, started_ms, stands } = &self.clock;
        let passed =
            if *stands { 0 } else { i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX) };
        Ok(started_ms.saturating_add(passed))
    }

    // Zones are files, which this process cannot read.
    fn to_civil(&mut self, at_ms: i64, zone: String) -> Result<Result<clock::Civil, String>> {
        let zone = cut(&zone, ZONE_BYTES_MAX).to_owned();
        let granted = self.wish(Wish::ToCivil { at_ms, zone }, &[])?;
        Ok(match granted.reply {
            Reply::Wall(WallTime { year, month, day, hour, minute, second, offset_minutes }) => {
                Ok(clock::Civil { year, month, day, hour, minute, second, offset_minutes })
            }
            other => Err(words(other)),
        })
    }

    fn from_civil(&mut self, civil: clock::Civil, zone: String) -> Result<Result<i64, String>> {
        let clock::Civil { year, month, day, hour, minute, second, offset_minutes } = civil;
        let wall = WallTime { year, month, day, hour, minute, second, offset_minutes };
        let zone = cut(&zone, ZONE_BYTES_MAX).to_owned();
        let granted = self.wish(Wish::FromCivil { wall, zone }, &[])?;
        Ok(match granted.reply {
            Reply::At(at_ms) => Ok(at_ms),
            other => Err(words(other)),
        })
    }
}

impl random::Host for Running {
    fn bytes(&mut self, count: u32) -> Result<Vec<u8>> {
        if count > RANDOM_BYTES_MAX {
            bail!("{count} random bytes at once; at most {RANDOM_BYTES_MAX} are given");
        }
        let mut bytes = vec![0; count as usize];
        getrandom::fill(&mut bytes).map_err(|error| wasmtime::format_err!("no random bytes: {error}"))?;
        Ok(bytes)
    }
}

impl signatures::Host for Running {
    fn verify_hmac(
        &mut self,
        secret: String,
        algorithm: signatures::Algorithm,
        message: Vec<u8>,
        signature: Vec<u8>,
    ) -> Result<Result<bool, String>> {
        if message.len() > SIGNED_BYTES_MAX {
            let bytes = message.len();
            return Ok(Err(format!("the message has {bytes} bytes; at most {SIGNED_BYTES_MAX} are checked")));
        }
        if signature.len() > SIGNATURE_BYTES_MAX {
            return Ok(Ok(false));
        }
        let algorithm = match algorithm {
            signatures::Algorithm::Sha1 => HmacAlgorithm::Sha1,
            signatures::Algorithm::Sha256 => HmacAlgorithm::Sha256,
            signatures::Algorithm::Sha512 => HmacAlgorithm::Sha512,
        };
        let secret = cut(&secret, NAME_BYTES_MAX).to_owned();
        let granted = self.wish(Wish::VerifyHmac { secret, algorithm, signature }, &message)?;
        Ok(match granted.reply {
            Reply::Verified(right) => Ok(right),
            other => Err(words(other)),
        })
    }
}

impl Running {
    /// Asks the parent and waits for its word.
    fn wish(&mut self, wish: Wish, body: &[u8]) -> Result<Granted> {
        self.counts.wishes += 1;
        if self.counts.too_many_wishes() {
            bail!("a call asks Naryad for at most {WISHES_MAX} things");
        }
        let message = ToParent::Wish { call: self.call, wish };
        let granted = self.paused(|running| {
            running.child.say(&message, body);
            running.replies.recv_timeout(running.budget.left())
        });
        match granted {
            Ok(granted) => Ok(granted),
            Err(_) => {
                self.over = Some(Over::Wall);
                bail!("the time of the call is over")
            }
        }
    }

    /// Waiting for the parent is not the plugin's own time.
    fn paused<T>(&mut self, wait: impl FnOnce(&mut Self) -> T) -> T {
        self.budget.pause();
        let result = wait(self);
        self.budget.resume();
        result
    }
}

/// Why a wish was not granted, in one sentence.
fn words(reply: Reply) -> String {
    match reply {
        Reply::Refused(
            Refusal::Invalid(why)
            | Refusal::Unknown(why)
            | Refusal::Full(why)
            | Refusal::TooLarge(why)
            | Refusal::Unavailable(why),
        ) => why,
        _ => "Naryad answered something else".to_owned(),
    }
}
