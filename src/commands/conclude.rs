//! `ResolveTicket`, `CloseTicket`, `ReopenTicket`, `MarkDuplicate`: how a ticket ends and comes back.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::apply::about;
use super::done::{DeskError, Done};
use super::guard;
use super::incident;
use super::lines;
use super::record::record;
use super::report;
use super::tags_links;
use super::words;
use super::work::Work;
use crate::domain::command::{Gaps, Information};
use crate::domain::event::Event;
use crate::domain::pack::{GatedStep, Phase};
use crate::domain::permission::Step;
use crate::domain::ticket::{LinkKind, Ticket};
use crate::domain::work_order::Stage;
use crate::domain::{Key, Refusal, TextId, TicketId};
use crate::store;
use crate::store::due::DueKind;
use crate::workflow::Occasion;

/// A ticket that may be resolved or closed, with what goes into the event.
struct Ending {
    ticket: Rc<Ticket>,
    missing: BTreeSet<Key>,
    reason: Option<TextId>,
}

/// What is asked before a ticket is resolved or closed; what was brought along is on the ticket then.
fn ending(
    work: &mut Work<'_>,
    id: TicketId,
    (step, occasion): (GatedStep, Occasion),
    resolution: &Key,
    reason: Option<&str>,
    information: &Information,
) -> Result<Ending, DeskError> {
    words::maybe_text("reason", reason)?;
    work.pack_of(id)?.require_resolution("resolution", resolution)?;
    let ticket = lines::bring(work, id, information)?;
    let missing = lines::gate(work, &ticket, step, information.gaps)?;
    guard::ask(work, id, occasion)?;
    Ok(Ending { ticket, missing, reason: work.text(reason)? })
}

pub(super) fn resolve(
    work: &mut Work<'_>,
    id: TicketId,
    version: Option<i64>,
    resolution: Key,
    reason: Option<&str>,
    information: &Information,
) -> Result<Done, DeskError> {
    work.open_ticket_for(id, Step::WorkOnTicket, version)?;
    let (step, occasion) = (GatedStep::Resolve, Occasion::Resolving { resolution: resolution.clone() });
    let Ending { ticket, missing, reason } =
        ending(work, id, (step, occasion), &resolution, reason, information)?;
    move_to_phase(work, &ticket, Phase::Resolved)?;
    record(work, id, Event::TicketResolved { resolution, reason, missing })?;
    Ok(about(id, None))
}

pub(super) fn close(
    work: &mut Work<'_>,
    id: TicketId,
    version: Option<i64>,
    resolution: Key,
    reason: Option<&str>,
    information: &Information,
) -> Result<Done, DeskError> {
    work.open_ticket_for(id, Step::WorkOnTicket, version)?;
    let (step, occasion) = (GatedStep::Close, Occasion::Closing { resolution: resolution.clone() });
    let unreported = report::missing(work, id, information.gaps)?;
    let Ending { ticket, mut missing, reason } =
        ending(work, id, (step, occasion), &resolution, reason, information)?;
    missing.extend(unreported);
    end_what_is_open(work, id, reason)?;
    move_to_phase(work, &ticket, Phase::Closed)?;
    record(work, id, Event::TicketClosed { resolution, reason, missing })?;
    incident::end_with_ticket(work, id)?;
    Ok(about(id, None))
}

pub(super) fn reopen(
    work: &mut Work<'_>,
    id: TicketId,
    version: Option<i64>,
    reason: Option<&str>,
) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::ReopenTicket, version)?;
    words::maybe_text("reason", reason)?;
    if ticket.resolved_at.is_none() && ticket.closed_at.is_none() {
        return Err(Refusal::TicketIsOpen.into());
    }
    let reason = work.text(reason)?;
    move_to_phase(work, &ticket, Phase::Open)?;
    record(work, id, Event::TicketReopened { reason })?;
    Ok(about(id, None))
}

pub(super) fn mark_duplicate(work: &mut Work<'_>, id: TicketId, of: TicketId) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::WorkOnTicket, None)?;
    report::missing(work, id, Gaps::Refuse)?;
    tags_links::link(work, id, of, LinkKind::DuplicateOf)?;
    let pack = work.pack_of(id)?;
    let wanted = pack.resolutions.iter().find(|resolution| resolution.key == "duplicate");
    let resolution = wanted.or(pack.resolutions.first()).expect("a pack has a resolution").key.clone();
    end_what_is_open(work, id, None)?;
    move_to_phase(work, &ticket, Phase::Closed)?;
    // The other ticket is the one that is classified, so no gate stands here.
    record(work, id, Event::TicketClosed { resolution, reason: None, missing: BTreeSet::new() })?;
    incident::end_with_ticket(work, id)?;
    Ok(about(id, None))
}

fn move_to_phase(work: &mut Work<'_>, ticket: &Ticket, phase: Phase) -> Result<(), DeskError> {
    let to = work.pack_of(ticket.id)?.status_of_phase(phase).key.clone();
    if ticket.status == to {
        return Ok(());
    }
    record(work, ticket.id, Event::StatusChanged { from: ticket.status.clone(), to })
}

/// Nobody works on for a closed ticket: tasks and orders are cancelled, timers removed.
pub(super) fn end_what_is_open(
    work: &mut Work<'_>,
    id: TicketId,
    reason: Option<TextId>,
) -> Result<(), DeskError> {
    for task in store::task::of_ticket(&work.tx, id)?.into_iter().filter(|task| task.is_open()) {
        record(work, id, Event::TaskCancelled { task: task.id, department: task.department, reason })?;
    }
    for order in store::work_order::of_ticket(&work.tx, id)?.into_iter().filter(|order| order.stage.is_open())
    {
        record(
            work,
            id,
            Event::WorkOrderAdvanced {
                order: order.id,
                engineer: order.engineer,
                from: order.stage,
                to: Stage::Cancelled,
                outcome: None,
                comment: reason,
                parts_needed: order.parts_needed,
                planned_at: None,
            },
        )?;
    }
    Ok(store::due::remove_all(&work.tx, id, DueKind::Timer)?)
}
