//! Plugin packages and what is installed of them for each client.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Db, StoreError, Tx, from_json, id, json, key, moment, statements};
use crate::domain::{ClientId, InstallationId, Key, Label, Moment};

statements! {
    PUT_PACKAGE = "insert into plugin_package (sha256, plugin, version, publisher, title, manifest, signature_state,
        bytes, stored_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) on conflict (sha256) do nothing";
    GET_PACKAGE = "select sha256, plugin, version, publisher, title, manifest, signature_state, bytes, stored_at
        from plugin_package where sha256 = ?1";
    PACKAGES = "select sha256, plugin, version, publisher, title, manifest, signature_state, bytes, stored_at
        from plugin_package order by plugin, stored_at desc";
    GET = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation where id = ?1";
    OF_CLIENT = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation where client = ?1 and plugin = ?2";
    ALL_OF_CLIENT = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation where client = ?1 order by plugin";
    ALL = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation order by plugin, client";
    PUT = "insert into plugin_installation (id, client, plugin, package_sha256, configuration, grants, secrets,
        is_enabled, version) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        on conflict (client, plugin) do update set package_sha256 = ?4, configuration = ?5, grants = ?6, secrets = ?7,
        is_enabled = ?8, version = ?9";
}

#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    pub sha256: String,
    pub plugin: Key,
    pub version: String,
    pub publisher: String,
    pub title: Label,
    pub manifest: Value,
    /// As the plugin host writes it: who signed it, if anybody.
    pub signature_state: String,
    pub bytes: i64,
    pub stored_at: Moment,
}

impl Package {
    /// The functions that its manifest declares.
    #[must_use]
    pub fn functions(&self) -> BTreeSet<Key> {
        let declared = self.manifest["function"].as_array().into_iter().flatten();
        declared.filter_map(|function| Key::new(function["name"].as_str()?).ok()).collect()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Installation {
    pub id: InstallationId,
    pub client: ClientId,
    pub plugin: Key,
    pub package_sha256: String,
    pub configuration: Value,
    /// What was granted for this client.
    pub grants: Value,
    /// Sealed, by name.
    pub secrets: BTreeMap<String, String>,
    pub is_enabled: bool,
    pub version: i64,
}

pub fn put_package(tx: &Tx, package: &Package) -> Result<(), StoreError> {
    tx.run(
        PUT_PACKAGE,
        params![
            package.sha256,
            package.plugin.as_str(),
            package.version,
            package.publisher,
            json(&package.title)?,
            json(&package.manifest)?,
            package.signature_state,
            package.bytes,
            package.stored_at.ms()
        ],
    )
    .map(drop)
}

pub fn package(db: &Db, sha256: &str) -> Result<Option<Package>, StoreError> {
    db.one(GET_PACKAGE, [sha256], read_package)
}

pub fn packages(db: &Db) -> Result<Vec<Package>, StoreError> {
    db.all(PACKAGES, [], read_package)
}

pub fn get(db: &Db, installation: InstallationId) -> Result<Option<Installation>, StoreError> {
    db.one(GET, [installation.0], read)
}

pub fn of_client(db: &Db, client: ClientId, plugin: &str) -> Result<Option<Installation>, StoreError> {
    db.one(OF_CLIENT, params![client.0, plugin], read)
}

pub fn all_of_client(db: &Db, client: ClientId) -> Result<Vec<Installation>, StoreError> {
    db.all(ALL_OF_CLIENT, [client.0], read)
}

pub fn all(db: &Db) -> Result<Vec<Installation>, StoreError> {
    db.all(ALL, [], read)
}

/// Writes the installation of (client, plugin), new or changed.
pub fn put(tx: &Tx, installation: &Installation) -> Result<(), StoreError> {
    tx.run(
        PUT,
        params![
            installation.id.0,
            installation.client.0,
            installation.plugin.as_str(),
            installation.package_sha256,
            json(&installation.configuration)?,
            json(&installation.grants)?,
            json(&installation.secrets)?,
            installation.is_enabled,
            installation.version
        ],
    )
    .map(drop)
}

fn read_package(row: &Row<'_>) -> rusqlite::Result<Package> {
    Ok(Package {
        sha256: row.get(0)?,
        plugin: key(row, 1)?,
        version: row.get(2)?,
        publisher: row.get(3)?,
        title: from_json(row, 4)?,
        manifest: from_json(row, 5)?,
        signature_state: row.get(6)?,
        bytes: row.get(7)?,
        stored_at: moment(row, 8)?,
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Installation> {
    Ok(Installation {
        id: id(row, 0)?,
        client: id(row, 1)?,
        plugin: key(row, 2)?,
        package_sha256: row.get(3)?,
        configuration: from_json(row, 4)?,
        grants: from_json(row, 5)?,
        secrets: from_json(row, 6)?,
        is_enabled: row.get(7)?,
        version: row.get(8)?,
    })
}
