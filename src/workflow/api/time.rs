//! Moments, spans, working time and the wall clock of a zone.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::{Example, Function, Kind, Member, Param, SINCE_FIRST, Type};
use crate::domain::calendar::{LocalTime, local_time};
use crate::domain::{Moment, Span};
use crate::workflow::failure::Fault;
use crate::workflow::limits::WORKING_DAYS_MAX;
use crate::workflow::state::State;

/// A span that counts only while the client's calendar is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingSpan(pub Span);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTimeRef(pub LocalTime);

impl LocalTimeRef {
    #[must_use]
    pub fn text(&self) -> String {
        let LocalTime { year, month, day, hour, minute, .. } = self.0;
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}

pub static MOMENT: Type = Type {
    name: "Moment",
    doc: "A moment in time. `moment + hours(2)`, `moment - minutes(5)`, `later - earlier` (a Span), and `<`, `<=`, `==`, `!=`, `>`, `>=` work; so does `moment + working(hours(8))`.",
    id: TypeId::of::<Moment>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "local",
            Kind::Handle("LocalTime"),
            "On the clock of the client's calendar.",
            Example::opened("if now().local.hour < 12 { ticket.comment(\"Good morning! We have it.\"); }"),
            |call| {
                let zone = call.state().pack.calendar.time_zone.clone();
                local(call.this::<Moment>()?, &zone)
            },
        ),
        Member::get(
            "is_working",
            Kind::Flag,
            "Whether the client's calendar is open then.",
            Example::opened("if now().is_working { ticket.queue(\"first_line\"); }"),
            |call| Ok(call.state().calendars.usual().is_open(call.this::<Moment>()?).into()),
        ),
    ],
};

pub static SPAN: Type = Type {
    name: "Span",
    doc: "A length of time. `+`, `-`, `* number` and comparisons work.",
    id: TypeId::of::<Span>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "minutes",
            Kind::Number,
            "Whole minutes.",
            Example::opened("ticket.note(`${hours(2).minutes} minutes`);"),
            |call| Ok((call.this::<Span>()?.ms() / Span::minutes(1).ms()).into()),
        ),
        Member::get(
            "hours",
            Kind::Number,
            "Whole hours.",
            Example::opened("ticket.note(`${days(2).hours} hours`);"),
            |call| Ok((call.this::<Span>()?.ms() / Span::hours(1).ms()).into()),
        ),
        Member::get(
            "days",
            Kind::Number,
            "Whole days of 24 hours.",
            Example::opened("ticket.note(`${hours(72).days} days`);"),
            |call| Ok((call.this::<Span>()?.ms() / Span::days(1).ms()).into()),
        ),
    ],
};

pub static WORKING_SPAN: Type = Type {
    name: "WorkingSpan",
    doc: "A length of working time: it counts only while the client's calendar is open. Made by `working(span)`.",
    id: TypeId::of::<WorkingSpan>,
    index: None,
    actions: &[],
    members: &[],
};

pub static LOCAL_TIME: Type = Type {
    name: "LocalTime",
    doc: "What the wall clock of a place shows.",
    id: TypeId::of::<LocalTimeRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "year",
            Kind::Number,
            "Such as 2026.",
            Example::opened("ticket.note(`Year ${now().local.year}`);"),
            |call| Ok(call.this::<LocalTimeRef>()?.0.year.into()),
        ),
        Member::get(
            "month",
            Kind::Number,
            "1 to 12.",
            Example::opened("if now().local.month < 12 { ticket.note(\"Not yet the end of the year\"); }"),
            |call| Ok(call.this::<LocalTimeRef>()?.0.month.into()),
        ),
        Member::get(
            "day",
            Kind::Number,
            "1 to 31.",
            Example::opened("if now().local.day < 25 { ticket.note(\"Not yet the end of the month\"); }"),
            |call| Ok(call.this::<LocalTimeRef>()?.0.day.into()),
        ),
        Member::get(
            "weekday",
            Kind::Number,
            "1 is Monday, 7 Sunday.",
            Example::opened("if now().local.weekday <= 5 { ticket.queue(\"first_line\"); }"),
            |call| Ok(call.this::<LocalTimeRef>()?.0.weekday.into()),
        ),
        Member::get(
            "hour",
            Kind::Number,
            "0 to 23.",
            Example::opened("if ticket.site.time.hour < 18 { ticket.note(\"Still light there\"); }"),
            |call| Ok(call.this::<LocalTimeRef>()?.0.hour.into()),
        ),
        Member::get(
            "minute",
            Kind::Number,
            "0 to 59.",
            Example::opened("ticket.note(`${now().local.minute} past the hour`);"),
            |call| Ok(call.this::<LocalTimeRef>()?.0.minute.into()),
        ),
        Member::get(
            "text",
            Kind::Text,
            "`2026-12-31 17:55`.",
            Example::opened("ticket.note(\"There it is \" + ticket.site.time.text);"),
            |call| Ok(call.this::<LocalTimeRef>()?.text().into()),
        ),
    ],
};

