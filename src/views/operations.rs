//! Jobs, plugins and the outbox: what runs outside the desk on its behalf.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::ticket_list::COUNTED_MAX;
use super::{ViewError, Views};
use crate::domain::permission::{Reach, Step};
use crate::domain::{ClientId, InstallationId, JobId, Key, Label, Moment, PersonId, Refusal, TicketId};
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

/// A package of a plugin that is stored here.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PackageLine {
    pub sha256: String,
    pub plugin: Key,
    pub version: String,
    pub publisher: String,
    pub title: Label,
    /// Who signed it, if anybody.
    pub signature: String,
    pub bytes: i64,
    pub stored_at: Moment,
    #[schema(value_type = Object)]
    pub manifest: Value,
}

/// A plugin that works for a client.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InstallationLine {
    pub id: InstallationId,
    pub client: ClientId,
    pub plugin: Key,
    pub package_sha256: String,
    pub package_version: String,
    pub publisher: String,
    pub title: Label,
    #[schema(value_type = Object)]
    pub configuration: Value,
    #[schema(value_type = Object)]
    pub grants: Value,
    /// Never the secrets themselves.
    pub secret_names: Vec<String>,
    pub is_enabled: bool,
    pub version: i64,
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

    pub fn packages(&self, person: PersonId) -> Result<Vec<PackageLine>, ViewError> {
        self.read(person, |reading| {
            reading.require_desk_administrator("see plugin packages")?;
            let packages = store::plugin::packages(reading.db)?;
            Ok(packages
                .into_iter()
                .map(|package| PackageLine {
                    sha256: package.sha256,
                    plugin: package.plugin,
                    version: package.version,
                    publisher: package.publisher,
                    title: package.title,
                    signature: package.signature_state,
                    bytes: package.bytes,
                    stored_at: package.stored_at,
                    manifest: package.manifest,
                })
                .collect())
        })
    }

    /// For administrators of the client.
    pub fn installations(
        &self,
        person: PersonId,
        client: Option<ClientId>,
    ) -> Result<Vec<InstallationLine>, ViewError> {
        self.read(person, |reading| {
            if reading.scope.administers().is_empty() {
                return Err(Refusal::forbidden("see plugins").into());
            }
            if let Some(client) = client {
                reading.require(Step::Administer, client, "see plugins")?;
            }
            let mut lines = Vec::new();
            for installed in store::plugin::all(reading.db)? {
                let is_wanted = client.is_none_or(|only| installed.client == only);
                if is_wanted && reading.may(Step::Administer, installed.client) {
                    lines.push(reading.installation(installed)?);
                }
            }
            Ok(lines)
        })
    }
}

impl Reading<'_> {
    fn installation(&self, installed: store::plugin::Installation) -> Result<InstallationLine, ViewError> {
        let package = store::plugin::package(self.db, &installed.package_sha256)?;
        let (package_version, publisher, title) = match package {
            Some(package) => (package.version, package.publisher, package.title),
            None => Default::default(),
        };
        Ok(InstallationLine {
            id: installed.id,
            client: installed.client,
            plugin: installed.plugin,
            package_sha256: installed.package_sha256,
            package_version,
            publisher,
            title,
            configuration: installed.configuration,
            grants: installed.grants,
            secret_names: installed.secrets.into_keys().collect(),
            is_enabled: installed.is_enabled,
            version: installed.version,
        })
    }

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
