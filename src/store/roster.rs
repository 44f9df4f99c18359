//! Shifts and absences.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_word, id, maybe_id, maybe_key, moment, statements, word};
use crate::domain::roster::{Absence, Duty, ON_CALL_DAYS_MAX, OwnRoster, ROSTERED_DAYS, Shift, ShiftKind};
use crate::domain::{AbsenceId, ClientId, Key, Moment, PersonId, ShiftId, Span};

/// The end of the UID under which a shift or an absence of ours is given out as an event.
pub const OWN_UID_END: &str = "@naryad";

statements! {
    SHIFT = "select id, person, from_at, to_at, kind, rate_percent, queue, client, note, series, version from shift
        where id = ?1";
    SHIFTS = "select id, person, from_at, to_at, kind, rate_percent, queue, client, note, series, version from shift
        where to_at > ?1 and from_at < ?2 order by from_at, id limit ?3";
    SHIFTS_OF = "select id, person, from_at, to_at, kind, rate_percent, queue, client, note, series, version from shift
        where person = ?1 and to_at > ?2 and to_at < ?5 and from_at < ?3 order by to_at, id limit ?4";
    SHIFTS_AFTER = "select id, person, from_at, to_at, kind, rate_percent, queue, client, note, series, version from shift
        where person = ?1 and to_at > ?2 order by to_at, id limit ?3";
    NEXT_SHIFT = "select id, person, from_at, to_at, kind, rate_percent, queue, client, note, series, version
        from shift where person = ?1 and to_at > ?2 and (client is null or client = ?3)
        and (?4 = '' or queue is null or queue = ?4) order by to_at, id limit 1";
    IS_ROSTERED = "select 1 from shift where person = ?1 and to_at > ?2 and (client is null or client = ?3) limit 1";
    NEXT_END = "select min(to_at) from shift where person = ?1 and to_at > ?2";
    PEOPLE = "select distinct person from shift order by person";
    ANY_SHIFT = "select 1 from shift limit 1";
    ANY_ABSENCE = "select 1 from absence limit 1";
    INSERT_SHIFT = "insert into shift (id, person, from_at, to_at, kind, rate_percent, queue, client, note, series,
        version) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    UPDATE_SHIFT = "update shift set person = ?2, from_at = ?3, to_at = ?4, kind = ?5, rate_percent = ?6, queue = ?7,
        client = ?8, note = ?9, series = ?10, version = ?11 where id = ?1 and version + 1 = ?11";
    SIGN_SHIFT = "update shift set changed_by = ?2, changed_at = ?3 where id = ?1";
    SIGNED = "select id, changed_by, changed_at from shift where to_at > ?1 and from_at < ?2
        and changed_at is not null order by from_at, id limit ?3";
    REMOVE_SHIFT = "delete from shift where id = ?1 and version = ?2";
    ABSENCE = "select id, person, from_at, to_at, kind, version from absence where id = ?1";
    ABSENCES = "select id, person, from_at, to_at, kind, version from absence
        where to_at > ?1 and from_at < ?2 order by from_at, id limit ?3";
    ABSENCES_OF = "select id, person, from_at, to_at, kind, version from absence
        where person = ?1 and to_at > ?2 and from_at <= ?2 order by to_at, id";
    AWAY_IN = "select id, person, from_at, to_at, kind, version from absence
        where person = ?1 and to_at > ?2 and from_at < ?3 order by to_at, id limit 1";
    INSERT_ABSENCE = "insert into absence (id, person, from_at, to_at, kind, version)
        values (?1, ?2, ?3, ?4, ?5, ?6)";
    UPDATE_ABSENCE = "update absence set person = ?2, from_at = ?3, to_at = ?4, kind = ?5, version = ?6
        where id = ?1 and version + 1 = ?6";
    FROM_EVENT = "select entry from roster_source where uid = ?1 and client = ?2 order by entry";
    FORGET_EVENT = "delete from roster_source where uid = ?1 and client = ?2";
    NOTE_EVENT = "insert into roster_source (uid, client, entry) values (?1, ?2, ?3)";
    REMOVE_ABSENCE = "delete from absence where id = ?1 and version = ?2";
}

