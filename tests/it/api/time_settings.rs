//! Calendars and targets over HTTP: read, changed in the draft, tried out; who may, and what is refused where.

use naryad::domain::ClientId;
use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::Site;

fn way(client: ClientId, rest: &str) -> String {
    format!("/api/v1/clients/{client}/workflow/time{rest}")
}

/// The office hours of Yerevan, Monday to Friday, and a holiday on Thursday, 28 January 2027.
fn yerevan(time: &mut Value) {
    time["calendar"] = json!({
        "time_zone": "Asia/Yerevan",
        "hours": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00" }],
        "exceptions": [{ "from": "2027-01-28", "label": { "en": "Army Day" } }],
    });
}

#[test]
fn a_draft_is_changed_as_data_and_its_text_keeps_its_lines() {
    let site = Site::new();
    let client = site.desk.client("bank", "");
    let token = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let page = site.get(&token, &way(client, "")).json();
    assert_eq!((&page["draft_saved_at"], &page["is_changed"]), (&Value::Null, &json!(false)), "{page}");
    let mut time = page["time"].clone();
    assert_eq!(time, page["published"]);
    yerevan(&mut time);
    let saved = site.post(&token, &way(client, ""), &json!({ "base": page["base"], "time": time }));
    assert_eq!(saved.status, 200, "{saved:?}");
    let after = site.get(&token, &way(client, "")).json();
    assert_eq!(after["is_changed"], true);
    assert_eq!(after["time"]["calendar"]["exceptions"][0]["label"]["en"], "Army Day");
    assert_eq!(after["published"], page["published"]);
    let workflow = site.get(&token, &format!("/api/v1/clients/{client}/workflow")).json();
    let text = workflow["draft"]["settings"].as_str().unwrap();
    let other = |text: &str| text.lines().filter(|line| !line.starts_with("calendar =")).count();
    assert!(text.contains(r#"time_zone = "Asia/Yerevan""#), "{text}");
    assert_eq!(other(text), other(crate::helpers::SETTINGS));
    // Whoever read the page before that sees that it is old; the same once more changes nothing.
    let late = site.post(&token, &way(client, ""), &json!({ "base": page["base"], "time": page["time"] }));
    assert_eq!((late.status, &late.json()["error"]["code"]), (409, &json!("draft_changed")));
    let same = site.post(&token, &way(client, ""), &json!({ "base": after["base"], "time": after["time"] }));
    assert_eq!(same.json()["is_repeat"], true);
}

#[test]
fn what_is_wrong_is_named_where_it_stands() {
    let site = Site::new();
    let client = site.desk.client("bank", "");
    let token = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let time = site.get(&token, &way(client, "")).json()["time"].clone();
    let hours = |days: Value| json!([{ "days": days, "from": "09:00", "to": "18:00" }]);
    let cases: [(&str, Value, &str, &str); 9] = [
        ("/calendar/time_zone", json!("Mars/Olympus"), "calendar.time_zone", "no_such_zone"),
        ("/calendar/hours", hours(json!([])), "calendar.hours", "no_open_hour"),
        ("/calendar/holidays", json!(["nowhere-2027"]), "calendar.holidays.0", "no_such_holidays"),
        ("/calendar/exceptions", json!([{ "from": "2027-02-30" }]), "calendar.exceptions.0", "not_a_date"),
        (
            "/sla",
            json!([{ "first_response_minutes": 90, "resolution_minutes": 60 }]),
            "sla.0.first_response_minutes",
            "response_after_resolution",
        ),
        ("/sla", json!([{ "resolution_minutes": 60 }, { "resolution_minutes": 70 }]), "sla.1", "same_scope"),
        (
            "/sla",
            json!([{ "priority": 1, "resolution_minutes": 60 }, { "country": "KZ", "resolution_minutes": 70 }]),
            "sla.1",
            "no_closer_row",
        ),
        (
            "/sla",
            json!([{ "resolution_minutes": 60, "warn_percent": [80, 50] }]),
            "sla.0.warn_percent",
            "levels_must_rise",
        ),
        (
            "/stages",
            json!([{ "key": "resolution", "label": {}, "phase": "new" }]),
            "stages.0.key",
            "stage_twice",
        ),
    ];
    for (pointer, value, field, code) in cases {
        let mut wrong = time.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let ask = json!({ "settings": { "time": wrong }, "opened_at": "2027-01-29T17:55", "priority": 3 });
        let answer = site.post(&token, &way(client, "/preview"), &ask).json();
        assert_eq!(answer["preview"], Value::Null, "{answer}");
        assert_eq!(
            (&answer["faults"][0]["field"], &answer["faults"][0]["code"]),
            (&json!(field), &json!(code)),
            "{answer}"
        );
        let refused = site.post(&token, &way(client, ""), &json!({ "time": wrong }));
        assert_eq!(
            (refused.status, &refused.json()["error"]["field"]),
            (422, &json!(format!("time.{field}")))
        );
        assert!(refused.json()["error"]["message"].as_str().unwrap().contains("client.toml:"), "{refused:?}");
    }
    // A calendar that only exceptions could open is open on none.
    let mut closed = time.clone();
    closed["calendar"]["hours"] = hours(json!(["mon"]));
    closed["calendars"] = json!([{ "key": "branch", "label": {}, "time_zone": "site" }]);
    let month = json!({ "settings": { "time": closed }, "calendar": "elsewhere", "year": 2027, "month": 1 });
    let unknown = site.post(&token, &way(client, "/month"), &month);
    assert_eq!((unknown.status, &unknown.json()["error"]["field"]), (422, &json!("calendar")));
    // A text that is no pack is for the text editor.
    let broken = json!({ "script": "", "settings": "key = " });
    site.post(&token, &format!("/api/v1/clients/{client}/workflow/draft"), &broken);
    let page = site.get(&token, &way(client, "")).json();
    assert_eq!((&page["time"], &page["unreadable"]["line"]), (&Value::Null, &json!(1)), "{page}");
    let refused = site.post(&token, &way(client, ""), &json!({ "time": time }));
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (409, &json!("draft_unreadable")));
}

#[test]
fn a_preview_says_when_and_why_in_yerevan() {
    let site = Site::new();
    let client = site.desk.client("bank", "");
    let token = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let mut time = site.get(&token, &way(client, "")).json()["time"].clone();
    yerevan(&mut time);
    // Wednesday, 27 January, 17:55; the target of an hour has five minutes of that day.
    let ask = json!({ "settings": { "time": time }, "opened_at": "2027-01-27T17:55", "priority": 3 });
    let answer = site.post(&token, &way(client, "/preview"), &ask).json();
    let preview = &answer["preview"];
    assert_eq!((&preview["row"], &preview["time_zone"]), (&json!(1), &json!("Asia/Yerevan")), "{answer}");
    let first =
        preview["targets"].as_array().unwrap().iter().find(|own| own["target"] == "first_response").unwrap();
    assert_eq!(first["due_at"], "2027-01-29T05:55:00.000Z", "Friday 09:55 in Yerevan: {answer}");
    assert_eq!(preview["days"][1]["why"], json!({ "kind": "exception", "label": { "en": "Army Day" } }));
    assert_eq!(
        (&preview["days"][1]["date"], &preview["days"][1]["minutes"]),
        (&json!("2027-01-28"), &json!(0))
    );
    let month = json!({ "settings": { "time": time }, "year": 2027, "month": 1 });
    let month = site.post(&token, &way(client, "/month"), &month).json();
    let days = month["days"].as_array().unwrap();
    assert_eq!(days.len(), 31);
    let minutes: i64 = days.iter().map(|day| day["minutes"].as_i64().unwrap()).sum();
    assert_eq!(minutes, 20 * 9 * 60, "21 weekdays but one: {month}");
}

#[test]
fn only_administrators_of_the_client_see_and_change_it() {
    let site = Site::new();
    let desk = &site.desk;
    let (bank, shop) = (desk.client("bank", ""), desk.client("shop", ""));
    let own = site.token(desk.somebody("anna", Role::Administrator, Some(bank)).id);
    let operator = site.token(desk.somebody("olga", Role::Operator, None).id);
    let contact = site.token(desk.somebody("dina", Role::ClientContact, Some(bank)).id);
    let ask = json!({ "opened_at": "2027-01-29T17:55", "priority": 3 });
    let month = json!({ "year": 2027, "month": 1 });
    let time = site.get(&own, &way(bank, "")).json()["time"].clone();
    let change = json!({ "time": time });
    let statuses = |token: &str, client: ClientId| {
        [
            site.get(token, &way(client, "")).status,
            site.post(token, &way(client, ""), &change).status,
            site.post(token, &way(client, "/preview"), &ask).status,
            site.post(token, &way(client, "/month"), &month).status,
        ]
    };
    assert_eq!(statuses(&own, bank), [200; 4]);
    assert_eq!(statuses(&operator, bank), [403; 4]);
    assert_eq!(statuses(&contact, bank), [403; 4]);
    for status in statuses(&own, shop) {
        assert!([403, 404].contains(&status), "{status}");
    }
}
