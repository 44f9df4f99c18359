//! What goes out: events that were granted, in order, never to where they came from.

use naryad::commands::{self, Request};
use naryad::domain::command::{Command, JobEnd};
use naryad::domain::event::Visibility;
use naryad::domain::person::{Actor, Role};
use naryad::domain::{Moment, Span, TicketId};
use naryad::store;
use naryad::store::job::{Job, JobState};
use naryad::views::plugin_document::{Reader, Written, event_document};
use serde_json::{Value, json};

use super::{Plugin, foreign, grant_with_events, installs, jobs, mirror};
use crate::helpers::TestDesk;

/// The kinds of events that wait for an installation, with the state of each job.
fn told(desk: &TestDesk, plugin: &Plugin) -> Vec<(String, JobState)> {
    let own = jobs(desk, "tell_event").into_iter();
    let own = own.filter(|job| job.body["installation"] == json!(plugin.id));
    own.map(|job| (job.body["event_kind"].as_str().unwrap().to_owned(), job.state)).collect()
}

fn leases(desk: &TestDesk) -> Vec<Job> {
    let lease = |tx: &store::Tx| Ok(commands::lease_jobs(tx, Span::minutes(1), 100)?);
    let mut leased = desk.desk.aside_now(lease).unwrap();
    leased.retain(|job| job.kind == *"tell_event");
    leased
}

fn ends(desk: &TestDesk, job: &Job, end: JobEnd) {
    desk.desk.run(Request::new(Actor::Clock, Command::EndJob { job: job.id, end })).unwrap();
}

fn document(desk: &TestDesk, plugin: &Plugin, job: &Job) -> Written {
    let abilities = desk.read(|db| {
        let installation = store::plugin::get(db, plugin.id)?.unwrap();
        commands::abilities(db, &installation)
    });
    let base_url = Some("https://desk.example/".to_owned());
    let reader = Reader { installation: plugin.id, abilities, base_url };
    let event = job.body["event"].as_str().unwrap().parse().unwrap();
    desk.read(|db| event_document(db, &reader, job.ticket.unwrap(), event)).unwrap()
}

#[test]
fn granted_events_wait_in_their_order_and_no_others_do() {
    let (desk, client, quiet) = mirror("");
    let plugin = installs(&desk, client, "told", grant_with_events(&["ticket_opened", "tagged", "closed"]));
    let ticket = desk.opens(client, "First");
    let tags =
        |tag: &str| Command::ChangeTags { ticket, add: [tag.to_owned()].into(), remove: Default::default() };
    desk.does(tags("a")).unwrap();
    desk.does(tags("b")).unwrap();
    let other = desk.opens(client, "Second");
    assert_ne!(ticket, other);
    use JobState::{Behind, Leased, Waiting};
    let kinds: Vec<_> = told(&desk, &plugin);
    let expected = [
        ("ticket_opened", Waiting),
        ("tags_changed", Behind),
        ("tags_changed", Behind),
        ("ticket_opened", Waiting),
    ];
    assert_eq!(kinds, expected.map(|(kind, state)| (kind.to_owned(), state)));
    assert!(told(&desk, &quiet).is_empty());
    // One of each ticket is under way; while one is tried again, those after it wait.
    let leased = leases(&desk);
    assert_eq!(leased.iter().map(|job| job.ticket.unwrap()).collect::<Vec<_>>(), [ticket, other]);
    let at = desk.now() + Span::minutes(5);
    ends(&desk, &leased[0], JobEnd::Retry { at, error: "busy".to_owned() });
    desk.clock.pass(Span::minutes(1));
    assert!(leases(&desk).iter().all(|job| job.ticket == Some(other)), "the first ticket's wait");
    desk.clock.pass(Span::minutes(4));
    let again = leases(&desk);
    let again = again.iter().find(|job| job.ticket == Some(ticket)).unwrap();
    assert_eq!((again.id, again.attempts), (leased[0].id, 2));
    // It is over: the next one goes.
    let taken = naryad::domain::command::TakeItems { job: Some(again.id), ..plugin.answer(json!([])) };
    plugin.hands_in(&desk, taken).unwrap();
    let states: Vec<_> = told(&desk, &plugin).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states[..3], [JobState::Done, Waiting, Behind]);
    // One that is given up holds nobody up; a replayed one goes before those that wait.
    let second = leases(&desk).into_iter().find(|job| job.ticket == Some(ticket)).unwrap();
    ends(&desk, &second, JobEnd::Dead { error: "never".to_owned() });
    desk.does(Command::ReplayJob { job: second.id }).unwrap();
    let states: Vec<_> = told(&desk, &plugin).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states[..3], [JobState::Done, Behind, Waiting]);
    assert_eq!(Leased, JobState::Leased);
}

#[test]
fn an_event_is_not_told_to_where_it_came_from() {
    let (desk, client, _) = mirror("fn on_opened(ticket) { ticket.add_tag(\"seen\"); }");
    let one = installs(&desk, client, "one", grant_with_events(&["ticket_opened", "tagged"]));
    let two = installs(&desk, client, "two", grant_with_events(&["ticket_opened", "tagged"]));
    one.brings(&desk, json!([foreign("A", "First")]));
    let kinds = |plugin| told(&desk, plugin).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    // What the script made of it is nobody's echo.
    assert_eq!(kinds(&one), ["tags_changed"]);
    assert_eq!(kinds(&two), ["ticket_opened", "tags_changed"]);
}

