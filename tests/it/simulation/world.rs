//! The desk under simulation: what drives it, what it has acknowledged, how it is crashed and reopened.

use std::collections::BTreeMap;
use std::time::Duration;

use naryad::clock::{Clock, VirtualClock};
use naryad::commands::{DeskError, Done, Engine, Idempotency, Request};
use naryad::domain::command::{Command, InstallPlugin, InstallWay, PackSource, PutClient, PutPerson};
use naryad::domain::id::IdMaker;
use naryad::domain::person::{Actor, Affiliation, EngineerProfile, Grant, Membership, Role};
use naryad::domain::version_move::Reach;
use naryad::domain::{ClientId, Key, Label, Language, PersonId, TicketId};
use naryad::store::{self, Db, Durability, StoreError};
use rusqlite::Connection;
use serde_json::json;

use super::random::Random;
use super::{checks, faults};
use crate::helpers::{SETTINGS, START, made};

const SCRIPT: &str = include_str!("script.rhai");
const SCRIPT_WALL_MAX: Duration = Duration::from_secs(5);
pub const PLUGIN: &str = "parts-stock";

pub struct World {
    pub random: Random,
    pub clock: VirtualClock,
    pub clients: Vec<ClientId>,
    pub people: Vec<PersonId>,
    /// Requests that were acknowledged under a key, to be sent again.
    pub keyed: Vec<(Request, Done)>,
    /// The n-th key.
    pub keys_used: usize,
    acknowledged: BTreeMap<TicketId, i64>,
    tally: BTreeMap<&'static str, usize>,
    engine: Option<Engine>,
    folder: tempfile::TempDir,
}

