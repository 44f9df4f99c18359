//! The client's script: its handlers run after the events that wake them, each run all or none.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::apply;
use super::coverage;
use super::done::DeskError;
use super::live_facts::LiveFacts;
use super::once::json;
use super::record::record;
use super::script_counts::{Counted, RunTally, Tally};
use super::shadow;
use super::work::{Before, Cause, Wake, Work};
use crate::domain::command::Command;
use crate::domain::event::{Collected, Event};
use crate::domain::person::Actor;
use crate::domain::{ClientId, Key, PackVersionId, RunId, TicketId};
use crate::store::run::{Run, RunState};
use crate::store::{self, Savepoint};
use crate::workflow::{self, Asked, NO_TICKET, Occasion, Program};

/// Most script runs that one outside command sets off.
pub const CASCADE_RUNS_MAX: usize = 32;
/// Failures in a row that put a client's script in quarantine.
pub const FAILURES_IN_ROW_MAX: i64 = 5;
/// Slow runs in a row that do so too.
pub const SLOW_IN_ROW_MAX: i64 = 20;
/// A run that takes longer than this part of its limit is slow.
const SLOW_PART: u32 = 2;
/// A schedule's run may touch many tickets: so many times what one outside command sets off.
const SCHEDULE_CASCADES_MAX: u32 = 8;
/// The runs of one cascade together may take this many times the limit of one.
const CASCADE_WALL_RUNS: u32 = 4;

/// The JSON text of a run that read or asked for nothing.
const EMPTY_LIST: &str = "[]";

/// What a run asked for and what became of it.
#[derive(Debug, Serialize)]
struct Asking<'a> {
    line: usize,
    command: &'a Command,
    became: String,
}

/// How a run ended.
pub(super) struct Ending {
    state: RunState,
    failure: Option<String>,
    /// JSON text.
    commands: String,
    /// How many it asked for, and how many of these the desk refused.
    asked: u64,
    refused: u64,
}

impl Ending {
    pub(super) fn without_commands(state: RunState, failure: Option<String>) -> Self {
        Self { state, failure, commands: EMPTY_LIST.to_owned(), asked: 0, refused: 0 }
    }
}

impl Work<'_> {
    /// Plays every handler that waits, first in, first out, until none is left.
    pub fn settle(&mut self) -> Result<(), DeskError> {
        while let Some(wake) = self.waiting.pop_front() {
            let wall_max = self.programs.script_wall_max();
            let most = self.cascades_max;
            let is_long = self.script_time > wall_max * (CASCADE_WALL_RUNS * most);
            if self.runs >= CASCADE_RUNS_MAX * most as usize || is_long {
                self.waiting.clear();
                let failure = format!(
                    "the handlers woke one another without end: stopped after {} runs and {:?}",
                    self.runs, self.script_time
                );
                return break_off(self, &wake, failure);
            }
            play(self, &wake)?;
        }
        Ok(())
    }
}

fn play(work: &mut Work<'_>, wake: &Wake) -> Result<(), DeskError> {
    let Some(version) = work.with(wake.ticket, |case| case.ticket.pack_version) else { return Ok(()) };
    let client = work.with(wake.ticket, |case| case.ticket.client);
    let Some(program) = work.programs.program(&work.tx, version)? else {
        return break_off(work, wake, "the published script does not compile with this version".to_owned());
    };
    if !coverage::stands(work, wake)? {
        return Ok(());
    }
    let wanted =
        Wanted { client, ticket: Some(wake.ticket), version, occasion: &wake.occasion, depth: wake.depth };
    if !program.has_handler(&wake.occasion) {
        let beside = shadow::ask(work, &wanted)?;
        shadow::note(work, &wanted, None, beside)?;
        return unheard(work, wake);
    }
    if work.programs.health(&work.tx, client)?.quarantined_at.is_some() {
        return stand_in_quarantine(work, wake, version);
    }
    perform(work, &program, &wanted)
}

/// Plays a handler that is about no single ticket. The runs that it sets off may be as many as the tickets that it
/// asked about need.
pub(super) fn play_for_client(
    work: &mut Work<'_>,
    client: ClientId,
    version: PackVersionId,
    occasion: Occasion,
) -> Result<(), DeskError> {
    let Some(program) = work.programs.program(&work.tx, version)? else { return Ok(()) };
    if work.programs.health(&work.tx, client)?.quarantined_at.is_some() {
        return Ok(());
    }
    let wanted = Wanted { client, ticket: None, version, occasion: &occasion, depth: 0 };
    if !program.has_handler(&occasion) {
        let beside = shadow::ask(work, &wanted)?;
        return shadow::note(work, &wanted, None, beside);
    }
    work.cascades_max = SCHEDULE_CASCADES_MAX;
    perform(work, &program, &wanted)
}

/// Whose handler is to run, and why.
pub(super) struct Wanted<'w> {
    pub client: ClientId,
    pub ticket: Option<TicketId>,
    pub version: PackVersionId,
    pub occasion: &'w Occasion,
    pub depth: i64,
}

