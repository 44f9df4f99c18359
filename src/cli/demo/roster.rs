//! The demo's roster: nine weeks around the present, day and night, with absences, a gap and an extra shift.

use anyhow::Context;
use jiff::ToSpan;
use jiff::civil::Date;

use super::maker::{Maker, key};
use crate::domain::calendar::{local_moment, local_time};
use crate::domain::command::{ChangeRoster, Command, PutAbsence, PutShift};
use crate::domain::roster::{self, AbsenceKind, ShiftKind};
use crate::domain::{Key, Moment, PersonId};

/// So many days before today, and as many after.
const DAYS_AROUND: i64 = 31;
const HOME: &str = "Europe/Moscow";
const LONDON: &str = "Europe/London";

/// Wall-clock hours; one that ends before it begins ends on the next day.
type Hours = (u8, u8);
const DAY: Hours = (8, 20);
const NIGHT: Hours = (20, 8);
const OFFICE: Hours = (9, 18);

/// What comes again and again, and on which of its days today is.
#[derive(Clone, Copy)]
enum Pattern {
    /// A day, the night of the next, two days off.
    DayNight(i64),
    /// Two on, two off.
    TwoTwo(Hours, i64),
    /// Monday to Friday.
    Week(Hours),
    /// On call in every other week, at night.
    EveryOtherWeek(Hours, i64),
}

/// Login, zone, pattern, kind, queue.
const PLAN: &[(&str, &str, Pattern, ShiftKind, Option<&str>)] = &[
    ("operator", HOME, Pattern::DayNight(0), ShiftKind::Regular, None),
    ("m.egorova", HOME, Pattern::DayNight(1), ShiftKind::Regular, None),
    ("k.sarkisov", HOME, Pattern::DayNight(2), ShiftKind::Regular, None),
    ("d.kim", HOME, Pattern::DayNight(3), ShiftKind::Regular, None),
    ("a.nurmagambetova", HOME, Pattern::TwoTwo((11, 23), 0), ShiftKind::Regular, None),
    ("v.polyakov", HOME, Pattern::TwoTwo(DAY, 2), ShiftKind::Regular, Some("line_1")),
    ("expert", HOME, Pattern::Week(OFFICE), ShiftKind::Regular, None),
    ("dispatcher", HOME, Pattern::TwoTwo(DAY, 0), ShiftKind::Regular, None),
    ("g.dispatcher", HOME, Pattern::TwoTwo(DAY, 2), ShiftKind::Regular, None),
    ("n.dispatcher", HOME, Pattern::TwoTwo(NIGHT, 1), ShiftKind::Regular, None),
    ("supervisor", HOME, Pattern::Week(OFFICE), ShiftKind::Regular, None),
    ("controller", HOME, Pattern::Week(OFFICE), ShiftKind::Regular, None),
    ("r.khakimova", HOME, Pattern::TwoTwo(DAY, 0), ShiftKind::Regular, None),
    ("commercial", HOME, Pattern::Week(OFFICE), ShiftKind::Regular, None),
    ("logistics", HOME, Pattern::Week(OFFICE), ShiftKind::Regular, None),
    ("it-operator", LONDON, Pattern::Week((8, 16)), ShiftKind::Regular, None),
    ("o.hughes", LONDON, Pattern::Week((10, 18)), ShiftKind::Regular, None),
    ("o.hughes", LONDON, Pattern::EveryOtherWeek((18, 8), 0), ShiftKind::OnCall, None),
    ("s.novak", LONDON, Pattern::Week((9, 17)), ShiftKind::Regular, None),
    ("s.novak", LONDON, Pattern::EveryOtherWeek((18, 8), 1), ShiftKind::OnCall, None),
];

