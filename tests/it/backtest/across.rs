//! What is under way at the window's first instant goes on: ladders, working time, timers, schedules, incidents.

use std::collections::{BTreeMap, BTreeSet};

use naryad::cli::packs;
use naryad::domain::command::{Command, DeclareIncident, OpenTicket, TicketChanges};
use naryad::domain::event::Event;
use naryad::domain::incident::IncidentRule;
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::ticket::Level;
use naryad::domain::{ClientId, Language, Moment, TicketId};
use naryad::rehearsal::backtest::{Outcome, Side};
use naryad::store;
use naryad::store::event::Recorded;

use super::log::{Row, rows};
use super::{backtest, is_the_same, key, plan, texts};
use crate::helpers::{Somebody, TestDesk};

const SCRIPT: &str = include_str!("across.rhai");
const SCHEDULE: &str =
    "\n[[schedules]]\nkey = 'morning'\nlabel = { en = 'Morning', ru = 'Утро' }\ncron = '0 9 * * MON-FRI'\n";
/// The log begins on Monday, 29 February 2016; the desk goes through it from Monday, 9 November 2026 on.
const MONDAY_OF_LOG: &str = "2016-02-29T00:00:00Z";
const MONDAY: &str = "2026-11-09T00:00:00Z";
/// Every so many of the log's tickets.
const ONE_OF: usize = 6;

struct Life<'d> {
    desk: &'d TestDesk,
    client: ClientId,
    olga: Somebody<'d>,
    tickets: BTreeMap<String, TicketId>,
}

impl Life<'_> {
    /// A person does what the row of the log says. What the script has done before cannot be done any more.
    fn follows(&mut self, row: &Row) {
        let level = |graded: &str| match &graded[..1] {
            "1" => Level::High,
            "2" => Level::Medium,
            _ => Level::Low,
        };
        let category = row.category().map(|name| key(&name));
        let Some(ticket) = self.tickets.get(&row.number).copied() else {
            let open = OpenTicket {
                category,
                impact: level(&row.impact),
                urgency: level(&row.urgency),
                ..TestDesk::request(self.client, &format!("{} {}", row.number, row.symptom))
            };
            let done = self.olga.does(Command::OpenTicket(Box::new(open))).unwrap();
            self.tickets.insert(row.number.clone(), done.ticket.unwrap());
            return;
        };
        let stands = self.desk.ticket(ticket);
        let status = key(&row.state.to_lowercase().replace(' ', "_"));
        let changes = TicketChanges {
            category: category.filter(|own| stands.category.as_ref() != Some(own)),
            status: Some(status.clone())
                .filter(|own| stands.status != *own && *own != *"resolved" && *own != *"closed"),
            ..TicketChanges::default()
        };
        let (version, reason, information) = (None, None, Box::default());
        let resolution = key("solved");
        let _ = match status.as_str() {
            "resolved" => {
                self.olga.does(Command::ResolveTicket { ticket, version, resolution, reason, information })
            }
            "closed" => {
                self.olga.does(Command::CloseTicket { ticket, version, resolution, reason, information })
            }
            _ if changes == TicketChanges::default() => self.olga.replies(ticket, "We are on it"),
            _ => self.olga.does(Command::ChangeTicket { ticket, version, changes: Box::new(changes) }),
        };
    }

    fn declares(&self, incident: TicketId) {
        let categories = BTreeSet::from([key("category_26"), key("category_53")]);
        let rule = IncidentRule { categories, ..IncidentRule::default() };
        let texts = BTreeMap::from([(Language::En, "We know of it".to_owned())]);
        let declare = DeclareIncident { ticket: incident, rule, texts };
        self.olga.does(Command::DeclareIncident(Box::new(declare))).unwrap();
        self.olga.does(Command::SendIncidentUpdate { incident, text: "Soon".to_owned() }).unwrap();
    }
}

