//! The script tests that are kept beside a client's draft.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{ViewError, Views};
use crate::domain::{ClientId, Moment, PersonId, TicketId};
use crate::store;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptTests {
    /// By file name, such as `tests/visits.rhai`.
    pub tests: BTreeMap<String, String>,
    /// When they were saved last.
    pub saved_at: Option<Moment>,
}

impl Views {
    /// For who administers the client.
    pub fn kept_tests(&self, person: PersonId, client: ClientId) -> Result<KeptTests, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?.id;
            Ok(KeptTests {
                tests: store::pack_test::of_client(reading.db, client)?,
                saved_at: store::pack_test::last_saved(reading.db, client)?,
            })
        })
    }

    /// Refuses unless the person administers the ticket's client; for a test that is written from it.
    pub fn check_administers_ticket(&self, person: PersonId, ticket: TicketId) -> Result<(), ViewError> {
        self.read(person, |reading| {
            let (listed, _) = reading.ticket(ticket)?;
            reading.administered(listed.ticket.client).map(drop)
        })
    }
}
