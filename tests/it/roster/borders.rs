//! What the roster tells to whom: people and shifts of other clients are not there, pay is for whom it concerns.

use naryad::commands::{DeskError, Done};
use naryad::domain::command::{
    AssignTo, Command, ImportRoster, MapForeignLogin, NameSpecialist, PutShift, RecordTime, SpentTime,
};
use naryad::domain::person::Role;
use naryad::domain::roster::ShiftKind;
use naryad::domain::specialist::Speciality;
use naryad::domain::{ClientId, Key, PersonId, Refusal, Span, TicketId};
use serde_json::{Value, json};

use super::assignment::changed;
use super::{WEEK, hours, with};
use crate::api::Site;
use crate::helpers::{Somebody, TestDesk};

/// Everything of ours that names a person, as the supervisor may do it.
fn naming(desk: &TestDesk, ours: ClientId, ticket: TicketId, person: PersonId, login: &str) -> [Command; 7] {
    let from = desk.now() + Span::hours(1);
    let (kind, to) = (ShiftKind::Regular, from + Span::hours(2));
    let shift = PutShift {
        id: None,
        version: None,
        person,
        from,
        to,
        kind,
        queue: None,
        client: Some(ours),
        note: None,
        series: None,
    };
    let spent = SpentTime { began_at: desk.now() - Span::hours(1), minutes: 5, kind: None, note: None };
    let specialist = |of| NameSpecialist { person, of, valid_from: None, valid_to: None };
    let map = MapForeignLogin {
        client: ours,
        system: Key::new("servicenow").unwrap(),
        login: "x".to_owned(),
        person,
        valid_from: None,
    };
    let table = ImportRoster {
        csv: format!("login,from,to,kind\n{login},2026-12-01 08:00,2026-12-01 09:00,regular\n"),
        time_zone: "UTC".to_owned(),
        client: Some(ours),
    };
    [
        Command::AssignTicket {
            ticket,
            version: None,
            to: AssignTo::Person { person },
            reason: None,
            information: Box::default(),
        },
        Command::RecordTime(Box::new(RecordTime { ticket, person: Some(person), spent })),
        Command::NameSpecialist(Box::new(specialist(Speciality::Client { client: ours, sub_client: None }))),
        Command::NameSpecialist(Box::new(specialist(Speciality::Model {
            client: Some(ours),
            model: "C2060".to_owned(),
        }))),
        Command::MapForeignLogin(Box::new(map)),
        Command::PutShift(Box::new(shift)),
        Command::ImportRoster(Box::new(table)),
    ]
}

