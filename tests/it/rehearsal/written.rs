//! Tests that are written from tickets: they pass, they say where the ticket went, and they name nobody.

use std::collections::BTreeMap;

use naryad::domain::command::{Command, OpenTicket, PluginAnswer, RateTicket};
use naryad::domain::event::Visibility;
use naryad::domain::person::Role;
use naryad::domain::{Key, Span, TicketId};
use naryad::rehearsal::script_tests::{PackSource, Report, run};
use naryad::rehearsal::written_test::{WrittenTest, write_test};
use serde_json::json;

use crate::backtest::lively::{SCRIPT, lived};
use crate::helpers::{SETTINGS, TestDesk};

fn with(script: &str, written: &WrittenTest) -> Report {
    run(&PackSource {
        script: script.to_owned(),
        settings: SETTINGS.to_owned(),
        tests: BTreeMap::from([(written.file.clone(), written.text.clone())]),
        ..PackSource::default()
    })
}

fn tickets(desk: &TestDesk) -> Vec<TicketId> {
    desk.read(|db| naryad::store::ticket::ids_after(db, TicketId(0), 1_000))
}

#[test]
fn tests_of_dozens_of_varied_tickets_pass_and_fail_with_another_script() {
    let mut desk = TestDesk::new();
    desk.jobs_may_stay = true;
    lived(&desk, 1);
    let tickets = tickets(&desk);
    assert!(tickets.len() >= 36, "{}", tickets.len());
    let elsewhere =
        SCRIPT.replace("commercial", "dispatchers").replace("\"local_service\"", "\"dispatchers\"");
    assert_ne!(elsewhere, SCRIPT);
    let (mut notes, mut caught, mut assertions) = (Vec::new(), 0, 0);
    for ticket in &tickets {
        let written = write_test(desk.desk.readers(), *ticket).unwrap();
        let report = with(SCRIPT, &written);
        assert!(written.is_proven && report.all_passed(), "{}\n{report}", written.text);
        assert!(written.assertions >= 6, "{}", written.text);
        assertions += written.assertions;
        notes.extend(written.not_reproduced.iter().map(|note| format!("{}: {note}", written.number)));
        caught += usize::from(!with(&elsewhere, &written).all_passed());
    }
    let count = tickets.len();
    println!("{count} tickets, {assertions} assertions, {} notes, {caught} caught", notes.len());
    for note in &notes {
        println!("{note}");
    }
    assert!(notes.len() * 10 <= assertions, "one in ten at most is given up: {notes:#?}");
    assert!(caught > 0, "a script that sends tickets elsewhere fails some of them");
}

#[test]
fn nobodys_words_or_names_stand_in_it() {
    let mut desk = TestDesk::new();
    desk.jobs_may_stay = true;
    let client = desk.client(
        "bank",
        r#"fn on_opened(ticket) { if ticket.title.contains("jam") { ticket.queue("dispatchers"); } }"#,
    );
    let boris = desk.somebody("boris.petrovsky", naryad::domain::person::Role::Supervisor, Some(client));
    let open = OpenTicket {
        subject: "Paper jam, call Ivanova on 555-1234".to_owned(),
        description: "Ask for Ivanova".to_owned(),
        tags: ["ivanova".to_owned()].into(),
        ..TestDesk::request(client, "x")
    };
    let ticket = boris.does(Command::OpenTicket(Box::new(open))).unwrap().ticket.unwrap();
    desk.pass(Span::hours(2));
    boris.replies(ticket, "Dear Ivanova, we come at noon").unwrap();
    let written = write_test(desk.desk.readers(), ticket).unwrap();
    assert!(written.is_proven, "{}", written.text);
    let lower = written.text.to_lowercase();
    for word in ["ivanova", "555", "petrovsky", "boris", "noon"] {
        assert!(!lower.contains(word), "{word} in\n{}", written.text);
    }
    assert_eq!(written.not_reproduced, Vec::<String>::new(), "{}", written.text);
    for line in ["assert_eq(ticket.queue, \"dispatchers\");", "pass(hours(2));", "A subject: jam"] {
        assert!(written.text.contains(line), "{line} in\n{}", written.text);
    }
    let other = r#"fn on_opened(ticket) { ticket.queue("commercial"); }"#;
    let failed = with(other, &written).tests[0].failed.clone().unwrap();
    assert_eq!(
        (failed.expected.as_deref(), failed.actual.as_deref()),
        (Some("\"dispatchers\""), Some("\"commercial\""))
    );
}

