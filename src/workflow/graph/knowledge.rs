//! What is known at a place of a script: of a property such as `ticket.status`, which keys it can be.

use std::collections::BTreeMap;

use crate::domain::state_graph::KnownKeys;

/// By way, such as `ticket.status`; a way that is not here can be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Knowledge(BTreeMap<String, KnownKeys>);

impl Knowledge {
    #[must_use]
    pub fn of(&self, way: &str) -> KnownKeys {
        self.0.get(way).cloned().unwrap_or_default()
    }

    pub fn set(&mut self, way: &str, known: KnownKeys) {
        if known == KnownKeys::Any {
            self.0.remove(way);
        } else {
            self.0.insert(way.to_owned(), known);
        }
    }

    /// With one thing more. Nothing: that cannot be here.
    #[must_use]
    pub fn with(mut self, way: &str, known: &KnownKeys) -> Option<Knowledge> {
        let both = self.of(way).and(known)?;
        self.set(way, both);
        Some(self)
    }

    /// What is so on both ways.
    #[must_use]
    pub fn or(&self, other: &Knowledge) -> Knowledge {
        let both = self.0.iter().filter_map(|(way, known)| {
            let known = known.or(other.0.get(way)?);
            (known != KnownKeys::Any).then(|| (way.clone(), known))
        });
        Knowledge(both.collect())
    }

    /// Nothing is known any more of what lies behind a value.
    pub fn forget(&mut self, root: &str) {
        self.0.retain(|way, _| {
            way != root && !way.strip_prefix(root).is_some_and(|rest| rest.starts_with('.'))
        });
    }

    /// Only what is the same in both.
    #[must_use]
    pub fn unchanged_in(&self, other: &Knowledge) -> Knowledge {
        let same = self.0.iter().filter(|(way, known)| other.0.get(*way) == Some(known));
        Knowledge(same.map(|(way, known)| (way.clone(), known.clone())).collect())
    }
}

/// What is known where two ways meet; nothing: neither comes there.
#[must_use]
pub fn meet(one: Option<Knowledge>, other: Option<Knowledge>) -> Option<Knowledge> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.or(&other)),
        (one, other) => one.or(other),
    }
}
