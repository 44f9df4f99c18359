//! Shifts and absences out of an iCalendar file (RFC 5545): single events and rules that end, bounded.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::{AbsenceKind, ShiftKind};
use crate::domain::calendar::{self, ICS_BYTES_MAX, IcsError, IcsEvent, ics_events};
use crate::domain::{Key, Moment};

/// Most events of a file.
const EVENTS_MAX: usize = 5_000;
/// Shifts and absences of one file; reading stops at the first event beyond it.
pub const ALL_TIMES_MAX: usize = 5_000;
/// Most times that one event comes.
const TIMES_MAX: usize = 1_000;
/// A rule is followed for at most so many days.
const RULE_DAYS_MAX: i64 = 366 * 2;

/// What one event of the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEvent {
    /// Of the same event in another file, too.
    pub uid: String,
    /// Where it begins in the file, from 1.
    pub line: usize,
    pub who: Who,
    pub what: What,
    /// When it comes, in order; none for one that is cancelled.
    pub times: Vec<(Moment, Moment)>,
}

/// Whose event it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Login(String),
    Email(String),
}

/// Whole days are an absence, hours a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Shift { kind: ShiftKind, queue: Option<Key>, note: Option<String> },
    Absence { kind: AbsenceKind },
}

/// An event that cannot be taken, with its UID where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongEvent {
    pub uid: Option<String>,
    pub error: IcsError,
}

/// Reads the events of a file, each right or wrong. Times without a zone are those of `zone`.
///
/// # Errors
/// Where the file as a whole is no calendar.
pub fn read(text: &str, zone: &str) -> Result<Vec<Result<RosterEvent, WrongEvent>>, IcsError> {
    let wrong = |line, message: String| Err(IcsError { line, message });
    if text.len() > ICS_BYTES_MAX {
        return wrong(1, format!("the file has {} bytes; at most {ICS_BYTES_MAX} are taken", text.len()));
    }
    let events = ics_events(text)?;
    if events.is_empty() {
        return wrong(1, "the file has no event".to_owned());
    }
    if events.len() > EVENTS_MAX {
        return wrong(1, format!("the file has {} events; at most {EVENTS_MAX} are taken", events.len()));
    }
    let one = |event: Result<IcsEvent, IcsError>| {
        let event = event.map_err(|error| WrongEvent { uid: None, error })?;
        let uid = event.value("UID").map(str::to_owned);
        take(&event, zone).map_err(|error| WrongEvent { uid, error })
    };
    let mut read = Vec::new();
    let mut count = 0;
    for event in events.into_iter().map(one) {
        count += event.as_ref().map_or(0, |event| event.times.len());
        read.push(event);
        // More is refused whoever asks, so no rule behind it is followed.
        if count > ALL_TIMES_MAX {
            break;
        }
    }
    Ok(read)
}

fn take(event: &IcsEvent, zone: &str) -> Result<RosterEvent, IcsError> {
    let uid = event.value("UID").filter(|uid| !uid.is_empty());
    let uid = uid.ok_or_else(|| event.wrong("UID", "the event has no UID, by which it is known again"))?;
    let is_cancelled = event.value("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED"));
    let start = edge(event, "DTSTART", zone)?;
    let start = start.ok_or_else(|| event.wrong("DTSTART", "the event has no DTSTART"))?;
    let is_absence = matches!(start, Edge::Day(_)) || event.value("X-NARYAD-KIND").is_some_and(names_absence);
    let times = if is_cancelled { Vec::new() } else { times(event, &start, zone)? };
    Ok(RosterEvent {
        uid: uid.to_owned(),
        line: event.line(),
        who: who(event)?,
        what: if is_absence { absence(event)? } else { shift(event)? },
        times,
    })
}

