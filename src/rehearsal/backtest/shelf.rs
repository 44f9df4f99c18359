//! Back-tests that are under way or done, one for each client, in memory. A restart forgets them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use utoipa::ToSchema;

use super::earlier::{BacktestRun, Tried};
use super::progress::{Progress, Stand};
use super::report::BacktestReport;
use super::run::{Outcome, run};
use super::{BacktestError, Plan};
use crate::domain::{ClientId, Moment};
use crate::store::Readers;

/// Back-tests at once on a desk: each keeps two cores busy.
pub const AT_ONCE_MAX: usize = 1;
/// Results that are kept; the oldest goes when another one comes.
pub const KEPT_MAX: usize = 8;
/// How long a result is kept.
pub const KEPT_FOR: Duration = Duration::from_secs(12 * 60 * 60);
/// Earlier back-tests of a client that are remembered in one line each.
pub const EARLIER_MAX: usize = 12;

/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<Mutex<BTreeMap<ClientId, Standing>>>);

#[derive(Debug)]
struct Standing {
    from: Moment,
    to: Moment,
    started_at: Moment,
    tried: Tried,
    progress: Progress,
    ended: Option<Ended>,
    /// Newest first.
    earlier: Vec<BacktestRun>,
}

#[derive(Debug)]
struct Ended {
    at: Instant,
    result: Result<Arc<Outcome>, BacktestError>,
}

/// Why none was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStarted {
    #[error("a back-test of this client is running; wait for its end, or cancel it")]
    RunsAlready,
    #[error("a back-test of another client is running; try again when it has ended")]
    OthersRun,
    #[error("no thread could be started for it; try again shortly")]
    NoThread,
    #[error("what is published could not be read; try again shortly")]
    Unreadable,
}

/// The client's last back-test.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BacktestPage {
    pub state: BacktestState,
    pub from: Moment,
    /// The first instant after the window.
    pub to: Moment,
    pub started_at: Moment,
    pub tried: Tried,
    /// How far it is.
    pub stand: Stand,
    /// Why it failed, with a sentence for people; `null` otherwise.
    pub failure: Option<String>,
    /// The result without its tickets, which are a list of their own.
    pub report: Option<BacktestReport>,
    /// Those before it, newest first; what they found is forgotten but for one line.
    pub earlier: Vec<BacktestRun>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BacktestState {
    Running,
    Done,
    Cancelled,
    Failed,
}

impl Standing {
    fn outcome(&self) -> Option<&Arc<Outcome>> {
        self.ended.as_ref()?.result.as_ref().ok()
    }

    fn line(&self) -> BacktestRun {
        let (state, failure) = match self.ended.as_ref().map(|ended| &ended.result) {
            None => (BacktestState::Running, None),
            Some(Ok(_)) => (BacktestState::Done, None),
            Some(Err(BacktestError::Cancelled)) => (BacktestState::Cancelled, None),
            Some(Err(error)) => (BacktestState::Failed, Some(error.to_string())),
        };
        let report = self.outcome().map(|outcome| &outcome.report);
        BacktestRun {
            state,
            from: self.from,
            to: self.to,
            started_at: self.started_at,
            tried: self.tried.clone(),
            failure,
            differing: report.map(|report| report.totals.tickets),
            script_errors: report.map(|report| report.draft.script_errors),
        }
    }
}

impl Shelf {
    /// Starts one on a thread of its own. Of what the client's last one found one line is kept.
    pub fn start(&self, readers: &Readers, plan: Plan, now: Moment) -> Result<(), NotStarted> {
        let progress = Progress::default();
        let client = plan.client;
        let tried = Tried::by(readers, &plan).map_err(|_| NotStarted::Unreadable)?;
        let mut standing = Standing {
            from: plan.from,
            to: plan.to,
            started_at: now,
            tried,
            progress: progress.clone(),
            ended: None,
            earlier: Vec::new(),
        };
        let mut all = self.lock();
        if all.get(&client).is_some_and(|own| own.ended.is_none()) {
            return Err(NotStarted::RunsAlready);
        }
        if all.values().filter(|one| one.ended.is_none()).count() >= AT_ONCE_MAX {
            return Err(NotStarted::OthersRun);
        }
        let (shelf, readers) = (self.clone(), readers.clone());
        let work = move || {
            let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                run(&readers, &plan, now, &progress)
            }));
            let result = caught
                .unwrap_or_else(|_| Err(BacktestError::Desk(crate::commands::DeskError::Panicked)))
                .map(Arc::new);
            if let Some(own) = shelf.lock().get_mut(&client) {
                own.ended = Some(Ended { at: Instant::now(), result });
            }
        };
        thread::Builder::new().name("backtest".to_owned()).spawn(work).map_err(|_| NotStarted::NoThread)?;
        if let Some(last) = all.remove(&client) {
            standing.earlier = std::iter::once(last.line()).chain(last.earlier).take(EARLIER_MAX).collect();
        }
        all.insert(client, standing);
        make_room(&mut all);
        Ok(())
    }

    /// Nothing: there was none, or it is forgotten.
    #[must_use]
    pub fn page(&self, client: ClientId) -> Option<BacktestPage> {
        let mut all = self.lock();
        make_room(&mut all);
        all.get(&client).map(|own| {
            let BacktestRun { state, from, to, started_at, tried, failure, .. } = own.line();
            BacktestPage {
                state,
                from,
                to,
                started_at,
                tried,
                stand: own.progress.stand(),
                failure,
                report: own.outcome().map(|outcome| outcome.report.without_tickets()),
                earlier: own.earlier.clone(),
            }
        })
    }

    /// The client's result, when it has one.
    #[must_use]
    pub fn outcome(&self, client: ClientId) -> Option<Arc<Outcome>> {
        let mut all = self.lock();
        make_room(&mut all);
        all.get(&client)?.outcome().map(Arc::clone)
    }

    /// Ends the client's back-test, if one runs.
    pub fn cancel(&self, client: ClientId) {
        if let Some(own) = self.lock().get(&client) {
            own.progress.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ClientId, Standing>> {
        // Nothing in here is left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what is old, and the oldest of too many.
fn make_room(all: &mut BTreeMap<ClientId, Standing>) {
    all.retain(|_, one| one.ended.as_ref().is_none_or(|ended| ended.at.elapsed() < KEPT_FOR));
    while all.values().filter(|one| one.ended.is_some()).count() > KEPT_MAX {
        let ended = all.iter().filter_map(|(client, one)| Some((one.ended.as_ref()?.at, *client)));
        match ended.min() {
            Some((_, client)) => all.remove(&client),
            None => break,
        };
    }
}
