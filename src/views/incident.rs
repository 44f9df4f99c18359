//! Major incidents: their list, the page of one, which one a new request fits, and what a ticket's page says.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::ticket_row::{Ref, TicketRow};
use super::{ViewError, Views};
use crate::domain::incident::{Described, Incident, IncidentRule, Round, RoundKind, is_touched};
use crate::domain::permission::{Step, TicketFacts};
use crate::domain::ticket::Ticket;
use crate::domain::{
    AssetId, ClientId, Key, Language, Moment, PersonId, Refusal, RoundId, SiteId, SubClientId, TicketId,
};
use crate::store;

/// Attached tickets are counted up to here.
const COUNTED_MAX: usize = 10_000;
/// Rounds that the page shows.
const ROUNDS_SHOWN: usize = 20;
/// Attached tickets that are looked through for those that people have changed.
const LOOKED_THROUGH_MAX: usize = 500;
/// Latest events of each that are read for it.
const EVENTS_READ: usize = 100;
/// Incidents read at once while those that the reader may not see are left out.
const READ_AT_ONCE: usize = 100;

/// A major incident in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentLine {
    /// The parent ticket, by which the incident is named.
    pub id: TicketId,
    /// Such as `BANK-1042`.
    pub number: String,
    pub client: ClientId,
    pub subject: Option<String>,
    pub is_open: bool,
    pub declared_at: Moment,
    pub ended_at: Option<Moment>,
    pub last_update_at: Option<Moment>,
    /// Attached tickets; stops at 10,000.
    pub attached: i64,
    /// Those that an update reaches now: attached and not closed; stops at 10,000.
    pub reach: i64,
}

/// Everything about a major incident. The attached tickets are the ticket list with `incident`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentPage {
    #[serde(flatten)]
    pub line: IncidentLine,
    pub rule: IncidentRule,
    /// Names of the sites and sub-clients of the rule, by id.
    pub names: BTreeMap<String, String>,
    pub texts: BTreeMap<Language, String>,
    pub last_update: Option<String>,
    /// The latest first.
    pub rounds: Vec<RoundLine>,
    /// Attached tickets that people have changed since, of the first 500.
    pub touched: Vec<TicketRow>,
    pub may_lead: bool,
    /// Attach and take off tickets.
    pub may_work: bool,
    pub version: i64,
}

/// Work over the attached tickets.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RoundLine {
    pub id: RoundId,
    pub kind: RoundKind,
    pub by: Option<Ref>,
    pub text: Option<String>,
    /// Tickets that it has changed so far.
    pub reached: i64,
    /// Tickets that it has left to people.
    pub left: i64,
    pub started_at: Moment,
    /// `null`: it goes on.
    pub finished_at: Option<Moment>,
}

/// What a ticket's page says of the major incident behind the ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketIncident {
    /// For staff who may see the parent ticket: its id and number.
    pub id: Option<TicketId>,
    pub number: Option<String>,
    pub subject: Option<String>,
    /// Whether this ticket is the parent itself.
    pub is_parent: bool,
    pub is_open: bool,
    pub declared_at: Moment,
    pub texts: BTreeMap<Language, String>,
    pub last_update: Option<String>,
    pub last_update_at: Option<Moment>,
}

/// What is known of a request that is being written down.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub sub_client: Option<SubClientId>,
    pub site: Option<SiteId>,
    pub asset: Option<AssetId>,
    pub category: Option<Key>,
    pub subject: String,
}

