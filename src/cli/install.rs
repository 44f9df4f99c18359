//! Installs a plugin package for a client from the command line: kept, judged, then installed or gone over to.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::plugin_room::PluginRoom;
use crate::commands::Desk;
use crate::domain::Key;
use crate::domain::client::Client;
use crate::domain::person::Actor;
use crate::http::plugin_desk::{
    AskedLine, Choice, InstallOrder, PluginDesk, PluginOrder, TrustOrder, UpdateOrder,
};
use crate::jobs::Outside;
use crate::plugin_host::asked::asked;
use crate::store;
use crate::store::plugin::{Installation, Package};

/// What the administrator asks for beside the package itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The client's key.
    pub client: Key,
    /// The plugin's settings, a JSON object; `null`: those that it has.
    pub configuration: Value,
    /// Values by the manifest's names; sealed before anything is stored.
    pub secrets: BTreeMap<String, String>,
    pub grant: GrantOrder,
    /// The text of the `.minisig` file.
    pub signature: Option<String>,
    pub unsigned: Unsigned,
    /// Publishers' keys that the desk trusts from now on, by name.
    pub trusted_keys: BTreeMap<String, String>,
}

/// What the plugin may do for this client.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantOrder {
    /// All that its manifest declares.
    Declared,
    /// What is named: a host, or an id such as `event:ticket_opened`. Nothing: what it has been granted before.
    Only(Vec<String>),
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
    pub publisher: String,
    pub package_sha256: String,
    pub signature: String,
    pub client: Key,
    /// What it asks for, and what of it is granted.
    pub asked: Vec<AskedLine>,
    /// The package asks for more than the one that runs on: this much waits for approval.
    pub waits: Vec<String>,
}

/// Installs the package for the client, or goes over to it. Nothing is installed before all is judged.
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
    let room = PluginRoom::new(desk.clone(), outside.clone(), trusted.clone());
    install_in(&room, desk, wasm, order).await
}

/// As `install`, in a room that is there already.
///
/// # Errors
/// As `install`.
pub async fn install_in(
    room: &PluginRoom,
    desk: &Desk,
    wasm: Vec<u8>,
    mut order: Order,
) -> anyhow::Result<Installed> {
    let client = find_client(desk, order.client.clone()).await?;
    for (name, public_key) in std::mem::take(&mut order.trusted_keys) {
        trust(room, desk, TrustOrder { name, public_key }).await?;
    }
    let keep = PluginOrder::Keep { signature: order.signature.take(), public_key: None };
    let kept = room.order(Actor::Operator, keep, wasm, None).await?;
    let sha256 = kept.id.unwrap_or_default();
    let Some(package) = read(desk, move |db| store::plugin::package(db, &sha256)).await? else {
        bail!("the package was not stored as it was read");
    };
    check_signature(&package, order.unsigned)?;
    let (id, plugin) = (client.id, package.plugin.clone());
    let there = read(desk, move |db| store::plugin::of_client(db, id, &plugin)).await?;
    match there {
        None => first(room, &client, &package, order).await?,
        Some(own) => again(room, own, &package, order).await?,
    }
    let plugin = package.plugin.clone();
    let now = read(desk, move |db| {
        let own = store::plugin::of_client(db, id, &plugin)?;
        let update = own.as_ref().map_or(Ok(None), |own| store::plugin_change::update_of(db, own.id))?;
        let runs = own.as_ref().map_or(Ok(None), |own| store::plugin::package(db, &own.package_sha256))?;
        Ok(own.zip(runs).map(|(own, runs)| (own, runs, update)))
    });
    let Some((own, runs, update)) = now.await? else { bail!("the plugin was uninstalled meanwhile") };
    let waits = update.filter(|update| update.package_sha256 == package.sha256).map(|_| {
        let difference = room.difference(&runs.manifest, &package.manifest, &own.configuration);
        let more = difference.more.into_iter().map(|one| one.id);
        more.chain(difference.secrets.into_iter().map(|name| format!("secret:{name}")))
            .chain(difference.settings.map(|settings| format!("settings: {settings}")))
            .collect()
    });
    Ok(Installed {
        asked: room.asked(&package.manifest, &own.configuration, &own.grants),
        plugin: package.plugin,
        version: package.version,
        publisher: package.publisher,
        package_sha256: package.sha256,
        signature: package.signature_state,
        client: client.key,
        waits: waits.unwrap_or_default(),
    })
}

