//! Facts for a script from the open transaction; never of another client than the script's own.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::people::People;
use super::work::Cases;
use crate::domain::calendars::Calendars;
use crate::domain::event::Event;
use crate::domain::ledger::{Entry, PieceKind, Policy, ledger};
use crate::domain::pack::Pack;
use crate::domain::person::{Affiliation, Person};
use crate::domain::rating::Answer;
use crate::domain::roster::Duty;
use crate::domain::sla::SlaClock;
use crate::domain::ticket::Ticket;
use crate::domain::time_entry::TimeEntry;
use crate::domain::{AssetId, ClientId, ContactId, Key, Moment, PersonId, TicketId};
use crate::store::contract::Holder;
use crate::store::event::Turn;
use crate::store::similar::{Asked, SIMILAR_MAX};
use crate::store::ticket_list::{Assignee, TicketFilter};
use crate::store::{self, StoreError, Tx};
use crate::workflow::facts::{
    Fact, FactError, FactKey, Facts, FileFact, HEARD_TICKETS_MAX, IncidentFact, LEDGER_TURNS_MAX,
    OPEN_TICKETS_MAX, RepairFact, TicketQuery,
};

pub(super) struct LiveFacts {
    /// By whose rules time is counted: the version that runs.
    pub pack: Arc<Pack>,
    pub calendars: Rc<Calendars>,
    pub tx: Rc<Tx>,
    /// Tickets that the command has changed but not written yet.
    pub cases: Cases,
    pub people: Rc<People>,
    pub client: ClientId,
}

impl Facts for LiveFacts {
    fn read(&self, key: &FactKey) -> Result<Fact, FactError> {
        self.fact(key).map_err(|error| FactError(error.to_string()))
    }
}

impl LiveFacts {
    fn fact(&self, key: &FactKey) -> Result<Fact, StoreError> {
        let tx: &Tx = &self.tx;
        Ok(match key {
            FactKey::Now => Fact::Now(tx.now()),
            FactKey::Ticket(id) => {
                Fact::Ticket(self.ticket(*id)?.map(|ticket| Box::new(Rc::unwrap_or_clone(ticket))))
            }
            FactKey::Text(id) => Fact::Text(store::text::get(tx, *id)?),
            FactKey::Description(id) => Fact::Text(self.description(*id)?),
            FactKey::Client(id) => {
                Fact::Client(store::client::get(tx, *id)?.filter(|client| client.id == self.client))
            }
            FactKey::SubClient(id) => {
                Fact::SubClient(store::client::get_sub(tx, *id)?.filter(|sub| sub.client == self.client))
            }
            FactKey::Site(id) => {
                Fact::Site(store::place::site(tx, *id)?.filter(|site| site.client == self.client))
            }
            FactKey::Asset(id) => {
                Fact::Asset(store::place::asset(tx, *id)?.filter(|asset| asset.client == self.client))
            }
            FactKey::Contact(id) => {
                Fact::Contact(store::place::contact(tx, *id)?.filter(|contact| contact.client == self.client))
            }
            FactKey::Person(id) => {
                let person = self.people.person(tx, *id)?;
                Fact::Person(self.known_person(person.map(Rc::unwrap_or_clone)))
            }
            FactKey::PersonByLogin(login) => {
                Fact::Person(self.known_person(store::person::by_login(tx, login)?))
            }
            FactKey::Tasks(id) => Fact::Tasks(self.of_ours(*id, store::task::of_ticket)?),
            FactKey::Orders(id) => Fact::Orders(self.of_ours(*id, store::work_order::of_ticket)?),
            FactKey::Reports(id) => Fact::Reports(self.of_ours(*id, store::work_report::of_ticket)?),
            FactKey::Files(id) => Fact::Files(self.files(*id)?),
            FactKey::Sla(id) => Fact::Sla(self.sla(*id)?),
            FactKey::Ladders(id) => {
                let standing = self.of_ours(*id, store::ladder::of_ticket)?;
                Fact::Keys(standing.into_iter().map(|one| one.ladder.name).collect())
            }
            FactKey::ContractUse { ticket, holder, unit, from, to } => {
                let holder = Holder { client: self.client, sub_client: *holder };
                let ticket = self.ticket(*ticket)?;
                let asked = ticket.map(|own| store::contract::asking(tx, &own, holder, *unit, (*from, *to)));
                Fact::ContractUse(asked.transpose()?)
            }
            FactKey::TimeEntries(id) => Fact::TimeEntries(self.time_entries(*id)?),
            FactKey::Rating(id) => {
                let rated =
                    self.of_ours(*id, |db, id| Ok(Vec::from_iter(store::rating::last_rated(db, id)?)))?;
                Fact::Rating(rated.first().and_then(Answer::of))
            }
            FactKey::OpenTicketsOfAsset(id) => Fact::Tickets(self.open_of_asset(*id)?),
            FactKey::RepairsOfAsset { asset, count_max } => Fact::Repairs(self.repairs(*asset, *count_max)?),
            FactKey::Minutes(id) => Fact::Minutes(self.minutes(*id)?),
            FactKey::LoginsOfContact(id) => Fact::People(self.logins(*id)?),
            FactKey::TicketsOfContact { contact, count_max } => {
                Fact::TicketIds(self.tickets_of(*contact, *count_max)?)
            }
            FactKey::LastHeardOfContact(id) => Fact::At(self.last_heard(*id)?),
            FactKey::Incident(id) => Fact::Incident(self.incident(*id)?.map(Box::new)),
            FactKey::OpenIncidents => Fact::TicketIds(self.open_incidents()?),
            FactKey::Found(query) => Fact::TicketIds(self.found(query)?),
            FactKey::PossibleDuplicates(id) => Fact::TicketIds(self.possible_duplicates(*id)?),
            FactKey::PeopleOnShift(queue) => Fact::People(self.people_on_shift(queue)?),
            FactKey::IsOnShift(id) => Fact::Flag(self.is_on_shift(*id, None)?),
        })
    }