/// One run, all or none, and its record.
fn perform(work: &mut Work<'_>, program: &Program, wanted: &Wanted<'_>) -> Result<(), DeskError> {
    work.runs += 1;
    let id: RunId = work.tx.id();
    // An unmarked stretch is undone whole, and nothing goes on from what stood before the run.
    let before = (!work.tx.is_unmarked()).then(|| Before::of(work));
    work.tx.mark(Savepoint::ScriptRun)?;
    let run = decide(work, program, wanted);
    let beside = shadow::ask(work, wanted)?;
    let ending = match &run.asked {
        Ok(asked) => carry_out(work, wanted, id, asked)?,
        Err(failure) => Ending::without_commands(RunState::Failed, Some(failure.to_string())),
    };
    if ending.state == RunState::Failed {
        work.tx.undo_to(Savepoint::ScriptRun)?;
        if let Some(before) = before {
            before.restore(work);
        }
        work.programs.watch.forget();
    } else {
        work.tx.keep(Savepoint::ScriptRun)?;
    }
    note_run(work, wanted, id, &run, ending)?;
    shadow::note(work, wanted, Some((id, &run)), beside)
}

/// Asks the handler, over the facts as they stand in the middle of the command.
pub(super) fn decide(work: &mut Work<'_>, program: &Program, wanted: &Wanted<'_>) -> workflow::Run {
    let run = ask(work, program, wanted);
    work.script_time += run.elapsed;
    run
}

/// As `decide`, by somebody whose time is not the cascade's.
pub(super) fn ask(work: &Work<'_>, program: &Program, wanted: &Wanted<'_>) -> workflow::Run {
    let people = Rc::clone(&work.programs.people);
    let (tx, cases, client) = (Rc::clone(&work.tx), Rc::clone(&work.cases), wanted.client);
    let (pack, calendars) = (Arc::clone(program.pack()), Rc::clone(program.calendars()));
    let facts = Rc::new(LiveFacts { pack, calendars, tx, cases, people, client });
    workflow::decide(program, wanted.ticket.unwrap_or(NO_TICKET), wanted.occasion, facts)
}

/// Puts a run on record and judges it; a failed one leaves its ticket to the default rule.
pub(super) fn note_run(
    work: &mut Work<'_>,
    wanted: &Wanted<'_>,
    id: RunId,
    run: &workflow::Run,
    ending: Ending,
) -> Result<(), DeskError> {
    let (commands, refused) = (ending.asked, ending.refused);
    let tally = RunTally { state: ending.state, commands, refused, elapsed: run.elapsed };
    work.tallies.push(Tally { client: wanted.client, counted: Counted::Run(tally) });
    let is_kept = work.programs.is_traced || ending.state != RunState::Applied;
    let (occasion, facts) = match is_kept {
        true => (json(wanted.occasion)?, json(&run.facts)?),
        false => (String::new(), String::new()),
    };
    let row = Run {
        id,
        client: wanted.client,
        ticket: wanted.ticket,
        pack_version: wanted.version,
        handler: run.handler.clone(),
        occasion,
        facts,
        commands: ending.commands,
        state: ending.state,
        failure: ending.failure,
        operations: i64::try_from(run.operations).unwrap_or(i64::MAX),
        micros: i64::try_from(run.elapsed.as_micros()).unwrap_or(i64::MAX),
        at: work.tx.now(),
    };
    if is_kept {
        store::run::insert(&work.tx, &row)?;
    }
    judge(work, &row, run.elapsed)?;
    match wanted.ticket {
        Some(ticket) if row.state == RunState::Failed => fall_back(work, ticket, id, &row.handler),
        _ => Ok(()),
    }
}

/// What no handler of the script takes up. That nobody suited must not end in silence: the ticket goes to the queue
/// that the pack names for what goes wrong, with an alarm.
fn unheard(work: &mut Work<'_>, wake: &Wake) -> Result<(), DeskError> {
    match wake.occasion {
        Occasion::NotCovered { .. } => return coverage::put_apart(work, wake.ticket),
        Occasion::Rung { .. } => {
            let failure = format!("this version of the script has no function `{}`", wake.occasion.handler());
            return break_off(work, wake, failure);
        }
        Occasion::Unassigned { .. } => {}
        _ => return Ok(()),
    }
    let ticket = work.with(wake.ticket, |case| case.ticket.clone());
    if ticket.is_closed() || ticket.assignee.is_some() {
        return Ok(());
    }
    let to = work.pack_of(wake.ticket)?.on_failure.queue.clone();
    let outside =
        std::mem::replace(&mut work.cause, Cause { actor: Actor::Clock, run: None, handler: None, depth: 0 });
    let collected = Collected::default();
    let queued =
        Event::TicketQueued { from: ticket.queue.clone(), to, reason: None, is_alarm: true, collected };
    let recorded = record(work, wake.ticket, queued);
    work.cause = outside;
    recorded
}

