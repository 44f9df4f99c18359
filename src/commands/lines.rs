//! What a step asks of a ticket: the information that a next line needs, and that it is classified.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::change_ticket;
use super::done::DeskError;
use super::work::Work;
use crate::domain::command::{Gaps, Information, TicketChanges};
use crate::domain::event::Collected;
use crate::domain::pack::{Asked, GatedStep, Pack, QueueKind};
use crate::domain::person::Actor;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, PersonId, Refusal, TicketId};

/// Makes the changes that came along with a step, so that they count for what it asks; gives the ticket after them.
pub(super) fn bring(
    work: &mut Work<'_>,
    id: TicketId,
    information: &Information,
) -> Result<Rc<Ticket>, DeskError> {
    if information.gaps == Gaps::Pass && matches!(work.cause.actor, Actor::Person { .. }) {
        return Err(Refusal::forbidden("leave out what the step asks for: only scripts may").into());
    }
    if information.changes != TicketChanges::default() {
        if information.changes.status.is_some() {
            return Err(Refusal::invalid("status", "the step itself sets the status; leave it out").into());
        }
        change_ticket::change(work, id, None, &information.changes)?;
    }
    work.ticket(id)
}

/// What goes along with a hand-over to another queue, when everything is there that it requires.
pub(super) fn hand_over(
    work: &mut Work<'_>,
    ticket: &Ticket,
    to: &Key,
    gaps: Gaps,
) -> Result<Collected, DeskError> {
    let pack = work.pack_of(ticket.id)?;
    let (from, category) = (ticket.queue.as_ref(), ticket.category.as_ref());
    let required = pack.required_for(from, to, category);
    let mut missing = unfilled(&pack, ticket, required);
    if pack.classification.stops(GatedStep::HandOver) && !pack.goes_back(from, to) {
        add_unclassified(&pack, ticket, &mut missing);
    }
    let asked = pack.asked_for(from, to, category);
    let fields: BTreeMap<_, _> = asked
        .iter()
        .filter_map(|asked| Some((asked.key.clone(), ticket.fields.get(&asked.key)?.clone())))
        .collect();
    let missing = pass_or_refuse(GatedStep::HandOver, missing, gaps)?;
    Ok(Collected { fields, missing })
}

/// Refuses the step while the client's gate wants the ticket classified; gives what is missing all the same.
pub(super) fn gate(
    work: &mut Work<'_>,
    ticket: &Ticket,
    step: GatedStep,
    gaps: Gaps,
) -> Result<BTreeSet<Key>, DeskError> {
    let pack = work.pack_of(ticket.id)?;
    let mut missing = Vec::new();
    if pack.classification.stops(step) {
        add_unclassified(&pack, ticket, &mut missing);
    }
    Ok(pass_or_refuse(step, missing, gaps)?)
}

/// The line to which giving the ticket to the person hands it over: the lowest of theirs, when they are of lines but
/// not of the ticket's queue. Whoever takes a ticket from another line is not asked for what they do not have.
pub(super) fn line_of(
    work: &mut Work<'_>,
    ticket: &Ticket,
    person: PersonId,
) -> Result<Option<Key>, DeskError> {
    let is_taken = work.cause.actor == Actor::Person { person };
    let (Some(own), false) = (&ticket.queue, is_taken) else { return Ok(None) };
    let Some(access) = work.programs.people.access(&work.tx, person)? else { return Ok(None) };
    if access.is_member(own, ticket.client) {
        return Ok(None);
    }
    let pack = work.pack_of(ticket.id)?;
    let lines = pack.queues.iter().filter(|queue| queue.kind == QueueKind::Line);
    let lowest = lines
        .filter(|queue| access.is_member(&queue.key, ticket.client))
        .min_by_key(|queue| queue.level.unwrap_or(i64::MAX));
    Ok(lowest.map(|queue| queue.key.clone()))
}

fn unfilled(pack: &Pack, ticket: &Ticket, asked: Vec<Asked>) -> Vec<Asked> {
    asked.into_iter().filter(|asked| !pack.is_filled(ticket, &asked.key)).collect()
}

fn add_unclassified(pack: &Pack, ticket: &Ticket, missing: &mut Vec<Asked>) {
    let lacks = pack.lacks(ticket.category.as_ref(), |key| pack.is_filled(ticket, key));
    for asked in lacks {
        if !missing.iter().any(|one| one.key == asked.key) {
            missing.push(asked);
        }
    }
}

fn pass_or_refuse(step: GatedStep, missing: Vec<Asked>, gaps: Gaps) -> Result<BTreeSet<Key>, Refusal> {
    if missing.is_empty() || gaps == Gaps::Pass {
        return Ok(missing.into_iter().map(|asked| asked.key).collect());
    }
    Err(Refusal::information_missing(step, missing))
}
