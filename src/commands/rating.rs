//! `AskRating`, `RateTicket`: the contact is asked how the ticket was dealt with, answers, and the answer stands.

use super::apply::about;
use super::done::{DeskError, Done};
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::RateTicket;
use crate::domain::event::{Event, RatingAsked, TicketRated};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::rating::{
    Answer, NoRating, RATING_AHEAD_MAX, RATING_CHANGEABLE, Rating, SCORE_MAX, SCORE_MIN,
};
use crate::domain::ticket::Ticket;
use crate::domain::{Key, Moment, Refusal, TicketId};
use crate::store;
use crate::store::due::{Due, DueKind};

/// The names of the due rows: the question is put; the answer stands.
const ASK: &str = "ask";
const SETTLE: &str = "settle";

/// Plans the question, or puts it at once. A ticket without a contact has nobody to ask.
pub(super) fn ask(work: &mut Work<'_>, id: TicketId, ask_at: Moment) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    if ask_at > work.tx.now() + RATING_AHEAD_MAX {
        return Err(Refusal::invalid("after", "lies more than 30 days ahead").into());
    }
    if ticket.contact.is_none() {
        return Ok(about(id, None));
    }
    let ordinal = next_ordinal(work, id)?;
    if ask_at <= work.tx.now() {
        put_question(work, id, ordinal)?;
    } else {
        record(work, id, Event::RatingPlanned { ordinal, ask_at })?;
    }
    Ok(about(id, None))
}

/// A question that was answered is followed by a new one; another is put once more.
fn next_ordinal(work: &Work<'_>, id: TicketId) -> Result<i64, DeskError> {
    Ok(store::rating::last(&work.tx, id)?.map_or(1, |last| last.ordinal + i64::from(last.score.is_some())))
}

/// Asks the contact as the ticket stands now; one that goes on again, or has no contact any more, is asked nothing.
fn put_question(work: &mut Work<'_>, id: TicketId, ordinal: i64) -> Result<(), DeskError> {
    let ticket = work.ticket(id)?;
    let (Some(contact), Some(_)) = (ticket.contact, ticket.resolved_at) else { return Ok(()) };
    let asked = RatingAsked { ordinal, contact, person: ticket.assignee };
    record(work, id, Event::RatingAsked(Box::new(asked)))
}

pub(super) fn rate(work: &mut Work<'_>, given: &RateTicket) -> Result<Done, DeskError> {
    let id = given.ticket;
    let ticket = work.ticket_for(id, Step::RateTicket, None)?;
    let Actor::Person { person } = work.cause.actor else {
        return Err(Refusal::forbidden("rate this ticket: the contact who asked does").into());
    };
    if !(SCORE_MIN..=SCORE_MAX).contains(&given.score) {
        let message =
            format!("a whole number from {SCORE_MIN} to {SCORE_MAX} is wanted, not {}", given.score);
        return Err(Refusal::invalid("score", message).into());
    }
    words::maybe_text("comment", given.comment.as_deref())?;
    let last = takes_answer(work, &ticket)?;
    let at = last.rated_at.unwrap_or(work.occurred_at);
    let comment = match last.comment {
        // The words of the first tap stay where the second says none.
        Some(kept) if given.comment.is_none() => Some(kept),
        _ => work.text(given.comment.as_deref())?,
    };
    let answer = Answer { score: given.score, comment, by: person, at };
    let settles_at = at + RATING_CHANGEABLE;
    let rated = TicketRated { ordinal: last.ordinal, answer, settles_at };
    record(work, id, Event::TicketRated(Box::new(rated)))?;
    Ok(about(id, None))
}

/// The question that the answer is for.
fn takes_answer(work: &Work<'_>, ticket: &Ticket) -> Result<Rating, DeskError> {
    let refused = |why| DeskError::from(Refusal::NoRating(why));
    let last = store::rating::last(&work.tx, ticket.id)?.ok_or_else(|| refused(NoRating::NotAsked))?;
    if last.score.is_none() && ticket.resolved_at.is_none() {
        return Err(refused(NoRating::OpenAgain));
    }
    last.check_takes_answer(work.tx.now()).map_err(refused)?;
    Ok(last)
}