impl World {
    pub fn new(random: Random) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = VirtualClock::at(START.parse().unwrap());
        let mut world = Self {
            random,
            clock,
            clients: Vec::new(),
            people: Vec::new(),
            keyed: Vec::new(),
            keys_used: 0,
            acknowledged: BTreeMap::new(),
            tally: BTreeMap::new(),
            engine: None,
            folder,
        };
        world.open();
        world.settle_people();
        for (key, prefix) in [("bank", "BANK"), ("shop", "SHOP")] {
            world.settle_client(key, prefix);
        }
        world
    }

    fn open(&mut self) {
        let opened = store::open(self.folder.path(), Durability::None, IdMaker::new(1), self.clock.now());
        let (tx, _readers) = opened.unwrap();
        faults::prepare(&tx);
        self.engine = Some(Engine::new(tx, Clock::Virtual(self.clock.clone()), SCRIPT_WALL_MAX));
    }

    /// The process ends here and is started again.
    pub fn crash(&mut self) {
        self.engine = None;
        self.open();
    }

    fn settle_people(&mut self) {
        for (login, grade, queue) in
            [("olga", None, "support"), ("ivan", Some(1), "support"), ("anna", Some(2), "commercial")]
        {
            let engineer =
                grade.map(|grade| EngineerProfile { grade, city: "Moscow".into(), ..Default::default() });
            let person = PersonId(made(&self.must(Command::PutPerson(Box::new(person(login, engineer))))));
            let roles = [Role::Supervisor, Role::Engineer, Role::Operator, Role::DepartmentMember];
            let grants = roles.map(|role| Grant { role, client: None }).into();
            let memberships = [Membership { queue: Key::new(queue).unwrap(), client: None }].into();
            self.must(Command::SetAccess { person, grants, memberships });
            self.people.push(person);
        }
    }

    fn settle_client(&mut self, key: &str, prefix: &str) {
        let put = PutClient {
            id: None,
            version: None,
            key: Key::new(key).unwrap(),
            name: key.to_owned(),
            prefix: prefix.to_owned(),
            colour: "#2f6f4f".to_owned(),
            language: Language::En,
            is_active: true,
        };
        let client = ClientId(made(&self.must(Command::PutClient(Box::new(put)))));
        self.install(client);
        self.must(publish(client));
        self.clients.push(client);
    }

    fn install(&mut self, client: ClientId) {
        let now = self.clock.now();
        let package = store::plugin::Package {
            sha256: "00".repeat(32),
            plugin: Key::new(PLUGIN).unwrap(),
            version: "1.0.0".to_owned(),
            publisher: "Sample".to_owned(),
            title: serde_json::from_value::<Label>(json!({ "en": "Stock", "ru": "Склад" })).unwrap(),
            manifest: json!({ "function": [{ "name": "in_stock" }] }),
            signature_state: "unsigned".to_owned(),
            bytes: 1,
            stored_at: now,
            signed: None,
        };
        let install = InstallPlugin {
            client,
            plugin: package.plugin.clone(),
            version: package.version.clone(),
            package_sha256: package.sha256.clone(),
            publisher: package.publisher.clone(),
            title: package.title.clone(),
            configuration: json!({}),
            grant: json!({}),
            secrets: BTreeMap::new(),
            seen: None,
            way: InstallWay::Forward,
            is_unsigned_accepted: true,
        };
        self.engine().aside(move |tx| Ok(store::plugin::put_package(tx, &package)?)).unwrap();
        self.must(Command::InstallPlugin(Box::new(install)));
    }

    pub fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("the desk is open")
    }

    pub fn db(&self) -> &Db {
        self.engine.as_ref().expect("the desk is open").tx()
    }

    pub fn connection(&self) -> &Connection {
        self.db().connection()
    }

    pub fn acknowledged(&self) -> impl Iterator<Item = (&TicketId, &i64)> {
        self.acknowledged.iter()
    }

    /// Ids that a query finds, in its order.
    pub fn ids<T: From<i64>>(&self, sql: &str) -> Vec<T> {
        let mut statement = self.connection().prepare_cached(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, i64>(0).map(T::from)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// Carries a command out as whoever holds the data folder; it must succeed.
    fn must(&mut self, command: Command) -> Done {
        self.engine().run(Request::new(Actor::Operator, command)).unwrap()
    }

    pub fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    pub fn tally(&self) -> String {
        self.tally.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
    }

    /// Whether a run of that length met what it is there for.
    pub fn has_seen_everything(&self, steps: usize) -> bool {
        let needed =
            ["acknowledged", "refused", "interrupted", "disk full", "crash", "job answered", "repeated"];
        steps < 500 || needed.iter().all(|what| self.tally.contains_key(what))
    }

    /// Sends a request, perhaps into a fault. What is answered with an error has changed nothing; what is
    /// acknowledged is there.
    pub fn send(&mut self, request: Request) -> Option<Done> {
        let before = checks::fingerprint(self.connection());
        let fault = self.arm();
        let reply = self.engine().run(request.clone());
        let came = self.disarm(fault);
        match reply {
            Ok(done) => {
                self.count("acknowledged");
                self.acknowledge(&done);
                if request.idempotency.is_some() && !done.is_repeat {
                    self.keyed.push((request, done.clone()));
                }
                Some(done)
            }
            Err(error) => {
                assert_eq!(
                    before,
                    checks::fingerprint(self.connection()),
                    "{error}, yet something changed: {request:?}"
                );
                self.count(match (&error, fault) {
                    (DeskError::Refused(_), _) => "refused",
                    (DeskError::Store(_), Fault::Interrupt) if came => "interrupted",
                    (DeskError::Store(StoreError::Full), Fault::FullDisk) => "disk full",
                    _ => panic!("{error} without a fault: {request:?}"),
                });
                None
            }
        }
    }

    fn acknowledge(&mut self, done: &Done) {
        if let (Some(ticket), Some(version)) = (done.ticket, done.version) {
            let stored = checks::ticket_follows_from_its_events(self.db(), ticket);
            assert!(stored.version >= version, "ticket {ticket} is not at the version that was acknowledged");
            self.acknowledged.insert(ticket, stored.version);
        }
    }

    fn arm(&mut self) -> Fault {
        match self.random.below(100) {
            0..12 => {
                faults::interrupt_after(self.random.below(300));
                Fault::Interrupt
            }
            12..18 => {
                let pages_left = self.random.below(3);
                faults::fill_disk(self.db_tx(), pages_left);
                Fault::FullDisk
            }
            _ => Fault::None,
        }
    }

    /// Whether the fault came.
    fn disarm(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::None => false,
            Fault::Interrupt => faults::end_interruption(),
            Fault::FullDisk => {
                faults::empty_disk(self.db_tx());
                true
            }
        }
    }

    fn db_tx(&mut self) -> &store::Tx {
        self.engine().tx()
    }

    /// A key for a request that may be sent again.
    pub fn next_key(&mut self) -> Idempotency {
        self.keys_used += 1;
        Idempotency {
            key: format!("key-{}", self.keys_used),
            request_sha256: format!("{:064x}", self.keys_used),
        }
    }
}

/// What goes wrong during a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Interrupt,
    FullDisk,
}

/// What is given to the first line must be accepted, by one after the other.
const ACCEPT: &str = "level = 1\naccept_within = { minutes = 20, time = 'working', otherwise = 'next' }\n";
/// Some hand-overs and closings are refused.
const FORMS: &str = "
[[hand_over_forms]]
to = ['supervisors']
categories = ['receipt_jam']
requires = ['floor']
[classification]
gate = 'close'
";

pub fn publish(client: ClientId) -> Command {
    let source = PackSource::Files {
        script: SCRIPT.to_owned(),
        settings: SETTINGS.replace("level = 1\n", ACCEPT) + FORMS,
        modules: Default::default(),
    };
    Command::PublishPack { client, source, message: "simulated".to_owned(), reach: Reach::NewTickets }
}

pub fn person(login: &str, engineer: Option<EngineerProfile>) -> PutPerson {
    PutPerson {
        id: None,
        version: None,
        login: login.to_owned(),
        name: login.to_owned(),
        email: None,
        phone: None,
        language: Language::En,
        time_zone: "Europe/Moscow".to_owned(),
        affiliation: Affiliation::Staff,
        engineer,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: 5,
        is_on_duty: true,
        is_active: true,
    }
}
