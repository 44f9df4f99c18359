//! Plugin packages and what is installed of them for each client.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Db, StoreError, Tx, from_json, id, json, key, maybe_json, moment, statements};
use crate::domain::command::PackageSignature;
use crate::domain::{ClientId, InstallationId, Key, Label, Moment};

statements! {
    PUT_PACKAGE = "insert into plugin_package (sha256, plugin, version, publisher, title, manifest, signature_state,
        bytes, stored_at, signed) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) on conflict (sha256) do nothing";
    JUDGE_PACKAGE = "update plugin_package set signature_state = ?2 where sha256 = ?1";
    SIGN_PACKAGE = "update plugin_package set signature_state = ?2, signed = ?3 where sha256 = ?1";
    FORGET_PACKAGE = "delete from plugin_package where sha256 = ?1
        and not exists (select 1 from plugin_change where plugin_change.package_sha256 = ?1)
        and not exists (select 1 from plugin_update where plugin_update.package_sha256 = ?1)
        and not exists (select 1 from plugin_installation where plugin_installation.package_sha256 = ?1)";
    GET_PACKAGE = "select sha256, plugin, version, publisher, title, manifest, signature_state, bytes, stored_at, signed
        from plugin_package where sha256 = ?1";
    PACKAGES = "select sha256, plugin, version, publisher, title, manifest, signature_state, bytes, stored_at, signed
        from plugin_package order by plugin, stored_at desc";
    GET = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation where id = ?1";
    OF_CLIENT = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation where client = ?1 and plugin = ?2 and removed_at is null";
    FORMER = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation where client = ?1 and plugin = ?2";
    ALL_OF_CLIENT = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation where client = ?1 and removed_at is null order by plugin";
    STANDS = "select 1 from plugin_installation where id = ?1 and removed_at is null";
    ALL = "select id, client, plugin, package_sha256, configuration, grants, secrets, is_enabled, version
        from plugin_installation where removed_at is null order by plugin, client";
    PUT = "insert into plugin_installation (id, client, plugin, package_sha256, configuration, grants, secrets,
        is_enabled, version) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        on conflict (client, plugin) do update set package_sha256 = ?4, configuration = ?5, grants = ?6, secrets = ?7,
        is_enabled = ?8, version = ?9, removed_at = null";
    REMOVE = "update plugin_installation set configuration = '{}', grants = '{}', secrets = '{}', is_enabled = 0,
        version = version + 1, removed_at = ?2 where id = ?1";
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
    pub signed: Option<PackageSignature>,
}

impl Package {
    /// The functions that its manifest declares.
    #[must_use]
    pub fn functions(&self) -> BTreeSet<Key> {
        self.declared("function")
    }

    /// The secrets that its manifest declares.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<Key> {
        self.declared("secret")
    }

    fn declared(&self, table: &str) -> BTreeSet<Key> {
        let rows = self.manifest[table].as_array().into_iter().flatten();
        rows.filter_map(|row| Key::new(row["name"].as_str()?).ok()).collect()
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
            package.stored_at.ms(),
            package.signed.as_ref().map(json).transpose()?
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

/// What its signature is worth now, when the trusted keys have changed.
pub fn judge_package(tx: &Tx, sha256: &str, signature_state: &str) -> Result<(), StoreError> {
    tx.run(JUDGE_PACKAGE, params![sha256, signature_state]).map(drop)
}

/// A signature that came later than the package, or another one.
pub fn sign_package(tx: &Tx, package: &Package) -> Result<(), StoreError> {
    let signed = package.signed.as_ref().map(json).transpose()?;
    tx.run(SIGN_PACKAGE, params![package.sha256, package.signature_state, signed]).map(drop)
}

/// Whether it went: a package that was installed stays.
pub fn forget_package(tx: &Tx, sha256: &str) -> Result<bool, StoreError> {
    Ok(tx.run(FORGET_PACKAGE, [sha256])? == 1)
}

/// One that was uninstalled, too: events and jobs go on naming it.
pub fn get(db: &Db, installation: InstallationId) -> Result<Option<Installation>, StoreError> {
    db.one(GET, [installation.0], read)
}

pub fn of_client(db: &Db, client: ClientId, plugin: &str) -> Result<Option<Installation>, StoreError> {
    db.one(OF_CLIENT, params![client.0, plugin], read)
}

pub fn all_of_client(db: &Db, client: ClientId) -> Result<Vec<Installation>, StoreError> {
    db.all(ALL_OF_CLIENT, [client.0], read)
}

/// As `of_client`, or what was uninstalled.
pub fn former(db: &Db, client: ClientId, plugin: &str) -> Result<Option<Installation>, StoreError> {
    db.one(FORMER, params![client.0, plugin], read)
}

/// Whether it is there and not uninstalled.
pub fn stands(db: &Db, installation: InstallationId) -> Result<bool, StoreError> {
    Ok(db.one(STANDS, [installation.0], |_| Ok(()))?.is_some())
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

/// Erases settings, grant and secrets.
pub fn remove(tx: &Tx, installation: InstallationId) -> Result<(), StoreError> {
    tx.run(REMOVE, params![installation.0, tx.now().ms()]).map(drop)
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
        signed: maybe_json(row, 9)?,
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
