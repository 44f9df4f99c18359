//! A ticket as lists show it.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::ViewError;
use super::reading::Reading;
use crate::domain::pack::{Phase, WaitsFor};
use crate::domain::ticket::{Channel, Level};
use crate::domain::{AssetId, ClientId, Key, Moment, SiteId, TicketId};
use crate::store::ticket_list::Listed;

/// Something that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ref {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteRef {
    pub id: SiteId,
    pub name: String,
    pub city: String,
    /// IANA name.
    pub time_zone: String,
    pub address: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AssetRef {
    pub id: AssetId,
    pub tag: String,
    pub model: String,
}

/// A row of the ticket list. Who is not staff gets no queue, assignee, tags, marks and deadlines.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketRow {
    pub id: TicketId,
    /// Such as `BANK-1042`.
    pub number: String,
    pub client: ClientId,
    /// `null`: erased.
    pub subject: Option<String>,
    pub status: Key,
    pub phase: Phase,
    pub waits_for: Option<WaitsFor>,
    pub category: Option<Key>,
    /// 1 is the most pressing, 5 the least.
    pub priority: i64,
    pub is_urgent: bool,
    pub impact: Level,
    pub urgency: Level,
    pub queue: Option<Key>,
    pub assignee: Option<Ref>,
    pub sub_client: Option<Ref>,
    pub site: Option<SiteRef>,
    pub asset: Option<AssetRef>,
    pub contact: Option<Ref>,
    pub channel: Channel,
    pub tags: BTreeSet<String>,
    pub opened_at: Moment,
    /// The last event; for who is not staff, the last public one.
    pub updated_at: Moment,
    pub resolved_at: Option<Moment>,
    /// When the nearest unmet SLA target is due; `null` while the clocks stand still.
    pub due_at: Option<Moment>,
    /// A script failed on this ticket and nobody has cleared it yet.
    pub is_marked: bool,
    /// Left at the defaults of the pack.
    pub is_unclassified: bool,
    /// Until when the assignee must accept it; `null`: nobody must.
    pub accept_until: Option<Moment>,
    pub reopen_count: i64,
    pub version: i64,
}

impl Reading<'_> {
    pub(super) fn row(&self, listed: &Listed) -> Result<TicketRow, ViewError> {
        let ticket = &listed.ticket;
        let inside = self.sees_internals();
        let number = self.names.ticket(ticket.id)?.map(|line| line.number).unwrap_or_default();
        Ok(TicketRow {
            id: ticket.id,
            number,
            client: ticket.client,
            subject: self.names.text(ticket.subject)?,
            status: ticket.status.clone(),
            phase: listed.phase,
            waits_for: listed.waits_for,
            category: ticket.category.clone(),
            priority: ticket.priority,
            is_urgent: ticket.is_urgent,
            impact: ticket.impact,
            urgency: ticket.urgency,
            queue: ticket.queue.clone().filter(|_| inside),
            assignee: match ticket.assignee.filter(|_| inside) {
                Some(person) => Some(self.names.person_ref(person)?),
                None => None,
            },
            sub_client: ticket.sub_client.map_or(Ok(None), |id| self.names.sub_client(id))?,
            site: ticket.site.map_or(Ok(None), |id| self.names.site(id))?,
            asset: ticket.asset.map_or(Ok(None), |id| self.names.asset(id))?,
            contact: ticket.contact.map_or(Ok(None), |id| self.names.contact(id))?,
            channel: ticket.channel,
            tags: if inside { ticket.tags.clone() } else { BTreeSet::new() },
            opened_at: ticket.opened_at,
            updated_at: if inside { ticket.updated_at } else { ticket.public_updated_at },
            resolved_at: ticket.resolved_at,
            due_at: listed.due_at.filter(|_| inside),
            is_marked: ticket.is_marked && inside,
            is_unclassified: listed.is_unclassified && inside,
            accept_until: ticket.accept_until.filter(|_| inside),
            reopen_count: ticket.reopen_count,
            version: ticket.version,
        })
    }
}
