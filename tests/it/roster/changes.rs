//! Many changes of the roster at once: all of them or none, with each conflict in its place.

use naryad::commands::DeskError;
use naryad::domain::command::{ChangeRoster, Command, PutShift};
use naryad::domain::person::Role;
use naryad::domain::roster::ShiftKind;
use naryad::domain::{Key, Moment, PersonId, Refusal, Span};
use serde_json::{Value, json};

use super::{WEEK, hours, listed, with};
use crate::api::Site;
use crate::helpers::{SETTINGS, TestDesk};

fn page(site: &Site, token: &str) -> Value {
    site.get(token, &format!("/api/v1/roster?{WEEK}")).ok()
}

#[test]
fn a_change_is_made_whole_and_two_shifts_change_places() {
    let site = Site::new();
    let anna = site.desk.somebody("anna", Role::Supervisor, None);
    let supervisor = site.token(anna.id);
    let (ivan, olga) = (site.desk.member("ivan", "support").id, site.desk.member("olga", "support").id);
    let change = |body: &Value| site.post(&supervisor, "/api/v1/roster/change", body);
    let away = with(hours(olga, 30, 54), "kind", "sick");
    let made = change(&json!({
        "put_shifts": [hours(ivan, 1, 3), hours(olga, 1, 3), hours(olga, 4, 5)], "put_absences": [away],
    }));
    let series = made.ok()["id"].clone();
    let before = page(&site, &supervisor);
    let shifts = before["shifts"].as_array().unwrap();
    assert_eq!(shifts.len(), 3);
    assert!(shifts.iter().all(|shift| shift["series"] == series && shift["changed_by"]["name"] == "anna"));
    let of = |person: &dyn ToString, place: usize| {
        let own = shifts.iter().filter(|shift| shift["person"] == person.to_string());
        own.clone().nth(place).unwrap().clone()
    };
    let put = |shift: &Value, person: &dyn ToString| {
        let mut put = shift.clone();
        let fields = put.as_object_mut().unwrap();
        fields.remove("changed_by");
        fields.remove("changed_at");
        with(put, "person", person.to_string())
    };
    let (his, hers, late) = (of(&ivan, 0), of(&olga, 0), of(&olga, 1));
    change(&json!({
        "put_shifts": [put(&his, &olga), put(&hers, &ivan)],
        "remove_shifts": [{ "id": late["id"], "version": 1 }],
        "remove_absences": [{ "id": before["absences"][0]["id"], "version": 1 }],
    }))
    .ok();
    let after = page(&site, &supervisor);
    let owner = |id: &Value| {
        let shifts = after["shifts"].as_array().unwrap();
        shifts.iter().find(|shift| shift["id"] == *id).unwrap()["person"].clone()
    };
    assert_eq!((owner(&his["id"]), owner(&hers["id"])), (json!(olga.to_string()), json!(ivan.to_string())));
    assert_eq!(
        (after["shifts"].as_array().unwrap().len(), after["absences"].as_array().unwrap().len()),
        (2, 0)
    );
}

