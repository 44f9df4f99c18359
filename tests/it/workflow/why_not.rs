//! Why not: what stopped a run on the way to each thing that its handler could have asked for.

use std::rc::Rc;

use naryad::workflow::why_not::Verdict;
use naryad::workflow::{Occasion, decide, on_script_stack, outcomes, why_not};

use super::desk::*;

const SCRIPT: &str = r#"
fn send(ticket) {
    if ticket.site.city != "Astana" {
        ticket.dispatch(#{ grade: 1 });
    }
}
fn on_opened(ticket) {
    if ticket.priority <= 2 && ticket.urgent {
        ticket.queue("dispatchers");
        return;
    }
    if ticket.category == "receipt_jam" {
        send(ticket);
    } else {
        ticket.queue("commercial");
    }
    switch ticket.category {
        "vandalism" => { ticket.status = "awaiting_approval"; }
        "receipt_jam" => { ticket.status = "in_work"; }
        _ => {}
    }
    for twin in [] { ticket.note("twin"); }
    if !ticket.urgent { return; }
    ticket.close(#{ resolution: "fixed" });
}
fn on_closed(ticket) { ticket.note("elsewhere"); }
"#;

/// `verdict @line: condition (wanted, met: operand values)` for each place.
fn answer(script: &str, desk: &Desk, key: &str) -> Option<Vec<String>> {
    on_script_stack(|| {
        let program = program(script);
        let occasion = Occasion::Opened;
        let run = decide(&program, TICKET, &occasion, Rc::new(desk.clone()));
        let answer = why_not(&program, TICKET, &occasion, run.facts.clone(), key)?;
        assert_eq!(answer.outcome.key, key);
        Some(
            answer
                .places
                .iter()
                .map(|place| {
                    let verdict = match place.verdict {
                        Verdict::Reached => "reached".to_owned(),
                        Verdict::Stopped => "stopped".to_owned(),
                        Verdict::Left { line, .. } => format!("left at {line}"),
                        Verdict::Failed => "failed".to_owned(),
                        Verdict::NotCome => "not come".to_owned(),
                    };
                    let conditions = place.conditions.iter().map(|one| {
                        let seen = match (&one.value, one.operands.last()) {
                            (Some(value), _) => value.clone(),
                            (None, Some(operand)) => {
                                let values = operand
                                    .values
                                    .iter()
                                    .map(|seen| format!("{} = {}", seen.text, seen.value));
                                format!(
                                    "{}: {:?} {}",
                                    operand.text,
                                    operand.is_true,
                                    values.collect::<Vec<_>>().join(", ")
                                )
                            }
                            (None, None) => String::new(),
                        };
                        format!(
                            "{} {} {} {}",
                            one.line,
                            one.wanted,
                            if one.is_met { "met" } else { "NOT" },
                            seen.trim()
                        )
                    });
                    format!(
                        "{verdict} @{} in {}; {}",
                        place.line,
                        place.function,
                        conditions.collect::<Vec<_>>().join("; ")
                    )
                })
                .collect(),
        )
    })
}

#[test]
fn outcomes_are_what_the_handler_and_its_functions_can_ask_for() {
    let keys = |handler: Occasion| {
        on_script_stack(|| {
            outcomes(&program(SCRIPT), &handler).into_iter().map(|outcome| outcome.key).collect::<Vec<_>>()
        })
    };
    assert_eq!(
        keys(Occasion::Opened),
        [
            "close",
            "dispatch",
            "note twin",
            "queue commercial",
            "queue dispatchers",
            "status awaiting_approval",
            "status in_work"
        ]
    );
    assert_eq!(keys(Occasion::Closed), ["note elsewhere"]);
    assert_eq!(keys(Occasion::Reopened), Vec::<String>::new());
}

#[test]
fn each_outcome_says_what_stopped_it() {
    let desk = Desk::default();
    let mut urgent = Desk::default();
    urgent.ticket.priority = 1;
    urgent.ticket.is_urgent = true;
    for (what, desk, key, expected) in [
        (
            "the first operand that was false",
            &desk,
            "queue dispatchers",
            "stopped @9 in on_opened; 8 true NOT ticket.priority <= 2: Some(false) ticket.priority = 3",
        ),
        (
            "a condition that had to be false",
            &desk,
            "queue commercial",
            r#"stopped @15 in on_opened; 12 false NOT ticket.category == "receipt_jam": Some(true) ticket.category = "receipt_jam""#,
        ),
        (
            "it did ask for it, through a function",
            &desk,
            "dispatch",
            r#"reached @4 in send; 12 true met ticket.category == "receipt_jam": Some(true) ticket.category = "receipt_jam"; 3 true met ticket.site.city != "Astana": Some(true) ticket.site.city = "Almaty""#,
        ),
        (
            "another arm",
            &desk,
            "status awaiting_approval",
            r#"stopped @18 in on_opened; 17 "vandalism" NOT "receipt_jam""#,
        ),
        (
            "a return before it, and the condition that led there",
            &desk,
            "close",
            "left at 23 @24 in on_opened; 23 true met !ticket.urgent: Some(true) ticket.urgent = false",
        ),
        ("a loop that had nothing to go through", &desk, "note twin", "not come @22 in on_opened; "),
        (
            "left before the condition around it was asked",
            &urgent,
            "dispatch",
            "left at 10 @4 in send; 8 true met ticket.urgent: Some(true)",
        ),
    ] {
        assert_eq!(answer(SCRIPT, desk, key), Some(vec![expected.to_owned()]), "{what}");
    }
    assert_eq!(answer(SCRIPT, &desk, "queue nowhere"), None);
    assert_eq!(answer(SCRIPT, &desk, "note elsewhere"), None, "another handler's");
}

#[test]
fn a_failure_before_it_stopped_it() {
    let script = r#"
fn on_opened(ticket) {
    if [1][ticket.priority] == 1 { ticket.queue("dispatchers"); }
    ticket.close(#{ resolution: "fixed" });
}"#;
    let desk = Desk::default();
    let first = answer(script, &desk, "queue dispatchers").unwrap();
    assert!(first[0].starts_with("failed @3"), "{first:?}");
    assert_eq!(answer(script, &desk, "close"), Some(vec!["failed @4 in on_opened; ".to_owned()]));
}

#[test]
fn every_place_that_asks_for_it_is_named() {
    let script = r#"
fn on_opened(ticket) {
    if ticket.urgent { ticket.note("x"); }
    if ticket.priority == 3 { ticket.note("x"); }
}"#;
    let places = answer(script, &Desk::default(), "note x").unwrap();
    assert_eq!(places.len(), 2);
    assert!(places[0].starts_with("stopped @3") && places[1].starts_with("reached @4"), "{places:?}");
}
