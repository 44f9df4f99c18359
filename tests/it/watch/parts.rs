//! Spikes in one category or queue, on the virtual clock and on real arrivals.

use naryad::domain::calendar::zone;
use naryad::domain::command::{Command, OpenTicket, TicketChanges};
use naryad::domain::person::Role;
use naryad::domain::watch::norm::{Norm, hour_of};
use naryad::domain::watch::{AlarmKind, Part, Sensitivity, part_windows, windows};
use naryad::domain::{Key, Moment, Span, TicketId};
use naryad::store;

use super::arrivals::at;
use super::weeks::{Arrival, Counted, burst, drawn};
use super::{Watched, monday};
use crate::helpers::{SETTINGS, TestDesk};

const WEEKS: i64 = 8;
/// A category of the real arrivals that has about ten tickets a day.
pub const USUAL: &str = "c26";
/// One that has about one in three days.
const RARE: &str = "c7";

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A client whose categories are those of the real arrivals, with their history; all stand in one queue.
pub fn watched(seed: u64) -> Watched {
    let history = drawn(monday(), -WEEKS * 7..0, seed);
    let mut names: Vec<&Key> = history.iter().filter_map(Arrival::category).collect();
    names.sort_unstable();
    names.dedup();
    let category = |name: &&Key| {
        format!("[[categories]]\nkey = \"{name}\"\nlabel = {{ en = \"About {name}\", ru = \"О {name}\" }}\n")
    };
    let settings = format!(
        "{SETTINGS}\n{}\n[watch]\nclient_templates = {{ spike = \"many\" }}\n[[templates]]\nkey = \"many\"\n\
         text = {{ en = \"{{{{alarm.about}}}}: {{{{alarm.observed}}}}\" }}\n",
        names.iter().map(category).collect::<String>()
    );
    let watched = Watched::new(&settings);
    let client = watched.client;
    let counted = Counted::of(&history);
    watched
        .desk
        .desk
        .aside_now(move |tx| {
            for arrival in &history {
                store::arrival::count(tx, client, hour_of(arrival.at))?;
                for part in &arrival.parts {
                    store::arrival::count_part(tx, client, part, arrival.at)?;
                }
            }
            Ok(())
        })
        .unwrap();
    let part = Part::Category(key(USUAL));
    let kept = watched.desk.read(|db| store::arrival::part_hours(db, client, &part, i64::MIN, i64::MAX));
    assert_eq!(Some(&kept), counted.parts.get(&part));
    watched
}

impl Watched {
    pub fn opens(&self, category: &str) -> TicketId {
        let request = TestDesk::request(self.client, "Something");
        self.desk.opens_with(OpenTicket { category: Some(key(category)), ..request })
    }

    /// Opens a ticket of the category at each moment; what falls due in between is played at its own.
    pub fn plays_categories(&self, mut arrivals: Vec<(Moment, String)>) {
        arrivals.sort();
        for (at, category) in arrivals {
            self.desk.pass(at - self.desk.now());
            self.opens(&category);
        }
    }
}

pub fn normal(seed: u64, from: Moment, to: Moment) -> Vec<(Moment, String)> {
    let all = drawn(monday(), 0..7, seed).into_iter().filter(|one| one.at >= from && one.at < to);
    all.map(|one| (one.at, one.category().unwrap().to_string())).collect()
}

#[test]
fn a_normal_week_raises_nothing() {
    let watched = watched(901);
    watched.plays_categories(normal(902, monday(), monday() + Span::days(7)));
    assert_eq!(watched.alarms(), []);
}

#[test]
fn a_spike_in_one_category_is_seen_when_the_clients_sum_looks_usual() {
    let mut watched = watched(903);
    let carl = watched.desk.somebody("carl", Role::ClientContact, Some(watched.client)).id;
    let from = at(monday(), 35 * 60);
    let mut arrivals = normal(904, monday(), from + Span::minutes(30));
    arrivals.extend(burst(from, 24, 30).map(|at| (at, USUAL.to_owned())));
    let norm = watched.norm(at(monday(), 24 * 60));
    watched.plays_categories(arrivals.clone());
    let alarms = watched.alarms();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(
        (alarms[0].kind, alarms[0].category.as_deref(), &alarms[0].queue),
        (AlarmKind::Spike, Some(USUAL), &None)
    );
    assert!(alarms[0].raised_at >= from && alarms[0].raised_at <= from + Span::minutes(20), "{alarms:?}");
    // The sum alone would not have said it.
    let minute = |at: Moment| at.ms().div_euclid(60_000);
    for (now, _) in arrivals.iter().filter(|(at, _)| *at >= from) {
        for window in windows(&norm, *now, Sensitivity::Normal) {
            let inside = arrivals
                .iter()
                .filter(|(at, _)| *at <= *now && minute(*at) > minute(*now) - window.minutes)
                .count();
            assert!((inside as i64) < window.limit, "{now} {window:?} {inside}");
        }
    }
    let told = watched.told(watched.anna);
    assert!(told.len() == 1 && told[0].starts_with("acme: spike in “About c26”: "), "{told:?}");
    assert_eq!(watched.told(carl), [format!("About c26: {}", alarms[0].observed)]);
    // A restart forgets nothing, and it ends by itself when the category is as usual again.
    watched.desk.restarts_after(|_| {});
    watched.plays_categories(normal(904, from + Span::minutes(30), from + Span::hours(3)));
    let alarms = watched.alarms();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert!(alarms[0].ended_at.is_some_and(|end| end <= from + Span::hours(2)), "{alarms:?}");
    assert!(alarms[0].peak >= alarms[0].observed);
}

