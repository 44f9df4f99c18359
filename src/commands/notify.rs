//! `Notify`: a message to people of the desk, by template or in its own words; and reading the list.

use std::collections::BTreeSet;

use super::apply::about;
use super::budget;
use super::comment;
use super::done::{DeskError, Done};
use super::inform;
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::{AskPeople, Recipient};
use crate::domain::event::{Event, Visibility};
use crate::domain::hold::{Message, MessageKind};
use crate::domain::pack::Template;
use crate::domain::permission::Step;
use crate::domain::person::{Actor, Affiliation};
use crate::domain::ticket::Ticket;
use crate::domain::work_order::WorkOrder;
use crate::domain::{Key, NotificationId, PersonId, Refusal, TicketId, WorkOrderId};
use crate::store;

/// How marks of templates begin that are about a work order.
const ORDER_MARKS: &str = "order.";
/// Most people whom one command tells.
const TOLD_MAX: usize = 200;

pub(super) fn notify(
    work: &mut Work<'_>,
    id: TicketId,
    to: &Recipient,
    template: Option<Key>,
    text: Option<&str>,
    order: Option<WorkOrderId>,
) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    let words = words_of(work, &ticket, to, (template.as_ref(), text), order)?;
    tell_each(work, &ticket, to, template.as_ref(), &words)
}

/// The question stands in the ticket as a note of staff; whoever is asked is told with the same words.
pub(super) fn ask(work: &mut Work<'_>, ask: AskPeople) -> Result<Done, DeskError> {
    let AskPeople { ticket: id, to, template, text, order } = ask;
    let ticket = work.open_ticket_for(id, Step::WorkOnTicket, None)?;
    let words = words_of(work, &ticket, &to, (template.as_ref(), text.as_deref()), order)?;
    comment::add(work, id, &words, Visibility::Internal, Vec::new(), false)?;
    tell_each(work, &ticket, &to, template.as_ref(), &words)
}

/// One message for each; those beyond a script's budget are held.
fn tell_each(
    work: &mut Work<'_>,
    ticket: &Ticket,
    to: &Recipient,
    template: Option<&Key>,
    words: &str,
) -> Result<Done, DeskError> {
    let (id, text) = (ticket.id, work.text(Some(words))?);
    for person in people(work, ticket, to)? {
        let (kind, template) = (MessageKind::Notice, template.cloned());
        let message = Message { kind, person: Some(person), template, text, order: None, files: Vec::new() };
        if budget::holds(work, id, &message)? {
            continue;
        }
        let template = message.template;
        inform::tell(work, person, Some(id), template.clone(), text)?;
        record(work, id, Event::PersonNotified { person, template, text })?;
    }
    Ok(about(id, None))
}

/// The words of a message: its own, or those of a template of the pack.
fn words_of(
    work: &mut Work<'_>,
    ticket: &Ticket,
    to: &Recipient,
    (template, text): (Option<&Key>, Option<&str>),
    order: Option<WorkOrderId>,
) -> Result<String, DeskError> {
    words::maybe_text("text", text)?;
    if let Some(id) = order {
        let found = store::work_order::get(&work.tx, id)?.filter(|found| found.ticket == ticket.id);
        found.ok_or_else(|| Refusal::not_found("work order of this ticket", id))?;
    }
    match (template, text) {
        (_, Some(text)) => Ok(text.to_owned()),
        (Some(template), None) => render(work, ticket, to, template, order),
        (None, None) => Err(Refusal::invalid("text", "give a template or a text").into()),
    }
}

