//! The queue watch: an arrival is compared with the norm at once, a silence at the moment when it becomes one.
//!
//! Nothing is polled. Each client has at most one row on the durable clock: at the moment when no arrival would be a
//! silence, or sooner while an alarm stands that only time can end. An arrival does not move the row: when its time
//! comes and there was one, the row is set anew, so that an opening costs one counter.

mod alarms;
mod parts;
mod silences;
mod state;

use std::sync::Arc;

pub(super) use alarms::acknowledge;
pub(super) use state::Watches;
use state::{Taken, Watched};

use super::done::{DeskError, Mode};
use super::programs::Loaded;
use super::work::Work;
use crate::domain::calendar;
use crate::domain::event::Event;
use crate::domain::watch::norm::{Norm, hour_of};
use crate::domain::watch::{
    AlarmKind, DEPTH_END_PERCENT, LOOK_AFTER_GROWTH, LOOK_EVERY, Part, QueueLimits, WINDOW_MAX, is_calm,
    windows,
};
use crate::domain::{ClientId, Key, Moment, Span, TicketId};
use crate::store::due::DueKind;
use crate::store::{self, Tx};

/// What an alarm is raised with.
struct Finding {
    kind: AlarmKind,
    /// Nothing: the client as a whole.
    part: Option<Part>,
    since: Moment,
    observed: i64,
    expected: f64,
}

fn row_name() -> Key {
    Key::new("watch").expect("`watch` is a key")
}

/// Looks at an event that was recorded: an opening is an arrival, for a queue or a category a ticket may arrive later
/// too, and a queue may have grown.
pub(super) fn notice(work: &mut Work<'_>, id: TicketId, event: &Event) -> Result<(), DeskError> {
    let queue = match event {
        Event::TicketOpened(opened) => opened.queue.clone(),
        Event::TicketQueued { to, .. } => Some(to.clone()),
        Event::TicketUnassigned { .. } => work.with(id, |case| case.ticket.queue.clone()),
        Event::CategoryChanged { .. } => None,
        _ => return Ok(()),
    };
    let is_arrival = matches!(event, Event::TicketOpened(_));
    let (client, opened_at, loaded) =
        work.with(id, |case| (case.ticket.client, case.ticket.opened_at, case.loaded.clone()));
    let parts = parts::entered(event, opened_at, work.occurred_at);
    if is_arrival {
        store::arrival::count(&work.tx, client, hour_of(opened_at))?;
    }
    for part in &parts {
        store::arrival::count_part(&work.tx, client, part, opened_at)?;
    }
    let Some(loaded) = loaded.filter(|_| work.mode == Mode::Live) else { return Ok(()) };
    let limits = queue.and_then(|queue| loaded.pack.watch.queues.get(&queue).copied());
    let has_limits = limits.is_some_and(|limits| limits != QueueLimits::default());
    let is_watched = (is_arrival || !parts.is_empty()) && loaded.pack.watch.arrivals;
    if !is_watched && !has_limits {
        return Ok(());
    }
    let now = work.tx.now();
    let Taken { mut watched, was_kept } = Watched::take(work, client)?;
    if is_watched {
        // What was just read from the tickets has an opening already; a change is not in its row yet.
        if was_kept && is_arrival {
            watched.note(opened_at, now);
        }
        if was_kept || !is_arrival {
            watched.note_parts(&parts, opened_at, now);
        }
        if is_arrival {
            arrived(work, client, &loaded, &mut watched)?;
        }
        silences::end_of_parts(work, &mut watched, &parts)?;
        if opened_at + WINDOW_MAX > now {
            parts::look_for_spikes(work, client, &loaded, &mut watched, &parts)?;
        }
        silences::time_parts(work, client, &loaded, &mut watched, &parts)?;
    }
    if has_limits {
        arm(&work.tx, client, &mut watched, now + LOOK_AFTER_GROWTH)?;
    }
    watched.put_back(work, client);
    Ok(())
}

