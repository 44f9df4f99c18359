//! Silences of one category or queue, on the virtual clock and on real arrivals.

use naryad::domain::person::Role;
use naryad::domain::watch::norm::{Norm, first_hour, hour_of};
use naryad::domain::watch::{AlarmKind, Part, Sensitivity, WatchAlarm, part_silent_at, silent_at};
use naryad::domain::{Key, Moment, Span};
use naryad::store;

use super::arrivals::at;
use super::parts::{normal, watched};
use super::{Watched, monday};

/// The alarm may come so much later than the arrivals say so.
const LATE_MAX: Span = Span::seconds(60);
/// A category that is not busy, yet has a norm of its own.
const USUAL: &str = super::parts::USUAL;

impl Watched {
    fn silences(&self) -> Vec<WatchAlarm> {
        self.alarms().into_iter().filter(|alarm| alarm.kind == AlarmKind::Silence).collect()
    }

    /// The norm of a category as whoever reads the table learns it.
    fn category_norm(&self, key: &str, day: Moment) -> Norm {
        let part = Part::Category(Key::new(key).unwrap());
        let (from, to) = (first_hour(day), hour_of(day));
        let hours = self.desk.read(|db| store::arrival::part_hours(db, self.client, &part, from, to));
        let began = self.desk.read(|db| store::arrival::began(db, self.client));
        Norm::of_part(&hours, began, day, &self.norm(day)).expect("it has a norm of its own")
    }
}

/// Two normal weeks without one category from a moment on.
fn without(seed: u64, category: &str, from: Moment) -> Vec<(Moment, String)> {
    let week = normal(seed, monday(), monday() + Span::days(7));
    let next = week.iter().map(|(at, category)| (*at + Span::days(7), category.clone()));
    let all = week.iter().cloned().chain(next);
    all.filter(|(at, of)| *at < from || of != category).collect()
}

fn last_of(arrivals: &[(Moment, String)], category: &str) -> Moment {
    arrivals.iter().filter(|(_, of)| of == category).map(|(at, _)| *at).max().unwrap()
}

#[test]
fn a_category_that_falls_silent_is_told_within_a_minute_while_the_client_goes_on() {
    let mut watched = watched(911);
    let from = at(monday(), 34 * 60);
    let mut arrivals = without(912, USUAL, from);
    arrivals.sort();
    let last = last_of(&arrivals, USUAL);
    // When it is due follows from the norm of the day on which it is; a new one may say that it is by then.
    let due = (0..14)
        .map(|day| at(monday(), day * 24 * 60))
        .find_map(|day| {
            let midnight = day - Span::seconds(2);
            let played = arrivals.iter().filter(|(at, _)| *at < midnight).count();
            watched.plays_categories(arrivals.drain(..played).collect());
            watched.desk.pass(midnight - watched.desk.now());
            let norm = watched.category_norm(USUAL, day);
            let silent = part_silent_at(&norm, last, Sensitivity::Normal, |_| false)?;
            (last < day + Span::days(1) && silent < day + Span::days(1)).then_some(silent.max(day))
        })
        .expect("it is silent within two weeks");
    assert!(due > last + Span::hours(4), "{last} {due}");
    assert_eq!(watched.silences(), []);
    // A restart in the middle loses nothing.
    watched.desk.restarts_after(|_| {});
    let before = arrivals.iter().filter(|(at, _)| *at < due - Span::seconds(2)).count();
    watched.plays_categories(arrivals.drain(..before).collect());
    watched.desk.pass(due - Span::seconds(2) - watched.desk.now());
    assert_eq!(watched.silences(), []);
    let before = arrivals.iter().filter(|(at, _)| *at <= due + LATE_MAX).count();
    watched.plays_categories(arrivals.drain(..before).collect());
    watched.desk.pass(due + LATE_MAX - watched.desk.now());
    let alarms = watched.silences();
    assert_eq!(alarms.len(), 1, "{due} {alarms:?}");
    assert_eq!(
        (alarms[0].category.as_deref(), &alarms[0].queue, alarms[0].since),
        (Some(USUAL), &None, last)
    );
    assert!(alarms[0].raised_at >= due && alarms[0].raised_at <= due + LATE_MAX, "{due} {alarms:?}");
    let told = watched.told(watched.anna);
    assert!(
        told.iter().any(|one| one.starts_with("acme: silence in “About c26”: no ticket for ")),
        "{told:?}"
    );
    // It is told once, however long it lasts, and the next ticket of the category ends it.
    let rest = arrivals.iter().filter(|(at, _)| *at <= due + Span::hours(30)).count();
    watched.plays_categories(arrivals.drain(..rest).collect());
    assert_eq!(watched.silences().len(), 1);
    let end = watched.desk.now();
    watched.opens(USUAL);
    assert_eq!(watched.silences()[0].ended_at, Some(end));
}

