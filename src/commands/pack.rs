//! A client's pack: the draft is saved, checked and published as a version that never changes.

use std::collections::BTreeMap;

use super::done::{DeskError, Done};
use super::holidays;
use super::publication::{self, Around, Checked, Texts};
use super::schedule;
use super::shadow;
use super::version_move;
use super::work::Work;
use crate::domain::client::Client;
use crate::domain::command::{PackSource, SaveTests, StartFromPack, check_tests};
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX, SETTINGS_BYTES_MAX};
use crate::domain::permission::Step;
use crate::domain::shadow::ShadowEnd;
use crate::domain::version_move::Reach;
use crate::domain::{ClientId, PackVersionId, Refusal};
use crate::store;
use crate::store::pack::{Draft, Health, PackVersion};

/// Longest message of a version, in bytes.
const MESSAGE_BYTES_MAX: usize = 2_000;

pub(super) fn client_for(work: &mut Work<'_>, id: ClientId) -> Result<Client, DeskError> {
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
    // The editor shows the two texts; modules that were pushed stay with them, and what was said of them does not.
    let modules = store::pack::draft(&work.tx, id)?.and_then(|draft| draft.modules);
    put_draft(work, id, Texts { script, settings, modules: BTreeMap::new() }, modules, String::new())
}

/// Saves the draft with the modules that came with it.
pub(super) fn put_draft(
    work: &mut Work<'_>,
    client: ClientId,
    texts: Texts,
    modules: Option<BTreeMap<String, String>>,
    message: String,
) -> Result<Done, DeskError> {
    let (script, settings) = (texts.script, texts.settings);
    let (author, saved_at) = (work.cause.actor.clone(), work.tx.now());
    let draft = Draft { script, settings, modules, message, author, saved_at };
    store::pack::put_draft(&work.tx, client, &draft)?;
    work.note_change(Some(client), "pack");
    Ok(Done::default())
}

pub(super) fn check_message(message: &str) -> Result<(), Refusal> {
    if message.len() > MESSAGE_BYTES_MAX {
        let field = "message".to_owned();
        return Err(Refusal::TooLong { field, bytes: message.len(), bytes_max: MESSAGE_BYTES_MAX });
    }
    Ok(())
}

pub(super) fn save_tests(work: &mut Work<'_>, save: &SaveTests) -> Result<Done, DeskError> {
    client_for(work, save.client)?;
    check_tests(&save.tests)?;
    store::pack_test::replace(&work.tx, save.client, &save.tests, &work.cause.actor)?;
    work.note_change(Some(save.client), "pack");
    Ok(Done::default())
}

/// The pack's texts become the draft, with its tests and the holiday lists that they name. A draft, or tests, that came
/// meanwhile stay.
pub(super) fn start(work: &mut Work<'_>, start: StartFromPack) -> Result<Done, DeskError> {
    client_for(work, start.client)?;
    let draft = store::pack::draft(&work.tx, start.client)?;
    let tests_saved_at = store::pack_test::last_saved(&work.tx, start.client)?;
    if (draft.map(|draft| draft.saved_at), tests_saved_at) != (start.replaces, start.replaces_tests) {
        return Err(Refusal::DraftChanged.into());
    }
    for (key, source) in start.holidays {
        holidays::put(work, start.client, key, source)?;
    }
    save_tests(work, &SaveTests { client: start.client, tests: start.tests })?;
    save_draft(work, start.client, start.script, start.settings)
}

pub(super) fn publish(
    work: &mut Work<'_>,
    id: ClientId,
    source: PackSource,
    message: &str,
    reach: Reach,
) -> Result<Done, DeskError> {
    let client = client_for(work, id)?;
    let is_draft = source == PackSource::Draft;
    let texts = publication::of_source(&work.tx, &client, source)?;
    let done = publish_texts(work, client, texts, message, reach)?;
    if is_draft && let Some(draft) = store::pack::draft(&work.tx, id)? {
        // Its modules are those of the published version from here on.
        store::pack::put_draft(&work.tx, id, &Draft { modules: None, message: String::new(), ..draft })?;
    }
    Ok(done)
}

/// An older version is published once more, as a new one.
pub(super) fn roll_back(
    work: &mut Work<'_>,
    id: ClientId,
    to: PackVersionId,
    message: &str,
    reach: Reach,
) -> Result<Done, DeskError> {
    let client = client_for(work, id)?;
    let texts = publication::of_version(&work.tx, id, to)?;
    publish_texts(work, client, texts, message, reach)
}

/// Publishes the texts that are published, because what they name has changed.
pub(super) fn publish_again(work: &mut Work<'_>, client: Client, message: &str) -> Result<Done, DeskError> {
    let published = client.pack_version.ok_or(Refusal::NothingPublished)?;
    let texts = publication::of_version(&work.tx, client.id, published)?;
    let around = Around::of(&work.tx, client.id, &texts)?;
    // The script was checked when it was published; only the calendars depend on what has changed.
    let pack = around.pack(&texts).map_err(|error| Refusal::WorkflowHasErrors { findings: vec![error] })?;
    let version = insert(work, client, texts, &around, &pack, message)?;
    Ok(published_as(&version))
}

fn publish_texts(
    work: &mut Work<'_>,
    client: Client,
    texts: Texts,
    message: &str,
    reach: Reach,
) -> Result<Done, DeskError> {
    texts.check_sizes()?;
    check_message(message)?;
    let around = Around::of(&work.tx, client.id, &texts)?;
    // A desk has checked beside the writer; a rehearsal has no others to keep waiting.
    let checked = work.checked.take().unwrap_or_else(|| Checked::of(&texts, &around));
    let warnings = checked.warnings();
    let pack = checked.verdict(&texts, &around)?;
    let version = insert(work, client, texts, &around, &pack, message)?;
    version_move::start(work, version.client, version.id, reach)?;
    Ok(Done { warnings, ..published_as(&version) })
}

fn published_as(version: &PackVersion) -> Done {
    Done { id: Some(version.id.to_string()), version: Some(version.ordinal), ..Done::default() }
}

fn insert(
    work: &mut Work<'_>,
    mut client: Client,
    texts: Texts,
    around: &Around,
    pack: &Pack,
    message: &str,
) -> Result<PackVersion, DeskError> {
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
        holidays: around.named_by(pack),
    };
    store::pack::insert(&work.tx, &version)?;
    client.pack_version = Some(version.id);
    client.version += 1;
    store::client::update(&work.tx, &client)?;
    work.programs.set_health(&work.tx, client.id, Health::default())?;
    schedule::follow_publication(work, client.id, pack)?;
    shadow::end(work, client.id, ShadowEnd::Published)?;
    work.note_change(Some(client.id), "pack");
    Ok(version)
}

pub(super) fn check_sizes(script: &str, settings: &str) -> Result<(), Refusal> {
    for (field, text, bytes_max) in
        [("script", script, SCRIPT_BYTES_MAX), ("settings", settings, SETTINGS_BYTES_MAX)]
    {
        if text.len() > bytes_max {
            return Err(Refusal::TooLong { field: field.to_owned(), bytes: text.len(), bytes_max });
        }
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
