//! Tasks and work orders: lists and steps.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::ticket_steps::Nothing;
use crate::commands::Done;
use crate::domain::command::{AdvanceWorkOrder, Command, HandInReport, JudgeReport, PaperGiven};
use crate::domain::report::{ReportState, ReportVerdict};
use crate::domain::task::TaskState;
use crate::domain::work_order::{PartNeeded, Stage};
use crate::domain::{AttachmentId, ClientId, Key, Moment, PersonId, Refusal, TaskId, WorkOrderId};
use crate::views::list::{Limit, List};
use crate::views::work::{OrderQuery, TaskLine, TaskQuery, WorkOrderLine};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaskListQuery {
    /// `open` when absent.
    pub state: Option<TaskState>,
    pub client: Option<ClientId>,
    pub department: Option<Key>,
    /// Only those of the departments that the reader is a member of.
    pub mine: Option<bool>,
    /// Only those that the reader took.
    pub taken_by_me: Option<bool>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

pub async fn tasks(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<TaskListQuery>,
) -> Answer<List<TaskLine>> {
    let limit = Limit::new(query.limit)?;
    let query = TaskQuery {
        state: Some(query.state.unwrap_or(TaskState::Open)),
        client: query.client,
        department: query.department,
        taken_by_me: query.taken_by_me,
        mine: query.mine,
        cursor: query.cursor,
    };
    app.show(&caller, move |views, person| views.tasks(person, &query, limit)).await
}

pub async fn task(State(app): State<App>, caller: Caller, At(id): At<TaskId>) -> Answer<TaskLine> {
    app.show(&caller, move |views, person| views.task(person, id)).await
}

pub async fn take_task(
    State(app): State<App>,
    caller: Caller,
    At(task): At<TaskId>,
    body: Body<Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::TakeTask { task }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishTask {
    /// One of the task's outcomes.
    pub outcome: Key,
    #[serde(default)]
    pub comment: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub fields: BTreeMap<Key, Value>,
    /// Uploads of the caller that come back with it.
    #[serde(default)]
    pub attachments: Vec<AttachmentId>,
}

pub async fn finish_task(
    State(app): State<App>,
    caller: Caller,
    At(task): At<TaskId>,
    body: Body<FinishTask>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::FinishTask {
        task,
        outcome: given.outcome,
        comment: given.comment,
        fields: given.fields,
        attachments: given.attachments,
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelTask {
    #[serde(default)]
    pub reason: Option<String>,
}

pub async fn cancel_task(
    State(app): State<App>,
    caller: Caller,
    At(task): At<TaskId>,
    body: Body<CancelTask>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::CancelTask { task, reason: given.reason }).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrderListQuery {
    /// `true` when absent and no `report` is asked for.
    pub is_open: Option<bool>,
    /// Only those whose report is in this state, such as `handed_in`.
    pub report: Option<ReportState>,
    /// A person's id or `me`.
    pub engineer: Option<String>,
    pub client: Option<ClientId>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

pub async fn work_orders(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<OrderListQuery>,
) -> Answer<List<WorkOrderLine>> {
    let limit = Limit::new(query.limit)?;
    let engineer = match query.engineer.as_deref() {
        Some("me") => Some(caller.person),
        Some(id) => {
            let id: Result<PersonId, _> = id.parse();
            Some(id.map_err(|error| Refusal::invalid("engineer", error.to_string()))?)
        }
        None => None,
    };
    let query = OrderQuery {
        is_open: query.is_open.or(query.report.is_none().then_some(true)),
        report: query.report,
        client: query.client,
        engineer,
        cursor: query.cursor,
    };
    app.show(&caller, move |views, person| views.work_orders(person, &query, limit)).await
}

pub async fn work_order(
    State(app): State<App>,
    caller: Caller,
    At(id): At<WorkOrderId>,
) -> Answer<WorkOrderLine> {
    app.show(&caller, move |views, person| views.work_order(person, id)).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    pub stage: Stage,
    /// Needed for `refused` and `could_not`.
    #[serde(default)]
    pub outcome: Option<Key>,
    #[serde(default)]
    pub comment: Option<String>,
    #[serde(default)]
    pub parts_needed: Vec<PartNeeded>,
    /// With `accepted`: when the engineer means to arrive.
    #[serde(default)]
    pub planned_at: Option<Moment>,
}

pub async fn advance(
    State(app): State<App>,
    caller: Caller,
    At(order): At<WorkOrderId>,
    body: Body<Advance>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        Command::AdvanceWorkOrder(Box::new(AdvanceWorkOrder {
            order,
            stage: given.stage,
            outcome: given.outcome,
            comment: given.comment,
            parts_needed: given.parts_needed,
            planned_at: given.planned_at,
        }))
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendOrderNote {
    pub text: String,
    /// Files of the ticket, or uploads of the caller.
    #[serde(default)]
    pub attachments: Vec<AttachmentId>,
}

pub async fn send_note(
    State(app): State<App>,
    caller: Caller,
    At(order): At<WorkOrderId>,
    body: Body<SendOrderNote>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::SendOrderNote {
        order,
        text: given.text,
        attachments: given.attachments,
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandIn {
    pub papers: Vec<PaperGiven>,
    #[serde(default)]
    pub comment: Option<String>,
}

pub async fn hand_in_report(
    State(app): State<App>,
    caller: Caller,
    At(order): At<WorkOrderId>,
    body: Body<HandIn>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let HandIn { papers, comment } = given;
        Command::HandInReport(Box::new(HandInReport { order, papers, comment }))
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Judge {
    /// The report that was looked at; without it, the last.
    #[serde(default)]
    pub number: Option<i64>,
    pub verdict: ReportVerdict,
    /// Needed unless it is accepted: what is wrong, or why the ticket goes on without it.
    #[serde(default)]
    pub defects: Option<String>,
}

pub async fn judge_report(
    State(app): State<App>,
    caller: Caller,
    At(order): At<WorkOrderId>,
    body: Body<Judge>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let Judge { number, verdict, defects } = given;
        Command::JudgeReport(Box::new(JudgeReport { order, number, verdict, defects }))
    })
    .await
}
