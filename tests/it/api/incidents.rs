//! Major incidents and duplicates over HTTP: who sees what, and what a contact is told.

use std::collections::BTreeSet;

use naryad::domain::person::{Affiliation, Grant, Role};
use serde_json::{Value, json};

use super::sub_clients::bank;
use super::{Site, id};

const SUBJECT: &str = "No network at the till";

#[test]
fn an_incident_is_led_over_http_and_its_contacts_read_the_words_alone() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let (ours, theirs) = (bank(&site, client, "halyk"), bank(&site, client, "kaspi"));
    let lead = site.token(site.desk.somebody("sven", Role::Supervisor, Some(client)).id);
    let operator = site.token(site.desk.somebody("olga", Role::Operator, Some(client)).id);
    let stranger =
        site.token(site.desk.somebody("otto", Role::Operator, Some(site.desk.client("shop", ""))).id);
    let engineer = site.token(site.desk.engineer("egor", 1, "Almaty").id);
    let parent = theirs.ticket;
    let declare = json!({
        "ticket": parent.to_string(),
        "rule": { "words": ["network"] },
        "texts": { "en": "The line is cut.", "ru": "Обрыв линии." },
    });
    site.post(&operator, "/api/v1/incidents", &declare).refused(403, "forbidden");
    site.post(&ours.token, "/api/v1/incidents", &declare).refused(404, "not_found");
    site.post(&lead, "/api/v1/incidents", &declare).ok();
    let open = json!({ "client": client.to_string(), "subject": SUBJECT });
    let made = site.post(&ours.token, "/api/v1/tickets", &open).ok();
    let ticket = id(&made["ticket"]).to_owned();
    let update = json!({ "text": "Two hours more." });
    site.post(&operator, &format!("/api/v1/incidents/{parent}/updates"), &update).refused(403, "forbidden");
    site.post(&lead, &format!("/api/v1/incidents/{parent}/updates"), &update).ok();
    site.desk.pass(naryad::domain::Span::minutes(1));

    // The contact: the words, and nothing of the other bank.
    let page = site.get(&ours.token, &format!("/api/v1/tickets/{ticket}")).ok();
    assert_eq!(page["incident"]["texts"]["ru"], "Обрыв линии.");
    assert_eq!(page["incident"]["last_update"], "Two hours more.");
    assert!(!page.to_string().contains(&parent.to_string()), "{page}");
    assert!(!page.to_string().contains("kaspi"), "{page}");
    let kinds: BTreeSet<&str> =
        page["timeline"].as_array().unwrap().iter().filter_map(|event| event["type"].as_str()).collect();
    assert!(
        kinds.contains("incident_update_reached") && !kinds.contains("attached_to_incident"),
        "{kinds:?}"
    );
    assert_eq!(page["may"]["lead_incident"], false);
    assert_eq!(site.get(&ours.token, "/api/v1/incidents").ok()["items"], json!([]));
    for token in [&ours.token, &theirs.token, &stranger, &engineer] {
        site.get(token, &format!("/api/v1/incidents/{parent}")).refused(404, "not_found");
        let query = format!("/api/v1/incidents/matching?client={client}&subject=network");
        site.get(token, &query).refused(404, "not_found");
    }
    // Nor can they find out who else is attached.
    let list = site.get(&theirs.token, &format!("/api/v1/tickets?incident={parent}")).ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "the filter is staff's: {list}");

    // Staff.
    let page = site.get(&operator, &format!("/api/v1/tickets/{ticket}")).ok();
    assert_eq!(page["incident"]["id"], parent.to_string());
    let incident = site.get(&operator, &format!("/api/v1/incidents/{parent}")).ok();
    assert_eq!((&incident["reach"], &incident["may_lead"]), (&json!(1), &json!(false)));
    assert_eq!(incident["rounds"][0]["reached"], 1);
    let list = site.get(&operator, &format!("/api/v1/tickets?incident={parent}")).ok();
    assert_eq!(id(&list["items"][0]["id"]), ticket);
    let query = format!("/api/v1/incidents/matching?client={client}&subject=the%20networks");
    assert_eq!(site.get(&operator, &query).ok()["items"].as_array().unwrap().len(), 1);
    site.post(&operator, &format!("/api/v1/tickets/{ticket}/incident/remove"), &json!({})).ok();
    let to = json!({ "incident": parent.to_string() });
    site.post(&operator, &format!("/api/v1/tickets/{ticket}/incident"), &to).ok();
    let end = json!({ "incident": parent.to_string(), "resolution": "done", "attached": "close_all" });
    site.post(&lead, "/api/v1/incidents/end", &end).ok();
    site.desk.pass(naryad::domain::Span::minutes(1));
    assert_eq!(site.get(&operator, &format!("/api/v1/tickets/{ticket}")).ok()["ticket"]["phase"], "closed");
    let past = site.get(&lead, "/api/v1/incidents?state=past").ok();
    assert_eq!(id(&past["items"][0]["id"]), parent.to_string());
    site.get(&lead, "/api/v1/incidents?state=x").refused(422, "invalid");
}

#[test]
fn duplicates_are_suggested_with_reasons_to_who_may_see_them() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let (ours, theirs) = (bank(&site, client, "halyk"), bank(&site, client, "kaspi"));
    let operator = site.token(site.desk.somebody("olga", Role::Operator, Some(client)).id);
    let partner = site.desk.person("pavel", Affiliation::Staff, None);
    partner.gets(&[Grant { role: Role::DepartmentMember, client: Some(client) }], &[]);
    let partner = site.token(partner.id);
    let open = json!({ "client": client.to_string(), "subject": SUBJECT });
    let first = id(&site.post(&theirs.token, "/api/v1/tickets", &open).ok()["ticket"]).to_owned();
    let second = id(&site.post(&operator, "/api/v1/tickets", &open).ok()["ticket"]).to_owned();
    let similar = site.get(&operator, &format!("/api/v1/tickets/{second}/similar")).ok();
    assert_eq!(id(&similar["items"][0]["ticket"]["id"]), first);
    assert_eq!(similar["items"][0]["reasons"], json!([{ "why": "similar_text", "percent": 100 }]));
    let query = format!("/api/v1/similar?client={client}&subject=tills%20without%20network");
    let found =
        |token: &str| -> Vec<Value> { site.get(token, &query).ok()["items"].as_array().unwrap().clone() };
    assert_eq!(found(&operator).len(), 2);
    assert_eq!(found(&theirs.token).len(), 1, "its own");
    assert_eq!(found(&ours.token), [Value::Null; 0], "nothing of the other bank");
    site.get(&partner, &query).refused(404, "not_found");
    site.get(&partner, &format!("/api/v1/tickets/{second}/similar")).refused(404, "not_found");
}
