//! Shift patterns: kept by name, laid over a period for people, whole or not at all.

use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::{hours, with};
use crate::api::Site;

fn two_on_two_off() -> Value {
    let slot = |day: i64| json!({ "day": day, "from": "20:00", "to": "08:00", "kind": { "is": "regular" } });
    json!({ "name": "2 on, 2 off", "cycle_days": 4, "slots": [slot(1), slot(2)] })
}

#[test]
fn a_pattern_makes_the_shifts_of_two_crews_over_the_change_of_clocks() {
    let site = Site::new();
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let people = ["ivan", "olga"].map(|login| site.desk.member(login, "support").id);
    let post = |path: &str, body: &Value| site.post(&supervisor, &format!("/api/v1{path}"), body);
    let pattern = post("/roster/patterns", &two_on_two_off()).ok()["id"].clone();
    let crew = |person: usize, offset_days: i64| json!({ "person": people[person].to_string(), "offset_days": offset_days });
    // The clocks of Berlin go back in the night to 25 October 2026.
    let body = json!({
        "pattern": pattern, "people": [crew(0, 0), crew(1, 2)], "time_zone": "Europe/Berlin",
        "first_day": "2026-10-23", "last_day": "2026-10-28", "queue": "support", "note": "nights",
    });
    let series = post("/roster/apply-pattern", &body).ok()["id"].clone();
    let shown =
        || site.get(&supervisor, "/api/v1/roster?from=2026-10-20T00:00:00Z&to=2026-11-01T00:00:00Z").ok();
    let page = shown();
    let shifts: Vec<(String, String, String)> = page["shifts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|shift| {
            assert_eq!(
                (&shift["series"], &shift["queue"], &shift["note"]),
                (&series, &json!("support"), &json!("nights"))
            );
            let text = |field: &str| shift[field].as_str().unwrap().to_owned();
            (text("person"), text("from")[5..16].to_owned(), text("to")[5..16].to_owned())
        })
        .collect();
    let line =
        |person: usize, from: &str, to: &str| (people[person].to_string(), from.to_owned(), to.to_owned());
    assert_eq!(
        shifts,
        [
            line(0, "10-23T18:00", "10-24T06:00"),
            line(0, "10-24T18:00", "10-25T07:00"),
            line(1, "10-25T19:00", "10-26T07:00"),
            line(1, "10-26T19:00", "10-27T07:00"),
            line(0, "10-27T19:00", "10-28T07:00"),
            line(0, "10-28T19:00", "10-29T07:00"),
        ]
    );
    // The clock is set to the end of each crew's first shift ahead, as for shifts made by hand.
    let ahead = with(with(body.clone(), "first_day", "2026-11-10"), "last_day", "2026-11-13");
    post("/roster/apply-pattern", &ahead).ok();
    let ends = people.map(|person| site.desk.read(|db| naryad::store::due::shift_end(db, person)));
    assert!(ends.iter().all(Option::is_some), "{ends:?}");
    for (people, said) in [
        (json!([crew(0, 0), crew(0, 1)]), "twice"),
        (json!([crew(0, i64::MIN)]), "must be from 0 to 365"),
        (json!([crew(0, 366)]), "must be from 0 to 365"),
    ] {
        let refused =
            post("/roster/apply-pattern", &with(body.clone(), "people", people)).refused(422, "invalid");
        assert!(refused["message"].as_str().unwrap().contains(said), "{refused}");
    }
    let refused = post("/roster/apply-pattern", &with(body.clone(), "first_day", "2026-10-27"))
        .refused(422, "roster_has_errors");
    let message = refused["message"].as_str().unwrap();
    // Of Ivan, whose cycle begins on the 27th: both his nights are taken; Olga's first is the 29th.
    assert!(message.starts_with("2 shift(s) of the roster are wrong, so nothing was taken: ivan, 2026-10-27 20:00: ivan has a shift from"), "{message}");
    assert_eq!(shown(), page, "nothing half done");
}

#[test]
fn patterns_are_kept_by_the_desks_supervisors() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let theirs = site.token(site.desk.somebody("carl", Role::Supervisor, Some(client)).id);
    let operator = site.token(site.desk.somebody("oleg", Role::Operator, None).id);
    let ivan = site.desk.member("ivan", "support").id;
    let made = site.post(&supervisor, "/api/v1/roster/patterns", &two_on_two_off()).ok();
    let id = made["id"].as_str().unwrap().to_owned();
    site.post(&theirs, "/api/v1/roster/patterns", &with(two_on_two_off(), "name", "mine"))
        .refused(403, "forbidden");
    site.get(&operator, "/api/v1/roster/patterns").refused(403, "forbidden");
    let shown = site.get(&theirs, "/api/v1/roster/patterns").ok();
    assert_eq!(
        (&shown["items"][0]["name"], &shown["items"][0]["starts_on"]),
        (&json!("2 on, 2 off"), &Value::Null)
    );

    let post = |path: &str, body: &Value| site.post(&supervisor, &format!("/api/v1{path}"), body);
    post("/roster/patterns", &two_on_two_off()).refused(409, "already_exists");
    let week = with(with(with(two_on_two_off(), "cycle_days", 7), "starts_on", "mon"), "version", 1);
    assert_eq!(post(&format!("/roster/patterns/{id}"), &week).ok()["version"], 2);
    post(&format!("/roster/patterns/{id}"), &week).refused(409, "stale_version");
    let refused = post("/roster/patterns", &with(with(two_on_two_off(), "name", "x"), "cycle_days", 1));
    assert_eq!(refused.refused(422, "invalid")["field"], "slots[1].day");

    let apply = json!({
        "pattern": id, "people": [{ "person": ivan.to_string() }], "time_zone": "Europe/Moscow",
        "first_day": "2026-11-02", "last_day": "2026-11-08", "client": client.to_string(),
    });
    site.post(&theirs, "/api/v1/roster/apply-pattern", &with(apply.clone(), "client", Value::Null))
        .refused(403, "forbidden");
    site.post(&theirs, "/api/v1/roster/apply-pattern", &apply).ok();
    for (field, value, code, at) in [
        ("people", json!([]), "invalid", json!("people")),
        ("last_day", json!("2026-11-01"), "invalid", json!("last_day")),
        ("last_day", json!("2028-11-01"), "invalid", json!("last_day")),
        ("first_day", json!("2 November"), "invalid", json!("first_day")),
        ("time_zone", json!("Mars/Base"), "invalid", json!("time_zone")),
        ("queue", json!("suport"), "roster_has_errors", json!("people")),
        ("first_day", json!("2026-11-05"), "invalid", json!("last_day")),
    ] {
        let refused =
            post("/roster/apply-pattern", &with(apply.clone(), field, value.clone())).refused(422, code);
        assert_eq!(refused["field"], at, "{field} {value}: {refused}");
    }
    post("/roster/apply-pattern", &with(apply, "pattern", "77")).refused(404, "not_found");
    post(&format!("/roster/patterns/{id}/remove"), &json!({ "version": 2 })).ok();
    assert_eq!(site.get(&supervisor, "/api/v1/roster/patterns").ok()["items"], json!([]));
    // What it made stays.
    post("/shifts", &hours(ivan, 20, 23)).refused(409, "shift_overlaps");
}
