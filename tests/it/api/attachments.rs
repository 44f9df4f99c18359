//! Files: uploaded, named by a command, read by whoever may read the ticket, never trusted.

use naryad::commands::personal::{FileLabel, record_upload};
use naryad::commands::{DeskError, upload};
use naryad::domain::person::{Actor, Role};
use naryad::domain::{PersonId, Span};
use naryad::http::{Settings, UPLOADS_AT_ONCE_MAX};
use naryad::store::{self, attachment::Attachment, files::Files};
use serde_json::json;
use std::time::Duration;

use super::{Answer, Site, id};

fn send(site: &Site, token: &str, name: &str, media_type: &str, bytes: &[u8]) -> Answer {
    site.ask("POST", &format!("/api/v1/attachments?name={name}"))
        .token(token)
        .header("Content-Type", media_type)
        .bytes(bytes)
        .send()
}

#[test]
fn a_file_is_read_by_whoever_may_read_its_ticket() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let olga = site.desk.somebody("olga", Role::Operator, None);
    let contact = site.desk.somebody("carl", Role::ClientContact, Some(client));
    let stranger = site.desk.somebody("eva", Role::ClientContact, Some(site.desk.client("other", "")));
    let ticket = site.desk.opens(client, "x");
    let (inside, outside, stranger) = (site.token(olga.id), site.token(contact.id), site.token(stranger.id));
    let bytes: Vec<u8> = (0..200_000_u32).map(|number| (number % 251) as u8).collect();
    let photo = send(&site, &inside, "%D1%84%D0%BE%D1%82%D0%BE.png", "image/png", &bytes).ok();
    assert_eq!((&photo["name"], &photo["bytes"]), (&"фото.png".into(), &200_000.into()));
    let path = format!("/{}", photo["url"].as_str().unwrap());
    let read = |token: &str| site.ask("GET", &path).token(token).send();
    assert_eq!(read(&inside).body, bytes);
    read(&outside).refused(404, "not_found");
    let comments = format!("/api/v1/tickets/{ticket}/comments");
    let comment = |visibility: &str, file: &str| json!({ "text": "see", "visibility": visibility, "attachments": [file] });
    site.post(&inside, &comments, &comment("public", id(&photo["id"]))).ok();
    assert_eq!(read(&outside).body, bytes);
    read(&stranger).refused(404, "not_found");
    let secret = send(&site, &inside, "secret.txt", "text/plain", b"internal").ok();
    site.post(&inside, &comments, &comment("internal", id(&secret["id"]))).ok();
    site.get(&outside, &format!("/{}", secret["url"].as_str().unwrap())).refused(404, "not_found");
    let page = site.get(&outside, &format!("/api/v1/tickets/{ticket}")).ok();
    assert_eq!(page["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(page["timeline"].as_array().unwrap().last().unwrap()["attachments"][0]["name"], "фото.png");
}

#[test]
fn a_file_is_never_run_by_the_browser() {
    let site = Site::new();
    let token = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    for (name, media_type, shown_as, disposition) in [
        ("a.png", "image/png", "image/png", "inline"),
        ("a.txt", "text/plain", "text/plain; charset=utf-8", "inline"),
        ("a.html", "text/html", "application/octet-stream", "attachment"),
        ("a.svg", "image/svg+xml", "application/octet-stream", "attachment"),
        ("a.js", "nonsense", "application/octet-stream", "attachment"),
    ] {
        let file = send(&site, &token, name, media_type, b"<script>alert(1)</script>").ok();
        let answer = site.get(&token, &format!("/{}", file["url"].as_str().unwrap()));
        assert_eq!(answer.header("content-type"), Some(shown_as), "{name}");
        assert!(answer.header("content-disposition").unwrap().starts_with(disposition), "{name}");
        assert!(answer.header("content-security-policy").unwrap().starts_with("sandbox"), "{name}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{name}");
        let saved = site.get(&token, &format!("/{}?download=1", file["url"].as_str().unwrap()));
        assert!(saved.header("content-disposition").unwrap().starts_with("attachment"), "{name}");
    }
    send(&site, &token, "", "text/plain", b"x").refused(422, "invalid");
    assert_eq!(send(&site, &token, "..%2F..%2Fetc%2Fpasswd", "text/plain", b"x").ok()["name"], "passwd");
}

#[test]
fn a_file_over_the_limit_is_refused_and_leaves_nothing() {
    let site = Site::with(Settings { attachment_bytes_max: 1_000, ..Settings::default() }, None);
    let token = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let refused = send(&site, &token, "a.bin", "application/zip", &[7; 1_001]).refused(413, "body_too_large");
    assert!(refused["message"].as_str().unwrap().contains("1000"), "{refused}");
    send(&site, &token, "a.bin", "application/zip", &[7; 1_000]).ok();
    let broken = site
        .ask("POST", "/api/v1/attachments?name=b.bin")
        .token(&token)
        .header("Content-Length", "900")
        .bytes(&[7; 10]);
    drop(broken.open());
    let folder = site.desk.folder.path().join("files");
    let waited = std::time::Instant::now();
    loop {
        let incoming =
            std::fs::read_dir(&folder).unwrap().flatten().filter(|entry| entry.path().is_file()).count();
        if incoming == 0 {
            break;
        }
        assert!(waited.elapsed().as_secs() < 10, "an upload that broke off stays on the disk");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Uploads that no command has named, without their files.
fn uploaded_before(site: &Site, person: PersonId, count: usize, bytes: i64) {
    let insert = move |tx: &store::Tx| -> Result<(), DeskError> {
        for _ in 0..count {
            let attachment = Attachment {
                id: tx.id(),
                sha256: "0".repeat(64),
                name: "before".to_owned(),
                media_type: "text/plain".to_owned(),
                bytes,
                uploaded_by: Actor::Person { person },
                uploaded_at: tx.now(),
                ticket: None,
                visibility: None,
            };
            store::attachment::insert(tx, &attachment)?;
        }
        Ok(())
    };
    site.desk.desk.aside_now(insert).unwrap();
}

#[test]
fn who_uploads_and_names_nothing_is_told_to_stop() {
    for (count, bytes) in [(99, 1), (4, 512 * 1024 * 1024 / 4 - 30)] {
        let site = Site::new();
        let ticket = site.desk.opens(site.desk.client("acme", ""), "x");
        let olga = site.desk.somebody("olga", Role::Operator, None).id;
        let token = site.token(olga);
        let boris = site.token(site.desk.somebody("boris", Role::Operator, None).id);
        uploaded_before(&site, olga, count, bytes);
        let last = send(&site, &token, "last.txt", "text/plain", b"fits").ok();
        let files = Files::open(site.desk.folder.path()).unwrap();
        let big = vec![7; 200];
        let over: &[u8] = if bytes > 1 { &big } else { b"one more" };
        let refused = send(&site, &token, "over.txt", "text/plain", over).refused(429, "too_many_uploads");
        assert!(refused["message"].as_str().unwrap().contains("512 MiB"), "{refused}");
        let with_key = site.ask("POST", "/api/v1/attachments?name=over.txt").token(&token);
        with_key.header("Idempotency-Key", "k").bytes(over).send().refused(429, "too_many_uploads");
        assert_eq!(files.hashes().unwrap().len(), 1, "what is refused leaves no file");
        send(&site, &boris, "mine.txt", "text/plain", over).ok();
        if bytes == 1 {
            let attach = json!({ "attachments": [last["id"]], "visibility": "internal" });
            site.post(&token, &format!("/api/v1/tickets/{ticket}/attachments"), &attach).ok();
            send(&site, &token, "over.txt", "text/plain", over).ok();
            send(&site, &token, "over.txt", "text/plain", over).refused(429, "too_many_uploads");
        }
        site.desk.clock.pass(Span::hours(25));
        send(&site, &token, "over.txt", "text/plain", over).ok();
    }
}

/// Everything in the folder of files, also what is still being written.
fn files_lying(site: &Site) -> usize {
    let entries = std::fs::read_dir(site.desk.folder.path().join("files"));
    let loose = entries.map_or(0, |entries| entries.flatten().filter(|entry| entry.path().is_file()).count());
    loose + Files::open(site.desk.folder.path()).unwrap().hashes().unwrap().len()
}

#[test]
fn a_file_with_a_bad_name_is_never_received() {
    let site = Site::new();
    let token = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    for (name, number) in ["", "...", "%2F", &"x".repeat(5_000)].iter().zip(0..) {
        let refused = send(&site, &token, name, "text/plain", format!("file {number}").as_bytes());
        assert_eq!((refused.status, refused.json()["error"]["field"].as_str()), (422, Some("name")));
        // Even before its bytes are there: they are announced and never sent.
        let ask = site.ask("POST", &format!("/api/v1/attachments?name={name}")).token(&token);
        assert_eq!(ask.header("Content-Length", "1000").send().status, 422);
    }
    assert_eq!(files_lying(&site), 0);
    send(&site, &token, "fine.txt", "text/plain", b"file").ok();
    assert_eq!(files_lying(&site), 1);
}

#[test]
fn uploads_at_once_do_not_pass_the_limit_and_leave_nothing() {
    let site = Site::new();
    let olga = site.desk.somebody("olga", Role::Operator, None).id;
    uploaded_before(&site, olga, upload::UNBOUND_COUNT_MAX - 1, 1);
    let desk = &site.desk.desk;
    // All find room before any has its row.
    let receive = |number: u8| {
        let begun = upload::begin(desk, olga, 1).unwrap().write(&[number]).unwrap();
        begun.finish(desk, olga, None).unwrap()
    };
    let received: Vec<_> = (0..4).map(receive).collect();
    assert_eq!(files_lying(&site), 4);
    let record = |received: upload::Received| {
        let label = FileLabel::new("a.txt", "text/plain").unwrap();
        desk.aside_now(move |tx| record_upload(tx, olga, received, label).map(drop))
    };
    let answers: Vec<_> = received.into_iter().map(record).collect();
    assert!(answers[0].is_ok(), "{answers:?}");
    for answer in &answers[1..] {
        assert!(matches!(answer, Err(DeskError::Refused(refusal)) if refusal.code() == "too_many_uploads"));
    }
    assert_eq!(files_lying(&site), 1, "the one that has a row");
}

#[test]
fn one_person_has_so_many_uploads_under_way_and_others_are_not_kept_from_theirs() {
    let site = Site::new();
    let olga = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let boris = site.token(site.desk.somebody("boris", Role::Operator, None).id);
    // Each has announced ten bytes and sent none; one that a busy desk turned away is followed by another.
    let mut under_way = Vec::new();
    let refused = (0..4 * UPLOADS_AT_ONCE_MAX).find_map(|_| {
        let ask = site.ask("POST", "/api/v1/attachments?name=a.txt").token(&olga);
        under_way.push(ask.header("Content-Type", "text/plain").header("Content-Length", "10").open());
        if under_way.len() < UPLOADS_AT_ONCE_MAX {
            return None;
        }
        std::thread::sleep(Duration::from_millis(100));
        let answer = send(&site, &olga, "b.txt", "text/plain", b"more");
        (answer.status != 200).then_some(answer)
    });
    refused.expect("one is too many").refused(429, "too_many_uploads_at_once");
    send(&site, &boris, "c.txt", "text/plain", b"others").ok();
    drop(under_way);
    let freed = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        send(&site, &olga, "d.txt", "text/plain", b"again").status == 200
    });
    assert!(freed, "uploads that broke off leave their places");
}
