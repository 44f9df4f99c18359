//! The second desk: a real database in a temporary folder, a clock moved by hand, one client and its pack.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::clock::{Clock, VirtualClock};
use crate::commands::{CALL_PLUGIN, DeskError, Done, Engine, Request};
use crate::domain::calendar::{HolidayList, HolidayLists, IcsError, Lists};
use crate::domain::calendars::Calendars;
use crate::domain::command::{Command, GiveNotice, PluginAnswer, PluginAnswered, PutClient, PutPerson};
use crate::domain::id::IdMaker;
use crate::domain::pack::{Pack, PackError};
use crate::domain::person::{Actor, Affiliation, Grant, Role};
use crate::domain::{AttachmentId, ClientId, JobId, Key, Label, Moment, PersonId, Span, TicketId};
use crate::store::attachment::Attachment;
use crate::store::holiday_list::StoredList;
use crate::store::job::Job;
use crate::store::pack::PackVersion;
use crate::store::plugin::{Installation, Package};
use crate::store::sqlite::database_path;
use crate::store::{self, Db, Durability};
use crate::workflow::{self, Finding, Footprint, Known, SharedSources};

/// A rehearsed run may take this long: other work on the machine must not fail it, and a loop without end is
/// stopped by the count of its operations.
pub(super) const REHEARSED_RUN_WALL_MAX: Duration = Duration::from_secs(5);
/// The node of the ids that a second desk makes.
const NODE: i64 = 62;
/// When every second desk was set up: before anything that is rehearsed on it.
const SET_UP_AT: Moment = Moment::from_ms(946_684_800_000);
/// A plugin call is taken for one attempt; nobody else is there to take it again.
const LEASE: Span = Span::minutes(1);
/// What tickets of a second desk are called: `T-1`.
const PREFIX: &str = "T";

/// What a second desk is made from.
#[derive(Debug, Clone, Default)]
pub struct DeskSource {
    pub script: String,
    /// The text of `client.toml`.
    pub settings: String,
    pub shared: SharedSources,
    /// Holiday lists that the calendars name: iCalendar files by key.
    pub holidays: BTreeMap<Key, String>,
    /// Plugins that the script may call; what they answer is for whoever rehearses.
    pub plugins: BTreeSet<Key>,
}

/// A desk that was set up once; every rehearsal starts on a copy of it.
pub struct Template {
    folder: TempDir,
    /// What was compiled once serves every copy.
    engine: Option<Engine>,
    client: ClientId,
    administrator: PersonId,
    pack: Arc<Pack>,
    lists: HolidayLists,
}

/// Why a desk could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    #[error(transparent)]
    Settings(#[from] PackError),
    #[error("holidays/{0}.ics: {1}")]
    Holidays(Key, IcsError),
    #[error("the script has {} finding(s)", .0.len())]
    Script(Vec<Finding>),
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// One rehearsal's desk.
pub struct SecondDesk {
    engine: Engine,
    clock: VirtualClock,
    calendars: Calendars,
    pub pack: Arc<Pack>,
    pub client: ClientId,
    /// Does whatever nobody else is named for.
    pub administrator: PersonId,
    /// Removed with the desk, after the engine has closed its file.
    folder: TempDir,
}

/// A call that waits for its answer.
#[derive(Debug, Clone)]
pub struct PluginCall {
    pub job: JobId,
    pub ticket: TicketId,
    pub plugin: Key,
    pub function: Key,
    pub input: Value,
    pub then: Option<Key>,
    pub context: Value,
}

impl std::fmt::Debug for SecondDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondDesk").field("pack", &self.pack.key).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Template").field("pack", &self.pack.key).finish_non_exhaustive()
    }
}

