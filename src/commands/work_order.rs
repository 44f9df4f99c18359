//! Work orders: an engineer is found or chosen, then the order passes its stages.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::apply::about;
use super::assign::{candidates, is_attested};
use super::budget;
use super::done::{DeskError, Done};
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::assignment::{AssignmentSettings, Rejection, Requirements, Wanted, choose};
use crate::domain::command::AdvanceWorkOrder;
use crate::domain::event::{AttemptKind, Event, Visibility, WorkOrderOpened};
use crate::domain::hold::{Message, MessageKind};
use crate::domain::permission::{self, Step, TicketFacts};
use crate::domain::person::GRADE_MAX;
use crate::domain::ticket::Ticket;
use crate::domain::work_order::{Stage, WorkOrder};
use crate::domain::{AttachmentId, Moment, PersonId, Refusal, TicketId, WorkOrderId};
use crate::store;

/// Most work orders of one ticket.
const ORDERS_MAX: usize = 200;
/// Most kinds of parts that one order asks for.
const PARTS_MAX: usize = 50;

pub(super) fn dispatch(
    work: &mut Work<'_>,
    id: TicketId,
    requirements: Requirements,
    due_at: Option<Moment>,
    note: Option<&str>,
) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::Dispatch, None)?;
    words::maybe_text("note", note)?;
    check_grade("requirements.grade", requirements.grade)?;
    let wanted = Wanted::engineer(requirements, &work.pack_of(id)?.assignment);
    let choice = choose(&wanted, &candidates(work, &ticket, &wanted)?);
    let Some(engineer) = choice.chosen else {
        let attempt = AttemptKind::Dispatch;
        record(work, id, Event::AssignmentFailed { attempt, rejections: choice.rejections })?;
        return Ok(about(id, None));
    };
    open_for(work, &ticket, engineer, due_at, None, note, choice.rejections)
}

pub(super) fn open(
    work: &mut Work<'_>,
    id: TicketId,
    engineer: PersonId,
    due_at: Option<Moment>,
    planned_at: Option<Moment>,
    note: Option<&str>,
) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(id, Step::Dispatch, None)?;
    words::maybe_text("note", note)?;
    let wanted = Wanted::engineer(Requirements::default(), &AssignmentSettings::default());
    let candidates = candidates(work, &ticket, &wanted)?;
    let found = candidates.iter().find(|candidate| candidate.person == engineer);
    let found = found.ok_or_else(|| Refusal::not_found("engineer of this client", engineer))?;
    is_attested(work, id, &found.name, &found.certificates)?;
    if !found.is_on_duty {
        return Err(Refusal::PersonIsOffDuty { name: found.name.clone() }.into());
    }
    if found.has_order {
        return Err(Refusal::EngineerAlreadyHasOrder { name: found.name.clone() }.into());
    }
    open_for(work, &ticket, engineer, due_at, planned_at, note, Vec::new())
}

fn open_for(
    work: &mut Work<'_>,
    ticket: &Ticket,
    engineer: PersonId,
    due_at: Option<Moment>,
    planned_at: Option<Moment>,
    note: Option<&str>,
    rejections: Vec<Rejection>,
) -> Result<Done, DeskError> {
    let count = store::work_order::of_ticket(&work.tx, ticket.id)?.len();
    if count >= ORDERS_MAX {
        return Err(Refusal::TooMany { field: "work orders".to_owned(), count, count_max: ORDERS_MAX }.into());
    }
    let order: WorkOrderId = work.tx.id();
    let opened = WorkOrderOpened {
        order,
        engineer,
        note: work.text(note)?,
        due_at,
        planned_at,
        ordinal: count as i64 + 1,
        rejections,
    };
    record(work, ticket.id, Event::WorkOrderOpened(Box::new(opened)))?;
    Ok(about(ticket.id, Some(order.0)))
}

