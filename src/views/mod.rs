//! The only reader for people: every view takes who reads and answers only what that person may see.

pub mod list;
mod names;
pub mod rating;
pub mod reading;
pub mod report;

pub mod ticket_list;
pub mod ticket_row;

pub mod incident;
pub mod ladder;
pub mod ledger;
pub mod recount;
pub mod similar;
pub mod ticket_page;
pub mod time_entries;
pub mod time_report;
pub mod timeline;
pub mod work;

pub mod attachment;
pub mod candidates;
pub mod classification_report;
pub mod run;

pub mod board;
pub mod contract;
pub mod handover;
pub mod watch;

pub mod foreign_login;
pub mod hold;
pub mod holidays;
pub mod person_list;
pub mod places;
pub mod roster;
mod roster_calendar;
mod shift_pattern;
pub mod specialist;
pub mod swap;
pub mod territory;
pub mod vocabulary;

pub mod live;
pub mod me;
pub mod onboarding;
pub mod operations;
pub mod pack_tests;
pub mod plugin;
pub mod plugin_document;
mod plugin_words;
pub mod plugin_work;
pub mod script_rates;
pub mod session;
pub mod shadow;
pub mod ticket_names;
pub mod time_settings;
pub mod traffic;
pub mod version_move;
pub mod workflow_page;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::clock::Clock;
use crate::domain::calendars::Calendars;
use crate::domain::pack::Pack;
use crate::domain::permission::Scope;
use crate::domain::{Moment, PackVersionId, PersonId, Refusal};
use crate::store::{self, Db, Readers, StoreError};

use names::Names;
use reading::Reading;

/// Packs that are kept parsed; versions never change, so they never go stale.
const PACKS_KEPT_MAX: usize = 256;

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All views of one data folder.
#[derive(Debug, Clone)]
pub struct Views {
    readers: Readers,
    clock: Clock,
    packs: Arc<Mutex<HashMap<PackVersionId, KnownPack>>>,
}

/// A version of a pack, with its calendars.
#[derive(Debug, Clone)]
pub(crate) struct KnownPack {
    pub pack: Arc<Pack>,
    pub calendars: Arc<Calendars>,
}

impl Views {
    #[must_use]
    pub fn new(readers: Readers, clock: Clock) -> Self {
        Self { readers, clock, packs: Arc::default() }
    }

    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Whether the database answers.
    pub fn is_alive(&self) -> Result<i64, ViewError> {
        self.readers.read(|db| Ok(store::event::last_seq(db)?))
    }

    /// Reads as `person`, whose rights are those of this very moment.
    fn read<T>(
        &self,
        person: PersonId,
        read: impl FnOnce(&Reading<'_>) -> Result<T, ViewError>,
    ) -> Result<T, ViewError> {
        self.readers.read(|db| {
            let access = store::person::access(db, person)?.filter(|access| access.is_active);
            let access =
                access.ok_or_else(|| Refusal::forbidden("use the desk: this person is not active"))?;
            let scope = Scope::of(&access);
            read(&Reading {
                views: self,
                db,
                access: &access,
                scope: &scope,
                now: self.now(),
                names: Names::new(db),
            })
        })
    }

    /// The pack of a version; nothing when it is gone or cannot be read any more.
    fn known_pack(&self, db: &Db, version: PackVersionId) -> Result<Option<KnownPack>, StoreError> {
        if let Some(pack) = self.packs.lock().ok().and_then(|packs| packs.get(&version).cloned()) {
            return Ok(Some(pack));
        }
        let Some(stored) = store::pack::get(db, version)? else { return Ok(None) };
        let lists = store::holiday_list::of_version(db, &stored.holidays)?;
        let Ok((pack, calendars)) = Pack::parse_with(&stored.settings, &lists) else { return Ok(None) };
        let pack = KnownPack { pack: Arc::new(pack), calendars: Arc::new(calendars) };
        if let Ok(mut packs) = self.packs.lock() {
            if packs.len() >= PACKS_KEPT_MAX {
                packs.clear();
            }
            packs.insert(version, pack.clone());
        }
        Ok(Some(pack))
    }
}
