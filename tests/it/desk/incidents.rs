//! Major incidents: tickets attach, one update reaches all once, the end leaves what people touched.

use std::collections::{BTreeMap, BTreeSet};

use naryad::domain::command::{
    ChangeIncident, Command, DeclareIncident, EndIncident, Recipient, TicketChanges,
};
use naryad::domain::event::Event;
use naryad::domain::incident::{AttachedEnd, IncidentRule};
use naryad::domain::person::Role;
use naryad::domain::{ClientId, Key, Language, Span, TicketId};
use naryad::store;
use naryad::store::due::DueKind;

use crate::helpers::{SETTINGS, TestDesk, refusal};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn jams() -> IncidentRule {
    IncidentRule { categories: BTreeSet::from([key("receipt_jam")]), ..IncidentRule::default() }
}

fn about_words(words: &str) -> IncidentRule {
    IncidentRule { words: BTreeSet::from([words.to_owned()]), ..IncidentRule::default() }
}

fn declare(ticket: TicketId, rule: IncidentRule) -> Command {
    let texts = BTreeMap::from([(Language::En, "The provider is down; we are on it.".to_owned())]);
    Command::DeclareIncident(Box::new(DeclareIncident { ticket, rule, texts }))
}

fn attach(ticket: TicketId, incident: TicketId) -> Command {
    Command::AttachToIncident { ticket, incident }
}

fn update(incident: TicketId, text: &str) -> Command {
    Command::SendIncidentUpdate { incident, text: text.to_owned() }
}

fn end(incident: TicketId, attached: AttachedEnd) -> Command {
    end_seen(incident, attached, None)
}

fn end_seen(incident: TicketId, attached: AttachedEnd, version: Option<i64>) -> Command {
    let (resolution, reason) = (key("done"), Some("The line is back.".to_owned()));
    Command::EndIncident(Box::new(EndIncident { incident, version, resolution, reason, attached }))
}

fn change(ticket: TicketId, changes: TicketChanges) -> Command {
    Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }
}

/// A client with an open incident about the network.
fn outage(desk: &TestDesk, script: &str) -> (ClientId, TicketId) {
    let client = desk.client("bank", script);
    let parent = desk.opens(client, "The network is down");
    desk.does(declare(parent, about_words("network"))).unwrap();
    (client, parent)
}

fn reached(desk: &TestDesk, ticket: TicketId) -> usize {
    desk.story(ticket).iter().filter(|name| **name == "incident_update_reached").count()
}

#[test]
fn new_tickets_attach_by_the_rule_and_others_do_not() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let before = desk.opens(client, "Networks are slow");
    let parent = desk.opens(client, "The network is down");
    desk.does(declare(parent, about_words("network"))).unwrap();
    let fits = desk.opens(client, "No NETWORKS at the till");
    let other = desk.opens(client, "The printer is jammed");
    let elsewhere = desk.opens(desk.client("shop", ""), "No network");
    assert_eq!(desk.ticket(fits).incident, Some(parent));
    for ticket in [before, parent, other, elsewhere] {
        assert_eq!(desk.ticket(ticket).incident, None);
    }
    // What it is about is learned later.
    let subject = Some("The network, not the printer".to_owned());
    desk.does(change(other, TicketChanges { subject, ..TicketChanges::default() })).unwrap();
    assert_eq!(desk.ticket(other).incident, Some(parent));
    // Those from before come when they are gathered.
    desk.does(Command::GatherForIncident { incident: parent }).unwrap();
    desk.pass(Span::minutes(1));
    assert_eq!(desk.ticket(before).incident, Some(parent));
    desk.does(end(parent, AttachedEnd::Leave)).unwrap();
    let after = desk.opens(client, "No network again");
    assert_eq!(desk.ticket(after).incident, None);
}

