//! `call_plugin`: a call from the outbox goes to the client's installation, and its answer back to the ticket.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use super::runner::{Outcome, Shared};
use crate::commands::Request;
use crate::domain::command::{Command, PluginAnswer, PluginAnswered};
use crate::domain::pack::Pack;
use crate::domain::person::Actor;
use crate::domain::{ClientId, Key, TicketId};
use crate::plugin_host::{self, Call, CallFailure, Grant, PackageHash, Transcript};
use crate::store::job::Job;
use crate::store::plugin::Installation;
use crate::store::{self, Db, StoreError};

/// From the start of an attempt, waiting for a turn included; well below the lease.
const ATTEMPT_SECONDS_MAX: u64 = 60;
const DEFAULT_TIME_ZONE: &str = "UTC";

/// The body of the job, as `Command::CallPlugin` wrote it.
#[derive(Debug, Clone, Deserialize)]
struct Body {
    plugin: Key,
    function: Key,
    input: Value,
    then: Option<Key>,
    context: Value,
}

/// What an attempt needs to know from the database.
struct Ground {
    installation: Installation,
    client: Key,
    time_zone: String,
}

pub(super) async fn attempt(shared: &Shared, job: &Job) -> Outcome {
    let (body, ticket) = match (serde_json::from_value::<Body>(job.body.clone()), job.ticket) {
        (Ok(body), Some(ticket)) => (body, ticket),
        (Err(error), _) => return Outcome::Dead { error: format!("the job cannot be read: {error}") },
        (_, None) => return Outcome::Dead { error: "the job names no ticket".to_owned() },
    };
    let (client, plugin) = (job.client, body.plugin.clone());
    let ground = match shared.read(move |db| ground(db, client, &plugin)).await {
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
    let installation = open_installation(shared, ground)?;
    let call = Call {
        function: body.function.to_string(),
        input: body.input.clone(),
        attempt: u32::try_from(job.attempts).unwrap_or(u32::MAX),
        deadline: Instant::now() + Duration::from_secs(ATTEMPT_SECONDS_MAX),
        idempotency_key: job.id.to_string(),
        time_zone: ground.time_zone.clone(),
    };
    let mut result = shared.outside.host.call(&installation, call.clone()).await;
    // The host's folder may be emptied at any time; the package itself lies with the files.
    if result.as_ref().is_err_and(|failure| failure.code() == "plugin_not_installed")
        && reinstall(shared, &installation.package).await
    {
        result = shared.outside.host.call(&installation, call).await;
    }
    match result {
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

fn ground(db: &Db, client: Option<ClientId>, plugin: &str) -> Result<Option<Ground>, StoreError> {
    let Some(client) = client.map(|client| store::client::get(db, client)).transpose()?.flatten() else {
        return Ok(None);
    };
    let Some(installation) = store::plugin::of_client(db, client.id, plugin)? else { return Ok(None) };
    let version = client.pack_version.map(|version| store::pack::get(db, version)).transpose()?.flatten();
    let pack = version.and_then(|version| Pack::parse(&version.settings).ok());
    let time_zone = pack.map_or_else(|| DEFAULT_TIME_ZONE.to_owned(), |pack| pack.calendar.time_zone);
    Ok(Some(Ground { installation, client: client.key, time_zone }))
}

/// The installation as the host takes it, with its secrets opened.
fn open_installation(shared: &Shared, ground: &Ground) -> Result<plugin_host::Installation, Failure> {
    let stored = &ground.installation;
    let never = |message: String| Failure::Never { message };
    let mut secrets = BTreeMap::new();
    for (name, sealed) in &stored.secrets {
        let place = secret_place(stored.client, &stored.plugin, name);
        let value = shared.outside.keys.open_sealed(&place, sealed);
        let value = value.map_err(|error| never(format!("the plugin's secret `{name}`: {error}")))?;
        secrets.insert(name.clone(), value);
    }
    let grant: Grant = serde_json::from_value(stored.grants.clone())
        .map_err(|error| never(format!("what the plugin was granted cannot be read: {error}")))?;
    Ok(plugin_host::Installation {
        id: stored.id,
        client: ground.client.clone(),
        package: PackageHash::try_from(stored.package_sha256.clone()).map_err(never)?,
        configuration: stored.configuration.clone(),
        secrets,
        grant,
    })
}

/// For what a secret is sealed: one client's secret of one plugin opens for nothing else.
#[must_use]
pub fn secret_place(client: ClientId, plugin: &Key, name: &str) -> String {
    format!("{client}/{plugin}/{name}")
}

async fn reinstall(shared: &Shared, package: &PackageHash) -> bool {
    let Ok(wasm) = tokio::fs::read(shared.outside.files.path(package.as_str())).await else { return false };
    match shared.outside.host.install(&wasm).await {
        Ok(installed) => installed.hash == *package,
        Err(error) => {
            tracing::error!(%package, %error, "a stored plugin package cannot be installed again");
            false
        }
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
