//! Recorded time: by hand and by the timer, who may, what is refused, and what the reports add up to.

use naryad::domain::person::Role;
use naryad::domain::{ClientId, Span, TicketId};
use serde_json::{Value, json};

use super::Site;
use crate::helpers::{SETTINGS, TestDesk};

/// Entries are counted in quarters of an hour, and have kinds.
const TIME: &str = r#"
[time]
round_to_minutes = 15
kinds = [
    { key = "visit", label = { en = "Visit", ru = "Выезд" } },
    { key = "phone", label = { en = "Phone", ru = "Телефон" } },
]
"#;

fn by_quarters(desk: &TestDesk, key: &str) -> ClientId {
    desk.client_with(key, "", &format!("{SETTINGS}{TIME}"))
}

/// Work that ended `ago` minutes ago.
fn work(desk: &TestDesk, minutes: i64, ago: i64) -> Value {
    json!({ "began_at": desk.now() + Span::minutes(-minutes - ago), "minutes": minutes })
}

fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

/// What happened beside its targets.
fn story(desk: &TestDesk, ticket: TicketId) -> Vec<&'static str> {
    let mut story = desk.story(ticket);
    story.retain(|name| !["ticket_opened", "sla_reached"].contains(name));
    story
}

fn time_of(ticket: TicketId) -> String {
    format!("/api/v1/tickets/{ticket}/time")
}

#[test]
fn work_is_recorded_corrected_and_taken_back() {
    let site = Site::new();
    let desk = &site.desk;
    let ticket = desk.opens(by_quarters(desk, "bank"), "screen is dark");
    desk.pass(Span::hours(5));
    let olga = site.token(desk.somebody("olga", Role::Operator, None).id);
    let post = |path: &str, body: &Value| site.post(&olga, path, body);
    let note = "Cleaned the sensor";
    let body = with(with(work(desk, 20, 60), "kind", "visit"), "note", note);
    let made = post(&time_of(ticket), &body).ok();
    assert!(made["warnings"].is_null(), "{made}");
    let page = site.get(&olga, &time_of(ticket)).ok();
    let entry = &page["entries"][0];
    assert_eq!((&page["minutes"], &entry["minutes"]), (&json!(30), &json!(30)), "rounded up");
    assert_eq!((&entry["note"], &entry["kind"]["label"]["ru"]), (&json!(note), &json!("Выезд")));
    assert_eq!((&entry["person"]["name"], &entry["may_change"]), (&json!("olga"), &json!(true)));

    // The same once more is a mistake; what overlaps is only shown.
    post(&time_of(ticket), &body).refused(409, "time_is_recorded");
    let overlapping = post(&time_of(ticket), &work(desk, 60, 30)).ok();
    assert_eq!(overlapping["warnings"][0]["is"], "time_overlaps");
    assert_eq!(overlapping["warnings"][0]["number"], "BANK-1");

    let path = format!("/api/v1/time/{}", made["id"].as_str().unwrap());
    let change = with(with(work(desk, 40, 60), "version", 1), "note", "Cleaned both sensors");
    assert_eq!(post(&path, &change).ok()["version"], 2);
    post(&path, &change).refused(409, "stale_version");
    let entries = site.get(&olga, &time_of(ticket)).ok()["entries"].take();
    let changed = entries.as_array().unwrap().iter().find(|entry| entry["id"] == made["id"]).unwrap();
    assert_eq!((&changed["minutes"], &changed["kind"]), (&json!(45), &Value::Null));
    post(&format!("{path}/take-back"), &json!({ "version": 1 })).refused(409, "stale_version");
    post(&format!("{path}/take-back"), &json!({ "version": 2 })).ok();
    post(&format!("{path}/take-back"), &json!({ "version": 3 })).refused(422, "invalid");
    let page = site.get(&olga, &time_of(ticket)).ok();
    assert_eq!(page["minutes"], 60, "what was taken back counts nothing: {page}");
    assert_eq!(page["entries"].as_array().unwrap().len(), 2, "and stays to be read");
    assert_eq!(story(desk, ticket), ["time_recorded", "time_recorded", "time_changed", "time_taken_back"]);
}

#[test]
fn what_cannot_be_is_refused_with_its_field() {
    let site = Site::new();
    let desk = &site.desk;
    let ticket = desk.opens(by_quarters(desk, "bank"), "screen is dark");
    let olga = site.token(desk.somebody("olga", Role::Operator, None).id);
    let minutes = |minutes: i64, ago: i64| work(desk, minutes, ago);
    for (body, code, field) in [
        (minutes(0, 0), "invalid", "minutes"),
        (minutes(-5, 0), "invalid", "minutes"),
        (minutes(721, 0), "invalid", "minutes"),
        (minutes(30, -20), "invalid", "minutes"),
        (minutes(30, 63 * 24 * 60), "invalid", "began_at"),
        (with(minutes(30, 0), "kind", "visits"), "unknown_key", "kind"),
        (with(minutes(30, 0), "note", "x".repeat(70_000)), "too_long", "note"),
    ] {
        let refused = site.post(&olga, &time_of(ticket), &body).refused(422, code);
        assert_eq!(refused["field"], field, "{refused}");
    }
    let hint = site.post(&olga, &time_of(ticket), &with(minutes(30, 0), "kind", "visits"));
    assert!(hint.text().contains("did you mean `visit`?"), "{}", hint.text());
    assert_eq!(desk.story(ticket), ["ticket_opened"]);
}

