//! Rosters: kept over HTTP, and who gets a ticket because of them.

mod acceptance;
mod assignment;
mod borders;
mod calendar;
mod changes;
mod fairness;
mod foreign_logins;
mod handover;
mod patterns;
mod rest;
mod specialists;
mod swaps;
mod tables;
mod week;

use naryad::domain::person::Role;
use serde_json::{Value, json};

use crate::api::Site;

/// A body for a shift in hours of 3 November 2026, UTC.
fn hours(person: impl ToString, from: i64, to: i64) -> Value {
    let at = |hour: i64| format!("2026-11-{:02}T{:02}:00:00Z", 3 + hour / 24, hour % 24);
    json!({ "person": person.to_string(), "from": at(from), "to": at(to), "kind": { "is": "regular" } })
}

fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

const WEEK: &str = "from=2026-11-02T00:00:00Z&to=2026-11-09T00:00:00Z";

/// Who has shifts in the week, in order: (person, from).
fn listed(site: &Site, token: &str) -> Vec<(String, String)> {
    let page = site.get(token, &format!("/api/v1/roster?{WEEK}")).ok();
    let shifts = page["shifts"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    shifts.map(|shift| (text(&shift["person"]), text(&shift["from"]))).collect()
}

#[test]
fn shifts_are_made_changed_swapped_and_removed() {
    let site = Site::new();
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let ivan = site.desk.somebody("ivan", Role::Operator, None).id.to_string();
    let olga = site.desk.somebody("olga", Role::Operator, None).id.to_string();
    let post = |path: &str, body: &Value| site.post(&supervisor, &format!("/api/v1{path}"), body);
    let morning = post("/shifts", &hours(&ivan, 5, 8)).ok()["id"].as_str().unwrap().to_owned();
    let evening = post("/shifts", &hours(&olga, 14, 19)).ok()["id"].as_str().unwrap().to_owned();
    let changed = with(with(hours(&ivan, 5, 9), "version", 1), "note", "helps the night");
    assert_eq!(post(&format!("/shifts/{morning}"), &changed).ok()["version"], 2);
    post(&format!("/shifts/{morning}"), &changed).refused(409, "stale_version");
    let swap = json!({ "one": morning, "one_version": 2, "other": evening, "other_version": 1 });
    post("/shifts/swap", &swap).ok();
    post("/shifts/swap", &swap).refused(409, "stale_version");
    let at = |text: &str| format!("2026-11-03T{text}:00:00.000Z");
    assert_eq!(listed(&site, &supervisor), [(olga.clone(), at("05")), (ivan.clone(), at("14"))]);
    // Ivan also has an early shift now, so that he cannot take the morning back.
    post("/shifts", &hours(&ivan, 8, 10)).ok();
    let back = json!({ "one": morning, "one_version": 3, "other": evening, "other_version": 2 });
    let refused = post("/shifts/swap", &back).refused(409, "shift_overlaps");
    assert!(refused["message"].as_str().unwrap().contains("2026-11-03T08:00:00.000Z"), "{refused}");
    post(&format!("/shifts/{morning}/remove"), &json!({ "version": 3 })).ok();
    assert_eq!(listed(&site, &supervisor), [(ivan.clone(), at("08")), (ivan, at("14"))]);
}

#[test]
fn a_shift_that_cannot_be_is_refused_with_its_field() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let ivan = site.desk.member("ivan", "support").id;
    let carl = site.desk.somebody("carl", Role::ClientContact, Some(client)).id;
    let post = |body: &Value| site.post(&supervisor, "/api/v1/shifts", body);
    post(&hours(ivan, 5, 8)).ok();
    let extra = |rate: i64| json!({ "is": "extra", "rate_percent": rate });
    for (body, status, code, field) in [
        (hours(ivan, 7, 9), 409, "shift_overlaps", json!("from")),
        (hours(ivan, 9, 9), 422, "invalid", json!("to")),
        (hours(ivan, 9, 35), 422, "invalid", json!("to")),
        (with(hours(ivan, 9, 10), "kind", extra(0)), 422, "invalid", json!("rate_percent")),
        (with(hours(ivan, 9, 10), "queue", "suport"), 422, "unknown_key", json!("queue")),
        (with(hours(ivan, 9, 10), "client", "77"), 404, "not_found", Value::Null),
        (hours(77, 9, 10), 404, "not_found", Value::Null),
        (hours(carl, 9, 10), 422, "invalid", json!("person")),
    ] {
        assert_eq!(post(&body).refused(status, code)["field"], field, "{body}");
    }
    post(&with(with(hours(ivan, 8, 10), "kind", extra(150)), "queue", "support")).ok();
    assert_eq!(listed(&site, &supervisor).len(), 2);
    let anyone = site.get(&supervisor, "/api/v1/roster?from=2026-11-02T00:00:00Z");
    assert_eq!(anyone.refused(422, "invalid")["field"], "to");
}

