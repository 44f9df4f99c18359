//! A client's shadow: what it stands beside, how its runs compare, and each difference.

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::{ViewError, Views};
use crate::domain::shadow::{DIFFERENCES_MAX, Said, ShadowCounts, ShadowEnd};
use crate::domain::{ClientId, DifferenceId, Moment, PersonId, Refusal, RunId, ShadowId, TicketId};
use crate::store;

/// A client's last shadow.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ShadowPage {
    pub id: ShadowId,
    /// The number of the published version that it stands or stood beside.
    pub version: i64,
    /// The name of who started it; `null` when it was the command line.
    pub author: Option<String>,
    /// When its texts were saved as a draft; later changes of the draft do not touch it.
    pub saved_at: Moment,
    pub started_at: Moment,
    pub until: Moment,
    /// `null`: it stands.
    pub ended_at: Option<Moment>,
    pub ending: Option<ShadowEnd>,
    pub counts: ShadowCounts,
    /// Differences that are kept at most; more are only counted.
    pub kept_max: i64,
}

/// A run in which the draft wanted something else.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DifferenceLine {
    pub id: DifferenceId,
    /// `null`: a schedule's run, about the client as a whole.
    pub ticket: Option<TicketId>,
    /// Empty without a ticket.
    pub number: String,
    /// The run of the published version; `null` where it has no function for the event.
    pub run: Option<RunId>,
    /// The function that the event calls, such as `on_opened`.
    pub handler: String,
    pub at: Moment,
    pub published: Said,
    pub draft: Said,
}

impl Views {
    /// The client's last shadow, whether it stands or has ended.
    pub fn shadow(&self, person: PersonId, client: ClientId) -> Result<ShadowPage, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let shadow = store::shadow::get(reading.db, client.id)?;
            let shadow = shadow.ok_or_else(|| Refusal::not_found("shadow of client", client.id))?;
            let version = store::pack::get(reading.db, shadow.pack_version)?;
            Ok(ShadowPage {
                id: shadow.id,
                version: version.map_or(0, |version| version.ordinal),
                author: reading.actor(&shadow.author)?.name,
                saved_at: shadow.saved_at,
                started_at: shadow.started_at,
                until: shadow.until,
                ended_at: shadow.ended_at,
                ending: shadow.ending,
                counts: shadow.counts,
                kept_max: DIFFERENCES_MAX,
            })
        })
    }

    /// What the client's last shadow found, newest first.
    pub fn shadow_differences(
        &self,
        person: PersonId,
        client: ClientId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<DifferenceLine>, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let before: Option<DifferenceId> = decode(cursor)?.map(DifferenceId);
            let found = store::shadow::differences(reading.db, client.id, before, limit.and_one())?;
            List::cut(found, limit, |one| one.id.0).try_map(|one| {
                Ok(DifferenceLine {
                    id: one.id,
                    number: reading.number_of(one.ticket)?,
                    ticket: one.ticket,
                    run: one.run,
                    handler: one.handler,
                    at: one.at,
                    published: one.published,
                    draft: one.draft,
                })
            })
        })
    }
}
