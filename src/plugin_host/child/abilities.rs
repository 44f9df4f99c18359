//! What a running plugin may call: context and log from here, `http` from the parent.

use std::sync::{Arc, mpsc};

use wasmtime::{ResourceLimiter, Result, bail};

use super::super::limits::{HTTP_BODY_BYTES_MAX, HTTP_REQUESTS_MAX, LOG_LINE_BYTES_MAX, LOG_LINES_MAX, cut};
use super::super::protocol::{self, HttpOutcome, HttpRequest, LogLevel, ToParent};
use super::budget::{Budget, Over};
use super::wit::naryad::plugin::{context, http, log};
use super::{Child, HttpReply};

const TABLE_ELEMENTS_MAX: usize = 100_000;
const INSTANCES_MAX: usize = 32;

/// One call while it runs.
pub struct Running {
    pub child: Arc<Child>,
    pub call: u64,
    pub context: protocol::Context,
    pub replies: mpsc::Receiver<HttpReply>,
    pub budget: Budget,
    pub over: Option<Over>,
    pub memory: Memory,
    pub log_lines: usize,
    pub requests: usize,
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
        self.log_lines += 1;
        // One more than is kept, so that the parent knows that there were more.
        if self.log_lines > LOG_LINES_MAX + 1 {
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

impl http::Host for Running {
    fn send(&mut self, request: http::Request) -> Result<Result<http::Response, http::Error>> {
        self.requests += 1;
        let body = request.body.as_deref().unwrap_or_default();
        if self.requests > HTTP_REQUESTS_MAX {
            let why = format!("a call makes at most {HTTP_REQUESTS_MAX} requests");
            return Ok(Err(http::Error::Invalid(why)));
        }
        if body.len() > HTTP_BODY_BYTES_MAX {
            let why = format!("the body has {} bytes; at most {HTTP_BODY_BYTES_MAX} are sent", body.len());
            return Ok(Err(http::Error::Invalid(why)));
        }
        // The parent checks sizes too; this keeps a frame from growing past what it reads at all.
        let head: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if head + request.url.len() > HTTP_BODY_BYTES_MAX / 4 {
            return Ok(Err(http::Error::Invalid("the URL and headers are too large".to_owned())));
        }
        let message = ToParent::Http { call: self.call, request: describe(&request) };
        let reply = self.paused(|running| {
            running.child.say(&message, body);
            running.replies.recv_timeout(running.budget.left())
        });
        match reply {
            Ok(reply) => Ok(answer(reply)),
            Err(_) => {
                self.over = Some(Over::Wall);
                bail!("the time of the call is over")
            }
        }
    }
}

impl Running {
    /// Waiting for the parent is not the plugin's own time.
    fn paused<T>(&mut self, wait: impl FnOnce(&mut Self) -> T) -> T {
        self.budget.pause();
        let result = wait(self);
        self.budget.resume();
        result
    }
}

fn describe(request: &http::Request) -> HttpRequest {
    let method = match request.method {
        http::Method::Get => "GET",
        http::Method::Head => "HEAD",
        http::Method::Post => "POST",
        http::Method::Put => "PUT",
        http::Method::Patch => "PATCH",
        http::Method::Delete => "DELETE",
    };
    let authentication = request.authentication.clone().map(|authentication| match authentication {
        http::Authentication::Bearer(secret) => protocol::Authentication::Bearer { secret },
        http::Authentication::Basic(http::Basic { user, password }) => {
            protocol::Authentication::Basic { user, password }
        }
        http::Authentication::Header(http::NamedHeader { name, secret }) => {
            protocol::Authentication::Header { name, secret }
        }
    });
    HttpRequest {
        method: method.to_owned(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        has_body: request.body.is_some(),
        authentication,
        timeout_ms: request.timeout_ms,
    }
}

fn answer(reply: HttpReply) -> Result<http::Response, http::Error> {
    match reply.outcome {
        HttpOutcome::Response { status, headers } => Ok(http::Response { status, headers, body: reply.body }),
        HttpOutcome::Denied(why) => Err(http::Error::Denied(why)),
        HttpOutcome::Invalid(why) => Err(http::Error::Invalid(why)),
        HttpOutcome::Unreachable(why) => Err(http::Error::Unreachable(why)),
        HttpOutcome::TimedOut => Err(http::Error::TimedOut),
        HttpOutcome::TooLarge => Err(http::Error::TooLarge),
    }
}
