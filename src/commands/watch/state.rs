//! What the writer keeps of each client's arrivals between two of them; all of it can be read again.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::row_name;
use crate::commands::work::Work;
use crate::domain::calendar::start_of_day;
use crate::domain::watch::norm::{Hours, Norm, first_hour, hour_of};
use crate::domain::watch::{AlarmKind, COOL_DOWN, Part, WINDOW_MAX, WatchAlarm, Window};
use crate::domain::{ClientId, Moment, Span};
use crate::store::due::DueKind;
use crate::store::{self, StoreError, Tx};

/// Openings that are read again after the writer forgot them: more in an hour are a spike already.
const LATELY_MAX: usize = 2_000;
/// Tickets among which the latest opening is looked for: an import records old ones late.
const LAST_LOOKED_AT: usize = 50;
const MINUTE_MS: i64 = Span::minutes(1).ms();

/// Everything that is kept of all clients.
#[derive(Debug, Default)]
pub(in crate::commands) struct Watches {
    /// By client, with the day for which each was learned. They follow from whole days that are over, so that
    /// nothing which is undone now changes them.
    norms: HashMap<ClientId, Learned>,
    /// The same of queues and categories; each is learned when its first ticket of the day arrives.
    part_norms: HashMap<(ClientId, Part), Learned>,
    live: HashMap<ClientId, Watched>,
}

/// For which day, and what; nothing where there is too little history.
type Learned = (Moment, Option<Arc<Norm>>);

/// One client's arrivals and alarms.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub all: Series,
    /// Of each queue and category that had arrivals lately.
    pub parts: BTreeMap<Part, Series>,
    pub last: Option<Moment>,
    /// When the client's latest silence was over: before it nothing of a part could come.
    pub silent_until: Option<Moment>,
    /// Those that stand, and those that ended a short while ago.
    pub alarms: Vec<WatchAlarm>,
    /// Where the client's row on the clock stands.
    pub next_at: Option<Moment>,
}

/// Arrivals one after the other, and what their windows may hold.
#[derive(Debug, Default)]
pub(super) struct Series {
    /// By minute, oldest first, no older than the longest window.
    minutes: VecDeque<(i64, i64)>,
    /// The most that the window of the spike that stands has held, until it is written.
    pub peak: i64,
    /// What the windows that end in a minute may hold.
    limits: Option<(i64, Vec<Window>)>,
    /// Of a part: its latest opening, once it was read.
    last: Option<Moment>,
    /// Of a part: from when on and by which norm it was worked out when nothing more would be a silence, and that.
    silence: Option<(Moment, Arc<Norm>, Option<Moment>)>,
}

/// A client's state, out of the shelf.
pub(super) struct Taken {
    pub watched: Watched,
    /// `false`: it was read from the tables just now.
    pub was_kept: bool,
}

impl Watches {
    /// Drops what a transaction that was undone may have put here.
    pub fn forget(&mut self) {
        self.live.clear();
    }

    /// Drops what was learned: another database has other arrivals.
    pub fn forget_norms(&mut self) {
        self.norms.clear();
        self.part_norms.clear();
    }

    /// The client's norm for the day; nothing while there is too little history.
    pub(super) fn norm(
        &mut self,
        tx: &Tx,
        client: ClientId,
        zone: TimeZone,
    ) -> Result<Option<Arc<Norm>>, StoreError> {
        let today = start_of_day(tx.now(), &zone);
        if let Some((day, norm)) = self.norms.get(&client)
            && *day == today
        {
            return Ok(norm.clone());
        }
        let first = first_hour(today);
        let hours: Hours = store::arrival::hours(tx, client, first, hour_of(today))?;
        let began = store::arrival::began(tx, client)?;
        // One week more than is needed: the norm must still see that there was something before its weeks.
        store::arrival::forget_before(tx, client, first - hour_of(Moment::from_ms(0) + Span::days(7)))?;
        let norm = Norm::learn(&hours, began, today, zone).ok().map(Arc::new);
        self.norms.insert(client, (today, norm.clone()));
        Ok(norm)
    }

    /// The norm of a part of the client for the day; nothing where the client's own must do.
    pub(super) fn part_norm(
        &mut self,
        tx: &Tx,
        client: ClientId,
        part: &Part,
        (whole, zone): (&Norm, &TimeZone),
    ) -> Result<Option<Arc<Norm>>, StoreError> {
        let today = start_of_day(tx.now(), zone);
        let name = (client, part.clone());
        if let Some((day, norm)) = self.part_norms.get(&name)
            && *day == today
        {
            return Ok(norm.clone());
        }
        let hours = store::arrival::part_hours(tx, client, part, first_hour(today), hour_of(today))?;
        let began = store::arrival::began(tx, client)?;
        let norm = Norm::of_part(&hours, began, today, whole).map(Arc::new);
        self.part_norms.insert(name, (today, norm.clone()));
        Ok(norm)
    }
}

impl Watched {
    /// What is kept of the client, or read again. Give it back with `put_back`.
    pub(super) fn take(work: &mut Work<'_>, client: ClientId) -> Result<Taken, StoreError> {
        Ok(match work.programs.watch.live.remove(&client) {
            Some(watched) => Taken { watched, was_kept: true },
            None => Taken { watched: Watched::read(&work.tx, client)?, was_kept: false },
        })
    }

