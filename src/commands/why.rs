//! Why a script did what it did: its run is played again over the facts that it had read.

use std::sync::Arc;

use serde_json::Value;

use super::desk::Desk;
use super::done::DeskError;
use super::programs::sources;
use crate::domain::calendar::HolidayLists;
use crate::domain::pack::Pack;
use crate::domain::{Refusal, RunId, TicketId};
use crate::store::pack::PackVersion;
use crate::store::run::{Run, RunState};
use crate::store::{self, StoreError};
use crate::workflow::limits::EXPLAIN_WALL_MAX;
use crate::workflow::{
    Fact, FactKey, NO_TICKET, Occasion, Program, Sources, compile, explain, on_script_stack, outcomes,
    why_not,
};
pub use crate::workflow::{RunOutcome, WhyNot};

/// The trace of a run, as `workflow::Trace` writes it. Blocks for as long as the script takes to be compiled and
/// played under the debugger.
///
/// # Errors
/// The run is unknown, was never played (quarantine), or its version does not compile any more.
pub fn explain_run(desk: &Desk, id: RunId) -> Result<Value, DeskError> {
    let recorded = read(desk, id)?;
    on_script_stack(|| {
        let (program, occasion, facts) = recorded.compiled()?;
        let trace = explain(&program, recorded.ticket(), &occasion, facts);
        serde_json::to_value(trace).map_err(|error| unreadable("trace", &error))
    })
}

/// What the run's handler could have asked for.
///
/// # Errors
/// As of [`explain_run`].
pub fn outcomes_of(desk: &Desk, id: RunId) -> Result<Vec<RunOutcome>, DeskError> {
    let recorded = read(desk, id)?;
    on_script_stack(|| {
        let (program, occasion, _) = recorded.compiled()?;
        Ok(outcomes(&program, &occasion))
    })
}

/// What stopped the run on the way to an outcome, which is named by its key.
///
/// # Errors
/// As of [`explain_run`]; the handler has no such outcome.
pub fn why_not_of(desk: &Desk, id: RunId, key: &str) -> Result<WhyNot, DeskError> {
    let recorded = read(desk, id)?;
    on_script_stack(|| {
        let (program, occasion, facts) = recorded.compiled()?;
        let answer = why_not(&program, recorded.ticket(), &occasion, facts, key);
        answer.ok_or_else(|| Refusal::not_found("outcome", key).into())
    })
}

/// A run and the version that it was a run of.
struct Recorded {
    run: Run,
    version: PackVersion,
    holidays: HolidayLists,
}

fn read(desk: &Desk, id: RunId) -> Result<Recorded, DeskError> {
    let (run, version, lists) = desk.readers().read(|db| {
        let run = store::run::get(db, id)?.ok_or_else(|| Refusal::not_found("run", id))?;
        let version = store::pack::get(db, run.pack_version)?;
        let lists = match &version {
            Some(version) => store::holiday_list::of_version(db, &version.holidays)?,
            None => HolidayLists::new(),
        };
        Ok::<_, DeskError>((run, version, lists))
    })?;
    let version = version.filter(|_| run.state != RunState::Quarantined);
    if run.state != RunState::Quarantined && run.is_forgotten() {
        let why = "what it had read is not kept for so long (the setting retention.run_days)";
        return Err(Refusal::CannotExplain { why }.into());
    }
    let version =
        version.ok_or(Refusal::CannotExplain { why: "it was never played, or its version is gone" })?;
    Ok(Recorded { run, version, holidays: lists })
}

/// A version that can be played again, the occasion of the run, and what it read.
type Compiled = (Program, Occasion, Vec<(FactKey, Fact)>);

impl Recorded {
    fn ticket(&self) -> TicketId {
        self.run.ticket.unwrap_or(NO_TICKET)
    }

    fn compiled(&self) -> Result<Compiled, DeskError> {
        let gone = |why: &'static str| Refusal::CannotExplain { why };
        let Recorded { run, version, holidays } = self;
        let pack =
            Pack::parse(&version.settings).map_err(|_| gone("its settings cannot be read any more"))?;
        let texts = Sources { holidays: holidays.clone(), ..sources(&version.script, &version.modules) };
        let program = compile(texts, Arc::new(pack), EXPLAIN_WALL_MAX)
            .map_err(|_| gone("its version does not compile any more"))?;
        Ok((program, recorded("occasion", &run.occasion)?, recorded("facts", &run.facts)?))
    }
}

fn recorded<T: serde::de::DeserializeOwned>(what: &'static str, text: &str) -> Result<T, DeskError> {
    serde_json::from_str(text).map_err(|error| unreadable(what, &error))
}

fn unreadable(what: &'static str, error: &serde_json::Error) -> DeskError {
    DeskError::Store(StoreError::Unreadable { what, why: error.to_string() })
}
