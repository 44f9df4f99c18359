//! `PutHolidays`: a holiday list out of an iCalendar file, for the calendars of a client's pack.

use super::done::{DeskError, Done};
use super::pack;
use super::work::Work;
use crate::domain::calendar::{HolidayList, ICS_BYTES_MAX};
use crate::domain::permission::Step;
use crate::domain::{ClientId, Key, Refusal};
use crate::store;
use crate::store::holiday_list::StoredList;

/// Most holiday lists of a client.
const LISTS_MAX: usize = 100;

/// Keeps the list. Where the published version counts by a list of that key, the same texts are published once
/// more: new tickets go by the new list, open ones stay on theirs until they are recomputed.
pub(super) fn put(
    work: &mut Work<'_>,
    client: ClientId,
    key: Key,
    source: String,
) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, Some(client))?;
    let owner = store::client::get(&work.tx, client)?;
    let owner = owner.ok_or_else(|| Refusal::not_found("client", client))?;
    if source.len() > ICS_BYTES_MAX {
        let field = "source".to_owned();
        return Err(Refusal::TooLong { field, bytes: source.len(), bytes_max: ICS_BYTES_MAX }.into());
    }
    HolidayList::from_ics(&source).map_err(|error| Refusal::invalid("source", error.to_string()))?;
    let before = store::holiday_list::latest(&work.tx, client, &key)?;
    if let Some(same) = before.as_ref().filter(|before| before.source == source) {
        let (id, version) = (Some(same.id.to_string()), Some(same.ordinal));
        return Ok(Done { id, version, is_repeat: true, ..Done::default() });
    }
    if before.is_none() {
        let count = store::holiday_list::of_client(&work.tx, client)?.len();
        if count >= LISTS_MAX {
            let field = "key".to_owned();
            return Err(Refusal::TooMany { field, count: count + 1, count_max: LISTS_MAX }.into());
        }
    }
    let list = StoredList {
        id: work.tx.id(),
        client,
        key: key.clone(),
        ordinal: before.map_or(1, |before| before.ordinal + 1),
        source,
        author: work.cause.actor.clone(),
        imported_at: work.tx.now(),
    };
    store::holiday_list::insert(&work.tx, &list)?;
    let published = match owner.pack_version {
        Some(version) => work.programs.pack(&work.tx, version)?,
        None => None,
    };
    if published.is_some_and(|loaded| loaded.pack.holiday_keys().contains(&key)) {
        pack::publish_again(work, owner, &format!("holiday list {key}, import {}", list.ordinal))?;
    }
    work.note_change(Some(client), "holidays");
    Ok(Done { id: Some(list.id.to_string()), version: Some(list.ordinal), ..Done::default() })
}
