//! What a script expects by when, and ladders that are climbed until it comes.

use std::any::TypeId;
use std::collections::BTreeSet;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::orders::OrderRef;
use super::tasks::TaskRef;
use super::ticket::{TicketRef, own};
use super::{Example, Keys, Kind, Member, Param, Signature, Type};
use crate::domain::command::{Command, StartLadder};
use crate::domain::ladder::{About, Rung, Until};
use crate::domain::{Key, Moment, TicketId};

/// A ladder that was asked for, by its number in the run. One type for each thing that the functions are given.
#[derive(Debug, Clone, Copy)]
struct OfTicket(usize);
#[derive(Debug, Clone, Copy)]
struct OfOrder(usize);
#[derive(Debug, Clone, Copy)]
struct OfTask(usize);
/// An expectation, and until when.
#[derive(Debug, Clone, Copy)]
struct TicketExpected(usize, Moment);
#[derive(Debug, Clone, Copy)]
struct OrderExpected(usize, Moment);
#[derive(Debug, Clone, Copy)]
struct TaskExpected(usize, Moment);

const TICKET: Param = Param::new("ticket", Kind::Handle("Ticket"), "");
const ABOUT_TICKET: &Signature = &Signature { params: &[TICKET], needed: 1 };
const ABOUT_ORDER: &Signature =
    &Signature { params: &[TICKET, Param::new("order", Kind::Handle("WorkOrder"), "")], needed: 1 };
const ABOUT_TASK: &Signature =
    &Signature { params: &[TICKET, Param::new("task", Kind::Handle("Task"), "")], needed: 1 };

const WITHIN: Param = Param::new("within", Kind::Due, "a span from now, or a moment");
const BY: Param = Param::new("at", Kind::Moment, "until when");
const LADDER_NAME: Param =
    Param::new("name", Kind::Key(Keys::Free), "one of this name stands on a ticket at a time");
const RUNG_AT: Param = Param::new("at", Kind::Due, "a span from the start, or a moment");
const SIGNAL: Param = Param::new("signal", Kind::Key(Keys::Free), "a word of the script's own");

const EXPECT: &str = "Expects it within the time; otherwise the function that `.otherwise` names is called. What comes before ends it, and so does what makes it impossible. Asked for again, it starts anew.";
const EXPECT_BY: &str = "As `expect`, until a moment.";
const LADDER: &str = "Starts a ladder, or starts it anew: `.rung` names functions and when each is called, `.stop_on` the signals that end it. It also ends with the ticket.";

pub const STOP: Member = Member::method_with(
    "stop_ladder",
    &[LADDER_NAME, Param::new("signal", Kind::Key(Keys::Free), "only if the ladder stops on it")],
    1,
    Kind::Nothing,
    "Ends a ladder; nothing happens to one that does not stand.",
    Example::on(
        "on_comment",
        "if comment.author.is_contact { ticket.stop_ladder(\"quiet\", \"answered\"); }",
    ),
    |call| {
        let (ticket, name) = (own(call)?.0, call.key(1)?);
        let signal = if call.count() > 2 { Some(call.key(2)?) } else { None };
        call.ask(Command::StopLadder { ticket, name, signal })
    },
);

pub const IS_ON: Member = Member::method(
    "is_on_ladder",
    &[LADDER_NAME],
    Kind::Flag,
    "Whether a ladder of this name stood on it when the run began; what `order.expect(\"accepted\", …)` made is called `order_1_accepted`.",
    Example::on(
        "on_comment",
        "if !ticket.is_on_ladder(\"quiet\") { ticket.note(\"Nobody is being reminded\"); }",
    ),
    |call| {
        let (ticket, name) = (call.this::<TicketRef>()?.0, call.key(1)?);
        Ok(call.state().ladders(ticket)?.contains(&name).into())
    },
);

/// Of one kind of thing, in the order of its members: `expect`, `expect_by`, `otherwise`, `ladder`, `rung`, `stop_on`.
type Examples = [Example; 6];

const FOR_TICKET: Examples = {
    const TAKE_BACK: &str = "fn take_back(ticket) {\n    ticket.unassign(\"Not taken in time\");\n}";
    const CHASE: &str = "fn chase(ticket) {\n    ticket.notify(\"shift_supervisor\", \"at_risk\");\n}";
    const REMIND: &str = "fn remind(ticket) {\n    ticket.notify(ticket.contact, \"remind\");\n}\nfn give_up(ticket) {\n    ticket.close(#{ resolution: \"no_answer\" });\n}";
    let quiet = "ticket.ladder(\"quiet\").rung(\"remind\", hours(24)).rung(\"give_up\", days(3)).stop_on(\"answered\");";
    [
        Example::with(
            "on_opened",
            "ticket.expect(\"accepted\", minutes(15)).otherwise(\"take_back\");",
            TAKE_BACK,
        ),
        Example::with(
            "on_opened",
            "ticket.expect_by(\"resolved\", now() + hours(8)).otherwise(\"chase\");",
            CHASE,
        ),
        Example::with(
            "on_opened",
            "ticket.expect(\"answered\", working(hours(1))).otherwise(\"chase\");",
            CHASE,
        ),
        Example::with("on_comment", quiet, REMIND),
        Example::with("on_comment", quiet, REMIND),
        Example::with("on_comment", quiet, REMIND),
    ]
};

