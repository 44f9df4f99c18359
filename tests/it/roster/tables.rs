//! Many shifts at once: copied to another week, taken from a table and given as one; where nobody is.

use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::assignment::changed;
use super::{WEEK, hours, listed, with};
use crate::api::Site;

#[test]
fn a_copied_week_keeps_its_local_hours_when_the_clocks_change() {
    let site = Site::new();
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let ivan = site.desk.somebody("ivan", Role::Operator, None).id.to_string();
    let olga = site.desk.somebody("olga", Role::Operator, None).id.to_string();
    let post = |path: &str, body: &Value| site.post(&supervisor, &format!("/api/v1{path}"), body);
    // 08:00 to 16:00 in Berlin, in the last week of summer time; and a night over the end of the period.
    for (person, from, to) in [
        (&ivan, "2026-10-20T06:00:00Z", "2026-10-20T14:00:00Z"),
        (&olga, "2026-10-25T21:00:00Z", "2026-10-26T05:00:00Z"),
        (&olga, "2026-10-26T07:00:00Z", "2026-10-26T09:00:00Z"),
    ] {
        let kind = json!({ "is": "regular" });
        post("/shifts", &json!({ "person": person, "from": from, "to": to, "kind": kind })).ok();
    }
    let mut copy = json!({
        "first_day": "2026-10-19", "last_day": "2026-10-25", "to_day": "2026-11-02", "time_zone": "Europe/Berlin",
    });
    post("/roster/copy", &copy).ok();
    let at = |text: &str| text.to_owned();
    assert_eq!(
        listed(&site, &supervisor),
        [(ivan, at("2026-11-03T07:00:00.000Z")), (olga.clone(), at("2026-11-08T21:00:00.000Z"))]
    );
    post("/roster/copy", &copy).refused(409, "shift_overlaps");
    copy["to_day"] = "2026-11-09".into();
    copy["people"] = json!([olga]);
    let series = post("/roster/copy", &copy).ok()["id"].clone();
    let page = site.get(&supervisor, "/api/v1/roster?from=2026-11-10T00:00:00Z&to=2026-12-01T00:00:00Z").ok();
    assert_eq!(page["shifts"].as_array().unwrap().len(), 1, "only hers: {page}");
    assert_eq!((&page["shifts"][0]["series"], &page["shifts"][0]["person"]), (&series, &json!(olga)));
    for (field, value) in [
        ("first_day", "19.10.2026"),
        ("last_day", "2026-10-18"),
        ("to_day", "2026-10-19"),
        ("to_day", "9999-12-30"),
        ("time_zone", "Mars/Base"),
    ] {
        let refused = post("/roster/copy", &with(copy.clone(), field, value)).refused(422, "invalid");
        assert_eq!(refused["field"], field, "{refused}");
    }
}

