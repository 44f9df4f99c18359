//! The supervisor's page, the board, alarms and the next ticket over HTTP.

use naryad::domain::command::{AssignTo, Command, TicketChanges};
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::{Key, Span};
use serde_json::{Value, json};

use crate::api::Site;
use crate::helpers::SETTINGS;

fn queue_line<'v>(page: &'v Value, client: &str, queue: &str) -> &'v Value {
    let mut lines = page["queues"].as_array().unwrap().iter();
    lines.find(|line| line["client"] == client && line["queue"] == queue).unwrap()
}

#[test]
fn the_supervisor_sees_queues_people_arrivals_and_alarms() {
    let site = Site::new();
    let limits = format!("{SETTINGS}\n[watch.queues.support]\ndepth_max = 2\n");
    let client = site.desk.client_with("acme", "", &limits);
    let anna = site.desk.somebody("anna", Role::Supervisor, None);
    let token = site.token(anna.id);
    let ivan = site.desk.somebody("ivan", Role::Operator, None);
    let tickets: Vec<_> = (0..4).map(|_| site.desk.opens(client, "Something")).collect();
    let to = AssignTo::Person { person: ivan.id };
    anna.does(Command::AssignTicket {
        ticket: tickets[0],
        version: None,
        to,
        reason: None,
        information: Box::default(),
    })
    .unwrap();
    site.desk.pass(Span::minutes(1));
    let shift = json!({ "person": ivan.id, "from": "2026-11-02T08:00:00Z", "to": "2026-11-02T17:00:00Z",
        "kind": { "is": "regular" } });
    site.post(&token, "/api/v1/shifts", &shift).ok();
    let page = site.get(&token, "/api/v1/supervision").ok();
    let line = queue_line(&page, &client.to_string(), "support");
    // All four are due within the hour: the pack wants a first response in 60 minutes.
    assert_eq!([&line["all"], &line["waiting"], &line["at_risk"], &line["overdue"]], [4, 3, 4, 0]);
    assert_eq!(line["oldest"]["number"], "ACME-2");
    let present = &page["people"][0];
    assert_eq!((&present["person"]["name"], &present["is_now"]), (&json!("ivan"), &json!(true)));
    assert_eq!((&present["load"], &present["capacity"]), (&json!(1), &json!(3)));
    let arrivals = &page["arrivals"][0];
    assert_eq!((&arrivals["weeks"], &arrivals["weeks_needed"]), (&json!(0), &json!(4)));
    assert_eq!(arrivals["hours"].as_array().unwrap().len(), 24);
    assert_eq!(arrivals["hours"][23]["observed"], 4);
    let alarm = &page["alarms"][0];
    assert_eq!(
        (&alarm["kind"], &alarm["observed"], &alarm["queue"]),
        (&json!("depth"), &json!(3), &json!("support"))
    );
    let path = format!("/api/v1/alarms/{}/acknowledge", alarm["id"].as_str().unwrap());
    site.post(&token, &path, &json!({ "version": alarm["version"] })).ok();
    let page = site.get(&token, "/api/v1/supervision").ok();
    assert_eq!(page["alarms"][0]["acknowledged_by"]["name"], "anna");
    site.desk.pass(Span::hours(2));
    let page = site.get(&token, &format!("/api/v1/supervision?client={client}")).ok();
    assert_eq!(queue_line(&page, &client.to_string(), "support")["overdue"], 4);
    let told = site.get(&token, "/api/v1/notifications").ok();
    let told = told["items"].as_array().unwrap().iter().find(|told| told["template"] == "depth_alarm");
    assert_eq!(told.unwrap()["text"], "acme: 3 tickets wait in “First line”, the limit is 2");
    // Those that ended stay on the client's list.
    for ticket in &tickets[1..] {
        let to = AssignTo::Person { person: ivan.id };
        anna.does(Command::AssignTicket {
            ticket: *ticket,
            version: None,
            to,
            reason: None,
            information: Box::default(),
        })
        .unwrap();
    }
    site.desk.pass(Span::minutes(2));
    assert_eq!(site.get(&token, "/api/v1/supervision").ok()["alarms"], json!([]));
    let all = site.get(&token, &format!("/api/v1/clients/{client}/alarms")).ok();
    assert!(all["items"][0]["ended_at"].is_string(), "{all}");
}