const FOR_ORDER: Examples = {
    const REPLACE: &str = "fn replace(ticket, order) {\n    order.cancel(\"Not accepted in time\");\n}";
    const CHASE: &str = "fn chase(ticket, order) {\n    ticket.notify(order.engineer, \"stage_late\");\n}";
    const WAKE: &str = "fn ask(ticket, order) {\n    ticket.notify(order.engineer, \"stage_late\");\n}\nfn ask_lead(ticket, order) {\n    ticket.notify(order.engineer.lead, \"stage_late\");\n}";
    let silent = "order.ladder(\"silent\").rung(\"ask\", minutes(0)).rung(\"ask_lead\", minutes(15)).stop_on(\"answered\");";
    [
        Example::with(
            "on_work_order",
            "order.expect(\"accepted\", minutes(60)).otherwise(\"replace\");",
            REPLACE,
        ),
        Example::with(
            "on_work_order",
            "order.expect_by(\"arrived\", order.planned_at + minutes(15)).otherwise(\"chase\");",
            CHASE,
        ),
        Example::with(
            "on_work_order",
            "order.expect(\"on_the_way\", minutes(30)).otherwise(\"chase\");",
            CHASE,
        ),
        Example::with("on_work_order", silent, WAKE),
        Example::with("on_work_order", silent, WAKE),
        Example::with("on_work_order", silent, WAKE),
    ]
};

const FOR_TASK: Examples = {
    const TAKE_BACK: &str = "fn take_back(ticket, task) {\n    task.cancel(\"Nobody took it\");\n}";
    const CHASE: &str = "fn chase(ticket, task) {\n    ticket.notify(task.department, \"at_risk\");\n}";
    let late = "for task in ticket.tasks { task.ladder(\"late\").rung(\"chase\", hours(4)).rung(\"take_back\", days(1)).stop_on(\"answered\"); }";
    const BOTH: &str = "fn chase(ticket, task) {\n    ticket.notify(task.department, \"at_risk\");\n}\nfn take_back(ticket, task) {\n    task.cancel(\"Nobody did it\");\n}";
    [
        Example::with(
            "on_comment",
            "for task in ticket.tasks { task.expect(\"taken\", hours(1)).otherwise(\"take_back\"); }",
            TAKE_BACK,
        ),
        Example::with(
            "on_comment",
            "for task in ticket.tasks { task.expect_by(\"done\", task.due).otherwise(\"chase\"); }",
            CHASE,
        ),
        Example::with(
            "on_comment",
            "for task in ticket.tasks { task.expect(\"done\", hours(4)).otherwise(\"chase\"); }",
            CHASE,
        ),
        Example::with("on_comment", late, BOTH),
        Example::with("on_comment", late, BOTH),
        Example::with("on_comment", late, BOTH),
    ]
};

/// What can be expected of one kind of thing: the members that begin, and the types of what was begun.
macro_rules! about {
    (
        $of:ident, examples: $examples:ident, stages: $stages:ident $what:literal,
        functions: $signature:ident $takes:literal,
        $expect:ident, $expect_by:ident, $start:ident,
        $expectation:ident $expected:ident $expected_name:literal,
        $ladder:ident $climbed:ident $ladder_name:literal
    ) => {
        pub const $expect: Member = Member::method(
            "expect",
            &[Param::new("stage", Kind::Key(Keys::$stages), $what), WITHIN],
            Kind::Handle($expected_name),
            EXPECT,
            $examples[0],
            |call| expect(call, $of(call)?, |number, at| Dynamic::from($expected(number, at))),
        );
        pub const $expect_by: Member = Member::method(
            "expect_by",
            &[Param::new("stage", Kind::Key(Keys::$stages), "as for `expect`"), BY],
            Kind::Handle($expected_name),
            EXPECT_BY,
            $examples[1],
            |call| expect(call, $of(call)?, |number, at| Dynamic::from($expected(number, at))),
        );
        pub const $start: Member = Member::method(
            "ladder",
            &[LADDER_NAME],
            Kind::Handle($ladder_name),
            LADDER,
            $examples[3],
            |call| ladder(call, $of(call)?).map(|number| Dynamic::from($climbed(number))),
        );
        pub static $expectation: Type = Type {
            name: $expected_name,
            doc: "Something that was just expected.",
            id: TypeId::of::<$expected>,
            index: None,
            actions: &[Member::method(
                "otherwise",
                &[Param::new("function", Kind::Continuation($signature), $takes)],
                Kind::Nothing,
                "Names the function that is called when it has not come in time.",
                $examples[2],
                |call| {
                    let $expected(number, at) = call.this()?;
                    let rung = Rung { function: call.key(1)?, at };
                    amend(call, number, |start| start.rungs = vec![rung]);
                    Ok(Dynamic::UNIT)
                },
            )],
            members: &[],
        };
        pub static $ladder: Type = Type {
            name: $ladder_name,
            doc: "A ladder that was just started.",
            id: TypeId::of::<$climbed>,
            index: None,
            actions: &[
                Member::method(
                    "rung",
                    &[Param::new("function", Kind::Continuation($signature), $takes), RUNG_AT],
                    Kind::Handle($ladder_name),
                    "Adds a rung behind the others.",
                    $examples[4],
                    |call| {
                        let $climbed(number) = call.this()?;
                        let rung = Rung { function: call.key(1)?, at: call.due(2)? };
                        amend(call, number, |start| start.rungs.push(rung));
                        Ok(Dynamic::from($climbed(number)))
                    },
                ),
                Member::method(
                    "stop_on",
                    &[SIGNAL],
                    Kind::Handle($ladder_name),
                    "Names a signal with which `stop_ladder` ends it.",
                    $examples[5],
                    |call| {
                        let $climbed(number) = call.this()?;
                        let signal = call.key(1)?;
                        amend(call, number, |start| stop_on(&mut start.until, signal));
                        Ok(Dynamic::from($climbed(number)))
                    },
                ),
            ],
            members: &[],
        };
    };
}

