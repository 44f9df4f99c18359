//! Plugins as administrators see them: packages, publishers' keys, installations with what became of them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::reading::Reading;
use super::timeline::NamedActor;
use super::{ViewError, Views};
use crate::domain::permission::Step;
use crate::domain::{
    ClientId, InstallationId, Key, Label, Moment, PersonId, PluginChangeId, PluginKeyId, Refusal,
};
use crate::store;
use crate::store::plugin::{Installation, Package};
use crate::store::plugin_change::{PluginChange, RAN_KINDS};

/// Changes of an installation that its page shows.
const HISTORY_MAX: usize = 200;
/// How a script names a plugin that it calls.
const CALL: &str = "call_plugin(\"";

/// A package of a plugin that is stored here.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PackageLine {
    pub sha256: String,
    pub plugin: Key,
    pub version: String,
    pub publisher: String,
    pub title: Label,
    /// `trusted`, `unknown_key`, `modified`, `unreadable` or `unsigned`.
    pub signature: String,
    /// The number of the key that signed it, as minisign writes it.
    pub key_id: Option<String>,
    /// What this desk calls that key, if it trusts it.
    pub key_name: Option<String>,
    /// Whether the signature was verified; without the key nobody can.
    pub is_verified: bool,
    pub bytes: i64,
    pub stored_at: Moment,
    /// Clients for whom it runs, of those that the reader administers.
    pub clients: Vec<ClientId>,
    #[schema(value_type = Object)]
    pub manifest: Value,
}

/// A publisher's key that the desk trusts.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct KeyLine {
    pub id: PluginKeyId,
    pub name: String,
    pub public_key: String,
    pub key_id: String,
    pub added_by: NamedActor,
    pub added_at: Moment,
}

/// With which key a publisher's packages are signed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PublisherLine {
    pub publisher: Key,
    pub public_key: String,
    pub key_id: String,
    pub pinned_by: NamedActor,
    pub pinned_at: Moment,
}

/// A plugin that works for a client.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InstallationLine {
    pub id: InstallationId,
    pub client: ClientId,
    pub plugin: Key,
    pub package_sha256: String,
    pub package_version: String,
    pub publisher: String,
    pub title: Label,
    /// Of its package; see `PackageLine`.
    pub signature: String,
    #[schema(value_type = Object)]
    pub configuration: Value,
    #[schema(value_type = Object)]
    pub grants: Value,
    /// Never the secrets themselves.
    pub secret_names: Vec<String>,
    pub is_enabled: bool,
    /// An update asks for more and waits for a word.
    pub update_waits: bool,
    pub version: i64,
}

/// One change of an installation, with what it was after that.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PluginChangeLine {
    pub id: PluginChangeId,
    /// `installed`, `changed`, `updated`, `update_asked`, `update_approved`, `update_rejected`, `rolled_back`,
    /// `switched_on`, `switched_off` or `uninstalled`.
    pub kind: String,
    pub package_sha256: String,
    pub package_version: String,
    #[schema(value_type = Object)]
    pub configuration: Value,
    #[schema(value_type = Object)]
    pub grants: Value,
    pub secret_names: Vec<String>,
    pub by: NamedActor,
    pub at: Moment,
}

/// An update that asks for more than the package that runs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UpdateLine {
    pub package: PackageLine,
    pub by: NamedActor,
    pub asked_at: Moment,
}

/// An installation whole.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InstallationPage {
    #[serde(flatten)]
    pub line: InstallationLine,
    pub package: PackageLine,
    /// The latest first.
    pub history: Vec<PluginChangeLine>,
    /// Changes to which it can go back, one for each earlier package.
    pub former: Vec<PluginChangeId>,
    pub update: Option<UpdateLine>,
    /// Other packages of the same plugin, the latest first.
    pub others: Vec<PackageLine>,
    /// Whether the client's published script calls it.
    pub is_called_by_script: bool,
}

impl Views {
    /// For who administers any client: these may be installed there.
    pub fn packages(&self, person: PersonId) -> Result<Vec<PackageLine>, ViewError> {
        self.read(person, |reading| {
            reading.require_any_administrator("see plugin packages")?;
            let packages = store::plugin::packages(reading.db)?;
            packages.into_iter().map(|package| reading.package(package)).collect()
        })
    }

