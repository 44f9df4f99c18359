//! Commands about major incidents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::incident::{AttachedEnd, IncidentRule};
use crate::domain::{Key, Language, TicketId};

/// Declares the ticket a major incident of its client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareIncident {
    pub ticket: TicketId,
    #[serde(default)]
    pub rule: IncidentRule,
    /// What the client's people are told, by language; at most 4,000 bytes each.
    #[serde(default)]
    pub texts: BTreeMap<Language, String>,
}

/// Changes the rule or the texts; what is absent stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeIncident {
    /// The parent ticket.
    pub incident: TicketId,
    /// The version of the incident that was seen; another one is refused.
    #[serde(default)]
    pub version: Option<i64>,
    #[serde(default)]
    pub rule: Option<IncidentRule>,
    #[serde(default)]
    pub texts: Option<BTreeMap<Language, String>>,
}

/// Ends the incident: its ticket is resolved and nothing attaches any more. On one that has ended it deals with
/// those that are still attached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndIncident {
    /// The parent ticket.
    pub incident: TicketId,
    /// The version that was seen. What ended does not end again; with its version, those still attached to an
    /// incident that is over are concluded. Without it such an end is answered 409 `incident_is_over`.
    #[serde(default)]
    pub version: Option<i64>,
    /// How it ended, for the parent and for those that end with it.
    pub resolution: Key,
    /// Shown on each of them.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub attached: AttachedEnd,
}
