//! `AssignTicket`, `UnassignTicket`, `QueueTicket`: whose the ticket is.

use std::collections::BTreeSet;

use super::apply::about;
use super::done::{DeskError, Done};
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::assignment::choose_least_loaded;
use crate::domain::command::{Alarm, AssignTo};
use crate::domain::event::{AttemptKind, Event};
use crate::domain::permission::Step;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, PersonId, Refusal, TicketId};
use crate::store;

pub(super) fn assign(
    work: &mut Work<'_>,
    id: TicketId,
    version: Option<i64>,
    to: AssignTo,
    reason: Option<&str>,
) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::Assign, version)?;
    words::maybe_text("reason", reason)?;
    match to {
        AssignTo::Person { person } => assign_to(work, &ticket, person, reason)?,
        AssignTo::LeastLoaded { queue, exclude } => {
            work.pack_of(id)?.require_queue("to.queue", &queue)?;
            let candidates = store::person::members_with_load(&work.tx, &queue, ticket.client)?;
            let mut able = BTreeSet::new();
            for candidate in &candidates {
                if work.may_serve(candidate.person, ticket.client)? {
                    able.insert(candidate.person);
                }
            }
            let choice = choose_least_loaded(&exclude, &candidates, |person| able.contains(&person));
            match choice.chosen {
                Some(person) => assign_to(work, &ticket, person, reason)?,
                None => record(
                    work,
                    id,
                    Event::AssignmentFailed {
                        attempt: AttemptKind::Assignment,
                        rejections: choice.rejections,
                    },
                )?,
            }
        }
    }
    Ok(about(id, None))
}

fn assign_to(
    work: &mut Work<'_>,
    ticket: &Ticket,
    person: PersonId,
    reason: Option<&str>,
) -> Result<(), DeskError> {
    if ticket.assignee == Some(person) {
        return Ok(());
    }
    let found = store::person::get(&work.tx, person)?.ok_or_else(|| Refusal::not_found("person", person))?;
    if !work.may_serve(person, ticket.client)? {
        return Err(Refusal::PersonCannotServe { name: found.name }.into());
    }
    let reason = work.text(reason)?;
    record(work, ticket.id, Event::TicketAssigned { person, reason })
}

pub(super) fn unassign(
    work: &mut Work<'_>,
    id: TicketId,
    version: Option<i64>,
    reason: Option<&str>,
) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::Assign, version)?;
    words::maybe_text("reason", reason)?;
    if let Some(person) = ticket.assignee {
        let reason = work.text(reason)?;
        record(work, id, Event::TicketUnassigned { person, reason })?;
    }
    Ok(about(id, None))
}

pub(super) fn queue(
    work: &mut Work<'_>,
    id: TicketId,
    version: Option<i64>,
    queue: Key,
    reason: Option<&str>,
    alarm: Alarm,
) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::Assign, version)?;
    words::maybe_text("reason", reason)?;
    work.pack_of(id)?.require_queue("queue", &queue)?;
    let is_alarm = alarm == Alarm::Raise;
    if ticket.queue.as_ref() == Some(&queue) && reason.is_none() && !is_alarm {
        return Ok(about(id, None));
    }
    let reason = work.text(reason)?;
    record(
        work,
        id,
        Event::TicketQueued { from: ticket.queue.clone(), to: queue.clone(), reason, is_alarm },
    )?;
    // Who had it in the old queue has it no more.
    if let Some(person) = ticket.assignee.filter(|_| ticket.queue != Some(queue)) {
        record(work, id, Event::TicketUnassigned { person, reason: None })?;
    }
    Ok(about(id, None))
}
