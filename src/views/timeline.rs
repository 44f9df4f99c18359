//! What happened on a ticket, with the words, names and files that its events name.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::attachment::AttachmentLine;
use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::event::Event;
use crate::domain::person::Actor;
use crate::domain::{AttachmentId, EventId, Moment, PersonId, RunId, TextId, TicketId};
use crate::store;
use crate::store::event::Recorded;

/// Events read at once while those that the reader may not see are left out.
const EVENTS_READ: usize = 200;

/// One event of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TimelineEvent {
    pub id: EventId,
    pub seq: i64,
    /// The event's name, such as `comment_added`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[schema(value_type = Event)]
    pub body: Value,
    /// The words of the texts that the body names; `null`: erased.
    pub texts: BTreeMap<TextId, Option<String>>,
    /// Names of the people whom the body names.
    pub people: BTreeMap<String, String>,
    /// Names of the sites, assets, contacts and sub-clients that the body names.
    pub names: BTreeMap<String, String>,
    pub tickets: BTreeMap<String, NamedTicket>,
    pub attachments: Vec<AttachmentLine>,
    pub actor: NamedActor,
    /// When it happened.
    pub occurred_at: Moment,
    /// When the desk learned of it.
    pub recorded_at: Moment,
    /// The run of the client's script that did it.
    pub run: Option<RunId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NamedActor {
    #[serde(flatten)]
    pub actor: Actor,
    /// Of a person or a plugin.
    pub name: Option<String>,
}

/// A ticket that another one mentions; nothing but its id when it may not be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedTicket {
    pub number: String,
    pub subject: Option<String>,
}

impl Views {
    /// Events before `cursor`: the newest page first, each page from old to new.
    pub fn timeline(
        &self,
        person: PersonId,
        ticket: TicketId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<TimelineEvent>, ViewError> {
        self.read(person, |reading| {
            reading.ticket(ticket)?;
            reading.timeline(ticket, decode(cursor)?.map(EventId), limit)
        })
    }
}

impl Reading<'_> {
    pub(super) fn timeline(
        &self,
        ticket: TicketId,
        before: Option<EventId>,
        limit: Limit,
    ) -> Result<List<TimelineEvent>, ViewError> {
        let mut before = before;
        let mut kept: Vec<Recorded> = Vec::new();
        loop {
            let rows = store::work_list::events_before(self.db, ticket, before, EVENTS_READ)?;
            let is_end = rows.len() < EVENTS_READ;
            before = rows.last().map(|row| row.id);
            kept.extend(rows.into_iter().filter(|row| self.sees_event(row)));
            if is_end || kept.len() > limit.count() {
                break;
            }
        }
        let page = List::cut(kept, limit, |row| row.id.0);
        let mut page = page.try_map(|row| self.event(ticket, &row))?;
        page.items.reverse();
        Ok(page)
    }

    /// Staff sees everything; others what the client was meant to see, and what they said themselves.
    pub(super) fn sees_event(&self, recorded: &Recorded) -> bool {
        let own = recorded.actor == Actor::Person { person: self.access.person };
        self.sees_internals() || own || recorded.event.is_public()
    }

