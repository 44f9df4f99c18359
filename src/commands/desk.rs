//! The desk: hands changes to the writer thread, which takes all that wait, commits once and answers each.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, oneshot};

use super::batch::{Engine, Item, Reply, Request};
use super::done::{DeskError, Done};
use super::publication;
use super::script_counts::ScriptCounts;
use super::turns::Turns;
use crate::clock::Clock;
use crate::domain::hold::CEILING_PER_HOUR;
use crate::domain::{ClientId, Moment, PersonId, Refusal, TicketId};
use crate::store::{Readers, Tx};
use crate::workflow::limits::SCRIPT_STACK_BYTES;

/// Most changes that share one commit.
const BATCH_MAX: usize = 256;
/// After a batch of several, the writer waits so long for as many again.
const GATHER_TIME_MAX: Duration = Duration::from_micros(300);
/// Most changes that wait for the writer; more are turned away.
const WAITING_MAX: usize = 4_096;
/// Changes that a slow listener may fall behind before it must read anew.
const CHANGES_KEPT_MAX: usize = 4_096;

/// What changed while it was checked is checked again so often.
const PUBLICATION_TRIES_MAX: u32 = 3;

/// Something changed; who listens reads again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of the event; 0 for changes that are none of a ticket.
    pub seq: i64,
    pub client: Option<ClientId>,
    pub ticket: Option<TicketId>,
    /// The event's name, or `client`, `person`, `roster`, `place`, `pack`, `shadow`, `plugin`, `job`, `due`,
    /// `notification`.
    pub kind: &'static str,
    /// Whom a notification is for.
    pub person: Option<PersonId>,
}

struct Waiting {
    work: Job,
    answer: oneshot::Sender<Reply>,
}

type SentAside = Box<dyn FnOnce(&Tx) -> Result<(), DeskError> + Send>;

enum Job {
    Request(Box<Request>),
    Aside(SentAside),
}

/// A handle on the one writer of a data folder.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    sender: Mutex<Option<SyncSender<Waiting>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    changes: broadcast::Sender<Arc<Change>>,
    readers: Readers,
    clock: Clock,
    waiting: Arc<AtomicUsize>,
    /// Turns of those who publish.
    checks: Turns,
    script_counts: ScriptCounts,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("folder", &self.inner.readers.folder()).finish_non_exhaustive()
    }
}

/// What the operator lets clients' scripts do.
#[derive(Debug, Clone, Copy)]
pub struct ScriptLimits {
    /// How long one run may take.
    pub wall_max: Duration,
    /// Messages that the script of any client may send in an hour, whatever its pack says.
    pub messages_per_hour_max: u32,
}

impl From<Duration> for ScriptLimits {
    fn from(wall_max: Duration) -> Self {
        Self { wall_max, messages_per_hour_max: CEILING_PER_HOUR }
    }
}

impl Desk {
    /// Starts the writer thread. Scripts run on it, so it has the stack that they need.
    pub fn start(
        tx: Tx,
        readers: Readers,
        clock: Clock,
        limits: impl Into<ScriptLimits>,
    ) -> std::io::Result<Desk> {
        let ScriptLimits { wall_max, messages_per_hour_max } = limits.into();
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let (changes, _) = broadcast::channel(CHANGES_KEPT_MAX);
        let publisher = changes.clone();
        let writer_clock = clock.clone();
        let waiting = Arc::new(AtomicUsize::new(0));
        let taken = Arc::clone(&waiting);
        let script_counts = ScriptCounts::default();
        let counted = script_counts.clone();
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .stack_size(SCRIPT_STACK_BYTES)
            .spawn(move || {
                let queue = Queue { receiver, waiting: taken };
                let engine = Engine::new(tx, writer_clock, wall_max).counting_in(counted);
                let engine = engine.sending_at_most(messages_per_hour_max);
                write_until_closed(engine, &queue, &publisher);
            })?;
        let sender = Mutex::new(Some(sender));
        Ok(Desk {
            inner: Arc::new(Inner {
                checks: Turns::new(),
                script_counts,
                sender,
                thread: Mutex::new(Some(thread)),
                changes,
                readers,
                clock,
                waiting,
            }),
        })
    }

