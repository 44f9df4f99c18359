//! What a preview foretells is what a ticket gets: random calendars, targets, moments and pauses.

use naryad::domain::calendars::Terms;
use naryad::domain::command::{Command, TicketChanges};
use naryad::domain::event::Event;
use naryad::domain::ledger::Policy;
use naryad::domain::pack::Pack;
use naryad::domain::sla::{Pause, Preview, Question, preview};
use naryad::domain::{Key, Moment, Span, TicketId};
use naryad::store;

use crate::helpers::{SETTINGS, TestDesk};
use crate::simulation::random::Random;

const CASES: u64 = 12;
const ZONES: [&str; 5] =
    ["Asia/Yerevan", "Europe/Moscow", "America/New_York", "Australia/Lord_Howe", "Asia/Almaty"];

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// Settings with random hours, exceptions, targets and levels.
fn settings(random: &mut Random) -> String {
    let zone = random.one_of(&ZONES).unwrap();
    let from = 6 + random.below(6);
    let to = from + 4 + random.below(8);
    let first = 1 + random.below(400);
    let resolution = first + random.below(3_000);
    let day = 3 + random.below(20);
    let around_the_clock = random.percent(20);
    let hours = if around_the_clock {
        String::new()
    } else {
        format!(", hours = [{{ days = ['mon', 'tue', 'wed', 'fri'], from = '{from}:00', to = '{to}:30' }}]")
    };
    let calendar = format!(
        "calendar = {{ time_zone = '{zone}', exceptions = [{{ from = '2026-11-{day:02}', to = '2026-11-{:02}' }}]{hours}, \
         holidays = ['RU'] }}",
        day + 2
    );
    let start = SETTINGS.find("[[sla]]").unwrap();
    let end = SETTINGS.find("[contract]").unwrap();
    let text = format!(
        "{}[[sla]]\nfirst_response_minutes = {first}\nresolution_minutes = {resolution}\nwarn_percent = [50, 80, 100]\n\
         overdue_every_minutes = 45\n{}",
        &SETTINGS[..start],
        &SETTINGS[end..]
    );
    text.replace("calendar = { time_zone = \"Europe/Moscow\" }", &calendar)
}

#[test]
fn a_preview_is_what_a_ticket_gets() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let mut desk = TestDesk::new();
        desk.jobs_may_stay = true;
        let text = settings(&mut random);
        let client = desk.client_with("bank", "", &text);
        desk.pass(Span::minutes(i64::try_from(random.below(20_000)).unwrap()));
        let opened_at = desk.now();
        let ticket = desk.opens(client, "screen is dark");
        let pause = random.percent(60).then(|| {
            let from = opened_at + Span::minutes(i64::try_from(random.below(3_000)).unwrap());
            let to = from + Span::minutes(i64::try_from(random.below(3_000)).unwrap());
            Pause { from, to: random.percent(80).then_some(to), status: Some(key("waiting_for_client")) }
        });
        let (pack, calendars) = Pack::parse_with(&text, &Default::default()).unwrap();
        let question = Question {
            opened_at,
            priority: 3,
            category: None,
            site: None,
            terms: Terms::default(),
            pause: pause.clone(),
        };
        let told = preview(Policy { pack: &pack, calendars: &calendars }, &question).unwrap();
        assert_eq!(told.row, Some(1));
        let set = |status: &str| {
            let changes = TicketChanges { status: Some(key(status)), ..TicketChanges::default() };
            desk.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }).unwrap();
        };
        if let Some(pause) = &pause {
            desk.pass(pause.from - desk.now());
            set("waiting_for_client");
            if let Some(to) = pause.to {
                desk.pass(to - desk.now());
                set("new");
            }
        }
        let clocks = desk.read(|db| store::sla_clock::of_ticket(db, ticket));
        let calendar = calendars.of(&Terms::default());
        for target in &told.targets {
            let clock = clocks.iter().find(|clock| clock.target == target.target).unwrap();
            let is_past = target.due_at.is_some_and(|due| due <= desk.now());
            if !is_past {
                assert_eq!(clock.due_at(&calendar), target.due_at, "seed {seed}, {}", target.target);
            }
        }
        alarms_are_as_foretold(&desk, ticket, &told, seed);
    }
}

/// Plays on to the last alarm that was foretold.
fn alarms_are_as_foretold(desk: &TestDesk, ticket: TicketId, told: &Preview, seed: u64) {
    let last = told.targets.iter().flat_map(|target| &target.levels).filter_map(|level| level.at).max();
    if let Some(last) = last.filter(|last| *last > desk.now()) {
        desk.pass(last - desk.now());
    }
    let mut wanted: Vec<(Key, i64, i64, Moment)> = Vec::new();
    for target in &told.targets {
        let levels = target.levels.iter().filter_map(|level| {
            Some((target.target.clone(), level.percent, level.overdue_minutes, level.at?))
        });
        wanted.extend(levels);
    }
    let raised: Vec<(Key, i64, i64, Moment)> = desk
        .events(ticket)
        .into_iter()
        .filter_map(|recorded| match recorded.event {
            Event::SlaReached { target, percent, overdue_minutes, .. } => {
                Some((target, percent, overdue_minutes, recorded.occurred_at))
            }
            _ => None,
        })
        .collect();
    for alarm in &wanted {
        assert!(raised.contains(alarm), "seed {seed}: {alarm:?} was foretold, raised were {raised:?}");
    }
    for alarm in raised.iter().filter(|alarm| alarm.2 == 0) {
        assert!(wanted.contains(alarm), "seed {seed}: {alarm:?} was raised, foretold were {wanted:?}");
    }
}
