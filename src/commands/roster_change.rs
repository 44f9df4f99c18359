//! `ChangeRoster`: many shifts and absences made, changed and removed at once, all of it or none.

use std::collections::BTreeSet;

use super::client::made;
use super::done::{DeskError, Done};
use super::roster::{check_neighbours, take_absence_away, take_shift_away, write_absence, write_shift};
use super::roster_plan::Problems;
use super::work::Work;
use crate::domain::command::{ChangeRoster, PutShift};
use crate::domain::{Refusal, SeriesId};

/// Most shifts and absences that one command touches.
const CHANGES_MAX: usize = 5_000;

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
    for (index, shift) in &written {
        conflicts.note(|| format!("put_shifts[{index}]"), check_neighbours(work, shift, &[shift.id]))?;
        clients.insert(shift.client);
    }
    conflicts.refuse(|count, problems| Refusal::RosterConflicts { count, problems })?;
    for client in clients {
        work.note_change(client, "roster");
    }
    Ok(made(series.0, 1))
}
