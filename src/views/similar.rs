//! Possible duplicates of a ticket, or of a request that is being written down.

use serde::Serialize;
use utoipa::ToSchema;

use super::incident::Request;
use super::reading::Reading;
use super::ticket_row::TicketRow;
use super::{ViewError, Views};
use crate::domain::permission::Step;
use crate::domain::similar::Likeness;
use crate::domain::{ClientId, ContactId, PersonId, Refusal, TicketId};
use crate::store;
use crate::store::similar::{Asked, SIMILAR_MAX};

/// An open ticket of the same client that may be about the same.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SimilarLine {
    pub ticket: TicketRow,
    /// Points; more is likelier.
    pub score: i64,
    pub reasons: Vec<Likeness>,
}

impl Views {
    /// Possible duplicates of a ticket that the reader may see, the likeliest first.
    pub fn similar(&self, person: PersonId, id: TicketId) -> Result<Vec<SimilarLine>, ViewError> {
        self.read(person, |reading| {
            let (listed, _) = reading.ticket(id)?;
            let ticket = listed.ticket;
            let subject = reading.names.text(ticket.subject)?.unwrap_or_default();
            let asked = Asked {
                asset: ticket.asset,
                contact: ticket.contact,
                site: ticket.site,
                subject: &subject,
                but: Some(id),
                since: ticket.opened_at,
            };
            reading.similar_to(ticket.client, asked)
        })
    }

    /// The same for a request that is not saved yet.
    pub fn similar_to_request(
        &self,
        person: PersonId,
        client: ClientId,
        contact: Option<ContactId>,
        request: &Request,
    ) -> Result<Vec<SimilarLine>, ViewError> {
        self.read(person, |reading| {
            if !reading.may(Step::OpenTicket, client) {
                return Err(Refusal::not_found("client", client).into());
            }
            let asked = Asked {
                asset: request.asset,
                contact,
                site: request.site,
                subject: &request.subject,
                but: None,
                since: reading.now,
            };
            reading.similar_to(client, asked)
        })
    }
}

impl Reading<'_> {
    /// `asked.since` is the moment before which the pack's window lies.
    fn similar_to(&self, client: ClientId, asked: Asked<'_>) -> Result<Vec<SimilarLine>, ViewError> {
        let version = store::client::get(self.db, client)?.and_then(|client| client.pack_version);
        let settings = self.pack(version)?.map(|pack| pack.duplicates.clone()).unwrap_or_default();
        if !settings.is_on {
            return Ok(Vec::new());
        }
        let asked = Asked { since: asked.since - settings.window(), ..asked };
        let mut lines = Vec::new();
        for one in store::similar::find(self.db, client, &asked)? {
            let Ok((listed, _)) = self.ticket(one.ticket.id) else { continue };
            lines.push(SimilarLine { ticket: self.row(&listed)?, score: one.score, reasons: one.reasons });
            if lines.len() == SIMILAR_MAX {
                break;
            }
        }
        Ok(lines)
    }
}
