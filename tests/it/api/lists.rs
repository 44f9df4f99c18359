//! Lists: filters, orders, cursors that neither lose nor repeat a row, search.

use std::collections::BTreeSet;

use naryad::domain::Span;
use naryad::domain::command::{Command, PutAsset, Recipient, TicketChanges};
use naryad::domain::person::{Grant, Role};
use serde_json::{Value, json};

use super::{Site, id};
use crate::helpers::made;

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|row| id(&row["id"]).to_owned()).collect()
}

/// All pages, one after another.
fn walk(site: &Site, token: &str, path: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    for _ in 0..100 {
        let page = site.get(token, &format!("{path}&limit=3{cursor}")).ok();
        all.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
    panic!("the list does not end");
}

#[test]
fn every_order_gives_every_ticket_once() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let token = site.token(operator.id);
    let mut opened = Vec::new();
    for number in 0..10 {
        let ticket = site.desk.opens(client, &format!("subject {number}"));
        let changes = TicketChanges { priority: Some(number % 4 + 1), ..TicketChanges::default() };
        operator.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }).unwrap();
        opened.push(ticket.to_string());
        site.desk.pass(Span::minutes(number % 3));
    }
    let everything: BTreeSet<String> = opened.iter().cloned().collect();
    for sort in ["newest", "oldest", "updated", "due", "priority"] {
        let walked = walk(&site, &token, &format!("/api/v1/tickets?sort={sort}"));
        assert_eq!(walked.len(), 10, "{sort}");
        assert_eq!(walked.iter().cloned().collect::<BTreeSet<_>>(), everything, "{sort}");
    }
    assert_eq!(walk(&site, &token, "/api/v1/tickets?sort=oldest"), opened);
    opened.reverse();
    assert_eq!(walk(&site, &token, "/api/v1/tickets?sort=newest"), opened);
    let page = site.get(&token, "/api/v1/tickets?sort=newest&limit=3").ok();
    let foreign = format!("/api/v1/tickets?sort=updated&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(site.get(&token, &foreign).refused(422, "invalid")["field"], "cursor");
}

#[test]
fn filters_narrow_the_list_and_the_counts_agree() {
    let site = Site::new();
    let (acme, other) = (site.desk.client("acme", ""), site.desk.client("other", ""));
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let token = site.token(operator.id);
    let (first, second) = (site.desk.opens(acme, "first"), site.desk.opens(acme, "second"));
    let third = site.desk.opens(other, "third");
    operator.assigns(first, &operator).unwrap();
    let add = ["vip".to_owned()].into();
    operator.does(Command::ChangeTags { ticket: second, add, remove: BTreeSet::new() }).unwrap();
    let narrowed = |query: &str| ids(&site.get(&token, &format!("/api/v1/tickets?{query}")).ok());
    let (first, second, third) = (first.to_string(), second.to_string(), third.to_string());
    for (query, expected) in [
        (format!("client={acme}"), vec![&second, &first]),
        (format!("client={acme},{other}"), vec![&third, &second, &first]),
        ("assignee=me".to_owned(), vec![&first]),
        ("assignee=none".to_owned(), vec![&third, &second]),
        ("tag=vip".to_owned(), vec![&second]),
        ("phase=closed".to_owned(), vec![]),
        ("phase=active".to_owned(), vec![&third, &second, &first]),
        ("status=new&phase=new&assignee=none".to_owned(), vec![&third, &second]),
        ("is_marked=true".to_owned(), vec![]),
        ("is_overdue=true".to_owned(), vec![]),
        ("q=second".to_owned(), vec![&second]),
        ("q=ACME-1".to_owned(), vec![&first]),
        ("q=nothing".to_owned(), vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(narrowed(&query), expected, "{query}");
    }
    let view = json!({ "name": "VIP", "query": format!("client={acme}") });
    let view = site.post(&token, "/api/v1/views", &view).ok();
    let counts = site.get(&token, "/api/v1/counts?views=1").ok();
    assert_eq!(counts["inbox"]["all"], 3);
    assert_eq!((&counts["inbox"]["mine"], &counts["inbox"]["unassigned"]), (&1.into(), &2.into()));
    assert_eq!(counts["by_view"][id(&view["id"])], 2);
}

#[test]
fn records_are_found_by_the_beginnings_of_their_words() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let token = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let mut tags = Vec::new();
    for number in 0..7 {
        let asset = PutAsset {
            id: None,
            version: None,
            client,
            site: None,
            tag: format!("ATM-{number:04}"),
            serial: format!("SN{number}77"),
            model: if number % 2 == 0 { "Ёлка Pro".to_owned() } else { "Береза".to_owned() },
            certificates: Vec::new(),
            is_active: true,
        };
        tags.push(made(&site.desk.does(Command::PutAsset(Box::new(asset))).unwrap()).to_string());
    }
    assert_eq!(walk(&site, &token, "/api/v1/assets?q="), tags);
    assert_eq!(walk(&site, &token, "/api/v1/assets?q=%D0%B5%D0%BB%D0%BA%D0%B0").len(), 4);
    assert_eq!(walk(&site, &token, "/api/v1/assets?q=atm-0003"), [tags[3].clone()]);
    assert_eq!(walk(&site, &token, "/api/v1/assets?q=577"), [tags[5].clone()]);
    assert_eq!(walk(&site, &token, "/api/v1/assets?q=nothing"), Vec::<String>::new());
    let ticket = {
        let mut open = crate::helpers::TestDesk::request(client, "the reader is dirty");
        open.asset = Some(tags[2].parse().unwrap());
        site.desk.opens_with(open)
    };
    let by_tag = site.get(&token, "/api/v1/tickets?q=ATM-0002").ok();
    assert_eq!(ids(&by_tag), [ticket.to_string()]);
}

