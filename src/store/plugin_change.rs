//! What became of each installation of a plugin, and the updates that wait for a word.

use std::collections::BTreeSet;

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Db, StoreError, Tx, from_json, id, json, moment, statements};
use crate::domain::person::Actor;
use crate::domain::{InstallationId, Moment, PluginChangeId};

statements! {
    INSERT = "insert into plugin_change (id, installation, version, kind, package_sha256, configuration, grants,
        secret_names, actor, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    OF_INSTALLATION = "select id, installation, version, kind, package_sha256, configuration, grants, secret_names, actor,
        at from plugin_change where installation = ?1 order by id desc limit ?2";
    GET = "select id, installation, version, kind, package_sha256, configuration, grants, secret_names, actor, at
        from plugin_change where id = ?1";
    RAN = "select 1 from plugin_change where installation = ?1 and package_sha256 = ?2
        and kind in ('installed', 'changed', 'updated', 'update_approved', 'rolled_back') limit 1";
    PUT_UPDATE = "insert into plugin_update (installation, package_sha256, actor, asked_at) values (?1, ?2, ?3, ?4)
        on conflict (installation) do update set package_sha256 = ?2, actor = ?3, asked_at = ?4";
    UPDATE_OF = "select installation, package_sha256, actor, asked_at from plugin_update where installation = ?1";
    REMOVE_UPDATE = "delete from plugin_update where installation = ?1";
}

/// An installation as it was after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginChange {
    pub id: PluginChangeId,
    pub installation: InstallationId,
    /// Of the installation.
    pub version: i64,
    /// What happened: a word such as `updated`.
    pub kind: String,
    pub package_sha256: String,
    pub configuration: Value,
    pub grants: Value,
    pub secret_names: BTreeSet<String>,
    pub actor: Actor,
    pub at: Moment,
}

/// An update that asks for more.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginUpdate {
    pub installation: InstallationId,
    pub package_sha256: String,
    pub actor: Actor,
    pub asked_at: Moment,
}

/// Kinds of changes after which a package ran.
pub const RAN_KINDS: [&str; 5] = ["installed", "changed", "updated", "update_approved", "rolled_back"];

/// Whether the package ever ran as this installation.
pub fn ran(db: &Db, installation: InstallationId, package_sha256: &str) -> Result<bool, StoreError> {
    Ok(db.one(RAN, params![installation.0, package_sha256], |_| Ok(()))?.is_some())
}

pub fn insert(tx: &Tx, change: &PluginChange) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            change.id.0,
            change.installation.0,
            change.version,
            change.kind,
            change.package_sha256,
            json(&change.configuration)?,
            json(&change.grants)?,
            json(&change.secret_names)?,
            json(&change.actor)?,
            change.at.ms()
        ],
    )
    .map(drop)
}

/// The latest first.
pub fn of_installation(
    db: &Db,
    installation: InstallationId,
    count_max: usize,
) -> Result<Vec<PluginChange>, StoreError> {
    let limit = i64::try_from(count_max).unwrap_or(i64::MAX);
    db.all(OF_INSTALLATION, params![installation.0, limit], read)
}

pub fn get(db: &Db, change: PluginChangeId) -> Result<Option<PluginChange>, StoreError> {
    db.one(GET, [change.0], read)
}

/// One update waits at a time: the latest that was asked for.
pub fn put_update(tx: &Tx, update: &PluginUpdate) -> Result<(), StoreError> {
    let PluginUpdate { installation, package_sha256, actor, asked_at } = update;
    tx.run(PUT_UPDATE, params![installation.0, package_sha256, json(actor)?, asked_at.ms()]).map(drop)
}

pub fn update_of(db: &Db, installation: InstallationId) -> Result<Option<PluginUpdate>, StoreError> {
    db.one(UPDATE_OF, [installation.0], |row| {
        Ok(PluginUpdate {
            installation: id(row, 0)?,
            package_sha256: row.get(1)?,
            actor: from_json(row, 2)?,
            asked_at: moment(row, 3)?,
        })
    })
}

/// Whether one waited.
pub fn remove_update(tx: &Tx, installation: InstallationId) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE_UPDATE, [installation.0])? == 1)
}

fn read(row: &Row<'_>) -> rusqlite::Result<PluginChange> {
    Ok(PluginChange {
        id: id(row, 0)?,
        installation: id(row, 1)?,
        version: row.get(2)?,
        kind: row.get(3)?,
        package_sha256: row.get(4)?,
        configuration: from_json(row, 5)?,
        grants: from_json(row, 6)?,
        secret_names: from_json(row, 7)?,
        actor: from_json(row, 8)?,
        at: moment(row, 9)?,
    })
}
