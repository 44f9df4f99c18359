//! What is old enough goes; what anything still names stays.

use std::time::{Duration, SystemTime};

use naryad::commands::{DeskError, Idempotency, Request};
use naryad::config::Retention;
use naryad::domain::command::Command;
use naryad::domain::event::Visibility;
use naryad::domain::person::Actor;
use naryad::domain::{AttachmentId, Span};
use naryad::store;
use naryad::store::attachment::Attachment;

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
    let retention = Retention { run_days: 30, job_days: 10 };
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
    assert_eq!((clean_up(&works) as i64, counts()), (runs, (0, 0, 0)));
    assert_eq!(works.outside.files.hashes().unwrap().len(), 1, "the plugin's package");
}
