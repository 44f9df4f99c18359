//! What a recorded command names, and its counterpart in a replay. What has none is said so, never guessed.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::journal::Entry;
use super::report::LostWhy;
use crate::domain::command::{Command, ImportTicket, ImportUpdate, JobEnd, PluginAnswered};
use crate::domain::hold::Hold;
use crate::domain::person::Actor;
use crate::domain::{ClientId, HoldId, JobId, Key, Moment, TaskId, TicketId, TimeEntryId, WorkOrderId};
use crate::store::job::{Job, JobState};
use crate::store::journal::Line;
use crate::store::{self, Db, StoreError};

/// Commands about records and settings, which stand in the replay as they are now.
#[rustfmt::skip]
const OF_RECORDS: &[&str] = &[
    "put_client", "put_sub_client", "put_site", "put_asset", "put_contact", "set_named_contact", "adjust_balance",
    "put_partner", "put_person", "set_access", "set_password", "name_specialist", "end_specialist",
    "map_foreign_login", "unmap_foreign_login", "put_shift", "remove_shift", "put_absence", "remove_absence",
    "swap_shifts", "change_roster", "copy_roster", "import_roster", "import_roster_calendar", "put_shift_pattern",
    "remove_shift_pattern", "apply_shift_pattern", "save_draft", "edit_time", "publish_pack", "roll_back_pack",
    "put_holidays", "release_quarantine", "start_shadow", "stop_shadow", "offer_swap", "answer_swap", "install_plugin",
    "set_plugin_enabled",
];
/// How the text of a row of an import begins.
const IMPORTED: &str = "{\"type\":\"import_";
/// Commands that change no ticket.
#[rustfmt::skip]
const OF_NO_TICKET: &[&str] =
    &["read_notifications", "acknowledge_alarm", "replay_job", "drop_job", "release_outbox"];
/// Fields of commands that name a ticket.
const TICKET_FIELDS: [&str; 4] = ["ticket", "other", "of", "incident"];

