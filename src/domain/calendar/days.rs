//! What a calendar says of one date: exceptions first, then holidays, then the week.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Serialize;
use utoipa::ToSchema;

use super::holidays::{DayKind, HolidayList, HolidayLists, RUSSIA, russia};
use super::settings::{CalendarError, CalendarFault, CalendarSettings, Day, DayHours, WeeklyHours};
use crate::domain::key::{did_you_mean, nearest};
use crate::domain::{Key, Label};

/// Longest exception, in days.
const EXCEPTION_DAYS_MAX: i64 = 400;
/// A working day before a holiday is shorter by so many minutes.
const SHORTER_BY_MINUTES: i32 = 60;
const DAY_MINUTES: i32 = 1_440;
/// Dates that calendars know.
const FIRST_YEAR: i16 = 1970;
const LAST_YEAR: i16 = 2100;

/// Open stretches in minutes of the local day, in order, disjoint.
pub type Stretches = Vec<(i32, i32)>;

/// The checked settings.
#[derive(Debug)]
pub struct DayRule {
    /// From Monday.
    week: [Stretches; 7],
    /// With the number of the exception that is about it.
    exceptions: BTreeMap<Date, (Stretches, usize)>,
    /// Of the exceptions.
    labels: Vec<Label>,
    has_russia: bool,
    lists: Vec<Arc<HolidayList>>,
    is_around_the_clock: bool,
}

/// What of the settings decides the hours of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Week,
    /// By its number.
    Exception(usize),
    Listed,
    Official(DayKind),
}

/// Why a date has the hours that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DayWhy {
    /// As every week.
    Week,
    Exception {
        label: Label,
    },
    /// By a holiday list of the client.
    Holiday {
        names: Vec<String>,
    },
    /// Closed by the production calendar of Russia.
    OfficialClosed,
    /// The day before a holiday, an hour shorter, by the same.
    OfficialShorter,
    /// A day off of the week that is worked, by the same.
    OfficialWorking,
}

/// How far the keys of holiday lists can be checked.
#[derive(Debug, Clone, Copy)]
pub enum Lists<'l> {
    /// The client's lists; a key that is not among them is an error.
    Known(&'l HolidayLists),
    /// Nobody knows them here: the form of the keys is checked, their dates count as usual ones.
    Unknown,
}

impl DayRule {
    pub fn new(settings: &CalendarSettings, lists: Lists<'_>) -> Result<Self, CalendarFault> {
        let week = week(&settings.hours)?;
        let exceptions = exceptions(settings)?;
        if week.iter().all(Vec::is_empty) && exceptions.values().all(|(own, _)| own.is_empty()) {
            return Err(CalendarFault::at("hours", None, CalendarError::NoOpenHour));
        }
        let mut rule = Self {
            week,
            exceptions,
            labels: settings.exceptions.iter().map(|exception| exception.label.clone()).collect(),
            has_russia: false,
            lists: Vec::new(),
            is_around_the_clock: settings.hours.is_empty(),
        };
        for (index, name) in settings.holidays.iter().enumerate() {
            let fault = |error| CalendarFault::at("holidays", Some(index), error);
            if settings.holidays[..index].contains(name) {
                return Err(fault(CalendarError::HolidaysTwice(name.clone())));
            }
            if name == RUSSIA {
                rule.has_russia = true;
                continue;
            }
            let key = Key::new(name)
                .map_err(|_| fault(CalendarError::NotAHolidayKey(name.chars().take(60).collect())))?;
            if let Lists::Known(lists) = lists {
                let list = lists.get(&key).ok_or_else(|| fault(no_such_list(&key, lists)))?;
                rule.lists.push(Arc::clone(list));
            }
        }
        Ok(rule)
    }

    /// Open at every moment of every day.
    #[must_use]
    pub fn is_always_open(&self) -> bool {
        self.is_around_the_clock && self.exceptions.is_empty() && !self.has_russia && self.lists.is_empty()
    }

