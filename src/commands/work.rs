//! One outside command while it is applied: the tickets it touches, its cause, what is still to be played.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::budget::Allowance;
use super::clocks;
use super::desk::Change;
use super::done::{DeskError, Done, Mode};
use super::programs::{Loaded, Programs};
use super::publication::Checked;
use super::script_counts::Tally;
use crate::domain::event::Speaker;
use crate::domain::pack::{Pack, Phase};
use crate::domain::permission::{self, Access, Scope, Step, TicketFacts};
use crate::domain::person::{Actor, Affiliation, Person};
use crate::domain::sla::SlaClock;
use crate::domain::ticket::Ticket;
use crate::domain::{
    ClientId, JournalId, Key, Moment, PersonId, Refusal, RunId, SessionId, TextId, TicketId,
};
use crate::store::ladder::Standing;
use crate::store::ticket::Derived;
use crate::store::ticket_row::Stored;
use crate::store::{self, Savepoint, Tx};
use crate::workflow::Occasion;

/// A ticket in memory between its first touch and the end of the command.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub ticket: Rc<Ticket>,
    /// The pack that the ticket stays on.
    pub loaded: Option<Arc<Loaded>>,
    /// As its row has it.
    pub stored: Rc<Ticket>,
    /// What its row holds beside the ticket; nothing before it is written.
    pub stored_derived: Option<Derived>,
    /// Whether this command wrote the row.
    pub is_written: bool,
    /// Read when first needed.
    pub clocks: Option<Vec<SlaClock>>,
    pub clocks_changed: bool,
    /// Targets that count for the ticket no more, until they are written.
    pub clocks_gone: Vec<Key>,
    /// Read when first needed.
    pub ladders: Option<Rc<[Standing]>>,
}

impl Case {
    /// The ticket, to be changed.
    pub fn ticket_mut(&mut self) -> &mut Ticket {
        Rc::make_mut(&mut self.ticket)
    }

    /// The row is as the ticket stands now.
    pub fn note_written(&mut self, derived: Derived) {
        self.stored = Rc::clone(&self.ticket);
        self.stored_derived = Some(derived);
        self.is_written = true;
    }
}

pub(super) type Cases = Rc<RefCell<BTreeMap<TicketId, Case>>>;

/// A handler that waits for its turn.
#[derive(Debug)]
pub(super) struct Wake {
    pub ticket: TicketId,
    pub occasion: Occasion,
    /// How many rungs in a row led here at once; see `Ladder::depth`.
    pub depth: i64,
}

/// Who and what the events that are recorded now come from.
#[derive(Debug, Clone)]
pub(super) struct Cause {
    pub actor: Actor,
    pub run: Option<RunId>,
    /// The handler whose run it is.
    pub handler: Option<String>,
    /// Of the run's wake.
    pub depth: i64,
}

pub(super) struct Work<'e> {
    pub tx: Rc<Tx>,
    pub programs: &'e mut Programs,
    pub cause: Cause,
    pub journal: JournalId,
    pub occurred_at: Moment,
    pub mode: Mode,
    pub cases: Cases,
    pub waiting: VecDeque<Wake>,
    pub changes: Vec<Change>,
    /// The runs so far, as they are counted once the command stands.
    pub tallies: Vec<Tally>,
    /// Script runs so far, and their time.
    pub runs: usize,
    /// How many times the limits of one cascade they may use.
    pub cascades_max: u32,
    pub script_time: Duration,
    /// What the run that goes on may still send.
    pub allowance: Option<Allowance>,
    /// What was checked beside the writer, of a command that publishes.
    pub checked: Option<Checked>,
    /// The session that stays when the command ends the person's sessions.
    pub kept_session: Option<SessionId>,
}

impl<'e> Work<'e> {
    pub fn new(
        tx: Rc<Tx>,
        programs: &'e mut Programs,
        actor: Actor,
        journal: JournalId,
        occurred_at: Moment,
        mode: Mode,
    ) -> Self {
        Work {
            tx,
            programs,
            cause: Cause { actor, run: None, handler: None, depth: 0 },
            journal,
            occurred_at,
            mode,
            cases: Cases::default(),
            waiting: VecDeque::new(),
            changes: Vec::new(),
            tallies: Vec::new(),
            runs: 0,
            cascades_max: 1,
            script_time: Duration::ZERO,
            allowance: None,
            checked: None,
            kept_session: None,
        }
    }

    /// The ticket as it stands now, in the middle of the command.
    pub fn ticket(&mut self, id: TicketId) -> Result<Rc<Ticket>, DeskError> {
        self.touch(id)?;
        Ok(self.with(id, |case| Rc::clone(&case.ticket)))
    }