    /// Carries out a change and waits until it is on the disk. Not from asynchronous code.
    pub fn run(&self, request: Request) -> Result<Done, DeskError> {
        if publication::client_of(&request.command).is_none() {
            return self.run_prepared(request);
        }
        if let Some(done) = publication::admit(self.readers(), &request)? {
            return Ok(done);
        }
        let mut tries = 1;
        loop {
            let checked = Some(publication::prepare(self.readers(), &request));
            match self.run_prepared(Request { checked, ..request.clone() }) {
                Err(DeskError::Refused(Refusal::ChangedMeanwhile)) if tries < PUBLICATION_TRIES_MAX => {
                    tries += 1
                }
                answer => return answer,
            }
        }
    }

    fn run_prepared(&self, request: Request) -> Result<Done, DeskError> {
        let answer = self.hand_in(Job::Request(Box::new(request)))?;
        answer.blocking_recv().map_err(|_| DeskError::Stopped)?
    }

    /// Carries out changes in their order, many with one commit; each is answered. Waits for room instead of
    /// being turned away. Not from asynchronous code.
    pub fn run_all(&self, requests: Vec<Request>) -> Vec<Result<Done, DeskError>> {
        let hand_in = |request| -> Result<oneshot::Receiver<Reply>, DeskError> {
            let (answer, receiver) = oneshot::channel();
            let sender = self.inner.sender.lock().map_err(|_| DeskError::Stopped)?.clone();
            let work = Job::Request(Box::new(request));
            self.inner.waiting.fetch_add(1, Ordering::Relaxed);
            let sent = sender.ok_or(DeskError::Stopped)?.send(Waiting { work, answer });
            sent.map(|()| receiver).map_err(|_| DeskError::Stopped)
        };
        let answers: Vec<_> = requests.into_iter().map(hand_in).collect();
        let wait =
            |answer: oneshot::Receiver<Reply>| answer.blocking_recv().map_err(|_| DeskError::Stopped)?;
        answers.into_iter().map(|answer| answer.and_then(wait)).collect()
    }

    /// Carries out a change and waits until it is on the disk.
    pub async fn submit(&self, request: Request) -> Result<Done, DeskError> {
        let Some(client) = publication::client_of(&request.command) else {
            return self.submit_prepared(request).await;
        };
        let (readers, asked) = (self.readers().clone(), request.clone());
        let admitted = tokio::task::spawn_blocking(move || publication::admit(&readers, &asked));
        if let Some(done) = admitted.await.map_err(|_| DeskError::Panicked)?? {
            return Ok(done);
        }
        let mut tries = 1;
        loop {
            let prepared = self.prepared(client, request.clone()).await?;
            match self.submit_prepared(prepared).await {
                Err(DeskError::Refused(Refusal::ChangedMeanwhile)) if tries < PUBLICATION_TRIES_MAX => {
                    tries += 1
                }
                answer => return answer,
            }
        }
    }

    /// What the request publishes is checked where blocking is allowed.
    async fn prepared(&self, client: ClientId, request: Request) -> Result<Request, DeskError> {
        let turn = self.inner.checks.take(client).await?;
        let readers = self.readers().clone();
        let prepared = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let checked = Some(publication::prepare(&readers, &request));
            Request { checked, ..request }
        });
        prepared.await.map_err(|_| DeskError::Panicked)
    }

    async fn submit_prepared(&self, request: Request) -> Result<Done, DeskError> {
        let answer = self.hand_in(Job::Request(Box::new(request)))?;
        answer.await.map_err(|_| DeskError::Stopped)?
    }

    /// Writes what is no command (a session, a draft, a lease) in the writer's next batch.
    pub async fn aside<T, F>(&self, work: F) -> Result<T, DeskError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, DeskError> + Send + 'static,
    {
        let (slot, answer) = self.hand_in_aside(work)?;
        answer.await.map_err(|_| DeskError::Stopped)??;
        slot.await.map_err(|_| DeskError::Stopped)
    }

    /// As `aside`, not from asynchronous code.
    pub fn aside_now<T, F>(&self, work: F) -> Result<T, DeskError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, DeskError> + Send + 'static,
    {
        let (slot, answer) = self.hand_in_aside(work)?;
        answer.blocking_recv().map_err(|_| DeskError::Stopped)??;
        slot.blocking_recv().map_err(|_| DeskError::Stopped)
    }

    #[must_use]
    pub fn readers(&self) -> &Readers {
        &self.inner.readers
    }

    /// What clients' scripts did since the start.
    #[must_use]
    pub fn script_counts(&self) -> &ScriptCounts {
        &self.inner.script_counts
    }

    /// Every change from now on, as it is committed.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Change>> {
        self.inner.changes.subscribe()
    }

    /// Changes that wait for the writer: work that can wait itself looks here first.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.inner.waiting.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn now(&self) -> Moment {
        self.inner.clock.now()
    }

    /// Takes no more changes, finishes those that wait and ends the writer.
    pub fn stop(&self) {
        if let Ok(mut sender) = self.inner.sender.lock() {
            sender.take();
        }
        let thread = self.inner.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer thread had panicked");
        }
    }

    /// Whether the writer is there.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let thread = self.inner.thread.lock();
        thread.is_ok_and(|thread| thread.as_ref().is_some_and(|thread| !thread.is_finished()))
    }

    fn hand_in(&self, work: Job) -> Result<oneshot::Receiver<Reply>, DeskError> {
        let (answer, receiver) = oneshot::channel();
        let sender = self.inner.sender.lock().map_err(|_| DeskError::Stopped)?;
        let sender = sender.as_ref().ok_or(DeskError::Stopped)?;
        self.inner.waiting.fetch_add(1, Ordering::Relaxed);
        let refused = match sender.try_send(Waiting { work, answer }) {
            Ok(()) => return Ok(receiver),
            Err(TrySendError::Full(_)) => DeskError::Overloaded,
            Err(TrySendError::Disconnected(_)) => DeskError::Stopped,
        };
        self.inner.waiting.fetch_sub(1, Ordering::Relaxed);
        Err(refused)
    }

    fn hand_in_aside<T, F>(
        &self,
        work: F,
    ) -> Result<(oneshot::Receiver<T>, oneshot::Receiver<Reply>), DeskError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, DeskError> + Send + 'static,
    {
        let (fill, slot) = oneshot::channel();
        let job = Job::Aside(Box::new(move |tx| {
            // Who asked may have gone; the work stands all the same.
            let _ = fill.send(work(tx)?);
            Ok(())
        }));
        Ok((slot, self.hand_in(job)?))
    }
}

