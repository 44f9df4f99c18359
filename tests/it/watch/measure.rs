//! How often the watch is wrong on normal weeks, and how soon it sees what is not normal; more seeds say it more exactly.
//!
//! ```text
//! NARYAD_SEEDS=10000..10200 cargo test --test it watch::measure -- --nocapture
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use naryad::commands::Request;
use naryad::domain::calendar::{local_moment, zone};
use naryad::domain::command::Command;
use naryad::domain::person::Actor;
use naryad::domain::watch::norm::{Norm, first_hour};
use naryad::domain::watch::{Part, Sensitivity, Window, part_silent_at, part_windows, silent_at, windows};
use naryad::domain::{Key, Moment, Span};
use naryad::store;

use super::arrivals::at;
use super::weeks::{Arrival, Counted, burst, drawn, drawn_of, made_up};
use crate::helpers::TestDesk;

const HELD_OUT: &str = "a real day held out";
const HISTORY_DAYS: i64 = 8 * 7;
const DAYS: i64 = 7;

/// The week's dice are not the history's; a multiple of three, so that both hold the same day out.
const WEEK_SEED: u64 = 3_000_003;

type Weeks = fn(Moment, std::ops::Range<i64>, u64) -> Vec<Arrival>;

/// What was raised on one week.
#[derive(Default)]
struct Raised {
    spikes: usize,
    silences: usize,
    part_silences: BTreeMap<Part, (Moment, Moment)>,
    /// By part, with what was seen of the first one.
    parts: BTreeMap<Part, (Moment, Window, i64)>,
}

/// The norms of a day, as the desk learns them.
struct Day {
    whole: Norm,
    parts: BTreeMap<Part, Arc<Norm>>,
}

fn learn(counted: &Counted, day: Moment) -> Day {
    let began = counted.all.keys().next().copied();
    let cut = |hours: &naryad::domain::watch::norm::Hours| {
        let until = naryad::domain::watch::norm::hour_of(day);
        hours.range(first_hour(day)..until).map(|(hour, count)| (*hour, *count)).collect()
    };
    let whole = Norm::learn(&cut(&counted.all), began, day, zone("Europe/Moscow").unwrap()).unwrap();
    let parts = counted.parts.iter().filter_map(|(part, hours)| {
        Some((part.clone(), Arc::new(Norm::of_part(&cut(hours), began, day, &whole)?)))
    });
    Day { parts: parts.collect(), whole }
}

fn minute(at: Moment) -> i64 {
    at.ms().div_euclid(60_000)
}

/// The first window of those that end at `now` which holds too many of the arrivals before.
fn beyond(windows: &[Window], before: &[Moment], now: Moment) -> Option<(Window, i64)> {
    windows.iter().find_map(|window| {
        let after = minute(now) - window.minutes;
        let count = before.iter().rev().take_while(|at| minute(**at) > after).count() as i64;
        (count >= window.limit).then_some((*window, count))
    })
}

/// Plays a week after its history as the desk does. A part's or the client's spike counts once a week.
fn play(history: &[Arrival], week: &[Arrival], monday: Moment) -> Raised {
    let mut raised = Raised::default();
    let mut counted = Counted::of(history);
    let (mut all, mut parts): (Vec<Moment>, BTreeMap<Part, Vec<Moment>>) = Default::default();
    let mut today = (monday - Span::days(1), None);
    for arrival in week {
        let day = at(monday, (arrival.at - monday).ms() / 86_400_000 * 1_440);
        if day != today.0 {
            today = (day, Some(learn(&counted, day)));
        }
        let norms = today.1.as_ref().unwrap();
        if let Some(last) = all.last() {
            let silent = silent_at(&norms.whole, *last, Sensitivity::Normal, |_| false);
            raised.silences += usize::from(silent.is_some_and(|at| at <= arrival.at));
        }
        all.push(arrival.at);
        let of_client = windows(&norms.whole, arrival.at, Sensitivity::Normal);
        raised.spikes += usize::from(raised.spikes == 0 && beyond(&of_client, &all, arrival.at).is_some());
        for part in &arrival.parts {
            let own = parts.entry(part.clone()).or_default();
            let last = own.last().copied();
            own.push(arrival.at);
            let Some(norm) = norms.parts.get(part) else { continue };
            let silent = last.and_then(|at| part_silent_at(norm, at, Sensitivity::Normal, |_| false));
            if let Some(silent) = silent.filter(|silent| *silent <= arrival.at) {
                raised.part_silences.entry(part.clone()).or_insert((silent, arrival.at));
            }
            let limits = part_windows(norm, arrival.at, Sensitivity::Normal);
            if let Some((window, count)) = beyond(&limits, own, arrival.at) {
                raised.parts.entry(part.clone()).or_insert((arrival.at, window, count));
            }
        }
        counted.note(arrival);
    }
    raised
}

