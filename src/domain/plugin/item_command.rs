//! What an item may ask the desk to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::items::{DocumentError, parse};
use crate::domain::Key;
use crate::domain::event::Visibility;
use crate::domain::key::{did_you_mean, nearest};
use crate::domain::ticket::Level;

/// Longest name of a foreign author, in bytes.
pub const AUTHOR_BYTES_MAX: usize = 200;
/// Largest value of a notice, in bytes of JSON.
pub const NOTICE_BYTES_MAX: usize = 64 * 1024;

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($inner:ty) = $word:literal;)*) => {
        /// A command of an item; `do` says which.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(tag = "do", rename_all = "snake_case")]
        pub enum ItemCommand {
            $($(#[$doc])* $name($inner),)*
        }

        /// What commands are called: in `do`, in a manifest and in a grant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum CommandName {
            $($(#[$doc])* $name,)*
        }

        impl CommandName {
            pub const ALL: &[CommandName] = &[$(CommandName::$name,)*];

            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(CommandName::$name => $word,)* }
            }
        }

        impl ItemCommand {
            #[must_use]
            pub fn name(&self) -> CommandName {
                match self { $(ItemCommand::$name(_) => CommandName::$name,)* }
            }

            /// The command of this name with these fields.
            pub(super) fn read(name: &str, fields: Value, at: &str) -> Result<ItemCommand, DocumentError> {
                match name {
                    $($word => Ok(ItemCommand::$name(parse(fields, at)?)),)*
                    _ => {
                        let known = CommandName::ALL.iter().map(|known| known.as_str());
                        let near = did_you_mean(nearest(name, known.clone()));
                        let known: Vec<&str> = known.collect();
                        let name: String = name.chars().take(80).collect();
                        let message = format!("`{name}` is no command{near}; known: {}", known.join(", "));
                        Err(DocumentError::new(format!("{at}.do"), message))
                    }
                }
            }
        }
    };
}

commands! {
    /// Opens a ticket for `external`, or changes the one that it is.
    Upsert(Box<Upsert>) = "upsert";
    /// A reply or a note on the ticket.
    Comment(Comment) = "comment";
    /// Another status that neither resolves nor closes.
    Status(StatusTo) = "status";
    /// Resolved there; nothing happens to a ticket that is resolved or closed here.
    Resolve(Resolve) = "resolve";
    /// Closed there; nothing happens to a ticket that is closed here.
    Close(Close) = "close";
    /// Came back there; nothing happens to a ticket that is open here.
    Reopen(Reopen) = "reopen";
    /// Custom fields.
    Fields(SetFields) = "fields";
    /// Impact and urgency; the pack's matrix gives the priority.
    Priority(Priority) = "priority";
    /// Adds and removes tags.
    Tags(Tags) = "tags";
    /// Into the queue of a support line or a department.
    Queue(QueueTo) = "queue";
    /// Ties `external` to a ticket that the desk has already.
    Link(Link) = "link";
    /// `external` is this ticket no more.
    Unlink(Unlink) = "unlink";
    /// A file that this call made becomes an attachment.
    Attach(Attach) = "attach";
    /// Wakes the client's script: `on_notice(ticket, notice)`.
    Notice(Notice) = "notice";
    /// The client's person said how the ticket was dealt with; taken while the desk's question waits for it.
    Rate(RatedAs) = "rate";
}

/// What the other side says of its ticket. What is absent stays as it is here.
///
/// On a ticket that is here already, each value is held against what this installation brought last: a value that
/// the other side has not changed since then leaves the desk's own change alone; where both sides changed it, the
/// other side's stands (see `prefer`) and both are put on record as a conflict.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Upsert {
    /// One line, at most 500 bytes.
    #[schema(max_length = 500)]
    pub subject: String,
    /// At most 64 KiB; used when the ticket is opened, and not looked at afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A category of the client's pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Level>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Level>,
    /// 1 (most pressing) to 5, whatever impact and urgency say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub priority: Option<i64>,
    /// A status of the pack that neither resolves nor closes; for these, `resolve` and `close`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Key>,
    /// A site of the client by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// An asset of the client by its tag: what is painted on the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ForeignContact>,
    /// Custom fields of the pack: text, number, true/false, a choice's key or a moment (RFC 3339); `null` empties one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub fields: BTreeMap<Key, Value>,
    /// Tags that it should have; others stay.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Whose value stands where both sides changed it. Absent: `foreign`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Prefer>,
}

/// Whose value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Prefer {
    /// The other side's.
    Foreign,
    /// This desk's.
    Desk,
}

/// A person at the client, found by e-mail address, else by phone number. One who is not known and has a name and
/// either of them is added to the client's contacts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForeignContact {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// At most 64 KiB.
    pub text: String,
    /// `internal`: only staff read it.
    pub visibility: Visibility,
    /// Who wrote it there, at most 200 bytes; shown beside the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub author: Option<String>,
    /// Whose words they are, as the clocks of targets count them. Absent: `client` with an author, else `automatic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken_by: Option<Spoken>,
    /// Handles of files that this call made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// On whose behalf a foreign author writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spoken {
    /// A person of the client: a public comment waits for the desk's answer.
    Client,
    /// A partner, such as a desk further up the chain.
    Partner,
    /// A machine.
    Automatic,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusTo {
    /// A status of the pack that neither resolves nor closes.
    pub to: Key,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// A resolution of the pack.
    pub resolution: Key,
    /// At most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// A resolution of the pack.
    pub resolution: Key,
    /// At most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reopen {
    /// At most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFields {
    /// As in `upsert`, but set whatever was changed here meanwhile.
    #[schema(value_type = Object)]
    pub fields: BTreeMap<Key, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    pub impact: Level,
    pub urgency: Level,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// Each at most 60 bytes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub add: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub remove: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueTo {
    /// A support line or department of the pack.
    pub queue: Key,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The ticket by its number, such as `BANK-1042`. Absent: the item's `ticket`, or that of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unlink {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attach {
    /// The handle of a file that this call made.
    pub file: String,
    /// `internal`: only staff see it.
    pub visibility: Visibility,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// What it is about, such as `part_arrived`; scripts tell notices apart by it.
    pub name: Key,
    /// Anything, at most 64 KiB of JSON.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RatedAs {
    /// 1 (very bad) to 5 (very good).
    #[schema(minimum = 1, maximum = 5)]
    pub value: i64,
    /// Why; at most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}
