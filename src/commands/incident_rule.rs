//! Which open incident's rule a ticket fits: asked when it is opened and when what it is about changes.

use std::collections::BTreeSet;

use super::done::DeskError;
use super::incident::put_on;
use super::work::{Cause, Work};
use crate::domain::command::TicketChanges;
use crate::domain::incident::{AttachedBy, Described, Incident};
use crate::domain::person::Actor;
use crate::domain::ticket::Ticket;
use crate::domain::{Moment, TicketId};
use crate::store::{self, StoreError, Tx};

/// Attaches the ticket to the first open incident whose rule it fits. The clock does it, not whoever opened it.
pub(super) fn attach_by_rule(work: &mut Work<'_>, id: TicketId) -> Result<(), DeskError> {
    let ticket = work.ticket(id)?;
    let open = store::incident::open_of_client(&work.tx, ticket.client)?;
    if open.is_empty() || ticket.incident.is_some() || open.iter().any(|one| one.ticket == id) {
        return Ok(());
    }
    let described = described(&work.tx, &ticket)?;
    for incident in &open {
        if fits_described(&work.tx, &ticket, &described, incident, incident.declared_at)? {
            return attach(work, id, incident.ticket);
        }
    }
    Ok(())
}

/// What was changed may be what a rule looks at.
pub(super) fn may_matter(changes: &TicketChanges) -> bool {
    changes.subject.is_some()
        || changes.category.is_some()
        || changes.site.is_some()
        || changes.asset.is_some()
        || changes.sub_client.is_some()
}

pub(super) fn attach(work: &mut Work<'_>, id: TicketId, incident: TicketId) -> Result<(), DeskError> {
    let cause = Cause {
        actor: Actor::Clock,
        run: None,
        handler: work.cause.handler.clone(),
        depth: work.cause.depth,
    };
    let outside = std::mem::replace(&mut work.cause, cause);
    let done = put_on(work, id, incident, AttachedBy::Rule);
    work.cause = outside;
    done
}

/// Whether the ticket fits the rule and nobody has taken it off. `since`: from when on without a moment of its own.
pub(super) fn fits(tx: &Tx, ticket: &Ticket, incident: &Incident, since: Moment) -> Result<bool, StoreError> {
    fits_described(tx, ticket, &described(tx, ticket)?, incident, since)
}

fn fits_described(
    tx: &Tx,
    ticket: &Ticket,
    described: &Described,
    incident: &Incident,
    since: Moment,
) -> Result<bool, StoreError> {
    Ok(!incident.rule.is_empty()
        && !ticket.is_closed()
        && ticket.id != incident.ticket
        && incident.rule.matches(described, since, store::search::stems)
        && !store::incident::was_detached(tx, incident.ticket, ticket.id)?)
}

fn described(tx: &Tx, ticket: &Ticket) -> Result<Described, StoreError> {
    let asset = ticket.asset.map_or(Ok(None), |id| store::place::asset(tx, id))?;
    let site = ticket.site.or(asset.as_ref().and_then(|asset| asset.site));
    let site = site.map_or(Ok(None), |id| store::place::site(tx, id))?;
    let subject = store::text::get(tx, ticket.subject)?.unwrap_or_default();
    Ok(Described {
        category: ticket.category.clone(),
        country: site.as_ref().map(|site| site.country.clone()),
        city: site.as_ref().map(|site| site.city.clone()),
        sub_client: ticket.sub_client.or(site.as_ref().and_then(|site| site.sub_client)),
        site: site.map(|site| site.id),
        model: asset.map(|asset| asset.model),
        stems: store::search::stems(&subject).into_iter().collect::<BTreeSet<_>>(),
        opened_at: ticket.opened_at,
    })
}