/// An alarm of a category within an hour of 24 tickets in half an hour, on Tuesday at eleven, in the smallest one that
/// has a norm; and whether the client's sum shows it.
fn sees_a_burst(history: &[Arrival], week: &[Arrival], monday: Moment) -> Option<(Option<i64>, bool)> {
    let from = at(monday, 35 * 60);
    let norms = learn(&Counted::of(history), monday);
    let categories = norms.parts.keys().filter(|part| matches!(part, Part::Category(_)));
    let size = |part: &Part| history.iter().filter(|arrival| arrival.parts.contains(part)).count();
    let smallest = categories.min_by_key(|part| size(part))?.clone();
    let mut all: Vec<Arrival> = week.iter().filter(|one| one.at < from + Span::hours(1)).cloned().collect();
    all.extend(burst(from, 24, 30).map(|at| Arrival { at, parts: vec![smallest.clone()] }));
    all.sort_by_key(|arrival| arrival.at);
    let raised = play(history, &all, monday);
    let seen = raised.parts.get(&smallest).filter(|(at, ..)| *at >= from);
    Some((seen.map(|(at, ..)| (*at - from).ms() / 60_000), raised.spikes > 0))
}

#[test]
fn false_alarms_and_delays() {
    let seeds = std::env::var("NARYAD_SEEDS").unwrap_or_else(|_| "10000..10002".to_owned());
    let (from, to) = seeds.split_once("..").expect("NARYAD_SEEDS is FROM..TO");
    let seeds: std::ops::Range<u64> = from.parse().unwrap()..to.parse().unwrap();
    let monday = local_moment("2026-11-09 00:00", "Europe/Moscow").unwrap();
    let kinds: [(&str, Weeks); 5] = [
        ("real hours", drawn),
        // The history has two of the days, the week is the third: nothing of it was seen before.
        (HELD_OUT, |monday, days, seed| {
            let held_out = (seed % 3) as usize;
            let seen: Vec<usize> = (0..3).filter(|day| *day != held_out).collect();
            let of = if days.start < 0 { seen } else { vec![held_out] };
            drawn_of(&of, monday, days, seed)
        }),
        ("made up, 30 a day", |monday, days, seed| made_up(monday, days, seed, 30.0)),
        ("made up, 200 a day", |monday, days, seed| made_up(monday, days, seed, 200.0)),
        ("made up, 2,000 a day", |monday, days, seed| made_up(monday, days, seed, 2_000.0)),
    ];
    for (name, weeks) in kinds {
        let (mut spikes, mut silences, mut of_parts, mut quiet, mut watched) = (0, 0, 0, 0, 0);
        let (mut delays, mut shown_by_sum, mut bursts) = (Vec::new(), 0, 0);
        for seed in seeds.clone() {
            let history = weeks(monday, -HISTORY_DAYS..0, seed);
            let week = weeks(monday, 0..DAYS, seed.wrapping_add(WEEK_SEED));
            let raised = play(&history, &week, monday);
            watched += learn(&Counted::of(&history), monday).parts.len();
            spikes += raised.spikes;
            silences += raised.silences;
            of_parts += raised.parts.len();
            quiet += raised.part_silences.len();
            for (part, (at, until)) in raised.part_silences {
                println!("  {name} {seed}: {part:?} is silent at {at}, {until} ends it");
            }
            for (part, (at, window, count)) in raised.parts {
                println!("  {name} {seed}: {part:?} {at}: {count} of {window:?}");
            }
            if let Some((delay, by_sum)) = sees_a_burst(&history, &week, monday) {
                bursts += 1;
                shown_by_sum += usize::from(by_sum);
                delays.extend(delay);
            }
        }
        delays.sort_unstable();
        let count = seeds.clone().count();
        println!(
            "{name}: {count} weeks, {:.1} parts watched in each; false: {spikes} spikes of the client, {silences} \
             silences, {of_parts} spikes and {quiet} silences of parts; of {bursts} bursts {} are seen, the middle one after {:?} min; \
             the sum shows {shown_by_sum}",
            watched as f64 / count as f64,
            delays.len(),
            delays.get(delays.len() / 2),
        );
        // A day of which nothing was seen before may really be unlike the others.
        if name != HELD_OUT {
            assert!(spikes + silences + of_parts + quiet <= 1 + count / 10, "{name}: too many false alarms");
        }
        assert!(delays.len() * 2 >= bursts, "{name}: half of the bursts are missed");
    }
}

#[test]
fn what_the_counts_of_parts_cost() {
    const TICKETS: u32 = 400;
    const AT_ONCE: u32 = 100;
    let desk = TestDesk::new();
    let client = desk.client("acme", "");
    let open =
        |_| Request::new(Actor::Operator, Command::OpenTicket(Box::new(TestDesk::request(client, "One"))));
    let began = Instant::now();
    for _ in 0..TICKETS / AT_ONCE {
        let done = desk.desk.run_all((0..AT_ONCE).map(open).collect());
        assert!(done.iter().all(Result::is_ok));
    }
    let opening = began.elapsed() / TICKETS;
    let parts = Part::of(Some(&Key::new("support").unwrap()), Some(&Key::new("unknown").unwrap()));
    let began = Instant::now();
    desk.desk
        .aside_now(move |tx| {
            for ticket in 0..TICKETS {
                for part in &parts {
                    let at = Moment::from_ms(Span::hours(i64::from(ticket % 1_344)).ms());
                    store::arrival::count_part(tx, client, part, at)?;
                }
            }
            Ok(())
        })
        .unwrap();
    let counts = began.elapsed() / TICKETS;
    println!("an opening takes {opening:?}, of that the counts of its queue and category {counts:?}");
    assert!(counts * 4 < opening, "the counts are a small part of an opening");
}
