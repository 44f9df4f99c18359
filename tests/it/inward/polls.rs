//! The job that polls: one for each installation, from its interval, on and off with it.

use naryad::domain::Span;
use naryad::domain::command::{Command, JobEnd, PollEnd, SetPollInterval, Switch, TakeItems};
use naryad::store::job::{Job, JobState};
use naryad::store::{self};
use serde_json::json;

use super::{installs, jobs, mirror};
use crate::helpers::{TestDesk, refusal};

fn polls(desk: &TestDesk) -> Vec<Job> {
    jobs(desk, "poll_plugin").into_iter().filter(|job| job.finished_at.is_none()).collect()
}

fn leases(desk: &TestDesk) -> Vec<Job> {
    let lease = |tx: &store::Tx| Ok(naryad::commands::lease_jobs(tx, Span::minutes(1), 10)?);
    desk.desk.aside_now(lease).unwrap()
}

#[test]
fn an_installation_is_polled_as_its_manifest_says_or_its_administrator() {
    let (desk, _, plugin) = mirror("");
    let job = polls(&desk).remove(0);
    assert_eq!((job.state, job.run_at), (JobState::Waiting, desk.now()), "at once at first");
    leases(&desk);
    let page = |from: Option<&str>, to: &str, more| {
        let end = PollEnd { from: from.map(str::to_owned), to: Some(to.to_owned()), more };
        TakeItems { job: Some(job.id), poll: Some(end), ..plugin.answer(json!([])) }
    };
    plugin.hands_in(&desk, page(None, "c1", true)).unwrap();
    assert_eq!(polls(&desk)[0].run_at, desk.now(), "more: the next page at once");
    leases(&desk);
    plugin.hands_in(&desk, page(Some("c1"), "c1", true)).unwrap();
    assert_eq!(
        polls(&desk)[0].run_at,
        desk.now() + Span::minutes(1),
        "a cursor that stands still is no next page"
    );
    let set = |every| Command::SetPollInterval(SetPollInterval { installation: plugin.id, every });
    desk.does(set(Some(Span::seconds(20)))).unwrap();
    assert_eq!(polls(&desk)[0].run_at, desk.now() + Span::seconds(20));
    assert_eq!(refusal(desk.does(set(Some(Span::seconds(1))))), "invalid");
    desk.does(set(None)).unwrap();
    assert_eq!(polls(&desk)[0].run_at, desk.now() + Span::minutes(1));
    // Days without the desk: one poll is due, not thousands.
    desk.clock.pass(Span::days(3));
    assert_eq!(leases(&desk).len(), 1);
}

#[test]
fn the_switch_takes_the_poll_away_and_brings_it_back() {
    let (desk, _, plugin) = mirror("");
    let turn = |state| desk.does(Command::SetPluginEnabled { installation: plugin.id, state }).unwrap();
    turn(Switch::Off);
    assert!(polls(&desk).is_empty());
    turn(Switch::On);
    turn(Switch::On);
    assert_eq!(polls(&desk).len(), 1);
    // Off in the middle of a poll: what it brings is refused, and the switch stands.
    let job = leases(&desk).remove(0);
    turn(Switch::Off);
    let page = TakeItems { job: Some(job.id), ..plugin.page(None, "c1", json!([])) };
    assert_eq!(refusal(plugin.hands_in(&desk, page)), "plugin_is_off");
    let dropped = JobEnd::Dropped { why: "off".to_owned() };
    let end = Command::EndJob { job: job.id, end: dropped };
    desk.desk.run(naryad::commands::Request::new(naryad::domain::person::Actor::Clock, end)).unwrap();
    assert!(polls(&desk).is_empty());
    turn(Switch::On);
    assert_eq!(polls(&desk).len(), 1);
}

#[test]
fn what_may_not_be_polled_is_not() {
    let (desk, client, _) = mirror("");
    let mut grant = super::quiet_grant();
    grant["poll"] = json!(false);
    let before = polls(&desk).len();
    installs(&desk, client, "silent", grant);
    assert_eq!(polls(&desk).len(), before);
}

#[test]
fn a_postponed_attempt_does_not_count() {
    let (desk, _, _) = mirror("");
    let job = leases(&desk).remove(0);
    assert_eq!(job.attempts, 1);
    let at = desk.now() + Span::minutes(1);
    let end = Command::EndJob { job: job.id, end: JobEnd::Postponed { at, why: "later".to_owned() } };
    desk.desk.run(naryad::commands::Request::new(naryad::domain::person::Actor::Clock, end)).unwrap();
    let job = polls(&desk).remove(0);
    assert_eq!((job.state, job.attempts, job.run_at), (JobState::Waiting, 0, at));
}
