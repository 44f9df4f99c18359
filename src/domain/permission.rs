//! Who may do and see what: the one check that every command and every view passes.

use std::collections::BTreeSet;

use super::person::{Actor, Affiliation, Grant, Membership, Person, Role};
use super::{ClientId, ContactId, Key, PartnerId, PersonId, Refusal, SubClientId, TicketId};

/// What a person may do, as the tables say at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    pub person: PersonId,
    pub affiliation: Affiliation,
    /// Of a client's person: the only sub-client whose things the person meets; without one, the whole client's.
    pub sub_client: Option<SubClientId>,
    pub is_active: bool,
    pub grants: BTreeSet<Grant>,
    pub memberships: BTreeSet<Membership>,
}

/// What the check must know of a ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketFacts {
    pub client: Option<ClientId>,
    pub sub_client: Option<SubClientId>,
    pub contact: Option<ContactId>,
    pub assignee: Option<PersonId>,
    /// Engineers who have or had a work order of it.
    pub engineers: BTreeSet<PersonId>,
    /// Departments that have or had a task of it.
    pub departments: BTreeSet<Key>,
    /// Partner organisations that have or had a task of it.
    pub partners: BTreeSet<PartnerId>,
    /// Roles that the client's pack lets lead a major incident beside supervisors.
    pub leaders: BTreeSet<Role>,
}

/// What kind of step somebody wants to take. Commands name theirs; the table below says who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Read a ticket at all.
    SeeTicket,
    /// Read internal notes, why, people's load.
    SeeInternals,
    OpenTicket,
    CommentPublicly,
    CommentInternally,
    /// Change fields, status, tags, links, watchers; resolve, close, reopen.
    WorkOnTicket,
    /// The client's own step on its ticket: reopen.
    ReopenTicket,
    Assign,
    /// Open and cancel work orders.
    Dispatch,
    OpenTask,
    /// Take and finish tasks of one's department or partner organisation.
    DoTask,
    /// Move one's own work order along.
    DoWorkOrder,
    /// Accept or return the report of a visit.
    JudgeReport,
    /// Write down one's own time on a ticket that one works on.
    RecordTime,
    /// Replay dead jobs, release quarantine.
    Supervise,
    /// Declare, change and end a major incident, and send its updates.
    LeadIncident,
    /// Shifts and absences; who is a specialist of what; whose a foreign log-in is.
    KeepRoster,
    /// Offer one's own shift to a colleague, and answer an offer.
    SwapShift,
    /// Sites, assets, contacts of a client.
    KeepRecords,
    /// Named contacts, adjustments of a balance.
    KeepContract,
    /// Say how the ticket was dealt with: the contact who asked.
    RateTicket,
    /// Have a report sent to staff.
    SendReport,
    /// Have a ticket's priority raised on the terms of the client's package.
    RaisePriority,
    /// Clients, people, roles, plugins, workflows.
    Administer,
}

impl Access {
    #[must_use]
    pub fn has(&self, role: Role, client: Option<ClientId>) -> bool {
        self.grants.iter().any(|grant| {
            grant.role == role && (grant.client.is_none() || (client.is_some() && grant.client == client))
        })
    }

    /// Whether the person has any work for the client, in whatever role or queue.
    #[must_use]
    pub fn works_for(&self, client: ClientId) -> bool {
        let counts = |only: Option<ClientId>| only.is_none_or(|only| only == client);
        self.grants.iter().any(|grant| counts(grant.client))
            || self.memberships.iter().any(|own| counts(own.client))
    }

    /// Whether the person has any work for one of the clients.
    #[must_use]
    pub fn works_for_any(&self, clients: &Reach) -> bool {
        match clients {
            Reach::All => true,
            Reach::Only(clients) => clients.iter().any(|client| self.works_for(*client)),
        }
    }

    #[must_use]
    pub fn is_member(&self, queue: &str, client: ClientId) -> bool {
        self.memberships.iter().any(|own| own.queue == *queue && own.client.is_none_or(|only| only == client))
    }

    fn has_any(&self, roles: &[Role], client: Option<ClientId>) -> bool {
        roles.iter().any(|role| self.has(*role, client))
    }