#[test]
fn a_table_is_taken_whole_or_not_at_all() {
    let site = Site::new();
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    site.desk.member("ivan", "support");
    site.desk.somebody("olga", Role::Operator, None);
    let import = |csv: &str| {
        let body = json!({ "csv": csv, "time_zone": "Europe/Moscow" });
        site.post(&supervisor, "/api/v1/roster/import", &body)
    };
    let bad = "login,from,to,kind,rate_percent,queue\n\
        ivan,2026-11-03 08:00,2026-11-03 11:00,regular,,support\n\
        nobody,2026-11-03 08:00,2026-11-03 11:00,regular,,\n\
        olga,3 November,2026-11-03 11:00,regular,,\n\
        olga,2026-11-03 11:00,2026-11-03 08:00,regular,,\n\
        olga,2026-11-03 11:00,2026-11-03 13:00,extra,,\n\
        olga,2026-11-03 11:00,2026-11-03 13:00,nightly,,\n\
        olga,2026-11-03 11:00,2026-11-03 13:00,regular,,support\n\
        ivan,2026-11-03 10:00,2026-11-03 12:00,regular,,\n";
    let refused = import(bad).refused(422, "roster_has_errors");
    let message = refused["message"].as_str().unwrap();
    for said in [
        "7 row(s)",
        "line 3: there is no person with the login `nobody`",
        "line 4: from: `3 November` is not a time",
        "line 5: to: must come after",
        "line 6: kind: an extra shift needs a rate_percent",
        "line 7: kind: there is no kind `nightly`",
        "line 8: `support` is not a queue of this person",
        "line 9: ivan has a shift from 2026-11-03T05:00:00.000Z",
    ] {
        assert!(message.contains(said), "{said}: {message}");
    }
    assert_eq!(listed(&site, &supervisor), [], "nothing half done");
    for (csv, says) in [
        ("login,from,to\n", "no column `kind`"),
        ("login,from,to,knid\n", "did you mean `kind`?"),
        ("login,from,to,kind\n", "no row"),
        ("login,from,to,kind,kind\n", "there twice"),
        (
            "login,from,to,kind\nivan,2026-11-03 08:00,2026-11-03 11:00,regular,peak\n",
            "line 2: csv: the row has 5 cells, the head line names 4",
        ),
    ] {
        let refused = import(csv);
        assert_eq!(refused.status, 422, "{csv}");
        assert!(refused.text().contains(says), "{csv}: {}", refused.text());
    }

    let good = "login,name,from,to,kind,rate_percent,queue,client,note\n\
        ivan,ivan,2026-11-03 08:00,2026-11-03 11:00,regular,,support,,\n\
        olga,olga,2026-11-03 11:00,2026-11-03 13:00,extra,150,,,\"peak, both lines\"\n\
        olga,olga,2026-11-03 22:00,2026-11-04 08:00,on_call,,,,'=1+1\n";
    import(good).ok();
    let page = site.get(&supervisor, &format!("/api/v1/roster?{WEEK}")).ok();
    assert_eq!(page["shifts"][2]["note"], "=1+1", "the mark against formulas is the table's alone");
    assert_eq!(listed(&site, &supervisor)[0].1, "2026-11-03T05:00:00.000Z");
    let path = format!("/api/v1/roster.csv?{WEEK}&time_zone=Europe/Moscow");
    let table = site.get(&supervisor, &path);
    assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(table.text(), good, "what goes out can come in");
    let semicolons = "\u{feff}login;from;to;kind\r\nivan;2026-11-05 08:00;2026-11-05 11:00;regular\r\n";
    import(semicolons).ok();
    assert_eq!(listed(&site, &supervisor).len(), 4);
}

#[test]
fn gaps_are_told_for_a_queue() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let (ivan, olga) = (site.desk.member("ivan", "support").id, site.desk.member("olga", "support").id);
    let stranger = site.desk.member("karine", "commercial").id;
    for body in [
        hours(ivan, 5, 10),
        hours(olga, 8, 14),
        hours(stranger, 0, 20),
        with(hours(olga, 14, 16), "client", client.to_string()),
    ] {
        site.post(&supervisor, "/api/v1/shifts", &body).ok();
    }
    let gone = site.desk.member("gone", "support").id;
    site.post(&supervisor, "/api/v1/shifts", &hours(gone, 0, 20)).ok();
    changed(&site.desk, gone, |put| put.is_active = false);
    let away = with(hours(olga, 12, 13), "kind", "training");
    site.post(&supervisor, "/api/v1/absences", &away).ok();
    let ask = |queue: &str, more: &str| {
        let day = "from=2026-11-03T05:00:00Z&to=2026-11-03T17:00:00Z";
        site.get(&supervisor, &format!("/api/v1/roster/gaps?client={client}&queue={queue}&{day}{more}"))
    };
    let found = |more: &str| {
        let gaps = ask("support", more).ok()["items"].clone();
        let hour = |value: &Value| value.as_str().unwrap()[11..13].parse::<i64>().unwrap();
        let line = |gap: &Value| (hour(&gap["from"]), hour(&gap["to"]), gap["count"].as_i64().unwrap());
        gaps.as_array().unwrap().iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(found(""), [(12, 13, 0), (16, 17, 0)]);
    assert_eq!(found("&at_least=2"), [(5, 8, 1), (10, 12, 1), (12, 13, 0), (13, 16, 1), (16, 17, 0)]);
    ask("suport", "").refused(422, "unknown_key");
    let other =
        site.token(site.desk.somebody("carl", Role::Supervisor, Some(site.desk.client("other", ""))).id);
    let path = format!("/api/v1/roster/gaps?client={client}&queue=support&{WEEK}");
    site.get(&other, &path).refused(404, "not_found");
}
