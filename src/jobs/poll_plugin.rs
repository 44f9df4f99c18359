//! `poll_plugin`: an installation is asked what is new. One job for each, over and over; while the desk was down
//! nothing piles up.

use serde::Deserialize;

use super::enter_plugin::{Asked, enter, ground_of};
use super::runner::{Outcome, Shared};
use super::take_items::{Brought, take};
use crate::commands::DeskError;
use crate::domain::command::PollEnd;
use crate::domain::plugin::read_poll;
use crate::domain::{InstallationId, Refusal};
use crate::plugin_host::{Entry, EntryAnswer};
use crate::store;
use crate::store::job::Job;

#[derive(Debug, Deserialize)]
struct Body {
    installation: InstallationId,
}

pub(super) async fn attempt(shared: &Shared, job: &Job) -> Outcome {
    let Ok(body) = serde_json::from_value::<Body>(job.body.clone()) else {
        return Outcome::Dropped { why: "the job cannot be read".to_owned() };
    };
    let outcome = poll(shared, job, body.installation).await;
    match &outcome {
        Outcome::Retry { error, .. } | Outcome::Dead { error } => {
            note_failure(shared, body.installation, error.clone()).await;
        }
        _ => {}
    }
    match outcome {
        // The other side is asked again whatever went wrong: nobody replays a poll.
        Outcome::Dead { error } => Outcome::Retry { error, not_before: None },
        outcome => outcome,
    }
}

async fn poll(shared: &Shared, job: &Job, installation: InstallationId) -> Outcome {
    let ground = match ground_of(shared, installation).await {
        Ok(ground) => ground,
        Err(outcome) => return outcome,
    };
    if ground.abilities.poll_every.is_none() {
        return Outcome::Dropped { why: "the plugin may not be polled any more".to_owned() };
    }
    let cursor = match shared.read(move |db| store::plugin_state::cursor(db, installation)).await {
        Ok(cursor) => cursor,
        Err(error) => return Outcome::Retry { error: error.to_string(), not_before: None },
    };
    let from = cursor.cursor;
    let mut asked = Asked::of_job(job, Entry::Poll { cursor: from.clone() });
    // The same for every attempt until one is answered.
    asked.idempotency_key = format!("{}-{}", job.id, cursor.polled_at.map_or(0, |at| at.ms()));
    let entered = match enter(shared, &ground, asked).await {
        Ok(entered) => entered,
        Err(failure) => return failure.into(),
    };
    let EntryAnswer::Poll(document) = entered.answer else {
        return Outcome::Dead { error: "the plugin answered something else to a poll".to_owned() };
    };
    let polled = match read_poll(document) {
        Ok(polled) => polled,
        Err(error) => return Outcome::Dead { error: format!("what the plugin answered to a poll: {error}") },
    };
    let brought = Brought {
        job: Some(job.id),
        items: polled.items,
        kv: entered.kv,
        files: entered.files,
        poll: Some(PollEnd { from, to: polled.cursor, more: polled.more }),
        ..Brought::default()
    };
    ended(take(shared, &ground, brought).await)
}

/// How an attempt ended whose items were handed in.
pub(super) fn ended(taken: Result<crate::commands::Done, DeskError>) -> Outcome {
    match taken {
        Ok(_) => Outcome::Ended,
        Err(DeskError::Refused(refusal @ Refusal::PluginIsOff { .. })) => {
            Outcome::Dropped { why: refusal.to_string() }
        }
        Err(DeskError::Refused(refusal)) => {
            Outcome::Dead { error: format!("what the plugin brought was refused: {refusal}") }
        }
        Err(error) => Outcome::Lost { error },
    }
}

async fn note_failure(shared: &Shared, installation: InstallationId, error: String) {
    let write = move |tx: &store::Tx| {
        let mut cursor = store::plugin_state::cursor(tx, installation)?;
        cursor.failures += 1;
        cursor.last_error = Some(error);
        Ok(store::plugin_state::put_cursor(tx, installation, &cursor)?)
    };
    if let Err(error) = shared.desk.aside(write).await {
        tracing::error!(%error, "that a poll failed could not be written down");
    }
}
