//! Runs of a client's script: what it read, what it asked for, how it ended.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::permission::Step;
use crate::domain::{ClientId, Moment, PackVersionId, PersonId, Refusal, RunId, TicketId};
use crate::store::run::RunState;
use crate::store::work_list::RunLine;
use crate::store::{self, StoreError};

/// Runs of a ticket that a list shows.
const RUNS_MAX: usize = 200;

/// A run without what it read and asked for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RunSummary {
    pub id: RunId,
    pub client: ClientId,
    /// `null`: a schedule's run, about the client as a whole.
    pub ticket: Option<TicketId>,
    /// Empty without a ticket.
    pub number: String,
    /// The handler that ran, such as `on_opened`.
    pub handler: String,
    pub state: RunState,
    /// Why it failed.
    pub failure: Option<String>,
    pub pack_version: PackVersionId,
    pub operations: i64,
    pub micros: i64,
    pub at: Moment,
}

/// A run with what it read and asked for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RunDetail {
    #[serde(flatten)]
    pub summary: RunSummary,
    /// What woke it; `null`: it failed so long ago that this, its facts and its commands are not kept any more.
    #[schema(value_type = Object)]
    pub occasion: Value,
    /// The facts that it read, in order.
    #[schema(value_type = Vec<Object>)]
    pub facts: Value,
    /// What it asked for, each with its line and what became of it.
    #[schema(value_type = Vec<Object>)]
    pub commands: Value,
}

impl Views {
    pub fn run(&self, person: PersonId, id: RunId) -> Result<RunDetail, ViewError> {
        self.read(person, |reading| {
            let missing = || Refusal::not_found("run", id);
            let run = store::run::get(reading.db, id)?.ok_or_else(missing)?;
            let may_see = match run.ticket {
                Some(ticket) => match reading.ticket(ticket) {
                    Ok((_, facts)) => reading.access.may(Step::SeeInternals, &facts),
                    Err(ViewError::Refused(_)) => false,
                    Err(error) => return Err(error),
                },
                None => reading.may(Step::SeeInternals, run.client),
            };
            if !may_see {
                return Err(missing().into());
            }
            let number = reading.number_of(run.ticket)?;
            Ok(RunDetail {
                summary: RunSummary {
                    id: run.id,
                    client: run.client,
                    ticket: run.ticket,
                    number,
                    handler: run.handler,
                    state: run.state,
                    failure: run.failure,
                    pack_version: run.pack_version,
                    operations: run.operations,
                    micros: run.micros,
                    at: run.at,
                },
                occasion: recorded(&run.occasion)?,
                facts: recorded(&run.facts)?,
                commands: recorded(&run.commands)?,
            })
        })
    }

    /// The latest runs on a ticket, newest first.
    pub fn runs(&self, person: PersonId, ticket: TicketId) -> Result<Vec<RunSummary>, ViewError> {
        self.read(person, |reading| {
            let (_, facts) = reading.ticket(ticket)?;
            if reading.access.may(Step::SeeInternals, &facts) {
                reading.runs(ticket, RUNS_MAX)
            } else {
                Err(Refusal::forbidden("see internal notes and runs").into())
            }
        })
    }
}

impl Reading<'_> {
    pub(super) fn number_of(&self, ticket: Option<TicketId>) -> Result<String, ViewError> {
        let Some(ticket) = ticket else { return Ok(String::new()) };
        Ok(self.names.ticket(ticket)?.map(|line| line.number).unwrap_or_default())
    }

    pub(super) fn runs(&self, ticket: TicketId, count_max: usize) -> Result<Vec<RunSummary>, ViewError> {
        let lines = store::work_list::runs_of_ticket(self.db, ticket, count_max)?;
        lines.into_iter().map(|line| self.run_summary(line)).collect()
    }

    pub(super) fn run_summary(&self, line: RunLine) -> Result<RunSummary, ViewError> {
        Ok(RunSummary {
            number: self.number_of(line.ticket)?,
            id: line.id,
            client: line.client,
            ticket: line.ticket,
            handler: line.handler,
            state: line.state,
            failure: line.failure,
            pack_version: line.pack_version,
            operations: line.operations,
            micros: line.micros,
            at: line.at,
        })
    }
}

fn recorded(text: &str) -> Result<Value, ViewError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Unreadable { what: "run", why: error.to_string() }.into())
}