impl Views {
    /// Open or past incidents of clients whose tickets the person reads as staff, the latest first.
    pub fn incidents(
        &self,
        person: PersonId,
        is_open: bool,
        client: Option<ClientId>,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<IncidentLine>, ViewError> {
        self.read(person, |reading| {
            let mut before = decode(cursor)?.map(TicketId);
            let mut kept = Vec::new();
            loop {
                let rows = store::incident::page(reading.db, is_open, before, READ_AT_ONCE)?;
                let is_end = rows.len() < READ_AT_ONCE;
                before = rows.last().map(|row| row.ticket);
                kept.extend(rows.into_iter().filter(|row| {
                    reading.leads_or_works(row.client) && client.is_none_or(|only| only == row.client)
                }));
                if is_end || kept.len() > limit.count() {
                    break;
                }
            }
            List::cut(kept, limit, |row| row.ticket.0).try_map(|row| reading.incident_line(&row))
        })
    }

    pub fn incident(&self, person: PersonId, id: TicketId) -> Result<IncidentPage, ViewError> {
        self.read(person, |reading| {
            let missing = || Refusal::not_found("major incident", id);
            let incident = store::incident::get(reading.db, id)?.ok_or_else(missing)?;
            if !reading.leads_or_works(incident.client) {
                return Err(missing().into());
            }
            reading.incident_page(&incident)
        })
    }

    /// Open incidents whose rule the request would fit.
    pub fn incidents_for(
        &self,
        person: PersonId,
        client: ClientId,
        request: &Request,
    ) -> Result<Vec<IncidentLine>, ViewError> {
        self.read(person, |reading| {
            if !reading.leads_or_works(client) {
                return Err(Refusal::not_found("client", client).into());
            }
            let described = reading.described(client, request)?;
            let mut lines = Vec::new();
            for incident in store::incident::open_of_client(reading.db, client)? {
                if incident.rule.matches(&described, incident.declared_at, store::search::stems) {
                    lines.push(reading.incident_line(&incident)?);
                }
            }
            Ok(lines)
        })
    }
}

impl Reading<'_> {
    /// Staff who read all tickets of the client.
    fn leads_or_works(&self, client: ClientId) -> bool {
        self.sees_internals() && self.scope.clients().contains(client)
    }

    fn incident_line(&self, incident: &Incident) -> Result<IncidentLine, ViewError> {
        let id = incident.ticket;
        let named = self.named_ticket(id)?;
        Ok(IncidentLine {
            id,
            number: named.as_ref().map(|named| named.number.clone()).unwrap_or_default(),
            client: incident.client,
            subject: named.and_then(|named| named.subject),
            is_open: incident.is_open,
            declared_at: incident.declared_at,
            ended_at: incident.ended_at,
            last_update_at: incident.last_update_at,
            attached: store::incident::count_attached(self.db, id, COUNTED_MAX)?,
            reach: store::incident::count_reached(self.db, id, COUNTED_MAX)?,
        })
    }

    fn incident_page(&self, incident: &Incident) -> Result<IncidentPage, ViewError> {
        let mut names = BTreeMap::new();
        for site in &incident.rule.sites {
            names.extend(self.names.site(*site)?.map(|found| (site.to_string(), found.name)));
        }
        for sub in &incident.rule.sub_clients {
            names.extend(self.names.sub_client(*sub)?.map(|found| (sub.to_string(), found.name)));
        }
        let mut rounds = Vec::new();
        for round in store::incident::rounds(self.db, incident.ticket, ROUNDS_SHOWN)? {
            rounds.push(self.round(&round)?);
        }
        let (listed, _) = self.ticket(incident.ticket)?;
        Ok(IncidentPage {
            line: self.incident_line(incident)?,
            rule: incident.rule.clone(),
            names,
            texts: self.public_texts(incident)?,
            last_update: self.names.maybe_text(incident.last_update)?,
            rounds,
            touched: self.touched(incident)?,
            may_lead: self.may_lead(&listed.ticket)?,
            may_work: self.may(Step::WorkOnTicket, incident.client),
            version: incident.version,
        })
    }

    fn round(&self, round: &Round) -> Result<RoundLine, ViewError> {
        let by = match round.actor {
            crate::domain::person::Actor::Person { person } => Some(self.names.person_ref(person)?),
            _ => None,
        };
        Ok(RoundLine {
            id: round.id,
            kind: round.kind,
            by,
            text: self.names.maybe_text(round.text)?,
            reached: round.reached,
            left: round.left,
            started_at: round.started_at,
            finished_at: round.finished_at,
        })
    }