/// A row of the clock has come: the question is put, or the answer stands from now on.
pub(super) fn play(work: &mut Work<'_>, id: TicketId, name: &Key) -> Result<(), DeskError> {
    if name.as_str() == ASK {
        let Some(planned) = store::rating::last(&work.tx, id)? else { return Ok(()) };
        put_question(work, id, planned.ordinal)?;
        // There was nobody to ask, or nothing to ask about.
        let is_open = store::rating::last(&work.tx, id)?.is_some_and(|last| last.asked_at.is_none());
        return if is_open { Ok(store::rating::remove(&work.tx, id, planned.ordinal)?) } else { Ok(()) };
    }
    let last = store::rating::last_rated(&work.tx, id)?.filter(|last| last.settled_at.is_none());
    match last.as_ref().and_then(|last| Some((last.ordinal, Answer::of(last)?))) {
        Some((ordinal, answer)) => record(work, id, Event::RatingSettled { ordinal, answer }),
        None => Ok(()),
    }
}

/// The row of the question, and the row of the clock for what comes next.
pub(super) fn write_rows(work: &mut Work<'_>, id: TicketId, event: &Event) -> Result<(), DeskError> {
    let last = store::rating::last(&work.tx, id)?;
    match event {
        Event::RatingPlanned { ordinal, ask_at } => {
            let client = work.with(id, |case| case.ticket.client);
            let known = last.filter(|last| last.ordinal == *ordinal);
            let fresh = Rating::planned(id, *ordinal, client, *ask_at);
            let rating = known.map_or(fresh, |known| Rating { ask_at: *ask_at, ..known });
            store::rating::put(&work.tx, &rating)?;
            put_due(work, id, ASK, *ask_at)
        }
        Event::RatingAsked(asked) => {
            let RatingAsked { ordinal, contact, person } = **asked;
            let (client, at) = (work.with(id, |case| case.ticket.client), work.occurred_at);
            let known = last.filter(|last| last.ordinal == ordinal);
            let planned = known.unwrap_or_else(|| Rating::planned(id, ordinal, client, at));
            let rating = Rating { contact: Some(contact), person, asked_at: Some(at), ..planned };
            store::rating::put(&work.tx, &rating)?;
            Ok(store::due::remove(&work.tx, id, DueKind::Rating, ASK).map(drop)?)
        }
        Event::TicketRated(rated) => {
            let TicketRated { ordinal, answer, settles_at } = **rated;
            let Some(last) = last.filter(|last| last.ordinal == ordinal) else { return Ok(()) };
            let Answer { score, comment, by, at } = answer;
            let (score, rated_by, rated_at) = (Some(score), Some(by), Some(at));
            store::rating::put(&work.tx, &Rating { score, comment, rated_by, rated_at, ..last })?;
            put_due(work, id, SETTLE, settles_at)
        }
        Event::RatingSettled { ordinal, .. } => {
            let Some(last) = last.filter(|last| last.ordinal == *ordinal) else { return Ok(()) };
            store::rating::put(&work.tx, &Rating { settled_at: Some(work.occurred_at), ..last })?;
            Ok(store::due::remove(&work.tx, id, DueKind::Rating, SETTLE).map(drop)?)
        }
        // What goes on again is not asked about, until it is solved once more.
        _ => {
            if let Some(last) = last.filter(|last| last.asked_at.is_none()) {
                store::rating::remove(&work.tx, id, last.ordinal)?;
            }
            Ok(store::due::remove(&work.tx, id, DueKind::Rating, ASK).map(drop)?)
        }
    }
}

fn put_due(work: &mut Work<'_>, id: TicketId, name: &str, run_at: Moment) -> Result<(), DeskError> {
    let client = work.with(id, |case| case.ticket.client);
    let due = Due {
        id: work.tx.id(),
        client,
        ticket: Some(id),
        person: None,
        kind: DueKind::Rating,
        name: Key::new(name).expect("a key"),
        percent: 0,
        overdue_minutes: 0,
        run_at,
    };
    store::due::put(&work.tx, &due)?;
    work.note_change(Some(client), "due");
    Ok(())
}
