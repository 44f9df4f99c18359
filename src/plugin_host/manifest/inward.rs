//! What a manifest says of the way in: events, polls, webhooks, what may be read and asked for, what is kept.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;

use crate::domain::key::{did_you_mean, nearest};
use crate::domain::{Key, Label};

use super::super::limits::{KV_BYTES_DEFAULT, KV_BYTES_MAX};
use super::{check_texts, unique};

/// Kinds of event documents.
pub const EVENT_KINDS: [&str; 16] = [
    "ticket_opened",
    "status_changed",
    "priority_changed",
    "category_changed",
    "subject_changed",
    "field_changed",
    "comment_added",
    "attachment_added",
    "assigned",
    "queued",
    "resolved",
    "closed",
    "reopened",
    "tagged",
    "work_order_changed",
    "rated",
];

/// Parts of a ticket document; `id`, `number` and what it is called elsewhere are always there.
pub const TICKET_FIELDS: [&str; 24] = [
    "subject",
    "description",
    "status",
    "category",
    "impact",
    "urgency",
    "priority",
    "queue",
    "assignee",
    "site",
    "asset",
    "contact",
    "fields",
    "tags",
    "created_at",
    "resolved_at",
    "closed_at",
    "resolution",
    "url",
    "comments",
    "internal_comments",
    "files",
    "work_orders",
    "rating",
];

/// What an item may ask for.
pub const COMMANDS: [&str; 15] = [
    "upsert", "comment", "status", "resolve", "close", "reopen", "fields", "priority", "tags", "queue",
    "link", "unlink", "attach", "notice", "rate",
];

const POLL_EVERY_MIN: Duration = Duration::from_secs(10);
const POLL_EVERY_MAX: Duration = Duration::from_secs(86_400);
const WEBHOOKS_MAX: usize = 16;

/// How often the other side is asked; an administrator may set another length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollDeclaration {
    pub every: Duration,
}

/// A path under which the other side reaches the plugin.
#[derive(Clone, Debug)]
pub struct WebhookDeclaration {
    pub path: Key,
    pub why: Label,
}

/// That it keeps keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvDeclaration {
    /// Keys and values of an installation together.
    pub bytes_max: u64,
}

/// That it reads and makes files.
#[derive(Clone, Debug)]
pub struct BlobDeclaration {
    pub why: Label,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PollDocument {
    every: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookDocument {
    path: Key,
    #[serde(default)]
    why: Label,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KvDocument {
    bytes_max: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlobDocument {
    #[serde(default)]
    why: Label,
}

/// As they stand in the file.
pub(super) struct Documents {
    pub events: Vec<String>,
    pub fields: Vec<String>,
    pub commands: Vec<String>,
    pub poll: Option<PollDocument>,
    pub webhook: Vec<WebhookDocument>,
    pub kv: Option<KvDocument>,
    pub blob: Option<BlobDocument>,
}

/// Read and found sound.
pub(super) struct Inward {
    pub events: Vec<String>,
    pub fields: Vec<String>,
    pub commands: Vec<String>,
    pub poll: Option<PollDeclaration>,
    pub webhooks: Vec<WebhookDeclaration>,
    pub kv: Option<KvDeclaration>,
    pub blob: Option<BlobDeclaration>,
}

impl Inward {
    pub fn read(documents: Documents) -> Result<Inward, String> {
        if documents.webhook.len() > WEBHOOKS_MAX {
            return Err(format!("more than {WEBHOOKS_MAX} webhooks"));
        }
        unique(documents.webhook.iter().map(|document| &document.path), "webhook")?;
        let webhook = |document: WebhookDocument| {
            check_texts(&document.why, &format!("webhook `{}`", document.path))?;
            Ok::<_, String>(WebhookDeclaration { path: document.path, why: document.why })
        };
        let inward = Inward {
            events: known("events", documents.events, &EVENT_KINDS)?,
            fields: known("fields", documents.fields, &TICKET_FIELDS)?,
            commands: known("commands", documents.commands, &COMMANDS)?,
            poll: documents.poll.map(|document| read_poll(&document)).transpose()?,
            webhooks: documents.webhook.into_iter().map(webhook).collect::<Result<_, _>>()?,
            kv: documents.kv.map(|document| read_kv(&document)).transpose()?,
            blob: documents.blob.map(read_blob).transpose()?,
        };
        if !inward.commands.is_empty() && !inward.wakes() {
            let right = "declare `events`, [poll] or a [[webhook]]";
            return Err(format!("`commands` are for items, and nothing would ever make any: {right}"));
        }
        Ok(inward)
    }

    /// Whether anything but a function enters the plugin.
    pub fn wakes(&self) -> bool {
        !self.events.is_empty() || self.poll.is_some() || !self.webhooks.is_empty()
    }
}

fn known(what: &str, given: Vec<String>, known: &[&str]) -> Result<Vec<String>, String> {
    let mut seen = BTreeSet::new();
    for name in &given {
        if !known.contains(&name.as_str()) {
            let hint = did_you_mean(nearest(name, known.iter().copied()));
            return Err(format!(
                "`{what}` names `{name}`, which does not exist{hint}; there are {}",
                known.join(", ")
            ));
        }
        if !seen.insert(name) {
            return Err(format!("`{what}` names `{name}` twice"));
        }
    }
    Ok(given)
}

fn read_poll(document: &PollDocument) -> Result<PollDeclaration, String> {
    let wrong =
        || format!("[poll]: `every` should be a length from 10s to 1d such as 1m, not `{}`", document.every);
    let unit_at = document.every.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = document.every.split_at(unit_at);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let every = Duration::from_secs(number.saturating_mul(seconds));
    if !(POLL_EVERY_MIN..=POLL_EVERY_MAX).contains(&every) {
        return Err(wrong());
    }
    Ok(PollDeclaration { every })
}

fn read_kv(document: &KvDocument) -> Result<KvDeclaration, String> {
    let bytes_max = document.bytes_max.unwrap_or(KV_BYTES_DEFAULT);
    if bytes_max == 0 || bytes_max > KV_BYTES_MAX {
        return Err(format!("[kv]: `bytes_max` should be 1 to {KV_BYTES_MAX}, not {bytes_max}"));
    }
    Ok(KvDeclaration { bytes_max })
}

fn read_blob(document: BlobDocument) -> Result<BlobDeclaration, String> {
    check_texts(&document.why, "[blob]")?;
    Ok(BlobDeclaration { why: document.why })
}
