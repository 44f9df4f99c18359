//! What the editor of a pack asks while somebody types; saves nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::desk::Desk;
use super::done::DeskError;
use super::pack_check::{PackFinding, SCRIPT};
use super::publication::{draft_modules, known};
use crate::domain::pack::Pack;
use crate::domain::{ClientId, Language, Refusal};
use crate::store::{self, Db};
use crate::workflow::Severity;
use crate::workflow::editing::{self, Draft, Unformatted};

pub use crate::workflow::editing::{
    Completion, Definition, EditedFile, Item, ItemKind, Signature, SignatureParam, Spot,
};

/// The texts as they are typed, and where the cursor stands.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'t> {
    pub script: &'t str,
    pub settings: &'t str,
    pub spot: Spot,
    /// In which labels are read; nothing: the pack's own.
    pub language: Option<Language>,
}

/// A script in its usual form, or why it was left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Formatted {
    pub text: Option<String>,
    pub finding: Option<PackFinding>,
}

/// What can stand at the cursor.
pub fn complete(desk: &Desk, client: ClientId, typed: Typed<'_>) -> Result<Completion, DeskError> {
    if typed.spot.file == EditedFile::Settings {
        return Ok(editing::complete_settings(typed.settings, typed.spot));
    }
    let found = with_draft(desk, client, typed, |draft| Some(editing::complete(draft, typed.spot)))?;
    Ok(found.unwrap_or_default())
}

/// The call around the cursor.
pub fn signature(desk: &Desk, client: ClientId, typed: Typed<'_>) -> Result<Option<Signature>, DeskError> {
    with_draft(desk, client, typed, |draft| editing::signature(draft, typed.spot))
}

/// Where that is defined on which the cursor stands.
pub fn definition(desk: &Desk, client: ClientId, typed: Typed<'_>) -> Result<Option<Definition>, DeskError> {
    with_draft(desk, client, typed, |draft| editing::definition(draft, typed.spot))
}

/// The script in its usual form.
#[must_use]
pub fn formatted(script: &str) -> Formatted {
    match editing::format(script) {
        Ok(text) => Formatted { text: Some(text), finding: None },
        Err(why) => Formatted { text: None, finding: Some(finding_of(&why)) },
    }
}

fn finding_of(why: &Unformatted) -> PackFinding {
    let (line, column) = why.place();
    let values =
        why.values().into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>();
    PackFinding {
        file: SCRIPT.to_owned(),
        line,
        column,
        severity: Severity::Error,
        code: why.code().to_owned(),
        values,
        message: why.to_string(),
        hint: None,
    }
}

/// Nothing where no settings are known by which words could be understood.
fn with_draft<T>(
    desk: &Desk,
    client: ClientId,
    typed: Typed<'_>,
    ask: impl FnOnce(&Draft<'_>) -> Option<T>,
) -> Result<Option<T>, DeskError> {
    let Typed { script, settings, language, .. } = typed;
    let (known, older) = desk.readers().read(|db| {
        let found = store::client::get(db, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
        Ok::<_, DeskError>((
            known(db, client, script, &draft_modules(db, &found)?)?,
            older_settings(db, client)?,
        ))
    })?;
    // While the settings have a mistake, the words of those before it are the best that is known.
    let mut texts = std::iter::once(settings).chain(older.iter().map(String::as_str));
    let Some(pack) = texts.find_map(|text| Pack::parse(text).ok()) else { return Ok(None) };
    let language = language.unwrap_or(pack.language);
    Ok(ask(&Draft { script, settings, pack: &pack, known: &known, language }))
}

/// The saved draft's settings, then the published ones.
fn older_settings(db: &Db, client: ClientId) -> Result<Vec<String>, DeskError> {
    let draft = store::pack::draft(db, client)?.map(|draft| draft.settings);
    let found = store::client::get(db, client)?.and_then(|client| client.pack_version);
    let published = found.map(|version| store::pack::get(db, version)).transpose()?.flatten();
    Ok(draft.into_iter().chain(published.map(|version| version.settings)).collect())
}
