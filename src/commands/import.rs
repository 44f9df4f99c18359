//! A foreign desk's history, row by row, on that desk's clock: scripts and deadlines stay mute.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::apply::about;
use super::conclude;
use super::done::{DeskError, Done};
use super::record::{record, record_opening};
use super::words;
use super::work::Work;
use crate::domain::calendars::Terms;
use crate::domain::command::{ImportState, ImportTicket, ImportUpdate};
use crate::domain::event::{Collected, Event, TicketOpened};
use crate::domain::foreign_login::SERVICENOW;
use crate::domain::pack::{Pack, Phase};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::ticket::{Channel, FieldValue, Ticket};
use crate::domain::{Key, Moment, PersonId, Refusal, TicketId};
use crate::store;

/// Longest foreign number or row key, in bytes.
const EXTERNAL_BYTES_MAX: usize = 200;
/// Most reopenings that a foreign ticket can have had: each becomes an event.
const REOPEN_COUNT_MAX: i64 = 1_000;

/// The first row of a foreign ticket. Of a ticket that is known it is a row like any other: another export of
/// the same history may begin later.
pub(super) fn ticket(work: &mut Work<'_>, import: ImportTicket) -> Result<Done, DeskError> {
    work.require_for(Step::OpenTicket, Some(import.client))?;
    let source = store::external::import_source(import.client);
    check_external(&import.external)?;
    check_external(&import.row)?;
    if let Some(known) = store::external::ticket_of(&work.tx, &source, &import.external)? {
        return follow_row(work, &source, known, &import.row, &import.state);
    }
    if import.opened_at > work.tx.now() {
        return Err(Refusal::InTheFuture { at: import.opened_at }.into());
    }
    let client = store::client::get(&work.tx, import.client)?;
    let client = client.ok_or_else(|| Refusal::not_found("client", import.client))?;
    let version = client.pack_version.ok_or(Refusal::NothingPublished)?;
    let loaded = work.programs.pack(&work.tx, version)?.ok_or(Refusal::NothingPublished)?;
    let subject = words::line("subject", &import.subject)?;
    words::tags("tags", &import.tags)?;
    let state = &import.state;
    check_state(&loaded.pack, state)?;
    let opened = TicketOpened {
        client: client.id,
        number: store::client::next_number(&work.tx, client.id)?.unwrap_or_default(),
        sub_client: None,
        site: None,
        asset: None,
        contact: None,
        subject: store::text::put(&work.tx, &subject)?,
        description: None,
        status: loaded.pack.status_of_phase(Phase::New).key.clone(),
        category: state.category.clone(),
        impact: state.impact,
        urgency: state.urgency,
        priority: state.priority,
        queue: state.queue.clone(),
        channel: Channel::Import,
        fields: stored_fields(work, &loaded.pack, &state.fields)?,
        tags: import.tags.clone(),
        attachments: Vec::new(),
        pack_version: Some(version),
        terms: Terms::default(),
    };
    let subject_text = opened.subject;
    let id: TicketId = work.tx.id();
    let row_at = std::mem::replace(&mut work.occurred_at, import.opened_at);
    record_opening(work, id, Event::TicketOpened(Box::new(opened)))?;
    work.occurred_at = row_at;
    store::search::add(&work.tx, id, subject_text, &subject);
    store::external::link(&work.tx, &source, &import.external, id)?;
    remember(work, &source, &import.row)?;
    follow_state(work, id, &loaded.pack, state)?;
    let is_unmapped = follow_assignee(work, id, &import.row, state, Row::New)?;
    Ok(Done { is_unmapped, ..about(id, Some(id.0)) })
}

/// A later row. One that is known is answered as a repeat.
pub(super) fn update(work: &mut Work<'_>, import: ImportUpdate) -> Result<Done, DeskError> {
    work.require_for(Step::OpenTicket, Some(import.client))?;
    let source = store::external::import_source(import.client);
    check_external(&import.row)?;
    let id = store::external::ticket_of(&work.tx, &source, &import.external)?;
    let id = id.ok_or_else(|| Refusal::not_found("imported ticket", &import.external))?;
    follow_row(work, &source, id, &import.row, &import.state)
}

fn follow_row(
    work: &mut Work<'_>,
    source: &str,
    id: TicketId,
    row: &str,
    state: &ImportState,
) -> Result<Done, DeskError> {
    if !remember(work, source, row)? {
        let is_unmapped = follow_assignee(work, id, row, state, Row::Known)?;
        return Ok(Done { is_repeat: true, is_unmapped, ..about(id, None) });
    }
    let pack = work.pack_of(id)?;
    check_state(&pack, state)?;
    follow_state(work, id, &pack, state)?;
    let is_unmapped = follow_assignee(work, id, row, state, Row::New)?;
    Ok(Done { is_unmapped, ..about(id, None) })
}