#[test]
fn each_count_of_the_supervisor_has_its_list() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let token = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    // A first response is due in 60 minutes: one ticket is overdue, one due in this very minute, one at risk.
    for wait in [10, 50, 10] {
        site.desk.opens(client, "Something");
        site.desk.pass(Span::minutes(wait));
    }
    let waits = site.desk.opens(client, "Waits for a word");
    let status = Some(Key::new("awaiting_approval").unwrap());
    let changes = Box::new(TicketChanges { status, ..TicketChanges::default() });
    site.desk.does(Command::ChangeTicket { ticket: waits, version: None, changes }).unwrap();
    let count = |query: &str| {
        let path = format!("/api/v1/tickets?phase=active&client={client}&queue=support&{query}");
        site.get(&token, &path).ok()["items"].as_array().unwrap().len()
    };
    let page = site.get(&token, "/api/v1/supervision").ok();
    let line = queue_line(&page, &client.to_string(), "support");
    for (what, query, expected) in [
        ("all", "is_queued=true", 4),
        ("waiting", "assignee=none&is_waiting=false", 3),
        ("overdue", "is_overdue=true", 1),
        ("at_risk", "is_at_risk=true", 2),
    ] {
        assert_eq!((&line[what], count(query)), (&json!(expected), expected), "{what}");
    }
    assert_eq!((count("is_queued=false"), count("is_waiting=true")), (0, 1));
    // What a deadline is is internal: who does not see it cannot ask for it either.
    let contact = site.token(site.desk.somebody("carla", Role::ClientContact, Some(client)).id);
    let all = site.get(&contact, "/api/v1/tickets").ok();
    assert_eq!(site.get(&contact, "/api/v1/tickets?is_at_risk=true").ok()["items"], all["items"]);
}

