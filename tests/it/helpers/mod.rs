//! A desk for tests: a real database in a temporary folder, a clock moved by hand, verbs that read as sentences.

pub mod checks;
mod people;
mod places;
mod reports;
mod why;
mod work;

use std::collections::BTreeMap;
use std::time::Duration;

use naryad::clock::{Clock, VirtualClock};
use naryad::commands::{Desk, DeskError, Done, Request};
use naryad::domain::command::{Command, OpenTicket, PackSource, PutClient};
use naryad::domain::id::IdMaker;
use naryad::domain::person::Actor;
use naryad::domain::ticket::{Channel, Level, Ticket};
use naryad::domain::version_move::Reach;
use naryad::domain::{ClientId, Key, Language, Moment, Span, TicketId};
use naryad::store::event::Recorded;
use naryad::store::{self, Db, Durability, StoreError};

pub use people::Somebody;

/// Scripts get far more wall time than live ones, so that an unoptimised build on a busy machine holds it.
const SCRIPT_WALL_MAX: Duration = Duration::from_secs(5);

/// Monday, 2 November 2026, 12:00 in Moscow.
pub const START: &str = "2026-11-02T09:00:00Z";

/// The least pack that is one.
pub const SETTINGS: &str = include_str!("client.toml");

pub struct TestDesk {
    pub desk: Desk,
    pub clock: VirtualClock,
    pub folder: tempfile::TempDir,
    /// The test says that jobs stay undone.
    pub jobs_may_stay: bool,
}

impl TestDesk {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = VirtualClock::at(START.parse().unwrap());
        let (tx, readers) =
            store::open(folder.path(), Durability::None, IdMaker::new(1), clock.now()).unwrap();
        let desk = Desk::start(tx, readers, Clock::Virtual(clock.clone()), SCRIPT_WALL_MAX).unwrap();
        Self { desk, clock, folder, jobs_may_stay: false }
    }

    /// Stops the desk, lets `meanwhile` change the database, and starts the desk again.
    pub fn restarts_after(&mut self, meanwhile: impl FnOnce(&rusqlite::Connection)) {
        self.desk.stop();
        meanwhile(&rusqlite::Connection::open(self.folder.path().join("naryad.sqlite3")).unwrap());
        let now = self.clock.now();
        let (tx, readers) = store::open(self.folder.path(), Durability::None, IdMaker::new(2), now).unwrap();
        self.desk = Desk::start(tx, readers, Clock::Virtual(self.clock.clone()), SCRIPT_WALL_MAX).unwrap();
    }

    /// Carries out a command as whoever holds the data folder.
    pub fn does(&self, command: Command) -> Result<Done, DeskError> {
        self.desk.run(Request::new(Actor::Operator, command))
    }

    /// A client with a script of its own and the settings of the tests.
    pub fn client(&self, key: &str, script: &str) -> ClientId {
        self.client_with(key, script, SETTINGS)
    }

    pub fn client_with(&self, key: &str, script: &str, settings: &str) -> ClientId {
        let put = PutClient {
            id: None,
            version: None,
            key: Key::new(key).unwrap(),
            name: key.to_owned(),
            prefix: key.chars().filter(char::is_ascii_alphabetic).take(8).collect::<String>().to_uppercase(),
            colour: "#2f6f4f".to_owned(),
            language: Language::En,
            is_active: true,
        };
        let client = ClientId(made(&self.does(Command::PutClient(Box::new(put))).unwrap()));
        self.publishes(client, script, settings).unwrap();
        client
    }

    pub fn publishes(&self, client: ClientId, script: &str, settings: &str) -> Result<Done, DeskError> {
        let source = PackSource::Files {
            script: script.to_owned(),
            settings: settings.to_owned(),
            modules: BTreeMap::new(),
        };
        self.does(Command::PublishPack {
            client,
            source,
            message: "test".to_owned(),
            reach: Reach::NewTickets,
        })
    }

    /// The command that opens a ticket with nothing but a subject.
    pub fn request(client: ClientId, subject: &str) -> OpenTicket {
        OpenTicket {
            client,
            subject: subject.to_owned(),
            description: String::new(),
            sub_client: None,
            site: None,
            asset: None,
            contact: None,
            category: None,
            impact: Level::Medium,
            urgency: Level::Medium,
            channel: Some(Channel::Desk),
            fields: BTreeMap::new(),
            tags: Default::default(),
            attachments: Vec::new(),
        }
    }

    pub fn opens(&self, client: ClientId, subject: &str) -> TicketId {
        self.opens_with(Self::request(client, subject))
    }

    pub fn opens_with(&self, open: OpenTicket) -> TicketId {
        self.does(Command::OpenTicket(Box::new(open))).unwrap().ticket.unwrap()
    }

    pub fn read<T>(&self, read: impl FnOnce(&Db) -> Result<T, StoreError>) -> T {
        self.desk.readers().read(read).unwrap()
    }

    pub fn ticket(&self, id: TicketId) -> Ticket {
        self.read(|db| store::ticket::get(db, id)).unwrap()
    }

    pub fn events(&self, id: TicketId) -> Vec<Recorded> {
        self.read(|db| store::event::of_ticket(db, id))
    }

    /// The names of the ticket's events, in order.
    pub fn story(&self, id: TicketId) -> Vec<&'static str> {
        self.events(id).iter().map(|recorded| recorded.event.name()).collect()
    }

    /// Lets time pass and plays whatever falls due on the way, each at its own moment.
    pub fn pass(&self, span: Span) {
        let until = self.clock.now() + span;
        while let Some(next) = self.read(store::due::next_at).filter(|next| *next <= until) {
            self.clock.set(next);
            for due in self.read(|db| store::due::ready(db, next, 100)) {
                self.desk.run(Request::new(Actor::Clock, Command::PlayDue { due: due.id })).unwrap();
            }
        }
        self.clock.set(until);
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }
}

impl Drop for TestDesk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.desk.stop();
        checks::nothing_is_broken(self);
    }
}

/// The id of what a command made.
pub fn made(done: &Done) -> i64 {
    done.id.as_ref().unwrap().parse().unwrap()
}

/// The code of a refusal.
#[track_caller]
pub fn refusal(answer: Result<Done, DeskError>) -> &'static str {
    match answer {
        Err(DeskError::Refused(refusal)) => refusal.code(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}