fn refused(done: Result<Done, DeskError>) -> Refusal {
    match done {
        Err(DeskError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn whom_one_may_not_know_is_not_there_for_any_command() {
    let desk = TestDesk::new();
    let (ours, theirs) = (desk.client("ours", ""), desk.client("theirs", ""));
    let ticket = desk.opens(ours, "help");
    let sven = desk.somebody("sven", Role::Supervisor, Some(ours));
    let contact = desk.somebody("secret-carl", Role::ClientContact, Some(theirs));
    let gone = desk.somebody("secret-ivan", Role::Operator, None);
    changed(&desk, gone.id, |put| put.is_active = false);
    let nobody = PersonId(77);
    let all = |person: PersonId, login: &str| naming(&desk, ours, ticket, person, login);
    let as_nobody: Vec<String> =
        all(nobody, "nobody").map(|command| refused(sven.does(command)).to_string()).into();
    for (person, login) in [(contact.id, "secret-carl"), (gone.id, "secret-ivan")] {
        for (command, expected) in all(person, login).into_iter().zip(&as_nobody) {
            let what = format!("{command:?}");
            let refusal = refused(sven.does(command));
            assert!(matches!(refusal.code(), "not_found" | "roster_has_errors"), "{what}: {refusal}");
            let said = refusal.to_string().replace(&person.to_string(), "77").replace(login, "nobody");
            assert_eq!(said, *expected, "{what}");
        }
    }
    // Whom the supervisor knows is named.
    let eva = desk.engineer("eva", 1, "Almaty");
    assert!(refused(sven.assigns(ticket, &eva)).to_string().contains("eva"));
    let root = desk.somebody("root", Role::Administrator, None);
    assert_eq!(refused(root.assigns(ticket, &gone)).code(), "person_cannot_serve");
}

#[test]
fn a_shift_for_a_client_one_does_not_meet_is_not_there() {
    let site = Site::new();
    let (ours, theirs) = (site.desk.client("ours", ""), site.desk.client("theirs", ""));
    let ivan = site.desk.somebody("ivan", Role::Operator, None);
    let eva = site.desk.somebody("eva", Role::Operator, Some(theirs)).id;
    let of_desk = site.token(site.desk.somebody("boris", Role::Supervisor, None).id);
    let sven = site.token(site.desk.somebody("sven", Role::Supervisor, Some(ours)).id);
    let olga = site.token(site.desk.somebody("olga", Role::Operator, Some(ours)).id);
    let made = |body: &Value| {
        let done = site.post(&of_desk, "/api/v1/shifts", body).ok();
        done["id"].as_str().unwrap().to_owned()
    };
    let their = made(&with(hours(eva, 1, 2), "client", theirs.to_string()));
    let our = made(&with(hours(ivan.id, 3, 4), "client", ours.to_string()));
    let put = with(with(hours(ivan.id, 1, 2), "version", 1), "client", ours.to_string());
    let remove = json!({ "version": 1 });
    let swap = json!({ "one": our, "one_version": 1, "other": their, "other_version": 1 });
    for (path, body) in [
        (format!("/shifts/{their}"), &put),
        (format!("/shifts/{their}/remove"), &remove),
        ("/shifts/77/remove".to_owned(), &remove),
        ("/shifts/swap".to_owned(), &swap),
    ] {
        site.post(&sven, &format!("/api/v1{path}"), body).refused(404, "not_found");
    }
    let bulk = json!({ "remove_shifts": [{ "id": their, "version": 1 }] });
    let refused = site.post(&sven, "/api/v1/roster/change", &bulk).refused(409, "roster_conflicts");
    assert_eq!(refused["problems"][0]["code"], "not_found");
    let copy = |person: PersonId| {
        let body = json!({ "people": [person.to_string()], "first_day": "2026-11-02", "last_day": "2026-11-08",
            "to_day": "2026-11-09", "time_zone": "UTC" });
        site.post(&sven, "/api/v1/roster/copy", &body).refused(422, "invalid")
    };
    let idle = site.desk.somebody("pavel", Role::Operator, Some(ours)).id;
    assert_eq!(copy(eva), copy(idle), "who has shifts elsewhere has none here");
    // What one reads and may not change is refused as before, one's own too.
    let change = format!("/api/v1/shifts/{our}/remove");
    site.post(&olga, &change, &remove).refused(403, "forbidden");
    site.post(&site.token(ivan.id), &change, &remove).refused(403, "forbidden");
    site.post(&sven, &change, &remove).ok();
}

#[test]
fn what_a_shift_is_paid_and_its_note_are_for_whom_they_concern() {
    let site = Site::new();
    let client = site.desk.client("ours", "");
    let person = |login: &str, role, client| -> Somebody<'_> { site.desk.somebody(login, role, client) };
    let ivan = person("ivan", Role::Operator, None);
    let of_desk = site.token(person("boris", Role::Supervisor, None).id);
    let of_client = site.token(person("anna", Role::Supervisor, Some(client)).id);
    let operator = site.token(person("olga", Role::Operator, None).id);
    let extra = with(hours(ivan.id, 1, 2), "kind", json!({ "is": "extra", "rate_percent": 170 }));
    let extra = with(extra, "note", "owes us a day");
    site.post(&of_desk, "/api/v1/shifts", &extra).ok();
    let of_ours = with(hours(ivan.id, 3, 4), "kind", json!({ "is": "extra", "rate_percent": 180 }));
    site.post(&of_desk, "/api/v1/shifts", &with(of_ours, "client", client.to_string())).ok();
    let shown = |token: &str| -> Vec<(Value, Value)> {
        let page = site.get(token, &format!("/api/v1/roster?{WEEK}")).ok();
        let shifts = page["shifts"].as_array().unwrap().iter();
        shifts.map(|shift| (shift["kind"].clone(), shift["note"].clone())).collect()
    };
    let kind = |rate: Option<i64>| json!({ "is": "extra", "rate_percent": rate });
    let whole = [(kind(Some(170)), json!("owes us a day")), (kind(Some(180)), Value::Null)];
    assert_eq!(shown(&of_desk), whole);
    assert_eq!(shown(&site.token(ivan.id)), whole, "one's own");
    assert_eq!(shown(&of_client), [(kind(None), Value::Null), (kind(Some(180)), Value::Null)]);
    assert_eq!(shown(&operator), [(kind(None), Value::Null), (kind(None), Value::Null)]);
    let file = |token: &str| site.get(token, &format!("/api/v1/roster.ics?{WEEK}")).text();
    assert!(file(&of_desk).contains("X-NARYAD-RATE:170") && file(&of_desk).contains("owes us a day"));
    let theirs = file(&operator);
    assert!(theirs.contains("X-NARYAD-KIND:extra"), "{theirs}");
    assert!(!theirs.contains("X-NARYAD-RATE") && !theirs.contains("owes us a day"), "{theirs}");
}

#[test]
fn the_hours_of_a_shift_for_a_client_one_does_not_meet_are_not_told_by_a_conflict() {
    let site = Site::new();
    let (ours, theirs) = (site.desk.client("ours", ""), site.desk.client("theirs", ""));
    let ivan = site.desk.somebody("ivan", Role::Operator, None);
    let of_desk = site.token(site.desk.somebody("boris", Role::Supervisor, None).id);
    let sven = site.token(site.desk.somebody("sven", Role::Supervisor, Some(ours)).id);
    site.post(&of_desk, "/api/v1/shifts", &with(hours(ivan.id, 3, 7), "client", theirs.to_string())).ok();
    let own = with(hours(ivan.id, 5, 9), "client", ours.to_string());
    let refused = site.post(&sven, "/api/v1/shifts", &own).refused(409, "shift_overlaps");
    assert_eq!(refused["message"], "ivan has a shift then already; change that one or choose other hours");
    assert_eq!(refused["values"], json!({ "name": "ivan" }));
    let table = json!({ "csv": "login,from,to,kind\nivan,2026-11-03 05:00,2026-11-03 09:00,regular\n",
        "time_zone": "UTC", "client": ours.to_string() });
    let imported = site.post(&sven, "/api/v1/roster/import", &table).refused(422, "roster_has_errors");
    let bulk = json!({ "put_shifts": [own] });
    let changed = site.post(&sven, "/api/v1/roster/change", &bulk).refused(409, "roster_conflicts");
    for said in [refused, imported, changed] {
        let said = said.to_string();
        assert!(!said.contains("T03:00") && !said.contains("T07:00"), "{said}");
    }
    // Who reads the shift is told when it is, and so is whose it is.
    let read = site.post(&of_desk, "/api/v1/shifts", &own).refused(409, "shift_overlaps");
    assert_eq!(read["values"]["from"], "2026-11-03T03:00:00.000Z");
}
