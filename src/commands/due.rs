//! The durable clock: timers are started and cancelled; a row that is due becomes an event.

use super::acceptance;
use super::apply::about;
use super::clocks;
use super::done::{DeskError, Done};
use super::handover;
use super::hold;
use super::incident_round;
use super::ladder;
use super::rating;
use super::record::record;
use super::schedule;
use super::shadow;
use super::swap;
use super::version_move;
use super::watch;
use super::work::Work;
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::shadow::ShadowEnd;
use crate::domain::{DueId, Key, Moment, Refusal, Span, TicketId};
use crate::store;
use crate::store::due::{Due, DueKind};

/// Most timers of one ticket.
const TIMERS_MAX: usize = 50;
/// A timer may lie at most this far ahead.
pub(super) const TIMER_AHEAD_MAX: Span = Span::days(1_000);

pub(super) fn start_timer(
    work: &mut Work<'_>,
    id: TicketId,
    name: Key,
    run_at: Moment,
) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::WorkOnTicket, None)?;
    if run_at > work.tx.now() + TIMER_AHEAD_MAX {
        return Err(Refusal::invalid("run_at", "lies more than 1,000 days ahead").into());
    }
    let standing = store::due::of_ticket(&work.tx, id)?;
    let timers = standing.iter().filter(|due| due.kind == DueKind::Timer && due.name != name).count();
    if timers >= TIMERS_MAX {
        return Err(
            Refusal::TooMany { field: "timers".to_owned(), count: timers, count_max: TIMERS_MAX }.into()
        );
    }
    let due = Due {
        id: work.tx.id(),
        client: ticket.client,
        ticket: Some(id),
        person: None,
        kind: DueKind::Timer,
        name: name.clone(),
        percent: 0,
        overdue_minutes: 0,
        run_at,
    };
    store::due::put(&work.tx, &due)?;
    work.note_change(Some(ticket.client), "due");
    record(work, id, Event::TimerStarted { name, run_at })?;
    Ok(about(id, None))
}

pub(super) fn cancel_timer(work: &mut Work<'_>, id: TicketId, name: Key) -> Result<Done, DeskError> {
    work.ticket_for(id, Step::WorkOnTicket, None)?;
    if store::due::remove(&work.tx, id, DueKind::Timer, &name)? {
        record(work, id, Event::TimerCancelled { name })?;
    }
    Ok(about(id, None))
}

/// Plays a due row. One that was moved or taken away in the meantime is no error: there is nothing to do.
pub(super) fn play(work: &mut Work<'_>, id: DueId) -> Result<Done, DeskError> {
    if work.cause.actor != Actor::Clock {
        return Err(Refusal::forbidden("play what is due: only the clock does").into());
    }
    let Some(due) = store::due::take_ready(&work.tx, id, work.tx.now())? else { return Ok(Done::default()) };
    let ticket = match (due.kind, due.ticket) {
        (DueKind::ShiftEnd, _) => return handover::shift_ended(work, &due),
        (DueKind::Handover, _) => return handover::play(work, &due),
        (DueKind::SwapOffer, _) => return swap::shift_begins(work, &due),
        (DueKind::Schedule, _) => return schedule::play(work, &due),
        (DueKind::Shadow, _) => {
            shadow::end(work, due.client, ShadowEnd::Time)?;
            return Ok(Done::default());
        }
        (DueKind::Watch, _) => {
            watch::look(work, due.client)?;
            return Ok(Done::default());
        }
        (DueKind::MessageHold, _) => {
            hold::go_on(work, due.client)?;
            return Ok(Done::default());
        }
        (DueKind::VersionMove, _) => {
            version_move::go_on(work, due.client)?;
            return Ok(Done::default());
        }
        (_, None) => return Ok(Done::default()),
        (_, Some(ticket)) => ticket,
    };
    match due.kind {
        DueKind::Acceptance => acceptance::play(work, ticket)?,
        DueKind::Timer => record(work, ticket, Event::TimerFired { name: due.name })?,
        DueKind::Incident => incident_round::go_on(work, ticket)?,
        DueKind::Ladder => ladder::play(work, ticket, due.name)?,
        DueKind::Rating => rating::play(work, ticket, &due.name)?,
        _ => {
            let clocks = clocks::clocks(work, ticket)?;
            let clock = clocks.iter().find(|clock| clock.target == due.name);
            let calendar = work.with(ticket, |case| clocks::calendar(case));
            let due_at = clock.zip(calendar).and_then(|(clock, calendar)| clock.due_at(&calendar));
            let reached = Event::SlaReached {
                target: due.name,
                percent: due.percent,
                overdue_minutes: due.overdue_minutes,
                due_at: due_at.unwrap_or(due.run_at),
            };
            record(work, ticket, reached)?;
        }
    }
    Ok(about(ticket, None))
}