/// Applies what the run asked for, as the script; the first refusal fails the run.
fn carry_out(
    work: &mut Work<'_>,
    wanted: &Wanted<'_>,
    run: RunId,
    asked: &[Asked],
) -> Result<Ending, DeskError> {
    let cause = Cause {
        actor: Actor::Script { client: wanted.client },
        run: Some(run),
        handler: Some(wanted.occasion.handler().to_owned()),
        depth: wanted.depth,
    };
    let outside = std::mem::replace(&mut work.cause, cause);
    work.allowance = None;
    let mut askings = Vec::with_capacity(asked.len());
    let mut failure = None;
    for one in asked {
        let became = match apply::apply(work, one.command.clone()) {
            Ok(_) => "applied".to_owned(),
            Err(DeskError::Refused(refusal)) => {
                failure = Some(format!("line {}: {refusal}", one.line));
                format!("refused: {refusal}")
            }
            Err(error) => return Err(error),
        };
        askings.push(Asking { line: one.line, command: &one.command, became });
        if failure.is_some() {
            break;
        }
    }
    work.cause = outside;
    work.allowance = None;
    let state = if failure.is_some() { RunState::Failed } else { RunState::Applied };
    let is_kept = work.programs.is_traced || state == RunState::Failed;
    let commands = if is_kept { json(&askings)? } else { String::new() };
    let (count, refused) = (asked.len() as u64, u64::from(failure.is_some()));
    Ok(Ending { state, failure, commands, asked: count, refused })
}

/// Counts failures and slowness in a row; too many put the script in quarantine.
fn judge(work: &mut Work<'_>, run: &Run, elapsed: Duration) -> Result<(), DeskError> {
    let mut health = work.programs.health(&work.tx, run.client)?;
    health.failures_in_row = if run.state == RunState::Failed { health.failures_in_row + 1 } else { 0 };
    let is_slow = elapsed > work.programs.script_wall_max() / SLOW_PART;
    health.slow_in_row = if is_slow { health.slow_in_row + 1 } else { 0 };
    if health.failures_in_row >= FAILURES_IN_ROW_MAX || health.slow_in_row >= SLOW_IN_ROW_MAX {
        health.quarantined_at.get_or_insert(work.tx.now());
        work.note_change(Some(run.client), "pack");
    }
    Ok(work.programs.set_health(&work.tx, run.client, health)?)
}

/// The script is in quarantine: the run is on record, the default rule applies.
fn stand_in_quarantine(work: &mut Work<'_>, wake: &Wake, version: PackVersionId) -> Result<(), DeskError> {
    let failure = "the client's script is in quarantine after repeated failures";
    note_unrun(work, wake, version, RunState::Quarantined, failure)
}

/// A handler that could not even be started.
fn break_off(work: &mut Work<'_>, wake: &Wake, failure: String) -> Result<(), DeskError> {
    let Some(version) = work.with(wake.ticket, |case| case.ticket.pack_version) else { return Ok(()) };
    note_unrun(work, wake, version, RunState::Failed, &failure)
}

fn note_unrun(
    work: &mut Work<'_>,
    wake: &Wake,
    version: PackVersionId,
    state: RunState,
    failure: &str,
) -> Result<(), DeskError> {
    let run = Run {
        id: work.tx.id(),
        client: work.with(wake.ticket, |case| case.ticket.client),
        ticket: Some(wake.ticket),
        pack_version: version,
        handler: wake.occasion.handler().to_owned(),
        occasion: json(&wake.occasion)?,
        facts: EMPTY_LIST.to_owned(),
        commands: EMPTY_LIST.to_owned(),
        state,
        failure: Some(failure.to_owned()),
        operations: 0,
        micros: 0,
        at: work.tx.now(),
    };
    store::run::insert(&work.tx, &run)?;
    let (client, elapsed) = (run.client, Duration::ZERO);
    let tally = RunTally { state, commands: 0, refused: 0, elapsed };
    work.tallies.push(Tally { client, counted: Counted::Run(tally) });
    if state == RunState::Failed {
        judge(work, &run, Duration::ZERO)?;
    }
    fall_back(work, wake.ticket, run.id, &run.handler)
}

/// The default rule: the mark, and the queue that the pack names, once for each marked ticket.
fn fall_back(work: &mut Work<'_>, id: TicketId, run: RunId, handler: &str) -> Result<(), DeskError> {
    let outside = work.cause.clone();
    work.cause = Cause { actor: Actor::Clock, run: Some(run), handler: None, depth: 0 };
    let handler = Key::new(handler).unwrap_or_else(|_| Key::new("handler").expect("a key"));
    let was_marked = work.with(id, |case| case.ticket.is_marked);
    let before = work.waiting.len();
    record(work, id, Event::ScriptFailed { run, handler })?;
    let ticket = work.with(id, |case| case.ticket.clone());
    if !was_marked && !ticket.is_closed() {
        let queue = work.pack_of(id)?.on_failure.queue.clone();
        if ticket.queue.as_ref() != Some(&queue) {
            record(
                work,
                id,
                Event::TicketQueued {
                    from: ticket.queue.clone(),
                    to: queue,
                    reason: None,
                    is_alarm: true,
                    collected: Collected::default(),
                },
            )?;
        }
    }
    // The script that has just failed is not asked about the rule that stands in for it.
    work.waiting.truncate(before);
    work.cause = outside;
    Ok(())
}