pub fn shift(db: &Db, shift: ShiftId) -> Result<Option<Shift>, StoreError> {
    db.one(SHIFT, [shift.0], read_shift)
}

/// Everybody who has a shift.
pub fn people_with_shifts(db: &Db) -> Result<Vec<PersonId>, StoreError> {
    db.all(PEOPLE, [], |row| id(row, 0))
}

/// Shifts that touch the period, by beginning; at most `count_max`.
pub fn shifts(db: &Db, from: Moment, to: Moment, count_max: usize) -> Result<Vec<Shift>, StoreError> {
    db.all(SHIFTS, params![from.ms(), to.ms(), count_max as i64], read_shift)
}

/// A person's shifts that touch the period, in order; at most `count_max`.
pub fn shifts_of(
    db: &Db,
    person: PersonId,
    from: Moment,
    to: Moment,
    count_max: usize,
) -> Result<Vec<Shift>, StoreError> {
    // No shift is longer, so that those far ahead are not walked through.
    let ended_by = to + Span::days(ON_CALL_DAYS_MAX + 1);
    db.all(SHIFTS_OF, params![person.0, from.ms(), to.ms(), count_max as i64, ended_by.ms()], read_shift)
}

/// A person's shifts that end after a moment, in order; at most `count_max`.
pub fn shifts_after(
    db: &Db,
    person: PersonId,
    at: Moment,
    count_max: usize,
) -> Result<Vec<Shift>, StoreError> {
    db.all(SHIFTS_AFTER, params![person.0, at.ms(), count_max as i64], read_shift)
}

/// What the roster says of one person at a moment: of the shifts ahead, the first that counts.
pub fn of_person(db: &Db, person: PersonId, duty: Duty<'_>, at: Moment) -> Result<OwnRoster, StoreError> {
    let (client, queue) = (duty.client.0, duty.queue.map_or("", Key::as_str));
    let shifts = db.all(NEXT_SHIFT, params![person.0, at.ms(), client, queue], read_shift)?;
    let since = (at + Span::days(-ROSTERED_DAYS)).ms();
    let is_rostered =
        !shifts.is_empty() || db.one(IS_ROSTERED, [person.0, since, client], |_| Ok(()))?.is_some();
    let absences = db.all(ABSENCES_OF, [person.0, at.ms()], read_absence)?;
    Ok(OwnRoster { is_rostered, shifts, absences })
}

/// When the person's next shift ends after `now`.
pub fn next_end(db: &Db, person: PersonId, now: Moment) -> Result<Option<Moment>, StoreError> {
    let found = db.one(NEXT_END, [person.0, now.ms()], |row| row.get::<_, Option<i64>>(0))?;
    Ok(found.flatten().map(Moment::from_ms))
}

/// Whether nobody has a shift or an absence, so that the duty switch alone says who is there.
pub fn is_empty(db: &Db) -> Result<bool, StoreError> {
    Ok(db.one(ANY_SHIFT, [], |_| Ok(()))?.is_none() && db.one(ANY_ABSENCE, [], |_| Ok(()))?.is_none())
}

pub fn insert_shift(tx: &Tx, shift: &Shift) -> Result<(), StoreError> {
    write_shift(tx, INSERT_SHIFT, shift).map(drop)
}

pub fn update_shift(tx: &Tx, shift: &Shift) -> Result<bool, StoreError> {
    Ok(write_shift(tx, UPDATE_SHIFT, shift)? == 1)
}

/// Who wrote it last, and when; nobody: a script or the command line.
pub fn sign_shift(tx: &Tx, shift: ShiftId, by: Option<PersonId>) -> Result<(), StoreError> {
    tx.run(SIGN_SHIFT, params![shift.0, by.map(|id| id.0), tx.now().ms()]).map(drop)
}

/// Who wrote the shifts that touch the period, and when.
pub fn signed(
    db: &Db,
    from: Moment,
    to: Moment,
    count_max: usize,
) -> Result<BTreeMap<ShiftId, (Option<PersonId>, Moment)>, StoreError> {
    let read = |row: &Row<'_>| Ok((id(row, 0)?, (maybe_id(row, 1)?, moment(row, 2)?)));
    Ok(db.all(SIGNED, params![from.ms(), to.ms(), count_max as i64], read)?.into_iter().collect())
}

