//! A script that fails loses nothing of what people did, and harms nobody but its own client.

use std::sync::atomic::{AtomicBool, Ordering};

use naryad::commands::{Idempotency, Request};
use naryad::domain::command::{Command, PackSource, TicketChanges};
use naryad::domain::person::{Actor, Grant, Membership, Role};
use naryad::domain::version_move::Reach;
use naryad::domain::{ClientId, Key, TicketId};
use naryad::store;
use naryad::store::run::RunState;

use crate::helpers::{SETTINGS, TestDesk, refusal};

/// How many failures in a row put a script in quarantine.
const FAILURES_IN_ROW_MAX: usize = 5;

const FAILS: &str = r#"
fn on_opened(ticket) {
    ticket.add_tag("half");
    ticket.escalate("commercial", #{ reason: "half done" });
    if ticket.subject == "break" { throw "broken on purpose"; }
}
"#;

/// Each handler wakes the other, without end.
const CIRCLES: &str = r#"
fn on_opened(ticket) { ticket.add_tag("a"); ticket.timer("remind", hours(1)); }
fn on_changed(ticket, change) {
    if change.what == "tags" { ticket.urgent = !ticket.urgent; }
    if change.what == "urgent" { if "a" in ticket.tags { ticket.remove_tag("a"); } else { ticket.add_tag("a"); } }
}
"#;

fn is_quarantined(desk: &TestDesk, client: ClientId) -> bool {
    desk.read(|db| store::pack::health(db, client)).quarantined_at.is_some()
}

fn queue(desk: &TestDesk, ticket: TicketId) -> Option<String> {
    desk.ticket(ticket).queue.map(|queue| queue.to_string())
}

#[test]
fn a_failed_run_leaves_the_change_the_mark_and_the_default_queue() {
    let desk = TestDesk::new();
    let client = desk.client("bank", FAILS);
    let supervisor = desk.somebody("sona", Role::Supervisor, None);
    supervisor.gets(
        &[Grant { role: Role::Supervisor, client: None }],
        &[Membership { queue: Key::new("supervisors").unwrap(), client: None }],
    );
    let ticket = desk.opens(client, "break");
    let saved = desk.ticket(ticket);
    assert!(saved.is_marked);
    assert!(saved.tags.is_empty(), "nothing of the run stands: {:?}", saved.tags);
    assert_eq!(desk.tasks(ticket), []);
    assert_eq!(queue(&desk, ticket).as_deref(), Some("supervisors"));
    assert_eq!(desk.story(ticket), ["ticket_opened", "script_failed", "ticket_queued"]);
    assert_eq!(desk.told(supervisor.id), ["script_failed", "ticket_queued"]);
    let run = desk.runs(ticket).remove(0);
    assert_eq!((run.handler.as_str(), run.state), ("on_opened", RunState::Failed));
    let failure = run.failure.unwrap();
    assert!(failure.contains("broken on purpose") && failure.contains("line 5"), "{failure}");

    supervisor.does(Command::ClearMark { ticket }).unwrap();
    assert!(!desk.ticket(ticket).is_marked);
    let healthy = desk.opens(client, "whole");
    assert_eq!(desk.tasks(healthy).len(), 1);
}

#[test]
fn a_refused_command_fails_the_run_whole() {
    let desk = TestDesk::new();
    let script = r#"fn on_opened(ticket) {
        ticket.add_tag("half");
        ticket.call_plugin("not-there", "anything", #{});
    }"#;
    // What is not installed is found before publishing, so the plugin goes away afterwards.
    let client = desk.client("bank", "");
    desk.plugin(client, "not-there", "anything");
    let script = desk.publishes(client, script, crate::helpers::SETTINGS);
    script.unwrap();
    let installed =
        desk.read(|db| store::plugin::of_client(db, client, "not-there")).expect("it is installed");
    let off = naryad::domain::command::Switch::Off;
    desk.does(Command::SetPluginEnabled { installation: installed.id, state: off }).unwrap();
    let ticket = desk.opens(client, "x");
    assert!(desk.ticket(ticket).is_marked && desk.ticket(ticket).tags.is_empty());
    let run = desk.runs(ticket).remove(0);
    assert!(run.failure.unwrap().contains("line 3"), "the line of the command that was refused");
    assert!(run.commands.contains("refused: the plugin `not-there`"), "{}", run.commands);
}

#[test]
fn failures_in_a_row_lead_to_quarantine_until_a_person_releases_it() {
    let desk = TestDesk::new();
    let bank = desk.client("bank", FAILS);
    let other = desk.client("other", FAILS);
    for _ in 1..FAILURES_IN_ROW_MAX {
        desk.opens(bank, "break");
    }
    desk.opens(bank, "whole");
    for _ in 0..FAILURES_IN_ROW_MAX {
        assert!(!is_quarantined(&desk, bank), "a run that went well starts the count anew");
        desk.opens(bank, "break");
    }
    assert!(is_quarantined(&desk, bank));

    let ticket = desk.opens(bank, "whole");
    assert_eq!(desk.handlers(ticket), [("on_opened".to_owned(), RunState::Quarantined)]);
    assert_eq!(queue(&desk, ticket).as_deref(), Some("supervisors"));
    assert!(desk.ticket(ticket).is_marked);
    let theirs = desk.opens(other, "whole");
    assert_eq!(desk.handlers(theirs), [("on_opened".to_owned(), RunState::Applied)]);

    let operator = desk.somebody("olga", Role::Operator, None);
    let release = || Command::ReleaseQuarantine { client: bank };
    assert_eq!(crate::helpers::refusal(operator.does(release())), "forbidden");
    desk.somebody("sona", Role::Supervisor, None).does(release()).unwrap();
    let ticket = desk.opens(bank, "whole");
    assert_eq!(desk.handlers(ticket), [("on_opened".to_owned(), RunState::Applied)]);
}

#[test]
fn publishing_a_mended_script_ends_the_quarantine() {
    let desk = TestDesk::new();
    let client = desk.client("bank", FAILS);
    for _ in 0..FAILURES_IN_ROW_MAX {
        desk.opens(client, "break");
    }
    assert!(is_quarantined(&desk, client));
    desk.publishes(client, "fn on_opened(ticket) { }", crate::helpers::SETTINGS).unwrap();
    assert!(!is_quarantined(&desk, client));
}

#[test]
fn handlers_that_wake_one_another_without_end_are_stopped() {
    let desk = TestDesk::new();
    let client = desk.client("bank", CIRCLES);
    let ticket = desk.opens(client, "round and round");
    let saved = desk.ticket(ticket);
    // A handler is not woken by its own run's changes, so the script's own circle is no circle.
    assert!(!saved.is_marked, "{:?}", desk.handlers(ticket));
    let urgent = TicketChanges { is_urgent: Some(true), ..TicketChanges::default() };
    desk.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(urgent) }).unwrap();
    assert!(desk.runs(ticket).len() <= 4, "{:?}", desk.handlers(ticket));
}

