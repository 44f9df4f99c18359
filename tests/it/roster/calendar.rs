//! Rosters as iCalendar files: taken whole or not at all, changed by the next file, given out and taken back.

use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::{WEEK, listed};
use crate::api::Site;

fn file(events: &[&str]) -> String {
    let event = |lines: &&str| format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", lines.replace('|', "\r\n"));
    let events: String = events.iter().map(event).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
}

struct Office {
    site: Site,
    supervisor: String,
    ivan: String,
}

impl Office {
    fn new() -> Office {
        let site = Site::new();
        let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
        let ivan = site.desk.member("ivan", "support").id;
        super::assignment::changed(&site.desk, ivan, |put| put.email = Some("Ivan@example.org".to_owned()));
        site.desk.somebody("olga", Role::Operator, None);
        Office { ivan: ivan.to_string(), supervisor, site }
    }

    fn imports(&self, events: &[&str]) -> crate::api::Answer {
        let body = json!({ "ics": file(events), "time_zone": "Europe/Moscow" });
        self.site.post(&self.supervisor, "/api/v1/roster/import-calendar", &body)
    }

    fn page(&self) -> Value {
        self.site.get(&self.supervisor, &format!("/api/v1/roster?{WEEK}")).ok()
    }
}

const IVAN: &str = "UID:1@hr|ATTENDEE:mailto:ivan@example.org|DTSTART:20261103T080000|DTEND:20261103T110000|\
    RRULE:FREQ=DAILY;COUNT=3|X-NARYAD-QUEUE:support";
const OLGA: &str = "UID:2@hr|SUMMARY:olga|DTSTART;VALUE=DATE:20261105|CATEGORIES:Vacation";

#[test]
fn the_clock_follows_what_a_file_plans_and_takes_away() {
    let office = Office::new();
    let ivan = office.ivan.parse().unwrap();
    let ends = || office.site.desk.read(|db| naryad::store::due::shift_end(db, ivan));
    office.imports(&[IVAN]).ok();
    assert_eq!(ends(), Some("2026-11-03T08:00:00Z".parse().unwrap()));
    office.imports(&[&format!("{IVAN}|STATUS:CANCELLED")]).ok();
    assert_eq!(ends(), None);
    // Whatever comes behind too many is not followed.
    let many = |uid: usize| {
        format!("UID:{uid}@x|SUMMARY:ivan|DTSTART:20270103T080000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=700")
    };
    let events: Vec<String> = (0..40).map(many).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    office.imports(&events).refused(422, "too_many");
}

#[test]
fn a_file_is_taken_whole_or_not_at_all() {
    let office = Office::new();
    let refused = office
        .imports(&[
            IVAN,
            "UID:3@hr|SUMMARY:nobody|DTSTART:20261103T080000|DTEND:20261103T110000",
            "UID:4@hr|SUMMARY:olga|DTSTART:20261103T080000|DTEND:20261103T110000|RRULE:FREQ=DAILY",
            "UID:5@hr|SUMMARY:ivan|DTSTART:20261104T100000|DTEND:20261104T120000",
            "UID:5@hr|SUMMARY:olga|DTSTART:20261104T100000|DTEND:20261104T120000",
            "SUMMARY:olga|DTSTART:20261104T100000|DTEND:20261104T120000",
            "UID:6@hr|SUMMARY:olga|DTSTART:20261103T080000|DTEND:20261103T110000|X-NARYAD-QUEUE:support",
            "UID:7@hr|ATTENDEE:mailto:stranger@example.org|DTSTART:20261103T080000|DTEND:20261103T110000",
        ])
        .refused(422, "roster_has_errors");
    let message = refused["message"].as_str().unwrap();
    for said in [
        "7 event(s) of the roster are wrong, so nothing was taken",
        "line 11, UID 3@hr: there is no person with the login `nobody`",
        "line 22, UID 4@hr: event: RRULE has no end: give it a COUNT or an UNTIL",
        "line 24, UID 5@hr: ivan has a shift from 2026-11-04T05:00:00.000Z",
        "line 30, UID 5@hr: UID: is there twice in this file",
        "line 36: event: the event has no UID",
        "line 41, UID 6@hr: `support` is not a queue of this person",
        "line 48, UID 7@hr: there is no person with the address `stranger@example.org`",
    ] {
        assert!(message.contains(said), "{said}: {message}");
    }
    assert_eq!(refused["field"], "ics");
    assert_eq!(office.page()["shifts"], json!([]), "nothing half done");
    let body = json!({ "ics": "x", "time_zone": "Europe/Moscow" });
    let refused = office.site.post(&office.supervisor, "/api/v1/roster/import-calendar", &body);
    assert_eq!(
        refused.refused(422, "invalid")["message"],
        "ics: line 1: an iCalendar file begins with BEGIN:VCALENDAR"
    );
}

