//! Calendars as scripts ask them: whether open, how long open, when so much open time is over.

use std::any::TypeId;
use std::sync::Arc;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::places::ClientRef;
use super::ticket::TicketRef;
use super::{Example, Kind, Member, Param, Type};
use crate::domain::calendar::Calendar;
use crate::domain::{Moment, Span};
use crate::workflow::failure::Fault;
use crate::workflow::limits::WORKING_DAYS_MAX;

/// A calendar that was looked up already.
#[derive(Debug, Clone)]
pub struct CalendarRef(Arc<Calendar>);

/// The client's default calendar.
pub fn of_client(call: &mut Call<'_, '_, '_>) -> Answer {
    call.this::<ClientRef>()?;
    Ok(Dynamic::from(CalendarRef(Arc::clone(call.state().calendars.usual()))))
}

/// The calendar by which the ticket's clocks run.
pub fn of_ticket(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = call.this::<TicketRef>()?.0;
    Ok(Dynamic::from(CalendarRef(call.state().calendar_of(ticket)?)))
}

const AT: Param = Param::new("at", Kind::Moment, "");

pub static CALENDAR: Type = Type {
    name: "Calendar",
    doc: "A calendar of the pack, with its zone, exceptions and holidays.",
    id: TypeId::of::<CalendarRef>,
    index: None,
    actions: &[],
    members: &[
        Member::method(
            "is_open",
            &[AT],
            Kind::Flag,
            "Whether it is open then.",
            Example::opened(
                "if ticket.calendar.is_open(now()) { ticket.queue(\"dispatchers\", #{ alarm: true }); }",
            ),
            |call| {
                let at = moment(call, 1)?;
                Ok(call.this::<CalendarRef>()?.0.is_open(at).into())
            },
        ),
        Member::method(
            "open_minutes",
            &[Param::new("from", Kind::Moment, ""), Param::new("to", Kind::Moment, "")],
            Kind::Number,
            "Whole open minutes between two moments; 0 when the second is not the later one.",
            Example::opened(
                "ticket.note(`${ticket.calendar.open_minutes(now(), now() + days(1))} open minutes until tomorrow`);",
            ),
            |call| {
                call.state().guard.check_wall().map_err(|_| Fault::stopped())?;
                let (from, to) = (moment(call, 1)?, moment(call, 2)?);
                let open = call.this::<CalendarRef>()?.0.open_span(from, to);
                Ok((open.ms() / Span::minutes(1).ms()).into())
            },
        ),
        Member::method(
            "add",
            &[AT, Param::new("minutes", Kind::Number, "of open time, at most 366 days of them")],
            Kind::Moment,
            "When so many open minutes have passed since then.",
            Example::opened("ticket.timer(\"remind\", ticket.calendar.add(now(), 90));"),
            |call| {
                call.state().guard.check_wall().map_err(|_| Fault::stopped())?;
                let (at, span) = (moment(call, 1)?, Span::minutes(call.int(2)?));
                if span > Span::days(WORKING_DAYS_MAX) || span < Span::ZERO {
                    let message = format!("working time may be from 0 to {WORKING_DAYS_MAX} days long");
                    return Err(Fault::refused(&message));
                }
                Ok(Dynamic::from(call.this::<CalendarRef>()?.0.add(at, span)))
            },
        ),
    ],
};

fn moment(call: &Call<'_, '_, '_>, index: usize) -> Outcome<Moment> {
    let given = call.arg(index);
    let found = given.type_name();
    given.clone().try_cast::<Moment>().ok_or_else(|| Fault::wrong_type("moment", found))
}
