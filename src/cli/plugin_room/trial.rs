//! A call for a test: the plugin runs as it would for a ticket, and everything that was seen of it is shown.

use std::time::{Duration, Instant};

use super::{PluginRoom, no_installation, store_word};
use crate::commands::DeskError;
use crate::domain::{InstallationId, Refusal};
use crate::http::plugin_desk::{Trial, TrialFailure, TrialLog, TrialRequest, TrialResult};
use crate::jobs::installed::{self, Ground};
use crate::plugin_host::{Call, Transcript};
use crate::secrets::random_word;
use crate::store;

/// From the start, waiting for a turn included.
const TRIAL_TIME_MAX: Duration = Duration::from_secs(30);
/// Of the word that makes a trial's idempotency key its own.
const WORD_BYTES: usize = 12;

impl PluginRoom {
    pub(super) async fn trial(&self, id: InstallationId, trial: Trial) -> Result<TrialResult, DeskError> {
        let own = self.standing(id).await?;
        if !own.is_enabled {
            return Err(Refusal::invalid("installation", "is switched off: nothing of it runs").into());
        }
        let is_held = |db: &store::Db| store::setting::get(db, store::setting::OUTBOX_HELD);
        if self.read(is_held).await?.is_some() {
            let message =
                "nothing goes out of a restored desk before a person lets it: release the outbox first";
            return Err(Refusal::invalid("installation", message).into());
        }
        let ground = self.read(move |db| Ground::of(db, own)).await?.ok_or_else(|| no_installation(id))?;
        let cannot = |message: String| Refusal::Invalid { field: "installation".to_owned(), message };
        let installation = ground.open(&self.outside.keys).map_err(cannot)?;
        let word = random_word(WORD_BYTES).map_err(|error| cannot(error.to_string()))?;
        let call = Call {
            function: trial.function,
            input: trial.input,
            attempt: 1,
            deadline: Instant::now() + TRIAL_TIME_MAX,
            idempotency_key: format!("trial-{word}"),
            time_zone: ground.time_zone.clone(),
        };
        Ok(match installed::call(&self.outside, &installation, call).await {
            Ok(answer) => TrialResult { answer: Some(answer.value), ..tried(answer.transcript) },
            Err(failure) => {
                let (code, message) = (failure.code().to_owned(), failure.to_string());
                let said = TrialFailure { code, message, is_retryable: failure.retryable() };
                TrialResult { failure: Some(said), ..tried(failure.transcript) }
            }
        })
    }
}

fn tried(seen: Transcript) -> TrialResult {
    let requests = seen.requests.into_iter().map(|request| TrialRequest {
        method: request.method,
        url: request.url,
        authentication: request.authentication,
        outcome: request.outcome,
        request_bytes: request.request_bytes as u64,
        response_bytes: request.response_bytes as u64,
        ms: whole(request.duration.as_millis()),
    });
    let log = seen.log.into_iter();
    TrialResult {
        answer: None,
        failure: None,
        log: log.map(|line| TrialLog { level: store_word(&line.level), message: line.message }).collect(),
        log_is_cut: seen.log_is_cut,
        requests: requests.collect(),
        guest_us: whole(seen.guest_time.as_micros()),
        wall_us: whole(seen.wall_time.as_micros()),
        memory_peak_bytes: seen.memory_peak_bytes,
    }
}

fn whole(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