impl Template {
    /// Sets up a desk with one client that has the pack published. Call it on a thread with
    /// `SCRIPT_STACK_BYTES` of stack: the script is checked and compiled here.
    pub fn prepare(source: &DeskSource) -> Result<Template, NotReady> {
        let (pack, _) = Pack::parse_with(&source.settings, &lists(source)?)?;
        check(source, &pack)?;
        let folder = temporary_folder()?;
        let clock = VirtualClock::at(SET_UP_AT);
        let mut engine = open_engine(&folder, &clock, None)?;
        let client = put_client(&mut engine, &pack)?;
        let administrator = put_administrator(&mut engine, &pack)?;
        for plugin in &source.plugins {
            install(&mut engine, client, plugin)?;
        }
        publish(&mut engine, client, source)?;
        // All of it must be in the one file that is copied.
        let checkpoint = "pragma wal_checkpoint(truncate)";
        let done = engine.tx().connection().query_row(checkpoint, [], |_| Ok(()));
        done.map_err(|error| DeskError::from(store::StoreError::from(error)))?;
        Ok(Template {
            folder,
            engine: Some(engine),
            client,
            administrator,
            pack: Arc::new(pack),
            lists: lists(source)?,
        })
    }

    #[must_use]
    pub fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    /// Counts what of the script runs on the desks that are made from now on. Ask before the first.
    pub fn count(&mut self, footprint: &Rc<Footprint>) {
        self.engine.iter_mut().for_each(|engine| engine.count(footprint));
    }

    /// A desk of its own, whose clock still stands where nothing has happened yet: `set_clock` begins.
    pub fn fresh(&mut self) -> Result<SecondDesk, DeskError> {
        let folder = temporary_folder()?;
        std::fs::copy(database_path(self.folder.path()), database_path(folder.path())).map_err(disk)?;
        // Ids hold their moment: those of the copy must not repeat those of the set-up.
        let clock = VirtualClock::at(SET_UP_AT + Span::minutes(1));
        let engine = open_engine(&folder, &clock, self.engine.take())?;
        let calendars =
            Calendars::new(&self.pack, Lists::Known(&self.lists)).expect("the pack was parsed with these");
        let (client, administrator) = (self.client, self.administrator);
        Ok(SecondDesk {
            engine,
            clock,
            calendars,
            pack: Arc::clone(&self.pack),
            client,
            administrator,
            folder,
        })
    }

    /// Gives back what the desk compiled, for the next one.
    pub fn take_back(&mut self, desk: SecondDesk) {
        self.engine = Some(desk.engine);
    }
}

impl SecondDesk {
    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    #[must_use]
    pub fn calendars(&self) -> &Calendars {
        &self.calendars
    }

    /// Everything that can be read, between two changes.
    #[must_use]
    pub fn db(&self) -> &Db {
        self.engine.tx()
    }

    pub fn run(&mut self, actor: Actor, command: Command) -> Result<Done, DeskError> {
        self.engine.run(Request::new(actor, command))
    }

    pub fn request(&mut self, request: Request) -> Result<Done, DeskError> {
        self.engine.run(request)
    }

    /// An upload of the person, as if its bytes had come: here a file is its name.
    pub fn put_file(&mut self, by: PersonId, name: String) -> Result<AttachmentId, DeskError> {
        self.engine.aside(move |tx| {
            let id: AttachmentId = tx.id();
            let attachment = Attachment {
                id,
                sha256: String::new(),
                name,
                media_type: "application/octet-stream".to_owned(),
                bytes: 0,
                uploaded_by: Actor::Person { person: by },
                uploaded_at: tx.now(),
                ticket: None,
                visibility: None,
            };
            store::attachment::insert(tx, &attachment)?;
            Ok(id)
        })
    }

    /// Plays the earliest row that falls due up to `until`, at its own moment; `false`: there is none.
    pub fn play_next(&mut self, until: Moment) -> Result<bool, DeskError> {
        let Some(at) = store::due::next_at(self.db())?.filter(|at| *at <= until) else { return Ok(false) };
        self.clock.set(at);
        let Some(due) = store::due::ready(self.db(), at, 1)?.pop() else { return Ok(false) };
        self.run(Actor::Clock, Command::PlayDue { due: due.id })?;
        Ok(true)
    }

    /// Puts the clock where the rehearsal begins: from there on the pack's schedules come.
    pub fn begin_at(&mut self, at: Moment) -> Result<(), DeskError> {
        self.set_clock(at);
        self.engine.wait_for_what_comes(self.client, &[])
    }

    /// Moves the clock on without playing anything; never back.
    pub fn set_clock(&self, at: Moment) {
        self.clock.set(at);
    }

