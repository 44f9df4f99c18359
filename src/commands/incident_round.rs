//! Rounds over the tickets of an incident: in turns of a few, each one command of the clock, so that thousands of
//! tickets never hold the writer. The cursor moves in the same transaction, so each ticket is dealt with once.

use std::collections::BTreeSet;

use super::conclude;
use super::done::{DeskError, Done};
use super::incident_rule;
use super::inform;
use super::record::record;
use super::work::{Cause, Work};
use crate::domain::command::Information;
use crate::domain::event::Event;
use crate::domain::incident::{Incident, Round, RoundKind, is_touched};
use crate::domain::person::Actor;
use crate::domain::{Key, Moment, PersonId, RoundId, TextId, TicketId};
use crate::store;
use crate::store::due::{Due, DueKind};

/// Most tickets that one turn changes: each may wake a few handlers, of which one command plays at most 32.
const TICKETS_CHANGED_MAX: usize = 8;
/// Most tickets that one turn of a gathering round looks at.
const TICKETS_LOOKED_AT_MAX: usize = 100;
/// Latest events of a ticket among which it is looked for what people did.
const EVENTS_LOOKED_AT_MAX: usize = 100;
/// What the row of the durable clock is called.
const TURN: &str = "round";
/// What the bell of those who are told says.
const TOLD: &str = "incident_update";

/// What a turn did with a ticket.
enum Turn {
    Reached,
    Left,
    Passed,
}

pub(super) fn start(
    work: &mut Work<'_>,
    incident: &Incident,
    kind: RoundKind,
    text: Option<TextId>,
    resolution: Option<Key>,
) -> Result<RoundId, DeskError> {
    let round = Round {
        id: work.tx.id(),
        incident: incident.ticket,
        kind,
        actor: work.cause.actor.clone(),
        text,
        resolution,
        after: TicketId(0),
        reached: 0,
        left: 0,
        started_at: work.tx.now(),
        finished_at: None,
    };
    store::incident::insert_round(&work.tx, &round)?;
    let id = round.id;
    wait(work, incident)?;
    Ok(id)
}

/// Plays one turn of the round whose turn it is.
pub(super) fn go_on(work: &mut Work<'_>, id: TicketId) -> Result<(), DeskError> {
    let Some(incident) = store::incident::get(&work.tx, id)? else { return Ok(()) };
    let Some(mut round) = store::incident::next_round(&work.tx, id)? else { return Ok(()) };
    let looked_at_max = match round.kind {
        RoundKind::Gather => TICKETS_LOOKED_AT_MAX,
        _ => TICKETS_CHANGED_MAX,
    };
    let tickets = match round.kind {
        RoundKind::Gather => store::incident::open_tickets_after(
            &work.tx,
            incident.client,
            round.after,
            round.id.0,
            looked_at_max,
        )?,
        _ => store::incident::attached_after(&work.tx, id, round.after, round.id.0, looked_at_max)?,
    };
    let mut is_over = tickets.len() < looked_at_max;
    let cause = Cause { actor: round.actor.clone(), run: None, handler: None, depth: 0 };
    let outside = std::mem::replace(&mut work.cause, cause);
    let mut changed = 0;
    for ticket in tickets {
        if changed == TICKETS_CHANGED_MAX {
            is_over = false;
            break;
        }
        match play(work, &incident, &round, ticket)? {
            Turn::Reached => {
                changed += 1;
                round.reached += 1;
            }
            Turn::Left => round.left += 1,
            Turn::Passed => {}
        }
        round.after = ticket;
    }
    work.cause = outside;
    if is_over {
        round.finished_at = Some(work.tx.now());
    }
    store::incident::update_round(&work.tx, &round)?;
    work.note_change(Some(incident.client), "incident");
    if store::incident::next_round(&work.tx, id)?.is_some() { wait(work, &incident) } else { Ok(()) }
}

