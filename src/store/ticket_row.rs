//! Writing a ticket's row: only the groups of columns that changed, so that only the indexes over them are touched.

use std::sync::OnceLock;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::ticket::Derived;
use super::{StoreError, Tx, json, word};
use crate::domain::Moment;
use crate::domain::ticket::Ticket;

/// Columns that are written together. What no index is over and changes with nearly every event is always written.
type Group = u16;
const ALWAYS: Group = 0;
const STATUS: Group = 1;
const PHASE: Group = 1 << 1;
const QUEUE: Group = 1 << 2;
const HANDS: Group = 1 << 3;
const PLACE: Group = 1 << 4;
const CATEGORY: Group = 1 << 5;
const PRIORITY: Group = 1 << 6;
const DOCUMENTS: Group = 1 << 7;
const PUBLIC: Group = 1 << 8;
const DUE: Group = 1 << 9;
const RARE: Group = 1 << 10;
const GROUPS: u32 = 11;
const EVERY_GROUP: Group = (1 << GROUPS) - 1;

type Read = for<'t> fn(&'t Ticket, &Derived) -> Result<ToSqlOutput<'t>, StoreError>;

/// What may change of a row, in the order in which a new row is written after its id, client and number.
#[rustfmt::skip]
const COLUMNS: &[(&str, Group, Read)] = &[
    ("sub_client", PLACE, |t, _| maybe_whole(t.sub_client.map(|id| id.0))),
    ("site", PLACE, |t, _| maybe_whole(t.site.map(|id| id.0))),
    ("asset", PLACE, |t, _| maybe_whole(t.asset.map(|id| id.0))),
    ("contact", PLACE, |t, _| maybe_whole(t.contact.map(|id| id.0))),
    ("subject", RARE, |t, _| whole(t.subject.0)),
    ("status", STATUS, |t, _| text(&t.status)),
    ("category", CATEGORY, |t, _| maybe_text(t.category.as_deref())),
    ("impact", PRIORITY, |t, _| written(word(t.impact))),
    ("urgency", PRIORITY, |t, _| written(word(t.urgency))),
    ("priority", PRIORITY, |t, _| whole(t.priority)),
    ("is_urgent", PRIORITY, |t, _| whole(i64::from(t.is_urgent))),
    ("queue", QUEUE, |t, _| maybe_text(t.queue.as_deref())),
    ("assignee", HANDS, |t, _| maybe_whole(t.assignee.map(|id| id.0))),
    ("channel", RARE, |t, _| written(word(t.channel))),
    ("fields", DOCUMENTS, |t, _| written(json(&t.fields)?)),
    ("tags", DOCUMENTS, |t, _| written(json(&t.tags)?)),
    ("watchers", DOCUMENTS, |t, _| written(json(&t.watchers)?)),
    ("counters", DOCUMENTS, |t, _| written(json(&t.counters)?)),
    ("resolution", STATUS, |t, _| maybe_text(t.resolution.as_deref())),
    ("reopen_count", STATUS, |t, _| whole(t.reopen_count)),
    ("handover_count", QUEUE, |t, _| whole(t.handover_count)),
    ("pack_version", RARE, |t, _| maybe_whole(t.pack_version.map(|id| id.0))),
    ("opened_at", RARE, |t, _| whole(t.opened_at.ms())),
    ("updated_at", ALWAYS, |t, _| whole(t.updated_at.ms())),
    ("resolved_at", STATUS, |t, _| maybe_whole(t.resolved_at.map(Moment::ms))),
    ("closed_at", PHASE, |t, _| maybe_whole(t.closed_at.map(Moment::ms))),
    ("is_marked", RARE, |t, _| whole(i64::from(t.is_marked))),
    ("version", ALWAYS, |t, _| whole(t.version)),
    ("terms", PLACE, |t, _| written(json(&t.terms)?)),
    ("turned_at", ALWAYS, |t, _| whole(t.turned_at.ms())),
    ("public_updated_at", PUBLIC, |t, _| whole(t.public_updated_at.ms())),
    ("incident", RARE, |t, _| maybe_whole(t.incident.map(|id| id.0))),
    ("accept_until", HANDS, |t, _| maybe_whole(t.accept_until.map(Moment::ms))),
    ("return_count", HANDS, |t, _| whole(t.return_count)),
    ("unaccepted_by", HANDS, |t, _| written(json(&t.unaccepted_by)?)),
    ("phase", PHASE, |_, derived| written(word(derived.phase))),
    ("waits_for", PHASE, |_, derived| derived.waits_for.map_or(nothing(), |waits| written(word(waits)))),
    ("due_at", DUE, |_, derived| maybe_whole(derived.due_at.map(Moment::ms))),
    ("is_unclassified", ALWAYS, |_, derived| whole(i64::from(derived.is_unclassified))),
];

fn nothing<'t>() -> Result<ToSqlOutput<'t>, StoreError> {
    Ok(ToSqlOutput::Owned(Value::Null))
}

