//! A task: what a ticket asks of a department, with a due time and an outcome.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ticket::FieldValue;
use super::{AttachmentId, Key, Moment, PartnerId, PersonId, TaskId, TextId, TicketId};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Task {
    pub id: TaskId,
    pub ticket: TicketId,
    /// A department of the client's pack.
    pub department: Key,
    pub title: TextId,
    pub due_at: Option<Moment>,
    /// What it may end with; empty: `done` only.
    pub outcomes: Vec<Key>,
    /// The partner organisation that the department is, when it is one.
    pub partner: Option<PartnerId>,
    pub fields: BTreeMap<Key, FieldValue>,
    pub state: TaskState,
    pub opened_at: Moment,
    pub taken_by: Option<PersonId>,
    pub finished_at: Option<Moment>,
    pub outcome: Option<Key>,
    pub comment: Option<TextId>,
    /// Files that came back with the outcome.
    #[serde(default)]
    pub files: Vec<AttachmentId>,
    /// The n-th task of this department on its ticket, from 1; a rehearsal matches tasks by it.
    pub ordinal: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Open,
    Done,
    Cancelled,
}

/// The outcome of a task whose author named none.
pub const OUTCOME_DONE: &str = "done";

impl Task {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == TaskState::Open
    }

    /// Whether the task may end with `outcome`.
    #[must_use]
    pub fn allows(&self, outcome: &Key) -> bool {
        if self.outcomes.is_empty() { *outcome == OUTCOME_DONE } else { self.outcomes.contains(outcome) }
    }
}
