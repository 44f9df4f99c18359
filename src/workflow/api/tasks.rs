//! Tasks of a ticket and what they carry.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::fields::dynamic_of_field;
use super::ladders;
use super::people::person_or_nothing;
use super::reports::files_of;
use super::ticket::TicketRef;
use super::{Example, Index, Keys, Kind, Member, Param, Type};
use crate::domain::command::Command;
use crate::domain::task::{Task, TaskState};
use crate::domain::{TaskId, TicketId};
use crate::workflow::failure::Fault;
use crate::workflow::state::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskRef {
    pub ticket: TicketId,
    pub task: TaskId,
}

#[derive(Debug, Clone, Copy)]
pub struct TaskFieldsRef(TaskRef);

impl TaskRef {
    fn look<R>(&self, state: &State, part: impl FnOnce(&Task) -> R) -> Outcome<R> {
        let found =
            state.tasks(self.ticket, |tasks| tasks.iter().find(|task| task.id == self.task).map(part))?;
        found.ok_or_else(|| Fault::refused(&format!("there is no task {} of this ticket", self.task)))
    }
}

pub static TASK: Type = Type {
    name: "Task",
    doc: "What a ticket asks of a department.",
    id: TypeId::of::<TaskRef>,
    index: None,
    actions: &[
        ladders::TASK_EXPECT,
        ladders::TASK_EXPECT_BY,
        ladders::TASK_START,
        Member::method_with(
            "cancel",
            &[Param::new("reason", Kind::Text, "what the department is told")],
            0,
            Kind::Nothing,
            "Takes the task back; nothing happens to one that is over.",
            Example::on(
                "on_comment",
                "for task in ticket.tasks { task.cancel(\"The client no longer needs it\"); }",
            ),
            cancel,
        ),
    ],
    members: &[
        Member::get(
            "department",
            Kind::Key(Keys::Department),
            "Whom it is for.",
            Example::on(
                "on_task_done",
                "if task.department == \"commercial\" { ticket.status = \"in_work\"; }",
            ),
            |call| look(call, |task| task.department.to_string().into()),
        ),
        Member::get(
            "title",
            Kind::Text,
            "What is asked.",
            Example::on("on_task_done", "ticket.note(\"Asked: \" + task.title);"),
            |call| {
                let text = call.this::<TaskRef>()?.look(call.state(), |task| task.title)?;
                call.state().text(text).map(Dynamic::from)
            },
        ),
        Member::get(
            "outcome",
            Kind::Key(Keys::TaskOutcome),
            "What it ended with; `()` while it is open.",
            Example::on("on_task_done", "if task.outcome == \"approved\" { ticket.status = \"in_work\"; }"),
            |call| {
                look(call, |task| task.outcome.as_ref().map_or(Dynamic::UNIT, |key| key.to_string().into()))
            },
        ),
        Member::get(
            "outcomes",
            Kind::List(&Kind::Key(Keys::TaskOutcome)),
            "What it may end with.",
            Example::on("on_task_done", "ticket.note(\"It could end with \" + task.outcomes.join(\", \"));"),
            |call| look(call, |task| List::of(task.outcomes.iter().map(|key| key.to_string()))),
        ),
        Member::get(
            "comment",
            Kind::Text,
            "What was answered; empty without an answer.",
            Example::on("on_task_done", "ticket.note(\"Answered: \" + task.comment);"),
            |call| match call.this::<TaskRef>()?.look(call.state(), |task| task.comment)? {
                Some(text) => call.state().text(text).map(Dynamic::from),
                None => Ok("".into()),
            },
        ),
        Member::get(
            "open",
            Kind::Flag,
            "Whether it is still to be done.",
            Example::on("on_task_done", "if !task.open { ticket.status = \"in_work\"; }"),
            |call| look(call, |task| task.is_open().into()),
        ),
        Member::get(
            "cancelled",
            Kind::Flag,
            "Whether it was taken back.",
            Example::on("on_task_done", "if !task.cancelled { ticket.status = \"in_work\"; }"),
            |call| look(call, |task| (task.state == TaskState::Cancelled).into()),
        ),
        Member::get(
            "fields",
            Kind::Handle("TaskFields"),
            "What was sent along: `task.fields.part`.",
            Example::on("on_task_done", "ticket.note(\"It was about \" + task.fields.part);"),
            |call| Ok(Dynamic::from(TaskFieldsRef(call.this::<TaskRef>()?))),
        ),
        Member::get(
            "files",
            Kind::List(&Kind::Handle("File")),
            "Files that came back with the outcome.",
            Example::on("on_task_done", "ticket.note(`${task.files.len} files came with it`);"),
            |call| {
                let own = call.this::<TaskRef>()?;
                own.look(call.state(), |task| files_of(own.ticket, &task.files))
            },
        ),
        Member::get(
            "due",
            Kind::Moment,
            "Until when; `()` without a time.",
            Example::on("on_task_done", "ticket.note(`Wanted until ${task.due}`);"),
            |call| look(call, |task| task.due_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "opened_at",
            Kind::Moment,
            "When it was opened.",
            Example::on("on_task_done", "ticket.note(`Asked ${task.opened_at}`);"),
            |call| look(call, |task| Dynamic::from(task.opened_at)),
        ),
        Member::get(
            "finished_at",
            Kind::Moment,
            "When it ended; `()` while it is open.",
            Example::on("on_task_done", "ticket.note(`Answered ${task.finished_at}`);"),
            |call| look(call, |task| task.finished_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "taken_by",
            Kind::Handle("Person"),
            "Who took it; `()` when nobody.",
            Example::on("on_task_done", "if task.taken_by != () { ticket.watch(task.taken_by); }"),
            |call| look(call, |task| person_or_nothing(task.taken_by)),
        ),
        Member::get(
            "ticket",
            Kind::Handle("Ticket"),
            "Whose task it is.",
            Example::on("on_task_done", "ticket.note(\"Task of \" + task.ticket.key);"),
            |call| Ok(Dynamic::from(TicketRef(call.this::<TaskRef>()?.ticket))),
        ),
    ],
};

pub static TASK_FIELDS: Type = Type {
    name: "TaskFields",
    doc: "What was sent along with a task and what came back with its outcome.",
    id: TypeId::of::<TaskFieldsRef>,
    members: &[],
    actions: &[],
    index: Some(Index {
        doc: "A value by its key; `()` when it is not there.",
        example: Example::on(
            "on_task_done",
            "if task.fields.part != () { ticket.escalate(\"global_logistics\", #{ part: task.fields.part }); }",
        ),
        keys: Keys::Free,
        get: |call| {
            let (fields, key) = (call.this::<TaskFieldsRef>()?.0, call.text(1)?);
            let value = fields.look(call.state(), |task| task.fields.get(key.as_str()).cloned())?;
            value.map_or(Ok(Dynamic::UNIT), |value| dynamic_of_field(call.state(), &value))
        },
        set: None,
    }),
};

fn look(call: &Call<'_, '_, '_>, part: impl FnOnce(&Task) -> Dynamic) -> Answer {
    call.this::<TaskRef>()?.look(call.state(), part)
}

fn cancel(call: &mut Call<'_, '_, '_>) -> Answer {
    let own = call.this::<TaskRef>()?;
    let reason = if call.count() > 1 { Some(call.words(1)?) } else { None };
    if !own.look(call.state(), Task::is_open)? {
        return Ok(Dynamic::UNIT);
    }
    call.state().edit_tasks(own.ticket, |tasks| {
        if let Some(task) = tasks.iter_mut().find(|task| task.id == own.task) {
            task.state = TaskState::Cancelled;
        }
    })?;
    call.ask(Command::CancelTask { task: own.task, reason })
}
