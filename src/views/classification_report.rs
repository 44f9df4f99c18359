//! Tickets that were closed in a period, and how many of them were left at the defaults, by client, queue and person.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::time_report::TimeQuery;
use super::{ViewError, Views};
use crate::domain::{ClientId, Key, Moment, PersonId};
use crate::store;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassificationReport {
    pub from: Moment,
    pub to: Moment,
    pub rows: Vec<ClassificationRow>,
    /// The sums of the rows.
    pub closed: i64,
    pub unclassified: i64,
}

/// Counted at the last closing: by the queue in which the ticket stood and by who had it then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassificationRow {
    pub client: ClientId,
    pub client_name: String,
    /// `null`: it stood in none.
    pub queue: Option<Key>,
    /// `null`: nobody had it.
    pub person: Option<Ref>,
    pub closed: i64,
    /// Of these: still of the default category, or without what the pack's `classification.requires`.
    pub unclassified: i64,
}

impl Views {
    /// For clients whom the person supervises.
    pub fn classification_report(
        &self,
        person: PersonId,
        query: TimeQuery,
    ) -> Result<ClassificationReport, ViewError> {
        query.check()?;
        self.read(person, |reading| reading.classification_report(query))
    }
}

impl Reading<'_> {
    fn classification_report(&self, query: TimeQuery) -> Result<ClassificationReport, ViewError> {
        let mut rows = Vec::new();
        for client in self.supervised(query.client, "see the report of unclassified tickets")? {
            for line in store::ticket::closed_within(self.db, client.id, query.from, query.to)? {
                rows.push(ClassificationRow {
                    client: client.id,
                    client_name: client.name.clone(),
                    queue: line.queue,
                    person: line.assignee.map(|person| self.names.person_ref(person)).transpose()?,
                    closed: line.closed,
                    unclassified: line.unclassified,
                });
            }
        }
        Ok(ClassificationReport {
            from: query.from,
            to: query.to,
            closed: rows.iter().map(|row| row.closed).sum(),
            unclassified: rows.iter().map(|row| row.unclassified).sum(),
            rows,
        })
    }
}
