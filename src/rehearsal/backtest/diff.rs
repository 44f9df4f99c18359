//! Two runs side by side, and the run with the published version beside what really happened.

use std::collections::{BTreeMap, HashMap};

use super::errors::{Errors, errors};
use super::fate::Fate;
use super::journal::Window;
use super::progress::Watch;
use super::replay::Played;
use super::report::{DifferenceKind, DifferenceTotals, History, RunReport, Strayed, TicketDiff};
use super::{BacktestError, LISTED_MAX, Plan, ROWS_MAX};
use crate::domain::TicketId;
use crate::domain::event::Event;
use crate::domain::ticket::{Channel, Ticket};
use crate::store::{self, Readers, StoreError};

/// Steps and tickets that are read at once.
const READ_AT_ONCE: usize = 2_000;

/// What became of each live ticket in a run.
pub(super) type Fates = BTreeMap<TicketId, Fate>;

/// Reads what became of the tickets, and counts it into the run's report.
pub(super) fn fates(
    played: &mut Played,
    plan: &Plan,
    watch: &Watch,
) -> Result<(Fates, Errors), BacktestError> {
    let live: HashMap<TicketId, TicketId> = played.names.iter().map(|(live, own)| (*own, *live)).collect();
    let mut fates: Fates = played.names.keys().map(|live| (*live, Fate::default())).collect();
    let mut seq = played.first_seq;
    let mut failed = Vec::new();
    loop {
        watch.look()?;
        let steps = played
            .readers
            .read::<_, StoreError>(|db| store::journal::compared_after(db, seq, READ_AT_ONCE))?;
        let Some(last) = steps.last() else { break };
        seq = last.seq;
        for step in &steps {
            let Some(live) = live.get(&step.ticket) else { continue };
            if let Some(fate) = fates.get_mut(live) {
                fate.follow(&step.event, &step.actor);
            }
            if let Event::ScriptFailed { run, .. } = &step.event {
                failed.push((*run, *live));
            }
        }
    }
    let mut names = live.iter();
    loop {
        let some: Vec<_> = names.by_ref().take(READ_AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        watch.look()?;
        played.readers.read::<_, StoreError>(|db| {
            for (own, live) in &some {
                let ticket = store::ticket::get(db, **own)?;
                if let (Some(ticket), Some(fate)) = (ticket, fates.get_mut(*live)) {
                    fate.end(&ticket);
                }
            }
            Ok(())
        })?;
        watch.progress.step(some.len());
    }
    count(&mut played.report, &fates);
    let errors = errors(played, &failed, plan.client, plan.from, watch)?;
    Ok((fates, errors))
}

fn count(report: &mut RunReport, fates: &Fates) {
    for fate in fates.values() {
        report.breaches += fate.missed.len();
        report.tasks += fate.tasks.values().sum::<usize>();
        report.dispatches += fate.orders.values().sum::<usize>();
        report.messages += fate.messages + fate.calls;
        report.messages_held += fate.held;
        report.script_errors += fate.script_errors;
    }
}

/// Every ticket that differs; the live desk says what they are called.
pub(super) fn compare(
    live: &Readers,
    published: &Fates,
    draft: &Fates,
) -> Result<(DifferenceTotals, Vec<TicketDiff>), BacktestError> {
    let mut totals = DifferenceTotals::default();
    let mut rows = Vec::new();
    let only_draft = draft.keys().filter(|ticket| !published.contains_key(ticket));
    let mut tickets: Vec<TicketId> = published.keys().chain(only_draft).copied().collect();
    tickets.sort_unstable();
    for ticket in tickets {
        let (was, is) = (published.get(&ticket), draft.get(&ticket));
        let kinds = differences(was, is);
        if kinds.is_empty() {
            continue;
        }
        kinds.iter().for_each(|kind| totals.add(*kind));
        totals.tickets += 1;
        if rows.len() < ROWS_MAX {
            rows.push(TicketDiff { ticket, number: 0, kinds, published: was.cloned(), draft: is.cloned() });
        }
    }
    for some in rows.chunks_mut(READ_AT_ONCE) {
        live.read::<_, StoreError>(|db| {
            for row in some {
                row.number = store::ticket::get(db, row.ticket)?.map_or(0, |ticket| ticket.number);
            }
            Ok(())
        })?;
    }
    Ok((totals, rows))
}

fn differences(published: Option<&Fate>, draft: Option<&Fate>) -> Vec<DifferenceKind> {
    let (was, is) = match (published, draft) {
        (Some(was), Some(is)) => (was, is),
        (None, None) => return Vec::new(),
        _ => return vec![DifferenceKind::Presence],
    };
    let checks = [
        (!was.went_as(is), DifferenceKind::Route),
        (was.status != is.status || was.resolution != is.resolution, DifferenceKind::Status),
        (was.category != is.category, DifferenceKind::Category),
        (was.priority != is.priority, DifferenceKind::Priority),
        (!is.missed.is_subset(&was.missed), DifferenceKind::BreachesGained),
        (!was.missed.is_subset(&is.missed), DifferenceKind::BreachesLost),
        (was.tasks != is.tasks, DifferenceKind::Tasks),
        (was.orders != is.orders, DifferenceKind::Dispatches),
        ((was.messages, was.calls, was.held) != (is.messages, is.calls, is.held), DifferenceKind::Messages),
        (was.script_errors != is.script_errors, DifferenceKind::ScriptErrors),
    ];
    checks.into_iter().filter_map(|(differs, kind)| differs.then_some(kind)).collect()
}

impl DifferenceTotals {
    fn add(&mut self, kind: DifferenceKind) {
        let count = match kind {
            DifferenceKind::Route => &mut self.route,
            DifferenceKind::Status => &mut self.status,
            DifferenceKind::Category => &mut self.category,
            DifferenceKind::Priority => &mut self.priority,
            DifferenceKind::BreachesGained => &mut self.breaches_gained,
            DifferenceKind::BreachesLost => &mut self.breaches_lost,
            DifferenceKind::Tasks => &mut self.tasks,
            DifferenceKind::Dispatches => &mut self.dispatches,
            DifferenceKind::Messages => &mut self.messages,
            DifferenceKind::ScriptErrors => &mut self.script_errors,
            DifferenceKind::Presence => &mut self.presence,
        };
        *count += 1;
    }
}

/// How far the run with the published version came out as the desk did.
pub(super) fn against_history(
    live: &Readers,
    window: &Window,
    published: &Fates,
    watch: &Watch,
) -> Result<History, BacktestError> {
    let mut history = History::default();
    let mut tickets: Vec<TicketId> = published.keys().chain(window.tickets.keys()).copied().collect();
    tickets.sort_unstable();
    tickets.dedup();
    for some in tickets.chunks(READ_AT_ONCE / 10) {
        watch.look()?;
        let happened = live.read::<_, StoreError>(|db| {
            some.iter().map(|id| what_happened(db, window, *id)).collect::<Result<Vec<_>, _>>()
        })?;
        for (ticket, happened) in happened.into_iter().flatten() {
            history.compared += 1;
            let fate = published.get(&ticket.id);
            if fate == Some(&happened) {
                continue;
            }
            history.differ += 1;
            if history.first.len() < LISTED_MAX {
                let (number, published) = (ticket.number, fate.cloned());
                history.first.push(Strayed { ticket: ticket.id, number, happened, published });
            }
        }
        watch.progress.step(some.len());
    }
    Ok(history)
}

/// Of an imported ticket the foreign desk decided; there is nothing to compare.
fn what_happened(
    db: &store::Db,
    window: &Window,
    id: TicketId,
) -> Result<Option<(Ticket, Fate)>, StoreError> {
    let is_imported = store::ticket::get(db, id)?.is_none_or(|ticket| ticket.channel == Channel::Import);
    if is_imported {
        return Ok(None);
    }
    let mut events = store::event::of_ticket(db, id)?;
    events.retain(|recorded| window.is_within(recorded));
    let steps = events.iter().map(|recorded| (&recorded.event, recorded.occurred_at));
    let Some(ticket) = Ticket::rebuild(id, steps) else { return Ok(None) };
    let mut fate = Fate::default();
    for recorded in events.iter().filter(|recorded| !window.is_before(recorded)) {
        fate.follow(&recorded.event, &recorded.actor);
    }
    fate.end(&ticket);
    Ok(Some((ticket, fate)))
}
