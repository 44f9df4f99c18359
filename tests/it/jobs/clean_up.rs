//! What is old enough goes; what anything still names stays.

use std::time::{Duration, SystemTime};

use naryad::commands::why::explain_run;
use naryad::commands::{DeskError, Idempotency, Request};
use naryad::config::Retention;
use naryad::domain::command::{Command, Recipient};
use naryad::domain::event::Visibility;
use naryad::domain::person::{Actor, Role};
use naryad::domain::{AttachmentId, ClientId, Key, Span};
use naryad::jobs::FREE_PAGES_KEPT;
use naryad::store::attachment::Attachment;
use naryad::store::job::{Job, JobState};
use naryad::store::{self, sqlite};
use serde_json::json;

use super::Works;
use super::calls::{stock, works_for};
use crate::helpers::TestDesk;
use crate::plugins::server::Server;

fn uploads(works: &Works, words: &str) -> (AttachmentId, String) {
    let stored = works.outside.files.put(words.as_bytes()).unwrap();
    let sha256 = stored.sha256.clone();
    let insert = move |tx: &store::Tx| -> Result<AttachmentId, DeskError> {
        let attachment = Attachment {
            id: tx.id(),
            sha256: stored.sha256,
            name: "act.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: stored.bytes as i64,
            uploaded_by: Actor::Operator,
            uploaded_at: tx.now(),
            ticket: None,
            visibility: None,
        };
        store::attachment::insert(tx, &attachment)?;
        Ok(attachment.id)
    };
    (works.desk.desk.aside_now(insert).unwrap(), sha256)
}

fn all_files_grow_old(works: &Works) {
    for hash in works.outside.files.hashes().unwrap() {
        let file = std::fs::File::open(works.outside.files.path(&hash)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(25 * 3_600)).unwrap();
    }
}

fn clean_up(works: &Works) -> usize {
    let retention = Retention { run_days: 30, job_days: 10, ..Retention::default() };
    works.block_on(naryad::jobs::clean_up(&works.desk.desk, &works.outside.files, &retention)).unwrap()
}

#[test]
fn uploads_that_nobody_named_vanish_with_their_files_after_a_day() {
    let works = Works::new();
    let client = works.desk.client("bank", "");
    let ticket = works.desk.opens(client, "with an act");
    let (named, kept) = uploads(&works, "signed act");
    let (unnamed, lost) = uploads(&works, "the wrong photo");
    let attachments = vec![named];
    let visibility = Visibility::Internal;
    works.desk.does(Command::AddAttachments { ticket, attachments, visibility }).unwrap();
    works.desk.clock.pass(Span::hours(23));
    all_files_grow_old(&works);
    assert_eq!(clean_up(&works), 0);
    works.desk.clock.pass(Span::hours(2));
    assert_eq!(clean_up(&works), 2, "the row and its file");
    assert_eq!(works.outside.files.hashes().unwrap(), [kept]);
    works.desk.read(|db| {
        assert!(store::attachment::get(db, unnamed)?.is_none());
        assert!(store::attachment::get(db, named)?.is_some());
        Ok(())
    });
    assert_ne!(works.outside.files.stored_at(&lost), Some(SystemTime::now()));
}

#[test]
fn a_file_that_was_stored_again_lately_stays() {
    let works = Works::new();
    let stored = works.outside.files.put(&b"the same photo"[..]).unwrap();
    all_files_grow_old(&works);
    works.outside.files.put(&b"the same photo"[..]).unwrap();
    assert_eq!(clean_up(&works), 0);
    all_files_grow_old(&works);
    assert_eq!(clean_up(&works), 1);
    assert!(!works.outside.files.path(&stored.sha256).exists());
}

fn rows(works: &Works, table_and_condition: &str) -> i64 {
    let sql = format!("select count(*) from {table_and_condition}");
    works.desk.read(|db| Ok(db.connection().query_row(&sql, [], |row| row.get(0))?))
}