/// The writer's end of what waits.
struct Queue {
    receiver: Receiver<Waiting>,
    waiting: Arc<AtomicUsize>,
}

/// What shares one commit, and who waits for its answers.
#[derive(Default)]
struct Batch {
    items: Vec<Item>,
    answers: Vec<oneshot::Sender<Reply>>,
}

impl Queue {
    /// Everything that waits, to the cap, as soon as something does; nothing when nobody can hand in any more.
    /// Callers of a batch come back together: after a batch of several, as many are waited for, a moment at most.
    fn gather(&self, last_count: usize) -> Option<Batch> {
        let mut batch = Batch::default();
        let mut next = self.receiver.recv().ok();
        let end = Instant::now() + GATHER_TIME_MAX;
        while let Some(waiting) = next {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            batch.answers.push(waiting.answer);
            batch.items.push(match waiting.work {
                Job::Request(request) => Item::Request(request),
                Job::Aside(work) => Item::Aside(work),
            });
            next = match batch.items.len() {
                BATCH_MAX.. => None,
                count if count < last_count => {
                    self.receiver.recv_timeout(end.saturating_duration_since(Instant::now())).ok()
                }
                _ => self.receiver.try_recv().ok(),
            };
        }
        Some(batch).filter(|batch| !batch.items.is_empty())
    }
}