#[test]
fn a_roster_is_kept_by_supervisors_of_the_client_or_the_desk() {
    let site = Site::new();
    let (ours, theirs) = (site.desk.client("ours", ""), site.desk.client("theirs", ""));
    let ivan = site.desk.somebody("ivan", Role::Operator, None);
    let own = site.token(ivan.id);
    let operator = site.token(site.desk.somebody("olga", Role::Operator, Some(ours)).id);
    let of_client = site.token(site.desk.somebody("anna", Role::Supervisor, Some(ours)).id);
    let of_desk = site.token(site.desk.somebody("boris", Role::Supervisor, None).id);
    let post = |token: &str, body: &Value| site.post(token, "/api/v1/shifts", body);
    let for_client =
        |from: i64, client: &dyn ToString| with(hours(ivan.id, from, from + 1), "client", client.to_string());
    post(&own, &hours(ivan.id, 1, 2)).refused(403, "forbidden");
    post(&operator, &for_client(1, &ours)).refused(403, "forbidden");
    post(&of_client, &hours(ivan.id, 1, 2)).refused(403, "forbidden");
    post(&of_client, &for_client(1, &theirs)).refused(403, "forbidden");
    let made = post(&of_client, &for_client(1, &ours)).ok();
    // Nobody fills the days of another client's people.
    let elsewhere = site.desk.somebody("eva", Role::Operator, Some(theirs)).id;
    post(&of_client, &with(hours(elsewhere, 1, 2), "client", ours.to_string())).refused(404, "not_found");
    let stolen = with(with(hours(ivan.id, 1, 2), "version", 1), "client", theirs.to_string());
    let path = format!("/api/v1/shifts/{}", made["id"].as_str().unwrap());
    site.post(&of_client, &path, &stolen).refused(403, "forbidden");
    post(&of_desk, &for_client(3, &theirs)).ok();
    let away = with(hours(ivan.id, 5, 9), "kind", "sick");
    site.post(&of_client, "/api/v1/absences", &away).refused(403, "forbidden");
    let absence = site.post(&of_desk, "/api/v1/absences", &away).ok();
    // Everybody sees what concerns them, and why somebody is away only who must know.
    assert_eq!((listed(&site, &own).len(), listed(&site, &operator).len()), (2, 1));
    for (token, kind) in [(&own, json!("sick")), (&of_desk, json!("sick")), (&operator, Value::Null)] {
        let page = site.get(token, &format!("/api/v1/roster?{WEEK}")).ok();
        assert_eq!(page["absences"][0]["kind"], kind);
    }
    let contact = site.token(site.desk.somebody("carl", Role::ClientContact, Some(ours)).id);
    assert_eq!(listed(&site, &contact), []);
    site.get(&contact, &format!("/api/v1/roster.csv?{WEEK}")).refused(403, "forbidden");
    let path = format!("/api/v1/absences/{}/remove", absence["id"].as_str().unwrap());
    site.post(&of_desk, &path, &json!({ "version": 1 })).ok();
}
