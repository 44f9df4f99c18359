//! `TakeNext`: the ticket that is best taken now becomes the acting person's, in one transaction.
//!
//! The writer carries out one command after another, so that two people who ask at once never get the same.

use super::apply::about;
use super::assign::{self, Given};
use super::done::{DeskError, Done};
use super::work::Work;
use crate::domain::assignment::missing_certificate;
use crate::domain::command::Gaps;
use crate::domain::next::{NothingToTake, WaitingTicket, ranked};
use crate::domain::permission::{Access, Scope, Step, TicketFacts};
use crate::domain::person::{Actor, Membership, Person};
use crate::domain::{ClientId, Key, PersonId, Refusal};
use crate::store;

/// Waiting tickets of one queue that are looked at, the oldest; of more, a supervisor has other worries.
const LOOKED_AT_MAX: usize = 2_000;
/// The best of them, one after another, until one is not refused by its client's workflow.
const TRIED_MAX: usize = 20;

pub(super) fn take(
    work: &mut Work<'_>,
    client: Option<ClientId>,
    queue: Option<&Key>,
) -> Result<Done, DeskError> {
    let (Some(access), Actor::Person { person }) = (work.access()?, work.cause.actor.clone()) else {
        return Err(Refusal::forbidden("take the next ticket: only a person has queues").into());
    };
    let found = store::person::get(&work.tx, person)?.ok_or_else(|| Refusal::not_found("person", person))?;
    let mut nothing = NothingToTake::default();
    let mut waiting = Vec::new();
    for own in access.memberships.iter().filter(|own| queue.is_none_or(|only| own.queue == *only)) {
        let rows = in_queue(work, &access, own, client)?;
        nothing.queues += usize::from(rows.may_serve);
        for ticket in rows.tickets {
            if is_attested(work, &found, &ticket)? {
                waiting.push(ticket);
            } else {
                nothing.not_attested += 1;
            }
        }
    }
    let now = work.tx.now();
    let mut refused = None;
    for next in ranked(waiting, now).into_iter().take(TRIED_MAX) {
        let reason = next.reason(now).sentence(found.language);
        match give(work, &next, person, &reason) {
            // A guard of the client's workflow; it has changed nothing.
            Err(DeskError::Refused(refusal @ Refusal::RefusedByWorkflow { .. })) => {
                refused.get_or_insert(refusal);
            }
            given => return given,
        }
    }
    Err(refused.unwrap_or(Refusal::NothingToTake(nothing)).into())
}

struct InQueue {
    may_serve: bool,
    tickets: Vec<WaitingTicket>,
}

/// What waits in a queue of the person's, of clients whose tickets the person may work on.
fn in_queue(
    work: &Work<'_>,
    access: &Access,
    own: &Membership,
    client: Option<ClientId>,
) -> Result<InQueue, DeskError> {
    let may = |client: Option<ClientId>| {
        access.may(Step::WorkOnTicket, &TicketFacts { client, ..TicketFacts::default() })
    };
    let only = match (own.client, client) {
        (Some(own), Some(asked)) if own != asked => {
            return Ok(InQueue { may_serve: false, tickets: Vec::new() });
        }
        (own, asked) => own.or(asked),
    };
    let mut tickets = store::waiting::in_queue(&work.tx, &own.queue, only, LOOKED_AT_MAX)?;
    tickets.retain(|ticket| may(Some(ticket.client)));
    let may_serve = match only {
        Some(client) => may(Some(client)),
        None => !tickets.is_empty() || !Scope::of(access).clients().is_empty(),
    };
    Ok(InQueue { may_serve, tickets })
}

/// Whether the person has the certificates without which nobody takes the ticket, by the version that it keeps.
fn is_attested(work: &mut Work<'_>, person: &Person, ticket: &WaitingTicket) -> Result<bool, DeskError> {
    let Some(version) = ticket.pack_version else { return Ok(true) };
    let Some(loaded) = work.programs.pack(&work.tx, version)? else { return Ok(true) };
    let required = &loaded.pack.assignment.required_certificates;
    Ok(missing_certificate(required, &person.all_certificates()).is_none())
}

fn give(
    work: &mut Work<'_>,
    next: &WaitingTicket,
    person: PersonId,
    reason: &str,
) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(next.ticket, Step::Assign, None)?;
    let given = Given { reason: Some(reason), gaps: Gaps::Refuse };
    assign::assign_to(work, &ticket, person, None, &given, Vec::new())?;
    Ok(Done { note: Some(reason.to_owned()), ..about(next.ticket, None) })
}
