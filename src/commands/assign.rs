//! `AssignTicket`, `UnassignTicket`, `QueueTicket`: whose the ticket is.

use super::acceptance;
use super::apply::about;
use super::done::{DeskError, Done};
use super::guard;
use super::lines;
use super::record::record;
use super::words;
use super::work::Work;
use super::work_order::check_grade;
use crate::domain::assignment::{
    self, Candidate, Choice, MemberWanted, Rejection, Wanted, missing_certificate,
};
use crate::domain::command::{Alarm, AssignTo, Gaps, Information};
use crate::domain::event::{AttemptKind, Collected, Event};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, PersonId, Refusal, TicketId};
use crate::store;
use crate::workflow::Occasion;

pub(super) fn assign(
    work: &mut Work<'_>,
    id: TicketId,
    version: Option<i64>,
    to: AssignTo,
    reason: Option<&str>,
    information: &Information,
) -> Result<Done, DeskError> {
    work.open_ticket_for(id, Step::Assign, version)?;
    words::maybe_text("reason", reason)?;
    let ticket = lines::bring(work, id, information)?;
    let given = Given { reason, gaps: information.gaps };
    match to {
        AssignTo::Person { person } => {
            let line = lines::line_of(work, &ticket, person)?;
            assign_to(work, &ticket, person, line.as_ref(), &given, Vec::new())?;
        }
        AssignTo::Member(wanted) => assign_to_member(work, &ticket, wanted, &given)?,
    }
    Ok(about(id, None))
}

/// How a ticket is given.
pub(super) struct Given<'g> {
    pub reason: Option<&'g str>,
    pub gaps: Gaps,
}

/// Gives the ticket to the member of the queue who suits best; nobody suits: an event of its own.
pub(super) fn assign_to_member(
    work: &mut Work<'_>,
    ticket: &Ticket,
    wanted: MemberWanted,
    given: &Given<'_>,
) -> Result<(), DeskError> {
    let queue = wanted.queue.clone();
    let choice = choose(work, ticket, wanted)?;
    match choice.chosen {
        Some(person) => {
            let line = ticket.queue.as_ref().filter(|own| **own != queue).map(|_| &queue);
            assign_to(work, ticket, person, line, given, choice.rejections)
        }
        None => {
            let attempt = AttemptKind::Assignment;
            record(work, ticket.id, Event::AssignmentFailed { attempt, rejections: choice.rejections })
        }
    }
}

/// The member of the queue who suits best, as things stand in the middle of the command.
pub(super) fn choose(
    work: &mut Work<'_>,
    ticket: &Ticket,
    wanted: MemberWanted,
) -> Result<Choice, DeskError> {
    let pack = work.pack_of(ticket.id)?;
    let queue = pack.require_queue("to.queue", &wanted.queue)?;
    check_grade("to.grade", wanted.grade)?;
    let wanted = Wanted::member(wanted, &queue.strategy, &pack.assignment);
    Ok(assignment::choose(&wanted, &candidates(work, ticket, &wanted)?))
}

/// Who could be chosen, as things stand in this transaction.
pub(super) fn candidates(
    work: &mut Work<'_>,
    ticket: &Ticket,
    wanted: &Wanted,
) -> Result<Vec<Candidate>, DeskError> {
    work.write_others(ticket.id)?;
    let mut candidates = store::candidate::gather(&work.tx, ticket, wanted, work.tx.now())?;
    if wanted.queue.is_some() {
        for candidate in &mut candidates {
            candidate.may_serve = work.may_serve(candidate.person, ticket.client)?;
        }
    }
    Ok(candidates)
}

pub(super) fn assign_to(
    work: &mut Work<'_>,
    ticket: &Ticket,
    person: PersonId,
    line: Option<&Key>,
    given: &Given<'_>,
    rejections: Vec<Rejection>,
) -> Result<(), DeskError> {
    if ticket.assignee == Some(person) {
        return Ok(());
    }
    let found = work.person(person)?;
    if !work.may_serve(person, ticket.client)? {
        return Err(Refusal::PersonCannotServe { name: found.name.clone() }.into());
    }
    // By hand or by script: who is not attested for the client takes none of its tickets.
    is_attested(work, ticket.id, &found.name, &found.all_certificates())?;
    if work.cause.actor == (Actor::Person { person }) {
        guard::ask(work, ticket.id, Occasion::Accepting { person })?;
    }
    let collected = match line {
        Some(line) => lines::hand_over(work, ticket, line, given.gaps)?,
        None => Collected::default(),
    };
    let reason = work.text(given.reason)?;
    let accept_until = acceptance::until(work, ticket, person)?;
    record(work, ticket.id, Event::TicketAssigned { person, reason, rejections, collected, accept_until })
}

/// Whoever takes a client's ticket, or goes on its visit, holds what the client's pack requires.
pub(super) fn is_attested(
    work: &Work<'_>,
    ticket: TicketId,
    name: &str,
    held: &[String],
) -> Result<(), Refusal> {
    let Some(loaded) = work.with(ticket, |case| case.loaded.clone()) else { return Ok(()) };
    match missing_certificate(&loaded.pack.assignment.required_certificates, held) {
        Some(certificate) => {
            let (name, certificate) = (name.to_owned(), certificate.clone());
            Err(Refusal::CertificateMissing { name, certificate })
        }
        None => Ok(()),
    }
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
    information: &Information,
) -> Result<Done, DeskError> {
    work.open_ticket_for(id, Step::Assign, version)?;
    words::maybe_text("reason", reason)?;
    work.pack_of(id)?.require_queue("queue", &queue)?;
    let ticket = lines::bring(work, id, information)?;
    let is_alarm = alarm == Alarm::Raise;
    if ticket.queue.as_ref() == Some(&queue) && reason.is_none() && !is_alarm {
        return Ok(about(id, None));
    }
    let collected = match &ticket.queue {
        Some(own) if *own == queue => Collected::default(),
        _ => lines::hand_over(work, &ticket, &queue, information.gaps)?,
    };
    let reason = work.text(reason)?;
    let from = ticket.queue.clone();
    record(work, id, Event::TicketQueued { from, to: queue.clone(), reason, is_alarm, collected })?;
    // Who had it in the old queue has it no more.
    if let Some(person) = ticket.assignee.filter(|_| ticket.queue != Some(queue)) {
        record(work, id, Event::TicketUnassigned { person, reason: None })?;
    }
    Ok(about(id, None))
}
