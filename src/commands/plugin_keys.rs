//! Packages of plugins and the keys of their publishers: kept, trusted, pinned; whether a package may be installed.

use std::collections::BTreeMap;

use super::done::{DeskError, Done};
use super::installation;
use super::words;
use super::work::Work;
use crate::domain::command::{InstallWay, KeepPackage, PinPublisher, PluginStep, TrustKey};
use crate::domain::permission::Step;
use crate::domain::{Key, PluginKeyId, Refusal};
use crate::store;
use crate::store::plugin::Package;
use crate::store::plugin_key::{Pin, TrustedKey};

/// Most keys that a desk trusts.
const KEYS_MAX: usize = 100;
/// States in which nobody may install a package.
const BROKEN: [&str; 2] = ["modified", "unreadable"];
const TRUSTED: &str = "trusted";
const UNSIGNED: &str = "no key at all";

pub(super) fn step(work: &mut Work<'_>, step: PluginStep) -> Result<Done, DeskError> {
    match step {
        PluginStep::KeepPackage(keep) => keep_package(work, keep),
        PluginStep::ForgetPackage { sha256 } => forget_package(work, &sha256),
        PluginStep::Uninstall { installation, seen } => installation::uninstall(work, installation, seen),
        PluginStep::AskForUpdate { installation, seen, package_sha256 } => {
            installation::ask_for_update(work, installation, seen, package_sha256)
        }
        PluginStep::RejectUpdate { installation } => installation::reject_update(work, installation),
        PluginStep::TrustKey(trust) => trust_key(work, trust),
        PluginStep::DistrustKey { key, judged } => distrust_key(work, key, &judged),
        PluginStep::PinPublisher(pin) => pin_publisher(work, pin),
    }
}

/// A package that is there already keeps its signature, unless it comes with one.
fn keep_package(work: &mut Work<'_>, keep: KeepPackage) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    let package = Package {
        sha256: keep.sha256,
        plugin: keep.plugin,
        version: keep.version,
        publisher: keep.publisher.to_string(),
        title: keep.title,
        manifest: keep.manifest,
        signature_state: keep.signature_state,
        bytes: keep.bytes,
        stored_at: work.tx.now(),
        signed: keep.signature,
    };
    let is_there = store::plugin::package(&work.tx, &package.sha256)?.is_some();
    if package.signed.is_some() || !is_there {
        check_pin(work, &package)?;
        match is_there {
            true => store::plugin::sign_package(&work.tx, &package)?,
            false => store::plugin::put_package(&work.tx, &package)?,
        }
    }
    work.note_change(None, "plugin");
    Ok(Done { id: Some(package.sha256), ..Done::default() })
}

fn forget_package(work: &mut Work<'_>, sha256: &str) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    if store::plugin::package(&work.tx, sha256)?.is_none() {
        return Err(Refusal::not_found("plugin package", sha256).into());
    }
    if !store::plugin::forget_package(&work.tx, sha256)? {
        return Err(Refusal::PackageInUse.into());
    }
    work.note_change(None, "plugin");
    Ok(Done::default())
}

/// Whether the package may be installed, by its signature; the first signed one of a publisher pins its key.
pub(super) fn admit(
    work: &mut Work<'_>,
    package: &Package,
    way: InstallWay,
    is_unsigned_accepted: bool,
) -> Result<(), DeskError> {
    if BROKEN.contains(&package.signature_state.as_str()) {
        return Err(untrusted(package).into());
    }
    // It ran here before; who went over to another key since goes on from there.
    let pinned = match way {
        InstallWay::Back => None,
        InstallWay::Forward => check_pin(work, package)?,
    };
    if package.signature_state != TRUSTED {
        if !is_unsigned_accepted && way == InstallWay::Forward {
            return Err(untrusted(package).into());
        }
        // Code that nobody vouches for runs for the whole desk.
        work.require_for(Step::Administer, None)?;
    }
    if pinned.is_some() || way == InstallWay::Back {
        return Ok(());
    }
    let signed = package.signed.as_ref();
    let Some((signed, public_key)) = signed.and_then(|own| Some((own, own.public_key.clone()?))) else {
        return Ok(());
    };
    let Ok(publisher) = Key::new(&package.publisher) else { return Ok(()) };
    pin(work, publisher, public_key, signed.key_id.clone())
}

