//! Starting a client's workflow from a pack that is ready.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{ClientId, Key, Moment};

/// The texts of a pack become the client's draft, and its tests those that are kept; nothing is published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartFromPack {
    pub client: ClientId,
    pub script: String,
    pub settings: String,
    /// Holiday lists that the settings name: iCalendar files by key.
    #[serde(default)]
    pub holidays: BTreeMap<Key, String>,
    /// By file, such as `tests/visits.rhai`.
    #[serde(default)]
    pub tests: BTreeMap<String, String>,
    /// When the draft that was seen was saved; `None`: there was none.
    pub replaces: Option<Moment>,
    /// When the tests that were seen were saved last; `None`: there were none.
    #[serde(default)]
    pub replaces_tests: Option<Moment>,
}
