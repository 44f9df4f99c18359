//! Spikes in one queue or one category, which the client's sum may not show.

use std::sync::Arc;

use super::state::Watched;
use super::{Finding, alarms, arm, norm};
use crate::commands::done::DeskError;
use crate::commands::programs::Loaded;
use crate::commands::work::Work;
use crate::domain::calendar;
use crate::domain::event::Event;
use crate::domain::watch::norm::Norm;
use crate::domain::watch::{AlarmKind, LOOK_EVERY, Part, WINDOW_MAX, is_calm, part_windows};
use crate::domain::{ClientId, Moment, Span};

/// The parts of the client in which the ticket arrives with this event. Later than an hour after its opening it
/// arrives nowhere: a hand-over of old tickets, or their classification, is no spike. It counts at its opening, so that
/// many which are classified at once come when they came.
pub(super) fn entered(event: &Event, opened_at: Moment, at: Moment) -> Vec<Part> {
    match event {
        Event::TicketOpened(opened) => Part::of(opened.queue.as_ref(), opened.category.as_ref()),
        _ if opened_at + WINDOW_MAX <= at => Vec::new(),
        Event::TicketQueued { from, to, .. } if from.as_ref() != Some(to) => Part::of(Some(to), None),
        Event::CategoryChanged { to, .. } => Part::of(None, to.as_ref()),
        _ => Vec::new(),
    }
}

/// A ticket arrived in these parts. While the client as a whole has a spike, that alarm says it.
pub(super) fn look_for_spikes(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Loaded,
    watched: &mut Watched,
    parts: &[Part],
) -> Result<(), DeskError> {
    let now = work.tx.now();
    for part in parts {
        watched.note_peak(Some(part), now);
        let is_told = watched.open(AlarmKind::Spike, None).is_some();
        if is_told || !watched.may_raise(AlarmKind::Spike, Some(part), now) {
            continue;
        }
        let Some(norm) = norm_of(work, client, loaded, part)? else { continue };
        let Some(series) = watched.parts.get_mut(part) else { continue };
        let sensitivity = loaded.pack.watch.sensitivity;
        let Some(window) = series.spike(now, || part_windows(&norm, now, sensitivity)) else { continue };
        let finding = Finding {
            kind: AlarmKind::Spike,
            part: Some(part.clone()),
            since: now - Span::minutes(window.minutes),
            observed: series.count(now, window.minutes),
            expected: window.expected,
        };
        alarms::raise(work, client, loaded, watched, finding)?;
        arm(&work.tx, client, watched, now + LOOK_EVERY)?;
    }
    Ok(())
}

/// Ends those that are over. Whatever is no part with a norm any more is over when hardly anything arrives in it.
pub(super) fn end_spikes(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Loaded,
    watched: &mut Watched,
) -> Result<(), DeskError> {
    let now = work.tx.now();
    for place in 0..watched.alarms.len() {
        let alarm = &watched.alarms[place];
        let Some(part) = alarm.part().filter(|_| alarm.is_open() && alarm.kind == AlarmKind::Spike) else {
            continue;
        };
        let norm = norm_of(work, client, loaded, &part)?;
        let series = watched.parts.entry(part).or_default();
        let (peak, is_over) =
            (series.peak, is_calm(norm.as_deref(), now, |minutes| series.count(now, minutes)));
        alarms::note_peak(work, watched, place, peak)?;
        if is_over {
            alarms::end(work, watched, place)?;
        }
    }
    Ok(())
}

/// The norm of the part, where it has one of its own.
pub(super) fn norm_of(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Loaded,
    part: &Part,
) -> Result<Option<Arc<Norm>>, DeskError> {
    let Some(whole) = norm(work, client, loaded)? else { return Ok(None) };
    let Ok(zone) = calendar::zone(loaded.calendars.zone()) else { return Ok(None) };
    Ok(work.programs.watch.part_norm(&work.tx, client, part, (&whole, &zone))?)
}
