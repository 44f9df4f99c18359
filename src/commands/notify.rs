//! `Notify`: a message to people of the desk, by template or in its own words; and reading the list.

use std::collections::BTreeSet;

use super::apply::about;
use super::done::{DeskError, Done};
use super::inform;
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::Recipient;
use crate::domain::event::Event;
use crate::domain::pack::Pack;
use crate::domain::permission::Step;
use crate::domain::person::Actor;
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
        inform::tell(work, person, id, template.clone(), text)?;
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
            vec![known.ok_or_else(|| Refusal::not_found("person", person))?.id]
        }
        Recipient::Queue { queue } => store::person::members(&work.tx, queue, ticket.client)?,
        Recipient::Role { role } => store::person::with_role(&work.tx, *role, ticket.client)?,
        Recipient::Contact { contact } => store::person::of_contact(&work.tx, *contact)?,
        Recipient::Assignee => ticket.assignee.into_iter().collect(),
    };
    Ok(found.into_iter().take(TOLD_MAX).collect())
}

/// The template's text in the client's language, with its marks replaced.
fn render(work: &mut Work<'_>, ticket: &Ticket, pack: &Pack, key: &Key) -> Result<String, DeskError> {
    let Some(template) = pack.template(key) else {
        let known = pack.templates.iter().map(|template| template.key.as_str());
        return Err(Refusal::unknown_key("template", "template", key, known).into());
    };
    let client = store::client::get(&work.tx, ticket.client)?;
    let language = client.as_ref().map_or(pack.language, |client| client.language);
    let mut words = template.text.in_language(language).unwrap_or_default().to_owned();
    let subject = store::text::get(&work.tx, ticket.subject)?.unwrap_or_default();
    let site = match ticket.site {
        Some(site) => store::place::site(&work.tx, site)?,
        None => None,
    };
    let number = work.programs.number(&work.tx, ticket.client, ticket.number)?;
    for (mark, value) in [
        ("{{ticket.number}}", number),
        ("{{ticket.subject}}", subject),
        ("{{client.name}}", client.map(|client| client.name).unwrap_or_default()),
        ("{{site.address}}", site.map(|site| site.address).unwrap_or_default()),
    ] {
        words = words.replace(mark, &value);
    }
    Ok(words)
}

pub(super) fn read(work: &mut Work<'_>, up_to: Option<NotificationId>) -> Result<Done, DeskError> {
    let Actor::Person { person } = work.cause.actor else {
        return Err(Refusal::forbidden("read notifications: only a person has them").into());
    };
    store::notification::read_up_to(&work.tx, person, up_to)?;
    Ok(Done::default())
}
