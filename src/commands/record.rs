//! What every event sets off, in this order: the ticket, the rows that the event made or moved, the SLA
//! clocks, the event itself, the people to be told, the script.

use super::acceptance;
use super::clocks;
use super::desk::Change;
use super::done::{DeskError, Mode};
use super::inform;
use super::ladder;
use super::rating;
use super::report;
use super::watch;
use super::work::{Case, Wake, Work, derived};
use crate::domain::event::{Event, TaskOpened, WorkOrderOpened};
use crate::domain::person::Actor;
use crate::domain::report::OrderReport;
use crate::domain::state_graph::{Cause, Way, counted_since};
use crate::domain::task::{Task, TaskState};
use crate::domain::ticket::Ticket;
use crate::domain::time_entry::{Stopwatch, TimeEntry, TimeSpent};
use crate::domain::work_order::{Stage, WorkOrder};
use crate::domain::{TaskId, TicketId, TimeEntryId, WorkOrderId};
use crate::store::contract::Holder;
use crate::store::event::Recorded;
use crate::store::{self, StoreError};
use crate::workflow::Occasion;

/// Records the event that opens a ticket.
pub(super) fn record_opening(work: &mut Work<'_>, id: TicketId, event: Event) -> Result<(), DeskError> {
    let ticket = Ticket::opened(id, &event, work.occurred_at).expect("only an opening event comes here");
    work.adopt(ticket, None)?;
    work.with(id, |case| case.clocks = Some(Vec::new()));
    clocks::follow(work, id, &event, None)?;
    // The row must be there before what points at it.
    work.with(id, |case| insert_row(&work.tx, case))?;
    follow_up(work, id, event).map(drop)
}

/// Records an event of a ticket that is open already.
pub(super) fn record(work: &mut Work<'_>, id: TicketId, event: Event) -> Result<(), DeskError> {
    work.touch(id)?;
    let at = work.occurred_at;
    let (before, waited) = work.with(id, |case: &mut Case| {
        let before = (clocks::calendar(case), case.ticket.accept_until);
        case.ticket_mut().apply(&event, at);
        before
    });
    if matches!(event, Event::PackVersionMoved { .. }) {
        work.load_pack(id)?;
    }
    write_rows(work, id, &event)?;
    clocks::follow(work, id, &event, before)?;
    let event = follow_up(work, id, event)?;
    acceptance::follow(work, id, &event, waited)?;
    ladder::follow(work, id, &event)
}

/// The first row of a ticket.
pub(super) fn insert_row(tx: &store::Tx, case: &mut Case) -> Result<(), StoreError> {
    let row = derived(case);
    store::ticket::insert(tx, &case.ticket, row)?;
    case.note_written(row);
    Ok(())
}

/// Gives the event back.
fn follow_up(work: &mut Work<'_>, id: TicketId, event: Event) -> Result<Event, DeskError> {
    let client = work.with(id, |case| case.ticket.client);
    let recorded = Recorded {
        id: work.tx.id(),
        seq: work.tx.next_seq(),
        client,
        ticket: id,
        event,
        actor: work.cause.actor.clone(),
        journal: work.journal,
        run: work.cause.run,
        occurred_at: work.occurred_at,
        recorded_at: work.tx.now(),
    };
    store::event::append(&work.tx, &recorded)?;
    if let Event::TicketAssigned { person, .. } = recorded.event {
        store::candidate::note_assigned(&work.tx, person, recorded.seq)?;
    }
    let kind = recorded.event.name();
    work.changes.push(Change {
        seq: recorded.seq,
        client: Some(client),
        ticket: Some(id),
        kind,
        person: None,
    });
    watch::notice(work, id, &recorded.event)?;
    note_move(work, &recorded)?;
    if work.mode == Mode::Live {
        inform::about(work, id, &recorded.event)?;
        wake(work, id, &recorded.event);
    }
    Ok(recorded.event)
}

/// Keeps the way that the ticket went, for the state graph; what an import tells of long ago is no traffic, and nobody
/// looks at a back-test's.
fn note_move(work: &Work<'_>, recorded: &Recorded) -> Result<(), DeskError> {
    if !work.programs.is_traced || recorded.occurred_at < counted_since(work.tx.now()) {
        return Ok(());
    }
    let status = work.with(recorded.ticket, |case| case.ticket.status.clone());
    let Some(way) = Way::of(&recorded.event, &status) else { return Ok(()) };
    let cause = Cause::of(&recorded.actor);
    let (client, ticket, at) = (recorded.client, recorded.ticket, recorded.occurred_at);
    Ok(store::ticket_move::insert(&work.tx, client, &way, cause, at, ticket)?)
}

