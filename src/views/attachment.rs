//! Attachments: who may read the ticket may read its files, internal ones staff only.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::event::Visibility;
use crate::domain::person::Actor;
use crate::domain::{AttachmentId, Moment, PersonId, Refusal, TicketId};
use crate::store;
use crate::store::attachment::Attachment;
use crate::store::files::Files;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttachmentLine {
    pub id: AttachmentId,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    pub uploaded_at: Moment,
    /// The name of the person, if it was one.
    pub uploaded_by: Option<String>,
    /// `null` until a command names the file.
    pub visibility: Option<Visibility>,
    /// Where the bytes are, relative to the desk's address.
    pub url: String,
}

/// A file to send, and how to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    pub path: PathBuf,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub sha256: String,
}

impl Views {
    pub fn attachment(&self, person: PersonId, id: AttachmentId) -> Result<StoredFile, ViewError> {
        let folder = self.readers.folder().to_owned();
        self.read(person, |reading| {
            let missing = || Refusal::not_found("attachment", id);
            let attachment = store::attachment::get(reading.db, id)?.ok_or_else(missing)?;
            if !reading.sees_attachment(&attachment)? {
                return Err(missing().into());
            }
            Ok(StoredFile {
                path: Files::open(&folder)?.path(&attachment.sha256),
                name: attachment.name,
                media_type: attachment.media_type,
                bytes: u64::try_from(attachment.bytes).unwrap_or_default(),
                sha256: attachment.sha256,
            })
        })
    }
}

impl Reading<'_> {
    fn sees_attachment(&self, attachment: &Attachment) -> Result<bool, ViewError> {
        let own = attachment.uploaded_by == Actor::Person { person: self.access.person };
        match attachment.ticket {
            None => Ok(own),
            Some(ticket) => Ok(self.sees(ticket)? && self.is_for_reader(attachment)),
        }
    }

    fn is_for_reader(&self, attachment: &Attachment) -> bool {
        let own = attachment.uploaded_by == Actor::Person { person: self.access.person };
        own || self.sees_internals() || attachment.visibility == Some(Visibility::Public)
    }

    /// Files by their ids, as far as the reader may open them.
    pub(super) fn files(&self, ids: &[AttachmentId]) -> Result<Vec<AttachmentLine>, ViewError> {
        let mut lines = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(file) = store::attachment::get(self.db, *id)? else { continue };
            if self.is_for_reader(&file) {
                let uploaded_by = self.actor(&file.uploaded_by)?.name;
                lines.push(AttachmentLine::new(file, uploaded_by));
            }
        }
        Ok(lines)
    }

    /// The ticket's files that the reader may open.
    pub(super) fn attachments(&self, ticket: TicketId) -> Result<Vec<AttachmentLine>, ViewError> {
        let mut lines = Vec::new();
        for attachment in store::attachment::of_ticket(self.db, ticket)? {
            if self.is_for_reader(&attachment) {
                let uploaded_by = self.actor(&attachment.uploaded_by)?.name;
                lines.push(AttachmentLine::new(attachment, uploaded_by));
            }
        }
        Ok(lines)
    }
}

impl AttachmentLine {
    #[must_use]
    pub fn new(attachment: Attachment, uploaded_by: Option<String>) -> Self {
        Self {
            id: attachment.id,
            name: attachment.name,
            media_type: attachment.media_type,
            bytes: attachment.bytes,
            uploaded_at: attachment.uploaded_at,
            uploaded_by,
            visibility: attachment.visibility,
            url: format!("api/v1/attachments/{}", attachment.id),
        }
    }
}
