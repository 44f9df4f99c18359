//! How often a client's tickets went each way of late, and which tickets those were.

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::{ViewError, Views};
use crate::domain::state_graph::{Cause, Way, counted_since};
use crate::domain::{ClientId, Moment, PersonId, TicketId};
use crate::store;

/// Ways that are counted, each by who went it: a pack has far fewer.
const WAYS_MAX: usize = 5_000;

/// How often each way was gone, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    pub since: Moment,
    pub ways: Vec<(Way, Cause, i64)>,
}

/// A ticket that went a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MovedTicket {
    pub ticket: TicketId,
    pub number: String,
    /// `null`: erased.
    pub subject: Option<String>,
    pub at: Moment,
}

impl Views {
    /// Of the last 30 days, for who administers the client; with since when they are counted.
    pub fn traffic(&self, person: PersonId, client: ClientId) -> Result<Counted, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let since = counted_since(reading.now);
            let counts = store::ticket_move::counts(reading.db, client.id, since, WAYS_MAX)?;
            Ok(Counted { since, ways: counts })
        })
    }

    /// The tickets behind one number of that, latest first.
    pub fn moved_tickets(
        &self,
        person: PersonId,
        client: ClientId,
        way: &Way,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<MovedTicket>, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let before: Option<(i64, i64)> = decode(cursor)?;
            let (at, ticket) = before.unwrap_or((i64::MAX, i64::MAX));
            let before = (Moment::from_ms(at), TicketId(ticket));
            let since = counted_since(reading.now);
            let rows =
                store::ticket_move::latest(reading.db, client.id, way, since, before, limit.and_one())?;
            let page = List::cut(rows, limit, |(at, ticket)| (at.ms(), ticket.0));
            page.try_map(|(at, ticket)| {
                let found = store::ticket::get(reading.db, ticket)?;
                let subject = found.as_ref().map_or(Ok(None), |found| reading.names.text(found.subject))?;
                let number = format!("{}-{}", client.prefix, found.map_or(0, |found| found.number));
                Ok(MovedTicket { ticket, number, subject, at })
            })
        })
    }
}
