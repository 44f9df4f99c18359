//! The outside commands of a window, in the order of their own times.

use std::collections::{HashMap, HashSet};

use super::progress::{BacktestPhase, Watch};
use super::{BacktestError, Plan};
use crate::domain::person::Actor;
use crate::domain::{ClientId, JournalId, Moment, Span, TicketId};
use crate::store::event::Recorded;
use crate::store::journal::Mark;
use crate::store::{self, Readers, StoreError};

/// Marks that are read at once.
pub(super) const MARKS_READ: usize = 10_000;
/// A command may say that it happened so much later than it was recorded: the clock of a caller is ahead.
const AHEAD: Span = Span::minutes(5);

/// One outside command of the window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub at: Moment,
    pub id: JournalId,
}

/// Every outside command of the window.
pub(super) struct Window {
    pub client: ClientId,
    pub from: Moment,
    pub to: Moment,
    pub entries: Vec<Entry>,
    /// How many of them came from outside, not from the desk's own clock.
    pub outside: usize,
    /// Tickets that the commands are about, each with the time of the last of them.
    pub tickets: HashMap<TicketId, Moment>,
    is_replayed: HashSet<JournalId>,
}

/// When a command counts: an import is played on the foreign desk's clock, everything else when we learned of it.
pub(super) fn time_of(actor: &Actor, occurred_at: Moment, recorded_at: Moment) -> Moment {
    if matches!(actor, Actor::Import { .. }) { occurred_at } else { recorded_at }
}

impl Window {
    pub fn read(readers: &Readers, plan: &Plan, watch: &Watch) -> Result<Window, BacktestError> {
        watch.progress.begin(BacktestPhase::Reading, 0);
        let (client, from, to) = (plan.client, plan.from, plan.to);
        let mut window = Window {
            client,
            from,
            to,
            entries: Vec::new(),
            outside: 0,
            tickets: HashMap::new(),
            is_replayed: HashSet::new(),
        };
        let mut after = JournalId(0);
        loop {
            watch.look()?;
            let read = |db: &store::Db| store::journal::marks(db, client, from - AHEAD, after, MARKS_READ);
            let marks: Vec<Mark> = readers.read::<_, StoreError>(read)?;
            let Some(last) = marks.last() else { break };
            after = last.id;
            watch.progress.step(marks.len());
            marks.iter().for_each(|mark| window.take(mark));
            if window.entries.len() > watch.limits.commands_max {
                let count_max = watch.limits.commands_max;
                return Err(BacktestError::TooMany { what: "commands", count_max });
            }
        }
        window.entries.sort_by_key(|entry| (entry.at, entry.id));
        window.is_kept(readers)?;
        if window.tickets.is_empty() {
            return Err(BacktestError::NothingHappened { from, to });
        }
        Ok(window)
    }

    fn take(&mut self, mark: &Mark) {
        let mut at = time_of(&mark.actor, mark.occurred_at, mark.recorded_at);
        // Rows of a foreign log need not be in the order of their times; on one ticket they stay in their own.
        if let Some(last) = mark.ticket.and_then(|ticket| self.tickets.get(&ticket)) {
            at = at.max(*last);
        }
        if at < self.from || at >= self.to {
            return;
        }
        self.entries.push(Entry { at, id: mark.id });
        self.outside += usize::from(mark.actor != Actor::Clock);
        self.is_replayed.insert(mark.id);
        self.tickets.extend(mark.ticket.map(|ticket| (ticket, at)));
    }

    /// Whether the journal still has what the window's first events came from.
    fn is_kept(&self, readers: &Readers) -> Result<(), BacktestError> {
        let kept_since = readers.read::<_, StoreError>(|db| {
            let cause = store::journal::first_cause_since(db, self.client, self.from)?;
            Ok(match cause {
                Some(cause) if store::journal::get(db, cause)?.is_none() => store::journal::kept_since(db)?,
                _ => None,
            })
        })?;
        match kept_since {
            Some(kept_since) => Err(BacktestError::Forgotten { kept_since }),
            None => Ok(()),
        }
    }

    /// Whether the event had happened at the window's first instant.
    pub fn is_before(&self, recorded: &Recorded) -> bool {
        let at = time_of(&recorded.actor, recorded.occurred_at, recorded.recorded_at);
        at < self.from && !self.is_replayed.contains(&recorded.journal)
    }

    /// Whether the event had happened at the window's end.
    pub fn is_within(&self, recorded: &Recorded) -> bool {
        time_of(&recorded.actor, recorded.occurred_at, recorded.recorded_at) < self.to
    }
}
