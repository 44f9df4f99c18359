//! Pages of tasks, work orders, jobs, events and runs, as their lists show them.

use rusqlite::{Row, params, params_from_iter};

use super::conditions::Conditions;
use super::job::{Job, JobState};
use super::run::RunState;
use super::{
    Db, StoreError, event, from_word, id, job, maybe_id, moment, statements, task, word, work_order,
};
use crate::domain::permission::{Reach, Scope};
use crate::domain::report::ReportState;
use crate::domain::task::{Task, TaskState};
use crate::domain::work_order::WorkOrder;
use crate::domain::{
    ClientId, EventId, JobId, Key, Moment, PackVersionId, PersonId, RunId, TaskId, TicketId, WorkOrderId,
};

macro_rules! task_columns {
    () => {
        "id, ticket, department, title, due_at, outcomes, partner, fields, state, opened_at, taken_by, finished_at, outcome,
        comment, ordinal, files"
    };
}
macro_rules! order_columns {
    () => {
        "id, ticket, engineer, stage, note, due_at, planned_at, opened_at, arrived_at, finished_at, outcome, comment,
        parts_needed, ordinal, report_wanted, report_state"
    };
}
macro_rules! job_columns {
    () => {
        "id, kind, client, ticket, body, state, run_at, attempts, lease_until, last_error, created_at, finished_at"
    };
}
macro_rules! run_columns {
    () => {
        "id, client, ticket, pack_version, handler, state, failure, operations, micros, at"
    };
}

