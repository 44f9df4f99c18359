//! Many tickets at once from many connections, through the real router: the work is shared evenly.

use std::collections::BTreeMap;

use naryad::domain::PersonId;
use naryad::domain::command::{Command, PutPerson};
use naryad::domain::person::{Affiliation, Grant, Membership, Role};
use naryad::domain::{Key, Language};
use naryad::store;
use serde_json::{Value, json};

use crate::api::Site;
use crate::helpers::made;

const TICKETS: usize = 200;
const CONNECTIONS: usize = 32;
const SCRIPT: &str = r#"
fn on_opened(ticket) { ticket.assign(#{ strategy: "least_loaded", line: "support" }); }
"#;

/// A member of the first line who can carry everything.
fn carrier(site: &Site, login: &str) -> PersonId {
    let put = PutPerson {
        id: None,
        version: None,
        login: login.to_owned(),
        name: login.to_owned(),
        email: None,
        phone: None,
        language: Language::En,
        time_zone: "Europe/Moscow".to_owned(),
        affiliation: Affiliation::Staff,
        engineer: None,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: 1_000,
        is_on_duty: true,
        is_active: true,
    };
    let person = PersonId(made(&site.desk.does(Command::PutPerson(Box::new(put))).unwrap()));
    let grants = [Grant { role: Role::Operator, client: None }].into();
    let memberships = [Membership { queue: Key::new("support").unwrap(), client: None }].into();
    site.desk.does(Command::SetAccess { person, grants, memberships }).unwrap();
    person
}

#[test]
fn two_hundred_tickets_from_many_connections_are_shared_evenly() {
    let site = Site::new();
    let client = site.desk.client("acme", SCRIPT).to_string();
    let supervisor = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let people: Vec<PersonId> = (0..9).map(|number| carrier(&site, &format!("operator-{number}"))).collect();
    // The clock stands at 9:00 on the 2nd: seven are on shift, one is not, one has no roster and is on duty.
    for (place, person) in people.iter().enumerate().take(8) {
        let hours = if place == 7 { (14, 20) } else { (5, 15) };
        site.post(&supervisor, "/api/v1/shifts", &today(*person, hours)).ok();
    }
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let (site, supervisor, client) = (&site, &supervisor, &client);
            scope.spawn(move || {
                for number in (connection..TICKETS).step_by(CONNECTIONS) {
                    let body = json!({ "client": client, "subject": format!("request {number}") });
                    site.post(supervisor, "/api/v1/tickets", &body).ok();
                }
            });
        }
    });
    let mut loads: BTreeMap<PersonId, i64> = BTreeMap::new();
    let ids = site.desk.read(|db| store::ticket::ids_after(db, naryad::domain::TicketId(0), TICKETS + 1));
    assert_eq!(ids.len(), TICKETS);
    for id in ids {
        let assignee = site.desk.ticket(id).assignee.expect("somebody was there");
        *loads.entry(assignee).or_default() += 1;
    }
    assert!(!loads.contains_key(&people[7]), "off shift: {loads:?}");
    assert_eq!(loads.len(), 8, "{loads:?}");
    let (least, most) = (loads.values().min().unwrap(), loads.values().max().unwrap());
    assert!(most - least <= 1, "{loads:?}");
}

/// A body for a shift in hours of 2 November 2026, UTC.
fn today(person: PersonId, (from, to): (i64, i64)) -> Value {
    let at = |hour: i64| format!("2026-11-02T{hour:02}:00:00Z");
    json!({ "person": person.to_string(), "from": at(from), "to": at(to), "kind": { "is": "regular" } })
}
