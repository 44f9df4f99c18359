//! Tasks to departments: opened, taken, finished with an outcome, cancelled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::apply::about;
use super::done::{DeskError, Done};
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::OpenTask;
use crate::domain::event::{Event, TaskOpened, Visibility};
use crate::domain::permission::{self, Step, TicketFacts};
use crate::domain::person::Actor;
use crate::domain::task::{OUTCOME_DONE, Task};
use crate::domain::{AttachmentId, Key, Refusal, TaskId};
use crate::store;

/// Most tasks of one ticket.
const TASKS_MAX: usize = 200;

pub(super) fn open(work: &mut Work<'_>, open: OpenTask) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(open.ticket, Step::OpenTask, None)?;
    let pack = work.pack_of(ticket.id)?;
    let queue = pack.require_queue("department", &open.department)?;
    let title = words::line("title", &open.title)?;
    let siblings = store::task::of_ticket(&work.tx, ticket.id)?;
    if siblings.len() >= TASKS_MAX {
        let (field, count) = ("tasks".to_owned(), siblings.len());
        return Err(Refusal::TooMany { field, count, count_max: TASKS_MAX }.into());
    }
    let partner = match &queue.partner {
        Some(key) => store::place::partner_by_key(&work.tx, key)?.map(|partner| partner.id),
        None => None,
    };
    let of_department = siblings.iter().filter(|task| task.department == open.department).count();
    let outcomes = if open.outcomes.is_empty() {
        queue.outcomes.iter().map(|outcome| outcome.key.clone()).collect()
    } else {
        open.outcomes
    };
    let task: TaskId = work.tx.id();
    let opened = TaskOpened {
        task,
        department: open.department,
        title: store::text::put(&work.tx, &title)?,
        due_at: open.due_at,
        outcomes,
        partner,
        fields: words::task_fields(work, &open.fields)?,
        ordinal: of_department as i64 + 1,
    };
    record(work, ticket.id, Event::TaskOpened(Box::new(opened)))?;
    Ok(about(ticket.id, Some(task.0)))
}

pub(super) fn take(work: &mut Work<'_>, id: TaskId) -> Result<Done, DeskError> {
    let task = open_task_for(work, id)?;
    let Actor::Person { person } = work.cause.actor else {
        return Err(Refusal::invalid("task", "only a person can take a task").into());
    };
    if task.taken_by != Some(person) {
        record(work, task.ticket, Event::TaskTaken { task: id, person })?;
    }
    Ok(about(task.ticket, Some(id.0)))
}

pub(super) fn finish(
    work: &mut Work<'_>,
    id: TaskId,
    outcome: Key,
    comment: Option<&str>,
    fields: &BTreeMap<Key, Value>,
    files: Vec<AttachmentId>,
) -> Result<Done, DeskError> {
    let task = open_task_for(work, id)?;
    words::maybe_text("comment", comment)?;
    if !task.allows(&outcome) {
        let allowed = if task.outcomes.is_empty() {
            vec![OUTCOME_DONE.to_owned()]
        } else {
            task.outcomes.iter().map(|key| key.as_str().to_owned()).collect()
        };
        return Err(Refusal::OutcomeNotAllowed { given: outcome.as_str().to_owned(), allowed }.into());
    }
    let comment = work.text(comment)?;
    let fields = words::task_fields(work, fields)?;
    words::bind_attachments(work, task.ticket, &files, Visibility::Internal)?;
    record(
        work,
        task.ticket,
        Event::TaskDone { task: id, department: task.department, outcome, comment, fields, files },
    )?;
    Ok(about(task.ticket, Some(id.0)))
}

pub(super) fn cancel(work: &mut Work<'_>, id: TaskId, reason: Option<&str>) -> Result<Done, DeskError> {
    let task = store::task::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("task", id))?;
    work.ticket_for(task.ticket, Step::OpenTask, None).map_err(|error| hide(error, id))?;
    if !task.is_open() {
        return Err(Refusal::TaskIsOver.into());
    }
    words::maybe_text("reason", reason)?;
    let reason = work.text(reason)?;
    record(work, task.ticket, Event::TaskCancelled { task: id, department: task.department, reason })?;
    Ok(about(task.ticket, Some(id.0)))
}

/// The open task, when the actor works for its department or partner.
fn open_task_for(work: &mut Work<'_>, id: TaskId) -> Result<Task, DeskError> {
    let task = store::task::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("task", id))?;
    let ticket = work.ticket_for(task.ticket, Step::SeeTicket, None).map_err(|error| hide(error, id))?;
    let facts = TicketFacts {
        client: Some(ticket.client),
        departments: BTreeSet::from([task.department.clone()]),
        partners: task.partner.into_iter().collect(),
        ..TicketFacts::default()
    };
    let access = work.access()?;
    permission::check(&work.cause.actor, access.as_deref(), Step::DoTask, None, &facts)?;
    if task.is_open() { Ok(task) } else { Err(Refusal::TaskIsOver.into()) }
}

/// A task of a ticket that cannot be seen does not exist either.
fn hide(error: DeskError, id: TaskId) -> DeskError {
    match error {
        DeskError::Refused(Refusal::NotFound { .. }) => Refusal::not_found("task", id).into(),
        other => other,
    }
}
