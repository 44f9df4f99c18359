//! The clocks of a ticket: one for each target, counting open time, standing still while a status pauses it.

mod follow;
mod preview;
mod targets;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::Calendar;
use super::{Key, Moment, Span};

pub use follow::{Followed, Turn, counts, follow, is_late, moves_terms};
pub use preview::{LevelAt, Pause, Preview, Question, TargetAt, preview};
pub(in crate::domain) use targets::faults;
pub use targets::{Target, TicketStage, WARN_PERCENT_DEFAULT};

/// The targets that every pack may set, beside those of its own stages.
pub const FIRST_RESPONSE: &str = "first_response";
pub const NEXT_RESPONSE: &str = "next_response";
pub const RESOLUTION: &str = "resolution";

/// The clock of one target of one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlaClock {
    /// `first_response`, `next_response`, `resolution`, or the key of a stage.
    pub target: Key,
    /// Open time that may pass, in milliseconds.
    pub limit: Span,
    /// Open time that passed before `running_since`, in milliseconds.
    pub used: Span,
    /// `null` while the clock stands still.
    pub running_since: Option<Moment>,
    /// When the target was reached.
    pub met_at: Option<Moment>,
    /// Nobody answered, and the end of the ticket made an answer needless.
    #[serde(default)]
    pub is_unneeded: bool,
    /// The last warning level that was raised, in percent.
    pub warned_percent: i64,
    /// Open minutes over the target at the last alarm that comes again and again; 0 before the first.
    #[serde(default)]
    pub overdue_minutes: i64,
}

/// What is raised next on a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// Of the target, in percent.
    pub percent: i64,
    /// For an alarm that comes again and again: open minutes over the target; 0 for a warning level.
    pub overdue_minutes: i64,
    /// Open time at which it is raised.
    pub used: Span,
}

impl SlaClock {
    #[must_use]
    pub fn started(target: Key, limit: Span, at: Moment) -> Self {
        let (used, running_since) = (Span::ZERO, Some(at));
        Self {
            target,
            limit,
            used,
            running_since,
            met_at: None,
            is_unneeded: false,
            warned_percent: 0,
            overdue_minutes: 0,
        }
    }

    /// Open time used up to `at`.
    #[must_use]
    pub fn used_at(&self, calendar: &Calendar, at: Moment) -> Span {
        self.running_since.map_or(self.used, |since| self.used + calendar.open_span(since, at))
    }

    /// When so much of open time will have passed if nothing stops the clock; never, while it stands.
    #[must_use]
    pub fn reaches(&self, calendar: &Calendar, used: Span) -> Option<Moment> {
        let left = used.ms() - self.used.ms();
        Some(calendar.add(self.running_since?, Span::from_ms(left.max(0))))
    }

    #[must_use]
    pub fn due_at(&self, calendar: &Calendar) -> Option<Moment> {
        self.reaches(calendar, self.limit)
    }

    /// The warning level or the repeated alarm that comes first of those not raised yet.
    #[must_use]
    pub fn next_alarm(&self, target: &Target) -> Option<Alarm> {
        let part = |percent: i64| Span::from_ms(self.limit.ms().saturating_mul(percent) / 100);
        let level = target.levels().iter().find(|level| **level > self.warned_percent);
        let level = level.map(|level| Alarm { percent: *level, overdue_minutes: 0, used: part(*level) });
        let again = target.overdue_every_minutes.map(|every| {
            let overdue_minutes = self.overdue_minutes + every;
            let used = self.limit + Span::minutes(overdue_minutes);
            let percent = used.ms().saturating_mul(100) / self.limit.ms().max(1);
            Alarm { percent, overdue_minutes, used }
        });
        level.into_iter().chain(again).min_by_key(|alarm| (alarm.used, alarm.overdue_minutes))
    }

    /// An alarm was raised.
    pub fn raised(&mut self, percent: i64, overdue_minutes: i64) {
        if overdue_minutes > 0 {
            self.overdue_minutes = self.overdue_minutes.max(overdue_minutes);
        } else {
            self.warned_percent = self.warned_percent.max(percent);
        }
    }

    /// Another limit holds now: levels that are not reached any more may be raised again.
    pub fn limit_to(&mut self, limit: Span, used: Span) {
        self.limit = limit;
        let percent = used.ms().saturating_mul(100) / limit.ms().max(1);
        let over = (used.ms() - limit.ms()).max(0) / Span::minutes(1).ms();
        self.warned_percent = self.warned_percent.min(percent);
        self.overdue_minutes = self.overdue_minutes.min(over);
    }

    pub fn pause(&mut self, calendar: &Calendar, at: Moment) {
        self.used = self.used_at(calendar, at);
        self.running_since = None;
    }

    pub fn resume(&mut self, at: Moment) {
        if self.running_since.is_none() && self.met_at.is_none() {
            self.running_since = Some(at);
        }
    }

    pub fn meet(&mut self, calendar: &Calendar, at: Moment) {
        if self.met_at.is_none() {
            self.pause(calendar, at);
            self.met_at = Some(at);
        }
    }

    /// The ticket ends: what is still owed is owed no more.
    pub fn end(&mut self, calendar: &Calendar, at: Moment) {
        self.is_unneeded |= self.met_at.is_none() && is_answered(&self.target);
        self.meet(calendar, at);
    }
}

/// Whether the target is met by an answer, not by the end of the work.
#[must_use]
pub fn is_answered(target: &Key) -> bool {
    *target == *FIRST_RESPONSE || *target == *NEXT_RESPONSE
}

#[cfg(test)]
mod tests;
