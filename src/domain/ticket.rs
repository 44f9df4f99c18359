//! A ticket: what it is at any moment follows from its events alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendars::Terms;
use super::event::Event;
use super::{
    AssetId, ClientId, ContactId, Key, Moment, PackVersionId, PersonId, SiteId, SubClientId, TextId, TicketId,
};

/// What the events of a ticket add up to. Texts are ids: the words live in rows that can be erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub client: ClientId,
    /// Counts up from 1 for each client; people see it behind the client's prefix.
    pub number: i64,
    pub sub_client: Option<SubClientId>,
    pub site: Option<SiteId>,
    /// What of its place its calendar and its targets go by.
    #[serde(default)]
    pub terms: Terms,
    pub asset: Option<AssetId>,
    pub contact: Option<ContactId>,
    pub subject: TextId,
    pub status: Key,
    pub category: Option<Key>,
    pub impact: Level,
    pub urgency: Level,
    /// 1 is the most pressing, 5 the least.
    pub priority: i64,
    pub is_urgent: bool,
    /// The support line or department whose queue the ticket stands in.
    pub queue: Option<Key>,
    pub assignee: Option<PersonId>,
    /// Until when the assignee must accept it; nothing once they have, or where nobody must.
    #[serde(default)]
    pub accept_until: Option<Moment>,
    /// Assignments in a row that nobody accepted.
    #[serde(default)]
    pub return_count: i64,
    /// By whom.
    #[serde(default)]
    pub unaccepted_by: BTreeSet<PersonId>,
    pub channel: Channel,
    pub fields: BTreeMap<Key, FieldValue>,
    pub tags: BTreeSet<String>,
    pub watchers: BTreeSet<PersonId>,
    /// What scripts count on the ticket, by name.
    pub counters: BTreeMap<Key, i64>,
    pub resolution: Option<Key>,
    /// The major incident that it is attached to.
    #[serde(default)]
    pub incident: Option<TicketId>,
    pub reopen_count: i64,
    /// Times that the queue changed after the first.
    pub handover_count: i64,
    /// The version of the client's pack that the ticket started with and stays on.
    pub pack_version: Option<PackVersionId>,
    pub opened_at: Moment,
    pub updated_at: Moment,
    /// The same by public events alone: what outsiders are shown, so that they do not learn when notes are written.
    pub public_updated_at: Moment,
    /// When its time last began to count differently; what is reported late counts from here at the earliest.
    pub turned_at: Moment,
    pub resolved_at: Option<Moment>,
    pub closed_at: Option<Moment>,
    /// A script failed or a job died on this ticket and no person has cleared it yet.
    pub is_marked: bool,
    /// Rises by one with each event; a change of a stale version is refused.
    pub version: i64,
}

/// How wide a fault is felt, how soon it must be mended.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    High,
    #[default]
    Medium,
    Low,
}

/// Where a request came from.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    #[default]
    Desk,
    Phone,
    Email,
    Chat,
    Portal,
    Api,
    Monitoring,
    Plugin,
    Import,
}

/// The value of a custom field. A free text is an id, so that it can be erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum FieldValue {
    Flag(bool),
    Number(f64),
    Choice(Key),
    Moment(Moment),
    Text(TextId),
}

impl FieldValue {
    /// The text that it names.
    #[must_use]
    pub fn text(&self) -> Option<TextId> {
        match self {
            FieldValue::Text(text) => Some(*text),
            _ => None,
        }
    }
}

/// How two tickets hang together, read from the one that carries the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// This ticket is a part of the other.
    ChildOf,
    DuplicateOf,
    /// The other is the cause of this one.
    CausedBy,
    Related,
}

impl Ticket {
    /// The first state, from the event that opened it.
    #[must_use]
    pub fn opened(id: TicketId, event: &Event, at: Moment) -> Option<Ticket> {
        let Event::TicketOpened(opened) = event else { return None };
        Some(Ticket {
            id,
            client: opened.client,
            number: opened.number,
            sub_client: opened.sub_client,
            site: opened.site,
            terms: opened.terms.clone(),
            asset: opened.asset,
            contact: opened.contact,
            subject: opened.subject,
            status: opened.status.clone(),
            category: opened.category.clone(),
            impact: opened.impact,
            urgency: opened.urgency,
            priority: opened.priority,
            is_urgent: false,
            queue: opened.queue.clone(),
            assignee: None,
            accept_until: None,
            return_count: 0,
            unaccepted_by: BTreeSet::new(),
            channel: opened.channel,
            fields: opened.fields.clone(),
            tags: opened.tags.clone(),
            watchers: BTreeSet::new(),
            counters: BTreeMap::new(),
            resolution: None,
            incident: None,
            reopen_count: 0,
            handover_count: 0,
            pack_version: opened.pack_version,
            opened_at: at,
            updated_at: at,
            public_updated_at: at,
            turned_at: at,
            resolved_at: None,
            closed_at: None,
            is_marked: false,
            version: 1,
        })
    }

