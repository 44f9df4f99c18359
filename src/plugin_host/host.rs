//! The front of this room: install a package, call a function of it, see what it did.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::clock::Clock;
use crate::domain::{InstallationId, Key};

use super::call::{Order, Outcome};
use super::compile::Cache;
use super::failure::{CallFailure, FailureReason};
use super::grant::{Ceiling, Grant, HostPattern};
use super::http::Gate;
use super::limits::Limits;
use super::manifest::Manifest;
use super::package::{self, Package, PackageError, PackageHash};
use super::protocol::LogLevel;
use super::publisher::Publisher;
use super::sandbox::Confinement;
use super::seam::{Entered, Entry, EntryAnswer, Keeper, NoKeeper, Terms};
use super::tape::Tape;

/// How plugins are run on this desk.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// The absolute path of the binary that plays the child: this one, with `plugin-host` and `plugin-compile`
    /// as its commands.
    pub executable: PathBuf,
    /// Where packages and compiled code are kept; it may be emptied at any time, then packages are installed
    /// again by whoever has their bytes.
    pub cache_dir: PathBuf,
    /// Seals compiled code, so that nobody who can write files can bring code in.
    pub seal_key: [u8; 32],
    /// The operator's ceiling: hosts that plugins may reach at all. `None`: every public host.
    pub allowed_hosts: Option<Vec<HostPattern>>,
    /// Hosts that may be at loopback, private or shared addresses, and over plain http.
    pub private_hosts: Vec<HostPattern>,
    /// The most that a call may use; a manifest can only lower it.
    pub limits: Limits,
    /// The most that any plugin may be granted besides hosts.
    pub ceiling: Ceiling,
    /// Stands between plugins and the network where they are tested.
    pub tape: Option<Arc<dyn Tape>>,
}

/// One plugin set up for one client.
#[derive(Clone)]
pub struct Installation {
    pub id: InstallationId,
    pub client: Key,
    pub package: PackageHash,
    /// The administrator's settings, a JSON object.
    pub configuration: Value,
    /// Values by the names of the manifest; they stay in this process.
    pub secrets: BTreeMap<String, String>,
    pub grant: Grant,
}

/// What to do.
#[derive(Clone, Debug)]
pub struct Call {
    pub function: String,
    pub input: Value,
    /// 1 for the first try.
    pub attempt: u32,
    /// Give up then, waiting for a turn included; the wall limit may end it earlier.
    pub deadline: Instant,
    /// The same for every attempt of one call.
    pub idempotency_key: String,
    /// IANA name of the client's zone.
    pub time_zone: String,
}

/// What a function answered, checked against its schema.
#[derive(Clone, Debug)]
pub struct Answer {
    pub value: Value,
    pub transcript: Transcript,
}

/// What was seen of a call, without secrets.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    pub log: Vec<LogLine>,
    /// It wrote more lines than are kept.
    pub log_is_cut: bool,
    pub requests: Vec<RequestRecord>,
    /// How often it was denied something; each stands in the log too.
    pub denials: usize,
    /// How often it asked Naryad for something, requests included.
    pub wishes: usize,
    /// Processor time of the plugin's own code.
    pub guest_time: Duration,
    pub wall_time: Duration,
    pub memory_peak_bytes: u64,
}

/// One line that the plugin wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub level: LogLevel,
    pub message: String,
}

/// One request that the plugin asked for.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    pub method: String,
    pub url: String,
    /// How it was authenticated and with which secret's name.
    pub authentication: Option<String>,
    /// `status 200`, `denied: ...`, `timed out`, ...
    pub outcome: String,
    pub request_bytes: usize,
    pub response_bytes: usize,
    pub duration: Duration,
}

/// A publisher's child, for `doctor` and tests.
#[derive(Clone, Debug)]
pub struct RunningChild {
    pub publisher: String,
    pub pid: u32,
    pub confinement: Confinement,
}

/// Runs plugins; cheap to clone.
#[derive(Clone)]
pub struct PluginHost {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub executable: PathBuf,
    pub limits: Limits,
    pub ceiling: Ceiling,
    pub cache: Cache,
    pub gate: Gate,
    /// Time stands during a call: answers come from a tape.
    pub taped: bool,
    packages: Mutex<HashMap<PackageHash, Arc<Kept>>>,
    publishers: Mutex<HashMap<Key, Arc<Publisher>>>,
    calls: AtomicU64,
}

/// A package that was read, with its bytes.
pub(super) struct Kept {
    pub package: Package,
    pub wasm: Vec<u8>,
}

