//! Shifts that people offer each other.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, from_word, id, json, maybe_id, maybe_moment, moment, statements};
use crate::domain::roster::{Shift, SwapOffer, SwapState};
use crate::domain::{Moment, PersonId, ShiftId, SwapOfferId};

statements! {
    GET = "select id, person, to_person, shift_then, return_then, note, state, offered_at, answered_at, decided_by,
        ended_at, version from swap_offer where id = ?1";
    OF_PERSON = "select id, person, to_person, shift_then, return_then, note, state, offered_at, answered_at, decided_by,
        ended_at, version from swap_offer where (person = ?1 or to_person = ?1)
        and (ended_at is null and begins_at >= ?2 or ended_at >= ?2) order by id desc limit ?3";
    IN_STATE = "select id, person, to_person, shift_then, return_then, note, state, offered_at, answered_at, decided_by,
        ended_at, version from swap_offer where state = ?1 and begins_at > ?2 order by id desc limit ?3";
    INSERT = "insert into swap_offer (id, person, to_person, shift, in_return, shift_then, return_then, note, state,
        begins_at, offered_at, version) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    UPDATE = "update swap_offer set state = ?2, answered_at = ?3, decided_by = ?4, ended_at = ?5, version = version + 1
        where id = ?1 and version = ?6";
    OPEN_OF_SHIFT = "select id, person, to_person, shift_then, return_then, note, state, offered_at, answered_at,
        decided_by, ended_at, version from swap_offer
        where (shift = ?1 or in_return = ?1) and state in ('offered', 'accepted') order by id";
}

pub fn get(db: &Db, offer: SwapOfferId) -> Result<Option<SwapOffer>, StoreError> {
    db.one(GET, [offer.0], read)
}

/// What a person offered or was offered, newest first: what is open, and what ended or lapsed at `since` or later.
pub fn of_person(
    db: &Db,
    person: PersonId,
    since: Moment,
    count_max: usize,
) -> Result<Vec<SwapOffer>, StoreError> {
    db.all(OF_PERSON, params![person.0, since.ms(), count_max as i64], read)
}

/// Those whose shifts begin after `now`, newest first.
pub fn in_state(
    db: &Db,
    state: SwapState,
    now: Moment,
    count_max: usize,
) -> Result<Vec<SwapOffer>, StoreError> {
    db.all(IN_STATE, params![state.as_str(), now.ms(), count_max as i64], read)
}

pub fn insert(tx: &Tx, offer: &SwapOffer) -> Result<(), StoreError> {
    let SwapOffer { id, person, to, shift, in_return, note, state, offered_at, version, .. } = offer;
    let row = params![
        id.0,
        person.0,
        to.0,
        shift.id.0,
        in_return.as_ref().map(|other| other.id.0),
        json(shift)?,
        in_return.as_ref().map(json).transpose()?,
        note,
        state.as_str(),
        offer.begins_at().ms(),
        offered_at.ms(),
        version
    ];
    tx.run(INSERT, row).map(drop)
}

/// Writes how far it is, over the version before.
pub fn update(tx: &Tx, offer: &SwapOffer) -> Result<bool, StoreError> {
    let SwapOffer { id, state, answered_at, decided_by, ended_at, version, .. } = offer;
    let row = params![
        id.0,
        state.as_str(),
        answered_at.map(Moment::ms),
        decided_by.map(|person| person.0),
        ended_at.map(Moment::ms),
        version - 1
    ];
    Ok(tx.run(UPDATE, row)? == 1)
}

/// What still waits for somebody's word of a shift, also where it has begun in the meantime.
pub fn open_of_shift(db: &Db, shift: ShiftId) -> Result<Vec<SwapOffer>, StoreError> {
    db.all(OPEN_OF_SHIFT, [shift.0], read)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SwapOffer> {
    let in_return: Option<String> = row.get(4)?;
    let in_return: Option<Shift> = in_return.map(|_| from_json(row, 4)).transpose()?;
    Ok(SwapOffer {
        id: id(row, 0)?,
        person: id(row, 1)?,
        to: id(row, 2)?,
        shift: from_json(row, 3)?,
        in_return,
        note: row.get(5)?,
        state: from_word(row, 6)?,
        offered_at: moment(row, 7)?,
        answered_at: maybe_moment(row, 8)?,
        decided_by: maybe_id(row, 9)?,
        ended_at: maybe_moment(row, 10)?,
        version: row.get(11)?,
    })
}
