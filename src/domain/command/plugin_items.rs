//! Commands about what plugins bring in, and about what was kept of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::PluginAnswered;
use crate::domain::event::Visibility;
use crate::domain::plugin::{CommandName, Spoken};
use crate::domain::{AttachmentId, InstallationId, JobId, Key, ParkedItemId, Span, TicketId};

/// Takes the items of one answer of an installation, with its cursor and its kept values, in one transaction.
///
/// The journal keeps the commands of each item on their own, not the items once more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeItems {
    pub installation: InstallationId,
    /// The attempt that brought them; when somebody else has the job by now, nothing is taken.
    pub job: Option<JobId>,
    /// The ticket of the event that was answered.
    pub ticket: Option<TicketId>,
    /// As the plugin gave them.
    #[serde(skip)]
    pub items: Vec<Value>,
    /// The files of the call by their handles, stored already.
    #[serde(skip)]
    pub files: BTreeMap<String, AttachmentId>,
    #[serde(skip)]
    pub kv: Vec<KvWrite>,
    /// The operator's ceiling for what items may ask for; none: whatever was granted.
    #[serde(skip)]
    pub ceiling: Option<BTreeSet<CommandName>>,
    #[serde(skip)]
    pub poll: Option<PollEnd>,
    /// The answer to a script's call, of one that kept something.
    #[serde(skip)]
    pub answered: Option<Box<PluginAnswered>>,
}

/// What a poll came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollEnd {
    /// The cursor that it began with; when another stands by now, nothing is taken.
    pub from: Option<String>,
    /// The next cursor; none: it stays.
    pub to: Option<String>,
    /// The next page is asked for at once.
    pub more: bool,
}

/// A value that an installation keeps under a key; none: the key is forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvWrite {
    pub key: String,
    pub value: Option<Vec<u8>>,
}

/// A comment that somebody wrote on the other side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddForeignComment {
    pub ticket: TicketId,
    pub text: String,
    pub visibility: Visibility,
    pub author: Option<String>,
    pub spoken_by: Option<Spoken>,
    #[serde(default)]
    pub attachments: Vec<AttachmentId>,
}

/// A plugin tells the client's script something about a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GiveNotice {
    pub ticket: TicketId,
    pub plugin: Key,
    pub name: Key,
    pub value: Value,
}

/// A parked item is taken once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayItem {
    pub item: ParkedItemId,
}

/// A parked item is taken no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscardItem {
    pub item: ParkedItemId,
}

/// Makes a token the only one by which requests from outside reach the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetHookToken {
    pub installation: InstallationId,
    pub token_sha256: String,
}

/// How often the other side is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPollInterval {
    pub installation: InstallationId,
    /// In milliseconds, 10 seconds to a day; `null`: as the plugin's manifest says.
    pub every: Option<Span>,
}
