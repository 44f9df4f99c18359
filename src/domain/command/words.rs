//! The command that names a pack's statuses and queues.

use serde::{Deserialize, Serialize};

use crate::domain::ClientId;
use crate::domain::pack::PackNames;

/// Writes zone, language and the names of statuses and queues into the draft's `client.toml`, whose other lines stay
/// as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditWords {
    pub client: ClientId,
    /// The fingerprint of the settings that were read; without one, whatever the draft says now is changed.
    #[serde(default)]
    pub base: Option<String>,
    pub words: PackNames,
}