/// By a login of ours, then by the one who attends, then by who organises, then by the title.
fn who(event: &IcsEvent) -> Result<Who, IcsError> {
    if let Some(login) = event.value("X-NARYAD-LOGIN").filter(|login| !login.is_empty()) {
        return Ok(Who::Login(login.to_owned()));
    }
    let address = |value: &str| {
        let value = value.trim();
        let scheme = value.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
        scheme.map(|_| value[7..].trim().to_lowercase()).filter(|address| !address.is_empty())
    };
    let attending: Vec<&str> = event.values("ATTENDEE").collect();
    if attending.len() > 1 {
        let message = format!("{} people attend; write an event for each", attending.len());
        return Err(event.wrong("ATTENDEE", message));
    }
    let attendee = attending.first().map(|value| ("ATTENDEE", *value));
    let named = attendee.or_else(|| event.value("ORGANIZER").map(|value| ("ORGANIZER", value)));
    if let Some((name, value)) = named {
        return address(value).map(Who::Email).ok_or_else(|| {
            event.wrong(name, format!("{name} must be an address, such as mailto:name@example.org"))
        });
    }
    match event.text("SUMMARY").map(|title| title.trim().to_owned()).filter(|title| !title.is_empty()) {
        Some(login) => Ok(Who::Login(login)),
        None => Err(event.wrong(
            "SUMMARY",
            "the event says of nobody: write X-NARYAD-LOGIN, ATTENDEE, ORGANIZER or a login as SUMMARY",
        )),
    }
}

fn shift(event: &IcsEvent) -> Result<What, IcsError> {
    let rate = event.value("X-NARYAD-RATE").map(|rate| {
        rate.trim_end_matches('%').parse::<i64>().map_err(|_| {
            event.wrong("X-NARYAD-RATE", "X-NARYAD-RATE must be a whole number of percent, such as 150")
        })
    });
    let word = event.value("X-NARYAD-KIND").unwrap_or("regular");
    let kind = ShiftKind::read(word, rate.transpose()?).map_err(|why| event.wrong("X-NARYAD-KIND", why))?;
    let queue = event.value("X-NARYAD-QUEUE").map(Key::new).transpose();
    let queue = queue.map_err(|error| event.wrong("X-NARYAD-QUEUE", error.to_string()))?;
    let note = event.text("DESCRIPTION").filter(|note| !note.is_empty());
    Ok(What::Shift { kind, queue, note })
}

/// Words of absences; hours of one of these kinds are no shift.
const ABSENCES: [(&str, AbsenceKind); 4] = [
    ("vacation", AbsenceKind::Vacation),
    ("sick", AbsenceKind::Sick),
    ("training", AbsenceKind::Training),
    ("other", AbsenceKind::Other),
];

fn names_absence(word: &str) -> bool {
    ABSENCES.iter().any(|(name, _)| *name == word)
}

fn absence(event: &IcsEvent) -> Result<What, IcsError> {
    let kind = match event.value("X-NARYAD-KIND") {
        Some(word) => {
            ABSENCES.into_iter().find(|(name, _)| *name == word).map(|(_, kind)| kind).ok_or_else(|| {
                let message =
                    format!("there is no kind `{word}` of absence; known: vacation, sick, training, other");
                event.wrong("X-NARYAD-KIND", message)
            })?
        }
        None => {
            let named = event.values("CATEGORIES").flat_map(|value| value.split(','));
            let words: Vec<String> = named.map(|word| word.trim().to_lowercase()).collect();
            let found = ABSENCES.into_iter().find(|(name, _)| words.iter().any(|word| word == name));
            found.map_or(AbsenceKind::Other, |(_, kind)| kind)
        }
    };
    Ok(What::Absence { kind })
}

/// Where an event begins or ends, or what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Day(Date),
    /// As the clocks of a zone show it.
    Local(DateTime, String),
}

fn edge(event: &IcsEvent, name: &str, zone: &str) -> Result<Option<Edge>, IcsError> {
    match event.value(name) {
        Some(value) => read_edge(event, name, value, zone).map(Some),
        None => Ok(None),
    }
}

