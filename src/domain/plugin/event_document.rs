//! An event as a plugin is told of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::abilities::EventKind;
use super::ticket_document::TicketDocument;
use crate::domain::InstallationId;
use crate::domain::event::Visibility;
use crate::domain::person::Actor;

/// Something that happened to a ticket.
///
/// Events of one ticket come to an installation one after another, in their order; while one is tried again, those
/// after it wait. What an installation brought in itself is not told to it. The same event comes once more when the
/// answer to it was lost: `seq` tells events apart, and the call's idempotency key is the same then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventDocument {
    /// The version of this document: 1.
    pub schema: u32,
    /// Rises with each event of the desk.
    pub seq: i64,
    /// When it happened, in milliseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    pub kind: EventKind,
    /// What made it: `desk` (a person), `script`, `clock`, `import`, or `plugin:` and an installation.
    pub origin: String,
    /// `internal`: the client's people do not see it.
    pub visibility: Visibility,
    pub actor: ActorDocument,
    /// What was changed, as it was; parts of the ticket by their names, only those that were granted.
    #[schema(value_type = Object)]
    pub before: Map<String, Value>,
    /// What was changed, as it is; with `comment_added` the `comment`, with `attachment_added` the `files`, with
    /// `work_order_changed` the `order`, with `rated` the `rating`, with `resolved`, `closed` and `reopened` the
    /// `reason`.
    #[schema(value_type = Object)]
    pub after: Map<String, Value>,
    pub ticket: TicketDocument,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActorDocument {
    /// `person`, `clock`, `script`, `plugin`, `import` or `operator`.
    pub kind: String,
    /// Of a person, or of a foreign author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What made a change, so that a mirror does not send it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Desk,
    Script,
    Clock,
    Import,
    Plugin(InstallationId),
}

impl Origin {
    #[must_use]
    pub fn of(actor: &Actor) -> Origin {
        match actor {
            Actor::Person { .. } | Actor::Operator => Origin::Desk,
            Actor::Script { .. } => Origin::Script,
            Actor::Clock => Origin::Clock,
            Actor::Import { .. } => Origin::Import,
            Actor::Plugin { installation, .. } => Origin::Plugin(*installation),
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Desk => f.write_str("desk"),
            Origin::Script => f.write_str("script"),
            Origin::Clock => f.write_str("clock"),
            Origin::Import => f.write_str("import"),
            Origin::Plugin(installation) => write!(f, "plugin:{installation}"),
        }
    }
}
