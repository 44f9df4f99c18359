//! `RequireReport`, `HandInReport`, `JudgeReport`: what a visit leaves, and that a ticket waits until it is accepted.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::apply::about;
use super::done::{DeskError, Done};
use super::record::record;
use super::words;
use super::work::Work;
use super::work_order::order_for;
use crate::domain::command::{ATTACHMENTS_MAX, Gaps, HandInReport, JudgeReport, PaperGiven, RequireReport};
use crate::domain::event::{Event, ReportHandedIn, Visibility};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::report::{
    PAPERS_WANTED_MAX, Paper, PaperKind, REPORT, REPORTS_MAX, Report, ReportState, ReportVerdict,
    ReportWanted,
};
use crate::domain::ticket::Ticket;
use crate::domain::work_order::WorkOrder;
use crate::domain::{AttachmentId, Key, Refusal, ReportId, TicketId, WorkOrderId};
use crate::store;

pub(super) fn require(work: &mut Work<'_>, require: RequireReport) -> Result<Done, DeskError> {
    let RequireReport { order, wanted } = require;
    let (order, ticket) = open_order_for(work, order, Step::Dispatch)?;
    let pack = work.pack_of(ticket.id)?;
    for (field, count) in [("photos", wanted.photos), ("signatures", wanted.signatures)] {
        if !(0..=PAPERS_WANTED_MAX).contains(&count) {
            return Err(Refusal::invalid(field, format!("must be from 0 to {PAPERS_WANTED_MAX}")).into());
        }
    }
    wanted.documents.iter().try_for_each(|key| pack.require_document_kind("documents", key))?;
    if wanted == ReportWanted::default() {
        return Err(Refusal::invalid("photos", "ask for something: photos, documents or signatures").into());
    }
    if order.report.wanted.as_ref() != Some(&wanted) {
        record(work, ticket.id, Event::ReportRequired { order: order.id, wanted: Box::new(wanted) })?;
    }
    Ok(about(ticket.id, Some(order.id.0)))
}

pub(super) fn hand_in(work: &mut Work<'_>, given: &HandInReport) -> Result<Done, DeskError> {
    let (order, ticket) = open_order_for(work, given.order, Step::DoWorkOrder)?;
    if !order.stage.was_visited() {
        return Err(Refusal::NothingToReport { stage: order.stage }.into());
    }
    let state = order.report.state;
    if matches!(state, ReportState::Accepted | ReportState::Waived) {
        return Err(Refusal::ReportIsSettled { state }.into());
    }
    let before = store::work_report::of_order(&work.tx, order.id)?;
    let number = i64::try_from(before.len()).unwrap_or(i64::MAX) + 1;
    if number > REPORTS_MAX {
        let (field, count) = ("reports".to_owned(), before.len());
        return Err(Refusal::TooMany { field, count, count_max: before.len() }.into());
    }
    words::maybe_text("comment", given.comment.as_deref())?;
    let papers = papers(work, &ticket, given)?;
    let lacking = order.report.wanted.clone().unwrap_or_default().lacking(&papers);
    if !lacking.is_nothing() {
        return Err(Refusal::ReportIncomplete(lacking).into());
    }
    bind(work, &ticket, given, &before)?;
    let report: ReportId = work.tx.id();
    let comment = work.text(given.comment.as_deref())?;
    let handed_in = ReportHandedIn { report, order: order.id, number, comment, papers };
    record(work, ticket.id, Event::ReportHandedIn(Box::new(handed_in)))?;
    Ok(about(ticket.id, Some(report.0)))
}

/// The papers as they are kept, once each of them is what it says.
fn papers(work: &mut Work<'_>, ticket: &Ticket, given: &HandInReport) -> Result<Vec<Paper>, DeskError> {
    let count = given.papers.len();
    if count == 0 {
        return Err(Refusal::invalid("papers", "hand in at least one file").into());
    }
    if count > ATTACHMENTS_MAX {
        let field = "papers".to_owned();
        return Err(Refusal::TooMany { field, count, count_max: ATTACHMENTS_MAX }.into());
    }
    if given.attachments().len() < count {
        return Err(Refusal::invalid("papers", "the same file is named twice").into());
    }
    let pack = work.pack_of(ticket.id)?;
    let mut papers = Vec::with_capacity(count);
    for (index, paper) in given.papers.iter().enumerate() {
        let PaperGiven { attachment, kind, document, text } = paper;
        let field = |name: &str| format!("papers[{index}].{name}");
        match (kind, document) {
            (PaperKind::Document, Some(key)) => pack.require_document_kind(&field("document"), key)?,
            (PaperKind::Document, None) => {
                let known: Vec<&str> = pack.document_kinds.iter().map(|kind| kind.key.as_str()).collect();
                let message = format!("say which document it is: one of {}", known.join(", "));
                return Err(Refusal::invalid(&field("document"), message).into());
            }
            (_, Some(_)) => {
                let message = "only a document has a kind of document";
                return Err(Refusal::invalid(&field("document"), message).into());
            }
            (_, None) => {}
        }
        words::maybe_text(&field("text"), text.as_deref())?;
        let text = work.text(text.as_deref())?;
        papers.push(Paper { attachment: *attachment, kind: *kind, document: document.clone(), text });
    }
    Ok(papers)
}

/// Hangs the new files on the ticket; those of an earlier report of the same visit hang there already.
fn bind(
    work: &mut Work<'_>,
    ticket: &Ticket,
    given: &HandInReport,
    before: &[Report],
) -> Result<(), DeskError> {
    let known: BTreeSet<AttachmentId> =
        before.iter().flat_map(|report| &report.papers).map(|paper| paper.attachment).collect();
    let fresh: Vec<AttachmentId> =
        given.papers.iter().map(|paper| paper.attachment).filter(|id| !known.contains(id)).collect();
    words::bind_attachments(work, ticket.id, &fresh, Visibility::Internal)
}

