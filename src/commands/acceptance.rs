//! Who is given a ticket accepts it in time, or it comes back: the deadline, the acceptance, the return.

use super::apply::about;
use super::assign::{Given, assign_to_member};
use super::done::{DeskError, Done, Mode};
use super::guard;
use super::ladder;
use super::record::record;
use super::work::Work;
use crate::domain::assignment::MemberWanted;
use crate::domain::command::Gaps;
use crate::domain::event::{Event, ReturnReason};
use crate::domain::pack::{AcceptTime, AcceptWithin, Otherwise};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::roster::{Duty, Presence};
use crate::domain::ticket::Ticket;
use crate::domain::{Key, Moment, PersonId, Refusal, Span, TicketId};
use crate::store;
use crate::store::due::{Due, DueKind};
use crate::workflow::Occasion;

/// The name of the due row: a ticket waits for one person at a time.
const ACCEPTANCE: &str = "acceptance";

pub(super) fn accept(work: &mut Work<'_>, id: TicketId, version: Option<i64>) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::WorkOnTicket, version)?;
    match (&work.cause.actor, ticket.assignee) {
        (Actor::Person { person }, Some(assignee)) if *person == assignee => {
            guard::ask(work, id, Occasion::Accepting { person: assignee })?;
            if ticket.accept_until.is_some() || ladder::is_acceptance_expected(work, id)? {
                record(work, id, Event::TicketAccepted { person: assignee })?;
            }
            Ok(about(id, None))
        }
        _ => Err(Refusal::forbidden("accept this ticket: it is given to somebody else").into()),
    }
}

/// Until when the person must accept the ticket that is being given to them; never, when they take it themselves.
pub(super) fn until(
    work: &mut Work<'_>,
    ticket: &Ticket,
    person: PersonId,
) -> Result<Option<Moment>, DeskError> {
    let is_taken = work.cause.actor == Actor::Person { person };
    if is_taken || work.mode == Mode::Muted || ticket.resolved_at.is_some() {
        return Ok(None);
    }
    let Some(rule) = rule_for(work, ticket)? else { return Ok(None) };
    let (now, span) = (work.tx.now(), Span::minutes(rule.minutes));
    Ok(Some(match rule.time {
        AcceptTime::Elapsed => now + span,
        AcceptTime::Working => {
            let loaded = work.loaded(ticket.id)?;
            loaded.calendars.of_team(ticket.queue.as_ref(), &ticket.terms).add(now, span)
        }
    }))
}

/// Sets the due row as an event left the ticket, and takes what its assignee does for acceptance.
pub(super) fn follow(
    work: &mut Work<'_>,
    id: TicketId,
    event: &Event,
    before: Option<Moment>,
) -> Result<(), DeskError> {
    let ticket = work.with(id, |case| case.ticket.clone());
    match (ticket.accept_until, ticket.assignee) {
        (Some(until), Some(person)) if matches!(event, Event::TicketAssigned { .. }) => {
            let leaves = presence(work, &ticket, person)?.0;
            put_due(work, &ticket, until, leaves)?;
        }
        (Some(_), Some(person)) if is_act(event) && work.cause.actor == Actor::Person { person } => {
            record(work, id, Event::TicketAccepted { person })?;
        }
        (None, _) if before.is_some() => {
            store::due::remove(&work.tx, id, DueKind::Acceptance, ACCEPTANCE)?;
        }
        _ => {}
    }
    Ok(())
}

/// Sets the due row of a ticket that waits for its assignee, where a rehearsal begins.
pub(super) fn stand(work: &mut Work<'_>, id: TicketId) -> Result<(), DeskError> {
    let ticket = work.ticket(id)?;
    let (Some(until), Some(person)) = (ticket.accept_until, ticket.assignee) else { return Ok(()) };
    let leaves = presence(work, &ticket, person)?.0;
    put_due(work, &ticket, until, leaves)
}

