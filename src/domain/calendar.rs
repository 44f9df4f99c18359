//! Working time: zones, weekly hours, exceptions and holidays; the only room that knows about time zones.

mod days;
mod holidays;
mod ics;
mod months;
mod settings;
mod shown;
mod wall;
mod years;

use jiff::tz::TimeZone;

pub use days::{DayWhy, Lists};
pub use holidays::{
    DayKind, Holiday, HolidayList, HolidayLists, RUSSIA, RUSSIA_FIRST_YEAR, RUSSIA_LAST_YEAR, Yearly, russia,
};
pub use ics::{ICS_BYTES_MAX, IcsError, IcsEvent, ics_events, whole_day as ics_day};
pub use months::{Month, NotAMonth};
pub use settings::{
    CalendarError, CalendarFault, CalendarSettings, DateException, Day, DayHours, NamedCalendar, WeeklyHours,
    ZONE_OF_SITE,
};
pub use shown::DayLine;
pub use wall::{WallTime, from_wall, to_wall};

use super::key::{did_you_mean, nearest};
use super::{Moment, Span};
use days::DayRule;
use years::Years;

/// A calendar that was checked: it has a zone that exists and, if any, hours that make sense.
#[derive(Debug)]
pub struct Calendar {
    /// Nothing: open at every moment.
    years: Option<Years>,
    /// In whose days it is shown.
    zone: TimeZone,
}

/// The zone of an IANA name.
pub fn zone(name: &str) -> Result<TimeZone, CalendarError> {
    TimeZone::get(name).map_err(|_| {
        let given: String = name.chars().take(ZONE_NAME_MAX).collect();
        let hint = did_you_mean(zone_like(&given).as_deref());
        CalendarError::NoSuchZone(given, hint)
    })
}

/// Characters of a name that is no zone's which are looked at and shown.
const ZONE_NAME_MAX: usize = 60;

/// The known zone whose name looks most like this one; a city alone is enough.
fn zone_like(given: &str) -> Option<String> {
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_lowercase();
    let city = last(given);
    let same_city = known.iter().find(|name| last(name) == city).map(String::as_str);
    same_city.or_else(|| nearest(given, known.iter().map(String::as_str))).map(str::to_owned)
}

/// The hour of the local week in which `at` lies: 0 is Monday from midnight, 167 Sunday's last.
#[must_use]
pub fn hour_of_week(at: Moment, zone: &TimeZone) -> usize {
    let local = zone.to_datetime(at.timestamp());
    let day = local.date().weekday().to_monday_zero_offset();
    usize::from(day.unsigned_abs()) * 24 + usize::from(local.hour().unsigned_abs())
}

/// When the local day of `at` began.
#[must_use]
pub fn start_of_day(at: Moment, zone: &TimeZone) -> Moment {
    let day = zone.to_datetime(at.timestamp()).date();
    let began = day.to_zoned(zone.clone()).map_or(at.ms(), |zoned| zoned.timestamp().as_millisecond());
    Moment::from_ms(began)
}

/// `at` as people of `zone` write it: `2026-12-31T21:55:00+04:00`.
pub fn local_text(at: Moment, zone_name: &str) -> Result<String, CalendarError> {
    let local = at.timestamp().to_zoned(zone(zone_name)?);
    Ok(local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

/// What a clock and a calendar on the wall of a zone show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    /// 1 is Monday, 7 Sunday.
    pub weekday: i64,
    pub hour: i64,
    pub minute: i64,
}

/// `at` as the wall clock of `zone_name` shows it.
pub fn local_time(at: Moment, zone_name: &str) -> Result<LocalTime, CalendarError> {
    let local = at.timestamp().to_zoned(zone(zone_name)?);
    Ok(LocalTime {
        year: i64::from(local.year()),
        month: i64::from(local.month()),
        day: i64::from(local.day()),
        weekday: i64::from(local.weekday().to_monday_one_offset()),
        hour: i64::from(local.hour()),
        minute: i64::from(local.minute()),
    })
}

/// The moment at which a clock of `zone` shows `civil`, such as `2026-12-31 17:55`. An hour that comes twice
/// means its first coming; an hour that is skipped, the moment as far behind its start.
pub fn local_moment(civil: &str, zone_name: &str) -> Result<Moment, CalendarError> {
    let civil_time: jiff::civil::DateTime =
        civil.replacen(' ', "T", 1).parse().map_err(|_| CalendarError::NotATime(civil.to_owned()))?;
    let zoned = zone(zone_name)?
        .to_ambiguous_timestamp(civil_time)
        .compatible()
        .map_err(|_| CalendarError::NotATime(civil.to_owned()))?;
    Ok(Moment::from_ms(zoned.as_millisecond()))
}

impl Calendar {
    /// Around the clock.
    #[must_use]
    pub fn always() -> Self {
        Self { years: None, zone: TimeZone::UTC }
    }

    pub fn new(settings: &CalendarSettings, lists: Lists<'_>) -> Result<Self, CalendarFault> {
        let zone = zone(&settings.time_zone).map_err(|error| CalendarFault::at("time_zone", None, error))?;
        let rule = DayRule::new(settings, lists)?;
        let years = (!rule.is_always_open()).then(|| Years::new(zone.clone(), rule));
        Ok(Self { years, zone })
    }

    #[must_use]
    pub fn is_open(&self, at: Moment) -> bool {
        self.years.as_ref().is_none_or(|years| years.is_open(at))
    }

    /// Open time between two moments; zero when `to` is not after `from`.
    #[must_use]
    pub fn open_span(&self, from: Moment, to: Moment) -> Span {
        match &self.years {
            _ if to <= from => Span::ZERO,
            None => to - from,
            Some(years) => years.open_span(from, to),
        }
    }

    /// The first moment at which `span` of open time has passed since `from`.
    #[must_use]
    pub fn add(&self, from: Moment, span: Span) -> Moment {
        match &self.years {
            Some(years) if span > Span::ZERO => years.add(from, span),
            _ => from + span,
        }
    }

    /// When the calendar next opens or closes after `at`; never, around the clock.
    #[must_use]
    pub fn next_edge(&self, at: Moment) -> Option<Moment> {
        self.years.as_ref().and_then(|years| years.next_edge(at))
    }
}

#[cfg(test)]
mod tests;
