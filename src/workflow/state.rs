//! What one run knows and asks for: facts read so far, its own changes laid over them, commands in order.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult, Position};
use serde::{Deserialize, Serialize};

use super::facts::{Fact, FactKey, Facts, FileFact, IncidentFact, LEDGER_TURNS_MAX, RepairFact, TicketQuery};
use super::failure::{FailureKind, Fault};
use super::limits::{COMMANDS_MAX, Guard};
use super::program::Refused;
use crate::domain::calendar::{Calendar, Month};
use crate::domain::calendars::Calendars;
use crate::domain::client::{Asset, Client, Contact, Site, SubClient};
use crate::domain::command::{Command, TicketChanges};
use crate::domain::contract::{Asking, Coverage, MonthlyPack, coverage};
use crate::domain::ledger::PieceKind;
use crate::domain::pack::Pack;
use crate::domain::person::Person;
use crate::domain::rating::Answer;
use crate::domain::report::Report;
use crate::domain::sla::SlaClock;
use crate::domain::task::Task;
use crate::domain::ticket::Ticket;
use crate::domain::time_entry::TimeEntry;
use crate::domain::work_order::WorkOrder;
use crate::domain::{
    AssetId, ClientId, ContactId, Key, Moment, PersonId, SiteId, SubClientId, TextId, TicketId,
};

pub type Shared = Rc<State>;
type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// A command and the place in the script that asked for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub command: Command,
    /// The shared module; `None`: the script itself.
    pub module: Option<String>,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
}

/// The place of a call.
#[derive(Debug, Clone)]
pub struct Place {
    pub module: Option<String>,
    pub position: Position,
}

pub struct State {
    facts: Rc<dyn Facts>,
    pub pack: Arc<Pack>,
    pub calendars: Rc<Calendars>,
    pub guard: Rc<Guard>,
    /// The ticket that the handler was called for.
    pub ticket: TicketId,
    read: RefCell<Vec<(FactKey, Fact)>>,
    drafts: RefCell<Drafts>,
    asked: RefCell<Vec<Asked>>,
    fatal: RefCell<Option<Fault>>,
    refused: RefCell<Option<Refused>>,
    /// The handler may only refuse.
    is_guard: Cell<bool>,
    /// Set by a trace that asks a condition again: what it asks for then is not wanted.
    is_muted: Cell<bool>,
}

/// What the run has changed, laid over the facts.
#[derive(Debug, Clone, Default)]
pub struct Drafts {
    pub tickets: BTreeMap<TicketId, TicketDraft>,
    pub orders: BTreeMap<TicketId, Vec<WorkOrder>>,
    pub tasks: BTreeMap<TicketId, Vec<Task>>,
}

#[derive(Debug, Clone)]
pub struct TicketDraft {
    pub ticket: Ticket,
    pub subject: Option<String>,
    /// Custom fields as the script set them; unit: emptied.
    pub fields: BTreeMap<Key, Dynamic>,
}

/// Everything that a run leaves behind.
#[derive(Debug)]
pub struct Remains {
    pub facts: Vec<(FactKey, Fact)>,
    pub asked: Vec<Asked>,
    pub fatal: Option<Fault>,
    pub refused: Option<Refused>,
}

/// What is put aside while a condition is asked again.
#[derive(Debug)]
pub struct Aside {
    drafts: Drafts,
    read: usize,
    operations: u64,
}

impl State {
    #[must_use]
    pub fn new(
        facts: Rc<dyn Facts>,
        pack: Arc<Pack>,
        calendars: Rc<Calendars>,
        guard: Rc<Guard>,
        ticket: TicketId,
    ) -> Shared {
        Rc::new(Self {
            facts,
            pack,
            calendars,
            guard,
            ticket,
            read: RefCell::default(),
            drafts: RefCell::default(),
            asked: RefCell::default(),
            fatal: RefCell::default(),
            refused: RefCell::default(),
            is_guard: Cell::new(false),
            is_muted: Cell::new(false),
        })
    }

    /// Takes everything out; the state is of no use afterwards.
    #[must_use]
    pub fn take(&self) -> Remains {
        Remains {
            facts: self.read.take(),
            asked: self.asked.take(),
            fatal: self.fatal.take(),
            refused: self.refused.take(),
        }
    }

    pub fn set_guard(&self, is_guard: bool) {
        self.is_guard.set(is_guard);
    }

