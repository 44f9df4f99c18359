//! Real arrivals as a history and as a week to be watched.
//!
//! The data hold two days and two thirds of a third. A working day of the history is one of these days, drawn anew
//! with replacement (what follows 15:33 on the third is the second's); a day of a weekend is a tenth of one. The week
//! that is watched has the real minutes themselves: Monday to Wednesday, then the second and the first day again.

use naryad::domain::watch::norm::hour_of;
use naryad::domain::{ClientId, Moment, Span};
use naryad::store;

use crate::helpers::TestDesk;

const MINUTES: &str = include_str!("../../data/arrivals/incidents.txt");
const DAY: i64 = 24 * 60;

/// The minutes of each of the three days.
pub fn real_days() -> [Vec<i64>; 3] {
    let all: Vec<i64> = MINUTES.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(all.len(), 534);
    let day = |day: i64| all.iter().filter(|at| **at / DAY == day).map(|at| at % DAY).collect::<Vec<_>>();
    let (monday, tuesday, mut wednesday) = (day(0), day(1), day(2));
    let last = *wednesday.last().unwrap();
    wednesday.extend(tuesday.iter().filter(|at| **at > last));
    [monday, tuesday, wednesday]
}

/// Numbers that a seed repeats.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }
}

/// A day drawn from the real ones.
fn drawn(dice: &mut Dice, weekday: i64) -> Vec<i64> {
    let days = real_days();
    let day = &days[dice.below(3)];
    let count = if weekday < 5 { day.len() } else { day.len() / 10 };
    (0..count).map(|_| day[dice.below(day.len())]).collect()
}

/// Writes so many weeks before `monday` as if their tickets had been opened then.
pub fn remember(desk: &TestDesk, client: ClientId, monday: Moment, weeks: i64, seed: u64) {
    let mut dice = Dice(seed);
    let mut arrivals = Vec::new();
    for day in -weeks * 7..0 {
        let minutes = drawn(&mut dice, day.rem_euclid(7));
        arrivals.extend(minutes.into_iter().map(|minute| at(monday, day * DAY + minute)));
    }
    desk.desk
        .aside_now(move |tx| {
            for at in arrivals {
                store::arrival::count(tx, client, hour_of(at))?;
            }
            Ok(())
        })
        .unwrap();
}

/// The week that is watched, in order.
pub fn week(monday: Moment, seed: u64) -> Vec<Moment> {
    let [one, two, three] = real_days();
    let mut dice = Dice(seed);
    let days = [one.clone(), two.clone(), three, two, one, drawn(&mut dice, 5), drawn(&mut dice, 6)];
    let mut all: Vec<Moment> = days
        .iter()
        .zip(0..)
        .flat_map(|(minutes, day)| minutes.iter().map(move |minute| at(monday, day * DAY + minute)))
        .collect();
    all.sort_unstable();
    all
}

pub fn at(monday: Moment, minutes: i64) -> Moment {
    if minutes < 0 { monday - Span::minutes(-minutes) } else { monday + Span::minutes(minutes) }
}
