//! One run: the window's outside commands at their own times, and between them whatever falls due.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use tempfile::TempDir;

use super::counterpart::{Names, Told, What, call_like, decision_like, renamed};
use super::pages::Pages;
use super::progress::Watch;
use super::report::{Counted, Lost, LostWhy, RunReport};
use super::start::Start;
use super::{BacktestError, Draft, Plan};
use crate::clock::VirtualClock;
use crate::commands::{DeskError, Done, Engine, Request};
use crate::domain::command::{
    Command, ImportTicket, ImportUpdate, JobEnd, OpenTicket, PluginAnswer, PluginAnswered,
};
use crate::domain::person::Actor;
use crate::domain::{ClientId, DueId, JobId, Moment, Span, TicketId};
use crate::rehearsal::second_desk::plugin_call;
use crate::store::job::Job;
use crate::store::sqlite::database_path;
use crate::store::{self, Readers, StoreError};

/// Steps (commands, rows of the durable clock) that are played in one transaction without a mark before each. More
/// cost less each, and more where one of them is refused.
const STRETCH_STEPS_MIN: usize = 64;
/// Where nothing is undone stretches grow up to this; what the pages of one were before is kept in memory.
const STRETCH_STEPS_MAX: usize = 32_768;
/// Steps between two looks whether to go on.
const STEPS_BETWEEN_LOOKS: usize = 64;
/// Where one stretch after another is undone, at most so many are played marked before the next attempt without.
const MARKED_MAX: usize = 31;
/// Calls without an answer that are looked at in the end.
const OPEN_CALLS_MAX: usize = 100_000;
/// A plugin call is taken for one attempt; nobody else is there to take it again.
const LEASE: Span = Span::minutes(1);

/// A run that came to its end.
pub(super) struct Played {
    pub folder: TempDir,
    pub readers: Readers,
    pub names: Names,
    /// The last event from before the window.
    pub first_seq: i64,
    pub report: RunReport,
    pub record_changes: usize,
}

struct Replay {
    engine: Engine,
    clock: VirtualClock,
    folder: TempDir,
    client: ClientId,
    names: Names,
    /// Live tickets that the stretch has opened so far.
    opened: Vec<TicketId>,
    /// Rows of imports that were played, and those of them that the stretch has played.
    rows: HashSet<u64>,
    new_rows: Vec<u64>,
    hashing: RandomState,
    report: RunReport,
    record_changes: usize,
    pace: Pace,
}

/// How stretches are played.
#[derive(Debug)]
struct Pace {
    /// Steps of the next stretch.
    steps: usize,
    /// Stretches that are still played marked.
    marked: usize,
    /// How many the next one that is undone will cost.
    marked_next: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { steps: STRETCH_STEPS_MIN, marked: 0, marked_next: 0 }
    }
}

/// The commands of the window, and its last instant.
struct Commands<'w> {
    pages: &'w Pages<'w>,
    watch: &'w Watch,
    until: Moment,
    /// Pages whose commands the progress counts; a stretch that is undone comes to them again.
    shown: usize,
}

impl Commands<'_> {
    /// Nothing after the last.
    fn page(&mut self, index: usize) -> Result<Option<Arc<Vec<Told>>>, BacktestError> {
        let Some((told, count)) = self.pages.get(index)? else { return Ok(None) };
        if index >= self.shown {
            self.shown = index + 1;
            self.watch.progress.step(count);
        }
        Ok(Some(told))
    }
}

/// The next command: its page and its number there; at the end there is no page.
#[derive(Clone)]
struct Place {
    page: usize,
    told: Option<Arc<Vec<Told>>>,
    next: usize,
}

impl Place {
    fn first(commands: &mut Commands<'_>) -> Result<Place, BacktestError> {
        let mut place = Place { page: 0, told: commands.page(0)?, next: 0 };
        place.leave_read(commands)?;
        Ok(place)
    }

    fn told(&self) -> Option<&Told> {
        self.told.as_ref()?.get(self.next)
    }

    fn go_on(&mut self, commands: &mut Commands<'_>) -> Result<(), BacktestError> {
        self.next += 1;
        self.leave_read(commands)
    }

    /// Turns pages until one has a command.
    fn leave_read(&mut self, commands: &mut Commands<'_>) -> Result<(), BacktestError> {
        while self.told.as_ref().is_some_and(|told| self.next >= told.len()) {
            self.page += 1;
            self.told = commands.page(self.page)?;
            self.next = 0;
        }
        Ok(())
    }
}