const COUNT: &[Param] = &[Param::new("count", Kind::Number, "a whole number")];

pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "now",
        doc: "The moment at which the change is made; the same throughout a run.",
        example: Example::opened("ticket.timer(\"remind\", now() + hours(24));"),
        since: SINCE_FIRST,
        params: &[],
        returns: Kind::Moment,
        run: |call| call.state().now().map(Dynamic::from),
    },
    Function {
        name: "minutes",
        doc: "So many minutes.",
        example: Example::opened("ticket.timer(\"remind\", minutes(30));"),
        since: SINCE_FIRST,
        params: COUNT,
        returns: Kind::Span,
        run: |call| Ok(Dynamic::from(Span::minutes(call.int(0)?))),
    },
    Function {
        name: "hours",
        doc: "So many hours.",
        example: Example::opened("ticket.timer(\"remind\", hours(24));"),
        since: SINCE_FIRST,
        params: COUNT,
        returns: Kind::Span,
        run: |call| Ok(Dynamic::from(Span::hours(call.int(0)?))),
    },
    Function {
        name: "days",
        doc: "So many days of 24 hours.",
        example: Example::opened("ticket.timer(\"remind\", days(5));"),
        since: SINCE_FIRST,
        params: COUNT,
        returns: Kind::Span,
        run: |call| Ok(Dynamic::from(Span::days(call.int(0)?))),
    },
    Function {
        name: "working",
        doc: "The span as working time on the client's calendar, at most 366 days.",
        example: Example::opened("ticket.timer(\"remind\", working(hours(8)));"),
        since: SINCE_FIRST,
        params: &[Param::new("span", Kind::Span, "such as hours(8)")],
        returns: Kind::Handle("WorkingSpan"),
        run: working,
    },
];

fn working(call: &mut Call<'_, '_, '_>) -> Answer {
    let span = call.this::<Span>()?;
    if span > Span::days(WORKING_DAYS_MAX) || span < Span::ZERO {
        return Err(Fault::refused(&format!("working time may be from 0 to {WORKING_DAYS_MAX} days long")));
    }
    Ok(Dynamic::from(WorkingSpan(span)))
}

/// `at` on the clock of `zone`.
pub fn local(at: Moment, zone: &str) -> Answer {
    let local = local_time(at, zone).map_err(|error| Fault::refused(&error.to_string()))?;
    Ok(Dynamic::from(LocalTimeRef(local)))
}

/// The moment that a moment, a span from now or a span of working time from now means.
pub fn due_of(state: &State, value: &Dynamic) -> Outcome<Moment> {
    if let Some(moment) = value.read_lock::<Moment>() {
        return Ok(*moment);
    }
    if let Some(span) = value.read_lock::<Span>() {
        return Ok(state.now()? + *span);
    }
    if let Some(span) = value.read_lock::<WorkingSpan>() {
        return after_working(state, state.now()?, *span);
    }
    Err(Fault::wrong_type("moment or a span", value.type_name()))
}

/// The moment at which `span` of open time has passed since `from`.
pub fn after_working(state: &State, from: Moment, span: WorkingSpan) -> Outcome<Moment> {
    // Years that nobody has asked about yet are made here: one call can take as long as many operations.
    state.guard.check_wall().map_err(|_| Fault::stopped())?;
    Ok(state.calendars.usual().add(from, span.0))
}