    fn files(&self, id: TicketId) -> Result<Vec<FileFact>, StoreError> {
        let files = self.of_ours(id, store::attachment::of_ticket)?;
        Ok(files.into_iter().map(|file| FileFact { id: file.id, name: file.name }).collect())
    }

    fn ticket(&self, id: TicketId) -> Result<Option<Rc<Ticket>>, StoreError> {
        let changed = self.cases.borrow().get(&id).map(|case| Rc::clone(&case.ticket));
        let ticket = match changed {
            Some(ticket) => Some(ticket),
            None => store::ticket::get(&self.tx, id)?.map(Rc::new),
        };
        Ok(ticket.filter(|ticket| ticket.client == self.client))
    }

    fn description(&self, id: TicketId) -> Result<Option<String>, StoreError> {
        if self.ticket(id)?.is_none() {
            return Ok(None);
        }
        let opening = store::event::first_of_ticket(&self.tx, id)?;
        match opening.map(|recorded| recorded.event) {
            Some(Event::TicketOpened(opened)) => match opened.description {
                Some(text) => store::text::get(&self.tx, text),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// Staff and partners are everybody's; a client's people are their client's only.
    fn known_person(&self, person: Option<Person>) -> Option<Box<Person>> {
        let is_foreign =
            |affiliation| matches!(affiliation, Affiliation::Contact { client, .. } if client != self.client);
        person.filter(|person| !is_foreign(person.affiliation)).map(Box::new)
    }

    fn of_ours<T>(
        &self,
        id: TicketId,
        read: impl Fn(&store::Db, TicketId) -> Result<Vec<T>, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        if self.ticket(id)?.is_some() { read(&self.tx, id) } else { Ok(Vec::new()) }
    }

    fn sla(&self, id: TicketId) -> Result<Vec<SlaClock>, StoreError> {
        if self.ticket(id)?.is_none() {
            return Ok(Vec::new());
        }
        let changed = self.cases.borrow().get(&id).and_then(|case| case.clocks.clone());
        match changed {
            Some(clocks) => Ok(clocks),
            None => store::sla_clock::of_ticket(&self.tx, id),
        }
    }

    fn incident(&self, id: TicketId) -> Result<Option<IncidentFact>, StoreError> {
        let found = store::incident::get(&self.tx, id)?.filter(|incident| incident.client == self.client);
        let Some(incident) = found else { return Ok(None) };
        let mut texts = BTreeMap::new();
        for (language, text) in incident.texts {
            texts.extend(store::text::get(&self.tx, text)?.map(|words| (language, words)));
        }
        Ok(Some(IncidentFact {
            is_open: incident.is_open,
            texts,
            last_update: incident.last_update.map_or(Ok(None), |text| store::text::get(&self.tx, text))?,
            last_update_at: incident.last_update_at,
            declared_at: incident.declared_at,
        }))
    }

    fn open_incidents(&self) -> Result<Vec<TicketId>, StoreError> {
        let open = store::incident::open_of_client(&self.tx, self.client)?;
        Ok(open.into_iter().map(|incident| incident.ticket).collect())
    }

    fn possible_duplicates(&self, id: TicketId) -> Result<Vec<TicketId>, StoreError> {
        let Some(ticket) = self.ticket(id)? else { return Ok(Vec::new()) };
        let loaded = self.cases.borrow().get(&id).and_then(|case| case.loaded.clone());
        let settings = loaded.map(|loaded| loaded.pack.duplicates.clone()).unwrap_or_default();
        if !settings.is_on {
            return Ok(Vec::new());
        }
        let subject = store::text::get(&self.tx, ticket.subject)?.unwrap_or_default();
        let asked = Asked {
            asset: ticket.asset,
            contact: ticket.contact,
            site: ticket.site,
            subject: &subject,
            but: Some(id),
            since: self.tx.now() - settings.window(),
        };
        let found = store::similar::find(&self.tx, self.client, &asked)?;
        Ok(found.into_iter().take(SIMILAR_MAX).map(|one| one.ticket.id).collect())
    }

    fn found(&self, query: &TicketQuery) -> Result<Vec<TicketId>, StoreError> {
        let only = |is_wanted: bool| is_wanted.then_some(true);
        let filter = TicketFilter {
            clients: vec![self.client],
            phases: query.phases.clone(),
            statuses: query.statuses.clone(),
            categories: query.categories.clone(),
            queues: query.queues.clone(),
            priorities: query.priorities.clone(),
            assignee: match (query.assignee, query.is_unassigned) {
                (_, true) => Some(Assignee::Nobody),
                (person, false) => person.map(Assignee::Person),
            },
            is_urgent: only(query.is_urgent),
            is_unclassified: only(query.is_unclassified),
            overdue_at: query.is_overdue.then(|| self.tx.now()),
            opened_to: query.opened_before,
            updated_to: query.changed_before,
            site: query.site,
            asset: query.asset,
            contact: query.contact,
            ..TicketFilter::default()
        };
        store::ticket_list::of_client(&self.tx, self.client, &filter, query.count_max)
    }

    fn people_on_shift(&self, queue: &Key) -> Result<Vec<PersonId>, StoreError> {
        let mut people = Vec::new();
        for person in store::person::members(&self.tx, queue, self.client)? {
            if self.is_on_shift(person, Some(queue))? {
                people.push(person);
            }
        }
        Ok(people)
    }

    fn is_on_shift(&self, id: PersonId, queue: Option<&Key>) -> Result<bool, StoreError> {
        let person = store::person::get(&self.tx, id)?.filter(|person| person.is_active && person.is_on_duty);
        if person.is_none() {
            return Ok(false);
        }
        let now = self.tx.now();
        let duty = Duty { client: self.client, queue };
        Ok(store::roster::of_person(&self.tx, id, duty, now)?.presence(duty, now).is_available())
    }

    fn open_of_asset(&self, id: AssetId) -> Result<Vec<Ticket>, StoreError> {
        let stored = store::ticket::open_of_asset(&self.tx, id, OPEN_TICKETS_MAX)?;
        let mut tickets = Vec::with_capacity(stored.len());
        for ticket in stored {
            let found = self.ticket(ticket.id)?;
            let found = found.filter(|ticket| !ticket.is_closed() && ticket.asset == Some(id));
            tickets.extend(found.map(Rc::unwrap_or_clone));
        }
        Ok(tickets)
    }

    /// Tickets of the asset that have ended as this transaction has left them.
    fn repairs(&self, asset: AssetId, count_max: usize) -> Result<Vec<RepairFact>, StoreError> {
        let mut repairs = Vec::new();
        for id in store::ticket::ended_of_asset(&self.tx, asset, count_max)? {
            let Some(ticket) = self.ticket(id)?.filter(|ticket| ticket.asset == Some(asset)) else {
                continue;
            };
            let Some(done_at) = ticket.resolved_at.or(ticket.closed_at) else { continue };
            let orders = store::work_order::of_ticket(&self.tx, id)?;
            let visits = orders.iter().filter(|order| order.arrived_at.is_some());
            let last = orders.iter().rfind(|order| order.arrived_at.is_some());
            repairs.push(RepairFact {
                ticket: id,
                category: ticket.category.clone(),
                resolution: ticket.resolution.clone(),
                done_at,
                engineer: last.map(|order| order.engineer).or(ticket.assignee),
                reason: last.and_then(|order| order.outcome.clone()),
                visits: i64::try_from(visits.count()).unwrap_or(i64::MAX),
            });
        }
        Ok(repairs)
    }

    fn minutes(&self, id: TicketId) -> Result<Option<BTreeMap<PieceKind, i64>>, StoreError> {
        if self.ticket(id)?.is_none() {
            return Ok(None);
        }
        let turns = store::event::turns(&self.tx, id, LEDGER_TURNS_MAX + 1)?;
        if turns.len() > LEDGER_TURNS_MAX {
            return Ok(None);
        }
        let entries: Vec<Entry<'_>> = turns.iter().map(Turn::entry).collect();
        let policy = Policy { pack: &self.pack, calendars: &self.calendars };
        let mut by = BTreeMap::new();
        for piece in ledger(id, &entries, policy, self.tx.now()) {
            *by.entry(piece.kind).or_default() += piece.minutes();
        }
        Ok(Some(by))
    }

    fn time_entries(&self, id: TicketId) -> Result<Vec<TimeEntry>, StoreError> {
        let mut entries = self.of_ours(id, store::time_entry::of_ticket)?;
        entries.retain(TimeEntry::counts);
        Ok(entries)
    }

    fn is_ours(&self, contact: ContactId) -> Result<bool, StoreError> {
        Ok(store::place::contact(&self.tx, contact)?.is_some_and(|contact| contact.client == self.client))
    }

    fn logins(&self, contact: ContactId) -> Result<Vec<PersonId>, StoreError> {
        if self.is_ours(contact)? { store::person::of_contact(&self.tx, contact) } else { Ok(Vec::new()) }
    }

    fn tickets_of(&self, contact: ContactId, count_max: usize) -> Result<Vec<TicketId>, StoreError> {
        if !self.is_ours(contact)? {
            return Ok(Vec::new());
        }
        store::ticket::latest_of_contact(&self.tx, contact, count_max)
    }

    fn last_heard(&self, contact: ContactId) -> Result<Option<Moment>, StoreError> {
        let logins = self.logins(contact)?;
        let mut heard = None;
        for ticket in self.tickets_of(contact, HEARD_TICKETS_MAX)? {
            heard = heard.max(self.ticket(ticket)?.map(|ticket| ticket.opened_at));
            for person in &logins {
                heard = heard.max(store::event::last_comment_by(&self.tx, ticket, *person)?);
            }
        }
        Ok(heard)
    }
}
