//! Calendars against the walk that they spare, and the dates that desks get wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::date;

use super::*;
use crate::domain::Key;

fn settings(text: &str) -> CalendarSettings {
    toml::from_str(text).unwrap()
}

fn calendar(text: &str) -> Calendar {
    Calendar::new(&settings(text), Lists::Unknown).unwrap()
}

const OFFICE: &str = "hours = [{ days = ['mon', 'tue', 'wed', 'thu', 'fri'], from = '09:00', to = '18:00' }]";

fn office(zone: &str) -> Calendar {
    calendar(&format!("time_zone = '{zone}'\n{OFFICE}"))
}

fn at(civil: &str, zone: &str) -> Moment {
    local_moment(civil, zone).unwrap()
}

/// Open minutes by asking about each.
fn counted(calendar: &Calendar, from: Moment, to: Moment) -> Span {
    let mut minute = from;
    let mut open = 0;
    while minute < to {
        open += i64::from(calendar.is_open(minute));
        minute = minute + Span::minutes(1);
    }
    Span::minutes(open)
}

#[test]
fn working_time_skips_nights_and_weekends() {
    let zone = "Asia/Yerevan";
    let calendar = office(zone);
    // Friday 17:55 and one working hour: Monday 09:55.
    assert_eq!(calendar.add(at("2026-11-20 17:55", zone), Span::hours(1)), at("2026-11-23 09:55", zone));
    let span = calendar.open_span(at("2026-11-20 17:00", zone), at("2026-11-23 10:00", zone));
    assert_eq!(span, Span::hours(2));
    assert!(calendar.is_open(at("2026-11-20 17:59", zone)));
    assert!(!calendar.is_open(at("2026-11-20 18:00", zone)));
    assert!(!calendar.is_open(at("2026-11-21 12:00", zone)));
    assert_eq!(calendar.next_edge(at("2026-11-20 12:00", zone)), Some(at("2026-11-20 18:00", zone)));
    assert_eq!(calendar.next_edge(at("2026-11-20 18:00", zone)), Some(at("2026-11-23 09:00", zone)));
}

#[test]
fn sums_agree_with_counting_minutes() {
    for zone in ["Asia/Almaty", "Europe/Madrid", "America/St_Johns", "Australia/Lord_Howe"] {
        for text in [
            OFFICE,
            "hours = [{ days = ['mon', 'thu', 'sat'], from = '00:00', to = '24:00' }]",
            "hours = [{ days = ['sun', 'tue'], from = '22:00', to = '24:00' }, { days = ['mon', 'wed'], from = '00:00', to = '06:30' }]",
            "holidays = ['RU']",
        ] {
            let calendar = calendar(&format!("time_zone = '{zone}'\n{text}"));
            for (from, to) in [
                ("2024-02-28 13:07", "2024-04-02 08:31"),
                ("2025-12-30 23:59", "2026-01-12 00:01"),
                ("2025-10-20 00:00", "2025-11-05 00:00"),
            ] {
                let (from, to) = (at(from, zone), at(to, zone));
                let open = counted(&calendar, from, to);
                assert_eq!(calendar.open_span(from, to), open, "{zone} {text}");
                let end = calendar.add(from, open);
                assert!(end <= to, "{zone} {text}: {end} is later than {to}");
                assert_eq!(calendar.open_span(from, end), open, "{zone} {text}");
                assert_eq!(calendar.open_span(end, to), Span::ZERO, "{zone} {text}");
            }
        }
    }
}

/// Hours of one day in a zone: (zone, hours, date, minutes).
#[test]
fn days_that_are_not_24_hours_long() {
    for (zone, hours, day, minutes) in [
        // Kazakhstan went from +06 to +05: the hour before midnight came twice.
        ("Asia/Almaty", "from = '00:00', to = '24:00'", "2024-02-29", 25 * 60),
        ("Asia/Almaty", "from = '09:00', to = '18:00'", "2024-03-01", 9 * 60),
        ("Asia/Almaty", "from = '00:00', to = '24:00'", "2024-03-01", 24 * 60),
        // Summer time begins and ends at night.
        ("Europe/Madrid", "from = '00:00', to = '24:00'", "2026-03-29", 23 * 60),
        ("Europe/Madrid", "from = '00:00', to = '06:00'", "2026-10-25", 7 * 60),
        ("Europe/Madrid", "from = '09:00', to = '18:00'", "2026-03-29", 9 * 60),
        // A skipped start means the moment as far behind: 02:30 is 03:30.
        ("Europe/Madrid", "from = '02:30', to = '06:00'", "2026-03-29", 150),
        // Midnight itself is skipped.
        ("Asia/Beirut", "from = '00:00', to = '24:00'", "2024-03-31", 23 * 60),
        // A date that did not exist.
        ("Pacific/Apia", "from = '09:00', to = '18:00'", "2011-12-30", 0),
        ("Pacific/Apia", "from = '09:00', to = '18:00'", "2011-12-31", 9 * 60),
        ("UTC", "from = '09:00', to = '18:00'", "2024-02-29", 9 * 60),
    ] {
        let days = "days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']";
        let calendar = calendar(&format!("time_zone = '{zone}'\nhours = [{{ {days}, {hours} }}]"));
        let next = day.parse::<jiff::civil::Date>().unwrap().tomorrow().unwrap();
        let (from, to) = (at(&format!("{day} 00:00"), zone), at(&format!("{next} 00:00"), zone));
        assert_eq!(calendar.open_span(from, to), Span::minutes(minutes), "{zone} {day} {hours}");
    }
}