/// Puts the client's handler in the queue. A handler is not woken again by what its own run changed; a work
/// order that its run brought about is a new thing of which it must hear.
fn wake(work: &mut Work<'_>, id: TicketId, event: &Event) {
    let Some(occasion) = Occasion::of(event, &work.cause.actor) else { return };
    let is_own = work.cause.handler.as_deref() == Some(occasion.handler());
    if is_own && !matches!(event, Event::WorkOrderOpened(_)) {
        return;
    }
    let depth = match occasion {
        Occasion::Rung { depth, .. } => depth + 1,
        _ => work.cause.depth,
    };
    work.waiting.push_back(Wake { ticket: id, occasion, depth });
}

/// Writes the rows that the event makes or moves.
pub(super) fn write_rows(work: &mut Work<'_>, id: TicketId, event: &Event) -> Result<(), DeskError> {
    match event {
        Event::TaskOpened(opened) => insert_task(work, id, opened),
        Event::TaskTaken { task, person } => update_task(work, *task, |row| row.taken_by = Some(*person)),
        Event::TaskDone { task, outcome, comment, fields, files, .. } => {
            let at = work.occurred_at;
            update_task(work, *task, |row| {
                row.state = TaskState::Done;
                row.finished_at = Some(at);
                row.outcome = Some(outcome.clone());
                row.comment = *comment;
                row.fields.extend(fields.clone());
                row.files.clone_from(files);
            })
        }
        Event::TaskCancelled { task, reason, .. } => {
            let at = work.occurred_at;
            update_task(work, *task, |row| {
                row.state = TaskState::Cancelled;
                row.finished_at = Some(at);
                row.comment = *reason;
            })
        }
        Event::WorkOrderOpened(opened) => insert_order(work, id, opened),
        Event::WorkOrderAdvanced { order, .. } => advance_order(work, *order, event),
        Event::ReportRequired { .. } | Event::ReportHandedIn(_) | Event::ReportJudged { .. } => {
            report::write_rows(work, id, event)
        }
        Event::TimeRecorded { .. } | Event::TimeChanged { .. } | Event::TimeTakenBack { .. } => {
            write_time(work, id, event)
        }
        Event::StopwatchStarted { person } => {
            let stopwatch = Stopwatch { person: *person, ticket: id, started_at: work.occurred_at };
            Ok(store::time_entry::start(&work.tx, &stopwatch)?)
        }
        Event::StopwatchStopped { person, .. } => Ok(store::time_entry::stop(&work.tx, *person)?),
        Event::TicketLinked { other, kind } => Ok(store::link::put(&work.tx, id, *other, *kind).map(drop)?),
        Event::TicketUnlinked { other, kind } => {
            Ok(store::link::remove(&work.tx, id, *other, *kind).map(drop)?)
        }
        Event::CoverageChecked(checked) => {
            let ticket = work.with(id, |case| case.ticket.clone());
            let holder = Holder { client: ticket.client, sub_client: checked.holder };
            Ok(store::contract::put_coverage(&work.tx, &ticket, holder, &checked.coverage)?)
        }
        Event::LadderStarted(_) | Event::RungReached { .. } | Event::LadderStopped { .. } => {
            ladder::write_rows(work, id, event)
        }
        Event::RatingPlanned { .. }
        | Event::RatingAsked(_)
        | Event::TicketRated(_)
        | Event::RatingSettled { .. }
        | Event::TicketReopened { .. } => rating::write_rows(work, id, event),
        Event::PriorityRaised { raise, .. } => Ok(store::contract::insert_raise(&work.tx, raise)?),
        _ => Ok(()),
    }
}

