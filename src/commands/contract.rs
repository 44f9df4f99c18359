//! `SetNamedContact`, `AdjustBalance`, `RaisePriority`.

use std::sync::Arc;

use super::apply::about;
use super::client::made;
use super::coverage::{self, holder_of, judge};
use super::done::{DeskError, Done};
use super::open_ticket::own;
use super::programs::Loaded;
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::{AdjustBalance, RaisePriority, SetNamedContact, Switch};
use crate::domain::contract::{
    Adjustment, AdjustmentKind, AskedBy, Charge, MonthlyPack, NamedContact, Package, PriorityRaise, RaiseLine,
};
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::domain::person::Affiliation;
use crate::domain::ticket::Ticket;
use crate::domain::{ClientId, ContactId, Key, Language, Moment, NamedContactId, Refusal, Span, SubClientId};
use crate::store;

/// How far from now a contact is named or a balance adjusted, in days: a year, and some.
const DAYS_MAX: i64 = 400;
/// Largest adjustment, in minutes or requests.
const ADJUSTMENT_MAX: i64 = 1_000_000;

pub(super) fn set_named(work: &mut Work<'_>, set: &SetNamedContact) -> Result<Done, DeskError> {
    work.require_for(Step::KeepContract, Some(set.client))?;
    let contact = store::place::contact(&work.tx, set.contact)?;
    own("contact", "contact", set.contact, set.client, contact.as_ref().map(|contact| contact.client))?;
    let from = near("from", set.from, work.occurred_at)?;
    let last = store::contract::named_of_contact(&work.tx, set.contact)?.into_iter().next();
    let id = match set.state {
        Switch::On => name(work, set, contact.and_then(|contact| contact.sub_client), from, last)?,
        Switch::Off => {
            let open = last.filter(|last| last.valid_until.is_none());
            let open = open.ok_or_else(|| Refusal::invalid("contact", "is not a named one"))?;
            if from < open.valid_from {
                let message =
                    format!("the contact is named from {} on; end it then or later", open.valid_from);
                return Err(Refusal::invalid("from", message).into());
            }
            store::contract::end_named(&work.tx, open.id, from)?;
            open.id
        }
    };
    work.note_change(Some(set.client), "contract");
    Ok(made(id.0, 1))
}

fn name(
    work: &mut Work<'_>,
    set: &SetNamedContact,
    sub_client: Option<SubClientId>,
    from: Moment,
    last: Option<NamedContact>,
) -> Result<NamedContactId, DeskError> {
    match last.map(|last| last.valid_until) {
        Some(None) => return Err(Refusal::invalid("contact", "is a named one already").into()),
        Some(Some(until)) if from < until => {
            let message = format!("the contact was named until {until}; begin then or later");
            return Err(Refusal::invalid("from", message).into());
        }
        _ => {}
    }
    check_room(work, set.client, sub_client, from)?;
    let named = NamedContact {
        id: work.tx.id(),
        client: set.client,
        contact: set.contact,
        valid_from: from,
        valid_until: None,
        author: work.cause.actor.clone(),
        recorded_at: work.tx.now(),
    };
    store::contract::insert_named(&work.tx, &named)?;
    Ok(named.id)
}

/// A package may say how many can be named at once.
fn check_room(
    work: &mut Work<'_>,
    client: ClientId,
    sub_client: Option<SubClientId>,
    at: Moment,
) -> Result<(), DeskError> {
    let Some(loaded) = published(work, client)? else { return Ok(()) };
    let key = sub_client_key(work, sub_client)?;
    let package = loaded.pack.package_of(key.as_ref());
    let Some(count_max) = package.and_then(|package| package.named_contacts_max) else { return Ok(()) };
    let contract = &loaded.pack.contract;
    let whose = contract.holder(key.as_ref(), sub_client);
    let mut count = 0;
    for named in store::contract::named_of_client(&work.tx, client, at)? {
        let contact = store::place::contact(&work.tx, named.contact)?;
        let of = contact.and_then(|contact| contact.sub_client);
        let key = sub_client_key(work, of)?;
        count += i64::from(contract.holder(key.as_ref(), of) == whose);
    }
    if count < count_max {
        return Ok(());
    }
    let message =
        format!("the package allows {count_max} named contacts and has {count}; take one away first");
    Err(Refusal::invalid("contact", message).into())
}

