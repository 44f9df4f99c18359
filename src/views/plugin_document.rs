//! Tickets and events as plugins are told of them: only the parts that were granted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::plugin_words::{comment_of, file_of, order_of, person_of};
use crate::domain::event::{Event, Visibility};
use crate::domain::person::Actor;
use crate::domain::plugin::{
    Abilities, ActorDocument, AssetDocument, CommentDocument, ContactDocument, EventDocument, EventKind,
    ExternalDocument, FileDocument, Origin, SCHEMA, SiteDocument, TicketDocument, TicketPart,
};
use crate::domain::ticket::{FieldValue, Ticket};
use crate::domain::{AttachmentId, InstallationId, Key, TextId, TicketId};
use crate::store::event::Recorded;
use crate::store::{self, Db, StoreError};

/// Comments and files of a ticket that a document carries at most, the latest.
const LISTED_MAX: usize = 50;
/// Larger documents lose their comments first, and then what was described; a plugin is given no more.
const DOCUMENT_BYTES_MAX: usize = 240 * 1024;

/// For whom a document is written.
#[derive(Debug, Clone)]
pub struct Reader {
    pub installation: InstallationId,
    pub abilities: Abilities,
    /// Where people reach the desk, when the settings say.
    pub base_url: Option<String>,
}

/// A document, and the files that it names by their handles.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub document: Value,
    pub files: BTreeMap<String, AttachmentId>,
}

/// The handle of an attachment; good for a call whose document names it.
pub(super) fn handle_of(attachment: AttachmentId) -> String {
    format!("attachment-{attachment}")
}

/// Who writes a document, while it is written.
pub(super) struct Writing<'a> {
    pub db: &'a Db,
    pub reader: &'a Reader,
    pub files: BTreeMap<String, AttachmentId>,
}

/// The document of an event; nothing when the event or its ticket is not there any more.
pub fn event_document(
    db: &Db,
    reader: &Reader,
    ticket: TicketId,
    event: crate::domain::EventId,
) -> Result<Option<Written>, StoreError> {
    let events = store::event::of_ticket(db, ticket)?;
    let Some(place) = events.iter().position(|recorded| recorded.id == event) else { return Ok(None) };
    let recorded = &events[place];
    let Some(kind) = EventKind::of(&recorded.event) else { return Ok(None) };
    let until = |count: usize| {
        Ticket::rebuild(ticket, events[..count].iter().map(|one| (&one.event, one.occurred_at)))
    };
    let (before, after) = (until(place), until(place + 1));
    let mut writing = Writing { db, reader, files: BTreeMap::new() };
    let Some(whole) = writing.ticket(ticket, &events)? else { return Ok(None) };
    let document = EventDocument {
        schema: SCHEMA,
        seq: recorded.seq,
        at: recorded.occurred_at.ms(),
        kind,
        origin: Origin::of(&recorded.actor).to_string(),
        visibility: if recorded.event.is_public() { Visibility::Public } else { Visibility::Internal },
        actor: writing.actor(recorded)?,
        before: writing.changed(&recorded.event, before.as_ref())?,
        after: writing.after(recorded, after.as_ref())?,
        ticket: whole,
    };
    let document = bounded(document);
    Ok(Some(Written { document, files: writing.files }))
}

/// Within what a plugin is given.
fn bounded(mut document: EventDocument) -> Value {
    let mut value = json!(document);
    if value.to_string().len() > DOCUMENT_BYTES_MAX {
        document.ticket.comments = None;
        value = json!(document);
    }
    if value.to_string().len() > DOCUMENT_BYTES_MAX {
        document.ticket.description = None;
        document.ticket.fields = None;
        value = json!(document);
    }
    value
}

