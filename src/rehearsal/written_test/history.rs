//! What a test is written from: the ticket's outside commands, what they led to, and who and what they need.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::commands::DeskError;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::pack::Pack;
use crate::domain::person::Actor;
use crate::domain::task::Task;
use crate::domain::ticket::Ticket;
use crate::domain::work_order::WorkOrder;
use crate::domain::{JournalId, Key, Moment, PersonId, Refusal, TicketId};
use crate::store::event::Recorded;
use crate::store::pack::PackVersion;
use crate::store::run::{Run, RunState};
use crate::store::{self, Db, StoreError};
use crate::workflow::{Fact, FactKey, SharedSources};

/// Most events of a ticket that a test is written from.
const EVENTS_MAX: usize = 2_000;

pub(super) struct History {
    pub ticket: Ticket,
    /// `BANK-1042`.
    pub number: String,
    pub version: PackVersion,
    pub pack: Pack,
    /// iCalendar files by key.
    pub holidays: BTreeMap<Key, String>,
    /// The opening first.
    pub stops: Vec<Stop>,
    pub tasks: Vec<Task>,
    pub orders: Vec<WorkOrder>,
    /// Who was told what, oldest first.
    pub notices: Vec<(PersonId, String)>,
    pub facts: Vec<(FactKey, Fact)>,
    pub has_failed_runs: bool,
}

/// One outside command and what followed from it.
pub(super) struct Stop {
    pub at: Moment,
    pub actor: Actor,
    /// `None`: its journal is not kept any more, or it is about another ticket.
    pub command: Option<Command>,
    pub events: Vec<Recorded>,
}

impl Stop {
    /// Whether the durable clock does it by itself, here and on the test's desk.
    pub fn is_clock(&self) -> bool {
        matches!(self.actor, Actor::Clock)
    }
}

impl History {
    pub fn read(db: &Db, id: TicketId) -> Result<History, DeskError> {
        let ticket = store::ticket::get(db, id)?.ok_or_else(|| Refusal::not_found("ticket", id))?;
        let cannot = |why: &str| Refusal::Invalid { field: "ticket".to_owned(), message: why.to_owned() };
        let version = ticket.pack_version.map(|version| store::pack::get(db, version)).transpose()?.flatten();
        let version = version
            .ok_or_else(|| cannot("no script was published when it was opened: there is nothing to test"))?;
        let events = store::event::of_ticket(db, id)?;
        if events.len() > EVENTS_MAX {
            return Err(cannot("more happened on it than a test can say").into());
        }
        let stops = stops(db, id, &events)?;
        if !matches!(stops.first().and_then(|stop| stop.command.as_ref()), Some(Command::OpenTicket(_))) {
            return Err(cannot("the command that opened it is not kept: it was imported, or the journal has been cleaned up since").into());
        }
        let pack = Pack::parse(&version.settings)
            .map_err(|_| cannot("the settings of its version cannot be read any more"))?;
        let runs = store::run::of_ticket(db, id)?;
        let client = store::client::get(db, ticket.client)?
            .ok_or_else(|| Refusal::not_found("client", ticket.client))?;
        let notices = store::notification::of_ticket(db, id)?.into_iter().map(|notice| {
            (notice.person, notice.template.map_or_else(|| "message".to_owned(), |key| key.to_string()))
        });
        Ok(History {
            number: format!("{}-{}", client.prefix, ticket.number),
            holidays: store::holiday_list::sources_of_version(db, &version.holidays)?,
            tasks: store::task::of_ticket(db, id)?,
            orders: store::work_order::of_ticket(db, id)?,
            notices: notices.collect(),
            facts: runs.iter().flat_map(facts_of).collect(),
            has_failed_runs: runs.iter().any(|run| run.state != RunState::Applied),
            ticket,
            version,
            pack,
            stops,
        })
    }

    pub fn shared(&self) -> SharedSources {
        let modules = self.version.modules.iter();
        modules.map(|(path, text)| (path.clone(), Arc::from(text.as_str()))).collect()
    }

    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.stops.iter().flat_map(|stop| &stop.events).map(|recorded| &recorded.event)
    }

    pub fn opened_at(&self) -> Moment {
        self.stops[0].at
    }

    /// People whom the ticket or a run of its script met, in the order in which they came up.
    pub fn people(&self) -> Vec<PersonId> {
        let mut met = Vec::new();
        for stop in &self.stops {
            if let Actor::Person { person } = stop.actor {
                met.push(person);
            }
            for recorded in &stop.events {
                met.extend(people_of(&recorded.event));
            }
        }
        met.extend(self.notices.iter().map(|(person, _)| *person));
        for (_, fact) in &self.facts {
            match fact {
                Fact::People(people) => met.extend(people),
                Fact::Person(Some(person)) => met.push(person.id),
                _ => {}
            }
        }
        let mut seen = BTreeSet::new();
        met.retain(|person| seen.insert(*person));
        met
    }
}

/// Whom an event is about; those who were only looked at are not among them.
fn people_of(event: &Event) -> Vec<PersonId> {
    match event {
        Event::TicketAssigned { person, .. }
        | Event::TicketUnassigned { person, .. }
        | Event::TaskTaken { person, .. }
        | Event::WatcherAdded { person } => vec![*person],
        Event::WorkOrderOpened(opened) => vec![opened.engineer],
        _ => Vec::new(),
    }
}

fn facts_of(run: &Run) -> Vec<(FactKey, Fact)> {
    serde_json::from_str(&run.facts).unwrap_or_default()
}

/// Events that came of one command stand together.
fn stops(db: &Db, ticket: TicketId, events: &[Recorded]) -> Result<Vec<Stop>, StoreError> {
    let mut stops: Vec<(JournalId, Stop)> = Vec::new();
    for recorded in events {
        if let Some((journal, stop)) = stops.last_mut()
            && *journal == recorded.journal
        {
            stop.events.push(recorded.clone());
            continue;
        }
        let line = store::journal::get(db, recorded.journal)?;
        let (at, actor) = match &line {
            Some(line) => (line.occurred_at, line.actor.clone()),
            None => (recorded.occurred_at, recorded.actor.clone()),
        };
        let own = line.filter(|line| line.ticket.is_none_or(|of| of == ticket));
        let command = own.and_then(|line| serde_json::from_str(&line.command).ok());
        stops.push((recorded.journal, Stop { at, actor, command, events: vec![recorded.clone()] }));
    }
    Ok(stops.into_iter().map(|(_, stop)| stop).collect())
}
