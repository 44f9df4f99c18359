//! Rosters: who works when, who is away, who is on shift at a moment, and where nobody is; pure.

pub mod calendar_file;
mod pattern;
mod rest;
mod swap;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pattern::{CYCLE_DAYS_MAX, LaidSlot, PatternSlot, ShiftPattern};
pub use rest::{REST_HOURS, REST_HOURS_MAX, Unrested, unrested};
pub use swap::{OFFERS_OPEN_MAX, RosterSettings, SwapAnswer, SwapOffer, SwapRule, SwapState};

use super::calendar::{self, CalendarError};
use super::{AbsenceId, ClientId, Key, Moment, PersonId, SeriesId, ShiftId, Span};

/// Longest regular or extra shift: from 08:00 to 08:00 on the day when the clocks go back.
pub const SHIFT_HOURS_MAX: i64 = 25;
/// Longest stretch on call.
pub const ON_CALL_DAYS_MAX: i64 = 31;
/// Longest absence: parental leave lasts for years.
pub const ABSENCE_DAYS_MAX: i64 = 1_200;
/// The highest rate of an extra shift; 100 is the usual pay.
pub const RATE_PERCENT_MAX: i64 = 1_000;
/// Whose last shift ended longer ago, with none ahead, works by the duty switch again.
pub const ROSTERED_DAYS: i64 = 62;
/// Years that a roster may name.
pub const YEARS: RangeInclusive<i16> = 1970..=2099;
/// What a spreadsheet takes for a formula, at the beginning of a cell.
pub const FORMULA_STARTS: [char; 5] = ['=', '+', '-', '@', '\t'];

/// Somebody's working time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shift {
    pub id: ShiftId,
    pub person: PersonId,
    pub from: Moment,
    pub to: Moment,
    pub kind: ShiftKind,
    /// Counts for this queue only; without one, for all of the person's queues.
    pub queue: Option<Key>,
    /// Counts for this client only; without one, for all.
    pub client: Option<ClientId>,
    pub note: Option<String>,
    /// Shifts that were copied or imported together.
    pub series: Option<SeriesId>,
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ShiftKind {
    Regular,
    /// Can be called; gets work when nobody who is at work suits.
    OnCall,
    /// Beside the usual hours, at a rate of its own.
    Extra {
        rate_percent: i64,
    },
}

impl ShiftKind {
    /// The word of files and tests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ShiftKind::Regular => "regular",
            ShiftKind::OnCall => "on_call",
            ShiftKind::Extra { .. } => "extra",
        }
    }

    /// The kind that a file or a test names; the rate goes with `extra` and with nothing else.
    pub fn read(word: &str, rate_percent: Option<i64>) -> Result<Self, String> {
        match (word, rate_percent) {
            ("regular", None) => Ok(ShiftKind::Regular),
            ("on_call", None) => Ok(ShiftKind::OnCall),
            ("extra", Some(rate_percent)) => Ok(ShiftKind::Extra { rate_percent }),
            ("extra", None) => Err("an extra shift needs a rate_percent, such as 150".to_owned()),
            ("regular" | "on_call", Some(_)) => Err(format!("a {word} shift has no rate_percent")),
            _ => Err(format!("there is no kind `{word}`; known: regular, on_call, extra")),
        }
    }

    /// The longest that it may last.
    #[must_use]
    pub fn longest(self) -> Span {
        match self {
            ShiftKind::Regular | ShiftKind::Extra { .. } => Span::hours(SHIFT_HOURS_MAX),
            ShiftKind::OnCall => Span::days(ON_CALL_DAYS_MAX),
        }
    }

    /// What is wrong with a shift of this kind between two moments.
    pub fn check(self, from: Moment, to: Moment) -> Result<(), (&'static str, String)> {
        if to <= from {
            return Err(("to", format!("must come after `from`, which is {from}")));
        }
        if to - from > self.longest() {
            let hours = self.longest().ms() / Span::hours(1).ms();
            return Err(("to", format!("a {} shift lasts at most {hours} hours", self.as_str())));
        }
        match self {
            ShiftKind::Extra { rate_percent } if !(1..=RATE_PERCENT_MAX).contains(&rate_percent) => {
                Err(("rate_percent", format!("must be from 1 to {RATE_PERCENT_MAX}")))
            }
            _ => Ok(()),
        }
    }
}