fn whole<'t>(number: i64) -> Result<ToSqlOutput<'t>, StoreError> {
    Ok(ToSqlOutput::Owned(Value::Integer(number)))
}

fn maybe_whole<'t>(number: Option<i64>) -> Result<ToSqlOutput<'t>, StoreError> {
    number.map_or_else(nothing, whole)
}

fn text(words: &str) -> Result<ToSqlOutput<'_>, StoreError> {
    Ok(ToSqlOutput::Borrowed(ValueRef::Text(words.as_bytes())))
}

fn maybe_text(words: Option<&str>) -> Result<ToSqlOutput<'_>, StoreError> {
    words.map_or_else(nothing, text)
}

fn written<'t>(words: String) -> Result<ToSqlOutput<'t>, StoreError> {
    Ok(ToSqlOutput::Owned(Value::Text(words)))
}

/// The row as it stands in the database.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'t> {
    pub ticket: &'t Ticket,
    /// Nothing: not known.
    pub derived: Option<Derived>,
}

/// The groups in which the two differ. Every field is named, so that the compiler asks where a new one belongs.
fn changed(was: Stored<'_>, is: &Ticket, derived: Derived) -> Group {
    #[rustfmt::skip]
    let Ticket {
        id: _, client: _, number: _, sub_client, site, asset, contact, subject, status, category, impact, urgency,
        priority, is_urgent, queue, assignee, channel, fields, tags, watchers, counters, resolution, reopen_count,
        handover_count, pack_version, opened_at, updated_at: _, resolved_at, closed_at, is_marked, version: _, terms,
        turned_at: _, public_updated_at, incident, accept_until, return_count, unaccepted_by,
    } = was.ticket;
    let derived_before = was.derived;
    let is_other =
        |differs: fn(Derived, Derived) -> bool| derived_before.is_none_or(|before| differs(before, derived));
    let checks = [
        (STATUS, *status != is.status || *resolution != is.resolution),
        (STATUS, *reopen_count != is.reopen_count || *resolved_at != is.resolved_at),
        (PHASE, *closed_at != is.closed_at),
        (PHASE, is_other(|a, b| (a.phase, a.waits_for) != (b.phase, b.waits_for))),
        (QUEUE, *queue != is.queue),
        (HANDS, *assignee != is.assignee || *accept_until != is.accept_until),
        (QUEUE, *handover_count != is.handover_count),
        (HANDS, *return_count != is.return_count || *unaccepted_by != is.unaccepted_by),
        (PLACE, (*sub_client, *site, *asset, *contact) != (is.sub_client, is.site, is.asset, is.contact)),
        (PLACE, *terms != is.terms),
        (CATEGORY, *category != is.category),
        (PRIORITY, (*impact, *urgency) != (is.impact, is.urgency)),
        (PRIORITY, (*priority, *is_urgent) != (is.priority, is.is_urgent)),
        (DOCUMENTS, *fields != is.fields || *tags != is.tags),
        (DOCUMENTS, *watchers != is.watchers || *counters != is.counters),
        (PUBLIC, *public_updated_at != is.public_updated_at),
        (DUE, is_other(|a, b| a.due_at != b.due_at)),
        (RARE, *subject != is.subject || *channel != is.channel || *opened_at != is.opened_at),
        (RARE, *pack_version != is.pack_version || *is_marked != is.is_marked || *incident != is.incident),
    ];
    checks.into_iter().filter(|(_, differs)| *differs).fold(ALWAYS, |all, (group, _)| all | group)
}

fn is_written(group: Group, groups: Group) -> bool {
    group == ALWAYS || group & groups != 0
}

/// The statement that writes these groups; each text is made once.
fn update_of(groups: Group) -> &'static str {
    static TEXTS: [OnceLock<String>; 1 << GROUPS] = [const { OnceLock::new() }; 1 << GROUPS];
    TEXTS[usize::from(groups)].get_or_init(|| {
        let names = COLUMNS.iter().filter(|(_, group, _)| is_written(*group, groups));
        let set: Vec<_> = names.enumerate().map(|(at, (name, ..))| format!("{name} = ?{}", at + 1)).collect();
        let [id, client, number, version] = [1, 2, 3, 4].map(|at| set.len() + at);
        let set = set.join(", ");
        format!(
            "update ticket set {set} where id = ?{id} and client = ?{client} and number = ?{number}
            and version = ?{version}"
        )
    })
}

/// For a test of every statement: each group by itself, and all together.
pub(super) fn statements() -> Vec<(&'static str, &'static str)> {
    let each = (0..GROUPS).map(|bit| 1 << bit);
    each.chain([ALWAYS, EVERY_GROUP]).map(|groups| ("ticket_row::UPDATE", update_of(groups))).collect()
}

/// Writes a new row by a statement that takes id, client, number and every column after them.
pub(super) fn insert(tx: &Tx, sql: &str, ticket: &Ticket, derived: Derived) -> Result<(), StoreError> {
    let mut statement = tx.connection().prepare_cached(sql)?;
    for (index, value) in [ticket.id.0, ticket.client.0, ticket.number].into_iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    for (index, (_, _, read)) in COLUMNS.iter().enumerate() {
        statement.raw_bind_parameter(index + 4, read(ticket, &derived)?)?;
    }
    Ok(statement.raw_execute().map(drop)?)
}

