//! Items: what a plugin brings in, each with a foreign id and its commands, taken or refused on its own.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::SCHEMA;
use super::item_command::ItemCommand;

/// Most items of one answer.
pub const ITEMS_MAX: usize = 200;
/// Most commands of one item.
pub const COMMANDS_MAX: usize = 20;
/// Longest foreign id, in bytes.
pub const EXTERNAL_BYTES_MAX: usize = 200;
/// Longest key of an item, in bytes.
pub const KEY_BYTES_MAX: usize = 200;
/// Longest cursor, in bytes.
pub const CURSOR_BYTES_MAX: usize = 4 * 1024;
/// Largest item, in bytes of JSON.
pub const ITEM_BYTES_MAX: usize = 256 * 1024;

/// What a plugin answers to an event or to a request from outside: at most 200 items, taken in their order.
///
/// Each item is applied or refused on its own. One that is refused, or cannot be read, is parked with the reason and
/// shown to people; those after it go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemsDocument {
    /// The version of this document: 1. Absent: 1.
    #[serde(default = "schema")]
    pub schema: u32,
    #[schema(max_items = 200)]
    pub items: Vec<PluginItem>,
}

/// What a plugin answers to a poll. Items, cursor and `kv` writes are stored together or not at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PollDocument {
    /// The version of this document: 1. Absent: 1.
    #[serde(default = "schema")]
    pub schema: u32,
    #[serde(default)]
    #[schema(max_items = 200)]
    pub items: Vec<PluginItem>,
    /// What the next poll is given; at most 4 KiB. Absent: the cursor stays as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4096)]
    pub cursor: Option<String>,
    /// The next page is asked for at once.
    #[serde(default)]
    pub more: bool,
}

/// One thing that happened on the other side: a foreign id and what the desk should do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginItem {
    /// What the other side calls its ticket; 1 to 200 bytes. The desk keeps which of its tickets that is, for each
    /// installation on its own, so that a foreign ticket is copied once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub external: Option<String>,
    /// A ticket of the desk by its number, such as `BANK-1042`. With neither `ticket` nor `external`: the ticket of
    /// the event that this answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// When it happened there, in milliseconds since 1970-01-01T00:00:00Z; not more than five minutes ahead of the
    /// desk's clock. Absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Names this very change; 1 to 200 bytes. An item whose key was taken before is skipped, so that a change that
    /// is told twice is made once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub key: Option<String>,
    /// 1 to 20, applied in their order, all or none.
    #[schema(min_items = 1, max_items = 20)]
    pub commands: Vec<ItemCommand>,
}

/// Why a document, or a part of it, cannot be read, and where that is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if .at.is_empty() { String::new() } else { format!("{}: ", .at) })]
pub struct DocumentError {
    /// Such as `items[3].commands[0].status`; empty: the document itself.
    pub at: String,
    pub message: String,
}

impl DocumentError {
    pub(super) fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into() }
    }
}

/// What a poll brought, its items as they came.
#[derive(Debug, Clone, PartialEq)]
pub struct Polled {
    pub items: Vec<Value>,
    pub cursor: Option<String>,
    pub more: bool,
}

/// The items of an items document, as they came; [`PluginItem::read`] reads each.
///
/// # Errors
/// When the document itself is wrong; an item that is wrong is refused on its own, later.
pub fn read_items(document: Value) -> Result<Vec<Value>, DocumentError> {
    let mut fields = object(document, &["schema", "items"])?;
    match fields.remove("items") {
        Some(items) => list(items),
        None => Err(DocumentError::new("items", "is missing; `[]` when there is nothing to say")),
    }
}

