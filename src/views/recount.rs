//! Whether a client's open tickets are counted by other rules than those that are published.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ViewError, Views};
use crate::domain::permission::Step;
use crate::domain::{ClientId, PackVersionId, PersonId, Refusal};
use crate::store;

/// What is published, and who goes by something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecountOffer {
    pub version: PackVersionId,
    pub ordinal: i64,
    /// Tickets of the client that are not closed.
    pub open: i64,
    /// Of these, tickets of versions that count time otherwise: by other calendars, holidays, targets, stages, waiting
    /// statuses or contracts.
    pub behind: i64,
    /// The versions of the open tickets, oldest first, the published one among them.
    pub versions: Vec<VersionCount>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VersionCount {
    pub version: PackVersionId,
    pub ordinal: i64,
    pub open: i64,
    /// Whether it counts time otherwise than the published one.
    pub differs: bool,
}

impl Views {
    /// For supervisors of the client.
    pub fn recount_offer(&self, person: PersonId, client: ClientId) -> Result<RecountOffer, ViewError> {
        self.read(person, |reading| {
            reading.require(Step::Supervise, client, "recompute the time")?;
            let client = reading.client(client)?;
            let published = client.pack_version.ok_or(Refusal::NothingPublished)?;
            let missing = || Refusal::not_found("version", published);
            let stored = store::pack::get(reading.db, published)?.ok_or_else(missing)?;
            let pack = reading.pack(Some(published))?.ok_or_else(missing)?;
            let mut offer = RecountOffer {
                version: published,
                ordinal: stored.ordinal,
                open: 0,
                behind: 0,
                versions: Vec::new(),
            };
            for (version, open) in store::ticket::open_by_version(reading.db, client.id)? {
                offer.open += open;
                let Some(version) = version else { continue };
                let Some(own) = store::pack::get(reading.db, version)? else { continue };
                // One that cannot be read any more counts by nothing that could be compared.
                let like = match reading.pack(Some(version))? {
                    Some(own) => own.counts_time_like(&pack),
                    None => false,
                };
                let differs = !like || own.holidays != stored.holidays;
                offer.behind += if differs { open } else { 0 };
                offer.versions.push(VersionCount { version, ordinal: own.ordinal, open, differs });
            }
            Ok(offer)
        })
    }

    /// Refuses who may not recompute the client's tickets.
    pub fn check_supervises_client(&self, person: PersonId, client: ClientId) -> Result<(), ViewError> {
        self.read(person, |reading| reading.require(Step::Supervise, client, "recompute the time"))
    }
}
