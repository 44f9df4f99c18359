//! One running child, seen from the parent: its pipes, the calls under way, its death.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, BufReader, BufWriter};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::package::PackageHash;
use super::protocol::{self, CHILD_FRAME_BYTES_MAX, Frame, ToChild, ToParent};
use super::sandbox::{Confinement, ENVIRONMENT};

/// The hidden command of the binary that `child::run` answers.
const COMMAND: &str = "plugin-host";
const START_SECONDS_MAX: u64 = 10;
/// Messages of one call that wait for the parent; then the child waits.
const MESSAGES_WAITING_MAX: usize = 64;
const FRAMES_WAITING_MAX: usize = 64;
const STDERR_BYTES_MAX: usize = 4 << 10;
const LAST_WORDS_WAIT: Duration = Duration::from_secs(2);

/// A child that has started and confined itself.
pub struct Process {
    pub pid: u32,
    pub confinement: Confinement,
    frames: mpsc::Sender<Vec<u8>>,
    shared: Arc<Shared>,
}

/// Why and when a child ended.
#[derive(Clone, Debug)]
pub struct Death {
    pub why: String,
    pub at: Instant,
    pub lived: Duration,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    kill: Notify,
}

#[derive(Default)]
struct State {
    calls: HashMap<u64, mpsc::Sender<Frame<ToParent>>>,
    loads: HashMap<PackageHash, oneshot::Sender<Option<String>>>,
    ready: Option<oneshot::Sender<Confinement>>,
    last_words: String,
    /// It was asked to end.
    dismissed: bool,
    death: Option<Death>,
}

/// The messages of one call; when it is dropped, nobody listens to that call any more.
pub struct Conversation {
    call: u64,
    messages: mpsc::Receiver<Frame<ToParent>>,
    shared: Arc<Shared>,
}

impl Conversation {
    /// The next message; `None` when the child has ended.
    pub async fn next(&mut self) -> Option<Frame<ToParent>> {
        self.messages.recv().await
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.shared.state.lock().expect("no holder panics").calls.remove(&self.call);
    }
}

impl Process {
    /// Starts a child and waits until it is ready.
    ///
    /// # Errors
    /// A sentence: it could not be started, or ended at once.
    pub async fn start(executable: &Path, publisher: &str) -> Result<Process, String> {
        let mut child = Command::new(executable)
            .arg(COMMAND)
            .env_clear()
            .envs(ENVIRONMENT)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("its process cannot be started: {error}"))?;
        let pid = child.id().unwrap_or_default();
        let stdin = child.stdin.take().expect("stdin was asked for");
        let stdout = child.stdout.take().expect("stdout was asked for");
        let stderr = child.stderr.take().expect("stderr was asked for");
        let shared = Arc::new(Shared::default());
        let (ready, is_ready) = oneshot::channel();
        shared.state.lock().expect("no holder panics").ready = Some(ready);
        let (frames, queue) = mpsc::channel(FRAMES_WAITING_MAX);
        tokio::spawn(write_frames(stdin, queue));
        let words = tokio::spawn(keep_last_words(stderr, Arc::clone(&shared), publisher.to_owned()));
        tokio::spawn(read_frames(child, stdout, words, Arc::clone(&shared)));
        let limit = Duration::from_secs(START_SECONDS_MAX);
        match tokio::time::timeout(limit, is_ready).await {
            Ok(Ok(confinement)) => {
                tracing::debug!(publisher, pid, ?confinement, "a plugin process has started");
                Ok(Process { pid, confinement, frames, shared })
            }
            Ok(Err(_)) => Err(shared.death().map_or_else(|| "it ended".to_owned(), |death| death.why)),
            Err(_) => {
                shared.kill.notify_one();
                Err(format!("its process was not ready within {START_SECONDS_MAX} seconds"))
            }
        }
    }

    pub fn death(&self) -> Option<Death> {
        self.shared.death()
    }

    /// Ends the child at once.
    pub fn kill(&self) {
        self.shared.state.lock().expect("no holder panics").dismissed = true;
        self.shared.kill.notify_one();
    }

    /// Hands compiled code over; the answer is the child's complaint, if it has one.
    ///
    /// # Errors
    /// When the child has ended.
    pub async fn load(&self, package: &PackageHash, code: &[u8]) -> Result<Option<String>, String> {
        let (sender, answer) = oneshot::channel();
        self.shared.state.lock().expect("no holder panics").loads.insert(package.clone(), sender);
        self.send(&ToChild::Load { package: package.clone() }, code).await?;
        answer.await.map_err(|_| self.last_words())
    }

    /// Opens the conversation that `call` will have.
    pub fn converse(&self, call: u64) -> Conversation {
        let (sender, messages) = mpsc::channel(MESSAGES_WAITING_MAX);
        let mut state = self.shared.state.lock().expect("no holder panics");
        // In a dead child's list nobody would ever close it.
        if state.death.is_none() {
            state.calls.insert(call, sender);
        }
        Conversation { call, messages, shared: Arc::clone(&self.shared) }
    }

    /// # Errors
    /// When the child has ended.
    pub async fn send(&self, header: &ToChild, body: &[u8]) -> Result<(), String> {
        self.frames.send(protocol::encode(header, body)).await.map_err(|_| self.last_words())
    }

    /// Why it ended, as far as is known.
    pub fn last_words(&self) -> String {
        self.death().map_or_else(|| "its pipe is closed".to_owned(), |death| death.why)
    }
}

