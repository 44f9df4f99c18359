//! The store on a real database file: migrations, search, files.

use super::*;
use crate::domain::TicketId;

fn open_in(folder: &Path) -> Result<(Tx, Readers), StoreError> {
    open(folder, Durability::Full, IdMaker::new(1), Moment::from_ms(1_000))
}

#[test]
fn a_quick_database_reads_and_goes_back_like_any_other_and_has_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let (tx, readers) =
        open(folder.path(), Durability::None, IdMaker::new(1), Moment::from_ms(1_000)).unwrap();
    let indexes = |db: &Db| -> i64 {
        let sql = "select count(*) from sqlite_schema where type = 'index' and sql is not null";
        db.connection().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let before = indexes(&tx);
    sqlite::make_quick(&tx).unwrap();
    assert_eq!(before - indexes(&tx), sqlite::OF_LISTS.len() as i64, "each of them is one of the schema");
    tx.begin(Moment::from_ms(2_000)).unwrap();
    tx.mark(Savepoint::Command).unwrap();
    let kept = text::put(&tx, "kept").unwrap();
    tx.keep(Savepoint::Command).unwrap();
    tx.mark(Savepoint::Command).unwrap();
    let undone = text::put(&tx, "undone").unwrap();
    tx.undo_to(Savepoint::Command).unwrap();
    tx.commit().unwrap();
    let read = |text| readers.read::<_, StoreError>(|db| text::get(db, text)).unwrap();
    assert_eq!((read(kept).as_deref(), read(undone)), (Some("kept"), None));
    let log = folder.path().join(format!("{}-wal", sqlite::DATABASE_FILE));
    assert!(!log.exists());
}

#[test]
fn a_word_is_found_by_its_stem_newest_first_and_not_after_it_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let (tx, readers) = open_in(folder.path()).unwrap();
    tx.begin(Moment::from_ms(2_000)).unwrap();
    let mut texts = Vec::new();
    for (ticket, words) in
        [(1, "Застряла купюра в банкомате"), (2, "Бумага кончилась"), (3, "банкоматы молчат")]
    {
        let text = text::put(&tx, words).unwrap();
        search::add(&tx, TicketId(ticket), text, words);
        texts.push(text);
    }
    tx.commit().unwrap();
    let find = |query: &str| readers.read::<_, StoreError>(|db| search::find(db, query, 10)).unwrap();
    assert_eq!(find("БАНКОМАТ"), [TicketId(3), TicketId(1)]);
    assert_eq!(find("банк"), [TicketId(3), TicketId(1)]);
    assert_eq!(find("купюры банкомата"), [TicketId(1)]);
    assert_eq!(find("\" OR *"), []);
    tx.begin(Moment::from_ms(3_000)).unwrap();
    search::remove(&tx, texts[0]);
    text::erase(&tx, texts[0]).unwrap();
    tx.commit().unwrap();
    assert_eq!(find("купюра"), []);
}

#[test]
fn words_of_what_was_undone_are_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let (tx, readers) = open_in(folder.path()).unwrap();
    let add = |ticket: i64, words: &str| {
        let text = text::put(&tx, words).unwrap();
        search::add(&tx, TicketId(ticket), text, words);
        text
    };
    tx.begin(Moment::from_ms(2_000)).unwrap();
    tx.mark(Savepoint::Command).unwrap();
    let kept = add(1, "printer");
    tx.mark(Savepoint::ScriptRun).unwrap();
    add(2, "printer");
    search::remove(&tx, kept);
    tx.undo_to(Savepoint::ScriptRun).unwrap();
    tx.keep(Savepoint::Command).unwrap();
    tx.mark(Savepoint::Command).unwrap();
    add(3, "printer");
    tx.undo_to(Savepoint::Command).unwrap();
    tx.commit().unwrap();
    tx.begin(Moment::from_ms(3_000)).unwrap();
    add(4, "printer");
    tx.rollback().unwrap();
    tx.begin(Moment::from_ms(4_000)).unwrap();
    tx.commit().unwrap();
    let found = readers.read::<_, StoreError>(|db| search::find(db, "printer", 10)).unwrap();
    assert_eq!(found, [TicketId(1)]);
}

