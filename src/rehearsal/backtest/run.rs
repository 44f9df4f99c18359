//! A whole back-test, on threads of its own.

use std::thread;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use utoipa::ToSchema;

use super::counterpart::Names;
use super::diff::{against_history, compare, fates};
use super::errors::together;
use super::journal::Window;
use super::pages::Pages;
use super::progress::{BacktestPhase, Progress, Watch};
use super::replay::{Played, play};
use super::report::BacktestReport;
use super::start::Start;
use super::{BacktestError, Draft, Plan, WINDOW_MAX};
use crate::clock::{Clock, VirtualClock};
use crate::commands::DeskError;
use crate::domain::{Moment, TicketId};
use crate::store::event::Recorded;
use crate::store::{self, Readers, StoreError};
use crate::views::Views;
use crate::workflow::SCRIPT_STACK_BYTES;

/// One of the two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Published,
    Draft,
}

/// A finished back-test, with both desks as they stood at the end; they go with it.
pub struct Outcome {
    pub report: BacktestReport,
    published: Desk,
    draft: Desk,
}

/// One run's desk at the end of the window.
struct Desk {
    readers: Readers,
    names: Names,
    _folder: TempDir,
}

impl From<Played> for Desk {
    fn from(played: Played) -> Self {
        Self { readers: played.readers, names: played.names, _folder: played.folder }
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outcome").field("totals", &self.report.totals).finish_non_exhaustive()
    }
}

impl Outcome {
    /// The run's desk, to be read like any other, and what it calls the live ticket; nothing when it has none.
    #[must_use]
    pub fn desk(&self, side: Side, ticket: TicketId) -> Option<(&Readers, TicketId)> {
        let desk = match side {
            Side::Published => &self.published,
            Side::Draft => &self.draft,
        };
        desk.names.get(&ticket).map(|own| (&desk.readers, *own))
    }

    /// The run's desk as people look at it, at the window's end.
    #[must_use]
    pub fn views(&self, side: Side, ticket: TicketId) -> Option<(Views, TicketId)> {
        let clock = Clock::Virtual(VirtualClock::at(self.report.to));
        self.desk(side, ticket).map(|(readers, own)| (Views::new(readers.clone(), clock), own))
    }

    /// All that the run has of the live ticket, from its opening; empty when it has none.
    pub fn timeline(&self, side: Side, ticket: TicketId) -> Result<Vec<Recorded>, StoreError> {
        match self.desk(side, ticket) {
            Some((readers, own)) => readers.read(|db| store::event::of_ticket(db, own)),
            None => Ok(Vec::new()),
        }
    }
}

/// Plays the window twice and compares. Blocks until it is done; `progress` says how far it is and cancels it.
/// `now` is the live desk's.
pub fn run(
    readers: &Readers,
    plan: &Plan,
    now: Moment,
    progress: &Progress,
) -> Result<Outcome, BacktestError> {
    check(plan, now)?;
    let watch = Watch::new(progress, plan.limits);
    readers.read(|db| published_and_draft(db, plan))?;
    let window = Window::read(readers, plan, &watch)?;
    let start = thread::scope(|scope| {
        on_stack(scope, || Start::prepare(readers, plan, &window, &watch))?
            .join()
            .map_err(|_| BacktestError::Desk(DeskError::Panicked))?
    })?;
    watch.progress.begin(BacktestPhase::Replaying, 2 * window.entries.len());
    let pages = Pages::new(readers, &window.entries);
    let (published, draft) = thread::scope(|scope| {
        let (pages, start, watch) = (&pages, &start, &watch);
        let one = move |draft: Option<&Draft>| {
            let played = play(plan, pages, start, draft, watch);
            if played.is_err() {
                // The other need not go on.
                watch.progress.cancel();
            }
            played
        };
        let draft = on_stack(scope, move || one(Some(&plan.draft)))?;
        let published = on_stack(scope, move || one(None))?;
        let (draft, published) = (draft.join(), published.join());
        let panicked = |_| BacktestError::Desk(DeskError::Panicked);
        both(published.map_err(panicked)?, draft.map_err(panicked)?)
    })?;
    finish(readers, plan, &window, &start, (published, draft), &watch)
}

