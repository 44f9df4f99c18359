//! Minutes of a period by client, kind, queue, person and partner: the ledgers of all its tickets added up.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::client::Client;
use crate::domain::ledger::{Entry, Piece, PieceKind, Policy, ledger, minutes_between};
use crate::domain::ticket::Ticket;
use crate::domain::{ClientId, Key, Moment, PersonId, Refusal, Span, TicketId};
use crate::store;
use crate::store::event::Recorded;

/// Most tickets of one report; all their events are read.
const TICKETS_MAX: usize = 50_000;
/// Tickets that are read at once.
const TICKETS_AT_ONCE: usize = 500;
/// Longest period.
const PERIOD_MAX: Span = Span::days(400);

/// What a report is about.
#[derive(Debug, Clone, Copy)]
pub struct TimeQuery {
    pub from: Moment,
    /// The first moment that is not in it; what lies ahead counts nothing.
    pub to: Moment,
    pub client: Option<ClientId>,
}

impl TimeQuery {
    pub(super) fn check(self) -> Result<(), Refusal> {
        if self.to <= self.from || self.to - self.from > PERIOD_MAX {
            return Err(Refusal::invalid("to", "must lie after `from`, at most 400 days"));
        }
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimeReport {
    pub from: Moment,
    pub to: Moment,
    pub rows: Vec<TimeRow>,
    /// The sum of the rows, in minutes.
    pub minutes: i64,
    /// Tickets that have time in the period.
    pub tickets: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimeRow {
    pub client: ClientId,
    pub client_name: String,
    pub kind: PieceKind,
    /// `null`: counted to no queue.
    pub queue: Option<Key>,
    /// `null`: nobody had it.
    pub person: Option<Ref>,
    pub partner: Option<Key>,
    pub tickets: i64,
    /// Minutes of the clock on the wall.
    pub minutes: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RowKey {
    client: ClientId,
    kind: PieceKind,
    queue: Option<Key>,
    person: Option<PersonId>,
    partner: Option<Key>,
}

#[derive(Debug, Default)]
struct Cells {
    minutes: BTreeMap<RowKey, (i64, BTreeSet<TicketId>)>,
    tickets: usize,
}

impl Views {
    /// For clients whom the person supervises.
    pub fn time_report(&self, person: PersonId, query: TimeQuery) -> Result<TimeReport, ViewError> {
        query.check()?;
        self.read(person, |reading| reading.time_report(query))
    }
}

impl Reading<'_> {
    fn time_report(&self, query: TimeQuery) -> Result<TimeReport, ViewError> {
        let clients = self.supervised(query.client, "see the time report")?;
        let period = (query.from, query.to.min(self.now));
        let mut cells = Cells::default();
        for client in &clients {
            self.add_client(&mut cells, client.id, period)?;
        }
        let names = clients.into_iter().map(|client: Client| (client.id, client.name)).collect();
        self.report_rows(query, cells, &names)
    }

    fn add_client(
        &self,
        cells: &mut Cells,
        client: ClientId,
        (from, to): (Moment, Moment),
    ) -> Result<(), ViewError> {
        let mut after = TicketId(0);
        loop {
            let page = store::ticket::open_within(self.db, client, after, from, to, TICKETS_AT_ONCE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            cells.tickets += page.len();
            if cells.tickets > TICKETS_MAX {
                let message = format!("more than {TICKETS_MAX} tickets: ask for less time or for one client");
                return Err(Refusal::invalid("to", message).into());
            }
            for ticket in &page {
                self.add_ticket(cells, ticket, from, to)?;
            }
        }
    }

    fn add_ticket(
        &self,
        cells: &mut Cells,
        ticket: &Ticket,
        from: Moment,
        to: Moment,
    ) -> Result<(), ViewError> {
        let Some(known) = self.known_pack(ticket.pack_version)? else { return Ok(()) };
        let recorded = store::event::of_ticket(self.db, ticket.id)?;
        let entries: Vec<Entry<'_>> = recorded.iter().map(Recorded::entry).collect();
        let policy = Policy { pack: &known.pack, calendars: &known.calendars };
        for piece in ledger(ticket.id, &entries, policy, to) {
            let Some((start, end)) = piece.within(from, to) else { continue };
            let Piece { kind, queue, person, partner, .. } = piece;
            let key = RowKey { client: ticket.client, kind, queue, person, partner };
            let cell = cells.minutes.entry(key).or_default();
            cell.0 += minutes_between(start, end);
            cell.1.insert(ticket.id);
        }
        Ok(())
    }

    fn report_rows(
        &self,
        query: TimeQuery,
        cells: Cells,
        names: &BTreeMap<ClientId, String>,
    ) -> Result<TimeReport, ViewError> {
        let (mut rows, mut tickets) = (Vec::new(), BTreeSet::new());
        for (key, (minutes, of_tickets)) in cells.minutes {
            rows.push(TimeRow {
                client: key.client,
                client_name: names.get(&key.client).cloned().unwrap_or_default(),
                kind: key.kind,
                queue: key.queue,
                person: key.person.map(|person| self.names.person_ref(person)).transpose()?,
                partner: key.partner,
                tickets: i64::try_from(of_tickets.len()).unwrap_or(i64::MAX),
                minutes,
            });
            tickets.extend(of_tickets);
        }
        Ok(TimeReport {
            from: query.from,
            to: query.to,
            minutes: rows.iter().map(|row| row.minutes).sum(),
            tickets: i64::try_from(tickets.len()).unwrap_or(i64::MAX),
            rows,
        })
    }
}
