//! A desk with a million tickets: how it starts, what it holds in memory, how lists and searches answer.

use std::path::Path;
use std::time::Instant;

use naryad::domain::Key;
use naryad::domain::event::{Event, Speaker, Visibility};
use naryad::store::{self, Tx};
use rusqlite::Connection;

use super::Options;
use super::client::Client;
use super::desk::{self, Made};
use super::figures::{Times, line, milliseconds, section};
use super::server::Server;

/// Tickets that are made in one transaction.
const CHUNK: i64 = 20_000;
/// Bits of an id below its milliseconds.
const SEQUENCE_BITS: i64 = 21;
const REQUESTS: usize = 200;
const EVENTS_OF_A_TICKET: i64 = 10;
const STATUSES: [(&str, &str); 5] = [
    ("closed", "closed"),
    ("resolved", "resolved"),
    ("in_work", "open"),
    ("new", "new"),
    ("waiting_for_client", "open"),
];
const SUBJECTS: [&str; 8] = [
    "Чековый принтер заминает бумагу",
    "The screen of the lobby machine stays dark",
    "Купюра застряла в приёмнике",
    "Network is down at the branch",
    "Картридер не читает карты",
    "Door sensor alarms every night",
    "Нет связи с хостом",
    "Keyboard of the teller does not answer",
];

pub fn desk(folder: &Path, options: Options) {
    let events = options.tickets * EVENTS_OF_A_TICKET;
    section(&format!("A desk with {} tickets and {events} events", options.tickets));
    let made = desk::make(folder);
    let started = Instant::now();
    fill(folder, &made, options.tickets);
    let bytes = std::fs::metadata(store::sqlite::database_path(folder)).map_or(0, |file| file.len());
    println!("  made in {:.0} s, {:.2} GB", started.elapsed().as_secs_f64(), bytes as f64 / 1e9);
    let server = Server::start(folder);
    println!("  start until the door is open       {:.0} ms", milliseconds(server.start_time));
    println!("  memory after the start             {:.0} MB", server.memory_mb());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(read(&server, &made, options.tickets));
    println!("  memory after the reads             {:.0} MB", server.memory_mb());
}

async fn read(server: &Server, made: &Made, tickets: i64) {
    let mut client = Client::connect(server.address, &made.token).await.expect("the server listens");
    let person = made.people[3];
    let lists = [
        ("list: newest", "/api/v1/tickets?limit=50".to_owned()),
        ("list: active, by due", "/api/v1/tickets?phase=active&sort=due&limit=50".to_owned()),
        ("list: active, by priority", "/api/v1/tickets?phase=active&sort=priority&limit=50".to_owned()),
        ("list: one status", "/api/v1/tickets?status=waiting_for_client&limit=50".to_owned()),
        (
            "list: one queue, updated",
            "/api/v1/tickets?queue=support&phase=active&sort=updated&limit=50".to_owned(),
        ),
        ("list: one assignee", format!("/api/v1/tickets?assignee={person}&phase=active&limit=50")),
        ("counts of the inbox", "/api/v1/counts".to_owned()),
        ("search: a rare word", format!("/api/v1/tickets?q=marker{}", tickets / 2)),
        ("search: a common word", format!("/api/v1/tickets?q={PRINTER}&limit=50")),
        ("search: two common words", "/api/v1/tickets?q=lobby%20screen&limit=50".to_owned()),
        ("a ticket by its number", format!("/api/v1/tickets/BENCH-{}", tickets / 3)),
    ];
    for (what, path) in lists {
        let mut times = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let asked = Instant::now();
            let (status, said) = client.get(&path).await.expect("an answer");
            times.push(asked.elapsed());
            assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&said));
        }
        line(what, &Times::new(times));
    }
}

/// «принтер» as it goes into an address.
const PRINTER: &str = "%D0%BF%D1%80%D0%B8%D0%BD%D1%82%D0%B5%D1%80";

/// Writes the tickets straight into the tables, as a desk that has worked for years would hold them.
fn fill(folder: &Path, made: &Made, tickets: i64) {
    let engine = desk::open(folder);
    let tx: &Tx = engine.tx();
    let connection = tx.connection();
    connection.execute_batch("pragma synchronous = off").expect("a setting");
    let mut next = 1;
    while next <= tickets {
        let end = (next + CHUNK - 1).min(tickets);
        tx.begin(naryad::clock::Clock::Machine.now()).expect("nobody else writes");
        for number in next..=end {
            write(tx, connection, made, number, tickets);
        }
        tx.commit().expect("a commit");
        next = end + 1;
    }
    let number = "update client set last_number = ?1 where id = ?2";
    connection.execute(number, (tickets, made.client.0)).expect("the client");
    connection.execute_batch("pragma wal_checkpoint(truncate)").expect("a checkpoint");
}