fn untrusted(package: &Package) -> Refusal {
    let state = match package.signature_state.as_str() {
        "unsigned" => "not signed",
        "unknown_key" => "signed with a key that this desk does not trust",
        "modified" => "changed after it was signed, or its signature was",
        _ => "accompanied by a signature that minisign cannot read",
    };
    Refusal::PackageNotTrusted { state: state.to_owned() }
}

/// The publisher's pin, which the package's signature fits.
pub(super) fn check_pin(work: &Work<'_>, package: &Package) -> Result<Option<Pin>, DeskError> {
    let Some(pin) = store::plugin_key::pin(&work.tx, &package.publisher)? else { return Ok(None) };
    let signed = package.signed.as_ref();
    if signed.and_then(|own| own.public_key.as_deref()) == Some(pin.public_key.as_str()) {
        return Ok(Some(pin));
    }
    let given = signed.map_or_else(|| UNSIGNED.to_owned(), |own| own.key_id.clone());
    let (publisher, pinned) = (package.publisher.clone(), pin.key_id);
    Err(Refusal::PublisherKeyDiffers { publisher, pinned, given }.into())
}

fn trust_key(work: &mut Work<'_>, trust: TrustKey) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    let name = words::line("name", &trust.name)?;
    let known = store::plugin_key::trusted(&work.tx)?;
    if let Some(same) = known.iter().find(|own| own.public_key == trust.public_key || own.name == name) {
        let (what, key) = ("trusted key", same.name.clone());
        return Err(Refusal::AlreadyExists { field: "public_key".to_owned(), what, key }.into());
    }
    if known.len() >= KEYS_MAX {
        let count = known.len() + 1;
        return Err(Refusal::TooMany { field: "keys".to_owned(), count, count_max: KEYS_MAX }.into());
    }
    let key = TrustedKey {
        id: work.tx.id(),
        name,
        public_key: trust.public_key,
        key_id: trust.key_id,
        added_by: work.cause.actor.clone(),
        added_at: work.tx.now(),
    };
    store::plugin_key::insert(&work.tx, &key)?;
    judge(work, &trust.judged)?;
    sign(work, &key, &trust.judged)?;
    Ok(Done { id: Some(key.id.to_string()), ..Done::default() })
}

/// Packages whose signature could not be verified before.
fn sign(work: &Work<'_>, key: &TrustedKey, judged: &BTreeMap<String, String>) -> Result<(), DeskError> {
    for (sha256, state) in judged.iter().filter(|(_, state)| *state == TRUSTED) {
        let Some(mut package) = store::plugin::package(&work.tx, sha256)? else { continue };
        package.signature_state.clone_from(state);
        if let Some(signed) = package.signed.as_mut().filter(|own| own.key_id == key.key_id) {
            signed.public_key = Some(key.public_key.clone());
            store::plugin::sign_package(&work.tx, &package)?;
        }
    }
    Ok(())
}

fn distrust_key(
    work: &mut Work<'_>,
    key: PluginKeyId,
    judged: &BTreeMap<String, String>,
) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    if !store::plugin_key::remove(&work.tx, key, &work.cause.actor)? {
        return Err(Refusal::not_found("trusted key", key).into());
    }
    judge(work, judged)?;
    Ok(Done::default())
}

fn judge(work: &mut Work<'_>, judged: &BTreeMap<String, String>) -> Result<(), DeskError> {
    for (sha256, state) in judged {
        store::plugin::judge_package(&work.tx, sha256, state)?;
    }
    work.note_change(None, "plugin");
    Ok(())
}

fn pin_publisher(work: &mut Work<'_>, given: PinPublisher) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    match given.key {
        Some(key) => pin(work, given.publisher, key.public_key, key.key_id)?,
        None => store::plugin_key::remove_pin(&work.tx, &given.publisher)?,
    }
    work.note_change(None, "plugin");
    Ok(Done::default())
}

fn pin(work: &mut Work<'_>, publisher: Key, public_key: String, key_id: String) -> Result<(), DeskError> {
    let (pinned_by, pinned_at) = (work.cause.actor.clone(), work.tx.now());
    let pin = Pin { publisher, public_key, key_id, pinned_by, pinned_at };
    Ok(store::plugin_key::put_pin(&work.tx, &pin)?)
}