#[test]
fn tickets_that_reach_a_reader_in_several_ways_come_once_and_in_order() {
    let site = Site::new();
    let clients = [site.desk.client("one", ""), site.desk.client("two", ""), site.desk.client("three", "")];
    let reader = site.desk.engineer("ivan", 1, "Almaty");
    let grant = |role, client| Grant { role, client };
    let (operator, engineer) = (Role::Operator, Role::Engineer);
    reader.gets(
        &[grant(operator, Some(clients[0])), grant(operator, Some(clients[1])), grant(engineer, None)],
        &[],
    );
    let mut seen = Vec::new();
    for number in 0..12 {
        let client = clients[number % 3];
        let ticket = site.desk.opens(client, &format!("subject {number}"));
        let priority = Some(number as i64 % 5 + 1);
        let changes = Box::new(TicketChanges { priority, ..TicketChanges::default() });
        site.desk.does(Command::ChangeTicket { ticket, version: None, changes }).unwrap();
        // Of the third client only what was passed; of the first also what is seen anyway.
        let is_passed = number % 6 == 2 || number % 6 == 0;
        if is_passed {
            let engineer = reader.id;
            let order =
                Command::OpenWorkOrder { ticket, engineer, due_at: None, planned_at: None, note: None };
            site.desk.does(order).unwrap();
        }
        if number % 3 != 2 || is_passed {
            seen.push(ticket.to_string());
        }
        site.desk.pass(Span::minutes(1));
    }
    let token = site.token(reader.id);
    for sort in ["newest", "oldest", "updated", "due", "priority"] {
        let walked = walk(&site, &token, &format!("/api/v1/tickets?sort={sort}"));
        assert_eq!(walked.len(), seen.len(), "{sort}");
        let (walked, seen): (BTreeSet<_>, BTreeSet<_>) = (walked.iter().collect(), seen.iter().collect());
        assert_eq!(walked, seen, "{sort}");
    }
    assert_eq!(walk(&site, &token, "/api/v1/tickets?sort=oldest"), seen);
    let of_third = walk(&site, &token, &format!("/api/v1/tickets?client={}", clients[2]));
    assert_eq!(of_third.len(), 2);
    let priorities: Vec<i64> = site.get(&token, "/api/v1/tickets?sort=priority").ok()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["priority"].as_i64().unwrap())
        .collect();
    assert!(priorities.is_sorted(), "{priorities:?}");
}

#[test]
fn counts_and_orders_tell_a_client_nothing_of_what_is_internal() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let contact = site.desk.somebody("carl", Role::ClientContact, Some(client));
    let (first, _) = (site.desk.opens(client, "first"), site.desk.opens(client, "second"));
    operator.notes(first, "zqxsecret of ours").unwrap();
    let add = ["vip".to_owned()].into();
    operator.does(Command::ChangeTags { ticket: first, add, remove: BTreeSet::new() }).unwrap();
    for person in [&operator, &contact] {
        let who = Recipient::Person { person: person.id };
        operator.does(Command::AddWatcher { ticket: first, who }).unwrap();
    }
    let by_view = |token: &str, query: &str| {
        let view = json!({ "name": query, "query": query });
        let view = site.post(token, "/api/v1/views", &view).ok();
        site.get(token, "/api/v1/counts?views=1").ok()["by_view"][id(&view["id"])].clone()
    };
    let (inside, outside) = (site.token(operator.id), site.token(contact.id));
    let of_operator = format!("watcher={}", operator.id);
    for (query, told_inside, told_outside) in [
        ("q=zqxsec", json!(1), Value::Null),
        ("q=first", json!(1), Value::Null),
        ("tag=vip", json!(1), Value::Null),
        ("tag=none", json!(0), Value::Null),
        ("watcher=me", json!(1), json!(1)),
        (of_operator.as_str(), json!(1), json!(0)),
        ("phase=active", json!(2), json!(2)),
    ] {
        assert_eq!(by_view(&inside, query), told_inside, "{query} inside");
        assert_eq!(by_view(&outside, query), told_outside, "{query} outside");
    }
    let listed = |query: &str| ids(&site.get(&outside, &format!("/api/v1/tickets?{query}")).ok()).len();
    assert_eq!((listed("watcher=me"), listed(&of_operator)), (1, 0));
    let next = |sort: &str| {
        let page = site.get(&outside, &format!("/api/v1/tickets?sort={sort}&limit=1")).ok();
        id(&page["next"]).to_owned()
    };
    assert_eq!(next("due"), next("newest"), "the cursor holds no deadline");
}
