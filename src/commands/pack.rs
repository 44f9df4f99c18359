//! A client's pack: the draft is saved, checked and published as a version that never changes.

use super::done::{DeskError, Done};
use super::publication::{self, Around, Checked, Texts};
use super::schedule;
use super::shadow;
use super::work::Work;
use crate::domain::client::Client;
use crate::domain::command::PackSource;
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX, SETTINGS_BYTES_MAX};
use crate::domain::permission::Step;
use crate::domain::shadow::ShadowEnd;
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
    let texts = publication::of_source(&work.tx, &client, source)?;
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
    let texts = publication::of_version(&work.tx, id, to)?;
    publish_texts(work, client, texts, message)
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
) -> Result<Done, DeskError> {
    texts.check_sizes()?;
    if message.len() > MESSAGE_BYTES_MAX {
        let field = "message".to_owned();
        return Err(Refusal::TooLong { field, bytes: message.len(), bytes_max: MESSAGE_BYTES_MAX }.into());
    }
    let around = Around::of(&work.tx, client.id, &texts)?;
    // A desk has checked beside the writer; a rehearsal has no others to keep waiting.
    let checked = work.checked.take().unwrap_or_else(|| Checked::of(&texts, &around));
    let pack = checked.verdict(&texts, &around)?;
    let version = insert(work, client, texts, &around, &pack, message)?;
    Ok(published_as(&version))
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
