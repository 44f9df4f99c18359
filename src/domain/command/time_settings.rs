//! Changes of the settings by which time is counted.

use serde::{Deserialize, Serialize};

use crate::domain::ClientId;
use crate::domain::pack::TimeSettings;

/// Writes calendars, targets and stages into the draft's `client.toml`, whose other lines stay as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditTime {
    pub client: ClientId,
    /// The fingerprint of the settings that were read; without one, whatever the draft says now is changed.
    #[serde(default)]
    pub base: Option<String>,
    /// Whole: what is not named is taken away.
    pub time: TimeSettings,
}
