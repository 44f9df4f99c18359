//! Working time: a zone and weekly hours; the only file that knows about time zones.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Moment, Span};

/// A calendar looks at most this far ahead for an open minute.
const DAYS_AHEAD_MAX: usize = 3_660;

/// When a client's clocks run. Without hours: around the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarSettings {
    /// IANA name.
    pub time_zone: String,
    #[serde(default)]
    pub hours: Vec<WeeklyHours>,
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

/// A calendar that was checked: it has a zone that exists and, if any, hours that make sense.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    /// For each weekday from Monday, the open stretches in minutes of the local day, in order, disjoint.
    week: Option<[Vec<(i32, i32)>; 7]>,
}

/// Why a calendar cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("there is no time zone `{0}`: write an IANA name such as Asia/Almaty")]
    NoSuchZone(String),
    #[error("`{0}` is not a time of day: write 09:00, at most 24:00")]
    NotATime(String),
    #[error("hours from {0} to {1}: the end must come after the start")]
    EndBeforeStart(String, String),
    #[error("hours overlap on {0:?}")]
    Overlap(Day),
}

/// The zone of an IANA name.
pub fn zone(name: &str) -> Result<TimeZone, CalendarError> {
    TimeZone::get(name).map_err(|_| CalendarError::NoSuchZone(name.chars().take(60).collect()))
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
    /// Around the clock, in UTC.
    #[must_use]
    pub fn always() -> Self {
        Self { zone: TimeZone::UTC, week: None }
    }

    pub fn new(settings: &CalendarSettings) -> Result<Self, CalendarError> {
        let zone = zone(&settings.time_zone)?;
        if settings.hours.is_empty() {
            return Ok(Self { zone, week: None });
        }
        let mut week: [Vec<(i32, i32)>; 7] = Default::default();
        for hours in &settings.hours {
            let (from, to) = (minute_of_day(&hours.from)?, minute_of_day(&hours.to)?);
            if to <= from {
                return Err(CalendarError::EndBeforeStart(hours.from.clone(), hours.to.clone()));
            }
            for day in &hours.days {
                let stretches = &mut week[*day as usize];
                if stretches.iter().any(|(start, end)| from < *end && *start < to) {
                    return Err(CalendarError::Overlap(*day));
                }
                stretches.push((from, to));
                stretches.sort_unstable();
            }
        }
        Ok(Self { zone, week: Some(week) })
    }

    #[must_use]
    pub fn is_open(&self, at: Moment) -> bool {
        self.week.is_none()
            || self.stretches_from(at).next().is_some_and(|(start, end)| start <= at && at < end)
    }

    /// Open time between two moments; zero when `to` is not after `from`.
    #[must_use]
    pub fn open_span(&self, from: Moment, to: Moment) -> Span {
        if to <= from {
            return Span::ZERO;
        }
        if self.week.is_none() {
            return to - from;
        }
        let stretches = self.stretches_from(from).take_while(|(start, _)| *start < to);
        stretches.fold(Span::ZERO, |sum, (start, end)| sum + (end.min(to) - start.max(from)))
    }

    /// The moment at which `span` of open time has passed since `from`.
    #[must_use]
    pub fn add(&self, from: Moment, span: Span) -> Moment {
        if self.week.is_none() || span <= Span::ZERO {
            return from + span;
        }
        let mut left = span.ms();
        let mut last = from;
        for (start, end) in self.stretches_from(from) {
            let start = start.max(from);
            let open = (end - start).ms();
            if left <= open {
                return start + Span::from_ms(left);
            }
            left -= open;
            last = end;
        }
        last
    }

    /// The open stretches that end after `from`, in order.
    fn stretches_from(&self, from: Moment) -> impl Iterator<Item = (Moment, Moment)> + '_ {
        let first = from.timestamp().to_zoned(self.zone.clone()).date().yesterday().unwrap_or(Date::MIN);
        first
            .series(1.day())
            .take(DAYS_AHEAD_MAX)
            .flat_map(move |date| self.stretches_of(date))
            .filter(move |(start, end)| *end > from && start < end)
    }

    fn stretches_of(&self, date: Date) -> Vec<(Moment, Moment)> {
        let Some(week) = &self.week else { return Vec::new() };
        let day = match date.weekday() {
            Weekday::Monday => 0,
            Weekday::Tuesday => 1,
            Weekday::Wednesday => 2,
            Weekday::Thursday => 3,
            Weekday::Friday => 4,
            Weekday::Saturday => 5,
            Weekday::Sunday => 6,
        };
        week[day].iter().map(|(from, to)| (self.local(date, *from), self.local(date, *to))).collect()
    }

    fn local(&self, date: Date, minute: i32) -> Moment {
        const DAY_MINUTES: i32 = 1_440;
        let (date, minute) =
            if minute == DAY_MINUTES { (date.tomorrow().unwrap_or(date), 0) } else { (date, minute) };
        let time = Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let at = self.zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible();
        Moment::from_ms(at.unwrap_or(Timestamp::MAX).as_millisecond())
    }
}

