//! The open stretches of each year with running sums, made when a year is first asked about.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::days::DayRule;
use crate::domain::{Moment, Span};

/// Moments lie in these years (UTC); a zone may show the year beside them.
const FIRST_YEAR: i16 = 1969;
const LAST_YEAR: i16 = 2101;
const YEARS: usize = (LAST_YEAR - FIRST_YEAR + 1) as usize;
const DAY_MINUTES: i32 = 1_440;

/// A lazily filled table of years.
#[derive(Debug)]
pub struct Years {
    zone: TimeZone,
    rule: DayRule,
    years: Box<[OnceLock<Year>; YEARS]>,
}

/// The open stretches of one local year, in order, disjoint.
#[derive(Debug, Default)]
struct Year {
    /// Start and end, in milliseconds.
    stretches: Vec<(i64, i64)>,
    /// Open time before each stretch within the year, in milliseconds.
    before: Vec<i64>,
    total: i64,
}

impl Years {
    #[must_use]
    pub fn new(zone: TimeZone, rule: DayRule) -> Self {
        Self { zone, rule, years: Box::new(std::array::from_fn(|_| OnceLock::new())) }
    }

    #[must_use]
    pub fn rule(&self) -> &DayRule {
        &self.rule
    }

    #[must_use]
    pub fn is_open(&self, at: Moment) -> bool {
        let ms = at.ms();
        let year = self.of(self.index_of(at));
        let index = year.stretches.partition_point(|(_, end)| *end <= ms);
        year.stretches.get(index).is_some_and(|(start, _)| *start <= ms)
    }

    #[must_use]
    pub fn open_span(&self, from: Moment, to: Moment) -> Span {
        let (first, last) = (self.index_of(from), self.index_of(to));
        let head = self.of(first).used_before(from.ms());
        if first == last {
            return Span::from_ms(self.of(first).used_before(to.ms()) - head);
        }
        let between: i64 = (first + 1..last).map(|index| self.of(index).total).sum();
        Span::from_ms(self.of(first).total - head + between + self.of(last).used_before(to.ms()))
    }

    /// The first moment at which `span` of open time has passed since `from`.
    #[must_use]
    pub fn add(&self, from: Moment, span: Span) -> Moment {
        let first = self.index_of(from);
        let mut wanted = self.of(first).used_before(from.ms()) + span.ms();
        for index in first..YEARS {
            let year = self.of(index);
            if wanted <= year.total {
                return Moment::from_ms(year.reaches(wanted));
            }
            wanted -= year.total;
        }
        Moment::LAST
    }

    /// When the calendar next opens or closes after `at`; never, when it does neither any more.
    #[must_use]
    pub fn next_edge(&self, at: Moment) -> Option<Moment> {
        let ms = at.ms();
        for index in self.index_of(at)..YEARS {
            let year = self.of(index);
            let next = year.stretches.partition_point(|(_, end)| *end <= ms);
            if let Some((start, end)) = year.stretches.get(next) {
                if *start > ms {
                    return Some(Moment::from_ms(*start));
                }
                // One that ends with the year may go on in the next.
                let follows = self.years.get(index + 1).map(|_| self.of(index + 1));
                let goes_on = next + 1 == year.stretches.len()
                    && follows.and_then(|year| year.stretches.first()).is_some_and(|(start, _)| start == end);
                if !goes_on {
                    return Some(Moment::from_ms(*end));
                }
                return self.next_edge(Moment::from_ms(*end));
            }
        }
        None
    }

    fn index_of(&self, at: Moment) -> usize {
        let year = self.zone.to_datetime(at.timestamp()).year().clamp(FIRST_YEAR, LAST_YEAR);
        usize::try_from(year - FIRST_YEAR).unwrap_or(0)
    }

    fn of(&self, index: usize) -> &Year {
        self.years[index].get_or_init(|| {
            self.fill(FIRST_YEAR + i16::try_from(index).expect("there are fewer years than an i16 counts"))
        })
    }

    fn fill(&self, year: i16) -> Year {
        let mut filled = Year::default();
        let (first, last) = (self.first_of(year), self.first_of(year + 1));
        self.rule.each_day(year, |date, stretches| {
            for (from, to) in stretches {
                filled.push(self.local(date, *from).max(first), self.local(date, *to).min(last));
            }
        });
        filled
    }

    /// When a year begins in the zone.
    fn first_of(&self, year: i16) -> i64 {
        self.local(Date::constant(year, 1, 1), 0)
    }

    /// An hour that comes twice means its first coming; one that is skipped, the moment as far behind its start.
    fn local(&self, date: Date, minute: i32) -> i64 {
        let (date, minute) =
            if minute == DAY_MINUTES { (date.tomorrow().unwrap_or(date), 0) } else { (date, minute) };
        let time = Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let at = self.zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible();
        at.unwrap_or(Timestamp::MAX).as_millisecond()
    }
}

impl Year {
    /// Where a zone skipped a whole date, its stretches fall on the next one; no moment is counted twice.
    fn push(&mut self, start: i64, end: i64) {
        let start = start.max(self.stretches.last().map_or(i64::MIN, |(_, end)| *end));
        if end <= start {
            return;
        }
        match self.stretches.last_mut() {
            Some((_, last)) if *last == start => *last = end,
            _ => {
                self.stretches.push((start, end));
                self.before.push(self.total);
            }
        }
        self.total += end - start;
    }

    /// Open time of the year before `ms`.
    fn used_before(&self, ms: i64) -> i64 {
        let index = self.stretches.partition_point(|(_, end)| *end <= ms);
        match self.stretches.get(index) {
            Some((start, _)) => self.before[index] + (ms - start).max(0),
            None => self.total,
        }
    }

    /// When `wanted` of the year's open time is over; `wanted` is at most the total.
    fn reaches(&self, wanted: i64) -> i64 {
        let index = self.before.partition_point(|before| *before < wanted).saturating_sub(1);
        self.stretches.get(index).map_or(0, |(start, _)| start + (wanted - self.before[index]))
    }
}
