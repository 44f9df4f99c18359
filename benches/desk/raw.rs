//! The raw limit: the very rows of one ticket, inserted again and again by rusqlite alone.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use naryad::clock::Clock;
use naryad::domain::id::IdMaker;
use naryad::store::{self, Durability};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Options;
use super::figures::section;
use super::load::Opened;

/// Where the rows of a ticket lie, parents first.
const ROWS: &[(&str, &str)] = &[
    ("text_body", "id in (select value from ids)"),
    ("ticket", "id = ?1"),
    ("journal", "ticket = ?1"),
    ("run", "ticket = ?1"),
    ("event", "ticket = ?1"),
    ("task", "ticket = ?1"),
    ("work_order", "ticket = ?1"),
    ("sla_clock", "ticket = ?1"),
    ("due", "ticket = ?1"),
    ("job", "ticket = ?1"),
    ("notification", "ticket = ?1"),
    ("ticket_document", "ticket = ?1"),
];
/// Records that the rows point at.
const PARENTS: &[&str] = &["client", "pack_version", "person", "plugin_package", "plugin_installation"];
const BATCHES: &[usize] = &[1, 8, 32, 64, 128, 256, 512, 1_024];
/// Ids of two copies of one ticket are this far apart; one ticket needs fewer.
const IDS_APART: i64 = 64;

/// One row of the ticket and the statement that inserts it.
struct Row {
    insert: String,
    values: Vec<Value>,
    /// The field that counts up from copy to copy, and by how much: a ticket's number, an event's order.
    counting: Option<(usize, i64)>,
}

pub fn limit(folder: &Path, opened: &Opened, options: Options) {
    section("Raw limit: the same rows, inserted by rusqlite alone, synchronous=FULL");
    let source =
        Connection::open(store::sqlite::database_path(&opened.folder)).expect("the desk that was loaded");
    let mut rows = rows_of(&source, opened.ticket.0);
    let (stems, document) = stems_of(&source, opened.ticket.0);
    rows.push(Row {
        insert: "insert into ticket_words (rowid, stems) values (?1, ?2)".to_owned(),
        values: vec![Value::Integer(document), Value::Text(stems)],
        counting: None,
    });
    let ids = own_ids(&rows);
    println!("  {} rows a ticket, the search entry among them", rows.len());
    let mut best = (0, 0.0);
    for batch in BATCHES {
        let target = folder.join(format!("raw-{batch}"));
        let rate = insert(&target, &opened.folder, &rows, &ids, *batch, options);
        println!("  batches of {batch:<5} {rate:>9.0} tickets/s");
        if rate > best.1 {
            best = (*batch, rate);
        }
        std::fs::remove_dir_all(&target).expect("it was just made");
    }
    for (connections, rate) in &opened.rates {
        println!(
            "  {connections} connections reach {:.3} of the raw limit (batches of {})",
            rate / best.1,
            best.0
        );
    }
}

fn rows_of(source: &Connection, ticket: i64) -> Vec<Row> {
    source
        .execute_batch("create temporary table ids (value integer primary key)")
        .expect("a temporary table");
    // Texts are named by the ticket and in the bodies of its events.
    let texts = "insert or ignore into ids select t.id from text_body t, ticket k where k.id = ?1 and (t.id = k.subject
        or t.id in (select text from ticket_document where ticket = ?1)
        or exists (select 1 from event e where e.ticket = ?1 and instr(e.body, '\"' || t.id || '\"') > 0))
        and t.id between k.id - 1000 and k.id + 1000";
    source.execute(texts, [ticket]).expect("the texts of a ticket");
    let mut rows = Vec::new();
    for (table, condition) in ROWS {
        let mut statement =
            source.prepare(&format!("select * from {table} where {condition}")).expect("a table");
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let places: Vec<String> = (1..=names.len()).map(|place| format!("?{place}")).collect();
        let insert = format!("insert into {table} ({}) values ({})", names.join(", "), places.join(", "));
        let counts = |name: &str| names.iter().position(|known| known == name);
        let counting = match *table {
            "ticket" => counts("number").map(|at| (at, 1)),
            "event" => counts("seq").map(|at| (at, IDS_APART)),
            _ => None,
        };
        let parameters = statement.parameter_count();
        let read = |row: &rusqlite::Row<'_>| {
            (0..names.len()).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>()
        };
        let found =
            statement.query_map(params_from_iter([ticket].iter().take(parameters)), read).expect("rows");
        for values in found {
            rows.push(Row { insert: insert.clone(), values: values.expect("a row"), counting });
        }
    }
    rows
}

/// The index is contentless, so that the stems are made again from the words.
fn stems_of(source: &Connection, ticket: i64) -> (String, i64) {
    let sql =
        "select d.text, s.words || ' ' || t.words from ticket_document d join text_body t on t.id = d.text
        join ticket k on k.id = d.ticket join text_body s on s.id = k.subject where d.ticket = ?1";
    let (document, words): (i64, String) =
        source.query_row(sql, [ticket], |row| Ok((row.get(0)?, row.get(1)?))).expect("a ticket is indexed");
    (store::search::stems(&words).join(" "), document)
}

/// Ids that belong to this ticket alone and move from copy to copy.
fn own_ids(rows: &[Row]) -> BTreeSet<i64> {
    let first = |row: &Row| match row.values.first() {
        Some(Value::Integer(id)) => Some(*id),
        _ => None,
    };
    rows.iter().filter_map(first).collect()
}

fn insert(
    target: &Path,
    from: &Path,
    rows: &[Row],
    ids: &BTreeSet<i64>,
    batch: usize,
    options: Options,
) -> f64 {
    std::fs::create_dir_all(target).expect("a folder");
    drop(store::open(target, Durability::Full, IdMaker::new(1), Clock::Machine.now()).expect("a new schema"));
    let connection = store::sqlite::open_writer(target, Durability::Full).expect("it was just made");
    let database = store::sqlite::database_path(from);
    connection
        .execute("attach ?1 as source", [database.to_string_lossy()])
        .expect("the desk that was loaded");
    for table in PARENTS {
        connection
            .execute(&format!("insert into {table} select * from source.{table}"), [])
            .expect("records");
    }
    let (started, mut copies) = (Instant::now(), 0);
    while started.elapsed() < options.time / 2 {
        connection.execute_batch("begin immediate").expect("nobody else writes");
        for _ in 0..batch {
            copies += 1;
            write_copy(&connection, rows, ids, copies);
        }
        connection.execute_batch("commit").expect("a commit");
    }
    copies as f64 / started.elapsed().as_secs_f64()
}

fn write_copy(connection: &Connection, rows: &[Row], ids: &BTreeSet<i64>, copy: i64) {
    for row in rows {
        let values = row.values.iter().enumerate().map(|(at, value)| match (value, row.counting) {
            (Value::Integer(number), Some((place, step))) if place == at => {
                Value::Integer(number + copy * step)
            }
            (Value::Integer(id), _) if ids.contains(id) => Value::Integer(id + copy * IDS_APART),
            _ => value.clone(),
        });
        let mut statement = connection.prepare_cached(&row.insert).expect("a statement");
        statement.execute(params_from_iter(values)).expect("a row");
    }
}