/// Writes what changed since the row was `was`; `false` when it is not at that version any more.
pub fn update(tx: &Tx, was: Stored<'_>, ticket: &Ticket, derived: Derived) -> Result<bool, StoreError> {
    let groups = changed(was, ticket, derived);
    let mut statement = tx.connection().prepare_cached(update_of(groups))?;
    let mut index = 0;
    for (_, _, read) in COLUMNS.iter().filter(|(_, group, _)| is_written(*group, groups)) {
        index += 1;
        statement.raw_bind_parameter(index, read(ticket, &derived)?)?;
    }
    for value in [ticket.id.0, ticket.client.0, ticket.number, was.ticket.version] {
        index += 1;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(statement.raw_execute()? == 1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::id::IdMaker;
    use crate::domain::pack::{Phase, WaitsFor};
    use crate::store::{Durability, open, ticket};

    const DERIVED: Derived =
        Derived { phase: Phase::Open, waits_for: None, due_at: None, is_unclassified: false };

    fn new() -> Value {
        json!({
            "id": "5", "client": "1", "number": 7, "sub_client": null, "site": null, "terms": {}, "asset": null,
            "contact": null, "subject": "3", "status": "new", "category": null, "impact": "medium",
            "urgency": "medium", "priority": 3, "is_urgent": false, "queue": null, "assignee": null,
            "accept_until": null, "return_count": 0, "unaccepted_by": [], "channel": "phone", "fields": {},
            "tags": [], "watchers": [], "counters": {}, "resolution": null, "incident": null, "reopen_count": 0,
            "handover_count": 0, "pack_version": null, "opened_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z", "public_updated_at": "2026-01-01T00:00:00Z",
            "turned_at": "2026-01-01T00:00:00Z", "resolved_at": null, "closed_at": null, "is_marked": false,
            "version": 1,
        })
    }

    /// Another value for each field that may change.
    fn others() -> Value {
        let at = "2026-01-02T00:00:00Z";
        json!({
            "sub_client": "8", "site": "9", "terms": { "country": "DE" }, "asset": "10", "contact": "11",
            "subject": "4", "status": "in_work", "category": "jam", "impact": "high", "urgency": "low",
            "priority": 1, "is_urgent": true, "queue": "support", "assignee": "12", "accept_until": at,
            "return_count": 1, "unaccepted_by": ["12"], "channel": "portal", "fields": { "act": { "kind": "number", "value": 3.0 } },
            "tags": ["a"], "watchers": ["12"], "counters": { "calls": 2 }, "resolution": "done",
            "incident": "13", "reopen_count": 1, "handover_count": 1, "pack_version": "14", "opened_at": at,
            "updated_at": at, "public_updated_at": at, "turned_at": at, "resolved_at": at, "closed_at": at,
            "is_marked": true, "version": 2,
        })
    }

    #[test]
    fn whatever_changes_of_a_ticket_is_in_its_row() {
        let folder = tempfile::tempdir().unwrap();
        let now = Moment::from_ms(1_000);
        let (tx, _) = open(folder.path(), Durability::None, IdMaker::new(1), now).unwrap();
        tx.connection().pragma_update(None, "foreign_keys", false).unwrap();
        tx.begin(now).unwrap();
        let read = |value: &Value| -> Ticket { serde_json::from_value(value.clone()).unwrap() };
        let mut stands = new();
        ticket::insert(&tx, &read(&stands), DERIVED).unwrap();
        let fields: Vec<String> = stands.as_object().unwrap().keys().cloned().collect();
        for field in fields.iter().filter(|field| !["id", "client", "number"].contains(&field.as_str())) {
            let was = read(&stands);
            stands[field] = others()[field].clone();
            let is = read(&stands);
            assert_ne!(was, is, "{field}");
            assert!(update(&tx, Stored { ticket: &was, derived: Some(DERIVED) }, &is, DERIVED).unwrap());
            assert_eq!(ticket::get(&tx, is.id).unwrap(), Some(is), "{field}");
        }
        let is = read(&stands);
        for derived in [
            Derived { phase: Phase::Closed, ..DERIVED },
            Derived { waits_for: Some(WaitsFor::Client), ..DERIVED },
            Derived { due_at: Some(now), ..DERIVED },
            Derived { is_unclassified: true, ..DERIVED },
        ] {
            for (before, after) in [(Some(DERIVED), derived), (None, DERIVED)] {
                assert!(update(&tx, Stored { ticket: &is, derived: before }, &is, after).unwrap());
                assert_eq!(ticket::get_with_derived(&tx, is.id).unwrap(), Some((is.clone(), after)));
            }
        }
        let stale = read(&new());
        assert!(!update(&tx, Stored { ticket: &stale, derived: None }, &is, DERIVED).unwrap());
    }
}
