//! A client's pack: the draft is saved, checked and published as a version that never changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::done::{DeskError, Done};
use super::programs;
use super::work::Work;
use crate::domain::calendar::HolidayLists;
use crate::domain::client::Client;
use crate::domain::command::PackSource;
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX, SETTINGS_BYTES_MAX};
use crate::domain::permission::Step;
use crate::domain::{ClientId, Key, PackVersionId, Refusal};
use crate::store::holiday_list::StoredList;
use crate::store::pack::{Draft, Health, PackVersion};
use crate::store::{self, Db};
use crate::workflow::limits::MODULES_MAX;
use crate::workflow::{self, Known};

/// Longest message of a version, in bytes.
const MESSAGE_BYTES_MAX: usize = 2_000;
/// Findings that a refusal names; the check shows all.
const FINDINGS_NAMED_MAX: usize = 10;

fn client_for(work: &mut Work<'_>, id: ClientId) -> Result<Client, DeskError> {
    work.require_for(Step::Administer, Some(id))?;
    Ok(store::client::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("client", id))?)
}

pub(super) fn save_draft(
    work: &mut Work<'_>,
    id: ClientId,
    script: String,
    settings: String,
) -> Result<Done, DeskError> {
    client_for(work, id)?;
    check_sizes(&script, &settings)?;
    let draft = Draft { script, settings, author: work.cause.actor.clone(), saved_at: work.tx.now() };
    store::pack::put_draft(&work.tx, id, &draft)?;
    work.note_change(Some(id), "pack");
    Ok(Done::default())
}

pub(super) fn publish(
    work: &mut Work<'_>,
    id: ClientId,
    source: PackSource,
    message: &str,
) -> Result<Done, DeskError> {
    let client = client_for(work, id)?;
    let texts = match source {
        PackSource::Files { script, settings, modules } => Texts { script, settings, modules },
        PackSource::Draft => {
            let draft = store::pack::draft(&work.tx, id)?;
            let draft = draft.ok_or_else(|| Refusal::invalid("source", "there is no draft to publish"))?;
            let modules = published_modules(&work.tx, &client)?;
            Texts { script: draft.script, settings: draft.settings, modules }
        }
    };
    publish_texts(work, client, texts, message)
}

/// An older version is published once more, as a new one.
pub(super) fn roll_back(
    work: &mut Work<'_>,
    id: ClientId,
    to: PackVersionId,
    message: &str,
) -> Result<Done, DeskError> {
    let client = client_for(work, id)?;
    let version = store::pack::get(&work.tx, to)?.filter(|version| version.client == id);
    let version = version.ok_or_else(|| Refusal::not_found("version", to))?;
    let texts = Texts { script: version.script, settings: version.settings, modules: version.modules };
    publish_texts(work, client, texts, message)
}

/// Publishes the texts that are published, because what they name has changed.
pub(super) fn publish_again(work: &mut Work<'_>, client: Client, message: &str) -> Result<Done, DeskError> {
    let version = match client.pack_version {
        Some(version) => store::pack::get(&work.tx, version)?,
        None => None,
    };
    let version = version.ok_or(Refusal::NothingPublished)?;
    let texts = Texts { script: version.script, settings: version.settings, modules: version.modules };
    publish_texts(work, client, texts, message)
}

/// The holiday lists that a new version may name.
pub(super) fn lists(stored: &[StoredList]) -> Result<HolidayLists, DeskError> {
    let read = |list: &StoredList| Ok((list.key.clone(), Arc::new(list.list()?)));
    stored.iter().map(read).collect()
}

/// What a version is made of.
struct Texts {
    script: String,
    settings: String,
    modules: BTreeMap<String, String>,
}

/// A draft imports the modules of the version that is published now.
pub(super) fn published_modules(db: &Db, client: &Client) -> Result<BTreeMap<String, String>, DeskError> {
    let Some(version) = client.pack_version else { return Ok(BTreeMap::new()) };
    Ok(store::pack::get(db, version)?.map(|version| version.modules).unwrap_or_default())
}