#[test]
fn a_cascade_over_two_handlers_is_stopped_at_its_limit() {
    let desk = TestDesk::new();
    // A comment wakes on_comment, whose change wakes on_changed, whose comment wakes on_comment …
    let script = r#"
fn on_comment(ticket, comment) { ticket.urgent = !ticket.urgent; }
fn on_changed(ticket, change) { ticket.note("again"); }
"#;
    let client = desk.client("bank", script);
    let ticket = desk.opens(client, "x");
    let operator = desk.somebody("olga", Role::Operator, None);
    operator.replies(ticket, "start").unwrap();
    let runs = desk.handlers(ticket);
    assert_eq!(runs.len(), 33, "32 runs and the one that was not started");
    assert_eq!(runs.last().unwrap().1, RunState::Failed);
    assert!(runs[..32].iter().all(|run| run.1 == RunState::Applied));
    assert!(desk.ticket(ticket).is_marked);
    assert!(desk.story(ticket).contains(&"comment_added"), "what the operator wrote stands");
    assert_eq!(queue(&desk, ticket).as_deref(), Some("supervisors"));
}

/// One before the check, one that waits for its end, one after it that the loop did not see in time.
const OPENED_BY_A_WRITER_THAT_CHECKS: usize = 3;

#[test]
fn a_script_that_is_slow_to_check_keeps_nobody_else_waiting() {
    let desk = TestDesk::new();
    let (slow, other) = (desk.client("slow", ""), desk.client("other", ""));
    // Something near is looked for beside each name.
    let fields: String = (0..300).map(|number| format!("q{number}:1,")).collect();
    let lines = format!("ticket.escalate(\"commercial\", #{{ {fields} reason: \"x\" }});\n").repeat(100);
    let script = format!("fn on_closed(ticket) {{\n{lines} }}");
    let is_published = AtomicBool::new(false);
    let (answer, opened) = std::thread::scope(|scope| {
        let publisher = scope.spawn(|| {
            let answer = desk.publishes(slow, &script, SETTINGS);
            is_published.store(true, Ordering::SeqCst);
            answer
        });
        let mut opened = 0;
        while !is_published.load(Ordering::SeqCst) {
            desk.opens(other, "meanwhile");
            opened += 1;
        }
        (publisher.join().unwrap(), opened)
    });
    // On the writer's thread, the check would let in one ticket before it and keep the next one waiting to its end.
    assert!(opened > OPENED_BY_A_WRITER_THAT_CHECKS, "only {opened} tickets were opened beside the check");
    match answer {
        Ok(_) => drop(desk.opens(slow, "first")),
        // So busy a machine that the check was given up.
        Err(_) => assert_eq!(refusal(answer), "workflow_has_errors"),
    }
}

