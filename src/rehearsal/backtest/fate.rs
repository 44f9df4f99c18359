//! What became of a ticket: what two runs are compared by.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::event::{Event, Visibility};
use crate::domain::person::Actor;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, PersonId};

/// A target is missed when all of it is used.
const MISSED_PERCENT: i64 = 100;

/// A ticket's way through the window and where it stood at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fate {
    pub queue: Option<Key>,
    pub assignee: Option<PersonId>,
    pub status: Option<Key>,
    pub category: Option<Key>,
    /// 1 is the most pressing.
    pub priority: i64,
    pub resolution: Option<Key>,
    /// The queues that it came into, in order.
    pub queues: Vec<Key>,
    /// Who was given it, in order.
    pub assignees: Vec<PersonId>,
    /// Targets that were missed.
    pub missed: BTreeSet<Key>,
    /// Tasks that were opened, by department.
    #[schema(value_type = BTreeMap<String, usize>)]
    pub tasks: BTreeMap<Key, usize>,
    /// Work orders that were opened, by engineer.
    pub orders: BTreeMap<String, usize>,
    /// Messages to people and public words of the script.
    pub messages: usize,
    /// Messages beyond the budget, which waited for a person.
    pub held: usize,
    /// Calls of plugins.
    pub calls: usize,
    pub script_errors: usize,
}

impl Fate {
    /// Takes up one step of the window.
    pub(super) fn follow(&mut self, event: &Event, actor: &Actor) {
        match event {
            Event::TicketOpened(opened) => self.queues.extend(opened.queue.clone()),
            Event::TicketQueued { to, .. } => self.queues.push(to.clone()),
            Event::TicketAssigned { person, .. } => self.assignees.push(*person),
            Event::SlaReached { target, percent, .. } if *percent >= MISSED_PERCENT => {
                self.missed.insert(target.clone());
            }
            Event::TaskOpened(opened) => *self.tasks.entry(opened.department.clone()).or_default() += 1,
            Event::WorkOrderOpened(opened) => {
                *self.orders.entry(opened.engineer.to_string()).or_default() += 1;
            }
            Event::PersonNotified { .. } => self.messages += 1,
            Event::CommentAdded { visibility: Visibility::Public, .. }
                if matches!(actor, Actor::Script { .. }) =>
            {
                self.messages += 1;
            }
            Event::MessageHeld { .. } => self.held += 1,
            Event::PluginCalled { .. } => self.calls += 1,
            Event::ScriptFailed { .. } => self.script_errors += 1,
            _ => {}
        }
    }

    /// Where the ticket stands at the end.
    pub(super) fn end(&mut self, ticket: &Ticket) {
        self.queue.clone_from(&ticket.queue);
        self.assignee = ticket.assignee;
        self.status = Some(ticket.status.clone());
        self.category.clone_from(&ticket.category);
        self.priority = ticket.priority;
        self.resolution.clone_from(&ticket.resolution);
    }

    /// Whether both went through the same hands.
    pub(super) fn went_as(&self, other: &Fate) -> bool {
        self.queue == other.queue
            && self.assignee == other.assignee
            && self.queues == other.queues
            && self.assignees == other.assignees
    }
}
