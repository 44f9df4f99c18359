//! `tell_event`: an installation is told of an event, those of one ticket in their order; what it answers is taken
//! together with the job's end.

use serde::Deserialize;

use super::enter_plugin::{Asked, enter, ground_of, within_ceiling};
use super::installed::Ground;
use super::poll_plugin::ended;
use super::runner::{Outcome, Shared};
use super::take_items::{Brought, take};
use crate::domain::plugin::read_items;
use crate::domain::{EventId, InstallationId, Span};
use crate::plugin_host::{Entry, EntryAnswer};
use crate::store::StoreError;
use crate::store::job::Job;
use crate::views::plugin_document::{Reader, Written, event_document};

/// An event that could not be told for so long is given up; a person may replay it.
pub const EVENT_TOLD_WITHIN: Span = Span::days(7);

#[derive(Debug, Deserialize)]
struct Body {
    installation: InstallationId,
    event: EventId,
}

pub(super) async fn attempt(shared: &Shared, job: &Job) -> Outcome {
    let (body, ticket) = match (serde_json::from_value::<Body>(job.body.clone()), job.ticket) {
        (Ok(body), Some(ticket)) => (body, ticket),
        _ => return Outcome::Dropped { why: "the job cannot be read".to_owned() },
    };
    let ground = match ground_of(shared, body.installation).await {
        Ok(ground) => ground,
        // Whoever switched it off and left it so does not wait for what happened then.
        Err(Outcome::Postponed { why, .. }) if shared.desk.now() - job.created_at > EVENT_TOLD_WITHIN => {
            return Outcome::Dropped { why };
        }
        Err(outcome) => return outcome,
    };
    let written = match document(shared, &ground, job, body.event).await {
        Ok(Some(written)) => written,
        Ok(None) => {
            return Outcome::Dropped { why: "the plugin may not be told of this event any more".to_owned() };
        }
        Err(error) => return Outcome::Retry { error: error.to_string(), not_before: None },
    };
    let name = written.document["kind"].as_str().map(str::to_owned);
    let Written { document, files } = written;
    let asked = Asked { name, files, ..Asked::of_job(job, Entry::Event(document)) };
    let entered = match enter(shared, &ground, asked).await {
        Ok(entered) => entered,
        Err(failure) => return failure.into(),
    };
    let EntryAnswer::Items(document) = entered.answer else {
        return Outcome::Dead { error: "the plugin answered something else to an event".to_owned() };
    };
    let items = match read_items(document) {
        Ok(items) => items,
        Err(error) => {
            return Outcome::Dead { error: format!("what the plugin answered to an event: {error}") };
        }
    };
    let brought = Brought {
        job: Some(job.id),
        ticket: Some(ticket),
        items,
        kv: entered.kv,
        files: entered.files,
        ..Brought::default()
    };
    ended(take(shared, &ground, brought).await)
}

/// What the installation is told, with only what it may read now.
async fn document(
    shared: &Shared,
    ground: &Ground,
    job: &Job,
    event: EventId,
) -> Result<Option<Written>, StoreError> {
    let abilities = within_ceiling(shared, ground).await;
    let base_url = shared.settings.base_url.clone();
    let reader = Reader { installation: ground.installation.id, abilities, base_url };
    let Some(ticket) = job.ticket else { return Ok(None) };
    let written = shared.read(move |db| {
        let written = event_document(db, &reader, ticket, event)?;
        let is_granted = |written: &Written| {
            let kind = serde_json::from_value(written.document["kind"].clone());
            kind.is_ok_and(|kind| reader.abilities.events.contains(&kind))
        };
        Ok(written.filter(is_granted))
    });
    written.await
}