#[test]
fn the_next_file_changes_what_came_from_the_same_event() {
    let office = Office::new();
    office.imports(&[IVAN, OLGA]).ok();
    let page = office.page();
    let starts = |page: &Value| -> Vec<String> {
        let shifts = page["shifts"].as_array().unwrap().iter();
        shifts.map(|shift| shift["from"].as_str().unwrap()[5..13].to_owned()).collect()
    };
    assert_eq!(starts(&page), ["11-03T05", "11-04T05", "11-05T05"]);
    assert_eq!(page["absences"][0]["kind"], "vacation");
    // An hour later, and once less; Olga stays after all.
    let later = IVAN.replace("T080000", "T090000").replace("COUNT=3", "COUNT=2");
    office.imports(&[&later, &format!("{OLGA}|STATUS:CANCELLED")]).ok();
    let again = office.page();
    assert_eq!(starts(&again), ["11-03T06", "11-04T06"]);
    assert_eq!(again["absences"], json!([]));
    assert_eq!(
        (&again["shifts"][0]["id"], &again["shifts"][0]["version"]),
        (&page["shifts"][0]["id"], &json!(2))
    );
    assert_eq!(again["shifts"][0]["person"], json!(office.ivan));
    // Two events that change places meet nobody on the way.
    let one = "UID:8@hr|SUMMARY:olga|DTSTART:20261106T080000|DTEND:20261106T110000";
    let two = "UID:9@hr|SUMMARY:olga|DTSTART:20261106T110000|DTEND:20261106T140000";
    office.imports(&[one, two]).ok();
    let swapped = [one.replace("UID:8", "UID:9"), two.replace("UID:9", "UID:8")];
    office.imports(&[&swapped[0], &swapped[1]]).ok();
    assert_eq!(office.page()["shifts"].as_array().unwrap().len(), 4);
}

#[test]
fn what_goes_out_can_come_in() {
    let office = Office::new();
    let note =
        "DESCRIPTION:peak\\, both lines\\; a note that is so long that its line is folded in the file, вот";
    office.imports(&[&format!("{IVAN}|{note}"), OLGA]).ok();
    let before = office.page();
    let path = format!("/api/v1/roster.ics?{WEEK}");
    let given = office.site.get(&office.supervisor, &path);
    assert_eq!(given.header("content-type"), Some("text/calendar; charset=utf-8"));
    let text = given.text().to_owned();
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    assert!(text.contains("DTSTART:20261103T050000Z") && text.contains("X-NARYAD-LOGIN:ivan"), "{text}");
    let body = json!({ "ics": text, "time_zone": "UTC" });
    office.site.post(&office.supervisor, "/api/v1/roster/import-calendar", &body).ok();
    let after = office.page();
    for (list, fields) in [
        ("shifts", &["id", "from", "to", "queue", "note", "person"][..]),
        ("absences", &["id", "from", "to", "kind"]),
    ] {
        let shown = |page: &Value| -> Vec<Vec<Value>> {
            let lines = page[list].as_array().unwrap().iter();
            lines.map(|line| fields.iter().map(|field| line[field].clone()).collect()).collect()
        };
        assert_eq!(shown(&after), shown(&before), "{list}");
    }
    assert_eq!(listed(&office.site, &office.supervisor).len(), 3, "changed, not doubled");
    // Who keeps no roster takes their own along, without a login.
    let ivan = office.site.token(office.ivan.parse().unwrap());
    let own = office.site.get(&ivan, &path).text().to_owned();
    assert!(own.contains("SUMMARY:ivan") && !own.contains("X-NARYAD-LOGIN"), "{own}");
    let body = json!({ "ics": own, "time_zone": "UTC" });
    office.site.post(&ivan, "/api/v1/roster/import-calendar", &body).refused(403, "forbidden");
}
