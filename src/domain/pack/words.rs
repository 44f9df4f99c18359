//! What a new client changes first in a pack: its zone and language, and what its statuses and queues are called.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Labelled, Pack, PackError, TimeSettings, edit};
use crate::domain::calendar::HolidayLists;
use crate::domain::{Key, Language};

/// The first words of a pack, as `client.toml` says them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackNames {
    /// Of the texts that are sent.
    pub language: Language,
    /// IANA name: by which hours run where nothing else is said.
    pub time_zone: String,
    /// In the order of the settings. A label can be changed; what is not named is left out.
    pub statuses: Vec<Labelled>,
    pub queues: Vec<Labelled>,
}

/// The part of the settings that these words are, as they are written there.
#[derive(Serialize)]
struct Written<'w> {
    language: Language,
    calendar: Zone<'w>,
    statuses: &'w [Labelled],
    queues: &'w [Labelled],
}

#[derive(Serialize)]
struct Zone<'w> {
    time_zone: &'w str,
}

impl Pack {
    #[must_use]
    pub fn words(&self) -> PackNames {
        let statuses = self.statuses.iter();
        let queues = self.queues.iter();
        PackNames {
            language: self.language,
            time_zone: self.calendar.time_zone.clone(),
            statuses: statuses
                .map(|own| Labelled { key: own.key.clone(), label: own.label.clone() })
                .collect(),
            queues: queues.map(|own| Labelled { key: own.key.clone(), label: own.label.clone() }).collect(),
        }
    }
}

impl PackNames {
    const MEMBERS: [&'static str; 4] = ["language", "calendar", "statuses", "queues"];

    /// The text with these words in the place of its own; comments and all other lines stay as they are.
    ///
    /// # Errors
    /// The text is no pack.
    pub fn write(&self, text: &str) -> Result<String, PackError> {
        let before = TimeSettings::read(text)?.words();
        edit::write_members(text, &Self::MEMBERS, &before.written(), &self.written())
    }

    fn written(&self) -> toml::Value {
        let Self { language, time_zone, statuses, queues } = self;
        let written = Written { language: *language, calendar: Zone { time_zone }, statuses, queues };
        toml::Value::try_from(written).expect("words are strings and lists of them")
    }

    /// The first key that `other` does not have: a new one needs more than a name.
    #[must_use]
    pub fn new_key(&self, other: &PackNames) -> Option<&Key> {
        let is_new = |own: &&Labelled, list: &[Labelled]| !list.iter().any(|known| known.key == own.key);
        let status = self.statuses.iter().find(|own| is_new(own, &other.statuses));
        status.or_else(|| self.queues.iter().find(|own| is_new(own, &other.queues))).map(|own| &own.key)
    }
}

/// Keys of statuses and queues that cannot be left out: the script names them, or the settings would be none without.
#[must_use]
pub fn kept_keys(settings: &str, script: &str, lists: &HolidayLists) -> BTreeSet<Key> {
    let Ok(pack) = TimeSettings::read(settings) else { return BTreeSet::new() };
    let words = pack.words();
    let is_needed = |key: &Key| {
        let mut without = words.clone();
        without.statuses.retain(|own| own.key != *key);
        without.queues.retain(|own| own.key != *key);
        let written = without.write(settings);
        script.contains(&format!("\"{key}\""))
            || !written.is_ok_and(|written| Pack::parse_with(&written, lists).is_ok())
    };
    let keys = words.statuses.iter().chain(&words.queues).map(|own| own.key.clone());
    keys.filter(|key| is_needed(key)).collect()
}
