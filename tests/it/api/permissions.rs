//! The permission matrix over HTTP: what belongs to another client does not exist, on every route.

use std::collections::BTreeMap;

use naryad::domain::command::{
    Command, MapForeignLogin, NameSpecialist, OpenTask, PutAsset, PutContact, PutShift, PutSite,
};
use naryad::domain::person::{Affiliation, Grant, Role};
use naryad::domain::roster::ShiftKind;
use naryad::domain::specialist::Speciality;
use naryad::domain::{ClientId, HoldId, Key, PersonId, Span, TicketId};
use naryad::store;
use serde_json::{Value, json};

use super::Site;
use crate::helpers::{SETTINGS, TestDesk, made};

/// Ids of everything that a client can have.
struct Theirs {
    client: ClientId,
    ticket: TicketId,
    ids: BTreeMap<&'static str, String>,
}

/// What it says to everybody waits for a person.
const ANSWERING: &str = r#"fn on_opened(ticket) { ticket.comment("their secret answer"); }"#;

fn answering(desk: &TestDesk, key: &str) -> (ClientId, TicketId, HoldId) {
    let client = desk.client_with(key, ANSWERING, &format!("{SETTINGS}\n[budget]\nmessages_per_run = 0\n"));
    let ticket = desk.opens(client, "their secret subject");
    (client, ticket, desk.read(|db| store::hold::unfinished(db, client))[0].id)
}

fn furnish(desk: &TestDesk, key: &str) -> Theirs {
    let (client, ticket, hold) = answering(desk, key);
    let site = PutSite {
        id: None,
        version: None,
        client,
        sub_client: None,
        name: format!("{key} tower"),
        address: "Main street 1".to_owned(),
        city: "Almaty".to_owned(),
        country: "KZ".to_owned(),
        time_zone: "Asia/Almaty".to_owned(),
        calendar: None,
        district: None,
        location: None,
    };
    let site = made(&desk.does(Command::PutSite(Box::new(site))).unwrap());
    let asset = PutAsset {
        id: None,
        version: None,
        client,
        site: None,
        tag: format!("{key}-1"),
        serial: "s".to_owned(),
        model: "m".to_owned(),
        certificates: Vec::new(),
        is_active: true,
    };
    let asset = made(&desk.does(Command::PutAsset(Box::new(asset))).unwrap());
    let contact = PutContact {
        id: None,
        version: None,
        client,
        sub_client: None,
        name: format!("{key} contact"),
        email: None,
        phone: None,
    };
    let contact = made(&desk.does(Command::PutContact(Box::new(contact))).unwrap());
    let task = OpenTask {
        ticket,
        department: Key::new("commercial").unwrap(),
        title: "their task".to_owned(),
        due_at: None,
        outcomes: Vec::new(),
        fields: BTreeMap::new(),
    };
    let task = made(&desk.does(Command::OpenTask(Box::new(task))).unwrap());
    let engineer = desk.engineer(&format!("{key}-engineer"), 1, "Almaty");
    let order =
        Command::OpenWorkOrder { ticket, engineer: engineer.id, due_at: None, planned_at: None, note: None };
    let order = made(&desk.does(order).unwrap());
    let login = mapped(desk, client, engineer.id);
    let (shift, specialist) = rostered(desk, client, engineer.id);
    let ids = BTreeMap::from([
        ("tickets", ticket.to_string()),
        ("clients", client.to_string()),
        ("sites", site.to_string()),
        ("assets", asset.to_string()),
        ("contacts", contact.to_string()),
        ("tasks", task.to_string()),
        ("work-orders", order.to_string()),
        ("foreign-logins", login.to_string()),
        ("shifts", shift.to_string()),
        ("specialists", specialist.to_string()),
        ("holds", hold.to_string()),
    ]);
    Theirs { client, ticket, ids }
}

fn mapped(desk: &TestDesk, client: ClientId, person: PersonId) -> i64 {
    let map = MapForeignLogin {
        client,
        system: Key::new("servicenow").unwrap(),
        login: "their secret log-in".to_owned(),
        person,
        valid_from: None,
    };
    made(&desk.does(Command::MapForeignLogin(Box::new(map))).unwrap())
}

