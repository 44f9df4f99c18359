//! The norm and its bounds, on made-up and on real arrivals.

use std::collections::BTreeMap;

use super::norm::{Hours, Norm, StillLearning, hour_of};
use super::*;
use crate::domain::calendar::{local_moment, zone};

/// Monday, 2 November 2026, midnight in Moscow, where the clocks never change.
fn monday() -> Moment {
    local_moment("2026-11-02 00:00", "Europe/Moscow").unwrap()
}

fn hours_of(arrivals: impl IntoIterator<Item = Moment>) -> Hours {
    let mut hours = BTreeMap::new();
    for at in arrivals {
        *hours.entry(hour_of(at)).or_default() += 1;
    }
    hours
}

/// `weeks` weeks before `until` with so many arrivals in every hour.
fn even(until: Moment, weeks: i64, in_an_hour: i64) -> Hours {
    (1..=weeks * 168).map(|hour| (hour_of(until) - hour, in_an_hour)).collect()
}

fn learn(hours: &Hours, until: Moment) -> Result<Norm, StillLearning> {
    let began = hours.keys().next().copied();
    Norm::learn(hours, began, until, zone("Europe/Moscow").unwrap())
}

#[test]
fn a_new_client_has_no_norm_until_four_whole_weeks() {
    for (weeks, known) in [(0, 0), (1, 1), (3, 3)] {
        let short = learn(&even(monday(), weeks, 3), monday()).unwrap_err();
        assert_eq!(short, StillLearning { weeks: known });
    }
    assert_eq!(learn(&even(monday(), 4, 3), monday()).unwrap().weeks, 4);
    assert_eq!(learn(&even(monday(), 20, 3), monday()).unwrap().weeks, 8);
}

#[test]
fn neither_a_holiday_nor_a_gap_nor_an_incident_ruins_the_norm() {
    let noon = monday() + Span::hours(12);
    let clean = learn(&even(monday(), 8, 10), monday()).unwrap().expected(noon, noon + Span::hours(1));
    assert!((clean - 10.0).abs() < 1e-9);
    // A Monday off, another week without anything, and an hour with ten times as much.
    let mut hours = even(monday(), 8, 10);
    let hour = hour_of(noon);
    hours.retain(|at, _| !(hour - 168 - 12..hour - 168 + 12).contains(at));
    hours.retain(|at, _| !(hour - 4 * 168..hour - 3 * 168).contains(at));
    hours.insert(hour - 5 * 168, 100);
    let norm = learn(&hours, monday()).unwrap();
    let level = norm.expected(noon, noon + Span::hours(1));
    assert!((level - 10.0).abs() < 1e-9, "{level}");
    assert!(norm.weeks < 8 && norm.spread < 0.3, "{norm:?}");
}

#[test]
fn hours_of_the_week_stay_where_they_are_when_the_clocks_change() {
    // Berlin went back on 25 October 2026: 9 in the morning is 7 UTC before and 8 UTC after.
    let zone_name = "Europe/Berlin";
    let mut hours = BTreeMap::new();
    for day in 1..=31 {
        let at = local_moment(&format!("2026-10-{day:02} 09:00"), zone_name).unwrap();
        hours.insert(hour_of(at), 20);
    }
    for day in 1..=15 {
        let at = local_moment(&format!("2026-11-{day:02} 09:00"), zone_name).unwrap();
        hours.insert(hour_of(at), 20);
    }
    let until = local_moment("2026-11-16 00:00", zone_name).unwrap();
    let began = hours.keys().next().copied();
    let norm = Norm::learn(&hours, began, until, zone(zone_name).unwrap()).unwrap();
    let at = |text: &str| local_moment(text, zone_name).unwrap();
    let level = |from: &str, to: &str| norm.expected(at(from), at(to));
    assert!((level("2026-11-17 09:00", "2026-11-17 10:00") - 20.0).abs() < 1e-9);
    assert!(level("2026-11-17 07:00", "2026-11-17 09:00") < 1e-9);
    assert!((level("2026-11-17 00:00", "2026-11-18 00:00") - 20.0).abs() < 1e-9);
}

#[test]
fn a_silence_is_seen_at_the_moment_when_it_becomes_unlikely() {
    let norm = learn(&even(monday(), 8, 10), monday()).unwrap();
    let never = |_| false;
    let at = silent_at(&norm, monday(), Sensitivity::Normal, never).unwrap();
    let expected = norm.expected(monday(), at);
    let chance = silence_chance(&norm, Sensitivity::Normal);
    assert!(chance::none(expected, norm.spread) <= chance + 1e-9);
    assert!(chance::none(expected - 0.1, norm.spread) > chance);
    // Ten an hour are 1,680 a week: one gap of ten thousand would be a false silence every six weeks.
    assert!(chance < 1e-4 && chance > 1e-5, "{chance}");
    // A holiday expects nobody, so the gap may be longer by as much.
    let until = monday() + Span::hours(1);
    let later = silent_at(&norm, monday(), Sensitivity::Normal, |at| at < until).unwrap();
    assert_eq!(later - at, Span::hours(1));
    // A later arrival is never a sooner silence: the row on the clock is never late.
    let mut before = at;
    for minute in 1..300 {
        let next = silent_at(&norm, monday() + Span::minutes(minute), Sensitivity::Normal, never).unwrap();
        assert!(next >= before);
        before = next;
    }
    let quiet = learn(&even(monday(), 8, 0), monday());
    assert!(quiet.is_err(), "a client without arrivals has no norm");
}

#[test]
fn arrivals_that_come_together_raise_the_limit() {
    // Two an hour, alone; and as many in threes, in a third of the hours, which differ from week to week.
    let alone = learn(&even(monday(), 8, 2), monday()).unwrap();
    let in_threes = (1..=8 * 168).map(|hour| {
        let comes = (hour + hour / 168) % 3 == 0;
        (hour_of(monday()) - hour, if comes { 6 } else { 0 })
    });
    let together = learn(&in_threes.collect(), monday()).unwrap();
    assert!(alone.clump < 1e-9 && together.clump > 1.0, "{} {}", alone.clump, together.clump);
    let limits = |norm: &Norm| windows(norm, monday(), Sensitivity::Normal)[3].limit;
    assert!(limits(&together) > limits(&alone) + 3, "{} {}", limits(&together), limits(&alone));
}

#[test]
fn sensitivity_orders_the_limits() {
    let norm = learn(&even(monday(), 8, 10), monday()).unwrap();
    let limits = |sensitivity| windows(&norm, monday(), sensitivity)[2].limit;
    assert!(limits(Sensitivity::High) < limits(Sensitivity::Normal));
    assert!(limits(Sensitivity::Normal) < limits(Sensitivity::Low));
    assert!(windows(&norm, monday(), Sensitivity::High).iter().all(|window| window.limit >= SPIKE_COUNT_MIN));
}

#[test]
fn the_hours_of_an_arrival_are_counted_as_they_were() {
    let hours = hours_of([monday(), monday() + Span::minutes(59), monday() + Span::minutes(60)]);
    assert_eq!(hours.values().copied().collect::<Vec<_>>(), [2, 1]);
}