/// A poll document, its items as they came.
///
/// # Errors
/// As `read_items`.
pub fn read_poll(document: Value) -> Result<Polled, DocumentError> {
    let mut fields = object(document, &["schema", "items", "cursor", "more"])?;
    let cursor = match fields.remove("cursor") {
        None | Some(Value::Null) => None,
        Some(Value::String(cursor)) if cursor.len() <= CURSOR_BYTES_MAX => Some(cursor),
        Some(Value::String(cursor)) => {
            let message = format!("has {} bytes; at most {CURSOR_BYTES_MAX} are taken", cursor.len());
            return Err(DocumentError::new("cursor", message));
        }
        Some(_) => return Err(DocumentError::new("cursor", "must be a text or absent")),
    };
    let more = match fields.remove("more") {
        None => false,
        Some(Value::Bool(more)) => more,
        Some(_) => return Err(DocumentError::new("more", "must be true or false")),
    };
    let items = fields.remove("items").map_or(Ok(Vec::new()), list)?;
    Ok(Polled { items, cursor, more })
}

fn object(document: Value, known: &[&str]) -> Result<Map<String, Value>, DocumentError> {
    let Value::Object(fields) = document else {
        return Err(DocumentError::new("", "the document must be a JSON object"));
    };
    if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        let message = format!("is not known here; known: {}", known.join(", "));
        return Err(DocumentError::new(unknown.chars().take(80).collect::<String>(), message));
    }
    match fields.get("schema") {
        None => {}
        Some(version) if version.as_u64() == Some(u64::from(SCHEMA)) => {}
        Some(version) => {
            let message = format!("is {version}; this desk reads version {SCHEMA}");
            return Err(DocumentError::new("schema", message));
        }
    }
    Ok(fields)
}

fn list(items: Value) -> Result<Vec<Value>, DocumentError> {
    let Value::Array(items) = items else { return Err(DocumentError::new("items", "must be a list")) };
    if items.len() > ITEMS_MAX {
        let message = format!(
            "has {} entries; at most {ITEMS_MAX} are taken: answer these, and the rest with the next cursor and `more`",
            items.len()
        );
        return Err(DocumentError::new("items", message));
    }
    Ok(items)
}

impl PluginItem {
    /// Reads one item and holds it against the limits.
    ///
    /// # Errors
    /// What is wrong and where, such as `commands[1].to`.
    pub fn read(given: &Value) -> Result<PluginItem, DocumentError> {
        let bytes = given.to_string().len();
        if bytes > ITEM_BYTES_MAX {
            let message = format!("the item has {bytes} bytes; at most {ITEM_BYTES_MAX} are taken");
            return Err(DocumentError::new("", message));
        }
        let Some(fields) = given.as_object() else {
            return Err(DocumentError::new("", "an item must be a JSON object"));
        };
        let mut rest = fields.clone();
        let commands = match rest.insert("commands".to_owned(), Value::Array(Vec::new())) {
            Some(Value::Array(commands)) => commands,
            Some(_) => return Err(DocumentError::new("commands", "must be a list")),
            None => {
                return Err(DocumentError::new("commands", "is missing; an item without any does nothing"));
            }
        };
        let mut item: PluginItem = parse(Value::Object(rest), "")?;
        if commands.is_empty() || commands.len() > COMMANDS_MAX {
            let message = format!("has {} entries; 1 to {COMMANDS_MAX} are taken", commands.len());
            return Err(DocumentError::new("commands", message));
        }
        for (place, command) in commands.into_iter().enumerate() {
            item.commands.push(read_command(command, &format!("commands[{place}]"))?);
        }
        for (name, text, bytes_max) in
            [("external", &item.external, EXTERNAL_BYTES_MAX), ("key", &item.key, KEY_BYTES_MAX)]
        {
            if let Some(text) = text {
                check_name(name, text, bytes_max)?;
            }
        }
        Ok(item)
    }
}

fn check_name(name: &str, text: &str, bytes_max: usize) -> Result<(), DocumentError> {
    if text.is_empty() || text.len() > bytes_max || text.chars().any(char::is_control) {
        let message = format!("must have 1 to {bytes_max} bytes and no control characters");
        return Err(DocumentError::new(name, message));
    }
    Ok(())
}

