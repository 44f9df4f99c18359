//! What happened on the desk: the event document and the ticket in it, as `plugins/schema` says.
//!
//! Parts of a ticket are there only when they were granted and there is something; times are milliseconds since
//! 1970-01-01T00:00:00Z.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Something that happened to a ticket.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// Rises with each event of the desk.
    pub seq: i64,
    /// When it happened.
    pub at: i64,
    /// `ticket_opened`, `status_changed`, ...: as the manifest's `events` names them.
    pub kind: String,
    /// `desk` (a person), `script`, `clock`, `import`, or `plugin:` and an installation.
    pub origin: String,
    pub visibility: Visibility,
    pub actor: Actor,
    /// What was changed, as it was.
    #[serde(default)]
    pub before: Map<String, Value>,
    /// What was changed, as it is.
    #[serde(default)]
    pub after: Map<String, Value>,
    /// The ticket as it stands now, which may be later than the event.
    pub ticket: Ticket,
}

/// Who may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Public,
    /// Only staff.
    Internal,
}

/// Who did it.
#[derive(Clone, Debug, Deserialize)]
pub struct Actor {
    /// `person`, `clock`, `script`, `plugin`, `import` or `operator`.
    pub kind: String,
    pub name: Option<String>,
}

/// A ticket, as far as it may be read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ticket {
    pub id: String,
    /// As people call it: `BANK-1042`.
    pub number: String,
    /// What it is called elsewhere.
    pub external: Vec<External>,
    pub subject: Option<String>,
    pub description: Option<String>,
    pub status: Option<String>,
    pub category: Option<String>,
    pub impact: Option<String>,
    pub urgency: Option<String>,
    /// 1 (most pressing) to 5.
    pub priority: Option<i64>,
    pub queue: Option<String>,
    pub assignee: Option<Value>,
    pub site: Option<Value>,
    pub asset: Option<Value>,
    pub contact: Option<Value>,
    pub fields: Map<String, Value>,
    pub tags: Vec<String>,
    pub created_at: Option<i64>,
    pub resolved_at: Option<i64>,
    pub closed_at: Option<i64>,
    /// How it ended: a key of the client's pack.
    pub resolution: Option<String>,
    /// Where people see it.
    pub url: Option<String>,
    /// The latest, oldest first.
    pub comments: Vec<Comment>,
    pub files: Vec<TicketFile>,
}

/// What a ticket is called elsewhere.
#[derive(Clone, Debug, Deserialize)]
pub struct External {
    pub installation: Option<String>,
    pub external: String,
    /// By this installation.
    #[serde(default)]
    pub is_own: bool,
}

/// A reply or a note.
#[derive(Clone, Debug, Deserialize)]
pub struct Comment {
    /// Tells it from others; the same in every document.
    pub id: String,
    pub at: i64,
    pub text: String,
    pub visibility: Visibility,
    pub author: String,
    /// As in the event.
    pub origin: String,
    #[serde(default)]
    pub files: Vec<TicketFile>,
}

/// An attachment.
#[derive(Clone, Debug, Deserialize)]
pub struct TicketFile {
    /// The handle by which this call reads it, see `blob`; absent where that was not granted.
    pub file: Option<String>,
    /// Tells it from others; the same in every document.
    pub id: String,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    pub visibility: Visibility,
}

/// Why the desk did not take an item.
#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    /// A stable word.
    pub code: String,
    pub message: String,
    pub field: Option<String>,
    /// Which of the item's commands, from 0.
    pub command: Option<usize>,
}

impl Ticket {
    /// What this installation calls it, if it does.
    pub fn own(&self) -> Option<&str> {
        self.external.iter().find(|external| external.is_own).map(|external| external.external.as_str())
    }
}