impl Writing<'_> {
    pub(super) fn may(&self, part: TicketPart) -> bool {
        self.reader.abilities.may_read(part)
    }

    pub(super) fn words(&self, text: TextId) -> Result<String, StoreError> {
        Ok(store::text::get(self.db, text)?.unwrap_or_default())
    }

    fn actor(&self, recorded: &Recorded) -> Result<ActorDocument, StoreError> {
        let kind = match &recorded.actor {
            Actor::Person { .. } => "person",
            Actor::Clock => "clock",
            Actor::Script { .. } => "script",
            Actor::Plugin { .. } => "plugin",
            Actor::Import { .. } => "import",
            Actor::Operator => "operator",
        };
        let name = match (&recorded.event, &recorded.actor) {
            (Event::CommentAdded { foreign_author: Some(name), .. }, _) => Some(self.words(*name)?),
            (_, Actor::Person { person }) => store::person::get(self.db, *person)?.map(|person| person.name),
            _ => None,
        };
        Ok(ActorDocument { kind: kind.to_owned(), name })
    }

    /// The ticket as it stands after all of `events`.
    fn ticket(&mut self, id: TicketId, events: &[Recorded]) -> Result<Option<TicketDocument>, StoreError> {
        let db = self.db;
        let Some(ticket) = store::ticket::get(db, id)? else { return Ok(None) };
        let Some(client) = store::client::get(db, ticket.client)? else { return Ok(None) };
        let description = match events.first().map(|first| &first.event) {
            Some(Event::TicketOpened(opened)) => opened.description,
            _ => None,
        };
        let words = |text: Option<TextId>| text.map(|text| self.words(text)).transpose();
        let (subject, description) = (Some(self.words(ticket.subject)?), words(description)?);
        let number = format!("{}-{}", client.prefix, ticket.number);
        let mut document = TicketDocument {
            id,
            url: self.url(&number),
            number,
            external: self.external(id)?,
            subject: subject.filter(|_| self.may(TicketPart::Subject)),
            description: description.filter(|_| self.may(TicketPart::Description)),
            status: Some(ticket.status.clone()).filter(|_| self.may(TicketPart::Status)),
            category: ticket.category.clone().filter(|_| self.may(TicketPart::Category)),
            impact: Some(ticket.impact).filter(|_| self.may(TicketPart::Impact)),
            urgency: Some(ticket.urgency).filter(|_| self.may(TicketPart::Urgency)),
            priority: Some(ticket.priority).filter(|_| self.may(TicketPart::Priority)),
            queue: ticket.queue.clone().filter(|_| self.may(TicketPart::Queue)),
            assignee: match ticket.assignee.filter(|_| self.may(TicketPart::Assignee)) {
                Some(person) => person_of(db, person)?,
                None => None,
            },
            site: self.site(&ticket)?,
            asset: self.asset(&ticket)?,
            contact: self.contact(&ticket)?,
            fields: if self.may(TicketPart::Fields) { Some(self.fields(&ticket)?) } else { None },
            tags: Some(ticket.tags.clone()).filter(|_| self.may(TicketPart::Tags)),
            created_at: Some(ticket.opened_at.ms()).filter(|_| self.may(TicketPart::CreatedAt)),
            resolved_at: ticket.resolved_at.map(|at| at.ms()).filter(|_| self.may(TicketPart::ResolvedAt)),
            closed_at: ticket.closed_at.map(|at| at.ms()).filter(|_| self.may(TicketPart::ClosedAt)),
            resolution: ticket.resolution.clone().filter(|_| self.may(TicketPart::Status)),
            comments: None,
            files: None,
        };
        document.comments = self.comments(events)?;
        document.files = self.listed_files(id)?;
        Ok(Some(document))
    }

    fn url(&self, number: &str) -> Option<String> {
        let base = self.reader.base_url.as_ref().filter(|_| self.may(TicketPart::Url))?;
        Some(format!("{}/tickets/{number}", base.trim_end_matches('/')))
    }

    fn external(&self, id: TicketId) -> Result<Vec<ExternalDocument>, StoreError> {
        let own = store::external::plugin_source(self.reader.installation);
        let mut found = Vec::new();
        for (source, external) in store::external::externals_of(self.db, id)? {
            let is_own = source == own;
            if is_own || self.may(TicketPart::External) {
                let installation = source.strip_prefix("plugin:").map(str::to_owned);
                found.push(ExternalDocument { installation, external, is_own });
            }
        }
        Ok(found)
    }

    fn site(&self, ticket: &Ticket) -> Result<Option<SiteDocument>, StoreError> {
        let Some(id) = ticket.site.filter(|_| self.may(TicketPart::Site)) else { return Ok(None) };
        Ok(store::place::site(self.db, id)?.map(|site| SiteDocument {
            name: site.name,
            address: site.address,
            city: site.city,
            country: site.country,
            time_zone: site.time_zone,
        }))
    }

    fn asset(&self, ticket: &Ticket) -> Result<Option<AssetDocument>, StoreError> {
        let Some(id) = ticket.asset.filter(|_| self.may(TicketPart::Asset)) else { return Ok(None) };
        let found = store::place::asset(self.db, id)?;
        Ok(found.map(|asset| AssetDocument { tag: asset.tag, serial: asset.serial, model: asset.model }))
    }

    fn contact(&self, ticket: &Ticket) -> Result<Option<ContactDocument>, StoreError> {
        let Some(id) = ticket.contact.filter(|_| self.may(TicketPart::Contact)) else { return Ok(None) };
        let found = store::place::contact(self.db, id)?;
        Ok(found.map(|one| ContactDocument { name: one.name, email: one.email, phone: one.phone }))
    }

    fn fields(&self, ticket: &Ticket) -> Result<BTreeMap<Key, Value>, StoreError> {
        let fields = ticket.fields.iter();
        fields.map(|(key, value)| Ok((key.clone(), self.field(value)?))).collect()
    }

    fn field(&self, value: &FieldValue) -> Result<Value, StoreError> {
        Ok(match value {
            FieldValue::Flag(flag) => json!(flag),
            FieldValue::Number(number) => json!(number),
            FieldValue::Choice(key) => json!(key),
            FieldValue::Moment(at) => json!(at.ms()),
            FieldValue::Text(text) => json!(self.words(*text)?),
        })
    }

    /// Whether the installation may read a comment or a file of this visibility.
    pub(super) fn may_see(&self, visibility: Visibility) -> bool {
        visibility == Visibility::Public || self.may(TicketPart::InternalComments)
    }

    fn comments(&mut self, events: &[Recorded]) -> Result<Option<Vec<CommentDocument>>, StoreError> {
        let parts = [TicketPart::Comments, TicketPart::InternalComments];
        if !parts.into_iter().any(|part| self.may(part)) {
            return Ok(None);
        }
        let mut found = Vec::new();
        for recorded in events.iter().rev() {
            let Event::CommentAdded { visibility, .. } = &recorded.event else { continue };
            let part = match visibility {
                Visibility::Public => TicketPart::Comments,
                Visibility::Internal => TicketPart::InternalComments,
            };
            if self.may(part) {
                found.extend(comment_of(self, recorded)?);
            }
            if found.len() == LISTED_MAX {
                break;
            }
        }
        found.reverse();
        Ok(Some(found))
    }

    fn listed_files(&mut self, id: TicketId) -> Result<Option<Vec<FileDocument>>, StoreError> {
        if !self.may(TicketPart::Files) {
            return Ok(None);
        }
        let mut files = store::attachment::of_ticket(self.db, id)?;
        files.retain(|file| file.visibility.is_some_and(|visibility| self.may_see(visibility)));
        let first = files.len().saturating_sub(LISTED_MAX);
        Ok(Some(files.drain(first..).filter_map(|file| file_of(self, file)).collect()))
    }

    /// The parts that an event is about, as `ticket` has them.
    fn changed(&self, event: &Event, ticket: Option<&Ticket>) -> Result<Map<String, Value>, StoreError> {
        let mut parts = Map::new();
        let Some(ticket) = ticket else { return Ok(parts) };
        let mut add = |part: TicketPart, name: &str, value: Value| {
            if self.may(part) {
                parts.insert(name.to_owned(), value);
            }
        };
        match event {
            Event::StatusChanged { .. } => add(TicketPart::Status, "status", json!(ticket.status)),
            Event::PriorityChanged { .. } => {
                add(TicketPart::Impact, "impact", json!(ticket.impact));
                add(TicketPart::Urgency, "urgency", json!(ticket.urgency));
                add(TicketPart::Priority, "priority", json!(ticket.priority));
            }
            Event::CategoryChanged { .. } => add(TicketPart::Category, "category", json!(ticket.category)),
            Event::SubjectChanged { .. } => {
                add(TicketPart::Subject, "subject", json!(self.words(ticket.subject)?));
            }
            Event::FieldChanged { field, .. } => {
                let value = ticket.fields.get(field).map(|value| self.field(value)).transpose()?;
                add(TicketPart::Fields, "fields", json!({ field.as_str(): value }));
            }
            Event::SiteChanged { .. } => add(TicketPart::Site, "site", json!(self.site(ticket)?)),
            Event::AssetChanged { .. } => add(TicketPart::Asset, "asset", json!(self.asset(ticket)?)),
            Event::ContactChanged { .. } => {
                add(TicketPart::Contact, "contact", json!(self.contact(ticket)?));
            }
            Event::TicketAssigned { .. } | Event::TicketUnassigned { .. } => {
                let person = ticket.assignee.map(|person| person_of(self.db, person)).transpose()?;
                add(TicketPart::Assignee, "assignee", json!(person.flatten()));
            }
            Event::TicketQueued { .. } => add(TicketPart::Queue, "queue", json!(ticket.queue)),
            Event::TicketResolved { .. } | Event::TicketClosed { .. } | Event::TicketReopened { .. } => {
                add(TicketPart::Status, "resolution", json!(ticket.resolution));
            }
            Event::TagsChanged { .. } => add(TicketPart::Tags, "tags", json!(ticket.tags)),
            Event::WorkOrderAdvanced { from, .. } => {
                parts.insert("order".to_owned(), json!({ "stage": from }));
            }
            _ => {}
        }
        Ok(parts)
    }

    /// The parts as they are, and what the event brought beside them.
    fn after(
        &mut self,
        recorded: &Recorded,
        ticket: Option<&Ticket>,
    ) -> Result<Map<String, Value>, StoreError> {
        let mut parts = self.changed(&recorded.event, ticket)?;
        match &recorded.event {
            Event::CommentAdded { .. } => {
                parts.insert("comment".to_owned(), json!(comment_of(self, recorded)?));
            }
            Event::AttachmentsAdded { attachments, .. } => {
                parts.insert("files".to_owned(), json!(self.files_by_id(attachments)?));
            }
            Event::TicketResolved { reason, .. }
            | Event::TicketClosed { reason, .. }
            | Event::TicketReopened { reason } => {
                let reason = reason.map(|reason| self.words(reason)).transpose()?;
                parts.insert("reason".to_owned(), json!(reason));
            }
            Event::WorkOrderOpened(opened) => {
                parts.insert("order".to_owned(), order_of(self.db, opened.order)?);
            }
            Event::WorkOrderAdvanced { order, to, .. } => {
                let mut order = order_of(self.db, *order)?;
                order["stage"] = json!(to);
                parts.insert("order".to_owned(), order);
            }
            Event::RatingSettled { answer, .. } => {
                let comment = answer.comment.map(|comment| self.words(comment)).transpose()?;
                parts.insert("rating".to_owned(), json!({ "value": answer.score, "comment": comment }));
            }
            _ => {}
        }
        Ok(parts)
    }

    pub(super) fn files_by_id(&mut self, ids: &[AttachmentId]) -> Result<Vec<FileDocument>, StoreError> {
        let unique: BTreeSet<AttachmentId> = ids.iter().copied().collect();
        let mut found = Vec::new();
        for id in unique {
            if let Some(file) = store::attachment::get(self.db, id)? {
                found.extend(file_of(self, file));
            }
        }
        Ok(found)
    }
}
