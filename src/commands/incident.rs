//! `DeclareIncident`, `ChangeIncident`, `AttachToIncident`, `DetachFromIncident`, `SendIncidentUpdate`, `EndIncident`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::apply::about;
use super::conclude;
use super::done::{DeskError, Done};
use super::incident_round;
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::{ChangeIncident, DeclareIncident, EndIncident, Information};
use crate::domain::event::Event;
use crate::domain::incident::{
    AttachedBy, Incident, IncidentRule, PUBLIC_TEXT_BYTES_MAX, RULE_PHRASE_BYTES_MAX, RULE_VALUES_MAX,
    RULE_WORDS_MAX, RoundKind,
};
use crate::domain::pack::Phase;
use crate::domain::permission::{self, Step, TicketFacts};
use crate::domain::ticket::Ticket;
use crate::domain::{Language, Refusal, TextId, TicketId};
use crate::store;

/// Most incidents of a client that are open at once: each new ticket is held against the rule of each.
const OPEN_MAX: usize = 20;

pub(super) fn declare(work: &mut Work<'_>, declare: DeclareIncident) -> Result<Done, DeskError> {
    let id = declare.ticket;
    let ticket = to_lead(work, id)?;
    if ticket.is_closed() {
        return Err(Refusal::TicketIsClosed.into());
    }
    if ticket.incident.is_some() {
        let message = "the ticket is attached to a major incident; take it off that one first";
        return Err(Refusal::invalid("ticket", message).into());
    }
    let before = store::incident::get(&work.tx, id)?;
    if before.as_ref().is_some_and(|before| before.is_open) {
        return Err(Refusal::invalid("ticket", "the ticket is a major incident already").into());
    }
    let count = store::incident::open_of_client(&work.tx, ticket.client)?.len();
    if count >= OPEN_MAX {
        let field = "incidents".to_owned();
        return Err(Refusal::TooMany { field, count: count + 1, count_max: OPEN_MAX }.into());
    }
    check_rule(work, &ticket, &declare.rule)?;
    let texts = public_texts(work, &declare.texts)?;
    let incident = Incident {
        ticket: id,
        client: ticket.client,
        is_open: true,
        rule: declare.rule,
        texts: texts.clone(),
        last_update: None,
        last_update_at: None,
        declared_at: work.occurred_at,
        ended_at: None,
        version: before.as_ref().map_or(1, |before| before.version + 1),
    };
    match before {
        Some(_) => store::incident::update(&work.tx, &incident)?,
        None => store::incident::insert(&work.tx, &incident)?,
    }
    let rule = rule_text(work, &incident.rule)?;
    record(work, id, Event::IncidentDeclared { rule, texts })?;
    work.note_change(Some(ticket.client), "incident");
    Ok(about(id, Some(id.0)))
}

pub(super) fn change(work: &mut Work<'_>, change: ChangeIncident) -> Result<Done, DeskError> {
    let ticket = to_lead(work, change.incident)?;
    let mut incident = seen(work, change.incident, change.version)?;
    let mut rule = None;
    if let Some(given) = change.rule.filter(|given| *given != incident.rule) {
        check_rule(work, &ticket, &given)?;
        rule = Some(rule_text(work, &given)?);
        incident.rule = given;
    }
    let mut texts = None;
    if let Some(given) = change.texts {
        incident.texts = public_texts(work, &given)?;
        texts = Some(incident.texts.clone());
    }
    if rule.is_some() || texts.is_some() {
        save(work, &mut incident)?;
        record(work, ticket.id, Event::IncidentChanged { rule, texts })?;
    }
    Ok(Done { version: Some(incident.version), ..about(ticket.id, None) })
}

pub(super) fn attach(work: &mut Work<'_>, id: TicketId, to: TicketId) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::WorkOnTicket, None)?;
    let parent = work.ticket_for(to, Step::SeeTicket, None)?;
    let incident = standing(work, to)?;
    if ticket.client != parent.client {
        return Err(Refusal::invalid("incident", "the ticket and the incident must be of one client").into());
    }
    if !incident.is_open {
        return Err(Refusal::invalid("incident", "the major incident is over; choose an open one").into());
    }
    if store::incident::get(&work.tx, id)?.is_some_and(|own| own.is_open) {
        return Err(
            Refusal::invalid("ticket", "the ticket is a major incident itself; end that one first").into()
        );
    }
    match ticket.incident {
        Some(standing) if standing == to => {}
        Some(_) => {
            let message = "the ticket is attached to another major incident; take it off that one first";
            return Err(Refusal::invalid("ticket", message).into());
        }
        None => {
            store::incident::forget_detached(&work.tx, to, id)?;
            put_on(work, id, to, AttachedBy::Choice)?;
        }
    }
    Ok(about(id, None))
}

