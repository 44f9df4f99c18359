//! Backups under load come back equal; what is not whole does not come back at all.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Place, empty_pack, naryad_on, token};

/// Every row of every table, as text.
fn contents(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let database = rusqlite::Connection::open(folder.join("naryad.sqlite3")).unwrap();
    let sql = "select name from sqlite_schema where type = 'table' and sql not like 'create virtual%'";
    let mut tables = database.prepare(sql).unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows_of = |name: String| {
        let mut all = database.prepare(&format!("select * from \"{name}\"")).unwrap();
        let columns = all.column_count();
        let rows = all.query_map([], |row| {
            Ok((0..columns)
                .map(|at| format!("{:?} ", row.get::<_, rusqlite::types::Value>(at).unwrap()))
                .collect::<String>())
        });
        let rows: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
        (name, rows)
    };
    names.into_iter().map(rows_of).collect()
}

#[test]
fn a_backup_under_load_is_restored_elsewhere_equal_and_held() {
    let place = Place::new();
    let desk = place.serve();
    let token = token(&place);
    let client = desk.makes_client(&token, "bank");
    place.does(&["workflow", "publish", &empty_pack(&place), "--client", "bank"]);
    let before: Vec<String> = (0..50)
        .map(|number| desk.opens(&token, &client, &format!("before {number}")).1["number"].to_string())
        .collect();
    let is_over = AtomicBool::new(false);
    let backup = place.path("desk.tar");
    std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut opened = 0;
            while !is_over.load(Ordering::SeqCst) {
                assert_eq!(desk.opens(&token, &client, "during").0, 200);
                opened += 1;
            }
            opened
        });
        let said = place.does(&["backup", backup.to_str().unwrap()]);
        is_over.store(true, Ordering::SeqCst);
        assert!(said.contains("found whole") && said.contains("naryad.key"), "{said}");
        assert!(load.join().unwrap() > 0, "there was load");
    });
    let elsewhere = place.path("elsewhere");
    let said = naryad_on(&elsewhere, &["restore", backup.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("naryad outbox release") && said.out.contains("put your copy of naryad.key"));
    let again = place.path("again");
    assert_eq!(naryad_on(&again, &["restore", backup.to_str().unwrap()]).code, 0);
    let (mut one, mut other, running) = (contents(&elsewhere), contents(&again), contents(&place.dir()));
    assert!(one["desk"].iter().any(|row| row.contains("outbox_held")), "{:?}", one["desk"]);
    one.remove("desk");
    other.remove("desk");
    assert!(one == other, "two restores of one backup differ");
    for (table, rows) in &one {
        // Events, journal and texts only grow: what the backup has is the beginning of what the desk has.
        if matches!(table.as_str(), "event" | "journal" | "text_body") {
            assert_eq!(rows[..], running[table][..rows.len()], "{table}");
        }
    }
    assert!(one["ticket"].len() >= before.len(), "what was acknowledged before is in it");
    std::fs::copy(place.dir().join("naryad.key"), elsewhere.join("naryad.key")).unwrap();
    let doctor = naryad_on(&elsewhere, &["doctor", "--full"]);
    assert!(doctor.code == 0 && doctor.out.contains("nothing goes out since"), "{}", doctor.out);
    assert_eq!(naryad_on(&elsewhere, &["outbox", "release"]).code, 0);
    assert!(!naryad_on(&elsewhere, &["doctor"]).out.contains("nothing goes out"));
}

#[test]
fn a_backup_that_is_not_whole_is_refused_and_leaves_nothing() {
    let place = Place::new();
    token(&place);
    place.write("desk/naryad.toml", "[jobs]\nat_once = 3\n");
    let backup = place.path("desk.tar");
    place.does(&["backup", backup.to_str().unwrap()]);
    assert!(place.fails(&["backup", backup.to_str().unwrap()]).contains("exists already"));
    let whole = std::fs::read(&backup).unwrap();
    let dir = place.path("new");
    let bad = place.path("bad.tar");
    let mut cases = vec![Vec::new(), b"no tar at all".to_vec(), whole[..whole.len() / 2].to_vec()];
    for at in [600, 5_000, whole.len() / 2, whole.len() / 3] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        cases.push(changed);
    }
    for case in cases {
        std::fs::write(&bad, case).unwrap();
        let said = naryad_on(&dir, &["restore", bad.to_str().unwrap()]);
        assert_ne!(said.code, 0, "{}", said.out);
        assert!(!dir.join("naryad.sqlite3").exists() && !dir.join("files").exists(), "{}", said.err);
    }
    assert!(place.fails(&["restore", backup.to_str().unwrap()]).contains("is not empty"));
    assert_eq!(naryad_on(&place.path("fine"), &["restore", backup.to_str().unwrap()]).code, 0);
    assert!(std::fs::read_to_string(place.path("fine/naryad.toml")).unwrap().contains("at_once = 3"));
    assert!(!place.path("fine/naryad.key").exists(), "the key is in no backup");
}
