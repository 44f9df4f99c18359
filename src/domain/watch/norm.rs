//! How many tickets of a client arrive in an hour of its week, learned from those that did.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::domain::calendar::hour_of_week;
use crate::domain::{Moment, Span};

/// Weeks from which the norm is learned.
pub const WEEKS_MAX: usize = 8;
/// Fewer are no norm: then nothing is watched against it.
pub const WEEKS_MIN: usize = 4;
/// A week with less than this part of the usual week's arrivals is a gap (a connector that stood still), no week.
const GAP_SHARE: f64 = 0.2;
/// Weeks that are left out at each end of an hour's own order.
const TRIMMED: usize = 1;
/// Hours with fewer arrivals say nothing about the spread.
const SPREAD_MEAN_MIN: f64 = 1.0;
/// Of the spreads of all hours, the one that this part of the arrivals does not exceed.
const SPREAD_PART: f64 = 0.75;
/// Where no hour says anything.
const SPREAD_DEFAULT: f64 = 0.2;
/// However even the weeks were: a rate differs within an hour too.
const SPREAD_MIN: f64 = 0.05;
/// However uneven: beyond it nothing would ever be an alarm.
const SPREAD_MAX: f64 = 0.4;

/// Hours with more arrivals say little about clumps: there the rate itself differs from week to week.
const CLUMP_MEAN_MAX: f64 = 5.0;
/// However clumped: one incident of the weeks looked at must not hide the next.
const CLUMP_MAX: f64 = 3.0;

/// A spike is one against this part of the client's average hour at least: evenings and nights are uneven, and a few
/// weeks do not show it (tried: without it, 7 real tickets on one evening were a spike).
const QUIET_SHARE: f64 = 0.5;

/// Days with at least this part of the average day's arrivals are of one kind: the working days.
const BUSY_SHARE: f64 = 0.5;

const HOUR_MS: i64 = Span::hours(1).ms();
const WEEK_HOURS: i64 = 168;
const DAY_HOURS: usize = 24;

/// The number of the hour, in UTC, in which a moment lies: by it arrivals are counted.
#[must_use]
pub fn hour_of(at: Moment) -> i64 {
    at.ms().div_euclid(HOUR_MS)
}

/// Arrivals by the number of their hour.
pub type Hours = BTreeMap<i64, i64>;

/// What is normal.
#[derive(Debug, Clone)]
pub struct Norm {
    pub(super) zone: TimeZone,
    /// Arrivals in an hour, by hour of the local week.
    rates: Vec<f64>,
    /// The same with one arrival more in the weeks looked at, and no less than on other days of its kind and than a
    /// part of the average hour: that an hour had few in a few weeks is no certainty.
    pub(super) upper: Vec<f64>,
    pub spread: f64,
    /// How much more than chance arrivals come together, as one cause often brings several: what the variance of few
    /// arrivals has beyond their mean, for each of them.
    pub clump: f64,
    /// Arrivals of a week, in the mean of those that counted.
    pub(super) weekly: f64,
    /// Weeks that counted.
    pub weeks: usize,
}

/// There is no norm yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StillLearning {
    /// Whole weeks so far; `WEEKS_MIN` are needed.
    pub weeks: usize,
}

/// From which hour on arrivals are needed to learn the norm at `until`.
#[must_use]
pub fn first_hour(until: Moment) -> i64 {
    hour_of(until) - WEEKS_MAX as i64 * WEEK_HOURS
}