/// Remembers what was imported; `false` when it was before. On a desk that leaves no trace whoever plays sees to it
/// that nothing comes twice.
fn remember(work: &Work<'_>, source: &str, item: &str) -> Result<bool, DeskError> {
    Ok(!work.programs.is_traced || store::external::remember(&work.tx, source, item)?)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    New,
    /// Imported before, perhaps when other log-ins were mapped.
    Known,
}

/// Gives the ticket to whose the row's log-in was at the time; answers whether it was nobody's. Who did what else
/// stays the import's: only an assignment makes the work somebody's. A known row is followed once more when the
/// mapped log-ins have changed since, unless somebody here has assigned the ticket or its history says so already.
fn follow_assignee(
    work: &mut Work<'_>,
    id: TicketId,
    row: &str,
    state: &ImportState,
    kind: Row,
) -> Result<bool, DeskError> {
    let Some(login) = &state.assigned_to else { return Ok(false) };
    let ticket = work.ticket(id)?;
    let at = work.occurred_at;
    let wanted = store::foreign_login::person_at(&work.tx, ticket.client, SERVICENOW, login, at)?;
    let mapped = store::foreign_login::state(&work.tx, ticket.client, SERVICENOW)?;
    let followed = format!("assigned:{row}:{mapped}");
    let is_first = remember(work, &store::external::import_source(ticket.client), &followed)?;
    let holder = match kind {
        _ if !is_first => None,
        Row::New => Some(ticket.assignee).filter(|holder| *holder != wanted),
        Row::Known => corrected(work, &ticket, at, wanted)?,
    };
    match (holder, wanted) {
        (Some(_), Some(person)) => {
            let (reason, rejections, collected) = (None, Vec::new(), Collected::default());
            let assigned =
                Event::TicketAssigned { person, reason, rejections, collected, accept_until: None };
            record(work, id, assigned)?;
        }
        (Some(Some(person)), None) => record(work, id, Event::TicketUnassigned { person, reason: None })?,
        (Some(None), None) | (None, _) => {}
    }
    Ok(wanted.is_none())
}

/// Who had the ticket instead of who is wanted at the time of a known row; `None`: nothing is to be corrected. Its
/// events say who had it then, whatever was recorded of earlier and later rows since; a row that nobody was given the
/// ticket after also says who has it now. Once somebody here has assigned the ticket, no import speaks of it again.
fn corrected(
    work: &Work<'_>,
    ticket: &Ticket,
    at: Moment,
    wanted: Option<PersonId>,
) -> Result<Option<Option<PersonId>>, DeskError> {
    let (mut holder, mut is_given_on) = ((Moment::default(), None), false);
    for one in store::event::of_ticket(&work.tx, ticket.id)? {
        let person = match one.event {
            Event::TicketAssigned { person, .. } => Some(person),
            Event::TicketUnassigned { .. } => None,
            _ => continue,
        };
        if !matches!(one.actor, Actor::Import { .. }) {
            return Ok(None);
        }
        if one.occurred_at > at {
            is_given_on = true;
        } else if holder.0 <= one.occurred_at {
            // Of two at one moment, the one that was recorded later counts.
            holder = (one.occurred_at, person);
        }
    }
    Ok(match holder.1 {
        held if held != wanted => Some(held),
        _ if !is_given_on && ticket.assignee != wanted => Some(ticket.assignee),
        _ => None,
    })
}

fn check_external(text: &str) -> Result<(), Refusal> {
    if text.is_empty() || text.len() > EXTERNAL_BYTES_MAX {
        return Err(Refusal::invalid("external", format!("must have 1 to {EXTERNAL_BYTES_MAX} bytes")));
    }
    Ok(())
}

fn check_state(pack: &Pack, state: &ImportState) -> Result<(), Refusal> {
    pack.require_status("status", &state.status)?;
    if let Some(category) = &state.category {
        pack.require_category("category", category)?;
    }
    if let Some(queue) = &state.queue {
        pack.require_queue("queue", queue)?;
    }
    if !(1..=5).contains(&state.priority) {
        return Err(Refusal::invalid("priority", "must be from 1 to 5"));
    }
    if !(0..=REOPEN_COUNT_MAX).contains(&state.reopen_count) {
        return Err(Refusal::invalid("reopen_count", format!("must be from 0 to {REOPEN_COUNT_MAX}")));
    }
    Ok(())
}

