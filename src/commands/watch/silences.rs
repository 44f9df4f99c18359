//! Silences: of the client, and in one queue or one category that others hide.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::parts::norm_of;
use super::state::Watched;
use super::{Finding, alarms, arm};
use crate::commands::done::DeskError;
use crate::commands::programs::Loaded;
use crate::commands::work::Work;
use crate::domain::calendar::{self, Calendar, start_of_day};
use crate::domain::pack::Pack;
use crate::domain::watch::norm::Norm;
use crate::domain::watch::{AlarmKind, COOL_DOWN, LOOK_EVERY, Part, part_silent_at, silent_at};
use crate::domain::{ClientId, Moment, Span};

/// While a silence of a part stands, it is asked so often whether the part still has a norm: one is learned each day.
const LOOK_AT_STANDING: Span = Span::days(1);

/// When no arrival since the last one would be a silence of the client.
pub(super) fn of_client(norm: &Norm, loaded: &Loaded, watched: &Watched) -> Option<Moment> {
    silent_at(norm, watched.last?, loaded.pack.watch.sensitivity, quiet_days(loaded)?)
}

/// Says of a moment whether its day is a holiday, which expects nobody; each day is looked up once.
fn quiet_days(loaded: &Loaded) -> Option<impl Fn(Moment) -> bool> {
    let zone = calendar::zone(loaded.calendars.zone()).ok()?;
    let days: RefCell<BTreeMap<Moment, bool>> = RefCell::default();
    Some(move |at: Moment| {
        let day = start_of_day(at, &zone);
        *days.borrow_mut().entry(day).or_insert_with(|| is_holiday(loaded.calendars.usual(), day))
    })
}

/// Whether the client's calendar is closed on a day on which it is usually open.
fn is_holiday(calendar: &Calendar, day: Moment) -> bool {
    let is_closed = |day: Moment| calendar.open_span(day, day + Span::days(1)) == Span::ZERO;
    is_closed(day) && !(is_closed(day - Span::days(7)) && is_closed(day + Span::days(7)))
}

/// The moment, or the next midnight when that comes first: then a new norm is learned, which may say another moment.
fn before_next_norm(loaded: &Loaded, at: Moment, now: Moment) -> Moment {
    /// From midnight on, this long is never less than a day and always within the next, also when the clocks change.
    const NEXT_DAY: Span = Span::hours(26);
    match calendar::zone(loaded.calendars.zone()) {
        Ok(zone) => at.min(start_of_day(start_of_day(now, &zone) + NEXT_DAY, &zone)),
        Err(_) => at,
    }
}

/// Raises the client's silence when it is one, or sets the clock to when it would be.
pub(super) fn look(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Arc<Loaded>,
    watched: &mut Watched,
    norm: &Norm,
) -> Result<(), DeskError> {
    let now = work.tx.now();
    if watched.open(AlarmKind::Silence, None).is_some() {
        return Ok(());
    }
    let Some(at) = of_client(norm, loaded, watched) else { return Ok(()) };
    let (Some(last), true) = (watched.last, at <= now) else {
        return arm(&work.tx, client, watched, before_next_norm(loaded, at, now));
    };
    if !watched.may_raise(AlarmKind::Silence, None, now) {
        return arm(&work.tx, client, watched, now + COOL_DOWN);
    }
    let expected = norm.expected(last, now);
    let finding = Finding { kind: AlarmKind::Silence, part: None, since: last, observed: 0, expected };
    alarms::raise(work, client, loaded, watched, finding)
}

/// A ticket arrived in these parts: they are silent no more.
pub(super) fn end_of_parts(
    work: &mut Work<'_>,
    watched: &mut Watched,
    parts: &[Part],
) -> Result<(), DeskError> {
    for part in parts {
        if let Some(standing) = watched.open(AlarmKind::Silence, Some(part)) {
            alarms::end(work, watched, standing)?;
        }
    }
    Ok(())
}

