//! Tickets that wait in queues, and how much stands in each.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::{Db, StoreError, id, key, maybe_id, maybe_key, maybe_moment, moment, statements};
use crate::domain::next::WaitingTicket;
use crate::domain::permission::Scope;
use crate::domain::{ClientId, Key, Moment, PersonId, TicketId};

statements! {
    IN_QUEUE = "select id, client, queue, priority, is_urgent, opened_at, due_at, pack_version from ticket where queue = ?1
        and phase <> 'closed' and phase in ('new', 'open') and assignee is null and waits_for is null
        order by id limit ?2";
    IN_QUEUE_OF = "select id, client, queue, priority, is_urgent, opened_at, due_at, pack_version from ticket where queue = ?1
        and client = ?2 and phase <> 'closed' and phase in ('new', 'open') and assignee is null
        and waits_for is null order by id limit ?3";
    SUMS = "select client, queue, count(*), sum(case when assignee is null and waits_for is null then 1 else 0 end),
        sum(case when due_at < ?1 then 1 else 0 end), sum(case when due_at >= ?1 and due_at <= ?2 then 1 else 0 end),
        min(case when assignee is null and waits_for is null then id else null end) from ticket
        where phase <> 'closed' and phase in ('new', 'open') group by client, queue";
    LOADS = "select assignee, client, count(*) from ticket
        where phase <> 'closed' and phase <> 'resolved' and assignee is not null group by assignee, client";
}

/// What stands in one queue of one client: tickets that are new or open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSum {
    pub client: ClientId,
    pub queue: Option<Key>,
    pub all: i64,
    /// Nobody's, and waiting for nobody.
    pub waiting: i64,
    pub overdue: i64,
    pub at_risk: i64,
    /// The first that was opened of those waiting.
    pub oldest: Option<TicketId>,
}

/// The oldest tickets that wait in a queue, of one client or of all; at most `count_max`.
pub fn in_queue(
    db: &Db,
    queue: &Key,
    client: Option<ClientId>,
    count_max: usize,
) -> Result<Vec<WaitingTicket>, StoreError> {
    let limit = count_max as i64;
    match client {
        Some(client) => db.all(IN_QUEUE_OF, params![queue.as_str(), client.0, limit], read),
        None => db.all(IN_QUEUE, params![queue.as_str(), limit], read),
    }
}

/// What stands in each queue that the reader sees whole; at risk is what falls due from
/// `now` to `soon`, as in `TicketFilter::due_between`.
pub fn sums(db: &Db, scope: &Scope, now: Moment, soon: Moment) -> Result<Vec<QueueSum>, StoreError> {
    let all = db.all(SUMS, params![now.ms(), soon.ms()], |row| {
        Ok(QueueSum {
            client: id(row, 0)?,
            queue: maybe_key(row, 1)?,
            all: row.get(2)?,
            waiting: row.get(3)?,
            overdue: row.get(4)?,
            at_risk: row.get(5)?,
            oldest: maybe_id(row, 6)?,
        })
    })?;
    Ok(all.into_iter().filter(|sum| scope.clients().contains(sum.client)).collect())
}

/// Open tickets by whose they are, of the clients that the reader sees whole.
pub fn loads(db: &Db, scope: &Scope) -> Result<BTreeMap<PersonId, i64>, StoreError> {
    let mut loads = BTreeMap::new();
    for (person, client, count) in db
        .all(LOADS, [], |row| Ok((id::<PersonId>(row, 0)?, id::<ClientId>(row, 1)?, row.get::<_, i64>(2)?)))?
    {
        if scope.clients().contains(client) {
            *loads.entry(person).or_default() += count;
        }
    }
    Ok(loads)
}

fn read(row: &Row<'_>) -> rusqlite::Result<WaitingTicket> {
    Ok(WaitingTicket {
        ticket: id(row, 0)?,
        client: id(row, 1)?,
        queue: key(row, 2)?,
        priority: row.get(3)?,
        is_urgent: row.get(4)?,
        opened_at: moment(row, 5)?,
        due_at: maybe_moment(row, 6)?,
        pack_version: maybe_id(row, 7)?,
    })
}
