//! Time entries: minutes that a person says to have worked on a ticket, and the timer that measures them; pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::pack::{Labelled, PackFault};
use super::{ClientId, Key, Moment, PersonId, Span, SubClientId, TextId, TicketId, TimeEntryId};

/// The longest entry, in minutes. Who worked longer writes two; a timer that ran longer was forgotten.
pub const ENTRY_MINUTES_MAX: i64 = 12 * 60;
/// How far back an entry may begin, and how old one may be when it is still changed, in days.
pub const ENTRY_BACK_DAYS_MAX: i64 = 62;
/// The coarsest rounding of a pack, in minutes.
pub const ROUND_MINUTES_MAX: i64 = 60;

/// Work on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimeEntry {
    pub id: TimeEntryId,
    pub ticket: TicketId,
    pub client: ClientId,
    /// The ticket's sub-client when it was recorded.
    pub sub_client: Option<SubClientId>,
    /// Who worked.
    pub person: PersonId,
    /// An entry belongs to the period in which it began.
    pub began_at: Moment,
    pub minutes: i64,
    /// A kind of work of the pack.
    pub kind: Option<Key>,
    pub note: Option<TextId>,
    /// Who wrote it down; `null`: the desk itself.
    pub recorded_by: Option<PersonId>,
    pub recorded_at: Moment,
    /// Taken back: it counts nothing and stays to be read.
    pub taken_back_at: Option<Moment>,
    pub version: i64,
}

/// What an entry says; the events of a ticket carry it, so that what was changed stays to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimeSpent {
    pub began_at: Moment,
    pub minutes: i64,
    pub kind: Option<Key>,
    pub note: Option<TextId>,
}

impl TimeSpent {
    #[must_use]
    pub fn of(entry: &TimeEntry) -> Self {
        let TimeEntry { began_at, minutes, kind, note, .. } = entry;
        Self { began_at: *began_at, minutes: *minutes, kind: kind.clone(), note: *note }
    }

    /// Whether it is the same work, whatever the notes say.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.began_at == other.began_at && self.minutes == other.minutes && self.kind == other.kind
    }
}

/// A timer that runs. A person has at most one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stopwatch {
    pub person: PersonId,
    pub ticket: TicketId,
    pub started_at: Moment,
}

/// How a pack counts time entries: `[time]` of `client.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntrySettings {
    /// Minutes of an entry are rounded up to a multiple of this.
    pub round_to_minutes: i64,
    /// Kinds of work that an entry may name.
    pub kinds: Vec<Labelled>,
}

impl Default for EntrySettings {
    fn default() -> Self {
        Self { round_to_minutes: 1, kinds: Vec::new() }
    }
}

impl EntrySettings {
    /// Minutes as the pack counts them: rounded up, never past the longest entry.
    #[must_use]
    pub fn rounded(&self, minutes: i64) -> i64 {
        let step = self.round_to_minutes.max(1);
        let up = (minutes + step - 1) / step * step;
        if up > ENTRY_MINUTES_MAX { minutes } else { up }
    }

    /// What is wrong with the settings.
    pub fn check(&self) -> Result<(), PackFault> {
        if !(1..=ROUND_MINUTES_MAX).contains(&self.round_to_minutes) {
            let message = format!("round_to_minutes must be from 1 to {ROUND_MINUTES_MAX}");
            return Err(PackFault::range("time.round_to_minutes", (1, ROUND_MINUTES_MAX), message));
        }
        for (index, kind) in self.kinds.iter().enumerate() {
            if self.kinds[..index].iter().any(|earlier| earlier.key == kind.key) {
                return Err(PackFault::twice(&format!("time.kinds.{index}.key"), "kind of work", &kind.key));
            }
        }
        Ok(())
    }
}

impl TimeEntry {
    #[must_use]
    pub fn counts(&self) -> bool {
        self.taken_back_at.is_none()
    }

    /// The first moment after it.
    #[must_use]
    pub fn ends_at(&self) -> Moment {
        self.began_at + Span::minutes(self.minutes)
    }

    #[must_use]
    pub fn overlaps(&self, other: &TimeEntry) -> bool {
        self.began_at < other.ends_at() && other.began_at < self.ends_at()
    }
}

impl Stopwatch {
    /// Whole minutes since it was started; a minute that has begun counts.
    #[must_use]
    pub fn minutes(&self, at: Moment) -> i64 {
        let minute = Span::minutes(1).ms();
        ((at - self.started_at).ms().max(0) + minute - 1) / minute
    }

    /// Ran longer than anybody works without a break: a person must say how long the work was.
    #[must_use]
    pub fn is_forgotten(&self, at: Moment) -> bool {
        self.minutes(at) > ENTRY_MINUTES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Label;

    #[test]
    fn minutes_are_rounded_up_and_never_past_the_longest_entry() {
        let quarter = EntrySettings { round_to_minutes: 15, ..EntrySettings::default() };
        for (minutes, rounded) in [(1, 15), (15, 15), (16, 30), (ENTRY_MINUTES_MAX, ENTRY_MINUTES_MAX)] {
            assert_eq!(quarter.rounded(minutes), rounded, "{minutes}");
        }
        assert_eq!(EntrySettings::default().rounded(7), 7);
        let odd = EntrySettings { round_to_minutes: 50, ..EntrySettings::default() };
        assert_eq!(odd.rounded(701), 701, "750 minutes would be longer than an entry may be");
    }

    #[test]
    fn a_timer_counts_the_minute_that_has_begun_and_is_forgotten_after_the_longest_entry() {
        let start = Moment::from_ms(1_000_000);
        let running = Stopwatch { person: PersonId(1), ticket: TicketId(1), started_at: start };
        assert_eq!(running.minutes(start), 0);
        assert_eq!(running.minutes(start + Span::from_ms(1)), 1);
        assert_eq!(running.minutes(start + Span::minutes(2)), 2);
        assert_eq!(running.minutes(start + Span::minutes(-5)), 0);
        assert!(!running.is_forgotten(start + Span::minutes(ENTRY_MINUTES_MAX)));
        assert!(running.is_forgotten(start + Span::minutes(ENTRY_MINUTES_MAX) + Span::from_ms(1)));
    }

    #[test]
    fn settings_name_what_is_wrong() {
        let at = |settings: EntrySettings| settings.check().unwrap_err().place.way().unwrap();
        for bad in [0, -1, ROUND_MINUTES_MAX + 1] {
            let settings = EntrySettings { round_to_minutes: bad, ..EntrySettings::default() };
            assert_eq!(at(settings), "time.round_to_minutes");
        }
        let kind = Labelled { key: Key::new("visit").unwrap(), label: Label::default() };
        let twice = EntrySettings { kinds: vec![kind.clone(), kind], ..EntrySettings::default() };
        assert_eq!(at(twice), "time.kinds.1.key");
    }
}
