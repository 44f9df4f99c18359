//! A holiday list out of an iCalendar file (RFC 5545): whole days, once or every year on the same date.

use icalendar::parser::{Parameter, Property, read_components};
use jiff::civil::Date;

use super::holidays::{Holiday, HolidayList, Yearly};

/// Longest file, in bytes.
pub const ICS_BYTES_MAX: usize = 256 * 1024;
/// Most events of a file.
const EVENTS_MAX: usize = 2_000;
/// Longest holiday, in days.
const HOLIDAY_DAYS_MAX: i32 = 31;
/// Longest name of a holiday that is kept, in characters.
const NAME_CHARS_MAX: usize = 200;

/// What is wrong with the file, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct IcsError {
    /// From 1.
    pub line: usize,
    pub message: String,
}

/// A line with what was folded onto it, and its number.
#[derive(Debug, Clone)]
struct Line {
    number: usize,
    text: String,
}

impl HolidayList {
    /// Reads an iCalendar file.
    ///
    /// # Errors
    /// The line and what would be right. Rules other than "every year on this date" are refused, not guessed.
    pub fn from_ics(text: &str) -> Result<HolidayList, IcsError> {
        let wrong = |line, message: String| Err(IcsError { line, message });
        if text.len() > ICS_BYTES_MAX {
            return wrong(1, format!("the file has {} bytes; at most {ICS_BYTES_MAX} are taken", text.len()));
        }
        let mut list = HolidayList::default();
        for event in ics_events(text)? {
            let event = event?;
            if list.holidays.len() >= EVENTS_MAX {
                return wrong(event.line(), format!("more than {EVENTS_MAX} events"));
            }
            list.holidays.extend(holiday(&event)?);
        }
        if list.holidays.is_empty() {
            return wrong(1, "the file has no event, so no holiday".to_owned());
        }
        Ok(list)
    }
}

fn unfolded(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, raw) in text.lines().enumerate() {
        let raw = raw.trim_end_matches('\r');
        match (raw.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.text.push_str(rest),
            _ if raw.trim().is_empty() => {}
            _ => lines.push(Line { number: index + 1, text: raw.to_owned() }),
        }
    }
    lines
}

/// The events of the file, each with its first and last line.
fn events(lines: &[Line]) -> Result<Vec<&[Line]>, IcsError> {
    let is = |line: &Line, word: &str| line.text.trim().eq_ignore_ascii_case(word);
    let mut blocks = Vec::new();
    let mut begun: Option<usize> = None;
    for (index, line) in lines.iter().enumerate() {
        if is(line, "BEGIN:VEVENT") {
            if let Some(begun) = begun {
                let message =
                    format!("the event that begins on line {} has no END:VEVENT", lines[begun].number);
                return Err(IcsError { line: line.number, message });
            }
            begun = Some(index);
        } else if is(line, "END:VEVENT") {
            let Some(begun) = begun.take() else {
                let message = "END:VEVENT without BEGIN:VEVENT".to_owned();
                return Err(IcsError { line: line.number, message });
            };
            blocks.push(&lines[begun..=index]);
        }
    }
    match begun {
        Some(begun) => {
            let message = "this event has no END:VEVENT".to_owned();
            Err(IcsError { line: lines[begun].number, message })
        }
        None if !lines.last().is_some_and(|line| is(line, "END:VCALENDAR")) => {
            let line = lines.last().map_or(1, |line| line.number);
            Err(IcsError { line, message: "the file ends before END:VCALENDAR".to_owned() })
        }
        None => Ok(blocks),
    }
}

/// One event, with the lines that errors point to.
#[derive(Debug)]
pub struct IcsEvent {
    properties: Vec<Own>,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Own {
    name: String,
    value: String,
    parameters: Vec<(String, String)>,
}

/// The events of a file, each readable or not.
///
/// # Errors
/// Where the file as a whole is no calendar.
pub fn ics_events(text: &str) -> Result<Vec<Result<IcsEvent, IcsError>>, IcsError> {
    let lines = unfolded(text);
    if lines.first().is_none_or(|line| !line.text.trim().eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        let message = "an iCalendar file begins with BEGIN:VCALENDAR".to_owned();
        return Err(IcsError { line: 1, message });
    }
    Ok(events(&lines)?.into_iter().map(IcsEvent::read).collect())
}

impl IcsEvent {
    fn read(lines: &[Line]) -> Result<IcsEvent, IcsError> {
        // The parser takes lines without a value, and tells no line when it fails.
        let unreadable = |line: &Line| {
            let message = "this line of an event cannot be read: write NAME:value".to_owned();
            IcsError { line: line.number, message }
        };
        if let Some(broken) = lines.iter().find(|line| is_broken(line)) {
            return Err(unreadable(broken));
        }
        let text: String = lines.iter().flat_map(|line| [line.text.as_str(), "\r\n"]).collect();
        let components = read_components(&text).unwrap_or_default();
        let [component] = &components[..] else { return Err(unreadable(&lines[0])) };
        let own = |property: &Property<'_>| Own {
            name: property.name.as_str().to_owned(),
            value: property.val.as_str().trim().to_owned(),
            parameters: property.params.iter().map(parameter).collect(),
        };
        Ok(IcsEvent { properties: component.properties.iter().map(own).collect(), lines: lines.to_vec() })
    }