/// The people whom a recipient stands for, each once.
pub(super) fn people(
    work: &Work<'_>,
    ticket: &Ticket,
    to: &Recipient,
) -> Result<BTreeSet<PersonId>, DeskError> {
    let found: Vec<PersonId> = match to {
        Recipient::Person { person } => {
            let known = store::person::get(&work.tx, *person)?;
            // Another client's person is answered as one who is not there.
            let known = known.filter(|known| !is_of_another(known.affiliation, ticket));
            vec![known.ok_or_else(|| Refusal::not_found("person", person))?.id]
        }
        Recipient::Queue { queue } => store::person::members(&work.tx, queue, ticket.client)?,
        Recipient::Role { role } => store::person::with_role(&work.tx, *role, ticket.client)?,
        Recipient::Contact { contact } => {
            let known = store::place::contact(&work.tx, *contact)?;
            let known = known.filter(|known| known.client == ticket.client);
            let known = known.ok_or_else(|| Refusal::not_found("contact", contact))?;
            store::person::of_contact(&work.tx, known.id)?
        }
        Recipient::Assignee => ticket.assignee.into_iter().collect(),
    };
    Ok(found.into_iter().take(TOLD_MAX).collect())
}

/// Whether somebody belongs to another client than the ticket: nothing of it may reach them.
fn is_of_another(affiliation: Affiliation, ticket: &Ticket) -> bool {
    matches!(affiliation, Affiliation::Contact { client, .. } if client != ticket.client)
}

/// The template's text in the client's language, with its marks replaced.
fn render(
    work: &mut Work<'_>,
    ticket: &Ticket,
    to: &Recipient,
    key: &Key,
    order: Option<WorkOrderId>,
) -> Result<String, DeskError> {
    let pack = work.pack_of(ticket.id)?;
    let Some(template) = pack.template(key) else {
        let known = pack.templates.iter().map(|template| template.key.as_str());
        return Err(Refusal::unknown_key("template", "template", key, known).into());
    };
    let client = store::client::get(&work.tx, ticket.client)?;
    let language = client.as_ref().map_or(pack.language, |client| client.language);
    let words = template.text.in_language(language).unwrap_or_default();
    let subject = store::text::get(&work.tx, ticket.subject)?.unwrap_or_default();
    let site = match ticket.site {
        Some(site) => store::place::site(&work.tx, site)?,
        None => None,
    };
    // Most templates say nothing of an order.
    let order = if words.contains(ORDER_MARKS) { about_order(work, ticket.id, to, order)? } else { None };
    let engineer = match &order {
        Some(order) => store::person::get(&work.tx, order.engineer)?.map(|person| person.name),
        None => None,
    };
    let number = work.programs.number(&work.tx, ticket.client, ticket.number)?;
    Ok(Template::fill(words, |mark| match mark {
        "ticket.key" => Some(number.clone()),
        "ticket.subject" | "ticket.title" => Some(subject.clone()),
        "client.name" => Some(client.as_ref().map(|client| client.name.clone()).unwrap_or_default()),
        "site.address" => Some(site.as_ref().map(|site| site.address.clone()).unwrap_or_default()),
        "order.number" => Some(order.as_ref().map(|order| order.ordinal.to_string()).unwrap_or_default()),
        "order.engineer" => Some(engineer.clone().unwrap_or_default()),
        _ => None,
    }))
}

/// The order; else the last one of whoever is written to; else the ticket's last one.
fn about_order(
    work: &Work<'_>,
    ticket: TicketId,
    to: &Recipient,
    order: Option<WorkOrderId>,
) -> Result<Option<WorkOrder>, DeskError> {
    if let Some(order) = order {
        return Ok(store::work_order::get(&work.tx, order)?);
    }
    let mut orders = store::work_order::of_ticket(&work.tx, ticket)?;
    let is_theirs =
        |order: &WorkOrder| matches!(to, Recipient::Person { person } if *person == order.engineer);
    let own = orders.iter().rfind(|order| is_theirs(order)).cloned();
    Ok(own.or_else(|| orders.pop()))
}

pub(super) fn read(work: &mut Work<'_>, up_to: Option<NotificationId>) -> Result<Done, DeskError> {
    let Actor::Person { person } = work.cause.actor else {
        return Err(Refusal::forbidden("read notifications: only a person has them").into());
    };
    store::notification::read_up_to(&work.tx, person, up_to)?;
    Ok(Done::default())
}
