//! The demo: two clients at work, whole and sound, with something of everything to look at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use naryad::cli::demo::{self, Filled, LOGINS, PASSWORD};
use naryad::cli::packs;
use naryad::clock::Clock;
use naryad::commands::passwords;
use naryad::domain::assignment::{AssignmentSettings, Requirements, Wanted};
use naryad::domain::id::IdMaker;
use naryad::domain::pack::Pack;
use naryad::domain::ticket::Ticket;
use naryad::domain::{ClientId, Moment, TicketId};
use naryad::store::{self, Db, Durability, Readers};

use super::helpers::checks;

struct Demo {
    _folder: tempfile::TempDir,
    readers: Readers,
    filled: Filled,
    present: Moment,
}

impl Demo {
    fn new() -> Demo {
        let folder = tempfile::tempdir().unwrap();
        let present = Clock::Machine.now();
        let filled = demo::fill(folder.path(), present).unwrap();
        Demo { readers: readers(folder.path(), present), _folder: folder, filled, present }
    }

    fn read<T>(&self, read: impl FnOnce(&Db) -> T) -> T {
        self.readers.read(|db| Ok::<T, store::StoreError>(read(db))).unwrap()
    }

    fn tickets(&self, client: ClientId) -> Vec<Ticket> {
        self.read(|db| {
            let ids = store::ticket::ids_after(db, TicketId(0), 100_000).unwrap();
            let tickets = ids.into_iter().map(|id| store::ticket::get(db, id).unwrap().unwrap());
            tickets.filter(|ticket| ticket.client == client).collect()
        })
    }

    fn count(&self, sql: &str) -> i64 {
        self.read(|db| db.connection().query_row(sql, [], |row| row.get(0)).unwrap())
    }
}

fn readers(folder: &Path, now: Moment) -> Readers {
    store::open(folder, Durability::None, IdMaker::new(2), now).unwrap().1
}

#[test]
fn the_demo_shows_every_state_and_is_sound() {
    let demo = Demo::new();
    let (bank, it_desk) = (demo.filled.bank, demo.filled.it_desk);
    let tickets = demo.tickets(bank);
    assert_eq!(tickets.len(), demo.filled.requests);
    let failures: Vec<(String, String)> = demo.read(|db| {
        let sql = "select handler, failure from run where state = 'failed'";
        let mut statement = db.connection().prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    });
    assert_eq!(failures.len(), 1, "only the one that is shown: {failures:#?}");
    let statuses: BTreeSet<&str> = tickets.iter().map(|ticket| ticket.status.as_str()).collect();
    for status in [
        "new",
        "in_work",
        "awaiting_approval",
        "waiting_for_part",
        "waiting_for_the_bank",
        "waiting_for_client",
        "checking_report",
        "closed",
    ] {
        assert!(statuses.contains(status), "no ticket is {status}");
    }
    let resolutions: BTreeSet<&str> =
        tickets.iter().filter_map(|ticket| ticket.resolution.as_deref()).collect();
    for resolution in ["repaired", "solved_remotely", "refused", "duplicate"] {
        assert!(resolutions.contains(resolution), "no ticket ended {resolution}");
    }
    let queues: BTreeSet<&str> = tickets.iter().filter_map(|ticket| ticket.queue.as_deref()).collect();
    assert!(queues.contains("dispatchers"));
    assert_eq!(tickets.iter().filter(|ticket| ticket.is_marked).count(), 1, "one ticket is marked");
    assert!(tickets.iter().any(|ticket| ticket.reopen_count == 1));
    assert!(tickets.iter().all(|ticket| ticket.opened_at <= demo.present));
    assert_eq!(demo.tickets(it_desk).len(), 534);
    assert_eq!(demo.filled.imported.tickets.new, 534);

    for department in ["commercial", "local_service", "global_logistics", "purchasing", "bank_support"] {
        let open = demo.count(&format!(
            "select count(*) from task where department = '{department}' and state = 'open'"
        ));
        assert!(open > 0, "{department} has nothing to do");
    }
    for state in ["handed_in", "returned", "accepted"] {
        let orders = demo.count(&format!("select count(*) from work_order where report_state = '{state}'"));
        assert!(orders > 0, "no report is {state}");
    }
    assert!(
        demo.count("select count(*) from event where kind = 'rung_reached'") > 0,
        "nobody failed to come"
    );
    assert!(demo.count("select count(*) from ladder") > 0, "nothing is expected of anybody");
    let overdue = demo.count(&format!("select count(*) from ticket where due_at < {}", demo.present.ms()));
    assert!(overdue > 0, "nothing is overdue");
    assert_eq!(
        demo.count("select count(*) from run where state = 'failed'"),
        1,
        "only the one that is shown"
    );
    assert_eq!(demo.count("select count(*) from job where state <> 'done'"), 0);
    assert_eq!(
        demo.count(&format!("select count(*) from event where recorded_at > {}", demo.present.ms())),
        0
    );
    demo.read(|db| checks::every_ticket_follows_from_its_events(db).unwrap());
    demo.read(checks::the_file_is_whole);
}

#[test]
fn everybody_named_can_log_in_and_engineers_serve_every_city() {
    let demo = Demo::new();
    let ticket = demo.tickets(demo.filled.bank).remove(0);
    demo.read(|db| {
        for (login, _) in LOGINS {
            let person = store::person::by_login(db, login).unwrap();
            let person = person.unwrap_or_else(|| panic!("nobody is called {login}"));
            assert!(
                store::person::access(db, person.id).unwrap().is_some_and(|access| !access.grants.is_empty())
            );
            let hash = store::person::password_hash(db, person.id).unwrap();
            assert!(passwords::verify(PASSWORD, hash.as_deref()), "{login}");
        }
        let mut grades: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        let wanted = Wanted::engineer(Requirements::default(), &AssignmentSettings::default());
        for candidate in store::candidate::gather(db, &ticket, &wanted, demo.present).unwrap() {
            let profile = candidate.engineer.unwrap();
            if candidate.is_on_duty {
                grades.entry(profile.city).or_default().insert(profile.grade);
            }
        }
        assert!(grades.len() >= 15);
        assert!(grades.values().all(|grades| grades.contains(&1) && grades.contains(&2)), "{grades:?}");
    });
    let countries = demo.count("select count(distinct country) from site");
    assert_eq!(countries, 6);
    assert!(demo.filled.machines >= 200, "{} machines", demo.filled.machines);
}

#[test]
fn a_folder_that_holds_a_desk_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(readers(folder.path(), Clock::Machine.now()));
    let refused = demo::fill(folder.path(), Clock::Machine.now()).unwrap_err();
    assert!(refused.to_string().contains("holds a desk already"), "{refused}");
}

#[test]
fn every_pack_names_everything_in_both_languages() {
    for name in packs::names() {
        let texts = packs::texts(&name).unwrap();
        let pack = Pack::parse(&texts.settings).unwrap();
        let document = serde_json::to_value(&pack).unwrap();
        let mut labels = 0;
        every_label(&document, &mut |label| {
            labels += 1;
            let languages: Vec<&String> = label.keys().collect();
            assert_eq!(languages, ["en", "ru"], "{name}: {label:?}");
        });
        assert!(labels > 20, "{name}: the labels were not found");
    }
}

fn every_label(
    value: &serde_json::Value,
    found: &mut impl FnMut(&serde_json::Map<String, serde_json::Value>),
) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                match value {
                    serde_json::Value::Object(label)
                        if ["label", "text", "title"].contains(&key.as_str()) =>
                    {
                        found(label);
                    }
                    other => every_label(other, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| every_label(item, found)),
        _ => {}
    }
}