    /// Plays everything that falls due up to `until`, earliest first, and leaves the clock there.
    pub fn pass_until(&mut self, until: Moment) -> Result<(), DeskError> {
        while self.play_next(until)? {}
        self.set_clock(until);
        Ok(())
    }

    /// Plugin calls that nobody has answered yet, oldest first.
    pub fn open_calls(&self) -> Result<Vec<PluginCall>, DeskError> {
        /// Most open calls that are looked at.
        const OPEN_CALLS_MAX: usize = 1_000;
        let mut calls = Vec::new();
        for id in store::job::ready(self.db(), self.now(), OPEN_CALLS_MAX)? {
            calls.extend(store::job::get(self.db(), id)?.as_ref().and_then(plugin_call));
        }
        Ok(calls)
    }

    /// Brings the answer of a call, as the job runner does.
    pub fn answer(&mut self, call: &PluginCall, answer: PluginAnswer) -> Result<Done, DeskError> {
        let job = call.job;
        self.engine.aside(move |tx| Ok(store::job::lease(tx, job, tx.now() + LEASE)?))?;
        let actor = self.plugin_actor(&call.plugin)?.unwrap_or(Actor::Clock);
        let answered = PluginAnswered {
            ticket: call.ticket,
            job: Some(call.job),
            plugin: call.plugin.clone(),
            function: call.function.clone(),
            then: call.then.clone(),
            context: call.context.clone(),
            answer,
        };
        self.run(actor, Command::PluginAnswered(Box::new(answered)))
    }

    /// A plugin tells something of a ticket; one that no script calls is not installed here, and may tell all the same.
    pub fn give_notice(&mut self, notice: GiveNotice) -> Result<Done, DeskError> {
        let actor = self.plugin_actor(&notice.plugin)?.unwrap_or(Actor::Operator);
        self.run(actor, Command::GiveNotice(Box::new(notice)))
    }

