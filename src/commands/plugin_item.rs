//! One item of a plugin: its ticket is found by number or foreign id, its commands are carried out in their order.

use super::apply;
use super::done::{DeskError, Done};
use super::once::json;
use super::plugin_items::Answer;
use super::plugin_upsert;
use super::record::record;
use super::work::{Wake, Work};
use crate::domain::command::{
    AddForeignComment, Alarm, Command, Gaps, GiveNotice, Information, RateTicket, TicketChanges,
};
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::plugin::{ItemCommand, NOTICE_BYTES_MAX, PluginItem};
use crate::domain::{AttachmentId, Moment, Refusal, Span, TicketId};
use crate::store;
use crate::workflow::Occasion;

/// No desk had tickets before 2000: what says so was meant in seconds, or in nothing.
const AT_MIN: Moment = Moment::from_ms(946_684_800_000);
/// How far ahead of ours the clock of the other side may be.
const AHEAD_MAX: Span = Span::minutes(5);

/// Carries the item out; `false`: one with its key was taken before. `place` is the command that goes on.
pub(super) fn apply(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    item: &PluginItem,
    place: &mut Option<usize>,
) -> Result<bool, DeskError> {
    if let Some(key) = &item.key
        && !store::plugin_state::see(&work.tx, answer.ground.installation.id, key)?
    {
        return Ok(false);
    }
    if let Some(at) = item.at.map(Moment::from_ms) {
        if at > work.tx.now() + AHEAD_MAX {
            return Err(Refusal::InTheFuture { at }.into());
        }
        if at < AT_MIN {
            let message = format!("{at} is before {AT_MIN}: a moment is given in milliseconds");
            return Err(Refusal::invalid("at", message).into());
        }
        work.occurred_at = at;
    }
    let mut ticket = find_ticket(work, answer, item)?;
    for (number, command) in item.commands.iter().enumerate() {
        *place = Some(number);
        let name = command.name();
        if !answer.ground.abilities.commands.contains(&name) {
            let what = format!("use the command `{}`: it was not granted to this plugin", name.as_str());
            return Err(Refusal::Forbidden { what }.into());
        }
        ticket = Some(one(work, answer, item, ticket, command)?);
        // What it wakes goes before the next command, as it would if each came alone.
        work.settle()?;
    }
    *place = None;
    Ok(true)
}

fn find_ticket(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    item: &PluginItem,
) -> Result<Option<TicketId>, DeskError> {
    let source = store::external::plugin_source(answer.ground.installation.id);
    let linked = match &item.external {
        Some(external) => store::external::ticket_of(&work.tx, &source, external)?,
        None => None,
    };
    match (&item.ticket, linked) {
        (Some(number), linked) => {
            let named = by_number(work, answer, number)?;
            if linked.is_some_and(|linked| linked != named) {
                let message = format!("is tied to another ticket than {number}; `unlink` it first");
                return Err(Refusal::invalid("external", message).into());
            }
            Ok(Some(named))
        }
        (None, Some(linked)) => Ok(Some(linked)),
        (None, None) if item.external.is_some() => Ok(None),
        (None, None) => Ok(answer.ticket),
    }
}

/// A ticket of the installation's client; one of another client is answered as if it were not.
fn by_number(work: &Work<'_>, answer: &Answer<'_>, number: &str) -> Result<TicketId, DeskError> {
    let client = answer.ground.installation.client;
    let unknown = || DeskError::from(Refusal::not_found("ticket", number));
    let (prefix, count) = number.rsplit_once('-').ok_or_else(unknown)?;
    let own = store::client::get(&work.tx, client)?.is_some_and(|client| client.prefix == prefix);
    let count = count.parse().ok().filter(|_| own).ok_or_else(unknown)?;
    Ok(store::ticket::by_number(&work.tx, client, count)?.ok_or_else(unknown)?.id)
}