impl PluginHost {
    /// Starts nothing yet: children start with the first call.
    #[must_use]
    pub fn new(options: HostOptions) -> PluginHost {
        let inner = Inner {
            cache: Cache::new(options.cache_dir, options.executable.clone(), options.seal_key),
            executable: options.executable,
            limits: options.limits,
            ceiling: options.ceiling,
            taped: options.tape.is_some(),
            gate: Gate::new(options.allowed_hosts, options.private_hosts, options.tape),
            packages: Mutex::default(),
            publishers: Mutex::default(),
            calls: AtomicU64::new(1),
        };
        PluginHost { inner: Arc::new(inner) }
    }

    /// Reads a package, compiles it in a process of its own and keeps both. Installing it again changes nothing.
    ///
    /// # Errors
    /// Why it is not taken; nothing is kept then.
    pub async fn install(&self, wasm: &[u8]) -> Result<Package, PackageError> {
        let package = package::read(wasm)?;
        self.inner.cache.code(&package.hash, wasm).await?;
        self.inner.cache.keep(&package.hash, wasm).await?;
        let kept = Kept { package: package.clone(), wasm: wasm.to_vec() };
        self.inner.packages.lock().expect("no holder panics").insert(package.hash.clone(), Arc::new(kept));
        Ok(package)
    }

    /// A package that was installed here, with its manifest; `None`: it has to be installed again.
    pub async fn package(&self, hash: &PackageHash) -> Option<Package> {
        self.inner.package(hash).await.ok().map(|kept| kept.package.clone())
    }

    /// What an installation may do: declared by the manifest, granted to it, and within the operator's ceiling.
    #[must_use]
    pub fn effective(&self, manifest: &Manifest, installation: &Installation) -> Grant {
        installation.grant.effective(manifest, &installation.configuration, &self.inner.ceiling)
    }

    /// Enters an installation by one of its exports and waits for what comes out. To drop the future is to give up.
    ///
    /// # Errors
    /// Why there is no answer, whether to try again, and what was seen of the call. Nothing was written then.
    pub async fn enter(
        &self,
        installation: &Installation,
        entry: Entry,
        terms: Terms,
        keeper: &Arc<dyn Keeper>,
    ) -> Result<Entered, CallFailure> {
        let started = Instant::now();
        let mut transcript = Transcript::default();
        let order = Order { installation, entry, terms, keeper };
        let result = super::call::run(&self.inner, order, &mut transcript).await;
        transcript.wall_time = started.elapsed();
        match result {
            Ok(Outcome { answer, kv, files }) => Ok(Entered { answer, kv, files, transcript }),
            Err(reason) => Err(CallFailure { reason, transcript }),
        }
    }

    /// Calls a function that keeps nothing and has no files.
    ///
    /// # Errors
    /// As `enter`.
    pub async fn call(&self, installation: &Installation, call: Call) -> Result<Answer, CallFailure> {
        let Call { function, input, attempt, deadline, idempotency_key, time_zone } = call;
        let terms = Terms { attempt, deadline, idempotency_key, time_zone, now: Clock::Machine.now() };
        let entry = Entry::Function { name: function, input };
        let keeper: Arc<dyn Keeper> = Arc::new(NoKeeper);
        let entered = self.enter(installation, entry, terms, &keeper).await?;
        let EntryAnswer::Value(value) = entered.answer else { unreachable!("a function answers a value") };
        Ok(Answer { value, transcript: entered.transcript })
    }

    /// The children that are running.
    pub async fn children(&self) -> Vec<RunningChild> {
        let publishers = self.inner.publishers.lock().expect("no holder panics").clone();
        let mut children = Vec::new();
        for (publisher, state) in publishers {
            if let Some(process) = state.process().await {
                let (pid, confinement) = (process.pid, process.confinement);
                children.push(RunningChild { publisher: publisher.to_string(), pid, confinement });
            }
        }
        children
    }

    /// Ends all children at once; calls that are under way fail as retryable.
    pub async fn shutdown(&self) {
        let publishers = self.inner.publishers.lock().expect("no holder panics").clone();
        for publisher in publishers.values() {
            publisher.stop().await;
        }
    }
}

impl Inner {
    pub async fn package(&self, hash: &PackageHash) -> Result<Arc<Kept>, FailureReason> {
        if let Some(kept) = self.packages.lock().expect("no holder panics").get(hash) {
            return Ok(Arc::clone(kept));
        }
        let missing = || FailureReason::NotInstalled { package: hash.clone() };
        let wasm = self.cache.package(hash).await.ok_or_else(missing)?;
        let kept = Arc::new(Kept { package: package::read(&wasm).map_err(|_| missing())?, wasm });
        self.packages.lock().expect("no holder panics").insert(hash.clone(), Arc::clone(&kept));
        Ok(kept)
    }

    pub fn publisher(&self, name: &Key) -> Arc<Publisher> {
        let mut publishers = self.publishers.lock().expect("no holder panics");
        let new = || Arc::new(Publisher::new(name, self.executable.clone()));
        Arc::clone(publishers.entry(name.clone()).or_insert_with(new))
    }

    pub fn next_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }
}