#[test]
fn what_cannot_be_published_is_refused_by_the_writer_as_ever() {
    let desk = TestDesk::new();
    let client = desk.client("acme", "");
    let operator = desk.somebody("olga", Role::Operator, None).id;
    let source = PackSource::Draft;
    let publish = |actor| {
        let command = Command::PublishPack {
            client,
            source: source.clone(),
            message: String::new(),
            reach: Reach::NewTickets,
        };
        refusal(desk.desk.run(Request::new(actor, command)))
    };
    assert_eq!(publish(Actor::Operator), "invalid", "there is no draft");
    assert_eq!(publish(Actor::Person { person: operator }), "forbidden");
    let too_long = "/".repeat(naryad::domain::pack::SCRIPT_BYTES_MAX + 1);
    assert_eq!(refusal(desk.publishes(client, &too_long, SETTINGS)), "too_long");
    assert_eq!(refusal(desk.publishes(client, "fn on_opend(ticket) {}", SETTINGS)), "workflow_has_errors");
    let draft = |script: &str| Command::SaveDraft {
        client,
        script: script.to_owned(),
        settings: SETTINGS.to_owned(),
    };
    desk.does(draft("fn on_opened(ticket) { ticket.add_tag(\"new\"); }")).unwrap();
    let command = Command::PublishPack {
        client,
        source: source.clone(),
        message: String::new(),
        reach: Reach::NewTickets,
    };
    let mut request = Request::new(Actor::Operator, command);
    request.idempotency = Some(Idempotency { key: "k".to_owned(), request_sha256: "r".to_owned() });
    let first = desk.desk.run(request.clone()).unwrap();
    desk.does(draft("fn on_opend(ticket) {}")).unwrap();
    let again = desk.desk.run(request).unwrap();
    assert_eq!(
        (&again.id, again.is_repeat),
        (&first.id, true),
        "a repeat is a repeat, whatever the draft is"
    );
    assert_eq!(publish(Actor::Operator), "workflow_has_errors");
}

#[test]
fn what_was_published_runs_after_a_restart_without_another_check() {
    let mut desk = TestDesk::new();
    let client = desk.client("bank", "fn on_opened(ticket) { ticket.add_tag(\"seen\"); }");
    desk.restarts_after(|database| {
        // As an earlier check let it pass: today's would refuse the second handler's name.
        let script = "fn on_opened(ticket) { ticket.add_tag(\"seen\"); } fn on_opend(ticket) { }";
        database.execute("update pack_version set script = ?1", [script]).unwrap();
    });
    let ticket = desk.opens(client, "after the restart");
    assert!(desk.ticket(ticket).tags.contains("seen"), "{:?}", desk.story(ticket));
    let run = desk.runs(ticket).remove(0);
    let trace = naryad::commands::why::explain_run(&desk.desk, run.id).unwrap();
    assert!(trace.to_string().contains("seen"), "{trace}");
}