    /// A guard says no; the first no counts.
    pub fn refuse(&self, field: String, message: String) -> Outcome<()> {
        if !self.is_guard.get() {
            let message = "`refuse` is for guards: on_accepting, on_resolving, on_closing";
            return Err(Fault::refused(message));
        }
        if !self.is_muted.get() {
            self.refused.borrow_mut().get_or_insert(Refused { field, message });
        }
        Ok(())
    }

    // ---- facts -------------------------------------------------------------------------------------------

    /// Reads a fact once and looks at it.
    fn fact<R>(&self, key: FactKey, look: impl FnOnce(&Fact) -> Option<R>) -> Outcome<R> {
        let known = self.read.borrow().iter().position(|(read, _)| *read == key);
        let index = match known {
            Some(index) => index,
            None => {
                let fact = self.facts.read(&key).map_err(|error| self.fail(error.0))?;
                let mut read = self.read.borrow_mut();
                read.push((key.clone(), fact));
                read.len() - 1
            }
        };
        let answer = look(&self.read.borrow()[index].1);
        answer.ok_or_else(|| self.fail(format!("{key:?} was answered with a fact of another kind")))
    }

    /// A failure that the script cannot catch: it is remembered and ends the run as failed.
    fn fail(&self, message: String) -> Box<EvalAltResult> {
        let fault = Fault { kind: FailureKind::Facts, message };
        if !self.is_muted.get() {
            self.fatal.borrow_mut().get_or_insert(fault);
        }
        Fault::stopped()
    }

    pub fn now(&self) -> Outcome<Moment> {
        self.fact(FactKey::Now, |fact| if let Fact::Now(now) = fact { Some(*now) } else { None })
    }

