//! Shift patterns: a cycle of days with slots, laid over a period for each person; pure.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ShiftKind, days_between};
use crate::domain::PatternId;
use crate::domain::calendar::Day;

/// Longest cycle, in days.
pub const CYCLE_DAYS_MAX: i64 = 366;
/// Most slots of a pattern.
pub const SLOTS_MAX: usize = 400;
const DAY_MINUTES: i64 = 24 * 60;

/// Days that come round again, each with the hours that are worked, such as two on and two off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShiftPattern {
    pub id: PatternId,
    pub name: String,
    /// After so many days it begins again: 4 for two on and two off, 7 for a week.
    pub cycle_days: i64,
    /// The day of the week that is day 1; `null`: the first day of the period that it is laid over.
    pub starts_on: Option<Day>,
    pub slots: Vec<PatternSlot>,
    pub version: i64,
}

/// Hours on one day of the cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatternSlot {
    /// From 1 to `cycle_days`.
    pub day: i64,
    /// `08:00`, as the clocks of the zone show it.
    pub from: String,
    /// `20:00`; not after `from`: on the next day.
    pub to: String,
    pub kind: ShiftKind,
}

impl PatternSlot {
    /// Minutes from the beginning of the slot's day.
    fn minutes(&self) -> Option<(i64, i64)> {
        let (from, to) = (minute_of(&self.from)?, minute_of(&self.to)?);
        Some((from, if to > from { to } else { to + DAY_MINUTES }))
    }
}

impl ShiftPattern {
    /// What is wrong with it, and where.
    pub fn check(&self) -> Result<(), (String, String)> {
        let wrong = |field: &str, message: String| Err((field.to_owned(), message));
        if !(1..=CYCLE_DAYS_MAX).contains(&self.cycle_days) {
            return wrong("cycle_days", format!("must be from 1 to {CYCLE_DAYS_MAX}"));
        }
        if self.starts_on.is_some() && self.cycle_days % 7 != 0 {
            return wrong("starts_on", "only a cycle of whole weeks begins on a day of the week".to_owned());
        }
        if self.slots.is_empty() || self.slots.len() > SLOTS_MAX {
            return wrong("slots", format!("must be from 1 to {SLOTS_MAX}"));
        }
        let mut stretches = Vec::new();
        for (place, slot) in self.slots.iter().enumerate() {
            let at = |field: &str| format!("slots[{place}].{field}");
            if !(1..=self.cycle_days).contains(&slot.day) {
                return wrong(
                    &at("day"),
                    format!("must be from 1 to {}, the days of the cycle", self.cycle_days),
                );
            }
            for (field, text) in [("from", &slot.from), ("to", &slot.to)] {
                if minute_of(text).is_none() {
                    let given: String = text.chars().take(20).collect();
                    return wrong(&at(field), format!("`{given}` is not a time of day: write 08:00"));
                }
            }
            if let ShiftKind::Extra { rate_percent } = slot.kind
                && !(1..=super::RATE_PERCENT_MAX).contains(&rate_percent)
            {
                return wrong(
                    &at("kind"),
                    format!("rate_percent must be from 1 to {}", super::RATE_PERCENT_MAX),
                );
            }
            let (from, to) = slot.minutes().unwrap_or_default();
            let begin = (slot.day - 1) * DAY_MINUTES;
            stretches.push((begin + from, begin + to, place));
        }
        self.check_apart(stretches)
    }

    /// No two slots of one person's cycle may overlap, over its end neither.
    fn check_apart(&self, mut stretches: Vec<(i64, i64, usize)>) -> Result<(), (String, String)> {
        stretches.sort_unstable();
        let (first_begin, _, first_place) = stretches[0];
        stretches.push((first_begin + self.cycle_days * DAY_MINUTES, i64::MAX, first_place));
        match stretches.windows(2).find(|pair| pair[1].0 < pair[0].1) {
            Some(pair) => Err((
                format!("slots[{}].from", pair[1].2),
                format!("begins before slots[{}] has ended; nobody works two slots at once", pair[0].2),
            )),
            None => Ok(()),
        }
    }

    /// The slots of a period for who begins the cycle `offset_days` later, each with its local beginning and end.
    #[must_use]
    pub fn lay_over(&self, first: Date, last: Date, offset_days: i64) -> Vec<LaidSlot<'_>> {
        let begins = self.first_day(first);
        let mut laid = Vec::new();
        let mut day = first;
        while day <= last {
            let place = (days_between(begins, day) - offset_days).rem_euclid(self.cycle_days) + 1;
            for slot in self.slots.iter().filter(|slot| slot.day == place) {
                let Some((from, to)) = slot.minutes() else { continue };
                laid.push(LaidSlot { from: local(day, from), to: local(day, to), slot });
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        laid.sort_by(|one, other| one.from.cmp(&other.from));
        laid
    }

    fn first_day(&self, first: Date) -> Date {
        let Some(wanted) = self.starts_on else { return first };
        let mut day = first;
        while weekday(day) != wanted {
            let Ok(before) = day.yesterday() else { return first };
            day = before;
        }
        day
    }
}

/// A slot on a day of the calendar, as the clocks of the zone show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaidSlot<'p> {
    /// `2026-12-01 08:00`
    pub from: String,
    pub to: String,
    pub slot: &'p PatternSlot,
}

