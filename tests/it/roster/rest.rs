//! Who is planned for too long without a rest, and who is told of it.

use naryad::domain::pack::Pack;
use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::{WEEK, hours, with};
use crate::api::Site;
use crate::helpers::SETTINGS;

fn found(site: &Site, token: &str, query: &str) -> Vec<Value> {
    let list = site.get(token, &format!("/api/v1/roster/unrested?{query}")).ok();
    list["items"].as_array().unwrap().clone()
}

#[test]
fn a_day_and_a_night_without_a_rest_are_named_to_whoever_sees_the_shifts() {
    let site = Site::new();
    let (ours, theirs) = (site.desk.client("ours", ""), site.desk.client("theirs", ""));
    let boss = site.token(site.desk.somebody("boris", Role::Supervisor, None).id);
    let [ivan, olga] = ["ivan", "olga"].map(|login| site.desk.somebody(login, Role::Operator, None).id);
    let put = |body: Value| site.post(&boss, "/api/v1/shifts", &body).ok();
    put(hours(ivan, 8, 20));
    put(with(hours(ivan, 24, 36), "client", theirs.to_string()));
    put(hours(olga, 8, 20));
    put(hours(olga, 32, 44));
    let all = found(&site, &boss, WEEK);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(
        all[0],
        json!({ "person": { "id": ivan.to_string(), "name": "ivan" }, "from": "2026-11-03T08:00:00.000Z",
            "to": "2026-11-04T12:00:00.000Z", "hours": 28, "rest_hours": 11 })
    );
    // A period that has only its end shows it whole; one that has none of it shows nothing.
    let part = "from=2026-11-04T06:00:00Z&to=2026-11-05T00:00:00Z";
    assert_eq!(found(&site, &boss, part), all);
    assert_eq!(found(&site, &boss, "from=2026-11-05T00:00:00Z&to=2026-11-06T00:00:00Z"), [Value::Null; 0]);
    assert_eq!(found(&site, &boss, &format!("{WEEK}&people={olga}")), [Value::Null; 0]);
    // Who does not meet the other client sees twelve hours of it, and those are no finding; a contact sees nothing.
    let sven = site.token(site.desk.somebody("sven", Role::Supervisor, Some(ours)).id);
    assert_eq!(found(&site, &sven, WEEK), [Value::Null; 0]);
    assert_eq!(found(&site, &site.token(ivan), WEEK), all);
    let carl = site.token(site.desk.somebody("carl", Role::ClientContact, Some(theirs)).id);
    assert_eq!(found(&site, &carl, WEEK), [Value::Null; 0]);
    site.get(&boss, "/api/v1/roster/unrested?from=2026-11-05T00:00:00Z").refused(422, "invalid");
    site.get(&boss, "/api/v1/roster/unrested?from=2026-11-05T00:00:00Z&to=2028-11-05T00:00:00Z")
        .refused(422, "invalid");
}

#[test]
fn a_client_says_what_a_rest_is() {
    let site = Site::new();
    let shorter = |rest_hours: i64| format!("{SETTINGS}\n[roster]\nrest_hours = {rest_hours}\n");
    let client = site.desk.client_with("ours", "", &shorter(8));
    let boss = site.token(site.desk.somebody("boris", Role::Supervisor, None).id);
    let ivan = site.desk.somebody("ivan", Role::Operator, None).id;
    for (from, to) in [(8, 20), (29, 37)] {
        site.post(&boss, "/api/v1/shifts", &hours(ivan, from, to)).ok();
    }
    assert_eq!(found(&site, &boss, WEEK), [Value::Null; 0], "nine hours are a rest here");
    site.desk.publishes(client, "", &shorter(10)).unwrap();
    assert_eq!(found(&site, &boss, WEEK)[0]["rest_hours"], 10);
    site.desk.publishes(client, "", &shorter(0)).unwrap();
    assert_eq!(found(&site, &boss, WEEK), [Value::Null; 0], "nobody looks");
    let wrong = Pack::parse(&shorter(21)).unwrap_err();
    assert!(wrong.message.contains("from 0 (nobody looks) to 20") && wrong.line > 1, "{wrong}");
}