#[test]
fn normal_weeks_raise_no_silence_of_a_part() {
    for seed in [921, 923] {
        let watched = watched(seed);
        watched.plays_categories(normal(seed + 1, monday(), monday() + Span::days(7)));
        assert_eq!(watched.silences(), [], "seed {seed}");
    }
}

#[test]
fn a_client_that_is_silent_as_a_whole_says_so_once_and_its_parts_begin_anew() {
    let watched = watched(925);
    let carl = watched.desk.somebody("carl", Role::ClientContact, Some(watched.client)).id;
    let from = at(monday(), 34 * 60);
    watched.plays_categories(normal(926, monday(), from));
    let last = last_of(&normal(926, monday(), from), USUAL);
    let day = at(monday(), 24 * 60);
    let of_client = silent_at(&watched.norm(day), from, Sensitivity::Normal, |_| false).unwrap();
    watched.desk.pass(Span::days(7));
    let alarms = watched.silences();
    assert!(of_client < from + Span::days(1));
    assert_eq!(alarms.iter().filter(|alarm| alarm.part().is_none()).count(), 1, "{alarms:?}");
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    // Everything comes back; what is counted for the category begins there, not a week ago.
    let back = watched.desk.now();
    let shift = back - from;
    let week = normal(926, from, from + Span::hours(40));
    watched.plays_categories(week.into_iter().map(|(at, of)| (at + shift, of)).collect());
    let alarms = watched.silences();
    assert_eq!(alarms.len(), 1, "{last} {alarms:?}");
    assert!(alarms[0].ended_at.is_some_and(|end| end >= back));
    assert_eq!(watched.told(carl), [""; 0], "the pack has no words for a silence");
}

#[test]
fn a_part_that_loses_its_norm_is_no_longer_silent() {
    let watched = watched(927);
    let until = monday() + Span::days(7);
    watched.plays_categories(
        without(928, USUAL, at(monday(), 10 * 60)).into_iter().filter(|one| one.0 < until).collect(),
    );
    let of_category = || {
        watched
            .silences()
            .into_iter()
            .filter(|alarm| alarm.category.as_deref() == Some(USUAL))
            .collect::<Vec<_>>()
    };
    assert!(of_category().len() == 1 && of_category()[0].is_open(), "{:?}", of_category());
    // Nine weeks in which others arrive as usual.
    let client = watched.client;
    let later: Vec<Moment> = (1..10)
        .flat_map(|week| {
            normal(929 + week, monday(), until)
                .into_iter()
                .map(move |(at, _)| at + Span::days(7 * week as i64))
        })
        .collect();
    watched
        .desk
        .desk
        .aside_now(move |tx| {
            later.into_iter().try_for_each(|at| Ok(store::arrival::count(tx, client, hour_of(at))?))
        })
        .unwrap();
    for _ in 0..63 {
        watched.desk.pass(Span::days(1));
        watched.opens("unknown");
    }
    assert_eq!(of_category().len(), 1, "{:?}", of_category());
    assert!(of_category()[0].ended_at.is_some(), "after eight weeks nothing is expected of it any more");
}