    pub fn package(&self, person: PersonId, sha256: &str) -> Result<PackageLine, ViewError> {
        self.read(person, |reading| {
            reading.require_any_administrator("see plugin packages")?;
            let package = store::plugin::package(reading.db, sha256)?;
            reading.package(package.ok_or_else(|| Refusal::not_found("plugin package", sha256))?)
        })
    }

    /// Demands an administrator of the whole desk, before anything that takes time is begun.
    pub fn require_plugin_keeper(&self, person: PersonId) -> Result<(), ViewError> {
        self.read(person, |reading| reading.require_desk_administrator("keep plugin packages and keys"))
    }

    /// Demands an administrator of the client.
    pub fn require_plugin_administrator(&self, person: PersonId, client: ClientId) -> Result<(), ViewError> {
        self.read(person, |reading| reading.require(Step::Administer, client, "install plugins"))
    }

    pub fn plugin_keys(&self, person: PersonId) -> Result<Vec<KeyLine>, ViewError> {
        self.read(person, |reading| {
            reading.require_any_administrator("see publishers' keys")?;
            let keys = store::plugin_key::trusted(reading.db)?.into_iter();
            let line = |key: store::plugin_key::TrustedKey| {
                Ok(KeyLine {
                    id: key.id,
                    name: key.name,
                    public_key: key.public_key,
                    key_id: key.key_id,
                    added_by: reading.actor(&key.added_by)?,
                    added_at: key.added_at,
                })
            };
            keys.map(line).collect()
        })
    }

    pub fn plugin_publishers(&self, person: PersonId) -> Result<Vec<PublisherLine>, ViewError> {
        self.read(person, |reading| {
            reading.require_any_administrator("see publishers' keys")?;
            let pins = store::plugin_key::pins(reading.db)?.into_iter();
            let line = |pin: store::plugin_key::Pin| {
                Ok(PublisherLine {
                    publisher: pin.publisher,
                    public_key: pin.public_key,
                    key_id: pin.key_id,
                    pinned_by: reading.actor(&pin.pinned_by)?,
                    pinned_at: pin.pinned_at,
                })
            };
            pins.map(line).collect()
        })
    }

    /// For administrators of the client.
    pub fn installations(
        &self,
        person: PersonId,
        client: Option<ClientId>,
    ) -> Result<Vec<InstallationLine>, ViewError> {
        self.read(person, |reading| {
            reading.require_any_administrator("see plugins")?;
            if let Some(client) = client {
                reading.require(Step::Administer, client, "see plugins")?;
            }
            let mut lines = Vec::new();
            for installed in store::plugin::all(reading.db)? {
                let is_wanted = client.is_none_or(|only| installed.client == only);
                if is_wanted && reading.may(Step::Administer, installed.client) {
                    lines.push(reading.installation(installed)?);
                }
            }
            Ok(lines)
        })
    }

    /// For administrators of the client; for others there is none.
    pub fn installation(&self, person: PersonId, id: InstallationId) -> Result<InstallationPage, ViewError> {
        self.read(person, |reading| {
            let missing = || Refusal::not_found("plugin installation", id);
            if !store::plugin::stands(reading.db, id)? {
                return Err(missing().into());
            }
            let installed = store::plugin::get(reading.db, id)?.ok_or_else(missing)?;
            if !reading.may(Step::Administer, installed.client) {
                return Err(missing().into());
            }
            reading.installation_page(installed)
        })
    }
}