/// A key that is trusted already is no mistake.
async fn trust(room: &PluginRoom, desk: &Desk, order: TrustOrder) -> anyhow::Result<()> {
    let known = read(desk, store::plugin_key::trusted).await?;
    if known.iter().any(|own| order.public_key.contains(&own.public_key)) {
        return Ok(());
    }
    room.order(Actor::Operator, PluginOrder::Trust(order), Vec::new(), None).await?;
    Ok(())
}

fn check_signature(package: &Package, unsigned: Unsigned) -> anyhow::Result<()> {
    let state = match package.signature_state.as_str() {
        "trusted" => return Ok(()),
        "unknown_key" => "signed with a key that this desk does not trust",
        _ => "not signed",
    };
    ensure!(
        unsigned == Unsigned::Allow,
        "the package is {state}; put its .minisig file beside it and name the publisher's key with --trust, or install \
         it all the same with --allow-unsigned"
    );
    Ok(())
}

async fn first(room: &PluginRoom, client: &Client, package: &Package, order: Order) -> anyhow::Result<()> {
    let configuration = if order.configuration.is_null() { json!({}) } else { order.configuration };
    let all = asked(&package.manifest, &configuration);
    let granted: BTreeSet<String> = match order.grant {
        GrantOrder::Declared => all.iter().map(|one| one.id.clone()).collect(),
        GrantOrder::Only(named) => {
            let wanted: Vec<&str> = all
                .iter()
                .map(|one| if one.value.is_empty() { one.id.as_str() } else { &one.value })
                .collect();
            ensure!(
                !named.is_empty() || all.is_empty(),
                "the plugin wants to reach {}; grant each with --grant, or all with --grant-declared",
                wanted.join(", ")
            );
            named.into_iter().collect()
        }
    };
    let secrets = order.secrets.into_iter().map(|(name, value)| (name, Some(value))).collect();
    let install = InstallOrder {
        client: client.id,
        package: package.sha256.clone(),
        choice: Choice { configuration, granted, secrets },
        is_unsigned_accepted: order.unsigned == Unsigned::Allow,
    };
    room.order(Actor::Operator, PluginOrder::Install(install), Vec::new(), None).await?;
    Ok(())
}

/// Who names what is granted has decided; without that a package which asks for more waits.
async fn again(room: &PluginRoom, own: Installation, package: &Package, order: Order) -> anyhow::Result<()> {
    let is_unsigned_accepted = order.unsigned == Unsigned::Allow;
    let is_plain = order.configuration.is_null()
        && order.secrets.is_empty()
        && matches!(&order.grant, GrantOrder::Only(named) if named.is_empty());
    if is_plain {
        let (installation, version) = (own.id, own.version);
        let update = UpdateOrder { version, package: package.sha256.clone(), is_unsigned_accepted };
        let order = PluginOrder::Update { installation, update };
        room.order(Actor::Operator, order, Vec::new(), None).await?;
        return Ok(());
    }
    let mut choice = room.choice_of(&own).await?;
    if !order.configuration.is_null() {
        choice.configuration = order.configuration;
    }
    match order.grant {
        GrantOrder::Declared => {
            let all = asked(&package.manifest, &choice.configuration).into_iter();
            choice.granted = all.map(|one| one.id).collect();
        }
        GrantOrder::Only(named) if !named.is_empty() => choice.granted = named.into_iter().collect(),
        GrantOrder::Only(_) => {}
    }
    choice.secrets = order.secrets.into_iter().map(|(name, value)| (name, Some(value))).collect();
    Ok(room.decide(own, package.sha256.clone(), choice, is_unsigned_accepted).await?)
}

/// Reads on a thread that may wait.
async fn read<T: Send + 'static>(
    desk: &Desk,
    read: impl FnOnce(&store::Db) -> Result<T, store::StoreError> + Send + 'static,
) -> anyhow::Result<T> {
    let readers = desk.readers().clone();
    Ok(tokio::task::spawn_blocking(move || readers.read(read)).await??)
}

pub(super) async fn find_client(desk: &Desk, key: Key) -> anyhow::Result<Client> {
    let found = read(desk, move |db| match store::client::by_key(db, &key)? {
        Some(client) => Ok(Ok(client)),
        None => Ok(Err((key, store::client::all(db)?))),
    });
    match found.await? {
        Ok(client) => Ok(client),
        Err((key, known)) => {
            let known: Vec<&str> = known.iter().map(|client| client.key.as_str()).collect();
            let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
            bail!("there is no client `{key}`; the desk has: {known}")
        }
    }
}