/// Which command it is first, then its own fields: so that what is wrong is said of the field, not of all commands.
fn read_command(command: Value, at: &str) -> Result<ItemCommand, DocumentError> {
    let Value::Object(mut fields) = command else {
        return Err(DocumentError::new(at, "a command must be a JSON object"));
    };
    let Some(name) = fields.remove("do") else {
        return Err(DocumentError::new(format!("{at}.do"), "is missing: it says which command this is"));
    };
    let name = name.as_str().unwrap_or_default().to_owned();
    ItemCommand::read(&name, Value::Object(fields), at)
}

/// Reads a part; the error says where in it something is wrong.
pub(super) fn parse<T: DeserializeOwned>(value: Value, at: &str) -> Result<T, DocumentError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let place = match (at, path.as_str()) {
            (at, "." | "") => at.to_owned(),
            ("", path) => path.to_owned(),
            (at, path) => format!("{at}.{path}"),
        };
        DocumentError::new(place, error.inner().to_string())
    })
}

fn schema() -> u32 {
    SCHEMA
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (item, said) in [
            (json!([]), "an item must be a JSON object"),
            (json!({}), "commands: is missing"),
            (json!({ "commands": [] }), "commands: has 0 entries; 1 to 20"),
            (
                json!({ "external": "", "commands": [{ "do": "unlink" }] }),
                "external: must have 1 to 200 bytes",
            ),
            (json!({ "at": "x", "commands": [{ "do": "unlink" }] }), "at: invalid type: string"),
            (json!({ "extern": "A", "commands": [{ "do": "unlink" }] }), "extern: unknown field `extern`"),
            (json!({ "commands": [{ "do": "unlink" }, { "to": "x" }] }), "commands[1].do: is missing"),
            (
                json!({ "commands": [{ "do": "upsrt" }] }),
                "commands[0].do: `upsrt` is no command (did you mean `upsert`?)",
            ),
            (json!({ "commands": [{ "do": "status" }] }), "commands[0]: missing field `to`"),
            (
                json!({ "commands": [{ "do": "status", "to": "Open!" }] }),
                "commands[0].to: `Open!` is not a key",
            ),
            (json!({ "commands": [{ "do": "unlink", "x": 1 }] }), "commands[0].x: unknown field `x`"),
            (
                json!({ "commands": [{ "do": "upsert", "subject": "x", "impact": "huge" }] }),
                "commands[0].impact: unknown variant `huge`",
            ),
        ] {
            let error = PluginItem::read(&item).unwrap_err().to_string();
            assert!(error.contains(said), "{item}: {error}");
        }
    }

    #[test]
    fn a_document_of_another_version_is_not_guessed_at() {
        let error = read_items(json!({ "schema": 2, "items": [] })).unwrap_err().to_string();
        assert_eq!(error, "schema: is 2; this desk reads version 1");
        assert!(read_items(json!({ "items": [], "cursor": "x" })).is_err());
        assert!(read_poll(json!({ "cursor": "x".repeat(CURSOR_BYTES_MAX + 1) })).is_err());
        let polled = read_poll(json!({ "schema": 1, "items": [1], "cursor": "c", "more": true })).unwrap();
        assert_eq!(polled, Polled { items: vec![json!(1)], cursor: Some("c".to_owned()), more: true });
        assert!(read_items(json!({ "items": vec![0; ITEMS_MAX + 1] })).is_err());
    }

    #[test]
    fn an_item_is_written_as_it_is_read() {
        let given = json!({
            "external": "IM10023", "at": 1_700_000_000_000_i64, "key": "IM10023/7",
            "commands": [
                { "do": "upsert", "subject": "No cash", "tags": ["atm"], "fields": { "part": "7" } },
                { "do": "comment", "text": "Door open", "visibility": "public", "author": "Ann" },
                { "do": "close", "resolution": "done" },
            ],
        });
        let item = PluginItem::read(&given).unwrap();
        let again = serde_json::to_value(&item).unwrap();
        assert_eq!(PluginItem::read(&again).unwrap(), item);
    }
}
