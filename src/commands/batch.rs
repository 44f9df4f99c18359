//! The engine: applies a batch of commands in one transaction, each inside a savepoint. It owns no thread, so
//! that a rehearsal drives one by hand.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use super::apply;
use super::desk::Change;
use super::done::{DeskError, Done, Idempotency, Mode};
use super::once::{self, json};
use super::programs::Programs;
use super::publication::Checked;
use super::script_counts::ScriptCounts;
use super::sessions;
use super::work::Work;
use crate::clock::Clock;
use crate::domain::command::Command;
use crate::domain::id::IdMaker;
use crate::domain::person::Actor;
use crate::domain::{ClientId, JournalId, Moment, Refusal, SessionId, Span};
use crate::store::{self, Savepoint, StoreError, Tx};
use crate::workflow::Footprint;

/// How far ahead of ours the clock of a caller may be.
const AHEAD_MAX: Span = Span::minutes(5);

/// How a script asks for possible duplicates.
const ASKS_FOR_DUPLICATES: &str = "possible_duplicates";
/// How a script looks for tickets.
const LOOKS_FOR_TICKETS: &str = "find_tickets";

/// A change that somebody wants, with who and when.
#[derive(Debug, Clone)]
pub struct Request {
    pub actor: Actor,
    pub command: Command,
    /// When it happened, when that is not now: an import, an offline phone.
    pub occurred_at: Option<Moment>,
    pub idempotency: Option<Idempotency>,
    pub mode: Mode,
    /// The hash of the reset link that lets its person choose a password: it is taken in the same savepoint.
    pub(super) link_sha256: Option<String>,
    /// The session that stays when the command ends the person's sessions.
    pub(super) kept_session: Option<SessionId>,
    /// What the desk checked beside the writer, of a command that publishes.
    pub(super) checked: Option<Checked>,
}

impl Request {
    #[must_use]
    pub fn new(actor: Actor, command: Command) -> Self {
        Self {
            actor,
            command,
            occurred_at: None,
            idempotency: None,
            mode: Mode::Live,
            link_sha256: None,
            kept_session: None,
            checked: None,
        }
    }

    #[must_use]
    pub fn occurred(mut self, at: Moment) -> Self {
        self.occurred_at = Some(at);
        self
    }

    /// Uses a reset link up: what is refused leaves the link as it was.
    #[must_use]
    pub fn by_link(mut self, token_sha256: String) -> Self {
        self.link_sha256 = Some(token_sha256);
        self
    }

    /// Asked from this session, which outlives what it asks for.
    #[must_use]
    pub fn keeping(mut self, session: SessionId) -> Self {
        self.kept_session = Some(session);
        self
    }

    #[must_use]
    pub fn muted(mut self) -> Self {
        self.mode = Mode::Muted;
        self
    }
}

/// What is no `Command` but is written all the same: sessions, drafts, leases.
pub(super) type Aside = Box<dyn FnOnce(&Tx) -> Result<(), DeskError>>;

pub(super) enum Item {
    Request(Box<Request>),
    Aside(Aside),
}

pub(super) type Reply = Result<Done, DeskError>;

/// The writer's side of a desk.
pub struct Engine {
    tx: Rc<Tx>,
    clock: Clock,
    programs: Programs,
    counts: ScriptCounts,
    /// Batches share a transaction until they are kept.
    is_held: bool,
    /// Whether each command finds the words of those before it in the search index, whatever shares its commit.
    finds_words_at_once: bool,
}

/// A stretch of commands that was begun: what it is undone to.
#[derive(Debug)]
pub struct Stretch {
    ids: IdMaker,
}

impl Engine {
    #[must_use]
    pub fn new(tx: Tx, clock: Clock, script_wall_max: Duration) -> Self {
        let programs = Programs::new(script_wall_max);
        Self {
            tx: Rc::new(tx),
            clock,
            programs,
            counts: ScriptCounts::default(),
            is_held: false,
            finds_words_at_once: false,
        }
    }

    /// Counts what scripts do where others can see it.
    #[must_use]
    pub fn counting_in(self, counts: ScriptCounts) -> Self {
        Self { counts, ..self }
    }

    /// The operator's ceiling for the messages of a client's script in an hour.
    #[must_use]
    pub fn sending_at_most(mut self, messages_per_hour_max: u32) -> Self {
        self.programs.messages_per_hour_max = messages_per_hour_max;
        self
    }

    /// An engine on another database that is a copy of the one this engine began with: a rehearsal that starts
    /// anew. What was compiled of the versions that the copy has is kept, everything else is read again.
    pub fn on_a_copy(self, tx: Tx, clock: Clock) -> Result<Self, StoreError> {
        let mut programs = self.programs;
        programs.forget();
        programs.keep_versions_of(&tx)?;
        Ok(Self {
            tx: Rc::new(tx),
            clock,
            programs,
            counts: self.counts,
            is_held: false,
            finds_words_at_once: false,
        })
    }

