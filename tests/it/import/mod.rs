//! A ServiceNow log comes in: all of it, once, and what is wrong with it is said.

mod log;
mod logins;

use std::io::BufReader;
use std::path::Path;

use naryad::cli::import::{self, Count, Detail, Summary};
use naryad::cli::packs;
use naryad::domain::event::Event;
use naryad::domain::{ClientId, TicketId};
use naryad::store;

use super::helpers::TestDesk;
use log::Log;

/// The log that the demo shows; its origin and licence stand beside it.
const CARRIED: &str = "workflows/it-desk/demo/incidents.csv";
/// Names the log with all its columns, for whoever has it.
const ORIGINAL: &str = "NARYAD_TEST_SERVICENOW_LOG";

const HEADER: &str = "number,incident_state,reassignment_count,reopen_count,sys_mod_count,made_sla,opened_at,sys_updated_at,location,category,subcategory,u_symptom,impact,urgency,priority,assignment_group";

fn it_desk(desk: &TestDesk) -> ClientId {
    let pack = packs::texts("it-desk").unwrap();
    desk.client_with("it-desk", &pack.script, &pack.settings)
}

/// Imports a text and answers what was counted and what was said.
fn import(desk: &TestDesk, client: ClientId, text: &[u8]) -> (Summary, String) {
    let mut out = Vec::new();
    let mut run_all = |requests| desk.desk.run_all(requests);
    let file = BufReader::new(text);
    let summary = import::servicenow(&mut run_all, client, file, Detail::Counts, &mut out).unwrap();
    (summary, String::from_utf8(out).unwrap())
}

fn ticket_of(desk: &TestDesk, client: ClientId, number: &str) -> TicketId {
    let source = format!("import:{client}");
    desk.read(|db| store::external::ticket_of(db, &source, number)).unwrap()
}

fn carried() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(CARRIED)).unwrap()
}

fn original() -> Option<Vec<u8>> {
    std::env::var_os(ORIGINAL).map(|path| std::fs::read(path).unwrap())
}

#[test]
fn every_ticket_ends_as_the_log_says() {
    for text in [Some(carried()), original()].into_iter().flatten() {
        let desk = TestDesk::new();
        let client = it_desk(&desk);
        let (summary, said) = import(&desk, client, &text);
        let log = Log::read(&text);
        let updates = log.rows - log.tickets.len();
        assert_eq!(summary.tickets, Count { new: 534, ..Count::default() });
        assert_eq!(summary.updates, Count { new: updates, ..Count::default() });
        assert_eq!(log.tickets.len(), 534);
        for (number, expected) in &log.tickets {
            let id = ticket_of(&desk, client, number);
            let ticket = desk.ticket(id);
            assert_eq!(ticket.status.as_str(), expected.state, "{number}");
            assert_eq!(ticket.reopen_count, expected.reopen_count, "{number}");
            assert_eq!(ticket.handover_count, expected.group_changes, "{number}");
            assert_eq!(ticket.opened_at.to_string(), expected.opened_at, "{number}");
            assert!(ticket.is_closed(), "{number}");
            let queued = desk.events(id);
            let queued = queued.iter().filter(|one| matches!(one.event, Event::TicketQueued { .. }));
            assert_eq!(
                queued.count() as i64,
                expected.group_changes + i64::from(expected.began_without_group)
            );
        }
        let differing =
            log.tickets.values().filter(|one| one.group_changes != one.reassignment_count).count();
        assert_eq!(summary.differing.len(), differing);
        assert!(differing > 0, "the log contradicts itself; a test without that shows nothing");
        let last = said.lines().last().unwrap();
        assert!(last.starts_with(&format!(
            "tickets: 534 new, 0 known, 0 refused; updates: {updates} new, 0 known, 0 refused; "
        )));
        assert!(said.contains(&format!("in {differing} tickets the group changes")), "{said}");
    }
}

