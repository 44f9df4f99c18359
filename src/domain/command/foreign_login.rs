//! Commands about the log-ins of a client's own desk.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{ClientId, ForeignLoginId, Key, Moment, PersonId};

/// Says whose a log-in of the client's own desk is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MapForeignLogin {
    pub client: ClientId,
    /// The foreign system: `servicenow`, `hpsm`.
    pub system: Key,
    /// Compared without regard to case.
    pub login: String,
    /// Of our staff or of a partner; not a client's contact.
    pub person: PersonId,
    /// May lie in the past: a history is imported after it happened. Absent: from now on.
    #[serde(default)]
    pub valid_from: Option<Moment>,
}

/// Ends, from now on, that a log-in is somebody's; the row stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnmapForeignLogin {
    pub id: ForeignLoginId,
    /// The version that was seen.
    pub version: i64,
}