fn write_until_closed(mut engine: Engine, queue: &Queue, publisher: &broadcast::Sender<Arc<Change>>) {
    let mut count = 0;
    while let Some(Batch { items, answers }) = queue.gather(count) {
        count = items.len();
        // Commands are caught one by one; a defect around them must not end the desk either.
        let applied = std::panic::catch_unwind(AssertUnwindSafe(|| engine.apply_batch(items)));
        let (replies, changes) = applied.unwrap_or_else(|_| engine.recover(count));
        for (answer, reply) in answers.into_iter().zip(replies) {
            // The caller may have gone; what was done stands.
            let _ = answer.send(reply);
        }
        for change in changes {
            // Nobody may be listening.
            let _ = publisher.send(Arc::new(change));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::done::Idempotency;
    use super::super::once;
    use super::*;
    use crate::domain::command::{Command, PackSource, PutClient};
    use crate::domain::id::IdMaker;
    use crate::domain::person::Actor;
    use crate::domain::version_move::Reach;
    use crate::domain::{Key, Language};
    use crate::store::Durability;

    fn engine(folder: &std::path::Path) -> Engine {
        let clock = Clock::Machine;
        let (tx, _) = crate::store::open(folder, Durability::None, IdMaker::new(1), clock.now()).unwrap();
        Engine::new(tx, clock, Duration::from_secs(5))
    }

    /// A change that cannot be refused.
    fn put(key: &str) -> Item {
        let put = PutClient {
            id: None,
            version: None,
            key: Key::new(key).unwrap(),
            name: key.to_owned(),
            prefix: key.to_uppercase(),
            colour: "#2f6f4f".to_owned(),
            language: Language::En,
            is_active: true,
        };
        Item::Request(Box::new(Request::new(Actor::Operator, Command::PutClient(Box::new(put)))))
    }

    #[test]
    fn a_command_that_panics_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = engine(folder.path());
        let defect = Item::Aside(Box::new(|tx| {
            crate::store::setting::put(tx, "half", "done")?;
            panic!("a defect");
        }));
        let (replies, changes) = engine.apply_batch(vec![put("first"), defect, put("second")]);
        assert!(matches!(replies[..], [Ok(_), Err(DeskError::Panicked), Ok(_)]), "{replies:?}");
        assert_eq!(changes.len(), 2);
        let clients = crate::store::client::all(engine.tx()).unwrap();
        assert_eq!(clients.len(), 2);
        assert_eq!(crate::store::setting::get(engine.tx(), "half").unwrap(), None, "nothing half done");
    }

    #[test]
    fn a_file_that_cannot_be_placed_takes_no_other_change_with_it() {
        use super::super::personal::{FileLabel, record_upload};
        use crate::store::files::Files;
        let folder = tempfile::tempdir().unwrap();
        let mut engine = engine(folder.path());
        let mut writer = Files::open(folder.path()).unwrap().writer().unwrap();
        writer.write(b"a photo").unwrap();
        let received = writer.seal().unwrap();
        let shelf = folder.path().join("files").join(&received.stored().sha256[..2]);
        std::fs::remove_dir(shelf).unwrap();
        let label = FileLabel::new("photo.png", "image/png").unwrap();
        let upload = Item::Aside(Box::new(move |tx| {
            crate::store::setting::put(tx, "half", "done")?;
            record_upload(tx, PersonId(9), received, label).map(drop)
        }));
        let (replies, changes) = engine.apply_batch(vec![put("first"), upload, put("second")]);
        assert!(matches!(replies[..], [Ok(_), Err(DeskError::File(_)), Ok(_)]), "{replies:?}");
        assert_eq!(changes.len(), 2);
        assert_eq!(crate::store::client::all(engine.tx()).unwrap().len(), 2);
        assert_eq!(crate::store::setting::get(engine.tx(), "half").unwrap(), None, "nothing half done");
    }

    #[tokio::test]
    async fn who_may_not_publish_or_has_published_waits_for_no_turn() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::Machine;
        let (tx, readers) =
            crate::store::open(folder.path(), Durability::None, IdMaker::new(1), clock.now()).unwrap();
        let desk = Desk::start(tx, readers, clock, Duration::from_secs(5)).unwrap();
        let client = ClientId(1);
        let command = Command::PublishPack {
            client,
            source: PackSource::Draft,
            message: String::new(),
            reach: Reach::NewTickets,
        };
        let idempotency = Idempotency { key: "again".to_owned(), request_sha256: "same".to_owned() };
        let kept = idempotency.clone();
        let done = Done { version: Some(7), ..Done::default() };
        desk.aside(move |tx| once::remember(tx, &Actor::Operator, &kept, &done)).await.unwrap();

        let _busy = desk.inner.checks.take(client).await.unwrap();
        let stranger = Actor::Person { person: PersonId(9) };
        let refused = desk.submit(Request::new(stranger, command.clone())).await;
        assert!(
            matches!(&refused, Err(DeskError::Refused(refusal)) if refusal.code() == "forbidden"),
            "{refused:?}"
        );
        let again =
            Request { idempotency: Some(idempotency), ..Request::new(Actor::Operator, command.clone()) };
        let again = desk.submit(again).await.unwrap();
        assert_eq!((again.version, again.is_repeat), (Some(7), true));
        // Who may and is the first waits: at most one of a client.
        let first = tokio::spawn({
            let (desk, request) = (desk.clone(), Request::new(Actor::Operator, command.clone()));
            async move { desk.submit(request).await }
        });
        let second = Request::new(Actor::Operator, command);
        let answers = tokio::select! {
            answer = first => answer.unwrap(),
            answer = desk.submit(second) => answer,
        };
        assert!(matches!(answers, Err(DeskError::ChecksAreBusy)), "{answers:?}");
        desk.stop();
    }
}
