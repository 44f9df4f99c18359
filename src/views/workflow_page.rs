//! A client's workflow: what is published, the draft, the versions, and how the script fares.

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::run::RunSummary;
use super::{ViewError, Views};
use crate::domain::client::Client;
use crate::domain::pack::Pack;
use crate::domain::permission::Step;
use crate::domain::{ClientId, Moment, PackVersionId, PersonId, Refusal};
use crate::store;
use crate::store::pack::PackVersion;

/// Failed runs that the page shows.
const FAILED_RUNS_SHOWN: usize = 20;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WorkflowPage {
    pub client: Client,
    pub published: Option<VersionLine>,
    pub draft: Option<DraftTexts>,
    /// The published `workflow.rhai`; empty when nothing is published.
    pub script: String,
    /// The published `client.toml`.
    pub settings: String,
    pub health: HealthLine,
    pub failed_runs: Vec<RunSummary>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VersionLine {
    pub id: PackVersionId,
    /// 1, 2, 3 … for each client.
    pub ordinal: i64,
    pub message: String,
    /// The name of the author; `null` when it was the command line.
    pub author: Option<String>,
    pub published_at: Moment,
    /// The one that new tickets follow.
    pub is_published: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VersionTexts {
    #[serde(flatten)]
    pub version: VersionLine,
    pub script: String,
    pub settings: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DraftTexts {
    pub script: String,
    pub settings: String,
    /// What changes and why, when it came from a folder with a message; else empty.
    pub message: String,
    pub author: Option<String>,
    pub saved_at: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct HealthLine {
    pub failures_in_row: i64,
    pub slow_in_row: i64,
    /// Since when the script is not run any more.
    pub quarantined_at: Option<Moment>,
}

impl Views {
    pub fn workflow(&self, person: PersonId, client: ClientId) -> Result<WorkflowPage, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let published = match client.pack_version {
                Some(version) => store::pack::get(reading.db, version)?,
                None => None,
            };
            let draft = match store::pack::draft(reading.db, client.id)? {
                Some(draft) => Some(DraftTexts {
                    author: reading.actor(&draft.author)?.name,
                    script: draft.script,
                    settings: draft.settings,
                    message: draft.message,
                    saved_at: draft.saved_at,
                }),
                None => None,
            };
            let health = store::pack::health(reading.db, client.id)?;
            let failed = store::work_list::runs_failed(reading.db, client.id, FAILED_RUNS_SHOWN)?;
            Ok(WorkflowPage {
                published: match &published {
                    Some(version) => Some(reading.version(&client, version)?),
                    None => None,
                },
                draft,
                script: published.as_ref().map(|version| version.script.clone()).unwrap_or_default(),
                settings: published.map(|version| version.settings).unwrap_or_default(),
                health: HealthLine {
                    failures_in_row: health.failures_in_row,
                    slow_in_row: health.slow_in_row,
                    quarantined_at: health.quarantined_at,
                },
                failed_runs: failed
                    .into_iter()
                    .map(|line| reading.run_summary(line))
                    .collect::<Result<_, _>>()?,
                client,
            })
        })
    }

    /// Newest first.
    pub fn versions(
        &self,
        person: PersonId,
        client: ClientId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<VersionLine>, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let before: Option<i64> = decode(cursor)?;
            let mut versions = store::pack::of_client(reading.db, client.id)?;
            versions.retain(|version| before.is_none_or(|before| version.ordinal < before));
            let page = List::cut(versions, limit, |version| version.ordinal);
            page.try_map(|version| reading.version(&client, &version))
        })
    }

    pub fn version(
        &self,
        person: PersonId,
        client: ClientId,
        version: PackVersionId,
    ) -> Result<VersionTexts, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let found = store::pack::get(reading.db, version)?.filter(|found| found.client == client.id);
            let found = found.ok_or_else(|| Refusal::not_found("version", version))?;
            Ok(VersionTexts {
                version: reading.version(&client, &found)?,
                script: found.script,
                settings: found.settings,
            })
        })
    }

    /// Refuses unless the person administers the client; for a check that saves nothing.
    pub fn check_administers(&self, person: PersonId, client: ClientId) -> Result<(), ViewError> {
        self.read(person, |reading| reading.administered(client).map(drop))
    }

    /// The pack that is published for the client, for people who see the client.
    pub fn published_pack(
        &self,
        person: PersonId,
        client: ClientId,
    ) -> Result<Option<std::sync::Arc<Pack>>, ViewError> {
        self.read(person, |reading| {
            let client = reading.client(client)?;
            reading.pack(client.pack_version)
        })
    }
}

impl Reading<'_> {
    pub(super) fn administered(&self, id: ClientId) -> Result<Client, ViewError> {
        self.require(Step::Administer, id, "see the workflow")?;
        store::client::get(self.db, id)?.ok_or_else(|| Refusal::not_found("client", id).into())
    }

    fn version(&self, client: &Client, version: &PackVersion) -> Result<VersionLine, ViewError> {
        Ok(VersionLine {
            id: version.id,
            ordinal: version.ordinal,
            message: version.message.clone(),
            author: self.actor(&version.author)?.name,
            published_at: version.published_at,
            is_published: client.pack_version == Some(version.id),
        })
    }
}
