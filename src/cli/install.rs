//! Installs a plugin package for a client: judged, compiled, stored with the files, its secrets sealed.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::commands::{Desk, Request};
use crate::domain::Key;
use crate::domain::client::Client;
use crate::domain::command::{Command, InstallPlugin};
use crate::domain::person::Actor;
use crate::jobs::{self, Outside};
use crate::plugin_host::{self, Grant, HostPattern, Manifest, Package, SignatureState, TrustedKey, package};
use crate::store;

/// What the administrator asks for beside the package itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The client's key.
    pub client: Key,
    /// The plugin's settings, a JSON object.
    pub configuration: Value,
    /// Values by the manifest's names; sealed before anything is stored.
    pub secrets: BTreeMap<String, String>,
    pub grant: GrantOrder,
    /// The text of the `.minisig` file.
    pub signature: Option<String>,
    pub unsigned: Unsigned,
    /// Publishers' keys that count for this package beside the operator's own.
    pub trusted_keys: BTreeMap<String, String>,
}

/// Which hosts the plugin may reach for this client.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantOrder {
    /// All that its manifest declares.
    Declared,
    Hosts(Vec<HostPattern>),
}

/// What to do with a package that no trusted key has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsigned {
    Refuse,
    Allow,
}

/// What was installed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Installed {
    pub plugin: Key,
    pub version: String,
    pub publisher: Key,
    pub package_sha256: String,
    pub signature: String,
    pub client: Key,
    pub hosts: Vec<String>,
}

/// Installs the package for the client, or changes what is installed. Nothing is stored before all is judged.
///
/// # Errors
/// A sentence that says what is wrong with the package, the settings, the secrets or the grant.
pub async fn install(
    desk: &Desk,
    outside: &Outside,
    trusted: &BTreeMap<String, String>,
    wasm: Vec<u8>,
    order: Order,
) -> anyhow::Result<Installed> {
    let package = package::read(&wasm)?;
    let manifest = &package.manifest;
    let signature = judge_signature(&wasm, trusted, &order)?;
    let client = find_client(desk, order.client.clone()).await?;
    let grant = judge(manifest, &package, &order)?;
    outside.host.install(&wasm).await?;
    keep(desk, outside, &package, wasm, &signature).await?;
    let mut secrets = BTreeMap::new();
    for (name, value) in &order.secrets {
        let place = jobs::secret_place(client.id, &manifest.name, name);
        secrets.insert(name.clone(), outside.keys.seal(&place, value)?);
    }
    let command = InstallPlugin {
        client: client.id,
        plugin: manifest.name.clone(),
        version: manifest.version.clone(),
        package_sha256: package.hash.to_string(),
        publisher: manifest.publisher.to_string(),
        title: manifest.title.clone(),
        configuration: order.configuration,
        grant: serde_json::to_value(&grant)?,
        secrets,
    };
    desk.submit(Request::new(Actor::Operator, Command::InstallPlugin(Box::new(command)))).await?;
    Ok(Installed {
        plugin: manifest.name.clone(),
        version: manifest.version.clone(),
        publisher: manifest.publisher.clone(),
        package_sha256: package.hash.to_string(),
        signature: signature.to_string(),
        client: client.key,
        hosts: grant.hosts.iter().map(ToString::to_string).collect(),
    })
}

/// A key that is trusted or the flag to go without; what was changed after signing is refused in any case.
fn judge_signature(
    wasm: &[u8],
    trusted: &BTreeMap<String, String>,
    order: &Order,
) -> anyhow::Result<SignatureState> {
    let keys = trusted.iter().chain(&order.trusted_keys);
    let keys: Vec<TrustedKey> = keys
        .map(|(name, text)| TrustedKey::new(name, text).map_err(anyhow::Error::msg))
        .collect::<Result<_, _>>()?;
    let state = plugin_host::verify(wasm, order.signature.as_deref(), &keys);
    match (&state, order.unsigned) {
        (SignatureState::Trusted { .. }, _) => Ok(state),
        (SignatureState::Modified { .. }, _) => {
            bail!("the package is {state}; ask its publisher for an intact one")
        }
        (_, Unsigned::Allow) => Ok(state),
        (_, Unsigned::Refuse) => bail!(
            "the package is {state}; put its .minisig file beside it and name the publisher's key with --trust, \
             or install it all the same with --allow-unsigned"
        ),
    }
}

