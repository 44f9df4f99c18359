//! What the checker knows of a value: its kind and the texts that it can be.

use crate::workflow::api::Kind;
use crate::workflow::source::Literal;

/// A value as far as it can be followed without running the script.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    pub kind: Kind,
    /// The literals that it can be; a text that is none of them is possible too.
    pub literals: Vec<Literal>,
    /// A parameter whose callers were not looked at yet.
    pub is_pending: bool,
}

impl Value {
    pub const ANY: Value = Value { kind: Kind::Any, literals: Vec::new(), is_pending: false };

    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self { kind, ..Self::ANY }
    }

    /// What it is when it is the one or the other.
    #[must_use]
    pub fn or(mut self, other: Value) -> Self {
        self.kind = join(self.kind, other.kind);
        self.literals.extend(other.literals);
        self.is_pending |= other.is_pending;
        self
    }
}

/// The kind of something that is of the one kind or of the other.
#[must_use]
pub fn join(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (one, other) if one == other => one,
        // `()` stands for "there is none" everywhere.
        (Kind::Nothing, other) => other,
        (one, Kind::Nothing) => one,
        (Kind::Key(_) | Kind::Text, Kind::Key(_) | Kind::Text) => Kind::Text,
        _ => Kind::Any,
    }
}
