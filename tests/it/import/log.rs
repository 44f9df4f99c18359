//! What a log says of its tickets, worked out apart from the importer.

use std::collections::BTreeMap;

pub struct Log {
    pub rows: usize,
    pub tickets: BTreeMap<String, Expected>,
}

#[derive(Default)]
pub struct Expected {
    /// The last state, as a key.
    pub state: String,
    pub reopen_count: i64,
    pub reassignment_count: i64,
    /// Changes between groups that are known.
    pub group_changes: i64,
    pub began_without_group: bool,
    /// RFC 3339.
    pub opened_at: String,
    group: Option<String>,
    rows: usize,
}

impl Log {
    pub fn read(text: &[u8]) -> Log {
        let mut reader = csv::Reader::from_reader(text);
        let headers = reader.headers().unwrap().clone();
        let mut log = Log { rows: 0, tickets: BTreeMap::new() };
        for record in reader.records() {
            let record = record.unwrap();
            let cell = |name: &str| &record[headers.iter().position(|header| header == name).unwrap()];
            log.rows += 1;
            let ticket = log.tickets.entry(cell("number").to_owned()).or_default();
            ticket.rows += 1;
            ticket.state = cell("incident_state").to_lowercase().replace(' ', "_");
            ticket.reopen_count = cell("reopen_count").parse().unwrap();
            ticket.reassignment_count = cell("reassignment_count").parse().unwrap();
            let opened = cell("opened_at").as_bytes();
            let part = |range: std::ops::Range<usize>| std::str::from_utf8(&opened[range]).unwrap();
            ticket.opened_at =
                format!("{}-{}-{}T{}:00.000Z", part(6..10), part(3..5), part(0..2), part(11..16));
            match cell("assignment_group") {
                "?" => ticket.began_without_group |= ticket.rows == 1,
                group => {
                    let group = Some(group.to_owned());
                    ticket.group_changes += i64::from(ticket.group.is_some() && ticket.group != group);
                    ticket.group = group;
                }
            }
        }
        // A ticket whose group was never known was not queued at all.
        for ticket in log.tickets.values_mut() {
            ticket.began_without_group &= ticket.group.is_some();
        }
        log
    }
}