    fn public_texts(&self, incident: &Incident) -> Result<BTreeMap<Language, String>, ViewError> {
        let mut texts = BTreeMap::new();
        for (language, text) in &incident.texts {
            texts.extend(self.names.text(*text)?.map(|words| (*language, words)));
        }
        Ok(texts)
    }

    fn touched(&self, incident: &Incident) -> Result<Vec<TicketRow>, ViewError> {
        let attached = store::incident::attached_after(
            self.db,
            incident.ticket,
            TicketId(0),
            i64::MAX,
            LOOKED_THROUGH_MAX,
        )?;
        let mut rows = Vec::new();
        for id in attached {
            let latest = store::work_list::events_before(self.db, id, None, EVENTS_READ)?;
            if is_touched(latest.iter().map(|one| (&one.event, &one.actor)), incident.ticket) {
                let (listed, _) = self.ticket(id)?;
                rows.push(self.row(&listed)?);
            }
        }
        Ok(rows)
    }

    /// Whether the person may lead a major incident on the ticket.
    pub(super) fn may_lead(&self, ticket: &Ticket) -> Result<bool, ViewError> {
        let pack = self.pack(ticket.pack_version)?;
        let facts = TicketFacts {
            client: Some(ticket.client),
            sub_client: ticket.sub_client,
            leaders: pack.map(|pack| pack.major_incident.led_by.clone()).unwrap_or_default(),
            ..TicketFacts::default()
        };
        Ok(self.access.may(Step::LeadIncident, &facts))
    }

    /// The incident behind the ticket. The client's people get the words alone: no number, no other ticket.
    pub(super) fn incident_of(&self, ticket: &Ticket) -> Result<Option<TicketIncident>, ViewError> {
        let parent = ticket.incident.unwrap_or(ticket.id);
        let Some(incident) = store::incident::get(self.db, parent)? else { return Ok(None) };
        let is_parent = parent == ticket.id;
        let named = if self.leads_or_works(ticket.client) { self.named_ticket(parent)? } else { None };
        Ok(Some(TicketIncident {
            id: named.is_some().then_some(parent),
            number: named.as_ref().map(|named| named.number.clone()),
            subject: named.and_then(|named| named.subject),
            is_parent,
            is_open: incident.is_open,
            declared_at: incident.declared_at,
            texts: self.public_texts(&incident)?,
            last_update: self.names.maybe_text(incident.last_update)?,
            last_update_at: incident.last_update_at,
        }))
    }

    fn described(&self, client: ClientId, request: &Request) -> Result<Described, ViewError> {
        let asset = request.asset.map_or(Ok(None), |id| store::place::asset(self.db, id))?;
        let asset = asset.filter(|asset| asset.client == client);
        let site = request.site.or(asset.as_ref().and_then(|asset| asset.site));
        let site = site.map_or(Ok(None), |id| store::place::site(self.db, id))?;
        let site = site.filter(|site| site.client == client);
        let published = store::client::get(self.db, client)?.and_then(|client| client.pack_version);
        let pack = self.pack(published)?;
        // What nobody has classified is opened with the pack's default.
        let usual =
            pack.as_ref().and_then(|pack| pack.default_category()).map(|category| category.key.clone());
        Ok(Described {
            category: request.category.clone().or(usual),
            country: site.as_ref().map(|site| site.country.clone()),
            city: site.as_ref().map(|site| site.city.clone()),
            sub_client: request.sub_client.or(site.as_ref().and_then(|site| site.sub_client)),
            site: site.map(|site| site.id),
            model: asset.map(|asset| asset.model),
            stems: store::search::stems(&request.subject).into_iter().collect(),
            opened_at: self.now,
        })
    }
}