#[test]
fn everybody_sees_no_more_than_their_clients() {
    let site = Site::new();
    let (ours, theirs) = (site.desk.client("ours", ""), site.desk.client("theirs", ""));
    site.desk.opens(ours, "Ours");
    site.desk.opens(theirs, "Theirs");
    let token = |login: &str, role, client| site.token(site.desk.somebody(login, role, client).id);
    let operator = token("ivan", Role::Operator, Some(ours));
    let page = site.get(&operator, "/api/v1/supervision").ok();
    let clients = |list: &Value| -> Vec<String> {
        let all = list.as_array().unwrap().iter();
        all.map(|line| line["client"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(clients(&page["queues"]), [ours.to_string()]);
    assert_eq!(clients(&page["arrivals"]), [ours.to_string()]);
    let board = site.get(&operator, "/api/v1/board").ok();
    assert_eq!(board["columns"][0]["count"], 1);
    for path in ["/api/v1/supervision?client=", "/api/v1/board?client="] {
        site.get(&operator, &format!("{path}{theirs}")).refused(404, "not_found");
    }
    site.get(&operator, &format!("/api/v1/clients/{theirs}/alarms")).refused(404, "not_found");
    let outsiders = [
        token("carl", Role::ClientContact, Some(ours)),
        token("egor", Role::Engineer, None),
        token("mila", Role::DepartmentMember, None),
    ];
    for outsider in &outsiders {
        for path in ["/api/v1/supervision", "/api/v1/board"] {
            site.get(outsider, path).refused(403, "forbidden");
        }
    }
}

#[test]
fn a_supervisor_meets_no_colleague_who_works_for_others_alone() {
    let site = Site::new();
    let (ours, theirs) = (site.desk.client("ours", ""), site.desk.client("theirs", ""));
    let supervisor = |login: &str, client| site.token(site.desk.somebody(login, Role::Supervisor, client).id);
    let (anna, boris) = (supervisor("anna", Some(ours)), supervisor("boris", None));
    for (login, client) in [("ivan", Some(ours)), ("eva", Some(theirs)), ("olga", None)] {
        let person = site.desk.somebody(login, Role::Operator, client);
        let membership = Membership { queue: Key::new("support").unwrap(), client };
        person.gets(&[Grant { role: Role::Operator, client }], &[membership]);
        let shift = json!({ "person": person.id, "from": "2026-11-02T00:00:00Z", "to": "2026-11-03T00:00:00Z",
            "kind": { "is": "regular" } });
        site.post(&boris, "/api/v1/shifts", &shift).ok();
    }
    let present = |token: &str| -> Vec<String> {
        let page = site.get(token, "/api/v1/supervision").ok();
        let people = page["people"].as_array().unwrap().iter();
        people.map(|line| line["person"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(present(&boris), ["eva", "ivan", "olga"]);
    assert_eq!(present(&anna), ["ivan", "olga"]);
    let page = site.get(&anna, "/api/v1/roster?from=2026-11-02T00:00:00Z&to=2026-11-03T00:00:00Z").ok();
    assert!(!page.to_string().contains(&format!("\"{theirs}\"")), "{page}");
}

#[test]
fn the_board_has_a_column_for_each_queue_and_a_card_moves_by_queueing() {
    let site = Site::new();
    let (acme, beta) = (site.desk.client("acme", ""), site.desk.client("beta", ""));
    let token = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    for _ in 0..35 {
        site.desk.opens(acme, "Something");
    }
    let moved = site.desk.opens(beta, "To be moved");
    let board = site.get(&token, "/api/v1/board").ok();
    let columns = board["columns"].as_array().unwrap();
    let keys: Vec<&str> = columns.iter().map(|column| column["queue"].as_str().unwrap()).collect();
    assert_eq!(keys, ["support", "supervisors", "dispatchers", "commercial"]);
    assert_eq!((&columns[0]["count"], columns[0]["cards"].as_array().unwrap().len()), (&json!(36), 30));
    assert_eq!(columns[0]["clients"].as_array().unwrap().len(), 2);
    let one = site.get(&token, &format!("/api/v1/board?client={beta}")).ok();
    let card = &one["columns"][0]["cards"][0];
    assert_eq!(card["number"], "BETA-1");
    let body = json!({ "queue": "commercial", "version": card["version"] });
    site.post(&token, &format!("/api/v1/tickets/{moved}/queue"), &body).ok();
    let one = site.get(&token, &format!("/api/v1/board?client={beta}")).ok();
    assert_eq!((&one["columns"][0]["count"], &one["columns"][3]["count"]), (&json!(0), &json!(1)));
}

#[test]
fn the_next_ticket_is_taken_over_http_once_for_one_key() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let ivan = site.desk.somebody("ivan", Role::Operator, None);
    let queue = Key::new("support").unwrap();
    ivan.gets(&[Grant { role: Role::Operator, client: None }], &[Membership { queue, client: None }]);
    let token = site.token(ivan.id);
    site.desk.opens(client, "First");
    site.desk.opens(client, "Second");
    let ask = || {
        let ask = site.ask("POST", "/api/v1/next-ticket").token(&token).json(&json!({}));
        ask.header("Idempotency-Key", "once").send().ok()
    };
    let (one, again) = (ask(), ask());
    assert_eq!((&one["number"], &again["number"]), (&json!("ACME-1"), &json!("ACME-1")));
    assert!(one["note"].as_str().unwrap().starts_with("Next best: due in "), "{one}");
    assert_eq!(site.post(&token, "/api/v1/next-ticket", &json!({})).ok()["number"], "ACME-2");
    let none = site.post(&token, "/api/v1/next-ticket", &json!({})).refused(409, "nothing_to_take");
    assert!(none["message"].as_str().unwrap().contains("nothing waits in your queues"), "{none}");
    let carl = site.token(site.desk.somebody("carl", Role::ClientContact, Some(client)).id);
    site.post(&carl, "/api/v1/next-ticket", &json!({})).refused(409, "no_queues");
}
