//! What would become of a person's open tickets if they were handed over now.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::{Ref, TicketRow};
use super::{ViewError, Views};
use crate::domain::assignment::MemberWanted;
use crate::domain::handover::{HandoverCause, HandoverRule};
use crate::domain::permission::Step;
use crate::domain::{Key, PersonId};
use crate::store;

/// Most tickets of one list.
const TICKETS_MAX: usize = 500;

/// One open ticket and where it would go.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HandoverLine {
    pub ticket: TicketRow,
    pub rule: HandoverRule,
    /// In which queue it would stand, or whose members are looked at; `null`: it stays.
    pub queue: Option<Key>,
    /// Who would get it as things stand now; `null` with `next_on_shift`: nobody suits, so that the queue is alarmed.
    pub taker: Option<Ref>,
}

impl Views {
    /// Of the person's open tickets, those that the reader may hand over: one's own, others' where one supervises.
    pub fn handover(&self, reader: PersonId, person: PersonId) -> Result<Vec<HandoverLine>, ViewError> {
        self.read(reader, |reading| {
            let step = if reader == person { Step::Assign } else { Step::Supervise };
            let mut lines = Vec::new();
            for id in store::ticket::carried_by(reading.db, person, TICKETS_MAX)? {
                let (listed, facts) = match reading.ticket(id) {
                    Ok(found) => found,
                    Err(ViewError::Refused(_)) => continue,
                    Err(error) => return Err(error),
                };
                if reading.access.may(step, &facts) {
                    lines.push(reading.handover_line(&listed, person)?);
                }
            }
            Ok(lines)
        })
    }
}

impl Reading<'_> {
    fn handover_line(
        &self,
        listed: &store::ticket_list::Listed,
        leaver: PersonId,
    ) -> Result<HandoverLine, ViewError> {
        let ticket = &listed.ticket;
        let pack = self.pack(ticket.pack_version)?;
        let settings = pack.as_ref().map(|pack| pack.handover.clone()).unwrap_or_default();
        let rule = settings.rule(HandoverCause::ByHand, ticket);
        let default = || pack.as_ref()?.default_queue().map(|queue| queue.key.clone());
        let queue = match rule {
            HandoverRule::Keep => None,
            _ => settings.queue.or_else(|| ticket.queue.clone()).or_else(default),
        };
        let taker = match (rule, queue.clone()) {
            (HandoverRule::NextOnShift, Some(queue)) => {
                let exclude = vec![leaver];
                let wanted = MemberWanted { only_on_shift: true, exclude, ..MemberWanted::of(queue) };
                self.chosen_member(ticket, wanted)?.map(|person| self.names.person_ref(person)).transpose()?
            }
            _ => None,
        };
        Ok(HandoverLine { ticket: self.row(listed)?, rule, queue, taker })
    }
}