/// A recorded command as a replay needs it.
#[derive(Debug)]
pub(super) struct Told {
    pub at: Moment,
    pub occurred_at: Moment,
    pub actor: Actor,
    /// The live ticket that it is about.
    pub ticket: Option<TicketId>,
    /// What the command is called, such as `finish_task`.
    pub name: String,
    pub what: What,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    /// A command, with the things that it names by a field.
    Change {
        command: Map<String, Value>,
        things: Vec<(&'static str, Option<Thing>)>,
    },
    /// As `Change`; the ticket that it opened had this number.
    Opening {
        command: Map<String, Value>,
        number: i64,
    },
    Imported {
        import: Box<ImportTicket>,
        number: i64,
    },
    ImportedRow(Box<ImportUpdate>),
    /// The answer of a plugin, and the job that asked; `None`: it is not kept any more.
    Answer {
        answered: Box<PluginAnswered>,
        job: Option<Job>,
    },
    /// An attempt at outside work was the last.
    Dead {
        end: JobEnd,
        job: Job,
    },
    /// A person decided of held messages of this handler.
    Decision {
        command: Map<String, Value>,
        client: ClientId,
        handler: String,
    },
    OfRecords,
    /// Made anew by the replay's own clock, or of no ticket, or of another client.
    Nothing,
}

/// A task, an order or a time entry by what tells it from others in any replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    pub kind: ThingKind,
    pub ticket: TicketId,
    /// The department, the engineer, the person.
    pub target: String,
    /// From 0, among those of its ticket, kind and target.
    pub ordinal: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ThingKind {
    Task,
    Order,
    TimeEntry,
}

/// Which ticket of the replay stands for which of the live desk.
pub(super) type Names = HashMap<TicketId, TicketId>;

/// Reads a recorded command with all that it names on the live desk.
pub(super) fn read(live: &Db, entry: Entry) -> Result<Option<Told>, StoreError> {
    let Some(line) = store::journal::get(live, entry.id)? else { return Ok(None) };
    let unreadable = |error: serde_json::Error| StoreError::Unreadable {
        what: "command of the journal",
        why: format!("{}: {error}", line.id),
    };
    if let Some(told) = imported(live, entry, &line)? {
        return Ok(Some(told));
    }
    let mut command: Map<String, Value> = serde_json::from_str(&line.command).map_err(unreadable)?;
    let name = command.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut ticket = line.ticket;
    let what = match name.as_str() {
        known if OF_RECORDS.contains(&known) => What::OfRecords,
        known if OF_NO_TICKET.contains(&known) || known == "play_due" => What::Nothing,
        "open_ticket" => What::Opening { command, number: number_of(live, ticket)? },
        "end_job" | "plugin_answered" => match parsed(command).map_err(unreadable)? {
            Command::PluginAnswered(answered) => {
                let job = answered.job.map_or(Ok(None), |job| store::job::get(live, job))?;
                What::Answer { answered, job }
            }
            Command::EndJob { job, end: end @ JobEnd::Dead { .. } } => match store::job::get(live, job)? {
                Some(job) => {
                    ticket = job.ticket;
                    What::Dead { end, job }
                }
                None => What::Nothing,
            },
            _ => What::Nothing,
        },
        "approve_hold" | "discard_hold" => {
            let hold =
                number_in(&command, "hold").map_or(Ok(None), |id| store::hold::get(live, HoldId(id)))?;
            hold.map_or(What::Nothing, |Hold { client, handler, .. }| What::Decision {
                command,
                client,
                handler,
            })
        }
        "take_next" => match (ticket, &line.actor) {
            (Some(taken), Actor::Person { person }) => taken_by(taken, *person),
            _ => What::Nothing,
        },
        _ => {
            command.remove("version");
            let things = things(live, &command)?;
            What::Change { command, things }
        }
    };
    Ok(Some(Told { at: entry.at, occurred_at: line.occurred_at, actor: line.actor, ticket, name, what }))
}

/// A row of an import, of which a window has by far the most: read at once into what it is. Nothing: it is none.
fn imported(live: &Db, entry: Entry, line: &Line) -> Result<Option<Told>, StoreError> {
    if !line.command.starts_with(IMPORTED) {
        return Ok(None);
    }
    let command = serde_json::from_str(&line.command).map_err(|error| StoreError::Unreadable {
        what: "command of the journal",
        why: format!("{}: {error}", line.id),
    })?;
    let (name, what) = match command {
        Command::ImportTicket(import) => {
            ("import_ticket", What::Imported { import, number: number_of(live, line.ticket)? })
        }
        Command::ImportUpdate(import) => ("import_update", What::ImportedRow(import)),
        _ => return Ok(None),
    };
    let (at, occurred_at, actor) = (entry.at, line.occurred_at, line.actor.clone());
    Ok(Some(Told { at, occurred_at, actor, ticket: line.ticket, name: name.to_owned(), what }))
}

fn number_of(live: &Db, ticket: Option<TicketId>) -> Result<i64, StoreError> {
    let found = ticket.map_or(Ok(None), |id| store::ticket::get(live, id))?;
    Ok(found.map_or(0, |ticket| ticket.number))
}

fn parsed(command: Map<String, Value>) -> Result<Command, serde_json::Error> {
    serde_json::from_value(Value::Object(command))
}

/// Which ticket was the best to take next is past; that the person took it stands.
fn taken_by(ticket: TicketId, person: crate::domain::PersonId) -> What {
    let Value::Object(command) = serde_json::json!({
        "type": "assign_ticket", "ticket": ticket, "reason": null,
        "to": { "how": "person", "person": person },
    }) else {
        unreachable!("an object was written")
    };
    What::Change { command, things: Vec::new() }
}

fn number_in(command: &Map<String, Value>, field: &str) -> Option<i64> {
    command.get(field)?.as_str()?.parse().ok()
}

fn things(live: &Db, command: &Map<String, Value>) -> Result<Vec<(&'static str, Option<Thing>)>, StoreError> {
    let mut things = Vec::new();
    if let Some(task) = number_in(command, "task") {
        let found = store::task::get(live, TaskId(task))?;
        let ticket = found.map(|task| task.ticket);
        things.push(("task", thing(live, ThingKind::Task, ticket, task)?));
    }
    if let Some(order) = number_in(command, "order") {
        let found = store::work_order::get(live, WorkOrderId(order))?;
        let ticket = found.map(|order| order.ticket);
        things.push(("order", thing(live, ThingKind::Order, ticket, order)?));
    }
    if let Some(entry) = number_in(command, "entry") {
        let found = store::time_entry::get(live, TimeEntryId(entry))?;
        let ticket = found.map(|entry| entry.ticket);
        things.push(("entry", thing(live, ThingKind::TimeEntry, ticket, entry)?));
    }
    Ok(things)
}

fn thing(live: &Db, kind: ThingKind, ticket: Option<TicketId>, id: i64) -> Result<Option<Thing>, StoreError> {
    let Some(ticket) = ticket else { return Ok(None) };
    let all = of_ticket(live, kind, ticket)?;
    let Some(target) = all.iter().find(|(own, _)| *own == id).map(|(_, target)| target.clone()) else {
        return Ok(None);
    };
    let ordinal = all.iter().filter(|(own, of)| *of == target && *own < id).count();
    Ok(Some(Thing { kind, ticket, target, ordinal }))
}

/// The things of a kind on a ticket, oldest first, each with its target.
fn of_ticket(db: &Db, kind: ThingKind, ticket: TicketId) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(match kind {
        ThingKind::Task => {
            let all = store::task::of_ticket(db, ticket)?;
            all.into_iter().map(|task| (task.id.0, task.department.to_string())).collect()
        }
        ThingKind::Order => {
            let all = store::work_order::of_ticket(db, ticket)?;
            all.into_iter().map(|order| (order.id.0, order.engineer.to_string())).collect()
        }
        ThingKind::TimeEntry => {
            let mut all = store::time_entry::of_ticket(db, ticket)?;
            all.sort_by_key(|entry| entry.id);
            all.into_iter().map(|entry| (entry.id.0, entry.person.to_string())).collect()
        }
    })
}

