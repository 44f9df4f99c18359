//! `EditTime`: calendars, targets and stages of the draft are changed as data; the text keeps its comments.

use super::done::{DeskError, Done};
use super::pack;
use super::publication::lists;
use super::work::Work;
use crate::domain::Refusal;
use crate::domain::calendar::Lists;
use crate::domain::command::EditTime;
use crate::domain::pack::{PackError, TimeSettings, fingerprint, rewrite};
use crate::store;
use crate::store::pack::Texts;

/// Saves the draft as `SaveDraft` does; without a draft, the published texts become one. What cannot be published
/// is refused here: a form shows it at once.
pub(super) fn edit(work: &mut Work<'_>, edit: EditTime) -> Result<Done, DeskError> {
    let client = pack::client_for(work, edit.client)?;
    let Texts { script, settings, .. } =
        store::pack::to_edit(&work.tx, &client)?.ok_or(Refusal::NothingPublished)?;
    if edit.base.is_some_and(|base| base != fingerprint(&settings)) {
        return Err(Refusal::DraftChanged.into());
    }
    let before = TimeSettings::read(&settings).map_err(unreadable)?;
    let after = rewrite(&settings, &edit.time).map_err(unreadable)?;
    let lists = lists(&store::holiday_list::of_client(&work.tx, client.id)?)?;
    let faults = before.with_time(edit.time).faults_of_time(Lists::Known(&lists));
    if let Some(fault) = faults.into_iter().next() {
        let fault = fault.of_time(&after);
        let (line, column, message) = (fault.line, fault.column, fault.message);
        let field = fault.field.map_or_else(|| "time".to_owned(), |way| format!("time.{way}"));
        return Err(
            Refusal::Invalid { field, message: format!("{message} (client.toml:{line}:{column})") }.into()
        );
    }
    if after == settings {
        return Ok(Done { is_repeat: true, ..Done::default() });
    }
    pack::save_draft(work, client.id, script, after)
}

pub(super) fn unreadable(error: PackError) -> Refusal {
    Refusal::DraftUnreadable { line: error.line, column: error.column, message: error.message }
}
