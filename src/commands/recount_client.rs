//! What counting the open tickets of a client anew would change, a page at a time; nothing is saved.

use std::time::{Duration, Instant};

use serde::Serialize;
use utoipa::ToSchema;

use super::desk::Desk;
use super::done::DeskError;
use super::recount::{ClockChange, Versions, compare_ticket};
use crate::domain::version_move::Obstacle;
use crate::domain::{ClientId, Moment, PackVersionId, Refusal, TicketId};
use crate::store::{self, Db};

/// Most tickets that one page looks at.
pub const PAGE_TICKETS_MAX: usize = 200;
/// A page that took so long ends, however few tickets it has looked at: somebody else waits for the reader.
const PAGE_TIME_MAX: Duration = Duration::from_millis(500);

/// A page of a client's open tickets, compared with the version that they would go by.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClientRecount {
    /// By which they would be counted; ask for the next page with it, and recompute to it, so that all is as it was
    /// shown.
    pub version: PackVersionId,
    /// Of this page, those for which a recompute would record anything.
    pub lines: Vec<RecountLine>,
    /// How many tickets this page looked at; at most 200.
    pub looked_at: usize,
    /// What `after` of the next page is; `null`: that was the last.
    pub next: Option<TicketId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecountLine {
    pub ticket: TicketId,
    pub number: String,
    pub subject: String,
    /// Targets whose limit, due time, fulfilment or breach changes; empty: the ticket goes by the other version and
    /// nothing of it differs now.
    pub clocks: Vec<ClockChange>,
    /// What of the ticket the other version does not know: such a ticket stays on its own.
    pub obstacles: Vec<Obstacle>,
}

/// The open tickets after `after`; `to` is the published version unless it says otherwise.
pub fn recount_client(
    desk: &Desk,
    client: ClientId,
    to: Option<PackVersionId>,
    after: Option<TicketId>,
) -> Result<ClientRecount, DeskError> {
    let now = desk.now();
    desk.readers().read(|db| page(db, client, to, after.unwrap_or(TicketId(0)), now))
}

fn page(
    db: &Db,
    id: ClientId,
    to: Option<PackVersionId>,
    after: TicketId,
    now: Moment,
) -> Result<ClientRecount, DeskError> {
    let client = store::client::get(db, id)?.ok_or_else(|| Refusal::not_found("client", id))?;
    let version = to.or(client.pack_version).ok_or(Refusal::NothingPublished)?;
    let began = Instant::now();
    let tickets = store::ticket::open_of_client(db, id, after, PAGE_TICKETS_MAX)?;
    let is_full = tickets.len() == PAGE_TICKETS_MAX;
    let mut page = ClientRecount { version, lines: Vec::new(), looked_at: 0, next: None };
    let mut versions = Versions::default();
    let count = tickets.len();
    for ticket in tickets {
        let (own, subject) = (ticket.id, ticket.subject);
        let number = format!("{}-{}", client.prefix, ticket.number);
        let line = |clocks, obstacles| -> Result<RecountLine, DeskError> {
            let subject = store::text::get(db, subject)?.unwrap_or_default();
            Ok(RecountLine { ticket: own, number, subject, clocks, obstacles })
        };
        match compare_ticket(db, &mut versions, ticket, version, now) {
            Ok(recount) if recount.is_changed => page.lines.push(line(changed(recount.clocks), Vec::new())?),
            Ok(_) => {}
            Err(DeskError::Refused(Refusal::VersionDoesNotFit { obstacles })) => {
                page.lines.push(line(Vec::new(), obstacles)?);
            }
            Err(error) => return Err(error),
        }
        page.looked_at += 1;
        let is_late = began.elapsed() > PAGE_TIME_MAX && page.looked_at < count;
        if is_late || (is_full && page.looked_at == count) {
            page.next = Some(own);
            break;
        }
    }
    Ok(page)
}

/// Of these, those of which people see a difference: its limit, when it is due, whether it was met or broken.
pub(super) fn changed(clocks: Vec<ClockChange>) -> Vec<ClockChange> {
    let differs = |change: &ClockChange| {
        let seen = |side: Option<super::recount::ClockFigures>| {
            side.map(|one| (one.limit, one.due_at, one.met_at, one.is_unneeded, one.is_breached))
        };
        seen(change.before) != seen(change.after)
    };
    clocks.into_iter().filter(differs).collect()
}