    /// Whether the person may take `step` on a ticket, or on a client's records when there is no ticket.
    #[must_use]
    pub fn may(&self, step: Step, about: &TicketFacts) -> bool {
        if !self.is_active {
            return false;
        }
        match self.affiliation {
            Affiliation::Staff => self.staff_may(step, about),
            Affiliation::Partner { partner } => {
                let passed_to_us = about.partners.contains(&partner);
                passed_to_us
                    && self.has(Role::PartnerMember, about.client)
                    && matches!(step, Step::SeeTicket | Step::DoTask | Step::CommentInternally)
            }
            Affiliation::Contact { client, contact } => {
                let is_own = self.sub_client.is_none_or(|own| about.sub_client == Some(own));
                about.client == Some(client)
                    && self.has(Role::ClientContact, about.client)
                    && match step {
                        // There is no ticket yet; the command opens it in the person's own sub-client.
                        Step::OpenTicket => true,
                        Step::SeeTicket
                        | Step::CommentPublicly
                        | Step::ReopenTicket
                        | Step::RaisePriority => is_own,
                        Step::RateTicket => is_own && contact.is_some() && about.contact == contact,
                        _ => false,
                    }
            }
        }
    }

    fn staff_may(&self, step: Step, about: &TicketFacts) -> bool {
        use Role::{Administrator, Controller, Dispatcher, Operator, Supervisor};
        let client = about.client;
        let desk = [Administrator, Supervisor, Dispatcher, Operator];
        let own_order = self.has(Role::Engineer, client) && about.engineers.contains(&self.person);
        let own_department = client.is_some_and(|client| {
            self.has(Role::DepartmentMember, Some(client))
                && about.departments.iter().any(|department| self.is_member(department, client))
        });
        match step {
            Step::SeeTicket | Step::SeeInternals | Step::CommentInternally => {
                self.has_any(&desk, client) || self.has(Controller, client) || own_order || own_department
            }
            Step::DoTask => self.has_any(&[Administrator, Supervisor], client) || own_department,
            Step::DoWorkOrder => self.has_any(&[Administrator, Supervisor, Dispatcher], client) || own_order,
            Step::JudgeReport => self.has_any(&[Administrator, Supervisor, Controller], client),
            Step::RecordTime => self.has_any(&desk, client) || own_order || own_department,
            Step::Dispatch | Step::Assign => self.has_any(&desk, client),
            Step::OpenTicket
            | Step::CommentPublicly
            | Step::WorkOnTicket
            | Step::ReopenTicket
            | Step::RaisePriority
            | Step::OpenTask
            | Step::KeepRecords => self.has_any(&desk, client),
            Step::RateTicket => false,
            Step::Supervise | Step::KeepRoster | Step::KeepContract | Step::SendReport => {
                self.has_any(&[Administrator, Supervisor], client)
            }
            // Whose shift it is, the command looks at.
            Step::SwapShift => client.is_none_or(|client| self.works_for(client)),
            Step::LeadIncident => {
                self.has_any(&[Administrator, Supervisor], client)
                    || about.leaders.iter().any(|role| self.has(*role, client))
            }
            Step::Administer => self.has(Administrator, client),
        }
    }
}

/// Whether `actor` may take `step`. `access` is the person's, when the actor is one. A step on a ticket that
/// the actor may not even see is answered as if the ticket did not exist.
pub fn check(
    actor: &Actor,
    access: Option<&Access>,
    step: Step,
    ticket: Option<TicketId>,
    about: &TicketFacts,
) -> Result<(), Refusal> {
    match actor {
        Actor::Clock | Actor::Operator => Ok(()),
        Actor::Script { client } | Actor::Plugin { client, .. } | Actor::Import { client } => {
            if about.client != Some(*client) {
                Err(Refusal::OtherClient)
            } else if matches!(
                step,
                Step::Administer
                    | Step::Supervise
                    | Step::KeepRoster
                    | Step::SwapShift
                    | Step::KeepContract
                    | Step::RateTicket
            ) {
                Err(Refusal::forbidden(sentence(step)))
            } else {
                Ok(())
            }
        }
        Actor::Person { .. } => {
            let Some(access) = access else { return Err(Refusal::forbidden(sentence(step))) };
            if access.may(step, about) {
                return Ok(());
            }
            match ticket {
                Some(ticket) if !access.may(Step::SeeTicket, about) => {
                    Err(Refusal::not_found("ticket", ticket))
                }
                _ => Err(Refusal::forbidden(sentence(step))),
            }
        }
    }
}

