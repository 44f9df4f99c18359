//! Expectations and ladders: what ends them, what climbs them, and that both survive a restart.

use naryad::domain::command::Command;
use naryad::domain::event::Event;
use naryad::domain::ladder::LadderStop;
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::work_order::Stage;
use naryad::domain::{Key, Span, TicketId};
use naryad::store;

use crate::helpers::{SETTINGS, TestDesk};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// The ladders that stand, by their names.
fn standing(desk: &TestDesk, ticket: TicketId) -> Vec<String> {
    let found = desk.read(|db| store::ladder::of_ticket(db, ticket));
    found.into_iter().map(|one| one.ladder.name.to_string()).collect()
}

/// Why each ladder was left, in order.
fn stops(desk: &TestDesk, ticket: TicketId) -> Vec<(String, LadderStop)> {
    let stopped = desk.events(ticket).into_iter().filter_map(|one| match one.event {
        Event::LadderStopped { name, why } => Some((name.to_string(), why)),
        _ => None,
    });
    stopped.collect()
}

fn tags(desk: &TestDesk, ticket: TicketId) -> Vec<String> {
    desk.ticket(ticket).tags.into_iter().collect()
}

const VISIT: &str = r#"
fn on_opened(ticket) { ticket.dispatch(#{ city: "Almaty", grade: 1 }); }
fn on_work_order(ticket, order) {
    if order.stage == "offered" { order.expect("arrived", hours(2)).otherwise("late"); }
}
fn late(ticket, order) { ticket.add_tag("late_" + order.number); }
"#;

#[test]
fn a_stage_of_an_order_is_met_missed_or_over() {
    /// The stages of the order, why the expectation was left, the tags that are left.
    type Case<'c> = (&'c [(Stage, Option<&'c str>)], &'c [(&'c str, LadderStop)], &'c [&'c str]);
    let moves: [Case<'_>; 4] = [
        (&[(Stage::Accepted, None)], &[], &["late_1"]),
        (&[(Stage::Accepted, None), (Stage::Arrived, None)], &[("order_1_arrived", LadderStop::Met)], &[]),
        (&[(Stage::Done, None)], &[("order_1_arrived", LadderStop::Met)], &[]),
        (&[(Stage::Refused, Some("no_access"))], &[("order_1_arrived", LadderStop::Over)], &[]),
    ];
    for (stages, stopped, tagged) in moves {
        let desk = TestDesk::new();
        let client = desk.client("bank", VISIT);
        let engineer = desk.engineer("nurlan", 1, "Almaty");
        let ticket = desk.opens(client, "no cash");
        assert_eq!(standing(&desk, ticket), ["order_1_arrived"]);
        for (stage, outcome) in stages {
            engineer.moves(desk.last_order(ticket).id, *stage, *outcome).unwrap();
        }
        desk.pass(Span::hours(2));
        let stopped: Vec<_> = stopped.iter().map(|(name, why)| ((*name).to_owned(), why.clone())).collect();
        assert_eq!(stops(&desk, ticket), stopped, "{stages:?}");
        assert_eq!(tags(&desk, ticket), tagged, "{stages:?}");
        assert!(standing(&desk, ticket).is_empty());
    }
}

#[test]
fn a_ticket_is_accepted_by_word_or_by_deed_and_only_by_who_has_it() {
    let script = r#"
        fn on_changed(ticket, change) {
            if change.what == "assignee" && ticket.assignee != () {
                ticket.expect("accepted", minutes(15)).otherwise("take_back");
            }
        }
        fn take_back(ticket) { ticket.unassign("Not taken in 15 minutes"); }
    "#;
    for (deed, is_taken_back) in
        [("nothing", true), ("others reply", true), ("reply", false), ("word", false)]
    {
        let desk = TestDesk::new();
        let client = desk.client("bank", script);
        let boss = desk.somebody("boris", Role::Supervisor, Some(client));
        let olga = desk.member("olga", "support");
        olga.gets(
            &[Grant { role: Role::Operator, client: Some(client) }],
            &[Membership { queue: key("support"), client: None }],
        );
        let ticket = desk.opens(client, "no cash");
        boss.assigns(ticket, &olga).unwrap();
        desk.pass(Span::minutes(14));
        match deed {
            "others reply" => drop(boss.replies(ticket, "we look").unwrap()),
            "reply" => drop(olga.replies(ticket, "I look").unwrap()),
            "word" => drop(olga.does(Command::AcceptTicket { ticket, version: None }).unwrap()),
            _ => {}
        }
        desk.pass(Span::minutes(1));
        let assignee = desk.ticket(ticket).assignee;
        assert_eq!(assignee.is_none(), is_taken_back, "{deed}");
        let met = stops(&desk, ticket).contains(&("ticket_accepted".to_owned(), LadderStop::Met));
        assert_eq!(met, !is_taken_back, "{deed}");
    }
}

#[test]
fn two_ladders_climb_side_by_side_over_a_restart_and_end_by_a_signal_and_with_the_ticket() {
    let script = r#"
        fn on_opened(ticket) {
            ticket.ladder("ask").rung("one", minutes(0)).rung("two", minutes(5)).rung("three", minutes(10)).stop_on("answered");
            ticket.ladder("remind").rung("later", hours(1)).rung("later", hours(2));
        }
        fn one(ticket) { ticket.add_tag("one"); }
        fn two(ticket) { ticket.add_tag("two"); }
        fn three(ticket) { ticket.add_tag("three"); }
        fn later(ticket) { ticket.count_up("reminded"); }
        fn on_comment(ticket, comment) {
            ticket.stop_ladder("ask", "something_else");
            if comment.text == "here" { ticket.stop_ladder("ask", "answered"); }
        }
    "#;
    let mut desk = TestDesk::new();
    let client = desk.client("bank", script);
    let ticket = desk.opens(client, "no cash");
    desk.pass(Span::minutes(5));
    assert_eq!(tags(&desk, ticket), ["one", "two"]);
    desk.restarts_after(|_| {});
    let olga = desk.somebody("olga", Role::Operator, Some(client));
    olga.replies(ticket, "wait").unwrap();
    assert_eq!(standing(&desk, ticket), ["ask", "remind"], "another signal ends nothing");
    olga.replies(ticket, "here").unwrap();
    assert_eq!(standing(&desk, ticket), ["remind"]);
    desk.pass(Span::hours(1));
    assert_eq!(tags(&desk, ticket), ["one", "two"]);
    assert_eq!(desk.ticket(ticket).counters.get("reminded"), Some(&1));
    let close = Command::CloseTicket {
        ticket,
        version: None,
        resolution: key("done"),
        reason: None,
        information: Box::default(),
    };
    desk.does(close).unwrap();
    desk.pass(Span::hours(2));
    assert_eq!(desk.ticket(ticket).counters.get("reminded"), Some(&1));
    let signal = LadderStop::Signal { signal: key("answered") };
    assert_eq!(stops(&desk, ticket), [("ask".to_owned(), signal), ("remind".to_owned(), LadderStop::Closed)]);
}

#[test]
fn a_circle_without_time_ends_as_a_failed_run() {
    let script = r#"
        fn on_opened(ticket) { again(ticket); }
        fn again(ticket) { ticket.expect("resolved", minutes(0)).otherwise("and_on"); }
        fn and_on(ticket) { ticket.count_up("turns"); again(ticket); }
    "#;
    let desk = TestDesk::new();
    let client = desk.client("bank", script);
    let ticket = desk.opens(client, "no cash");
    desk.pass(Span::minutes(1));
    let stands = desk.ticket(ticket);
    assert!(stands.is_marked);
    assert_eq!(stands.counters.get("turns"), Some(&naryad::domain::ladder::DEPTH_MAX));
    let failure = desk.runs(ticket).into_iter().find_map(|run| run.failure).unwrap();
    assert!(failure.contains("`ticket_resolved` goes in a circle"), "{failure}");
}

#[test]
fn a_version_without_the_function_takes_no_ticket_whose_ladder_calls_it() {
    let desk = TestDesk::new();
    let script = r#"
        fn on_opened(ticket) { ticket.expect("resolved", hours(1)).otherwise("late"); }
        fn late(ticket) { ticket.add_tag("late"); }
    "#;
    let client = desk.client("bank", script);
    let ticket = desk.opens(client, "no cash");
    desk.publishes(client, "fn on_opened(ticket) {}", SETTINGS).unwrap();
    let error = desk.does(Command::RecomputeClocks { ticket, to: None }).unwrap_err();
    assert!(error.to_string().contains("calls `late`, which is not there"), "{error}");
    desk.pass(Span::hours(1));
    let stands = desk.ticket(ticket);
    assert!(!stands.is_marked && stands.tags.contains("late"), "{stands:?}");
}

#[test]
fn what_cannot_be_expected_fails_the_run_in_words() {
    let rungs = ".rung(\"late\", hours(1))".repeat(21);
    let long = format!("ticket.ladder(\"long\"){rungs};");
    for (line, wanted) in [
        ("ticket.expect(\"resolved\", hours(1));", "say what is to be done"),
        ("ticket.ladder(\"empty\");", "say what is to be done"),
        (
            "let what = \"resol\" + \"vedd\"; ticket.expect(what, hours(1)).otherwise(\"late\");",
            "known: assigned, accepted",
        ),
        (
            "let name = \"lat\" + \"er\"; ticket.expect(\"resolved\", hours(1)).otherwise(name);",
            "has no function `later`",
        ),
        (
            "ticket.ladder(\"back\").rung(\"late\", hours(2)).rung(\"soon\", hours(1));",
            "`soon` comes before `late`",
        ),
        ("ticket.expect(\"resolved\", days(1001)).otherwise(\"late\");", "1,000 days"),
        (long.as_str(), "20"),
    ] {
        let desk = TestDesk::new();
        let script = format!("fn on_opened(ticket) {{ {line} }}\nfn late(ticket) {{}}\nfn soon(ticket) {{}}");
        let client = desk.client("bank", &script);
        let ticket = desk.opens(client, "no cash");
        let failure = desk.runs(ticket).into_iter().find_map(|run| run.failure).expect(line);
        assert!(failure.contains(wanted), "{line}: {failure}");
        assert!(standing(&desk, ticket).is_empty());
    }
}
