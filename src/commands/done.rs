//! What a caller hands in and gets back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::pack_check::PackFinding;
use crate::domain::refusal::ErrorDetail;
use crate::domain::{ClientId, Key, Moment, PersonId, Refusal, TicketId};
use crate::store::StoreError;

/// The answer to a change that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// What was made: a ticket, a task, a work order, a client …
    pub id: Option<String>,
    /// The ticket that the change was about.
    pub ticket: Option<TicketId>,
    /// As people call the ticket: `BANK-1042`.
    pub number: Option<String>,
    /// Of the ticket or the record, after the change and all that it led to.
    pub version: Option<i64>,
    /// The last event of the change; live messages up to it are older.
    pub seq: i64,
    /// What is done nevertheless, but may be a mistake.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// What the desk says of it, in the caller's language: why this ticket is the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Of a handover by hand: what became of each ticket, in the order in which they were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handed_over: Vec<HandedOver>,
    /// The same request had been carried out before; nothing was done again.
    #[serde(default)]
    pub is_repeat: bool,
    /// An imported row names a foreign log-in that is nobody's here; for the importer alone.
    #[serde(skip)]
    pub is_unmapped: bool,
}

/// Something that the caller may want to look at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Warning {
    /// The person has another time entry at that time.
    TimeOverlaps {
        /// The other entry's ticket; `null`: one that the caller need not know.
        number: Option<String>,
        from: Moment,
        to: Moment,
    },
    /// A client's published workflow names what the change took away: a person, the last member of a queue, the last one
    /// with a role, a plugin or a function of it.
    WorkflowNames {
        client: ClientId,
        client_name: String,
        /// As it stands there: a login, the key of a queue, a role, a plugin or its function.
        name: String,
        /// `workflow.rhai`, `client.toml`, or the path of a shared module.
        file: String,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
    },
    /// What was published names something that nobody is behind.
    Finding { finding: PackFinding },
}

/// What became of one ticket that somebody hands over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandedOver {
    pub ticket: TicketId,
    /// `BANK-1042`; `null`: there is no such ticket that the caller can see.
    pub number: Option<String>,
    #[serde(flatten)]
    pub became: HandoverOutcome,
}

/// Where a ticket is after the handover and all that it led to, or why it was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum HandoverOutcome {
    /// Somebody else has it.
    Person { person: PersonId, name: String },
    /// It stands in a queue and is nobody's.
    Queue { queue: Option<Key> },
    /// The client's rule lets it stay with the person; the summary is written.
    Kept,
    /// Nothing of it was changed, for the reason that the step alone would have been refused with.
    Refused { error: ErrorDetail },
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file beside the database: the transaction is whole, so that this change alone is not made.
    #[error(transparent)]
    File(StoreError),
    #[error("the desk takes no more changes just now; try again shortly")]
    Overloaded,
    #[error(
        "other workflows wait to be checked before they are published, one of this client's among them or too many; \
         try again shortly"
    )]
    ChecksAreBusy,
    #[error("the desk met a defect of its own; nothing of this change was stored")]
    Panicked,
    #[error("the desk is stopping")]
    Stopped,
}

/// A key by which a request that is sent twice is carried out once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    pub key: String,
    /// Of the whole request: the same key with another request is refused.
    pub request_sha256: String,
}

/// What a command may set off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Scripts, clocks and notifications.
    #[default]
    Live,
    /// The change alone: an import of what happened elsewhere.
    Muted,
}
