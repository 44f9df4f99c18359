//! `call_plugin`: a call from the outbox goes to the client's installation, and its answer back to the ticket.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use super::installed::{self, Ground};
use super::runner::{Outcome, Shared};
use crate::commands::Request;
use crate::domain::command::{Command, PluginAnswer, PluginAnswered};
use crate::domain::person::Actor;
use crate::domain::{Key, TicketId};
use crate::plugin_host::{Call, CallFailure, Transcript};
use crate::store::job::Job;

/// From the start of an attempt, waiting for a turn included; well below the lease.
const ATTEMPT_SECONDS_MAX: u64 = 60;

/// The body of the job, as `Command::CallPlugin` wrote it.
#[derive(Debug, Clone, Deserialize)]
struct Body {
    plugin: Key,
    function: Key,
    input: Value,
    then: Option<Key>,
    context: Value,
}

pub(super) async fn attempt(shared: &Shared, job: &Job) -> Outcome {
    let (body, ticket) = match (serde_json::from_value::<Body>(job.body.clone()), job.ticket) {
        (Ok(body), Some(ticket)) => (body, ticket),
        (Err(error), _) => return Outcome::Dead { error: format!("the job cannot be read: {error}") },
        (_, None) => return Outcome::Dead { error: "the job names no ticket".to_owned() },
    };
    let (client, plugin) = (job.client, body.plugin.clone());
    let found =
        shared.read(move |db| client.map_or(Ok(None), |client| Ground::of_client(db, client, &plugin))).await;
    let ground = match found {
        Ok(Some(ground)) => ground,
        Ok(None) => {
            let message = format!("the plugin `{}` is not installed for this client any more", body.plugin);
            return answer(job, ticket, body, Actor::Clock, PluginAnswer::Failed { message });
        }
        Err(error) => return Outcome::Retry { error: error.to_string(), not_before: None },
    };
    let actor = Actor::Plugin { installation: ground.installation.id, client: ground.installation.client };
    if !ground.installation.is_enabled {
        let message = format!("the plugin `{}` is switched off for this client", body.plugin);
        return answer(job, ticket, body, actor, PluginAnswer::Failed { message });
    }
    match call(shared, job, &body, &ground).await {
        Ok(value) => answer(job, ticket, body, actor, PluginAnswer::Ok { value }),
        Err(Failure::Later { error, not_before }) => Outcome::Retry { error, not_before },
        Err(Failure::Never { message }) => answer(job, ticket, body, actor, PluginAnswer::Failed { message }),
    }
}

enum Failure {
    /// The same call may succeed later.
    Later { error: String, not_before: Option<Duration> },
    /// It will fail again: the script is told.
    Never { message: String },
}

async fn call(shared: &Shared, job: &Job, body: &Body, ground: &Ground) -> Result<Value, Failure> {
    let installation = ground.open(&shared.outside.keys).map_err(|message| Failure::Never { message })?;
    let call = Call {
        function: body.function.to_string(),
        input: body.input.clone(),
        attempt: u32::try_from(job.attempts).unwrap_or(u32::MAX),
        deadline: Instant::now() + Duration::from_secs(ATTEMPT_SECONDS_MAX),
        idempotency_key: job.id.to_string(),
        time_zone: ground.time_zone.clone(),
    };
    match installed::call(&shared.outside, &installation, call).await {
        Ok(answer) => {
            report(job, body, "answered", &answer.transcript);
            Ok(answer.value)
        }
        Err(failure) => {
            report(job, body, failure.code(), &failure.transcript);
            Err(sorted(&failure))
        }
    }
}

fn sorted(failure: &CallFailure) -> Failure {
    let said = format!("{failure} ({})", failure.code());
    if failure.retryable() {
        Failure::Later { error: said, not_before: failure.retry_after() }
    } else {
        Failure::Never { message: said }
    }
}

/// The answer, the job's end and all that the script makes of it commit together.
fn answer(job: &Job, ticket: TicketId, body: Body, actor: Actor, answer: PluginAnswer) -> Outcome {
    let answered = PluginAnswered {
        ticket,
        job: Some(job.id),
        plugin: body.plugin,
        function: body.function,
        then: body.then,
        context: body.context,
        answer,
    };
    Outcome::Answer(Box::new(Request::new(actor, Command::PluginAnswered(Box::new(answered)))))
}

fn report(job: &Job, body: &Body, how: &str, transcript: &Transcript) {
    tracing::info!(
        job = job.id.0, plugin = %body.plugin, function = %body.function, how,
        wall_ms = transcript.wall_time.as_millis() as u64, guest_ms = transcript.guest_time.as_millis() as u64,
        requests = transcript.requests.len(), "plugin called"
    );
    for line in &transcript.log {
        tracing::info!(job = job.id.0, plugin = %body.plugin, level = ?line.level, "{}", line.message);
    }
}
