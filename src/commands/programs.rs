//! What the writer keeps ready: packs, compiled scripts, people, clients' prefixes and how their scripts
//! fare.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::done::DeskError;
use super::people::People;
use super::shadow::Shelf;
use super::watch::Watches;
use crate::domain::calendars::Calendars;
use crate::domain::hold::CEILING_PER_HOUR;
use crate::domain::pack::Pack;
use crate::domain::{ClientId, PackVersionId};
use crate::store::pack::Health;
use crate::store::{self, StoreError, Tx};
use crate::workflow::{Footprint, Program, Sources, compile};

/// Compiled versions that are kept; beyond it all are dropped and compiled again when needed.
const VERSIONS_KEPT_MAX: usize = 500;

/// A pack version as it is worked with.
#[derive(Debug)]
pub(super) struct Loaded {
    pub pack: Arc<Pack>,
    pub calendars: Arc<Calendars>,
}

pub(super) struct Programs {
    script_wall_max: Duration,
    packs: HashMap<PackVersionId, Arc<Loaded>>,
    programs: HashMap<PackVersionId, Option<Rc<Program>>>,
    /// Counts what of scripts runs; in rehearsals only.
    footprint: Option<Rc<Footprint>>,
    prefixes: HashMap<ClientId, String>,
    health: HashMap<ClientId, Health>,
    pub people: Rc<People>,
    pub watch: Watches,
    /// Messages that any client's script may send in an hour, whatever its pack says.
    pub messages_per_hour_max: u32,
    /// Whether outside commands, and what applied runs read and asked for, are kept.
    pub is_traced: bool,
    pub shadows: Shelf,
}

impl Programs {
    pub fn new(script_wall_max: Duration) -> Self {
        Self {
            script_wall_max,
            packs: HashMap::new(),
            programs: HashMap::new(),
            footprint: None,
            prefixes: HashMap::new(),
            health: HashMap::new(),
            people: Rc::default(),
            watch: Watches::default(),
            messages_per_hour_max: CEILING_PER_HOUR,
            is_traced: true,
            shadows: Shelf::default(),
        }
    }

    /// Scripts that are compiled from now on are counted.
    pub fn count(&mut self, footprint: &Rc<Footprint>) {
        self.footprint = Some(Rc::clone(footprint));
    }

    /// How long one run may take.
    pub fn script_wall_max(&self) -> Duration {
        self.script_wall_max
    }

    /// Drops what a transaction that was undone may have put here.
    pub fn forget(&mut self) {
        self.prefixes.clear();
        self.health.clear();
        self.people.forget();
        self.watch.forget();
        self.shadows.forget();
        // Versions made by an undone transaction have ids that are never read again; drop them all the same
        // when the shelf is full.
        if self.packs.len() > VERSIONS_KEPT_MAX {
            self.packs.clear();
            self.programs.clear();
        }
    }

    /// Drops versions that this database does not have: another may make other versions under the same ids.
    pub fn keep_versions_of(&mut self, tx: &Tx) -> Result<(), StoreError> {
        self.watch.forget_norms();
        self.shadows.forget_all();
        let mut gone = Vec::new();
        for version in self.packs.keys().copied() {
            if store::pack::get(tx, version)?.is_none() {
                gone.push(version);
            }
        }
        for version in gone {
            self.packs.remove(&version);
            self.programs.remove(&version);
        }
        Ok(())
    }

    /// The pack of a version.
    pub fn pack(&mut self, tx: &Tx, version: PackVersionId) -> Result<Option<Arc<Loaded>>, DeskError> {
        if let Some(loaded) = self.packs.get(&version) {
            return Ok(Some(Arc::clone(loaded)));
        }
        let Some(stored) = store::pack::get(tx, version)? else { return Ok(None) };
        let lists = store::holiday_list::of_version(tx, &stored.holidays)?;
        let (pack, calendars) =
            Pack::parse_with(&stored.settings, &lists).map_err(|error| unreadable(&error))?;
        let loaded = Arc::new(Loaded { pack: Arc::new(pack), calendars: Arc::new(calendars) });
        self.packs.insert(version, Arc::clone(&loaded));
        Ok(Some(loaded))
    }

    /// The compiled script of a version; nothing when this program cannot compile it any more. It passed the check
    /// when it was published, so it is not checked here, where every client waits.
    pub fn program(&mut self, tx: &Tx, version: PackVersionId) -> Result<Option<Rc<Program>>, DeskError> {
        if let Some(program) = self.programs.get(&version) {
            return Ok(program.clone());
        }
        let (Some(loaded), Some(stored)) = (self.pack(tx, version)?, store::pack::get(tx, version)?) else {
            return Ok(None);
        };
        let lists = store::holiday_list::of_version(tx, &stored.holidays)?;
        let compiled = compile(
            Sources { holidays: lists, ..sources(&stored.script, &stored.modules) },
            Arc::clone(&loaded.pack),
            self.script_wall_max,
        );
        let program = match compiled {
            Ok(mut program) => {
                self.footprint.iter().for_each(|footprint| program.count(footprint));
                Some(Rc::new(program))
            }
            Err(findings) => {
                tracing::error!(version = version.0, ?findings, "a published script does not compile");
                None
            }
        };
        self.programs.insert(version, program.clone());
        Ok(program)
    }

    /// Remembers a client's prefix, so that a ticket's number can be written without a question.
    pub fn know_prefix(&mut self, client: ClientId, prefix: &str) {
        self.prefixes.insert(client, prefix.to_owned());
    }

    /// A ticket's number as people write it.
    pub fn number(&mut self, tx: &Tx, client: ClientId, number: i64) -> Result<String, StoreError> {
        if !self.prefixes.contains_key(&client) {
            let prefix = store::client::get(tx, client)?.map(|client| client.prefix).unwrap_or_default();
            self.know_prefix(client, &prefix);
        }
        Ok(format!("{}-{number}", self.prefixes[&client]))
    }

    pub fn health(&mut self, tx: &Tx, client: ClientId) -> Result<Health, StoreError> {
        if let Some(health) = self.health.get(&client) {
            return Ok(*health);
        }
        let health = store::pack::health(tx, client)?;
        self.health.insert(client, health);
        Ok(health)
    }

    pub fn set_health(&mut self, tx: &Tx, client: ClientId, health: Health) -> Result<(), StoreError> {
        if self.health(tx, client)? != health {
            store::pack::put_health(tx, client, health)?;
            self.health.insert(client, health);
        }
        Ok(())
    }
}

/// The texts of a version as the workflow room takes them.
pub(super) fn sources(script: &str, modules: &BTreeMap<String, String>) -> Sources {
    let shared = modules.iter().map(|(path, source)| (path.clone(), Arc::from(source.as_str()))).collect();
    Sources { script: script.into(), shared, ..Sources::default() }
}

fn unreadable(error: &dyn std::error::Error) -> DeskError {
    DeskError::Store(StoreError::Unreadable { what: "pack version", why: error.to_string() })
}
