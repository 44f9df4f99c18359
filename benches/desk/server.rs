//! The desk in a process of its own, as `serve` wires it, without the job runner: the outbox is filled, not emptied.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use naryad::clock::Clock;
use naryad::commands::Desk;
use naryad::domain::id::IdMaker;
use naryad::http::{App, Settings, Shutdown};
use naryad::store::{self, Durability};
use naryad::views::Views;
use naryad::workflow::limits::RUN_WALL_MAX;

/// The word with which the bench starts itself as the server.
pub const SERVE: &str = "--serve-desk";

pub struct Server {
    process: Child,
    pub address: SocketAddr,
    /// From the start of the process to the open door.
    pub start_time: Duration,
}

impl Server {
    pub fn start(folder: &Path) -> Self {
        let started = Instant::now();
        let mut process = Command::new(std::env::current_exe().expect("the bench runs"))
            .arg(SERVE)
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bench can start itself");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output is piped");
        BufReader::new(output).read_line(&mut line).expect("the server says where it listens");
        let address = line.trim().parse().expect("the server says where it listens");
        Self { process, address, start_time: started.elapsed() }
    }

    /// Memory that the process holds, in MB.
    pub fn memory_mb(&self) -> f64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
        kib * 1_024.0 / 1e6
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A desk stands a kill; the bench has no more use for it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves the folder until it is killed.
pub fn serve(folder: &Path) {
    let clock = Clock::Machine;
    let (tx, readers) =
        store::open(folder, Durability::Full, IdMaker::new(1), clock.now()).expect("a desk is there");
    let desk =
        Desk::start(tx, readers.clone(), clock.clone(), RUN_WALL_MAX).expect("a thread can be started");
    let app = App::new(desk, Views::new(readers, clock), Settings::default());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("it is bound"));
        let (_stop, shutdown) = Shutdown::new();
        naryad::http::serve(listener, None, app, shutdown).await;
    });
}
