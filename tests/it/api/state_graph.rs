//! The state graph over HTTP: its edges, the counts on them beside a plain count of events, and the tickets behind one.

use std::collections::BTreeMap;

use naryad::domain::command::Command;
use naryad::domain::event::Event;
use naryad::domain::person::{Actor, Role};
use naryad::domain::state_graph::{Way, WayKind, counted_since};
use naryad::domain::{ClientId, Key, Moment, Span, TicketId};
use naryad::store;
use serde_json::{Value, json};

use super::Site;
use crate::helpers::{SETTINGS, Somebody, TestDesk};

const SCRIPT: &str = r#"fn on_opened(ticket) {
    if ticket.subject == "price" {
        ticket.status = "awaiting_approval";
        ticket.escalate("commercial", #{ reason: "Price", due: hours(24), outcomes: ["approved", "refused"] });
    } else {
        ticket.queue("dispatchers");
    }
}
fn on_task_done(ticket, task) {
    if task.department != "commercial" { return; }
    if task.outcome == "approved" { ticket.status = "in_work"; }
    else { ticket.close(#{ resolution: "done" }); }
}
"#;

fn way(client: ClientId, rest: &str) -> String {
    format!("/api/v1/clients/{client}/workflow/graph{rest}")
}

/// What the events of a client say, by walking through all of them.
fn plainly(desk: &TestDesk, client: ClientId, since: Moment) -> BTreeMap<[String; 4], i64> {
    let events = desk.read(|db| store::event::after_seq(db, 0, 100_000));
    let mut statuses: BTreeMap<TicketId, String> = BTreeMap::new();
    let mut ways = BTreeMap::new();
    for recorded in events.into_iter().filter(|recorded| recorded.client == client) {
        let status = statuses.entry(recorded.ticket).or_default();
        let (kind, from, to) = match &recorded.event {
            Event::TicketOpened(opened) => {
                *status = opened.status.to_string();
                continue;
            }
            Event::StatusChanged { from, to } => {
                *status = to.to_string();
                ("status", from.to_string(), to.to_string())
            }
            Event::TicketQueued { from, to, .. } => {
                ("queue", from.as_ref().map_or(String::new(), Key::to_string), to.to_string())
            }
            Event::TaskOpened(opened) => ("task", status.clone(), opened.department.to_string()),
            Event::TaskDone { department, outcome, .. } => {
                ("answer", department.to_string(), outcome.to_string())
            }
            _ => continue,
        };
        let cause = match recorded.actor {
            Actor::Script { .. } => "script",
            Actor::Person { .. } => "person",
            _ => "desk",
        };
        if recorded.occurred_at >= since && from != to {
            *ways.entry([kind.to_owned(), from, to, cause.to_owned()]).or_default() += 1;
        }
    }
    ways
}

fn close(ticket: TicketId) -> Command {
    let resolution = Key::new("done").unwrap();
    Command::CloseTicket { ticket, version: None, resolution, reason: None, information: Box::default() }
}

/// Tickets of all ways, some of them long ago.
fn some_traffic(site: &Site, client: ClientId, kim: &Somebody<'_>, olga: &Somebody<'_>) {
    let answered = |count: usize, outcome: &str| {
        for _ in 0..count {
            let ticket = site.desk.opens(client, "price");
            kim.finishes(site.desk.open_task(ticket, "commercial").id, outcome).unwrap();
        }
    };
    answered(5, "approved");
    site.desk.pass(Span::days(31));
    answered(3, "approved");
    answered(2, "refused");
    for _ in 0..4 {
        olga.does(close(site.desk.opens(client, "jam"))).unwrap();
    }
    site.desk.does(close(site.desk.opens(client, "jam"))).unwrap();
}

fn edge<'g>(graph: &'g Value, kind: &str, from: &Value, to: &Value) -> &'g Value {
    let edges = graph["edges"].as_array().unwrap();
    let found = edges.iter().find(|edge| edge["kind"] == kind && edge["from"] == *from && edge["to"] == *to);
    found.unwrap_or_else(|| panic!("{kind} {from} {to} in {graph:#}"))
}

fn status(key: &str) -> Value {
    json!({ "type": "status", "key": key })
}