/// What a stretch is undone to, beside the desk.
struct Before {
    now: Moment,
    place: Place,
    counted: Counted,
    record_changes: usize,
}

/// Plays the window with the draft, or with the published version.
pub(super) fn play(
    plan: &Plan,
    pages: &Pages<'_>,
    start: &Start,
    draft: Option<&Draft>,
    watch: &Watch,
) -> Result<Played, BacktestError> {
    let began = std::time::Instant::now();
    let fresh = start.fresh(plan, draft)?;
    let names = start.tickets.iter().map(|ticket| (*ticket, *ticket)).collect();
    let mut replay = Replay {
        engine: fresh.engine,
        clock: fresh.clock,
        folder: fresh.folder,
        client: plan.client,
        names,
        opened: Vec::new(),
        rows: HashSet::new(),
        new_rows: Vec::new(),
        hashing: RandomState::new(),
        report: RunReport::default(),
        record_changes: 0,
        pace: Pace::default(),
    };
    let first_seq = replay.engine.tx().last_seq();
    replay.engine.fit_to_scripts(plan.client)?;
    replay.engine.hold();
    // What falls due at the first instant after the window is not of it.
    let window = Commands { pages, watch, until: Moment::from_ms(plan.to.ms() - 1), shown: 0 };
    replay.play(window)?;
    replay.count_open_calls()?;
    let mut report = replay.report;
    report.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Played {
        folder: replay.folder,
        readers: fresh.readers,
        names: replay.names,
        first_seq,
        report,
        record_changes: replay.record_changes,
    })
}

impl Replay {
    /// Plays the commands, and what falls due before each at its own moment; then what falls due up to the end.
    fn play(&mut self, mut commands: Commands<'_>) -> Result<(), BacktestError> {
        let mut place = Place::first(&mut commands)?;
        while !self.stretch(&mut commands, &mut place)? {}
        Ok(self.engine.keep()?)
    }

    /// Plays a stretch; `true`: nothing is left. It is played without marks, and once more with them when something
    /// of it must be undone. Both come to the same.
    fn stretch(&mut self, commands: &mut Commands<'_>, place: &mut Place) -> Result<bool, BacktestError> {
        if self.pace.marked > 0 {
            self.pace.marked -= 1;
            return self.steps(commands, place);
        }
        self.opened.clear();
        self.new_rows.clear();
        let (counted, record_changes) = (self.report.counted(), self.record_changes);
        let before = Before { now: self.clock.now(), place: place.clone(), counted, record_changes };
        let stretch = self.engine.begin_stretch()?;
        match self.steps(commands, place) {
            Ok(is_over) => {
                self.engine.end_stretch()?;
                self.pace = Pace { steps: (2 * self.pace.steps).min(STRETCH_STEPS_MAX), ..Pace::default() };
                Ok(is_over)
            }
            Err(BacktestError::Desk(DeskError::Store(StoreError::Unmarked))) => {
                self.engine.undo_stretch(stretch)?;
                self.go_back_to(&before);
                *place = before.place;
                self.pace.steps = STRETCH_STEPS_MIN;
                self.pace.marked = self.pace.marked_next;
                self.pace.marked_next = (2 * self.pace.marked_next + 1).min(MARKED_MAX);
                self.steps(commands, place)
            }
            Err(error) => Err(error),
        }
    }

    fn go_back_to(&mut self, before: &Before) {
        self.clock.go_back(before.now);
        self.report.go_back_to(before.counted);
        self.record_changes = before.record_changes;
        for ticket in self.opened.drain(..) {
            self.names.remove(&ticket);
        }
        for row in self.new_rows.drain(..) {
            self.rows.remove(&row);
        }
    }

    fn steps(&mut self, commands: &mut Commands<'_>, place: &mut Place) -> Result<bool, BacktestError> {
        for step in 0..self.pace.steps {
            if step % STEPS_BETWEEN_LOOKS == 0 {
                commands.watch.look()?;
                self.check_disk(commands.watch)?;
            }
            let limit = place.told().map_or(commands.until, |told| told.at);
            if let Some(due) = store::due::ready(self.engine.tx(), limit, 1)?.pop() {
                self.clock.set(due.run_at);
                self.play_due(due.id)?;
                continue;
            }
            self.clock.set(limit);
            let Some(told) = place.told() else { return Ok(true) };
            self.take(told)?;
            place.go_on(commands)?;
        }
        Ok(false)
    }

