//! What was acknowledged against what is there after the kill.

use std::collections::{HashMap, HashSet};

use naryad::clock::Clock;
use naryad::domain::id::IdMaker;
use naryad::domain::ticket::Ticket;
use naryad::domain::{Moment, TicketId};
use naryad::store::{self, Durability};
use rusqlite::{Connection, OpenFlags};

use super::load::Outcome;
use super::requests::{Answer, Asked, Connection as Client};
use super::served::{Folder, Served, database};

/// Everything that was ever asked.
#[derive(Default)]
pub struct Ledger {
    /// Acknowledged since the last check.
    fresh: Vec<(Asked, Answer)>,
    /// Asked, and the server was killed before it answered.
    unknown: Vec<Asked>,
    /// Every ticket number that was given out, and the request that got it.
    numbers: HashMap<String, TicketId>,
    acknowledged: usize,
    stood_unanswered: usize,
    lost_unanswered: usize,
}

impl Ledger {
    pub fn note(&mut self, outcome: Outcome) {
        for (asked, answer) in outcome {
            match answer {
                Some(answer) => self.fresh.push((asked, answer)),
                None => self.unknown.push(asked),
            }
        }
    }

    /// Sends again, with the same keys, what the killed server did not answer.
    pub fn settle(&mut self, served: &Served) {
        let mut client = Client::open(served.address, &served.token).unwrap();
        for asked in self.unknown.drain(..) {
            let answer = client.ask(&asked).unwrap();
            self.fresh.push((asked, answer));
        }
    }

    /// Whatever was acknowledged is there once; whatever was not is there whole or not at all.
    pub fn check_new(&mut self, folder: &Folder) {
        let connection = open(folder);
        let stored = words(&connection);
        let mut tickets = HashSet::new();
        for (asked, answer) in self.fresh.drain(..) {
            assert_eq!(
                stored.get(&asked.key),
                Some(&1),
                "acknowledged, and stored another number of times: {asked:?}"
            );
            assert!(is_whole(&connection, &asked.key), "acknowledged, and in part: {asked:?}");
            let number = self.numbers.entry(answer.number.clone()).or_insert(answer.ticket);
            assert_eq!(*number, answer.ticket, "{} was given to two tickets", answer.number);
            assert!(
                version(&connection, answer.ticket) >= answer.version,
                "older than acknowledged: {answer:?}"
            );
            tickets.insert(answer.ticket);
            self.acknowledged += 1;
        }
        for asked in &self.unknown {
            match stored.get(&asked.key) {
                None => self.lost_unanswered += 1,
                Some(1) => {
                    assert!(is_whole(&connection, &asked.key), "in part: {asked:?}");
                    self.stood_unanswered += 1;
                }
                Some(times) => panic!("stored {times} times: {asked:?}"),
            }
        }
        tickets_follow_from_their_events(folder, tickets);
    }

    pub fn summary(&self) -> String {
        format!(
            "{} acknowledged; of those without an answer {} stood and {} did not",
            self.acknowledged, self.stood_unanswered, self.lost_unanswered
        )
    }

    /// Kills came before a commit as well as between a commit and its answer.
    pub fn has_seen_both_ends(&self) -> bool {
        self.acknowledged > 0 && self.stood_unanswered + self.lost_unanswered > 0
    }
}

fn open(folder: &Folder) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(database(folder.path()), flags).unwrap()
}

/// How often each request's words are stored.
fn words(connection: &Connection) -> HashMap<String, i64> {
    let sql =
        "select words, count(*) from text_body where words >= 'round-' and words < 'round.' group by words";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// The answer is kept under the key, and its ticket, events and journal are there.
fn is_whole(connection: &Connection, key: &str) -> bool {
    let sql = "select json_extract(answer, '$.ticket'), json_extract(answer, '$.seq') from idempotency where key = ?1";
    let mut statement = connection.prepare_cached(sql).unwrap();
    let kept = statement.query_row([key], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
    let Ok((ticket, seq)) = kept else { return false };
    let sql = "select 1 from event join journal on journal.id = event.journal join ticket on ticket.id = event.ticket
        where event.ticket = ?1 and event.seq = ?2";
    connection.prepare_cached(sql).unwrap().exists((ticket.parse::<i64>().unwrap(), seq)).unwrap()
}

fn version(connection: &Connection, ticket: TicketId) -> i64 {
    let mut statement = connection.prepare_cached("select version from ticket where id = ?1").unwrap();
    statement.query_row([ticket.0], |row| row.get(0)).unwrap()
}

fn tickets_follow_from_their_events(folder: &Folder, tickets: impl IntoIterator<Item = TicketId>) {
    let opened = store::open(folder.path(), Durability::Full, IdMaker::new(2), Clock::Machine.now());
    let (_writer, readers) = opened.unwrap();
    readers
        .read::<_, store::StoreError>(|db| {
            for id in tickets {
                let events = store::event::of_ticket(db, id)?;
                let story: Vec<(&_, Moment)> =
                    events.iter().map(|one| (&one.event, one.occurred_at)).collect();
                let stored = store::ticket::get(db, id)?;
                assert_eq!(Ticket::rebuild(id, story), stored, "ticket {id} and its events differ");
            }
            Ok(())
        })
        .unwrap();
}

pub fn the_whole_file_holds(folder: &Folder) {
    let connection = open(folder);
    let integrity: String = connection.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    assert!(!connection.prepare("pragma foreign_key_check").unwrap().exists([]).unwrap());
    for (rule, sql) in RULES {
        assert!(!connection.prepare(sql).unwrap().exists([]).unwrap(), "{rule}");
    }
    let mut statement = connection.prepare("select id from ticket").unwrap();
    let ids = statement.query_map([], |row| row.get(0).map(TicketId)).unwrap();
    tickets_follow_from_their_events(folder, ids.map(|id| id.unwrap()));
}

/// What no row may be like: (the rule, how one that breaks it is found).
const RULES: &[(&str, &str)] = &[
    (
        "the events are numbered without a gap",
        "select 1 where (select max(seq) from event) <> (select count(*) from event)",
    ),
    (
        "the tickets are numbered from 1 without a gap",
        "select 1 from client where last_number <> (select count(*) from ticket where client = client.id)
            or last_number <> (select max(number) from ticket where client = client.id)",
    ),
    (
        "every ticket was opened once, with its task and its run",
        "select 1 from ticket where 1 <> (select count(*) from event where ticket = ticket.id and kind = 'ticket_opened')
            or 1 <> (select count(*) from task where ticket = ticket.id)
            or 1 <> (select count(*) from run where ticket = ticket.id and handler = 'on_opened' and state = 'applied')",
    ),
];
