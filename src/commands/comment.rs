//! `AddComment`, `AddAttachments`.

use super::apply::about;
use super::budget;
use super::done::{DeskError, Done};
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::event::{Event, Visibility};
use crate::domain::hold::{Message, MessageKind};
use crate::domain::permission::Step;
use crate::domain::{AttachmentId, Refusal, TicketId};
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
) -> Result<Done, DeskError> {
    work.ticket_for(id, step(visibility), None)?;
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
    record(work, id, Event::CommentAdded { text: stored, visibility, attachments, speaker })?;
    Ok(about(id, Some(stored.0)))
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
