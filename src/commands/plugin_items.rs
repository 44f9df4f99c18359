//! `TakeItems`: what one answer of a plugin brings, with its cursor and its kept values, in one transaction. Each
//! item is taken or refused on its own; a refused one is parked and shown, and those after it go on.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::done::{DeskError, Done, Taken};
use super::plugin_item;
use super::work::Work;
use crate::domain::command::{Command, DiscardItem, JobEnd, KvWrite, PollEnd, ReplayItem, TakeItems};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::plugin::{Abilities, ItemRefusal, PluginItem, RefusalDocument};
use crate::domain::{AttachmentId, InstallationId, Moment, ParkedItemId, Refusal, Span, TicketId};
use crate::store::job::{Job, JobState};
use crate::store::plugin::Installation;
use crate::store::plugin_item::{ParkedItem, ParkedState};
use crate::store::plugin_state::Cursor;
use crate::store::{self, Db, StoreError};

/// The kind of the job that tells a plugin of a refused item.
pub const TELL_REFUSAL: &str = "tell_refusal";
/// Items of one installation that may wait for a person; with more, nothing is taken any more.
pub const PARKED_MAX: i64 = 5_000;
/// Longest key that an installation keeps something under, in bytes.
const KV_KEY_BYTES_MAX: usize = 256;
/// Largest value that is kept, in bytes.
const KV_VALUE_BYTES_MAX: usize = 64 * 1024;

/// An installation with what it may do.
pub(super) struct Ground {
    pub installation: Installation,
    pub abilities: Abilities,
}

/// What all items of one answer share.
pub(super) struct Answer<'a> {
    pub ground: &'a Ground,
    /// The ticket of the event that was answered.
    pub ticket: Option<TicketId>,
    pub files: &'a BTreeMap<String, AttachmentId>,
}

impl Ground {
    pub fn of(db: &Db, id: InstallationId) -> Result<Option<Ground>, StoreError> {
        if !store::plugin::stands(db, id)? {
            return Ok(None);
        }
        let Some(installation) = store::plugin::get(db, id)? else { return Ok(None) };
        let abilities = abilities(db, &installation)?;
        Ok(Some(Ground { installation, abilities }))
    }

    pub fn actor(&self) -> Actor {
        Actor::Plugin { installation: self.installation.id, client: self.installation.client }
    }
}

/// What an installation may do on the desk, as its package declares and as it was granted.
pub fn abilities(db: &Db, installation: &Installation) -> Result<Abilities, StoreError> {
    let package = store::plugin::package(db, &installation.package_sha256)?;
    Ok(package.map(|package| Abilities::of(&package.manifest, &installation.grants)).unwrap_or_default())
}

pub(super) fn take(work: &mut Work<'_>, take: TakeItems) -> Result<Done, DeskError> {
    let id = take.installation;
    let ground = Ground::of(&work.tx, id)?;
    let mut ground = ground.ok_or_else(|| Refusal::not_found("plugin installation", id))?;
    if let Some(ceiling) = &take.ceiling {
        ground.abilities.commands.retain(|command| ceiling.contains(command));
    }
    if work.cause.actor != ground.actor() {
        return Err(Refusal::forbidden("bring in what another plugin found").into());
    }
    if !ground.installation.is_enabled {
        return Err(Refusal::PluginIsOff { plugin: ground.installation.plugin }.into());
    }
    if !is_still_ours(work, &take)? {
        return Ok(Done { is_repeat: true, ..Done::default() });
    }
    keep_values(work, &ground, &take.kv)?;
    if let Some(answered) = take.answered {
        plugin_item::carry_out(work, Command::PluginAnswered(answered))?;
    }
    let answer = Answer { ground: &ground, ticket: take.ticket, files: &take.files };
    let mut taken = Taken::default();
    for given in take.items {
        match take_one(work, &answer, &given)? {
            Fate::Taken => taken.taken += 1,
            Fate::Skipped => taken.skipped += 1,
            Fate::Parked(item) => taken.parked.push(item),
        }
    }
    work.note_change(Some(ground.installation.client), "plugin_items");
    Ok(Done { taken, ..Done::default() })
}

