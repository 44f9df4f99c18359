//! `backup` under load, `restore` elsewhere: a whole earlier state, with the outbox held.

use rusqlite::Connection;

use super::load::Load;
use super::served::{Folder, Served, command, database};

/// Everything that holds what people entrusted to the desk, and its order.
const TABLES: &[(&str, &str)] =
    &[("event", "seq"), ("journal", "id"), ("text_body", "id"), ("run", "id"), ("task", "id")];

#[test]
fn a_backup_under_load_is_a_whole_earlier_state_with_its_outbox_held() {
    let folder = Folder::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let archive = elsewhere.path().join("desk.tar");
    let served = Served::start(&folder);
    let before = Load::start(&served, 1);
    std::thread::sleep(std::time::Duration::from_millis(500));
    let before = before.end();
    let during = Load::start(&served, 2);
    command(&["backup"], &archive, folder.path());
    let during = during.end();
    served.kill();
    assert!(during.iter().filter(|(_, answer)| answer.is_some()).count() > 8, "there was no load");
    let restored = elsewhere.path().join("desk");
    command(&["restore"], &archive, &restored);
    let (copy, origin) = (open(&restored), open(folder.path()));
    for (asked, answer) in &before {
        assert!(answer.is_some());
        let sql = "select 1 from text_body where words = ?1";
        assert!(
            copy.prepare(sql).unwrap().exists([&asked.key]).unwrap(),
            "{} came before the backup",
            asked.key
        );
    }
    is_an_earlier_state(&copy, &origin, &restored);
    let held = "select 1 from desk where name = 'outbox_held'";
    assert!(copy.prepare(held).unwrap().exists([]).unwrap(), "the outbox would go out by itself");
    assert!(!origin.prepare(held).unwrap().exists([]).unwrap());
}

/// Up to its last event the copy is the origin, row by row, and it has nothing else.
fn is_an_earlier_state(copy: &Connection, origin: &Connection, restored: &std::path::Path) {
    let last: i64 = copy.query_row("select max(seq) from event", [], |row| row.get(0)).unwrap();
    let newest: i64 = origin.query_row("select max(seq) from event", [], |row| row.get(0)).unwrap();
    assert!(0 < last && last < newest, "the backup holds {last} of {newest} events");
    let path = database(restored);
    origin.execute("attach ?1 as copy", [path.to_string_lossy()]).unwrap();
    for (table, order) in TABLES {
        let differing = match *table {
            // A task may have gone on since.
            "task" => "select id, ticket, title, opened_at from copy.task except select id, ticket, title, opened_at from main.task".to_owned(),
            _ => format!("select * from copy.{table} except select * from main.{table}"),
        };
        assert!(
            !origin.prepare(&differing).unwrap().exists([]).unwrap(),
            "{table} has rows that the origin has not"
        );
        let missing = format!(
            "select 1 from main.{table} where {order} <= (select max({order}) from copy.{table})
                and {order} not in (select {order} from copy.{table})"
        );
        assert!(!origin.prepare(&missing).unwrap().exists([]).unwrap(), "{table} lacks rows of the origin");
    }
    let integrity: String = copy.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
}

fn open(folder: &std::path::Path) -> Connection {
    Connection::open(database(folder)).unwrap()
}
