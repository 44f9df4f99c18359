//! A pack that comes from outside the desk's own editor.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{ClientId, Key};

/// Saves a pack as the client's draft, unless the client's pack is another one by now than whoever sends it has seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PushDraft {
    pub client: ClientId,
    pub script: String,
    pub settings: String,
    /// Shared modules that the script imports, by the path that `import` names.
    pub modules: BTreeMap<String, String>,
    /// By file, such as `tests/visits.rhai`: they take the place of those that are kept.
    pub tests: BTreeMap<String, String>,
    /// iCalendar files by key. One that changed is imported; one that is not named here stays.
    pub holidays: BTreeMap<Key, String>,
    /// What changes and why: the message of the version that it becomes, unless whoever publishes it says another.
    pub message: String,
    pub seen: SeenPack,
}

/// The client's pack as somebody saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenPack {
    /// The number of the published version; nothing: none was.
    #[serde(default)]
    pub version: Option<i64>,
    /// The SHA-256 of the draft's texts; nothing: there was no draft.
    #[serde(default)]
    pub draft: Option<String>,
    /// The SHA-256 of the tests that are kept; nothing: there were none.
    #[serde(default)]
    pub tests: Option<String>,
    /// The SHA-256 of the holiday lists; nothing: there were none.
    #[serde(default)]
    pub holidays: Option<String>,
}