fn sentence(step: Step) -> &'static str {
    match step {
        Step::SeeTicket => "see this ticket",
        Step::SeeInternals => "see internal notes and runs",
        Step::OpenTicket => "open tickets of this client",
        Step::CommentPublicly => "answer the client on this ticket",
        Step::CommentInternally => "write notes on this ticket",
        Step::WorkOnTicket => "change this ticket",
        Step::ReopenTicket => "reopen this ticket",
        Step::Assign => "assign this ticket",
        Step::Dispatch => "open or cancel work orders of this ticket",
        Step::OpenTask => "open tasks on this ticket",
        Step::DoTask => "work on this task: it belongs to another department",
        Step::DoWorkOrder => "move this work order: it belongs to another engineer",
        Step::JudgeReport => "accept or return this report: a controller or a supervisor does",
        Step::RecordTime => "record time on this ticket",
        Step::Supervise => "do what a supervisor does for this client",
        Step::LeadIncident => {
            "lead a major incident of this client: a supervisor does, or a role that its pack names"
        }
        Step::KeepRoster => "keep the roster: a supervisor of the client, or of the desk, does",
        Step::SwapShift => "swap shifts: staff who work for the client do",
        Step::KeepRecords => "change records of this client",
        Step::KeepContract => "keep the contract of this client: an administrator or a supervisor does",
        Step::RaisePriority => "raise the priority of this ticket",
        Step::RateTicket => "rate this ticket: the contact who asked does",
        Step::SendReport => "have reports of this client sent",
        Step::Administer => "do what an administrator does",
    }
}

/// What a reader may see. Only this module can make one, so no view forgets the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    clients: Reach,
    /// Narrows all of this to one sub-client.
    sub_client: Option<SubClientId>,
    person: Option<PersonId>,
    partner: Option<PartnerId>,
    /// Clients whose tickets can be read by whoever has or had a work order of them.
    own_orders: Reach,
    /// Clients whose tasks reach the partner's people.
    passed: Reach,
    /// Departments whose tasks the person works on, with the client when only one.
    memberships: BTreeSet<Membership>,
    sees_internals: bool,
    administers: Reach,
    supervises: Reach,
}

/// Of which clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    All,
    Only(BTreeSet<ClientId>),
}

impl Reach {
    #[must_use]
    pub fn nobody() -> Self {
        Reach::Only(BTreeSet::new())
    }

    #[must_use]
    pub fn contains(&self, client: ClientId) -> bool {
        match self {
            Reach::All => true,
            Reach::Only(clients) => clients.contains(&client),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Reach::Only(clients) if clients.is_empty())
    }
}

