//! Why: a recorded run played again says which branches were taken, what decided, and with what values.

use std::fmt::Write;
use std::rc::Rc;

use expect_test::{Expect, expect};
use naryad::workflow::trace::What;
use naryad::workflow::{Occasion, Run, Trace, decide, explain, on_script_stack};

use super::desk::*;

fn traced(script: &str, occasion: &Occasion, desk: &Desk) -> (Run, Trace) {
    on_script_stack(|| {
        let program = program(script);
        let run = decide(&program, TICKET, occasion, Rc::new(desk.clone()));
        let trace = explain(&program, TICKET, occasion, run.facts.clone());
        (run, trace)
    })
}

fn check(script: &str, occasion: Occasion, desk: &Desk, expected: Expect) {
    let (run, trace) = traced(script, &occasion, desk);
    assert_eq!(run.asked.as_ref().ok(), trace.failure.is_none().then_some(&trace.asked));
    let mut text = String::new();
    for step in &trace.steps {
        let _ = write!(text, "{}: ", step.line);
        match &step.what {
            What::Branch { condition, is_taken, operands } => {
                let _ = writeln!(text, "if {condition}: {is_taken:?}");
                for operand in operands {
                    let values: Vec<String> =
                        operand.values.iter().map(|seen| format!("{} = {}", seen.text, seen.value)).collect();
                    let _ =
                        writeln!(text, "    {}: {:?} ({})", operand.text, operand.is_true, values.join(", "));
                }
            }
            What::Switch { subject, value } => {
                let _ = writeln!(text, "switch {subject} = {value}");
            }
            What::Call { function } => {
                let _ = writeln!(text, "call {function}");
            }
            What::Asked { number } => {
                let json = serde_json::to_value(&trace.asked[*number].command).unwrap();
                let _ = writeln!(text, "asked {}", json["type"]);
            }
        }
    }
    if let Some(failure) = &trace.failure {
        let _ = writeln!(text, "failed: {failure}");
    }
    let json = serde_json::to_string(&trace).unwrap();
    assert_eq!(serde_json::from_str::<Trace>(&json).unwrap(), trace);
    expected.assert_eq(&text);
}

#[test]
fn the_example_says_why_it_asks_for_an_engineer() {
    check(
        include_str!("atm.rhai"),
        Occasion::Opened,
        &Desk::default(),
        expect![[r#"
            27: if ticket.asset == (): Some(false)
                ticket.asset == (): Some(false) (ticket.asset = ATM-7)
            32: if twin != (): Some(false)
                twin != (): Some(false) (twin = ())
            36: if !ticket.contract.covers(ticket): Some(false)
                !ticket.contract.covers(ticket): Some(false) (ticket.contract.covers(ticket) = true)
            45: if ticket.due_within(hours(24)): Some(false)
                ticket.due_within(hours(24)): Some(false) ()
            49: call send_engineer
            13: call grade_for
            4: switch category = "receipt_jam"
            11: asked "dispatch"
        "#]],
    );
    let mut vandalised = Desk::default();
    vandalised.ticket.category = Some(key("vandalism"));
    check(
        include_str!("atm.rhai"),
        Occasion::Opened,
        &vandalised,
        expect![[r#"
        27: if ticket.asset == (): Some(false)
            ticket.asset == (): Some(false) (ticket.asset = Asset)
        32: if twin != (): Some(false)
            twin != (): Some(false) (twin = ())
        36: if !ticket.contract.covers(ticket): Some(true)
            !ticket.contract.covers(ticket): Some(true) (ticket.contract.covers(ticket) = false)
        37: asked "change_ticket"
        38: asked "open_task"
    "#]],
    );
}

#[test]
fn the_first_operand_that_was_false_decides() {
    let script = "fn is_far(ticket) { ticket.note(\"looked\"); ticket.site.city != \"Astana\" }
fn on_opened(ticket) {
    let limit = 2;
    if ticket.priority <= limit && ticket.no_shows.is_empty() { ticket.note(\"a\"); }
    if ticket.urgent || ticket.category in [\"vandalism\", \"receipt_jam\"] { ticket.note(\"b\"); }
    if is_far(ticket) && !(ticket.urgent || settings.approval_hours > 40) { ticket.note(\"c\"); }
    else if settings.approval_hours == 48 && ticket.contact.reachable { ticket.urgent = true; }
    if ticket.urgent { ticket.note(\"d\"); }
}";
    check(
        script,
        Occasion::Opened,
        &Desk::default(),
        expect![[r#"
            4: if ticket.priority <= limit && ticket.no_shows.is_empty(): Some(false)
                ticket.priority <= limit: Some(false) (ticket.priority = 3, limit = 2)
            5: if ticket.urgent || ticket.category in ["vandalism", "receipt_jam"]: Some(true)
                ticket.urgent: Some(false) ()
                ticket.category in ["vandalism", "receipt_jam"]: Some(true) (ticket.category = "receipt_jam")
            5: asked "add_comment"
            6: if is_far(ticket) && !(ticket.urgent || settings.approval_hours > 40): Some(false)
                is_far(ticket): Some(true) ()
                !(ticket.urgent || settings.approval_hours > 40): Some(false) ((ticket.urgent || settings.approval_hours > 40) = true)
            6: call is_far
            1: asked "add_comment"
            7: if settings.approval_hours == 48 && ticket.contact.reachable: Some(true)
                settings.approval_hours == 48: Some(true) (settings.approval_hours = 48)
                ticket.contact.reachable: Some(true) ()
            7: asked "change_ticket"
            8: if ticket.urgent: Some(true)
                ticket.urgent: Some(true) ()
            8: asked "add_comment"
        "#]],
    );
}

#[test]
fn a_failed_run_is_explained_up_to_its_failure() {
    let script = "fn on_opened(ticket) {
    if ticket.priority == 3 { ticket.note(\"before\"); }
    let n = 0;
    ticket.priority = 1 / n;
}";
    check(
        script,
        Occasion::Opened,
        &Desk::default(),
        expect![[r#"
        2: if ticket.priority == 3: Some(true)
            ticket.priority == 3: Some(true) (ticket.priority = 3)
        2: asked "add_comment"
        failed: Division by zero: 1 / 0 (line 4, column 25)
    "#]],
    );
}
