//! The example of operation 1 runs: each handler asks for what its author meant.

use expect_test::{Expect, expect};
use naryad::domain::assignment::{Rejection, RejectionReason};
use naryad::domain::command::PluginAnswer;
use naryad::domain::event::AttemptKind;
use naryad::domain::work_order::Stage;
use naryad::domain::{Span, TicketId};
use naryad::workflow::Occasion;

use super::desk::*;

const SCRIPT: &str = include_str!("atm.rhai");

fn check(occasion: Occasion, prepare: impl FnOnce(&mut Desk), expected: Expect) {
    let mut desk = Desk::default();
    prepare(&mut desk);
    expected.assert_eq(&asked(SCRIPT, &occasion, &desk));
}

#[test]
fn a_receipt_jam_asks_for_an_engineer_of_grade_one() {
    check(Occasion::Opened, |_| {}, expect![[""]]);
}

#[test]
fn a_complex_fault_due_soon_is_urgent_and_asks_for_grade_two() {
    let soon = |desk: &mut Desk| {
        desk.ticket.category = Some(key("complex_fault"));
        desk.clocks[0].limit = Span::hours(6);
    };
    check(Occasion::Opened, soon, expect![[""]]);
}

#[test]
fn vandalism_waits_for_the_commercial_department() {
    check(Occasion::Opened, |desk| desk.ticket.category = Some(key("vandalism")), expect![[""]]);
}

#[test]
fn a_machine_that_nobody_knows_goes_to_the_dispatchers() {
    check(Occasion::Opened, |desk| desk.ticket.asset = None, expect![[""]]);
}

#[test]
fn a_second_ticket_of_the_same_fault_is_a_duplicate() {
    let twin = |desk: &mut Desk| desk.open_tickets = vec![ticket(TicketId(9), desk.now)];
    check(Occasion::Opened, twin, expect![[""]]);
}

#[test]
fn nobody_free_puts_the_ticket_before_the_dispatchers_with_the_reasons() {
    let rejections = vec![
        Rejection { person: NURLAN, reason: RejectionReason::AtCapacity { load: 3, capacity: 3 } },
        Rejection { person: OLGA, reason: RejectionReason::NotAnEngineer },
    ];
    let occasion = Occasion::Unassigned { attempt: AttemptKind::Dispatch, rejections };
    check(occasion, |_| {}, expect![[""]]);
}

#[test]
fn a_missing_part_asks_the_stock() {
    let lacking = |desk: &mut Desk| {
        desk.orders[0].stage = Stage::CouldNot;
        desk.orders[0].outcome = Some(key("part_needed"));
    };
    check(Occasion::WorkOrder { order: ORDER }, lacking, expect![[""]]);
}

#[test]
fn an_unknown_cause_asks_the_bank() {
    let unknown = |desk: &mut Desk| {
        desk.orders[0].stage = Stage::CouldNot;
        desk.orders[0].outcome = Some(key("cause_unknown"));
        desk.orders[0].arrived_at = Some(at("2026-11-20T07:30:00Z"));
    };
    check(Occasion::WorkOrder { order: ORDER }, unknown, expect![[""]]);
}

#[test]
fn a_refused_order_excludes_its_engineer_from_the_next() {
    let refused = |desk: &mut Desk| {
        desk.orders[0].stage = Stage::Refused;
        desk.orders[0].outcome = Some(key("too_far"));
    };
    check(Occasion::WorkOrder { order: ORDER }, refused, expect![[""]]);
}

#[test]
fn an_empty_stock_asks_global_logistics() {
    let occasion = Occasion::PluginAnswer {
        plugin: key("parts-stock"),
        function: key("in_stock"),
        then: Some(key("stock_known")),
        context: serde_json::json!({ "part": "NK-3" }),
        answer: PluginAnswer::Ok { value: serde_json::json!({ "local": false }) },
    };
    check(occasion, |_| {}, expect![[""]]);
}

#[test]
fn an_approval_calls_the_engineer_and_a_refusal_closes() {
    check(Occasion::TaskDone { task: TASK }, |_| {}, expect![[""]]);
    let refusal = |desk: &mut Desk| desk.tasks[0].outcome = Some(key("refused"));
    check(Occasion::TaskDone { task: TASK }, refusal, expect![[""]]);
}

#[test]
fn a_delivered_part_means_a_second_visit() {
    let delivered = |desk: &mut Desk| {
        desk.tasks[0].department = key("global_logistics");
        desk.tasks[0].outcome = Some(key("delivered"));
    };
    check(Occasion::TaskDone { task: TASK }, delivered, expect![[""]]);
}

#[test]
fn a_target_at_risk_tells_the_supervisor() {
    let occasion = |percent| Occasion::Sla {
        target: key("resolution"),
        percent,
        due_at: at("2026-11-20T12:00:00Z"),
    };
    check(occasion(80), |_| {}, expect![[""]]);
    check(occasion(50), |_| {}, expect![[""]]);
}
