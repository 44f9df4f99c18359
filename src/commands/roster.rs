//! `PutShift`, `RemoveShift`, `PutAbsence`, `RemoveAbsence`, `SwapShifts`: the roster, one by one.

use std::rc::Rc;

use super::client::{made, seen, written};
use super::done::{DeskError, Done};
use super::handover::follow_roster;
use super::swap;
use super::words;
use super::work::Work;
use crate::domain::command::{PutAbsence, PutShift, SwapShifts};
use crate::domain::permission::Step;
use crate::domain::person::{Actor, Affiliation, Person};
use crate::domain::roster::{ABSENCE_DAYS_MAX, Absence, Shift};
use crate::domain::{AbsenceId, ClientId, PersonId, Refusal, ShiftId, Span};
use crate::store;

pub(super) fn put_shift(work: &mut Work<'_>, put: PutShift) -> Result<Done, DeskError> {
    let after = write_shift(work, put)?;
    check_neighbours(work, &after, &[after.id])?;
    work.note_change(after.client, "roster");
    Ok(made(after.id.0, after.version))
}

/// Writes the shift and compares it with no other.
pub(super) fn write_shift(work: &mut Work<'_>, put: PutShift) -> Result<Shift, DeskError> {
    let before = put.id.map(|id| shift_to_keep(work, id, put.version)).transpose()?;
    let after = Shift {
        id: put.id.unwrap_or_else(|| work.tx.id()),
        person: put.person,
        from: put.from,
        to: put.to,
        kind: put.kind,
        queue: put.queue,
        client: put.client,
        note: words::maybe_line("note", put.note.as_deref())?,
        series: put.series,
        version: before.as_ref().map_or(0, |before| before.version) + 1,
    };
    check_alone(work, &after)?;
    match &before {
        Some(before) => {
            swap::lapse(work, after.id)?;
            written(store::roster::update_shift(&work.tx, &after)?, before.version)?;
        }
        None => store::roster::insert_shift(&work.tx, &after)?,
    }
    sign(work, after.id)?;
    let now = work.tx.now();
    let is_cut = before.as_ref().is_some_and(|before| before.to > now) && after.to <= now;
    follow_roster(work, after.person, is_cut.then_some(after.to))?;
    if let Some(before) = before.filter(|before| before.person != after.person) {
        follow_roster(work, before.person, None)?;
    }
    Ok(after)
}

/// Notes whose hand it was, so that others learn who changed what they saw.
fn sign(work: &Work<'_>, id: ShiftId) -> Result<(), DeskError> {
    let by = match work.cause.actor {
        Actor::Person { person } => Some(person),
        _ => None,
    };
    Ok(store::roster::sign_shift(&work.tx, id, by)?)
}

/// The shift, when the actor may keep it and saw it as it stands. One that the actor may not read does not exist.
fn shift_to_keep(work: &mut Work<'_>, id: ShiftId, version: Option<i64>) -> Result<Shift, DeskError> {
    let missing = || Refusal::not_found("shift", id);
    let shift = store::roster::shift(&work.tx, id)?.ok_or_else(missing)?;
    let is_own = work.cause.actor == Actor::Person { person: shift.person };
    if !is_own && !work.sees_internals_of(shift.client)? {
        return Err(missing().into());
    }
    work.require_for(Step::KeepRoster, shift.client)?;
    seen(version, shift.version)?;
    Ok(shift)
}

/// Everything that a shift must be: kept by who may, of somebody who works, of a sane length, for a queue that the
/// person is in, beside no other shift of theirs than `ignored`.
fn check_shift(work: &mut Work<'_>, shift: &Shift, ignored: &[ShiftId]) -> Result<(), DeskError> {
    check_alone(work, shift)?;
    check_neighbours(work, shift, ignored)
}

/// Makes a new shift, when it can be, and sets the clock to it.
pub(super) fn add_shift(work: &mut Work<'_>, shift: &Shift) -> Result<(), DeskError> {
    check_shift(work, shift, &[])?;
    store::roster::insert_shift(&work.tx, shift)?;
    follow_roster(work, shift.person, None)?;
    sign(work, shift.id)
}

