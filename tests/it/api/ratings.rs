//! A contact rates a ticket with one tap, a reply waits for the answer, and both are reported.

use naryad::domain::event::Event;
use naryad::domain::person::Role;
use naryad::domain::{ClientId, ContactId, Span, TicketId};
use serde_json::{Value, json};

use super::Site;
use crate::helpers::{SETTINGS, TestDesk};

const SCRIPT: &str = r#"
fn on_resolved(ticket) { ticket.ask_rating(#{ after: minutes(5) }); }
fn on_rating(ticket, rating) { ticket.add_tag("rated_" + rating.score); }
fn on_comment(ticket, comment) { if comment.asks_client { ticket.add_tag("asked"); } }
fn on_schedule(name) {
    send_report("ratings", #{ month: 0, to: "supervisor" });
    send_report("unclassified", #{ to: "supervisors" });
}
"#;
const SCHEDULE: &str = r#"
[[schedules]]
key = "each_day"
label = { en = "Each day" }
cron = "0 9 * * *"
"#;

fn client(desk: &TestDesk) -> (ClientId, ContactId) {
    let client = desk.client_with("bank", SCRIPT, &format!("{SETTINGS}\n{SCHEDULE}"));
    (client, desk.contact(client, None, "Dinara"))
}

/// A solved ticket of the contact, whose question is put five minutes later.
fn solved(desk: &TestDesk, client: ClientId, contact: ContactId) -> TicketId {
    let mut open = TestDesk::request(client, "the screen is dark");
    open.contact = Some(contact);
    desk.opens_with(open)
}

fn path(ticket: TicketId, rest: &str) -> String {
    format!("/api/v1/tickets/{ticket}{rest}")
}

fn resolve(site: &Site, token: &str, ticket: TicketId) {
    let resolution = json!({ "resolution": "done" });
    site.post(token, &path(ticket, "/resolve"), &resolution).ok();
}

#[test]
fn only_the_contact_is_asked_and_one_tap_answers() {
    let site = Site::new();
    let desk = &site.desk;
    let (client, contact) = client(desk);
    let dinara = desk.person_of(client, contact, "dinara");
    let other = desk.person_of(client, desk.contact(client, None, "Other"), "other");
    let stranger = {
        let their = desk.client("shop", "");
        desk.person_of(their, desk.contact(their, None, "Stranger"), "stranger")
    };
    let olga = desk.somebody("olga", Role::Operator, Some(client));
    let tokens = [&dinara, &other, &stranger, &olga].map(|one| site.token(one.id));
    let [dinara_token, other_token, stranger_token, olga_token] = &tokens;
    let ticket = solved(desk, client, contact);
    olga.assigns(ticket, &olga).unwrap();
    let rating = |token: &str| site.get(token, &path(ticket, "")).ok()["rating"].clone();
    let rate = |token: &str, body: Value| site.post(token, &path(ticket, "/rating"), &body);
    rate(dinara_token, json!({ "score": 5 })).refused(409, "rating_not_asked");
    resolve(&site, olga_token, ticket);
    desk.pass(Span::minutes(4));
    assert_eq!(rating(dinara_token), Value::Null);
    desk.pass(Span::minutes(1));
    assert!(desk.told(dinara.id).contains(&"rating_asked".to_owned()), "{:?}", desk.told(dinara.id));
    assert_eq!(rating(dinara_token)["may_rate"], true);
    assert_eq!(rating(other_token), Value::Null);
    assert_eq!(rating(olga_token), Value::Null);
    // Who may not, who may not even see it, and scores that are none.
    rate(other_token, json!({ "score": 1 })).refused(403, "forbidden");
    rate(olga_token, json!({ "score": 5 })).refused(403, "forbidden");
    rate(stranger_token, json!({ "score": 1 })).refused(404, "not_found");
    assert_eq!(rate(dinara_token, json!({ "score": 6 })).refused(422, "invalid")["field"], "score");
    rate(dinara_token, json!({ "score": 2 })).ok();
    desk.pass(Span::minutes(3));
    rate(dinara_token, json!({ "score": 2, "comment": "Three days" })).ok();
    let said = rating(olga_token);
    assert_eq!(
        (&said["score"], &said["comment"], &said["may_rate"]),
        (&json!(2), &json!("Three days"), &json!(false))
    );
    assert_eq!(rating(dinara_token)["may_rate"], true);
    assert!(desk.ticket(ticket).tags.is_empty(), "the script hears of it once it stands");
    // A tap on another score keeps the words.
    rate(dinara_token, json!({ "score": 4 })).ok();
    desk.pass(Span::minutes(7));
    assert!(desk.ticket(ticket).tags.contains("rated_4"));
    assert_eq!(rating(dinara_token)["comment"], "Three days");
    assert_eq!(rating(dinara_token)["may_rate"], false);
    rate(dinara_token, json!({ "score": 5 })).refused(409, "rating_stands");
    assert!(desk.told(olga.id).contains(&"rating_settled".to_owned()));
    // Nobody else of the client reads it.
    assert_eq!(rating(other_token), Value::Null);
    let theirs = site.get(other_token, &path(ticket, "")).ok()["timeline"].to_string();
    assert!(!theirs.contains("rated") && !theirs.contains("Three days"), "{theirs}");
    // The contact reads their own answers in the timeline, and nothing of the desk's own notes about them.
    let page = site.get(dinara_token, &path(ticket, "")).ok();
    let kinds: Vec<&str> =
        page["timeline"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "ticket_rated").count(), 3, "{kinds:?}");
    assert!(!kinds.contains(&"rating_planned") && !kinds.contains(&"rating_settled"), "{kinds:?}");
}

#[test]
fn a_question_lapses_and_what_is_open_again_waits_for_the_next() {
    let site = Site::new();
    let desk = &site.desk;
    let (client, contact) = client(desk);
    let dinara = site.token(desk.person_of(client, contact, "dinara").id);
    let olga = site.token(desk.somebody("olga", Role::Operator, Some(client)).id);
    let ticket = solved(desk, client, contact);
    let rate = |score: i64| site.post(&dinara, &path(ticket, "/rating"), &json!({ "score": score }));
    resolve(&site, &olga, ticket);
    desk.pass(Span::minutes(5));
    site.post(&dinara, &path(ticket, "/reopen"), &json!({})).ok();
    rate(1).refused(409, "rating_open_again");
    resolve(&site, &olga, ticket);
    desk.pass(Span::minutes(5));
    rate(3).ok();
    desk.pass(Span::minutes(10));
    // Solved once more, it is asked about once more; that question lapses.
    site.post(&olga, &path(ticket, "/reopen"), &json!({})).ok();
    resolve(&site, &olga, ticket);
    desk.pass(Span::minutes(5));
    desk.pass(Span::days(30));
    rate(5).refused(409, "rating_lapsed");
    assert_eq!(site.get(&olga, &path(ticket, "")).ok()["rating"]["score"], 3);
    let ordinals: Vec<i64> = desk
        .events(ticket)
        .into_iter()
        .filter_map(|recorded| match recorded.event {
            Event::RatingAsked(asked) => Some(asked.ordinal),
            _ => None,
        })
        .collect();
    assert_eq!(ordinals, [1, 1, 2]);
}

#[test]
fn a_reply_that_waits_for_the_answer_stops_the_clocks() {
    let site = Site::new();
    let desk = &site.desk;
    let (client, contact) = client(desk);
    let dinara = site.token(desk.person_of(client, contact, "dinara").id);
    let olga = site.token(desk.somebody("olga", Role::Operator, Some(client)).id);
    let ticket = solved(desk, client, contact);
    let say = |token: &str, visibility: &str| {
        let body = json!({ "text": "Which one?", "visibility": visibility, "asks_client": true });
        site.post(token, &path(ticket, "/comments"), &body)
    };
    assert_eq!(say(&olga, "internal").refused(422, "invalid")["field"], "asks_client");
    say(&dinara, "public").refused(403, "forbidden");
    let before = desk.ticket(ticket).status;
    say(&olga, "public").ok();
    let after = desk.ticket(ticket);
    assert_ne!(after.status, before);
    assert!(after.tags.contains("asked"));
    let page = site.get(&olga, &path(ticket, "")).ok();
    let clock = page["clocks"].as_array().unwrap().iter().find(|one| one["target"] == "resolution").unwrap();
    assert_eq!(clock["paused_by"], "client");
    // Asked again, it stays where it waits.
    let events = desk.events(ticket).len();
    say(&olga, "public").ok();
    assert_eq!(desk.events(ticket).len(), events + 1);
}

#[test]
fn reports_are_sent_to_staff_and_lead_to_the_numbers() {
    let site = Site::new();
    let desk = &site.desk;
    let (client, contact) = client(desk);
    let dinara = site.token(desk.person_of(client, contact, "dinara").id);
    let olga = desk.somebody("olga", Role::Operator, Some(client));
    let olga_token = site.token(olga.id);
    let boss = site.token(desk.somebody("boss", Role::Supervisor, Some(client)).id);
    for score in [5, 4, 2, 0] {
        let ticket = solved(desk, client, contact);
        olga.assigns(ticket, &olga).unwrap();
        resolve(&site, &olga_token, ticket);
        desk.pass(Span::minutes(5));
        if score > 0 {
            site.post(&dinara, &path(ticket, "/rating"), &json!({ "score": score })).ok();
        }
    }
    desk.pass(Span::days(1));
    let mine = site.get(&boss, "/api/v1/notifications").ok();
    let sent =
        mine["items"].as_array().unwrap().iter().find(|one| one["report"]["report"] == "ratings").unwrap();
    assert_eq!(sent["template"], "report_sent");
    assert!(sent["text"].as_str().unwrap().contains("CSAT 67 %"), "{sent}");
    let link = &sent["report"];
    let query = format!(
        "/api/v1/reports/ratings?client={}&from={}&to={}",
        link["client"].as_str().unwrap(),
        link["from"].as_str().unwrap(),
        link["to"].as_str().unwrap()
    );
    let report = site.get(&boss, &query).ok();
    assert_eq!((&report["asked"], &report["rated"], &report["satisfied"]), (&json!(4), &json!(3), &json!(2)));
    assert_eq!(report["csat_percent"], 67);
    assert_eq!(report["rows"][0]["person"]["id"], olga.id.to_string());
    assert_eq!(report["rows"][0]["scores"], 11);
    let table = site.get(&boss, &format!("{query}&format=csv")).text();
    assert!(table.contains("asked,rated,satisfied,scores,csat_percent"), "{table}");
    site.get(&olga_token, &query).refused(403, "forbidden");
    site.get(&dinara, &query).refused(403, "forbidden");
}
