//! A call of the stock connector from a script's wish to the handler that takes the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use naryad::commands;
use naryad::domain::command::{Command, PluginAnswer, PluginAnswered, Switch};
use naryad::domain::person::Actor;
use naryad::domain::{Key, Span};
use naryad::store;
use naryad::store::job::JobState;
use serde_json::json;

use super::Works;
use crate::plugins::packages::{MANIFEST, with_manifest};
use crate::plugins::server::{self, Heard, Reply, Server};
use crate::plugins::{PARTS_STOCK, host_of};

pub fn stock(heard: &Heard) -> Reply {
    if heard.header("authorization") != Some("Bearer stock-pass-1") {
        return (401, vec![], vec![]);
    }
    let on_hand = if heard.target.contains("DISP") { 3 } else { 0 };
    server::json(json!({ "part": "x", "balances": [{ "store": "EVN", "on_hand": on_hand }] }))
}

pub fn works_for(server: &Server) -> Works {
    Works::with_private_hosts(&[host_of(&server.url("/"))])
}

#[test]
fn a_part_is_asked_for_and_the_answer_reaches_its_handler() {
    let server = Server::start(stock);
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    works.start();
    let ticket = works.desk.opens(client, "DISP-20/7");
    works.wait_until("the answer came", |works| works.tags(ticket) == ["here:DISP-20/7"]);
    let other = works.desk.opens(client, "NOPE");
    works.wait_until("the answer came", |works| works.tags(other) == ["elsewhere:NOPE"]);
    assert_eq!(
        works.desk.story(ticket),
        ["ticket_opened", "plugin_called", "plugin_answered", "tags_changed"]
    );
    let answered = &works.desk.events(ticket)[2];
    assert!(
        matches!(answered.actor, Actor::Plugin { client: of, .. } if of == client),
        "{:?}",
        answered.actor
    );
    let jobs = works.jobs();
    assert!(jobs.iter().all(|job| job.state == JobState::Done && job.attempts == 1), "{jobs:?}");
    // The counter follows the commit.
    works.wait_until("both are counted", |works| works.counted().done == 2);
    let stored = works.desk.read(|db| store::plugin::of_client(db, client, "parts-stock")).unwrap();
    assert!(!format!("{stored:?}").contains("stock-pass"), "the secret is sealed in the database");
}

#[test]
fn the_answer_and_the_jobs_end_commit_together() {
    let server = Server::start(stock);
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    let tickets: Vec<_> = (0..20).map(|_| works.desk.opens(client, "DISP")).collect();
    works.start();
    let mut is_over = false;
    while !is_over {
        works.desk.read(|db| {
            let mut done = 0;
            for ticket in &tickets {
                let job = store::job::of_ticket(db, *ticket)?.remove(0);
                let events = store::event::of_ticket(db, *ticket)?;
                let answers = events.iter().filter(|one| one.event.name() == "plugin_answered").count();
                let tags = store::ticket::get(db, *ticket)?.unwrap().tags.len();
                let is_done = usize::from(job.state == JobState::Done);
                assert_eq!((answers, tags), (is_done, is_done), "{job:?}");
                done += is_done;
            }
            is_over = done == tickets.len();
            Ok(())
        });
    }
}

#[test]
fn a_job_whose_worker_vanished_runs_again_after_its_lease() {
    let server = Server::start(stock);
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    let ticket = works.desk.opens(client, "DISP");
    // A worker that takes the job and is never seen again.
    let lost =
        works.desk.desk.aside_now(|tx| Ok(commands::lease_jobs(tx, naryad::jobs::LEASE, 10)?)).unwrap();
    assert_eq!(lost.len(), 1);
    works.start();
    works.pass(Span::minutes(1));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(works.jobs()[0].state, JobState::Leased, "the lease still holds");
    works.pass(Span::minutes(1));
    works.wait_until("the job ran again", |works| works.tags(ticket) == ["here:DISP"]);
    assert_eq!((works.jobs()[0].attempts, works.jobs()[0].state), (2, JobState::Done));
    // The first worker comes back after all: its answer is one too many.
    let late = PluginAnswered {
        ticket,
        job: Some(lost[0].id),
        plugin: Key::new("parts-stock").unwrap(),
        function: Key::new("in_stock").unwrap(),
        then: Some(Key::new("stock_known").unwrap()),
        context: json!({ "part": "LATE" }),
        answer: PluginAnswer::Ok { value: json!({ "ok": true, "local": true, "quantity": 1 }) },
    };
    works.desk.does(Command::PluginAnswered(Box::new(late))).unwrap();
    assert_eq!(works.tags(ticket), ["here:DISP"]);
}

