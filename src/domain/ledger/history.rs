//! The states that a ticket went through, one for each of its events.

use std::sync::Arc;

use super::{Entry, Policy};
use crate::domain::calendar::Calendar;
use crate::domain::event::Event;
use crate::domain::pack::{Pack, Phase, WaitsFor};
use crate::domain::ticket::Ticket;
use crate::domain::{EventId, Key, Moment, PersonId, TaskId, TicketId};

/// Whose time it is, before the calendar is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    Ours,
    Waiting(WaitsFor),
    Resolved,
    Closed,
}

/// The ticket after one event, as far as time is counted by it.
#[derive(Debug, Clone)]
pub struct State {
    pub at: Moment,
    pub event: EventId,
    pub base: Base,
    pub status: Key,
    pub queue: Option<Key>,
    pub person: Option<PersonId>,
    pub partner: Option<Key>,
    /// By which the ticket's clocks run.
    pub calendar: Arc<Calendar>,
    pub team: Arc<Calendar>,
}

impl State {
    /// Whether both are counted to the same, so that their time is one piece.
    pub fn is_like(&self, other: &State) -> bool {
        if self.base == Base::Closed {
            return other.base == Base::Closed;
        }
        self.base == other.base
            && self.status == other.status
            && self.queue == other.queue
            && self.person == other.person
            && self.partner == other.partner
            && Arc::ptr_eq(&self.calendar, &other.calendar)
            && Arc::ptr_eq(&self.team, &other.team)
    }
}

/// One state for each event, oldest first; none when the first event does not open a ticket.
pub fn history(ticket: TicketId, events: &[Entry<'_>], policy: Policy<'_>) -> Vec<State> {
    let mut states = Vec::with_capacity(events.len());
    let Some(first) = events.first() else { return states };
    let Some(mut ticket) = Ticket::opened(ticket, first.event, first.at) else { return states };
    let mut passed = Passed::default();
    for (index, entry) in events.iter().enumerate() {
        if index > 0 {
            ticket.apply(entry.event, entry.at);
        }
        passed.follow(entry.event, policy.pack);
        states.push(State {
            at: ticket.turned_at,
            event: entry.id,
            base: base(policy.pack, &ticket),
            status: ticket.status.clone(),
            queue: ticket.queue.clone(),
            person: ticket.assignee,
            partner: passed.partner(&ticket, policy.pack),
            calendar: policy.calendars.of(&ticket.terms),
            team: policy.calendars.of_team(ticket.queue.as_ref(), &ticket.terms),
        });
    }
    states
}

fn base(pack: &Pack, ticket: &Ticket) -> Base {
    if ticket.closed_at.is_some() {
        return Base::Closed;
    }
    match pack.status(&ticket.status) {
        Some(status) if matches!(status.phase, Phase::Resolved | Phase::Closed) => Base::Resolved,
        Some(status) => status.waits_for.map_or(Base::Ours, Base::Waiting),
        // A status of another version is told by its times.
        None if ticket.resolved_at.is_some() => Base::Resolved,
        None => Base::Ours,
    }
}

/// Open tasks of departments that are partner organisations, oldest first.
#[derive(Debug, Default)]
struct Passed(Vec<(TaskId, Key)>);

impl Passed {
    fn follow(&mut self, event: &Event, pack: &Pack) {
        match event {
            Event::TaskOpened(opened) => {
                let partner = pack.queue(&opened.department).and_then(|queue| queue.partner.clone());
                self.0.extend(partner.map(|partner| (opened.task, partner)));
            }
            Event::TaskDone { task, .. } | Event::TaskCancelled { task, .. } => {
                self.0.retain(|(open, _)| open != task);
            }
            _ => {}
        }
    }

    /// The partner in whose queue the ticket stands, else the one that has had a task of it for longest.
    fn partner(&self, ticket: &Ticket, pack: &Pack) -> Option<Key> {
        let of_queue = ticket.queue.as_ref().and_then(|queue| pack.queue(queue)?.partner.clone());
        of_queue.or_else(|| self.0.first().map(|(_, partner)| partner.clone()))
    }
}