pub(super) async fn find_client(desk: &Desk, key: Key) -> anyhow::Result<Client> {
    let readers = desk.readers().clone();
    let found = tokio::task::spawn_blocking(move || {
        readers.read(|db| match store::client::by_key(db, &key)? {
            Some(client) => Ok(Ok(client)),
            None => Ok(Err((key, store::client::all(db)?))),
        })
    });
    match found.await?.map_err(|error: store::StoreError| error)? {
        Ok(client) => Ok(client),
        Err((key, known)) => {
            let known: Vec<&str> = known.iter().map(|client| client.key.as_str()).collect();
            let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
            bail!("there is no client `{key}`; the desk has: {known}")
        }
    }
}

/// Settings, secrets and hosts against the manifest.
fn judge(manifest: &Manifest, package: &Package, order: &Order) -> anyhow::Result<Grant> {
    manifest
        .config
        .check(&order.configuration)
        .map_err(|mismatch| anyhow::anyhow!("{mismatch}"))
        .with_context(|| format!("the settings do not fit the plugin `{}`", manifest.name))?;
    for name in order.secrets.keys() {
        let known: Vec<&str> = manifest.secrets.iter().map(|secret| secret.name.as_str()).collect();
        ensure!(
            known.contains(&name.as_str()),
            "the plugin has no secret `{name}`; it has: {}",
            known.join(", ")
        );
    }
    for secret in manifest.secrets.iter().filter(|secret| !secret.optional) {
        let name = secret.name.as_str();
        ensure!(
            order.secrets.contains_key(name),
            "the plugin needs the secret `{name}`; give it with --secret-file"
        );
    }
    let declared = manifest.hosts_with(&order.configuration);
    match &order.grant {
        GrantOrder::Declared => Ok(Grant::declared(manifest, &order.configuration)),
        GrantOrder::Hosts(hosts) => {
            let wanted: Vec<String> = declared.iter().map(ToString::to_string).collect();
            let wanted = wanted.join(", ");
            for host in hosts {
                ensure!(
                    declared.contains(host),
                    "the plugin does not ask for `{host}`; with these settings it asks for: {wanted}"
                );
            }
            ensure!(
                !hosts.is_empty() || !package.imports_http,
                "the plugin wants to reach {wanted}; grant each with --grant HOST, or all with --grant-declared"
            );
            Ok(Grant { hosts: hosts.clone(), ..Grant::default() })
        }
    }
}

/// The package lies with the files, so that it is in every backup; its row says what it is.
async fn keep(
    desk: &Desk,
    outside: &Outside,
    package: &Package,
    wasm: Vec<u8>,
    signature: &SignatureState,
) -> anyhow::Result<()> {
    let (files, bytes) = (outside.files.clone(), i64::try_from(wasm.len())?);
    let stored = tokio::task::spawn_blocking(move || files.put(&wasm[..])).await??;
    ensure!(stored.sha256 == package.hash.as_str(), "the package was not stored as it was read");
    let manifest = package.manifest.clone();
    let (sha256, signature_state) = (package.hash.to_string(), signature.word().to_owned());
    let store_row = move |tx: &store::Tx| {
        let row = store::plugin::Package {
            sha256,
            plugin: manifest.name,
            version: manifest.version,
            publisher: manifest.publisher.to_string(),
            title: manifest.title,
            manifest: manifest.document,
            signature_state,
            bytes,
            stored_at: tx.now(),
        };
        Ok(store::plugin::put_package(tx, &row)?)
    };
    Ok(desk.aside(store_row).await?)
}