fn read_edge(event: &IcsEvent, name: &str, value: &str, zone: &str) -> Result<Edge, IcsError> {
    let unread = || {
        let shown: String = value.chars().take(40).collect();
        event.wrong(name, format!("{name} is `{shown}`: write 20261201T080000 or, for a whole day, 20261201"))
    };
    if let Some(day) = day_of(value) {
        return Ok(Edge::Day(day));
    }
    let (date, clock) = value.split_once('T').ok_or_else(unread)?;
    let date = day_of(date).ok_or_else(unread)?;
    let is_utc = clock.ends_with(['Z', 'z']);
    let digits = clock.trim_end_matches(['Z', 'z']);
    let is_clock = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize| digits[from..from + 2].parse::<i8>().ok();
    let time = is_clock.then(|| Time::new(part(0)?, part(2)?, part(4)?.min(59), 0).ok()).flatten();
    let own = event.parameter(name, "TZID");
    let zone = match own {
        _ if is_utc => "UTC",
        Some(own) => own.trim_matches('"').trim_start_matches('/'),
        None => zone,
    };
    if calendar::zone(zone).is_err() {
        let shown: String = zone.chars().take(60).collect();
        return Err(
            event.wrong(name, format!("TZID `{shown}` is no IANA zone: write one such as Asia/Almaty"))
        );
    }
    Ok(Edge::Local(date.to_datetime(time.ok_or_else(unread)?), zone.to_owned()))
}

fn day_of(value: &str) -> Option<Date> {
    calendar::ics_day(value)
}

impl Edge {
    fn date(&self) -> Date {
        match self {
            Edge::Day(day) => *day,
            Edge::Local(at, _) => at.date(),
        }
    }

    /// The same hour on another day.
    fn on(&self, day: Date) -> Edge {
        match self {
            Edge::Day(_) => Edge::Day(day),
            Edge::Local(at, zone) => Edge::Local(day.to_datetime(at.time()), zone.clone()),
        }
    }

    /// A day begins at midnight of the import's zone.
    fn moment(&self, zone: &str) -> Option<Moment> {
        let (text, zone) = match self {
            Edge::Day(day) => (format!("{day} 00:00"), zone),
            Edge::Local(at, own) => (format!("{} {}", at.date(), at.time()), own.as_str()),
        };
        calendar::local_moment(&text, zone).ok()
    }
}

/// How long each coming lasts.
enum Length {
    /// To that many days later, at that edge's hour.
    To(Edge, i64),
    Lasts(jiff::SignedDuration),
}

fn length(event: &IcsEvent, start: &Edge, zone: &str) -> Result<Length, IcsError> {
    match (edge(event, "DTEND", zone)?, event.value("DURATION")) {
        (Some(end), _) => {
            if matches!(end, Edge::Day(_)) != matches!(start, Edge::Day(_)) {
                let message = "DTSTART and DTEND must both be days or both be times";
                return Err(event.wrong("DTEND", message));
            }
            let days = super::days_between(start.date(), end.date());
            Ok(Length::To(end, days))
        }
        (None, Some(lasts)) => {
            let span: Result<jiff::Span, _> = lasts.parse();
            let lasts = span.ok().and_then(|span| {
                let days = jiff::SpanRelativeTo::days_are_24_hours();
                span.to_duration(days).ok()
            });
            lasts
                .map(Length::Lasts)
                .ok_or_else(|| event.wrong("DURATION", "DURATION must be such as PT8H, P1D or PT8H30M"))
        }
        (None, None) => match start {
            Edge::Day(day) => Ok(Length::To(Edge::Day(*day), 1)),
            Edge::Local(..) => Err(event.wrong("DTSTART", "the event has neither DTEND nor DURATION")),
        },
    }
}

fn times(event: &IcsEvent, start: &Edge, zone: &str) -> Result<Vec<(Moment, Moment)>, IcsError> {
    for name in ["RDATE", "RECURRENCE-ID", "EXRULE"] {
        if event.value(name).is_some() {
            let message = format!("{name} is not followed: write an event of its own for each such date");
            return Err(event.wrong(name, message));
        }
    }
    let length = length(event, start, zone)?;
    let mut left_out = BTreeSet::new();
    for value in event.values("EXDATE").flat_map(|value| value.split(',')) {
        left_out.insert(read_edge(event, "EXDATE", value.trim(), zone)?.moment(zone));
    }
    let days = match event.value("RRULE") {
        Some(rule) => Rule::read(event, rule)?.days(event, start, zone)?,
        None => vec![start.date()],
    };
    let mut times = Vec::new();
    for day in days {
        let outside = || event.wrong("DTSTART", "the event comes outside the years that are counted");
        let from = start.on(day).moment(zone).ok_or_else(outside)?;
        if left_out.contains(&Some(from)) {
            continue;
        }
        let to = match &length {
            Length::To(end, days) => {
                let last = day.checked_add(jiff::Span::new().days(*days)).map_err(|_| outside())?;
                end.on(last).moment(zone).ok_or_else(outside)?
            }
            Length::Lasts(lasts) => {
                from + crate::domain::Span::from_ms(i64::try_from(lasts.as_millis()).unwrap_or(0))
            }
        };
        if to <= from {
            return Err(event.wrong("DTEND", "the event ends before it has begun"));
        }
        times.push((from, to));
    }
    Ok(times)
}

