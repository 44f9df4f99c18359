//! Pieces of the documents for plugins: a person, a comment, a file, a work order.

use serde_json::{Value, json};

use super::plugin_document::{Writing, handle_of};
use crate::domain::event::{Event, Visibility};
use crate::domain::person::Actor;
use crate::domain::plugin::{CommentDocument, FileDocument, Origin, PersonDocument};
use crate::domain::{PersonId, WorkOrderId};
use crate::store::attachment::Attachment;
use crate::store::event::Recorded;
use crate::store::{self, Db, StoreError};

pub(super) fn person_of(db: &Db, person: PersonId) -> Result<Option<PersonDocument>, StoreError> {
    let found = store::person::get(db, person)?;
    Ok(found.map(|person| PersonDocument { login: person.login, name: person.name }))
}

/// A comment with its words; nothing of another event.
pub(super) fn comment_of(
    writing: &mut Writing<'_>,
    recorded: &Recorded,
) -> Result<Option<CommentDocument>, StoreError> {
    let Event::CommentAdded { text, visibility, attachments, foreign_author, .. } = &recorded.event else {
        return Ok(None);
    };
    let author = match (foreign_author, &recorded.actor) {
        (Some(name), _) => writing.words(*name)?,
        (None, Actor::Person { person }) => {
            store::person::get(writing.db, *person)?.map(|person| person.name).unwrap_or_default()
        }
        (None, actor) => Origin::of(actor).to_string(),
    };
    Ok(Some(CommentDocument {
        id: text.to_string(),
        at: recorded.occurred_at.ms(),
        text: writing.words(*text)?,
        visibility: *visibility,
        author,
        origin: Origin::of(&recorded.actor).to_string(),
        files: writing.files_by_id(attachments)?,
    }))
}

/// A file, with its handle where files were granted.
pub(super) fn file_of(writing: &mut Writing<'_>, file: Attachment) -> Option<FileDocument> {
    let visibility = file.visibility.unwrap_or(Visibility::Internal);
    if !writing.may_see(visibility) {
        return None;
    }
    let handle = writing.reader.abilities.blob.then(|| handle_of(file.id));
    writing.files.extend(handle.clone().map(|handle| (handle, file.id)));
    Some(FileDocument {
        file: handle,
        id: file.id.to_string(),
        name: file.name,
        media_type: file.media_type,
        bytes: file.bytes,
        visibility,
    })
}

pub(super) fn order_of(db: &Db, order: WorkOrderId) -> Result<Value, StoreError> {
    let Some(order) = store::work_order::get(db, order)? else { return Ok(Value::Null) };
    let engineer = person_of(db, order.engineer)?;
    let words = |text: Option<crate::domain::TextId>| -> Result<Option<String>, StoreError> {
        Ok(text.map(|text| store::text::get(db, text)).transpose()?.flatten())
    };
    Ok(json!({
        "id": order.id, "stage": order.stage, "engineer": engineer, "outcome": order.outcome,
        "comment": words(order.comment)?, "planned_at": order.planned_at.map(|at| at.ms()),
        "due_at": order.due_at.map(|at| at.ms()),
    }))
}
