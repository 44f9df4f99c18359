//! Who is a specialist of what, for the client's and the person's page.

use serde::Serialize;
use utoipa::ToSchema;

use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::client::Client;
use crate::domain::permission::{Reach, Step};
use crate::domain::specialist::{Specialist, Speciality};
use crate::domain::{ClientId, Moment, PersonId, Refusal, SpecialistId};
use crate::store;

/// Of whom or of what, and when.
#[derive(Debug, Clone, Copy)]
pub struct SpecialistQuery {
    pub person: Option<PersonId>,
    pub client: Option<ClientId>,
    /// Those that are valid then; without it, now and later.
    pub at: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SpecialistLine {
    pub id: SpecialistId,
    pub person: Ref,
    pub of: Speciality,
    /// Of the client that it is about; `null`: whosever.
    pub client: Option<Ref>,
    pub sub_client: Option<Ref>,
    pub valid_from: Moment,
    pub valid_to: Option<Moment>,
    pub version: i64,
    /// Whether the reader may end it.
    pub may_end: bool,
}

impl Views {
    /// For who sees the internals of the client; what concerns no client, for all such people.
    pub fn specialists(
        &self,
        person: PersonId,
        query: SpecialistQuery,
    ) -> Result<Vec<SpecialistLine>, ViewError> {
        self.read(person, |reading| {
            let found = match (query.person, query.client) {
                (Some(person), _) => store::specialist::of_person(reading.db, person)?,
                (None, Some(client)) => {
                    reading.require(Step::SeeInternals, client, "see the specialists")?;
                    store::specialist::of_client(reading.db, Some(client))?
                }
                (None, None) => {
                    return Err(Refusal::invalid("client", "name a client or a person").into());
                }
            };
            let is_wanted = |one: &Specialist| {
                query.client.is_none_or(|client| one.of.client() == Some(client))
                    && match query.at {
                        Some(at) => one.is_valid(at),
                        None => one.valid_to.is_none_or(|end| end > reading.now && end > one.valid_from),
                    }
            };
            let mut lines = Vec::new();
            for one in found.into_iter().filter(is_wanted) {
                let client = one.of.client();
                let is_seen = match client {
                    Some(client) => reading.may(Step::SeeInternals, client),
                    None => reading.sees_internals(),
                };
                if !is_seen {
                    continue;
                }
                let sub_client = match &one.of {
                    Speciality::Client { sub_client, .. }
                    | Speciality::TechnicalManager { sub_client, .. } => *sub_client,
                    Speciality::Model { .. } | Speciality::Category { .. } => None,
                };
                lines.push(SpecialistLine {
                    id: one.id,
                    person: reading.names.person_ref(one.person)?,
                    client: client.map_or(Ok(None), |id| reading.client(id).map(Some))?.map(named),
                    sub_client: sub_client.map_or(Ok(None), |id| reading.names.sub_client(id))?,
                    of: one.of,
                    valid_from: one.valid_from,
                    valid_to: one.valid_to,
                    version: one.version,
                    may_end: match client {
                        Some(client) => reading.may(Step::KeepRoster, client),
                        None => *reading.scope.supervises() == Reach::All,
                    },
                });
            }
            Ok(lines)
        })
    }
}

fn named(client: Client) -> Ref {
    Ref { id: client.id.to_string(), name: client.name }
}