#[test]
fn counts_are_those_of_the_events_and_each_opens_its_tickets() {
    let site = Site::new();
    let (client, other) = (site.desk.client("bank", SCRIPT), site.desk.client("shop", SCRIPT));
    let kim = site.desk.member("kim", "commercial");
    let olga = site.desk.somebody("olga", Role::Supervisor, None);
    let token = site.token(site.desk.somebody("anna", Role::Administrator, Some(client)).id);
    some_traffic(&site, client, &kim, &olga);
    site.desk.opens(other, "price");

    let since = counted_since(site.desk.now());
    let counted = site.desk.read(|db| store::ticket_move::counts(db, client, since, 1_000));
    let counted: BTreeMap<[String; 4], i64> = counted
        .into_iter()
        .map(|(way, cause, count)| {
            ([way.kind.name().to_owned(), way.origin, way.target, cause.name().to_owned()], count)
        })
        .collect();
    assert_eq!(counted, plainly(&site.desk, client, since));
    assert!(counted.len() >= 7, "{counted:?}");

    let graph = site.get(&token, &way(client, "?of=published")).ok();
    assert_eq!((&graph["is_whole"], &graph["since"]), (&json!(true), &json!(since)));
    let asked = edge(&graph, "status", &status("new"), &status("awaiting_approval"));
    assert_eq!(asked["traffic"], json!({ "script": 5, "people": 0, "desk": 0 }));
    assert_eq!((&asked["steps"][0]["line"], &asked["is_certain"]), (&json!(3), &json!(true)));
    let commercial = json!({ "type": "department", "key": "commercial" });
    let approved = edge(&graph, "status", &commercial, &status("in_work"));
    assert_eq!(approved["traffic"], json!({ "script": 0, "people": 3, "desk": 0 }));
    assert_eq!(approved["outcomes"], json!({ "known": "only", "keys": ["approved"] }));
    // The ticket waited for approval all the while; the script does not say so, but that is where they came from.
    let went_on = edge(&graph, "status", &status("awaiting_approval"), &status("in_work"));
    assert_eq!((&went_on["traffic"]["script"], &went_on["is_certain"]), (&json!(3), &json!(false)));
    assert_eq!(went_on["steps"][0]["line"], 11);
    // People close new tickets; no line of the script does.
    let by_hand = edge(&graph, "status", &status("new"), &status("closed"));
    assert_eq!(by_hand["traffic"], json!({ "script": 0, "people": 4, "desk": 1 }));
    assert_eq!(by_hand["steps"], json!([]));

    let behind = |rest: &str| site.get(&token, &way(client, &format!("/tickets?{rest}"))).ok();
    let first = behind("kind=status&from=new&to=closed&limit=3");
    let next = first["next"].as_str().unwrap();
    let rest = behind(&format!("kind=status&from=new&to=closed&limit=3&cursor={next}"));
    let numbers: Vec<&str> = [&first, &rest]
        .into_iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|item| item["number"].as_str().unwrap())
        .collect();
    assert_eq!(numbers, ["BANK-15", "BANK-14", "BANK-13", "BANK-12", "BANK-11"]);
    assert_eq!(behind("kind=answer&from=commercial&to=approved")["items"].as_array().unwrap().len(), 3);
}

#[test]
fn old_ways_are_let_go_by_new_ones() {
    let site = Site::new();
    let client = site.desk.client("bank", SCRIPT);
    let way = Way { kind: WayKind::Queue, origin: "support".to_owned(), target: "dispatchers".to_owned() };
    let kept = || {
        site.desk.read(|db| {
            let never = Moment::from_ms(0);
            let counts = store::ticket_move::counts(db, client, never, 100)?;
            let last = (Moment::from_ms(i64::MAX), TicketId(i64::MAX));
            let rows = store::ticket_move::latest(db, client, &way, never, last, 100)?;
            Ok((counts.iter().map(|(_, _, count)| count).sum::<i64>(), rows.len()))
        })
    };
    let opens = || {
        site.desk.opens(client, "jam");
        site.desk.pass(Span::minutes(1));
        kept()
    };
    let before: Vec<(i64, usize)> = (0..6).map(|_| opens()).collect();
    assert_eq!(before.last(), Some(&(6, 6)));
    site.desk.pass(Span::days(31));
    let after: Vec<(i64, usize)> = (0..4).map(|_| opens()).collect();
    // Two rows for each that comes, so that no turn of the writer is long.
    assert_eq!(after, [(1, 5), (2, 4), (3, 3), (4, 4)]);
}

#[test]
fn the_draft_has_a_graph_of_its_own_and_only_its_administrators_see_it() {
    let site = Site::new();
    let (client, other) = (site.desk.client("bank", SCRIPT), site.desk.client("shop", SCRIPT));
    let token = site.token(site.desk.somebody("anna", Role::Administrator, Some(client)).id);
    let draft = json!({ "script": SCRIPT.replace("\"in_work\"", "\"resolved\""), "settings": SETTINGS });
    site.post(&token, &format!("/api/v1/clients/{client}/workflow/draft"), &draft).ok();
    let commercial = json!({ "type": "department", "key": "commercial" });
    let graph = site.get(&token, &way(client, "")).ok();
    assert_eq!(graph["of"], "draft");
    edge(&graph, "status", &commercial, &status("resolved"));
    let published = site.get(&token, &way(client, "?of=published")).ok();
    edge(&published, "status", &commercial, &status("in_work"));

    let broken = json!({ "script": "fn on_opened(ticket) {", "settings": SETTINGS });
    site.post(&token, &format!("/api/v1/clients/{client}/workflow/draft"), &broken).ok();
    assert_eq!(site.get(&token, &way(client, "")).refused(422, "invalid")["field"], "script");
    let broken = json!({ "script": "", "settings": "key = 1" });
    site.post(&token, &format!("/api/v1/clients/{client}/workflow/draft"), &broken).ok();
    assert_eq!(site.get(&token, &way(client, "")).refused(422, "invalid")["field"], "settings");

    let olga = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let tickets = "/tickets?kind=status&from=new&to=closed";
    for rest in ["", tickets] {
        site.get(&token, &way(other, rest)).refused(404, "not_found");
        assert_eq!(site.get(&olga, &way(client, rest)).status, 403);
    }
}
