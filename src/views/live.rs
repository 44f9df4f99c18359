//! What a live listener may hear: events after a number, and whether one change is for this person.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::event::Event;
use crate::domain::permission::Reach;
use crate::domain::{ClientId, PersonId, TicketId};
use crate::store;

/// Events that a listener is told after being away; with more it reads everything anew.
pub const MISSED_MAX: usize = 1_000;

/// One message to a live listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeLine {
    /// Of the event; 0 when it was none of a ticket.
    pub seq: i64,
    pub client: Option<ClientId>,
    pub ticket: Option<TicketId>,
    /// The event's name, or `client`, `person`, `place`, `pack`, `shadow`, `hold`, `plugin`, `job`, `due`, `notification`.
    pub kind: String,
}

/// What was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    Changes(Vec<ChangeLine>),
    /// Too much to tell.
    TooMuch,
}

impl Views {
    pub fn missed(&self, person: PersonId, after: i64) -> Result<Missed, ViewError> {
        self.read(person, |reading| {
            let events = store::work_list::seen_after(reading.db, after, MISSED_MAX + 1)?;
            if events.len() > MISSED_MAX {
                return Ok(Missed::TooMuch);
            }
            let mut changes = Vec::new();
            for event in events {
                let change = ChangeLine {
                    seq: event.seq,
                    client: Some(event.client),
                    ticket: Some(event.ticket),
                    kind: event.kind,
                };
                if reading.hears(&change)? {
                    changes.push(change);
                }
            }
            Ok(Missed::Changes(changes))
        })
    }

    /// Of `changes`, those that the person may hear of.
    pub fn heard(&self, person: PersonId, changes: Vec<ChangeLine>) -> Result<Vec<ChangeLine>, ViewError> {
        self.read(person, |reading| {
            let mut heard = Vec::new();
            for change in changes {
                if reading.hears(&change)? {
                    heard.push(change);
                }
            }
            Ok(heard)
        })
    }
}

impl Reading<'_> {
    fn hears(&self, change: &ChangeLine) -> Result<bool, ViewError> {
        let inside = self.sees_internals();
        match (change.ticket, change.client) {
            (Some(ticket), Some(client)) if inside => {
                Ok(self.scope.clients().contains(client) || self.sees(ticket)?)
            }
            (Some(ticket), Some(client)) => {
                let may_reach = self.scope.clients().contains(client) || self.scope.partner().is_some();
                Ok(may_reach && self.sees(ticket)? && self.is_shown(change.seq)?)
            }
            (Some(ticket), None) => self.sees(ticket),
            (None, Some(client)) => {
                let is_open = inside || OUTSIDERS_HEAR.contains(&change.kind.as_str());
                // These changes do not say of which sub-client the record is.
                Ok(is_open && self.scope.reaches(client, None))
            }
            (None, None) => Ok(inside || *self.scope.administers() == Reach::All),
        }
    }

    /// Whether the ticket's page shows who is not of the staff what the event did: in the story, or as a task of
    /// the reader's organisation.
    fn is_shown(&self, seq: i64) -> Result<bool, ViewError> {
        let found = store::event::after_seq(self.db, seq - 1, 1)?.into_iter().find(|event| event.seq == seq);
        let Some(recorded) = found else { return Ok(false) };
        let task = match &recorded.event {
            Event::TaskOpened(opened) => Some(opened.task),
            Event::TaskTaken { task, .. }
            | Event::TaskDone { task, .. }
            | Event::TaskCancelled { task, .. } => Some(*task),
            _ => None,
        };
        let task = task.map_or(Ok(None), |task| store::task::get(self.db, task))?;
        Ok(self.sees_event(&recorded) || task.is_some_and(|task| self.sees_task(&task)))
    }
}

/// Kinds of changes of a client's records that its own people hear of.
const OUTSIDERS_HEAR: [&str; 2] = ["client", "place"];