    /// Calls `each` with every date of the year and its stretches, in order.
    pub fn each_day(&self, year: i16, mut each: impl FnMut(Date, &[(i32, i32)])) {
        let holidays: Vec<_> = self.lists.iter().map(|list| list.days_of(year)).collect();
        let mut date = Date::constant(year, 1, 1);
        while date.year() == year {
            let is_listed = holidays.iter().any(|days| days.contains(&date));
            self.on(date, is_listed, &mut each);
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
    }

    fn on(&self, date: Date, is_listed: bool, each: &mut impl FnMut(Date, &[(i32, i32)])) {
        let (stretches, _) = self.decide(date, is_listed);
        each(date, &stretches);
    }

    /// The stretches of a date, and what of the settings decides them.
    fn decide(&self, date: Date, is_listed: bool) -> (Cow<'_, [(i32, i32)]>, Ground) {
        if let Some((own, label)) = self.exceptions.get(&date) {
            return (Cow::Borrowed(own), Ground::Exception(*label));
        }
        if is_listed {
            return (Cow::Borrowed(&[]), Ground::Listed);
        }
        let usual = &self.week[weekday(date)];
        let kind = if self.has_russia { russia(date) } else { DayKind::Usual };
        let stretches = match kind {
            DayKind::Usual => Cow::Borrowed(usual.as_slice()),
            DayKind::Closed => Cow::Borrowed([].as_slice()),
            DayKind::Shorter if self.is_around_the_clock => Cow::Borrowed(usual.as_slice()),
            DayKind::Shorter => Cow::Owned(shorter(self.or_nearest_before(date))),
            DayKind::Working => Cow::Borrowed(self.or_nearest_before(date)),
        };
        (stretches, if kind == DayKind::Usual { Ground::Week } else { Ground::Official(kind) })
    }

    /// The hours of a date, and why they are what they are.
    #[must_use]
    pub fn describe(&self, date: Date) -> (Stretches, DayWhy) {
        let names: Vec<String> =
            self.lists.iter().flat_map(|list| list.names_on(date)).map(str::to_owned).collect();
        let (stretches, ground) = self.decide(date, !names.is_empty());
        let why = match ground {
            Ground::Week => DayWhy::Week,
            Ground::Exception(label) => DayWhy::Exception { label: self.labels[label].clone() },
            Ground::Listed => DayWhy::Holiday { names },
            Ground::Official(DayKind::Shorter) => DayWhy::OfficialShorter,
            Ground::Official(DayKind::Working) => DayWhy::OfficialWorking,
            Ground::Official(_) => DayWhy::OfficialClosed,
        };
        (stretches.into_owned(), why)
    }

    /// A day off that became a working day has the hours of the nearest weekday before it that has some.
    fn or_nearest_before(&self, date: Date) -> &[(i32, i32)] {
        let own = weekday(date);
        let back = (0..7).map(|days| &self.week[(own + 7 - days) % 7]);
        back.into_iter().find(|stretches| !stretches.is_empty()).map_or(&[], Vec::as_slice)
    }
}

/// The last hour of the day falls away.
fn shorter(usual: &[(i32, i32)]) -> Stretches {
    let mut stretches = usual.to_vec();
    let mut left = SHORTER_BY_MINUTES;
    while let Some((from, to)) = stretches.pop() {
        if to - from > left {
            stretches.push((from, to - left));
            break;
        }
        left -= to - from;
    }
    stretches
}

fn weekday(date: Date) -> usize {
    match date.weekday() {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

fn week(all: &[WeeklyHours]) -> Result<[Stretches; 7], CalendarFault> {
    if all.is_empty() {
        return Ok(std::array::from_fn(|_| vec![(0, DAY_MINUTES)]));
    }
    let has_days = all.iter().any(|hours| !hours.days.is_empty());
    let mut week: [Stretches; 7] = Default::default();
    let mut said: Vec<(Day, &WeeklyHours, (i32, i32))> = Vec::new();
    for (index, hours) in all.iter().enumerate() {
        let fault = |error| CalendarFault::at("hours", Some(index), error);
        let stretch = stretch(&hours.from, &hours.to).map_err(fault)?;
        // Where none names a day, the calendar has no open hour.
        if hours.days.is_empty() && has_days {
            return Err(fault(CalendarError::NoDay(hours.from.clone(), hours.to.clone())));
        }
        for day in &hours.days {
            let other =
                said.iter().find(|(on, _, (start, end))| on == day && stretch.0 < *end && *start < stretch.1);
            if let Some((_, other, _)) = other {
                let shown = |hours: &WeeklyHours| format!("{}–{}", hours.from, hours.to);
                let error = CalendarError::Overlap(*day, shown(hours), shown(other));
                return Err(fault(error));
            }
            said.push((*day, hours, stretch));
            week[*day as usize].push(stretch);
        }
    }
    week.iter_mut().for_each(|stretches| stretches.sort_unstable());
    Ok(week)
}

fn exceptions(settings: &CalendarSettings) -> Result<BTreeMap<Date, (Stretches, usize)>, CalendarFault> {
    let mut exceptions = BTreeMap::new();
    for (index, exception) in settings.exceptions.iter().enumerate() {
        let fault = |error| CalendarFault::at("exceptions", Some(index), error);
        let first = date(&exception.from).map_err(fault)?;
        let last = exception.to.as_deref().map_or(Ok(first), date).map_err(fault)?;
        let days = i64::from(first.until(last).map_or(0, |span| span.get_days()));
        let ends = || (first.to_string(), last.to_string());
        if last < first {
            return Err(fault(CalendarError::LastBeforeFirst(ends().0, ends().1)));
        }
        if days >= EXCEPTION_DAYS_MAX {
            let error = CalendarError::ExceptionTooLong(EXCEPTION_DAYS_MAX, ends().0, ends().1);
            return Err(fault(error));
        }
        let hours = day_hours(&exception.hours, first).map_err(fault)?;
        for day in first.series(1.day()).take_while(|day| *day <= last) {
            if exceptions.insert(day, (hours.clone(), index)).is_some() {
                return Err(fault(CalendarError::ExceptionTwice(day.to_string())));
            }
        }
    }
    Ok(exceptions)
}

fn day_hours(hours: &[DayHours], date: Date) -> Result<Stretches, CalendarError> {
    let mut stretches = Vec::new();
    for one in hours {
        stretches.push(stretch(&one.from, &one.to)?);
    }
    stretches.sort_unstable();
    if stretches.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err(CalendarError::OverlapOnDate(date.to_string()));
    }
    Ok(stretches)
}

fn stretch(from: &str, to: &str) -> Result<(i32, i32), CalendarError> {
    let (start, end) = (minute_of_day(from)?, minute_of_day(to)?);
    if end <= start {
        return Err(CalendarError::EndBeforeStart(from.to_owned(), to.to_owned()));
    }
    Ok((start, end))
}

fn date(text: &str) -> Result<Date, CalendarError> {
    let wrong = || CalendarError::NotADate(text.chars().take(20).collect());
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date: Date = if is_plain { text.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
    if (FIRST_YEAR..=LAST_YEAR).contains(&date.year()) { Ok(date) } else { Err(wrong()) }
}

fn minute_of_day(text: &str) -> Result<i32, CalendarError> {
    let wrong = || CalendarError::NotATime(text.chars().take(20).collect());
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let number = |digits: &str| -> Option<i32> {
        let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number)
    };
    let (hours, minutes) = number(hours).zip(number(minutes)).ok_or_else(wrong)?;
    let total = hours * 60 + minutes;
    if minutes < 60 && total <= DAY_MINUTES { Ok(total) } else { Err(wrong()) }
}

fn no_such_list(key: &Key, lists: &HolidayLists) -> CalendarError {
    let hint = did_you_mean(nearest(key, lists.keys().map(Key::as_str)));
    CalendarError::NoSuchHolidays(key.to_string(), hint)
}
