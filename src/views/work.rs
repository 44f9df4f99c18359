//! Tasks of departments and partners, and work orders of engineers.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::attachment::AttachmentLine;
use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::report::ReportLine;
use super::ticket_list::COUNTED_MAX;
use super::ticket_row::{AssetRef, Ref, SiteRef};
use super::{ViewError, Views};
use crate::domain::report::{OrderReport, ReportState};
use crate::domain::task::{Task, TaskState};
use crate::domain::ticket::{FieldValue, Ticket};
use crate::domain::work_order::{PartNeeded, Stage, WorkOrder};
use crate::domain::{ClientId, Key, Moment, PersonId, Refusal, TaskId, TicketId, WorkOrderId};
use crate::store;
use crate::store::work_list::{OrderFilter, TaskFilter};

/// The value of a custom field, with the words of a text.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum ShownValue {
    Flag(bool),
    Number(f64),
    Choice(Key),
    Moment(Moment),
    /// `null`: erased.
    Text(Option<String>),
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TaskLine {
    pub id: TaskId,
    pub ticket: TicketId,
    /// The ticket's, such as `BANK-1042`.
    pub number: String,
    pub client: ClientId,
    pub ticket_subject: Option<String>,
    pub department: Key,
    pub title: Option<String>,
    pub due_at: Option<Moment>,
    /// What it may end with.
    pub outcomes: Vec<Key>,
    pub partner: Option<Ref>,
    pub fields: BTreeMap<Key, ShownValue>,
    pub state: TaskState,
    pub opened_at: Moment,
    pub taken_by: Option<Ref>,
    pub finished_at: Option<Moment>,
    pub outcome: Option<Key>,
    pub comment: Option<String>,
    /// Files that came back with the outcome.
    pub files: Vec<AttachmentLine>,
    pub ordinal: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WorkOrderLine {
    pub id: WorkOrderId,
    pub ticket: TicketId,
    pub number: String,
    pub client: ClientId,
    pub ticket_subject: Option<String>,
    pub site: Option<SiteRef>,
    pub asset: Option<AssetRef>,
    pub engineer: Ref,
    pub stage: Stage,
    /// The stages that may follow.
    pub next_stages: Vec<Stage>,
    pub note: Option<String>,
    pub due_at: Option<Moment>,
    pub planned_at: Option<Moment>,
    pub opened_at: Moment,
    pub arrived_at: Option<Moment>,
    pub finished_at: Option<Moment>,
    pub outcome: Option<Key>,
    pub comment: Option<String>,
    pub parts_needed: Vec<PartNeeded>,
    pub ordinal: i64,
    /// What its report must hold and how far it is.
    pub report: OrderReport,
    /// What was handed in, the first one first.
    pub reports: Vec<ReportLine>,
}

/// Which tasks somebody wants to see.
#[derive(Debug, Clone, Default)]
pub struct TaskQuery {
    pub state: Option<TaskState>,
    pub client: Option<ClientId>,
    pub department: Option<Key>,
    /// Only those that the reader took.
    pub taken_by_me: Option<bool>,
    /// Only those of the departments that the reader is a member of.
    pub mine: Option<bool>,
    pub cursor: Option<String>,
}

/// Which work orders somebody wants to see.
#[derive(Debug, Clone, Default)]
pub struct OrderQuery {
    pub is_open: Option<bool>,
    pub client: Option<ClientId>,
    pub engineer: Option<PersonId>,
    /// Only those whose report is in this state.
    pub report: Option<ReportState>,
    pub cursor: Option<String>,
}

impl Views {
    pub fn tasks(
        &self,
        person: PersonId,
        query: &TaskQuery,
        limit: Limit,
    ) -> Result<List<TaskLine>, ViewError> {
        self.read(person, |reading| {
            let mine = query.mine == Some(true) && reading.scope.partner().is_none();
            let filter = TaskFilter {
                state: query.state,
                client: query.client,
                department: query.department.clone(),
                taken_by: query.taken_by_me.filter(|only| *only).map(|_| person),
                departments: mine.then(|| reading.access.memberships.iter().cloned().collect()),
                after: decode(query.cursor.as_deref())?.map(TaskId),
            };
            let tasks = store::work_list::tasks(reading.db, reading.scope, &filter, limit.and_one())?;
            List::cut(tasks, limit, |task| task.id.0).try_map(|task| reading.task(task))
        })
    }

    pub fn task(&self, person: PersonId, id: TaskId) -> Result<TaskLine, ViewError> {
        self.read(person, |reading| {
            let missing = || Refusal::not_found("task", id);
            let task = store::task::get(reading.db, id)?.ok_or_else(missing)?;
            if !reading.sees(task.ticket)? || !reading.sees_task(&task) {
                return Err(missing().into());
            }
            reading.task(task)
        })
    }

    pub fn work_orders(
        &self,
        person: PersonId,
        query: &OrderQuery,
        limit: Limit,
    ) -> Result<List<WorkOrderLine>, ViewError> {
        self.read(person, |reading| {
            let filter = OrderFilter {
                is_open: query.is_open,
                client: query.client,
                engineer: query.engineer,
                report: query.report,
                before: decode(query.cursor.as_deref())?.map(WorkOrderId),
            };
            let orders = store::work_list::orders(reading.db, reading.scope, &filter, limit.and_one())?;
            List::cut(orders, limit, |order| order.id.0).try_map(|order| reading.order(order))
        })
    }

    pub fn work_order(&self, person: PersonId, id: WorkOrderId) -> Result<WorkOrderLine, ViewError> {
        self.read(person, |reading| {
            let missing = || Refusal::not_found("work order", id);
            let order = store::work_order::get(reading.db, id)?.ok_or_else(missing)?;
            if !reading.sees(order.ticket)? || !reading.sees_internals() {
                return Err(missing().into());
            }
            reading.order(order)
        })
    }
}

impl Reading<'_> {
    /// Staff sees every task of a ticket; a partner those that were passed to it; a client none.
    pub(super) fn sees_task(&self, task: &Task) -> bool {
        self.sees_internals() || (task.partner.is_some() && task.partner == self.scope.partner())
    }

    pub(super) fn task(&self, task: Task) -> Result<TaskLine, ViewError> {
        let (ticket, number, ticket_subject) = self.head(task.ticket)?;
        let done = || Key::new(crate::domain::task::OUTCOME_DONE).expect("`done` is a key");
        Ok(TaskLine {
            id: task.id,
            ticket: task.ticket,
            number,
            client: ticket.client,
            ticket_subject,
            department: task.department,
            title: self.names.text(task.title)?,
            due_at: task.due_at,
            outcomes: if task.outcomes.is_empty() { vec![done()] } else { task.outcomes },
            partner: match task.partner {
                Some(id) => store::place::partner(self.db, id)?
                    .map(|partner| Ref { id: id.to_string(), name: partner.name }),
                None => None,
            },
            fields: self.fields(&task.fields)?,
            state: task.state,
            opened_at: task.opened_at,
            taken_by: task.taken_by.map(|id| self.names.person_ref(id)).transpose()?,
            finished_at: task.finished_at,
            outcome: task.outcome,
            comment: self.names.maybe_text(task.comment)?,
            files: self.files(&task.files)?,
            ordinal: task.ordinal,
        })
    }

    pub(super) fn order(&self, order: WorkOrder) -> Result<WorkOrderLine, ViewError> {
        let (ticket, number, ticket_subject) = self.head(order.ticket)?;
        Ok(WorkOrderLine {
            reports: self.reports(&order)?,
            id: order.id,
            ticket: order.ticket,
            number,
            client: ticket.client,
            ticket_subject,
            site: ticket.site.map_or(Ok(None), |id| self.names.site(id))?,
            asset: ticket.asset.map_or(Ok(None), |id| self.names.asset(id))?,
            engineer: self.names.person_ref(order.engineer)?,
            stage: order.stage,
            next_stages: order.stage.next().to_vec(),
            note: self.names.maybe_text(order.note)?,
            due_at: order.due_at,
            planned_at: order.planned_at,
            opened_at: order.opened_at,
            arrived_at: order.arrived_at,
            finished_at: order.finished_at,
            outcome: order.outcome,
            comment: self.names.maybe_text(order.comment)?,
            parts_needed: order.parts_needed,
            ordinal: order.ordinal,
            report: order.report,
        })
    }

    pub(super) fn fields(
        &self,
        fields: &BTreeMap<Key, FieldValue>,
    ) -> Result<BTreeMap<Key, ShownValue>, ViewError> {
        let mut shown = BTreeMap::new();
        for (key, value) in fields {
            let value = match value {
                FieldValue::Flag(flag) => ShownValue::Flag(*flag),
                FieldValue::Number(number) => ShownValue::Number(*number),
                FieldValue::Choice(choice) => ShownValue::Choice(choice.clone()),
                FieldValue::Moment(moment) => ShownValue::Moment(*moment),
                FieldValue::Text(text) => ShownValue::Text(self.names.text(*text)?),
            };
            shown.insert(key.clone(), value);
        }
        Ok(shown)
    }

    /// Open tasks of the reader's departments or organisation.
    pub(super) fn count_tasks(&self) -> Result<i64, ViewError> {
        let departments = match self.scope.partner() {
            Some(_) => None,
            None => Some(self.access.memberships.iter().cloned().collect()),
        };
        let filter = TaskFilter { state: Some(TaskState::Open), departments, ..TaskFilter::default() };
        let tasks = store::work_list::tasks(self.db, self.scope, &filter, COUNTED_MAX)?;
        Ok(i64::try_from(tasks.len()).unwrap_or(i64::MAX))
    }

    /// The reader's own open work orders.
    pub(super) fn count_orders(&self) -> Result<i64, ViewError> {
        let engineer = Some(self.access.person);
        let filter = OrderFilter { is_open: Some(true), engineer, ..OrderFilter::default() };
        let orders = store::work_list::orders(self.db, self.scope, &filter, COUNTED_MAX)?;
        Ok(i64::try_from(orders.len()).unwrap_or(i64::MAX))
    }

    fn head(&self, id: TicketId) -> Result<(Ticket, String, Option<String>), ViewError> {
        let missing = || Refusal::not_found("ticket", id);
        let ticket = store::ticket::get(self.db, id)?.ok_or_else(missing)?;
        let number = self.names.ticket(id)?.map(|line| line.number).unwrap_or_default();
        let subject = self.names.text(ticket.subject)?;
        Ok((ticket, number, subject))
    }
}
