//! Texts and values from outside are checked here, each against its named limit.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::done::DeskError;
use super::work::Work;
use crate::domain::command::{ATTACHMENTS_MAX, LINE_BYTES_MAX, TAG_BYTES_MAX, TAGS_MAX, TEXT_BYTES_MAX};
use crate::domain::event::Visibility;
use crate::domain::pack::{Field, FieldKind, Pack};
use crate::domain::ticket::FieldValue;
use crate::domain::{AttachmentId, Key, Moment, Refusal, TicketId};
use crate::store;

/// Most values of custom fields in one command.
const FIELDS_MAX: usize = 200;

/// One line that must not be empty: a subject, a title, a name.
pub(super) fn line(field: &str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::invalid(field, "must not be empty"));
    }
    if text.len() > LINE_BYTES_MAX {
        return Err(Refusal::TooLong {
            field: field.to_owned(),
            bytes: text.len(),
            bytes_max: LINE_BYTES_MAX,
        });
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::invalid(field, "must be one line without control characters"));
    }
    Ok(text.to_owned())
}

/// A line that may be absent; an empty one counts as absent.
pub(super) fn maybe_line(field: &str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => line(field, text).map(Some),
    }
}

/// A longer text; may be empty.
pub(super) fn text(field: &str, text: &str) -> Result<(), Refusal> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Refusal::TooLong {
            field: field.to_owned(),
            bytes: text.len(),
            bytes_max: TEXT_BYTES_MAX,
        });
    }
    if text.contains('\0') {
        return Err(Refusal::invalid(field, "must not contain the character U+0000"));
    }
    Ok(())
}

pub(super) fn maybe_text(field: &str, words: Option<&str>) -> Result<(), Refusal> {
    words.map_or(Ok(()), |words| text(field, words))
}

pub(super) fn tags(field: &str, tags: &BTreeSet<String>) -> Result<(), Refusal> {
    if tags.len() > TAGS_MAX {
        return Err(Refusal::TooMany { field: field.to_owned(), count: tags.len(), count_max: TAGS_MAX });
    }
    for tag in tags {
        if tag.trim() != tag || tag.is_empty() || tag.chars().any(char::is_control) {
            return Err(Refusal::invalid(
                field,
                format!("`{tag}` is not a tag: no spaces around it, not empty"),
            ));
        }
        if tag.len() > TAG_BYTES_MAX {
            return Err(Refusal::TooLong {
                field: field.to_owned(),
                bytes: tag.len(),
                bytes_max: TAG_BYTES_MAX,
            });
        }
    }
    Ok(())
}

/// Custom fields as the pack defines them; `null` empties one. Texts are stored.
pub(super) fn fields(
    work: &Work<'_>,
    pack: &Pack,
    values: &BTreeMap<Key, Value>,
) -> Result<BTreeMap<Key, Option<FieldValue>>, DeskError> {
    if values.len() > FIELDS_MAX {
        let (field, count) = ("fields".to_owned(), values.len());
        return Err(Refusal::TooMany { field, count, count_max: FIELDS_MAX }.into());
    }
    let mut stored = BTreeMap::new();
    for (key, value) in values {
        let field = pack.require_field("fields", key)?;
        stored.insert(key.clone(), field_value(work, field, value)?);
    }
    Ok(stored)
}

