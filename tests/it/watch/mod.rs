//! The queue watch on the virtual clock, with real arrivals; the next best ticket; the supervisor's views.

mod alarms;
mod arrivals;
mod measure;
mod next;
mod pages;
mod parts;
mod silences;
mod weeks;

use naryad::domain::calendar::{local_moment, zone};
use naryad::domain::person::Role;
use naryad::domain::watch::WatchAlarm;
use naryad::domain::watch::norm::{Norm, first_hour, hour_of};
use naryad::domain::{ClientId, Moment, PersonId};
use naryad::store;

use crate::helpers::TestDesk;

/// Monday a week after the tests' start, midnight in the client's zone.
fn monday() -> Moment {
    local_moment("2026-11-09 00:00", "Europe/Moscow").unwrap()
}

/// A desk with one client that is watched, and its supervisor.
struct Watched {
    desk: TestDesk,
    client: ClientId,
    anna: PersonId,
}

impl Watched {
    fn new(settings: &str) -> Self {
        let desk = TestDesk::new();
        let client = desk.client_with("acme", "", settings);
        let anna = desk.somebody("anna", Role::Supervisor, Some(client)).id;
        Self { desk, client, anna }
    }

    /// Every alarm, in order.
    fn alarms(&self) -> Vec<WatchAlarm> {
        let mut all = self.desk.read(|db| store::watch_alarm::newest(db, self.client, None, 100));
        all.reverse();
        all
    }

    /// What the person was told of alarms.
    fn told(&self, person: PersonId) -> Vec<String> {
        let told = self.desk.read(|db| store::notification::of_person(db, person, None, 100));
        let alarms = told.into_iter().filter(|told| told.ticket.is_none());
        alarms.map(|told| self.desk.read(|db| store::text::get(db, told.text.unwrap())).unwrap()).collect()
    }

    /// The norm as whoever reads the table learns it.
    fn norm(&self, day: Moment) -> Norm {
        let hours =
            self.desk.read(|db| store::arrival::hours(db, self.client, first_hour(day), hour_of(day)));
        let began = self.desk.read(|db| store::arrival::began(db, self.client));
        Norm::learn(&hours, began, day, zone("Europe/Moscow").unwrap()).unwrap()
    }
}