#[test]
fn only_who_works_on_a_ticket_records_and_outsiders_see_nothing() {
    let site = Site::new();
    let desk = &site.desk;
    let (bank, shop) = (by_quarters(desk, "bank"), by_quarters(desk, "shop"));
    let ticket = desk.opens(bank, "screen is dark");
    let body = |minutes| work(desk, minutes, 0);
    let token = |login: &str, role, client| site.token(desk.somebody(login, role, client).id);
    let contact = token("karl", Role::ClientContact, Some(bank));
    let stranger = token("stan", Role::Operator, Some(shop));
    let controller = token("cora", Role::Controller, Some(bank));
    let boss = token("boris", Role::Supervisor, Some(bank));
    let operator = desk.somebody("olga", Role::Operator, Some(bank));
    let olga = site.token(operator.id);
    let engineer = desk.engineer("egor", 2, "Moscow");
    let egor = site.token(engineer.id);
    site.post(&egor, &time_of(ticket), &body(15)).refused(404, "not_found");
    operator
        .does(naryad::domain::command::Command::OpenWorkOrder {
            ticket,
            engineer: engineer.id,
            due_at: None,
            planned_at: None,
            note: None,
        })
        .unwrap();
    let made = site.post(&egor, &time_of(ticket), &body(15)).ok();
    let timer = format!("/api/v1/tickets/{ticket}/timer");
    for outsider in [&contact, &stranger] {
        site.post(outsider, &time_of(ticket), &body(30)).fault();
        site.post(outsider, &timer, &json!({})).fault();
        site.get(outsider, &time_of(ticket)).refused(404, "not_found");
    }
    site.post(&controller, &time_of(ticket), &body(30)).refused(403, "forbidden");
    assert_eq!(site.get(&controller, &time_of(ticket)).ok()["may"], json!({ "own": false, "others": false }));

    // Another person's time is a supervisor's affair.
    let path = format!("/api/v1/time/{}", made["id"].as_str().unwrap());
    let change = with(body(45), "version", 1);
    site.post(&stranger, &path, &change).refused(404, "not_found");
    site.post(&contact, &path, &change).refused(404, "not_found");
    site.post(&olga, &path, &change).refused(403, "forbidden");
    site.post(&boss, &path, &change).ok();
    let of_other = |person: naryad::domain::PersonId| with(body(60), "person", person.to_string());
    site.post(&olga, &time_of(ticket), &of_other(engineer.id)).refused(403, "forbidden");
    site.post(&boss, &time_of(ticket), &of_other(operator.id)).ok();
    let nobody = desk.engineer("erik", 1, "Moscow");
    let refused = site.post(&boss, &time_of(ticket), &of_other(nobody.id)).refused(422, "invalid");
    assert_eq!(refused["field"], "person");
    let entries = site.get(&boss, &time_of(ticket)).ok()["entries"].take();
    let of_olga = entries.as_array().unwrap().iter().find(|one| one["person"]["name"] == "olga").unwrap();
    assert_eq!(of_olga["recorded_by"]["name"], "boris");
}

#[test]
fn one_timer_runs_and_another_start_records_it() {
    let site = Site::new();
    let desk = &site.desk;
    let bank = by_quarters(desk, "bank");
    let (first, second) = (desk.opens(bank, "screen is dark"), desk.opens(bank, "paper jam"));
    let olga = site.token(desk.somebody("olga", Role::Operator, None).id);
    let start =
        |ticket: TicketId| site.post(&olga, &format!("/api/v1/tickets/{ticket}/timer"), &json!({})).ok();
    let stop = |body: Value| site.post(&olga, "/api/v1/timer/stop", &body);
    stop(json!({ "how": "discard" })).refused(409, "no_timer_runs");
    start(first);
    desk.pass(Span::minutes(10));
    start(first);
    assert_eq!(site.get(&olga, "/api/v1/session").ok()["timer"]["number"], "BANK-1");
    desk.pass(Span::minutes(10));
    start(second);
    let page = site.get(&olga, &time_of(first)).ok();
    assert_eq!((&page["minutes"], &page["timers"]), (&json!(30), &json!([])), "20 minutes by quarters");
    desk.pass(Span::minutes(50));
    stop(json!({ "how": "record", "minutes": 51 })).refused(422, "invalid");
    stop(json!({ "how": "record", "minutes": 40, "note": "Was called away", "kind": "phone" })).ok();
    let page = site.get(&olga, &time_of(second)).ok();
    assert_eq!((&page["minutes"], &page["entries"][0]["note"]), (&json!(45), &json!("Was called away")));
    start(second);
    stop(json!({ "how": "discard" })).ok();
    assert_eq!(site.get(&olga, "/api/v1/timer").ok(), json!({ "timer": null }));
    assert_eq!(story(desk, first), ["stopwatch_started", "time_recorded", "stopwatch_stopped"]);
}