/// A shift for the client, and a speciality about it.
fn rostered(desk: &TestDesk, client: ClientId, person: PersonId) -> (i64, i64) {
    let from = desk.now() + Span::days(3);
    let (to, kind) = (from + Span::hours(8), ShiftKind::Regular);
    let (id, version, queue, note, series) = (None, None, None, None, None);
    let client_only = Some(client);
    let put = PutShift { id, version, person, from, to, kind, queue, client: client_only, note, series };
    let of = Speciality::Client { client, sub_client: None };
    let name = NameSpecialist { person, of, valid_from: None, valid_to: None };
    let made_by = |command| made(&desk.does(command).unwrap());
    (made_by(Command::PutShift(Box::new(put))), made_by(Command::NameSpecialist(Box::new(name))))
}

/// A body that would be right if one were allowed.
fn body_for(path: &str, theirs: &Theirs) -> Value {
    let client = theirs.client.to_string();
    let ticket = theirs.ticket.to_string();
    match path.rsplit('/').next().unwrap() {
        "changes" => json!({ "changes": { "priority": 1 } }),
        "comments" => json!({ "text": "x", "visibility": "public" }),
        "attachments" => json!({ "attachments": [], "visibility": "public" }),
        "assign" => json!({ "to": { "how": "person", "person": "1" } }),
        "queue" => json!({ "queue": "first_line" }),
        "tests" => json!({ "tests": {} }),
        "check" | "run" | "draft" if path.contains("workflow") => json!({ "script": "", "settings": "" }),
        "words" => {
            json!({ "words": { "language": "en", "time_zone": "UTC", "statuses": [], "queues": [] } })
        }
        "time" if path.contains("workflow") => json!({ "time": { "calendar": { "time_zone": "UTC" } } }),
        "time" => json!({ "began_at": "2026-11-02T08:00:00Z", "minutes": 5 }),
        "raise-priority" => json!({ "to": 1, "is_agreed": true }),
        "rating" => json!({ "score": 3 }),
        "named-contacts" => json!({ "contact": theirs.ids["contacts"], "state": "on" }),
        "balance" => json!({ "amount": 1, "kind": "bought", "reason": "x" }),
        "resolve" | "close" => json!({ "resolution": "solved" }),
        "links" => json!({ "other": ticket, "kind": "related" }),
        "remove" if path.contains("shifts") => json!({ "version": 1 }),
        "{id}" if path.contains("shifts") => json!({ "version": 1, "person": "1",
            "from": "2026-12-02T08:00:00Z", "to": "2026-12-02T09:00:00Z", "kind": { "is": "regular" } }),
        "remove" if path.contains("links") => json!({ "other": ticket, "kind": "related" }),
        "remove" if path.contains("incident") => json!({}),
        "remove" => json!({ "person": "1" }),
        "duplicate" => json!({ "of": ticket }),
        "watchers" => json!({ "who": { "kind": "person", "person": "1" } }),
        "tasks" => json!({ "department": "commercial", "title": "x" }),
        "work-orders" => json!({ "engineer": "1" }),
        "timers" => json!({ "name": "x", "run_at": "2027-01-01T00:00:00Z" }),
        "notify" => json!({ "to": { "kind": "assignee" }, "text": "x" }),
        "finish" => json!({ "outcome": "done" }),
        "advance" => json!({ "stage": "accepted" }),
        "end" if path.contains("foreign-logins") || path.contains("specialists") => json!({ "version": 1 }),
        "notes" => json!({ "text": "x" }),
        "reports" => json!({ "papers": [{ "attachment": "1", "kind": "photo", "text": "x" }] }),
        "verdict" => json!({ "verdict": "accepted" }),
        "incident" => json!({ "incident": "1" }),
        "approve" => json!({ "version": 1, "messages": 1 }),
        "discard" => json!({ "version": 1, "messages": 1, "reason": "x" }),
        "shadow" => json!({ "hours": 1 }),
        "draft" => json!({ "body": "x", "visibility": "public" }),
        "backtest" => json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z" }),
        "complete" | "signature" | "definition" => {
            json!({ "script": "", "settings": "", "at": { "file": "workflow.rhai", "line": 1, "column": 1 } })
        }
        "format" => json!({ "script": "" }),
        "preview" if path.contains("open-tickets") => json!({}),
        "preview" => json!({ "opened_at": "2027-01-29T17:55", "priority": 3 }),
        "month" => json!({ "year": 2027, "month": 1 }),
        "start" if path.contains("workflow") => json!({ "pack": "x" }),
        "publish" => json!({ "message": "x" }),
        "holidays" => json!({ "key": "x", "source": "x" }),
        "roll-back" => json!({ "to": "1", "message": "x" }),
        "{id}" if path.contains("clients") => {
            json!({ "version": 1, "key": "x", "name": "x", "prefix": "X", "colour": "#000000", "language": "en", "is_active": true })
        }
        "{id}" if path.contains("sites") => {
            json!({ "version": 1, "client": client, "name": "x", "address": "x", "city": "x", "country": "KZ", "time_zone": "Asia/Almaty" })
        }
        "{id}" if path.contains("assets") => {
            json!({ "version": 1, "client": client, "tag": "x", "serial": "x", "model": "x", "is_active": true })
        }
        "{id}" if path.contains("contacts") => json!({ "version": 1, "client": client, "name": "x" }),
        _ => json!({}),
    }
}