pub(super) fn adjust(work: &mut Work<'_>, adjust: &AdjustBalance) -> Result<Done, DeskError> {
    work.require_for(Step::KeepContract, Some(adjust.client))?;
    let key = match adjust.sub_client {
        Some(id) => {
            let sub = store::client::get_sub(&work.tx, id)?;
            own("sub_client", "sub-client", id, adjust.client, sub.as_ref().map(|sub| sub.client))?;
            sub.map(|sub| sub.key)
        }
        None => None,
    };
    let loaded = published(work, adjust.client)?.ok_or(Refusal::NothingPublished)?;
    if let Some(key) = &key
        && !loaded.pack.contract.is_own(Some(key))
    {
        let message =
            "the sub-client has no package of its own and shares the client's balance; leave it out";
        return Err(Refusal::invalid("sub_client", message).into());
    }
    let monthly = loaded.pack.package_of(key.as_ref()).and_then(|package| package.monthly.as_ref());
    let unit = monthly.map(MonthlyPack::unit).ok_or_else(|| {
        Refusal::invalid("amount", "the package grants without limit, so there is no balance to adjust")
    })?;
    let is_fine = match adjust.kind {
        AdjustmentKind::Bought => (1..=ADJUSTMENT_MAX).contains(&adjust.amount),
        AdjustmentKind::CarryOver | AdjustmentKind::Correction => {
            adjust.amount != 0 && (-ADJUSTMENT_MAX..=ADJUSTMENT_MAX).contains(&adjust.amount)
        }
    };
    if !is_fine {
        let message = format!(
            "a whole number up to {ADJUSTMENT_MAX}, not 0; below zero only to correct or to carry over"
        );
        return Err(Refusal::invalid("amount", message).into());
    }
    let adjustment = Adjustment {
        id: work.tx.id(),
        client: adjust.client,
        sub_client: adjust.sub_client,
        valid_from: near("valid_from", adjust.valid_from, work.occurred_at)?,
        unit,
        amount: adjust.amount,
        kind: adjust.kind,
        reason: store::text::put(&work.tx, &words::line("reason", &adjust.reason)?)?,
        author: work.cause.actor.clone(),
        recorded_at: work.tx.now(),
    };
    store::contract::insert_adjustment(&work.tx, &adjustment)?;
    work.note_change(Some(adjust.client), "contract");
    Ok(made(adjustment.id.0, 1))
}

/// A moment that is not further away than anybody plans or corrects.
fn near(field: &str, given: Option<Moment>, now: Moment) -> Result<Moment, Refusal> {
    let at = given.unwrap_or(now);
    if now - Span::days(DAYS_MAX) <= at && at <= now + Span::days(DAYS_MAX) {
        return Ok(at);
    }
    Err(Refusal::invalid(field, format!("at most {DAYS_MAX} days before or after now")))
}