#[test]
fn what_was_taken_off_by_hand_stays_off() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let parent = desk.opens(client, "Jams everywhere");
    desk.does(declare(parent, jams())).unwrap();
    let mut open = TestDesk::request(client, "Jam");
    open.category = Some(key("receipt_jam"));
    let ticket = desk.opens_with(open);
    assert_eq!(desk.ticket(ticket).incident, Some(parent));
    desk.does(Command::DetachFromIncident { ticket }).unwrap();
    for category in ["vandalism", "receipt_jam"] {
        let changes = TicketChanges { category: Some(key(category)), ..TicketChanges::default() };
        desk.does(change(ticket, changes)).unwrap();
    }
    desk.does(Command::GatherForIncident { incident: parent }).unwrap();
    desk.pass(Span::minutes(1));
    assert_eq!(desk.ticket(ticket).incident, None);
    desk.does(attach(ticket, parent)).unwrap();
    assert_eq!(desk.ticket(ticket).incident, Some(parent));
}

#[test]
fn one_update_reaches_three_hundred_tickets_once_also_over_a_restart() {
    let mut desk = TestDesk::new();
    let (client, parent) = outage(&desk, "");
    let tickets: Vec<TicketId> =
        (0..300).map(|number| desk.opens(client, &format!("No network at till {number}"))).collect();
    let (lead, watcher) = {
        let lead = desk.somebody("sven", Role::Supervisor, None).id;
        (lead, desk.somebody("olga", Role::Operator, None).id)
    };
    for ticket in &tickets[..3] {
        let who = Recipient::Person { person: watcher };
        desk.does(Command::AddWatcher { ticket: *ticket, who }).unwrap();
    }
    let send = |desk: &TestDesk, text: &str| {
        let actor = naryad::domain::person::Actor::Person { person: lead };
        desk.desk.run(naryad::commands::Request::new(actor, update(parent, text))).unwrap();
    };
    send(&desk, "Two hours more.");
    // A few turns, then the desk stops in the middle.
    for _ in 0..5 {
        let due = desk.read(|db| store::due::ready(db, desk.now(), 1)).remove(0);
        assert_eq!(due.kind, DueKind::Incident);
        let play = Command::PlayDue { due: due.id };
        desk.desk.run(naryad::commands::Request::new(naryad::domain::person::Actor::Clock, play)).unwrap();
    }
    let so_far = tickets.iter().filter(|ticket| reached(&desk, **ticket) == 1).count();
    assert_eq!(so_far, 40, "eight in a turn");
    desk.restarts_after(|_| {});
    desk.pass(Span::minutes(1));
    for ticket in &tickets {
        assert_eq!(reached(&desk, *ticket), 1);
    }
    assert_eq!(desk.told(watcher), ["incident_update"], "once, though three of the tickets are watched");
    let late = desk.opens(client, "No network here either");
    send(&desk, "Done soon.");
    desk.pass(Span::minutes(1));
    assert_eq!((reached(&desk, late), reached(&desk, tickets[0])), (1, 2));
    let round = desk.read(|db| store::incident::rounds(db, parent, 1)).remove(0);
    assert_eq!((round.reached, round.finished_at.is_some()), (301, true));
}

#[test]
fn the_end_resolves_the_attached_and_leaves_those_that_people_touched() {
    let desk = TestDesk::new();
    let (client, parent) = outage(&desk, "");
    let untouched: Vec<TicketId> = (0..20).map(|_| desk.opens(client, "No network")).collect();
    let touched = desk.opens(client, "No network and no power");
    let olga = desk.somebody("olga", Role::Operator, None);
    olga.replies(touched, "We also look at the power.").unwrap();
    desk.does(update(parent, "Nearly there.")).unwrap();
    desk.pass(Span::minutes(1));
    desk.does(end(parent, AttachedEnd::ResolveUntouched)).unwrap();
    assert!(desk.ticket(parent).resolved_at.is_some());
    desk.pass(Span::minutes(1));
    for ticket in untouched {
        assert!(desk.ticket(ticket).resolved_at.is_some());
        assert_eq!(desk.reason(ticket), "The line is back.");
    }
    assert_eq!(desk.ticket(touched).resolved_at, None);
    let round = desk.read(|db| store::incident::rounds(db, parent, 1)).remove(0);
    assert_eq!((round.reached, round.left), (20, 1));
    // Somebody has looked at what was left.
    let version = desk.read(|db| store::incident::get(db, parent)).unwrap().version;
    desk.does(end_seen(parent, AttachedEnd::CloseAll, Some(version))).unwrap();
    desk.pass(Span::minutes(1));
    assert!(desk.ticket(touched).is_closed());
}