/// Carries out a command as the plugin's own: with a line of its own in the journal, so that a back-test finds it.
pub(super) fn carry_out(work: &mut Work<'_>, command: Command) -> Result<Done, DeskError> {
    let text = if work.programs.is_traced { Some(json(&command)?) } else { None };
    work.journal = work.tx.id();
    let done = apply::apply(work, command)?;
    if let Some(text) = text {
        let (actor, at) = (work.cause.actor.clone(), work.occurred_at);
        store::event::append_journal(&work.tx, work.journal, done.ticket, &text, &actor, at)?;
    }
    Ok(done)
}

/// Carries out one command; answers the ticket of those after it.
fn one(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    item: &PluginItem,
    ticket: Option<TicketId>,
    command: &ItemCommand,
) -> Result<TicketId, DeskError> {
    if let (ItemCommand::Upsert(upsert), None) = (command, ticket) {
        return plugin_upsert::open(work, answer, item, upsert);
    }
    if let ItemCommand::Link(link) = command {
        let named = link.number.as_ref().map(|number| by_number(work, answer, number)).transpose()?;
        return self::link(work, answer, item, named.or(ticket).or(answer.ticket));
    }
    let id = ticket.ok_or_else(|| no_ticket(item))?;
    let facts = work.ticket(id)?;
    let command = match command {
        ItemCommand::Upsert(upsert) => return plugin_upsert::merge(work, answer, id, upsert).map(|()| id),
        ItemCommand::Unlink(_) => return unlink(work, answer, item, id).map(|()| id),
        ItemCommand::Link(_) => unreachable!("taken above"),
        ItemCommand::Resolve(_) if facts.resolved_at.is_some() || facts.is_closed() => return Ok(id),
        ItemCommand::Close(_) if facts.is_closed() => return Ok(id),
        ItemCommand::Reopen(_) if facts.resolved_at.is_none() && !facts.is_closed() => return Ok(id),
        other => on_ticket(answer, id, other)?,
    };
    carry_out(work, command)?;
    Ok(id)
}

/// The desk's own command for one that is about a ticket that is there.
fn on_ticket(answer: &Answer<'_>, ticket: TicketId, command: &ItemCommand) -> Result<Command, DeskError> {
    let change = |changes| Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) };
    // The other side's word that it is over must not be lost for a gap in ours.
    let information = || Box::new(Information { gaps: Gaps::Pass, ..Information::default() });
    Ok(match command.clone() {
        ItemCommand::Comment(given) => Command::AddForeignComment(Box::new(AddForeignComment {
            ticket,
            text: given.text,
            visibility: given.visibility,
            author: given.author,
            spoken_by: given.spoken_by,
            attachments: given.files.iter().map(|file| attachment(answer, file)).collect::<Result<_, _>>()?,
        })),
        ItemCommand::Status(given) => {
            change(TicketChanges { status: Some(given.to), ..TicketChanges::default() })
        }
        ItemCommand::Fields(given) => {
            change(TicketChanges { fields: given.fields, ..TicketChanges::default() })
        }
        ItemCommand::Priority(given) => change(TicketChanges {
            impact: Some(given.impact),
            urgency: Some(given.urgency),
            ..TicketChanges::default()
        }),
        ItemCommand::Resolve(given) => Command::ResolveTicket {
            ticket,
            version: None,
            resolution: given.resolution,
            reason: given.reason,
            information: information(),
        },
        ItemCommand::Close(given) => Command::CloseTicket {
            ticket,
            version: None,
            resolution: given.resolution,
            reason: given.reason,
            information: information(),
        },
        ItemCommand::Reopen(given) => Command::ReopenTicket { ticket, version: None, reason: given.reason },
        ItemCommand::Tags(given) => Command::ChangeTags { ticket, add: given.add, remove: given.remove },
        ItemCommand::Queue(given) => Command::QueueTicket {
            ticket,
            version: None,
            queue: given.queue,
            reason: None,
            alarm: Alarm::Silent,
            information: information(),
        },
        ItemCommand::Attach(given) => {
            let attachments = vec![attachment(answer, &given.file)?];
            Command::AddAttachments { ticket, attachments, visibility: given.visibility }
        }
        ItemCommand::Notice(given) => {
            let (name, value) = (given.name, given.value);
            let plugin = answer.ground.installation.plugin.clone();
            Command::GiveNotice(Box::new(GiveNotice { ticket, plugin, name, value }))
        }
        ItemCommand::Rate(given) => {
            let rate = RateTicket { ticket, score: given.value, comment: given.comment };
            Command::RateTicket(Box::new(rate))
        }
        ItemCommand::Upsert(_) | ItemCommand::Link(_) | ItemCommand::Unlink(_) => {
            unreachable!("these are more than one command of the desk")
        }
    })
}