fn on_stack<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<thread::ScopedJoinHandle<'scope, T>, BacktestError> {
    let thread = thread::Builder::new().name("backtest".to_owned()).stack_size(SCRIPT_STACK_BYTES);
    thread
        .spawn_scoped(scope, || {
            give_way();
            work()
        })
        .map_err(|error| StoreError::Refused(format!("no thread for a back-test: {error}")).into())
}

/// Whoever works on the desk meanwhile goes before this thread.
#[cfg(target_os = "linux")]
fn give_way() {
    /// Of the processor's time it then has about a tenth of what an ordinary thread has, while one wants it.
    const NICE: libc::c_int = 10;
    // SAFETY: the call takes three numbers; on Linux 0 is the calling thread alone.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}

/// What ended one run tells more than that the other was stopped for it.
fn both(
    published: Result<Played, BacktestError>,
    draft: Result<Played, BacktestError>,
) -> Result<(Played, Played), BacktestError> {
    match (published, draft) {
        (Ok(published), Ok(draft)) => Ok((published, draft)),
        (Err(BacktestError::Cancelled), Err(error)) | (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn check(plan: &Plan, now: Moment) -> Result<(), BacktestError> {
    let (from, to) = (plan.from, plan.to);
    if from >= to {
        return Err(BacktestError::Backwards { from, to });
    }
    if to > now {
        return Err(BacktestError::InTheFuture { to, now });
    }
    if to - from > WINDOW_MAX {
        return Err(BacktestError::TooLong);
    }
    Ok(())
}

/// Whether there is anything to compare, before anything costly.
fn published_and_draft(db: &store::Db, plan: &Plan) -> Result<(), BacktestError> {
    let client = store::client::get(db, plan.client)?.ok_or(BacktestError::NoClient)?;
    client.pack_version.ok_or(BacktestError::NothingPublished)?;
    if matches!(plan.draft, Draft::Saved) && store::pack::draft(db, plan.client)?.is_none() {
        return Err(BacktestError::NoDraft);
    }
    Ok(())
}

fn finish(
    readers: &Readers,
    plan: &Plan,
    window: &Window,
    start: &Start,
    (mut published, mut draft): (Played, Played),
    watch: &Watch,
) -> Result<Outcome, BacktestError> {
    watch.progress.begin(BacktestPhase::Comparing, 2 * published.names.len() + draft.names.len());
    let panicked = |_| BacktestError::Desk(DeskError::Panicked);
    let ((was, was_wrong), (is, is_wrong)) = thread::scope(|scope| {
        let was = on_stack(scope, || fates(&mut published, plan, watch))?;
        let is = on_stack(scope, || fates(&mut draft, plan, watch))?;
        let (was, is) = (was.join().map_err(panicked)?, is.join().map_err(panicked)?);
        Ok::<_, BacktestError>((was?, is?))
    })?;
    let (totals, tickets) = compare(readers, &was, &is)?;
    let history = against_history(readers, window, &was, watch)?;
    let report = BacktestReport {
        client: plan.client,
        from: plan.from,
        to: plan.to,
        commands: window.outside,
        record_changes: published.record_changes,
        tickets_before: start.tickets.len(),
        tickets_opened: published.names.len().max(draft.names.len()) - start.tickets.len(),
        totals,
        tickets,
        published: published.report.clone(),
        draft: draft.report.clone(),
        errors: together(readers, was_wrong, is_wrong)?,
        history,
        took_ms: watch.elapsed_ms(),
    };
    Ok(Outcome { report, published: published.into(), draft: draft.into() })
}
