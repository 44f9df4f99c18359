//! What was repaired of an asset before: its tickets that have ended, each with its last visit.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call};
use super::collections::List;
use super::people::person_or_nothing;
use super::places::AssetRef;
use super::ticket::TicketRef;
use super::{Example, Keys, Kind, Member, Param, Type};
use crate::domain::Key;
use crate::workflow::facts::{REPAIRS_MAX, RepairFact};
use crate::workflow::failure::Fault;

#[derive(Debug, Clone, PartialEq)]
struct Repair(RepairFact);

pub const LAST_REPAIRS: Member = Member::method(
    "last_repairs",
    &[Param::new("max", Kind::Number, "how many at most, 1 to 20")],
    Kind::List(&Kind::Handle("Repair")),
    "Its tickets that were resolved or closed, the latest first; duplicates are left out.",
    Example::opened(
        "for repair in ticket.asset.last_repairs(3) { ticket.note(`${repair.done_at}: ${repair.resolution}`); }",
    ),
    last_repairs,
);

fn last_repairs(call: &mut Call<'_, '_, '_>) -> Answer {
    let count = call.int(1)?;
    let wanted = usize::try_from(count).ok().filter(|count| (1..=REPAIRS_MAX).contains(count));
    let wanted =
        wanted.ok_or_else(|| Fault::refused(&format!("max: 1 to {REPAIRS_MAX} is wanted, not {count}")))?;
    let repairs = call.state().repairs_of(call.this::<AssetRef>()?.0, wanted)?;
    Ok(List::of(repairs.into_iter().map(Repair)))
}

pub static REPAIR: Type = Type {
    name: "Repair",
    doc: "A ticket of an asset that has ended, with its last visit.",
    id: TypeId::of::<Repair>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "ticket",
            Kind::Handle("Ticket"),
            "The ticket.",
            Example::opened("for repair in ticket.asset.last_repairs(3) { ticket.link(repair.ticket); }"),
            |call| Ok(Dynamic::from(TicketRef(repair(call)?.ticket))),
        ),
        Member::get(
            "category",
            Kind::Key(Keys::Category),
            "What it was about; `()` when nobody chose one.",
            Example::opened(
                "if ticket.asset.last_repairs(5).some(|one| one.category == \"receipt_jam\") { ticket.add_tag(\"again\"); }",
            ),
            |call| Ok(key_or_nothing(repair(call)?.category)),
        ),
        Member::get(
            "resolution",
            Kind::Key(Keys::Resolution),
            "How it ended.",
            Example::opened(
                "for repair in ticket.asset.last_repairs(1) { ticket.note(\"Last time: \" + repair.resolution); }",
            ),
            |call| Ok(key_or_nothing(repair(call)?.resolution)),
        ),
        Member::get(
            "done_at",
            Kind::Moment,
            "When it was resolved, or closed where nobody resolved it.",
            Example::opened(
                "if ticket.asset.last_repairs(20).some(|one| one.done_at > now() - days(30)) { ticket.priority = 2; }",
            ),
            |call| Ok(Dynamic::from(repair(call)?.done_at)),
        ),
        Member::get(
            "engineer",
            Kind::Handle("Person"),
            "Who was there last, else who had the ticket; `()` for nobody.",
            Example::opened(
                "for repair in ticket.asset.last_repairs(1) { if repair.engineer != () { ticket.watch(repair.engineer); } }",
            ),
            |call| Ok(person_or_nothing(repair(call)?.engineer)),
        ),
        Member::get(
            "reason",
            Kind::Key(Keys::OrderOutcome),
            "What the last visit ended with; `()` without a visit or a word on it.",
            Example::opened(
                "for repair in ticket.asset.last_repairs(1) { ticket.note(`It ended with ${repair.reason}`); }",
            ),
            |call| Ok(key_or_nothing(repair(call)?.reason)),
        ),
        Member::get(
            "visits",
            Kind::Number,
            "How often an engineer has arrived for it.",
            Example::opened(
                "for repair in ticket.asset.last_repairs(1) { if repair.visits > 0 { ticket.add_tag(\"visited\"); } }",
            ),
            |call| Ok(repair(call)?.visits.into()),
        ),
    ],
};

fn repair(call: &Call<'_, '_, '_>) -> Result<RepairFact, Box<rhai::EvalAltResult>> {
    Ok(call.this::<Repair>()?.0)
}

fn key_or_nothing(key: Option<Key>) -> Dynamic {
    key.map_or(Dynamic::UNIT, |key| key.to_string().into())
}