fn attachment(answer: &Answer<'_>, handle: &str) -> Result<AttachmentId, Refusal> {
    answer.files.get(handle).copied().ok_or_else(|| {
        let handle: String = handle.chars().take(80).collect();
        Refusal::invalid("file", format!("this call made no file with the handle `{handle}`"))
    })
}

fn no_ticket(item: &PluginItem) -> Refusal {
    match &item.external {
        Some(external) => Refusal::not_found("ticket tied to the foreign id", external),
        None => Refusal::invalid(
            "external",
            "the item names no ticket: give `external`, or the `ticket`'s number",
        ),
    }
}

/// The foreign id of an item that cannot do without.
pub(super) fn external(item: &PluginItem) -> Result<&str, Refusal> {
    let missing = || Refusal::invalid("external", "is missing; this command needs the foreign id");
    item.external.as_deref().ok_or_else(missing)
}

fn link(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    item: &PluginItem,
    ticket: Option<TicketId>,
) -> Result<TicketId, DeskError> {
    let external = external(item)?;
    let missing = || Refusal::invalid("number", "the item names no ticket to tie the foreign id to");
    let id = ticket.ok_or_else(missing)?;
    work.ticket_for(id, Step::WorkOnTicket, None)?;
    tie(work, answer, external, id)?;
    Ok(id)
}

/// Ties a foreign id to a ticket; one that is tied to another stays so.
pub(super) fn tie(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    external: &str,
    id: TicketId,
) -> Result<(), DeskError> {
    let installation = answer.ground.installation.id;
    let source = store::external::plugin_source(installation);
    match store::external::ticket_of(&work.tx, &source, external)? {
        Some(known) if known == id => Ok(()),
        Some(_) => {
            let message = format!("`{external}` is tied to another ticket; `unlink` it first");
            Err(Refusal::invalid("external", message).into())
        }
        None => {
            store::external::link(&work.tx, &source, external, id)?;
            record(work, id, Event::ForeignLinked { installation, external: external.to_owned() })
        }
    }
}

fn unlink(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    item: &PluginItem,
    id: TicketId,
) -> Result<(), DeskError> {
    let external = external(item)?;
    let installation = answer.ground.installation.id;
    let source = store::external::plugin_source(installation);
    work.ticket_for(id, Step::WorkOnTicket, None)?;
    if store::external::ticket_of(&work.tx, &source, external)? != Some(id) {
        return Ok(());
    }
    store::external::unlink(&work.tx, &source, external)?;
    store::plugin_state::forget_values(&work.tx, installation, id)?;
    record(work, id, Event::ForeignUnlinked { installation, external: external.to_owned() })
}

/// `GiveNotice`: the script's `on_notice` is woken.
pub(super) fn give_notice(work: &mut Work<'_>, given: GiveNotice) -> Result<Done, DeskError> {
    let GiveNotice { ticket: id, plugin, name, value } = given;
    if !matches!(work.cause.actor, Actor::Plugin { .. } | Actor::Operator) {
        return Err(Refusal::forbidden("give notice of something: only a plugin does").into());
    }
    work.ticket_for(id, Step::WorkOnTicket, None)?;
    let bytes = value.to_string().len();
    if bytes > NOTICE_BYTES_MAX {
        return Err(Refusal::TooLong { field: "value".to_owned(), bytes, bytes_max: NOTICE_BYTES_MAX }.into());
    }
    record(work, id, Event::NoticeGiven { plugin: plugin.clone(), name: name.clone() })?;
    work.waiting.push_back(Wake { ticket: id, occasion: Occasion::Notice { plugin, name, value }, depth: 0 });
    Ok(apply::about(id, None))
}
