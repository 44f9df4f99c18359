//! The clock of one target, as scripts read it.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call};
use super::ticket::TicketRef;
use super::{Example, Keys, Kind, Member, Param, Type};
use crate::domain::key::{did_you_mean, nearest};
use crate::domain::ledger::PieceKind;
use crate::domain::{Key, TicketId};
use crate::workflow::failure::Fault;

#[derive(Debug, Clone)]
struct SlaRef {
    ticket: TicketId,
    target: Key,
}

/// `ticket.sla(…)`.
pub fn clock_of(ticket: TicketId, target: Key) -> Dynamic {
    Dynamic::from(SlaRef { ticket, target })
}

/// All kinds of waiting together.
const WAITING: &str = "waiting";

/// What `minutes_in` takes.
#[must_use]
pub fn time_states() -> Vec<&'static str> {
    PieceKind::ALL.into_iter().map(PieceKind::as_str).chain([WAITING]).collect()
}

pub const MINUTES_IN: Member = Member::method(
    "minutes_in",
    &[Param::new(
        "state",
        Kind::Key(Keys::TimeState),
        "`working` (ours and the calendar open), `outside_calendar` (ours and closed), `waiting`, or one kind of it (`waiting_for_client`, `waiting_for_part`, `waiting_for_approval`, `waiting_for_third_party`), `resolved`",
    )],
    Kind::Number,
    "Minutes of its time so far that were spent so, as its SLA journal counts them by the version that runs. The run fails for a ticket that changed status, queue, assignee or tasks more than 2,000 times; comments and messages do not count.",
    Example::on(
        "on_comment",
        "if ticket.minutes_in(\"waiting\") < 60 { ticket.note(`${ticket.minutes_in(\"working\")} minutes of work`); }",
    ),
    minutes_in,
);

fn minutes_in(call: &mut Call<'_, '_, '_>) -> Answer {
    let (ticket, state) = (call.this::<TicketRef>()?.0, call.text(1)?);
    let is_waiting = |kind: &PieceKind| kind.as_str().starts_with("waiting_for_");
    let kinds: Vec<PieceKind> = match state.as_str() {
        WAITING => PieceKind::ALL.into_iter().filter(is_waiting).collect(),
        other => PieceKind::ALL.into_iter().filter(|kind| kind.as_str() == other).collect(),
    };
    if kinds.is_empty() {
        let near = did_you_mean(nearest(&state, time_states()));
        let known = time_states().join(", ");
        return Err(Fault::refused(&format!("`{state}` is no state of time{near}; known: {known}")));
    }
    call.state().minutes(ticket, &kinds).map(Dynamic::from)
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
