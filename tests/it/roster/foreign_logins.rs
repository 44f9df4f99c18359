//! Log-ins of a client's own desk: mapped for a time over HTTP, and who may.

use naryad::domain::Span;
use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::with;
use crate::api::Site;

#[test]
fn foreign_logins_are_mapped_for_a_time_and_the_past_stays() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let other = site.desk.client("other", "");
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, Some(client)).id);
    let operator = site.token(site.desk.somebody("oleg", Role::Operator, Some(client)).id);
    let stranger = site.token(site.desk.somebody("carl", Role::Supervisor, Some(other)).id);
    let contact = site.desk.somebody("kate", Role::ClientContact, Some(client));
    let ivan = site.desk.member("ivan", "support").id;
    let boris = site.desk.member("boris", "support").id;
    let body = json!({
        "client": client.to_string(), "system": "servicenow", "login": "Ivan.K", "person": ivan.to_string(),
    });
    let post = |token: &str, path: &str, body: &Value| site.post(token, &format!("/api/v1{path}"), body);
    let map = |body: &Value| post(&supervisor, "/foreign-logins", body);
    let id = map(&body).ok()["id"].as_str().unwrap().to_owned();
    let begun = site.desk.now();
    let later = (begun + Span::hours(1)).to_string();
    let taken = with(with(body.clone(), "login", " iVAN.k "), "person", boris.to_string());
    let refused = map(&taken).refused(422, "invalid");
    let message = refused["message"].as_str().unwrap();
    assert!(message.starts_with("login: `Ivan.K` is mapped already, to ivan, from 20"), "{message}");
    let free = with(body.clone(), "login", "x");
    for (body, status, code, field) in [
        (with(free.clone(), "valid_from", later), 422, "invalid", json!("valid_from")),
        (with(free.clone(), "person", contact.id.to_string()), 422, "invalid", json!("person")),
        (with(free.clone(), "person", "77"), 404, "not_found", Value::Null),
        (with(free.clone(), "login", " "), 422, "invalid", json!("login")),
    ] {
        assert_eq!(map(&body).refused(status, code)["field"], field, "{body}");
    }
    for token in [&operator, &stranger, &site.token(contact.id)] {
        post(token, "/foreign-logins", &free).refused(403, "forbidden");
    }
    // The same log-in of another system is another's.
    map(&with(taken.clone(), "system", "hpsm")).ok();

    let list = format!("/api/v1/foreign-logins?client={client}&system=servicenow");
    let names = |path: &str| -> Vec<String> {
        let shown = site.get(&supervisor, path).ok();
        let items = shown["items"].as_array().unwrap().iter();
        items.map(|one| one["person"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&list), ["ivan"]);
    assert_eq!(names(&format!("/api/v1/foreign-logins?client={client}")), ["ivan", "boris"]);
    site.get(&stranger, &list).refused(404, "not_found");
    // The client itself is no secret to its contact.
    site.get(&site.token(contact.id), &list).refused(403, "forbidden");
    assert_eq!(site.get(&supervisor, "/api/v1/foreign-logins").refused(422, "invalid")["field"], "client");

    site.desk.pass(Span::hours(5));
    let end = format!("/foreign-logins/{id}/end");
    post(&stranger, &end, &json!({ "version": 1 })).refused(404, "not_found");
    post(&operator, &end, &json!({ "version": 1 })).refused(403, "forbidden");
    post(&supervisor, &end, &json!({ "version": 1 })).ok();
    post(&supervisor, &end, &json!({ "version": 2 })).refused(422, "invalid");
    assert_eq!(names(&list), [""; 0]);
    // It is another's from now on, but not while it was the first one's.
    map(&with(taken.clone(), "valid_from", begun.to_string())).refused(422, "invalid");
    map(&taken).ok();
    assert_eq!(names(&list), ["boris"]);
    assert_eq!(names(&format!("{list}&at={begun}")), ["ivan"], "a past moment is seen as it was");
}