/// A desk that has gone through the log, and the window that begins in the middle of it.
fn lived(desk: &TestDesk) -> (Life<'_>, (Moment, Moment), TicketId) {
    let pack = packs::texts("it-desk").unwrap();
    let client = desk.client_with("it-desk", SCRIPT, &format!("{}{SCHEDULE}", pack.settings));
    let olga = desk.somebody("olga", Role::Supervisor, None);
    olga.gets(
        &[Role::Supervisor, Role::Operator].map(|role| Grant { role, client: None }),
        &[Membership { queue: key("shift_supervisor"), client: None }],
    );
    let mut life = Life { desk, client, olga, tickets: BTreeMap::new() };
    let shift = MONDAY.parse::<Moment>().unwrap() - MONDAY_OF_LOG.parse::<Moment>().unwrap();
    let at = |moment: &str| moment.parse::<Moment>().unwrap() + shift;
    let (declared, from, told, to) = (
        at("2016-03-01T12:00:00Z"),
        at("2016-03-02T10:30:00Z"),
        at("2016-03-02T15:00:00Z"),
        at("2016-03-09T00:00:00Z"),
    );
    let numbers: BTreeSet<String> = rows().into_iter().map(|row| row.number).collect();
    let taken: BTreeSet<String> = numbers.into_iter().step_by(ONE_OF).collect();
    let mut steps: Vec<(Moment, Row)> = rows()
        .into_iter()
        .filter(|row| taken.contains(&row.number))
        .map(|row| (row.updated_at + shift, row))
        .collect();
    steps.sort_by_key(|(at, _)| *at);
    // The parent's own row must not end the incident before its update is sent.
    let ended: BTreeSet<&String> = steps
        .iter()
        .filter(|(at, row)| *at < told && ["Resolved", "Closed"].contains(&row.state.as_str()))
        .map(|(_, row)| &row.number)
        .collect();
    let mut incident = None;
    for (at, row) in steps.iter().take_while(|(at, _)| *at < to) {
        let is_time = |moment: Moment| desk.now() < moment && *at >= moment;
        if is_time(declared) {
            desk.pass(declared - desk.now());
            incident = life.tickets.iter().find(|(number, _)| !ended.contains(number)).map(|(_, id)| *id);
            life.declares(incident.unwrap());
        }
        if is_time(told) {
            desk.pass(told - desk.now());
            let (incident, text) = (incident.unwrap(), "Almost".to_owned());
            life.olga.does(Command::SendIncidentUpdate { incident, text }).unwrap();
        }
        desk.pass(*at - desk.now());
        life.follows(row);
    }
    desk.pass(to - desk.now());
    (life, (from, to), incident.unwrap())
}

/// The ticket's events of the window, each with its moment.
fn story(events: &[Recorded], window: (Moment, Moment)) -> Vec<(Moment, &'static str)> {
    let within = events.iter().filter(|one| one.recorded_at >= window.0 && one.recorded_at < window.1);
    within.map(|one| (one.recorded_at, one.event.name())).collect()
}

fn side(
    outcome: &Outcome,
    side: Side,
    ticket: TicketId,
    window: (Moment, Moment),
) -> Vec<(Moment, &'static str)> {
    story(&outcome.timeline(side, ticket).unwrap(), window)
}

#[test]
fn what_is_under_way_when_the_window_begins_goes_on_with_both_versions_as_it_did() {
    let desk = TestDesk::new();
    let (life, window, incident) = lived(&desk);
    let settings = format!("{}{SCHEDULE}", packs::texts("it-desk").unwrap().settings);
    let outcome = backtest(&desk, &plan(life.client, window, texts(SCRIPT, &settings))).unwrap();
    let report = &outcome.report;
    is_the_same(report);
    assert_eq!(report.history.differ, 0, "{:#?}", report.history.first.first());
    let lost = (report.published.not_applied.count, report.published.unknown.count);
    assert_eq!(lost, (0, 0), "{:#?}", report.published);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for ticket in life.tickets.values() {
        let events = desk.events(*ticket);
        let lived = story(&events, window);
        assert_eq!(side(&outcome, Side::Published, *ticket, window), lived, "{ticket}");
        assert_eq!(side(&outcome, Side::Draft, *ticket, window), lived, "{ticket}");
        if events[0].recorded_at < window.0 {
            // Only what began before the first instant and came after it.
            lived.iter().for_each(|(_, name)| *seen.entry(*name).or_default() += 1);
            for one in events.iter().filter(|one| one.recorded_at >= window.0) {
                if let Event::TagsChanged { added, .. } = &one.event {
                    added.iter().for_each(|tag| {
                        *seen.entry(if tag == "morning" { "morning" } else { "untouched" }).or_default() += 1
                    });
                }
            }
        }
    }
    let told =
        life.tickets.values().filter(|ticket| desk.ticket(**ticket).incident == Some(incident)).count();
    assert!(told > 3, "{told}");
    for what in ["rung_reached", "ladder_stopped", "timer_fired", "sla_reached", "morning", "untouched"] {
        assert!(seen.get(what).is_some_and(|count| *count > 2), "{what}: {seen:?}");
    }
    assert!(seen["incident_update_reached"] > 0 && report.tickets_before > 30, "{seen:?} {report}");
    let open = desk.read(|db| store::incident::get(db, incident)).unwrap();
    assert!(open.ended_at.is_none_or(|ended| ended > window.0), "{open:?}");
    assert!(report.published.due_played > 300, "{report}");
}
