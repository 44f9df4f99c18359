//! Failed attempts come back later and later, are given up, shown, and replayed by a person.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use naryad::commands::DeskError;
use naryad::domain::Span;
use naryad::domain::command::Command;
use naryad::domain::person::Role;
use naryad::jobs::{ATTEMPTS_MAX, BREAKER_FAILURES_MAX};
use naryad::store;
use naryad::store::job::JobState;

use super::Works;
use super::calls::{stock, works_for};
use crate::plugins::server::Server;

/// A stock system that is out of order until the test says otherwise.
fn moody() -> (Server, Arc<AtomicBool>) {
    let is_well = Arc::new(AtomicBool::new(false));
    let mood = Arc::clone(&is_well);
    let server =
        Server::start(
            move |heard| {
                if mood.load(Ordering::SeqCst) { stock(heard) } else { (503, vec![], vec![]) }
            },
        );
    (server, is_well)
}

fn failed_attempts(works: &Works) -> i64 {
    let job = works.jobs().remove(0);
    if job.state == JobState::Leased { job.attempts - 1 } else { job.attempts }
}

/// The breaker puts the job off; time passes until it lets one go.
fn is_left_alone(works: &Works) {
    works.wait_until("it is left alone", |works| {
        let job = works.jobs().remove(0);
        job.state == JobState::Waiting && job.last_error.is_some_and(|error| error.contains("in a row"))
    });
    works.pass(works.jobs()[0].run_at - works.desk.now());
}

#[test]
fn a_failing_call_backs_off_dies_visibly_and_is_replayed() {
    let (server, is_well) = moody();
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    works.start();
    let ticket = works.desk.opens(client, "DISP");
    let mut pauses = Vec::new();
    for attempt in 1..ATTEMPTS_MAX {
        works.wait_until("the attempt failed", |works| failed_attempts(works) == attempt);
        let job = works.jobs().remove(0);
        assert_eq!(job.state, JobState::Waiting);
        assert!(job.last_error.as_ref().unwrap().contains("(busy)"), "{job:?}");
        let pause = job.run_at - works.desk.now();
        pauses.push(pause.ms());
        works.pass(Span::from_ms(pause.ms() - 1));
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(works.jobs()[0].attempts, attempt, "not before its time");
        works.pass(Span::from_ms(1));
        if attempt >= i64::from(BREAKER_FAILURES_MAX) {
            // By now the plugin is left alone for longer than the job alone would wait.
            is_left_alone(&works);
        }
    }
    assert!(pauses.windows(2).all(|pair| pair[1] == pair[0] * 2), "{pauses:?}");
    works.wait_until("it was given up", |works| works.jobs()[0].state == JobState::Dead);
    assert_eq!(server.heard().len() as i64, ATTEMPTS_MAX);
    assert_eq!(works.desk.story(ticket).last(), Some(&"job_died"));
    // The runner counts after the commit.
    works.wait_until("it was counted", |works| works.counted().died == 1);
    assert_eq!(works.counted().dead, 1);

    is_well.store(true, Ordering::SeqCst);
    let job = works.jobs()[0].id;
    let elsewhere = works.desk.client("elsewhere", "");
    for (login, role, of, code) in [
        ("theirs", Role::Supervisor, elsewhere, "not_found"),
        ("contact", Role::ClientContact, client, "not_found"),
        ("olga", Role::Operator, client, "forbidden"),
    ] {
        let person = works.desk.somebody(login, role, Some(of));
        for command in [Command::ReplayJob { job }, Command::DropJob { job, reason: None }] {
            let refused = person.does(command).unwrap_err();
            assert!(matches!(&refused, DeskError::Refused(why) if why.code() == code), "{login}: {refused}");
        }
    }
    let supervisor = works.desk.somebody("sona", Role::Supervisor, None);
    supervisor.does(Command::ReplayJob { job }).unwrap();
    is_left_alone(&works);
    works.wait_until("the replay was answered", |works| works.tags(ticket) == ["here:DISP"]);
    assert_eq!(works.counted().dead, 0);
}

#[test]
fn a_failure_that_will_repeat_is_told_to_the_script_at_once() {
    let server = Server::start(|_| (401, vec![], vec![]));
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    works.start();
    let ticket = works.desk.opens(client, "DISP");
    works.wait_until("the script was told", |works| works.tags(ticket) == ["failed"]);
    assert_eq!((works.jobs()[0].state, works.jobs()[0].attempts), (JobState::Done, 1));
}

#[test]
fn a_job_that_takes_its_worker_down_each_time_is_given_up() {
    let (server, _) = moody();
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    works.desk.opens(client, "DISP");
    for _ in 0..ATTEMPTS_MAX {
        let lease = |tx: &store::Tx| Ok(naryad::commands::lease_jobs(tx, naryad::jobs::LEASE, 1)?);
        assert_eq!(works.desk.desk.aside_now(lease).unwrap().len(), 1);
        works.desk.clock.pass(naryad::jobs::LEASE);
    }
    works.start();
    works.wait_until("it was given up", |works| works.jobs()[0].state == JobState::Dead);
    assert!(works.jobs()[0].last_error.as_ref().unwrap().contains("were cut off"));
    assert!(server.heard().is_empty());
    works.desk.jobs_may_stay = true;
}

#[test]
fn a_held_outbox_keeps_still_until_it_is_released() {
    let server = Server::start(stock);
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    let hold = |tx: &store::Tx| Ok(store::setting::put(tx, store::setting::OUTBOX_HELD, "restored")?);
    works.desk.desk.aside_now(hold).unwrap();
    works.start();
    let ticket = works.desk.opens(client, "DISP");
    std::thread::sleep(Duration::from_millis(300));
    let wakes = works.counted().wakes;
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(works.counted().wakes, wakes, "waiting for a person is rest, too");
    assert_eq!(works.jobs()[0].attempts, 0);
    works.desk.does(Command::ReleaseOutbox).unwrap();
    works.wait_until("it went out", |works| works.tags(ticket) == ["here:DISP"]);
}

#[test]
fn stopping_leaves_what_is_under_way_to_its_lease() {
    let server = Server::start(|heard| {
        std::thread::sleep(Duration::from_secs(9));
        stock(heard)
    });
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    works.start();
    works.desk.opens(client, "DISP");
    works.wait_until("the call is under way", |_| server.heard().len() == 1);
    let started = std::time::Instant::now();
    works.stop();
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert_eq!(works.jobs()[0].state, JobState::Leased);
    works.desk.jobs_may_stay = true;
}
