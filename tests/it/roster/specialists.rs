//! Specialists, managers, territories and distances: kept over HTTP, and what the choice makes of them.

use std::collections::BTreeMap;

use naryad::domain::Span;
use naryad::domain::person::Role;
use naryad::rehearsal::script_tests::{PackSource, run};
use serde_json::{Value, json};

use super::with;
use crate::api::Site;
use crate::helpers::SETTINGS;

const CHOICES: &str = r#"
fn people(options) {
    for name in ["Anna", "Boris", "Vera"] { options[name] = operator(name, #{ queues: ["support"] }); }
    options
}
fn test_knowledge() {
    let who = people(#{});
    let bank = sub_client("bank_a", #{});
    specialist(who.Boris, #{});
    specialist(who.Vera, #{ sub_client: bank });
    specialist("anna", #{ model: "cineo C2060" });
    technical_manager(who.Vera);
    let ticket = open(#{ subject: "x", sub_client: bank, asset: asset("ATM-1", #{ model: "CINEO C2060" }) });
    ticket.comment("client_specialist");
    assert_eq(ticket.assignee.name, "Vera");
    assert_eq(ticket.rejections[0], "Boris: another knows the client (load 0)");
    ticket.unassign();
    ticket.comment("product_specialist");
    assert_eq(ticket.assignee.name, "Anna");
    ticket.unassign();
    ticket.comment("technical_manager");
    assert_eq(ticket.assignee.name, "Vera");
    let other = open(#{ subject: "y" });
    other.comment("client_specialist");
    assert_eq(other.assignee.name, "Boris");
}
fn test_territory() {
    operator("Anna", #{ queues: ["support"], territories: ["KZ"] });
    operator("Boris", #{ queues: ["support"], territories: ["RU", "KZ/Almaty/Medeu"] });
    let here = site(#{ city: "Almaty", country: "KZ", district: "Medeu" });
    let ticket = open(#{ subject: "x", site: here });
    ticket.comment("territory");
    assert_eq(ticket.assignee.name, "Boris");
    assert_eq(ticket.rejections, ["Anna: another serves the territory (load 0)"]);
}
fn test_distance_and_who_was_there() {
    engineer("Near", #{ grade: 3, location: [43.3, 76.9] });
    let far = engineer("Far", #{ location: [51.17, 71.45] });
    engineer("Nowhere", #{});
    let machine = asset("ATM-1", #{ site: site(#{ city: "Almaty", location: [43.24, 76.89] }) });
    let ticket = open(#{ subject: "x", asset: machine });
    ticket.comment("visit");
    assert_eq(ticket.engineer.name, "Near");
    assert_eq(ticket.rejections, [
        "Far: another is nearer (load 0)", "Nowhere: another has known coordinates, this one has none (load 0)",
    ]);
    ticket.last_order.cancel("not needed");
    ticket.send_out(far);
    ticket.last_order.accept();
    ticket.last_order.on_the_way();
    ticket.last_order.arrive();
    ticket.last_order.done();
    let again = open(#{ subject: "y", asset: machine });
    again.comment("visit");
    assert_eq(again.engineer.name, "Far", "was there before");
    assert_eq(again.rejections[0], "Near: another knows the asset (load 0)");
}
"#;

#[test]
fn scripts_choose_by_knowledge_territory_and_distance() {
    let script = r#"
fn on_comment(ticket, comment) {
    if comment.text == "visit" { ticket.dispatch(#{ strategy: ["same_person_as_asset", "distance"] }); }
    else { ticket.assign(#{ line: "support", strategy: comment.text }); }
}
"#;
    let report = run(&PackSource {
        script: script.to_owned(),
        settings: SETTINGS.to_owned(),
        tests: BTreeMap::from([("tests/choice.rhai".to_owned(), CHOICES.to_owned())]),
        ..PackSource::default()
    });
    assert!(report.all_passed() && report.tests.len() == 3, "{report}");
}

#[test]
fn specialists_are_named_for_a_time_and_the_past_stays() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let other = site.desk.client("other", "");
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, Some(client)).id);
    let stranger = site.token(site.desk.somebody("carl", Role::Supervisor, Some(other)).id);
    let contact = site.desk.somebody("kate", Role::ClientContact, Some(client));
    let ivan = site.desk.member("ivan", "support").id;
    let of = json!({ "is": "technical_manager", "client": client.to_string() });
    let body = json!({ "person": ivan.to_string(), "of": of });
    let post = |token: &str, path: &str, body: &Value| site.post(token, &format!("/api/v1{path}"), body);
    let id = post(&supervisor, "/specialists", &body).ok()["id"].as_str().unwrap().to_owned();
    let refused = post(&supervisor, "/specialists", &body).refused(422, "invalid");
    assert!(
        refused["message"].as_str().unwrap().starts_with("of: ivan is that already, from 20"),
        "{refused}"
    );
    let begun = site.desk.now();
    let past = (begun + Span::hours(-1)).to_string();
    for (body, status, code, field) in [
        (with(body.clone(), "valid_from", past.clone()), 422, "invalid", json!("valid_from")),
        (with(body.clone(), "valid_to", past), 422, "invalid", json!("valid_to")),
        (with(body.clone(), "person", contact.id.to_string()), 422, "invalid", json!("person")),
        (with(body.clone(), "of", json!({ "is": "model", "model": "C2060" })), 403, "forbidden", Value::Null),
        (
            with(
                body.clone(),
                "of",
                json!({ "is": "client", "client": client.to_string(), "sub_client": "77" }),
            ),
            422,
            "invalid",
            json!("of.sub_client"),
        ),
    ] {
        assert_eq!(post(&supervisor, "/specialists", &body).refused(status, code)["field"], field, "{body}");
    }
    post(&stranger, "/specialists", &body).refused(403, "forbidden");
    let list = format!("/api/v1/specialists?client={client}");
    let shown = site.get(&supervisor, &list).ok();
    assert_eq!(
        (&shown["items"][0]["person"]["name"], &shown["items"][0]["may_end"]),
        (&json!("ivan"), &json!(true))
    );
    site.get(&stranger, &list).refused(404, "not_found");
    let of_ivan = format!("/api/v1/specialists?person={ivan}");
    assert_eq!(site.get(&stranger, &of_ivan).ok()["items"], json!([]));
    assert_eq!(site.get(&site.token(contact.id), &of_ivan).ok()["items"], json!([]));
    site.desk.pass(Span::hours(5));
    post(&stranger, &format!("/specialists/{id}/end"), &json!({ "version": 1 })).refused(404, "not_found");
    post(&supervisor, &format!("/specialists/{id}/end"), &json!({ "version": 1 })).ok();
    assert_eq!(site.get(&supervisor, &list).ok()["items"], json!([]));
    let then = site.get(&supervisor, &format!("{list}&at={begun}")).ok();
    assert_eq!(then["items"][0]["id"], json!(id), "a past moment is seen as it was");
    let refused = post(&supervisor, &format!("/specialists/{id}/end"), &json!({ "version": 2 }));
    assert_eq!(refused.refused(422, "invalid")["message"], "at: it is over already");
}

#[test]
fn coordinates_and_territories_that_cannot_be_are_refused() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let admin = site.token(site.desk.somebody("root", Role::Administrator, None).id);
    let operator = site.token(site.desk.somebody("oleg", Role::Operator, None).id);
    let ivan = site.desk.engineer("ivan", 1, "Almaty").id;
    let place = json!({
        "client": client.to_string(), "name": "Mega", "address": "x", "city": "Almaty", "country": "KZ",
        "time_zone": "Asia/Almaty", "district": "Medeu", "location": { "latitude": 43.24, "longitude": 76.89 },
    });
    let id = site.post(&admin, "/api/v1/sites", &place).ok()["id"].as_str().unwrap().to_owned();
    let shown = site.get(&admin, &format!("/api/v1/sites/{id}")).ok();
    assert_eq!((&shown["location"], &shown["district"]), (&place["location"], &place["district"]));
    let listed = site.get(&admin, &format!("/api/v1/sites?client={client}")).ok();
    assert_eq!(listed["items"][0]["location"], place["location"]);
    let wrong = with(place, "location", json!({ "latitude": 143.24, "longitude": 76.89 }));
    let refused = site.post(&admin, "/api/v1/sites", &wrong).refused(422, "invalid");
    assert_eq!(refused["field"], "location.latitude");
    assert!(
        refused["message"].as_str().unwrap().contains("latitude is 143.24; it must be from -90 to 90"),
        "{refused}"
    );

    let path = format!("/api/v1/people/{ivan}");
    let mut person = site.get(&admin, &path).ok();
    let service_area =
        json!({ "location": { "latitude": 43.24, "longitude": 76.89 }, "territories": ["KZ/Almaty"] });
    person["service_area"] = service_area.clone();
    site.post(&admin, &path, &person).ok();
    assert_eq!(site.get(&admin, &path).ok()["service_area"], service_area);
    let hidden = site.get(&operator, &path).ok();
    assert_eq!(
        hidden["service_area"],
        json!({ "location": null, "territories": ["KZ/Almaty"] }),
        "where he lives is his"
    );
    person["version"] = 2.into();
    person["service_area"]["territories"] = json!(["Kazakhstan"]);
    let refused = site.post(&admin, &path, &person).refused(422, "invalid");
    assert!(refused["message"].as_str().unwrap().contains("`Kazakhstan` is no territory"), "{refused}");
    // A change that says nothing of it leaves it.
    person.as_object_mut().unwrap().remove("service_area");
    site.post(&admin, &path, &person).ok();
    assert_eq!(site.get(&admin, &path).ok()["service_area"], service_area);
}
