//! Writes: the answer of a command, repeats, stale versions.

use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::{Answer, Site, id};

fn open(site: &Site, token: &str, key: &str, body: &Value) -> Answer {
    site.ask("POST", "/api/v1/tickets").token(token).header("Idempotency-Key", key).json(body).send()
}

#[test]
fn a_request_that_is_sent_twice_is_carried_out_once() {
    let site = Site::new();
    let client = site.desk.client("acme", "").to_string();
    let (olga, boris) =
        (site.desk.somebody("olga", Role::Operator, None), site.desk.somebody("boris", Role::Operator, None));
    let (olga, boris) = (site.token(olga.id), site.token(boris.id));
    let body = json!({ "client": client, "subject": "once" });
    let first = open(&site, &olga, "k1", &body).ok();
    assert_eq!((&first["number"], &first["is_repeat"]), (&"ACME-1".into(), &false.into()));
    let again = open(&site, &olga, "k1", &body).ok();
    assert_eq!((&again["id"], &again["is_repeat"]), (&first["id"], &true.into()));
    let other = json!({ "client": client, "subject": "another" });
    open(&site, &olga, "k1", &other).refused(409, "idempotency_key_reused");
    let elsewhere = site.ask("POST", &format!("/api/v1/tickets/{}/clear-mark", id(&first["id"])));
    elsewhere
        .token(&olga)
        .header("Idempotency-Key", "k1")
        .json(&json!({}))
        .send()
        .refused(409, "idempotency_key_reused");
    assert_eq!(open(&site, &boris, "k1", &body).ok()["number"], "ACME-2", "keys are each person's own");
    assert_eq!(site.get(&olga, "/api/v1/tickets").ok()["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_change_of_a_stale_version_is_refused_with_the_present_one() {
    let site = Site::new();
    let client = site.desk.client("acme", "").to_string();
    let token = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let opened = site.post(&token, "/api/v1/tickets", &json!({ "client": client, "subject": "s" })).ok();
    let path = format!("/api/v1/tickets/{}/changes", id(&opened["id"]));
    let change = |priority: i64| json!({ "version": opened["version"], "changes": { "priority": priority } });
    let changed = site.post(&token, &path, &change(1)).ok();
    assert!(changed["version"].as_i64() > opened["version"].as_i64());
    let stale = site.post(&token, &path, &change(2)).refused(409, "stale_version");
    assert_eq!(stale["field"], "version");
    assert!(stale["message"].as_str().unwrap().contains(&changed["version"].to_string()), "{stale}");
    let wrong =
        site.post(&token, &path, &json!({ "changes": { "status": "in_werk" } })).refused(422, "unknown_key");
    assert!(wrong["message"].as_str().unwrap().contains("did you mean `in_work`?"), "{wrong}");
    assert_eq!(
        site.post(&token, &path, &json!({ "changes": { "categry": "x" } })).refused(422, "invalid")["field"],
        "changes.categry"
    );
}

#[test]
fn records_are_made_changed_and_guarded_by_their_version() {
    let site = Site::new();
    let client = site.desk.client("acme", "").to_string();
    let token = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let contact = |name: &str, version: Value| json!({ "version": version, "client": client, "name": name, "email": "a@example.org" });
    let made = site.post(&token, "/api/v1/contacts", &contact("Anna", Value::Null)).ok();
    let path = format!("/api/v1/contacts/{}", id(&made["id"]));
    assert_eq!(site.get(&token, &path).ok()["name"], "Anna");
    site.post(&token, &path, &contact("Anna B", 1.into())).ok();
    site.post(&token, &path, &contact("Anna C", 1.into())).refused(409, "stale_version");
    let mut other = contact("Anna D", 2.into());
    other["id"] = "1".into();
    assert_eq!(site.post(&token, &path, &other).refused(422, "invalid")["field"], "id");
    let listed = site.get(&token, "/api/v1/contacts?q=ann").ok();
    assert_eq!(listed["items"][0]["name"], "Anna B");
}

#[test]
fn people_change_their_own_settings_and_nothing_more() {
    let site = Site::new();
    site.desk.somebody("anna", Role::Administrator, None);
    let engineer = site.desk.engineer("ivan", 1, "Almaty");
    let token = site.token(engineer.id);
    site.post(&token, "/api/v1/me", &json!({ "language": "ru", "is_on_duty": false })).ok();
    let me = site.get(&token, "/api/v1/session").ok();
    assert_eq!((&me["person"]["language"], &me["person"]["is_on_duty"]), (&"ru".into(), &false.into()));
    site.post(&token, "/api/v1/me", &json!({ "capacity": 99 })).refused(422, "invalid");
    site.post(&token, "/api/v1/me", &json!({ "time_zone": "Mars/Base" })).refused(422, "invalid");
    let mut own = me["person"].clone();
    own["capacity"] = 99.into();
    own.as_object_mut().unwrap().remove("id");
    site.post(&token, &format!("/api/v1/people/{}", engineer.id), &own).refused(403, "forbidden");
}
