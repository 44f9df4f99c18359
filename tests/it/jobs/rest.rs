//! Due rows are played at their time, and between times the runner rests.

use std::time::{Duration, Instant};

use naryad::domain::command::Command;
use naryad::domain::{Key, Span};

use super::Works;
use crate::helpers::TestDesk;

fn timer(works: &Works, ticket: naryad::domain::TicketId, in_how_long: Span) {
    let (name, run_at) = (Key::new("call_back").unwrap(), works.desk.now() + in_how_long);
    works.desk.does(Command::StartTimer { ticket, name, run_at }).unwrap();
}

fn settled(works: &Works) -> u64 {
    let mut wakes = works.counted().wakes;
    loop {
        std::thread::sleep(Duration::from_millis(200));
        match works.counted().wakes {
            now if now == wakes => return wakes,
            now => wakes = now,
        }
    }
}

#[test]
fn an_idle_runner_does_not_wake() {
    let mut works = Works::new();
    let client = works.desk.client("bank", "");
    works.start();
    let ticket = works.desk.opens(client, "lamp is dark");
    timer(&works, ticket, Span::days(3));
    let before = settled(&works);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(works.counted().wakes, before, "nothing was due and nothing was committed");
    works.desk.somebody("olga", naryad::domain::person::Role::Operator, None);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(works.counted().wakes, before, "a person is nothing to play");
    works.desk.opens(client, "another");
    works.wait_until("a ticket's event wakes it", |works| works.counted().wakes > before);
}

#[test]
fn a_timer_fires_at_its_time_and_not_before() {
    let mut works = Works::new();
    let client = works.desk.client("bank", "");
    works.start();
    let ticket = works.desk.opens(client, "call me back");
    timer(&works, ticket, Span::hours(2));
    works.pass(Span::hours(1));
    settled(&works);
    assert!(!works.desk.story(ticket).contains(&"timer_fired"));
    works.pass(Span::hours(1));
    works.wait_until("the timer fired", |works| works.desk.story(ticket).contains(&"timer_fired"));
    settled(&works);
    let fired = works.desk.story(ticket).into_iter().filter(|name| *name == "timer_fired").count();
    assert_eq!(fired, 1);
}

#[test]
fn a_backlog_after_downtime_is_played_in_order_at_a_bounded_rate() {
    let mut works = Works::new();
    let client = works.desk.client("bank", "");
    let tickets: Vec<_> = (0..250).map(|number| works.desk.opens(client, &format!("no {number}"))).collect();
    for (number, ticket) in tickets.iter().enumerate() {
        timer(&works, *ticket, Span::minutes(250 - number as i64));
    }
    works.desk.clock.pass(Span::days(1));
    let started = Instant::now();
    works.start();
    let has_fired = |works: &Works, ticket: &_| works.desk.story(*ticket).contains(&"timer_fired");
    works.wait_until("the last was played", |works| has_fired(works, &tickets[0]));
    assert!(started.elapsed() >= Duration::from_millis(500), "two pauses between three batches");
    let fired = |ticket: &_| {
        let events = works.desk.events(*ticket);
        events.iter().find(|recorded| recorded.event.name() == "timer_fired").unwrap().seq
    };
    let order: Vec<i64> = tickets.iter().map(fired).collect();
    assert!(order.windows(2).all(|pair| pair[0] > pair[1]), "the earliest first");
}

#[test]
fn on_the_machines_clock_nobody_needs_to_wake_it() {
    use naryad::clock::Clock;
    use naryad::commands::{Desk, Request};
    use naryad::domain::person::Actor;

    let folder = tempfile::tempdir().unwrap();
    let mut works = Works::new();
    let (tx, readers) = naryad::store::open(
        folder.path(),
        naryad::store::Durability::None,
        naryad::domain::id::IdMaker::new(1),
        Clock::Machine.now(),
    )
    .unwrap();
    let desk = Desk::start(tx, readers, Clock::Machine, Duration::from_secs(5)).unwrap();
    works.desk.desk = desk.clone();
    let client = works.desk.client("bank", "");
    works.start();
    let open = Command::OpenTicket(Box::new(TestDesk::request(client, "soon")));
    let ticket = desk.run(Request::new(Actor::Operator, open)).unwrap().ticket.unwrap();
    let run_at = desk.now() + Span::from_ms(400);
    let name = Key::new("call_back").unwrap();
    desk.run(Request::new(Actor::Operator, Command::StartTimer { ticket, name, run_at })).unwrap();
    works.wait_until("the timer fired by itself", |works| works.desk.story(ticket).contains(&"timer_fired"));
    let fired_at = works.desk.events(ticket).last().unwrap().recorded_at;
    let late = fired_at - run_at;
    assert!((0..2_000).contains(&late.ms()), "{} ms late", late.ms());
}