fn write(tx: &Tx, connection: &Connection, made: &Made, number: i64, tickets: i64) {
    // One every thirty seconds up to a moment ago; the last ones are still open.
    let opened_at = tx.now().ms() - (tickets - number + 60) * 30_000;
    let id = opened_at << SEQUENCE_BITS;
    let (text, event, journal) = (id + 1, id + 2, id + 3);
    let subject = format!("{} marker{number}", SUBJECTS[number as usize % SUBJECTS.len()]);
    let is_recent = number > tickets - tickets / 50;
    let (status, phase) = if is_recent { STATUSES[1 + number as usize % 4] } else { STATUSES[0] };
    let person = made.people[number as usize % made.people.len()].0;
    let closed_at = (phase == "closed").then_some(opened_at + 3_600_000);
    let resolved_at = (phase == "closed" || phase == "resolved").then_some(opened_at + 3_000_000);
    let due_at = resolved_at.is_none().then_some(opened_at + 28_800_000);
    run(connection, "insert into text_body (id, words) values (?1, ?2)", (text, &subject));
    run(
        connection,
        INSERT_TICKET,
        (
            id,
            made.client.0,
            number,
            text,
            status,
            phase,
            1 + number % 5,
            person,
            opened_at,
            resolved_at,
            closed_at,
            due_at,
        ),
    );
    let body = format!(
        r#"{{"type":"ticket_opened","client":"{}","number":{number},"sub_client":null,"site":null,"asset":null,"contact":null,"subject":"{text}","description":null,"status":"new","category":"receipt_jam","impact":"medium","urgency":"high","priority":3,"queue":"support","channel":"desk","fields":{{}},"tags":[],"attachments":[],"pack_version":null}}"#,
        made.client
    );
    let first_seq = (number - 1) * EVENTS_OF_A_TICKET + 1;
    let kind = "ticket_opened";
    run(connection, INSERT_EVENT, (event, first_seq, made.client.0, id, kind, body, journal, opened_at));
    store::search::add(tx, id.into(), text.into(), &subject);
    for step in 1..EVENTS_OF_A_TICKET {
        let (kind, body) = later(tx, connection, id, step, &subject);
        let seq = first_seq + step;
        run(
            connection,
            INSERT_EVENT,
            (event + step, seq, made.client.0, id, kind, body, journal, opened_at + step),
        );
    }
}

/// An event of a ticket's later life: every fifth is a comment, whose words are searched too.
fn later(tx: &Tx, connection: &Connection, id: i64, step: i64, subject: &str) -> (&'static str, String) {
    let key = |key: &str| Key::new(key).expect("a key");
    let event = if step % 5 == 4 {
        let text = id + 100 + step;
        run(connection, "insert into text_body (id, words) values (?1, ?2)", (text, subject));
        store::search::add(tx, id.into(), text.into(), subject);
        Event::CommentAdded {
            text: text.into(),
            visibility: Visibility::Public,
            attachments: Vec::new(),
            speaker: Speaker::Desk,
            asks_client: false,
            foreign_author: None,
        }
    } else {
        let (from, to) = if step % 2 == 0 { ("new", "in_work") } else { ("in_work", "new") };
        Event::StatusChanged { from: key(from), to: key(to) }
    };
    (event.name(), serde_json::to_string(&event).expect("JSON"))
}

const INSERT_TICKET: &str = "insert into ticket (id, client, number, subject, status, phase, category, impact, urgency,
    priority, is_urgent, queue, assignee, channel, fields, tags, watchers, counters, reopen_count, handover_count,
    opened_at, updated_at, public_updated_at, turned_at, terms, resolved_at, closed_at, is_marked, version, due_at, return_count, unaccepted_by, is_unclassified) values (?1, ?2, ?3, ?4, ?5, ?6,
    'receipt_jam', 'medium', 'high', ?7, 0, 'support', ?8, 'desk', '{}', '[]', '[]', '{}', 0, 0, ?9, ?9, ?9, ?9, '{}', ?10, ?11, 0,
    1, ?12, 0, '[]', 0)";
const INSERT_EVENT: &str =
    "insert into event (id, seq, client, ticket, kind, body, actor, journal, occurred_at,
    recorded_at) values (?1, ?2, ?3, ?4, ?5, ?6, '{\"kind\":\"operator\"}', ?7, ?8, ?8)";

fn run(connection: &Connection, sql: &str, values: impl rusqlite::Params) {
    connection.prepare_cached(sql).expect("a statement").execute(values).expect("a row");
}
