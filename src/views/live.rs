//! What a live listener may hear: events after a number, and whether one change is for this person.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::{ViewError, Views};
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
    /// The event's name, or `client`, `person`, `place`, `pack`, `plugin`, `job`, `due`, `notification`.
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
            (Some(ticket), Some(client)) => {
                let is_heard = inside || CLIENT_HEARS.contains(&change.kind.as_str());
                if inside && self.scope.clients().contains(client) {
                    return Ok(true);
                }
                Ok((is_heard || self.scope.partner().is_some()) && self.sees(ticket)?)
            }
            (Some(ticket), None) => self.sees(ticket),
            (None, Some(client)) => Ok(self.scope.clients().contains(client)),
            (None, None) => Ok(inside || *self.scope.administers() == Reach::All),
        }
    }
}

/// Kinds of changes of a ticket that a client's person hears of; a comment may turn out to be internal, and then
/// reading again shows nothing new.
const CLIENT_HEARS: [&str; 9] = [
    "ticket_opened",
    "status_changed",
    "subject_changed",
    "category_changed",
    "priority_changed",
    "comment_added",
    "ticket_resolved",
    "ticket_closed",
    "ticket_reopened",
];