/// Somebody is away, whatever the roster says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Absence {
    pub id: AbsenceId,
    pub person: PersonId,
    pub from: Moment,
    pub to: Moment,
    pub kind: AbsenceKind,
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceKind {
    Vacation,
    Sick,
    Training,
    Other,
}

/// For whose work somebody is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Duty<'a> {
    pub client: ClientId,
    /// Without one (a visit belongs to no queue), the queue of a shift is not looked at.
    pub queue: Option<&'a Key>,
}

impl Shift {
    #[must_use]
    pub fn covers(&self, at: Moment) -> bool {
        self.from <= at && at < self.to
    }

    #[must_use]
    pub fn counts_for(&self, duty: Duty<'_>) -> bool {
        self.client.is_none_or(|only| only == duty.client)
            && match (&self.queue, duty.queue) {
                (Some(only), Some(queue)) => only == queue,
                _ => true,
            }
    }

    #[must_use]
    pub fn overlaps(&self, from: Moment, to: Moment) -> bool {
        self.from < to && from < self.to
    }
}

/// Whether somebody works at a moment, as the roster says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Presence {
    /// Has no roster: the duty switch alone says.
    #[default]
    NotRostered,
    OnShift {
        until: Moment,
    },
    OnCall {
        until: Moment,
    },
    OffShift {
        /// When the next shift begins; `null`: none is planned.
        next_from: Option<Moment>,
    },
    Absent {
        until: Moment,
    },
}

impl Presence {
    /// Whether the roster lets the person have new work.
    #[must_use]
    pub fn is_available(self) -> bool {
        !matches!(self, Presence::OffShift { .. } | Presence::Absent { .. })
    }

    /// Whether a shift says so; who has no roster is on none.
    #[must_use]
    pub fn is_on_shift(self) -> bool {
        matches!(self, Presence::OnShift { .. } | Presence::OnCall { .. })
    }
}

/// What the roster holds of one person for one client, as far as one moment needs it. A shift for one client alone
/// makes nobody rostered for another, so that a client's supervisor never takes people away from other clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnRoster {
    /// A shift ended within `ROSTERED_DAYS`, or ends later.
    pub is_rostered: bool,
    /// Those that end after the moment, in order; at least the first that counts.
    pub shifts: Vec<Shift>,
    /// Those that have begun and not ended.
    pub absences: Vec<Absence>,
}

impl OwnRoster {
    /// Who has a roster is there while on a shift that counts, and not otherwise. An absence goes before all, also
    /// of who has no roster.
    #[must_use]
    pub fn presence(&self, duty: Duty<'_>, at: Moment) -> Presence {
        if let Some(until) = self.absences.iter().filter(|away| away.from <= at).map(|away| away.to).max()
            && until > at
        {
            return Presence::Absent { until };
        }
        if !self.is_rostered {
            return Presence::NotRostered;
        }
        let mut counting = self.shifts.iter().filter(|shift| shift.to > at && shift.counts_for(duty));
        match counting.next() {
            Some(shift) if shift.covers(at) => match shift.kind {
                ShiftKind::OnCall => Presence::OnCall { until: shift.to },
                ShiftKind::Regular | ShiftKind::Extra { .. } => Presence::OnShift { until: shift.to },
            },
            next => Presence::OffShift { next_from: next.map(|shift| shift.from) },
        }
    }
}

/// Of one person's shifts, those that overlap another, each with one that it overlaps.
#[must_use]
pub fn overlapping(mut shifts: Vec<Shift>) -> Vec<(ShiftId, Shift)> {
    shifts.sort_by_key(|shift| (shift.from, shift.to));
    let mut found = Vec::new();
    // Of those that have begun, the one that goes on longest, and whether it is found already.
    let mut longest: Option<(&Shift, bool)> = None;
    for shift in &shifts {
        let met = longest.filter(|(before, _)| shift.from < before.to);
        if let Some((before, is_found)) = met {
            found.push((shift.id, before.clone()));
            if !is_found {
                found.push((before.id, shift.clone()));
                longest = Some((before, true));
            }
        }
        if longest.is_none_or(|(before, _)| before.to < shift.to) {
            longest = Some((shift, met.is_some()));
        }
    }
    found
}

/// A stretch of a queue's period with too few people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    pub from: Moment,
    pub to: Moment,
    /// How many are on shift.
    pub count: usize,
    pub people: BTreeSet<PersonId>,
}