/// Login, first day from today, how many, why.
const AWAY: &[(&str, i64, i64, AbsenceKind)] = &[
    // Her nights of these weeks are the gaps; one is taken by somebody else, at a higher rate.
    ("d.kim", 5, 14, AbsenceKind::Vacation),
    ("r.khakimova", -2, 4, AbsenceKind::Sick),
    ("n.dispatcher", -12, 2, AbsenceKind::Training),
    ("commercial", 12, 7, AbsenceKind::Vacation),
];
/// Who takes which day's shift of another, from today; what it is paid, in percent.
const EXTRA: (&str, i64, Hours, i64) = ("k.sarkisov", 6, NIGHT, 150);

/// Plans the weeks around the present so that `operator` is on shift now, whatever the hour.
pub fn fill(maker: &mut Maker, present: Moment) -> anyhow::Result<()> {
    let local = local_time(present, HOME)?;
    let today = roster::day(&format!("{:04}-{:02}-{:02}", local.year, local.month, local.day))
        .map_err(anyhow::Error::msg)?;
    // By day the turn begins today; in the evening its night does, in the small hours it began yesterday.
    let shift = match local.hour {
        0..8 => 2,
        8..20 => 0,
        _ => 1,
    };
    let mut change = ChangeRoster::default();
    for (login, zone, pattern, kind, queue) in PLAN {
        let person = person(maker, login)?;
        for days in -DAYS_AROUND..=DAYS_AROUND {
            let date = today.checked_add(days.days())?;
            let Some(hours) = pattern.hours_on(date, days, shift) else { continue };
            change.put_shifts.push(put(person, date, hours, zone, *kind, queue.map(key))?);
        }
    }
    let (login, days, hours, rate_percent) = EXTRA;
    let (person_of_extra, date) = (person(maker, login)?, today.checked_add(days.days())?);
    let extra = put(person_of_extra, date, hours, HOME, ShiftKind::Extra { rate_percent }, None)?;
    change
        .put_shifts
        .retain(|own| own.person != extra.person || own.to <= extra.from || own.from >= extra.to);
    change.put_shifts.push(extra);
    for (login, first, count, kind) in AWAY {
        let begin =
            |days: i64| roster::begin_of(today.checked_add(days.days())?, HOME).map_err(anyhow::Error::from);
        let (from, to) = (begin(*first)?, begin(first + count)?);
        let person = person(maker, login)?;
        change.put_absences.push(PutAbsence { id: None, version: None, person, from, to, kind: *kind });
    }
    maker.run(Command::ChangeRoster(Box::new(change))).map(drop)
}

impl Pattern {
    /// The hours of a date that lies so many days from today; `shift` moves the turn of who works day and night.
    fn hours_on(self, date: Date, days: i64, shift: i64) -> Option<Hours> {
        let is_weekend = date.weekday().to_monday_one_offset() > 5;
        match self {
            Pattern::DayNight(phase) => match (days + shift - phase).rem_euclid(4) {
                0 => Some(DAY),
                1 => Some(NIGHT),
                _ => None,
            },
            Pattern::TwoTwo(hours, phase) => ((days + shift - phase).rem_euclid(4) < 2).then_some(hours),
            Pattern::Week(hours) => (!is_weekend).then_some(hours),
            Pattern::EveryOtherWeek(hours, phase) => {
                let week = i64::from(date.iso_week_date().week());
                (!is_weekend && (week + phase) % 2 == 0).then_some(hours)
            }
        }
    }
}

fn person(maker: &Maker, login: &str) -> anyhow::Result<PersonId> {
    maker.people.get(login).copied().with_context(|| format!("the demo has nobody called {login}"))
}

fn put(
    person: PersonId,
    date: Date,
    (from, to): Hours,
    zone: &str,
    kind: ShiftKind,
    queue: Option<Key>,
) -> anyhow::Result<PutShift> {
    let last = if to > from { date } else { date.tomorrow()? };
    Ok(PutShift {
        id: None,
        version: None,
        person,
        from: local_moment(&format!("{date} {from:02}:00"), zone)?,
        to: local_moment(&format!("{last} {to:02}:00"), zone)?,
        kind,
        queue,
        client: None,
        note: None,
        series: None,
    })
}