    /// Counts what of the scripts runs that this engine compiles from now on.
    pub fn count(&mut self, footprint: &Rc<Footprint>) {
        self.programs.count(footprint);
    }

    /// From now on outside commands, applied script runs and rows of an import leave no row of their own, only what
    /// they led to: for a rehearsal in which nobody asks why, and which brings no row twice.
    pub fn leave_no_trace(&mut self) {
        self.programs.is_traced = false;
    }

    /// The transaction, for reading between batches.
    #[must_use]
    pub fn tx(&self) -> &Tx {
        &self.tx
    }

    /// From now on nothing is committed until `keep`: for a rehearsal, which is thrown away whole when it fails.
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// Commits what was done since `hold`, or since the last `keep`, and goes on holding.
    pub fn keep(&mut self) -> Result<(), DeskError> {
        if self.tx.is_open() {
            self.tx.commit()?;
        }
        Ok(())
    }

    /// Fits a rehearsal to the scripts in play. Where one asks for possible duplicates, each command finds what those
    /// before it said; elsewhere nobody looks for words, and none are indexed. Where none looks for tickets, the
    /// indexes for that are dropped.
    pub fn fit_to_scripts(&mut self, client: ClientId) -> Result<(), DeskError> {
        let published = store::client::get(&self.tx, client)?.and_then(|client| client.pack_version);
        let of_tickets = store::ticket::open_by_version(&self.tx, client)?;
        let mut looks_for_tickets = false;
        for version in published.into_iter().chain(of_tickets.into_iter().filter_map(|(version, _)| version))
        {
            let Some(stored) = store::pack::get(&self.tx, version)? else { continue };
            for source in stored.modules.values().chain([&stored.script]) {
                self.finds_words_at_once |= source.contains(ASKS_FOR_DUPLICATES);
                looks_for_tickets |= source.contains(LOOKS_FOR_TICKETS);
            }
        }
        if !self.finds_words_at_once {
            self.tx.leave_words_out();
        }
        if !looks_for_tickets {
            store::sqlite::drop_indexes(&self.tx, store::sqlite::OF_SEARCHES)?;
        }
        Ok(())
    }

    /// Begins a stretch of commands without a mark before each, in a transaction of its own: what would undo one of
    /// them is answered with `StoreError::Unmarked`, and whoever plays undoes the stretch and plays it once more,
    /// marked. While held.
    pub fn begin_stretch(&mut self) -> Result<Stretch, DeskError> {
        self.keep()?;
        let ids = self.tx.ids();
        self.tx.begin(self.clock.now())?;
        self.tx.set_unmarked(true);
        Ok(Stretch { ids })
    }

    /// What was played stands.
    pub fn end_stretch(&mut self) -> Result<(), DeskError> {
        self.tx.set_unmarked(false);
        self.keep()
    }

    /// Nothing of the stretch was played.
    pub fn undo_stretch(&mut self, stretch: Stretch) -> Result<(), DeskError> {
        self.tx.set_unmarked(false);
        self.programs.forget();
        self.tx.rollback()?;
        self.tx.go_on_with(stretch.ids);
        Ok(())
    }

    /// Carries out one request in a transaction of its own.
    pub fn run(&mut self, request: Request) -> Reply {
        let (mut replies, _) = self.apply_batch(vec![Item::Request(Box::new(request))]);
        replies.pop().unwrap_or(Err(DeskError::Stopped))
    }

    /// Carries out requests in their order with one commit; each is answered.
    pub fn run_all(&mut self, requests: Vec<Request>) -> Vec<Reply> {
        let items = requests.into_iter().map(|request| Item::Request(Box::new(request))).collect();
        self.apply_batch(items).0
    }

