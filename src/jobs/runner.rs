//! The one runner: sleeps until something is due or a commit wakes it, plays due rows, leases and runs jobs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

use super::back_off::{ATTEMPTS_MAX, Random, pause};
use super::breaker::Breakers;
use super::call_plugin;
use super::clean_up::{self, CLEAN_UP_EVERY};
use super::counters::{Counters, count};
use super::hooks;
use super::play_due::{self, CATCH_UP_PAUSE, POSTPONE};
use super::poll_plugin;
use super::queue::{self, Busy, DUE_BATCH_MAX, LEASE, Lane};
use super::tell_event::{self, EVENT_TOLD_WITHIN};
use super::tell_refusal;
use crate::commands::{
    self, CALL_PLUGIN, Change, Desk, DeskError, Done, POLL_PLUGIN, Request, TELL_EVENT, TELL_REFUSAL,
};
use crate::config::Retention;
use crate::domain::command::{Command, JobEnd};
use crate::domain::person::Actor;
use crate::domain::plugin::HookReceiver;
use crate::domain::{DueId, JobId, Moment, Span};
use crate::plugin_host::PluginHost;
use crate::secrets::Keys;
use crate::store::due::Due;
use crate::store::files::Files;
use crate::store::job::Job;
use crate::store::{Db, StoreError};

/// The runner looks round at most this often, however fast commits follow one another.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// While something is scheduled, the longest sleep: a machine that was suspended, or whose clock was set, must
/// not make it late for ever. With nothing scheduled there is no limit.
const SLEEP_MAX: Duration = Duration::from_secs(15 * 60);
/// After the database failed to answer.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(2);
/// Expired leases that are put back in one transaction.
const EXPIRED_MAX: usize = 500;
/// How often an attempt's end is handed in when the desk cannot take it; then its lease runs out.
const HAND_IN_TRIES_MAX: u32 = 5;
/// A poll that failed is tried again within this, unless the other side asked for more.
const POLL_PAUSE_MAX: Span = Span::minutes(5);
/// At the end, attempts that are under way get so long; what is not done runs again after its lease.
const STOP_MAX: Duration = Duration::from_secs(5);

/// What jobs work with beside the desk.
#[derive(Clone)]
pub struct Outside {
    pub host: PluginHost,
    pub files: Files,
    pub keys: Keys,
}

/// How the runner is set up.
#[derive(Clone)]
pub struct Settings {
    /// Jobs that run at once.
    pub at_once: usize,
    /// Calls of one plugin for one client that run at once.
    pub at_once_per_plugin: usize,
    pub retention: Retention,
    /// For the jitter of pauses.
    pub random: Random,
    /// Where people reach the desk, for links that plugins are told.
    pub base_url: Option<String>,
}

/// The running runner.
pub struct Runner {
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    counters: Arc<Counters>,
    hooks: HookReceiver,
    task: JoinHandle<()>,
}

/// What every piece of work here is given.
pub(super) struct Shared {
    pub desk: Desk,
    pub outside: Outside,
    pub settings: Settings,
    pub counters: Arc<Counters>,
    pub breakers: Breakers,
    /// Makes the runner look round.
    pub wake: Arc<Notify>,
}

/// How an attempt ended.
pub(super) enum Outcome {
    /// With a command that ends the job in its own transaction.
    Answer(Box<Request>),
    /// Once more, not before the pause that the other side asked for.
    Retry {
        error: String,
        not_before: Option<Duration>,
    },
    Dead {
        error: String,
    },
    /// It was not tried.
    Postponed {
        at: Moment,
        why: String,
    },
    /// Nobody wants it any more.
    Dropped {
        why: String,
    },
    /// Together with what it brought.
    Ended,
    /// What it brought could not be stored; it runs again when its lease ends.
    Lost {
        error: DeskError,
    },
}

/// Starts the runner as a task of this runtime.
#[must_use]
pub fn start(desk: Desk, outside: Outside, settings: Settings) -> Runner {
    let (wake, counters) = (Arc::new(Notify::new()), Arc::new(Counters::default()));
    let (stop, stopped) = watch::channel(false);
    let changes = desk.subscribe();
    let shared = Arc::new(Shared {
        desk,
        outside,
        settings,
        counters: Arc::clone(&counters),
        breakers: Breakers::default(),
        wake: Arc::clone(&wake),
    });
    let hooks = hooks::receiver(Arc::clone(&shared));
    let state = State {
        shared,
        changes,
        wake: Arc::clone(&wake),
        stopped,
        attempts: JoinSet::new(),
        lanes: HashMap::new(),
        postponed: HashMap::new(),
        due_not_before: None,
        cleaning: None,
        cleaned_at: None,
    };
    Runner { wake, stop, counters, hooks, task: tokio::spawn(state.run()) }
}

