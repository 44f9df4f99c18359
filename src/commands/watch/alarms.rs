//! Alarms are raised, grow, end and are acknowledged, and people are told.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::state::Watched;
use crate::commands::client::{made, seen, written};
use crate::commands::done::{DeskError, Done};
use crate::commands::inform;
use crate::commands::programs::Loaded;
use crate::commands::work::Work;
use crate::domain::permission::Step;
use crate::domain::person::{Actor, Role};
use crate::domain::watch::{AlarmKind, Part, WatchAlarm, fill, sentence};
use crate::domain::{AlarmId, ClientId, Key, Language, PersonId, Refusal, TextId};
use crate::store;
use crate::store::notification::Notification;

/// Most people whom one alarm tells.
const TOLD_MAX: usize = 200;
/// What a template must name to tell of a part.
const ABOUT: &str = "alarm.about";
/// What live messages call it.
const CHANGE: &str = "alarm";

pub(super) fn raise(
    work: &mut Work<'_>,
    client: ClientId,
    loaded: &Loaded,
    watched: &mut Watched,
    finding: Finding,
) -> Result<(), DeskError> {
    let (queue, category) = match finding.part {
        None => (None, None),
        Some(Part::Queue(queue)) => (Some(queue), None),
        Some(Part::Category(category)) => (None, Some(category)),
    };
    let alarm = WatchAlarm {
        id: work.tx.id(),
        client,
        kind: finding.kind,
        queue,
        category,
        since: finding.since,
        raised_at: work.tx.now(),
        observed: finding.observed,
        peak: finding.observed,
        expected: finding.expected,
        ended_at: None,
        acknowledged_at: None,
        acknowledged_by: None,
        version: 1,
    };
    store::watch_alarm::insert(&work.tx, &alarm)?;
    tell(work, loaded, &alarm)?;
    work.note_change(Some(client), CHANGE);
    let keeps = work.tx.now() - crate::domain::watch::COOL_DOWN;
    watched.alarms.retain(|known| known.ended_at.is_none_or(|at| at > keeps));
    watched.alarms.push(alarm);
    Ok(())
}

pub(super) fn end(work: &mut Work<'_>, watched: &mut Watched, place: usize) -> Result<(), DeskError> {
    let now = work.tx.now();
    change(work, watched, place, |alarm| alarm.ended_at = Some(now))
}

pub(super) fn note_peak(
    work: &mut Work<'_>,
    watched: &mut Watched,
    place: usize,
    observed: i64,
) -> Result<(), DeskError> {
    if observed <= watched.alarms[place].peak {
        return Ok(());
    }
    change(work, watched, place, |alarm| alarm.peak = observed)
}

/// Its row may have been acknowledged since it was read: that one counts.
fn change(
    work: &mut Work<'_>,
    watched: &mut Watched,
    place: usize,
    change: impl FnOnce(&mut WatchAlarm),
) -> Result<(), DeskError> {
    let id = watched.alarms[place].id;
    let found = store::watch_alarm::get(&work.tx, id)?;
    let mut alarm = found.ok_or_else(|| Refusal::not_found("alarm", id))?;
    change(&mut alarm);
    alarm.version += 1;
    written(store::watch_alarm::update(&work.tx, &alarm)?, alarm.version - 1)?;
    work.note_change(Some(alarm.client), CHANGE);
    watched.alarms[place] = alarm;
    Ok(())
}

/// Somebody has seen the alarm and deals with it.
pub(in crate::commands) fn acknowledge(
    work: &mut Work<'_>,
    id: AlarmId,
    version: i64,
) -> Result<Done, DeskError> {
    let missing = || Refusal::not_found("alarm", id);
    let mut alarm = store::watch_alarm::get(&work.tx, id)?.ok_or_else(missing)?;
    // Whoever may not supervise the client is not told that there is an alarm.
    work.require_for(Step::Supervise, Some(alarm.client)).map_err(|error| match error {
        DeskError::Refused(Refusal::Forbidden { .. }) => missing().into(),
        other => other,
    })?;
    let Actor::Person { person } = work.cause.actor else {
        return Err(Refusal::forbidden("acknowledge an alarm: a person does").into());
    };
    if alarm.acknowledged_at.is_some() {
        return Ok(made(id.0, alarm.version));
    }
    seen(Some(version), alarm.version)?;
    alarm.acknowledged_at = Some(work.tx.now());
    alarm.acknowledged_by = Some(person);
    alarm.version += 1;
    written(store::watch_alarm::update(&work.tx, &alarm)?, version)?;
    work.note_change(Some(alarm.client), CHANGE);
    Ok(made(id.0, alarm.version))
}

/// The roles that the pack names, each in their language; and the client's people, where the pack has words for them.
fn tell(work: &mut Work<'_>, loaded: &Loaded, alarm: &WatchAlarm) -> Result<(), DeskError> {
    let Some(client) = store::client::get(&work.tx, alarm.client)? else { return Ok(()) };
    let mut people = BTreeSet::new();
    for role in &loaded.pack.watch.tell {
        people.extend(store::person::with_role(&work.tx, *role, alarm.client)?);
    }
    let mut texts: BTreeMap<Language, TextId> = BTreeMap::new();
    for person in people.into_iter().take(TOLD_MAX) {
        let known = work.programs.people.person(&work.tx, person)?;
        let language = known.map_or(client.language, |known| known.language);
        let text = match texts.get(&language) {
            Some(text) => *text,
            None => {
                let label = label(loaded, alarm, language);
                store::text::put(&work.tx, &sentence(alarm, &client.name, label, language))?
            }
        };
        texts.insert(language, text);
        tell_one(work, person, &format!("{}_alarm", alarm.kind.as_str()), text)?;
    }
    let Some(template) = loaded.pack.watch.client_templates.get(&alarm.kind) else { return Ok(()) };
    let found = loaded.pack.template(template);
    let words = found.and_then(|template| template.text.in_language(client.language));
    // That nothing comes at all is another matter than that nothing comes in one part: it must say which.
    let is_of_part = alarm.kind == AlarmKind::Silence && alarm.part().is_some();
    if is_of_part && !words.is_some_and(|words| words.contains(ABOUT)) {
        return Ok(());
    }
    let label = label(loaded, alarm, client.language);
    let text = store::text::put(&work.tx, &fill(words.unwrap_or_default(), alarm, &client.name, label))?;
    for person in
        store::person::with_role(&work.tx, Role::ClientContact, alarm.client)?.into_iter().take(TOLD_MAX)
    {
        tell_one(work, person, template, text)?;
    }
    Ok(())
}

/// What people call the queue or the category that the alarm is about.
fn label<'p>(loaded: &'p Loaded, alarm: &WatchAlarm, language: Language) -> Option<&'p str> {
    let label = match alarm.part()? {
        Part::Queue(key) => &loaded.pack.queue(&key)?.label,
        Part::Category(key) => &loaded.pack.category(&key)?.label,
    };
    label.in_language(language)
}

fn tell_one(work: &mut Work<'_>, person: PersonId, template: &str, text: TextId) -> Result<(), DeskError> {
    let notification = Notification {
        id: work.tx.id(),
        person,
        ticket: None,
        template: Key::new(template).ok(),
        text: Some(text),
        report: None,
        at: work.tx.now(),
        read_at: None,
    };
    inform::put(work, &notification)
}