#[test]
fn a_second_import_adds_nothing() {
    let text = carried();
    let desk = TestDesk::new();
    let client = it_desk(&desk);
    let (first, _) = import(&desk, client, &text);
    let events = || -> i64 {
        desk.read(|db| Ok(db.connection().query_row("select count(*) from event", [], |row| row.get(0))?))
    };
    let before = events();
    // The original has more columns: its rows are the same all the same.
    for again in [Some(text), original()].into_iter().flatten() {
        let (second, _) = import(&desk, client, &again);
        assert_eq!(second.tickets, Count { known: first.tickets.new, ..Count::default() });
        assert_eq!(second.updates, Count { known: first.updates.new, ..Count::default() });
        assert_eq!(second.differing, first.differing);
    }
    assert_eq!(events(), before);
}

#[test]
fn scripts_clocks_and_people_hear_nothing_of_it() {
    let desk = TestDesk::new();
    let client = it_desk(&desk);
    import(&desk, client, &carried());
    let count = |table: &str| -> i64 {
        let sql = format!("select count(*) from {table}");
        desk.read(|db| Ok(db.connection().query_row(&sql, [], |row| row.get(0))?))
    };
    for table in ["run", "due", "sla_clock", "notification", "job"] {
        assert_eq!(count(table), 0, "{table}");
    }
}

#[test]
fn a_later_export_continues_where_the_first_ended() {
    let rows = [
        "INC0000001,New,0,0,0,TRUE,29-02-2016 01:16,29-02-2016 01:23,?,Category 9,?,?,2 - Medium,2 - Medium,3 - Moderate,Group 70",
        "INC0000001,Active,1,0,1,TRUE,29-02-2016 01:16,29-02-2016 02:00,?,Category 9,?,?,2 - Medium,2 - Medium,3 - Moderate,Group 6",
        "INC0000001,Resolved,1,0,2,TRUE,29-02-2016 01:16,29-02-2016 03:00,?,?,?,?,2 - Medium,2 - Medium,3 - Moderate,?",
        "INC0000001,Active,1,0,3,TRUE,29-02-2016 01:16,01-03-2016 03:00,?,Category 9,?,?,2 - Medium,2 - Medium,3 - Moderate,Group 6",
    ];
    let desk = TestDesk::new();
    let client = it_desk(&desk);
    let text = |rows: &[&str]| format!("{HEADER}\n{}\n", rows.join("\n"));
    import(&desk, client, text(&rows[..2]).as_bytes());
    let id = ticket_of(&desk, client, "INC0000001");
    assert_eq!(desk.ticket(id).status.as_str(), "active");
    let (later, _) = import(&desk, client, text(&rows[2..3]).as_bytes());
    assert_eq!(later.tickets, Count { known: 1, ..Count::default() });
    assert_eq!(later.updates, Count { new: 1, ..Count::default() });
    let ticket = desk.ticket(id);
    assert_eq!(ticket.status.as_str(), "resolved");
    assert_eq!(ticket.resolved_at.unwrap().to_string(), "2016-02-29T03:00:00.000Z");
    // What a row does not know stays as it was.
    assert_eq!(ticket.queue.unwrap().as_str(), "group_6");
    assert_eq!(ticket.category.unwrap().as_str(), "category_9");
    // It came back although the log does not count it: the rows govern.
    import(&desk, client, text(&rows[3..]).as_bytes());
    let ticket = desk.ticket(id);
    assert_eq!((ticket.status.as_str(), ticket.reopen_count), ("active", 1));
    assert_eq!(ticket.resolved_at, None);
}