    /// The ticket, when the actor may take `step` on it and saw the version that stands.
    pub fn ticket_for(
        &mut self,
        id: TicketId,
        step: Step,
        version: Option<i64>,
    ) -> Result<Rc<Ticket>, DeskError> {
        let ticket = self.ticket(id)?;
        self.require(step, &ticket)?;
        match version {
            Some(seen) if seen != ticket.version => {
                Err(Refusal::StaleVersion { seen, current: ticket.version }.into())
            }
            _ => Ok(ticket),
        }
    }

    /// As `ticket_for`, for steps that a closed ticket does not take.
    pub fn open_ticket_for(
        &mut self,
        id: TicketId,
        step: Step,
        version: Option<i64>,
    ) -> Result<Rc<Ticket>, DeskError> {
        let ticket = self.ticket_for(id, step, version)?;
        if ticket.is_closed() { Err(Refusal::TicketIsClosed.into()) } else { Ok(ticket) }
    }

    /// The pack that the ticket stays on.
    pub fn pack_of(&mut self, id: TicketId) -> Result<Arc<Pack>, DeskError> {
        Ok(Arc::clone(&self.loaded(id)?.pack))
    }

    /// The pack that the ticket stays on, with its calendar.
    pub fn loaded(&mut self, id: TicketId) -> Result<Arc<Loaded>, DeskError> {
        self.touch(id)?;
        self.with(id, |case| case.loaded.clone()).ok_or_else(|| Refusal::NothingPublished.into())
    }

    /// Reads the ticket into memory unless it is there.
    pub fn touch(&mut self, id: TicketId) -> Result<(), DeskError> {
        if self.cases.borrow().contains_key(&id) {
            return Ok(());
        }
        let found = store::ticket::get_with_derived(&self.tx, id)?;
        let (ticket, derived) = found.ok_or_else(|| Refusal::not_found("ticket", id))?;
        self.adopt(ticket, Some(derived))
    }

    /// Takes up a ticket, with what its row holds beside it when it has one.
    pub fn adopt(&mut self, ticket: Ticket, stored_derived: Option<Derived>) -> Result<(), DeskError> {
        let loaded = match ticket.pack_version {
            Some(version) => self.programs.pack(&self.tx, version)?,
            None => None,
        };
        let ticket = Rc::new(ticket);
        let case = Case {
            stored: Rc::clone(&ticket),
            ticket,
            loaded,
            stored_derived,
            is_written: false,
            clocks: None,
            clocks_changed: false,
            clocks_gone: Vec::new(),
            ladders: None,
        };
        self.cases.borrow_mut().insert(case.ticket.id, case);
        Ok(())
    }

    /// Loads the pack of the version on which the ticket stands now.
    pub fn load_pack(&mut self, id: TicketId) -> Result<(), DeskError> {
        let loaded = match self.with(id, |case| case.ticket.pack_version) {
            Some(version) => self.programs.pack(&self.tx, version)?,
            None => None,
        };
        self.with(id, |case| case.loaded = loaded);
        Ok(())
    }

    /// Works on a ticket that was touched.
    pub fn with<T>(&self, id: TicketId, work: impl FnOnce(&mut Case) -> T) -> T {
        let mut cases = self.cases.borrow_mut();
        work(cases.get_mut(&id).expect("the ticket was touched"))
    }

    /// Whether the actor may take the step on the ticket.
    pub fn require(&mut self, step: Step, ticket: &Ticket) -> Result<(), DeskError> {
        let client = Some(ticket.client);
        let (sub_client, contact, assignee) = (ticket.sub_client, ticket.contact, ticket.assignee);
        let quick = TicketFacts { client, sub_client, contact, assignee, ..TicketFacts::default() };
        let Some(access) = self.access()? else {
            return Ok(permission::check(&self.cause.actor, None, step, Some(ticket.id), &quick)?);
        };
        if access.may(step, &quick) {
            return Ok(());
        }
        let facts = self.passed_to(ticket, quick)?;
        Ok(permission::check(&self.cause.actor, Some(&access), step, Some(ticket.id), &facts)?)
    }

    /// Whether the actor may take the step on a client's records; without a client, on the desk's.
    pub fn require_for(&mut self, step: Step, client: Option<ClientId>) -> Result<(), DeskError> {
        let facts = TicketFacts { client, ..TicketFacts::default() };
        let access = self.access()?;
        Ok(permission::check(&self.cause.actor, access.as_deref(), step, None, &facts)?)
    }

    /// Adds to whom the ticket was passed: engineers, departments, partners.
    pub fn passed_to(&self, ticket: &Ticket, mut facts: TicketFacts) -> Result<TicketFacts, DeskError> {
        for order in store::work_order::of_ticket(&self.tx, ticket.id)? {
            facts.engineers.insert(order.engineer);
        }
        for task in store::task::of_ticket(&self.tx, ticket.id)? {
            facts.departments.insert(task.department);
            facts.partners.extend(task.partner);
        }
        Ok(facts)
    }