/// Stretches of the period in which fewer than `at_least` people are on shift, in order. Absences are taken off.
#[must_use]
pub fn gaps(shifts: &[Shift], absences: &[Absence], from: Moment, to: Moment, at_least: usize) -> Vec<Gap> {
    let mut edges: BTreeSet<Moment> = BTreeSet::from([from, to]);
    let ends = shifts.iter().flat_map(|shift| [shift.from, shift.to]);
    let ends = ends.chain(absences.iter().flat_map(|away| [away.from, away.to]));
    edges.extend(ends.filter(|edge| from < *edge && *edge < to));
    let edges: Vec<Moment> = edges.into_iter().collect();
    let mut coming: Vec<&Shift> = shifts.iter().collect();
    coming.sort_by_key(|shift| std::cmp::Reverse(shift.from));
    let mut leaving: Vec<&Absence> = absences.iter().collect();
    leaving.sort_by_key(|away| std::cmp::Reverse(away.from));
    let (mut there, mut away): (Vec<&Shift>, Vec<&Absence>) = (Vec::new(), Vec::new());
    let mut gaps: Vec<Gap> = Vec::new();
    for pair in edges.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        while let Some(shift) = coming.pop_if(|shift| shift.from <= start) {
            there.push(shift);
        }
        while let Some(absence) = leaving.pop_if(|absence| absence.from <= start) {
            away.push(absence);
        }
        there.retain(|shift| start < shift.to);
        away.retain(|absence| start < absence.to);
        let is_away = |person: PersonId| away.iter().any(|absence| absence.person == person);
        let people: BTreeSet<PersonId> =
            there.iter().map(|shift| shift.person).filter(|person| !is_away(*person)).collect();
        if people.len() >= at_least {
            continue;
        }
        match gaps.last_mut() {
            Some(last) if last.to == start && last.people == people => last.to = end,
            _ => gaps.push(Gap { from: start, to: end, count: people.len(), people }),
        }
    }
    gaps
}

/// `at`, so many days later on the wall clock of the zone: 08:00 stays 08:00 when the clocks change.
pub fn days_later(at: Moment, days: i64, zone: &str) -> Result<Moment, CalendarError> {
    let local = calendar::local_time(at, zone)?;
    let date = date_of(local).and_then(|date| date.checked_add(jiff::Span::new().try_days(days).ok()?).ok());
    let text = format!(
        "{} {:02}:{:02}",
        date.map(|date| date.to_string()).unwrap_or_default(),
        local.hour,
        local.minute
    );
    let minute = calendar::local_moment(&text, zone)?;
    Ok(minute + Span::from_ms(at.ms().rem_euclid(Span::minutes(1).ms())))
}

/// A day such as `2026-12-31`.
pub fn day(text: &str) -> Result<Date, String> {
    let day = text.parse().ok().filter(|day: &Date| YEARS.contains(&day.year()));
    day.ok_or_else(|| {
        let (shown, first, last) = (text.chars().take(20).collect::<String>(), YEARS.start(), YEARS.end());
        format!("`{shown}` is not a day of the years {first} to {last}: write 2026-12-31")
    })
}

/// The moment at which a day begins in a zone.
pub fn begin_of(day: Date, zone: &str) -> Result<Moment, CalendarError> {
    calendar::local_moment(&format!("{day} 00:00"), zone)
}

/// Whole days from one to the other.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i64 {
    (to - from).get_days().into()
}