    fn event(&self, ticket: TicketId, recorded: &Recorded) -> Result<TimelineEvent, ViewError> {
        let mut body = serde_json::to_value(&recorded.event).unwrap_or_default();
        let mut texts = BTreeMap::new();
        let of_fields = if self.sees_internals() { recorded.event.opening_field_texts() } else { Vec::new() };
        for text in recorded.event.texts().into_iter().chain(of_fields) {
            texts.insert(text, self.names.text(text)?);
        }
        if !self.sees_internals()
            && let Event::TicketOpened(_) = recorded.event
            && let Some(opened) = body.as_object_mut()
        {
            for internal in ["fields", "tags", "queue", "pack_version"] {
                opened.remove(internal);
            }
        }
        if !self.sees_internals()
            && let Some(update) = body.as_object_mut()
        {
            // Whose outage it is may be another's ticket.
            update.remove("incident");
        }
        let mut found = Mentions::default();
        found.look_at(&body);
        let mut people = BTreeMap::new();
        for person in found.people {
            people.insert(person.to_string(), self.names.person(person)?.unwrap_or_default());
        }
        let mut tickets = BTreeMap::new();
        for other in found.tickets {
            if let Some(named) = self.named_ticket(other)? {
                tickets.insert(other.to_string(), named);
            }
        }
        let attachments = if found.attachments.is_empty() {
            Vec::new()
        } else {
            let mut files = self.attachments(ticket)?;
            files.retain(|file| found.attachments.contains(&file.id));
            files
        };
        Ok(TimelineEvent {
            id: recorded.id,
            seq: recorded.seq,
            kind: recorded.event.name(),
            body,
            texts,
            people,
            names: self.places_of(&recorded.event)?,
            tickets,
            attachments,
            actor: self.actor(&recorded.actor)?,
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
            run: recorded.run.filter(|_| self.sees_internals()),
        })
    }

    pub(super) fn actor(&self, actor: &Actor) -> Result<NamedActor, ViewError> {
        let name = match actor {
            Actor::Person { person } => self.names.person(*person)?,
            Actor::Plugin { installation, .. } => {
                store::plugin::get(self.db, *installation)?.map(|installed| installed.plugin.to_string())
            }
            _ => None,
        };
        Ok(NamedActor { actor: actor.clone(), name })
    }

    /// Number and subject, if the other ticket may be seen.
    pub(super) fn named_ticket(&self, other: TicketId) -> Result<Option<NamedTicket>, ViewError> {
        if !self.sees(other)? {
            return Ok(None);
        }
        let Some(line) = self.names.ticket(other)? else { return Ok(None) };
        Ok(Some(NamedTicket { subject: self.names.text(line.subject)?, number: line.number }))
    }

    fn places_of(&self, event: &Event) -> Result<BTreeMap<String, String>, ViewError> {
        let (sub_client, site, asset, contact) = match event {
            Event::TicketOpened(opened) => (opened.sub_client, opened.site, opened.asset, opened.contact),
            Event::SubClientChanged { to } => (*to, None, None, None),
            Event::SiteChanged { to } => (None, *to, None, None),
            Event::AssetChanged { to } => (None, None, *to, None),
            Event::ContactChanged { to } => (None, None, None, *to),
            _ => (None, None, None, None),
        };
        let mut names = BTreeMap::new();
        if let Some(found) = sub_client.map_or(Ok(None), |id| self.names.sub_client(id))? {
            names.insert(found.id, found.name);
        }
        if let Some(found) = site.map_or(Ok(None), |id| self.names.site(id))? {
            names.insert(found.id.to_string(), found.name);
        }
        if let Some(found) = asset.map_or(Ok(None), |id| self.names.asset(id))? {
            names.insert(found.id.to_string(), found.tag);
        }
        if let Some(found) = contact.map_or(Ok(None), |id| self.names.contact(id))? {
            names.insert(found.id, found.name);
        }
        Ok(names)
    }
}

/// Whom and what a document names by id.
#[derive(Default)]
struct Mentions {
    people: Vec<PersonId>,
    tickets: Vec<TicketId>,
    attachments: Vec<AttachmentId>,
}

impl Mentions {
    fn look_at(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match (name.as_str(), value) {
                        ("person" | "engineer", Value::String(id)) => {
                            self.people.extend(id.parse::<PersonId>())
                        }
                        ("other" | "incident", Value::String(id)) => {
                            self.tickets.extend(id.parse::<TicketId>())
                        }
                        ("attachments", Value::Array(ids)) => self
                            .attachments
                            .extend(ids.iter().filter_map(|id| id.as_str()?.parse::<AttachmentId>().ok())),
                        // A custom field's value names nobody.
                        ("fields", _) => {}
                        _ => self.look_at(value),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.look_at(value)),
            _ => {}
        }
    }
}