/// Puts the next turn on the durable clock.
fn wait(work: &mut Work<'_>, incident: &Incident) -> Result<(), DeskError> {
    let due = Due {
        id: work.tx.id(),
        client: incident.client,
        ticket: Some(incident.ticket),
        person: None,
        kind: DueKind::Incident,
        name: Key::new(TURN).expect("a key"),
        percent: 0,
        overdue_minutes: 0,
        run_at: work.tx.now(),
    };
    store::due::put(&work.tx, &due)?;
    work.note_change(Some(incident.client), "due");
    Ok(())
}

fn play(work: &mut Work<'_>, incident: &Incident, round: &Round, id: TicketId) -> Result<Turn, DeskError> {
    match round.kind {
        RoundKind::Update => {
            let Some(text) = round.text else { return Ok(Turn::Passed) };
            record(work, id, Event::IncidentUpdateReached { incident: incident.ticket, text })?;
            tell(work, round, id, text)?;
            Ok(Turn::Reached)
        }
        RoundKind::Gather => {
            let ticket = work.ticket(id)?;
            let is_parent = store::incident::get(&work.tx, id)?.is_some_and(|own| own.is_open);
            if is_parent || ticket.incident.is_some() || !incident.is_open {
                return Ok(Turn::Passed);
            }
            if !incident_rule::fits(&work.tx, &ticket, incident, Moment::from_ms(0))? {
                return Ok(Turn::Passed);
            }
            incident_rule::attach(work, id, incident.ticket)?;
            Ok(Turn::Reached)
        }
        RoundKind::ResolveUntouched | RoundKind::CloseUntouched if was_touched(work, incident, id)? => {
            Ok(Turn::Left)
        }
        RoundKind::ResolveUntouched | RoundKind::ResolveAll => {
            if work.ticket(id)?.resolved_at.is_some() {
                return Ok(Turn::Passed);
            }
            conclude_one(work, round, id, conclude::resolve)
        }
        RoundKind::CloseUntouched | RoundKind::CloseAll => conclude_one(work, round, id, conclude::close),
    }
}

type Conclude =
    fn(&mut Work<'_>, TicketId, Option<i64>, Key, Option<&str>, &Information) -> Result<Done, DeskError>;

/// What is refused (the pack of an older ticket knows no such resolution, the person has lost the right) is left to
/// people; both refuse before they change anything.
fn conclude_one(
    work: &mut Work<'_>,
    round: &Round,
    id: TicketId,
    conclude: Conclude,
) -> Result<Turn, DeskError> {
    let Some(resolution) = round.resolution.clone() else { return Ok(Turn::Left) };
    let reason = round.text.map_or(Ok(None), |text| store::text::get(&work.tx, text))?;
    match conclude(work, id, None, resolution, reason.as_deref(), &Information::default()) {
        Ok(_) => Ok(Turn::Reached),
        Err(DeskError::Refused(_)) => Ok(Turn::Left),
        Err(error) => Err(error),
    }
}

fn was_touched(work: &Work<'_>, incident: &Incident, id: TicketId) -> Result<bool, DeskError> {
    let latest = store::work_list::events_before(&work.tx, id, None, EVENTS_LOOKED_AT_MAX)?;
    Ok(is_touched(latest.iter().map(|one| (&one.event, &one.actor)), incident.ticket))
}

/// Who follows the ticket hears of the update, once however many tickets they follow.
fn tell(work: &mut Work<'_>, round: &Round, id: TicketId, text: TextId) -> Result<(), DeskError> {
    let ticket = work.ticket(id)?;
    let mut people: BTreeSet<PersonId> = ticket.watchers.iter().copied().chain(ticket.assignee).collect();
    if let Some(contact) = ticket.contact {
        people.extend(store::person::of_contact(&work.tx, contact)?);
    }
    if let Actor::Person { person } = round.actor {
        people.remove(&person);
    }
    for person in people.into_iter().take(inform::TOLD_MAX) {
        if store::incident::note_told(&work.tx, round, person)? {
            inform::tell(work, person, Some(id), Key::new(TOLD).ok(), Some(text))?;
        }
    }
    Ok(())
}
