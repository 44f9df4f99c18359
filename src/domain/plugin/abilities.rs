//! What an installation may do on the desk: what its manifest declares and the administrator granted.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::item_command::CommandName;
use crate::domain::event::{Event, Visibility};
use crate::domain::{Key, Span};

/// How often an installation may be polled at most.
pub const POLL_EVERY_MIN: Span = Span::seconds(10);
pub const POLL_EVERY_MAX: Span = Span::days(1);
/// What an installation may keep in `kv` unless its manifest says otherwise, and at most; in bytes.
const KV_BYTES_DEFAULT: u64 = 1024 * 1024;
const KV_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Kinds of event documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    TicketOpened,
    StatusChanged,
    /// Impact, urgency or priority.
    PriorityChanged,
    CategoryChanged,
    SubjectChanged,
    /// A custom field, or the site, the asset or the contact.
    FieldChanged,
    /// Notes only with the part `internal_comments`.
    CommentAdded,
    /// Files of notes only with the part `internal_comments`.
    AttachmentAdded,
    /// Somebody has it, or nobody any more.
    Assigned,
    Queued,
    Resolved,
    Closed,
    Reopened,
    Tagged,
    /// A work order was opened or went on to another stage.
    WorkOrderChanged,
    /// The client's person rated it, and the answer can be changed no more.
    Rated,
}

/// Parts of a ticket document that are granted one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketPart {
    Subject,
    Description,
    /// The resolution too.
    Status,
    Category,
    Impact,
    Urgency,
    Priority,
    Queue,
    Assignee,
    Site,
    Asset,
    Contact,
    Fields,
    Tags,
    CreatedAt,
    ResolvedAt,
    ClosedAt,
    Url,
    /// What it is called by other installations; the own ids are always there.
    External,
    Comments,
    InternalComments,
    Files,
}

/// The effective grant as far as the desk itself heeds it. Hosts and secrets are the plugin host's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Abilities {
    pub events: BTreeSet<EventKind>,
    pub parts: BTreeSet<TicketPart>,
    pub commands: BTreeSet<CommandName>,
    /// How often the other side is asked, when it may be.
    pub poll_every: Option<Span>,
    /// Paths at which the other side may call.
    pub webhooks: BTreeSet<Key>,
    /// Bytes that may be kept, keys and values together; none: `kv` was not granted.
    pub kv_bytes_max: Option<u64>,
    pub blob: bool,
}

impl Abilities {
    /// Declared ∩ granted. A word that this desk does not know grants nothing.
    #[must_use]
    pub fn of(manifest: &Value, grant: &Value) -> Abilities {
        let is_granted = |name: &str| grant[name].as_bool().unwrap_or(false);
        let declared_hooks = manifest["webhook"].as_array().into_iter().flatten();
        let declared_hooks: BTreeSet<Key> =
            declared_hooks.filter_map(|hook| Key::new(hook["path"].as_str()?).ok()).collect();
        let kv = manifest.get("kv").filter(|kv| kv.is_object() && is_granted("kv"));
        Abilities {
            events: both(&manifest["events"], &grant["events"]),
            parts: both(&manifest["fields"], &grant["fields"]),
            commands: both(&manifest["commands"], &grant["commands"]),
            poll_every: manifest["poll"]["every"]
                .as_str()
                .filter(|_| is_granted("poll"))
                .and_then(length)
                .map(|every| every.clamp(POLL_EVERY_MIN, POLL_EVERY_MAX)),
            webhooks: words::<Key>(&grant["webhooks"]).intersection(&declared_hooks).cloned().collect(),
            kv_bytes_max: kv.map(|kv| kv["bytes_max"].as_u64().unwrap_or(KV_BYTES_DEFAULT).min(KV_BYTES_MAX)),
            blob: manifest.get("blob").is_some_and(|blob| !blob.is_null()) && is_granted("blob"),
        }
    }

    /// Whether the installation is told of the event.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        let is_note = matches!(
            event,
            Event::CommentAdded { visibility: Visibility::Internal, .. }
                | Event::AttachmentsAdded { visibility: Visibility::Internal, .. }
        );
        EventKind::of(event).is_some_and(|kind| self.events.contains(&kind))
            && (!is_note || self.may_read(TicketPart::InternalComments))
    }

    #[must_use]
    pub fn may_read(&self, part: TicketPart) -> bool {
        self.parts.contains(&part)
    }
}

