//! Days off: the production calendar of Russia, and lists that came as iCalendar files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use holidays_ru::{DayFlags, Federal};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::domain::Key;

/// What `holidays` calls the production calendar of Russia. It is official from [`RUSSIA_FIRST_YEAR`] to
/// [`RUSSIA_LAST_YEAR`]; outside it follows the Labour Code: its holidays on their dates, no day moved by decree.
pub const RUSSIA: &str = "RU";
pub const RUSSIA_FIRST_YEAR: i32 = holidays_ru::FIRST_FACT_YEAR;
pub const RUSSIA_LAST_YEAR: i32 = holidays_ru::LAST_FACT_YEAR;

/// Imported lists of a client.
pub type HolidayLists = BTreeMap<Key, Arc<HolidayList>>;

/// How a date differs from the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    Usual,
    Closed,
    /// A working day before a holiday.
    Shorter,
    /// A day off of the week that is worked.
    Working,
}

/// What the production calendar of Russia says of a date. An ordinary Saturday or Sunday is a usual day: a client
/// may be open on it.
#[must_use]
pub fn russia(date: Date) -> DayKind {
    let (year, month, day) = (i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs());
    let flags = holidays_ru::flags_ymd::<Federal>(year, month, day);
    let flags = flags.map_or(DayFlags::EMPTY, |known| known.value());
    let is_plain_weekend = flags.is_weekend() && !flags.is_holiday();
    match (flags.is_day_off(), flags.is_short_day()) {
        (true, _) if is_plain_weekend => DayKind::Usual,
        (true, _) => DayKind::Closed,
        (false, true) => DayKind::Shorter,
        (false, false) if flags.is_weekend() && flags.is_working_day() => DayKind::Working,
        (false, false) => DayKind::Usual,
    }
}

/// Days off that somebody listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolidayList {
    pub holidays: Vec<Holiday>,
}

/// One day off, or several in a row; once or every year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    pub name: String,
    pub first: Date,
    /// At least 1.
    pub days: i32,
    /// Comes again every year on the same date.
    pub yearly: Option<Yearly>,
}

/// How long a yearly holiday comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yearly {
    Always,
    /// Its last first date lies on or before this one.
    Until(Date),
    /// So many times in all.
    Count(i32),
}

impl Holiday {
    /// Its first dates in a year. A 29 February comes in leap years only.
    fn first_in(&self, year: i16) -> Option<Date> {
        if year == self.first.year() {
            return Some(self.first);
        }
        let yearly = self.yearly.filter(|_| year > self.first.year())?;
        let again = Date::new(year, self.first.month(), self.first.day()).ok()?;
        let goes_on = match yearly {
            Yearly::Always => true,
            Yearly::Until(last) => again <= last,
            Yearly::Count(count) => {
                let come = (self.first.year()..year)
                    .filter(|past| Date::new(*past, self.first.month(), self.first.day()).is_ok());
                i32::try_from(come.count()).is_ok_and(|come| come < count)
            }
        };
        goes_on.then_some(again)
    }
}

impl HolidayList {
    /// What the date is called, when it is a day off.
    pub fn names_on(&self, date: Date) -> impl Iterator<Item = &str> {
        let holds = move |holiday: &&Holiday| {
            let firsts = [holiday.first_in(date.year() - 1), holiday.first_in(date.year())];
            firsts.into_iter().flatten().any(|first| {
                let past = first.until(date).map_or(-1, |span| span.get_days());
                (0..holiday.days).contains(&past)
            })
        };
        self.holidays.iter().filter(holds).map(|holiday| holiday.name.as_str())
    }

    /// The days off of a year; one that began in December may reach into it.
    #[must_use]
    pub fn days_of(&self, year: i16) -> BTreeSet<Date> {
        let mut days = BTreeSet::new();
        for holiday in &self.holidays {
            for first in [holiday.first_in(year - 1), holiday.first_in(year)].into_iter().flatten() {
                let count = usize::try_from(holiday.days).unwrap_or(0);
                days.extend(first.series(1.day()).take(count).filter(|day| day.year() == year));
            }
        }
        days
    }
}