/// Everybody who must know nothing of the other client.
fn strangers(site: &Site, ours: ClientId) -> Vec<(&'static str, PersonId)> {
    let desk = &site.desk;
    let partner = Command::PutPartner {
        id: None,
        version: None,
        key: Key::new("local-service").unwrap(),
        name: "Local service".to_owned(),
    };
    let partner = made(&desk.does(partner).unwrap());
    let member = desk.person("partner", Affiliation::Partner { partner: partner.into() }, None);
    member.gets(&[Grant { role: Role::PartnerMember, client: None }], &[]);
    vec![
        ("operator", desk.somebody("operator", Role::Operator, Some(ours)).id),
        ("administrator", desk.somebody("administrator", Role::Administrator, Some(ours)).id),
        ("supervisor", desk.somebody("supervisor", Role::Supervisor, Some(ours)).id),
        ("controller", desk.somebody("controller", Role::Controller, Some(ours)).id),
        ("contact", desk.somebody("contact", Role::ClientContact, Some(ours)).id),
        ("engineer", desk.engineer("engineer", 1, "Almaty").id),
        ("department", desk.member("department", "logistics").id),
        ("partner", member.id),
        ("nobody", desk.person("nobody", Affiliation::Staff, None).id),
    ]
}

#[test]
fn what_belongs_to_another_client_does_not_exist_on_any_route() {
    let site = Site::new();
    let ours = site.desk.client("ours", "");
    let theirs = furnish(&site.desk, "theirs");
    let stored = site.desk.ticket(theirs.ticket);
    let mut tried = 0;
    for (who, person) in strangers(&site, ours) {
        let token = site.token(person);
        for (method, path) in naryad::http::router::operations() {
            let kind = path.trim_start_matches('/').split('/').next().unwrap();
            let Some(id) = theirs.ids.get(kind).filter(|_| path.contains("{id}")) else { continue };
            let address = path
                .replacen("{id}", id, 1)
                .replace("{version}", "1")
                .replace("{name}", "reminder")
                .replace("{ticket}", "1");
            let ask = site.ask(&method.to_uppercase(), &format!("/api/v1{address}")).token(&token);
            let answer = if method == "get" { ask.send() } else { ask.json(&body_for(path, &theirs)).send() };
            tried += 1;
            // To forget one's own draft of a ticket that cannot be seen changes nothing and tells nothing.
            if method == "delete" && path.ends_with("/draft") {
                continue;
            }
            assert!(
                matches!(answer.status, 403 | 404),
                "{who} {method} {path}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(!answer.text().contains("secret"), "{who} {method} {path}: {}", answer.text());
            if method == "get" || matches!(kind, "tickets" | "shifts" | "specialists" | "holds") {
                assert_eq!(answer.status, 404, "{who} {method} {path}: {}", answer.text());
            }
        }
    }
    assert!(tried > 300, "only {tried} were tried");
    assert_eq!(site.desk.ticket(theirs.ticket), stored, "nothing was changed");
}

#[test]
fn lists_name_nothing_of_another_client() {
    let site = Site::new();
    let ours = site.desk.client("ours", "");
    let theirs = furnish(&site.desk, "theirs");
    site.desk.opens(ours, "our subject");
    let lists = [
        "/tickets",
        "/tickets?q=secret",
        "/tickets?q=theirs-1",
        "/tickets?sort=updated",
        "/tickets?sort=due",
        "/tickets?sort=priority",
        "/clients",
        "/vocabularies",
        "/sites",
        "/assets",
        "/contacts",
        "/tasks",
        "/work-orders",
        "/notifications",
        "/holds",
        "/counts",
        "/views",
    ];
    for (who, person) in strangers(&site, ours) {
        let token = site.token(person);
        for list in lists {
            let answer = site.get(&token, &format!("/api/v1{list}"));
            assert!(matches!(answer.status, 200 | 403), "{who} {list}: {} {}", answer.status, answer.text());
            for id in theirs.ids.values() {
                assert!(!answer.text().contains(&format!("\"{id}\"")), "{who} {list}: {}", answer.text());
            }
            assert!(!answer.text().contains("secret"), "{who} {list}: {}", answer.text());
        }
        for narrowed in
            ["/tickets?client=", "/sites?client=", "/tasks?client=", "/jobs?client=", "/holds?client="]
        {
            let answer = site.get(&token, &format!("/api/v1{narrowed}{}", theirs.client));
            let items = answer.json()["items"].as_array().map_or(0, Vec::len);
            assert_eq!(items, 0, "{who} {narrowed}: {}", answer.text());
        }
    }
}

#[test]
fn a_client_reads_its_own_ticket_without_what_is_internal() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let contact = site.desk.somebody("carl", Role::ClientContact, Some(client));
    let ticket = site.desk.opens(client, "the door is stuck");
    operator.replies(ticket, "we are looking").unwrap();
    operator.notes(ticket, "the client is a nuisance").unwrap();
    let (inside, outside) = (site.token(operator.id), site.token(contact.id));
    let path = format!("/api/v1/tickets/{ticket}");
    let seen = site.get(&outside, &path);
    assert!(seen.text().contains("we are looking") && !seen.text().contains("nuisance"), "{}", seen.text());
    let page = seen.ok();
    for empty in ["clocks", "timers", "runs", "jobs", "work_orders", "tasks"] {
        assert_eq!(page[empty], json!([]), "{empty}");
    }
    assert_eq!((&page["ticket"]["queue"], &page["may"]["see_internals"]), (&Value::Null, &false.into()));
    assert_eq!(page["may"]["comment_publicly"], true);
    assert!(site.get(&inside, &path).text().contains("nuisance"));
    site.get(&outside, &format!("{path}/runs")).refused(403, "forbidden");
    site.get(&outside, &format!("{path}/candidates")).refused(403, "forbidden");
    site.get(&outside, "/api/v1/jobs").refused(403, "forbidden");
    assert_eq!(
        site.get(&outside, "/api/v1/tickets?q=nuisance").ok()["items"],
        json!([]),
        "notes are not searched for clients"
    );
}