impl Runner {
    /// Looks round now: after a virtual clock was moved.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Takes requests from outside to plugins, for the door.
    #[must_use]
    pub fn hooks(&self) -> HookReceiver {
        self.hooks.clone()
    }

    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Takes no more jobs, gives those under way a little time, and ends.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the job runner had panicked");
        }
    }
}

impl Shared {
    /// Reads on a thread that may wait.
    pub async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Db) -> Result<T, StoreError> + Send + 'static,
    {
        let readers = self.desk.readers().clone();
        let answer = tokio::task::spawn_blocking(move || readers.read(read)).await;
        answer.unwrap_or_else(|error| Err(StoreError::Disk(format!("a reader broke off: {error}"))))
    }
}

struct State {
    shared: Arc<Shared>,
    changes: broadcast::Receiver<Arc<Change>>,
    wake: Arc<Notify>,
    stopped: watch::Receiver<bool>,
    attempts: JoinSet<()>,
    lanes: HashMap<Id, (JobId, Lane)>,
    postponed: HashMap<DueId, Instant>,
    due_not_before: Option<Instant>,
    cleaning: Option<JoinHandle<()>>,
    cleaned_at: Option<Instant>,
}

/// What comes next.
enum Next {
    /// There may be more to do at once.
    Again,
    At(Option<Instant>),
    Stop,
}

enum Woken {
    ToLook,
    ByAttempt(Result<(Id, ()), JoinError>),
    ToStop,
}

impl State {
    async fn run(mut self) {
        loop {
            let looked_at = Instant::now();
            let next = match self.turn().await {
                Ok(next) => next,
                Err(DeskError::Stopped) => Next::Stop,
                Err(error) => {
                    tracing::error!(%error, "the job runner cannot read or write; trying again shortly");
                    Next::At(Some(looked_at + PAUSE_AFTER_ERROR))
                }
            };
            let next = match next {
                Next::Again if *self.stopped.borrow() => Next::Stop,
                Next::Again => continue,
                Next::At(at) => self.sleep(at, looked_at).await,
                Next::Stop => Next::Stop,
            };
            if matches!(next, Next::Stop) {
                return self.finish().await;
            }
        }
    }

    /// Looks round once and does what there is to do.
    async fn turn(&mut self) -> Result<Next, DeskError> {
        count(&self.shared.counters.wakes, 1);
        self.clean_up_if_its_time_has_come();
        let now = self.shared.desk.now();
        let busy = self.busy();
        let plan = self.shared.read(move |db| queue::plan(db, now, &busy)).await?;
        let (next_at, has_expired) = (plan.next_at, plan.has_expired);
        if has_expired {
            self.shared.desk.aside(|tx| Ok(commands::release_expired(tx, EXPIRED_MAX)?)).await?;
        }
        let has_leased = !plan.jobs.is_empty() && self.lease(plan.jobs).await?;
        let (has_played, due_at) = self.play(plan.due).await;
        if has_expired || has_leased || has_played {
            return Ok(Next::Again);
        }
        let scheduled = next_at.map(|at| self.instant(at));
        let postponed = self.postponed.values().copied().min();
        Ok(Next::At([scheduled, postponed, due_at].into_iter().flatten().min()))
    }

    fn busy(&mut self) -> Busy {
        let now = Instant::now();
        self.postponed.retain(|_, until| *until > now);
        let settings = &self.shared.settings;
        let mut lanes = HashMap::new();
        for (_, lane) in self.lanes.values() {
            *lanes.entry(lane.clone()).or_default() += 1;
        }
        Busy {
            free: settings.at_once.saturating_sub(self.attempts.len()),
            lanes,
            lane_max: settings.at_once_per_plugin,
            postponed: self.postponed.keys().copied().collect(),
        }
    }