    /// Where it begins in the file, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.lines[0].number
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Own> {
        self.properties.iter().filter(move |own| own.name.eq_ignore_ascii_case(name))
    }

    /// Of a property that comes once.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.named(name).next().map(|own| own.value.as_str())
    }

    /// Of a property that may come several times.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.named(name).map(|own| own.value.as_str())
    }

    /// A text value without its escapes.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(plain)
    }

    #[must_use]
    pub fn parameter(&self, name: &str, parameter: &str) -> Option<&str> {
        let own = self.named(name).next()?;
        let found = own.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(parameter));
        found.map(|(_, value)| value.as_str())
    }

    /// An error on the line of a property; without one, on the first line of the event.
    #[must_use]
    pub fn wrong(&self, name: &str, message: impl Into<String>) -> IcsError {
        let is_own = |line: &&Line| {
            let end = line.text.find([':', ';']).unwrap_or(line.text.len());
            line.text[..end].trim().eq_ignore_ascii_case(name)
        };
        let line = self.lines.iter().find(is_own).unwrap_or(&self.lines[0]);
        IcsError { line: line.number, message: message.into() }
    }
}

fn parameter(own: &Parameter<'_>) -> (String, String) {
    let value = own.val.as_ref().map(|value| value.as_str().to_owned());
    (own.key.as_str().to_owned(), value.unwrap_or_default())
}

/// What is read as a holiday.
impl IcsEvent {
    fn date(&self, name: &str) -> Result<Option<Date>, IcsError> {
        let Some(value) = self.value(name) else { return Ok(None) };
        whole_day(value).map(Some).ok_or_else(|| {
            let shown: String = value.chars().take(40).collect();
            self.wrong(name, format!("{name} is `{shown}`: a holiday is a whole day, written 20260322"))
        })
    }

    fn days(&self, first: Date) -> Result<i32, IcsError> {
        let days = match (self.date("DTEND")?, self.value("DURATION")) {
            (Some(end), _) => first.until(end).map_or(0, |span| span.get_days()),
            (None, Some(duration)) => days_of(duration)
                .ok_or_else(|| self.wrong("DURATION", "DURATION must be whole days, such as P1D"))?,
            (None, None) => 1,
        };
        if (1..=HOLIDAY_DAYS_MAX).contains(&days) {
            return Ok(days);
        }
        let name = if self.value("DTEND").is_some() { "DTEND" } else { "DURATION" };
        let message = format!("a holiday lasts from 1 to {HOLIDAY_DAYS_MAX} days; DTEND is the day after it");
        Err(self.wrong(name, message))
    }

    fn yearly(&self, first: Date) -> Result<Option<Yearly>, IcsError> {
        for name in ["RDATE", "EXDATE", "RECURRENCE-ID"] {
            if self.value(name).is_some() {
                let message = format!("{name} is not followed: write an event for each date instead");
                return Err(self.wrong(name, message));
            }
        }
        let Some(rule) = self.value("RRULE") else { return Ok(None) };
        let (mut yearly, mut is_yearly) = (Yearly::Always, false);
        for part in rule.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let number: Option<i32> = value.parse().ok();
            let is_followed = match &*name.to_ascii_uppercase() {
                "FREQ" => {
                    is_yearly = value.eq_ignore_ascii_case("YEARLY");
                    is_yearly
                }
                "INTERVAL" => number == Some(1),
                "BYMONTH" => number == Some(i32::from(first.month())),
                "BYMONTHDAY" => number == Some(i32::from(first.day())),
                "WKST" => true,
                "COUNT" => {
                    yearly = Yearly::Count(number.unwrap_or(0));
                    number.is_some_and(|count| count >= 1)
                }
                "UNTIL" => {
                    let last = value.get(..8).and_then(whole_day);
                    last.inspect(|last| yearly = Yearly::Until(*last)).is_some()
                }
                _ => false,
            };
            if !is_followed {
                let part: String = part.chars().take(60).collect();
                let message = format!(
                    "`{part}` of RRULE cannot be followed: a holiday comes once or every year on its date \
                     (FREQ=YEARLY, with COUNT or UNTIL); write an event for each date instead"
                );
                return Err(self.wrong("RRULE", message));
            }
        }
        if is_yearly { Ok(Some(yearly)) } else { Err(self.wrong("RRULE", "RRULE has no FREQ=YEARLY")) }
    }
}

fn holiday(event: &IcsEvent) -> Result<Option<Holiday>, IcsError> {
    if event.value("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")) {
        return Ok(None);
    }
    let first = event.date("DTSTART")?.ok_or_else(|| event.wrong("DTSTART", "the event has no DTSTART"))?;
    let days = event.days(first)?;
    let yearly = event.yearly(first)?;
    Ok(Some(Holiday { name: plain(event.value("SUMMARY").unwrap_or_default()), first, days, yearly }))
}

