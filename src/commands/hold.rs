//! A person decides of held messages: approved they go out, or they are discarded, in turns of a few, each one command of
//! the clock, so that thousands never hold the writer. A message leaves its hold in the transaction that sends it, so each
//! goes out once over restarts.

use super::budget::CHANGE;
use super::client::{made, seen};
use super::done::{DeskError, Done};
use super::inform;
use super::record::record;
use super::script_counts::{Counted, Tally};
use super::words;
use super::work::{Cause, Work};
use crate::domain::command::{ApproveHold, DiscardHold};
use crate::domain::event::{Event, Speaker, Visibility};
use crate::domain::hold::{DiscardWhy, HeldMessage, Hold, HoldState, Message, MessageKind, UNSEEN_MAX};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::{ClientId, HoldId, Key, Refusal};
use crate::store;
use crate::store::due::DueKind;

/// Messages of one turn: each reply may wake a handler, of which one command plays at most 32.
const MESSAGES_OF_TURN: usize = 16;
/// What the row of the durable clock is called.
const TURN: &str = "message_hold";

pub(super) fn approve(work: &mut Work<'_>, approve: ApproveHold) -> Result<Done, DeskError> {
    let mut hold = to_decide(work, approve.hold, approve.version, approve.messages)?;
    hold.state = HoldState::Sending;
    hold.is_without_stale = approve.is_without_stale;
    // Whoever lets the burst out says that it is right: the next message must not begin another hold at once.
    store::hold::forget_handler(&work.tx, hold.client, &hold.handler)?;
    decide(work, hold)
}

pub(super) fn discard(work: &mut Work<'_>, discard: &DiscardHold) -> Result<Done, DeskError> {
    let mut hold = to_decide(work, discard.hold, discard.version, discard.messages)?;
    let reason = words::line("reason", &discard.reason)?;
    hold.state = HoldState::Discarding;
    hold.reason = work.text(Some(&reason))?;
    decide(work, hold)
}

/// The hold, when it waits and the actor may decide of it. Whoever may not is not told that there is one.
fn to_decide(work: &mut Work<'_>, id: HoldId, version: i64, messages: i64) -> Result<Hold, DeskError> {
    let missing = || Refusal::not_found("hold", id);
    let hold = store::hold::get(&work.tx, id)?.ok_or_else(missing)?;
    work.require_for(Step::Supervise, Some(hold.client)).map_err(|error| match error {
        DeskError::Refused(Refusal::Forbidden { .. }) => missing().into(),
        other => other,
    })?;
    if hold.state != HoldState::Open {
        return Err(Refusal::HoldIsDecided.into());
    }
    seen(Some(version), hold.version)?;
    if hold.held - messages > UNSEEN_MAX {
        return Err(Refusal::HoldHasGrown { seen: messages, count: hold.held }.into());
    }
    Ok(hold)
}

fn decide(work: &mut Work<'_>, mut hold: Hold) -> Result<Done, DeskError> {
    hold.decided_by = Some(work.cause.actor.clone());
    hold.decided_at = Some(work.tx.now());
    hold.version += 1;
    store::hold::update(&work.tx, &hold)?;
    work.note_change(Some(hold.client), CHANGE);
    wait(work, hold.client)?;
    Ok(made(hold.id.0, hold.version))
}

/// Puts the next turn on the durable clock.
fn wait(work: &mut Work<'_>, client: ClientId) -> Result<(), DeskError> {
    let name = Key::new(TURN).expect("a key");
    store::due::put_of_client(&work.tx, client, DueKind::MessageHold, &name, work.tx.now())?;
    work.note_change(Some(client), "due");
    Ok(())
}

