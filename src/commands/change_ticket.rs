//! `ChangeTicket`: fields, status, category, priority, places; counters; the red mark.

use super::apply::about;
use super::coverage;
use super::done::{DeskError, Done};
use super::incident_rule;
use super::open_ticket::{contact_fits, own_asset, own_contact, own_site, own_sub_client};
use super::record::record;
use super::terms::terms;
use super::words;
use super::work::Work;
use crate::domain::command::TicketChanges;
use crate::domain::event::Event;
use crate::domain::pack::{Pack, Phase};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, Refusal, TicketId};
use crate::store;

/// Least and most pressing priority.
const PRIORITIES: std::ops::RangeInclusive<i64> = 1..=5;

pub(super) fn change(
    work: &mut Work<'_>,
    id: TicketId,
    version: Option<i64>,
    changes: &TicketChanges,
) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::WorkOnTicket, version)?;
    let pack = work.pack_of(id)?;
    let mut events = Vec::new();
    events.extend(subject(work, &ticket, changes)?);
    events.extend(category(&ticket, &pack, changes)?);
    events.extend(priority(&ticket, &pack, changes)?);
    if let Some(to) = changes.is_urgent.filter(|to| *to != ticket.is_urgent) {
        events.push(Event::UrgentChanged { to });
    }
    events.extend(places(work, &ticket, changes)?);
    for (field, to) in words::fields(work, &pack, &changes.fields)? {
        if ticket.fields.get(&field) != to.as_ref() {
            events.push(Event::FieldChanged { field, to });
        }
    }
    events.extend(status(&ticket, &pack, changes)?);
    for event in events {
        record(work, id, event)?;
    }
    coverage::recheck(work, id)?;
    if incident_rule::may_matter(changes) {
        incident_rule::attach_by_rule(work, id)?;
    }
    Ok(about(id, None))
}

fn subject(work: &Work<'_>, ticket: &Ticket, changes: &TicketChanges) -> Result<Option<Event>, DeskError> {
    let Some(subject) = &changes.subject else { return Ok(None) };
    let subject = words::line("subject", subject)?;
    if store::text::get(&work.tx, ticket.subject)?.as_ref() == Some(&subject) {
        return Ok(None);
    }
    let to = store::text::put(&work.tx, &subject)?;
    store::search::add(&work.tx, ticket.id, to, &subject);
    Ok(Some(Event::SubjectChanged { to }))
}

fn status(ticket: &Ticket, pack: &Pack, changes: &TicketChanges) -> Result<Option<Event>, DeskError> {
    let Some(to) = changes.status.clone().filter(|to| *to != ticket.status) else { return Ok(None) };
    let target = pack.require_status("status", &to)?;
    let is_resolved = ticket.resolved_at.is_some();
    let message = match (target.phase, is_resolved) {
        (Phase::Resolved, false) => "to set this status, resolve the ticket: that asks for the resolution",
        (Phase::Closed, _) => "to set this status, close the ticket: that asks for the resolution",
        (Phase::New | Phase::Open, true) => "the ticket is resolved; reopen it first",
        _ => return Ok(Some(Event::StatusChanged { from: ticket.status.clone(), to })),
    };
    Err(Refusal::invalid("status", message).into())
}

fn category(ticket: &Ticket, pack: &Pack, changes: &TicketChanges) -> Result<Option<Event>, DeskError> {
    let Some(to) = changes.category.clone().filter(|to| Some(to) != ticket.category.as_ref()) else {
        return Ok(None);
    };
    pack.require_category("category", &to)?;
    Ok(Some(Event::CategoryChanged { from: ticket.category.clone(), to: Some(to) }))
}

fn priority(ticket: &Ticket, pack: &Pack, changes: &TicketChanges) -> Result<Option<Event>, DeskError> {
    let impact = changes.impact.unwrap_or(ticket.impact);
    let urgency = changes.urgency.unwrap_or(ticket.urgency);
    let has_new_matrix_place = (impact, urgency) != (ticket.impact, ticket.urgency);
    let to = match changes.priority {
        Some(priority) if PRIORITIES.contains(&priority) => priority,
        Some(priority) => {
            return Err(Refusal::invalid("priority", format!("{priority} is not from 1 to 5")).into());
        }
        None if has_new_matrix_place => pack.priorities.priority(impact, urgency),
        None => ticket.priority,
    };
    let is_new = has_new_matrix_place || to != ticket.priority;
    Ok(is_new.then_some(Event::PriorityChanged { impact, urgency, from: ticket.priority, to }))
}

fn places(work: &Work<'_>, ticket: &Ticket, changes: &TicketChanges) -> Result<Vec<Event>, DeskError> {
    let mut events = Vec::new();
    let client = ticket.client;
    if let Some(to) = changes.sub_client.filter(|to| *to != ticket.sub_client) {
        own_sub_client(work, "sub_client", to, client)?;
        events.push(Event::SubClientChanged { to });
    }
    if let Some(to) = changes.site.filter(|to| *to != ticket.site) {
        own_site(work, to, client)?;
        events.push(Event::SiteChanged { to });
    }
    if let Some(to) = changes.asset.filter(|to| *to != ticket.asset) {
        own_asset(work, to, client)?;
        events.push(Event::AssetChanged { to });
    }
    if let Some(to) = changes.contact.filter(|to| *to != ticket.contact) {
        own_contact(work, to, client)?;
        events.push(Event::ContactChanged { to });
    }
    let sub_client = changes.sub_client.unwrap_or(ticket.sub_client);
    if (changes.contact, changes.sub_client) != (None, None) {
        contact_fits(work, changes.contact.unwrap_or(ticket.contact), sub_client)?;
    }
    let terms = terms(work, changes.site.unwrap_or(ticket.site), sub_client)?;
    let is_moved = events
        .iter()
        .any(|event| matches!(event, Event::SiteChanged { .. } | Event::SubClientChanged { .. }));
    if is_moved && terms != ticket.terms {
        events.push(Event::TermsChanged { terms });
    }
    Ok(events)
}

pub(super) fn count_up(work: &mut Work<'_>, id: TicketId, name: Key) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    let to = ticket.counters.get(&name).copied().unwrap_or(0) + 1;
    record(work, id, Event::CounterChanged { name, to })?;
    Ok(about(id, None))
}

pub(super) fn clear_mark(work: &mut Work<'_>, id: TicketId) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    if !matches!(work.cause.actor, Actor::Person { .. } | Actor::Operator) {
        return Err(Refusal::forbidden("clear the mark: a person must have looked at the ticket").into());
    }
    if ticket.is_marked {
        record(work, id, Event::MarkCleared)?;
    }
    Ok(about(id, None))
}