fn words<T: serde::de::DeserializeOwned + Ord>(list: &Value) -> BTreeSet<T> {
    let words = list.as_array().into_iter().flatten();
    words.filter_map(|word| serde_json::from_value(word.clone()).ok()).collect()
}

fn both<T: serde::de::DeserializeOwned + Ord + Copy>(declared: &Value, granted: &Value) -> BTreeSet<T> {
    words(declared).intersection(&words(granted)).copied().collect()
}

/// A length as a manifest writes it: `30s`, `5m`, `1h`, `1d`.
fn length(text: &str) -> Option<Span> {
    let unit = text.chars().next_back()?;
    let count: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|count| *count > 0)?;
    match unit {
        's' => Some(Span::seconds(count)),
        'm' => Some(Span::minutes(count)),
        'h' => Some(Span::hours(count)),
        'd' => Some(Span::days(count)),
        _ => None,
    }
}

impl EventKind {
    /// What the event is called outside; `None`: nobody outside is told of it.
    #[must_use]
    pub fn of(event: &Event) -> Option<EventKind> {
        Some(match event {
            Event::TicketOpened(_) => EventKind::TicketOpened,
            Event::StatusChanged { .. } => EventKind::StatusChanged,
            Event::PriorityChanged { .. } => EventKind::PriorityChanged,
            Event::CategoryChanged { .. } => EventKind::CategoryChanged,
            Event::SubjectChanged { .. } => EventKind::SubjectChanged,
            Event::FieldChanged { .. }
            | Event::SiteChanged { .. }
            | Event::AssetChanged { .. }
            | Event::ContactChanged { .. } => EventKind::FieldChanged,
            Event::CommentAdded { .. } => EventKind::CommentAdded,
            Event::AttachmentsAdded { .. } => EventKind::AttachmentAdded,
            Event::TicketAssigned { .. } | Event::TicketUnassigned { .. } => EventKind::Assigned,
            Event::TicketQueued { .. } => EventKind::Queued,
            Event::TicketResolved { .. } => EventKind::Resolved,
            Event::TicketClosed { .. } => EventKind::Closed,
            Event::TicketReopened { .. } => EventKind::Reopened,
            Event::TagsChanged { .. } => EventKind::Tagged,
            Event::WorkOrderOpened(_) | Event::WorkOrderAdvanced { .. } => EventKind::WorkOrderChanged,
            Event::RatingSettled { .. } => EventKind::Rated,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_declared_and_granted_is_given() {
        let manifest = json!({
            "events": ["ticket_opened", "comment_added"], "fields": ["subject", "nonsense"],
            "commands": ["upsert", "comment"], "poll": { "every": "1m" },
            "webhook": [{ "path": "notice" }, { "path": "other" }], "kv": {}, "blob": {},
        });
        assert_eq!(Abilities::of(&manifest, &json!({ "hosts": [] })), Abilities::default());
        let grant = json!({
            "events": ["ticket_opened", "closed"], "fields": ["subject", "description"],
            "commands": ["upsert", "rate"], "poll": true, "webhooks": ["notice", "more"], "kv": true, "blob": false,
        });
        let given = Abilities::of(&manifest, &grant);
        assert_eq!(given.events, [EventKind::TicketOpened].into());
        assert_eq!(given.parts, [TicketPart::Subject].into());
        assert_eq!(given.commands, [CommandName::Upsert].into());
        assert_eq!(given.poll_every, Some(Span::minutes(1)));
        assert_eq!(given.webhooks, [Key::new("notice").unwrap()].into());
        assert_eq!((given.kv_bytes_max, given.blob), (Some(KV_BYTES_DEFAULT), false));
    }

    #[test]
    fn a_length_that_is_too_short_or_too_long_is_held_to_the_bounds() {
        let every = |text: &str| {
            Abilities::of(&json!({ "poll": { "every": text } }), &json!({ "poll": true })).poll_every
        };
        assert_eq!(every("1s"), Some(POLL_EVERY_MIN));
        assert_eq!(every("9d"), Some(POLL_EVERY_MAX));
        assert_eq!(every("90s"), Some(Span::seconds(90)));
        for wrong in ["", "m", "-1m", "1", "1 m", "xs", "5ж"] {
            assert_eq!(every(wrong), None, "{wrong}");
        }
    }
}
