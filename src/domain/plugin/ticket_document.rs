//! A ticket as a plugin is told of it: only the parts that were granted.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::event::Visibility;
use crate::domain::ticket::Level;
use crate::domain::{Key, TicketId};

/// A ticket as it stands when the document is written, which may be later than the event that it comes with.
///
/// `id`, `number` and `external` are always there; every other part only when it was granted and there is one. Times
/// are milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketDocument {
    pub id: TicketId,
    /// As people call it: `BANK-1042`. What an item's `ticket` takes.
    pub number: String,
    /// What it is called elsewhere: this installation's own ids; those of others with the part `external`.
    pub external: Vec<ExternalDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Level>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Level>,
    /// 1 (most pressing) to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<PersonDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactDocument>,
    /// Custom fields of the pack; texts as they are, moments in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub fields: Option<BTreeMap<Key, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeSet<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<i64>,
    /// How it ended, with the part `status`: a key of the pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Key>,
    /// Where people see it; absent where the desk's settings name no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The latest 50, oldest first: public ones with the part `comments`, notes with `internal_comments`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<Vec<CommentDocument>>,
    /// The latest 50, oldest first; those of notes only with `internal_comments`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<FileDocument>>,
}

/// What a ticket is called by another installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExternalDocument {
    /// The installation; absent for what an import brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<String>,
    pub external: String,
    /// Whether it is the installation that reads this.
    pub is_own: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonDocument {
    pub login: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SiteDocument {
    /// What an `upsert` takes.
    pub name: String,
    pub address: String,
    pub city: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA name.
    pub time_zone: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssetDocument {
    /// What an `upsert` takes.
    pub tag: String,
    pub serial: String,
    pub model: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactDocument {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommentDocument {
    /// Tells it from others; the same in every document.
    pub id: String,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    pub text: String,
    pub visibility: Visibility,
    /// Whose words they are.
    pub author: String,
    /// Where it came from, as in an event document.
    pub origin: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileDocument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileDocument {
    /// The handle by which this call reads it; good for this call only. Absent where the ability `blob` was not
    /// granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Tells it from others; the same in every document.
    pub id: String,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    pub visibility: Visibility,
}
