//! Pages of the ticket list: filters composed from fixed pieces, each order with a cursor, never an offset.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use super::conditions::{Conditions, Passed};
use super::{Db, StoreError, from_word, maybe_moment, statements, ticket};
use crate::domain::id::smallest_at;
use crate::domain::pack::{Phase, WaitsFor};
use crate::domain::permission::{Reach, Scope};
use crate::domain::ticket::Ticket;
use crate::domain::{AssetId, ClientId, ContactId, Key, Moment, PersonId, SiteId, SubClientId, TicketId};

/// Clients whose lists are merged one by one; of more, the order's own index is walked.
const CLIENTS_MERGED_MAX: usize = 32;
/// As many queues, for their order by last change.
const QUEUES_MERGED_MAX: usize = 32;

/// What a list is narrowed to; empty means: all.
#[derive(Debug, Clone, Default)]
pub struct TicketFilter {
    pub clients: Vec<ClientId>,
    pub phases: Vec<Phase>,
    pub statuses: Vec<Key>,
    pub categories: Vec<Key>,
    pub queues: Vec<Key>,
    pub priorities: Vec<i64>,
    pub waits_for: Vec<WaitsFor>,
    pub assignee: Option<Assignee>,
    pub asset: Option<AssetId>,
    pub contact: Option<ContactId>,
    pub site: Option<SiteId>,
    pub sub_client: Option<SubClientId>,
    /// Attached to this major incident.
    pub incident: Option<TicketId>,
    pub is_marked: Option<bool>,
    pub is_urgent: Option<bool>,
    /// Left at the defaults of its pack.
    pub is_unclassified: Option<bool>,
    /// Waits for its assignee to accept it.
    pub awaits_acceptance: Option<bool>,
    pub closed_from: Option<Moment>,
    /// The first moment that is not in it.
    pub closed_to: Option<Moment>,
    /// Due before this moment.
    pub overdue_at: Option<Moment>,
    /// Due from the one moment to the other, both in it.
    pub due_between: Option<(Moment, Moment)>,
    /// Whether it stands in a queue.
    pub is_queued: Option<bool>,
    /// Whether it waits for somebody outside.
    pub is_waiting: Option<bool>,
    /// Opened before this moment.
    pub opened_to: Option<Moment>,
    /// Changed last before this moment.
    pub updated_to: Option<Moment>,
    /// Only these: what a search found.
    pub tickets: Option<Vec<TicketId>>,
    pub but: Option<TicketId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    Person(PersonId),
    Nobody,
}

/// The order of a list, with where the page before ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Newest(Option<TicketId>),
    Oldest(Option<TicketId>),
    Updated(Option<(Moment, TicketId)>),
    /// By the last public event.
    PubliclyUpdated(Option<(Moment, TicketId)>),
    /// Tickets whose clocks run, the most pressing first.
    Due(Option<(Moment, TicketId)>),
    /// Tickets whose clocks stand still, newest first; they follow `Due`.
    NotDue(Option<TicketId>),
    /// Tickets that are not closed.
    Priority(Option<(i64, TicketId)>),
}

impl After {
    /// What rows of this order are sorted by, smallest first.
    fn key(self, row: &Listed) -> (i64, i64) {
        let id = row.ticket.id.0;
        match self {
            After::Newest(_) | After::NotDue(_) => (0, -id),
            After::Oldest(_) => (0, id),
            After::Updated(_) => (-row.ticket.updated_at.ms(), -id),
            After::PubliclyUpdated(_) => (-row.ticket.public_updated_at.ms(), -id),
            After::Due(_) => (row.due_at.map_or(i64::MAX, Moment::ms), id),
            After::Priority(_) => (row.ticket.priority, id),
        }
    }
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub ticket: Ticket,
    pub phase: Phase,
    pub waits_for: Option<WaitsFor>,
    pub due_at: Option<Moment>,
    pub is_unclassified: bool,
}