#[test]
fn what_ended_does_not_end_again() {
    let desk = TestDesk::new();
    let (client, parent) = outage(&desk, "");
    desk.opens(client, "No network");
    desk.does(end(parent, AttachedEnd::ResolveAll)).unwrap();
    desk.pass(Span::minutes(1));
    let rounds = || desk.read(|db| store::incident::rounds(db, parent, 10)).len();
    let (told, before) = (desk.story(parent).len(), rounds());
    for attached in [AttachedEnd::ResolveAll, AttachedEnd::CloseAll, AttachedEnd::Leave] {
        assert_eq!(refusal(desk.does(end(parent, attached))), "incident_is_over");
    }
    let over = desk.read(|db| store::incident::get(db, parent)).unwrap();
    let (ended_at, seen) = (over.ended_at, Some(over.version));
    assert_eq!(refusal(desk.does(end_seen(parent, AttachedEnd::Leave, seen))), "invalid");
    desk.pass(Span::minutes(1));
    assert_eq!((desk.story(parent).len(), rounds()), (told, before), "nobody is told again");
    // Who saw that it is over concludes those left, once for what was seen.
    desk.does(end_seen(parent, AttachedEnd::CloseAll, seen)).unwrap();
    assert_eq!(refusal(desk.does(end_seen(parent, AttachedEnd::CloseAll, seen))), "stale_version");
    assert_eq!(rounds(), before + 1);
    let after = desk.read(|db| store::incident::get(db, parent)).unwrap();
    assert_eq!((after.ended_at, after.is_open), (ended_at, false));
}

#[test]
fn an_incident_ends_with_its_ticket() {
    let desk = TestDesk::new();
    let (client, parent) = outage(&desk, "");
    let attached = desk.opens(client, "No network");
    let resolution = key("done");
    desk.does(Command::CloseTicket {
        ticket: parent,
        version: None,
        resolution,
        reason: None,
        information: Box::default(),
    })
    .unwrap();
    assert!(!desk.read(|db| store::incident::get(db, parent)).unwrap().is_open);
    assert!(!desk.ticket(attached).is_closed());
    assert_eq!(desk.ticket(desk.opens(client, "No network")).incident, None);
}

#[test]
fn the_clocks_of_attached_tickets_wait_only_where_the_pack_says_so() {
    let desk = TestDesk::new();
    let waiting = "[major_incident]\nattached_status = \"waiting_for_client\"\n\n[[statuses]]";
    let settings = SETTINGS.replacen("[[statuses]]", waiting, 1);
    let client = desk.client_with("bank", "", &settings);
    let parent = desk.opens(client, "The network is down");
    desk.does(declare(parent, about_words("network"))).unwrap();
    let attached = desk.opens(client, "No network");
    assert_eq!(desk.ticket(attached).status, "waiting_for_client");
    desk.pass(Span::hours(5));
    assert!(!desk.story(attached).contains(&"sla_reached"));
    desk.does(Command::DetachFromIncident { ticket: attached }).unwrap();
    assert_eq!(desk.ticket(attached).status, "in_work");
    let (other, there) = (desk.client("shop", ""), "No network");
    let parent = desk.opens(other, "The network is down");
    desk.does(declare(parent, about_words("network"))).unwrap();
    let attached = desk.opens(other, there);
    desk.pass(Span::hours(5));
    assert_eq!(desk.ticket(attached).status, "new");
    assert!(desk.story(attached).contains(&"sla_reached"));
}

