//! What a ticket is opened with, and what can be changed of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::ticket::{Channel, Level};
use crate::domain::{AssetId, AttachmentId, ClientId, ContactId, Key, SiteId, SubClientId};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenTicket {
    pub client: ClientId,
    /// One line, at most 500 bytes.
    pub subject: String,
    /// At most 64 KiB.
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub sub_client: Option<SubClientId>,
    #[serde(default)]
    pub site: Option<SiteId>,
    #[serde(default)]
    pub asset: Option<AssetId>,
    #[serde(default)]
    pub contact: Option<ContactId>,
    /// A category of the client's pack; without one, the pack's default.
    #[serde(default)]
    pub category: Option<Key>,
    #[serde(default)]
    pub impact: Level,
    #[serde(default)]
    pub urgency: Level,
    /// How the request came; without one, `desk`. A client's person comes by `portal` and by nothing else.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Custom fields of the pack: text, number, true/false, a choice's key or a moment.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub fields: BTreeMap<Key, Value>,
    #[serde(default)]
    pub tags: BTreeSet<String>,
    #[serde(default)]
    pub attachments: Vec<AttachmentId>,
}

/// What to change; a field that is absent stays. `null` empties where emptying makes sense.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TicketChanges {
    pub subject: Option<String>,
    pub status: Option<Key>,
    pub category: Option<Key>,
    pub impact: Option<Level>,
    pub urgency: Option<Level>,
    /// Sets the priority whatever impact and urgency say, 1 to 5.
    pub priority: Option<i64>,
    pub is_urgent: Option<bool>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub sub_client: Option<Option<SubClientId>>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub site: Option<Option<SiteId>>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub asset: Option<Option<AssetId>>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub contact: Option<Option<ContactId>>,
    /// `null` empties a field.
    #[schema(value_type = Object)]
    pub fields: BTreeMap<Key, Value>,
}

/// Tells `null` (empty it) from an absent field (leave it).
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