#[test]
fn a_timer_that_was_forgotten_is_never_recorded_by_itself() {
    let site = Site::new();
    let desk = &site.desk;
    let bank = by_quarters(desk, "bank");
    let (first, second) = (desk.opens(bank, "screen is dark"), desk.opens(bank, "paper jam"));
    let olga = site.token(desk.somebody("olga", Role::Operator, None).id);
    let start = |ticket: TicketId| site.post(&olga, &format!("/api/v1/tickets/{ticket}/timer"), &json!({}));
    let stop = |body: Value| site.post(&olga, "/api/v1/timer/stop", &body);
    start(first).ok();
    desk.pass(Span::hours(14));
    assert_eq!(site.get(&olga, "/api/v1/timer").ok()["timer"]["is_forgotten"], true);
    let refused = stop(json!({ "how": "record" })).refused(409, "timer_forgotten");
    assert!(refused["message"].as_str().unwrap().contains("BANK-1 has run for 840 minutes"), "{refused}");
    start(second).refused(409, "timer_forgotten");
    stop(json!({ "how": "record", "minutes": 90 })).ok();
    let entry = site.get(&olga, &time_of(first)).ok()["entries"][0].take();
    assert_eq!(entry["minutes"], 90);
    start(second).ok();
}

#[test]
fn a_timer_runs_on_over_a_restart() {
    let mut desk = TestDesk::new();
    let bank = by_quarters(&desk, "bank");
    let ticket = desk.opens(bank, "screen is dark");
    let olga = desk.somebody("olga", Role::Operator, None).id;
    let run = |desk: &TestDesk, command| {
        let actor = naryad::domain::person::Actor::Person { person: olga };
        desk.desk.run(naryad::commands::Request::new(actor, command)).unwrap()
    };
    use naryad::domain::command::{Command, StopwatchEnd};
    run(&desk, Command::StartStopwatch { ticket });
    desk.restarts_after(|_| {});
    desk.pass(Span::minutes(31));
    let end = StopwatchEnd::Record { minutes: None, kind: None, note: None };
    run(&desk, Command::StopStopwatch { end });
    assert_eq!(desk.read(|db| naryad::store::time_entry::sum_of_ticket(db, ticket)), 45);
}

#[test]
fn the_report_adds_up_by_client_person_and_kind() {
    let site = Site::new();
    let desk = &site.desk;
    let (bank, shop) = (by_quarters(desk, "bank"), desk.client("shop", ""));
    let tickets =
        [desk.opens(bank, "screen is dark"), desk.opens(bank, "paper jam"), desk.opens(shop, "door")];
    let begun = desk.now();
    desk.pass(Span::hours(20));
    let olga = site.token(desk.somebody("olga", Role::Operator, None).id);
    let eva = site.token(desk.somebody("=eva", Role::Operator, None).id);
    for (token, ticket, minutes, ago, kind) in [
        (&olga, 0, 30, 0, Some("visit")),
        (&olga, 1, 40, 60, Some("visit")),
        (&olga, 0, 15, 200, None),
        (&eva, 2, 7, 0, None),
    ] {
        let body = with(work(desk, minutes, ago), "kind", kind);
        site.post(token, &time_of(tickets[ticket]), &body).ok();
    }
    let boss = site.token(desk.somebody("boris", Role::Supervisor, None).id);
    let period = format!("from={begun}&to={}", desk.now() + Span::minutes(1));
    let report = site.get(&boss, &format!("/api/v1/reports/entries?{period}")).ok();
    assert_eq!((&report["minutes"], &report["tickets"]), (&json!(97), &json!(3)));
    let sums: Vec<i64> =
        report["rows"].as_array().unwrap().iter().map(|row| row["minutes"].as_i64().unwrap()).collect();
    assert_eq!(sums.iter().sum::<i64>(), 97);
    assert!(sums.contains(&75), "two visits of olga: {report}");
    let of_shop = site.get(&boss, &format!("/api/v1/reports/entries?{period}&client={shop}&format=csv"));
    assert_eq!(
        of_shop.text(),
        "client,sub_client,person,kind,tickets,entries,minutes\nshop,,'=eva,,1,1,7\n",
        "a name is never a formula"
    );
    let sheet = site.get(&olga, &format!("/api/v1/time?{period}")).ok();
    assert_eq!((&sheet["minutes"], &sheet["entries"][0]["number"]), (&json!(90), &json!("BANK-1")));
    // Only supervisors see a report; the period has an end.
    assert_eq!(site.get(&olga, &format!("/api/v1/reports/entries?{period}")).ok()["rows"], json!([]));
    site.get(&olga, &format!("/api/v1/reports/entries?{period}&client={bank}")).refused(403, "forbidden");
    let backwards = format!("from={}&to={begun}", desk.now());
    site.get(&boss, &format!("/api/v1/reports/entries?{backwards}")).refused(422, "invalid");
}
