//! The child process: loads compiled components and runs calls; asks the parent for everything else.

mod abilities;
mod budget;
pub(super) mod engine;
mod run;
mod wit;

use std::collections::HashMap;
use std::io::{self, Stdout, Write};
use std::sync::{Arc, Mutex, mpsc};

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::package::PackageHash;
use super::protocol::{
    self, CALLS_IN_FLIGHT_MAX, Frame, Linked, PARENT_FRAME_BYTES_MAX, Reply, StartCall, ToChild, ToParent,
};
use super::sandbox::{self, ProcessLimits};
use budget::Ticker;
use engine::Doors;

const LIMITS: ProcessLimits = ProcessLimits { data_bytes: 1 << 30, cpu_seconds: None };
/// The plugin's own stack is a part of it; the rest is for wasmtime and for us.
const WORKER_STACK_BYTES: usize = 2 << 20;

/// What all threads of the child share.
pub(super) struct Child {
    engine: Engine,
    loaded: Mutex<HashMap<PackageHash, Arc<Loaded>>>,
    /// Where a call waits for the reply to its wish.
    waiting: Mutex<HashMap<u64, mpsc::Sender<Granted>>>,
    out: Mutex<Stdout>,
    ticker: Ticker,
}

/// The parent's word on a wish.
pub(super) struct Granted {
    reply: Reply,
    body: Vec<u8>,
}

/// A component with what was linked to it so far.
struct Loaded {
    component: Component,
    doors: Mutex<Vec<(Linked, Linking)>>,
}

/// What came of linking, once for each set of abilities.
type Linking = Result<Arc<Doors>, String>;

/// A call that waits for a worker.
struct Job {
    start: StartCall,
    input: Vec<u8>,
    replies: mpsc::Receiver<Granted>,
}

/// Serves the parent until it closes the pipe. Must be called before the process has a second thread.
///
/// # Errors
/// When the process cannot confine itself, or the pipe says something that makes no sense.
pub fn run() -> Result<()> {
    sandbox::close_inherited();
    let engine = engine::engine().map_err(|error| anyhow!("{error:#}"))?;
    let landlock = sandbox::refuse_files()?;
    let child = Arc::new(Child {
        ticker: Ticker::start(engine.clone())?,
        engine,
        loaded: Mutex::default(),
        waiting: Mutex::default(),
        out: Mutex::new(io::stdout()),
    });
    let (jobs, queue) = mpsc::channel::<Job>();
    let queue = Arc::new(Mutex::new(queue));
    for number in 0..CALLS_IN_FLIGHT_MAX {
        let (child, queue) = (Arc::clone(&child), Arc::clone(&queue));
        std::thread::Builder::new()
            .name(format!("call-{number}"))
            .stack_size(WORKER_STACK_BYTES)
            .spawn(move || child.work(&queue))
            .context("cannot start a worker")?;
    }
    sandbox::limit_resources(LIMITS)?;
    let seccomp = sandbox::refuse_calls()?;
    child.say(&ToParent::Ready { confinement: sandbox::try_walls(landlock, seccomp) }, &[]);
    child.listen(&jobs)
}

impl Child {
    fn listen(&self, jobs: &mpsc::Sender<Job>) -> Result<()> {
        let mut stdin = io::stdin().lock();
        while let Some(Frame { header, body }) = protocol::read_blocking(&mut stdin, PARENT_FRAME_BYTES_MAX)?
        {
            match header {
                ToChild::Load { package } => {
                    let problem = self.load(package.clone(), &body).err().map(|error| format!("{error:#}"));
                    self.say(&ToParent::Loaded { package, problem }, &[]);
                }
                ToChild::Unload { package } => {
                    self.loaded.lock().expect("no holder panics").remove(&package);
                }
                ToChild::Call(start) => {
                    let (sender, replies) = mpsc::channel();
                    self.waiting.lock().expect("no holder panics").insert(start.call, sender);
                    let job = Job { start: *start, input: body, replies };
                    jobs.send(job).map_err(|_| anyhow!("no worker is left"))?;
                }
                ToChild::Reply { call, reply } => {
                    let waiting = self.waiting.lock().expect("no holder panics");
                    if let Some(sender) = waiting.get(&call) {
                        // The call may have ended meanwhile; then nobody wants the reply.
                        let _ = sender.send(Granted { reply, body });
                    }
                }
            }
        }
        Ok(())
    }

    fn load(&self, package: PackageHash, code: &[u8]) -> wasmtime::Result<()> {
        // SAFETY: the parent made this code with the same binary and has checked its seal; nobody else can
        // write into our stdin.
        let component = unsafe { Component::deserialize(&self.engine, code)? };
        let loaded = Loaded { component, doors: Mutex::default() };
        self.loaded.lock().expect("no holder panics").insert(package, Arc::new(loaded));
        Ok(())
    }

    fn work(self: &Arc<Self>, queue: &Mutex<mpsc::Receiver<Job>>) {
        loop {
            let job = queue.lock().expect("no holder panics").recv();
            let Ok(Job { start, input, replies }) = job else { return };
            let call = start.call;
            let (done, answer) = run::call(self, start, input, replies);
            self.waiting.lock().expect("no holder panics").remove(&call);
            self.say(&done, &answer);
        }
    }

    fn linked(&self, package: &PackageHash, linked: Linked) -> Linking {
        let loaded = self.loaded.lock().expect("no holder panics").get(package).cloned();
        let loaded = loaded.ok_or("the package is not loaded")?;
        let mut known = loaded.doors.lock().expect("no holder panics");
        if let Some((_, doors)) = known.iter().find(|(so, _)| *so == linked) {
            return doors.clone();
        }
        let doors = engine::link(&self.engine, &loaded.component, linked)
            .map(Arc::new)
            .map_err(|error| format!("{error:#}"));
        known.push((linked, doors.clone()));
        doors
    }

    /// Without the parent there is nothing to do and nobody to tell.
    fn say(&self, header: &impl Serialize, body: &[u8]) {
        let frame = protocol::encode(header, body);
        let mut out = self.out.lock().expect("no holder panics");
        if out.write_all(&frame).and_then(|()| out.flush()).is_err() {
            std::process::exit(0);
        }
    }
}
