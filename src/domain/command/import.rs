//! Commands of an import: a foreign desk's tickets and their history, on that desk's clock.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::ticket::Level;
use crate::domain::{ClientId, Key, Moment};

/// A ticket of a foreign desk's history, on that desk's clock. Scripts and deadlines stay mute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportTicket {
    pub client: ClientId,
    /// The foreign number, such as `INC0000045`.
    pub external: String,
    /// Hash of the row that opened it.
    pub row: String,
    /// When it was opened; the row itself may be later.
    pub opened_at: Moment,
    pub subject: String,
    pub state: ImportState,
    pub tags: BTreeSet<String>,
}

/// One row of the foreign history after the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportUpdate {
    pub client: ClientId,
    pub external: String,
    pub row: String,
    pub state: ImportState,
}

/// What a row of a foreign history says of its ticket; what it does not say stays as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportState {
    pub status: Key,
    pub category: Option<Key>,
    pub impact: Level,
    pub urgency: Level,
    pub priority: i64,
    pub queue: Option<Key>,
    pub reopen_count: i64,
    pub fields: BTreeMap<Key, Value>,
    /// The foreign log-in that the ticket is assigned to; of a person of ours when it is mapped.
    #[serde(default)]
    pub assigned_to: Option<String>,
}