/// The live things that a script's literals may name.
pub(super) fn known(
    db: &Db,
    client: ClientId,
    script: &str,
    modules: &BTreeMap<String, String>,
) -> Result<Known, DeskError> {
    let mut plugins: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    for installation in store::plugin::all(db)?.into_iter().filter(|own| own.client == client) {
        let package = store::plugin::package(db, &installation.package_sha256)?;
        let functions = package.map(|package| package.functions()).unwrap_or_default();
        plugins.insert(installation.plugin, functions);
    }
    let shared = programs::sources(script, modules).shared;
    // A pack may come before its connectors: a client without any is not told that they are missing.
    let plugins = Some(plugins).filter(|installed| !installed.is_empty());
    Ok(Known { plugins, people: Some(store::person::logins(db)?), shared })
}

fn publish_texts(
    work: &mut Work<'_>,
    mut client: Client,
    texts: Texts,
    message: &str,
) -> Result<Done, DeskError> {
    check_sizes(&texts.script, &texts.settings)?;
    check_modules(&texts.modules)?;
    if message.len() > MESSAGE_BYTES_MAX {
        let field = "message".to_owned();
        return Err(Refusal::TooLong { field, bytes: message.len(), bytes_max: MESSAGE_BYTES_MAX }.into());
    }
    let stored = store::holiday_list::of_client(&work.tx, client.id)?;
    let (pack, _) = Pack::parse_with(&texts.settings, &lists(&stored)?)
        .map_err(|error| Refusal::WorkflowHasErrors { findings: vec![error.to_string()] })?;
    let named = pack.holiday_keys();
    let holidays = stored.into_iter().filter(|list| named.contains(&list.key));
    let findings: Vec<String> = workflow::check_here(
        &texts.script,
        &pack,
        &known(&work.tx, client.id, &texts.script, &texts.modules)?,
    )
    .into_iter()
    .filter(|finding| finding.is_error())
    .take(FINDINGS_NAMED_MAX)
    .map(|finding| format!("workflow.rhai:{finding}"))
    .collect();
    if !findings.is_empty() {
        return Err(Refusal::WorkflowHasErrors { findings }.into());
    }
    let version = PackVersion {
        id: work.tx.id(),
        client: client.id,
        ordinal: store::pack::next_ordinal(&work.tx, client.id)?,
        script: texts.script,
        settings: texts.settings,
        modules: texts.modules,
        message: message.to_owned(),
        author: work.cause.actor.clone(),
        published_at: work.tx.now(),
        holidays: holidays.map(|list| (list.key, list.id)).collect(),
    };
    store::pack::insert(&work.tx, &version)?;
    client.pack_version = Some(version.id);
    client.version += 1;
    store::client::update(&work.tx, &client)?;
    work.programs.set_health(&work.tx, client.id, Health::default())?;
    work.note_change(Some(client.id), "pack");
    Ok(Done { id: Some(version.id.to_string()), version: Some(version.ordinal), ..Done::default() })
}

fn check_sizes(script: &str, settings: &str) -> Result<(), Refusal> {
    for (field, text, bytes_max) in
        [("script", script, SCRIPT_BYTES_MAX), ("settings", settings, SETTINGS_BYTES_MAX)]
    {
        if text.len() > bytes_max {
            return Err(Refusal::TooLong { field: field.to_owned(), bytes: text.len(), bytes_max });
        }
    }
    Ok(())
}

/// Together the modules of a version may be as long as a script.
fn check_modules(modules: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let field = || "modules".to_owned();
    if modules.len() > MODULES_MAX {
        return Err(Refusal::TooMany { field: field(), count: modules.len(), count_max: MODULES_MAX });
    }
    let bytes: usize = modules.iter().map(|(path, source)| path.len() + source.len()).sum();
    if bytes > SCRIPT_BYTES_MAX {
        return Err(Refusal::TooLong { field: field(), bytes, bytes_max: SCRIPT_BYTES_MAX });
    }
    Ok(())
}

pub(super) fn release_quarantine(work: &mut Work<'_>, id: ClientId) -> Result<Done, DeskError> {
    work.require_for(Step::Supervise, Some(id))?;
    store::client::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("client", id))?;
    work.programs.set_health(&work.tx, id, Health::default())?;
    work.note_change(Some(id), "pack");
    Ok(Done::default())
}
