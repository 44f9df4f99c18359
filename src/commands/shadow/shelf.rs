//! What the writer keeps ready of shadows: which clients have one, their compiled drafts, and the time these take.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::super::done::DeskError;
use super::super::programs::sources;
use crate::domain::pack::Pack;
use crate::domain::shadow::MINUTE_RUN_WALLS;
use crate::domain::{ClientId, Moment, ShadowId, Span};
use crate::store::shadow::Shadow;
use crate::store::{self, StoreError, Tx};
use crate::workflow::{Program, Sources, compile};

/// Who looks at a shadow is told of runs without a difference at most so often.
const TOLD_EVERY: Span = Span::seconds(5);
/// Compiled drafts that are kept; beyond it all are dropped and compiled again when needed.
const DRAFTS_KEPT_MAX: usize = 100;

#[derive(Debug, Default)]
pub struct Shelf {
    standing: HashMap<ClientId, Option<Shadow>>,
    drafts: HashMap<ShadowId, Option<Rc<Program>>>,
    minutes: HashMap<ClientId, Minute>,
    told: HashMap<ClientId, Moment>,
}

/// What a shadow has taken since a moment.
#[derive(Debug, Clone, Copy)]
struct Minute {
    began_at: Moment,
    spent: Duration,
}

impl Shelf {
    /// Drops what a transaction that was undone may have put here. A compiled draft stays: its id is never used again.
    pub fn forget(&mut self) {
        self.standing.clear();
    }

    /// Drops what belongs to another database, where the same ids may mean something else.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }

    /// The client's shadow, while it stands.
    pub fn standing(&mut self, tx: &Tx, client: ClientId) -> Result<Option<Shadow>, StoreError> {
        if let Some(known) = self.standing.get(&client) {
            return Ok(known.clone());
        }
        let found = store::shadow::get(tx, client)?.filter(|shadow| shadow.ended_at.is_none());
        self.standing.insert(client, found.clone());
        Ok(found)
    }

    /// Writes the counts of a shadow that stands.
    pub fn count(&mut self, tx: &Tx, shadow: Shadow) -> Result<(), StoreError> {
        store::shadow::put_counts(tx, shadow.client, shadow.counts)?;
        self.standing.insert(shadow.client, Some(shadow));
        Ok(())
    }

    /// The compiled draft; nothing when this program cannot compile it (it was checked when the shadow began).
    pub fn program(
        &mut self,
        tx: &Tx,
        shadow: &Shadow,
        wall_max: Duration,
    ) -> Result<Option<Rc<Program>>, DeskError> {
        if let Some(program) = self.drafts.get(&shadow.id) {
            return Ok(program.clone());
        }
        let program = compiled(tx, shadow, wall_max)?.map(Rc::new);
        if program.is_none() {
            tracing::error!(client = shadow.client.0, "the draft of a shadow does not compile");
        }
        if self.drafts.len() >= DRAFTS_KEPT_MAX {
            self.drafts.clear();
        }
        self.drafts.insert(shadow.id, program.clone());
        Ok(program)
    }

    /// Counts what a run took; `false`: more than a minute's worth.
    pub fn may_spend(&mut self, client: ClientId, now: Moment, took: Duration, wall_max: Duration) -> bool {
        let fresh = Minute { began_at: now, spent: Duration::ZERO };
        let minute = self.minutes.entry(client).or_insert(fresh);
        if now - minute.began_at >= Span::minutes(1) {
            *minute = fresh;
        }
        minute.spent += took;
        minute.spent <= wall_max * MINUTE_RUN_WALLS
    }

    /// Whether who looks should hear that runs went by.
    pub fn is_time_to_tell(&mut self, client: ClientId, now: Moment) -> bool {
        let is_time = self.told.get(&client).is_none_or(|told| now - *told >= TOLD_EVERY);
        if is_time {
            self.told.insert(client, now);
        }
        is_time
    }
}

fn compiled(tx: &Tx, shadow: &Shadow, wall_max: Duration) -> Result<Option<Program>, DeskError> {
    let Some(texts) = store::shadow::texts(tx, shadow.client)? else { return Ok(None) };
    let lists = store::holiday_list::of_version(tx, &texts.holidays)?;
    let Ok((pack, _)) = Pack::parse_with(&texts.settings, &lists) else { return Ok(None) };
    let texts = Sources { holidays: lists, ..sources(&texts.script, &texts.modules) };
    Ok(compile(texts, Arc::new(pack), wall_max).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_worth_is_counted_for_each_client_and_begins_anew() {
        let (mut shelf, wall) = (Shelf::default(), Duration::from_millis(5));
        let (bank, shop) = (ClientId(1), ClientId(2));
        let start = Moment::from_ms(1_000_000);
        for _ in 0..MINUTE_RUN_WALLS {
            assert!(shelf.may_spend(bank, start, wall, wall));
        }
        assert!(!shelf.may_spend(bank, start + Span::seconds(59), Duration::from_micros(1), wall));
        assert!(shelf.may_spend(shop, start, wall, wall));
        assert!(shelf.may_spend(bank, start + Span::minutes(1), wall, wall));
    }

    #[test]
    fn listeners_hear_of_equal_runs_now_and_then() {
        let mut shelf = Shelf::default();
        let start = Moment::from_ms(1_000_000);
        let told =
            [0, 1, 4, 5, 6, 11].map(|at| shelf.is_time_to_tell(ClientId(1), start + Span::seconds(at)));
        assert_eq!(told, [true, false, false, true, false, true]);
    }
}
