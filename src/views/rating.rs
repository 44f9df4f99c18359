//! Ratings: the question on a ticket's page, and the report of a period with its CSAT.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::time_report::TimeQuery;
use super::{ViewError, Views};
use crate::domain::permission::{Step, TicketFacts};
use crate::domain::rating::csat_percent;
use crate::domain::ticket::Ticket;
use crate::domain::{ClientId, Moment, PersonId};
use crate::store;

/// The latest question about a ticket and its answer, for staff and for the contact who was asked; others of the client
/// and partners are shown neither.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RatingLine {
    pub asked_at: Moment,
    /// 1 (very bad) to 5 (very good); `null`: not answered yet.
    pub score: Option<i64>,
    pub comment: Option<String>,
    pub by: Option<Ref>,
    pub rated_at: Option<Moment>,
    /// Whether the reader may answer now, or change the answer.
    pub may_rate: bool,
    /// Until when, where they may.
    pub until: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RatingReport {
    pub from: Moment,
    pub to: Moment,
    pub rows: Vec<RatingRow>,
    /// The sums of the rows.
    pub asked: i64,
    pub rated: i64,
    pub satisfied: i64,
    /// The share of satisfied answers in whole percent; `null` without answers.
    pub csat_percent: Option<i64>,
}

/// Counted at the moment at which the contact was asked, for who had the ticket then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RatingRow {
    pub client: ClientId,
    pub client_name: String,
    /// `null`: nobody had it.
    pub person: Option<Ref>,
    pub asked: i64,
    pub rated: i64,
    /// Scores of 4 and 5.
    pub satisfied: i64,
    /// The sum of the scores, for an average.
    pub scores: i64,
    pub csat_percent: Option<i64>,
}

impl Views {
    /// For clients whom the person supervises.
    pub fn rating_report(&self, person: PersonId, query: TimeQuery) -> Result<RatingReport, ViewError> {
        query.check()?;
        self.read(person, |reading| reading.rating_report(query))
    }
}

impl Reading<'_> {
    /// Staff read what was answered, the contact what may be answered, or was.
    pub(super) fn rating(
        &self,
        ticket: &Ticket,
        facts: &TicketFacts,
    ) -> Result<Option<RatingLine>, ViewError> {
        let may = self.access.may(Step::RateTicket, facts);
        if !may && !self.sees_internals() {
            return Ok(None);
        }
        let last = match may {
            true => store::rating::last(self.db, ticket.id)?,
            false => store::rating::last_rated(self.db, ticket.id)?,
        };
        let Some(last) = last else { return Ok(None) };
        let Some(asked_at) = last.asked_at else { return Ok(None) };
        let is_on = last.score.is_some() || ticket.resolved_at.is_some();
        let may_rate = may && is_on && last.check_takes_answer(self.now).is_ok();
        if last.score.is_none() && !may_rate {
            return Ok(None);
        }
        Ok(Some(RatingLine {
            asked_at,
            score: last.score,
            comment: self.names.maybe_text(last.comment)?,
            by: last.rated_by.map(|person| self.names.person_ref(person)).transpose()?,
            rated_at: last.rated_at,
            may_rate,
            until: last.changeable_until().or(last.answerable_until()).filter(|_| may_rate),
        }))
    }

    fn rating_report(&self, query: TimeQuery) -> Result<RatingReport, ViewError> {
        let mut rows = Vec::new();
        for client in self.supervised(query.client, "see the report of ratings")? {
            for line in store::rating::asked_within(self.db, client.id, query.from, query.to)? {
                rows.push(RatingRow {
                    client: client.id,
                    client_name: client.name.clone(),
                    person: line.person.map(|person| self.names.person_ref(person)).transpose()?,
                    asked: line.asked,
                    rated: line.rated,
                    satisfied: line.satisfied,
                    scores: line.scores,
                    csat_percent: csat_percent(line.satisfied, line.rated),
                });
            }
        }
        let (rated, satisfied) =
            (rows.iter().map(|row| row.rated).sum(), rows.iter().map(|row| row.satisfied).sum());
        Ok(RatingReport {
            from: query.from,
            to: query.to,
            asked: rows.iter().map(|row| row.asked).sum(),
            rated,
            satisfied,
            csat_percent: csat_percent(satisfied, rated),
            rows,
        })
    }
}
