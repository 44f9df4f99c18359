//! `RecomputeClocks`: a ticket goes by another version of its pack and by its place as the records say it now.

use super::apply::about;
use super::coverage;
use super::done::{DeskError, Done};
use super::record::record;
use super::terms::terms;
use super::version_move;
use super::work::Work;
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::domain::{PackVersionId, Refusal, TicketId};
use crate::store;

/// Without `to`, the version that is published now. A version that does not know all of the ticket is refused, as a
/// move of open tickets leaves such a ticket where it is. The place counts from this moment on, the version for all of
/// the ticket's time.
pub(super) fn recompute(
    work: &mut Work<'_>,
    id: TicketId,
    to: Option<PackVersionId>,
) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::Supervise, None)?;
    let client = store::client::get(&work.tx, ticket.client)?;
    let published = client.and_then(|client| client.pack_version);
    let to = to.or(published).ok_or(Refusal::NothingPublished)?;
    let version = store::pack::get(&work.tx, to)?.filter(|version| version.client == ticket.client);
    if version.is_none() {
        return Err(Refusal::not_found("version", to).into());
    }
    let loaded = work.programs.pack(&work.tx, to)?.ok_or(Refusal::NothingPublished)?;
    if ticket.pack_version != Some(to) {
        let program = work.programs.program(&work.tx, to)?;
        let obstacles = version_move::obstacles_on(work, &ticket, &loaded, program.as_deref())?;
        if !obstacles.is_empty() {
            return Err(Refusal::VersionDoesNotFit { obstacles }.into());
        }
    }
    let now = terms(work, ticket.site, ticket.sub_client)?;
    if now != ticket.terms {
        record(work, id, Event::TermsChanged { terms: now })?;
    }
    if ticket.pack_version != Some(to) {
        record(work, id, Event::PackVersionMoved { to: Some(to) })?;
    }
    coverage::recheck(work, id)?;
    Ok(about(id, None))
}
