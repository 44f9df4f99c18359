//! The SLA clocks of tickets.

use rusqlite::params;

use super::{Db, StoreError, Tx, key, maybe_moment, statements};
use crate::domain::sla::SlaClock;
use crate::domain::{Key, Moment, Span, TicketId};

statements! {
    OF_TICKET = "select target, limit_ms, used_ms, running_since, met_at, is_unneeded, warned_percent, overdue_minutes
        from sla_clock
        where ticket = ?1 order by target";
    PUT = "insert into sla_clock (ticket, target, limit_ms, used_ms, running_since, met_at, is_unneeded,
        warned_percent, overdue_minutes) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        on conflict (ticket, target) do update set limit_ms = ?3, used_ms = ?4, running_since = ?5, met_at = ?6,
        is_unneeded = ?7, warned_percent = ?8, overdue_minutes = ?9
        where sla_clock.limit_ms <> ?3 or sla_clock.used_ms <> ?4 or sla_clock.running_since is distinct from ?5
        or sla_clock.met_at is distinct from ?6 or sla_clock.is_unneeded <> ?7 or sla_clock.warned_percent <> ?8
        or sla_clock.overdue_minutes <> ?9";
    REMOVE = "delete from sla_clock where ticket = ?1 and target = ?2";
}

pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<SlaClock>, StoreError> {
    db.all(OF_TICKET, [ticket.0], |row| {
        Ok(SlaClock {
            target: key(row, 0)?,
            limit: Span::from_ms(row.get(1)?),
            used: Span::from_ms(row.get(2)?),
            running_since: maybe_moment(row, 3)?,
            met_at: maybe_moment(row, 4)?,
            is_unneeded: row.get(5)?,
            warned_percent: row.get(6)?,
            overdue_minutes: row.get(7)?,
        })
    })
}

pub fn put(tx: &Tx, ticket: TicketId, clock: &SlaClock) -> Result<(), StoreError> {
    tx.run(
        PUT,
        params![
            ticket.0,
            clock.target.as_str(),
            clock.limit.ms(),
            clock.used.ms(),
            clock.running_since.map(Moment::ms),
            clock.met_at.map(Moment::ms),
            clock.is_unneeded,
            clock.warned_percent,
            clock.overdue_minutes
        ],
    )
    .map(drop)
}

/// The target counts for the ticket no more.
pub fn remove(tx: &Tx, ticket: TicketId, target: &Key) -> Result<(), StoreError> {
    tx.run(REMOVE, params![ticket.0, target.as_str()]).map(drop)
}