#[test]
fn in_an_unmarked_transaction_nothing_is_marked_and_all_of_it_is_undone() {
    let folder = tempfile::tempdir().unwrap();
    let (tx, readers) = open_in(folder.path()).unwrap();
    let add = |ticket: i64| {
        let text = text::put(&tx, "printer").unwrap();
        search::add(&tx, TicketId(ticket), text, "printer");
        text
    };
    tx.begin(Moment::from_ms(2_000)).unwrap();
    let before = add(1);
    tx.commit().unwrap();
    tx.begin(Moment::from_ms(3_000)).unwrap();
    let ids = tx.ids();
    tx.set_unmarked(true);
    tx.mark(Savepoint::Command).unwrap();
    let first = add(2);
    tx.keep(Savepoint::Command).unwrap();
    tx.mark(Savepoint::Command).unwrap();
    add(3);
    assert!(matches!(tx.undo_to(Savepoint::Command), Err(StoreError::Unmarked)));
    tx.set_unmarked(false);
    tx.rollback().unwrap();
    tx.go_on_with(ids);
    tx.begin(Moment::from_ms(3_000)).unwrap();
    tx.mark(Savepoint::Command).unwrap();
    assert_eq!(add(4), first, "the same ids come again");
    tx.keep(Savepoint::Command).unwrap();
    tx.commit().unwrap();
    let found = readers.read::<_, StoreError>(|db| search::find(db, "printer", 10)).unwrap();
    assert_eq!(found, [TicketId(4), TicketId(1)]);
    let stands = readers.read::<_, StoreError>(|db| text::get(db, before)).unwrap();
    assert_eq!(stands.as_deref(), Some("printer"));
}

#[test]
fn the_log_is_copied_beside_the_writer_and_begins_anew() {
    const ROUNDS_MAX: usize = 400;
    let folder = tempfile::tempdir().unwrap();
    let (tx, _) = open_in(folder.path()).unwrap();
    let words = "w".repeat(400_000);
    let log = folder.path().join("naryad.sqlite3-wal");
    let log_bytes = || std::fs::metadata(&log).unwrap().len();
    let write = || {
        tx.begin(Moment::from_ms(2_000)).unwrap();
        text::put(&tx, &words).unwrap();
        tx.commit().unwrap();
    };
    // 400 times 0.4 MB: a log that nobody copies would end with 160 MB.
    for _ in 0..ROUNDS_MAX {
        write();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(log_bytes() < 80_000_000, "the log has {} bytes", log_bytes());
    drop(tx);
    assert!(!log.exists(), "the last to close leaves no log");
}

#[test]
fn ids_go_on_after_a_restart_with_an_earlier_clock() {
    let folder = tempfile::tempdir().unwrap();
    let make = || {
        let (tx, _) = open_in(folder.path()).unwrap();
        tx.begin(Moment::from_ms(2_000)).unwrap();
        let text = text::put(&tx, "words").unwrap();
        tx.commit().unwrap();
        text
    };
    let (first, second) = (make(), make());
    assert!(second > first, "{second} after {first}");
}

#[test]
fn the_last_id_is_looked_for_in_every_table_that_has_ids() {
    let folder = tempfile::tempdir().unwrap();
    let (tx, _) = open_in(folder.path()).unwrap();
    let sql = "select schema.name from sqlite_schema schema, pragma_table_info(schema.name) field
        where schema.type = 'table' and field.name = 'id' and field.pk = 1 and lower(field.type) = 'integer'
        and schema.sql like '% strict'";
    let tables: Vec<String> = tx.all(sql, [], |row| row.get(0)).unwrap();
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables {
        let words = last_id::STATEMENTS[0].1.split_whitespace();
        assert!(words.map(|word| word.trim_end_matches(')')).any(|word| word == table), "{table}");
    }
}

#[test]
fn a_reader_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let (_tx, readers) = open_in(folder.path()).unwrap();
    let written: Result<Option<()>, StoreError> =
        readers.read(|db| db.one("delete from client", [], |_| Ok(())));
    assert!(written.is_err());
}

#[test]
fn a_newer_or_edited_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_in(folder.path()).unwrap());
    let change = |sql: &str| {
        rusqlite::Connection::open(sqlite::database_path(folder.path())).unwrap().execute_batch(sql).unwrap();
    };
    change("insert into migration values (99, '0099_future', 'x', 0)");
    let refusal = open_in(folder.path()).unwrap_err().to_string();
    assert!(refusal.contains("newer version") && refusal.contains("0099_future"), "{refusal}");
    change(
        "delete from migration where ordinal = 99; update migration set sha256 = 'edited' where ordinal = 1",
    );
    assert!(open_in(folder.path()).unwrap_err().to_string().contains("not the one that this version knows"));
}

#[test]
fn a_file_is_stored_once_under_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let files = files::Files::open(folder.path()).unwrap();
    let stored = files.put(&b"act of acceptance"[..]).unwrap();
    assert_eq!(files.put(&b"act of acceptance"[..]).unwrap(), stored);
    assert_eq!(std::fs::read(files.path(&stored.sha256)).unwrap(), b"act of acceptance");
    assert_eq!(files.hashes().unwrap(), [stored.sha256]);
}
