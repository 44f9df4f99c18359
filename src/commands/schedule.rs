//! The client's schedules: rows of the durable clock that call `on_schedule`, which is about no single ticket.

use super::done::{DeskError, Done};
use super::scripts;
use super::work::Work;
use crate::domain::ClientId;
use crate::domain::pack::Pack;
use crate::store;
use crate::store::due::{Due, DueKind};
use crate::workflow::Occasion;

/// Sets the clock as a newly published pack says. A waking that has come and is not played yet stays.
pub(super) fn follow_publication(
    work: &mut Work<'_>,
    client: ClientId,
    pack: &Pack,
) -> Result<(), DeskError> {
    let now = work.tx.now();
    let standing = store::due::all_of_client(&work.tx, client, DueKind::Schedule)?;
    for due in &standing {
        if !pack.schedules.iter().any(|entry| entry.key == due.name) {
            store::due::remove_of_client(&work.tx, client, DueKind::Schedule, &due.name)?;
        }
    }
    for entry in &pack.schedules {
        let has_come = standing.iter().any(|due| due.name == entry.key && due.run_at <= now);
        if has_come {
            continue;
        }
        match entry.next_after(now, &pack.calendar.time_zone) {
            Some(at) => store::due::put_of_client(&work.tx, client, DueKind::Schedule, &entry.key, at)?,
            None => store::due::remove_of_client(&work.tx, client, DueKind::Schedule, &entry.key)?,
        }
    }
    work.note_change(Some(client), "due");
    Ok(())
}

/// A waking has come. Those that were missed while the desk was down are one.
pub(super) fn play(work: &mut Work<'_>, due: &Due) -> Result<Done, DeskError> {
    let client = store::client::get(&work.tx, due.client)?;
    let Some(version) = client.filter(|client| client.is_active).and_then(|client| client.pack_version)
    else {
        return Ok(Done::default());
    };
    let Some(loaded) = work.programs.pack(&work.tx, version)? else { return Ok(Done::default()) };
    let Some(entry) = loaded.pack.schedules.iter().find(|entry| entry.key == due.name) else {
        return Ok(Done::default());
    };
    if let Some(next) = entry.next_after(work.tx.now(), &loaded.pack.calendar.time_zone) {
        store::due::put_of_client(&work.tx, due.client, DueKind::Schedule, &due.name, next)?;
        work.note_change(Some(due.client), "due");
    }
    scripts::play_for_client(work, due.client, version, Occasion::Schedule { name: due.name.clone() })?;
    Ok(Done::default())
}
