//! The clock of one target, as scripts read it.

use std::any::TypeId;

use rhai::Dynamic;

use super::{Example, Kind, Member, Type};
use crate::domain::{Key, TicketId};

#[derive(Debug, Clone)]
struct SlaRef {
    ticket: TicketId,
    target: Key,
}

/// `ticket.sla(…)`.
pub fn clock_of(ticket: TicketId, target: Key) -> Dynamic {
    Dynamic::from(SlaRef { ticket, target })
}

pub static SLA: Type = Type {
    name: "Sla",
    doc: "The clock of one target of a ticket.",
    id: TypeId::of::<SlaRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "due",
            Kind::Moment,
            "When it runs out; `()` while it stands still or without a target.",
            Example::opened("ticket.dispatch(#{ due: ticket.sla(\"resolution\").due });"),
            |call| {
                let clock = call.this::<SlaRef>()?;
                let state = call.state();
                let calendar = state.calendar_of(clock.ticket)?;
                let due = state.sla(clock.ticket, |clocks| {
                    clocks.iter().find(|one| one.target == clock.target).and_then(|one| one.due_at(&calendar))
                })?;
                Ok(due.map_or(Dynamic::UNIT, Dynamic::from))
            },
        ),
        Member::get(
            "percent_used",
            Kind::Number,
            "How much of its time is gone; 0 without a target.",
            Example::on(
                "on_comment",
                "if ticket.sla(\"resolution\").percent_used < 80 { ticket.note(\"There is time\"); }",
            ),
            |call| {
                let clock = call.this::<SlaRef>()?;
                let (state, now) = (call.state(), call.state().now()?);
                let calendar = state.calendar_of(clock.ticket)?;
                let used = state.sla(clock.ticket, |clocks| {
                    let own = clocks.iter().find(|one| one.target == clock.target)?;
                    Some(own.used_at(&calendar, now).ms().saturating_mul(100) / own.limit.ms().max(1))
                })?;
                Ok(used.unwrap_or(0).into())
            },
        ),
    ],
};
