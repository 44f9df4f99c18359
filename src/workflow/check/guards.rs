//! Guards ask for nothing and alone may refuse: what each function of the script does, and who calls it.

use std::collections::{BTreeMap, BTreeSet};

use rhai::Position;

use super::Wrong;
use crate::workflow::api::HANDLERS;

/// Handlers that may only refuse.
const GUARDS: [&str; 3] = ["on_accepting", "on_resolving", "on_closing"];

/// What functions were seen to do, by their names.
#[derive(Default)]
pub struct Doings {
    /// The first thing that each function asks for or sets.
    asks: BTreeMap<String, (String, Position)>,
    calls: Vec<(String, String, Position)>,
    refusals: Vec<(String, Position)>,
}

impl Doings {
    pub fn asks(&mut self, function: &str, what: &str, place: Position) {
        let first = self.asks.entry(function.to_owned()).or_insert_with(|| (what.to_owned(), place));
        if place < first.1 {
            *first = (what.to_owned(), place);
        }
    }

    pub fn calls(&mut self, function: &str, called: &str, place: Position) {
        if called == "refuse" {
            self.refusals.push((function.to_owned(), place));
        }
        self.calls.push((function.to_owned(), called.to_owned(), place));
    }

    /// What guards must not do, and what they alone may.
    pub fn findings(&self) -> Vec<(Position, Wrong)> {
        let mut findings = Vec::new();
        for guard in GUARDS {
            if let Some((what, place)) = self.asks.get(guard) {
                findings.push((*place, Wrong::GuardAsks { guard: guard.to_owned(), what: what.clone() }));
            }
            for (_, called, place) in self.calls.iter().filter(|(from, ..)| from == guard) {
                findings.extend(self.through(guard, called).map(|wrong| (*place, wrong)));
            }
        }
        let is_other =
            |name: &str| HANDLERS.iter().any(|handler| handler.name == name) && !GUARDS.contains(&name);
        for (function, place) in self.refusals.iter().filter(|(function, _)| is_other(function)) {
            findings
                .push((*place, Wrong::NothingToRefuse { name: function.clone(), guards: GUARDS.join(", ") }));
        }
        findings
    }

    /// What a function that a guard calls leads to.
    fn through(&self, guard: &str, called: &str) -> Option<Wrong> {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![called]);
        while let Some(at) = waiting.pop() {
            if let Some((what, place)) = self.asks.get(at) {
                let line = place.line().unwrap_or(0);
                let (guard, called, what) = (guard.to_owned(), called.to_owned(), what.clone());
                return Some(Wrong::GuardLeads { guard, called, what, line });
            }
            if seen.insert(at) {
                let further = self.calls.iter().filter(|(from, ..)| from == at);
                waiting.extend(further.map(|(_, to, _)| to.as_str()));
            }
        }
        None
    }
}
