//! What events carry that begin something: a ticket, a task, a work order, a verdict.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::assignment::Rejection;
use crate::domain::calendars::Terms;
use crate::domain::contract::Coverage;
use crate::domain::ticket::{Channel, FieldValue, Level};
use crate::domain::{
    AssetId, AttachmentId, ClientId, ContactId, Key, Moment, PackVersionId, PersonId, SiteId, SubClientId,
    TaskId, TextId, WorkOrderId,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketOpened {
    pub client: ClientId,
    pub number: i64,
    pub sub_client: Option<SubClientId>,
    pub site: Option<SiteId>,
    pub asset: Option<AssetId>,
    pub contact: Option<ContactId>,
    pub subject: TextId,
    pub description: Option<TextId>,
    pub status: Key,
    pub category: Option<Key>,
    pub impact: Level,
    pub urgency: Level,
    pub priority: i64,
    pub queue: Option<Key>,
    pub channel: Channel,
    pub fields: BTreeMap<Key, FieldValue>,
    pub tags: BTreeSet<String>,
    pub attachments: Vec<AttachmentId>,
    pub pack_version: Option<PackVersionId>,
    #[serde(default)]
    pub terms: Terms,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CoverageChecked {
    /// The sub-client whose balance it concerns; `null`: the client's.
    pub holder: Option<SubClientId>,
    pub coverage: Coverage,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskOpened {
    pub task: TaskId,
    pub department: Key,
    pub title: TextId,
    pub due_at: Option<Moment>,
    pub outcomes: Vec<Key>,
    pub partner: Option<crate::domain::PartnerId>,
    pub fields: BTreeMap<Key, FieldValue>,
    pub ordinal: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkOrderOpened {
    pub order: WorkOrderId,
    pub engineer: PersonId,
    pub note: Option<TextId>,
    pub due_at: Option<Moment>,
    pub planned_at: Option<Moment>,
    pub ordinal: i64,
    /// Who else was looked at and why each was not chosen.
    pub rejections: Vec<Rejection>,
}