fn published(work: &mut Work<'_>, client: ClientId) -> Result<Option<Arc<Loaded>>, DeskError> {
    let client = store::client::get(&work.tx, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
    match client.pack_version {
        Some(version) => work.programs.pack(&work.tx, version),
        None => Ok(None),
    }
}

fn sub_client_key(work: &Work<'_>, sub_client: Option<SubClientId>) -> Result<Option<Key>, DeskError> {
    let sub = sub_client.map_or(Ok(None), |id| store::client::get_sub(&work.tx, id))?;
    Ok(sub.map(|sub| sub.key))
}

pub(super) fn raise(work: &mut Work<'_>, raise: &RaisePriority) -> Result<Done, DeskError> {
    let ticket = work.open_ticket_for(raise.ticket, Step::RaisePriority, raise.version)?;
    let loaded = work.loaded(ticket.id)?;
    let package = loaded.pack.package_of(ticket.terms.sub_client.as_ref());
    let terms = package.and_then(|package| Some((package, package.priority_raise.as_ref()?)));
    let (package, terms) = terms
        .ok_or_else(|| Refusal::forbidden("raise the priority: the client's package does not offer it"))?;
    if !(1..ticket.priority).contains(&raise.to) {
        let message = format!("raise to a smaller number than {}, at least 1", ticket.priority);
        return Err(Refusal::invalid("to", message).into());
    }
    if raise.to < terms.up_to {
        let message = format!("the package raises up to priority {}", terms.up_to);
        return Err(Refusal::invalid("to", message).into());
    }
    let agreed_by = agreement(work, raise, &ticket, package, terms)?;
    let reason = words::maybe_line("reason", raise.reason.as_deref())?;
    let amount = if terms.charge == Charge::Balance { terms.amount.unwrap_or(0) } else { 0 };
    check_balance(work, &ticket, &loaded, amount)?;
    let line = RaiseLine {
        id: work.tx.id(),
        ticket: ticket.id,
        client: ticket.client,
        sub_client: holder_of(&loaded, &ticket).sub_client,
        raised_at: work.occurred_at,
        from: ticket.priority,
        to: raise.to,
        charge: terms.charge,
        amount,
        unit: package.monthly.as_ref().filter(|_| amount > 0).map(MonthlyPack::unit),
        package: package.key.clone(),
        agreed_by,
        author: work.cause.actor.clone(),
    };
    let reason = work.text(reason.as_deref())?;
    record(work, ticket.id, Event::PriorityRaised { raise: Box::new(line), reason })?;
    let (impact, urgency) = (ticket.impact, ticket.urgency);
    record(work, ticket.id, Event::PriorityChanged { impact, urgency, from: ticket.priority, to: raise.to })?;
    coverage::recheck(work, ticket.id)?;
    Ok(about(ticket.id, None))
}

/// Who of the client agreed to the price. A contact agrees for itself, and only where the package lets it ask.
fn agreement(
    work: &mut Work<'_>,
    raise: &RaisePriority,
    ticket: &Ticket,
    package: &Package,
    terms: &PriorityRaise,
) -> Result<Option<ContactId>, DeskError> {
    let access = work.access()?;
    let own_contact = match access.as_ref().map(|access| access.affiliation) {
        Some(Affiliation::Contact { contact, .. }) => Some(contact),
        _ => None,
    };
    if let Some(contact) = own_contact {
        let is_named = match (package.asked_by, contact) {
            (AskedBy::Any, _) => true,
            (AskedBy::Named, Some(contact)) => {
                store::contract::is_named_at(&work.tx, contact, work.occurred_at)?
            }
            (AskedBy::Named, None) => false,
        };
        if !terms.by_contacts || !is_named {
            return Err(Refusal::forbidden("raise the priority yourself: ask the desk to do it").into());
        }
        if raise.agreed_by.is_some_and(|given| Some(given) != contact) {
            return Err(Refusal::invalid("agreed_by", "you agree for yourself; leave it out").into());
        }
    }
    if terms.charge.is_paid() && !raise.is_agreed {
        return Err(Refusal::AgreementNeeded { price: price(terms, package) }.into());
    }
    let agreed_by = raise.agreed_by.or(own_contact.flatten());
    if let Some(id) = raise.agreed_by {
        let contact = store::place::contact(&work.tx, id)?;
        // Who belongs to one sub-client agrees to nothing of another.
        let agrees =
            contact.filter(|contact| contact.sub_client.is_none() || contact.sub_client == ticket.sub_client);
        own("agreed_by", "contact", id, ticket.client, agrees.map(|contact| contact.client))?;
    }
    if terms.charge.is_paid() && agreed_by.is_none() && own_contact.is_none() {
        let message = "say which contact of the client agreed to the price";
        return Err(Refusal::invalid("agreed_by", message).into());
    }
    Ok(agreed_by)
}

/// What a raise costs, for whoever must agree.
fn price(terms: &PriorityRaise, package: &Package) -> String {
    let words = terms.price.in_language(Language::En).unwrap_or_default();
    match (terms.charge, terms.amount, package.monthly.as_ref().map(MonthlyPack::unit)) {
        (Charge::Balance, Some(amount), Some(unit)) => {
            format!("{amount} {} of the month's balance", unit.as_str())
        }
        _ => words.to_owned(),
    }
}

fn check_balance(
    work: &Work<'_>,
    ticket: &Ticket,
    loaded: &Arc<Loaded>,
    amount: i64,
) -> Result<(), DeskError> {
    if amount == 0 {
        return Ok(());
    }
    let (_, coverage) = judge(work, ticket, loaded)?;
    match (coverage.balance_left, coverage.unit) {
        (Some(left), Some(unit)) if left < amount => {
            Err(Refusal::BalanceTooSmall { needed: amount, left, unit }.into())
        }
        _ => Ok(()),
    }
}