impl Reading<'_> {
    fn require_any_administrator(&self, what: &str) -> Result<(), ViewError> {
        if self.scope.administers().is_empty() { Err(Refusal::forbidden(what).into()) } else { Ok(()) }
    }

    fn package(&self, package: Package) -> Result<PackageLine, ViewError> {
        let signed = package.signed.as_ref();
        let public_key = signed.and_then(|own| own.public_key.as_deref());
        let trusted = store::plugin_key::trusted(self.db)?;
        let key = trusted.into_iter().find(|own| Some(own.public_key.as_str()) == public_key);
        let users = store::plugin::all(self.db)?.into_iter();
        let users = users.filter(|own| own.package_sha256 == package.sha256).map(|own| own.client);
        let clients = users.filter(|client| self.scope.administers().contains(*client));
        Ok(PackageLine {
            clients: clients.collect(),
            signature: package.signature_state,
            key_id: signed.map(|own| own.key_id.clone()),
            key_name: key.map(|own| own.name),
            is_verified: public_key.is_some(),
            sha256: package.sha256,
            plugin: package.plugin,
            version: package.version,
            publisher: package.publisher,
            title: package.title,
            bytes: package.bytes,
            stored_at: package.stored_at,
            manifest: package.manifest,
        })
    }

    fn installation(&self, installed: Installation) -> Result<InstallationLine, ViewError> {
        let package = store::plugin::package(self.db, &installed.package_sha256)?;
        let (package_version, publisher, title, signature) = match package {
            Some(own) => (own.version, own.publisher, own.title, own.signature_state),
            None => Default::default(),
        };
        Ok(InstallationLine {
            update_waits: store::plugin_change::update_of(self.db, installed.id)?.is_some(),
            id: installed.id,
            client: installed.client,
            plugin: installed.plugin,
            package_sha256: installed.package_sha256,
            package_version,
            publisher,
            title,
            signature,
            configuration: installed.configuration,
            grants: installed.grants,
            secret_names: installed.secrets.into_keys().collect(),
            is_enabled: installed.is_enabled,
            version: installed.version,
        })
    }

    fn installation_page(&self, installed: Installation) -> Result<InstallationPage, ViewError> {
        let missing = || Refusal::not_found("plugin package", &installed.package_sha256);
        let package = store::plugin::package(self.db, &installed.package_sha256)?.ok_or_else(missing)?;
        let waits = store::plugin_change::update_of(self.db, installed.id)?;
        let mut all: BTreeMap<String, Package> = BTreeMap::new();
        for other in store::plugin::packages(self.db)? {
            if other.plugin == installed.plugin && other.publisher == package.publisher {
                all.insert(other.sha256.clone(), other);
            }
        }
        let update = match &waits {
            Some(waits) => all.get(&waits.package_sha256).cloned().map(|package| {
                let (package, by) = (self.package(package)?, self.actor(&waits.actor)?);
                Ok::<_, ViewError>(UpdateLine { package, by, asked_at: waits.asked_at })
            }),
            None => None,
        };
        let changes = store::plugin_change::of_installation(self.db, installed.id, HISTORY_MAX)?;
        let former = former(&changes, &installed.package_sha256);
        let version_of = |sha256: &str| all.get(sha256).map(|own| own.version.clone()).unwrap_or_default();
        let history = changes.into_iter().map(|change| {
            let package_version = version_of(&change.package_sha256);
            Ok(PluginChangeLine { by: self.actor(&change.actor)?, ..line_of(change, package_version) })
        });
        let history = history.collect::<Result<Vec<_>, ViewError>>()?;
        let mut others: Vec<&Package> =
            all.values().filter(|own| own.sha256 != installed.package_sha256).collect();
        others.sort_by_key(|own| std::cmp::Reverse(own.stored_at));
        Ok(InstallationPage {
            others: others.into_iter().map(|own| self.package(own.clone())).collect::<Result<_, _>>()?,
            is_called_by_script: self.is_called(installed.client, &installed.plugin)?,
            package: self.package(package)?,
            line: self.installation(installed)?,
            update: update.transpose()?,
            history,
            former,
        })
    }

    fn is_called(&self, client: ClientId, plugin: &str) -> Result<bool, ViewError> {
        let published = store::client::get(self.db, client)?.and_then(|client| client.pack_version);
        let Some(version) = published.map_or(Ok(None), |id| store::pack::get(self.db, id))? else {
            return Ok(false);
        };
        let call = format!("{CALL}{plugin}\"");
        Ok(version.script.contains(&call) || version.modules.values().any(|module| module.contains(&call)))
    }
}

/// The latest change of each other package that ran.
fn former(changes: &[PluginChange], current: &str) -> Vec<PluginChangeId> {
    let mut seen = vec![current];
    let mut former = Vec::new();
    for change in changes.iter().filter(|change| RAN_KINDS.contains(&change.kind.as_str())) {
        if !seen.contains(&change.package_sha256.as_str()) {
            seen.push(&change.package_sha256);
            former.push(change.id);
        }
    }
    former
}

fn line_of(change: PluginChange, package_version: String) -> PluginChangeLine {
    PluginChangeLine {
        id: change.id,
        kind: change.kind,
        package_sha256: change.package_sha256,
        package_version,
        configuration: change.configuration,
        grants: change.grants,
        secret_names: change.secret_names.into_iter().collect(),
        by: NamedActor { actor: change.actor, name: None },
        at: change.at,
    }
}
