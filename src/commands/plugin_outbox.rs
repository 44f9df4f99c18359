//! What goes out to plugins: an event that an installation was granted becomes a job in its own lane, in the
//! transaction of the event; and each installation that may be polled has one job that polls it.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::json;

use super::done::{DeskError, Done, Mode};
use super::plugin_items::{abilities, poll_every};
use super::work::Work;
use crate::domain::command::{SetHookToken, SetPollInterval};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::plugin::{Abilities, POLL_EVERY_MAX, POLL_EVERY_MIN};
use crate::domain::{ClientId, InstallationId, Refusal};
use crate::store::event::Recorded;
use crate::store::job::{Job, JobState, event_lane, poll_lane};
use crate::store::plugin::Installation;
use crate::store::{self, StoreError, Tx};

/// The kind of the job that tells a plugin of an event.
pub const TELL_EVENT: &str = "tell_event";
/// The kind of the job that asks a plugin what is new.
pub const POLL_PLUGIN: &str = "poll_plugin";

/// Which installations of each client want to be told of events; read when first asked for.
#[derive(Debug, Default)]
pub(super) struct Outbox(HashMap<ClientId, Rc<[Wanting]>>);

/// An installation that wants some events. One that is switched off is told afterwards.
#[derive(Debug)]
pub(super) struct Wanting {
    installation: InstallationId,
    abilities: Abilities,
}

impl Outbox {
    pub fn forget(&mut self) {
        self.0.clear();
    }

    fn of(&mut self, tx: &Tx, client: ClientId) -> Result<Rc<[Wanting]>, StoreError> {
        if let Some(known) = self.0.get(&client) {
            return Ok(Rc::clone(known));
        }
        let mut found = Vec::new();
        for installation in store::plugin::all_of_client(tx, client)? {
            let abilities = abilities(tx, &installation)?;
            if !abilities.events.is_empty() {
                found.push(Wanting { installation: installation.id, abilities });
            }
        }
        let found: Rc<[Wanting]> = found.into();
        self.0.insert(client, Rc::clone(&found));
        Ok(found)
    }
}

/// Has every installation told that wants the event and did not make it.
pub(super) fn tell(work: &mut Work<'_>, recorded: &Recorded) -> Result<(), DeskError> {
    // Nobody outside is told what an import or a rehearsal without traces plays.
    if work.mode == Mode::Muted || !work.programs.is_traced {
        return Ok(());
    }
    let wanting = work.programs.outbox.of(&work.tx, recorded.client)?;
    for one in wanting.iter() {
        let is_own = matches!(recorded.actor, Actor::Plugin { installation, .. }
            if installation == one.installation);
        if is_own || !one.abilities.wants(&recorded.event) {
            continue;
        }
        let body = json!({
            "installation": one.installation, "event": recorded.id, "event_kind": recorded.event.name(),
        });
        let fresh = super::job::fresh(&work.tx, TELL_EVENT, body);
        let (client, ticket) = (Some(recorded.client), Some(recorded.ticket));
        let lane = Some(event_lane(one.installation, recorded.ticket));
        super::job::queue(&work.tx, Job { client, ticket, lane, ..fresh })?;
    }
    Ok(())
}

/// After installations of the client changed: the jobs that poll them are there, or are not.
pub(super) fn follow_installations(work: &mut Work<'_>, client: ClientId) -> Result<(), DeskError> {
    work.programs.outbox.forget();
    for installation in store::plugin::all_of_client(&work.tx, client)? {
        let abilities = abilities(&work.tx, &installation)?;
        follow_poll(work, &installation, abilities.poll_every.is_some())?;
        if installation.is_enabled {
            // What waited for it to be switched on again need not wait for its time.
            store::job::run_lanes_now(&work.tx, &format!("event/{}/", installation.id))?;
        }
    }
    Ok(())
}

fn follow_poll(
    work: &mut Work<'_>,
    installation: &Installation,
    may_be_polled: bool,
) -> Result<(), DeskError> {
    let lane = poll_lane(installation.id);
    let open = store::job::open_of_lane(&work.tx, &lane)?;
    match (open, installation.is_enabled && may_be_polled) {
        (None, true) => {
            let body = json!({ "installation": installation.id });
            let fresh = super::job::fresh(&work.tx, POLL_PLUGIN, body);
            super::job::queue(
                &work.tx,
                Job { client: Some(installation.client), lane: Some(lane), ..fresh },
            )?;
            work.note_change(Some(installation.client), "job");
        }
        // One that is under way ends by itself.
        (Some(mut job), false) if job.state != JobState::Leased => {
            (job.state, job.finished_at) = (JobState::Dropped, Some(work.tx.now()));
            store::job::set_state(&work.tx, &job)?;
            work.note_change(job.client, "job");
        }
        _ => {}
    }
    Ok(())
}

/// The installation, when the actor administers its client.
fn administered(work: &mut Work<'_>, id: InstallationId) -> Result<Installation, DeskError> {
    let found = store::plugin::get(&work.tx, id)?;
    let unknown = || DeskError::from(Refusal::not_found("plugin installation", id));
    let installation = found.ok_or_else(unknown)?;
    work.require_for(Step::Administer, Some(installation.client)).map_err(|error| match error {
        DeskError::Refused(_) => unknown(),
        other => other,
    })?;
    Ok(installation)
}

/// `SetPollInterval`: the next poll is no later than the new interval says.
pub(super) fn set_interval(work: &mut Work<'_>, given: SetPollInterval) -> Result<Done, DeskError> {
    let installation = administered(work, given.installation)?;
    if let Some(every) = given.every
        && !(POLL_EVERY_MIN..=POLL_EVERY_MAX).contains(&every)
    {
        return Err(Refusal::invalid("every", "must be from 10 seconds to a day, in milliseconds").into());
    }
    let mut cursor = store::plugin_state::cursor(&work.tx, installation.id)?;
    cursor.every = given.every;
    store::plugin_state::put_cursor(&work.tx, installation.id, &cursor)?;
    let every = poll_every(&work.tx, installation.id, &cursor)?;
    if let Some(mut job) = store::job::open_of_lane(&work.tx, &poll_lane(installation.id))?
        && job.state == JobState::Waiting
        && cursor.failures == 0
    {
        job.run_at = cursor.polled_at.map_or(job.run_at, |at| (at + every).max(work.tx.now()));
        store::job::set_state(&work.tx, &job)?;
        work.note_change(job.client, "job");
    }
    Ok(Done { id: Some(installation.id.to_string()), ..Done::default() })
}

/// `SetHookToken`: the token before it is worth nothing any more.
pub(super) fn set_hook_token(work: &mut Work<'_>, given: &SetHookToken) -> Result<Done, DeskError> {
    let installation = administered(work, given.installation)?;
    store::plugin_hook::put(&work.tx, installation.id, &given.token_sha256)?;
    Ok(Done { id: Some(installation.id.to_string()), ..Done::default() })
}