impl Norm {
    /// Learns from whole weeks before `until`. `began` is the hour of the client's first arrival of all.
    ///
    /// # Errors
    /// When there are too few weeks yet.
    pub fn learn(
        hours: &Hours,
        began: Option<i64>,
        until: Moment,
        zone: TimeZone,
    ) -> Result<Norm, StillLearning> {
        let weeks = whole_weeks(hours, began, hour_of(until));
        if weeks.len() < WEEKS_MIN {
            return Err(StillLearning { weeks: weeks.len() });
        }
        let mut samples = vec![Vec::with_capacity(weeks.len()); WEEK_HOURS as usize];
        for week in &weeks {
            add_week(&mut samples, hours, *week, &zone);
        }
        let (rates, mut upper): (Vec<f64>, Vec<f64>) = samples.iter().map(|cell| levels(cell)).unzip();
        for (rate, least) in upper.iter_mut().zip(at_least(&rates)) {
            *rate = rate.max(least);
        }
        let arrivals: i64 = weeks.iter().map(|week| total(hours, *week)).sum();
        let weekly = arrivals as f64 / weeks.len() as f64;
        let clump = clump(&samples);
        let spread = spread(&samples, clump);
        Ok(Norm { zone, rates, upper, spread, clump, weekly, weeks: weeks.len() })
    }

    /// Arrivals that the norm expects between two moments.
    #[must_use]
    pub fn expected(&self, from: Moment, to: Moment) -> f64 {
        self.sum(&self.rates, from, to)
    }

    /// As `expected`, allowing for what the few weeks looked at may have missed.
    #[must_use]
    pub fn expected_at_most(&self, from: Moment, to: Moment) -> f64 {
        self.sum(&self.upper, from, to)
    }

    fn sum(&self, rates: &[f64], from: Moment, to: Moment) -> f64 {
        let mut expected = 0.0;
        let mut at = from;
        while at < to {
            let end = next_hour(at).min(to);
            expected += rates[hour_of_week(at, &self.zone)] * (end - at).ms() as f64 / HOUR_MS as f64;
            at = end;
        }
        expected
    }

    /// The spread of a window with so many expected arrivals, clumps included.
    pub(super) fn spread_of_window(&self, expected: f64) -> f64 {
        self.spread + if expected > 0.0 { self.clump / expected } else { 0.0 }
    }

    /// When `wanted` arrivals have been expected since `from`; nothing when not within `ahead_max`.
    pub(super) fn reaches(
        &self,
        from: Moment,
        wanted: f64,
        ahead_max: Span,
        is_quiet: impl Fn(Moment) -> bool,
    ) -> Option<Moment> {
        let (mut at, mut missing) = (from, wanted);
        while at < from + ahead_max {
            let end = next_hour(at);
            let rate = if is_quiet(at) { 0.0 } else { self.rates[hour_of_week(at, &self.zone)] };
            let here = rate * (end - at).ms() as f64 / HOUR_MS as f64;
            if here >= missing {
                return Some(at + Span::from_ms((missing / rate * HOUR_MS as f64).ceil() as i64));
            }
            missing -= here;
            at = end;
        }
        None
    }
}

fn next_hour(at: Moment) -> Moment {
    Moment::from_ms((hour_of(at) + 1) * HOUR_MS)
}

/// The first hours of the weeks that count.
fn whole_weeks(hours: &Hours, began: Option<i64>, until: i64) -> Vec<i64> {
    let Some(began) = began else { return Vec::new() };
    let starts = (1..=WEEKS_MAX as i64).map(|week| until - week * WEEK_HOURS);
    let weeks: Vec<(i64, i64)> =
        starts.take_while(|start| *start >= began).map(|start| (start, total(hours, start))).collect();
    let mut totals: Vec<i64> = weeks.iter().map(|(_, total)| *total).filter(|total| *total > 0).collect();
    totals.sort_unstable();
    let Some(usual) = totals.get(totals.len() / 2) else { return Vec::new() };
    let least = *usual as f64 * GAP_SHARE;
    weeks.into_iter().filter(|(_, total)| *total as f64 >= least).map(|(start, _)| start).collect()
}

/// Arrivals of the week that begins with the hour.
fn total(hours: &Hours, start: i64) -> i64 {
    hours.range(start..start + WEEK_HOURS).map(|(_, count)| *count).sum()
}