    fn play_due(&mut self, due: DueId) -> Result<(), BacktestError> {
        match self.engine.run(Request::new(Actor::Clock, Command::PlayDue { due })) {
            Ok(_) => self.report.due_played += 1,
            // A row that cannot be played must not come again and again.
            Err(DeskError::Refused(_)) => {
                self.engine.aside(move |tx| Ok(store::due::take(tx, due).map(drop)?))?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn check_disk(&self, watch: &Watch) -> Result<(), BacktestError> {
        let database = database_path(self.folder.path());
        let log = database.with_file_name(format!("{}-wal", store::sqlite::DATABASE_FILE));
        let bytes = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |found| found.len());
        let bytes_max = watch.limits.disk_bytes_max;
        if bytes(&database) + bytes(&log) > bytes_max {
            return Err(BacktestError::DiskFull { bytes_max });
        }
        Ok(())
    }

    fn take(&mut self, told: &Told) -> Result<(), BacktestError> {
        let Told { at, occurred_at, ticket, .. } = *told;
        let (actor, name) = (told.actor.clone(), told.name.clone());
        let own = Own { at, occurred_at, actor, ticket, name };
        // The other run needs it too.
        match told.what.clone() {
            What::Nothing => Ok(()),
            What::OfRecords => {
                self.record_changes += 1;
                Ok(())
            }
            What::Change { command, things } => {
                match renamed(self.engine.tx(), &self.names, command, &things)? {
                    Ok(command) => self.carry_out(&own, command).map(drop),
                    Err(why) => self.lose(&own, why),
                }
            }
            What::Decision { command, client, handler } if client == self.client => {
                match decision_like(self.engine.tx(), command, client, &handler)? {
                    Some(command) => self.carry_out(&own, command).map(drop),
                    None => Ok(()),
                }
            }
            What::Decision { .. } => Ok(()),
            What::Opening { command, number } => {
                match renamed(self.engine.tx(), &Names::new(), command, &[])? {
                    Ok(command) => self.open(&own, command, number),
                    Err(why) => self.lose(&own, why),
                }
            }
            What::Imported { import, number } => self.open_imported(&own, *import, number),
            What::ImportedRow(import) => self.follow_import(&own, *import),
            What::Answer { answered, job } => self.answer(&own, *answered, job.as_ref()),
            What::Dead { end, job } => self.die(&own, end, &job),
        }
    }

    fn carry_out(&mut self, own: &Own, command: Command) -> Result<Option<Done>, BacktestError> {
        let mut request = Request::new(own.actor.clone(), command);
        request.occurred_at = Some(own.occurred_at).filter(|at| *at != own.at);
        match self.engine.run(request) {
            Ok(done) => {
                self.report.applied += 1;
                Ok(Some(done))
            }
            Err(DeskError::Refused(refusal)) => {
                let said = Some(refusal.to_string());
                self.report.not_applied.add(own.lost(LostWhy::Refused, said));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn lose(&mut self, own: &Own, why: LostWhy) -> Result<(), BacktestError> {
        self.report.unknown.add(own.lost(why, None));
        Ok(())
    }

    /// Opens a ticket under the number that it had.
    fn open(&mut self, own: &Own, command: Command, number: i64) -> Result<(), BacktestError> {
        let client = self.client;
        self.engine.aside(move |tx| Ok(store::journal::set_last_number(tx, client, number - 1)?))?;
        let done = self.carry_out(own, command)?;
        if let (Some(live), Some(ticket)) = (own.ticket, done.and_then(|done| done.ticket))
            && self.names.insert(live, ticket).is_none()
        {
            self.opened.push(live);
        }
        Ok(())
    }

    /// A foreign ticket comes as if it had been asked of this desk; where the foreign desk put it is dropped.
    fn open_imported(&mut self, own: &Own, import: ImportTicket, number: i64) -> Result<(), BacktestError> {
        let ImportTicket { client, external, row, opened_at, subject, state, tags } = import;
        if own.ticket.is_some_and(|ticket| !self.names.contains_key(&ticket)) {
            let open = OpenTicket {
                client,
                subject,
                description: String::new(),
                sub_client: None,
                site: None,
                asset: None,
                contact: None,
                category: state.category.clone(),
                impact: state.impact,
                urgency: state.urgency,
                channel: None,
                fields: state.fields.clone(),
                tags,
                attachments: Vec::new(),
            };
            let opening = Own { occurred_at: opened_at.min(own.at), ..own.clone() };
            self.open(&opening, Command::OpenTicket(Box::new(open)), number)?;
            let Some(ticket) = own.ticket.and_then(|ticket| self.names.get(&ticket).copied()) else {
                return Ok(());
            };
            let source = store::external::import_source(client);
            let name = external.clone();
            self.engine.aside(move |tx| Ok(store::external::link(tx, &source, &name, ticket)?))?;
        }
        self.follow_import(own, ImportUpdate { client, external, row, state })
    }

    fn follow_import(&mut self, own: &Own, mut import: ImportUpdate) -> Result<(), BacktestError> {
        if own.ticket.is_some_and(|ticket| !self.names.contains_key(&ticket)) {
            return self.lose(own, LostWhy::NoTicket);
        }
        let row = self.hashing.hash_one(&import.row);
        if !self.rows.insert(row) {
            // Imported once more: the desk knew it.
            self.report.applied += 1;
            return Ok(());
        }
        (import.state.queue, import.state.assigned_to) = (None, None);
        match self.carry_out(own, Command::ImportUpdate(Box::new(import)))? {
            Some(_) => self.new_rows.push(row),
            None => drop(self.rows.remove(&row)),
        }
        Ok(())
    }

    /// Gives a recorded answer to the call that asks the same; the call says which handler takes it.
    fn answer(
        &mut self,
        own: &Own,
        answered: PluginAnswered,
        job: Option<&Job>,
    ) -> Result<(), BacktestError> {
        let PluginAnswered { ticket, job: asked, plugin, function, then, context, answer } = answered;
        if asked.is_none() {
            let Some(ticket) = self.names.get(&ticket).copied() else {
                return self.lose(own, LostWhy::NoTicket);
            };
            let said = PluginAnswered { ticket, job: None, plugin, function, then, context, answer };
            return self.carry_out(own, Command::PluginAnswered(Box::new(said))).map(drop);
        }
        let Some(job) = job else { return self.lose(own, LostWhy::NotKept) };
        match call_like(self.engine.tx(), &self.names, job)? {
            Ok(call) => self.answer_call(own, call, answer),
            Err(why) => self.lose(own, why),
        }
    }

    fn answer_call(&mut self, own: &Own, call: JobId, answer: PluginAnswer) -> Result<(), BacktestError> {
        self.lease(call)?;
        let call = store::job::get(self.engine.tx(), call)?.as_ref().and_then(plugin_call);
        let Some(call) = call else { return self.lose(own, LostWhy::Unreadable) };
        let answered = PluginAnswered {
            ticket: call.ticket,
            job: Some(call.job),
            plugin: call.plugin,
            function: call.function,
            then: call.then,
            context: call.context,
            answer,
        };
        self.carry_out(own, Command::PluginAnswered(Box::new(answered))).map(drop)
    }

    fn die(&mut self, own: &Own, end: JobEnd, job: &Job) -> Result<(), BacktestError> {
        // Work of no ticket, or of another client.
        if job.client != Some(self.client) || job.ticket.is_none() {
            return Ok(());
        }
        match call_like(self.engine.tx(), &self.names, job)? {
            Ok(job) => {
                self.lease(job)?;
                self.carry_out(own, Command::EndJob { job, end }).map(drop)
            }
            Err(why) => self.lose(own, why),
        }
    }

    fn lease(&mut self, job: JobId) -> Result<(), BacktestError> {
        Ok(self.engine.aside(move |tx| Ok(store::job::lease(tx, job, tx.now() + LEASE).map(drop)?))?)
    }

    /// Calls that got no answer in the past: what they would have led to is unknown.
    fn count_open_calls(&mut self) -> Result<(), BacktestError> {
        let live: BTreeMap<TicketId, TicketId> = self.names.iter().map(|(live, own)| (*own, *live)).collect();
        for id in store::job::ready(self.engine.tx(), self.clock.now(), OPEN_CALLS_MAX)? {
            let call = store::job::get(self.engine.tx(), id)?;
            let Some(call) = call.filter(|job| plugin_call(job).is_some()) else { continue };
            self.report.unknown.add(Lost {
                at: call.created_at,
                ticket: call.ticket.and_then(|own| live.get(&own).copied()),
                command: "call_plugin".to_owned(),
                why: LostWhy::Unanswered,
                said: None,
            });
        }
        Ok(())
    }
}

/// Whose command it was, when, and about which live ticket.
#[derive(Clone)]
struct Own {
    at: Moment,
    occurred_at: Moment,
    actor: Actor,
    ticket: Option<TicketId>,
    name: String,
}

impl Own {
    fn lost(&self, why: LostWhy, said: Option<String>) -> Lost {
        Lost { at: self.at, ticket: self.ticket, command: self.name.clone(), why, said }
    }
}