    /// Whether rows were played; else when the next may be.
    async fn play(&mut self, due: Vec<Due>) -> (bool, Option<Instant>) {
        if due.is_empty() {
            return (false, None);
        }
        let now = Instant::now();
        if let Some(at) = self.due_not_before.filter(|at| *at > now) {
            return (false, Some(at));
        }
        let is_backlog = due.len() == DUE_BATCH_MAX;
        let failed = play_due::play(&self.shared, due).await;
        self.postponed.extend(failed.into_iter().map(|id| (id, now + POSTPONE)));
        self.due_not_before = is_backlog.then(|| now + CATCH_UP_PAUSE);
        (true, None)
    }

    async fn lease(&mut self, jobs: Vec<JobId>) -> Result<bool, DeskError> {
        let leased = self.shared.desk.aside(move |tx| Ok(commands::lease_these(tx, LEASE, &jobs)?)).await?;
        let has_leased = !leased.is_empty();
        for job in leased {
            let (id, lane) = (job.id, Lane::of(&job));
            let shared = Arc::clone(&self.shared);
            let task = self.attempts.spawn(async move { attempt(&shared, job).await });
            self.lanes.insert(task.id(), (id, lane));
        }
        Ok(has_leased)
    }

    fn instant(&self, at: Moment) -> Instant {
        let ms = (at - self.shared.desk.now()).ms().max(0).unsigned_abs();
        Instant::now() + Duration::from_millis(ms).min(SLEEP_MAX)
    }

    /// Until `at`, for ever without one, or until something happens.
    async fn sleep(&mut self, at: Option<Instant>, looked_at: Instant) -> Next {
        match self.woken(at).await {
            Woken::ToStop => return Next::Stop,
            Woken::ByAttempt(ended) => self.attempt_ended(ended).await,
            Woken::ToLook => {}
        }
        tokio::time::sleep_until(looked_at + LOOK_EVERY).await;
        // What is committed by now will be seen by the next look.
        self.changes = self.changes.resubscribe();
        Next::Again
    }

    async fn woken(&mut self, at: Option<Instant>) -> Woken {
        let State { stopped, attempts, wake, changes, .. } = self;
        let time = async {
            match at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(time);
        loop {
            tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => return Woken::ToStop,
                Some(ended) = attempts.join_next_with_id() => return Woken::ByAttempt(ended),
                () = wake.notified() => return Woken::ToLook,
                () = &mut time => return Woken::ToLook,
                change = changes.recv() => match change {
                    Ok(change) if change.seq == 0 && !matches!(change.kind, "job" | "due") => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return Woken::ToLook,
                    Err(RecvError::Closed) => return Woken::ToStop,
                },
            }
        }
    }

    async fn attempt_ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let task = ended.as_ref().map_or_else(JoinError::id, |(task, ())| *task);
        let Some((job, _)) = self.lanes.remove(&task) else { return };
        if let Err(error) = ended {
            tracing::error!(job = job.0, %error, "an attempt at a job broke off");
            let end = JobEnd::Dead { error: format!("the attempt broke off inside Naryad: {error}") };
            end_job(&self.shared, job, end).await;
        }
    }

    fn clean_up_if_its_time_has_come(&mut self) {
        let is_running = self.cleaning.as_ref().is_some_and(|task| !task.is_finished());
        let is_early = self.cleaned_at.is_some_and(|at| at.elapsed() < CLEAN_UP_EVERY);
        if is_running || is_early {
            return;
        }
        self.cleaned_at = Some(Instant::now());
        let shared = Arc::clone(&self.shared);
        self.cleaning = Some(tokio::spawn(async move {
            let Shared { desk, outside, settings, counters, .. } = &*shared;
            match clean_up::clean_up(desk, &outside.files, &settings.retention).await {
                Ok(removed) => count(&counters.cleaned, removed),
                Err(DeskError::Stopped) => {}
                Err(error) => tracing::error!(%error, "clean-up broke off; the next one goes on"),
            }
        }));
    }

    async fn finish(mut self) {
        if let Some(cleaning) = self.cleaning.take() {
            cleaning.abort();
        }
        let all = async { while self.attempts.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_MAX, all).await.is_err() {
            tracing::warn!(
                jobs = self.attempts.len(),
                "some jobs were cut off; they run again when their leases end"
            );
            self.attempts.shutdown().await;
        }
    }
}

