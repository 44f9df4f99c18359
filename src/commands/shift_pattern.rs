//! `PutShiftPattern`, `RemoveShiftPattern`, `ApplyShiftPattern`: a cycle of shifts, kept and laid over a period.

use std::collections::BTreeSet;

use super::client::{exists, made, seen, written};
use super::done::{DeskError, Done};
use super::roster::add_shift;
use super::roster_plan::{PEOPLE_MAX, Problems, SHIFTS_MAX, period};
use super::words;
use super::work::Work;
use crate::domain::calendar::{self, local_moment};
use crate::domain::command::{ApplyShiftPattern, PatternPerson, PutShiftPattern};
use crate::domain::permission::Step;
use crate::domain::roster::{CYCLE_DAYS_MAX, LaidSlot, Shift, ShiftPattern};
use crate::domain::{PatternId, Refusal, SeriesId};
use crate::store;

/// Most patterns of a desk.
const PATTERNS_MAX: usize = 500;

pub(super) fn put(work: &mut Work<'_>, put: PutShiftPattern) -> Result<Done, DeskError> {
    work.require_for(Step::KeepRoster, None)?;
    let before = put.id.map(|id| pattern(work, id)).transpose()?;
    let name = words::line("name", &put.name)?;
    let same_name = store::shift_pattern::by_name(&work.tx, &name)?;
    if same_name.is_some_and(|found| Some(found.id) != put.id) {
        return Err(exists("pattern", "name", &name));
    }
    let after = ShiftPattern {
        id: put.id.unwrap_or_else(|| work.tx.id()),
        name,
        cycle_days: put.cycle_days,
        starts_on: put.starts_on,
        slots: put.slots,
        version: before.as_ref().map_or(0, |before| before.version) + 1,
    };
    after.check().map_err(|(field, message)| Refusal::invalid(&field, message))?;
    match before {
        Some(before) => {
            seen(put.version, before.version)?;
            written(store::shift_pattern::update(&work.tx, &after)?, before.version)?;
        }
        None => {
            let count = usize::try_from(store::shift_pattern::count(&work.tx)?).unwrap_or(usize::MAX);
            if count >= PATTERNS_MAX {
                let field = "patterns".to_owned();
                return Err(Refusal::TooMany { field, count: count + 1, count_max: PATTERNS_MAX }.into());
            }
            store::shift_pattern::insert(&work.tx, &after)?;
        }
    }
    work.note_change(None, "roster");
    Ok(made(after.id.0, after.version))
}

pub(super) fn remove(work: &mut Work<'_>, id: PatternId, version: i64) -> Result<Done, DeskError> {
    work.require_for(Step::KeepRoster, None)?;
    let before = pattern(work, id)?;
    seen(Some(version), before.version)?;
    written(store::shift_pattern::remove(&work.tx, id, version)?, version)?;
    work.note_change(None, "roster");
    Ok(made(id.0, version))
}

fn pattern(work: &Work<'_>, id: PatternId) -> Result<ShiftPattern, DeskError> {
    store::shift_pattern::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("pattern", id).into())
}

pub(super) fn apply(work: &mut Work<'_>, apply: &ApplyShiftPattern) -> Result<Done, DeskError> {
    work.require_for(Step::KeepRoster, apply.client)?;
    calendar::zone(&apply.time_zone).map_err(|error| Refusal::invalid("time_zone", error.to_string()))?;
    let (first, last) = period(&apply.first_day, &apply.last_day)?;
    if !(1..=PEOPLE_MAX).contains(&apply.people.len()) {
        return Err(Refusal::invalid("people", format!("name from 1 to {PEOPLE_MAX}")).into());
    }
    let note = words::maybe_line("note", apply.note.as_deref())?;
    let pattern = pattern(work, apply.pattern)?;
    let series: SeriesId = work.tx.id();
    let mut named = BTreeSet::new();
    for own in &apply.people {
        if !named.insert(own.person) {
            return Err(Refusal::invalid("people", format!("names {} twice", own.person)).into());
        }
        if !(0..CYCLE_DAYS_MAX).contains(&own.offset_days) {
            let message = format!("must be from 0 to {}", CYCLE_DAYS_MAX - 1);
            return Err(Refusal::invalid("people.offset_days", message).into());
        }
    }
    let laid: Vec<_> =
        apply.people.iter().map(|own| (own, pattern.lay_over(first, last, own.offset_days))).collect();
    let count: usize = laid.iter().map(|(_, slots)| slots.len()).sum();
    if count > SHIFTS_MAX {
        let field = "the period".to_owned();
        return Err(Refusal::TooMany { field, count, count_max: SHIFTS_MAX }.into());
    }
    let mut problems = Problems::default();
    for (own, slots) in &laid {
        let name = work.person(own.person)?.name.clone();
        for slot in slots {
            let done = lay(work, apply, own, slot, (series, note.clone()));
            problems.note(|| format!("{name}, {}", slot.from), done)?;
        }
    }
    problems.none("people", "shift(s)")?;
    if count == 0 {
        return Err(Refusal::invalid("last_day", "no slot of the pattern falls into this period").into());
    }
    work.note_change(apply.client, "roster");
    Ok(made(series.0, 1))
}

fn lay(
    work: &mut Work<'_>,
    apply: &ApplyShiftPattern,
    own: &PatternPerson,
    slot: &LaidSlot<'_>,
    (series, note): (SeriesId, Option<String>),
) -> Result<(), DeskError> {
    let moment = |field: &str, text: &str| {
        local_moment(text, &apply.time_zone).map_err(|error| Refusal::invalid(field, error.to_string()))
    };
    let shift = Shift {
        id: work.tx.id(),
        person: own.person,
        from: moment("from", &slot.from)?,
        to: moment("to", &slot.to)?,
        kind: slot.slot.kind,
        queue: apply.queue.clone(),
        client: apply.client,
        note,
        series: Some(series),
        version: 1,
    };
    add_shift(work, &shift)
}
