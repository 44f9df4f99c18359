//! What keeps a ticket on its version, case by case.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::calendars::Terms;
use crate::domain::event::{Event, TicketOpened};
use crate::domain::ladder::Rung;
use crate::domain::ticket::{Channel, Level};
use crate::domain::{ClientId, TextId, WorkOrderId};

const SETTINGS: &str = include_str!("../../../tests/it/helpers/client.toml");

fn key(text: &str) -> Key {
    Key::new(text).expect("a key")
}

fn ticket() -> Ticket {
    let opened = TicketOpened {
        client: ClientId(1),
        number: 1,
        sub_client: None,
        site: None,
        asset: None,
        contact: None,
        subject: TextId(1),
        description: None,
        status: key("in_work"),
        category: Some(key("vandalism")),
        impact: Level::Medium,
        urgency: Level::Medium,
        priority: 3,
        queue: Some(key("support")),
        channel: Channel::Desk,
        fields: BTreeMap::new(),
        tags: BTreeSet::new(),
        attachments: Vec::new(),
        pack_version: None,
        terms: Terms::default(),
    };
    Ticket::opened(TicketId(1), &Event::TicketOpened(Box::new(opened)), Moment::from_ms(0))
        .expect("an opening")
}

fn ladder(about: About, stage: &str, functions: &[&str]) -> Ladder {
    let rungs = functions.iter().map(|name| Rung { function: key(name), at: Moment::from_ms(1) }).collect();
    Ladder { name: key("nudge"), about, until: Until::Stage { stage: key(stage) }, rungs, depth: 0 }
}

/// What `change` of the ticket meets where `replace` is other words of the settings and `known` functions are there.
fn met(
    change: impl FnOnce(&mut Ticket, &mut Standing),
    replace: (&str, &str),
    known: &[&str],
) -> Vec<(ObstacleKind, String)> {
    let (mut ticket, mut standing) = (ticket(), Standing::default());
    change(&mut ticket, &mut standing);
    let from = Pack::parse(SETTINGS).expect("the settings of the tests");
    let to = Pack::parse(&SETTINGS.replace(replace.0, replace.1)).expect("settings");
    let has_function = |name: &str| known.contains(&name);
    let to = Version { pack: &to, has_function: &has_function };
    obstacles(&ticket, &standing, Some(&from), to).into_iter().map(|one| (one.what, one.key)).collect()
}

fn one(what: ObstacleKind, key: &str) -> Vec<(ObstacleKind, String)> {
    vec![(what, key.to_owned())]
}

const SAME: (&str, &str) = ("", "");

#[test]
fn what_the_other_version_knows_keeps_nothing_back() {
    let everything = |ticket: &mut Ticket, standing: &mut Standing| {
        ticket.fields.insert(key("entrance"), FieldValue::Choice(key("back")));
        standing.ladders.push((ladder(About::Ticket, "resolved", &["later"]), 0));
        standing.timers.push(key("remind"));
        standing.departments.push(key("commercial"));
        standing.answers.push(key("answered"));
    };
    assert_eq!(met(everything, SAME, &["later", "on_timer", "answered"]), []);
}

#[test]
fn a_status_that_ends_a_ticket_where_it_did_not_keeps_it() {
    let solved = ("key = \"in_work\"\nphase = \"open\"", "key = \"in_work\"\nphase = \"resolved\"");
    assert_eq!(met(|_, _| {}, solved, &[]), one(ObstacleKind::StatusPhase, "in_work"));
    let waits = ("key = \"in_work\"\nphase = \"open\"", "key = \"in_work\"\nphase = \"new\"");
    assert_eq!(met(|_, _| {}, waits, &[]), []);
    let renamed = ("key = \"in_work\"", "key = \"doing\"");
    assert_eq!(met(|_, _| {}, renamed, &[]), one(ObstacleKind::Status, "in_work"));
}

#[test]
fn only_rungs_that_are_still_to_come_need_their_function() {
    let climbed = |count: usize| {
        move |_: &mut Ticket, standing: &mut Standing| {
            standing.ladders.push((ladder(About::Ticket, "resolved", &["gone", "later"]), count));
        }
    };
    assert_eq!(met(climbed(0), SAME, &["later"]), one(ObstacleKind::Function, "gone"));
    assert_eq!(met(climbed(1), SAME, &["later"]), []);
}

#[test]
fn a_stage_of_an_order_is_known_to_every_version() {
    let order = About::Order { order: WorkOrderId(7) };
    let expecting = |about| {
        move |_: &mut Ticket, standing: &mut Standing| {
            standing.ladders.push((ladder(about, "arrived", &["later"]), 0));
        }
    };
    assert_eq!(met(expecting(order), SAME, &["later"]), []);
    assert_eq!(met(expecting(About::Ticket), SAME, &["later"]), one(ObstacleKind::Stage, "arrived"));
}

#[test]
fn a_timer_needs_its_handler_and_its_name_where_it_had_one() {
    let runs =
        |name: &'static str| move |_: &mut Ticket, standing: &mut Standing| standing.timers.push(key(name));
    assert_eq!(met(runs("remind"), SAME, &[]), one(ObstacleKind::Timer, "remind"));
    let renamed = ("key = \"remind\"", "key = \"remember\"");
    assert_eq!(met(runs("remind"), renamed, &["on_timer"]), one(ObstacleKind::Timer, "remind"));
    assert_eq!(met(runs("unnamed"), renamed, &["on_timer"]), []);
}

#[test]
fn an_answer_of_a_plugin_needs_the_function_that_it_goes_to() {
    let asks = |_: &mut Ticket, standing: &mut Standing| standing.answers.push(key("part_found"));
    assert_eq!(met(asks, SAME, &[]), one(ObstacleKind::Answer, "part_found"));
}