/// Adds what each hour of the local week had. An hour that came twice counts as its mean, one that was skipped not
/// at all.
fn add_week(samples: &mut [Vec<f64>], hours: &Hours, start: i64, zone: &TimeZone) {
    let mut seen = vec![(0, 0); samples.len()];
    for hour in start..start + WEEK_HOURS {
        let (count, times) = &mut seen[hour_of_week(Moment::from_ms(hour * HOUR_MS), zone)];
        *count += hours.get(&hour).copied().unwrap_or(0);
        *times += 1;
    }
    for (cell, (count, times)) in samples.iter_mut().zip(seen) {
        if times > 0 {
            cell.push(count as f64 / f64::from(times));
        }
    }
}

/// The level of one hour of the week, and the level that allows for chance.
fn levels(cell: &[f64]) -> (f64, f64) {
    let mut sorted = cell.to_vec();
    sorted.sort_by(f64::total_cmp);
    let kept = match sorted.len() {
        0 => return (0.0, 0.0),
        count if count > 2 * TRIMMED => &sorted[TRIMMED..count - TRIMMED],
        _ => &sorted[..],
    };
    let (sum, count) = (kept.iter().sum::<f64>(), kept.len() as f64);
    (sum / count, (sum + 1.0) / count)
}

/// What each hour must be allowed at least: what the same hour has on all days of the kind, and a part of the average
/// hour.
fn at_least(rates: &[f64]) -> Vec<f64> {
    let average = rates.iter().sum::<f64>() / rates.len() as f64;
    let is_busy = |day: &[f64]| day.iter().sum::<f64>() >= average * DAY_HOURS as f64 * BUSY_SHARE;
    let busy: Vec<&[f64]> = rates.chunks(DAY_HOURS).filter(|day| is_busy(day)).collect();
    let of_kind = |day: &[f64], hour: usize| {
        if is_busy(day) { busy.iter().map(|day| day[hour]).sum::<f64>() / busy.len() as f64 } else { 0.0 }
    };
    let hours = rates.chunks(DAY_HOURS).flat_map(|day| (0..DAY_HOURS).map(move |hour| (day, hour)));
    hours.map(|(day, hour)| of_kind(day, hour).max(average * QUIET_SHARE)).collect()
}

/// By how much hours differ from week to week beyond chance: a high quantile over the hours, weighted by their
/// arrivals, so that a few incidents do not raise it.
fn spread(samples: &[Vec<f64>], clump: f64) -> f64 {
    let mut spreads: Vec<(f64, f64)> = samples.iter().filter_map(|cell| spread_of(cell, clump)).collect();
    spreads.sort_by(|one, other| one.0.total_cmp(&other.0));
    let all: f64 = spreads.iter().map(|(_, weight)| weight).sum();
    let mut passed = 0.0;
    for (spread, weight) in spreads {
        passed += weight;
        if passed >= all * SPREAD_PART {
            return spread.clamp(SPREAD_MIN, SPREAD_MAX);
        }
    }
    SPREAD_DEFAULT
}

/// By the method of moments over all hours with few arrivals together.
fn clump(samples: &[Vec<f64>]) -> f64 {
    let (mut beyond, mut all) = (0.0, 0.0);
    for cell in samples.iter().filter(|cell| cell.len() >= WEEKS_MIN) {
        let (mean, variance) = moments(cell);
        if mean <= CLUMP_MEAN_MAX {
            beyond += variance - mean - SPREAD_MIN * mean * mean;
            all += mean;
        }
    }
    if all > 0.0 { (beyond / all).clamp(0.0, CLUMP_MAX) } else { 0.0 }
}

fn moments(cell: &[f64]) -> (f64, f64) {
    let count = cell.len() as f64;
    let mean = cell.iter().sum::<f64>() / count;
    (mean, cell.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0))
}

/// By the method of moments, with the hour's mean as its weight; what clumps explain is no spread.
fn spread_of(cell: &[f64], clump: f64) -> Option<(f64, f64)> {
    if cell.len() < WEEKS_MIN {
        return None;
    }
    let (mean, variance) = moments(cell);
    if mean < SPREAD_MEAN_MIN {
        return None;
    }
    Some((((variance - (1.0 + clump) * mean) / (mean * mean)).max(0.0), mean))
}
