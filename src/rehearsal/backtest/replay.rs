//! One run: the window's outside commands at their own times, and between them whatever falls due.

use std::collections::BTreeMap;

use tempfile::TempDir;

use super::counterpart::{Names, Told, What, call_like, decision_like, read, renamed};
use super::journal::Window;
use super::progress::Watch;
use super::report::{Lost, LostWhy, RunReport};
use super::start::Start;
use super::{BacktestError, Draft, Plan};
use crate::clock::VirtualClock;
use crate::commands::{DeskError, Done, Engine, Request};
use crate::domain::command::{
    Command, ImportTicket, ImportUpdate, JobEnd, OpenTicket, PluginAnswer, PluginAnswered,
};
use crate::domain::person::Actor;
use crate::domain::{ClientId, JobId, Moment, Span, TicketId};
use crate::rehearsal::second_desk::plugin_call;
use crate::store::job::Job;
use crate::store::sqlite::database_path;
use crate::store::{self, Readers, StoreError};

/// Commands that are read from the live desk at once.
const COMMANDS_READ: usize = 200;
/// Rows of the durable clock that are played between two looks whether to go on.
const DUE_AT_ONCE: usize = 200;
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
    report: RunReport,
    record_changes: usize,
}

/// Plays the window with the draft, or with the published version.
pub(super) fn play(
    live: &Readers,
    plan: &Plan,
    window: &Window,
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
        report: RunReport::default(),
        record_changes: 0,
    };
    let first_seq = replay.engine.tx().last_seq();
    replay.engine.hold();
    for entries in window.entries.chunks(COMMANDS_READ) {
        watch.look()?;
        replay.check_disk(watch)?;
        let told = live.read::<_, StoreError>(|db| {
            entries.iter().map(|entry| read(db, *entry)).collect::<Result<Vec<_>, _>>()
        })?;
        for told in told.into_iter().flatten() {
            replay.pass_until(told.at, watch)?;
            replay.take(told)?;
        }
        replay.engine.keep()?;
        watch.progress.step(entries.len());
    }
    replay.pass_until(plan.to, watch)?;
    replay.count_open_calls()?;
    replay.engine.keep()?;
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
    /// Plays what falls due up to `until`, earliest first, each row at its own moment.
    fn pass_until(&mut self, until: Moment, watch: &Watch) -> Result<(), BacktestError> {
        let mut played = 0;
        while let Some(at) = store::due::next_at(self.engine.tx())?.filter(|at| *at <= until) {
            self.clock.set(at);
            for due in store::due::ready(self.engine.tx(), at, 1)? {
                match self.engine.run(Request::new(Actor::Clock, Command::PlayDue { due: due.id })) {
                    Ok(_) => self.report.due_played += 1,
                    // A row that cannot be played must not come again and again.
                    Err(DeskError::Refused(_)) => {
                        self.engine.aside(move |tx| Ok(store::due::take(tx, due.id).map(drop)?))?;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            played += 1;
            if played % DUE_AT_ONCE == 0 {
                watch.look()?;
                self.engine.keep()?;
                self.check_disk(watch)?;
            }
        }
        self.clock.set(until);
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

    fn take(&mut self, told: Told) -> Result<(), BacktestError> {
        let Told { at, occurred_at, actor, ticket, name, what } = told;
        let own = Own { at, occurred_at, actor, ticket, name };
        match what {
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
        if let (Some(live), Some(ticket)) = (own.ticket, done.and_then(|done| done.ticket)) {
            self.names.insert(live, ticket);
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
        (import.state.queue, import.state.assigned_to) = (None, None);
        self.carry_out(own, Command::ImportUpdate(Box::new(import))).map(drop)
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
