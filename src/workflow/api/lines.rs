//! What scripts read of hand-overs, classification and acceptance.

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::fields::field_value;
use super::ticket::{own, refused};
use crate::domain::Key;
use crate::domain::ticket::Ticket;

pub fn missing_for(call: &mut Call<'_, '_, '_>) -> Answer {
    let to = call.key(1)?;
    let pack = call.state().pack.clone();
    pack.require_queue("line", &to).map_err(|refusal| refused(&refusal))?;
    let ticket = whole(call)?;
    let mut missing = Vec::new();
    for asked in pack.required_for(ticket.queue.as_ref(), &to, ticket.category.as_ref()) {
        if !is_filled(call, &ticket, &asked.key)? {
            missing.push(asked.key);
        }
    }
    Ok(List::of(missing.into_iter().map(|key| key.to_string())))
}

pub fn is_unclassified(call: &mut Call<'_, '_, '_>) -> Answer {
    let pack = call.state().pack.clone();
    let ticket = whole(call)?;
    let mut filled = Vec::new();
    for key in &pack.classification.requires {
        if is_filled(call, &ticket, key)? {
            filled.push(key);
        }
    }
    Ok((!pack.lacks(ticket.category.as_ref(), |key| filled.contains(&key)).is_empty()).into())
}

pub fn accept_until(call: &mut Call<'_, '_, '_>) -> Answer {
    Ok(whole(call)?.accept_until.map_or(Dynamic::UNIT, Dynamic::from))
}

pub fn return_count(call: &mut Call<'_, '_, '_>) -> Answer {
    Ok(whole(call)?.return_count.into())
}

fn whole(call: &Call<'_, '_, '_>) -> Outcome<Ticket> {
    call.state().ticket(own(call)?.0, Clone::clone)
}

/// Also what this run has set and what is not carried out yet.
fn is_filled(call: &Call<'_, '_, '_>, ticket: &Ticket, key: &Key) -> Outcome<bool> {
    let pack = &call.state().pack;
    if pack.field(key).is_none() {
        return Ok(pack.is_filled(ticket, key));
    }
    let value = field_value(call.state(), ticket.id, key)?;
    let is_blank = value.clone().into_immutable_string().is_ok_and(|words| words.trim().is_empty());
    Ok(!value.is_unit() && !is_blank)
}