/// A ticket arrived: a silence is over, and there may be a spike.
fn arrived(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Arc<Loaded>,
    watched: &mut Watched,
) -> Result<(), DeskError> {
    let (now, at) = (work.tx.now(), work.occurred_at);
    if let Some(standing) = watched.open(AlarmKind::Silence, None) {
        alarms::end(work, watched, standing)?;
        watched.silent_until = Some(now);
    }
    watched.note_peak(None, now);
    let Some(norm) = norm(work, client, loaded)? else { return Ok(()) };
    if at + WINDOW_MAX > now && watched.may_raise(AlarmKind::Spike, None, now) {
        let sensitivity = loaded.pack.watch.sensitivity;
        if let Some(window) = watched.all.spike(now, || windows(&norm, now, sensitivity)) {
            let finding = Finding {
                kind: AlarmKind::Spike,
                part: None,
                since: now - Span::minutes(window.minutes),
                observed: watched.all.count(now, window.minutes),
                expected: window.expected,
            };
            alarms::raise(work, client, loaded, watched, finding)?;
            arm(&work.tx, client, watched, now + LOOK_EVERY)?;
        }
    }
    if watched.next_at.is_none()
        && let Some(at) = silences::of_client(&norm, loaded, watched)
    {
        arm(&work.tx, client, watched, at.max(now + LOOK_EVERY))?;
    }
    Ok(())
}

/// The client's row on the clock is due: what stands may be over, what was not yet may have begun.
pub(super) fn look(work: &mut Work<'_>, client: ClientId) -> Result<(), DeskError> {
    let Taken { mut watched, .. } = Watched::take(work, client)?;
    watched.next_at = None;
    match published(work, client)? {
        Some(loaded) => look_at(work, client, &loaded, &mut watched)?,
        None => end_all(work, &mut watched, |_| true)?,
    }
    watched.put_back(work, client);
    Ok(())
}

fn look_at(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Arc<Loaded>,
    watched: &mut Watched,
) -> Result<(), DeskError> {
    let now = work.tx.now();
    let watch = &loaded.pack.watch;
    let is_arrivals = |kind: AlarmKind| matches!(kind, AlarmKind::Spike | AlarmKind::Silence);
    end_all(work, watched, |alarm| match &alarm.queue {
        _ if is_arrivals(alarm.kind) => !watch.arrivals,
        Some(queue) => !watch.queues.contains_key(queue),
        None => false,
    })?;
    if watch.arrivals
        && let Some(norm) = norm(work, client, loaded)?
    {
        look_at_arrivals(work, client, loaded, watched, &norm)?;
    }
    let mut next: Option<Moment> = None;
    for (queue, limits) in &watch.queues {
        let at = look_at_queue(work, client, loaded, watched, (queue, *limits))?;
        next = next.into_iter().chain(at).min();
    }
    let time_can_end = |kind: AlarmKind| kind != AlarmKind::Silence;
    if watched.alarms.iter().any(|alarm| alarm.is_open() && time_can_end(alarm.kind)) {
        next = next.into_iter().chain([now + LOOK_EVERY]).min();
    }
    match next {
        Some(at) => arm(&work.tx, client, watched, at.max(now + LOOK_EVERY)),
        None => Ok(()),
    }
}

fn look_at_arrivals(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Arc<Loaded>,
    watched: &mut Watched,
    norm: &Norm,
) -> Result<(), DeskError> {
    let now = work.tx.now();
    if let Some(standing) = watched.open(AlarmKind::Spike, None) {
        let is_over = is_calm(Some(norm), now, |minutes| watched.all.count(now, minutes));
        let peak = watched.all.peak;
        alarms::note_peak(work, watched, standing, peak)?;
        if is_over {
            alarms::end(work, watched, standing)?;
        }
    }
    parts::end_spikes(work, client, loaded, watched)?;
    silences::look(work, client, loaded, watched, norm)?;
    silences::look_at_parts(work, client, loaded, watched)
}

/// What was found of one limit of a queue.
struct QueueState<'q> {
    kind: AlarmKind,
    queue: &'q Part,
    limit: i64,
    observed: i64,
    /// Since when it is beyond the limit; nothing: it is not.
    beyond_since: Option<Moment>,
    /// Whether an alarm that stands is over.
    is_normal: bool,
}