/// The rules that are followed: every so many days or weeks, with an end.
struct Rule {
    is_weekly: bool,
    interval: i64,
    count: Option<usize>,
    /// The last moment or day, as written.
    until: Option<String>,
    on: Vec<Weekday>,
    week_starts: Weekday,
}

impl Rule {
    fn read(event: &IcsEvent, rule: &str) -> Result<Rule, IcsError> {
        let mut read = Rule {
            is_weekly: false,
            interval: 1,
            count: None,
            until: None,
            on: Vec::new(),
            week_starts: Weekday::Monday,
        };
        let mut has_frequency = false;
        for part in rule.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let number: Option<i64> = value.parse().ok();
            let is_followed = match &*name.to_ascii_uppercase() {
                "FREQ" => {
                    read.is_weekly = value.eq_ignore_ascii_case("WEEKLY");
                    has_frequency = read.is_weekly || value.eq_ignore_ascii_case("DAILY");
                    has_frequency
                }
                "INTERVAL" => {
                    read.interval = number.unwrap_or(0);
                    (1..=RULE_DAYS_MAX).contains(&read.interval)
                }
                "COUNT" => {
                    read.count = number.and_then(|count| usize::try_from(count).ok());
                    read.count.is_some_and(|count| count >= 1)
                }
                "UNTIL" => {
                    read.until = Some(value.to_owned());
                    true
                }
                "BYDAY" => {
                    let days: Option<Vec<Weekday>> = value.split(',').map(weekday).collect();
                    read.on = days.unwrap_or_default();
                    !read.on.is_empty()
                }
                "WKST" => weekday(value).inspect(|day| read.week_starts = *day).is_some(),
                _ => false,
            };
            if !is_followed {
                let part: String = part.chars().take(60).collect();
                let message = format!(
                    "`{part}` of RRULE cannot be followed: take FREQ=DAILY or WEEKLY with INTERVAL, BYDAY (no \
                     numbers), COUNT or UNTIL; write an event for each date otherwise"
                );
                return Err(event.wrong("RRULE", message));
            }
        }
        if !has_frequency {
            return Err(event.wrong("RRULE", "RRULE has no FREQ"));
        }
        match (read.count, &read.until) {
            (None, None) => Err(event.wrong("RRULE", "RRULE has no end: give it a COUNT or an UNTIL")),
            (Some(_), Some(_)) => Err(event.wrong("RRULE", "RRULE has both COUNT and UNTIL; leave one out")),
            _ => Ok(read),
        }
    }

    /// The days on which the event comes, its first included.
    fn days(&self, event: &IcsEvent, start: &Edge, zone: &str) -> Result<Vec<Date>, IcsError> {
        let own_zone = match start {
            Edge::Day(_) => zone,
            Edge::Local(_, own) => own.as_str(),
        };
        let until = self.until.as_deref();
        let until = until.map(|until| read_edge(event, "RRULE", until, own_zone)).transpose()?;
        let is_over = |day: Date| match &until {
            None => false,
            Some(Edge::Day(last)) => day > *last,
            Some(last) => start.on(day).moment(zone) > last.moment(zone),
        };
        let first = start.date();
        let too_long = || {
            let message =
                format!("RRULE comes more than {TIMES_MAX} times or runs over {RULE_DAYS_MAX} days");
            event.wrong("RRULE", message)
        };
        let mut days = Vec::new();
        let mut day = first;
        for passed in 0..=RULE_DAYS_MAX {
            if is_over(day) || self.count.is_some_and(|count| days.len() >= count) {
                return Ok(days);
            }
            if self.falls_on(first, day, passed) {
                days.push(day);
                if days.len() > TIMES_MAX {
                    return Err(too_long());
                }
            }
            day = day.tomorrow().map_err(|_| too_long())?;
        }
        Err(too_long())
    }

    fn falls_on(&self, first: Date, day: Date, passed: i64) -> bool {
        if !self.is_weekly {
            return passed % self.interval == 0 && (self.on.is_empty() || self.on.contains(&day.weekday()));
        }
        // Weeks are counted from the one of the first day.
        let into_week = i64::from(first.weekday().since(self.week_starts));
        let week = (passed + into_week) / 7;
        let is_day = if self.on.is_empty() {
            day.weekday() == first.weekday()
        } else {
            self.on.contains(&day.weekday())
        };
        week % self.interval == 0 && is_day
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match &*text.trim().to_ascii_uppercase() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOSCOW: &str = "Europe/Moscow";

    fn file(lines: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            lines.replace('|', "\r\n")
        )
    }

    fn one(lines: &str) -> Result<RosterEvent, WrongEvent> {
        read(&file(lines), MOSCOW).unwrap().remove(0)
    }

    /// When it comes, in UTC, without the year and the seconds.
    fn come(lines: &str) -> Vec<String> {
        let short = |at: Moment| at.to_string()[5..16].to_owned();
        let event = one(lines).unwrap_or_else(|wrong| panic!("{lines}: {wrong:?}"));
        event.times.into_iter().map(|(from, to)| format!("{} {}", short(from), short(to))).collect()
    }

    #[test]
    fn single_events_and_rules_with_an_end_are_laid_out() {
        for (lines, expected) in [
            ("DTSTART:20261201T080000|DTEND:20261201T160000", &["12-01T05:00 12-01T13:00"][..]),
            ("DTSTART:20261201T080000Z|DURATION:PT8H30M", &["12-01T08:00 12-01T16:30"]),
            (
                "DTSTART;TZID=Asia/Almaty:20261201T220000|DTEND;TZID=Asia/Almaty:20261202T060000",
                &["12-01T17:00 12-02T01:00"],
            ),
            (
                "DTSTART:20261201T080000|DTEND:20261201T160000|RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3|EXDATE:20261203T080000",
                &["12-01T05:00 12-01T13:00", "12-05T05:00 12-05T13:00"],
            ),
            // From a Tuesday, every second week; the week begins on Monday.
            (
                "DTSTART:20261201T080000|DTEND:20261201T160000|RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,FR;UNTIL=20261215T235959Z",
                &[
                    "12-01T05:00 12-01T13:00",
                    "12-04T05:00 12-04T13:00",
                    "12-14T05:00 12-14T13:00",
                    "12-15T05:00 12-15T13:00",
                ],
            ),
            (
                "DTSTART:20261201T080000|DTEND:20261201T160000|RRULE:FREQ=WEEKLY;UNTIL=20261208",
                &["12-01T05:00 12-01T13:00", "12-08T05:00 12-08T13:00"],
            ),
            // Whole days, of which the last is not one.
            ("DTSTART;VALUE=DATE:20261201|DTEND;VALUE=DATE:20261203", &["11-30T21:00 12-02T21:00"]),
            ("DTSTART;VALUE=DATE:20261201", &["11-30T21:00 12-01T21:00"]),
            ("STATUS:CANCELLED|DTSTART:20261201T080000|DTEND:20261201T160000", &[]),
        ] {
            assert_eq!(come(&format!("UID:1|SUMMARY:ivan|{lines}")), expected, "{lines}");
        }
        // Over the change of clocks in Berlin, 08:00 stays 08:00.
        let rule = "UID:1|SUMMARY:ivan|DTSTART;TZID=Europe/Berlin:20261024T080000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=2";
        assert_eq!(come(rule), ["10-24T06:00 10-24T07:00", "10-25T07:00 10-25T08:00"]);
    }

    #[test]
    fn whose_it_is_and_what_is_read() {
        let with = |more: &str| one(&format!("UID:1|DTSTART:20261201T080000|DURATION:PT1H|{more}")).unwrap();
        assert_eq!(with("SUMMARY:ivan").who, Who::Login("ivan".to_owned()));
        let attends =
            with("SUMMARY:Night|ATTENDEE;CN=Ivan:MAILTO:Ivan@Example.org|ORGANIZER:mailto:boss@example.org");
        assert_eq!(attends.who, Who::Email("ivan@example.org".to_owned()));
        assert_eq!(with("ORGANIZER:mailto:boss@example.org").who, Who::Email("boss@example.org".to_owned()));
        let named = with(
            "X-NARYAD-LOGIN:olga|SUMMARY:x|X-NARYAD-KIND:extra|X-NARYAD-RATE:150|X-NARYAD-QUEUE:support|DESCRIPTION:peak\\, both",
        );
        assert_eq!(named.who, Who::Login("olga".to_owned()));
        let kind = ShiftKind::Extra { rate_percent: 150 };
        let queue = Some(Key::new("support").unwrap());
        assert_eq!(named.what, What::Shift { kind, queue, note: Some("peak, both".to_owned()) });
        let away = one("UID:1|SUMMARY:ivan|DTSTART:20261201|CATEGORIES:Personal,Sick").unwrap();
        assert_eq!(away.what, What::Absence { kind: AbsenceKind::Sick });
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_its_line() {
        let shift = "UID:1|SUMMARY:ivan|DTSTART:20261201T080000|DURATION:PT1H";
        for (lines, line, said) in [
            ("SUMMARY:ivan|DTSTART:20261201T080000|DURATION:PT1H".to_owned(), 3, "has no UID"),
            ("UID:1|SUMMARY:ivan".to_owned(), 3, "no DTSTART"),
            ("UID:1|SUMMARY:ivan|DTSTART:1 December".to_owned(), 6, "`1 December`"),
            ("UID:1|SUMMARY:ivan|DTSTART:20261201T080000".to_owned(), 6, "neither DTEND nor DURATION"),
            (
                "UID:1|SUMMARY:ivan|DTSTART:20261201T080000|DTEND:20261201T070000".to_owned(),
                7,
                "before it has begun",
            ),
            ("UID:1|SUMMARY:ivan|DTSTART:20261201T080000|DTEND:20261202".to_owned(), 7, "both be days"),
            ("UID:1|SUMMARY:ivan|DTSTART:20261201T080000|DURATION:eight".to_owned(), 7, "PT8H"),
            (
                "UID:1|SUMMARY:ivan|DTSTART;TZID=Russian Standard Time:20261201T080000|DURATION:PT1H"
                    .to_owned(),
                6,
                "`Russian Standard Time` is no IANA zone",
            ),
            ("UID:1|DTSTART:20261201T080000|DURATION:PT1H".to_owned(), 3, "says of nobody"),
            (format!("{shift}|ATTENDEE:mailto:a@x.org|ATTENDEE:mailto:b@x.org"), 8, "2 people attend"),
            (format!("{shift}|ATTENDEE:Ivan"), 8, "must be an address"),
            (format!("{shift}|RRULE:FREQ=DAILY"), 8, "RRULE has no end: give it a COUNT or an UNTIL"),
            (format!("{shift}|RRULE:FREQ=MONTHLY;COUNT=2"), 8, "`FREQ=MONTHLY` of RRULE"),
            (format!("{shift}|RRULE:FREQ=WEEKLY;BYDAY=1MO;COUNT=2"), 8, "`BYDAY=1MO`"),
            (format!("{shift}|RRULE:FREQ=DAILY;COUNT=2000"), 8, "more than 1000 times or runs over 732 days"),
            (format!("{shift}|RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101"), 8, "both COUNT and UNTIL"),
            (format!("{shift}|RECURRENCE-ID:20261201T080000"), 8, "RECURRENCE-ID is not followed"),
            (format!("{shift}|X-NARYAD-KIND:nightly"), 8, "no kind `nightly`"),
        ] {
            let wrong = one(&lines).unwrap_err();
            assert!(wrong.error.message.contains(said) && wrong.error.line == line, "{lines}: {wrong:?}");
        }
        for (text, said) in
            [("x", "begins with BEGIN:VCALENDAR"), ("BEGIN:VCALENDAR\nEND:VCALENDAR", "no event")]
        {
            assert!(read(text, MOSCOW).unwrap_err().message.contains(said));
        }
    }
}
