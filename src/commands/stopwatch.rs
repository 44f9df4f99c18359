//! `StartStopwatch`, `StopStopwatch`: the timer that measures a person's work. It is a row, so that it runs on over
//! a restart.

use super::apply::about;
use super::desk::Change;
use super::done::{DeskError, Done};
use super::record::record;
use super::time_entry::{Source, add, checked, settings};
use super::work::Work;
use crate::domain::command::{SpentTime, StopwatchEnd};
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::time_entry::{ENTRY_MINUTES_MAX, Stopwatch};
use crate::domain::{Key, PersonId, Refusal, TicketId};
use crate::store;

/// Starts the acting person's timer. One that runs on another ticket is stopped and recorded first.
pub(super) fn start(work: &mut Work<'_>, id: TicketId) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::RecordTime, None)?;
    let person = acting(work)?;
    let mut done = about(id, None);
    match store::time_entry::running(&work.tx, person)? {
        Some(running) if running.ticket == ticket.id => return Ok(done),
        Some(running) => done.warnings = finish(work, &running, None, None, None)?.warnings,
        None => {}
    }
    record(work, id, Event::StopwatchStarted { person })?;
    tell(work, person, id);
    Ok(done)
}

pub(super) fn stop(work: &mut Work<'_>, end: StopwatchEnd) -> Result<Done, DeskError> {
    let person = acting(work)?;
    let running = store::time_entry::running(&work.tx, person)?.ok_or(Refusal::NoTimerRuns)?;
    match end {
        StopwatchEnd::Record { minutes, kind, note } => finish(work, &running, minutes, kind, note),
        StopwatchEnd::Discard => {
            record(work, running.ticket, Event::StopwatchStopped { person, entry: None })?;
            tell(work, person, running.ticket);
            Ok(about(running.ticket, None))
        }
    }
}

/// Stops the timer and records what it measured. Time that was measured is recorded even where the person works no
/// more: it was theirs to measure when it began.
fn finish(
    work: &mut Work<'_>,
    running: &Stopwatch,
    minutes: Option<i64>,
    kind: Option<Key>,
    note: Option<String>,
) -> Result<Done, DeskError> {
    let now = work.tx.now();
    let ticket = work.ticket(running.ticket)?;
    let measured = running.minutes(now).max(1);
    let minutes = match minutes {
        None if running.is_forgotten(now) => {
            let number = work.programs.number(&work.tx, ticket.client, ticket.number)?;
            let (from, minutes_max) = (running.started_at, ENTRY_MINUTES_MAX);
            return Err(Refusal::TimerForgotten { number, from, minutes: measured, minutes_max }.into());
        }
        Some(said) if said > measured => {
            let message = format!("the timer ran for {measured} minutes; say less, or add an entry by hand");
            return Err(Refusal::invalid("minutes", message).into());
        }
        said => said.unwrap_or(measured),
    };
    let settings = settings(work, ticket.id)?;
    let spent = checked(work, &settings, &SpentTime { began_at: running.started_at, minutes, kind, note })?;
    let done = add(work, &ticket, running.person, spent, Source::Timer)?;
    let entry = done.id.as_deref().and_then(|id| id.parse().ok());
    record(work, ticket.id, Event::StopwatchStopped { person: running.person, entry })?;
    tell(work, running.person, ticket.id);
    Ok(done)
}

fn acting(work: &Work<'_>) -> Result<PersonId, Refusal> {
    match work.cause.actor {
        Actor::Person { person } => Ok(person),
        _ => Err(Refusal::forbidden("run a timer: only a person works")),
    }
}

/// The person's own screens show the timer wherever they are.
fn tell(work: &mut Work<'_>, person: PersonId, ticket: TicketId) {
    let (ticket, person) = (Some(ticket), Some(person));
    work.changes.push(Change { seq: 0, client: None, ticket, kind: "stopwatch", person });
}