    fn plugin_actor(&self, plugin: &Key) -> Result<Option<Actor>, DeskError> {
        let installation = store::plugin::of_client(self.db(), self.client, plugin)?;
        Ok(installation.map(|found| Actor::Plugin { installation: found.id, client: found.client }))
    }

    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

fn temporary_folder() -> Result<TempDir, DeskError> {
    tempfile::Builder::new().prefix("naryad-rehearsal").tempdir().map_err(disk)
}

fn disk(error: std::io::Error) -> DeskError {
    DeskError::Store(store::StoreError::Disk(format!("a temporary folder for the rehearsal: {error}")))
}

fn open_engine(folder: &TempDir, clock: &VirtualClock, before: Option<Engine>) -> Result<Engine, DeskError> {
    let (tx, _) = store::open(folder.path(), Durability::None, IdMaker::new(NODE), clock.now())?;
    let clock = Clock::Virtual(clock.clone());
    Ok(match before {
        Some(before) => before.on_a_copy(tx, clock)?,
        None => Engine::new(tx, clock, REHEARSED_RUN_WALL_MAX),
    })
}

fn operate(engine: &mut Engine, command: Command) -> Result<Done, DeskError> {
    engine.run(Request::new(Actor::Operator, command))
}

fn put_client(engine: &mut Engine, pack: &Pack) -> Result<ClientId, DeskError> {
    let put = PutClient {
        id: None,
        version: None,
        key: pack.key.clone(),
        name: pack.title.in_language(pack.language).unwrap_or(&pack.key).to_owned(),
        prefix: PREFIX.to_owned(),
        colour: "#5b6b7b".to_owned(),
        language: pack.language,
        is_active: true,
    };
    operate(engine, Command::PutClient(Box::new(put))).map(|done| ClientId(made(&done)))
}

fn put_administrator(engine: &mut Engine, pack: &Pack) -> Result<PersonId, DeskError> {
    let put = PutPerson {
        id: None,
        version: None,
        login: "administrator".to_owned(),
        name: "Administrator".to_owned(),
        email: None,
        phone: None,
        language: pack.language,
        time_zone: pack.calendar.time_zone.clone(),
        affiliation: Affiliation::Staff,
        engineer: None,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: 0,
        is_on_duty: false,
        is_active: true,
    };
    let person = PersonId(made(&operate(engine, Command::PutPerson(Box::new(put)))?));
    let grants = BTreeSet::from([Grant { role: Role::Administrator, client: None }]);
    operate(engine, Command::SetAccess { person, grants, memberships: BTreeSet::new() })?;
    Ok(person)
}

/// The holiday lists of the pack.
fn lists(source: &DeskSource) -> Result<HolidayLists, NotReady> {
    let read = |(key, text): (&Key, &String)| {
        let list = HolidayList::from_ics(text).map_err(|error| NotReady::Holidays(key.clone(), error))?;
        Ok((key.clone(), Arc::new(list)))
    };
    source.holidays.iter().map(read).collect()
}

/// The script must be right in itself. People and plugins' functions that it names by a literal are the live
/// desk's; they are checked when it is published there.
fn check(source: &DeskSource, pack: &Pack) -> Result<(), NotReady> {
    let known = Known { shared: source.shared.clone(), ..Known::default() };
    let mut findings = workflow::check_here(&source.script, pack, &known);
    findings.retain(Finding::is_error);
    if findings.is_empty() { Ok(()) } else { Err(NotReady::Script(findings)) }
}

fn publish(engine: &mut Engine, client: ClientId, source: &DeskSource) -> Result<(), DeskError> {
    let source = source.clone();
    engine.aside(move |tx| {
        let modules = source.shared.iter().map(|(path, text)| (path.clone(), text.to_string())).collect();
        let mut holidays = BTreeMap::new();
        for (key, text) in source.holidays {
            let list = StoredList {
                id: tx.id(),
                client,
                key: key.clone(),
                ordinal: 1,
                source: text,
                author: Actor::Operator,
                imported_at: tx.now(),
            };
            store::holiday_list::insert(tx, &list)?;
            holidays.insert(key, list.id);
        }
        let version = PackVersion {
            id: tx.id(),
            client,
            ordinal: 1,
            script: source.script,
            settings: source.settings,
            modules,
            message: "rehearsal".to_owned(),
            author: Actor::Operator,
            published_at: tx.now(),
            holidays,
        };
        store::pack::insert(tx, &version)?;
        let row = store::client::get(tx, client)?;
        let mut row = row.expect("the client was made by the command before");
        row.pack_version = Some(version.id);
        row.version += 1;
        store::client::update(tx, &row)?;
        Ok(())
    })
}

/// A plugin without code: its calls reach the outbox and wait there.
fn install(engine: &mut Engine, client: ClientId, plugin: &Key) -> Result<(), DeskError> {
    let plugin = plugin.clone();
    engine.aside(move |tx| {
        let sha256 = format!("rehearsed {plugin}");
        let package = Package {
            sha256: sha256.clone(),
            plugin: plugin.clone(),
            version: "0.0.0".to_owned(),
            publisher: String::new(),
            title: Label::default(),
            manifest: Value::Object(serde_json::Map::new()),
            signature_state: "unsigned".to_owned(),
            bytes: 0,
            stored_at: tx.now(),
            signed: None,
        };
        store::plugin::put_package(tx, &package)?;
        let installation = Installation {
            id: tx.id(),
            client,
            plugin,
            package_sha256: sha256,
            configuration: Value::Object(serde_json::Map::new()),
            grants: Value::Object(serde_json::Map::new()),
            secrets: BTreeMap::new(),
            is_enabled: true,
            version: 1,
        };
        Ok(store::plugin::put(tx, &installation)?)
    })
}

/// The id of what a command made.
pub fn made(done: &Done) -> i64 {
    let id = done.id.as_ref().and_then(|id| id.parse().ok());
    id.expect("a command that makes something answers its id")
}

pub(super) fn plugin_call(job: &Job) -> Option<PluginCall> {
    if job.kind != *CALL_PLUGIN {
        return None;
    }
    let key = |name: &str| job.body.get(name).and_then(Value::as_str).and_then(|text| Key::new(text).ok());
    Some(PluginCall {
        job: job.id,
        ticket: job.ticket?,
        plugin: key("plugin")?,
        function: key("function")?,
        input: job.body.get("input").cloned().unwrap_or_default(),
        then: key("then"),
        context: job.body.get("context").cloned().unwrap_or_default(),
    })
}