about!(
    of_ticket, examples: FOR_TICKET, stages: TicketExpected "a status, or `assigned` (somebody has it), `accepted` (who has it said so or began), `answered` (one of ours replied), `contact_answered`, `resolved`, `closed`",
    functions: ABOUT_TICKET "a function (ticket)",
    TICKET_EXPECT, TICKET_EXPECT_BY, TICKET_START,
    TICKET_EXPECTATION TicketExpected "TicketExpectation",
    TICKET_LADDER OfTicket "TicketLadder"
);
about!(
    of_order, examples: FOR_ORDER, stages: OrderExpected "a stage, where a later one counts for an earlier one; or `report`, that one is handed in",
    functions: ABOUT_ORDER "a function (ticket) or (ticket, order)",
    ORDER_EXPECT, ORDER_EXPECT_BY, ORDER_START,
    ORDER_EXPECTATION OrderExpected "OrderExpectation",
    ORDER_LADDER OfOrder "OrderLadder"
);
about!(
    of_task, examples: FOR_TASK, stages: TaskExpected "somebody took it, or it is done",
    functions: ABOUT_TASK "a function (ticket) or (ticket, task)",
    TASK_EXPECT, TASK_EXPECT_BY, TASK_START,
    TASK_EXPECTATION TaskExpected "TaskExpectation",
    TASK_LADDER OfTask "TaskLadder"
);

/// What a rung's function is given beside the ticket.
pub fn about_of(ticket: TicketId, about: About) -> Option<Dynamic> {
    match about {
        About::Ticket => None,
        About::Order { order } => Some(Dynamic::from(OrderRef { ticket, order })),
        About::Task { task } => Some(Dynamic::from(TaskRef { ticket, task })),
    }
}

fn of_ticket(call: &Call<'_, '_, '_>) -> Outcome<(TicketId, About)> {
    Ok((own(call)?.0, About::Ticket))
}

fn of_order(call: &Call<'_, '_, '_>) -> Outcome<(TicketId, About)> {
    let OrderRef { ticket, order } = call.this()?;
    Ok((ticket, About::Order { order }))
}

fn of_task(call: &Call<'_, '_, '_>) -> Outcome<(TicketId, About)> {
    let TaskRef { ticket, task } = call.this()?;
    Ok((ticket, About::Task { task }))
}

fn expect(call: &Call<'_, '_, '_>, of: (TicketId, About), handle: fn(usize, Moment) -> Dynamic) -> Answer {
    let (stage, at) = (call.key(1)?, call.due(2)?);
    ask(call, of, None, Until::Stage { stage }).map(|number| handle(number, at))
}

fn ladder(call: &Call<'_, '_, '_>, of: (TicketId, About)) -> Outcome<usize> {
    ask(call, of, Some(call.key(1)?), Until::Signal { signals: BTreeSet::new() })
}

/// The rungs follow.
fn ask(
    call: &Call<'_, '_, '_>,
    (ticket, about): (TicketId, About),
    name: Option<Key>,
    until: Until,
) -> Outcome<usize> {
    let start = StartLadder { ticket, name, about, until, rungs: Vec::new() };
    call.state().ask(&call.place(), Command::StartLadder(Box::new(start)))
}

fn amend(call: &Call<'_, '_, '_>, number: usize, change: impl FnOnce(&mut StartLadder)) {
    call.state().amend(number, |command| {
        if let Command::StartLadder(start) = command {
            change(start);
        }
    });
}

fn stop_on(until: &mut Until, signal: Key) {
    if let Until::Signal { signals } = until {
        signals.insert(signal);
    }
}
