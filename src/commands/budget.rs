//! The effect budget: each message of a script is counted as it goes out; one beyond the limits is held for a person.

use std::collections::BTreeSet;

use super::done::DeskError;
use super::inform;
use super::record::record;
use super::script_counts::{Counted, Tally};
use super::work::Work;
use crate::domain::event::Event;
use crate::domain::hold::{Budget, HeldMessage, Hold, HoldReason, HoldState, Message, Spent};
use crate::domain::person::{Actor, Role};
use crate::domain::{ClientId, Key, PersonId, Refusal, TicketId};
use crate::store;

/// What the bell of those who can decide says.
const TOLD: &str = "messages_held";
/// What live messages call a change of holds.
pub(super) const CHANGE: &str = "hold";

/// What the run that goes on may still send; read when it sends its first message.
#[derive(Debug)]
pub(super) struct Allowance {
    client: ClientId,
    handler: String,
    budget: Budget,
    spent: Spent,
    /// The handler's hold that waits for a person: what comes later joins it, so that nothing overtakes what waits.
    hold: Option<Hold>,
    /// The run has held one already: its burst is one change for who looks.
    is_noted: bool,
}

/// Whether the message is held. One that goes out is counted, and then the caller sends it; who is no script has no
/// budget.
pub(super) fn holds(work: &mut Work<'_>, ticket: TicketId, message: &Message) -> Result<bool, DeskError> {
    let (Actor::Script { client }, Some(run)) = (work.cause.actor.clone(), work.cause.run) else {
        return Ok(false);
    };
    let mut allowance = allowance(work, client)?;
    let stop = allowance.stop(work);
    let is_held = stop.is_some();
    if let Some(stop) = stop {
        let hold = match allowance.hold.take() {
            Some(hold) => hold,
            None => begin(work, &allowance, stop)?,
        };
        let held = HeldMessage {
            id: work.tx.id(),
            hold: hold.id,
            client,
            ticket,
            message: message.clone(),
            run,
            at: work.tx.now(),
        };
        store::hold::insert_message(&work.tx, &held)?;
        let Message { kind, person, template, text, .. } = message.clone();
        record(work, ticket, Event::MessageHeld { hold: hold.id, kind, person, template, text })?;
        allowance.hold = Some(hold);
        if !allowance.is_noted {
            work.note_change(Some(client), CHANGE);
            allowance.is_noted = true;
        }
    } else {
        allowance.spend(work)?;
    }
    work.allowance = Some(allowance);
    let counted = if is_held { Counted::MessageHeld } else { Counted::MessageSent };
    work.tallies.push(Tally { client, counted });
    Ok(is_held)
}

/// Counts a script's message that is about no ticket, which no hold can keep.
///
/// # Errors
/// Beyond the limits, or while messages of the handler wait for a person, it is refused.
pub(super) fn spend_or_refuse(work: &mut Work<'_>) -> Result<(), DeskError> {
    let Actor::Script { client } = work.cause.actor.clone() else { return Ok(()) };
    let mut allowance = allowance(work, client)?;
    if let Some((_, limit)) = allowance.stop(work) {
        return Err(Refusal::MessagesUsedUp { limit }.into());
    }
    allowance.spend(work)?;
    work.allowance = Some(allowance);
    work.tallies.push(Tally { client, counted: Counted::MessageSent });
    Ok(())
}

impl Allowance {
    /// Which limit the next message would go beyond.
    fn stop(&self, work: &Work<'_>) -> Option<(HoldReason, i64)> {
        match &self.hold {
            Some(hold) => Some((hold.why, hold.limit)),
            None => self.budget.stops(self.spent, work.programs.messages_per_hour_max.into()),
        }
    }

    fn spend(&mut self, work: &Work<'_>) -> Result<(), DeskError> {
        store::hold::spend(&work.tx, self.client, &self.handler)?;
        let Spent { run, handler, client } = self.spent;
        self.spent = Spent { run: run + 1, handler: handler + 1, client: client + 1 };
        Ok(())
    }
}

/// What the run has left; looked up at its first message.
fn allowance(work: &mut Work<'_>, client: ClientId) -> Result<Allowance, DeskError> {
    work.allowance.take().map_or_else(|| open(work, client), Ok)
}

/// The limits are those of the client's published version, whichever the ticket goes by: a limit that was raised or
/// lowered counts at once.
fn open(work: &mut Work<'_>, client: ClientId) -> Result<Allowance, DeskError> {
    let handler = work.cause.handler.clone().unwrap_or_default();
    let published = store::client::get(&work.tx, client)?.and_then(|client| client.pack_version);
    let loaded = published.map_or(Ok(None), |version| work.programs.pack(&work.tx, version))?;
    let (by_handler, by_client) = store::hold::spent(&work.tx, client, &handler)?;
    Ok(Allowance {
        client,
        budget: loaded.map(|loaded| loaded.pack.budget).unwrap_or_default(),
        spent: Spent { run: 0, handler: by_handler, client: by_client },
        hold: store::hold::open(&work.tx, client, &handler)?,
        is_noted: false,
        handler,
    })
}

/// Opens a hold, and tells those who can decide, once.
fn begin(
    work: &mut Work<'_>,
    allowance: &Allowance,
    (why, limit): (HoldReason, i64),
) -> Result<Hold, DeskError> {
    let (client, now) = (allowance.client, work.tx.now());
    let hold = Hold {
        id: work.tx.id(),
        client,
        handler: allowance.handler.clone(),
        why,
        limit,
        state: HoldState::Open,
        opened_at: now,
        last_at: now,
        held: 0,
        sent: 0,
        discarded: 0,
        decided_by: None,
        decided_at: None,
        is_without_stale: false,
        reason: None,
        finished_at: None,
        version: 1,
    };
    store::hold::insert(&work.tx, &hold)?;
    let name = store::client::get(&work.tx, client)?.map(|client| client.name).unwrap_or_default();
    let text = store::text::put(&work.tx, &format!("{name} · {}", hold.handler))?;
    for person in deciders(work, client)?.into_iter().take(inform::TOLD_MAX) {
        inform::tell(work, person, None, Key::new(TOLD).ok(), Some(text))?;
    }
    Ok(hold)
}

/// The client's supervisors, or where there is none its administrators.
fn deciders(work: &Work<'_>, client: ClientId) -> Result<BTreeSet<PersonId>, DeskError> {
    for role in [Role::Supervisor, Role::Administrator] {
        let people = store::person::with_role(&work.tx, role, client)?;
        if !people.is_empty() {
            return Ok(people.into_iter().collect());
        }
    }
    Ok(BTreeSet::new())
}