impl Shared {
    fn death(&self) -> Option<Death> {
        self.state.lock().expect("no holder panics").death.clone()
    }

    /// Passes a message on.
    ///
    /// # Errors
    /// When it makes no sense, which only a child that was taken over would say.
    async fn take(&self, frame: Frame<ToParent>) -> Result<(), String> {
        let call = match &frame.header {
            ToParent::Ready { confinement } => {
                let ready = self.state.lock().expect("no holder panics").ready.take();
                return match ready {
                    Some(ready) => ready.send(*confinement).map_err(|_| "nobody waits for it".to_owned()),
                    None => Err("it said twice that it is ready".to_owned()),
                };
            }
            ToParent::Loaded { package, problem } => {
                let load = self.state.lock().expect("no holder panics").loads.remove(package);
                let load = load.ok_or("it loaded what it was not given")?;
                // Whoever wanted to call it may have given up.
                let _ = load.send(problem.clone());
                return Ok(());
            }
            ToParent::Log { call, .. } | ToParent::Http { call, .. } | ToParent::Done { call, .. } => *call,
        };
        let sender = self.state.lock().expect("no holder panics").calls.get(&call).cloned();
        if let Some(sender) = sender {
            // The caller may have given up meanwhile.
            let _ = sender.send(frame).await;
        }
        Ok(())
    }
}

async fn read_frames(mut child: Child, stdout: ChildStdout, words: JoinHandle<()>, shared: Arc<Shared>) {
    let started = Instant::now();
    let mut stdout = BufReader::new(stdout);
    let broken = tokio::select! {
        () = shared.kill.notified() => None,
        broken = async {
            loop {
                match protocol::read(&mut stdout, CHILD_FRAME_BYTES_MAX).await {
                    Err(error) if error.kind() == std::io::ErrorKind::InvalidData => break Some(error.to_string()),
                    Err(_) => break None,
                    Ok(frame) => if let Err(why) = shared.take(frame).await { break Some(why) },
                }
            }
        } => broken,
    };
    let closed = shared.state.lock().expect("no holder panics").dismissed;
    if broken.is_some() || closed {
        // It may have ended on its own meanwhile.
        let _ = child.start_kill();
    }
    let status = child.wait().await;
    // The pipe closes with the process; the pause is for a system that is slow to say so.
    let _ = tokio::time::timeout(LAST_WORDS_WAIT, words).await;
    let mut state = shared.state.lock().expect("no holder panics");
    let ended = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    let why = match broken {
        Some(broken) => format!("it broke the protocol ({broken}) and was ended"),
        None if state.last_words.is_empty() => ended,
        None => format!("{ended}; {}", state.last_words),
    };
    state.death = Some(Death { why, at: Instant::now(), lived: started.elapsed() });
    // Whoever waits sees a closed channel.
    state.calls.clear();
    state.loads.clear();
    state.ready = None;
}

async fn write_frames(stdin: ChildStdin, mut queue: mpsc::Receiver<Vec<u8>>) {
    let mut stdin = BufWriter::new(stdin);
    while let Some(frame) = queue.recv().await {
        if protocol::write(&mut stdin, &frame).await.is_err() {
            return;
        }
    }
}

/// The end of what it says on stderr, without letting it fill our log.
async fn keep_last_words(mut stderr: ChildStderr, shared: Arc<Shared>, publisher: String) {
    let mut chunk = [0; STDERR_BYTES_MAX];
    // One line may come in pieces, of which the last is often no more than its end.
    let mut tail = Vec::new();
    while let Ok(length @ 1..) = stderr.read(&mut chunk).await {
        tail.extend_from_slice(&chunk[..length]);
        tail.drain(..tail.len().saturating_sub(STDERR_BYTES_MAX));
        let words = String::from_utf8_lossy(&tail).trim().to_owned();
        tracing::debug!(publisher, words, "a plugin process wrote to stderr");
        shared.state.lock().expect("no holder panics").last_words = words;
    }
}