fn field_value(work: &Work<'_>, field: &Field, value: &Value) -> Result<Option<FieldValue>, DeskError> {
    let name = format!("fields.{}", field.key);
    let wrong = |wanted: &str| DeskError::from(Refusal::invalid(&name, format!("must be {wanted}")));
    let stored = match (field.kind, value) {
        (_, Value::Null) => return Ok(None),
        // Spaces are no answer.
        (FieldKind::Text, Value::String(words)) if words.trim().is_empty() => return Ok(None),
        (FieldKind::Flag, Value::Bool(flag)) => FieldValue::Flag(*flag),
        (FieldKind::Flag, _) => return Err(wrong("true or false")),
        (FieldKind::Number, Value::Number(number)) => FieldValue::Number(number.as_f64().unwrap_or(f64::NAN)),
        (FieldKind::Number, _) => return Err(wrong("a number")),
        (FieldKind::Moment, Value::String(moment)) => {
            let moment = moment.parse::<Moment>();
            FieldValue::Moment(moment.map_err(|error| Refusal::invalid(&name, error.to_string()))?)
        }
        (FieldKind::Moment, _) => return Err(wrong("a moment, RFC 3339 with a zone")),
        (FieldKind::Choice, Value::String(choice)) => {
            let known = field.choices.iter().map(|choice| choice.key.as_str());
            match field.choices.iter().find(|known| known.key == choice.as_str()) {
                Some(found) => FieldValue::Choice(found.key.clone()),
                None => return Err(Refusal::unknown_key(&name, "choice", choice, known).into()),
            }
        }
        (FieldKind::Choice, _) => return Err(wrong("the key of a choice")),
        (FieldKind::Text, Value::String(words)) => return text_value(work, &name, words).map(Some),
        (FieldKind::Text, _) => return Err(wrong("a text")),
    };
    Ok(Some(stored))
}

/// Values that tasks carry: of any kind, texts are stored.
pub(super) fn task_fields(
    work: &Work<'_>,
    values: &BTreeMap<Key, Value>,
) -> Result<BTreeMap<Key, FieldValue>, DeskError> {
    if values.len() > FIELDS_MAX {
        let (field, count) = ("fields".to_owned(), values.len());
        return Err(Refusal::TooMany { field, count, count_max: FIELDS_MAX }.into());
    }
    let mut stored = BTreeMap::new();
    for (key, value) in values {
        let name = format!("fields.{key}");
        let value = match value {
            Value::Null => continue,
            Value::Bool(flag) => FieldValue::Flag(*flag),
            Value::Number(number) => FieldValue::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(words) => text_value(work, &name, words)?,
            // Lists and maps are kept as people read them: one text.
            Value::Array(_) | Value::Object(_) => text_value(work, &name, &value.to_string())?,
        };
        stored.insert(key.clone(), value);
    }
    Ok(stored)
}

fn text_value(work: &Work<'_>, name: &str, words: &str) -> Result<FieldValue, DeskError> {
    text(name, words)?;
    Ok(FieldValue::Text(store::text::put(&work.tx, words)?))
}

/// As [`bind_attachments`], for files that may hang on the ticket already.
pub(super) fn hang_attachments(
    work: &Work<'_>,
    ticket: TicketId,
    attachments: &[AttachmentId],
    visibility: Visibility,
) -> Result<(), DeskError> {
    let mut fresh = Vec::new();
    for id in attachments {
        let found = store::attachment::get(&work.tx, *id)?;
        if found.is_none_or(|found| found.ticket != Some(ticket)) {
            fresh.push(*id);
        }
    }
    bind_attachments(work, ticket, &fresh, visibility)
}

/// Hangs uploaded files on the ticket. Each must be an upload of the acting person that hangs nowhere yet.
pub(super) fn bind_attachments(
    work: &Work<'_>,
    ticket: TicketId,
    attachments: &[AttachmentId],
    visibility: Visibility,
) -> Result<(), DeskError> {
    if attachments.len() > ATTACHMENTS_MAX {
        let (field, count) = ("attachments".to_owned(), attachments.len());
        return Err(Refusal::TooMany { field, count, count_max: ATTACHMENTS_MAX }.into());
    }
    for id in attachments {
        let found = store::attachment::get(&work.tx, *id)?;
        let is_ours =
            found.is_some_and(|found| found.ticket.is_none() && found.uploaded_by == work.cause.actor);
        if !is_ours || !store::attachment::bind(&work.tx, *id, ticket, visibility)? {
            return Err(Refusal::not_found("unused upload of yours", id).into());
        }
    }
    Ok(())
}