    pub(super) fn put_back(self, work: &mut Work<'_>, client: ClientId) {
        work.programs.watch.live.insert(client, self);
    }

    fn read(tx: &Tx, client: ClientId) -> Result<Watched, StoreError> {
        let now = tx.now();
        let mut watched = Watched {
            last: store::arrival::last(tx, client, LAST_LOOKED_AT)?,
            silent_until: store::watch_alarm::silent_until(tx, client)?,
            alarms: store::watch_alarm::open_or_ended_after(tx, client, now - COOL_DOWN)?,
            next_at: store::due::of_client(tx, client, DueKind::Watch, &row_name())?.map(|due| due.run_at),
            ..Watched::default()
        };
        let lately = store::arrival::lately(tx, client, now - WINDOW_MAX, LATELY_MAX)?;
        for arrival in lately.into_iter().rev() {
            watched.note(arrival.at, now);
            watched.note_parts(&arrival.parts, arrival.at, now);
        }
        Ok(watched)
    }

    /// One more arrival.
    pub(super) fn note(&mut self, at: Moment, now: Moment) {
        self.last = self.last.max(Some(at));
        self.all.note(at, now);
    }

    /// It belongs to these parts.
    pub(super) fn note_parts(&mut self, parts: &[Part], at: Moment, now: Moment) {
        for part in parts {
            self.parts.entry(part.clone()).or_default().note(at, now);
        }
    }

    /// While a spike stands: how much its window holds at most.
    pub(super) fn note_peak(&mut self, part: Option<&Part>, now: Moment) {
        let minutes = self.open(AlarmKind::Spike, part).map(|standing| self.alarms[standing].minutes());
        let series = match part {
            None => &mut self.all,
            Some(part) => self.parts.entry(part.clone()).or_default(),
        };
        series.peak = minutes.map_or(0, |minutes| series.peak.max(series.count(now, minutes)));
    }

    /// Where in `alarms` the one stands.
    pub(super) fn open(&self, kind: AlarmKind, part: Option<&Part>) -> Option<usize> {
        self.alarms.iter().position(|alarm| alarm.is_open() && alarm.is_of(kind, part))
    }

    /// Whether none stands and none ended a short while ago.
    pub(super) fn may_raise(&self, kind: AlarmKind, part: Option<&Part>, now: Moment) -> bool {
        let keeps_off = |alarm: &WatchAlarm| alarm.ended_at.is_none_or(|at| at + COOL_DOWN > now);
        !self.alarms.iter().any(|alarm| alarm.is_of(kind, part) && keeps_off(alarm))
    }
}

impl Series {
    fn note(&mut self, at: Moment, now: Moment) {
        self.last = self.last.map(|last| last.max(at));
        let oldest = minute(now - WINDOW_MAX);
        while self.minutes.front().is_some_and(|(minute, _)| *minute < oldest) {
            self.minutes.pop_front();
        }
        let minute = minute(at);
        if minute < oldest {
            return;
        }
        match self.minutes.iter().rposition(|(known, _)| *known <= minute) {
            Some(place) if self.minutes[place].0 == minute => self.minutes[place].1 += 1,
            Some(place) => self.minutes.insert(place + 1, (minute, 1)),
            None => self.minutes.push_front((minute, 1)),
        }
    }

    /// The latest opening of the part. It is read once; until then nothing is known of it.
    pub(super) fn last_of(
        &mut self,
        tx: &Tx,
        client: ClientId,
        part: &Part,
    ) -> Result<Option<Moment>, StoreError> {
        if self.last.is_none() {
            self.last = store::arrival::last_of_part(tx, client, part)?;
        }
        Ok(self.last)
    }

    /// Whether it was worked out by this norm when nothing more would be a silence.
    pub(super) fn is_timed_by(&self, norm: &Arc<Norm>) -> bool {
        self.silence.as_ref().is_some_and(|(_, known, _)| Arc::ptr_eq(known, norm))
    }

    /// When nothing more since `from` is a silence, worked out once.
    pub(super) fn silence(
        &mut self,
        from: Moment,
        norm: &Arc<Norm>,
        work_out: impl FnOnce() -> Option<Moment>,
    ) -> Option<Moment> {
        match &self.silence {
            Some((known, by, at)) if *known == from && Arc::ptr_eq(by, norm) => *at,
            _ => {
                let at = work_out();
                self.silence = Some((from, Arc::clone(norm), at));
                at
            }
        }
    }

    /// Arrivals of the last so many minutes, the present one among them.
    pub(super) fn count(&self, now: Moment, minutes: i64) -> i64 {
        let after = minute(now) - minutes;
        self.minutes.iter().rev().take_while(|(at, _)| *at > after).map(|(_, count)| count).sum()
    }

    /// The first window that holds too many; what each may hold is worked out once a minute.
    pub(super) fn spike(&mut self, now: Moment, work_out: impl FnOnce() -> Vec<Window>) -> Option<Window> {
        let this = minute(now);
        if self.limits.as_ref().is_none_or(|(known, _)| *known != this) {
            self.limits = Some((this, work_out()));
        }
        let (_, windows) = self.limits.as_ref()?;
        windows.iter().copied().find(|window| self.count(now, window.minutes) >= window.limit)
    }
}

fn minute(at: Moment) -> i64 {
    at.ms().div_euclid(MINUTE_MS)
}