/// Attaches a ticket for which everything was looked at.
pub(super) fn put_on(
    work: &mut Work<'_>,
    id: TicketId,
    incident: TicketId,
    by: AttachedBy,
) -> Result<(), DeskError> {
    record(work, id, Event::AttachedToIncident { incident, by })?;
    let Ok(pack) = work.pack_of(id) else { return Ok(()) };
    let Some(to) = pack.major_incident.attached_status.clone() else { return Ok(()) };
    let ticket = work.ticket(id)?;
    if ticket.resolved_at.is_none() && ticket.status != to {
        record(work, id, Event::StatusChanged { from: ticket.status.clone(), to })?;
    }
    Ok(())
}

pub(super) fn detach(work: &mut Work<'_>, id: TicketId) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    let Some(incident) = ticket.incident else { return Ok(about(id, None)) };
    record(work, id, Event::DetachedFromIncident { incident })?;
    store::incident::note_detached(&work.tx, incident, id)?;
    let pack = work.pack_of(id)?;
    if ticket.resolved_at.is_none() && pack.major_incident.attached_status.as_ref() == Some(&ticket.status) {
        // It waits for nothing any more.
        let to = pack.status_of_phase(Phase::Open).key.clone();
        if to != ticket.status {
            record(work, id, Event::StatusChanged { from: ticket.status.clone(), to })?;
        }
    }
    Ok(about(id, None))
}

pub(super) fn send_update(work: &mut Work<'_>, id: TicketId, text: &str) -> Result<Done, DeskError> {
    let ticket = to_lead(work, id)?;
    let mut incident = standing(work, id)?;
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text", "write what those who wait are told").into());
    }
    words::text("text", text)?;
    let stored = store::text::put(&work.tx, text)?;
    store::search::add(&work.tx, id, stored, text);
    incident.last_update = Some(stored);
    incident.last_update_at = Some(work.occurred_at);
    save(work, &mut incident)?;
    record(work, ticket.id, Event::IncidentUpdateSent { text: stored })?;
    let round = incident_round::start(work, &incident, RoundKind::Update, Some(stored), None)?;
    Ok(Done { version: Some(incident.version), ..about(id, Some(round.0)) })
}

pub(super) fn gather(work: &mut Work<'_>, id: TicketId) -> Result<Done, DeskError> {
    to_lead(work, id)?;
    let incident = standing(work, id)?;
    if !incident.is_open || incident.rule.is_empty() {
        let message = "the incident must be open and have a rule; without one, attach tickets by hand";
        return Err(Refusal::invalid("incident", message).into());
    }
    let round = incident_round::start(work, &incident, RoundKind::Gather, None, None)?;
    Ok(about(id, Some(round.0)))
}

pub(super) fn end(work: &mut Work<'_>, end: EndIncident) -> Result<Done, DeskError> {
    let id = end.incident;
    let ticket = to_lead(work, id)?;
    let mut incident = seen(work, id, end.version)?;
    words::maybe_text("reason", end.reason.as_deref())?;
    work.pack_of(id)?.require_resolution("resolution", &end.resolution)?;
    if !incident.is_open {
        check_after_the_end(&incident, &end)?;
    }
    let reason = work.text(end.reason.as_deref())?;
    if incident.is_open {
        if ticket.resolved_at.is_none() {
            let information = Information::default();
            conclude::resolve(work, id, None, end.resolution.clone(), end.reason.as_deref(), &information)?;
        }
        finish(work, &mut incident)?;
    } else {
        // Another version, so that the same request once more is told that it was carried out.
        save(work, &mut incident)?;
    }
    let mut made = None;
    if let Some(kind) = end.attached.round() {
        made = Some(incident_round::start(work, &incident, kind, reason, Some(end.resolution))?.0);
    }
    Ok(Done { version: Some(incident.version), ..about(id, made) })
}

/// What ended does not end again. Whoever saw that it is over may still say what becomes of those left attached.
fn check_after_the_end(incident: &Incident, end: &EndIncident) -> Result<(), Refusal> {
    if end.version.is_none() {
        return Err(Refusal::IncidentIsOver { version: incident.version });
    }
    if end.attached.round().is_none() {
        return Err(Refusal::invalid("attached", "the incident is over; say what becomes of the attached"));
    }
    Ok(())
}

/// A ticket that was closed is no incident any more; those attached to it are left to people.
pub(super) fn end_with_ticket(work: &mut Work<'_>, id: TicketId) -> Result<(), DeskError> {
    match store::incident::get(&work.tx, id)? {
        Some(mut incident) if incident.is_open => finish(work, &mut incident),
        _ => Ok(()),
    }
}