/// Raises and ends the alarms of a queue; says when a ticket that waits now would have waited too long.
fn look_at_queue(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Arc<Loaded>,
    watched: &mut Watched,
    (queue, limits): (&Key, QueueLimits),
) -> Result<Option<Moment>, DeskError> {
    /// Deeper queues are counted no further.
    const BEYOND_LIMIT: i64 = 1_000;
    let now = work.tx.now();
    let part = Part::Queue(queue.clone());
    if let Some(limit) = limits.depth_max {
        let observed = store::watch_alarm::depth(&work.tx, queue, client, limit + BEYOND_LIMIT)?;
        let beyond_since = (observed > limit).then_some(now);
        let is_normal = observed * 100 <= limit * DEPTH_END_PERCENT;
        let state =
            QueueState { kind: AlarmKind::Depth, queue: &part, limit, observed, beyond_since, is_normal };
        settle(work, client, loaded, watched, &state)?;
    }
    let Some(limit) = limits.oldest_minutes else { return Ok(None) };
    let oldest = store::watch_alarm::oldest(&work.tx, queue, client)?;
    let observed = oldest.map_or(0, |opened| (now - opened).ms() / Span::minutes(1).ms());
    let beyond_since = oldest.filter(|opened| *opened + Span::minutes(limit) <= now);
    let is_normal = beyond_since.is_none();
    let state =
        QueueState { kind: AlarmKind::Oldest, queue: &part, limit, observed, beyond_since, is_normal };
    settle(work, client, loaded, watched, &state)?;
    Ok(oldest.filter(|_| is_normal).map(|opened| opened + Span::minutes(limit)))
}

fn settle(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Arc<Loaded>,
    watched: &mut Watched,
    state: &QueueState<'_>,
) -> Result<(), DeskError> {
    let QueueState { kind, queue, observed, .. } = *state;
    match (watched.open(kind, Some(queue)), state.beyond_since) {
        (Some(standing), _) if state.is_normal => alarms::end(work, watched, standing),
        (Some(standing), _) => alarms::note_peak(work, watched, standing, observed),
        (None, Some(since)) if watched.may_raise(kind, Some(queue), work.tx.now()) => {
            let expected = state.limit as f64;
            let finding = Finding { kind, part: Some(queue.clone()), since, observed, expected };
            alarms::raise(work, client, loaded, watched, finding)
        }
        (None, _) => Ok(()),
    }
}

fn end_all(
    work: &mut Work<'_>,
    watched: &mut Watched,
    is_to_end: impl Fn(&crate::domain::watch::WatchAlarm) -> bool,
) -> Result<(), DeskError> {
    for place in 0..watched.alarms.len() {
        if watched.alarms[place].is_open() && is_to_end(&watched.alarms[place]) {
            alarms::end(work, watched, place)?;
        }
    }
    Ok(())
}

/// Sets the client's row, unless it stands at an earlier moment.
fn arm(tx: &Tx, client: ClientId, watched: &mut Watched, at: Moment) -> Result<(), DeskError> {
    if watched.next_at.is_none_or(|standing| at < standing) {
        store::due::put_of_client(tx, client, DueKind::Watch, &row_name(), at)?;
        watched.next_at = Some(at);
    }
    Ok(())
}

/// The version of the client's pack that is published, of a client that works.
pub(super) fn published(work: &mut Work<'_>, client: ClientId) -> Result<Option<Arc<Loaded>>, DeskError> {
    let client = store::client::get(&work.tx, client)?.filter(|client| client.is_active);
    match client.and_then(|client| client.pack_version) {
        Some(version) => work.programs.pack(&work.tx, version),
        None => Ok(None),
    }
}

/// The client's norm, learned once for each local day.
fn norm(work: &mut Work<'_>, client: ClientId, loaded: &Loaded) -> Result<Option<Arc<Norm>>, DeskError> {
    let Ok(zone) = calendar::zone(loaded.calendars.zone()) else { return Ok(None) };
    Ok(work.programs.watch.norm(&work.tx, client, zone)?)
}
