//! The clocks of a ticket: one for each target, counting open time, standing still while a status pauses it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::Calendar;
use super::{Key, Moment, Span};

/// The targets that every pack may set.
pub const FIRST_RESPONSE: &str = "first_response";
pub const RESOLUTION: &str = "resolution";

/// The clock of one target of one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlaClock {
    /// `first_response` or `resolution`.
    pub target: Key,
    /// Open time that may pass, in milliseconds.
    pub limit: Span,
    /// Open time that passed before `running_since`, in milliseconds.
    pub used: Span,
    /// `null` while the clock stands still.
    pub running_since: Option<Moment>,
    /// When the target was reached.
    pub met_at: Option<Moment>,
    /// The last warning level that was raised, in percent.
    pub warned_percent: i64,
}

impl SlaClock {
    #[must_use]
    pub fn started(target: Key, limit: Span, at: Moment) -> Self {
        Self { target, limit, used: Span::ZERO, running_since: Some(at), met_at: None, warned_percent: 0 }
    }

    /// Open time used up to `at`.
    #[must_use]
    pub fn used_at(&self, calendar: &Calendar, at: Moment) -> Span {
        self.running_since.map_or(self.used, |since| self.used + calendar.open_span(since, at))
    }

    /// When `percent` of the limit will have passed if nothing stops the clock; never, while it stands.
    #[must_use]
    pub fn reaches(&self, calendar: &Calendar, percent: i64) -> Option<Moment> {
        let since = self.running_since?;
        let until = self.limit.ms().saturating_mul(percent) / 100 - self.used.ms();
        Some(calendar.add(since, Span::from_ms(until.max(0))))
    }

    #[must_use]
    pub fn due_at(&self, calendar: &Calendar) -> Option<Moment> {
        self.reaches(calendar, 100)
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

    /// A reopened ticket goes on with what it had used: the time in between was nobody's.
    pub fn reopen(&mut self, at: Moment) {
        self.met_at = None;
        self.resume(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(count: i64) -> Moment {
        Moment::from_ms(0) + Span::minutes(count)
    }

    #[test]
    fn a_paused_clock_uses_nothing_and_its_due_time_moves() {
        let calendar = Calendar::always();
        let mut clock = SlaClock::started(Key::new(RESOLUTION).unwrap(), Span::minutes(60), minute(0));
        assert_eq!(clock.due_at(&calendar), Some(minute(60)));
        clock.pause(&calendar, minute(20));
        assert_eq!(clock.due_at(&calendar), None);
        clock.resume(minute(100));
        assert_eq!(clock.due_at(&calendar), Some(minute(140)));
        assert_eq!(clock.reaches(&calendar, 50), Some(minute(110)));
        clock.meet(&calendar, minute(120));
        assert_eq!(clock.used, Span::minutes(40));
        clock.reopen(minute(1_000));
        assert_eq!(clock.due_at(&calendar), Some(minute(1_020)));
    }
}
