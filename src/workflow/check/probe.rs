//! What the checker knows at a place: a made-up name stands there, and the walk says what it meets.

use rhai::{AST, Position};

use super::Known;
use super::keys::KeySets;
use super::patience::Patience;
use super::value::Value;
use super::walk::Walk;
use crate::domain::pack::Pack;
use crate::workflow::api::{Keys, Kind, Param, Signature};
use crate::workflow::limits::PROBE_WALL_MAX;
use crate::workflow::source::{Literal, Source};

/// The name that is put where the cursor stands; no script has it.
pub const MARKER: &str = "naryad_cursor_stands_here";

/// What was found at the made-up name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Probe {
    pub place: Option<Place>,
    /// What the place wants, where the table says so.
    pub wanted: Option<Wanted>,
}

/// Where a name stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Behind a dot, after something of the kind.
    Member(Kind),
    /// Alone, with what has a name there.
    Name { scope: Vec<(String, Kind)>, is_in_function: bool },
    /// Behind `module::`.
    Module(String),
}

/// What can stand at a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    Key(Keys),
    /// One of these words.
    Among(Vec<String>),
    /// The name of a function of the script.
    Function(&'static Signature),
    /// A function of the plugin.
    PluginFunction(String),
    /// A key of an option map that holds `given` already.
    Option {
        options: &'static [Param],
        given: Vec<String>,
    },
}

/// Walks a text that has the marker in it.
#[must_use]
pub fn probe(text: &Source, ast: &AST, pack: &Pack, known: &Known) -> Probe {
    let patience = Patience::new(PROBE_WALL_MAX);
    let mut walk = Walk::new(KeySets::new(pack, known), text, None, ast, &patience);
    walk.settle(ast);
    walk.probe
}

#[must_use]
pub fn is_marked(literal: &Literal) -> bool {
    &*literal.text == MARKER
}

impl Walk<'_> {
    /// Notes what is wanted where the marker can be the value.
    pub fn marked(&mut self, value: &Value, wanted: impl FnOnce() -> Wanted) {
        if value.literals.iter().any(is_marked) {
            self.probe.wanted.get_or_insert_with(wanted);
        }
    }

    pub fn marked_member(&mut self, on: Kind, position: Position) -> Value {
        self.probe.place = Some(Place::Member(on));
        marker(position)
    }

    /// A name alone, or behind the name of a module.
    pub fn marked_name(&mut self, module: &str, position: Position) -> Value {
        let module = module.trim_end_matches("::");
        if !module.is_empty() {
            self.probe.place = Some(Place::Module(module.to_owned()));
            return Value::ANY;
        }
        let mut scope: Vec<(String, Kind)> = Vec::new();
        for (name, value) in self.scopes.iter().rev().flat_map(|scope| scope.iter().rev()) {
            if !scope.iter().any(|(known, _)| known == name) {
                scope.push((name.clone(), value.kind));
            }
        }
        self.probe.place = Some(Place::Name { scope, is_in_function: !self.function.is_empty() });
        marker(position)
    }
}

/// What is being typed can be any value, and a text as well.
fn marker(position: Position) -> Value {
    Value { literals: vec![Literal { text: MARKER.into(), position }], ..Value::ANY }
}
