//! `EditWords`: what a new client changes first in its draft, as data; the text keeps its comments.

use super::done::{DeskError, Done};
use super::edit_time::unreadable;
use super::pack;
use super::publication::lists;
use super::work::Work;
use crate::domain::Refusal;
use crate::domain::command::EditWords;
use crate::domain::pack::{Pack, TimeSettings, fingerprint};
use crate::store;
use crate::store::pack::Texts;

/// Saves the draft as `SaveDraft` does; without a draft, the published texts become one. What would be no pack any
/// more is refused here: a form shows it at once.
pub(super) fn edit(work: &mut Work<'_>, edit: EditWords) -> Result<Done, DeskError> {
    let client = pack::client_for(work, edit.client)?;
    let Texts { script, settings, .. } =
        store::pack::to_edit(&work.tx, &client)?.ok_or(Refusal::NothingPublished)?;
    if edit.base.is_some_and(|base| base != fingerprint(&settings)) {
        return Err(Refusal::DraftChanged.into());
    }
    let before = TimeSettings::read(&settings).map_err(unreadable)?.words();
    if let Some(key) = edit.words.new_key(&before) {
        let message =
            format!("`{key}` is no status or queue of the settings; add it in the text of client.toml");
        return Err(Refusal::Invalid { field: "words".to_owned(), message }.into());
    }
    let after = edit.words.write(&settings).map_err(unreadable)?;
    let lists = lists(&store::holiday_list::of_client(&work.tx, client.id)?)?;
    if let Err(error) = Pack::parse_with(&after, &lists) {
        return Err(Refusal::Invalid { field: "words".to_owned(), message: error.to_string() }.into());
    }
    if after == settings {
        return Ok(Done { is_repeat: true, ..Done::default() });
    }
    pack::save_draft(work, client.id, script, after)
}
