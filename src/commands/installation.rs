//! Installations of plugins: installed, changed, switched, updated, taken back, uninstalled; each change is written down.

use std::collections::BTreeSet;

use serde_json::Value;

use super::done::{DeskError, Done};
use super::plugin_keys;
use super::references;
use super::work::Work;
use crate::domain::command::{InstallPlugin, InstallWay, Switch};
use crate::domain::permission::Step;
use crate::domain::{InstallationId, Key, Refusal};
use crate::store;
use crate::store::plugin::{Installation, Package};
use crate::store::plugin_change::{PluginChange, PluginUpdate};

pub(super) fn install(work: &mut Work<'_>, install: InstallPlugin) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, Some(install.client))?;
    let client = store::client::get(&work.tx, install.client)?;
    let client = client.ok_or_else(|| Refusal::not_found("client", install.client))?;
    let package = package(work, &install.package_sha256)?;
    let before = store::plugin::of_client(&work.tx, client.id, &install.plugin)?;
    check_seen(install.seen, before.as_ref())?;
    check_way(work, &install, before.as_ref())?;
    let is_other = before.as_ref().is_none_or(|own| own.package_sha256 != install.package_sha256);
    if is_other {
        check_name(work, &install, &package, before.as_ref())?;
        plugin_keys::admit(work, &package, install.way, install.is_unsigned_accepted)?;
    }
    let lost = lost_functions(work, before.as_ref(), &package)?;
    // What was uninstalled and comes again is the same installation: its history goes on.
    let former = match &before {
        Some(_) => None,
        None => store::plugin::former(&work.tx, client.id, &install.plugin)?,
    };
    let known = before.as_ref().or(former.as_ref());
    let installation = Installation {
        id: known.map_or_else(|| work.tx.id(), |own| own.id),
        client: client.id,
        plugin: install.plugin,
        package_sha256: install.package_sha256,
        configuration: object(install.configuration, "configuration")?,
        grants: object(install.grant, "grants")?,
        secrets: install.secrets,
        is_enabled: before.as_ref().is_none_or(|own| own.is_enabled),
        version: known.map_or(1, |own| own.version + 1),
    };
    store::plugin::put(&work.tx, &installation)?;
    let waited = is_other && store::plugin_change::remove_update(&work.tx, installation.id)?;
    let kind = match (&before, is_other, install.way) {
        (None, ..) => "installed",
        (Some(_), _, InstallWay::Back) => "rolled_back",
        (Some(_), false, InstallWay::Forward) => "changed",
        (Some(_), true, InstallWay::Forward) if waited => "update_approved",
        (Some(_), true, InstallWay::Forward) => "updated",
    };
    write_down(work, &installation, kind)?;
    let (id, warnings) = (Some(installation.id.to_string()), references::after_loss(work, &client, lost)?);
    Ok(Done { id, version: Some(installation.version), warnings, ..Done::default() })
}

fn check_seen(seen: Option<i64>, before: Option<&Installation>) -> Result<(), Refusal> {
    let stands = before.map_or(0, |own| own.version);
    match (seen, before) {
        (Some(0), Some(own)) => Err(Refusal::AlreadyExists {
            field: "client".to_owned(),
            what: "plugin of this client",
            key: own.plugin.to_string(),
        }),
        (Some(seen), _) if seen != stands => Err(Refusal::StaleVersion { seen, current: stands }),
        _ => Ok(()),
    }
}

/// Back goes only to what ran here: an update that was asked for and never approved did not.
fn check_way(
    work: &Work<'_>,
    install: &InstallPlugin,
    before: Option<&Installation>,
) -> Result<(), DeskError> {
    if install.way == InstallWay::Forward {
        return Ok(());
    }
    let sha256 = &install.package_sha256;
    let ran = before.map_or(Ok(false), |own| store::plugin_change::ran(&work.tx, own.id, sha256))?;
    let never = || Refusal::invalid("to", "this package never ran here; update to it instead");
    if ran { Ok(()) } else { Err(never().into()) }
}

/// A package is taken for what its manifest says; another publisher's of the same name is no update.
fn check_name(
    work: &Work<'_>,
    install: &InstallPlugin,
    package: &Package,
    before: Option<&Installation>,
) -> Result<(), DeskError> {
    let runs = before.map_or(Ok(None), |own| store::plugin::package(&work.tx, &own.package_sha256))?;
    let publisher = runs.map_or_else(|| package.publisher.clone(), |runs| runs.publisher);
    if package.plugin == install.plugin && package.publisher == publisher {
        return Ok(());
    }
    let (plugin, by) = (&package.plugin, &package.publisher);
    let message = format!("this is `{plugin}` of `{by}`, not `{}` of `{publisher}`", install.plugin);
    Err(Refusal::invalid("package", message).into())
}

/// Functions that scripts can call now and could not any more.
fn lost_functions(
    work: &Work<'_>,
    before: Option<&Installation>,
    package: &Package,
) -> Result<Vec<Key>, DeskError> {
    let Some(before) = before else { return Ok(Vec::new()) };
    let former = store::plugin::package(&work.tx, &before.package_sha256)?;
    let functions: BTreeSet<Key> = former.map(|package| package.functions()).unwrap_or_default();
    let now = package.functions();
    Ok(functions.into_iter().filter(|own| !now.contains(own)).collect())
}