    /// The next state. Every event counts in `version`, also one that changes no field of the row.
    pub fn apply(&mut self, event: &Event, at: Moment) {
        self.version += 1;
        self.updated_at = self.updated_at.max(at);
        if event.is_public() {
            self.public_updated_at = self.public_updated_at.max(at);
        }
        if event.turns_time() {
            self.turned_at = self.turned_at.max(at);
        }
        match event {
            Event::StatusChanged { to, .. } => self.status = to.clone(),
            Event::CategoryChanged { to, .. } => self.category.clone_from(to),
            Event::PriorityChanged { impact, urgency, to, .. } => {
                (self.impact, self.urgency, self.priority) = (*impact, *urgency, *to);
            }
            Event::UrgentChanged { to } => self.is_urgent = *to,
            Event::SubjectChanged { to } => self.subject = *to,
            Event::SubClientChanged { to } => self.sub_client = *to,
            Event::SiteChanged { to } => self.site = *to,
            Event::TermsChanged { terms } => self.terms = terms.clone(),
            Event::AssetChanged { to } => self.asset = *to,
            Event::ContactChanged { to } => self.contact = *to,
            Event::FieldChanged { field, to } => set_or_clear(&mut self.fields, field, to.clone()),
            Event::TagsChanged { added, removed } => {
                self.tags.retain(|tag| !removed.contains(tag));
                self.tags.extend(added.iter().cloned());
            }
            Event::CounterChanged { name, to } => {
                self.counters.insert(name.clone(), *to);
            }
            Event::WatcherAdded { person } => {
                self.watchers.insert(*person);
            }
            Event::WatcherRemoved { person } => {
                self.watchers.remove(person);
            }
            Event::TicketResolved { resolution, .. } => {
                self.accepted();
                self.resolution = Some(resolution.clone());
                self.resolved_at = Some(at);
            }
            Event::TicketClosed { resolution, .. } => {
                self.accepted();
                self.resolution = Some(resolution.clone());
                self.resolved_at.get_or_insert(at);
                self.closed_at = Some(at);
            }
            Event::TicketReopened { .. } => {
                self.reopen_count += 1;
                (self.resolution, self.resolved_at, self.closed_at) = (None, None, None);
            }
            Event::AttachedToIncident { incident, .. } => self.incident = Some(*incident),
            Event::DetachedFromIncident { .. } => self.incident = None,
            Event::PackVersionMoved { to } => self.pack_version = *to,
            Event::ScriptFailed { .. } | Event::JobDied { .. } => self.is_marked = true,
            Event::MarkCleared => self.is_marked = false,
            _ => self.apply_whose(event),
        }
    }

    /// In whose hands it is.
    fn apply_whose(&mut self, event: &Event) {
        match event {
            Event::TicketAssigned { person, accept_until, .. } => {
                self.assignee = Some(*person);
                match accept_until {
                    Some(until) => self.accept_until = Some(*until),
                    None => self.accepted(),
                }
            }
            Event::TicketAccepted { .. } => self.accepted(),
            Event::AssignmentReturned { person, count, .. } => {
                self.accept_until = None;
                self.return_count = *count;
                self.unaccepted_by.insert(*person);
            }
            Event::TicketUnassigned { .. } => (self.assignee, self.accept_until) = (None, None),
            Event::TicketQueued { to, .. } => {
                if self.queue.as_ref() != Some(to) {
                    self.accepted();
                }
                self.handover_count += i64::from(self.queue.is_some() && self.queue.as_ref() != Some(to));
                self.queue = Some(to.clone());
            }
            _ => {}
        }
    }

    /// The state after all of `events`, oldest first.
    pub fn rebuild<'a>(
        id: TicketId,
        events: impl IntoIterator<Item = (&'a Event, Moment)>,
    ) -> Option<Ticket> {
        let mut events = events.into_iter();
        let (first, at) = events.next()?;
        let mut ticket = Ticket::opened(id, first, at)?;
        for (event, at) in events {
            ticket.apply(event, at);
        }
        Some(ticket)
    }

    /// Nobody's acceptance is waited for any more.
    fn accepted(&mut self) {
        (self.accept_until, self.return_count) = (None, 0);
        self.unaccepted_by.clear();
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed_at.is_some()
    }
}

fn set_or_clear(fields: &mut BTreeMap<Key, FieldValue>, field: &Key, to: Option<FieldValue>) {
    match to {
        Some(value) => {
            fields.insert(field.clone(), value);
        }
        None => {
            fields.remove(field);
        }
    }
}