fn insert_task(work: &Work<'_>, ticket: TicketId, opened: &TaskOpened) -> Result<(), DeskError> {
    let task = Task {
        id: opened.task,
        ticket,
        department: opened.department.clone(),
        title: opened.title,
        due_at: opened.due_at,
        outcomes: opened.outcomes.clone(),
        partner: opened.partner,
        fields: opened.fields.clone(),
        state: TaskState::Open,
        opened_at: work.occurred_at,
        taken_by: None,
        finished_at: None,
        outcome: None,
        comment: None,
        files: Vec::new(),
        ordinal: opened.ordinal,
    };
    let client = work.with(ticket, |case| case.ticket.client);
    Ok(store::task::insert(&work.tx, client, &task)?)
}

fn update_task(work: &Work<'_>, id: TaskId, change: impl FnOnce(&mut Task)) -> Result<(), DeskError> {
    let mut task = store::task::get(&work.tx, id)?.ok_or_else(|| lost("task", id.0))?;
    change(&mut task);
    Ok(store::task::update(&work.tx, &task)?)
}

fn insert_order(work: &Work<'_>, ticket: TicketId, opened: &WorkOrderOpened) -> Result<(), DeskError> {
    let order = WorkOrder {
        id: opened.order,
        ticket,
        engineer: opened.engineer,
        stage: Stage::Offered,
        note: opened.note,
        due_at: opened.due_at,
        planned_at: opened.planned_at,
        opened_at: work.occurred_at,
        arrived_at: None,
        finished_at: None,
        outcome: None,
        comment: None,
        parts_needed: Vec::new(),
        ordinal: opened.ordinal,
        report: OrderReport::default(),
    };
    let client = work.with(ticket, |case| case.ticket.client);
    Ok(store::work_order::insert(&work.tx, client, &order)?)
}

fn advance_order(work: &Work<'_>, id: WorkOrderId, event: &Event) -> Result<(), DeskError> {
    let Event::WorkOrderAdvanced { to, outcome, comment, parts_needed, planned_at, .. } = event else {
        return Ok(());
    };
    let mut order = store::work_order::get(&work.tx, id)?.ok_or_else(|| lost("work order", id.0))?;
    order.stage = *to;
    order.outcome.clone_from(outcome);
    order.comment = comment.or(order.comment);
    order.parts_needed.clone_from(parts_needed);
    order.planned_at = planned_at.or(order.planned_at);
    if *to == Stage::Arrived {
        order.arrived_at = Some(work.occurred_at);
    }
    if !to.is_open() {
        order.finished_at = Some(work.occurred_at);
    }
    Ok(store::work_order::update(&work.tx, &order)?)
}

fn write_time(work: &Work<'_>, ticket: TicketId, event: &Event) -> Result<(), DeskError> {
    match event {
        Event::TimeRecorded { entry, person, spent, .. } => {
            let (client, sub_client) = work.with(ticket, |case| (case.ticket.client, case.ticket.sub_client));
            let recorded_by = match work.cause.actor {
                Actor::Person { person } => Some(person),
                _ => None,
            };
            let TimeSpent { began_at, minutes, kind, note } = spent.clone();
            let row = TimeEntry {
                id: *entry,
                ticket,
                client,
                sub_client,
                person: *person,
                began_at,
                minutes,
                kind,
                note,
                recorded_by,
                recorded_at: work.tx.now(),
                taken_back_at: None,
                version: 1,
            };
            Ok(store::time_entry::insert(&work.tx, &row)?)
        }
        Event::TimeChanged { entry, to, .. } => update_time(work, *entry, |row| {
            let TimeSpent { began_at, minutes, kind, note } = to.clone();
            (row.began_at, row.minutes, row.kind, row.note) = (began_at, minutes, kind, note);
        }),
        Event::TimeTakenBack { entry, .. } => {
            let at = work.occurred_at;
            update_time(work, *entry, |row| row.taken_back_at = Some(at))
        }
        _ => Ok(()),
    }
}

fn update_time(
    work: &Work<'_>,
    id: TimeEntryId,
    change: impl FnOnce(&mut TimeEntry),
) -> Result<(), DeskError> {
    let mut entry = store::time_entry::get(&work.tx, id)?.ok_or_else(|| lost("time entry", id.0))?;
    change(&mut entry);
    entry.version += 1;
    store::time_entry::update(&work.tx, &entry)?;
    Ok(())
}

pub(super) fn lost(what: &'static str, id: i64) -> StoreError {
    StoreError::Unreadable { what, why: format!("{id} is named by an event but is not there") }
}