#[test]
fn a_category_with_little_history_counts_against_the_clients_norm_alone() {
    let watched = watched(905);
    let from = at(monday(), 35 * 60);
    let mut arrivals = normal(906, monday(), from + Span::minutes(30));
    arrivals.extend(burst(from, 24, 30).map(|at| (at, RARE.to_owned())));
    watched.plays_categories(arrivals);
    assert_eq!(watched.alarms(), []);
    let part = Part::Category(key(RARE));
    let hours = watched
        .desk
        .read(|db| store::arrival::part_hours(db, watched.client, &part, i64::MIN, hour_of(monday())));
    let norm = watched.norm(monday());
    assert!(hours.values().sum::<i64>() > 0 && Norm::of_part(&hours, None, monday(), &norm).is_none());
}

#[test]
fn tickets_that_are_classified_at_once_count_when_they_were_opened() {
    let watched = watched(907);
    let from = at(monday(), 33 * 60);
    watched.plays_categories(normal(908, monday(), from));
    let sorted = |watched: &Watched, tickets: Vec<TicketId>| {
        for ticket in tickets {
            let category = Some(key(USUAL));
            let changes = Box::new(TicketChanges { category, ..TicketChanges::default() });
            watched.desk.does(Command::ChangeTicket { ticket, version: None, changes }).unwrap();
        }
    };
    // Thirty old tickets are classified: nothing has arrived.
    let old: Vec<TicketId> = (0..30).map(|_| watched.opens("unknown")).collect();
    let part = Part::Category(key(USUAL));
    let arrived = |watched: &Watched, since: Moment| {
        let (from, to) = (hour_of(since), i64::MAX);
        let hours = watched.desk.read(|db| store::arrival::part_hours(db, watched.client, &part, from, to));
        hours.values().sum::<i64>()
    };
    let before = arrived(&watched, from);
    watched.desk.pass(Span::minutes(61));
    let unrelated = watched.alarms().len();
    sorted(&watched, old);
    assert_eq!((arrived(&watched, from), watched.alarms().len()), (before, unrelated));
    // Thirty of the last half hour are: the category has a spike, and it began when they came.
    let began = watched.desk.now() + Span::hours(2);
    watched.desk.pass(Span::hours(2));
    let new: Vec<TicketId> = burst(began, 30, 30)
        .map(|at| {
            watched.desk.pass(at - watched.desk.now());
            watched.opens("unknown")
        })
        .collect();
    sorted(&watched, new);
    let found = watched.alarms().into_iter().find(|alarm| alarm.category.as_deref() == Some(USUAL));
    let found = found.expect("thirty in half an hour are a spike");
    assert!(found.raised_at <= watched.desk.now() && found.observed >= 6, "{found:?}");
    assert_eq!(arrived(&watched, began), 30);
}

#[test]
fn a_part_that_is_nearly_the_whole_has_no_norm_of_its_own() {
    let history = drawn(monday(), -WEEKS * 7..0, 909);
    let counted = Counted::of(&history);
    let began = counted.all.keys().next().copied();
    let norm = Norm::learn(&counted.all, began, monday(), zone("Europe/Moscow").unwrap()).unwrap();
    assert!(Norm::of_part(&counted.all, began, monday(), &norm).is_none());
    let part = &counted.parts[&Part::Category(key(USUAL))];
    let own = Norm::of_part(part, began, monday(), &norm).unwrap();
    let noon = monday() + Span::hours(36);
    let (of_part, of_all) =
        (part_windows(&own, noon, Sensitivity::Normal), windows(&norm, noon, Sensitivity::Normal));
    assert!(of_part[3].expected > 0.0 && of_part[3].limit < of_all[3].limit, "{of_part:?} {of_all:?}");
}
