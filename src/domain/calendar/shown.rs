//! A calendar day by day, for people: open minutes, hours, and why.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Calendar, Day, DayHours, DayWhy};
use crate::domain::{Moment, Span};

/// Years of which a month is shown.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2100;

/// One day of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayLine {
    /// `2027-01-28`, in the calendar's zone.
    pub date: String,
    pub weekday: Day,
    /// Open minutes, as clocks count them: the hour that a change of the clocks skips is not among them.
    pub minutes: i64,
    /// As the settings say them; none: closed.
    pub hours: Vec<DayHours>,
    pub why: DayWhy,
}

impl Calendar {
    /// IANA name of the zone by whose days it goes.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Every day of a month; nothing for a month that there is not.
    #[must_use]
    pub fn month(&self, year: i64, month: i64) -> Option<Vec<DayLine>> {
        let year = i16::try_from(year).ok().filter(|year| YEARS.contains(year))?;
        let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
        Some(
            first
                .series(1.day())
                .take_while(|date| date.month() == first.month())
                .map(|date| self.line(date))
                .collect(),
        )
    }

    /// The days from one moment to another, both among them, at most `days_max`.
    #[must_use]
    pub fn days_between(&self, from: Moment, to: Moment, days_max: usize) -> Vec<DayLine> {
        let date = |at: Moment| self.zone.to_datetime(at.timestamp()).date();
        let last = date(to);
        let days = date(from).series(1.day()).take_while(|day| *day <= last);
        days.take(days_max).map(|date| self.line(date)).collect()
    }

    fn line(&self, date: Date) -> DayLine {
        let around_the_clock = || (vec![(0, 24 * 60)], DayWhy::Week);
        let (stretches, why) =
            self.years.as_ref().map_or_else(around_the_clock, |years| years.rule().describe(date));
        let tomorrow = date.tomorrow().unwrap_or(date);
        let open = self.open_span(self.begins(date), self.begins(tomorrow));
        DayLine {
            date: date.to_string(),
            weekday: Day::of(date.weekday()),
            minutes: open.ms() / Span::minutes(1).ms(),
            hours: stretches
                .into_iter()
                .map(|(from, to)| DayHours { from: clock(from), to: clock(to) })
                .collect(),
            why,
        }
    }

    fn begins(&self, date: Date) -> Moment {
        let at =
            self.zone.to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight())).compatible();
        at.map_or(Moment::LAST, |at| Moment::from_ms(at.as_millisecond()))
    }
}

impl Day {
    fn of(weekday: jiff::civil::Weekday) -> Day {
        const WEEK: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];
        WEEK[usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0)]
    }
}

fn clock(minute: i32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