statements! {
    TASKS = concat!("select ", task_columns!(), " from task where client in (?1) and state = ?2 and department in (?3)
        and id > ?4 order by id limit ?5");
    ORDERS = concat!("select ", order_columns!(), " from work_order where client in (?1) and is_open = ?2 and engineer = ?3
        and id < ?4 order by id desc limit ?5");
    JOBS = concat!("select ", job_columns!(), " from job where state = ?1 and client in (?2) and id < ?3 order by id desc
        limit ?4");
    COUNT_DEAD = "select count(*) from (select 1 from job where state = 'dead' limit ?1) as counted";
    EVENTS_BEFORE = "select id, seq, client, ticket, kind, body, actor, journal, run, occurred_at, recorded_at from event
        where ticket = ?1 and id < ?2 order by id desc limit ?3";
    FIRST_EVENT = "select id, seq, client, ticket, kind, body, actor, journal, run, occurred_at, recorded_at from event
        where ticket = ?1 order by id limit 1";
    SEEN_AFTER = "select seq, client, ticket, kind from event where seq > ?1 order by seq limit ?2";
    RUNS_OF_TICKET = concat!("select ", run_columns!(), " from run where ticket = ?1 order by id desc limit ?2");
    RUNS_FAILED = concat!("select ", run_columns!(), " from run where client = ?1 and state = 'failed' order by id desc limit ?2");
    CLIENT_OF_TASK = "select client from task where id = ?1";
    CLIENT_OF_ORDER = "select client from work_order where id = ?1";
    CLIENTS_OF_ENGINEER = "select distinct client from work_order where engineer = ?1";
    CLIENTS_OF_PARTNER = "select distinct client from task where partner = ?1";
    CLIENTS_OF_DEPARTMENT = "select distinct client from task where department = ?1";
}

/// Which tasks.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    pub state: Option<TaskState>,
    pub client: Option<ClientId>,
    pub department: Option<Key>,
    pub taken_by: Option<PersonId>,
    /// Only of these departments (with the client when only one), whatever else can be read.
    pub departments: Option<Vec<crate::domain::person::Membership>>,
    pub after: Option<TaskId>,
}

/// Tasks that the reader's departments or organisation work on; of clients that the reader sees whole, all.
pub fn tasks(db: &Db, scope: &Scope, filter: &TaskFilter, count_max: usize) -> Result<Vec<Task>, StoreError> {
    let mut conditions = Conditions::default();
    own_tasks(&mut conditions, scope);
    if let Some(departments) = &filter.departments {
        let ways: Vec<String> = departments.iter().map(|own| department(&mut conditions, own)).collect();
        conditions.any(&ways);
    }
    if let Some(client) = filter.client {
        conditions.one("client = ?", client.0);
    }
    match filter.state {
        // As the partial index says it.
        Some(TaskState::Open) => conditions.fixed("state = 'open'"),
        Some(state) => conditions.one("state = ?", word(state)),
        None => {}
    }
    if let Some(department) = &filter.department {
        conditions.one("department = ?", department.to_string());
    }
    if let Some(person) = filter.taken_by {
        conditions.one("taken_by = ?", person.0);
    }
    if let Some(after) = filter.after {
        conditions.one("id > ?", after.0);
    }
    let limit = conditions.place(count_max as i64);
    let sql = format!(
        concat!("select ", task_columns!(), " from task{} order by id limit {}"),
        conditions.sql(),
        limit
    );
    db.all(&sql, params_from_iter(conditions.values()), task::read)
}

fn own_tasks(conditions: &mut Conditions, scope: &Scope) {
    let Reach::Only(clients) = scope.clients() else { return };
    let mut ways = Vec::new();
    if !clients.is_empty() && scope.sees_internals() {
        ways.push(conditions.list("client", clients.iter().map(|id| id.0.into()).collect()));
    }
    if let Some(partner) = scope.partner() {
        let place = conditions.place(partner.0);
        let mut way = format!("partner = {place}");
        if let Reach::Only(clients) = scope.passed() {
            let of = conditions.list("client", clients.iter().map(|id| id.0.into()).collect());
            way = format!("({way} and {of})");
        }
        ways.push(way);
    }
    for own in scope.memberships() {
        ways.push(department(conditions, own));
    }
    conditions.any(&ways);
}

fn department(conditions: &mut Conditions, own: &crate::domain::person::Membership) -> String {
    let department = own.queue.to_string().into();
    match own.client {
        Some(client) => conditions.fill("(department = ? and client = ?)", vec![department, client.0.into()]),
        None => conditions.fill("department = ?", vec![department]),
    }
}

/// Which work orders.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    pub is_open: Option<bool>,
    pub client: Option<ClientId>,
    pub engineer: Option<PersonId>,
    pub report: Option<ReportState>,
    pub before: Option<WorkOrderId>,
}

/// Work orders of clients that the reader sees whole, and the reader's own; newest first.
pub fn orders(
    db: &Db,
    scope: &Scope,
    filter: &OrderFilter,
    count_max: usize,
) -> Result<Vec<WorkOrder>, StoreError> {
    let mut conditions = Conditions::default();
    own_orders(&mut conditions, scope);
    if let Some(client) = filter.client {
        conditions.one("client = ?", client.0);
    }
    if let Some(person) = filter.engineer {
        conditions.one("engineer = ?", person.0);
    }
    if let Some(is_open) = filter.is_open {
        conditions.one("is_open = ?", i64::from(is_open));
    }
    match filter.report {
        // As the partial index says it.
        Some(ReportState::HandedIn) => conditions.fixed("report_state = 'handed_in'"),
        Some(state) => conditions.one("report_state = ?", word(state)),
        None => {}
    }
    if let Some(before) = filter.before {
        conditions.one("id < ?", before.0);
    }
    let limit = conditions.place(count_max as i64);
    let sql = format!(
        concat!("select ", order_columns!(), " from work_order{} order by id desc limit {}"),
        conditions.sql(),
        limit
    );
    db.all(&sql, params_from_iter(conditions.values()), work_order::read)
}

fn own_orders(conditions: &mut Conditions, scope: &Scope) {
    let Reach::Only(clients) = scope.clients() else { return };
    let mut ways = Vec::new();
    if !clients.is_empty() && scope.sees_internals() {
        ways.push(conditions.list("client", clients.iter().map(|id| id.0.into()).collect()));
    }
    if let Some(person) = scope.person()
        && !scope.own_orders().is_empty()
    {
        let place = conditions.place(person.0);
        let mut way = format!("engineer = {place}");
        if let Reach::Only(clients) = scope.own_orders() {
            let of = conditions.list("client", clients.iter().map(|id| id.0.into()).collect());
            way = format!("({way} and {of})");
        }
        ways.push(way);
    }
    conditions.any(&ways);
}

/// Jobs in a state, of the clients that `reach` names; jobs of no client only when it names all.
pub fn jobs(
    db: &Db,
    reach: &Reach,
    state: JobState,
    client: Option<ClientId>,
    kind: Option<&Key>,
    before: Option<JobId>,
    count_max: usize,
) -> Result<Vec<Job>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.one("state = ?", word(state));
    if let Reach::Only(clients) = reach {
        let ways = match clients.is_empty() {
            true => Vec::new(),
            false => vec![conditions.list("client", clients.iter().map(|id| id.0.into()).collect())],
        };
        conditions.any(&ways);
    }
    if let Some(client) = client {
        conditions.one("client = ?", client.0);
    }
    if let Some(kind) = kind {
        conditions.one("kind = ?", kind.to_string());
    }
    if let Some(before) = before {
        conditions.one("id < ?", before.0);
    }
    let limit = conditions.place(count_max as i64);
    let sql = format!(
        concat!("select ", job_columns!(), " from job{} order by id desc limit {}"),
        conditions.sql(),
        limit
    );
    db.all(&sql, params_from_iter(conditions.values()), job::read)
}