#[test]
fn a_failed_run_is_known_longer_than_what_it_read() {
    let works = Works::new();
    let client =
        works.desk.client("bank", "fn on_opened(ticket) { if ticket.subject == \"x\" { throw \"no\"; } }");
    let ticket = works.desk.opens(client, "x");
    let run = || works.desk.read(|db| store::run::of_ticket(db, ticket)).pop();
    let fresh = run().unwrap();
    assert_eq!(fresh.state, store::run::RunState::Failed);
    assert_ne!(fresh.facts, json!([]));
    explain_run(&works.desk.desk, fresh.id).unwrap();
    works.desk.clock.pass(Span::days(29));
    clean_up(&works);
    assert_eq!(run().unwrap(), fresh);
    works.desk.clock.pass(Span::days(2));
    assert_eq!(clean_up(&works), 1);
    assert_eq!(clean_up(&works), 0, "forgotten once");
    let old = run().unwrap();
    assert_eq!((old.facts.as_str(), old.commands.as_str(), old.occasion.as_str()), ("[]", "[]", "null"));
    assert_eq!((&old.failure, old.id), (&fresh.failure, fresh.id));
    let error = explain_run(&works.desk.desk, fresh.id).unwrap_err().to_string();
    assert!(error.contains("retention.run_days"), "{error}");
    works.desk.clock.pass(Span::days(700));
    clean_up(&works);
    assert_eq!(run(), None);
}

/// Runs and failures of the last hour, day and month.
fn rates(works: &Works, client: ClientId) -> [(i64, i64); 3] {
    let since = [Span::hours(1), Span::hours(24), Span::days(30)].map(|span| works.desk.now() - span);
    let mut all = works.desk.read(|db| store::run_hour::rates(db, client, since));
    assert!(all.len() < 2, "{all:?}");
    all.pop().map(|own| own.periods).unwrap_or_default()
}

#[test]
fn what_a_month_of_runs_comes_to_is_counted_by_the_hour_and_outlives_them() {
    let works = Works::new();
    let client =
        works.desk.client("bank", "fn on_opened(ticket) { if ticket.subject == \"x\" { throw \"no\"; } }");
    assert_eq!(rates(&works, client), [(0, 0); 3]);
    // Every 17 minutes of three days, each third run fails: hours begin and end between them.
    let mut at = Vec::new();
    for number in 0..254 {
        works.desk.opens(client, if number % 3 == 0 { "x" } else { "y" });
        at.push((works.desk.now(), number % 3 == 0));
        works.desk.clock.pass(Span::minutes(17));
        let wanted = [Span::hours(1), Span::hours(24), Span::days(30)].map(|span| {
            let since = works.desk.now() - span;
            let own = at.iter().filter(|(moment, _)| *moment >= since);
            let failed = own.clone().filter(|(_, failed)| *failed);
            (own.count() as i64, failed.count() as i64)
        });
        assert_eq!(rates(&works, client), wanted, "run {number}");
        if number % 40 == 0 {
            clean_up(&works);
            assert_eq!(rates(&works, client), wanted, "counted behind run {number}");
        }
        // The quarantine of a script that fails so often is another matter.
        works.desk.does(Command::ReleaseQuarantine { client }).ok();
    }
    assert!(rows(&works, "run_hour") > 60);
    works.desk.clock.pass(Span::days(29));
    clean_up(&works);
    let [_, _, (runs, _)] = rates(&works, client);
    assert!(runs > 80 && runs < 254, "the days that are still within the month: {runs}");
    works.desk.clock.pass(Span::days(10));
    clean_up(&works);
    assert_eq!((rates(&works, client), rows(&works, "run_hour")), ([(0, 0); 3], 0));
}