fn check_alone(work: &mut Work<'_>, shift: &Shift) -> Result<(), DeskError> {
    work.require_for(Step::KeepRoster, shift.client)?;
    check_fits(work, shift)
}

/// Of somebody who works, of a sane length, for a client and a queue that the person works for; whoever wants it.
pub(super) fn check_fits(work: &mut Work<'_>, shift: &Shift) -> Result<(), DeskError> {
    worker(work, shift.person)?;
    let wrong = |(field, message): (&str, String)| Refusal::invalid(field, message);
    shift.kind.check(shift.from, shift.to).map_err(wrong)?;
    let access = work.programs.people.access(&work.tx, shift.person)?;
    if let Some(client) = shift.client {
        store::client::get(&work.tx, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
        // Else the keeper of one client's roster could fill the days of another client's people.
        if !access.as_ref().is_some_and(|access| access.works_for(client)) {
            return Err(Refusal::not_found("person who works for the client", shift.person).into());
        }
    }
    if let Some(queue) = &shift.queue {
        let is_of = |client: Option<ClientId>| match (client, shift.client) {
            (Some(own), Some(wanted)) => own == wanted,
            _ => true,
        };
        let own = access.iter().flat_map(|access| &access.memberships);
        let known: Vec<&str> = own.filter(|own| is_of(own.client)).map(|own| own.queue.as_str()).collect();
        if !known.contains(&queue.as_str()) {
            return Err(Refusal::unknown_key("queue", "queue of this person", queue, known).into());
        }
    }
    Ok(())
}

/// Those that stand lie apart, so that only the first that ends later can begin before this one is over.
pub(super) fn check_neighbours(
    work: &mut Work<'_>,
    shift: &Shift,
    ignored: &[ShiftId],
) -> Result<(), DeskError> {
    let later = store::roster::shifts_after(&work.tx, shift.person, shift.from, ignored.len() + 1)?;
    match later.iter().find(|other| !ignored.contains(&other.id)) {
        Some(other) if other.from < shift.to => Err(overlap(work, shift.person, other)?.into()),
        _ => Ok(()),
    }
}

/// The refusal of a shift for one that the person has. When that is, only who may read it is told.
pub(super) fn overlap(work: &mut Work<'_>, person: PersonId, other: &Shift) -> Result<Refusal, DeskError> {
    let name = worker(work, person)?.name.clone();
    let is_own = work.cause.actor == Actor::Person { person };
    let is_read = is_own || work.sees_internals_of(other.client)?;
    Ok(Refusal::ShiftOverlaps { name, hours: is_read.then_some((other.from, other.to)) })
}

/// The person, when one whom the actor may know and who can have a roster.
pub(super) fn worker(work: &mut Work<'_>, id: PersonId) -> Result<Rc<Person>, DeskError> {
    let person = work.person(id)?;
    if matches!(person.affiliation, Affiliation::Contact { .. }) {
        let message = "is a client's person: staff and partners' people have rosters";
        return Err(Refusal::invalid("person", message).into());
    }
    if !person.is_active {
        return Err(Refusal::invalid("person", format!("{} is not active", person.name)).into());
    }
    Ok(person)
}

pub(super) fn remove_shift(work: &mut Work<'_>, id: ShiftId, version: i64) -> Result<Done, DeskError> {
    let before = take_shift_away(work, id, version)?;
    work.note_change(before.client, "roster");
    Ok(made(id.0, version))
}

pub(super) fn take_shift_away(work: &mut Work<'_>, id: ShiftId, version: i64) -> Result<Shift, DeskError> {
    let before = shift_to_keep(work, id, Some(version))?;
    swap::lapse(work, id)?;
    written(store::roster::remove_shift(&work.tx, id, version)?, version)?;
    follow_roster(work, before.person, None)?;
    Ok(before)
}

pub(super) fn swap_shifts(work: &mut Work<'_>, swap: &SwapShifts) -> Result<Done, DeskError> {
    let one = shift_to_keep(work, swap.one, Some(swap.one_version))?;
    let other = shift_to_keep(work, swap.other, Some(swap.other_version))?;
    if one.person == other.person {
        return Err(Refusal::invalid("other", "is a shift of the same person; name one of another").into());
    }
    let given = |shift: &Shift, person| Shift { person, version: shift.version + 1, ..shift.clone() };
    let after = [given(&one, other.person), given(&other, one.person)];
    for shift in &after {
        check_shift(work, shift, &[one.id, other.id])?;
    }
    change_hands(work, &after, [one.person, other.person])?;
    Ok(made(one.id.0, one.version + 1))
}

/// Writes shifts that were checked and go from one of two people to the other.
pub(super) fn change_hands(
    work: &mut Work<'_>,
    after: &[Shift],
    people: [PersonId; 2],
) -> Result<(), DeskError> {
    for shift in after {
        swap::lapse(work, shift.id)?;
        written(store::roster::update_shift(&work.tx, shift)?, shift.version - 1)?;
        sign(work, shift.id)?;
        work.note_change(shift.client, "roster");
    }
    for person in people {
        follow_roster(work, person, None)?;
    }
    Ok(())
}

pub(super) fn put_absence(work: &mut Work<'_>, put: PutAbsence) -> Result<Done, DeskError> {
    let after = write_absence(work, put)?;
    work.note_change(None, "roster");
    Ok(made(after.id.0, after.version))
}

pub(super) fn write_absence(work: &mut Work<'_>, put: PutAbsence) -> Result<Absence, DeskError> {
    // It takes the person from every client, so that the whole desk's supervisor keeps it.
    work.require_for(Step::KeepRoster, None)?;
    let before = match put.id {
        Some(id) => Some(absence(work, id)?),
        None => None,
    };
    if let Some(before) = &before {
        seen(put.version, before.version)?;
    }
    let after = Absence {
        id: put.id.unwrap_or_else(|| work.tx.id()),
        person: put.person,
        from: put.from,
        to: put.to,
        kind: put.kind,
        version: before.as_ref().map_or(0, |before| before.version) + 1,
    };
    check_absence(work, &after)?;
    match before {
        Some(before) => written(store::roster::update_absence(&work.tx, &after)?, before.version)?,
        None => store::roster::insert_absence(&work.tx, &after)?,
    }
    Ok(after)
}

/// Kept by who may, of somebody who works, of a sane length.
pub(super) fn check_absence(work: &mut Work<'_>, absence: &Absence) -> Result<(), DeskError> {
    work.require_for(Step::KeepRoster, None)?;
    worker(work, absence.person)?;
    let Absence { from, to, .. } = *absence;
    if to <= from {
        return Err(Refusal::invalid("to", format!("must come after `from`, which is {from}")).into());
    }
    if to - from > Span::days(ABSENCE_DAYS_MAX) {
        let message = format!("an absence lasts at most {ABSENCE_DAYS_MAX} days");
        return Err(Refusal::invalid("to", message).into());
    }
    Ok(())
}

fn absence(work: &Work<'_>, id: AbsenceId) -> Result<Absence, DeskError> {
    store::roster::absence(&work.tx, id)?.ok_or_else(|| Refusal::not_found("absence", id).into())
}

pub(super) fn remove_absence(work: &mut Work<'_>, id: AbsenceId, version: i64) -> Result<Done, DeskError> {
    take_absence_away(work, id, version)?;
    work.note_change(None, "roster");
    Ok(made(id.0, version))
}

pub(super) fn take_absence_away(work: &mut Work<'_>, id: AbsenceId, version: i64) -> Result<(), DeskError> {
    work.require_for(Step::KeepRoster, None)?;
    let before = absence(work, id)?;
    seen(Some(version), before.version)?;
    Ok(written(store::roster::remove_absence(&work.tx, id, version)?, version)?)
}