pub(super) fn advance(work: &mut Work<'_>, advance: AdvanceWorkOrder) -> Result<Done, DeskError> {
    let by_desk = matches!(advance.stage, Stage::Cancelled | Stage::NoShow);
    let step = if by_desk { Step::Dispatch } else { Step::DoWorkOrder };
    let (order, ticket) = order_for(work, advance.order, step)?;
    if !order.stage.next().contains(&advance.stage) {
        return Err(Refusal::StageNotNext { from: order.stage, to: advance.stage }.into());
    }
    words::maybe_text("comment", advance.comment.as_deref())?;
    check_outcome(work, &ticket, &advance)?;
    let comment = work.text(advance.comment.as_deref())?;
    record(
        work,
        ticket.id,
        Event::WorkOrderAdvanced {
            order: order.id,
            engineer: order.engineer,
            from: order.stage,
            to: advance.stage,
            outcome: advance.outcome,
            comment,
            parts_needed: advance.parts_needed,
            planned_at: advance.planned_at,
        },
    )?;
    Ok(about(ticket.id, Some(order.id.0)))
}

/// The order, when the actor may take the step on it: the engineer on an order of their own, the desk on any.
pub(super) fn order_for(
    work: &mut Work<'_>,
    id: WorkOrderId,
    step: Step,
) -> Result<(WorkOrder, Rc<Ticket>), DeskError> {
    let order = store::work_order::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("work order", id))?;
    let ticket = work.ticket_for(order.ticket, Step::SeeTicket, None).map_err(|error| match error {
        DeskError::Refused(Refusal::NotFound { .. }) => Refusal::not_found("work order", id).into(),
        other => other,
    })?;
    let facts = TicketFacts {
        client: Some(ticket.client),
        engineers: BTreeSet::from([order.engineer]),
        ..TicketFacts::default()
    };
    let access = work.access()?;
    permission::check(&work.cause.actor, access.as_deref(), step, None, &facts)?;
    Ok((order, ticket))
}

pub(super) fn check_grade(field: &str, grade: Option<i64>) -> Result<(), Refusal> {
    match grade {
        Some(grade) if !(0..=GRADE_MAX).contains(&grade) => {
            Err(Refusal::invalid(field, format!("must be from 0 to {GRADE_MAX}")))
        }
        _ => Ok(()),
    }
}

fn check_outcome(work: &mut Work<'_>, ticket: &Ticket, advance: &AdvanceWorkOrder) -> Result<(), DeskError> {
    let pack = work.pack_of(ticket.id)?;
    let known = || pack.order_outcomes.iter().map(|outcome| outcome.key.as_str());
    match (&advance.outcome, advance.stage) {
        (None, Stage::Refused | Stage::CouldNot) => {
            let choices = known().collect::<Vec<_>>().join(", ");
            return Err(Refusal::invalid("outcome", format!("say why: one of {choices}")).into());
        }
        (Some(outcome), _) if !known().any(|key| *outcome == *key) => {
            return Err(Refusal::unknown_key("outcome", "order outcome", outcome, known()).into());
        }
        _ => {}
    }
    let count = advance.parts_needed.len();
    if count > PARTS_MAX {
        return Err(Refusal::TooMany { field: "parts_needed".to_owned(), count, count_max: PARTS_MAX }.into());
    }
    for part in &advance.parts_needed {
        words::line("parts_needed.code", &part.code)?;
        if part.quantity < 1 {
            return Err(Refusal::invalid("parts_needed.quantity", "must be at least 1").into());
        }
    }
    Ok(())
}

pub(super) fn send_note(
    work: &mut Work<'_>,
    id: WorkOrderId,
    text: &str,
    files: Vec<AttachmentId>,
) -> Result<Done, DeskError> {
    let (order, ticket) = order_for(work, id, Step::Dispatch)?;
    words::text("text", text)?;
    let Some(text) = work.text(Some(text))? else {
        return Err(Refusal::invalid("text", "must not be empty").into());
    };
    words::hang_attachments(work, ticket.id, &files, Visibility::Internal)?;
    let (kind, person, order) = (MessageKind::OrderNote, Some(order.engineer), order.id);
    let note = Message { kind, person, template: None, text: Some(text), order: Some(order), files };
    if !budget::holds(work, ticket.id, &note)? {
        record(work, ticket.id, Event::WorkOrderNoteSent { order, text, files: note.files })?;
    }
    Ok(about(ticket.id, Some(order.0)))
}