fn minute_of_day(text: &str) -> Result<i32, CalendarError> {
    let wrong = || CalendarError::NotATime(text.chars().take(20).collect());
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let hours: i32 = hours.parse().map_err(|_| wrong())?;
    let minutes: i32 = minutes.parse().map_err(|_| wrong())?;
    let total = hours * 60 + minutes;
    if (0..60).contains(&minutes) && (0..=1_440).contains(&total) && hours >= 0 {
        Ok(total)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office(zone: &str) -> Calendar {
        use Day::{Fri, Mon, Thu, Tue, Wed};
        let hours = WeeklyHours {
            days: vec![Mon, Tue, Wed, Thu, Fri],
            from: "09:00".to_owned(),
            to: "18:00".to_owned(),
        };
        Calendar::new(&CalendarSettings { time_zone: zone.to_owned(), hours: vec![hours] }).unwrap()
    }

    fn at(civil: &str, zone: &str) -> Moment {
        local_moment(civil, zone).unwrap()
    }

    #[test]
    fn working_time_skips_nights_and_weekends() {
        let zone = "Asia/Yerevan";
        let calendar = office(zone);
        // Friday 17:55 and one working hour: Monday 09:55.
        assert_eq!(calendar.add(at("2026-11-20 17:55", zone), Span::hours(1)), at("2026-11-23 09:55", zone));
        assert_eq!(
            calendar.open_span(at("2026-11-20 17:00", zone), at("2026-11-23 10:00", zone)),
            Span::hours(2)
        );
        assert!(calendar.is_open(at("2026-11-20 17:59", zone)));
        assert!(!calendar.is_open(at("2026-11-20 18:00", zone)));
        assert!(!calendar.is_open(at("2026-11-21 12:00", zone)));
    }

    #[test]
    fn a_year_of_minutes_agrees_with_counting_them() {
        for zone in ["Asia/Almaty", "Europe/Madrid"] {
            let calendar = office(zone);
            let (from, to) = (at("2024-02-28 13:07", zone), at("2024-04-02 08:31", zone));
            let mut counted = 0;
            let mut minute = from;
            while minute < to {
                counted += i64::from(calendar.is_open(minute));
                minute = minute + Span::minutes(1);
            }
            assert_eq!(calendar.open_span(from, to), Span::minutes(counted), "{zone}");
            assert_eq!(
                calendar.open_span(from, calendar.add(from, Span::hours(100))),
                Span::hours(100),
                "{zone}"
            );
        }
    }

    #[test]
    fn the_wall_clock_of_a_zone_has_its_own_day() {
        let local = local_time("2026-12-31T20:30:00Z".parse().unwrap(), "Asia/Yerevan").unwrap();
        let expected = LocalTime { year: 2027, month: 1, day: 1, weekday: 5, hour: 0, minute: 30 };
        assert_eq!(local, expected);
    }

    #[test]
    fn broken_calendars_are_refused() {
        let with = |zone: &str, from: &str, to: &str| {
            let hours = WeeklyHours { days: vec![Day::Mon], from: from.to_owned(), to: to.to_owned() };
            Calendar::new(&CalendarSettings { time_zone: zone.to_owned(), hours: vec![hours] }).map(|_| ())
        };
        assert!(matches!(with("Mars/Olympus", "09:00", "18:00"), Err(CalendarError::NoSuchZone(_))));
        assert!(matches!(with("UTC", "9", "18:00"), Err(CalendarError::NotATime(_))));
        assert!(matches!(with("UTC", "09:00", "25:00"), Err(CalendarError::NotATime(_))));
        assert!(matches!(with("UTC", "18:00", "09:00"), Err(CalendarError::EndBeforeStart(..))));
        assert!(with("UTC", "00:00", "24:00").is_ok());
    }
}
