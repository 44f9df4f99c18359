//! Specialists of clients, models and categories, and technical managers, each for a time.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, id, maybe_moment, moment, statements};
use crate::domain::specialist::{Specialist, Speciality};
use crate::domain::{ClientId, Key, Moment, PersonId, SpecialistId, SubClientId};

statements! {
    GET = "select id, person, kind, client, sub_client, topic, valid_from, valid_to, version from specialist where id = ?1";
    OF_PERSON = "select id, person, kind, client, sub_client, topic, valid_from, valid_to, version from specialist
        where person = ?1 order by id";
    OF_CLIENT = "select id, person, kind, client, sub_client, topic, valid_from, valid_to, version from specialist
        where client = ?1 order by id";
    VALID = "select id, person, kind, client, sub_client, topic, valid_from, valid_to, version from specialist
        where person = ?1 and valid_from <= ?2 and (valid_to is null or valid_to > ?2) order by id";
    INSERT = "insert into specialist (id, person, kind, client, sub_client, topic, valid_from, valid_to, version)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    END = "update specialist set valid_to = ?2, version = version + 1 where id = ?1 and version = ?3";
}

pub fn get(db: &Db, specialist: SpecialistId) -> Result<Option<Specialist>, StoreError> {
    db.one(GET, [specialist.0], read)
}

/// Those that are over, too.
pub fn of_person(db: &Db, person: PersonId) -> Result<Vec<Specialist>, StoreError> {
    db.all(OF_PERSON, [person.0], read)
}

/// Those that are over, too; without a client, of models whosever they are.
pub fn of_client(db: &Db, client: Option<ClientId>) -> Result<Vec<Specialist>, StoreError> {
    db.all(OF_CLIENT, [client.map_or(0, |client| client.0)], read)
}

/// What the person is a specialist of at a moment.
pub fn valid(db: &Db, person: PersonId, at: Moment) -> Result<Vec<Speciality>, StoreError> {
    let found = db.all(VALID, [person.0, at.ms()], read)?;
    Ok(found.into_iter().map(|specialist| specialist.of).collect())
}

pub fn insert(tx: &Tx, specialist: &Specialist) -> Result<(), StoreError> {
    let Specialist { id, person, of, valid_from, valid_to, version } = specialist;
    let (kind, sub_client, topic) = match of {
        Speciality::Client { sub_client, .. } => ("client", *sub_client, ""),
        Speciality::TechnicalManager { sub_client, .. } => ("technical_manager", *sub_client, ""),
        Speciality::Model { model, .. } => ("model", None, model.as_str()),
        Speciality::Category { category, .. } => ("category", None, category.as_str()),
    };
    let client = of.client().map_or(0, |client| client.0);
    let sub_client = sub_client.map_or(0, |sub_client| sub_client.0);
    let (from, to) = (valid_from.ms(), valid_to.map(Moment::ms));
    tx.run(INSERT, params![id.0, person.0, kind, client, sub_client, topic, from, to, version]).map(drop)
}

pub fn end(tx: &Tx, specialist: SpecialistId, at: Moment, version: i64) -> Result<bool, StoreError> {
    Ok(tx.run(END, [specialist.0, at.ms(), version])? == 1)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Specialist> {
    let client: i64 = row.get(3)?;
    let sub_client: i64 = row.get(4)?;
    let sub_client = (sub_client != 0).then_some(SubClientId(sub_client));
    let topic: String = row.get(5)?;
    let of = match row.get_ref(2)?.as_str()? {
        "client" => Speciality::Client { client: ClientId(client), sub_client },
        "technical_manager" => Speciality::TechnicalManager { client: ClientId(client), sub_client },
        "category" => Speciality::Category { client: ClientId(client), category: category(topic)? },
        _ => Speciality::Model { client: (client != 0).then_some(ClientId(client)), model: topic },
    };
    Ok(Specialist {
        id: id(row, 0)?,
        person: id(row, 1)?,
        of,
        valid_from: moment(row, 6)?,
        valid_to: maybe_moment(row, 7)?,
        version: row.get(8)?,
    })
}

fn category(topic: String) -> rusqlite::Result<Key> {
    Key::new(&topic).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Text, error.to_string().into())
    })
}
