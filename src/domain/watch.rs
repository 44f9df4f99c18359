//! Queue watch: what is normal for a client's arrivals, and when a spike, a silence or a full queue raises an alarm.
//!
//! **Method.** The norm is learned from the client's own openings, by hour of its local week, from the last
//! [`norm::WEEKS_MAX`] whole weeks: a mean without the smallest and the largest week, so that one holiday, one outage
//! or one incident does not count. What the same hour differs from week to week beyond chance is the *spread* of a
//! negative binomial distribution. This is the quantile method of outbreak detection (Noufaily et al., "An improved
//! algorithm for outbreak detection in multiple surveillance systems", Statistics in Medicine 32, 2013), brought from
//! weeks to minutes: a window of [`SPIKE_WINDOWS_MINUTES`] that has as many arrivals as come by chance in fewer than
//! one window of ten thousand is a spike; a gap that comes by chance after fewer than one arrival of ten
//! thousand, and less than once in twenty weeks, is a silence. That one cause often brings several tickets is the *clump*:
//! a dispersion that does not grow with the rate, as in quasi-Poisson models.
//!
//! Each queue and each category with enough history has a norm of its own ([`Norm::of_part`]), so that a spike or a
//! silence in it is seen when the client's sum looks usual; other tickets count against the client's norm alone.

pub mod chance;
pub mod norm;
mod part;
mod settings;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use part::{PART_ARRIVALS_MIN, PART_CAUTION, PART_COUNT_MIN, PART_SHARE_MAX, Part};
pub use settings::{QueueLimits, Sensitivity, WatchSettings, check};
pub use words::{fill, sentence};

use super::{AlarmId, ClientId, Key, Moment, PersonId, Span};
use norm::Norm;

/// Windows in which arrivals are counted for a spike.
pub const SPIKE_WINDOWS_MINUTES: [i64; 4] = [1, 5, 15, 60];
/// The longest of them.
pub const WINDOW_MAX: Span = Span::minutes(60);
/// Fewer arrivals are no spike, however unlikely: at night three are not worth a call.
pub const SPIKE_COUNT_MIN: i64 = 5;
/// As many times the expected arrivals, at least, are a spike: what is unlikely must also matter.
pub const SPIKE_FACTOR_MIN: f64 = 2.0;
/// A spike is over when every window has at most so many times the expected arrivals: lower than where one begins,
/// and over the longest window too, so that an alarm does not flicker when arrivals pause for breath.
pub const SPIKE_END_FACTOR: f64 = 1.5;
/// A short window with so few arrivals keeps no spike up.
const CALM_COUNT: f64 = (SPIKE_COUNT_MIN - 1) as f64;
/// A full queue is over the alarm when it has at most this part of its limit.
pub const DEPTH_END_PERCENT: i64 = 80;
/// After an alarm ended, none of its kind is raised for so long.
pub const COOL_DOWN: Span = Span::minutes(30);
/// While an alarm stands that time alone can end, it is looked at so often.
pub const LOOK_EVERY: Span = Span::seconds(60);
/// After a queue with limits grew, it is looked at in so long: many changes cost one look.
pub const LOOK_AFTER_GROWTH: Span = Span::seconds(45);
/// Of a client with so many arrivals that the chance of one gap says little, so many false silences come in a week.
const FALSE_SILENCES_A_WEEK: f64 = 0.05;
/// A silence that would be noticed later than this is not watched for: the client is too quiet.
pub const SILENCE_AHEAD_MAX: Span = Span::days(14);

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// More tickets arrive than by the norm.
    Spike,
    /// None arrive when they should.
    Silence,
    /// More tickets wait in a queue than its limit.
    Depth,
    /// A ticket waits in a queue for longer than its limit.
    Oldest,
}

impl AlarmKind {
    pub const ALL: [AlarmKind; 4] =
        [AlarmKind::Spike, AlarmKind::Silence, AlarmKind::Depth, AlarmKind::Oldest];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AlarmKind::Spike => "spike",
            AlarmKind::Silence => "silence",
            AlarmKind::Depth => "depth",
            AlarmKind::Oldest => "oldest",
        }
    }
}