fn object(value: Value, field: &str) -> Result<Value, Refusal> {
    if value.is_object() { Ok(value) } else { Err(Refusal::invalid(field, "must be a JSON object")) }
}

fn package(work: &Work<'_>, sha256: &str) -> Result<Package, DeskError> {
    let found = store::plugin::package(&work.tx, sha256)?;
    Ok(found.ok_or_else(|| Refusal::not_found("plugin package", sha256))?)
}

/// The installation, for who administers its client; for others there is none.
fn standing(work: &mut Work<'_>, id: InstallationId) -> Result<Installation, DeskError> {
    let missing = || Refusal::not_found("plugin installation", id);
    if !store::plugin::stands(&work.tx, id)? {
        return Err(missing().into());
    }
    let installation = store::plugin::get(&work.tx, id)?.ok_or_else(missing)?;
    match work.require_for(Step::Administer, Some(installation.client)) {
        Err(DeskError::Refused(_)) => Err(missing().into()),
        allowed => allowed.map(|()| installation),
    }
}

pub(super) fn set_enabled(work: &mut Work<'_>, id: InstallationId, state: Switch) -> Result<Done, DeskError> {
    let mut installation = standing(work, id)?;
    let is_enabled = state == Switch::On;
    if installation.is_enabled == is_enabled {
        return Ok(answer(&installation));
    }
    installation.is_enabled = is_enabled;
    installation.version += 1;
    store::plugin::put(&work.tx, &installation)?;
    write_down(work, &installation, if is_enabled { "switched_on" } else { "switched_off" })?;
    let mut done = answer(&installation);
    if !is_enabled && let Some(client) = store::client::get(&work.tx, installation.client)? {
        done.warnings = references::after_loss(work, &client, [installation.plugin])?;
    }
    Ok(done)
}

pub(super) fn uninstall(work: &mut Work<'_>, id: InstallationId, seen: i64) -> Result<Done, DeskError> {
    let mut installation = standing(work, id)?;
    check_seen(Some(seen), Some(&installation))?;
    store::plugin_change::remove_update(&work.tx, id)?;
    store::plugin::remove(&work.tx, id)?;
    store::plugin_state::erase(&work.tx, id)?;
    store::plugin_hook::erase(&work.tx, id)?;
    installation.version += 1;
    installation.configuration = Value::Object(serde_json::Map::new());
    installation.grants = Value::Object(serde_json::Map::new());
    installation.secrets.clear();
    write_down(work, &installation, "uninstalled")?;
    let mut done = answer(&installation);
    if let Some(client) = store::client::get(&work.tx, installation.client)? {
        done.warnings = references::after_loss(work, &client, [installation.plugin])?;
    }
    Ok(done)
}

/// The package waits for an administrator's word; what runs goes on.
pub(super) fn ask_for_update(
    work: &mut Work<'_>,
    id: InstallationId,
    seen: i64,
    package_sha256: String,
) -> Result<Done, DeskError> {
    let installation = standing(work, id)?;
    check_seen(Some(seen), Some(&installation))?;
    let package = package(work, &package_sha256)?;
    plugin_keys::check_pin(work, &package)?;
    let (actor, asked_at) = (work.cause.actor.clone(), work.tx.now());
    let update = PluginUpdate { installation: id, package_sha256: package_sha256.clone(), actor, asked_at };
    store::plugin_change::put_update(&work.tx, &update)?;
    let asked = Installation { package_sha256, ..installation };
    write_down(work, &asked, "update_asked")?;
    Ok(answer(&asked))
}

pub(super) fn reject_update(work: &mut Work<'_>, id: InstallationId) -> Result<Done, DeskError> {
    let installation = standing(work, id)?;
    let update = store::plugin_change::update_of(&work.tx, id)?;
    let update = update.ok_or_else(|| Refusal::not_found("update of the plugin", id))?;
    store::plugin_change::remove_update(&work.tx, id)?;
    let rejected = Installation { package_sha256: update.package_sha256, ..installation };
    write_down(work, &rejected, "update_rejected")?;
    Ok(answer(&rejected))
}

fn answer(installation: &Installation) -> Done {
    let id = Some(installation.id.to_string());
    Done { id, version: Some(installation.version), ..Done::default() }
}

fn write_down(work: &mut Work<'_>, installation: &Installation, kind: &str) -> Result<(), DeskError> {
    let change = PluginChange {
        id: work.tx.id(),
        installation: installation.id,
        version: installation.version,
        kind: kind.to_owned(),
        package_sha256: installation.package_sha256.clone(),
        configuration: installation.configuration.clone(),
        grants: installation.grants.clone(),
        secret_names: installation.secrets.keys().cloned().collect(),
        actor: work.cause.actor.clone(),
        at: work.tx.now(),
    };
    store::plugin_change::insert(&work.tx, &change)?;
    work.note_change(Some(installation.client), "plugin");
    Ok(())
}