#[test]
fn engineers_and_departments_meet_what_was_passed_to_them() {
    let site = Site::new();
    let theirs = furnish(&site.desk, "theirs");
    let engineer = site.desk.read(|db| naryad::store::person::by_login(db, "theirs-engineer")).unwrap();
    let member = site.desk.member("commercial-member", "commercial");
    for (person, has_orders, has_tasks) in [(engineer.id, 1, 0), (member.id, 0, 1)] {
        let token = site.token(person);
        let count = |path: &str| site.get(&token, path).ok()["items"].as_array().unwrap().len();
        assert_eq!(count("/api/v1/tickets"), 1);
        assert_eq!(count("/api/v1/vocabularies"), 1);
        assert_eq!(count("/api/v1/work-orders"), has_orders);
        assert_eq!(count("/api/v1/tasks"), has_tasks);
        let page = site.get(&token, &format!("/api/v1/tickets/{}", theirs.ticket)).ok();
        assert_eq!(page["may"]["do_orders"].as_array().unwrap().len(), has_orders);
        assert_eq!(page["may"]["do_tasks"].as_array().unwrap().len(), has_tasks);
        assert_eq!(page["may"]["work"], false);
        let counts = site.get(&token, "/api/v1/counts").ok();
        assert_eq!((&counts["orders"], &counts["tasks"]), (&has_orders.into(), &has_tasks.into()));
        assert_eq!(
            site.get(&token, "/api/v1/sites").ok()["items"],
            json!([]),
            "records are not passed along"
        );
    }
}
