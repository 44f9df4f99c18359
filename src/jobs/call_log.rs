//! The log of plugin calls: a row for each, beside the commands that it led to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::enter_plugin::Asked;
use super::installed::Ground;
use super::runner::Shared;
use crate::domain::{Key, Moment};
use crate::plugin_host::{CallFailure, Entered, Entry, Transcript};
use crate::store;
use crate::store::plugin_call::{ANSWERED, PluginCall};

/// Bytes of log lines that are kept of one call; the rest is said to be cut.
const LOG_BYTES_MAX: usize = 64 * 1024;
/// Requests that are kept of one call.
const REQUESTS_MAX: usize = 32;

/// Writes the row; that it cannot be written stops nothing.
pub(super) async fn write(
    shared: &Shared,
    ground: &Ground,
    asked: &Asked,
    started_at: Moment,
    result: &Result<Entered, CallFailure>,
) {
    let (transcript, failure) = match result {
        Ok(entered) => (&entered.transcript, None),
        Err(failure) => (&failure.transcript, Some(failure)),
    };
    let entry = entry_of(&asked.entry);
    let outcome = failure.map_or(ANSWERED, |failure| failure.code()).to_owned();
    tracing::info!(
        installation = ground.installation.id.0, plugin = %ground.installation.plugin, entry, name = asked.name,
        job = asked.job.map(|job| job.0), how = outcome, wall_ms = transcript.wall_time.as_millis() as u64,
        guest_ms = transcript.guest_time.as_millis() as u64, requests = transcript.requests.len(), "plugin entered"
    );
    let whole = |number: u128| i64::try_from(number).unwrap_or(i64::MAX);
    let mut row = PluginCall {
        id: 0.into(),
        installation: ground.installation.id,
        client: ground.installation.client,
        entry: Key::new(entry).expect("a key"),
        name: asked.name.clone(),
        job: asked.job,
        ticket: asked.ticket,
        attempt: asked.attempt,
        started_at,
        outcome,
        message: failure.map(ToString::to_string),
        is_retryable: failure.is_some_and(CallFailure::retryable),
        guest_us: whole(transcript.guest_time.as_micros()),
        wall_ms: whole(transcript.wall_time.as_millis()),
        memory_bytes: i64::try_from(transcript.memory_peak_bytes).unwrap_or(i64::MAX),
        log: log_of(transcript),
        requests: requests_of(transcript),
        input: failure.map(|_| input_of(&asked.entry)),
    };
    let insert = move |tx: &store::Tx| {
        row.id = tx.id();
        Ok(store::plugin_call::insert(tx, &row)?)
    };
    if let Err(error) = shared.desk.aside(insert).await {
        tracing::error!(%error, "a plugin call could not be written into its log");
    }
}

fn entry_of(entry: &Entry) -> &'static str {
    match entry {
        Entry::Function { .. } => "function",
        Entry::Event(_) => "event",
        Entry::Poll { .. } => "poll",
        Entry::Webhook(_) => "webhook",
        Entry::Check => "check",
        Entry::Refused { .. } => "refused",
    }
}

/// A longer body of a request from outside is not kept, only its length.
const BODY_KEPT_BYTES_MAX: usize = 64 << 10;
/// Headers of a request from outside whose values are kept; others may hold what proves who sent it.
const HEADERS_KEPT: [&str; 3] = ["content-length", "content-type", "user-agent"];

fn headers_of(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    let kept = headers.iter().map(|(name, value)| {
        let is_kept = HEADERS_KEPT.contains(&name.as_str());
        (name.as_str(), if is_kept { value.as_str() } else { "…" })
    });
    kept.collect()
}

/// The names of a query without their values.
fn query_of(query: &str) -> String {
    let names = query.split('&').map(|part| part.split('=').next().unwrap_or_default());
    names.collect::<Vec<_>>().join("&")
}

/// What the plugin was given.
fn input_of(entry: &Entry) -> Value {
    match entry {
        Entry::Function { input, .. } => input.clone(),
        Entry::Event(document) => document.clone(),
        Entry::Poll { cursor } => json!({ "cursor": cursor }),
        Entry::Webhook(request) => json!({
            "path": request.path, "method": request.method, "query": query_of(&request.query),
            "headers": headers_of(&request.headers),
            "body_bytes": request.body.len(),
            "body": (request.body.len() <= BODY_KEPT_BYTES_MAX).then(|| STANDARD.encode(&request.body)),
        }),
        Entry::Check => Value::Null,
        Entry::Refused { item, refusal } => json!({ "item": item, "refusal": refusal }),
    }
}

fn log_of(transcript: &Transcript) -> Value {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    let mut is_cut = transcript.log_is_cut;
    for line in &transcript.log {
        bytes += line.message.len();
        if bytes > LOG_BYTES_MAX {
            is_cut = true;
            break;
        }
        let level = format!("{:?}", line.level).to_lowercase();
        lines.push(json!({ "level": level, "message": line.message }));
    }
    if is_cut {
        lines.push(json!({ "level": "warn", "message": "… more lines were written; they are not kept" }));
    }
    Value::Array(lines)
}

fn requests_of(transcript: &Transcript) -> Value {
    let requests = transcript.requests.iter().take(REQUESTS_MAX);
    let lines = requests.map(|one| {
        json!({
            "method": one.method, "url": one.url, "authentication": one.authentication, "outcome": one.outcome,
            "request_bytes": one.request_bytes, "response_bytes": one.response_bytes,
            "duration_ms": u64::try_from(one.duration.as_millis()).unwrap_or(u64::MAX),
        })
    });
    Value::Array(lines.collect())
}