#[test]
fn a_row_that_is_wrong_is_named_and_stops_no_other() {
    let good = |number: &str| {
        format!(
            "{number},New,0,0,0,TRUE,29-02-2016 01:16,29-02-2016 01:23,?,Category 9,?,?,2 - Medium,2 - Medium,3 - Moderate,Group 70"
        )
    };
    let spoilt = |from: &str, to: &str| good("INC0000002").replace(from, to);
    let cases: [(Vec<u8>, &str); 12] = [
        (
            spoilt("29-02-2016 01:23", "30-02-2016 01:23").into(),
            "line 3, column 8 (sys_updated_at): `30-02-2016 01:23` should be a time as day-month-year hour:minute",
        ),
        (
            spoilt("29-02-2016 01:16", "2016-02-29 01:16").into(),
            "line 3, column 7 (opened_at): `2016-02-29 01:16` should be a time",
        ),
        (
            spoilt(",0,0,0,", ",0,-1,0,").into(),
            "line 3, column 4 (reopen_count): `-1` should be a whole number from 0",
        ),
        (spoilt(",0,0,0,", ",0,1001,0,").into(), "line 3: INC0000002: "),
        (
            spoilt("3 - Moderate", "Moderate").into(),
            "line 3, column 15 (priority): `Moderate` should be 1 to 5",
        ),
        (spoilt("INC0000002", "?").into(), "line 3, column 1 (number): `?` should be the incident's number"),
        (
            spoilt(",New,", ",-100,").into(),
            "line 3, column 2 (incident_state): `-100` should be Latin letters",
        ),
        (spoilt("Group 70", "Group 70000").into(), "line 3: INC0000002: "),
        (spoilt(",New,", ",Dormant,").into(), "line 3: INC0000002: "),
        (spoilt(",New,", ",\"New,").into(), "line 3: a quote is opened and not closed"),
        (spoilt(",New,", ",New,New,").into(), "line 3: 17 columns instead of 16"),
        (b"INC0000002,\xff\xfe".to_vec(), "line 3, byte 12: not UTF-8"),
    ];
    for (wrong, expected) in cases {
        let desk = TestDesk::new();
        let client = it_desk(&desk);
        let mut text = format!("{HEADER}\n{}\n", good("INC0000001")).into_bytes();
        text.extend(wrong);
        text.extend(format!("\n{}", good("INC0000003")).bytes());
        let (summary, said) = import(&desk, client, &text);
        assert!(said.lines().any(|line| line.starts_with(expected)), "expected {expected}, said {said}");
        assert_eq!(summary.tickets.new, 2, "{expected}");
        assert_eq!(summary.tickets.refused + summary.updates.refused, 1, "{expected}");
        ticket_of(&desk, client, "INC0000003");
    }
}

#[test]
fn a_refused_opening_leaves_the_ticket_to_its_next_row() {
    let row = |state: &str, group: &str, minute: u32| {
        format!(
            "INC0000001,{state},0,0,{minute},TRUE,29-02-2016 01:16,29-02-2016 01:{minute},?,Category 9,?,?,2 - Medium,2 - Medium,3 - Moderate,{group}\n"
        )
    };
    let desk = TestDesk::new();
    let client = it_desk(&desk);
    let text = format!(
        "{HEADER}\n{}{}{}{}",
        row("New", "Group 70000", 20),
        row("Active", "Group 70000", 21),
        row("Active", "Group 70", 22),
        row("Resolved", "Group 6", 23)
    );
    let (summary, said) = import(&desk, client, text.as_bytes());
    assert_eq!(summary.tickets, Count { new: 1, ..Count::default() }, "{said}");
    assert_eq!(summary.updates, Count { new: 1, known: 0, refused: 2 }, "{said}");
    assert!(said.contains("group_70000"), "{said}");
    let ticket = desk.ticket(ticket_of(&desk, client, "INC0000001"));
    assert_eq!((ticket.status.as_str(), ticket.handover_count), ("resolved", 1));
}

#[test]
fn a_file_that_is_no_log_is_refused_whole() {
    let desk = TestDesk::new();
    let client = it_desk(&desk);
    let mut run_all = |requests| desk.desk.run_all(requests);
    for (text, expected) in [
        ("", "the file is empty"),
        ("a,b\n1,2\n", "missing: number, incident_state, opened_at"),
        ("\u{1}\"", "a quote is opened"),
    ] {
        let mut out = Vec::new();
        let answer =
            import::servicenow(&mut run_all, client, text.as_bytes(), Detail::Counts, &mut out).unwrap_err();
        assert!(format!("{answer:#}").contains(expected), "{answer:#}");
    }
}