/// Ends the attempt that brought it, and moves the cursor on. `false`: somebody else has the job by now, or another
/// cursor stands; then nothing of the answer is taken.
fn is_still_ours(work: &mut Work<'_>, take: &TakeItems) -> Result<bool, DeskError> {
    let Some(poll) = &take.poll else {
        return match (take.job, take.answered.as_ref().and_then(|answered| answered.job)) {
            (Some(job), _) => super::job::end(work, job, &JobEnd::Done),
            // The answer itself ends that one.
            (None, Some(job)) => {
                Ok(store::job::get(&work.tx, job)?.is_some_and(|job| job.state == JobState::Leased))
            }
            (None, None) => Ok(true),
        };
    };
    let before = store::plugin_state::cursor(&work.tx, take.installation)?;
    if before.cursor != poll.from {
        return Ok(false);
    }
    let every = poll_every(&work.tx, take.installation, &before)?;
    let at = next_poll(work.tx.now(), every, poll);
    if let Some(job) = take.job
        && !super::job::again(work, job, at)?
    {
        return Ok(false);
    }
    let cursor = Cursor {
        cursor: poll.to.clone().or(before.cursor),
        every: before.every,
        polled_at: Some(work.tx.now()),
        failures: 0,
        last_error: None,
    };
    store::plugin_state::put_cursor(&work.tx, take.installation, &cursor)?;
    Ok(true)
}

/// A page that is promised is asked for at once, unless the cursor stands still: then it would be the same page.
fn next_poll(now: Moment, every: Span, poll: &PollEnd) -> Moment {
    let moves_on = poll.to.is_some() && poll.to != poll.from;
    if poll.more && moves_on { now } else { now + every }
}

/// How often the installation is polled.
pub(super) fn poll_every(db: &Db, installation: InstallationId, cursor: &Cursor) -> Result<Span, StoreError> {
    let declared = match store::plugin::get(db, installation)? {
        Some(installation) => abilities(db, &installation)?.poll_every,
        None => None,
    };
    Ok(cursor.every.or(declared).unwrap_or(crate::domain::plugin::POLL_EVERY_MAX))
}

/// Writes what the call kept, against the limits.
pub(super) fn keep_values(work: &Work<'_>, ground: &Ground, writes: &[KvWrite]) -> Result<(), DeskError> {
    if writes.is_empty() {
        return Ok(());
    }
    let Some(bytes_max) = ground.abilities.kv_bytes_max else {
        return Err(Refusal::forbidden("keep values: `kv` was not granted to this plugin").into());
    };
    let id = ground.installation.id;
    for write in writes {
        let bytes = write.value.as_ref().map_or(0, Vec::len);
        if write.key.is_empty() || write.key.len() > KV_KEY_BYTES_MAX {
            let message = format!("a key has 1 to {KV_KEY_BYTES_MAX} bytes");
            return Err(Refusal::invalid("kv", message).into());
        }
        if bytes > KV_VALUE_BYTES_MAX {
            return Err(
                Refusal::TooLong { field: "kv".to_owned(), bytes, bytes_max: KV_VALUE_BYTES_MAX }.into()
            );
        }
        store::plugin_state::kv_put(&work.tx, id, &write.key, write.value.as_deref())?;
    }
    let bytes = store::plugin_state::kv_bytes(&work.tx, id)?;
    if bytes > bytes_max {
        let (bytes, bytes_max) = (bytes as usize, bytes_max as usize);
        return Err(Refusal::TooLong { field: "kv".to_owned(), bytes, bytes_max }.into());
    }
    Ok(())
}

enum Fate {
    Taken,
    /// One with its key was taken before.
    Skipped,
    Parked(ParkedItemId),
}

fn take_one(work: &mut Work<'_>, answer: &Answer<'_>, given: &Value) -> Result<Fate, DeskError> {
    let item = match PluginItem::read(given) {
        Ok(item) => item,
        Err(error) => {
            let refusal = RefusalDocument::unreadable(&error);
            return Ok(Fate::Parked(park(work, answer, given, &PluginItem::default(), refusal)?));
        }
    };
    match apply(work, answer, &item)? {
        Ok(true) => {
            if let Some(key) = &item.key {
                note_taken(work, answer.ground.installation.id, key)?;
            }
            Ok(Fate::Taken)
        }
        Ok(false) => Ok(Fate::Skipped),
        Err(refused) => {
            let refusal = RefusalDocument::of(&refused);
            Ok(Fate::Parked(park(work, answer, given, &item, refusal)?))
        }
    }
}

/// Applies an item in a savepoint of its own; `false`: it was taken before.
fn apply(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    item: &PluginItem,
) -> Result<Result<bool, ItemRefusal>, DeskError> {
    let (journal, occurred_at) = (work.journal, work.occurred_at);
    let mut command = None;
    let applied = work.part(|work| plugin_item::apply(work, answer, item, &mut command))?;
    (work.journal, work.occurred_at) = (journal, occurred_at);
    Ok(applied.map_err(|refusal| ItemRefusal { refusal, command }))
}