/// Plays one turn of the client's oldest hold that was decided.
pub(super) fn go_on(work: &mut Work<'_>, client: ClientId) -> Result<(), DeskError> {
    let Some(mut hold) = store::hold::settling(&work.tx, client)? else { return Ok(()) };
    let messages = store::hold::first_messages(&work.tx, hold.id, MESSAGES_OF_TURN)?;
    for held in &messages {
        match keeps_back(work, &hold, held)? {
            None => {
                send(work, &hold, held)?;
                hold.sent += 1;
                work.tallies.push(Tally { client, counted: Counted::MessageSent });
            }
            Some(why) => {
                drop_message(work, &hold, held, why)?;
                hold.discarded += 1;
                work.tallies.push(Tally { client, counted: Counted::MessageDiscarded });
            }
        }
    }
    if let Some(last) = messages.last() {
        store::hold::remove_messages(&work.tx, last)?;
    }
    if hold.left() == 0 {
        hold.state = hold.state.finished();
        hold.finished_at = Some(work.tx.now());
    }
    hold.version += 1;
    store::hold::update(&work.tx, &hold)?;
    work.note_change(Some(client), CHANGE);
    if store::hold::settling(&work.tx, client)?.is_some() { wait(work, client) } else { Ok(()) }
}

/// Why the message does not go out.
fn keeps_back(work: &mut Work<'_>, hold: &Hold, held: &HeldMessage) -> Result<Option<DiscardWhy>, DeskError> {
    if hold.state == HoldState::Discarding {
        return Ok(Some(DiscardWhy::Discarded));
    }
    if hold.is_without_stale && work.ticket(held.ticket)?.is_closed() {
        return Ok(Some(DiscardWhy::TicketClosed));
    }
    let person = held.message.person.map_or(Ok(None), |id| work.programs.people.person(&work.tx, id))?;
    let order = held.message.order.map_or(Ok(None), |id| store::work_order::get(&work.tx, id))?;
    let is_gone =
        person.is_some_and(|person| !person.is_active) || order.is_some_and(|order| !order.stage.is_open());
    Ok(is_gone.then_some(DiscardWhy::RecipientGone))
}

/// As the script's run would have done it.
fn send(work: &mut Work<'_>, hold: &Hold, held: &HeldMessage) -> Result<(), DeskError> {
    let actor = Actor::Script { client: hold.client };
    let cause = Cause { actor, run: Some(held.run), handler: Some(hold.handler.clone()), depth: 0 };
    let outside = std::mem::replace(&mut work.cause, cause);
    let sent = send_as_script(work, held);
    work.cause = outside;
    sent
}

fn send_as_script(work: &mut Work<'_>, held: &HeldMessage) -> Result<(), DeskError> {
    let (ticket, Message { kind, person, template, text, order, files }) =
        (held.ticket, held.message.clone());
    match (kind, person, text, order) {
        (MessageKind::Notice | MessageKind::Alarm, Some(person), ..) => {
            inform::tell(work, person, Some(ticket), template.clone(), text)?;
            record(work, ticket, Event::PersonNotified { person, template, text })
        }
        (MessageKind::Reply, _, Some(text), _) => {
            if let Some(words) = store::text::get(&work.tx, text)? {
                store::search::add(&work.tx, ticket, text, &words);
            }
            let (visibility, attachments) = (Visibility::Public, Vec::new());
            let (speaker, asks_client) = (Speaker::Automatic, false);
            record(work, ticket, Event::CommentAdded { text, visibility, attachments, speaker, asks_client })
        }
        (MessageKind::OrderNote, _, Some(text), Some(order)) => {
            record(work, ticket, Event::WorkOrderNoteSent { order, text, files })
        }
        _ => unreachable!("a message of the kind {kind:?} has what it needs"),
    }
}

/// As the person who decided.
fn drop_message(
    work: &mut Work<'_>,
    hold: &Hold,
    held: &HeldMessage,
    why: DiscardWhy,
) -> Result<(), DeskError> {
    let actor = hold.decided_by.clone().unwrap_or(Actor::Clock);
    let cause = Cause { actor, run: None, handler: None, depth: 0 };
    let outside = std::mem::replace(&mut work.cause, cause);
    let Message { kind, person, template, .. } = held.message.clone();
    let dropped = Event::MessageDiscarded { hold: hold.id, kind, person, template, why, reason: hold.reason };
    let recorded = record(work, held.ticket, dropped);
    work.cause = outside;
    recorded
}