/// Whether an event of the assignee's own hand says that they work on the ticket.
pub(super) fn is_act(event: &Event) -> bool {
    !matches!(
        event,
        Event::TicketAssigned { .. }
            | Event::TicketUnassigned { .. }
            | Event::TicketQueued { .. }
            | Event::TicketAccepted { .. }
            | Event::AssignmentReturned { .. }
            | Event::WatcherAdded { .. }
            | Event::WatcherRemoved { .. }
    )
}

/// The time is over, or the person's shift is: the ticket goes where its queue says.
pub(super) fn play(work: &mut Work<'_>, id: TicketId) -> Result<(), DeskError> {
    let ticket = work.ticket(id)?;
    let (Some(until), Some(person)) = (ticket.accept_until, ticket.assignee) else { return Ok(()) };
    let (leaves, is_here) = presence(work, &ticket, person)?;
    if is_here && work.tx.now() < until {
        // The roster was changed: the person stays longer than it said when the ticket was given.
        return put_due(work, &ticket, until, leaves);
    }
    let rule = rule_for(work, &ticket)?;
    let count = ticket.return_count + 1;
    let is_alarm = rule.as_ref().is_some_and(|rule| count >= rule.alarm_after);
    let why = if is_here { ReturnReason::NotAccepted } else { ReturnReason::OffShift };
    record(work, id, Event::AssignmentReturned { person, why, until, count, is_alarm })?;
    record(work, id, Event::TicketUnassigned { person, reason: None })?;
    let ticket = work.ticket(id)?;
    match (rule.map(|rule| rule.otherwise), &ticket.queue) {
        (Some(Otherwise::Next), Some(queue)) => {
            let exclude = ticket.unaccepted_by.iter().copied().collect();
            let wanted = MemberWanted { exclude, ..MemberWanted::of(queue.clone()) };
            assign_to_member(work, &ticket, wanted, &Given { reason: None, gaps: Gaps::Pass })
        }
        _ => Ok(()),
    }
}

fn rule_for(work: &mut Work<'_>, ticket: &Ticket) -> Result<Option<AcceptWithin>, DeskError> {
    let Some(queue) = &ticket.queue else { return Ok(None) };
    let pack = work.pack_of(ticket.id)?;
    Ok(pack.queue(queue).and_then(|queue| queue.accept_within.clone()))
}

/// When the person's shift ends, if one says so, and whether they are at work.
fn presence(work: &Work<'_>, ticket: &Ticket, person: PersonId) -> Result<(Option<Moment>, bool), DeskError> {
    let now = work.tx.now();
    let is_on_duty = store::person::get(&work.tx, person)?.is_some_and(|found| found.is_on_duty);
    if store::roster::is_empty(&work.tx)? {
        return Ok((None, is_on_duty));
    }
    let duty = Duty { client: ticket.client, queue: ticket.queue.as_ref() };
    let presence = store::roster::of_person(&work.tx, person, duty, now)?.presence(duty, now);
    let leaves = match presence {
        Presence::OnShift { until } | Presence::OnCall { until } => Some(until),
        _ => None,
    };
    Ok((leaves, is_on_duty && presence.is_available()))
}

/// Rings at the deadline, or where the shift ends before it.
fn put_due(
    work: &mut Work<'_>,
    ticket: &Ticket,
    until: Moment,
    leaves: Option<Moment>,
) -> Result<(), DeskError> {
    let due = Due {
        id: work.tx.id(),
        client: ticket.client,
        ticket: Some(ticket.id),
        person: None,
        kind: DueKind::Acceptance,
        name: Key::new(ACCEPTANCE).expect("a key"),
        percent: 0,
        overdue_minutes: 0,
        run_at: leaves.map_or(until, |leaves| leaves.min(until)),
    };
    store::due::put(&work.tx, &due)?;
    work.note_change(Some(ticket.client), "due");
    Ok(())
}