statements! {
    GET = concat!("select ", ticket::columns!(), ", phase, waits_for, due_at, is_unclassified from ticket where id = ?1");
    PAGE_NEWEST = concat!("select ", ticket::columns!(), ", phase, waits_for, due_at, is_unclassified from ticket
        where client in (?1, ?2) and phase <> 'closed' and phase in ('new', 'open') and status in (?3) and assignee is null
        and id < ?4 order by id desc limit ?5");
    PAGE_UPDATED = concat!("select ", ticket::columns!(), ", phase, waits_for, due_at, is_unclassified from ticket
        where (client in (?1) or id in (select o.ticket from work_order o where o.engineer = ?2 and o.client in (?3))
        or id in (select o.ticket from task o where o.department = ?4)) and (updated_at, id) < (?5, ?6)
        order by updated_at desc, id desc limit ?7");
    PAGE_OF_CLIENT = concat!("select ", ticket::columns!(), ", phase, waits_for, due_at, is_unclassified from ticket
        where client = ?1 and (updated_at, id) < (?2, ?3) order by updated_at desc, id desc limit ?4");
    PAGE_OF_CLIENT_PUBLIC = concat!("select ", ticket::columns!(), ", phase, waits_for, due_at, is_unclassified from ticket
        where client = ?1 and (public_updated_at, id) < (?2, ?3) order by public_updated_at desc, id desc limit ?4");
    PAGE_OF_CLIENTS = concat!("select ", ticket::columns!(), ", phase, waits_for, due_at, is_unclassified from ticket
        where client + 0 in (?1, ?2) and due_at is null and id < ?3 order by id desc limit ?4");
    PAGE_DUE = concat!("select ", ticket::columns!(), ", phase, waits_for, due_at, is_unclassified from ticket
        where due_at is not null and (due_at, id) > (?1, ?2) order by due_at, id limit ?3");
    PAGE_PRIORITY = concat!("select ", ticket::columns!(), ", phase, waits_for, due_at, is_unclassified from ticket
        where phase <> 'closed' and (priority, id) > (?1, ?2) order by priority, id limit ?3");
    COUNT_CAPPED = "select count(*) from (select 1 from ticket where client in (?1) and phase <> 'closed' limit ?2) as counted";
}

/// One ticket with what its row holds beside.
pub fn get(db: &Db, id: TicketId) -> Result<Option<Listed>, StoreError> {
    db.one(GET, [id.0], read)
}

/// A page in the order of `after`. Tickets that reach the reader in several ways (through several clients, through
/// work orders, through tasks) are read way by way, each along its own index, and merged: one query with `or`
/// sorts all of them first (tried: 600 ms against 1 ms on a million tickets).
pub fn page(
    db: &Db,
    scope: &Scope,
    filter: &TicketFilter,
    after: After,
    count_max: usize,
) -> Result<Vec<Listed>, StoreError> {
    let ways = ways(scope, filter, after);
    let is_one = ways.len() == 1;
    let mut rows = Vec::new();
    for way in ways {
        rows.extend(page_of(db, scope, way, filter, after, count_max)?);
    }
    if !is_one {
        rows.sort_by_key(|row| after.key(row));
        rows.dedup_by_key(|row| row.ticket.id);
        rows.truncate(count_max);
    }
    Ok(rows)
}

fn page_of(
    db: &Db,
    scope: &Scope,
    way: Conditions,
    filter: &TicketFilter,
    after: After,
    count_max: usize,
) -> Result<Vec<Listed>, StoreError> {
    let mut conditions = way;
    narrow(&mut conditions, Some(scope), filter);
    let order = follow(&mut conditions, after);
    let limit = conditions.place(count_max as i64);
    let sql = format!(
        concat!(
            "select ",
            ticket::columns!(),
            ", phase, waits_for, due_at, is_unclassified from ticket{} order by {} limit {}"
        ),
        conditions.sql(),
        order,
        limit
    );
    db.all(&sql, params_from_iter(conditions.values()), read)
}

/// Each way in which tickets of the filter reach the reader.
fn ways(scope: &Scope, filter: &TicketFilter, after: After) -> Vec<Conditions> {
    let wanted: BTreeSet<ClientId> = filter.clients.iter().copied().collect();
    let seen_whole: BTreeSet<ClientId> = match scope.clients() {
        Reach::All if wanted.is_empty() && has_index_by_queue(filter, after) => {
            return filter.queues.iter().map(|queue| of_queue(queue, None)).collect();
        }
        Reach::All if wanted.is_empty() => return vec![Conditions::default()],
        Reach::All => wanted.clone(),
        Reach::Only(clients) if wanted.is_empty() => clients.clone(),
        Reach::Only(clients) => clients.intersection(&wanted).copied().collect(),
    };
    let mut ways = Vec::new();
    if has_index_by_queue(filter, after) {
        ways.extend(filter.queues.iter().map(|queue| of_queue(queue, Some(&seen_whole))));
    } else if filter.incident.is_none()
        && (has_index_by_client(after) && seen_whole.len() <= CLIENTS_MERGED_MAX || seen_whole.len() == 1)
    {
        for client in seen_whole {
            let mut way = Conditions::default();
            way.one("client = ?", client.0);
            ways.push(way);
        }
    } else if !seen_whole.is_empty() {
        let mut way = Conditions::default();
        // As an expression, so that the order's own index is walked, not each client's whole pile sorted.
        way.among("client + 0", seen_whole.iter().map(|id| id.0.into()).collect());
        ways.push(way);
    }
    if *scope.clients() == Reach::All {
        return ways;
    }
    for passed in Passed::all(scope) {
        let mut way = Conditions::default();
        let text = way.passed(&passed, "id");
        way.composed(text);
        way.among("client", wanted.iter().map(|id| id.0.into()).collect());
        ways.push(way);
    }
    ways
}

/// Tickets of one queue, of some clients or of all.
fn of_queue(queue: &Key, clients: Option<&BTreeSet<ClientId>>) -> Conditions {
    let mut way = Conditions::default();
    way.one("queue = ?", queue.to_string());
    if let Some(clients) = clients {
        let clients = clients.iter().map(|id| id.0.into()).collect::<Vec<_>>();
        if clients.is_empty() { way.fixed("1 = 0") } else { way.among("client + 0", clients) }
    }
    way
}

/// Open tickets of some queues by their last change.
fn has_index_by_queue(filter: &TicketFilter, after: After) -> bool {
    let is_open = !filter.phases.is_empty() && !filter.phases.contains(&Phase::Closed);
    matches!(after, After::Updated(_)) && is_open && (1..=QUEUES_MERGED_MAX).contains(&filter.queues.len())
}

fn has_index_by_client(after: After) -> bool {
    matches!(after, After::Newest(_) | After::Oldest(_) | After::Updated(_) | After::PubliclyUpdated(_))
}

/// Tickets of one client, the oldest first, whoever may see them: for its script.
pub fn of_client(
    db: &Db,
    client: ClientId,
    filter: &TicketFilter,
    count_max: usize,
) -> Result<Vec<TicketId>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.one("client = ?", client.0);
    narrow(&mut conditions, None, filter);
    let limit = conditions.place(count_max as i64);
    let sql = format!("select id from ticket{} order by id limit {limit}", conditions.sql());
    db.all(&sql, params_from_iter(conditions.values()), |row| super::id(row, 0))
}

/// How many there are, up to `count_max`.
pub fn count(db: &Db, scope: &Scope, filter: &TicketFilter, count_max: usize) -> Result<i64, StoreError> {
    let mut conditions = Conditions::default();
    conditions.visible(scope, "id", "client");
    conditions.among("client", filter.clients.iter().map(|id| id.0.into()).collect());
    narrow(&mut conditions, Some(scope), filter);
    let limit = conditions.place(count_max as i64);
    let sql =
        format!("select count(*) from (select 1 from ticket{} limit {limit}) as counted", conditions.sql());
    Ok(db.one(&sql, params_from_iter(conditions.values()), |row| row.get(0))?.unwrap_or(0))
}

/// What the filter asks for beside clients, within the reader's sub-client where there is a reader.
fn narrow(conditions: &mut Conditions, scope: Option<&Scope>, filter: &TicketFilter) {
    if let Some(own) = scope.and_then(Scope::sub_client) {
        conditions.one("sub_client = ?", own.0);
    }
    if let Some(tickets) = &filter.tickets {
        let found =
            if tickets.is_empty() { vec![0.into()] } else { tickets.iter().map(|id| id.0.into()).collect() };
        conditions.among("id", found);
    }
    if !filter.phases.is_empty() {
        if !filter.phases.contains(&Phase::Closed) {
            // Says what the partial indexes say, so that they are used.
            conditions.fixed("phase <> 'closed'");
        }
        conditions.among("phase", filter.phases.iter().map(|phase| text(super::word(phase))).collect());
    }
    conditions.among("status", keys(&filter.statuses));
    conditions.among("category", keys(&filter.categories));
    conditions.among("queue", keys(&filter.queues));
    conditions.among("priority", filter.priorities.iter().map(|priority| (*priority).into()).collect());
    conditions.among("waits_for", filter.waits_for.iter().map(|whom| text(super::word(whom))).collect());
    match filter.assignee {
        Some(Assignee::Person(person)) => conditions.one("assignee = ?", person.0),
        Some(Assignee::Nobody) => conditions.fixed("assignee is null"),
        None => {}
    }
    for (column, id) in [
        ("asset = ?", filter.asset.map(|id| id.0)),
        ("contact = ?", filter.contact.map(|id| id.0)),
        ("site = ?", filter.site.map(|id| id.0)),
        ("sub_client = ?", filter.sub_client.map(|id| id.0)),
        ("incident = ?", filter.incident.map(|id| id.0)),
        ("is_urgent = ?", filter.is_urgent.map(i64::from)),
        ("is_unclassified = ?", filter.is_unclassified.map(i64::from)),
        ("closed_at >= ?", filter.closed_from.map(Moment::ms)),
        ("closed_at < ?", filter.closed_to.map(Moment::ms)),
        ("due_at < ?", filter.overdue_at.map(Moment::ms)),
        ("id <> ?", filter.but.map(|id| id.0)),
        // An id begins with its moment.
        ("id < ?", filter.opened_to.map(smallest_at)),
        ("updated_at < ?", filter.updated_to.map(Moment::ms)),
    ] {
        if let Some(value) = id {
            conditions.one(column, value);
        }
    }
    if let Some((from, to)) = filter.due_between {
        conditions.several("due_at >= ? and due_at <= ?", vec![from.ms().into(), to.ms().into()]);
    }
    for (asked, holds, holds_not) in [
        (filter.awaits_acceptance, "accept_until is not null", "accept_until is null"),
        (filter.is_marked, "is_marked = 1", "is_marked = 0"),
        (filter.is_queued, "queue is not null", "queue is null"),
        (filter.is_waiting, "waits_for is not null", "waits_for is null"),
    ] {
        if let Some(asked) = asked {
            conditions.fixed(if asked { holds } else { holds_not });
        }
    }
}

/// Adds where the page starts; answers its order.
fn follow(conditions: &mut Conditions, after: After) -> &'static str {
    let pair = |moment: i64, id: TicketId| vec![moment.into(), id.0.into()];
    match after {
        After::Newest(from) | After::NotDue(from) => {
            if matches!(after, After::NotDue(_)) {
                conditions.fixed("due_at is null");
            }
            if let Some(id) = from {
                conditions.one("id < ?", id.0);
            }
            "id desc"
        }
        After::Oldest(from) => {
            if let Some(id) = from {
                conditions.one("id > ?", id.0);
            }
            "id"
        }
        After::Updated(from) => {
            if let Some((at, id)) = from {
                conditions.several("(updated_at, id) < (?, ?)", pair(at.ms(), id));
            }
            "updated_at desc, id desc"
        }
        After::PubliclyUpdated(from) => {
            if let Some((at, id)) = from {
                conditions.several("(public_updated_at, id) < (?, ?)", pair(at.ms(), id));
            }
            "public_updated_at desc, id desc"
        }
        After::Due(from) => {
            conditions.fixed("due_at is not null");
            if let Some((at, id)) = from {
                conditions.several("(due_at, id) > (?, ?)", pair(at.ms(), id));
            }
            "due_at, id"
        }
        After::Priority(from) => {
            conditions.fixed("phase <> 'closed'");
            if let Some((priority, id)) = from {
                conditions.several("(priority, id) > (?, ?)", pair(priority, id));
            }
            "priority, id"
        }
    }
}

fn keys(keys: &[Key]) -> Vec<Value> {
    keys.iter().map(|key| text(key.to_string())).collect()
}

fn text(text: String) -> Value {
    Value::Text(text)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Listed> {
    let waits_for = match row.get_ref(39)?.as_str_or_null()? {
        Some(_) => Some(from_word(row, 39)?),
        None => None,
    };
    Ok(Listed {
        ticket: ticket::read(row)?,
        phase: from_word(row, 38)?,
        waits_for,
        due_at: maybe_moment(row, 40)?,
        is_unclassified: row.get(41)?,
    })
}
