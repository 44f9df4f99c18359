//! Who inside the desk is told of an event: the bell and its list.

use std::collections::BTreeSet;

use super::budget;
use super::desk::Change;
use super::done::DeskError;
use super::work::Work;
use crate::domain::event::{Event, Visibility};
use crate::domain::hold::{Message, MessageKind};
use crate::domain::person::{Actor, Role};
use crate::domain::rating::Answer;
use crate::domain::ticket::Ticket;
use crate::domain::work_order::Stage;
use crate::domain::{Key, PersonId, TextId, TicketId};
use crate::store;
use crate::store::notification::Notification;

/// Most people that one event tells.
pub(super) const TOLD_MAX: usize = 100;

/// Tells the people whom the event concerns, except the one who caused it.
pub(super) fn about(work: &mut Work<'_>, id: TicketId, event: &Event) -> Result<(), DeskError> {
    let ticket = work.with(id, |case| case.ticket.clone());
    let (mut people, mut words) = (BTreeSet::<PersonId>::new(), None);
    match event {
        Event::TicketAssigned { person, reason, .. } => {
            people.insert(*person);
            words = *reason;
        }
        Event::AssignmentReturned { person, is_alarm, .. } => {
            people.insert(*person);
            if *is_alarm {
                people.extend(store::person::with_role(&work.tx, Role::Supervisor, ticket.client)?);
            }
        }
        Event::CommentAdded { text, visibility, .. } => {
            people.extend(ticket.assignee);
            people.extend(&ticket.watchers);
            if *visibility == Visibility::Internal {
                retain_staff(work, &mut people)?;
            }
            words = Some(*text);
        }
        Event::TicketQueued { to, reason, is_alarm: true, .. } => {
            people.extend(store::person::members(&work.tx, to, ticket.client)?);
            words = *reason;
        }
        Event::PriorityRaised { .. } => people.extend(who_has_it(work, &ticket)?),
        Event::TaskOpened(opened) => {
            people.extend(store::person::members(&work.tx, &opened.department, ticket.client)?);
            words = Some(opened.title);
        }
        Event::WorkOrderOpened(opened) => {
            people.insert(opened.engineer);
            words = opened.note;
        }
        Event::WorkOrderAdvanced { engineer, to: Stage::Cancelled | Stage::NoShow, comment, .. } => {
            people.insert(*engineer);
            words = *comment;
        }
        Event::ReportHandedIn(_) | Event::ReportJudged { .. } => {
            (people, words) = of_report(work, &ticket, event)?
        }
        Event::WorkOrderNoteSent { order, text, .. } => {
            people.extend(store::work_order::get(&work.tx, *order)?.map(|order| order.engineer));
            words = Some(*text);
        }
        Event::TicketResolved { reason, .. } | Event::TicketClosed { reason, .. } => {
            people.extend(&ticket.watchers);
            words = *reason;
        }
        Event::TicketReopened { reason }
        | Event::RatingSettled { answer: Answer { comment: reason, .. }, .. } => {
            people.extend(ticket.assignee);
            people.extend(&ticket.watchers);
            words = *reason;
        }
        Event::RatingAsked(asked) => people.extend(store::person::of_contact(&work.tx, asked.contact)?),
        Event::ScriptFailed { .. } | Event::JobDied { .. } => {
            people.extend(store::person::with_role(&work.tx, Role::Supervisor, ticket.client)?);
        }
        _ => return Ok(()),
    }
    if let Actor::Person { person } = work.cause.actor {
        people.remove(&person);
    }
    tell_each(work, id, event, people, words)
}

fn tell_each(
    work: &mut Work<'_>,
    id: TicketId,
    event: &Event,
    people: BTreeSet<PersonId>,
    words: Option<TextId>,
) -> Result<(), DeskError> {
    for person in people.into_iter().take(TOLD_MAX) {
        if !alarm_is_held(work, id, person, event, words)? {
            tell(work, person, Some(id), Key::new(event.name()).ok(), words)?;
        }
    }
    Ok(())
}

/// What follows from a step is told; an alarm is a message that a script need not have sent.
fn alarm_is_held(
    work: &mut Work<'_>,
    id: TicketId,
    person: PersonId,
    event: &Event,
    words: Option<TextId>,
) -> Result<bool, DeskError> {
    if !matches!(event, Event::TicketQueued { is_alarm: true, .. }) {
        return Ok(false);
    }
    let (kind, person, template) = (MessageKind::Alarm, Some(person), Key::new(event.name()).ok());
    budget::holds(work, id, &Message { kind, person, template, text: words, order: None, files: Vec::new() })
}

/// A report that was handed in is for controllers, what was said of it for the engineer.
fn of_report(
    work: &Work<'_>,
    ticket: &Ticket,
    event: &Event,
) -> Result<(BTreeSet<PersonId>, Option<TextId>), DeskError> {
    Ok(match event {
        Event::ReportHandedIn(handed) => {
            let controllers = store::person::with_role(&work.tx, Role::Controller, ticket.client)?;
            (controllers.into_iter().collect(), handed.comment)
        }
        Event::ReportJudged { order, defects, .. } => {
            let order = store::work_order::get(&work.tx, *order)?;
            (order.map(|order| order.engineer).into_iter().collect(), *defects)
        }
        _ => (BTreeSet::new(), None),
    })
}

/// Whoever has the ticket, or else whoever could take it: the client pays for being served before others.
fn who_has_it(work: &Work<'_>, ticket: &Ticket) -> Result<Vec<PersonId>, DeskError> {
    match (ticket.assignee, &ticket.queue) {
        (Some(assignee), _) => Ok(vec![assignee]),
        (None, Some(queue)) => Ok(store::person::members(&work.tx, queue, ticket.client)?),
        (None, None) => Ok(Vec::new()),
    }
}

/// Puts one notification on a person's list.
pub(super) fn tell(
    work: &mut Work<'_>,
    person: PersonId,
    ticket: Option<TicketId>,
    template: Option<Key>,
    text: Option<TextId>,
) -> Result<(), DeskError> {
    let (id, at) = (work.tx.id(), work.tx.now());
    put(work, &Notification { id, person, ticket, template, text, report: None, at, read_at: None })
}

/// Puts a notification on a list and lets the person's screens know.
pub(super) fn put(work: &mut Work<'_>, notification: &Notification) -> Result<(), DeskError> {
    store::notification::insert(&work.tx, notification)?;
    let (ticket, person) = (notification.ticket, Some(notification.person));
    work.changes.push(Change { seq: 0, client: None, ticket, kind: "notification", person });
    Ok(())
}

/// Internal words are for staff: a client's or partner's person who watches is not told.
pub(super) fn retain_staff(work: &Work<'_>, people: &mut BTreeSet<PersonId>) -> Result<(), DeskError> {
    let mut staff = BTreeSet::new();
    for person in people.iter() {
        let found = store::person::get(&work.tx, *person)?;
        if found.is_some_and(|found| found.affiliation == crate::domain::person::Affiliation::Staff) {
            staff.insert(*person);
        }
    }
    *people = staff;
    Ok(())
}
