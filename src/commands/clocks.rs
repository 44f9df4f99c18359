//! The SLA clocks of a ticket follow its events, and their next alarm stands on the durable clock.

use std::sync::Arc;

use super::done::{DeskError, Mode};
use super::work::{Case, Work};
use crate::domain::calendar::Calendar;
use crate::domain::event::Event;
use crate::domain::ledger::{self, Entry, Policy};
use crate::domain::sla::{Followed, SlaClock, Turn, follow as turn, moves_terms};
use crate::domain::{EventId, Moment, TicketId};
use crate::store::due::{Due, DueKind};
use crate::store::{self, Tx};

/// The calendar by which the ticket's clocks run now; nothing while its pack cannot be read.
pub(super) fn calendar(case: &Case) -> Option<Arc<Calendar>> {
    Some(case.loaded.as_ref()?.calendars.of(&case.ticket.terms))
}

/// Lets the ticket's clocks follow an event; `before` is the calendar by which they ran until then.
pub(super) fn follow(
    work: &mut Work<'_>,
    id: TicketId,
    event: &Event,
    before: Option<Arc<Calendar>>,
) -> Result<(), DeskError> {
    if work.mode == Mode::Muted || !matters(event) {
        return Ok(());
    }
    let is_moved = matches!(event, Event::PackVersionMoved { .. });
    let loaded = match work.with(id, |case| case.loaded.clone()) {
        Some(loaded) if is_moved || !loaded.pack.sla.is_empty() => loaded,
        _ => return Ok(()),
    };
    let clocks_before = clocks(work, id)?;
    let ticket = work.with(id, |case| case.ticket.clone());
    let before = before.unwrap_or_else(|| loaded.calendars.of(&ticket.terms));
    let one = Turn { event, at: work.occurred_at, ticket: &ticket, pack: &loaded.pack, before: &before };
    let after = match turn(&clocks_before, one) {
        Followed::Clocks(after) => after,
        Followed::Derive => {
            let policy = Policy { pack: &loaded.pack, calendars: &loaded.calendars };
            derived(work, id, event, policy)?
        }
    };
    if after != clocks_before {
        work.with(id, |case| {
            let is_gone = |clock: &&SlaClock| !after.iter().any(|own| own.target == clock.target);
            case.clocks_gone.extend(clocks_before.iter().filter(is_gone).map(|clock| clock.target.clone()));
            case.clocks = Some(after);
            case.clocks_changed = true;
        });
    }
    Ok(())
}

fn matters(event: &Event) -> bool {
    moves_terms(event)
        || matches!(
            event,
            Event::TicketOpened(_)
                | Event::StatusChanged { .. }
                | Event::CommentAdded { .. }
                | Event::TicketResolved { .. }
                | Event::TicketClosed { .. }
                | Event::TicketReopened { .. }
                | Event::SlaReached { .. }
                | Event::PackVersionMoved { .. }
        )
}

/// From all events of the ticket and the one that is being recorded.
fn derived(
    work: &Work<'_>,
    id: TicketId,
    event: &Event,
    policy: Policy<'_>,
) -> Result<Vec<SlaClock>, DeskError> {
    let recorded = store::event::of_ticket(&work.tx, id)?;
    let before = recorded.iter().map(store::event::Recorded::entry);
    let own = Entry { id: EventId(0), event, at: work.occurred_at };
    let entries: Vec<Entry<'_>> = before.chain([own]).collect();
    Ok(ledger::clocks(id, &entries, policy))
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

/// When the nearest target is due; never, while all stand or are met. The clocks must have been read.
pub(super) fn nearest_due(case: &Case) -> Option<Moment> {
    let calendar = calendar(case)?;
    case.clocks.iter().flatten().filter_map(|clock| clock.due_at(&calendar)).min()
}

/// Writes changed clocks and their deadlines; reads them where the row needs them.
pub(super) fn write(tx: &Tx, case: &mut Case) -> Result<(), DeskError> {
    if case.clocks.is_none() {
        case.clocks = Some(store::sla_clock::of_ticket(tx, case.ticket.id)?);
        return Ok(());
    }
    if !std::mem::take(&mut case.clocks_changed) {
        return Ok(());
    }
    let ticket = case.ticket.id;
    for target in std::mem::take(&mut case.clocks_gone) {
        store::sla_clock::remove(tx, ticket, &target)?;
        store::due::remove(tx, ticket, DueKind::Sla, &target)?;
    }
    for clock in case.clocks.iter().flatten() {
        store::sla_clock::put(tx, ticket, clock)?;
        match next_alarm(tx, case, clock) {
            Some(due) => store::due::put(tx, &due)?,
            None => {
                store::due::remove(tx, ticket, DueKind::Sla, &clock.target)?;
            }
        }
    }
    Ok(())
}

fn next_alarm(tx: &Tx, case: &Case, clock: &SlaClock) -> Option<Due> {
    let (_, row) = case.loaded.as_ref()?.pack.target_for(&case.ticket)?;
    let alarm = clock.next_alarm(row)?;
    let run_at = clock.reaches(&*calendar(case)?, alarm.used)?;
    Some(Due {
        id: tx.id(),
        client: case.ticket.client,
        ticket: Some(case.ticket.id),
        kind: DueKind::Sla,
        name: clock.target.clone(),
        percent: alarm.percent,
        overdue_minutes: alarm.overdue_minutes,
        run_at,
    })
}
