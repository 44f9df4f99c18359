//! Clients and their sub-clients.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_word, id, key, maybe_id, statements, word};
use crate::domain::client::{Client, SubClient};
use crate::domain::{ClientId, PackVersionId, SubClientId};

statements! {
    GET = "select id, key, name, prefix, colour, language, pack_version, is_active, version from client where id = ?1";
    BY_KEY = "select id, key, name, prefix, colour, language, pack_version, is_active, version from client where key = ?1";
    BY_PREFIX = "select id, key, name, prefix, colour, language, pack_version, is_active, version from client where prefix = ?1";
    ALL = "select id, key, name, prefix, colour, language, pack_version, is_active, version from client order by name, id";
    INSERT = "insert into client (id, key, name, prefix, colour, language, pack_version, is_active, version, last_number)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)";
    UPDATE = "update client set key = ?2, name = ?3, prefix = ?4, colour = ?5, language = ?6, pack_version = ?7,
        is_active = ?8, version = ?9 where id = ?1 and version + 1 = ?9";
    COUNT_NUMBER = "update client set last_number = last_number + 1 where id = ?1";
    LAST_NUMBER = "select last_number from client where id = ?1";
    GET_SUB = "select id, client, key, name, support, version from sub_client where id = ?1";
    SUB_BY_KEY = "select id, client, key, name, support, version from sub_client where client = ?1 and key = ?2";
    SUBS_OF = "select id, client, key, name, support, version from sub_client where client = ?1 order by name, id";
    INSERT_SUB = "insert into sub_client (id, client, key, name, support, version) values (?1, ?2, ?3, ?4, ?5, ?6)";
    UPDATE_SUB = "update sub_client set key = ?2, name = ?3, support = ?4, version = ?5 where id = ?1 and version + 1 = ?5";
}

pub fn get(db: &Db, client: ClientId) -> Result<Option<Client>, StoreError> {
    db.one(GET, [client.0], read)
}

pub fn by_key(db: &Db, client_key: &str) -> Result<Option<Client>, StoreError> {
    db.one(BY_KEY, [client_key], read)
}

pub fn by_prefix(db: &Db, prefix: &str) -> Result<Option<Client>, StoreError> {
    db.one(BY_PREFIX, [prefix], read)
}

pub fn all(db: &Db) -> Result<Vec<Client>, StoreError> {
    db.all(ALL, [], read)
}

pub fn insert(tx: &Tx, client: &Client) -> Result<(), StoreError> {
    let pack_version = client.pack_version.map(|version| version.0);
    tx.run(
        INSERT,
        params![
            client.id.0,
            client.key.as_str(),
            client.name,
            client.prefix,
            client.colour,
            word(client.language),
            pack_version,
            client.is_active,
            client.version
        ],
    )
    .map(drop)
}

/// Writes the client back; `false` when its row was not at the version before.
pub fn update(tx: &Tx, client: &Client) -> Result<bool, StoreError> {
    let pack_version = client.pack_version.map(|version| version.0);
    let rows = tx.run(
        UPDATE,
        params![
            client.id.0,
            client.key.as_str(),
            client.name,
            client.prefix,
            client.colour,
            word(client.language),
            pack_version,
            client.is_active,
            client.version
        ],
    )?;
    Ok(rows == 1)
}

/// The number of the client's next ticket. Two statements cost less than one that also answers what it wrote.
pub fn next_number(tx: &Tx, client: ClientId) -> Result<Option<i64>, StoreError> {
    tx.run(COUNT_NUMBER, [client.0])?;
    tx.one(LAST_NUMBER, [client.0], |row| row.get(0))
}

pub fn get_sub(db: &Db, sub_client: SubClientId) -> Result<Option<SubClient>, StoreError> {
    db.one(GET_SUB, [sub_client.0], read_sub)
}

pub fn sub_by_key(db: &Db, client: ClientId, sub_key: &str) -> Result<Option<SubClient>, StoreError> {
    db.one(SUB_BY_KEY, params![client.0, sub_key], read_sub)
}

pub fn subs_of(db: &Db, client: ClientId) -> Result<Vec<SubClient>, StoreError> {
    db.all(SUBS_OF, [client.0], read_sub)
}

pub fn insert_sub(tx: &Tx, sub: &SubClient) -> Result<(), StoreError> {
    tx.run(INSERT_SUB, params![sub.id.0, sub.client.0, sub.key.as_str(), sub.name, sub.support, sub.version])
        .map(drop)
}

pub fn update_sub(tx: &Tx, sub: &SubClient) -> Result<bool, StoreError> {
    let rows = tx.run(UPDATE_SUB, params![sub.id.0, sub.key.as_str(), sub.name, sub.support, sub.version])?;
    Ok(rows == 1)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Client> {
    Ok(Client {
        id: id(row, 0)?,
        key: key(row, 1)?,
        name: row.get(2)?,
        prefix: row.get(3)?,
        colour: row.get(4)?,
        language: from_word(row, 5)?,
        pack_version: maybe_id::<PackVersionId>(row, 6)?,
        is_active: row.get(7)?,
        version: row.get(8)?,
    })
}

fn read_sub(row: &Row<'_>) -> rusqlite::Result<SubClient> {
    Ok(SubClient {
        id: id(row, 0)?,
        client: id(row, 1)?,
        key: key(row, 2)?,
        name: row.get(3)?,
        support: row.get(4)?,
        version: row.get(5)?,
    })
}
