//! How far the open tickets of a client are on their way to another version, and which stay behind and why.

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::person::Actor;
use crate::domain::version_move::{Obstacle, VersionMove};
use crate::domain::{ClientId, Moment, MoveId, PersonId, Refusal, TicketId};
use crate::store;

/// The last move of a client's open tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MovePage {
    /// `null`: no version was ever published for open tickets too.
    pub last: Option<MoveStand>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MoveStand {
    pub id: MoveId,
    /// The number of the version to which they are moved.
    pub version: i64,
    /// `null`: it was the command line.
    pub by: Option<Ref>,
    /// Open tickets of other versions when it began; those that are closed meanwhile are not moved.
    pub total: i64,
    pub moved: i64,
    pub stayed: i64,
    pub started_at: Moment,
    /// `null`: it goes on.
    pub finished_at: Option<Moment>,
    /// Another version was published for open tickets too before it was through.
    pub is_replaced: bool,
}

/// A ticket that stayed on its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StayLine {
    pub ticket: TicketId,
    pub number: String,
    pub subject: String,
    /// What the other version does not know of it.
    pub obstacles: Vec<Obstacle>,
}

impl Views {
    /// For who administers the client.
    pub fn version_move(&self, person: PersonId, client: ClientId) -> Result<MovePage, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let Some(own) = store::version_move::latest(reading.db, client.id)? else {
                return Ok(MovePage { last: None });
            };
            let version = store::pack::get(reading.db, own.to)?.map_or(0, |version| version.ordinal);
            let by = match own.actor {
                Actor::Person { person } => Some(reading.names.person_ref(person)?),
                _ => None,
            };
            let VersionMove { id, total, moved, stayed, started_at, finished_at, is_replaced, .. } = own;
            let stand =
                MoveStand { id, version, by, total, moved, stayed, started_at, finished_at, is_replaced };
            Ok(MovePage { last: Some(stand) })
        })
    }

    /// Those that the last move left behind, in the order of their opening.
    pub fn version_stays(
        &self,
        person: PersonId,
        client: ClientId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<StayLine>, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let after = decode(cursor)?.map_or(TicketId(0), TicketId);
            let own = store::version_move::latest(reading.db, client.id)?;
            let own = own.ok_or_else(|| Refusal::not_found("move of open tickets of client", client.id))?;
            let stays = store::version_move::stays(reading.db, own.id, after, limit.and_one())?;
            let page = List::cut(stays, limit, |(ticket, _)| ticket.0);
            page.try_map(|(ticket, obstacles)| {
                let found = store::ticket::get(reading.db, ticket)?;
                let subject = found.as_ref().map_or(Ok(None), |found| reading.names.text(found.subject))?;
                let number = found.map_or(0, |found| found.number);
                let number = format!("{}-{number}", client.prefix);
                Ok(StayLine { ticket, number, subject: subject.unwrap_or_default(), obstacles })
            })
        })
    }
}