#[test]
fn a_slow_plugin_keeps_to_its_bound_and_holds_nobody_else_up() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counters = (Arc::clone(&running), Arc::clone(&most));
    let slow = Server::start(move |heard| {
        let now = counters.0.fetch_add(1, Ordering::SeqCst) + 1;
        counters.1.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(400));
        counters.0.fetch_sub(1, Ordering::SeqCst);
        stock(heard)
    });
    let quick = Server::start(stock);
    let mut works = Works::with_private_hosts(&[host_of(&slow.url("/")), host_of(&quick.url("/"))]);
    let (slow_bank, quick_bank) =
        (works.client_with_stock("slow", &slow), works.client_with_stock("quick", &quick));
    let slow_ones: Vec<_> = (0..10).map(|_| works.desk.opens(slow_bank, "DISP")).collect();
    let ticket = works.desk.opens(quick_bank, "DISP");
    works.start();
    works.wait_until("the quick one was answered", |works| !works.tags(ticket).is_empty());
    assert!(works.tags(slow_ones[9]).is_empty(), "the slow ones are still under way");
    works.wait_until("the slow ones were answered", |works| works.counted().done == 11);
    assert_eq!(most.load(Ordering::SeqCst), 2, "no more than two calls of one plugin at once");
}

#[test]
fn a_plugin_that_is_switched_off_meanwhile_fails_the_call_and_tells_the_script() {
    let server = Server::start(stock);
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    let ticket = works.desk.opens(client, "DISP");
    let installed = works.desk.read(|db| store::plugin::of_client(db, client, "parts-stock")).unwrap();
    let off = Command::SetPluginEnabled { installation: installed.id, state: Switch::Off };
    works.desk.does(off).unwrap();
    works.start();
    works.wait_until("the script was told", |works| works.tags(ticket) == ["failed"]);
    assert!(server.heard().is_empty());
}

#[test]
fn an_emptied_plugin_folder_fills_itself_again() {
    let server = Server::start(stock);
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    std::fs::remove_dir_all(works.desk.folder.path().join("plugins")).unwrap();
    let hosts = [host_of(&server.url("/"))];
    works.outside.host = Works::with_private_hosts(&hosts).outside.host.clone();
    works.start();
    let ticket = works.desk.opens(client, "DISP");
    works.wait_until("the answer came", |works| works.tags(ticket) == ["here:DISP"]);
}

#[test]
fn an_update_and_the_way_back_lose_no_call() {
    let (held, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (holds, opens) = (Arc::clone(&held), Arc::clone(&gate));
    let server = Server::start(move |heard| {
        holds.fetch_add(1, Ordering::SeqCst);
        while opens.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        stock(heard)
    });
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    works.start();
    let first = works.desk.opens(client, "DISP");
    works.wait_until("the call is under way", |_| held.load(Ordering::SeqCst) == 1);
    let stands =
        |works: &Works| works.desk.read(|db| store::plugin::of_client(db, client, "parts-stock")).unwrap();
    let old = stands(&works).package_sha256;
    works.installs("bank", &server, with_manifest(PARTS_STOCK, &MANIFEST.replace("0.1.0", "0.1.1")));
    assert_ne!(stands(&works).package_sha256, old);
    let second = works.desk.opens(client, "NOPE");
    works.wait_until("the next call is under way too", |_| held.load(Ordering::SeqCst) == 2);
    works.installs("bank", &server, PARTS_STOCK.to_vec());
    assert_eq!(stands(&works).package_sha256, old);
    gate.store(1, Ordering::SeqCst);
    works.wait_until("both were answered", |works| {
        works.tags(first) == ["here:DISP"] && works.tags(second) == ["elsewhere:NOPE"]
    });
    assert!(
        works.jobs().iter().all(|job| job.state == JobState::Done && job.attempts == 1),
        "{:?}",
        works.jobs()
    );
    assert_eq!(held.load(Ordering::SeqCst), 2, "each was asked once");
}
