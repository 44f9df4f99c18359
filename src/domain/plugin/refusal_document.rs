//! Why the desk did not take an item, as the plugin is told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SCHEMA;
use super::items::DocumentError;
use crate::domain::Refusal;

/// Why an item was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusalDocument {
    /// The version of this document: 1.
    pub schema: u32,
    /// A stable word, such as `unknown_key`; `unreadable_item` for one that is no item.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// The field that is wrong, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Which of the item's commands, from 0; absent when it is the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<usize>,
}

/// A refusal of an item, with the command that met it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRefusal {
    pub refusal: Refusal,
    pub command: Option<usize>,
}

impl RefusalDocument {
    #[must_use]
    pub fn of(refused: &ItemRefusal) -> Self {
        Self {
            schema: SCHEMA,
            code: refused.refusal.code().to_owned(),
            message: refused.refusal.to_string(),
            field: refused.refusal.field().map(str::to_owned),
            command: refused.command,
        }
    }

    /// Of an item that cannot be read.
    #[must_use]
    pub fn unreadable(error: &DocumentError) -> Self {
        Self {
            schema: SCHEMA,
            code: "unreadable_item".to_owned(),
            message: error.to_string(),
            field: Some(error.at.clone()).filter(|at| !at.is_empty()),
            command: None,
        }
    }
}
