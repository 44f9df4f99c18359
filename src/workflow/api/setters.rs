//! The ticket's properties that scripts set: as later lines see them, and as the command says them.

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::ticket::{own, refused};
use crate::domain::TicketId;
use crate::domain::command::TicketChanges;
use crate::domain::ticket::{Level, Ticket};
use crate::workflow::failure::Fault;
use crate::workflow::state::{State, TicketDraft};

/// Sets something: as later lines see it, and as the command says it.
fn set(
    call: &Call<'_, '_, '_>,
    draft: impl FnOnce(&mut TicketDraft),
    changes: impl FnOnce(&mut TicketChanges),
) -> Answer {
    let ticket = own(call)?.0;
    call.state().edit(ticket, draft)?;
    call.state().change(&call.place(), ticket, changes)?;
    Ok(Dynamic::UNIT)
}

pub fn subject(call: &mut Call<'_, '_, '_>) -> Answer {
    subject_of(call.state(), own(call)?.0).map(Dynamic::from)
}

/// The subject as this run has left it so far.
pub fn subject_of(state: &State, ticket: TicketId) -> Outcome<String> {
    if let Some(subject) = state.draft(ticket, |draft| draft.and_then(|draft| draft.subject.clone())) {
        return Ok(subject);
    }
    let text = state.ticket(ticket, |ticket| ticket.subject)?;
    state.text(text)
}

pub fn set_subject(call: &mut Call<'_, '_, '_>) -> Answer {
    let subject = call.words(1)?;
    set(call, |draft| draft.subject = Some(subject.clone()), |to| to.subject = Some(subject.clone()))
}

pub fn set_status(call: &mut Call<'_, '_, '_>) -> Answer {
    let key = call.key(1)?;
    call.state().pack.require_status("status", &key).map_err(|refusal| refused(&refusal))?;
    set(call, |draft| draft.ticket.status = key.clone(), |to| to.status = Some(key.clone()))
}

pub fn set_category(call: &mut Call<'_, '_, '_>) -> Answer {
    let key = call.key(1)?;
    call.state().pack.require_category("category", &key).map_err(|refusal| refused(&refusal))?;
    set(call, |draft| draft.ticket.category = Some(key.clone()), |to| to.category = Some(key.clone()))
}

pub fn set_priority(call: &mut Call<'_, '_, '_>) -> Answer {
    let priority = call.int(1)?;
    if !(1..=5).contains(&priority) {
        return Err(Fault::refused(&format!("a priority is from 1 to 5, not {priority}")));
    }
    set(call, |draft| draft.ticket.priority = priority, |to| to.priority = Some(priority))
}

pub fn set_urgent(call: &mut Call<'_, '_, '_>) -> Answer {
    let urgent = call.flag(1)?;
    set(call, |draft| draft.ticket.is_urgent = urgent, |to| to.is_urgent = Some(urgent))
}

pub fn set_level(
    call: &Call<'_, '_, '_>,
    draft: impl FnOnce(&mut Ticket, Level),
    changes: impl FnOnce(&mut TicketChanges, Level),
) -> Answer {
    let text = call.text(1)?;
    let level = serde_json::from_value::<Level>(serde_json::Value::String(text.to_string()));
    let level =
        level.map_err(|_| Fault::refused(&format!("a level is `high`, `medium` or `low`, not `{text}`")))?;
    let matrix = call.state().pack.priorities;
    let draft = |to: &mut TicketDraft| {
        draft(&mut to.ticket, level);
        to.ticket.priority = matrix.priority(to.ticket.impact, to.ticket.urgency);
    };
    set(call, draft, |to| changes(to, level))
}
