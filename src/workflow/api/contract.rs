//! What the client pays for: the contract, and what it says of a ticket.

use std::any::TypeId;
use std::rc::Rc;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::ticket::{TicketRef, own};
use super::{Example, Keys, Kind, Member, Param, Type};
use crate::domain::Key;
use crate::domain::contract::Coverage;
use crate::workflow::failure::Fault;

#[derive(Debug, Clone, Copy)]
pub struct ContractRef;
#[derive(Debug, Clone)]
struct CoverageRef(Rc<Coverage>);

pub fn coverage_of(coverage: &Coverage) -> Dynamic {
    Dynamic::from(CoverageRef(Rc::new(coverage.clone())))
}

/// What `ticket.coverage()` answers.
pub fn coverage_of_ticket(call: &mut Call<'_, '_, '_>) -> Answer {
    Ok(coverage_of(&call.state().coverage(own(call)?.0)?))
}

pub static CONTRACT: Type = Type {
    name: "Contract",
    doc: "What the client pays for.",
    id: TypeId::of::<ContractRef>,
    index: None,
    actions: &[],
    members: &[Member::method(
        "covers",
        &[Param::new("ticket", Kind::Handle("Ticket"), "")],
        Kind::Flag,
        "Whether the contract covers the ticket: the same as `ticket.coverage().is_covered`. Without packages everything is covered but the contract's excluded categories.",
        Example::opened(
            "if !ticket.contract.covers(ticket) { ticket.status = \"awaiting_approval\"; } else { ticket.status = \"in_work\"; }",
        ),
        |call| {
            let ticket = call.arg(1).try_cast::<TicketRef>();
            let ticket = ticket.ok_or_else(|| Fault::wrong_type("ticket", "something else"))?;
            Ok(call.state().coverage(ticket.0)?.is_covered.into())
        },
    )],
};

pub static COVERAGE: Type = Type {
    name: "Coverage",
    doc: "What the contract says of a ticket, as the month stands now in the client's zone.",
    id: TypeId::of::<CoverageRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "is_covered",
            Kind::Flag,
            "Whether the client has paid for it.",
            Example::opened(
                "if ticket.coverage().is_covered { ticket.dispatch(#{ city: ticket.site.city }); }",
            ),
            |call| look(call, |own| own.is_covered.into()),
        ),
        Member::get(
            "reason",
            Kind::Key(Keys::NotCovered),
            "Why it is not covered, the first that applies: `excluded_category`, `excluded_service`, `paid_service`, `not_a_named_contact`, `channel_not_in_package`, `outside_hours`, `balance_used_up`; `()` when it is covered.",
            Example::on("on_not_covered", "ticket.note(`Not covered: ${coverage.reason}`);"),
            |call| look(call, |own| own.reason.map_or(Dynamic::UNIT, |reason| reason.as_str().into())),
        ),
        Member::get(
            "is_paid",
            Kind::Flag,
            "Whether its service is done for a price of its own.",
            Example::on("on_not_covered", "if !coverage.is_paid { ticket.queue(\"dispatchers\"); }"),
            |call| look(call, |own| own.is_paid.into()),
        ),
        Member::get(
            "service",
            Kind::Key(Keys::Service),
            "The service that its category asks for; `()` for none of the matrix.",
            Example::opened(
                "ticket.note(`Service: ${ticket.coverage().service ?? \"none of the matrix\"}`);",
            ),
            |call| look(call, |own| key_or_nothing(own.service.as_ref())),
        ),
        Member::get(
            "package_key",
            Kind::Key(Keys::Package),
            "The package of the client or the sub-client; `()` without one.",
            Example::on("on_not_covered", "ticket.note(`Package: ${coverage.package_key}`);"),
            |call| look(call, |own| key_or_nothing(own.package.as_ref())),
        ),
        Member::get(
            "draws",
            Kind::Flag,
            "Whether it uses up the month's balance.",
            Example::opened("if ticket.coverage().draws { ticket.add_tag(\"counted\"); }"),
            |call| look(call, |own| own.draws.into()),
        ),
        Member::get(
            "balance_left",
            Kind::Number,
            "What is left of the month after this ticket: minutes of a pack of hours, or requests; below zero when overdrawn; `()` without a limit.",
            Example::opened("ticket.note(`Left of the month: ${ticket.coverage().balance_left} minutes`);"),
            |call| look(call, |own| own.balance_left.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
    ],
};

fn look(call: &Call<'_, '_, '_>, part: impl FnOnce(&Coverage) -> Dynamic) -> Answer {
    let coverage: Outcome<CoverageRef> = call.this::<CoverageRef>();
    Ok(part(&coverage?.0))
}

fn key_or_nothing(key: Option<&Key>) -> Dynamic {
    key.map_or(Dynamic::UNIT, |key| key.to_string().into())
}
