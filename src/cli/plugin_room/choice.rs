//! An administrator's choice against a manifest: settings, secrets, grants; and how two packages differ in what they ask for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::PluginRoom;
use crate::commands::DeskError;
use crate::domain::{ClientId, Refusal};
use crate::http::plugin_desk::{Choice, Difference};
use crate::jobs;
use crate::plugin_host::asked::{asked, grant_of, secret_uses};
use crate::plugin_host::{Manifest, SECRET_BYTES_MAX, SECRET_BYTES_MIN, Schema};
use crate::store::plugin::Installation;

/// A choice that fits the manifest.
pub(super) struct Chosen {
    pub configuration: Value,
    pub grant: Value,
    /// Sealed.
    pub secrets: BTreeMap<String, String>,
}

/// The sealed secrets of an installation, and the settings under which they were given.
#[derive(Default)]
pub(super) struct Kept {
    pub configuration: Value,
    pub secrets: BTreeMap<String, String>,
}

impl Kept {
    pub fn of(own: &Installation) -> Kept {
        Kept { configuration: own.configuration.clone(), secrets: own.secrets.clone() }
    }

    /// A secret was given for one host. Where other settings would send it to another, it has to be given again: who may
    /// change settings may not read secrets.
    pub fn leave_elsewhere(&mut self, manifest: &Manifest, configuration: &Value) {
        for own in &manifest.secrets {
            if own.host.pattern(&self.configuration) != own.host.pattern(configuration) {
                self.secrets.remove(own.name.as_str());
            }
        }
    }
}

impl PluginRoom {
    /// `kept` is what is there already.
    pub(super) fn choose(
        &self,
        client: ClientId,
        manifest: &Manifest,
        choice: Choice,
        mut kept: Kept,
    ) -> Result<Chosen, DeskError> {
        check_settings(manifest, &choice.configuration)?;
        kept.leave_elsewhere(manifest, &choice.configuration);
        let all = asked(&manifest.document, &choice.configuration);
        let grant = grant_of(&all, &choice.granted).map_err(|unknown| {
            let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
            let ids = if ids.is_empty() { "nothing".to_owned() } else { ids.join(", ") };
            let message =
                format!("the plugin does not ask for `{unknown}`; with these settings it asks for: {ids}");
            Refusal::invalid("granted", message)
        })?;
        let mut secrets = kept.secrets;
        for (name, value) in choice.secrets {
            check_secret(manifest, &name, value.as_deref())?;
            match value {
                None => drop(secrets.remove(&name)),
                Some(value) => {
                    let place = jobs::secret_place(client, &manifest.name, &name);
                    let sealed = self.outside.keys.seal(&place, &value);
                    let cannot = |error| {
                        Refusal::invalid(&format!("secrets.{name}"), format!("cannot be sealed: {error}"))
                    };
                    secrets.insert(name.clone(), sealed.map_err(cannot)?);
                }
            }
        }
        check_complete(manifest, &secrets)?;
        Ok(Chosen { configuration: choice.configuration, grant, secrets })
    }
}

pub(super) fn check_settings(manifest: &Manifest, configuration: &Value) -> Result<(), Refusal> {
    manifest.config.check(configuration).map_err(|mismatch| {
        let at = if mismatch.path.is_empty() { String::new() } else { format!(".{}", mismatch.path) };
        Refusal::Invalid {
            field: format!("choice.configuration{at}"),
            message: format!("should be {}", mismatch.expected),
        }
    })
}

/// Every secret that must be there is.
pub(super) fn check_complete(manifest: &Manifest, secrets: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let missing =
        manifest.secrets.iter().find(|own| !own.optional && !secrets.contains_key(own.name.as_str()));
    match missing {
        Some(own) => {
            let why = "the plugin needs this secret; it is given again where it goes to another host";
            Err(Refusal::invalid(&format!("choice.secrets.{}", own.name), why))
        }
        None => Ok(()),
    }
}

fn check_secret(manifest: &Manifest, name: &str, value: Option<&str>) -> Result<(), Refusal> {
    let field = format!("choice.secrets.{name}");
    if manifest.secret(name).is_none() {
        let known: Vec<&str> = manifest.secrets.iter().map(|own| own.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Refusal::Invalid {
            field,
            message: format!("the plugin has no such secret; it has: {known}"),
        });
    }
    let fits = value.is_none_or(|value| (SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&value.len()));
    if fits {
        return Ok(());
    }
    let message = format!("a secret has {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes");
    Err(Refusal::Invalid { field, message })
}

/// What is refused now though the present package asks for it stays refused; what is new has to be approved.
pub(super) fn difference(
    room: &PluginRoom,
    runs: &Value,
    comes: &Value,
    configuration: &Value,
) -> Difference {
    let (before, after) = (asked(runs, configuration), asked(comes, configuration));
    let beyond = |these: &[crate::plugin_host::asked::Asked], those: &[crate::plugin_host::asked::Asked]| {
        let is_new = |one: &&crate::plugin_host::asked::Asked| !those.iter().any(|own| own.id == one.id);
        these.iter().filter(is_new).map(|one| room.line(one.clone(), false)).collect::<Vec<_>>()
    };
    let (more, less) = (beyond(&after, &before), beyond(&before, &after));
    let uses = secret_uses(runs);
    let secrets = secret_uses(comes).into_iter().filter(|own| !uses.contains(own));
    let secrets: Vec<String> = secrets.filter_map(|own| own.split('|').next().map(str::to_owned)).collect();
    let schema = Schema::read(comes["config"].clone()).ok();
    let settings =
        schema.and_then(|schema| schema.check(configuration).err()).map(|mismatch| mismatch.to_string());
    let now = functions(comes);
    let lost_functions = functions(runs).into_iter().filter(|own| !now.contains(own)).collect();
    let is_harmless = more.is_empty() && secrets.is_empty() && settings.is_none();
    Difference { more, less, secrets, settings, lost_functions, is_harmless }
}

fn functions(manifest: &Value) -> Vec<String> {
    let declared = manifest["function"].as_array().into_iter().flatten();
    declared.filter_map(|function| function["name"].as_str().map(str::to_owned)).collect()
}
