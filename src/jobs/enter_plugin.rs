//! How every job and request enters a plugin: with what the installation may do now, through its breaker, with a line
//! in the log of calls.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::breaker::Admission;
use super::call_log;
use super::installed::{Ground, reinstall};
use super::keeper::StoreKeeper;
use super::runner::{Outcome, Shared};
use crate::domain::plugin::Abilities;
use crate::domain::{AttachmentId, InstallationId, JobId, Moment, Span, TicketId};
use crate::plugin_host::{CallFailure, Entered, Entry, FailureReason, Keeper, Terms};
use crate::store;

/// From the start of an attempt, waiting for a turn included; well below the lease.
const ATTEMPT_SECONDS_MAX: u64 = 60;
/// What waits for an installation to be switched on again looks round so often.
const OFF_LOOK_EVERY: Span = Span::minutes(15);

/// One entrance.
pub(super) struct Asked {
    pub entry: Entry,
    /// The function, the kind of the event, the path.
    pub name: Option<String>,
    pub job: Option<JobId>,
    pub ticket: Option<TicketId>,
    pub attempt: i64,
    pub idempotency_key: String,
    /// Attachments that the document names, by their handles.
    pub files: BTreeMap<String, AttachmentId>,
    /// The longest that it may take, waiting included.
    pub time_max: Duration,
}

impl Asked {
    pub fn of_job(job: &store::job::Job, entry: Entry) -> Self {
        Self {
            entry,
            name: None,
            job: Some(job.id),
            ticket: job.ticket,
            attempt: job.attempts,
            idempotency_key: job.id.to_string(),
            files: BTreeMap::new(),
            time_max: Duration::from_secs(ATTEMPT_SECONDS_MAX),
        }
    }
}

/// Why nothing came out.
#[derive(Debug)]
pub(super) enum Failure {
    /// The same call may succeed later.
    Later { error: String, not_before: Option<Duration> },
    /// It will fail again.
    Never { message: String },
    /// It was not tried.
    Wait { at: Moment, why: String },
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Outcome {
        match failure {
            Failure::Later { error, not_before } => Outcome::Retry { error, not_before },
            Failure::Never { message } => Outcome::Dead { error: message },
            Failure::Wait { at, why } => Outcome::Postponed { at, why },
        }
    }
}

/// The installation that a job is for, when it is there and switched on; else how the job ends.
pub(super) async fn ground_of(shared: &Shared, id: InstallationId) -> Result<Ground, Outcome> {
    match shared.read(move |db| Ground::of_id(db, id)).await {
        Ok(Some(ground)) if ground.installation.is_enabled => Ok(ground),
        Ok(Some(ground)) => {
            let why = format!("the plugin `{}` is switched off", ground.installation.plugin);
            Err(Outcome::Postponed { at: shared.desk.now() + OFF_LOOK_EVERY, why })
        }
        Ok(None) => Err(Outcome::Dropped { why: "the plugin is not installed any more".to_owned() }),
        Err(error) => Err(Outcome::Retry { error: error.to_string(), not_before: None }),
    }
}

/// Enters the plugin once. What it meets counts for its breaker and stands in the log of calls.
pub(super) async fn enter(shared: &Shared, ground: &Ground, asked: Asked) -> Result<Entered, Failure> {
    let id = ground.installation.id;
    if let Admission::Wait(at) = shared.breakers.admit(id, shared.desk.now()) {
        let why = format!("the plugin `{}` failed too often in a row", ground.installation.plugin);
        return Err(Failure::Wait { at, why });
    }
    let installation = ground.open(&shared.outside.keys).map_err(|message| Failure::Never { message })?;
    let started_at = shared.desk.now();
    let terms = Terms {
        attempt: u32::try_from(asked.attempt).unwrap_or(u32::MAX),
        deadline: Instant::now() + asked.time_max,
        idempotency_key: asked.idempotency_key.clone(),
        time_zone: ground.time_zone.clone(),
        now: started_at,
    };
    let keeper: Arc<dyn Keeper> = Arc::new(StoreKeeper {
        readers: shared.desk.readers().clone(),
        files: shared.outside.files.clone(),
        installation: id,
        handles: asked.files.clone(),
    });
    let host = &shared.outside.host;
    let mut result = host.enter(&installation, asked.entry.clone(), terms.clone(), &keeper).await;
    // The host's folder may be emptied at any time; the package itself lies with the files.
    if result.as_ref().is_err_and(|failure| matches!(failure.reason, FailureReason::NotInstalled { .. }))
        && reinstall(&shared.outside, &installation.package).await
    {
        result = host.enter(&installation, asked.entry.clone(), terms, &keeper).await;
    }
    note(shared, ground, &result).await;
    call_log::write(shared, ground, &asked, started_at, &result).await;
    result.map_err(|failure| sorted(&failure))
}

/// Tells the breaker; when it closes, what waited for it goes at once.
async fn note(shared: &Shared, ground: &Ground, result: &Result<Entered, CallFailure>) {
    let (id, plugin) = (ground.installation.id, &ground.installation.plugin);
    match result {
        Err(failure) if speaks_against(failure) => {
            if let Some(until) = shared.breakers.failed(id, shared.desk.now()) {
                tracing::warn!(installation = id.0, %plugin, %until, "a plugin fails again and again; it is left alone");
            }
        }
        _ if shared.breakers.succeeded(id) => {
            let go_on = move |tx: &store::Tx| Ok(store::job::run_lanes_now(tx, &format!("event/{id}/"))?);
            if let Err(error) = shared.desk.aside(go_on).await {
                tracing::error!(%error, "what waited for a plugin waits until its time");
            }
            shared.wake.notify_one();
        }
        _ => {}
    }
}

/// Whether the failure speaks against the plugin or the other side, not against what it was asked.
fn speaks_against(failure: &CallFailure) -> bool {
    failure.retryable()
        || matches!(
            failure.reason,
            FailureReason::Trapped { .. }
                | FailureReason::OutOfMemory { .. }
                | FailureReason::TooOften { .. }
        )
}

fn sorted(failure: &CallFailure) -> Failure {
    let said = format!("{failure} ({})", failure.code());
    if failure.retryable() {
        Failure::Later { error: said, not_before: failure.retry_after() }
    } else {
        Failure::Never { message: said }
    }
}

/// What the installation may do within the operator's ceiling.
pub(super) async fn within_ceiling(shared: &Shared, ground: &Ground) -> Abilities {
    let host = &shared.outside.host;
    let Ok(installation) = ground.open(&shared.outside.keys) else { return Abilities::default() };
    // A package that has to be installed again is judged by its row until it is.
    let Some(package) = host.package(&installation.package).await else { return ground.abilities.clone() };
    let grant = host.effective(&package.manifest, &installation);
    match serde_json::to_value(&grant) {
        Ok(grant) => Abilities::of(&package.manifest.document, &grant),
        Err(_) => Abilities::default(),
    }
}
