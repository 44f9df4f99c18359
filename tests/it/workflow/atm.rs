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
    check(
        Occasion::Opened,
        |_| {},
        expect![[r#"
            11: {"type":"dispatch","ticket":"1","requirements":{"city":"Almaty","grade":1,"certificates":["ncr"],"languages":["kk"],"strategy":[],"exclude":[]},"due_at":"2026-11-25T08:00:00.000Z","note":"Card reader is jammed"}
        "#]],
    );
}

#[test]
fn a_complex_fault_due_soon_is_urgent_and_asks_for_grade_two() {
    let soon = |desk: &mut Desk| {
        desk.ticket.category = Some(key("complex_fault"));
        desk.clocks[0].limit = Span::hours(6);
    };
    check(
        Occasion::Opened,
        soon,
        expect![[r#"
            46: {"type":"change_ticket","ticket":"1","version":null,"changes":{"subject":null,"status":null,"category":null,"impact":null,"urgency":null,"priority":null,"is_urgent":true,"fields":{}}}
            47: {"type":"add_watcher","ticket":"1","who":{"kind":"queue","queue":"shift_supervisor"}}
            11: {"type":"dispatch","ticket":"1","requirements":{"city":"Almaty","grade":2,"certificates":["ncr"],"languages":["kk"],"strategy":[],"exclude":[]},"due_at":"2026-11-20T11:00:00.000Z","note":"Card reader is jammed"}
        "#]],
    );
}

#[test]
fn vandalism_waits_for_the_commercial_department() {
    check(
        Occasion::Opened,
        |desk| desk.ticket.category = Some(key("vandalism")),
        expect![[r#"
        37: {"type":"change_ticket","ticket":"1","version":null,"changes":{"subject":null,"status":"awaiting_approval","category":null,"impact":null,"urgency":null,"priority":null,"is_urgent":null,"fields":{}}}
        38: {"type":"open_task","ticket":"1","department":"commercial","title":"Outside the contract: vandalism","due_at":"2026-11-21T08:00:00.000Z","outcomes":["approved","refused"],"fields":{}}
    "#]],
    );
}

#[test]
fn a_machine_that_nobody_knows_goes_to_the_dispatchers() {
    check(
        Occasion::Opened,
        |desk| desk.ticket.asset = None,
        expect![[r#"
        28: {"type":"queue_ticket","ticket":"1","version":null,"queue":"dispatchers","reason":"Machine not recognised","alarm":"silent"}
    "#]],
    );
}

#[test]
fn a_second_ticket_of_the_same_fault_is_a_duplicate() {
    let twin = |desk: &mut Desk| desk.open_tickets = vec![ticket(TicketId(9), desk.now)];
    check(
        Occasion::Opened,
        twin,
        expect![[r#"
        33: {"type":"mark_duplicate","ticket":"1","of":"9"}
    "#]],
    );
}

#[test]
fn nobody_free_puts_the_ticket_before_the_dispatchers_with_the_reasons() {
    let rejections = vec![
        Rejection { person: NURLAN, reason: RejectionReason::AtCapacity { load: 3, capacity: 3 } },
        Rejection { person: OLGA, reason: RejectionReason::NotAnEngineer },
    ];
    let occasion = Occasion::Unassigned { attempt: AttemptKind::Dispatch, rejections };
    check(
        occasion,
        |_| {},
        expect![[r#"
            23: {"type":"queue_ticket","ticket":"1","version":null,"queue":"dispatchers","reason":"Nurlan Seitov: занят: 3 из 3; Olga Kim: не инженер","alarm":"raise"}
        "#]],
    );
}

#[test]
fn a_missing_part_asks_the_stock() {
    let lacking = |desk: &mut Desk| {
        desk.orders[0].stage = Stage::CouldNot;
        desk.orders[0].outcome = Some(key("part_needed"));
    };
    check(
        Occasion::WorkOrder { order: ORDER },
        lacking,
        expect![[r#"
            108: {"type":"change_ticket","ticket":"1","version":null,"changes":{"subject":null,"status":"waiting_for_part","category":null,"impact":null,"urgency":null,"priority":null,"is_urgent":null,"fields":{}}}
            110: {"type":"call_plugin","ticket":"1","plugin":"parts-stock","function":"in_stock","input":{"city":"Almaty","part":"NK-3"},"then":"stock_known","context":{"part":"NK-3"}}
        "#]],
    );
}

#[test]
fn an_unknown_cause_asks_the_bank() {
    let unknown = |desk: &mut Desk| {
        desk.orders[0].stage = Stage::CouldNot;
        desk.orders[0].outcome = Some(key("cause_unknown"));
        desk.orders[0].arrived_at = Some(at("2026-11-20T07:30:00Z"));
    };
    check(
        Occasion::WorkOrder { order: ORDER },
        unknown,
        expect![[r#"
            99: {"type":"change_ticket","ticket":"1","version":null,"changes":{"subject":null,"status":"waiting_for_the_bank","category":null,"impact":null,"urgency":null,"priority":null,"is_urgent":null,"fields":{}}}
            100: {"type":"open_task","ticket":"1","department":"bank_support","title":"Card reader is jammed","due_at":"2026-11-20T10:00:00.000Z","outcomes":[],"fields":{"ask":"earlier failures; log of the hour before the visit","since":"2026-11-20T06:30:00.000Z","to":"support@north.example","to_time":"2026-11-20T07:30:00.000Z"}}
        "#]],
    );
}

#[test]
fn a_refused_order_excludes_its_engineer_from_the_next() {
    let refused = |desk: &mut Desk| {
        desk.orders[0].stage = Stage::Refused;
        desk.orders[0].outcome = Some(key("too_far"));
    };
    check(
        Occasion::WorkOrder { order: ORDER },
        refused,
        expect![[r#"
            11: {"type":"dispatch","ticket":"1","requirements":{"city":"Almaty","grade":1,"certificates":["ncr"],"languages":["kk"],"strategy":[],"exclude":["50"]},"due_at":"2026-11-25T08:00:00.000Z","note":"Refused: too_far"}
        "#]],
    );
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
    check(
        occasion,
        |_| {},
        expect![[r#"
            125: {"type":"open_task","ticket":"1","department":"global_logistics","title":"Part NK-3","due_at":"2026-11-21T08:00:00.000Z","outcomes":[],"fields":{"part":"NK-3","to":"Rozybakiev 263"}}
        "#]],
    );
}

#[test]
fn an_approval_calls_the_engineer_and_a_refusal_closes() {
    check(
        Occasion::TaskDone { task: TASK },
        |_| {},
        expect![[r#"
            131: {"type":"change_ticket","ticket":"1","version":null,"changes":{"subject":null,"status":"in_work","category":null,"impact":null,"urgency":null,"priority":null,"is_urgent":null,"fields":{}}}
            11: {"type":"dispatch","ticket":"1","requirements":{"city":"Almaty","grade":1,"certificates":["ncr"],"languages":["kk"],"strategy":[],"exclude":[]},"due_at":"2026-11-25T08:00:00.000Z","note":"Approved"}
        "#]],
    );
    let refusal = |desk: &mut Desk| desk.tasks[0].outcome = Some(key("refused"));
    check(
        Occasion::TaskDone { task: TASK },
        refusal,
        expect![[r#"
            132: {"type":"close_ticket","ticket":"1","version":null,"resolution":"refused","reason":"Not on our shelves"}
        "#]],
    );
}

#[test]
fn a_delivered_part_means_a_second_visit() {
    let delivered = |desk: &mut Desk| {
        desk.tasks[0].department = key("global_logistics");
        desk.tasks[0].outcome = Some(key("delivered"));
    };
    check(
        Occasion::TaskDone { task: TASK },
        delivered,
        expect![[r#"
            154: {"type":"change_ticket","ticket":"1","version":null,"changes":{"subject":null,"status":"in_work","category":null,"impact":null,"urgency":null,"priority":null,"is_urgent":null,"fields":{}}}
            11: {"type":"dispatch","ticket":"1","requirements":{"city":"Almaty","grade":1,"certificates":["ncr"],"languages":["kk"],"strategy":[],"exclude":[]},"due_at":"2026-11-25T08:00:00.000Z","note":"Part delivered: second visit"}
        "#]],
    );
}

#[test]
fn a_target_at_risk_tells_the_supervisor() {
    let occasion = |percent| Occasion::Sla {
        target: key("resolution"),
        percent,
        overdue_minutes: 0,
        due_at: at("2026-11-20T12:00:00Z"),
    };
    check(
        occasion(80),
        |_| {},
        expect![[r#"
            174: {"type":"notify","ticket":"1","to":{"kind":"queue","queue":"shift_supervisor"},"template":"at_risk","text":null}
        "#]],
    );
    check(occasion(50), |_| {}, expect![[""]]);
}
