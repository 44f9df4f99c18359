//! A two-way mirror: which side moved, who wins where both did, and what is on record.

use naryad::domain::command::{Command, TicketChanges};
use naryad::domain::plugin::Prefer;
use naryad::domain::{Key, TicketId};
use naryad::store;
use naryad::store::plugin_conflict::{Conflict, ConflictWhy};
use serde_json::{Value, json};

use super::{Plugin, mirror};
use crate::helpers::TestDesk;

fn says(desk: &TestDesk, plugin: &Plugin, mut upsert: Value) {
    upsert["do"] = json!("upsert");
    plugin.brings(desk, json!([{ "external": "A", "commands": [upsert] }]));
}

fn we_change(desk: &TestDesk, ticket: TicketId, changes: TicketChanges) {
    desk.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }).unwrap();
}

fn subject(desk: &TestDesk, ticket: TicketId) -> String {
    desk.words(Some(desk.ticket(ticket).subject))
}

fn conflicts(desk: &TestDesk, plugin: &Plugin) -> Vec<Conflict> {
    desk.read(|db| store::plugin_conflict::page(db, plugin.id, None, 100))
}

fn to(subject: &str) -> TicketChanges {
    TicketChanges { subject: Some(subject.to_owned()), ..TicketChanges::default() }
}

#[test]
fn what_changed_on_one_side_alone_is_no_conflict() {
    let (desk, _, plugin) = mirror("");
    says(&desk, &plugin, json!({ "subject": "one", "fields": { "floor": 2, "access_code": "7" } }));
    let ticket = plugin.ticket(&desk, "A").unwrap();
    // Only there.
    says(&desk, &plugin, json!({ "subject": "two", "fields": { "floor": 3, "access_code": "7" } }));
    assert_eq!(subject(&desk, ticket), "two");
    // Only here: what the other side repeats is old news and does not undo it.
    we_change(&desk, ticket, to("ours"));
    says(&desk, &plugin, json!({ "subject": "two", "fields": { "floor": 3.0 } }));
    assert_eq!(subject(&desk, ticket), "ours");
    // The other side has taken ours over.
    says(&desk, &plugin, json!({ "subject": "ours" }));
    says(&desk, &plugin, json!({ "subject": "three" }));
    assert_eq!(subject(&desk, ticket), "three");
    assert!(conflicts(&desk, &plugin).is_empty());
    let changed = desk.story(ticket).into_iter().filter(|name| name.ends_with("_changed")).count();
    assert_eq!(changed, 4, "the floor once, the subject three times: {:?}", desk.story(ticket));
}

#[test]
fn where_both_changed_it_one_wins_and_both_are_on_record() {
    let (desk, _, plugin) = mirror("");
    says(&desk, &plugin, json!({ "subject": "one", "category": "unknown" }));
    let ticket = plugin.ticket(&desk, "A").unwrap();
    we_change(&desk, ticket, to("ours"));
    says(&desk, &plugin, json!({ "subject": "theirs", "category": "unknown" }));
    assert_eq!(subject(&desk, ticket), "theirs");
    let found = conflicts(&desk, &plugin);
    assert_eq!(found.len(), 1);
    let Conflict { field, ours, theirs, won, why, .. } = &found[0];
    assert_eq!((field.as_str(), ours, theirs), ("subject", &json!("ours"), &json!("theirs")));
    assert_eq!((*won, *why), (Prefer::Foreign, ConflictWhy::BothChanged));
    // The plugin may say that this desk goes first.
    let receipt = Some(Key::new("receipt_jam").unwrap());
    we_change(&desk, ticket, TicketChanges { category: receipt.clone(), ..TicketChanges::default() });
    says(&desk, &plugin, json!({ "subject": "theirs", "category": "vandalism", "prefer": "desk" }));
    assert_eq!(desk.ticket(ticket).category, receipt);
    assert_eq!(conflicts(&desk, &plugin)[0].won, Prefer::Desk);
    // Once decided, it does not come up with each poll.
    says(&desk, &plugin, json!({ "subject": "theirs", "category": "vandalism", "prefer": "desk" }));
    assert_eq!(conflicts(&desk, &plugin).len(), 2);
}

#[test]
fn the_first_word_about_a_ticket_of_ours_is_on_record_when_it_differs() {
    let (desk, client, plugin) = mirror("");
    let ticket = desk.opens(client, "ours");
    plugin.brings(&desk, json!([{ "external": "A", "ticket": "BANK-1", "commands": [{ "do": "link" }] }]));
    says(&desk, &plugin, json!({ "subject": "ours", "impact": "medium" }));
    assert!(conflicts(&desk, &plugin).is_empty(), "they agree");
    says(&desk, &plugin, json!({ "subject": "ours", "priority": 1 }));
    let found = conflicts(&desk, &plugin);
    assert_eq!((found[0].field.as_str(), found[0].why), ("priority", ConflictWhy::FirstWord));
    assert_eq!(desk.ticket(ticket).priority, 1);
}

#[test]
fn a_closed_ticket_takes_no_change_and_says_so_only_when_there_is_one() {
    let (desk, _, plugin) = mirror("");
    says(&desk, &plugin, json!({ "subject": "one" }));
    plugin.brings(&desk, json!([{ "external": "A", "commands": [{ "do": "close", "resolution": "done" }] }]));
    says(&desk, &plugin, json!({ "subject": "one" }));
    let late = json!({ "external": "A", "commands": [{ "do": "upsert", "subject": "two" }] });
    assert_eq!(plugin.is_refused(&desk, late), ("ticket_is_closed".to_owned(), Some(0)));
}