fn finish(work: &mut Work<'_>, incident: &mut Incident) -> Result<(), DeskError> {
    incident.is_open = false;
    incident.ended_at = Some(work.occurred_at);
    save(work, incident)?;
    record(work, incident.ticket, Event::IncidentEnded)
}

fn save(work: &mut Work<'_>, incident: &mut Incident) -> Result<(), DeskError> {
    incident.version += 1;
    store::incident::update(&work.tx, incident)?;
    work.note_change(Some(incident.client), "incident");
    Ok(())
}

/// The ticket, when the actor may lead a major incident on it.
fn to_lead(work: &mut Work<'_>, id: TicketId) -> Result<Rc<Ticket>, DeskError> {
    let ticket = work.ticket_for(id, Step::SeeTicket, None)?;
    let facts = TicketFacts {
        client: Some(ticket.client),
        sub_client: ticket.sub_client,
        leaders: work.pack_of(id)?.major_incident.led_by.clone(),
        ..TicketFacts::default()
    };
    let access = work.access()?;
    permission::check(&work.cause.actor, access.as_deref(), Step::LeadIncident, None, &facts)?;
    Ok(ticket)
}

fn standing(work: &Work<'_>, id: TicketId) -> Result<Incident, DeskError> {
    Ok(store::incident::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("major incident", id))?)
}

fn seen(work: &Work<'_>, id: TicketId, version: Option<i64>) -> Result<Incident, DeskError> {
    let incident = standing(work, id)?;
    match version {
        Some(seen) if seen != incident.version => {
            Err(Refusal::StaleVersion { seen, current: incident.version }.into())
        }
        _ => Ok(incident),
    }
}

/// What a rule names must be the client's own.
fn check_rule(work: &mut Work<'_>, parent: &Ticket, rule: &IncidentRule) -> Result<(), DeskError> {
    if let Some((field, count)) = rule.overfull() {
        let field = field.to_owned();
        return Err(Refusal::TooMany { field, count, count_max: RULE_VALUES_MAX }.into());
    }
    if rule.words.len() > RULE_WORDS_MAX {
        let (field, count) = ("rule.words".to_owned(), rule.words.len());
        return Err(Refusal::TooMany { field, count, count_max: RULE_WORDS_MAX }.into());
    }
    if let Some(long) = rule.words.iter().find(|phrase| phrase.len() > RULE_PHRASE_BYTES_MAX) {
        let (field, bytes, bytes_max) = ("rule.words".to_owned(), long.len(), RULE_PHRASE_BYTES_MAX);
        return Err(Refusal::TooLong { field, bytes, bytes_max }.into());
    }
    let pack = work.pack_of(parent.id)?;
    for category in &rule.categories {
        pack.require_category("rule.categories", category)?;
    }
    for site in &rule.sites {
        let found = store::place::site(&work.tx, *site)?;
        if found.is_none_or(|found| found.client != parent.client) {
            return Err(Refusal::invalid("rule.sites", format!("the client has no site `{site}`")).into());
        }
    }
    for sub in &rule.sub_clients {
        let found = store::client::get_sub(&work.tx, *sub)?;
        if found.is_none_or(|found| found.client != parent.client) {
            let message = format!("the client has no sub-client `{sub}`");
            return Err(Refusal::invalid("rule.sub_clients", message).into());
        }
    }
    lines("rule.countries", &rule.countries)?;
    lines("rule.cities", &rule.cities)?;
    lines("rule.models", &rule.models)?;
    lines("rule.words", &rule.words)
}

fn lines(field: &str, values: &BTreeSet<String>) -> Result<(), DeskError> {
    for value in values {
        words::line(field, value)?;
    }
    Ok(())
}

/// Stores what the client's people are told; an empty text is none.
fn public_texts(
    work: &Work<'_>,
    given: &BTreeMap<Language, String>,
) -> Result<BTreeMap<Language, TextId>, DeskError> {
    let mut texts = BTreeMap::new();
    for (language, text) in given {
        words::text("texts", text)?;
        if text.len() > PUBLIC_TEXT_BYTES_MAX {
            let (field, bytes) = ("texts".to_owned(), text.len());
            return Err(Refusal::TooLong { field, bytes, bytes_max: PUBLIC_TEXT_BYTES_MAX }.into());
        }
        if let Some(text) = work.text(Some(text))? {
            texts.insert(*language, text);
        }
    }
    Ok(texts)
}

/// A rule names words and places, so the event names a text that can be erased.
fn rule_text(work: &Work<'_>, rule: &IncidentRule) -> Result<TextId, DeskError> {
    Ok(store::text::put(&work.tx, &super::once::json(rule)?)?)
}
