//! What the contract says of a ticket, each time when it may say something else, and the rule for what it leaves out.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::done::{DeskError, Mode};
use super::programs::Loaded;
use super::record::record;
use super::work::{Cause, Wake, Work};
use crate::domain::calendar::Month;
use crate::domain::contract::{Coverage, MonthlyPack, coverage};
use crate::domain::event::{Collected, CoverageChecked, Event};
use crate::domain::person::Actor;
use crate::domain::ticket::Ticket;
use crate::domain::{Moment, Refusal, TicketId};
use crate::store::contract::{Holder, Period};
use crate::store::{self, Db};
use crate::workflow::Occasion;

/// What the default rule marks a ticket with that is not covered, so that lists can be narrowed to them.
const NOT_COVERED_TAG: &str = "not_covered";

/// Records what the contract says now of the ticket, when that is something else than before.
pub(super) fn recheck(work: &mut Work<'_>, id: TicketId) -> Result<(), DeskError> {
    work.touch(id)?;
    let Some(loaded) = work.with(id, |case| case.loaded.clone()) else { return Ok(()) };
    if work.mode == Mode::Muted || loaded.pack.packages.is_empty() {
        return Ok(());
    }
    let ticket = work.ticket(id)?;
    let before = store::contract::coverage(&work.tx, id)?;
    let (holder, now) = judge(work, &ticket, &loaded)?;
    let is_same = match &before {
        None => now.package.is_none(),
        Some((whose, before)) => *whose == holder.sub_client && before.is_same(&now),
    };
    if is_same {
        return Ok(());
    }
    let is_covered = now.is_covered;
    let checked = CoverageChecked { holder: holder.sub_client, coverage: now };
    record(work, id, Event::CoverageChecked(Box::new(checked)))?;
    if is_covered && ticket.tags.contains(NOT_COVERED_TAG) {
        let removed = BTreeSet::from([NOT_COVERED_TAG.to_owned()]);
        as_the_desk(work, |work| record(work, id, Event::TagsChanged { added: BTreeSet::new(), removed }))?;
    }
    Ok(())
}

/// What the contract says of the ticket, as the month of the command stands.
pub(super) fn judge(
    work: &Work<'_>,
    ticket: &Ticket,
    loaded: &Arc<Loaded>,
) -> Result<(Holder, Coverage), DeskError> {
    judge_at(&work.tx, ticket, loaded, work.occurred_at)
}

/// As [`judge`], of the month of `at`.
pub(super) fn judge_at(
    db: &Db,
    ticket: &Ticket,
    loaded: &Loaded,
    at: Moment,
) -> Result<(Holder, Coverage), DeskError> {
    let pack = &loaded.pack;
    let holder = holder_of(loaded, ticket);
    let monthly = pack.package_of(ticket.terms.sub_client.as_ref()).and_then(|own| own.monthly.as_ref());
    let unit = monthly.map(MonthlyPack::unit);
    let asking = store::contract::asking(db, ticket, holder, unit, month(loaded, at)?)?;
    Ok((holder, coverage(pack, &loaded.calendars, ticket, &asking)))
}

pub(super) fn holder_of(loaded: &Loaded, ticket: &Ticket) -> Holder {
    let sub_client = loaded.pack.contract.holder(ticket.terms.sub_client.as_ref(), ticket.sub_client);
    Holder { client: ticket.client, sub_client }
}

/// The month of a moment in the client's zone.
pub(super) fn month(loaded: &Loaded, at: Moment) -> Result<Period, Refusal> {
    let zone = &loaded.pack.calendar.time_zone;
    let bounds = Month::of(at, zone).and_then(|month| month.bounds(zone));
    bounds.map_err(|error| Refusal::invalid("occurred_at", error.to_string()))
}

/// Whether the ticket is still as little covered as when the script was to be asked.
pub(super) fn stands(work: &Work<'_>, wake: &Wake) -> Result<bool, DeskError> {
    let Occasion::NotCovered { coverage } = &wake.occasion else { return Ok(true) };
    let now = store::contract::coverage(&work.tx, wake.ticket)?;
    Ok(now.is_some_and(|(_, now)| now.is_same(coverage)))
}

/// The rule where the script says nothing: nothing is lost, nobody is told, a person decides.
pub(super) fn put_apart(work: &mut Work<'_>, id: TicketId) -> Result<(), DeskError> {
    let ticket = work.ticket(id)?;
    if ticket.is_closed() {
        return Ok(());
    }
    let queue = work.pack_of(id)?.not_covered_queue().clone();
    as_the_desk(work, |work| {
        if !ticket.tags.contains(NOT_COVERED_TAG) {
            let added = BTreeSet::from([NOT_COVERED_TAG.to_owned()]);
            record(work, id, Event::TagsChanged { added, removed: BTreeSet::new() })?;
        }
        if ticket.queue.as_ref() != Some(&queue) {
            let from = ticket.queue.clone();
            record(
                work,
                id,
                Event::TicketQueued {
                    from,
                    to: queue,
                    reason: None,
                    is_alarm: false,
                    collected: Collected::default(),
                },
            )?;
        }
        Ok(())
    })
}

/// What the desk does by itself, whoever woke it.
fn as_the_desk<T>(
    work: &mut Work<'_>,
    act: impl FnOnce(&mut Work<'_>) -> Result<T, DeskError>,
) -> Result<T, DeskError> {
    let cause = Cause {
        actor: Actor::Clock,
        run: None,
        handler: work.cause.handler.clone(),
        depth: work.cause.depth,
    };
    let outside = std::mem::replace(&mut work.cause, cause);
    let done = act(work);
    work.cause = outside;
    done
}
