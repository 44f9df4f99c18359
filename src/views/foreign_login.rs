//! Whose the log-ins of a client's own desk are.

use serde::Serialize;
use utoipa::ToSchema;

use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::permission::Step;
use crate::domain::{ClientId, ForeignLoginId, Key, Moment, PersonId};
use crate::store;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ForeignLoginLine {
    pub id: ForeignLoginId,
    pub system: Key,
    pub login: String,
    pub person: Ref,
    pub valid_from: Moment,
    pub valid_to: Option<Moment>,
    pub version: i64,
    /// Whether the reader may end it.
    pub may_end: bool,
}

/// Which of a client's log-ins somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are valid at a moment, or now.
    At(Option<Moment>),
    All,
}

impl Views {
    /// For who sees the internals of the client.
    pub fn foreign_logins(
        &self,
        person: PersonId,
        client: ClientId,
        system: Option<Key>,
        which: Which,
    ) -> Result<Vec<ForeignLoginLine>, ViewError> {
        self.read(person, |reading| {
            reading.require(Step::SeeInternals, client, "see the foreign log-ins")?;
            let may_end = reading.may(Step::KeepRoster, client);
            let found = store::foreign_login::of_client(reading.db, client)?;
            let is_valid = |from: Moment, to: Option<Moment>| match which {
                Which::All => true,
                Which::At(at) => {
                    let at = at.unwrap_or(reading.now);
                    from <= at && to.is_none_or(|end| at < end)
                }
            };
            let mut lines = Vec::new();
            for one in found {
                if !is_valid(one.valid_from, one.valid_to)
                    || system.as_ref().is_some_and(|system| *system != one.system)
                {
                    continue;
                }
                lines.push(ForeignLoginLine {
                    id: one.id,
                    system: one.system,
                    login: one.login,
                    person: reading.names.person_ref(one.person)?,
                    valid_from: one.valid_from,
                    valid_to: one.valid_to,
                    version: one.version,
                    may_end: may_end && one.valid_to.is_none(),
                });
            }
            Ok(lines)
        })
    }
}
