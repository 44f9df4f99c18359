//! A pack that is ready to start from, and what somebody must know to choose it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pack, PackError};
use crate::domain::Key;

/// How a script names a plugin.
const CALL: &str = "call_plugin(\"";

/// The texts of a pack that comes with the binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyPack {
    /// The name of its folder.
    pub name: String,
    pub script: String,
    pub settings: String,
    /// iCalendar files by key.
    pub holidays: BTreeMap<Key, String>,
    /// Script tests by file, such as `tests/visits.rhai`.
    pub tests: BTreeMap<String, String>,
}

/// What a pack needs beside the texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    pub plugins: BTreeSet<String>,
    /// Organisations whose people get tasks.
    pub partners: BTreeSet<String>,
    /// Without which nobody takes a ticket.
    pub certificates: BTreeSet<String>,
}

impl ReadyPack {
    /// The settings as they read; holiday lists come along and are looked at when the pack is checked.
    pub fn pack(&self) -> Result<Pack, PackError> {
        Pack::parse(&self.settings)
    }

    #[must_use]
    pub fn needs(&self, pack: &Pack) -> Needs {
        Needs::of(&self.script, pack)
    }
}

impl Needs {
    #[must_use]
    pub fn of(script: &str, pack: &Pack) -> Needs {
        let plugins = script.split(CALL).skip(1).filter_map(|rest| rest.split('"').next());
        let partners = pack.queues.iter().filter_map(|queue| queue.partner.as_ref());
        Needs {
            plugins: plugins.map(str::to_owned).collect(),
            partners: partners.map(ToString::to_string).collect(),
            certificates: pack.assignment.required_certificates.iter().map(ToString::to_string).collect(),
        }
    }
}