#[test]
fn every_conflict_is_named_and_nothing_is_changed() {
    let site = Site::new();
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let own = site.desk.member("ivan", "support").id;
    let operator = site.token(own);
    let post = |token: &str, body: &Value| site.post(token, "/api/v1/roster/change", body);
    post(&supervisor, &json!({ "put_shifts": [hours(own, 1, 3)] })).ok();
    let standing = page(&site, &supervisor)["shifts"][0].clone();
    let refused = post(&supervisor, &json!({
        "put_shifts": [hours(own, 5, 7), hours(own, 2, 4), hours(own, 6, 8), hours(77, 1, 2), hours(own, 9, 9)],
        "remove_shifts": [{ "id": standing["id"], "version": 7 }],
    }))
    .refused(409, "roster_conflicts");
    let told: Vec<(String, String)> = refused["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["at"].as_str().unwrap().to_owned(), one["code"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("remove_shifts[0]", "stale_version"),
        ("put_shifts[3]", "not_found"),
        ("put_shifts[4]", "invalid"),
        ("put_shifts[0]", "shift_overlaps"),
        ("put_shifts[1]", "shift_overlaps"),
        ("put_shifts[2]", "shift_overlaps"),
    ];
    assert_eq!(told, expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
    assert_eq!(listed(&site, &supervisor).len(), 1);
    post(&supervisor, &json!({})).refused(422, "invalid");
    let many: Vec<Value> = (0..5_001).map(|_| json!({ "id": "1", "version": 1 })).collect();
    post(&supervisor, &json!({ "remove_shifts": many })).refused(422, "too_many");
    let forbidden =
        post(&operator, &json!({ "put_shifts": [hours(own, 5, 7)] })).refused(409, "roster_conflicts");
    assert_eq!(forbidden["problems"][0]["code"], "forbidden");
}

#[test]
fn staff_see_everybody_who_can_have_a_roster_and_others_themselves() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let ivan = site.desk.member("ivan", "support").id;
    let contact = site.token(site.desk.somebody("carl", Role::ClientContact, Some(client)).id);
    let names = |token: &str| {
        let page = page(&site, token);
        let workers = page["workers"].as_array().unwrap().clone();
        workers.iter().map(|worker| worker["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&supervisor), ["anna", "ivan"]);
    assert_eq!(names(&contact), [] as [&str; 0]);
    let alone = site.get(&supervisor, &format!("/api/v1/roster?{WEEK}&people={ivan}")).ok();
    assert_eq!(alone["workers"][0]["memberships"][0]["queue"], "support");
    assert_eq!(alone["workers"].as_array().unwrap().len(), 1);
    let closed = |query: &str| site.get(&supervisor, &format!("/api/v1/roster/closed-days?{query}"));
    closed("first_day=2026-12-01&last_day=2026-11-30").refused(422, "invalid");
    closed("first_day=1.12.2026&last_day=2026-11-30").refused(422, "invalid");
    closed("first_day=2026-12-01&last_day=2028-12-31").refused(422, "invalid");
}

#[test]
fn closed_days_are_those_of_the_clients_calendars() {
    let site = Site::new();
    let always = site.desk.client("always", "");
    let calendar = r#"calendar = { time_zone = "Europe/Moscow", hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "18:00" }], holidays = ["RU"] }"#;
    let settings = SETTINGS.replace(r#"calendar = { time_zone = "Europe/Moscow" }"#, calendar);
    let office = site.desk.client_with("office", "", &settings);
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let stranger = site.token(site.desk.somebody("eve", Role::Operator, Some(always)).id);
    let days = |token: &str| {
        let query = "first_day=2026-11-01&last_day=2026-11-09";
        let page = site.get(token, &format!("/api/v1/roster/closed-days?{query}")).ok();
        let of = |one: &Value| {
            assert_eq!(one["client"], office.to_string());
            one["day"].as_str().unwrap().to_owned()
        };
        page["items"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    // The Day of National Unity, and weekends; around the clock nobody is ever closed.
    assert_eq!(days(&supervisor), ["2026-11-01", "2026-11-04", "2026-11-07", "2026-11-08"]);
    assert_eq!(days(&stranger), [] as [&str; 0]);
}

/// So many shifts as long as `step`, shared among the people, one after the other.
fn in_turn(people: &[PersonId], count: usize, start: Moment, step: Span) -> ChangeRoster {
    let put = |number: usize| {
        let from = start + Span::from_ms(step.ms() * i64::try_from(number / people.len()).unwrap());
        PutShift {
            id: None,
            version: None,
            person: people[number % people.len()],
            from,
            to: from + step,
            kind: ShiftKind::Regular,
            queue: Some(Key::new("support").unwrap()),
            client: None,
            note: None,
            series: None,
        }
    };
    ChangeRoster { put_shifts: (0..count).map(put).collect(), ..ChangeRoster::default() }
}

#[test]
fn the_largest_change_is_made_or_every_conflict_of_it_counted() {
    const COUNT: usize = 5_000;
    let desk = TestDesk::new();
    let people: Vec<PersonId> =
        (0..64).map(|number| desk.member(&format!("p{number}"), "support").id).collect();
    let anna = desk.somebody("anna", Role::Supervisor, None);
    let start = desk.now() + Span::days(1);
    let conflicts = |change: ChangeRoster| match anna.does(Command::ChangeRoster(Box::new(change))) {
        Err(DeskError::Refused(Refusal::RosterConflicts { count, .. })) => count,
        done => done.map(|_| 0).unwrap(),
    };
    let (hour, minute) = (Span::hours(1), Span::minutes(1));
    assert_eq!(conflicts(in_turn(&people, COUNT, start, hour)), 0);
    assert_eq!(conflicts(in_turn(&people, COUNT, start, hour)), COUNT);
    let later = start + Span::days(60);
    assert_eq!(conflicts(in_turn(&people[..1], COUNT, later, hour)), 0);
    let later = start + Span::days(600);
    let minutes = in_turn(&people[..1], COUNT, later, minute);
    assert_eq!(conflicts(minutes.clone()), 0);
    assert_eq!(conflicts(minutes), COUNT);
    let mut same = in_turn(&people[..1], COUNT, start + Span::days(700), hour);
    let (from, to) = (same.put_shifts[0].from, same.put_shifts[0].to);
    for put in &mut same.put_shifts {
        (put.from, put.to) = (from, to);
    }
    assert_eq!(conflicts(same), COUNT);
}