fn date_of(local: calendar::LocalTime) -> Option<Date> {
    let part = |number: i64| i8::try_from(number).ok();
    Date::new(i16::try_from(local.year).ok()?, part(local.month)?, part(local.day)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOSCOW: &str = "Europe/Moscow";
    const OURS: ClientId = ClientId(1);

    fn at(text: &str) -> Moment {
        calendar::local_moment(text, MOSCOW).unwrap()
    }

    fn shift(person: i64, from: &str, to: &str) -> Shift {
        Shift {
            id: ShiftId(1),
            person: PersonId(person),
            from: at(from),
            to: at(to),
            kind: ShiftKind::Regular,
            queue: None,
            client: None,
            note: None,
            series: None,
            version: 1,
        }
    }

    fn absence(person: i64, from: &str, to: &str) -> Absence {
        let (from, to) = (at(from), at(to));
        Absence { id: AbsenceId(1), person: PersonId(person), from, to, kind: AbsenceKind::Sick, version: 1 }
    }

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    /// The same throws each time.
    fn dice(mut seed: u64) -> impl FnMut(u64) -> u64 {
        move |sides| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        }
    }

    #[test]
    fn a_person_is_there_while_on_a_shift_that_counts() {
        let support = key("support");
        let duty = Duty { client: OURS, queue: Some(&support) };
        let morning = shift(1, "2026-12-01 08:00", "2026-12-01 11:00");
        let evening =
            Shift { queue: Some(key("billing")), ..shift(1, "2026-12-01 17:00", "2026-12-01 22:00") };
        let night = Shift { kind: ShiftKind::OnCall, ..shift(1, "2026-12-01 22:00", "2026-12-02 08:00") };
        let theirs = Shift { client: Some(ClientId(2)), ..shift(1, "2026-12-02 08:00", "2026-12-02 11:00") };
        let own = OwnRoster {
            is_rostered: true,
            shifts: vec![morning, evening, night, theirs],
            absences: vec![absence(1, "2026-12-01 10:00", "2026-12-01 10:30")],
        };
        for (when, expected) in [
            ("2026-12-01 07:59", Presence::OffShift { next_from: Some(at("2026-12-01 08:00")) }),
            ("2026-12-01 08:00", Presence::OnShift { until: at("2026-12-01 11:00") }),
            ("2026-12-01 10:15", Presence::Absent { until: at("2026-12-01 10:30") }),
            ("2026-12-01 10:30", Presence::OnShift { until: at("2026-12-01 11:00") }),
            ("2026-12-01 11:00", Presence::OffShift { next_from: Some(at("2026-12-01 22:00")) }),
            ("2026-12-01 18:00", Presence::OffShift { next_from: Some(at("2026-12-01 22:00")) }),
            ("2026-12-02 07:59", Presence::OnCall { until: at("2026-12-02 08:00") }),
            ("2026-12-02 09:00", Presence::OffShift { next_from: None }),
        ] {
            assert_eq!(own.presence(duty, at(when)), expected, "{when}");
        }
        let visit = Duty { client: OURS, queue: None };
        assert!(own.presence(visit, at("2026-12-01 18:00")).is_on_shift(), "a visit belongs to no queue");
        let away = OwnRoster { is_rostered: false, shifts: Vec::new(), ..own };
        assert_eq!(away.presence(duty, at("2026-12-01 09:00")), Presence::NotRostered);
        assert!(!away.presence(duty, at("2026-12-01 10:00")).is_available(), "away without a roster too");
    }

    #[test]
    fn gaps_are_where_too_few_are_there() {
        let shifts = [
            shift(1, "2026-12-01 08:00", "2026-12-01 13:00"),
            shift(2, "2026-12-01 11:00", "2026-12-01 17:00"),
            shift(3, "2026-12-01 11:00", "2026-12-01 12:00"),
        ];
        let absences = [absence(2, "2026-12-01 15:00", "2026-12-01 16:00")];
        let found = |at_least| {
            let gaps = gaps(&shifts, &absences, at("2026-12-01 08:00"), at("2026-12-01 18:00"), at_least);
            let line = |gap: &Gap| (gap.from, gap.to, gap.count);
            gaps.iter().map(line).collect::<Vec<_>>()
        };
        let stretch = |from: &str, to: &str, count| {
            (at(&format!("2026-12-01 {from}")), at(&format!("2026-12-01 {to}")), count)
        };
        assert_eq!(found(1), [stretch("15:00", "16:00", 0), stretch("17:00", "18:00", 0)]);
        assert_eq!(
            found(2),
            [
                stretch("08:00", "11:00", 1),
                stretch("13:00", "15:00", 1),
                stretch("15:00", "16:00", 0),
                stretch("16:00", "17:00", 1),
                stretch("17:00", "18:00", 0),
            ]
        );
        assert_eq!(found(0), []);
    }

    #[test]
    fn overlaps_are_those_that_a_look_at_every_pair_finds() {
        let hour = |number: u64| Moment::from_ms(i64::try_from(number).unwrap() * Span::hours(1).ms());
        let mut dice = dice(11);
        for _ in 0..500 {
            let base = shift(1, "2026-12-01 08:00", "2026-12-01 09:00");
            let shifts: Vec<Shift> = (0..8)
                .map(|id| {
                    let from = dice(40);
                    let length = 1 + dice(12);
                    let to = from + 1 + dice(length);
                    Shift { id: ShiftId(id), from: hour(from), to: hour(to), ..base.clone() }
                })
                .collect();
            let meets = |one: &Shift, other: &Shift| one.id != other.id && one.overlaps(other.from, other.to);
            let found = overlapping(shifts.clone());
            for (id, other) in &found {
                let one = shifts.iter().find(|one| one.id == *id).unwrap();
                assert!(meets(one, other), "{one:?} {other:?}");
            }
            let found: BTreeSet<ShiftId> = found.into_iter().map(|(id, _)| id).collect();
            let all = shifts.iter().filter(|one| shifts.iter().any(|other| meets(one, other)));
            assert_eq!(found, all.map(|one| one.id).collect(), "{shifts:?}");
        }
    }

    #[test]
    fn gaps_are_those_that_a_look_at_every_hour_finds() {
        let hour = |number: u64| Moment::from_ms(i64::try_from(number).unwrap() * Span::hours(1).ms());
        let mut dice = dice(7);
        for _ in 0..300 {
            let mut stretch = || {
                let (person, from) = (1 + dice(4), dice(60));
                (i64::try_from(person).unwrap(), hour(from), hour(from + 1 + dice(12)))
            };
            let base = shift(1, "2026-12-01 08:00", "2026-12-01 09:00");
            let shifts: Vec<Shift> = (0..12)
                .map(|_| stretch())
                .map(|(person, from, to)| Shift { person: PersonId(person), from, to, ..base.clone() })
                .collect();
            let base = absence(1, "2026-12-01 08:00", "2026-12-01 09:00");
            let absences: Vec<Absence> = (0..4)
                .map(|_| stretch())
                .map(|(person, from, to)| Absence { person: PersonId(person), from, to, ..base.clone() })
                .collect();
            let found = gaps(&shifts, &absences, hour(0), hour(72), 2);
            for number in 0..72 {
                let now = hour(number);
                let is_away = |person| {
                    absences.iter().any(|away| away.person == person && away.from <= now && now < away.to)
                };
                let there = shifts.iter().filter(|shift| shift.covers(now)).map(|shift| shift.person);
                let people: BTreeSet<PersonId> = there.filter(|person| !is_away(*person)).collect();
                let told = found.iter().find(|gap| gap.from <= now && now < gap.to);
                assert_eq!(
                    told.map(|gap| &gap.people),
                    (people.len() < 2).then_some(&people),
                    "hour {number}"
                );
            }
        }
    }

    #[test]
    fn local_hours_stay_when_the_clocks_change() {
        let zone = "Europe/Berlin";
        let moment = |text: &str| calendar::local_moment(text, zone).unwrap();
        // Summer time ends on 25 October 2026 and begins on 28 March 2027.
        for (from, days, to) in [
            ("2026-10-20 08:00", 7, "2026-10-27 08:00"),
            ("2027-03-27 22:00", 1, "2027-03-28 22:00"),
            ("2026-12-31 17:30", 1, "2027-01-01 17:30"),
        ] {
            assert_eq!(days_later(moment(from), days, zone).unwrap(), moment(to), "{from}");
        }
        assert_eq!(days_between(day("2026-10-20").unwrap(), day("2027-01-01").unwrap()), 73);
        assert!(day("20.10.2026").is_err());
    }

    #[test]
    fn a_shift_that_makes_no_sense_is_told_so() {
        let extra = |rate_percent| ShiftKind::Extra { rate_percent };
        for (kind, hours, field) in [
            (ShiftKind::Regular, 25, None),
            (ShiftKind::Regular, 26, Some("to")),
            (ShiftKind::Regular, 0, Some("to")),
            (ShiftKind::OnCall, 7 * 24, None),
            (ShiftKind::OnCall, 32 * 24, Some("to")),
            (extra(150), 4, None),
            (extra(0), 4, Some("rate_percent")),
            (extra(1_001), 4, Some("rate_percent")),
        ] {
            let from = at("2026-12-01 08:00");
            let wrong = kind.check(from, from + Span::hours(hours)).err().map(|(field, _)| field);
            assert_eq!(wrong, field, "{kind:?} {hours}");
        }
        assert_eq!(ShiftKind::read("extra", Some(150)), Ok(extra(150)));
        for (word, rate) in [("extra", None), ("regular", Some(1)), ("night", None)] {
            assert!(ShiftKind::read(word, rate).is_err(), "{word}");
        }
    }
}