/// An alarm of a client's queue watch, with its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WatchAlarm {
    pub id: AlarmId,
    pub client: ClientId,
    pub kind: AlarmKind,
    /// Of `depth` and `oldest`, and of a spike or a silence in one queue.
    pub queue: Option<Key>,
    /// Of a spike or a silence in one category.
    pub category: Option<Key>,
    /// Since when it has been so: the window's beginning, the last arrival, the opening of the oldest ticket.
    pub since: Moment,
    pub raised_at: Moment,
    /// What was there: arrivals (`spike`, `silence`), tickets (`depth`), minutes (`oldest`).
    pub observed: i64,
    /// The most that was seen while the alarm stood.
    pub peak: i64,
    /// What the norm or the limit says, in the same unit.
    pub expected: f64,
    pub ended_at: Option<Moment>,
    pub acknowledged_at: Option<Moment>,
    pub acknowledged_by: Option<PersonId>,
    pub version: i64,
}

impl WatchAlarm {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    #[must_use]
    pub fn is_of(&self, kind: AlarmKind, part: Option<&Part>) -> bool {
        self.kind == kind && self.part().as_ref() == part
    }

    /// The queue or the category that it is about; nothing: the client as a whole.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        let category = self.category.clone().map(Part::Category);
        category.or_else(|| self.queue.clone().map(Part::Queue))
    }

    /// Minutes between its beginning and when it was raised.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        (self.raised_at - self.since).ms() / Span::minutes(1).ms()
    }
}

/// What one window holds against the norm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub minutes: i64,
    pub expected: f64,
    /// From so many arrivals on it is a spike.
    pub limit: i64,
}

/// The windows that end at `at`, with what each may hold.
#[must_use]
pub fn windows(norm: &Norm, at: Moment, sensitivity: Sensitivity) -> Vec<Window> {
    windows_with(norm, at, sensitivity.spike_chance(), SPIKE_COUNT_MIN)
}

/// As [`windows`], of one part of the client.
#[must_use]
pub fn part_windows(norm: &Norm, at: Moment, sensitivity: Sensitivity) -> Vec<Window> {
    windows_with(norm, at, sensitivity.spike_chance() / PART_CAUTION, PART_COUNT_MIN)
}

fn windows_with(norm: &Norm, at: Moment, chance: f64, count_min: i64) -> Vec<Window> {
    let window = |minutes: i64| {
        let expected = norm.expected_at_most(at - Span::minutes(minutes), at);
        let unlikely = chance::limit(expected, norm.spread_of_window(expected), chance);
        let matters = (expected * SPIKE_FACTOR_MIN).ceil() as i64;
        Window { minutes, expected, limit: unlikely.max(matters).max(count_min) }
    };
    SPIKE_WINDOWS_MINUTES.into_iter().map(window).collect()
}

/// Whether no window holds so many arrivals that a spike goes on; `count` says how many the last minutes held.
#[must_use]
pub fn is_calm(norm: Option<&Norm>, at: Moment, count: impl Fn(i64) -> i64) -> bool {
    SPIKE_WINDOWS_MINUTES.into_iter().all(|minutes| {
        let expected = norm.map_or(0.0, |norm| norm.expected_at_most(at - Span::minutes(minutes), at));
        count(minutes) as f64 <= (expected * SPIKE_END_FACTOR).max(CALM_COUNT)
    })
}

/// The chance with which one gap is taken for a silence: a client with many arrivals has many gaps.
#[must_use]
pub fn silence_chance(norm: &Norm, sensitivity: Sensitivity) -> f64 {
    sensitivity.silence_chance().min(FALSE_SILENCES_A_WEEK / norm.weekly.max(1.0))
}

/// When no arrival since `last` becomes a silence; never, when the client is too quiet. Hours for which `is_quiet`
/// says so (holidays) expect nobody.
#[must_use]
pub fn silent_at(
    norm: &Norm,
    last: Moment,
    sensitivity: Sensitivity,
    is_quiet: impl Fn(Moment) -> bool,
) -> Option<Moment> {
    let wanted = chance::silence_mean(norm.spread, silence_chance(norm, sensitivity));
    norm.reaches(last, wanted, SILENCE_AHEAD_MAX, is_quiet)
}

/// As [`silent_at`], of one part of the client: it must be less likely, for there are many parts; and tickets that come
/// several at a time leave longer gaps.
#[must_use]
pub fn part_silent_at(
    norm: &Norm,
    last: Moment,
    sensitivity: Sensitivity,
    is_quiet: impl Fn(Moment) -> bool,
) -> Option<Moment> {
    let chance = silence_chance(norm, sensitivity) / PART_CAUTION;
    let wanted = chance::silence_mean(norm.spread, chance) * (1.0 + norm.clump);
    norm.reaches(last, wanted, SILENCE_AHEAD_MAX, is_quiet)
}
