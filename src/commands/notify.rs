//! `Notify`: a message to people of the desk, by template or in its own words; and reading the list.

use std::collections::BTreeSet;

use super::apply::about;
use super::budget;
use super::done::{DeskError, Done};
use super::inform;
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::Recipient;
use crate::domain::event::Event;
use crate::domain::hold::{Message, MessageKind};
use crate::domain::pack::{Pack, Template};
use crate::domain::permission::Step;
use crate::domain::person::{Actor, Affiliation};
use crate::domain::ticket::Ticket;
use crate::domain::{Key, NotificationId, PersonId, Refusal, TicketId};
use crate::store;

/// Most people whom one command tells.
const TOLD_MAX: usize = 200;

pub(super) fn notify(
    work: &mut Work<'_>,
    id: TicketId,
    to: &Recipient,
    template: Option<Key>,
    text: Option<&str>,
) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    words::maybe_text("text", text)?;
    let pack = work.pack_of(id)?;
    let words = match (&template, text) {
        (_, Some(text)) => text.to_owned(),
        (Some(template), None) => render(work, &ticket, &pack, template)?,
        (None, None) => return Err(Refusal::invalid("text", "give a template or a text").into()),
    };
    let text = work.text(Some(&words))?;
    for person in people(work, &ticket, to)? {
        let kind = MessageKind::Notice;
        let message = Message { kind, person: Some(person), template: template.clone(), text, order: None };
        if budget::holds(work, id, &message)? {
            continue;
        }
        inform::tell(work, person, Some(id), template.clone(), text)?;
        record(work, id, Event::PersonNotified { person, template: template.clone(), text })?;
    }
    Ok(about(id, None))
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
fn render(work: &mut Work<'_>, ticket: &Ticket, pack: &Pack, key: &Key) -> Result<String, DeskError> {
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
    let number = work.programs.number(&work.tx, ticket.client, ticket.number)?;
    Ok(Template::fill(words, |mark| match mark {
        "ticket.key" => Some(number.clone()),
        "ticket.subject" | "ticket.title" => Some(subject.clone()),
        "client.name" => Some(client.as_ref().map(|client| client.name.clone()).unwrap_or_default()),
        "site.address" => Some(site.as_ref().map(|site| site.address.clone()).unwrap_or_default()),
        _ => None,
    }))
}

pub(super) fn read(work: &mut Work<'_>, up_to: Option<NotificationId>) -> Result<Done, DeskError> {
    let Actor::Person { person } = work.cause.actor else {
        return Err(Refusal::forbidden("read notifications: only a person has them").into());
    };
    store::notification::read_up_to(&work.tx, person, up_to)?;
    Ok(Done::default())
}
