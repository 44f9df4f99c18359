//! One read on behalf of a person: the transaction, the person's rights and the checks that every view shares.

use std::sync::Arc;

use super::names::Names;
use super::{KnownPack, ViewError, Views};
use crate::domain::client::Client;
use crate::domain::pack::Pack;
use crate::domain::permission::{Access, Reach, Scope, Step, TicketFacts};
use crate::domain::ticket::Ticket;
use crate::domain::{ClientId, Moment, PackVersionId, Refusal, TicketId};
use crate::store::ticket_list::Listed;
use crate::store::{self, Db};

pub(super) struct Reading<'a> {
    pub views: &'a Views,
    pub db: &'a Db,
    pub access: &'a Access,
    pub scope: &'a Scope,
    pub now: Moment,
    pub names: Names<'a>,
}

impl Reading<'_> {
    /// The ticket if the person may see it, with what the check knows of it. One that may not be seen does not
    /// exist.
    pub fn ticket(&self, id: TicketId) -> Result<(Listed, TicketFacts), ViewError> {
        let missing = || Refusal::not_found("ticket", id);
        let listed = store::ticket_list::get(self.db, id)?.ok_or_else(missing)?;
        let facts = self.facts(&listed.ticket)?;
        if self.access.may(Step::SeeTicket, &facts) { Ok((listed, facts)) } else { Err(missing().into()) }
    }

    /// What the permission check must know of a ticket.
    pub fn facts(&self, ticket: &Ticket) -> Result<TicketFacts, ViewError> {
        let mut facts = TicketFacts {
            client: Some(ticket.client),
            sub_client: ticket.sub_client,
            contact: ticket.contact,
            assignee: ticket.assignee,
            ..TicketFacts::default()
        };
        for order in store::work_order::of_ticket(self.db, ticket.id)? {
            facts.engineers.insert(order.engineer);
        }
        for task in store::task::of_ticket(self.db, ticket.id)? {
            facts.departments.insert(task.department);
            facts.partners.extend(task.partner);
        }
        Ok(facts)
    }

    /// Whether the ticket may be seen, for marks in lists.
    pub fn sees(&self, id: TicketId) -> Result<bool, ViewError> {
        match self.ticket(id) {
            Ok(_) => Ok(true),
            Err(ViewError::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the person may take the step on a client's records.
    pub fn may(&self, step: Step, client: ClientId) -> bool {
        self.access.may(step, &TicketFacts { client: Some(client), ..TicketFacts::default() })
    }

    /// Demands the step on a client's records; a client that the person does not meet does not exist.
    pub fn require(&self, step: Step, client: ClientId, what: &'static str) -> Result<(), ViewError> {
        if self.may(step, client) {
            return Ok(());
        }
        if self.meets(client)? {
            Err(Refusal::forbidden(format!("{what} of this client")).into())
        } else {
            Err(Refusal::not_found("client", client).into())
        }
    }

    /// Demands an administrator of everything.
    pub fn require_desk_administrator(&self, what: &str) -> Result<(), ViewError> {
        if *self.scope.administers() == Reach::All { Ok(()) } else { Err(Refusal::forbidden(what).into()) }
    }

    /// Clients whom the person meets anywhere: seen whole, by work orders, tasks or an own administration.
    pub fn clients(&self) -> Result<Vec<Client>, ViewError> {
        let all = store::client::all(self.db)?;
        if *self.scope.clients() == Reach::All {
            return Ok(all);
        }
        let met = store::work_list::clients_met(self.db, self.scope)?;
        Ok(all
            .into_iter()
            .filter(|client| self.scope.clients().contains(client.id) || met.contains(&client.id))
            .collect())
    }

    /// Clients whom the person supervises, or the one asked for; without that right it is refused.
    pub fn supervised(&self, only: Option<ClientId>, what: &'static str) -> Result<Vec<Client>, ViewError> {
        if let Some(client) = only {
            self.require(Step::Supervise, client, what)?;
            return Ok(vec![self.client(client)?]);
        }
        let mut clients = self.clients()?;
        clients.retain(|client| self.may(Step::Supervise, client.id));
        Ok(clients)
    }

    pub fn meets(&self, client: ClientId) -> Result<bool, ViewError> {
        Ok(self.scope.clients().contains(client)
            || store::work_list::clients_met(self.db, self.scope)?.contains(&client))
    }

    /// The client if the person meets it.
    pub fn client(&self, id: ClientId) -> Result<Client, ViewError> {
        let missing = || Refusal::not_found("client", id);
        let client = store::client::get(self.db, id)?.ok_or_else(missing)?;
        if self.meets(id)? { Ok(client) } else { Err(missing().into()) }
    }

    /// Clients whose records (sites, assets, contacts) the person may list, or the one asked for.
    pub fn record_clients(&self, only: Option<ClientId>) -> Result<Vec<ClientId>, ViewError> {
        let mut clients: Vec<ClientId> = store::client::all(self.db)?
            .into_iter()
            .map(|client| client.id)
            .filter(|client| self.scope.clients().contains(*client))
            .collect();
        clients.sort_unstable();
        match only {
            Some(client) if clients.contains(&client) => Ok(vec![client]),
            Some(client) => Err(Refusal::not_found("client", client).into()),
            None => Ok(clients),
        }
    }

    pub fn pack(&self, version: Option<PackVersionId>) -> Result<Option<Arc<Pack>>, ViewError> {
        Ok(self.known_pack(version)?.map(|known| known.pack))
    }

    /// The pack of a version, with its calendars.
    pub fn known_pack(&self, version: Option<PackVersionId>) -> Result<Option<KnownPack>, ViewError> {
        Ok(match version {
            Some(version) => self.views.known_pack(self.db, version)?,
            None => None,
        })
    }

    /// Staff, who may read internal things of what they see.
    pub fn sees_internals(&self) -> bool {
        self.scope.sees_internals()
    }
}