/// One attempt at a leased job, with its end.
async fn attempt(shared: &Shared, job: Job) {
    count(&shared.counters.attempts, 1);
    let outcome = match job.kind.as_str() {
        // Only leases that ran out lead here: the job takes its worker down each time.
        CALL_PLUGIN | TELL_REFUSAL if job.attempts > ATTEMPTS_MAX => {
            Outcome::Dead { error: format!("{ATTEMPTS_MAX} attempts were cut off") }
        }
        CALL_PLUGIN => call_plugin::attempt(shared, &job).await,
        TELL_EVENT => tell_event::attempt(shared, &job).await,
        TELL_REFUSAL => tell_refusal::attempt(shared, &job).await,
        POLL_PLUGIN => poll_plugin::attempt(shared, &job).await,
        kind => Outcome::Dead { error: format!("this version knows no job of kind `{kind}`") },
    };
    match outcome {
        Outcome::Answer(request) => match hand_in(shared, &request).await {
            Ok(_) => count(&shared.counters.done, 1),
            Err(DeskError::Refused(refusal)) => {
                let error = format!("what the job brought was refused: {refusal}");
                end_job(shared, job.id, JobEnd::Dead { error }).await;
            }
            Err(error) => lost(&job, &error),
        },
        Outcome::Ended => count(&shared.counters.done, 1),
        Outcome::Lost { error } => lost(&job, &error),
        Outcome::Retry { error, .. } if is_last(shared, &job) => {
            let error = format!("given up after {} attempts: {error}", job.attempts);
            end_job(shared, job.id, JobEnd::Dead { error }).await;
        }
        Outcome::Retry { error, not_before } => {
            let wait = pause(job.attempts, not_before, (shared.settings.random)());
            let is_poll = job.kind == *POLL_PLUGIN && not_before.is_none();
            let wait = if is_poll { wait.min(POLL_PAUSE_MAX) } else { wait };
            let at = shared.desk.now() + wait;
            end_job(shared, job.id, JobEnd::Retry { at, error }).await;
        }
        Outcome::Dead { error } => end_job(shared, job.id, JobEnd::Dead { error }).await,
        Outcome::Postponed { why, .. } if is_too_old(shared, &job) => {
            let error = format!("given up after {} days: {why}", EVENT_TOLD_WITHIN.ms() / Span::days(1).ms());
            end_job(shared, job.id, JobEnd::Dead { error }).await;
        }
        Outcome::Postponed { at, why } => end_job(shared, job.id, JobEnd::Postponed { at, why }).await,
        Outcome::Dropped { why } => end_job(shared, job.id, JobEnd::Dropped { why }).await,
    }
}

fn lost(job: &Job, error: &DeskError) {
    tracing::error!(job = job.id.0, %error,
        "a job's answer could not be stored; it runs again when its lease ends");
}

/// Whether the job is given up now. The other side of a mirror may be away for days; a poll goes on for ever.
fn is_last(shared: &Shared, job: &Job) -> bool {
    match job.kind.as_str() {
        POLL_PLUGIN => false,
        TELL_EVENT => is_too_old(shared, job),
        _ => job.attempts >= ATTEMPTS_MAX,
    }
}

fn is_too_old(shared: &Shared, job: &Job) -> bool {
    job.kind != *POLL_PLUGIN && shared.desk.now() - job.created_at > EVENT_TOLD_WITHIN
}

async fn end_job(shared: &Shared, job: JobId, end: JobEnd) {
    let is_retry = matches!(end, JobEnd::Retry { .. } | JobEnd::Postponed { .. });
    let request = Request::new(Actor::Clock, Command::EndJob { job, end });
    match hand_in(shared, &request).await {
        Ok(_) if is_retry => count(&shared.counters.retried, 1),
        Ok(_) => count(&shared.counters.died, 1),
        Err(error) => {
            tracing::error!(job = job.0, %error, "a job's end could not be stored; its lease will run out");
        }
    }
}

/// Hands in the end of an attempt, a few times when the desk cannot take it just now.
pub(super) async fn hand_in(shared: &Shared, request: &Request) -> Result<Done, DeskError> {
    let mut tries = 1;
    loop {
        match shared.desk.submit(request.clone()).await {
            Ok(done) => return Ok(done),
            Err(error @ (DeskError::Refused(_) | DeskError::Stopped)) => return Err(error),
            Err(error) if tries == HAND_IN_TRIES_MAX => return Err(error),
            Err(_) => tokio::time::sleep(PAUSE_AFTER_ERROR * tries).await,
        }
        tries += 1;
    }
}