/// One that was refused under this key and is taken now waits no more.
fn note_taken(work: &Work<'_>, installation: InstallationId, key: &str) -> Result<(), DeskError> {
    if let Some(parked) = store::plugin_item::parked_by_key(&work.tx, installation, key)? {
        decide(work, parked, ParkedState::Replayed)?;
    }
    Ok(())
}

fn decide(work: &Work<'_>, mut parked: ParkedItem, state: ParkedState) -> Result<(), DeskError> {
    (parked.state, parked.decided_at) = (state, Some(work.tx.now()));
    Ok(store::plugin_item::update(&work.tx, &parked)?)
}

/// Keeps a refused item for people, and has the plugin told. The same change that is told and refused again is
/// parked once.
fn park(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    given: &Value,
    item: &PluginItem,
    refusal: RefusalDocument,
) -> Result<ParkedItemId, DeskError> {
    let Installation { id: installation, client, .. } = answer.ground.installation;
    let known = match &item.key {
        Some(key) => store::plugin_item::parked_by_key(&work.tx, installation, key)?,
        None => None,
    };
    let is_known = known.is_some();
    let parked = ParkedItem {
        id: known.map_or_else(|| work.tx.id(), |known| known.id),
        installation,
        client,
        ticket: answer.ticket,
        external: item.external.clone(),
        key: item.key.clone(),
        item: given.clone(),
        refusal,
        state: ParkedState::Parked,
        at: work.tx.now(),
        decided_at: None,
        files: answer.files.clone(),
    };
    if is_known {
        store::plugin_item::update(&work.tx, &parked)?;
        return Ok(parked.id);
    }
    let count = store::plugin_item::parked_count(&work.tx, installation)?;
    if count >= PARKED_MAX {
        let (field, count) = ("parked items".to_owned(), count as usize + 1);
        return Err(Refusal::TooMany { field, count, count_max: PARKED_MAX as usize }.into());
    }
    store::plugin_item::insert(&work.tx, &parked)?;
    let body = json!({ "installation": installation, "item": parked.id });
    let fresh = super::job::fresh(&work.tx, TELL_REFUSAL, body);
    super::job::queue(&work.tx, Job { client: Some(client), ..fresh })?;
    Ok(parked.id)
}

/// The item, when the actor looks after its client and nobody has decided of it.
fn waiting_item(work: &mut Work<'_>, id: ParkedItemId) -> Result<ParkedItem, DeskError> {
    let found = store::plugin_item::get(&work.tx, id)?;
    let parked = found.ok_or_else(|| Refusal::not_found("parked item", id))?;
    work.require_for(Step::SeeInternals, Some(parked.client)).map_err(|error| match error {
        DeskError::Refused(_) => Refusal::not_found("parked item", id).into(),
        other => other,
    })?;
    work.require_for(Step::Supervise, Some(parked.client))?;
    if parked.state != ParkedState::Parked {
        return Err(Refusal::ItemIsDecided { state: parked.state.as_str() }.into());
    }
    Ok(parked)
}

/// Takes a parked item once more, as its plugin. When it is refused again, it stays parked and the refusal is
/// answered.
pub(super) fn replay(work: &mut Work<'_>, given: ReplayItem) -> Result<Done, DeskError> {
    let parked = waiting_item(work, given.item)?;
    let ground = Ground::of(&work.tx, parked.installation)?;
    let ground = ground.ok_or_else(|| Refusal::not_found("plugin installation", parked.installation))?;
    if !ground.installation.is_enabled {
        return Err(Refusal::PluginIsOff { plugin: ground.installation.plugin }.into());
    }
    let item = PluginItem::read(&parked.item).map_err(|error| Refusal::invalid("item", error.to_string()))?;
    let person = std::mem::replace(&mut work.cause.actor, ground.actor());
    let answer = Answer { ground: &ground, ticket: parked.ticket, files: &parked.files };
    let applied = apply(work, &answer, &item);
    work.cause.actor = person;
    applied?.map_err(|refused| refused.refusal)?;
    work.note_change(Some(parked.client), "plugin_items");
    let id = parked.id;
    decide(work, parked, ParkedState::Replayed)?;
    Ok(Done { id: Some(id.to_string()), ..Done::default() })
}

pub(super) fn discard(work: &mut Work<'_>, given: DiscardItem) -> Result<Done, DeskError> {
    let parked = waiting_item(work, given.item)?;
    work.note_change(Some(parked.client), "plugin_items");
    decide(work, parked, ParkedState::Discarded)?;
    Ok(Done { id: Some(given.item.to_string()), ..Done::default() })
}
