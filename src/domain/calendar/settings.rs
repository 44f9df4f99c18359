//! What `client.toml` says of a calendar, and why it cannot be used.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::key::{Key, Label};

/// When clocks run. Without hours: around the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarSettings {
    /// IANA name.
    pub time_zone: String,
    #[serde(default)]
    pub hours: Vec<WeeklyHours>,
    /// Dates that differ from the week and from every holiday list.
    #[serde(default)]
    pub exceptions: Vec<DateException>,
    /// `RU` (the production calendar of Russia) and the keys of imported holiday lists.
    #[serde(default)]
    pub holidays: Vec<String>,
}

/// A calendar beside the default one, for a contract, a site or a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedCalendar {
    pub key: Key,
    pub label: Label,
    /// IANA name, or `site`: the zone of the ticket's site, without one that of the default calendar.
    pub time_zone: String,
    #[serde(default)]
    pub hours: Vec<WeeklyHours>,
    #[serde(default)]
    pub exceptions: Vec<DateException>,
    #[serde(default)]
    pub holidays: Vec<String>,
}

/// What a calendar says for "wherever the ticket's site is".
pub const ZONE_OF_SITE: &str = "site";

impl NamedCalendar {
    /// The same, with the zone that it means for a site.
    #[must_use]
    pub fn in_zone(&self, zone: &str) -> CalendarSettings {
        let time_zone = if self.time_zone == ZONE_OF_SITE { zone } else { &self.time_zone };
        CalendarSettings {
            time_zone: time_zone.to_owned(),
            hours: self.hours.clone(),
            exceptions: self.exceptions.clone(),
            holidays: self.holidays.clone(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeeklyHours {
    /// `mon` … `sun`.
    pub days: Vec<Day>,
    /// `09:00`, local.
    pub from: String,
    /// `18:00`, local; `24:00` for the end of the day.
    pub to: String,
}

/// A date or several in a row with hours of their own; without hours: closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DateException {
    /// The first date, `2026-12-31`, local.
    pub from: String,
    /// The last date; without it only the first is meant.
    #[serde(default)]
    pub to: Option<String>,
    #[serde(default)]
    pub hours: Vec<DayHours>,
    #[serde(default)]
    pub label: Label,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayHours {
    /// `09:00`, local.
    pub from: String,
    /// `14:00`, local; `24:00` for the end of the day.
    pub to: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Why a calendar cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The name, and a hint at one like it.
    #[error("there is no time zone `{0}`{1}: write an IANA name such as Asia/Almaty")]
    NoSuchZone(String, String),
    #[error("the default calendar needs a zone of its own: only [[calendars]] may say `site`")]
    DefaultOfSite,
    #[error("`{0}` is not a time of day: write 09:00, at most 24:00")]
    NotATime(String),
    #[error("`{0}` is not a date: write 2026-12-31, from 1970-01-01 to 2100-12-31")]
    NotADate(String),
    #[error("hours from {0} to {1}: the end must come after the start")]
    EndBeforeStart(String, String),
    #[error("dates from {0} to {1}: the last must not lie before the first")]
    LastBeforeFirst(String, String),
    #[error("hours overlap on {0:?}: {1} begins before {2} is over")]
    Overlap(Day, String, String),
    #[error("hours overlap on {0}: each stretch must begin after the one before is over")]
    OverlapOnDate(String),
    #[error("two exceptions are about {0}; say once what holds on a date")]
    ExceptionTwice(String),
    #[error("an exception may be {0} days long; from {1} to {2} are more")]
    ExceptionTooLong(i64, String, String),
    #[error("hours from {0} to {1} name no day: write days such as [\"mon\", \"tue\"]")]
    NoDay(String, String),
    #[error("the calendar has no open hour: name days, or leave `hours` out for around the clock")]
    NoOpenHour,
    #[error("`{0}` is no holiday list: write `RU`, or the key of an imported list such as `kz-2026`")]
    NotAHolidayKey(String),
    #[error("the client has no holiday list `{0}`{1}; import the .ics file first")]
    NoSuchHolidays(String, String),
    #[error("the holiday list `{0}` is named twice")]
    HolidaysTwice(String),
}

impl CalendarError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            CalendarError::NoSuchZone(..) => "no_such_zone",
            CalendarError::DefaultOfSite => "default_of_site",
            CalendarError::NotATime(_) => "not_a_time",
            CalendarError::NotADate(_) => "not_a_date",
            CalendarError::EndBeforeStart(..) => "end_before_start",
            CalendarError::LastBeforeFirst(..) => "last_before_first",
            CalendarError::Overlap(..) => "hours_overlap",
            CalendarError::OverlapOnDate(_) => "hours_overlap_on_date",
            CalendarError::ExceptionTwice(_) => "exception_twice",
            CalendarError::ExceptionTooLong(..) => "exception_too_long",
            CalendarError::NoDay(..) => "no_day",
            CalendarError::NoOpenHour => "no_open_hour",
            CalendarError::NotAHolidayKey(_) => "not_a_holiday_key",
            CalendarError::NoSuchHolidays(..) => "no_such_holidays",
            CalendarError::HolidaysTwice(_) => "holidays_twice",
        }
    }

    /// What the sentence speaks of, in its order.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        match self {
            CalendarError::DefaultOfSite | CalendarError::NoOpenHour => Vec::new(),
            CalendarError::NoSuchZone(one, _)
            | CalendarError::NotATime(one)
            | CalendarError::NotADate(one)
            | CalendarError::OverlapOnDate(one)
            | CalendarError::ExceptionTwice(one)
            | CalendarError::NotAHolidayKey(one)
            | CalendarError::NoSuchHolidays(one, _)
            | CalendarError::HolidaysTwice(one) => vec![one.clone()],
            CalendarError::EndBeforeStart(from, to)
            | CalendarError::LastBeforeFirst(from, to)
            | CalendarError::NoDay(from, to) => vec![from.clone(), to.clone()],
            CalendarError::Overlap(day, one, other) => {
                vec![format!("{day:?}").to_lowercase(), one.clone(), other.clone()]
            }
            CalendarError::ExceptionTooLong(days, from, to) => {
                vec![days.to_string(), from.clone(), to.clone()]
            }
        }
    }
}

/// The error, and where in the settings it lies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct CalendarFault {
    /// The member, and where that is a list, the index in it.
    pub member: &'static str,
    pub index: Option<usize>,
    pub error: CalendarError,
}

impl CalendarFault {
    #[must_use]
    pub fn at(member: &'static str, index: Option<usize>, error: CalendarError) -> Self {
        Self { member, index, error }
    }
}