impl Scope {
    /// Everything: for the command line on the data folder, tests and rehearsals.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            clients: Reach::All,
            sub_client: None,
            person: None,
            partner: None,
            own_orders: Reach::nobody(),
            passed: Reach::nobody(),
            memberships: BTreeSet::new(),
            sees_internals: true,
            administers: Reach::All,
            supervises: Reach::All,
        }
    }

    /// What the person may see as things stand now.
    #[must_use]
    pub fn of(access: &Access) -> Self {
        use Role::{Administrator, Controller, Dispatcher, Operator, Supervisor};
        let mut scope = Self {
            clients: Reach::nobody(),
            sub_client: None,
            person: Some(access.person),
            partner: None,
            own_orders: Reach::nobody(),
            passed: Reach::nobody(),
            memberships: BTreeSet::new(),
            sees_internals: false,
            administers: Reach::nobody(),
            supervises: Reach::nobody(),
        };
        if !access.is_active {
            scope.person = None;
            return scope;
        }
        match access.affiliation {
            Affiliation::Staff => {
                let reading = [Administrator, Supervisor, Dispatcher, Operator, Controller];
                scope.clients = reach(access, &reading);
                scope.administers = reach(access, &[Administrator]);
                scope.supervises = reach(access, &[Administrator, Supervisor]);
                scope.sees_internals = true;
                scope.own_orders = reach(access, &[Role::Engineer]);
                scope.memberships = departments(access);
            }
            Affiliation::Partner { partner } => {
                scope.passed = reach(access, &[Role::PartnerMember]);
                scope.partner = (!scope.passed.is_empty()).then_some(partner);
            }
            Affiliation::Contact { client, .. } => {
                if access.has(Role::ClientContact, Some(client)) {
                    scope.clients = Reach::Only(BTreeSet::from([client]));
                    scope.sub_client = access.sub_client;
                }
            }
        }
        scope
    }

    /// Clients all of whose tickets can be read.
    #[must_use]
    pub fn clients(&self) -> &Reach {
        &self.clients
    }

    /// The only sub-client whose tickets and records can be read; without one there is no such border.
    #[must_use]
    pub fn sub_client(&self) -> Option<SubClientId> {
        self.sub_client
    }

    /// Whether a record of the client, and of the sub-client if it is of one, can be read.
    #[must_use]
    pub fn reaches(&self, client: ClientId, sub_client: Option<SubClientId>) -> bool {
        self.clients.contains(client) && self.sub_client.is_none_or(|own| sub_client == Some(own))
    }

    /// Whose own work orders and assignments add to what can be read.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.person
    }

    /// The partner organisation whose tasks add to what can be read.
    #[must_use]
    pub fn partner(&self) -> Option<PartnerId> {
        self.partner
    }

    /// Clients of whom own work orders add to what can be read.
    #[must_use]
    pub fn own_orders(&self) -> &Reach {
        &self.own_orders
    }

    /// Clients of whom the partner's tasks add to what can be read.
    #[must_use]
    pub fn passed(&self) -> &Reach {
        &self.passed
    }

    /// Departments whose tasks add to what can be read.
    #[must_use]
    pub fn memberships(&self) -> &BTreeSet<Membership> {
        &self.memberships
    }

    #[must_use]
    pub fn sees_internals(&self) -> bool {
        self.sees_internals
    }

    /// Whether what the desk keeps of itself (without a client), or of the client, can be read: shifts, specialities.
    #[must_use]
    pub fn sees_internals_of(&self, client: Option<ClientId>) -> bool {
        self.sees_internals && client.is_none_or(|client| self.clients.contains(client))
    }

    /// Whether the reader may know that the person is there: oneself, for staff whoever works now and the contacts of
    /// clients whose tickets they read, for an administrator of the desk everybody.
    #[must_use]
    pub fn knows(&self, person: &Person) -> bool {
        let is_met = match person.affiliation {
            Affiliation::Staff | Affiliation::Partner { .. } => person.is_active,
            Affiliation::Contact { client, .. } => self.clients.contains(client),
        };
        self.administers == Reach::All || self.person == Some(person.id) || (self.sees_internals && is_met)
    }

    #[must_use]
    pub fn administers(&self) -> &Reach {
        &self.administers
    }

    #[must_use]
    pub fn supervises(&self) -> &Reach {
        &self.supervises
    }
}

/// Memberships as far as the person is a department member: where one side names a client, only that one.
fn departments(access: &Access) -> BTreeSet<Membership> {
    let granted = reach(access, &[Role::DepartmentMember]);
    let mut departments = BTreeSet::new();
    for own in &access.memberships {
        match (&granted, own.client) {
            (Reach::All, _) => {
                departments.insert(own.clone());
            }
            (Reach::Only(clients), Some(client)) if clients.contains(&client) => {
                departments.insert(own.clone());
            }
            (Reach::Only(clients), None) => departments.extend(
                clients.iter().map(|only| Membership { queue: own.queue.clone(), client: Some(*only) }),
            ),
            (Reach::Only(_), Some(_)) => {}
        }
    }
    departments
}

fn reach(access: &Access, roles: &[Role]) -> Reach {
    let mut clients = BTreeSet::new();
    for grant in access.grants.iter().filter(|grant| roles.contains(&grant.role)) {
        match grant.client {
            None => return Reach::All,
            Some(client) => clients.insert(client),
        };
    }
    Reach::Only(clients)
}

#[cfg(test)]
mod tests;