#[test]
fn exceptions_come_before_holidays_and_holidays_before_the_week() {
    let mut lists = HolidayLists::new();
    let holiday = |name: &str, first, yearly| Holiday { name: name.to_owned(), first, days: 1, yearly };
    let list = HolidayList {
        holidays: vec![
            holiday("Founders' day", date(2025, 11, 19), Some(Yearly::Always)),
            holiday("Leap day", date(2024, 2, 29), Some(Yearly::Always)),
            holiday("Removal", date(2026, 11, 17), None),
            Holiday { days: 3, ..holiday("Turn of the year", date(2025, 12, 31), None) },
        ],
    };
    lists.insert(Key::new("own").unwrap(), Arc::new(list));
    let text = format!(
        "time_zone = 'UTC'\n{OFFICE}\nholidays = ['own']
        exceptions = [
            {{ from = '2026-11-16', hours = [{{ from = '10:00', to = '11:00' }}, {{ from = '12:00', to = '12:30' }}] }},
            {{ from = '2026-11-17', hours = [{{ from = '09:00', to = '10:00' }}] }},
            {{ from = '2026-11-20', to = '2026-11-22' }},
        ]"
    );
    let calendar = Calendar::new(&settings(&text), Lists::Known(&lists)).unwrap();
    for (day, hours) in [
        ("2026-11-16", 1.5),
        ("2026-11-17", 1.0),
        ("2026-11-18", 9.0),
        ("2026-11-19", 0.0),
        ("2027-11-19", 0.0),
        ("2024-11-19", 9.0),
        ("2026-11-20", 0.0),
        ("2026-11-23", 9.0),
        ("2024-02-29", 0.0),
        ("2028-02-29", 0.0),
        ("2027-03-01", 9.0),
        ("2025-12-31", 0.0),
        ("2026-01-02", 0.0),
        ("2026-01-05", 9.0),
    ] {
        let from = at(&format!("{day} 00:00"), "UTC");
        let open = calendar.open_span(from, from + Span::days(1));
        assert_eq!(open, Span::from_ms((hours * 3_600_000.0) as i64), "{day}");
    }
}

/// The governmental decrees on moved days off for 2024 and 2026; worked Saturdays and short days as published.
#[test]
fn the_production_calendar_of_russia_moves_and_shortens_days() {
    let five = calendar(&format!("time_zone = 'Europe/Moscow'\n{OFFICE}\nholidays = ['RU']"));
    let six = "hours = [{ days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from = '09:00', to = '18:00' }]";
    let six = calendar(&format!("time_zone = 'Europe/Moscow'\n{six}\nholidays = ['RU']"));
    for (day, hours_of_five, hours_of_six, why) in [
        ("2026-01-09", 0, 0, "moved from Saturday, 3 January"),
        ("2026-01-12", 9, 9, "the first working day"),
        ("2024-12-28", 9, 9, "a Saturday that is worked"),
        ("2024-12-31", 0, 0, "its day off"),
        ("2024-02-22", 8, 8, "before the 23rd: an hour shorter"),
        ("2026-11-03", 8, 8, "before the 4th"),
        ("2026-11-04", 0, 0, "a holiday"),
        ("2026-11-21", 0, 9, "an ordinary Saturday"),
        ("2026-11-20", 9, 9, "an ordinary Friday"),
        ("2040-05-09", 0, 0, "foretold by the Labour Code"),
    ] {
        let from = at(&format!("{day} 00:00"), "Europe/Moscow");
        let open = |calendar: &Calendar| calendar.open_span(from, from + Span::days(1));
        assert_eq!(
            (open(&five), open(&six)),
            (Span::hours(hours_of_five), Span::hours(hours_of_six)),
            "{day}: {why}"
        );
    }
    assert_eq!((RUSSIA_FIRST_YEAR, RUSSIA_LAST_YEAR), (1993, 2027));
}

#[test]
fn the_wall_clock_of_a_zone_has_its_own_day() {
    let local = local_time("2026-12-31T20:30:00Z".parse().unwrap(), "Asia/Yerevan").unwrap();
    let expected = LocalTime { year: 2027, month: 1, day: 1, weekday: 5, hour: 0, minute: 30 };
    assert_eq!(local, expected);
}