fn write_shift(tx: &Tx, sql: &str, shift: &Shift) -> Result<usize, StoreError> {
    let rate_percent = match shift.kind {
        ShiftKind::Extra { rate_percent } => Some(rate_percent),
        ShiftKind::Regular | ShiftKind::OnCall => None,
    };
    tx.run(
        sql,
        params![
            shift.id.0,
            shift.person.0,
            shift.from.ms(),
            shift.to.ms(),
            shift.kind.as_str(),
            rate_percent,
            shift.queue.as_deref(),
            shift.client.map(|id| id.0),
            shift.note,
            shift.series.map(|id| id.0),
            shift.version
        ],
    )
}

pub fn remove_shift(tx: &Tx, shift: ShiftId, version: i64) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE_SHIFT, [shift.0, version])? == 1)
}

pub fn absence(db: &Db, absence: AbsenceId) -> Result<Option<Absence>, StoreError> {
    db.one(ABSENCE, [absence.0], read_absence)
}

/// Absences that touch the period, by beginning; at most `count_max`.
pub fn absences(db: &Db, from: Moment, to: Moment, count_max: usize) -> Result<Vec<Absence>, StoreError> {
    db.all(ABSENCES, params![from.ms(), to.ms(), count_max as i64], read_absence)
}

/// The first absence of a person that touches the period.
pub fn away_in(db: &Db, person: PersonId, from: Moment, to: Moment) -> Result<Option<Absence>, StoreError> {
    db.one(AWAY_IN, params![person.0, from.ms(), to.ms()], read_absence)
}

pub fn insert_absence(tx: &Tx, absence: &Absence) -> Result<(), StoreError> {
    write_absence(tx, INSERT_ABSENCE, absence).map(drop)
}

pub fn update_absence(tx: &Tx, absence: &Absence) -> Result<bool, StoreError> {
    Ok(write_absence(tx, UPDATE_ABSENCE, absence)? == 1)
}

fn write_absence(tx: &Tx, sql: &str, absence: &Absence) -> Result<usize, StoreError> {
    let Absence { id, person, from, to, kind, version } = absence;
    tx.run(sql, params![id.0, person.0, from.ms(), to.ms(), word(kind), version])
}

pub fn remove_absence(tx: &Tx, absence: AbsenceId, version: i64) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE_ABSENCE, [absence.0, version])? == 1)
}

/// Ids of the shifts and absences that came from an event of an iCalendar file.
pub fn of_event(db: &Db, uid: &str, client: Option<ClientId>) -> Result<Vec<i64>, StoreError> {
    db.all(FROM_EVENT, params![uid, client.map_or(0, |client| client.0)], |row| row.get(0))
}

/// Notes what comes from an event now, and nothing else.
pub fn note_event(tx: &Tx, uid: &str, client: Option<ClientId>, entries: &[i64]) -> Result<(), StoreError> {
    let client = client.map_or(0, |client| client.0);
    tx.run(FORGET_EVENT, params![uid, client])?;
    for entry in entries {
        tx.run(NOTE_EVENT, params![uid, client, entry])?;
    }
    Ok(())
}

fn read_shift(row: &Row<'_>) -> rusqlite::Result<Shift> {
    let kind = ShiftKind::read(row.get_ref(4)?.as_str()?, row.get(5)?).map_err(|why| {
        rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, why.into())
    })?;
    Ok(Shift {
        id: id(row, 0)?,
        person: id(row, 1)?,
        from: moment(row, 2)?,
        to: moment(row, 3)?,
        kind,
        queue: maybe_key(row, 6)?,
        client: maybe_id(row, 7)?,
        note: row.get(8)?,
        series: maybe_id(row, 9)?,
        version: row.get(10)?,
    })
}

fn read_absence(row: &Row<'_>) -> rusqlite::Result<Absence> {
    Ok(Absence {
        id: id(row, 0)?,
        person: id(row, 1)?,
        from: moment(row, 2)?,
        to: moment(row, 3)?,
        kind: from_word(row, 4)?,
        version: row.get(5)?,
    })
}