pub fn count_dead(db: &Db, count_max: usize) -> Result<i64, StoreError> {
    Ok(db.one(COUNT_DEAD, [count_max as i64], |row| row.get(0))?.unwrap_or(0))
}

/// Events of a ticket before `before`, newest first.
pub fn events_before(
    db: &Db,
    ticket: TicketId,
    before: Option<EventId>,
    count_max: usize,
) -> Result<Vec<event::Recorded>, StoreError> {
    let before = before.map_or(i64::MAX, |id| id.0);
    db.all(EVENTS_BEFORE, params![ticket.0, before, count_max as i64], event::read)
}

/// The event that opened a ticket.
pub fn opening(db: &Db, ticket: TicketId) -> Result<Option<event::Recorded>, StoreError> {
    db.one(FIRST_EVENT, [ticket.0], event::read)
}

/// What a live listener must know of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenEvent {
    pub seq: i64,
    pub client: ClientId,
    pub ticket: TicketId,
    pub kind: String,
}

pub fn seen_after(db: &Db, seq: i64, count_max: usize) -> Result<Vec<SeenEvent>, StoreError> {
    db.all(SEEN_AFTER, params![seq, count_max as i64], |row| {
        Ok(SeenEvent { seq: row.get(0)?, client: id(row, 1)?, ticket: id(row, 2)?, kind: row.get(3)? })
    })
}

/// A run without its facts and commands, which can be large.
#[derive(Debug, Clone, PartialEq)]
pub struct RunLine {
    pub id: RunId,
    pub client: ClientId,
    pub ticket: Option<TicketId>,
    pub pack_version: PackVersionId,
    pub handler: String,
    pub state: RunState,
    pub failure: Option<String>,
    pub operations: i64,
    pub micros: i64,
    pub at: Moment,
}

/// The latest runs on a ticket, newest first.
pub fn runs_of_ticket(db: &Db, ticket: TicketId, count_max: usize) -> Result<Vec<RunLine>, StoreError> {
    db.all(RUNS_OF_TICKET, params![ticket.0, count_max as i64], run_line)
}

/// The latest failed runs of a client's script.
pub fn runs_failed(db: &Db, client: ClientId, count_max: usize) -> Result<Vec<RunLine>, StoreError> {
    db.all(RUNS_FAILED, params![client.0, count_max as i64], run_line)
}

fn run_line(row: &Row<'_>) -> rusqlite::Result<RunLine> {
    Ok(RunLine {
        id: id(row, 0)?,
        client: id(row, 1)?,
        ticket: maybe_id(row, 2)?,
        pack_version: id(row, 3)?,
        handler: row.get(4)?,
        state: from_word(row, 5)?,
        failure: row.get(6)?,
        operations: row.get(7)?,
        micros: row.get(8)?,
        at: moment(row, 9)?,
    })
}

pub fn client_of_task(db: &Db, task: TaskId) -> Result<Option<ClientId>, StoreError> {
    Ok(db.one(CLIENT_OF_TASK, [task.0], |row| maybe_id(row, 0))?.flatten())
}

pub fn client_of_order(db: &Db, order: WorkOrderId) -> Result<Option<ClientId>, StoreError> {
    Ok(db.one(CLIENT_OF_ORDER, [order.0], |row| maybe_id(row, 0))?.flatten())
}

/// Clients whom the reader meets through work orders and tasks, beside those seen whole.
pub fn clients_met(db: &Db, scope: &Scope) -> Result<Vec<ClientId>, StoreError> {
    let mut met = Vec::new();
    if let Some(person) = scope.person()
        && !scope.own_orders().is_empty()
    {
        let clients: Vec<ClientId> = db.all(CLIENTS_OF_ENGINEER, [person.0], |row| id(row, 0))?;
        met.extend(clients.into_iter().filter(|client| scope.own_orders().contains(*client)));
    }
    if let Some(partner) = scope.partner() {
        let clients: Vec<ClientId> = db.all(CLIENTS_OF_PARTNER, [partner.0], |row| id(row, 0))?;
        met.extend(clients.into_iter().filter(|client| scope.passed().contains(*client)));
    }
    for own in scope.memberships() {
        match own.client {
            Some(client) => met.push(client),
            None => {
                met.extend(db.all(CLIENTS_OF_DEPARTMENT, [own.queue.as_str()], |row| id::<ClientId>(row, 0))?)
            }
        }
    }
    Ok(met)
}
