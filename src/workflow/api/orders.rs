//! Work orders of a ticket: an engineer's visit and the stages that it passes.

use std::any::TypeId;

use rhai::Dynamic;

use super::action_options::DISPATCH_OPTIONS;
use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::ladders;
use super::people::PersonRef;
use super::reports::{self, attachments_of};
use super::{Example, Keys, Kind, Member, Param, Type};
use crate::domain::command::{AdvanceWorkOrder, Command};
use crate::domain::work_order::{PartNeeded, Stage, WorkOrder};
use crate::domain::{TextId, TicketId, WorkOrderId};
use crate::workflow::failure::Fault;
use crate::workflow::state::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderRef {
    pub ticket: TicketId,
    pub order: WorkOrderId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part(pub PartNeeded);

impl OrderRef {
    pub fn look<R>(&self, state: &State, part: impl FnOnce(&WorkOrder) -> R) -> Outcome<R> {
        let found = state
            .orders(self.ticket, |orders| orders.iter().find(|order| order.id == self.order).map(part))?;
        found.ok_or_else(|| Fault::refused(&format!("there is no work order {} of this ticket", self.order)))
    }
}

pub static WORK_ORDER: Type = Type {
    name: "WorkOrder",
    doc: "One engineer's visit.",
    id: TypeId::of::<OrderRef>,
    index: None,
    actions: &[
        ladders::ORDER_EXPECT,
        ladders::ORDER_EXPECT_BY,
        ladders::ORDER_START,
        Member::method_with(
            "cancel",
            &[Param::new("reason", Kind::Text, "what the engineer is told")],
            0,
            Kind::Nothing,
            "Takes the order back; nothing happens to one that is over.",
            Example::on("on_work_order", "order.cancel(\"The machine works again\");"),
            |call| {
                let comment = if call.count() > 1 { Some(call.words(1)?) } else { None };
                end(call, Stage::Cancelled, comment)
            },
        ),
        Member::method_with(
            "redispatch",
            &[
                Param::new("reason", Kind::Text, "what the engineer is told"),
                Param::new("requirements", Kind::Options(DISPATCH_OPTIONS), "as for `ticket.dispatch`"),
            ],
            1,
            Kind::Nothing,
            "Takes the order back and asks for another engineer; one that is over is only asked for anew.",
            Example::on(
                "on_work_order",
                "if order.stage == \"offered\" { order.redispatch(\"Somebody nearer is free\", #{ city: ticket.site.city }); }",
            ),
            redispatch,
        ),
        Member::method(
            "mark_no_show",
            &[],
            Kind::Nothing,
            "Ends the order because the engineer did not come; nothing happens to one that is over, or once the engineer is there. It is among `ticket.no_shows` then.",
            Example::on("on_work_order", "order.mark_no_show();"),
            |call| end(call, Stage::NoShow, None),
        ),
        reports::RETURN,
        reports::ACCEPT,
        Member::method_with(
            "send_note",
            &[
                Param::new("text", Kind::Text, "a word for the engineer on the way"),
                Param::new("files", Kind::List(&Kind::Handle("File")), "files of the ticket that go along"),
            ],
            1,
            Kind::Nothing,
            "Sends the engineer a note.",
            Example::on("on_work_order", "order.send_note(\"Bring NK-3\");"),
            |call| {
                let order = call.this::<OrderRef>()?.order;
                let attachments = attachments_of(call.arg(2))?;
                call.ask(Command::SendOrderNote { order, text: call.words(1)?, attachments })
            },
        ),
    ],
    members: &[
        Member::get(
            "number",
            Kind::Number,
            "1 for the ticket's first order.",
            Example::on("on_work_order", "if order.number == 1 { ticket.note(\"The first visit\"); }"),
            |call| look(call, |order| order.ordinal.into()),
        ),
        Member::get(
            "stage",
            Kind::Key(Keys::Stage),
            "How far it is.",
            Example::on("on_work_order", "if order.stage == \"offered\" { ticket.status = \"in_work\"; }"),
            |call| look(call, |order| order.stage.as_str().into()),
        ),
        Member::get(
            "engineer",
            Kind::Handle("Person"),
            "Who goes.",
            Example::on("on_work_order", "ticket.note(order.engineer.name + \" is asked\");"),
            |call| look(call, |order| Dynamic::from(PersonRef(order.engineer))),
        ),
        Member::get(
            "reason",
            Kind::Key(Keys::OrderOutcome),
            REASON,
            Example::on(
                "on_work_order",
                "if order.reason == \"part_needed\" { ticket.status = \"waiting_for_part\"; }",
            ),
            |call| {
                look(call, |order| order.outcome.as_ref().map_or(Dynamic::UNIT, |key| key.to_string().into()))
            },
        ),
        Member::get(
            "resolution",
            Kind::Key(Keys::Resolution),
            "The resolution that its outcome stands for: the one of the same key; the pack's first without one.",
            Example::on("on_work_order", "ticket.resolve(#{ resolution: order.resolution });"),
            resolution,
        ),
        reports::STATE,
        reports::PHOTOS,
        Member::get(
            "comment",
            Kind::Text,
            "What the engineer wrote; empty when nothing.",
            Example::on("on_work_order", "ticket.note(\"Found on site: \" + order.comment);"),
            |call| text(call, |order| order.comment),
        ),
        Member::get(
            "note",
            Kind::Text,
            "What the engineer was told; empty when nothing.",
            Example::on("on_work_order", "ticket.note(\"Told the engineer: \" + order.note);"),
            |call| text(call, |order| order.note),
        ),
        Member::get(
            "parts_needed",
            Kind::List(&Kind::Handle("Part")),
            "What was missing.",
            Example::on(
                "on_work_order",
                "for part in order.parts_needed { ticket.escalate(\"local_service\", #{ reason: \"Part \" + part.code, part: part.code }); }",
            ),
            |call| look(call, |order| List::of(order.parts_needed.iter().cloned().map(Part))),
        ),
        Member::get(
            "open",
            Kind::Flag,
            "Whether it is still somebody's work.",
            Example::on("on_work_order", "if order.open { ticket.status = \"in_work\"; }"),
            |call| look(call, |order| order.stage.is_open().into()),
        ),
        Member::get(
            "due",
            Kind::Moment,
            "Until when; `()` without a time.",
            Example::on("on_work_order", "ticket.note(`Until ${order.due}`);"),
            |call| look(call, |order| order.due_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "planned_at",
            Kind::Moment,
            "When the engineer means to arrive; `()` when not said.",
            Example::on("on_work_order", "ticket.note(`Expected ${order.planned_at}`);"),
            |call| look(call, |order| order.planned_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "opened_at",
            Kind::Moment,
            "When it was offered.",
            Example::on("on_work_order", "ticket.note(`Offered ${order.opened_at}`);"),
            |call| look(call, |order| Dynamic::from(order.opened_at)),
        ),
        Member::get(
            "arrived_at",
            Kind::Moment,
            "When the engineer arrived; `()` before.",
            Example::on("on_work_order", "ticket.note(`On site since ${order.arrived_at}`);"),
            |call| look(call, |order| order.arrived_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "finished_at",
            Kind::Moment,
            "When it ended; `()` while it is open.",
            Example::on("on_work_order", "ticket.note(`Left at ${order.finished_at}`);"),
            |call| look(call, |order| order.finished_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
    ],
};

const REASON: &str = "Why it was refused or could not be done, or what it ended with; `()` before.";

pub static PART: Type = Type {
    name: "Part",
    doc: "A part that a visit lacked.",
    id: TypeId::of::<Part>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "code",
            Kind::Text,
            "Its code in the client's stock system.",
            Example::on(
                "on_work_order",
                "for part in order.parts_needed { ticket.escalate(\"local_service\", #{ part: part.code }); }",
            ),
            |call| Ok(call.this::<Part>()?.0.code.into()),
        ),
        Member::get(
            "quantity",
            Kind::Number,
            "How many.",
            Example::on(
                "on_work_order",
                "for part in order.parts_needed { ticket.note(`${part.quantity} × ${part.code}`); }",
            ),
            |call| Ok(call.this::<Part>()?.0.quantity.into()),
        ),
    ],
};

fn look(call: &Call<'_, '_, '_>, part: impl FnOnce(&WorkOrder) -> Dynamic) -> Answer {
    call.this::<OrderRef>()?.look(call.state(), part)
}

fn resolution(call: &mut Call<'_, '_, '_>) -> Answer {
    let outcome = call.this::<OrderRef>()?.look(call.state(), |order| order.outcome.clone())?;
    let known = &call.state().pack.resolutions;
    let same = known.iter().find(|own| Some(&own.key) == outcome.as_ref());
    Ok(same.or(known.first()).map_or(Dynamic::UNIT, |own| own.key.to_string().into()))
}

fn text(call: &Call<'_, '_, '_>, part: impl FnOnce(&WorkOrder) -> Option<TextId>) -> Answer {
    match call.this::<OrderRef>()?.look(call.state(), part)? {
        Some(text) => call.state().text(text).map(Dynamic::from),
        None => Ok("".into()),
    }
}

/// Whoever had the order is not asked again.
fn redispatch(call: &mut Call<'_, '_, '_>) -> Answer {
    let own = call.this::<OrderRef>()?;
    let engineer = own.look(call.state(), |order| order.engineer)?;
    let command = super::dispatching::dispatch_of(call, 2, own.ticket, Some(engineer))?;
    let reason = call.words(1)?;
    drop(end(call, Stage::Cancelled, Some(reason))?);
    call.ask(command)
}

fn end(call: &Call<'_, '_, '_>, stage: Stage, comment: Option<String>) -> Answer {
    let own = call.this::<OrderRef>()?;
    if !own.look(call.state(), |order| order.stage.next().contains(&stage))? {
        return Ok(Dynamic::UNIT);
    }
    call.state().edit_orders(own.ticket, |orders| {
        if let Some(order) = orders.iter_mut().find(|order| order.id == own.order) {
            order.stage = stage;
        }
    })?;
    call.ask(Command::AdvanceWorkOrder(Box::new(AdvanceWorkOrder {
        order: own.order,
        stage,
        outcome: None,
        comment,
        parts_needed: Vec::new(),
        planned_at: None,
    })))
}
