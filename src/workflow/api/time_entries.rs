//! Time that people say to have worked on a ticket.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::people::person_or_nothing;
use super::{Example, Kind, Member, Type, ticket};
use crate::domain::time_entry::TimeEntry;
use crate::domain::{TicketId, TimeEntryId};
use crate::workflow::failure::Fault;
use crate::workflow::state::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeEntryRef {
    ticket: TicketId,
    entry: TimeEntryId,
}

impl TimeEntryRef {
    fn look<R>(&self, state: &State, part: impl FnOnce(&TimeEntry) -> R) -> Outcome<R> {
        let found = state.time_entries(self.ticket, |entries| {
            entries.iter().find(|entry| entry.id == self.entry).map(part)
        })?;
        found.ok_or_else(|| Fault::refused(&format!("there is no time entry {} of this ticket", self.entry)))
    }
}

pub static TIME_ENTRY: Type = Type {
    name: "TimeEntry",
    doc: "Work that somebody recorded on a ticket.",
    id: TypeId::of::<TimeEntryRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "person",
            Kind::Handle("Person"),
            "Who worked.",
            Example::on(
                "on_closed",
                "for entry in ticket.time_entries { ticket.note(entry.person.name + \" has worked on it\"); }",
            ),
            |call| look(call, |entry| person_or_nothing(Some(entry.person))),
        ),
        Member::get(
            "began_at",
            Kind::Moment,
            "When the work began.",
            Example::on(
                "on_closed",
                "for entry in ticket.time_entries { ticket.note(`From ${entry.began_at}`); }",
            ),
            |call| look(call, |entry| Dynamic::from(entry.began_at)),
        ),
        Member::get(
            "minutes",
            Kind::Number,
            "How long it lasted, as the pack rounds it.",
            Example::on(
                "on_closed",
                "for entry in ticket.time_entries { ticket.note(`${entry.minutes} minutes`); }",
            ),
            |call| look(call, |entry| entry.minutes.into()),
        ),
        Member::get(
            "kind",
            Kind::Text,
            "Its kind: a key of `time.kinds`; `()` without one.",
            Example::on(
                "on_closed",
                "for entry in ticket.time_entries { ticket.note(`Kind of work: ${entry.kind}`); }",
            ),
            |call| {
                look(call, |entry| entry.kind.as_ref().map_or(Dynamic::UNIT, |key| key.to_string().into()))
            },
        ),
        Member::get(
            "note",
            Kind::Text,
            "What was done; empty when nothing was written.",
            Example::on(
                "on_closed",
                "for entry in ticket.time_entries { ticket.note(\"Done: \" + entry.note); }",
            ),
            |call| match call.this::<TimeEntryRef>()?.look(call.state(), |entry| entry.note)? {
                Some(text) => call.state().text(text).map(Dynamic::from),
                None => Ok("".into()),
            },
        ),
    ],
};

fn look(call: &Call<'_, '_, '_>, part: impl FnOnce(&TimeEntry) -> Dynamic) -> Answer {
    call.this::<TimeEntryRef>()?.look(call.state(), part)
}

/// `ticket.time_entries`.
pub fn of_ticket(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = ticket::own(call)?.0;
    call.state().time_entries(ticket, |entries| {
        List::of(entries.iter().map(|entry| TimeEntryRef { ticket, entry: entry.id }))
    })
}

/// `ticket.minutes_spent`.
pub fn minutes_spent(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = ticket::own(call)?.0;
    call.state().time_entries(ticket, |entries| entries.iter().map(|entry| entry.minutes).sum::<i64>().into())
}
