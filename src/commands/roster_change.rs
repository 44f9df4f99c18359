//! `ChangeRoster`: many shifts and absences made, changed and removed at once, all of it or none.

use std::collections::{BTreeMap, BTreeSet};

use super::client::made;
use super::done::{DeskError, Done};
use super::roster::{overlap, take_absence_away, take_shift_away, write_absence, write_shift};
use super::roster_plan::Problems;
use super::work::Work;
use crate::domain::command::{ChangeRoster, PutShift};
use crate::domain::roster::{Shift, overlapping};
use crate::domain::{Moment, PersonId, Refusal, SeriesId, ShiftId, Span};
use crate::store;

/// Most shifts and absences that one command touches.
const CHANGES_MAX: usize = 5_000;
/// Shifts of one person that lie so far apart are looked up in two steps.
const APART: Span = Span::days(1);
/// Most shifts of one person that are looked up in one step.
const BESIDE_MAX: usize = 20_000;

pub(super) fn change(work: &mut Work<'_>, change: ChangeRoster) -> Result<Done, DeskError> {
    let ChangeRoster { remove_shifts, remove_absences, put_shifts, put_absences } = change;
    let count = remove_shifts.len() + remove_absences.len() + put_shifts.len() + put_absences.len();
    if count == 0 {
        return Err(Refusal::invalid("put_shifts", "name at least one shift or absence").into());
    }
    if count > CHANGES_MAX {
        let field = "the change".to_owned();
        return Err(Refusal::TooMany { field, count, count_max: CHANGES_MAX }.into());
    }
    let mut conflicts = Problems::default();
    let mut clients = BTreeSet::new();
    for (index, seen) in remove_shifts.into_iter().enumerate() {
        let gone = conflicts
            .note(|| format!("remove_shifts[{index}]"), take_shift_away(work, seen.id, seen.version))?;
        clients.extend(gone.map(|shift| shift.client));
    }
    for (index, seen) in remove_absences.into_iter().enumerate() {
        let gone = conflicts
            .note(|| format!("remove_absences[{index}]"), take_absence_away(work, seen.id, seen.version))?;
        clients.extend(gone.map(|()| None));
    }
    for (index, put) in put_absences.into_iter().enumerate() {
        let after = conflicts.note(|| format!("put_absences[{index}]"), write_absence(work, put))?;
        clients.extend(after.map(|_| None));
    }
    let series: SeriesId = work.tx.id();
    let mut written = Vec::new();
    for (index, put) in put_shifts.into_iter().enumerate() {
        let own = put.series.or(put.id.is_none().then_some(series));
        let after = write_shift(work, PutShift { series: own, ..put });
        written.extend(conflicts.note(|| format!("put_shifts[{index}]"), after)?.map(|shift| (index, shift)));
    }
    // Now that all stand where they will: each beside the others.
    let overlaps = overlaps(work, &written)?;
    for (index, shift) in &written {
        if let Some(other) = overlaps.get(&shift.id) {
            let refusal = overlap(work, shift.person, other)?;
            conflicts.note::<()>(|| format!("put_shifts[{index}]"), Err(refusal.into()))?;
        }
        clients.insert(shift.client);
    }
    conflicts.refuse(|count, problems| Refusal::RosterConflicts { count, problems })?;
    for client in clients {
        work.note_change(client, "roster");
    }
    Ok(made(series.0, 1))
}

/// Of the shifts that were written, those that overlap another of their person, with the other: a sweep over each
/// stretch of a person's days that the change touches, so that the work grows as the change does.
fn overlaps(work: &Work<'_>, written: &[(usize, Shift)]) -> Result<BTreeMap<ShiftId, Shift>, DeskError> {
    let mut stretches: BTreeMap<PersonId, Vec<(Moment, Moment)>> = BTreeMap::new();
    let mut by_start: Vec<&Shift> = written.iter().map(|(_, shift)| shift).collect();
    by_start.sort_by_key(|shift| shift.from);
    for shift in by_start {
        let own = stretches.entry(shift.person).or_default();
        match own.last_mut() {
            Some((_, to)) if shift.from <= *to + APART => *to = shift.to.max(*to),
            _ => own.push((shift.from, shift.to)),
        }
    }
    let mut found = BTreeMap::new();
    for (person, own) in stretches {
        for (from, to) in own {
            let beside = store::roster::shifts_of(&work.tx, person, from, to, BESIDE_MAX + 1)?;
            if beside.len() > BESIDE_MAX {
                let field = "shifts of one person beside the change".to_owned();
                return Err(Refusal::TooMany { field, count: beside.len(), count_max: BESIDE_MAX }.into());
            }
            found.extend(overlapping(beside));
        }
    }
    Ok(found)
}
