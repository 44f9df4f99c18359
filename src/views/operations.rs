//! Jobs and the outbox: what runs outside the desk on its behalf.

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::ticket_list::COUNTED_MAX;
use super::{ViewError, Views};
use crate::domain::permission::Reach;
use crate::domain::{ClientId, JobId, Key, Moment, PersonId, Refusal, TicketId};
use crate::store;
use crate::store::job::{Job, JobState};

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct JobLine {
    pub id: JobId,
    /// What to do, such as `call_plugin`.
    pub kind: Key,
    pub client: Option<ClientId>,
    pub ticket: Option<TicketId>,
    pub number: Option<String>,
    pub state: JobState,
    pub run_at: Moment,
    pub attempts: i64,
    pub lease_until: Option<Moment>,
    pub last_error: Option<String>,
    pub created_at: Moment,
    pub finished_at: Option<Moment>,
}

/// Which jobs somebody wants to see.
#[derive(Debug, Clone, Default)]
pub struct JobQuery {
    pub state: Option<JobState>,
    pub client: Option<ClientId>,
    pub kind: Option<Key>,
    pub cursor: Option<String>,
}

impl Views {
    /// For supervisors: jobs of the clients whom they supervise.
    pub fn jobs(&self, person: PersonId, query: &JobQuery, limit: Limit) -> Result<List<JobLine>, ViewError> {
        self.read(person, |reading| {
            let reach = reading.scope.supervises();
            if reach.is_empty() {
                return Err(Refusal::forbidden("see jobs").into());
            }
            if let Some(client) = query.client
                && !reach.contains(client)
            {
                return Err(Refusal::not_found("client", client).into());
            }
            let jobs = store::work_list::jobs(
                reading.db,
                reach,
                query.state.unwrap_or(JobState::Dead),
                query.client,
                query.kind.as_ref(),
                decode(query.cursor.as_deref())?.map(JobId),
                limit.and_one(),
            )?;
            List::cut(jobs, limit, |job| job.id.0).try_map(|job| reading.job(job))
        })
    }

    /// Whether nothing goes out until a person lets it.
    pub fn outbox_is_held(&self, person: PersonId) -> Result<bool, ViewError> {
        self.read(person, |reading| {
            if reading.scope.supervises().is_empty() {
                return Err(Refusal::forbidden("see the outbox").into());
            }
            Ok(store::setting::get(reading.db, store::setting::OUTBOX_HELD)?.is_some())
        })
    }
}

impl Reading<'_> {
    fn job(&self, job: Job) -> Result<JobLine, ViewError> {
        let number = match job.ticket {
            Some(ticket) => self.names.ticket(ticket)?.map(|line| line.number),
            None => None,
        };
        Ok(JobLine {
            id: job.id,
            kind: job.kind,
            client: job.client,
            ticket: job.ticket,
            number,
            state: job.state,
            run_at: job.run_at,
            attempts: job.attempts,
            lease_until: job.lease_until,
            last_error: job.last_error,
            created_at: job.created_at,
            finished_at: job.finished_at,
        })
    }

    /// Outside work for a ticket that is not over.
    pub(super) fn jobs_of(&self, ticket: TicketId) -> Result<Vec<JobLine>, ViewError> {
        let jobs = store::job::of_ticket(self.db, ticket)?.into_iter();
        let unfinished = jobs.filter(|job| !matches!(job.state, JobState::Done | JobState::Dropped));
        unfinished.map(|job| self.job(job)).collect()
    }

    pub(super) fn count_dead_jobs(&self) -> Result<i64, ViewError> {
        if *self.scope.supervises() == Reach::All {
            return Ok(store::work_list::count_dead(self.db, COUNTED_MAX)?);
        }
        let dead = JobState::Dead;
        let jobs =
            store::work_list::jobs(self.db, self.scope.supervises(), dead, None, None, None, COUNTED_MAX)?;
        Ok(i64::try_from(jobs.len()).unwrap_or(i64::MAX))
    }
}