    /// What the acting person may do; nothing for an actor that is no person.
    pub fn access(&mut self) -> Result<Option<Rc<Access>>, DeskError> {
        let Actor::Person { person } = self.cause.actor else { return Ok(None) };
        Ok(self.programs.people.access(&self.tx, person)?)
    }

    /// What the acting person may see; nothing for an actor that is no person.
    fn scope(&mut self) -> Result<Option<Scope>, DeskError> {
        Ok(self.access()?.map(|access| Scope::of(&access)))
    }

    /// The person, when the actor may know of them; else as if there were none.
    pub fn person(&mut self, id: PersonId) -> Result<Rc<Person>, DeskError> {
        if let Some(found) = self.programs.people.person(&self.tx, id)?
            && self.knows(&found)?
        {
            return Ok(found);
        }
        Err(Refusal::not_found("person", id).into())
    }

    /// Whether the actor may know that the person is there.
    pub fn knows(&mut self, person: &Person) -> Result<bool, DeskError> {
        let scope = self.scope()?;
        Ok(match (&self.cause.actor, person.affiliation) {
            (Actor::Person { .. }, _) => scope.is_some_and(|scope| scope.knows(person)),
            (
                Actor::Script { client } | Actor::Plugin { client, .. } | Actor::Import { client },
                Affiliation::Contact { client: own, .. },
            ) => own == *client,
            (Actor::Script { .. } | Actor::Plugin { .. }, _) => person.is_active,
            (Actor::Import { .. } | Actor::Clock | Actor::Operator, _) => true,
        })
    }

    /// Whether the actor may read what the desk keeps of itself (without a client), or of the client.
    pub fn sees_internals_of(&mut self, client: Option<ClientId>) -> Result<bool, DeskError> {
        let scope = self.scope()?;
        Ok(match self.cause.actor {
            Actor::Person { .. } => scope.is_some_and(|scope| scope.sees_internals_of(client)),
            Actor::Script { client: own }
            | Actor::Plugin { client: own, .. }
            | Actor::Import { client: own } => client == Some(own),
            Actor::Clock | Actor::Operator => true,
        })
    }

    /// Whether the person's roles let them work on the client's tickets.
    pub fn may_serve(&mut self, person: PersonId, client: ClientId) -> Result<bool, DeskError> {
        let facts = TicketFacts { client: Some(client), ..TicketFacts::default() };
        let access = self.programs.people.access(&self.tx, person)?;
        Ok(access.is_some_and(|access| access.may(Step::WorkOnTicket, &facts)))
    }

    /// Whose words the actor's are.
    pub fn speaker(&mut self) -> Result<Speaker, DeskError> {
        Ok(match self.access()?.map(|access| access.affiliation) {
            Some(Affiliation::Staff) => Speaker::Desk,
            Some(Affiliation::Contact { .. }) => Speaker::Client,
            Some(Affiliation::Partner { .. }) => Speaker::Partner,
            None => Speaker::Automatic,
        })
    }

    /// Stores words; empty ones are no text.
    pub fn text(&self, words: Option<&str>) -> Result<Option<TextId>, DeskError> {
        match words.map(str::trim).filter(|words| !words.is_empty()) {
            Some(words) => Ok(Some(store::text::put(&self.tx, words)?)),
            None => Ok(None),
        }
    }

    pub fn note_change(&mut self, client: Option<ClientId>, kind: &'static str) {
        self.changes.push(Change { seq: 0, client, ticket: None, kind, person: None });
    }

    /// Writes the other tickets that this command has changed, so that what people carry is counted as it stands.
    pub fn write_others(&mut self, than: TicketId) -> Result<(), DeskError> {
        let has_others = self.cases.borrow().keys().any(|id| *id != than);
        if has_others { self.flush() } else { Ok(()) }
    }

    /// Writes every touched ticket back.
    pub fn flush(&mut self) -> Result<(), DeskError> {
        let cases = Rc::clone(&self.cases);
        for case in cases.borrow_mut().values_mut() {
            let is_same = case.ticket.version == case.stored.version;
            if is_same && !case.is_written {
                continue;
            }
            clocks::write(&self.tx, case)?;
            let derived = derived(case);
            if is_same && case.stored_derived == Some(derived) {
                continue;
            }
            let was = Stored { ticket: &case.stored, derived: case.stored_derived };
            if !store::ticket_row::update(&self.tx, was, &case.ticket, derived)? {
                let (seen, id) = (case.stored.version, case.ticket.id);
                let current = store::ticket::get(&self.tx, id)?.map_or(0, |ticket| ticket.version);
                return Err(Refusal::StaleVersion { seen, current }.into());
            }
            case.note_written(derived);
        }
        Ok(())
    }