/// Whether it is no `NAME:value` or `NAME;PARAMETER=x:value`.
fn is_broken(line: &Line) -> bool {
    let name = line.text.split([':', ';']).next().unwrap_or_default();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    !is_name || !line.text.contains(':')
}

/// A day such as `20260322`.
pub fn whole_day(value: &str) -> Option<Date> {
    let is_date = value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit());
    if !is_date {
        return None;
    }
    let date =
        Date::new(value[..4].parse().ok()?, value[4..6].parse().ok()?, value[6..].parse().ok()?).ok()?;
    (1970..=2100).contains(&date.year()).then_some(date)
}

fn days_of(duration: &str) -> Option<i32> {
    let count = duration.strip_prefix(['P', 'p'])?;
    if let Some(days) = count.strip_suffix(['D', 'd']) {
        return days.parse().ok();
    }
    count.strip_suffix(['W', 'w'])?.parse::<i32>().ok()?.checked_mul(7)
}

/// A text value without its escapes.
fn plain(value: &str) -> String {
    let mut plain = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => plain.push(' '),
                Some(escaped) => plain.push(escaped),
                None => {}
            },
            _ => plain.push(letter),
        }
    }
    plain.chars().take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn file(event: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    }

    #[test]
    fn whole_days_and_yearly_rules_are_read() {
        let text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//\nBEGIN:VTIMEZONE\nTZID:Asia/Almaty\nEND:VTIMEZONE\n\
            BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260321\nDTEND;VALUE=DATE:20260324\nSUMMARY:Nauryz\\, th\n ree days\nEND:VEVENT\n\
            BEGIN:VEVENT\nUID:2\nDTSTART;VALUE=DATE:20200229\nRRULE:FREQ=YEARLY;COUNT=2\nSUMMARY:Leap day\nEND:VEVENT\n\
            BEGIN:VEVENT\nUID:3\nDTSTART:20250501\nDURATION:P1D\nRRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;UNTIL=20270501T000000Z\nEND:VEVENT\n\
            BEGIN:VEVENT\nUID:4\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20260401\nEND:VEVENT\nEND:VCALENDAR\n";
        let list = HolidayList::from_ics(text).unwrap();
        assert_eq!(list.holidays[0].name, "Nauryz, three days");
        let days = |year| list.days_of(year).into_iter().collect::<Vec<_>>();
        assert_eq!(days(2026), [date(2026, 3, 21), date(2026, 3, 22), date(2026, 3, 23), date(2026, 5, 1)]);
        assert_eq!(days(2024), [date(2024, 2, 29)]);
        assert_eq!((days(2023), days(2028)), (vec![], vec![]));
        assert_eq!((days(2027), days(2025)), (vec![date(2027, 5, 1)], vec![date(2025, 5, 1)]));
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_its_line() {
        for (text, line, said) in [
            ("no calendar".to_owned(), 1, "begins with BEGIN:VCALENDAR"),
            ("BEGIN:VCALENDAR\nEND:VCALENDAR".to_owned(), 1, "no event"),
            ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101".to_owned(), 2, "has no END:VEVENT"),
            ("BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR".to_owned(), 2, "without BEGIN"),
            (file("SUMMARY:x"), 3, "no DTSTART"),
            (file("SUMMARY:x\r\nDTSTART:20260229"), 5, "`20260229`"),
            (file("DTSTART;TZID=Asia/Almaty:20260101T090000"), 4, "a holiday is a whole day"),
            (file("DTSTART:20260101\r\nDTEND:20260101"), 5, "from 1 to 31 days"),
            (file("DTSTART:20260101\r\nDTEND:20260301"), 5, "from 1 to 31 days"),
            (file("DTSTART:20260101\r\nDURATION:PT8H"), 5, "whole days"),
            (file("DTSTART:20260101\r\nRRULE:FREQ=MONTHLY"), 5, "`FREQ=MONTHLY` of RRULE"),
            (file("DTSTART:20260101\r\nRRULE:FREQ=YEARLY;BYDAY=2MO"), 5, "`BYDAY=2MO` of RRULE"),
            (file("DTSTART:20260101\r\nRRULE:FREQ=YEARLY;INTERVAL=2"), 5, "`INTERVAL=2`"),
            (file("DTSTART:20260101\r\nRRULE:COUNT=2"), 5, "no FREQ=YEARLY"),
            (file("DTSTART:20260101\r\nEXDATE:20270101"), 5, "EXDATE is not followed"),
            (file("DTSTART:20260101\r\nrubbish"), 5, "cannot be read"),
            (format!("{}BEGIN:VEVENT", file("DTSTART:20260101")), 7, "has no END:VEVENT"),
            (file("DTSTART:20260101").replace("END:VCALENDAR", ""), 5, "ends before END:VCALENDAR"),
        ] {
            let error = HolidayList::from_ics(&text).unwrap_err();
            assert!(error.message.contains(said) && error.line == line, "{text:?}: {error}");
        }
    }
}