fn local(day: Date, minutes: i64) -> String {
    let date = if minutes >= DAY_MINUTES { day.tomorrow().unwrap_or(day) } else { day };
    let minutes = minutes % DAY_MINUTES;
    format!("{date} {:02}:{:02}", minutes / 60, minutes % 60)
}

fn weekday(day: Date) -> Day {
    match day.weekday() {
        Weekday::Monday => Day::Mon,
        Weekday::Tuesday => Day::Tue,
        Weekday::Wednesday => Day::Wed,
        Weekday::Thursday => Day::Thu,
        Weekday::Friday => Day::Fri,
        Weekday::Saturday => Day::Sat,
        Weekday::Sunday => Day::Sun,
    }
}

/// The minute of the day that `08:00` names.
fn minute_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let is_number = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn slot(day: i64, from: &str, to: &str) -> PatternSlot {
        PatternSlot { day, from: from.to_owned(), to: to.to_owned(), kind: ShiftKind::Regular }
    }

    fn pattern(cycle_days: i64, starts_on: Option<Day>, slots: &[PatternSlot]) -> ShiftPattern {
        let name = "pattern".to_owned();
        ShiftPattern { id: PatternId(1), name, cycle_days, starts_on, slots: slots.to_vec(), version: 1 }
    }

    fn laid(pattern: &ShiftPattern, offset_days: i64) -> Vec<(String, String)> {
        let laid = pattern.lay_over(date(2026, 12, 1), date(2026, 12, 8), offset_days);
        laid.into_iter().map(|slot| (slot.from[5..].to_owned(), slot.to[5..].to_owned())).collect()
    }

    #[test]
    fn two_on_and_two_off_are_shared_by_two_crews() {
        let two = pattern(4, None, &[slot(1, "08:00", "20:00"), slot(2, "08:00", "20:00")]);
        let days = |offset| laid(&two, offset).into_iter().map(|(from, _)| from[3..5].to_owned());
        assert_eq!(days(0).collect::<Vec<_>>(), ["01", "02", "05", "06"]);
        assert_eq!(days(2).collect::<Vec<_>>(), ["03", "04", "07", "08"]);
        assert_eq!(days(-1).collect::<Vec<_>>(), ["01", "04", "05", "08"]);
    }

    #[test]
    fn a_working_week_begins_on_its_monday_whatever_the_first_day() {
        let slots: Vec<PatternSlot> = (1..=5).map(|day| slot(day, "09:00", "18:00")).collect();
        let week = pattern(7, Some(Day::Mon), &slots);
        // 1 December 2026 is a Tuesday.
        let days: Vec<String> = laid(&week, 0).into_iter().map(|(from, _)| from[3..5].to_owned()).collect();
        assert_eq!(days, ["01", "02", "03", "04", "07", "08"]);
    }

    #[test]
    fn a_rota_of_slots_goes_round_and_nights_end_on_the_next_day() {
        let slots = [slot(1, "08:00", "11:00"), slot(2, "11:00", "13:00"), slot(3, "22:00", "08:00")];
        let rota = pattern(3, None, &slots);
        rota.check().unwrap();
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(
            laid(&rota, 1)[..3],
            [
                pair("12-01 22:00", "12-02 08:00"),
                pair("12-02 08:00", "12-02 11:00"),
                pair("12-03 11:00", "12-03 13:00"),
            ]
        );
    }

    #[test]
    fn a_pattern_that_makes_no_sense_is_refused_with_its_place() {
        let fine = slot(1, "08:00", "20:00");
        for (pattern, field, said) in [
            (pattern(0, None, std::slice::from_ref(&fine)), "cycle_days", "from 1 to 366"),
            (pattern(4, Some(Day::Mon), std::slice::from_ref(&fine)), "starts_on", "whole weeks"),
            (pattern(4, None, &[]), "slots", "from 1 to 400"),
            (pattern(4, None, &[slot(5, "08:00", "20:00")]), "slots[0].day", "from 1 to 4"),
            (pattern(4, None, &[slot(1, "8", "20:00")]), "slots[0].from", "`8` is not a time of day"),
            (pattern(4, None, &[slot(1, "08:00", "24:00")]), "slots[0].to", "`24:00`"),
            (
                pattern(4, None, &[fine.clone(), slot(1, "19:00", "21:00")]),
                "slots[1].from",
                "slots[0] has ended",
            ),
            (
                pattern(1, None, &[slot(1, "22:00", "06:00"), slot(1, "05:00", "07:00")]),
                "slots[1].from",
                "slots[0]",
            ),
        ] {
            let (at, message) = pattern.check().unwrap_err();
            assert!(at == field && message.contains(said), "{at}: {message}");
        }
        pattern(1, None, &[slot(1, "20:00", "08:00"), slot(1, "08:00", "20:00")]).check().unwrap();
    }
}