fn stored_fields(
    work: &Work<'_>,
    pack: &Pack,
    fields: &BTreeMap<Key, Value>,
) -> Result<BTreeMap<Key, FieldValue>, DeskError> {
    let stored = words::fields(work, pack, fields)?;
    Ok(stored.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}

/// Records whatever the row says differently from the ticket.
fn follow_state(
    work: &mut Work<'_>,
    id: TicketId,
    pack: &Pack,
    state: &ImportState,
) -> Result<(), DeskError> {
    let phase = pack.require_status("status", &state.status)?.phase;
    follow_reopenings(work, id, phase, state)?;
    let ticket = work.ticket(id)?;
    if state.category.is_some() && ticket.category != state.category {
        let (from, to) = (ticket.category.clone(), state.category.clone());
        record(work, id, Event::CategoryChanged { from, to })?;
    }
    if (ticket.impact, ticket.urgency, ticket.priority) != (state.impact, state.urgency, state.priority) {
        let (impact, urgency) = (state.impact, state.urgency);
        record(
            work,
            id,
            Event::PriorityChanged { impact, urgency, from: ticket.priority, to: state.priority },
        )?;
    }
    if let Some(queue) = state.queue.as_ref().filter(|queue| ticket.queue.as_ref() != Some(queue)) {
        let (from, to) = (ticket.queue.clone(), queue.clone());
        let collected = Collected::default();
        record(work, id, Event::TicketQueued { from, to, reason: None, is_alarm: false, collected })?;
    }
    follow_fields(work, &ticket, pack, state)?;
    follow_status(work, &ticket, pack, phase, state)
}

/// A ticket that came back and was solved again between two rows has only its count to tell of it; a row that
/// shows a solved ticket open tells of it whatever the count says.
fn follow_reopenings(
    work: &mut Work<'_>,
    id: TicketId,
    phase: Phase,
    state: &ImportState,
) -> Result<(), DeskError> {
    for _ in work.ticket(id)?.reopen_count..state.reopen_count {
        record(work, id, Event::TicketReopened { reason: None })?;
    }
    let ticket = work.ticket(id)?;
    let came_back = match phase {
        Phase::New | Phase::Open => ticket.resolved_at.is_some(),
        Phase::Resolved => ticket.closed_at.is_some(),
        Phase::Closed => false,
    };
    if came_back { record(work, id, Event::TicketReopened { reason: None }) } else { Ok(()) }
}

/// Words that stand already are not stored once more.
fn follow_fields(
    work: &mut Work<'_>,
    ticket: &Ticket,
    pack: &Pack,
    state: &ImportState,
) -> Result<(), DeskError> {
    let mut said = BTreeMap::new();
    for (field, value) in &state.fields {
        if !has_words(work, ticket.fields.get(field), value)? {
            said.insert(field.clone(), value.clone());
        }
    }
    for (field, to) in words::fields(work, pack, &said)? {
        if ticket.fields.get(&field) != to.as_ref() {
            record(work, ticket.id, Event::FieldChanged { field, to })?;
        }
    }
    Ok(())
}

fn has_words(work: &Work<'_>, stored: Option<&FieldValue>, said: &Value) -> Result<bool, DeskError> {
    Ok(match (stored, said) {
        (Some(FieldValue::Text(stored)), Value::String(said)) => {
            store::text::get(&work.tx, *stored)?.as_ref() == Some(said)
        }
        _ => false,
    })
}

fn follow_status(
    work: &mut Work<'_>,
    ticket: &Ticket,
    pack: &Pack,
    phase: Phase,
    state: &ImportState,
) -> Result<(), DeskError> {
    let id = ticket.id;
    if phase == Phase::Closed && ticket.closed_at.is_none() {
        conclude::end_what_is_open(work, id, None)?;
    }
    if ticket.status != state.status {
        record(work, id, Event::StatusChanged { from: ticket.status.clone(), to: state.status.clone() })?;
    }
    let resolution = pack.resolutions.first().expect("a pack has a resolution").key.clone();
    match phase {
        Phase::Resolved if ticket.resolved_at.is_none() => {
            record(work, id, Event::TicketResolved { resolution, reason: None, missing: BTreeSet::new() })
        }
        Phase::Closed if ticket.closed_at.is_none() => {
            record(work, id, Event::TicketClosed { resolution, reason: None, missing: BTreeSet::new() })
        }
        _ => Ok(()),
    }
}
