//! A data folder with one client, and the binary that serves it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command as Process, Output, Stdio};
use std::time::Duration;

use naryad::clock::Clock;
use naryad::commands::{Engine, Request, sessions};
use naryad::domain::command::{Command, PackSource, PutClient};
use naryad::domain::id::IdMaker;
use naryad::domain::person::{Actor, Grant, Membership, Role};
use naryad::domain::version_move::Reach;
use naryad::domain::{ClientId, Key, Language, PersonId};
use naryad::store::{self, Durability};

use crate::helpers::{SETTINGS, made};
use crate::simulation::world::person;

const SCRIPT: &str = r#"
fn on_opened(ticket) {
    ticket.status = "in_work";
    ticket.assign(#{ strategy: "least_loaded", line: "support" });
    ticket.escalate("commercial", #{ reason: "Have a look", due: hours(24) });
    ticket.timer("remind", minutes(1));
}
fn on_comment(ticket, comment) { ticket.count_up("comments"); }
fn on_unassigned(ticket, attempt) { ticket.queue("dispatchers", #{ reason: attempt.rejections_text }); }
"#;

pub struct Folder {
    pub folder: tempfile::TempDir,
    pub client: ClientId,
    pub token: String,
}

impl Folder {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::Machine;
        let (tx, _) = store::open(folder.path(), Durability::Full, IdMaker::new(1), clock.now()).unwrap();
        let mut engine = Engine::new(tx, clock, Duration::from_secs(5));
        let client = ClientId(made(&run(&mut engine, put_client())));
        let source = PackSource::Files {
            script: SCRIPT.to_owned(),
            settings: SETTINGS.to_owned(),
            modules: BTreeMap::new(),
        };
        run(
            &mut engine,
            Command::PublishPack { client, source, message: "crash".to_owned(), reach: Reach::NewTickets },
        );
        let holder = settle_person(&mut engine);
        let token = engine.aside(move |tx| Ok(sessions::make_token(tx, holder, "crash", None)?.1)).unwrap();
        Self { folder, client, token }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn put_client() -> Command {
    Command::PutClient(Box::new(PutClient {
        id: None,
        version: None,
        key: Key::new("bank").unwrap(),
        name: "Bank".to_owned(),
        prefix: "BANK".to_owned(),
        colour: "#2f6f4f".to_owned(),
        language: Language::En,
        is_active: true,
    }))
}

fn settle_person(engine: &mut Engine) -> PersonId {
    let mut olga = person("olga", None);
    olga.capacity = 40;
    let person = PersonId(made(&run(engine, Command::PutPerson(Box::new(olga)))));
    let grants = [Role::Administrator, Role::Supervisor].map(|role| Grant { role, client: None }).into();
    let memberships = [Membership { queue: Key::new("support").unwrap(), client: None }].into();
    run(engine, Command::SetAccess { person, grants, memberships });
    person
}

fn run(engine: &mut Engine, command: Command) -> naryad::commands::Done {
    engine.run(Request::new(Actor::Operator, command)).unwrap()
}

/// The running binary.
pub struct Served {
    process: Child,
    /// Kept open: what it says later has somewhere to go.
    _output: BufReader<ChildStdout>,
    pub address: SocketAddr,
    pub client: ClientId,
    pub token: String,
}

impl Served {
    pub fn start(folder: &Folder) -> Self {
        let mut process = naryad()
            .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
            .arg(folder.path())
            .env("NARYAD_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.split("//").nth(1).and_then(|rest| rest.trim().trim_end_matches('/').parse().ok());
        let address = address.unwrap_or_else(|| panic!("`serve` does not say where it is: {line}"));
        Self { process, _output: output, address, client: folder.client, token: folder.token.clone() }
    }

    /// SIGKILL: nothing of the process runs any more.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A test that failed leaves no server behind.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn naryad() -> Process {
    Process::new(env!("CARGO_BIN_EXE_naryad"))
}

/// Runs a command of the command line on a folder and expects it to succeed.
pub fn command(words: &[&str], file: &Path, folder: &Path) -> Output {
    let output = naryad().args(words).arg(file).arg("--dir").arg(folder).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

pub fn database(folder: &Path) -> PathBuf {
    store::sqlite::database_path(folder)
}
