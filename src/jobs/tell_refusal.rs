//! `tell_refusal`: a plugin is told which of its items the desk did not take. The item is parked and shown to people
//! whatever comes of this.

use serde::Deserialize;
use serde_json::json;

use super::enter_plugin::{Asked, Failure, enter, ground_of};
use super::poll_plugin::ended;
use super::runner::{Outcome, Shared};
use super::take_items::{Brought, take};
use super::tell_event::EVENT_TOLD_WITHIN;
use crate::domain::{InstallationId, ParkedItemId};
use crate::plugin_host::Entry;
use crate::store;
use crate::store::job::Job;

/// Attempts after which the plugin is not told any more.
pub const TOLD_ATTEMPTS_MAX: i64 = 3;

#[derive(Debug, Deserialize)]
struct Body {
    installation: InstallationId,
    item: ParkedItemId,
}

pub(super) async fn attempt(shared: &Shared, job: &Job) -> Outcome {
    let Ok(body) = serde_json::from_value::<Body>(job.body.clone()) else {
        return Outcome::Dropped { why: "the job cannot be read".to_owned() };
    };
    let ground = match ground_of(shared, body.installation).await {
        Ok(ground) => ground,
        // Whoever switched it off and left it so does not wait for what happened then.
        Err(Outcome::Postponed { why, .. }) if shared.desk.now() - job.created_at > EVENT_TOLD_WITHIN => {
            return Outcome::Dropped { why };
        }
        Err(outcome) => return outcome,
    };
    let parked = match shared.read(move |db| store::plugin_item::get(db, body.item)).await {
        Ok(Some(parked)) => parked,
        Ok(None) => return Outcome::Dropped { why: "the item is not kept any more".to_owned() },
        Err(error) => return Outcome::Retry { error: error.to_string(), not_before: None },
    };
    let entry = Entry::Refused { item: parked.item, refusal: json!(parked.refusal) };
    let asked = Asked { name: Some(parked.refusal.code), ..Asked::of_job(job, entry) };
    match enter(shared, &ground, asked).await {
        Ok(entered) => {
            let brought =
                Brought { job: Some(job.id), kv: entered.kv, files: entered.files, ..Brought::default() };
            ended(take(shared, &ground, brought).await)
        }
        Err(Failure::Later { .. }) if job.attempts >= TOLD_ATTEMPTS_MAX => {
            Outcome::Dropped { why: format!("the plugin could not be told in {TOLD_ATTEMPTS_MAX} attempts") }
        }
        Err(Failure::Never { message }) => Outcome::Dropped { why: message },
        Err(failure) => failure.into(),
    }
}
