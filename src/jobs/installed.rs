//! An installation as the plugin host takes it: its secrets opened, its package at hand.

use std::collections::{BTreeMap, BTreeSet};

use super::runner::Outside;
use crate::commands;
use crate::domain::pack::Pack;
use crate::domain::person::Actor;
use crate::domain::plugin::Abilities;
use crate::domain::{ClientId, InstallationId, Key};
use crate::plugin_host::{self, Answer, Call, CallFailure, Grant, PackageHash};
use crate::secrets::Keys;
use crate::store::plugin::Installation;
use crate::store::{self, Db, StoreError};

const DEFAULT_TIME_ZONE: &str = "UTC";

/// What a call needs to know from the database.
#[derive(Clone)]
pub struct Ground {
    pub installation: Installation,
    pub client: Key,
    pub time_zone: String,
    /// Declared and granted; the host's ceiling comes on top.
    pub abilities: Abilities,
    /// Names of the secrets that its package declares; others are kept for a package that it may go back to.
    secrets: BTreeSet<Key>,
}

impl Ground {
    /// What is installed of the plugin for the client.
    pub fn of_client(db: &Db, client: ClientId, plugin: &str) -> Result<Option<Ground>, StoreError> {
        store::plugin::of_client(db, client, plugin)?.map_or(Ok(None), |own| Ground::of(db, own))
    }

    /// Nothing where it was uninstalled.
    pub fn of_id(db: &Db, id: InstallationId) -> Result<Option<Ground>, StoreError> {
        if !store::plugin::stands(db, id)? {
            return Ok(None);
        }
        store::plugin::get(db, id)?.map_or(Ok(None), |own| Ground::of(db, own))
    }

    /// Nothing where its client is gone.
    pub fn of(db: &Db, installation: Installation) -> Result<Option<Ground>, StoreError> {
        let Some(client) = store::client::get(db, installation.client)? else { return Ok(None) };
        let version = client.pack_version.map(|version| store::pack::get(db, version)).transpose()?.flatten();
        let pack = version.and_then(|version| Pack::parse(&version.settings).ok());
        let time_zone = pack.map_or_else(|| DEFAULT_TIME_ZONE.to_owned(), |pack| pack.calendar.time_zone);
        let package = store::plugin::package(db, &installation.package_sha256)?;
        let secrets = package.map(|package| package.secrets()).unwrap_or_default();
        let abilities = commands::abilities(db, &installation)?;
        Ok(Some(Ground { installation, client: client.key, time_zone, abilities, secrets }))
    }

    pub fn actor(&self) -> Actor {
        Actor::Plugin { installation: self.installation.id, client: self.installation.client }
    }

    /// The installation with its secrets opened.
    ///
    /// # Errors
    /// A sentence that says what cannot be read.
    pub fn open(&self, keys: &Keys) -> Result<plugin_host::Installation, String> {
        let stored = &self.installation;
        let mut secrets = BTreeMap::new();
        for (name, sealed) in stored.secrets.iter().filter(|(name, _)| self.secrets.contains(name.as_str())) {
            let place = secret_place(stored.client, &stored.plugin, name);
            let value = keys.open_sealed(&place, sealed);
            let value = value.map_err(|error| format!("the plugin's secret `{name}`: {error}"))?;
            secrets.insert(name.clone(), value);
        }
        let grant: Grant = serde_json::from_value(stored.grants.clone())
            .map_err(|error| format!("what the plugin was granted cannot be read: {error}"))?;
        Ok(plugin_host::Installation {
            id: stored.id,
            client: self.client.clone(),
            package: PackageHash::try_from(stored.package_sha256.clone())?,
            configuration: stored.configuration.clone(),
            secrets,
            grant,
        })
    }
}

/// For what a secret is sealed: one client's secret of one plugin opens for nothing else.
#[must_use]
pub fn secret_place(client: ClientId, plugin: &Key, name: &str) -> String {
    format!("{client}/{plugin}/{name}")
}

/// Calls the plugin. The host's folder may be emptied at any time; the package itself lies with the files.
///
/// # Errors
/// As `PluginHost::call`.
pub async fn call(
    outside: &Outside,
    installation: &plugin_host::Installation,
    call: Call,
) -> Result<Answer, CallFailure> {
    let result = outside.host.call(installation, call.clone()).await;
    if result.as_ref().is_err_and(|failure| failure.code() == "plugin_not_installed")
        && reinstall(outside, &installation.package).await
    {
        return outside.host.call(installation, call).await;
    }
    result
}

/// Installs a package once more from the desk's own files; whether that went well.
pub(super) async fn reinstall(outside: &Outside, package: &PackageHash) -> bool {
    let Ok(wasm) = tokio::fs::read(outside.files.path(package.as_str())).await else { return false };
    match outside.host.install(&wasm).await {
        Ok(installed) => installed.hash == *package,
        Err(error) => {
            tracing::error!(%package, %error, "a stored plugin package cannot be installed again");
            false
        }
    }
}
