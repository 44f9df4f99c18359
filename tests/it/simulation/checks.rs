//! What must hold of the desk at every moment.

use naryad::domain::ticket::Ticket;
use naryad::domain::{Moment, TicketId};
use naryad::store::{self, Db};
use rusqlite::Connection;

use super::world::World;
use crate::helpers::checks::it_waits_for_acceptance_as_it_says;

/// What a change of any kind would change.
const FINGERPRINT: &[&str] = &[
    "select count(*), coalesce(sum(version), 0), coalesce(sum(length(counters)), 0) from ticket",
    "select count(*), coalesce(max(seq), 0), coalesce(sum(length(body)), 0) from event",
    "select count(*), coalesce(sum(attempts), 0), coalesce(sum(length(state)), 0) from job",
    "select count(*), coalesce(sum(length(facts)), 0), coalesce(sum(length(commands)), 0) from run",
    "select count(*), coalesce(sum(length(state)), 0), count(taken_by) from task",
    "select count(*), coalesce(sum(length(stage)), 0), coalesce(sum(is_open), 0) from work_order",
    "select count(*), coalesce(sum(run_at % 1000000007), 0), coalesce(sum(percent), 0) from due",
    "select count(*), coalesce(sum(used_ms), 0), count(met_at) from sla_clock",
    "select count(*), coalesce(sum(length(words)), 0), 0 from text_body",
    "select count(*), coalesce(sum(length(command)), 0), 0 from journal",
    "select count(*), count(read_at), 0 from notification",
    "select count(*), coalesce(sum(last_number), 0), coalesce(sum(version), 0) from client",
    "select count(*), coalesce(sum(version), 0), coalesce(sum(is_on_duty), 0) from person",
    "select count(*), coalesce(sum(length(answer)), 0), 0 from idempotency",
    "select count(*), coalesce(sum(failures_in_row), 0), count(quarantined_at) from script_health",
    "select count(*), coalesce(max(ticket), 0), coalesce(max(other), 0) from ticket_link",
    "select count(*), coalesce(sum(ordinal), 0), 0 from pack_version",
];

/// Numbers that stay the same as long as nothing is changed.
pub fn fingerprint(connection: &Connection) -> Vec<(i64, i64, i64)> {
    let look = |sql: &&str| {
        let mut statement = connection.prepare_cached(sql).unwrap();
        statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    };
    FINGERPRINT.iter().map(look).collect()
}

/// A ticket's row is what its events add up to.
pub fn ticket_follows_from_its_events(db: &Db, id: TicketId) -> Ticket {
    let events = store::event::of_ticket(db, id).unwrap();
    let story: Vec<(&_, Moment)> = events.iter().map(|one| (&one.event, one.occurred_at)).collect();
    let stored = store::ticket::get(db, id).unwrap();
    assert_eq!(Ticket::rebuild(id, story), stored, "ticket {id} and its events differ");
    let stored = stored.expect("an acknowledged ticket is there");
    it_waits_for_acceptance_as_it_says(db, id).unwrap();
    stored
}

pub fn everything_holds(world: &World) {
    let connection = world.connection();
    let integrity: String = connection.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    assert!(!exists(connection, "pragma foreign_key_check"), "a foreign key points nowhere");
    for (ticket, version) in world.acknowledged() {
        let stored = ticket_follows_from_its_events(world.db(), *ticket);
        assert!(stored.version >= *version, "ticket {ticket} is older than it was acknowledged");
    }
    for (rule, sql) in RULES {
        assert!(!exists(connection, sql), "{rule}");
    }
}

/// What no row may be like: (the rule, how one that breaks it is found).
const RULES: &[(&str, &str)] = &[
    (
        "the events are numbered without a gap",
        "select 1 where (select coalesce(max(seq), 0) from event) <> (select count(*) from event)",
    ),
    (
        "a client's tickets are numbered from 1 without a gap",
        "select 1 from client where last_number <> (select count(*) from ticket where ticket.client = client.id)
            or last_number <> (select coalesce(max(number), 0) from ticket where ticket.client = client.id)",
    ),
    (
        "every event names an outside command that was journaled",
        "select 1 from event left join journal on journal.id = event.journal where journal.id is null",
    ),
    (
        "an event of a run names one that is kept",
        "select 1 from event left join run on run.id = event.run where event.run is not null and run.id is null",
    ),
    (
        "a closed ticket holds no timer and no deadline",
        "select 1 from due join ticket on ticket.id = due.ticket where ticket.phase = 'closed' and due.kind = 'sla'",
    ),
    (
        "a clock that runs and was not warned of its breach has its next alarm before it",
        "select 1 from sla_clock where running_since is not null and warned_percent < 100 and not exists
            (select 1 from due where due.ticket = sla_clock.ticket and due.kind = 'sla' and due.name = sla_clock.target)",
    ),
    (
        "every plugin call stands once in the outbox",
        "select 1 from ticket where (select count(*) from event where event.ticket = ticket.id and kind = 'plugin_called')
            <> (select count(*) from job where job.ticket = ticket.id and job.kind = 'call_plugin')",
    ),
    (
        "a job that is done was answered once, and no other was",
        "select 1 from ticket where (select count(*) from event where event.ticket = ticket.id and kind = 'plugin_answered')
            <> (select count(*) from job where job.ticket = ticket.id and job.state = 'done')",
    ),
    ("a task that is open is not finished", "select 1 from task where (state = 'open') <> (finished_at is null)"),
    (
        "the words of every subject are there",
        "select 1 from ticket left join text_body on text_body.id = ticket.subject where text_body.id is null",
    ),
];

fn exists(connection: &Connection, sql: &str) -> bool {
    connection.prepare(sql).unwrap().exists([]).unwrap()
}