#[test]
fn dead_jobs_the_journal_and_read_notifications_go_after_their_time() {
    let works = Works::new();
    let client = works.desk.client("bank", "");
    let ticket = works.desk.opens(client, "x");
    let olga = works.desk.somebody("olga", Role::Operator, None).id;
    for state in [JobState::Dead, JobState::Dropped] {
        let insert = move |tx: &store::Tx| -> Result<(), DeskError> {
            let job = Job {
                id: tx.id(),
                kind: Key::new("call_plugin").unwrap(),
                client: Some(client),
                ticket: Some(ticket),
                body: json!({}),
                state,
                run_at: tx.now(),
                attempts: 1,
                lease_until: None,
                last_error: None,
                created_at: tx.now(),
                finished_at: Some(tx.now()),
                lane: None,
            };
            Ok(store::job::insert(tx, &job)?)
        };
        works.desk.desk.aside_now(insert).unwrap();
    }
    let (to, text) = (Recipient::Person { person: olga }, Some("look".to_owned()));
    works
        .desk
        .does(Command::Notify { ticket, to: to.clone(), template: None, text: text.clone(), order: None })
        .unwrap();
    let read = Command::ReadNotifications { up_to: None };
    works.desk.desk.run(Request::new(Actor::Person { person: olga }, read)).unwrap();
    works.desk.does(Command::Notify { ticket, to, template: None, text, order: None }).unwrap();
    let journal = rows(&works, "journal");
    assert!(journal > 4);
    let counts = || {
        ["job where state = 'dead'", "job where state = 'dropped'", "journal", "notification"]
            .map(|what| rows(&works, what))
    };
    for (days, left) in [
        (9, [1, 1, journal, 2]),
        (2, [1, 0, journal, 2]),
        (78, [1, 0, journal, 2]),
        (2, [0, 0, journal, 1]),
        (308, [0, 0, journal, 1]),
        (2, [0, 0, 0, 1]),
    ] {
        works.desk.clock.pass(Span::days(days));
        clean_up(&works);
        assert_eq!(counts(), left, "{}", works.desk.now());
    }
}

#[test]
fn a_file_that_shrank_inside_shrinks_outside_but_for_some_spare_pages() {
    let works = Works::new();
    let client = works.desk.client("bank", "");
    let ticket = works.desk.opens(client, "x");
    let version = works.desk.ticket(ticket).pack_version.unwrap();
    let insert = move |tx: &store::Tx| -> Result<(), DeskError> {
        for _ in 0..800 {
            let run = store::run::Run {
                id: tx.id(),
                client,
                ticket: Some(ticket),
                pack_version: version,
                handler: "on_opened".to_owned(),
                occasion: "{}".to_owned(),
                facts: format!("[\"{}\"]", "x".repeat(20_000)),
                commands: "[]".to_owned(),
                state: store::run::RunState::Applied,
                failure: None,
                operations: 1,
                micros: 1,
                at: tx.now(),
            };
            store::run::insert(tx, &run)?;
        }
        Ok(())
    };
    works.desk.desk.aside_now(insert).unwrap();
    let pages =
        || works.desk.read(|db| Ok(db.connection().query_row("pragma page_count", [], |row| row.get(0))?));
    let before: i64 = pages();
    clean_up(&works);
    assert_eq!(pages(), before, "nothing is old");
    works.desk.clock.pass(Span::days(31));
    clean_up(&works);
    let after = pages();
    assert!(after < before - 1_500, "{before} pages, then {after}");
    assert_eq!(works.desk.read(sqlite::free_pages), FREE_PAGES_KEPT);
}

#[test]
fn done_jobs_answers_and_runs_go_after_their_time_and_packages_stay() {
    let server = Server::start(stock);
    let mut works = works_for(&server);
    let client = works.client_with_stock("bank", &server);
    works.start();
    let open = Command::OpenTicket(Box::new(TestDesk::request(client, "DISP")));
    let mut request = Request::new(Actor::Operator, open);
    request.idempotency = Some(Idempotency { key: "k".to_owned(), request_sha256: "r".to_owned() });
    let ticket = works.desk.desk.run(request).unwrap().ticket.unwrap();
    works.wait_until("the answer came", |works| works.tags(ticket) == ["here:DISP"]);
    works.stop();
    all_files_grow_old(&works);
    let rows = |table: &str| -> i64 {
        let sql = format!("select count(*) from {table}");
        works.desk.read(|db| Ok(db.connection().query_row(&sql, [], |row| row.get(0))?))
    };
    let counts = || (rows("idempotency"), rows("job"), rows("run"));
    let runs = rows("run");
    assert!(runs >= 2);
    works.desk.clock.pass(Span::days(2));
    assert_eq!((clean_up(&works), counts()), (1, (0, 1, runs)));
    works.desk.clock.pass(Span::days(9));
    assert_eq!((clean_up(&works), counts()), (1, (0, 0, runs)));
    works.desk.clock.pass(Span::days(20));
    let calls = rows("plugin_call");
    assert_eq!((calls, rows("plugin_seen")), (1, 0));
    assert_eq!((clean_up(&works) as i64, counts()), (runs + calls, (0, 0, 0)));
    assert_eq!(works.outside.files.hashes().unwrap().len(), 1, "the plugin's package");
}
