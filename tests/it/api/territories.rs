//! Where people are and what they serve: territories to choose from, and what is wrong with a place.

use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::Site;

fn place(client: &str, name: &str, city: &str, district: Option<&str>) -> Value {
    json!({ "client": client, "name": name, "address": "Main street 1", "city": city, "country": "KZ",
        "time_zone": "Asia/Almaty", "district": district })
}

#[test]
fn territories_are_where_the_sites_are() {
    let site = Site::new();
    let (ours, theirs) = (site.desk.client("ours", ""), site.desk.client("theirs", ""));
    let token = |login: &str, role, client| site.token(site.desk.somebody(login, role, client).id);
    let boss = token("ada", Role::Administrator, None);
    for (client, name, city, district) in [
        (ours, "One", "Almaty", Some("Medeu")),
        (ours, "Two", "ALMATY", None),
        (ours, "Three", "Ust/Kamenogorsk", None),
        (theirs, "Four", "Astana", None),
    ] {
        site.post(&boss, "/api/v1/sites", &place(&client.to_string(), name, city, district)).ok();
    }
    let listed = |token: &str| -> Vec<(String, i64)> {
        let page = site.get(token, "/api/v1/territories").ok();
        let lines = page["items"].as_array().unwrap().iter();
        lines
            .map(|line| (line["territory"].as_str().unwrap().to_owned(), line["sites"].as_i64().unwrap()))
            .collect()
    };
    // One city in two cases is one; a name with a stroke can be no territory, its country can.
    let all = [("KZ", 4), ("KZ/ALMATY", 2), ("KZ/Almaty/Medeu", 1), ("KZ/Astana", 1)];
    assert_eq!(listed(&boss), all.map(|(name, sites)| (name.to_owned(), sites)));
    let own = [("KZ", 3), ("KZ/ALMATY", 2), ("KZ/Almaty/Medeu", 1)];
    let supervisor = token("sara", Role::Supervisor, Some(ours));
    assert_eq!(listed(&supervisor), own.map(|(name, sites)| (name.to_owned(), sites)));
    for outsider in [token("carl", Role::ClientContact, Some(ours)), token("egor", Role::Engineer, None)] {
        let answer = site.get(&outsider, "/api/v1/territories");
        assert!(answer.status == 403 || answer.json()["items"] == json!([]), "{answer:?}");
    }
}

#[test]
fn a_place_that_cannot_be_is_refused_where_it_is_wrong() {
    let site = Site::new();
    let client = site.desk.client("bank", "").to_string();
    let boss = site.token(site.desk.somebody("ada", Role::Administrator, None).id);
    for (location, field) in [
        (json!({ "latitude": 95, "longitude": 76.9 }), "location.latitude"),
        (json!({ "latitude": 43.2, "longitude": 200.5 }), "location.longitude"),
        (json!({ "latitude": 43.2 }), "location.longitude"),
    ] {
        let mut body = place(&client, "One", "Almaty", None);
        body["location"] = location;
        let refused = site.post(&boss, "/api/v1/sites", &body).refused(422, "invalid");
        assert_eq!(refused["field"], field, "{refused}");
    }
    let person = |area: Value| {
        json!({ "login": "ivan", "name": "Ivan", "language": "ru", "time_zone": "Asia/Almaty",
            "affiliation": { "kind": "staff" }, "capacity": 3, "is_on_duty": true, "is_active": true,
            "service_area": area })
    };
    for (area, field) in [
        (json!({ "territories": ["KZ", "Kazakhstan"] }), "service_area.territories[1]"),
        (json!({ "location": { "latitude": -91, "longitude": 0 } }), "service_area.location.latitude"),
    ] {
        let refused = site.post(&boss, "/api/v1/people", &person(area)).refused(422, "invalid");
        assert_eq!(refused["field"], field, "{refused}");
    }
    let many: Vec<String> = (0..101).map(|number| format!("KZ/City {number}")).collect();
    let refused = site.post(&boss, "/api/v1/people", &person(json!({ "territories": many })));
    assert_eq!(refused.refused(422, "too_many")["field"], "service_area.territories");
}