/// The command with everything named as in the replay.
pub(super) fn renamed(
    db: &Db,
    names: &Names,
    mut command: Map<String, Value>,
    things: &[(&'static str, Option<Thing>)],
) -> Result<Result<Command, LostWhy>, StoreError> {
    for field in TICKET_FIELDS {
        let Some(live) = number_in(&command, field) else { continue };
        let Some(own) = names.get(&TicketId(live)) else { return Ok(Err(LostWhy::NoTicket)) };
        command.insert(field.to_owned(), Value::String(own.to_string()));
    }
    if let Some(Value::Array(tickets)) = command.get_mut("tickets") {
        tickets.retain_mut(|one| rename_one(names, one));
        if tickets.is_empty() {
            return Ok(Err(LostWhy::NoTicket));
        }
    }
    for (field, thing) in things {
        let Some(thing) = thing else { return Ok(Err(LostWhy::NotKept)) };
        let Some(ticket) = names.get(&thing.ticket) else { return Ok(Err(LostWhy::NoTicket)) };
        let all = of_ticket(db, thing.kind, *ticket)?;
        let mut same = all.into_iter().filter(|(_, target)| *target == thing.target);
        let Some((own, _)) = same.nth(thing.ordinal) else { return Ok(Err(LostWhy::NoCounterpart)) };
        command.insert((*field).to_owned(), Value::String(own.to_string()));
        if thing.kind == ThingKind::TimeEntry
            && let Some(entry) = store::time_entry::get(db, TimeEntryId(own))?
        {
            command.insert("version".to_owned(), entry.version.into());
        }
    }
    Ok(parsed(command).map_err(|_| LostWhy::Unreadable))
}

fn rename_one(names: &Names, one: &mut Value) -> bool {
    let Some(fields) = one.as_object_mut() else { return false };
    let own = number_in(fields, "ticket").and_then(|live| names.get(&TicketId(live)));
    own.is_some_and(|own| fields.insert("ticket".to_owned(), Value::String(own.to_string())).is_some())
}

/// The decision about what the handler's hold has in the replay; nothing where the handler sent less there.
pub(super) fn decision_like(
    db: &Db,
    mut command: Map<String, Value>,
    client: ClientId,
    handler: &str,
) -> Result<Option<Command>, StoreError> {
    let Some(own) = store::hold::open(db, client, handler)? else { return Ok(None) };
    command.insert("hold".to_owned(), Value::String(own.id.to_string()));
    command.insert("version".to_owned(), own.version.into());
    command.insert("messages".to_owned(), own.held.into());
    Ok(parsed(command).ok())
}

/// The waiting call of the replay that asks what the live one asked.
pub(super) fn call_like(db: &Db, names: &Names, live: &Job) -> Result<Result<JobId, LostWhy>, StoreError> {
    let Some(ticket) = live.ticket.and_then(|ticket| names.get(&ticket)) else {
        return Ok(Err(LostWhy::NoTicket));
    };
    let asked = asked(&live.body, names);
    let found = store::job::of_ticket(db, *ticket)?.into_iter().find(|job| {
        job.kind == live.kind
            && job.state == JobState::Waiting
            && self::asked(&job.body, &Names::new()) == asked
    });
    Ok(found.map(|job| job.id).ok_or(LostWhy::NoCounterpart))
}

/// Plugin, function and input of a call; tickets that the input names are named as in the replay.
fn asked(body: &Value, names: &Names) -> (Option<Key>, Option<Key>, Value) {
    let key = |name: &str| body.get(name).and_then(Value::as_str).and_then(|text| Key::new(text).ok());
    let mut input = body.get("input").cloned().unwrap_or_default();
    rename_within(&mut input, names);
    (key("plugin"), key("function"), input)
}

fn rename_within(value: &mut Value, names: &Names) {
    match value {
        Value::String(text) => {
            let own = text.parse().ok().and_then(|live| names.get(&TicketId(live)));
            if let Some(own) = own {
                *text = own.to_string();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename_within(item, names)),
        Value::Object(fields) => fields.values_mut().for_each(|field| rename_within(field, names)),
        _ => {}
    }
}
