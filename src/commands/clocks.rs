//! The SLA clocks of a ticket follow its events, and their next warning stands on the durable clock.

use super::done::{DeskError, Mode};
use super::work::{Case, Work};
use crate::domain::calendar::Calendar;
use crate::domain::event::{Event, Visibility};
use crate::domain::pack::{Pack, Phase};
use crate::domain::sla::{FIRST_RESPONSE, RESOLUTION, SlaClock};
use crate::domain::ticket::Ticket;
use crate::domain::{Key, Moment, TicketId};
use crate::store::due::{Due, DueKind};
use crate::store::{self, Tx};

/// Warning levels, in percent of the target; 100 is the breach.
pub const WARNING_PERCENTS: [i64; 2] = [80, 100];

/// Lets the ticket's clocks follow an event.
pub(super) fn follow(work: &mut Work<'_>, id: TicketId, event: &Event) -> Result<(), DeskError> {
    if work.mode == Mode::Muted || !matters(event) {
        return Ok(());
    }
    let loaded = match work.with(id, |case| case.loaded.clone()) {
        Some(loaded) if !loaded.pack.sla.is_empty() => loaded,
        _ => return Ok(()),
    };
    let answered = matches!(event, Event::CommentAdded { visibility: Visibility::Public, .. })
        && work.actor_is_staff()?;
    let at = work.occurred_at;
    let before = clocks(work, id)?;
    let ticket = work.with(id, |case| case.ticket.clone());
    let mut after = before.clone();
    if matches!(event, Event::TicketOpened(_)) {
        after = started(&ticket, &loaded.pack, at);
    }
    for clock in &mut after {
        turn(clock, event, answered, &ticket, &loaded.pack, &loaded.calendar, at);
    }
    if after != before {
        work.with(id, |case| {
            case.clocks = Some(after);
            case.clocks_changed = true;
        });
    }
    Ok(())
}

fn matters(event: &Event) -> bool {
    matches!(
        event,
        Event::TicketOpened(_)
            | Event::StatusChanged { .. }
            | Event::PriorityChanged { .. }
            | Event::CommentAdded { .. }
            | Event::TicketResolved { .. }
            | Event::TicketClosed { .. }
            | Event::TicketReopened { .. }
    )
}

fn started(ticket: &Ticket, pack: &Pack, at: Moment) -> Vec<SlaClock> {
    let targets = [FIRST_RESPONSE, RESOLUTION].into_iter();
    targets
        .filter_map(|target| {
            let limit = pack.target(ticket.priority, target)?;
            Some(SlaClock::started(Key::new(target).expect("targets are keys"), limit, at))
        })
        .collect()
}

fn turn(
    clock: &mut SlaClock,
    event: &Event,
    answered: bool,
    ticket: &Ticket,
    pack: &Pack,
    calendar: &Calendar,
    at: Moment,
) {
    match event {
        Event::PriorityChanged { .. } => {
            if let Some(limit) = pack.target(ticket.priority, &clock.target) {
                clock.limit = limit;
                let reached = used_percent(clock, calendar, at);
                clock.warned_percent = clock.warned_percent.min(reached);
            }
        }
        Event::CommentAdded { .. } if answered && clock.target == *FIRST_RESPONSE => clock.meet(calendar, at),
        Event::TicketResolved { .. } | Event::TicketClosed { .. } => clock.meet(calendar, at),
        Event::TicketReopened { .. } if clock.target == *RESOLUTION => clock.reopen(at),
        _ => {}
    }
    let status = pack.status(&ticket.status);
    let stands = status.is_some_and(|status| {
        status.waits_for.is_some() || matches!(status.phase, Phase::Resolved | Phase::Closed)
    });
    if stands {
        clock.pause(calendar, at);
    } else {
        clock.resume(at);
    }
}

fn used_percent(clock: &SlaClock, calendar: &Calendar, at: Moment) -> i64 {
    clock.used_at(calendar, at).ms().saturating_mul(100) / clock.limit.ms().max(1)
}

/// The ticket's clocks as they stand.
pub(super) fn clocks(work: &mut Work<'_>, id: TicketId) -> Result<Vec<SlaClock>, DeskError> {
    work.touch(id)?;
    if let Some(clocks) = work.with(id, |case| case.clocks.clone()) {
        return Ok(clocks);
    }
    let clocks = store::sla_clock::of_ticket(&work.tx, id)?;
    work.with(id, |case| case.clocks = Some(clocks.clone()));
    Ok(clocks)
}

/// A warning level was reached: the next one goes on the clock.
pub(super) fn warned(work: &mut Work<'_>, id: TicketId, target: &Key, percent: i64) -> Result<(), DeskError> {
    clocks(work, id)?;
    work.with(id, |case| {
        let clock = case.clocks.iter_mut().flatten().find(|clock| clock.target == *target);
        if let Some(clock) = clock {
            clock.warned_percent = clock.warned_percent.max(percent);
            case.clocks_changed = true;
        }
    });
    Ok(())
}

/// When the nearest target is due; never, while all stand or are met. The clocks must have been read.
pub(super) fn nearest_due(case: &Case) -> Option<Moment> {
    let calendar = &case.loaded.as_ref()?.calendar;
    case.clocks.iter().flatten().filter_map(|clock| clock.due_at(calendar)).min()
}

/// Writes changed clocks and their deadlines; reads them where the row needs them.
pub(super) fn write(tx: &Tx, case: &mut Case) -> Result<(), DeskError> {
    let Some(clocks) = &case.clocks else {
        case.clocks = Some(store::sla_clock::of_ticket(tx, case.ticket.id)?);
        return Ok(());
    };
    let Some(loaded) = case.loaded.as_ref().filter(|_| case.clocks_changed) else { return Ok(()) };
    for clock in clocks {
        store::sla_clock::put(tx, case.ticket.id, clock)?;
        let next = WARNING_PERCENTS.into_iter().find(|percent| *percent > clock.warned_percent);
        let at = next.and_then(|percent| Some((percent, clock.reaches(&loaded.calendar, percent)?)));
        match at {
            Some((percent, run_at)) => store::due::put(
                tx,
                &Due {
                    id: tx.id(),
                    client: case.ticket.client,
                    ticket: case.ticket.id,
                    kind: DueKind::Sla,
                    name: clock.target.clone(),
                    percent,
                    run_at,
                },
            )?,
            None => {
                store::due::remove(tx, case.ticket.id, DueKind::Sla, &clock.target)?;
            }
        }
    }
    case.clocks_changed = false;
    Ok(())
}
