//! `AddComment`, `AddAttachments`.

use super::apply::about;
use super::budget;
use super::done::{DeskError, Done};
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::event::{Event, Visibility};
use crate::domain::hold::{Message, MessageKind};
use crate::domain::pack::WaitsFor;
use crate::domain::permission::Step;
use crate::domain::ticket::Ticket;
use crate::domain::{AttachmentId, Key, Refusal, TicketId};
use crate::store;

fn step(visibility: Visibility) -> Step {
    match visibility {
        Visibility::Public => Step::CommentPublicly,
        Visibility::Internal => Step::CommentInternally,
    }
}

pub(super) fn add(
    work: &mut Work<'_>,
    id: TicketId,
    text: &str,
    visibility: Visibility,
    attachments: Vec<AttachmentId>,
    asks_client: bool,
) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, step(visibility), None)?;
    let waiting = if asks_client { Some(waiting_status(work, &ticket, visibility)?) } else { None };
    words::text("text", text)?;
    if text.trim().is_empty() && attachments.is_empty() {
        return Err(Refusal::invalid("text", "write something or attach a file").into());
    }
    words::bind_attachments(work, id, &attachments, visibility)?;
    let stored = store::text::put(&work.tx, text)?;
    if visibility == Visibility::Public {
        let kind = MessageKind::Reply;
        let reply = Message {
            kind,
            person: None,
            template: None,
            text: Some(stored),
            order: None,
            files: Vec::new(),
        };
        if budget::holds(work, id, &reply)? {
            return Ok(about(id, Some(stored.0)));
        }
    }
    store::search::add(&work.tx, id, stored, text);
    let speaker = work.speaker()?;
    record(work, id, Event::CommentAdded { text: stored, visibility, attachments, speaker, asks_client })?;
    if let Some(to) = waiting.filter(|to| *to != ticket.status) {
        record(work, id, Event::StatusChanged { from: ticket.status.clone(), to })?;
    }
    Ok(about(id, Some(stored.0)))
}

/// The status in which a ticket waits for the client: its own if it waits already, else the pack's first.
fn waiting_status(work: &mut Work<'_>, ticket: &Ticket, visibility: Visibility) -> Result<Key, DeskError> {
    work.require(Step::WorkOnTicket, ticket)?;
    if visibility != Visibility::Public {
        let message = "only a public reply can ask the client; a note is not seen by it";
        return Err(Refusal::invalid("asks_client", message).into());
    }
    if ticket.resolved_at.is_some() {
        let message = "the ticket is resolved; reopen it before you ask the client";
        return Err(Refusal::invalid("asks_client", message).into());
    }
    let pack = work.pack_of(ticket.id)?;
    let waits = |status: &&crate::domain::pack::Status| status.waits_for == Some(WaitsFor::Client);
    let own = pack.status(&ticket.status).filter(waits);
    let found = own.or_else(|| pack.statuses.iter().find(waits)).map(|status| status.key.clone());
    found.ok_or_else(|| {
        let message =
            "the client's workflow has no status that waits for the client (`waits_for = \"client\"`)";
        Refusal::invalid("asks_client", message).into()
    })
}

pub(super) fn attach(
    work: &mut Work<'_>,
    id: TicketId,
    attachments: Vec<AttachmentId>,
    visibility: Visibility,
) -> Result<Done, DeskError> {
    work.ticket_for(id, step(visibility), None)?;
    if attachments.is_empty() {
        return Err(Refusal::invalid("attachments", "name at least one upload").into());
    }
    words::bind_attachments(work, id, &attachments, visibility)?;
    record(work, id, Event::AttachmentsAdded { attachments, visibility })?;
    Ok(about(id, None))
}