#[test]
fn what_a_plugin_did_not_answer_is_said_and_not_guessed() {
    let mut desk = TestDesk::new();
    desk.jobs_may_stay = true;
    let client = desk.client("bank", "");
    desk.plugin(client, "parts-stock", "in_stock");
    let script = r#"
fn on_opened(ticket) { ticket.call_plugin("parts-stock", "in_stock", #{}).then("known"); }
fn known(ticket, answer, ctx) { if answer.value.in_stock { ticket.queue("dispatchers"); } }"#;
    desk.publishes(client, script, SETTINGS).unwrap();
    let waiting = desk.opens(client, "waits");
    let written = write_test(desk.desk.readers(), waiting).unwrap();
    assert!(written.is_proven, "{}", written.text);
    assert_eq!(
        written.not_reproduced,
        ["what parts-stock.in_stock answered; the journal does not hold it"],
        "{}",
        written.text
    );
    desk.pass(Span::minutes(3));
    desk.plugins_answer(|_| PluginAnswer::Ok { value: json!({ "in_stock": true, "who": "Ivanova" }) });
    let written = write_test(desk.desk.readers(), waiting).unwrap();
    assert!(written.is_proven && written.not_reproduced.is_empty(), "{}", written.text);
    assert!(
        written.text.contains(r#"on_call("parts-stock", "in_stock", #{ "in_stock": true, "who": "text" });"#),
        "{}",
        written.text
    );
    assert!(written.text.contains(r#"assert_eq(ticket.queue, "dispatchers");"#), "{}", written.text);
}

#[test]
fn a_question_and_a_rating_are_steps_of_it() {
    let script = r#"
fn on_resolved(ticket) { ticket.ask_rating(#{ after: minutes(5) }); }
fn on_comment(ticket, comment) { if comment.asks_client { ticket.add_tag("asked"); } }
fn on_rating(ticket, rating) { if rating.score <= 2 { ticket.escalate("commercial", #{ reason: "bad" }); } }"#;
    let desk = TestDesk::new();
    let client = desk.client("bank", script);
    let contact = desk.contact(client, None, "Dinara");
    let dinara = desk.person_of(client, contact, "dinara");
    let olga = desk.somebody("olga", Role::Operator, Some(client));
    let ticket =
        desk.opens_with(OpenTicket { contact: Some(contact), ..TestDesk::request(client, "printer") });
    let (text, visibility, attachments) = ("Which secret one?".to_owned(), Visibility::Public, Vec::new());
    olga.does(Command::AddComment { ticket, text, visibility, attachments, asks_client: true }).unwrap();
    desk.pass(Span::minutes(3));
    dinara.replies(ticket, "The one upstairs").unwrap();
    let (version, reason, information) = (None, None, Box::default());
    let resolution = Key::new("done").unwrap();
    olga.does(Command::ResolveTicket { ticket, version, resolution, reason, information }).unwrap();
    desk.pass(Span::minutes(6));
    let comment = Some("Too slow".to_owned());
    dinara.does(Command::RateTicket(Box::new(RateTicket { ticket, score: 2, comment }))).unwrap();
    desk.pass(Span::minutes(11));
    let written = write_test(desk.desk.readers(), ticket).unwrap();
    let report = with(script, &written);
    assert!(written.is_proven && report.all_passed(), "{}\n{report}", written.text);
    assert!(
        written.text.contains(".asks(ticket, ") && written.text.contains(".rate(ticket, 2, "),
        "{}",
        written.text
    );
    assert!(!written.text.contains("secret") && !written.text.contains("slow"), "{}", written.text);
    assert!(written.not_reproduced.is_empty(), "{:?}", written.not_reproduced);
}