    /// The ticket as this run has left it so far.
    pub fn ticket<R>(&self, id: TicketId, look: impl FnOnce(&Ticket) -> R) -> Outcome<R> {
        if let Some(draft) = self.drafts.borrow().tickets.get(&id) {
            return Ok(look(&draft.ticket));
        }
        let found = self.fact(FactKey::Ticket(id), |fact| match fact {
            Fact::Ticket(ticket) => Some(ticket.as_ref().map(|ticket| look(ticket))),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused(&format!("there is no ticket {id}")))
    }

    /// The calendar by which the ticket's clocks run.
    pub fn calendar_of(&self, id: TicketId) -> Outcome<Arc<Calendar>> {
        self.ticket(id, |ticket| self.calendars.of(&ticket.terms))
    }

    pub fn draft<R>(&self, id: TicketId, look: impl FnOnce(Option<&TicketDraft>) -> R) -> R {
        look(self.drafts.borrow().tickets.get(&id))
    }

    pub fn text(&self, id: TextId) -> Outcome<String> {
        let text = self.fact(FactKey::Text(id), |fact| match fact {
            Fact::Text(text) => Some(text.clone()),
            _ => None,
        })?;
        Ok(text.unwrap_or_default())
    }

    pub fn description(&self, id: TicketId) -> Outcome<String> {
        let text = self.fact(FactKey::Description(id), |fact| match fact {
            Fact::Text(text) => Some(text.clone()),
            _ => None,
        })?;
        Ok(text.unwrap_or_default())
    }

    pub fn client<R>(&self, id: ClientId, look: impl FnOnce(&Client) -> R) -> Outcome<R> {
        let found = self.fact(FactKey::Client(id), |fact| match fact {
            Fact::Client(client) => Some(client.as_ref().map(look)),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused("there is no such client"))
    }

    pub fn sub_client<R>(&self, id: SubClientId, look: impl FnOnce(&SubClient) -> R) -> Outcome<R> {
        let found = self.fact(FactKey::SubClient(id), |fact| match fact {
            Fact::SubClient(sub) => Some(sub.as_ref().map(look)),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused("there is no such sub-client"))
    }

    pub fn site<R>(&self, id: SiteId, look: impl FnOnce(&Site) -> R) -> Outcome<R> {
        let found = self.fact(FactKey::Site(id), |fact| match fact {
            Fact::Site(site) => Some(site.as_ref().map(look)),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused("there is no such site"))
    }

    pub fn asset<R>(&self, id: AssetId, look: impl FnOnce(&Asset) -> R) -> Outcome<R> {
        let found = self.fact(FactKey::Asset(id), |fact| match fact {
            Fact::Asset(asset) => Some(asset.as_ref().map(look)),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused("there is no such asset"))
    }

    pub fn contact<R>(&self, id: ContactId, look: impl FnOnce(&Contact) -> R) -> Outcome<R> {
        let found = self.fact(FactKey::Contact(id), |fact| match fact {
            Fact::Contact(contact) => Some(contact.as_ref().map(look)),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused("there is no such contact"))
    }

    pub fn person<R>(&self, id: PersonId, look: impl FnOnce(&Person) -> R) -> Outcome<R> {
        let found = self.fact(FactKey::Person(id), |fact| match fact {
            Fact::Person(person) => Some(person.as_ref().map(|person| look(person))),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused("there is no such person"))
    }

    pub fn person_by_login(&self, login: &str) -> Outcome<Option<PersonId>> {
        self.fact(FactKey::PersonByLogin(login.to_owned()), |fact| match fact {
            Fact::Person(person) => Some(person.as_ref().map(|person| person.id)),
            _ => None,
        })
    }

    /// The tasks as this run has left them so far; those that it has only asked for are not among them.
    pub fn tasks<R>(&self, id: TicketId, look: impl FnOnce(&[Task]) -> R) -> Outcome<R> {
        if let Some(tasks) = self.drafts.borrow().tasks.get(&id) {
            return Ok(look(tasks));
        }
        self.fact(FactKey::Tasks(id), |fact| match fact {
            Fact::Tasks(tasks) => Some(look(tasks)),
            _ => None,
        })
    }

    /// The work orders as this run has left them so far.
    pub fn orders<R>(&self, id: TicketId, look: impl FnOnce(&[WorkOrder]) -> R) -> Outcome<R> {
        if let Some(orders) = self.drafts.borrow().orders.get(&id) {
            return Ok(look(orders));
        }
        self.fact(FactKey::Orders(id), |fact| match fact {
            Fact::Orders(orders) => Some(look(orders)),
            _ => None,
        })
    }

    pub fn reports<R>(&self, id: TicketId, look: impl FnOnce(&[Report]) -> R) -> Outcome<R> {
        self.fact(FactKey::Reports(id), |fact| match fact {
            Fact::Reports(reports) => Some(look(reports)),
            _ => None,
        })
    }

    /// The names of the ticket's files.
    pub fn files<R>(&self, id: TicketId, look: impl FnOnce(&[FileFact]) -> R) -> Outcome<R> {
        self.fact(FactKey::Files(id), |fact| match fact {
            Fact::Files(files) => Some(look(files)),
            _ => None,
        })
    }

    pub fn sla<R>(&self, id: TicketId, look: impl FnOnce(&[SlaClock]) -> R) -> Outcome<R> {
        self.fact(FactKey::Sla(id), |fact| match fact {
            Fact::Sla(clocks) => Some(look(clocks)),
            _ => None,
        })
    }

    /// The ladders and expectations that stood when the run began.
    pub fn ladders(&self, id: TicketId) -> Outcome<Vec<Key>> {
        self.fact(FactKey::Ladders(id), |fact| match fact {
            Fact::Keys(keys) => Some(keys.clone()),
            _ => None,
        })
    }

    /// What the contract says of the ticket as this run has left it so far, as the month stands now.
    pub fn coverage(&self, id: TicketId) -> Outcome<Coverage> {
        let ticket = self.ticket(id, Ticket::clone)?;
        let package = self.pack.package_of(ticket.terms.sub_client.as_ref());
        let asking = match package {
            Some(package) => {
                let zone = &self.pack.calendar.time_zone;
                let month = Month::of(self.now()?, zone).and_then(|month| month.bounds(zone));
                let (from, to) = month.map_err(|error| Fault::refused(&error.to_string()))?;
                let holder = self.pack.contract.holder(ticket.terms.sub_client.as_ref(), ticket.sub_client);
                let unit = package.monthly.as_ref().map(MonthlyPack::unit);
                self.contract_use(FactKey::ContractUse { ticket: id, holder, unit, from, to })?
            }
            None => Asking::default(),
        };
        Ok(coverage(&self.pack, &self.calendars, &ticket, &asking))
    }

    fn contract_use(&self, key: FactKey) -> Outcome<Asking> {
        let found = self.fact(key, |fact| match fact {
            Fact::ContractUse(asking) => Some(*asking),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused("there is no such ticket"))
    }

    pub fn time_entries<R>(&self, id: TicketId, look: impl FnOnce(&[TimeEntry]) -> R) -> Outcome<R> {
        self.fact(FactKey::TimeEntries(id), |fact| match fact {
            Fact::TimeEntries(entries) => Some(look(entries)),
            _ => None,
        })
    }

    /// What the client's person said last of how it was dealt with.
    pub fn rating(&self, id: TicketId) -> Outcome<Option<Answer>> {
        self.fact(FactKey::Rating(id), |fact| match fact {
            Fact::Rating(answer) => Some(*answer),
            _ => None,
        })
    }

    pub fn open_tickets_of<R>(&self, id: AssetId, look: impl FnOnce(&[Ticket]) -> R) -> Outcome<R> {
        self.fact(FactKey::OpenTicketsOfAsset(id), |fact| match fact {
            Fact::Tickets(tickets) => Some(look(tickets)),
            _ => None,
        })
    }

    pub fn repairs_of(&self, asset: AssetId, count_max: usize) -> Outcome<Vec<RepairFact>> {
        self.fact(FactKey::RepairsOfAsset { asset, count_max }, |fact| match fact {
            Fact::Repairs(repairs) => Some(repairs.clone()),
            _ => None,
        })
    }

    /// Minutes of the ticket's time of these kinds together.
    pub fn minutes(&self, id: TicketId, kinds: &[PieceKind]) -> Outcome<i64> {
        let found = self.fact(FactKey::Minutes(id), |fact| match fact {
            Fact::Minutes(by) => {
                Some(by.as_ref().map(|by| kinds.iter().filter_map(|kind| by.get(kind)).sum()))
            }
            _ => None,
        })?;
        found.ok_or_else(|| {
            let message =
                format!("minutes are added up for tickets that changed at most {LEDGER_TURNS_MAX} times");
            Fault::refused(&message)
        })
    }

    pub fn logins_of(&self, contact: ContactId) -> Outcome<Vec<PersonId>> {
        self.fact(FactKey::LoginsOfContact(contact), |fact| match fact {
            Fact::People(people) => Some(people.clone()),
            _ => None,
        })
    }

    pub fn tickets_of_contact(&self, contact: ContactId, count_max: usize) -> Outcome<Vec<TicketId>> {
        self.fact(FactKey::TicketsOfContact { contact, count_max }, |fact| match fact {
            Fact::TicketIds(tickets) => Some(tickets.clone()),
            _ => None,
        })
    }

    pub fn last_heard_of(&self, contact: ContactId) -> Outcome<Option<Moment>> {
        self.fact(FactKey::LastHeardOfContact(contact), |fact| match fact {
            Fact::At(at) => Some(*at),
            _ => None,
        })
    }

    pub fn incident<R>(&self, id: TicketId, look: impl FnOnce(&IncidentFact) -> R) -> Outcome<R> {
        let found = self.fact(FactKey::Incident(id), |fact| match fact {
            Fact::Incident(incident) => Some(incident.as_ref().map(|incident| look(incident))),
            _ => None,
        })?;
        found.ok_or_else(|| Fault::refused("there is no such major incident"))
    }

    /// Whether the ticket is a major incident that goes on.
    pub fn is_incident(&self, id: TicketId) -> Outcome<bool> {
        self.fact(FactKey::Incident(id), |fact| match fact {
            Fact::Incident(incident) => Some(incident.as_ref().is_some_and(|incident| incident.is_open)),
            _ => None,
        })
    }

    pub fn open_incidents(&self) -> Outcome<Vec<TicketId>> {
        self.fact(FactKey::OpenIncidents, |fact| match fact {
            Fact::TicketIds(tickets) => Some(tickets.clone()),
            _ => None,
        })
    }

    pub fn possible_duplicates(&self, id: TicketId) -> Outcome<Vec<TicketId>> {
        self.fact(FactKey::PossibleDuplicates(id), |fact| match fact {
            Fact::TicketIds(tickets) => Some(tickets.clone()),
            _ => None,
        })
    }

    pub fn found(&self, query: TicketQuery) -> Outcome<Vec<TicketId>> {
        self.fact(FactKey::Found(Box::new(query)), |fact| match fact {
            Fact::TicketIds(tickets) => Some(tickets.clone()),
            _ => None,
        })
    }

    pub fn people_on_shift(&self, queue: &Key) -> Outcome<Vec<PersonId>> {
        self.fact(FactKey::PeopleOnShift(queue.clone()), |fact| match fact {
            Fact::People(people) => Some(people.clone()),
            _ => None,
        })
    }

    pub fn is_on_shift(&self, person: PersonId) -> Outcome<bool> {
        self.fact(FactKey::IsOnShift(person), |fact| match fact {
            Fact::Flag(is_on_shift) => Some(*is_on_shift),
            _ => None,
        })
    }

    // ---- changes -----------------------------------------------------------------------------------------

    /// Changes the ticket as later lines of the script see it.
    pub fn edit(&self, id: TicketId, change: impl FnOnce(&mut TicketDraft)) -> Outcome<()> {
        if !self.drafts.borrow().tickets.contains_key(&id) {
            let ticket = self.ticket(id, Ticket::clone)?;
            let draft = TicketDraft { ticket, subject: None, fields: BTreeMap::new() };
            self.drafts.borrow_mut().tickets.insert(id, draft);
        }
        if let Some(draft) = self.drafts.borrow_mut().tickets.get_mut(&id) {
            change(draft);
        }
        Ok(())
    }

    pub fn edit_orders(&self, id: TicketId, change: impl FnOnce(&mut Vec<WorkOrder>)) -> Outcome<()> {
        if !self.drafts.borrow().orders.contains_key(&id) {
            let orders = self.orders(id, <[WorkOrder]>::to_vec)?;
            self.drafts.borrow_mut().orders.insert(id, orders);
        }
        if let Some(orders) = self.drafts.borrow_mut().orders.get_mut(&id) {
            change(orders);
        }
        Ok(())
    }

    pub fn edit_tasks(&self, id: TicketId, change: impl FnOnce(&mut Vec<Task>)) -> Outcome<()> {
        if !self.drafts.borrow().tasks.contains_key(&id) {
            let tasks = self.tasks(id, <[Task]>::to_vec)?;
            self.drafts.borrow_mut().tasks.insert(id, tasks);
        }
        if let Some(tasks) = self.drafts.borrow_mut().tasks.get_mut(&id) {
            change(tasks);
        }
        Ok(())
    }

    /// Asks for a command; answers its number in the run.
    pub fn ask(&self, place: &Place, command: Command) -> Outcome<usize> {
        if self.is_guard.get() {
            return Err(Fault::refused("a guard changes nothing: it may only `refuse`"));
        }
        let mut asked = self.asked.borrow_mut();
        if self.is_muted.get() {
            return Ok(asked.len());
        }
        if asked.len() >= COMMANDS_MAX {
            let message = format!("the script asked for more than {COMMANDS_MAX} commands in one run");
            let fault = Fault { kind: FailureKind::TooManyCommands, message };
            self.fatal.borrow_mut().get_or_insert(fault);
            return Err(Fault::stopped());
        }
        asked.push(Asked {
            command,
            module: place.module.clone(),
            line: place.position.line().unwrap_or(0),
            column: place.position.position().unwrap_or(0),
        });
        Ok(asked.len() - 1)
    }

    /// Changes a command that was asked for before.
    pub fn amend(&self, number: usize, amend: impl FnOnce(&mut Command)) {
        if !self.is_muted.get()
            && let Some(asked) = self.asked.borrow_mut().get_mut(number)
        {
            amend(&mut asked.command);
        }
    }

    /// Asks for changes of a ticket. Setters in a row become one command; a setter behind another command
    /// begins a new one, so that effects keep the order of the script.
    pub fn change(&self, place: &Place, id: TicketId, set: impl FnOnce(&mut TicketChanges)) -> Outcome<()> {
        if let Some(Asked { command: Command::ChangeTicket { ticket, changes, .. }, .. }) =
            self.asked.borrow_mut().last_mut()
            && *ticket == id
            && !self.is_muted.get()
        {
            set(changes);
            return Ok(());
        }
        let mut changes = TicketChanges::default();
        set(&mut changes);
        let command = Command::ChangeTicket { ticket: id, version: None, changes: Box::new(changes) };
        self.ask(place, command).map(|_| ())
    }

    // ---- asking again ------------------------------------------------------------------------------------

    /// Begins a time in which nothing counts; [`State::resume`] ends it.
    #[must_use]
    pub fn put_aside(&self) -> Aside {
        let aside = Aside {
            drafts: self.drafts.borrow().clone(),
            read: self.read.borrow().len(),
            operations: self.guard.operations(),
        };
        self.is_muted.set(true);
        aside
    }

    pub fn resume(&self, aside: Aside) {
        *self.drafts.borrow_mut() = aside.drafts;
        self.read.borrow_mut().truncate(aside.read);
        self.guard.rewind(aside.operations);
        self.is_muted.set(false);
    }

    /// How many commands were asked for so far.
    #[must_use]
    pub fn asked_count(&self) -> usize {
        self.asked.borrow().len()
    }
}