#[test]
fn broken_calendars_are_refused_with_their_place() {
    let lists = BTreeMap::from([(Key::new("kz-2026").unwrap(), Arc::new(HolidayList::default()))]);
    for (text, member, index, said) in [
        ("time_zone = 'Mars/Olympus'", "time_zone", None, "no time zone `Mars/Olympus`"),
        (
            "hours = [{ days = ['mon'], from = '9', to = '18:00' }]",
            "hours",
            Some(0),
            "`9` is not a time of day",
        ),
        ("hours = [{ days = ['mon'], from = '09:00', to = '25:00' }]", "hours", Some(0), "`25:00`"),
        ("hours = [{ days = ['mon'], from = '+9:00', to = '18:00' }]", "hours", Some(0), "`+9:00`"),
        (
            "hours = [{ days = ['mon'], from = '18:00', to = '09:00' }]",
            "hours",
            Some(0),
            "the end must come after",
        ),
        (
            "hours = [{ days = ['mon', 'tue'], from = '09:00', to = '13:00' }, { days = ['tue'], from = '12:59', to = '18:00' }]",
            "hours",
            Some(1),
            "overlap on Tue: 12:59–18:00 begins before 09:00–13:00",
        ),
        ("hours = [{ days = [], from = '09:00', to = '18:00' }]", "hours", None, "no open hour"),
        (
            "hours = [{ days = ['mon'], from = '09:00', to = '18:00' }, { days = [], from = '09:00', to = '18:00' }]",
            "hours",
            Some(1),
            "name no day",
        ),
        ("exceptions = [{ from = '2026-02-29' }]", "exceptions", Some(0), "`2026-02-29` is not a date"),
        ("exceptions = [{ from = '2026-1-9' }]", "exceptions", Some(0), "`2026-1-9` is not a date"),
        (
            "exceptions = [{ from = '2026-03-02', to = '2026-03-01' }]",
            "exceptions",
            Some(0),
            "must not lie before",
        ),
        (
            "exceptions = [{ from = '2026-03-02', to = '2028-03-01' }]",
            "exceptions",
            Some(0),
            "may be 400 days long",
        ),
        (
            "exceptions = [{ from = '2026-03-01', to = '2026-03-03' }, { from = '2026-03-03' }]",
            "exceptions",
            Some(1),
            "two exceptions are about 2026-03-03",
        ),
        (
            "exceptions = [{ from = '2026-03-01', hours = [{ from = '09:00', to = '12:00' }, { from = '11:00', to = '13:00' }] }]",
            "exceptions",
            Some(0),
            "overlap on 2026-03-01",
        ),
        ("holidays = ['RU', 'kz-2025']", "holidays", Some(1), "did you mean `kz-2026`"),
        ("holidays = ['KZ']", "holidays", Some(0), "`KZ` is no holiday list"),
        ("holidays = ['RU', 'RU']", "holidays", Some(1), "named twice"),
    ] {
        let zone = if text.starts_with("time_zone") { "" } else { "time_zone = 'UTC'\n" };
        let fault = Calendar::new(&settings(&format!("{zone}{text}")), Lists::Known(&lists)).unwrap_err();
        assert_eq!((fault.member, fault.index), (member, index), "{text}: {fault}");
        assert!(fault.to_string().contains(said), "{text}: {fault}");
    }
    assert!(settings_parse("time_zone = 'UTC'\nhours = [{ days = ['mon'], from = '00:00', to = '24:00' }]"));
}

fn settings_parse(text: &str) -> bool {
    Calendar::new(&settings(text), Lists::Unknown).is_ok()
}

/// A year of open time by walking through its days, as a calendar without sums has to.
fn walked(zone: &TimeZone, from: Moment, to: Moment) -> Span {
    let (mut date, mut open) = (from.timestamp().to_zoned(zone.clone()).date(), Span::ZERO);
    loop {
        let local = |hour: i8| {
            let at = zone.to_ambiguous_timestamp(date.at(hour, 0, 0, 0)).compatible().unwrap();
            Moment::from_ms(at.as_millisecond())
        };
        if local(0) >= to {
            return open;
        }
        if date.weekday().to_monday_one_offset() <= 5 {
            let (start, end) = (local(9).max(from), local(18).min(to));
            open = open + if start < end { end - start } else { Span::ZERO };
        }
        date = date.tomorrow().unwrap();
    }
}

#[test]
fn a_year_costs_microseconds_instead_of_a_walk() {
    const ROUNDS: i64 = 200;
    let (name, calendar) = ("Europe/Madrid", office("Europe/Madrid"));
    let zone = zone(name).unwrap();
    let (from, to) = (at("2025-03-07 13:07", name), at("2026-03-07 08:31", name));
    assert_eq!(calendar.open_span(from, to), walked(&zone, from, to));
    let timed = |work: &dyn Fn(Moment) -> Span| {
        let begun = Instant::now();
        let sum = (0..ROUNDS).fold(Span::ZERO, |sum, round| sum + work(from + Span::minutes(round)));
        (begun.elapsed(), sum)
    };
    let (slow, by_walk) = timed(&|from| walked(&zone, from, to));
    let (fast, by_sums) = timed(&|from| calendar.open_span(from, to));
    assert_eq!(by_sums, by_walk);
    let ratio = slow.as_secs_f64() / fast.as_secs_f64();
    println!("a year: {:.2?} by sums, {:.2?} by walking, {ratio:.0} times", fast / 200, slow / 200);
    assert!(ratio > 20.0, "sums are only {ratio:.1} times as fast as walking");
}