#[test]
fn the_script_tells_callers_that_the_fault_is_known() {
    let desk = TestDesk::new();
    let script = r#"
        fn on_attached_to_incident(ticket, incident) { ticket.comment("Known: " + incident.text); }
        fn on_incident_update(ticket, incident, update) { ticket.note(incident.key + ": " + update.text); }
        fn on_comment(ticket, comment) {
            if comment.text == "outage" { ticket.declare_incident(#{ text: "We know.", words: ["server"] }); }
            if comment.text == "the same" { ticket.attach_to_incident(ticket.client.open_incidents.first); }
            if comment.text == "not the same" { ticket.detach_from_incident(); }
            if comment.text == "which" { ticket.comment(`${ticket.is_attached} ${ticket.major_incident.key}`); }
        }
    "#;
    let (client, parent) = outage(&desk, script);
    let olga = desk.somebody("olga", Role::Operator, None);
    let attached = desk.opens(client, "No network");
    let said = |ticket| -> Vec<String> {
        let events = desk.events(ticket).into_iter();
        let texts = events.filter_map(|recorded| match recorded.event {
            Event::CommentAdded { text, .. } => Some(text),
            _ => None,
        });
        texts.map(|text| desk.words(Some(text))).collect()
    };
    assert_eq!(said(attached), ["Known: The provider is down; we are on it."]);
    desk.does(update(parent, "Two hours.")).unwrap();
    desk.pass(Span::minutes(1));
    assert_eq!(said(attached).last().unwrap(), "BANK-1: Two hours.");
    let own = desk.opens(client, "The server burns");
    olga.notes(own, "outage").unwrap();
    let second = desk.opens(client, "Servers do not answer");
    assert_eq!(said(second), ["Known: We know."]);
    olga.notes(second, "which").unwrap();
    assert_eq!(said(second).last().unwrap(), "true BANK-3");
    olga.notes(second, "not the same").unwrap();
    assert_eq!(desk.ticket(second).incident, None);
    olga.notes(second, "the same").unwrap();
    assert_eq!(desk.ticket(second).incident, Some(parent), "the oldest open incident");
}

#[test]
fn supervisors_lead_operators_attach_and_the_pack_lets_others_lead() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let led =
        SETTINGS.replacen("[[statuses]]", "[major_incident]\nled_by = [\"operator\"]\n\n[[statuses]]", 1);
    let led = desk.client_with("shop", "", &led);
    let olga = desk.somebody("olga", Role::Operator, None);
    let sven = desk.somebody("sven", Role::Supervisor, Some(client));
    let engineer = desk.engineer("egor", 1, "Almaty");
    let (parent, ticket) = (desk.opens(client, "Down"), desk.opens(client, "No network"));
    let foreign = desk.opens(led, "Down");
    assert_eq!(refusal(olga.does(declare(parent, jams()))), "forbidden");
    assert_eq!(refusal(engineer.does(declare(parent, jams()))), "not_found");
    assert_eq!(refusal(sven.does(declare(foreign, jams()))), "not_found");
    olga.does(declare(foreign, jams())).unwrap();
    sven.does(declare(parent, jams())).unwrap();
    assert_eq!(refusal(sven.does(declare(parent, jams()))), "invalid");
    olga.does(attach(ticket, parent)).unwrap();
    assert_eq!(refusal(olga.does(update(parent, "x"))), "forbidden");
    assert_eq!(refusal(olga.does(end(parent, AttachedEnd::CloseAll))), "forbidden");
    assert_eq!(refusal(engineer.does(Command::DetachFromIncident { ticket })), "not_found");
    assert_eq!(refusal(olga.does(attach(ticket, foreign))), "invalid");
    assert_eq!(refusal(olga.does(attach(parent, parent))), "invalid");
    assert_eq!(refusal(olga.does(attach(foreign, parent))), "invalid");
    let version = Some(7);
    let change = ChangeIncident { incident: parent, version, rule: None, texts: None };
    assert_eq!(refusal(sven.does(Command::ChangeIncident(Box::new(change)))), "stale_version");
    let nonsense = IncidentRule { categories: BTreeSet::from([key("nonsense")]), ..IncidentRule::default() };
    let other = desk.opens(client, "Another");
    assert_eq!(refusal(sven.does(declare(other, nonsense))), "unknown_key");
    assert_eq!(refusal(sven.does(update(other, "x"))), "not_found");
}

#[test]
fn a_rule_names_no_more_words_than_each_new_ticket_can_be_held_against() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "Host is silent");
    let with =
        |words: Vec<String>| IncidentRule { words: words.into_iter().collect(), ..about_words("host") };
    let many = (0..=20).map(|number| format!("word{number}")).collect();
    assert_eq!(refusal(desk.does(declare(ticket, with(many)))), "too_many");
    assert_eq!(refusal(desk.does(declare(ticket, with(vec!["x".repeat(201)])))), "too_long");
    desk.does(declare(ticket, with(vec!["host".to_owned()]))).unwrap();
}