    /// Carries out a write that is no command.
    pub fn aside<T: 'static>(
        &mut self,
        work: impl FnOnce(&Tx) -> Result<T, DeskError> + 'static,
    ) -> Result<T, DeskError> {
        let slot = Rc::new(std::cell::Cell::new(None));
        let inner = Rc::clone(&slot);
        let item = Item::Aside(Box::new(move |tx| {
            inner.set(Some(work(tx)?));
            Ok(())
        }));
        let (mut replies, _) = self.apply_batch(vec![item]);
        replies.pop().unwrap_or(Err(DeskError::Stopped))?;
        slot.take().ok_or(DeskError::Stopped)
    }

    /// Works on the desk outside of any command, in a transaction of its own: how a rehearsal sets its past up.
    pub(super) fn set_up<T>(
        &mut self,
        set_up: impl FnOnce(&mut Work<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let now = self.clock.now();
        self.tx.begin(now)?;
        let tx = Rc::clone(&self.tx);
        let journal: JournalId = tx.id();
        let mut work = Work::new(tx, &mut self.programs, Actor::Operator, journal, now, Mode::Muted);
        let done = set_up(&mut work).and_then(|done| work.flush().map(|()| done));
        if done.is_err() {
            self.programs.forget();
            self.tx.rollback()?;
            return done;
        }
        self.tx.commit()?;
        done
    }

    /// Applies the items in order and commits once. When the database gives up, nothing of the batch stands and
    /// every item is answered so.
    pub(super) fn apply_batch(&mut self, items: Vec<Item>) -> (Vec<Reply>, Vec<Change>) {
        let count = items.len();
        match self.try_batch(items) {
            Ok(answers) => answers,
            // Whoever began the stretch undoes it.
            Err(StoreError::Unmarked) => {
                ((0..count).map(|_| Err(DeskError::Store(StoreError::Unmarked))).collect(), Vec::new())
            }
            Err(error) => {
                tracing::error!(%error, batch = count, "a batch was undone");
                self.programs.forget();
                if let Err(error) = self.tx.rollback() {
                    tracing::error!(%error, "the undo failed too");
                }
                ((0..count).map(|_| Err(DeskError::Store(error.again()))).collect(), Vec::new())
            }
        }
    }

    /// After a panic in the middle of a batch: nothing of it stands.
    pub(super) fn recover(&mut self, count: usize) -> (Vec<Reply>, Vec<Change>) {
        tracing::error!(batch = count, "a command panicked; its batch was undone");
        self.programs.forget();
        if let Err(error) = self.tx.rollback() {
            tracing::error!(%error, "the undo failed");
        }
        ((0..count).map(|_| Err(DeskError::Panicked)).collect(), Vec::new())
    }

    fn try_batch(&mut self, items: Vec<Item>) -> Result<(Vec<Reply>, Vec<Change>), StoreError> {
        if self.is_held {
            self.tx.go_on(self.clock.now())?
        } else {
            self.tx.begin(self.clock.now())?
        };
        let mut replies = Vec::with_capacity(items.len());
        let mut changes = Vec::new();
        for item in items {
            if self.is_held && self.finds_words_at_once {
                self.tx.write_words()?;
            }
            self.tx.mark(Savepoint::Command)?;
            // A defect of ours in one command is that command's alone: it is undone as one that was refused.
            let applied = catch_unwind(AssertUnwindSafe(|| match item {
                Item::Request(request) => self.apply_one(*request, &mut changes),
                Item::Aside(work) => work(&self.tx).map(|()| Done::default()),
            }));
            let reply = applied.unwrap_or_else(|_| {
                tracing::error!("a command panicked and was undone");
                Err(DeskError::Panicked)
            });
            match reply {
                Ok(done) => {
                    self.tx.keep(Savepoint::Command)?;
                    replies.push(Ok(done));
                }
                Err(DeskError::Store(error)) => return Err(error),
                Err(refused) => {
                    self.tx.undo_to(Savepoint::Command)?;
                    self.programs.forget();
                    replies.push(Err(refused));
                }
            }
        }
        if !self.is_held {
            self.tx.commit()?;
        }
        Ok((replies, changes))
    }

    fn apply_one(&mut self, request: Request, changes: &mut Vec<Change>) -> Reply {
        if let Some(idempotency) = &request.idempotency
            && let Some(done) = once::remembered::<Done>(&self.tx, &request.actor, idempotency)?
        {
            return Ok(Done { is_repeat: true, ..done });
        }
        let now = self.tx.now();
        let occurred_at = request.occurred_at.unwrap_or(now);
        if occurred_at > now + AHEAD_MAX {
            return Err(Refusal::InTheFuture { at: occurred_at }.into());
        }
        let journal: JournalId = self.tx.id();
        let text = if self.programs.is_traced { Some(json(&request.command)?) } else { None };
        let mut work = Work::new(
            Rc::clone(&self.tx),
            &mut self.programs,
            request.actor.clone(),
            journal,
            occurred_at,
            request.mode,
        );
        work.checked = request.checked;
        work.kept_session = request.kept_session;
        if let Some(link) = &request.link_sha256 {
            sessions::use_reset_link(&self.tx, link, &request.actor)?;
        }
        let mut done = apply::apply(&mut work, request.command)?;
        work.settle()?;
        work.flush()?;
        work.complete(&mut done)?;
        changes.append(&mut work.take_changes());
        let tallies = std::mem::take(&mut work.tallies);
        if let Some(text) = text {
            store::event::append_journal(&self.tx, journal, done.ticket, &text, &request.actor, occurred_at)?;
        }
        if let Some(idempotency) = &request.idempotency {
            once::remember(&self.tx, &request.actor, idempotency, &done)?;
        }
        self.counts.add(&self.tx, &tallies)?;
        Ok(done)
    }
}
