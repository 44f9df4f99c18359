//! Tags, links and watchers.

use std::collections::BTreeSet;

use super::apply::about;
use super::coverage;
use super::done::{DeskError, Done};
use super::notify;
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::{Recipient, TAGS_MAX};
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::domain::ticket::LinkKind;
use crate::domain::{PersonId, Refusal, TicketId};
use crate::store;

pub(super) fn change_tags(
    work: &mut Work<'_>,
    id: TicketId,
    add: BTreeSet<String>,
    remove: BTreeSet<String>,
) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    words::tags("add", &add)?;
    let added: BTreeSet<String> = add.difference(&ticket.tags).cloned().collect();
    let removed: BTreeSet<String> = remove.intersection(&ticket.tags).cloned().collect();
    let count = ticket.tags.len() + added.len();
    if count > TAGS_MAX + removed.len() {
        return Err(Refusal::TooMany { field: "add".to_owned(), count, count_max: TAGS_MAX }.into());
    }
    if !added.is_empty() || !removed.is_empty() {
        record(work, id, Event::TagsChanged { added, removed })?;
    }
    Ok(about(id, None))
}

pub(super) fn link(
    work: &mut Work<'_>,
    id: TicketId,
    other: TicketId,
    kind: LinkKind,
) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    let target = work.ticket_for(other, Step::SeeTicket, None)?;
    if id == other {
        return Err(Refusal::invalid("other", "a ticket cannot be linked to itself").into());
    }
    if ticket.client != target.client {
        return Err(Refusal::invalid("other", "both tickets must be of one client").into());
    }
    if !store::link::from(&work.tx, id)?.contains(&(other, kind)) {
        record(work, id, Event::TicketLinked { other, kind })?;
        coverage::recheck(work, id)?;
    }
    Ok(about(id, None))
}

pub(super) fn unlink(
    work: &mut Work<'_>,
    id: TicketId,
    other: TicketId,
    kind: LinkKind,
) -> Result<Done, DeskError> {
    work.ticket_for(id, Step::WorkOnTicket, None)?;
    if store::link::from(&work.tx, id)?.contains(&(other, kind)) {
        record(work, id, Event::TicketUnlinked { other, kind })?;
        coverage::recheck(work, id)?;
    }
    Ok(about(id, None))
}

pub(super) fn add_watcher(work: &mut Work<'_>, id: TicketId, who: &Recipient) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    for person in notify::people(work, &ticket, who)? {
        if !ticket.watchers.contains(&person) {
            record(work, id, Event::WatcherAdded { person })?;
        }
    }
    Ok(about(id, None))
}

pub(super) fn remove_watcher(work: &mut Work<'_>, id: TicketId, person: PersonId) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    if ticket.watchers.contains(&person) {
        record(work, id, Event::WatcherRemoved { person })?;
    }
    Ok(about(id, None))
}