pub(super) fn judge(work: &mut Work<'_>, judge: &JudgeReport) -> Result<Done, DeskError> {
    let JudgeReport { order, number, verdict, defects } = judge;
    let step = if *verdict == ReportVerdict::Waived { Step::Supervise } else { Step::JudgeReport };
    let (order, ticket) = open_order_for(work, *order, step)?;
    let state = order.report.state;
    if matches!(work.cause.actor, Actor::Person { person } if person == order.engineer) {
        return Err(Refusal::OwnReport.into());
    }
    let last = store::work_report::of_order(&work.tx, order.id)?.last().map_or(0, |report| report.number);
    match *number {
        Some(seen) if seen < last => return Err(Refusal::ReportIsOlder { seen, current: last }.into()),
        Some(seen) if seen > last => return Err(Refusal::not_found("report", seen).into()),
        _ => {}
    }
    match (verdict, state) {
        (ReportVerdict::Waived, _) if order.report.holds_back() => {}
        (ReportVerdict::Waived, _) => return Err(Refusal::ReportIsSettled { state }.into()),
        (_, ReportState::HandedIn) => {}
        _ => return Err(Refusal::NoReportWaits { state }.into()),
    }
    words::maybe_text("defects", defects.as_deref())?;
    let defects = work.text(defects.as_deref())?;
    if defects.is_none() && *verdict != ReportVerdict::Accepted {
        let message = match verdict {
            ReportVerdict::Waived => "say why the ticket goes on without it",
            _ => "say what is wrong with it, so that it can be mended",
        };
        return Err(Refusal::invalid("defects", message).into());
    }
    let judged = Event::ReportJudged { order: order.id, number: last, verdict: *verdict, defects };
    record(work, ticket.id, judged)?;
    Ok(about(ticket.id, Some(order.id.0)))
}

fn open_order_for(
    work: &mut Work<'_>,
    id: WorkOrderId,
    step: Step,
) -> Result<(WorkOrder, Rc<Ticket>), DeskError> {
    let (order, ticket) = order_for(work, id, step)?;
    if ticket.is_closed() { Err(Refusal::TicketIsClosed.into()) } else { Ok((order, ticket)) }
}

/// Refuses to close a ticket that waits for a report. A script may pass; then the event says what was missing.
pub(super) fn missing(work: &Work<'_>, ticket: TicketId, gaps: Gaps) -> Result<Option<Key>, DeskError> {
    let orders = store::work_order::of_ticket(&work.tx, ticket)?;
    let Some(order) = orders.into_iter().find(|order| order.report.holds_back()) else { return Ok(None) };
    if gaps == Gaps::Pass {
        return Ok(Some(Key::new(REPORT).expect("`report` is a key")));
    }
    Err(Refusal::ReportNotAccepted { order: order.ordinal, state: order.report.state }.into())
}

/// Writes the rows that an event about a report makes or moves.
pub(super) fn write_rows(work: &Work<'_>, ticket: TicketId, event: &Event) -> Result<(), DeskError> {
    let person = match work.cause.actor {
        Actor::Person { person } => Some(person),
        _ => None,
    };
    let at = work.occurred_at;
    match event {
        Event::ReportRequired { order, wanted } => {
            // What was handed in before anybody asked may lack what is asked for now.
            let last = store::work_report::of_order(&work.tx, *order)?.pop();
            let is_enough = last.is_some_and(|report| wanted.lacking(&report.papers).is_nothing());
            update_order(work, *order, |row| {
                row.report.wanted = Some((**wanted).clone());
                match row.report.state {
                    ReportState::NotAsked => row.report.state = ReportState::Awaited,
                    ReportState::HandedIn if !is_enough => row.report.state = ReportState::Awaited,
                    _ => {}
                }
            })
        }
        Event::ReportHandedIn(handed) => {
            let client = work.with(ticket, |case| case.ticket.client);
            let report = Report {
                id: handed.report,
                ticket,
                order: handed.order,
                number: handed.number,
                handed_in_by: person,
                handed_in_at: at,
                comment: handed.comment,
                papers: handed.papers.clone(),
                verdict: None,
                defects: None,
                judged_by: None,
                judged_at: None,
            };
            store::work_report::insert(&work.tx, client, &report)?;
            update_order(work, handed.order, |row| row.report.state = ReportState::HandedIn)
        }
        Event::ReportJudged { order, number, verdict, defects } => {
            let reports = store::work_report::of_order(&work.tx, *order)?;
            if let Some(report) = reports.into_iter().find(|report| report.number == *number) {
                let judged = Report {
                    verdict: Some(*verdict),
                    defects: *defects,
                    judged_by: person,
                    judged_at: Some(at),
                    ..report
                };
                store::work_report::judge(&work.tx, &judged)?;
            }
            update_order(work, *order, |row| row.report.state = verdict.leads_to())
        }
        _ => Ok(()),
    }
}

fn update_order(
    work: &Work<'_>,
    id: WorkOrderId,
    change: impl FnOnce(&mut WorkOrder),
) -> Result<(), DeskError> {
    let found = store::work_order::get(&work.tx, id)?;
    let mut order = found.ok_or_else(|| super::record::lost("work order", id.0))?;
    change(&mut order);
    Ok(store::work_order::update(&work.tx, &order)?)
}