    /// Makes one of several changes with all that it wakes, as a command of its own would: a refusal undoes this one
    /// alone and is answered.
    pub fn part<T>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, DeskError>,
    ) -> Result<Result<T, Refusal>, DeskError> {
        let before = Before::of(self);
        let cause = self.cause.clone();
        self.tx.mark(Savepoint::Part)?;
        (self.runs, self.script_time) = (0, Duration::ZERO);
        let made = change(self).and_then(|made| {
            self.settle()?;
            self.flush()?;
            Ok(made)
        });
        match made {
            Ok(made) => {
                self.tx.keep(Savepoint::Part)?;
                Ok(Ok(made))
            }
            Err(DeskError::Refused(refusal)) => {
                self.tx.undo_to(Savepoint::Part)?;
                before.restore(self);
                self.cause = cause;
                self.programs.forget();
                Ok(Err(refusal))
            }
            Err(error) => Err(error),
        }
    }

    /// Fills in what is known only after all was played.
    pub fn complete(&mut self, done: &mut Done) -> Result<(), DeskError> {
        done.seq = self.tx.last_seq();
        let cases = Rc::clone(&self.cases);
        if let Some(case) = done.ticket.and_then(|id| cases.borrow().get(&id).cloned()) {
            done.version.get_or_insert(case.ticket.version);
            done.number = Some(self.programs.number(&self.tx, case.ticket.client, case.ticket.number)?);
        }
        Ok(())
    }

    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }
}

/// What a part of the command that is undone must leave as it was.
pub(super) struct Before {
    cases: BTreeMap<TicketId, Case>,
    waiting: usize,
    changes: usize,
    tallies: usize,
}

impl Before {
    pub fn of(work: &Work<'_>) -> Self {
        Self {
            cases: work.cases.borrow().clone(),
            waiting: work.waiting.len(),
            changes: work.changes.len(),
            tallies: work.tallies.len(),
        }
    }

    pub fn restore(self, work: &mut Work<'_>) {
        *work.cases.borrow_mut() = self.cases;
        work.waiting.truncate(self.waiting);
        work.changes.truncate(self.changes);
        work.tallies.truncate(self.tallies);
        work.allowance = None;
    }
}

/// What the row holds beside the ticket itself.
pub(super) fn derived(case: &Case) -> Derived {
    let status = case.loaded.as_ref().and_then(|loaded| loaded.pack.status(&case.ticket.status));
    let phase = match status {
        Some(status) => status.phase,
        // A status that the pack does not know (it came with another version) is told by its times.
        None if case.ticket.closed_at.is_some() => Phase::Closed,
        None if case.ticket.resolved_at.is_some() => Phase::Resolved,
        None => Phase::Open,
    };
    let waits_for = status.and_then(|status| status.waits_for);
    let pack = case.loaded.as_ref().map(|loaded| &loaded.pack);
    let is_unclassified = pack.is_some_and(|pack| pack.is_unclassified(&case.ticket));
    Derived { phase, waits_for, due_at: clocks::nearest_due(case), is_unclassified }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IdMaker;
    use crate::store::Durability;

    #[test]
    fn a_part_that_is_refused_leaves_nothing_and_keeps_no_other_back() {
        let folder = tempfile::tempdir().unwrap();
        let now = Moment::from_ms(1_000);
        let (tx, _) = store::open(folder.path(), Durability::Full, IdMaker::new(1), now).unwrap();
        let (tx, mut programs) = (Rc::new(tx), Programs::new(Duration::from_secs(1)));
        tx.begin(now).unwrap();
        tx.mark(Savepoint::Command).unwrap();
        let journal = tx.id();
        let mut work =
            Work::new(Rc::clone(&tx), &mut programs, Actor::Operator, journal, now, Mode::default());
        let wake = || Wake { ticket: TicketId(7), occasion: Occasion::Opened, depth: 0 };
        let mut texts = Vec::new();
        for is_refused in [false, true, false] {
            let made = work.part(|work| {
                let text = store::text::put(&work.tx, "words")?;
                texts.push(text);
                work.note_change(None, "roster");
                if is_refused {
                    work.cause.actor = Actor::Clock;
                    work.waiting.push_back(wake());
                    return Err(Refusal::TicketIsClosed.into());
                }
                Ok(text)
            });
            assert_eq!(made.unwrap().is_err(), is_refused);
        }
        let stored: Vec<bool> =
            texts.iter().map(|id| store::text::get(&tx, *id).unwrap().is_some()).collect();
        assert_eq!(stored, [true, false, true]);
        assert_eq!((work.changes.len(), work.waiting.len()), (2, 0));
        assert_eq!(work.cause.actor, Actor::Operator);
    }
}