/// Sees to it that the client's row is no later than a silence of these parts would be. Once that is so, an arrival
/// does not move it.
pub(super) fn time_parts(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Loaded,
    watched: &mut Watched,
    parts: &[Part],
) -> Result<(), DeskError> {
    let now = work.tx.now();
    for part in parts.iter().filter(|part| is_known(&loaded.pack, part)) {
        let Some(norm) = norm_of(work, client, loaded, part)? else { continue };
        if watched.parts.get(part).is_some_and(|series| series.is_timed_by(&norm)) {
            continue;
        }
        if let Some((_, Some(at))) = timed(work, client, loaded, watched, (part, &norm))? {
            arm(&work.tx, client, watched, before_next_norm(loaded, at, now).max(now + LOOK_EVERY))?;
        }
    }
    Ok(())
}

/// Raises the silences of parts that are ones, and sets the clock to the next that would be. While the client as a
/// whole is silent, that alarm says it.
pub(super) fn look_at_parts(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Arc<Loaded>,
    watched: &mut Watched,
) -> Result<(), DeskError> {
    let now = work.tx.now();
    end_without_norm(work, client, loaded, watched)?;
    if watched.open(AlarmKind::Silence, None).is_some() {
        return Ok(());
    }
    for part in all_parts(&loaded.pack) {
        if watched.open(AlarmKind::Silence, Some(&part)).is_some() {
            arm(&work.tx, client, watched, now + LOOK_AT_STANDING)?;
            continue;
        }
        let Some(norm) = norm_of(work, client, loaded, &part)? else { continue };
        let Some((from, Some(at))) = timed(work, client, loaded, watched, (&part, &norm))? else { continue };
        if at > now {
            arm(&work.tx, client, watched, before_next_norm(loaded, at, now))?;
        } else if !watched.may_raise(AlarmKind::Silence, Some(&part), now) {
            arm(&work.tx, client, watched, now + COOL_DOWN)?;
        } else {
            let expected = norm.expected(from, now);
            let finding =
                Finding { kind: AlarmKind::Silence, part: Some(part), since: from, observed: 0, expected };
            alarms::raise(work, client, loaded, watched, finding)?;
            arm(&work.tx, client, watched, now + LOOK_AT_STANDING)?;
        }
    }
    Ok(())
}

/// A part that has no norm any more, or that the pack has no more, is not expected to have arrivals.
fn end_without_norm(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Loaded,
    watched: &mut Watched,
) -> Result<(), DeskError> {
    for place in 0..watched.alarms.len() {
        let alarm = &watched.alarms[place];
        let of_part = alarm.part().filter(|_| alarm.is_open() && alarm.kind == AlarmKind::Silence);
        let Some(part) = of_part else { continue };
        if !is_known(&loaded.pack, &part) || norm_of(work, client, loaded, &part)?.is_none() {
            alarms::end(work, watched, place)?;
        }
    }
    Ok(())
}

/// From when on nothing has come in the part, and when that is a silence; nothing where nothing ever came.
fn timed(
    work: &Work<'_>,
    client: ClientId,
    loaded: &Loaded,
    watched: &mut Watched,
    (part, norm): (&Part, &Arc<Norm>),
) -> Result<Option<(Moment, Option<Moment>)>, DeskError> {
    let until = watched.silent_until;
    let series = watched.parts.entry(part.clone()).or_default();
    let Some(last) = series.last_of(&work.tx, client, part)? else { return Ok(None) };
    let from = until.map_or(last, |until| last.max(until));
    let at = series.silence(from, norm, || {
        part_silent_at(norm, from, loaded.pack.watch.sensitivity, quiet_days(loaded)?)
    });
    Ok(Some((from, at)))
}

fn all_parts(pack: &Pack) -> Vec<Part> {
    let categories = pack.categories.iter().map(|category| Part::Category(category.key.clone()));
    categories.chain(pack.queues.iter().map(|queue| Part::Queue(queue.key.clone()))).collect()
}

fn is_known(pack: &Pack, part: &Part) -> bool {
    match part {
        Part::Category(key) => pack.category(key).is_some(),
        Part::Queue(key) => pack.queue(key).is_some(),
    }
}
