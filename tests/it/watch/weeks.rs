//! Weeks of arrivals with their queues and categories, drawn from real ones and made up; seeds repeat them.
//!
//! The real data hold two days and two thirds of a third, each arrival with its category and group. A drawn day takes
//! each of its hours whole from one of the days, so that what came together stays together (the tests of the client's
//! norm draw single minutes instead). Made-up clients have an uneven day, hours that vary from week to week, and causes
//! that bring several tickets of one category within minutes.

use std::collections::BTreeMap;

use naryad::domain::watch::Part;
use naryad::domain::watch::norm::{Hours, hour_of};
use naryad::domain::{Key, Moment, Span};

use super::arrivals::{Dice, at};

const LINES: &str = include_str!("../../data/arrivals/parts.txt");
const DAY: i64 = 24 * 60;
/// The third day ends here; what follows is the second's.
const THIRD_ENDS: i64 = 15 * 60;

/// One ticket.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub at: Moment,
    pub parts: Vec<Part>,
}

impl Arrival {
    pub fn category(&self) -> Option<&Key> {
        self.parts.iter().find(|part| matches!(part, Part::Category(_))).map(Part::key)
    }
}

fn parts_of(category: &str, group: &str) -> Vec<Part> {
    let key = |prefix: &str, number: &str| Key::new(&format!("{prefix}{number}")).unwrap();
    vec![Part::Category(key("c", category)), Part::Queue(key("g", group))]
}

/// By hour of the day, for each of the real days: minutes within the hour and the parts.
type RealHours = Vec<Vec<(i64, Vec<Part>)>>;

fn real_hours() -> Vec<RealHours> {
    let mut days = vec![vec![Vec::new(); 24]; 3];
    for line in LINES.lines() {
        let mut words = line.split(' ');
        let minute: i64 = words.next().unwrap().parse().unwrap();
        let parts = parts_of(words.next().unwrap(), words.next().unwrap());
        let (day, of_day) = ((minute / DAY) as usize, minute % DAY);
        if day < 2 || of_day < THIRD_ENDS {
            days[day][(of_day / 60) as usize].push((of_day % 60, parts));
        }
    }
    let ends = (THIRD_ENDS / 60) as usize;
    let rest = days[1][ends..].to_vec();
    days[2].splice(ends.., rest);
    days
}

/// So many days before and after `monday` as a seed draws them, in order; a day of a weekend has a tenth.
pub fn drawn(monday: Moment, days: std::ops::Range<i64>, seed: u64) -> Vec<Arrival> {
    drawn_of(&[0, 1, 2], monday, days, seed)
}

/// As [`drawn`], of some of the three days.
pub fn drawn_of(of: &[usize], monday: Moment, days: std::ops::Range<i64>, seed: u64) -> Vec<Arrival> {
    let (real, mut dice) = (real_hours(), Dice(seed));
    let mut all = Vec::new();
    for day in days {
        let is_weekend = day.rem_euclid(7) >= 5;
        for hour in 0..24_i64 {
            for (minute, parts) in &real[of[dice.below(of.len())]][hour as usize] {
                if !is_weekend || dice.below(10) == 0 {
                    let at = at(monday, day * DAY + hour * 60 + minute);
                    all.push(Arrival { at, parts: parts.clone() });
                }
            }
        }
    }
    all
}

/// A made-up client with about so many tickets on a working day.
pub fn made_up(monday: Moment, days: std::ops::Range<i64>, seed: u64, in_a_day: f64) -> Vec<Arrival> {
    /// What part of the day's arrivals comes in each hour, in thousandths.
    const DAY_SHAPE: [f64; 24] = [
        4.0, 3.0, 3.0, 3.0, 4.0, 8.0, 15.0, 35.0, 75.0, 95.0, 100.0, 95.0, 75.0, 80.0, 85.0, 80.0, 70.0,
        55.0, 40.0, 28.0, 18.0, 13.0, 9.0, 7.0,
    ];
    /// One cause in so many brings more than one ticket.
    const SEVERAL: usize = 5;
    const TICKETS_OF_A_CAUSE: f64 = 1.4;
    const CATEGORIES: usize = 12;
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(7));
    let mut all = Vec::new();
    for day in days {
        let of_day = if day.rem_euclid(7) >= 5 { 0.25 } else { 1.0 };
        for (hour, share) in (0..).zip(DAY_SHAPE) {
            // Between two thirds and four thirds of the usual.
            let unevenness = 0.667 + dice.below(667) as f64 / 1_000.0;
            for minute in 0..60 {
                let causes = in_a_day * of_day * share / 1_000.0 / 60.0 * unevenness / TICKETS_OF_A_CAUSE;
                for _ in 0..poisson(&mut dice, causes) {
                    // A third of what is left for each next category.
                    let category = (0..CATEGORIES).find(|_| dice.below(3) == 0).unwrap_or(CATEGORIES);
                    let queue = category % 4;
                    let parts = parts_of(&category.to_string(), &queue.to_string());
                    let count = if dice.below(SEVERAL) == 0 { 2 + dice.below(3) } else { 1 };
                    for _ in 0..count {
                        let later = if count == 1 { 0 } else { dice.below(10) as i64 };
                        let at = at(monday, day * DAY + hour * 60 + minute + later);
                        all.push(Arrival { at, parts: parts.clone() });
                    }
                }
            }
        }
    }
    all.sort_by_key(|arrival| arrival.at);
    all
}

/// So many by chance where `mean` are expected; only for small means.
fn poisson(dice: &mut Dice, mean: f64) -> usize {
    const FINE: usize = 1 << 30;
    let (end, mut reached, mut count) = ((-mean).exp(), 1.0, 0);
    loop {
        reached *= (dice.below(FINE) as f64 + 0.5) / FINE as f64;
        if reached <= end {
            return count;
        }
        count += 1;
    }
}

/// How many arrived in each hour, of the client and of each part.
#[derive(Debug, Default, Clone)]
pub struct Counted {
    pub all: Hours,
    pub parts: BTreeMap<Part, Hours>,
}

impl Counted {
    pub fn of(arrivals: &[Arrival]) -> Self {
        let mut counted = Self::default();
        for arrival in arrivals {
            counted.note(arrival);
        }
        counted
    }

    pub fn note(&mut self, arrival: &Arrival) {
        let hour = hour_of(arrival.at);
        *self.all.entry(hour).or_default() += 1;
        for part in &arrival.parts {
            *self.parts.entry(part.clone()).or_default().entry(hour).or_default() += 1;
        }
    }
}

/// The moments of so many arrivals within so long, evenly.
pub fn burst(from: Moment, count: i64, minutes: i64) -> impl Iterator<Item = Moment> {
    (0..count).map(move |one| from + Span::seconds(one * minutes * 60 / count))
}
