//! Parts of a client's arrivals that have a norm of their own: a queue, a category.

use super::norm::{Hours, Norm};
use crate::domain::{Key, Moment};

/// With fewer arrivals in the weeks looked at there is too little history: then the client's norm alone counts.
pub const PART_ARRIVALS_MIN: f64 = 100.0;
/// A part with more of the client's arrivals is nearly all of them: its norm would say the same twice.
pub const PART_SHARE_MAX: f64 = 0.8;
/// A window or a gap of a part must be so many times as unlikely as one of the client: there are many parts, and each can be
/// wrong.
pub const PART_CAUTION: f64 = 10.0;
/// Fewer arrivals in a part are no spike: one person who reports the machines of one place is none.
pub const PART_COUNT_MIN: i64 = 6;
/// A part's rate is no more certain than this spread says: a few of its tickets often have one cause.
const PART_SPREAD_MIN: f64 = 0.2;

/// A part of a client's arrivals: tickets that stood in a queue, or had a category, within an hour of their opening.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Category(Key),
    Queue(Key),
}

impl Part {
    /// What kind of part it is; with `key`, its name.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Part::Category(_) => "category",
            Part::Queue(_) => "queue",
        }
    }

    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Part::Category(key) | Part::Queue(key) => key,
        }
    }

    /// The parts to which a ticket belongs, the more telling one first.
    #[must_use]
    pub fn of(queue: Option<&Key>, category: Option<&Key>) -> Vec<Part> {
        let category = category.cloned().map(Part::Category);
        category.into_iter().chain(queue.cloned().map(Part::Queue)).collect()
    }
}

impl Norm {
    /// The norm of a part of what `whole` is the norm of; nothing where there is too little history, or where the part
    /// is nearly the whole.
    ///
    /// A part is small, and a few weeks show little of it. So no hour is allowed less than the part's share of what
    /// the whole may have in it.
    #[must_use]
    pub fn of_part(hours: &Hours, began: Option<i64>, until: Moment, whole: &Norm) -> Option<Norm> {
        let mut own = Norm::learn(hours, began, until, whole.zone.clone()).ok()?;
        let share = own.weekly / whole.weekly;
        if own.weekly * (own.weeks as f64) < PART_ARRIVALS_MIN || share > PART_SHARE_MAX {
            return None;
        }
        for (rate, all) in own.upper.iter_mut().zip(&whole.upper) {
            *rate = rate.max(all * share);
        }
        own.clump = own.clump.max(whole.clump);
        own.spread = own.spread.max(whole.spread).max(PART_SPREAD_MIN);
        Some(own)
    }
}