#[test]
fn notes_go_out_only_where_they_were_granted() {
    let (desk, client, _) = mirror("");
    let mut public_only = grant_with_events(&["comment_added"]);
    public_only["fields"] = json!(["comments"]);
    let (open, all) = (
        installs(&desk, client, "open", public_only),
        installs(&desk, client, "all", grant_with_events(&["comment_added"])),
    );
    let olga = desk.somebody("olga", Role::Operator, None);
    let ticket = desk.opens(client, "First");
    olga.notes(ticket, "Between us").unwrap();
    olga.replies(ticket, "To everybody").unwrap();
    assert_eq!((told(&desk, &open).len(), told(&desk, &all).len()), (1, 2));
    let job = jobs(&desk, "tell_event").pop().unwrap();
    let written = document(&desk, &open, &job).document;
    assert_eq!(written["after"]["comment"]["text"], "To everybody");
    assert_eq!(written["after"]["comment"]["author"], "olga");
    assert_eq!((&written["origin"], &written["visibility"]), (&json!("desk"), &json!("public")));
    assert!(!written.to_string().contains("Between us"), "{written}");
    let comments = document(&desk, &all, &job).document["ticket"]["comments"].clone();
    let texts: Vec<_> = comments.as_array().unwrap().iter().map(|one| one["text"].clone()).collect();
    assert_eq!(texts, ["Between us", "To everybody"]);
}

#[test]
fn a_document_says_what_was_and_what_is_and_only_what_was_granted() {
    let (desk, client, _) = mirror("");
    let events = [
        "subject_changed",
        "field_changed",
        "priority_changed",
        "status_changed",
        "resolved",
        "ticket_opened",
    ];
    let plugin = installs(&desk, client, "told", grant_with_events(&events));
    let ticket = desk.opens(client, "before");
    let change = |changes: Value| {
        let changes = Box::new(serde_json::from_value(changes).unwrap());
        desk.does(Command::ChangeTicket { ticket, version: None, changes }).unwrap();
    };
    change(json!({ "subject": "after", "fields": { "floor": 2 } }));
    change(json!({ "subject": "later", "fields": { "floor": 3 }, "priority": 1 }));
    let documents: Vec<Value> =
        jobs(&desk, "tell_event").iter().map(|job| document(&desk, &plugin, job).document).collect();
    let moves: Vec<_> = documents.iter().map(|one| (one["before"].clone(), one["after"].clone())).collect();
    assert_eq!(moves[1], (json!({ "subject": "before" }), json!({ "subject": "after" })));
    assert_eq!(moves[2], (json!({ "fields": { "floor": null } }), json!({ "fields": { "floor": 2.0 } })));
    assert_eq!(moves[3], (json!({ "subject": "after" }), json!({ "subject": "later" })));
    assert_eq!(moves[4].0["priority"], 3);
    assert_eq!(moves[4].1["priority"], 1);
    let opened = &documents[0]["ticket"];
    assert_eq!(opened["number"], "BANK-1");
    assert_eq!(opened["url"], "https://desk.example/tickets/BANK-1");
    assert_eq!(opened["subject"], "later", "the ticket is as it stands now");
    assert!(documents.windows(2).all(|pair| pair[0]["seq"].as_i64() < pair[1]["seq"].as_i64()));
    // With less granted, less is said.
    let mut narrow = grant_with_events(&events);
    narrow["fields"] = json!(["status"]);
    let narrow = installs(&desk, client, "narrow", narrow);
    let written = document(&desk, &narrow, &jobs(&desk, "tell_event")[1]).document;
    assert_eq!((&written["before"], &written["after"]), (&json!({}), &json!({})));
    let known: Vec<_> = written["ticket"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(known, ["external", "id", "number", "status"]);
}

#[test]
fn files_have_handles_that_lead_to_them() {
    let (desk, client, _) = mirror("");
    let plugin = installs(&desk, client, "told", grant_with_events(&["attachment_added"]));
    let ticket = desk.opens(client, "First");
    let attachment = desk.desk.aside_now(move |tx| {
        let row = store::attachment::Attachment {
            id: tx.id(),
            sha256: "0".repeat(64),
            name: "photo.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: 7,
            uploaded_by: Actor::Operator,
            uploaded_at: tx.now(),
            ticket: None,
            visibility: None,
        };
        store::attachment::insert(tx, &row)?;
        Ok(row.id)
    });
    let attachments = vec![attachment.unwrap()];
    let add = Command::AddAttachments { ticket, attachments, visibility: Visibility::Public };
    desk.does(add).unwrap();
    let written = document(&desk, &plugin, &jobs(&desk, "tell_event")[0]);
    let handle = written.document["after"]["files"][0]["file"].as_str().unwrap();
    assert!(written.files.contains_key(handle), "{written:?}");
}

#[test]
fn nothing_is_queued_for_clients_without_such_plugins() {
    let (desk, client, _) = mirror("");
    desk.opens(client, "First");
    assert!(jobs(&desk, "tell_event").is_empty());
    // From the moment that it is granted.
    let plugin = installs(&desk, client, "told", grant_with_events(&["ticket_opened"]));
    let ticket: TicketId = desk.opens(client, "Second");
    assert_eq!(jobs(&desk, "tell_event").len(), 1);
    assert_eq!(jobs(&desk, "tell_event")[0].ticket, Some(ticket));
    assert!(jobs(&desk, "tell_event")[0].run_at <= Moment::LAST && plugin.id.0 > 0);
}
