//! What the checker knows of a value: its kind and the texts that it can be.

use crate::workflow::api::Kind;
use crate::workflow::source::Literal;

/// Literals of one value that are followed. A hostile text makes them as many as it has lines.
pub const LITERALS_FOLLOWED_MAX: usize = 64;

/// A value as far as it can be followed without running the script.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    pub kind: Kind,
    /// The literals that it can be, each once; a text that is none of them is possible too.
    pub literals: Vec<Literal>,
    /// It can be more literals than are followed: any text, so that `literals` stays empty.
    pub is_any_text: bool,
    /// A parameter whose callers were not looked at yet.
    pub is_pending: bool,
}

impl Value {
    pub const ANY: Value =
        Value { kind: Kind::Any, literals: Vec::new(), is_any_text: false, is_pending: false };

    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self { kind, ..Self::ANY }
    }

    /// What it is when it is the one or the other.
    #[must_use]
    pub fn or(mut self, other: Value) -> Self {
        self.kind = join(self.kind, other.kind);
        self.is_pending |= other.is_pending;
        self.is_any_text |= other.is_any_text;
        if self.is_any_text {
            self.literals.clear();
            return self;
        }
        for literal in other.literals {
            self.follow(literal);
        }
        self
    }

    /// One literal more that it can be. All are of one text, so that a place names a literal.
    fn follow(&mut self, literal: Literal) {
        if self.is_any_text || self.literals.iter().any(|known| known.position == literal.position) {
            return;
        }
        self.is_any_text |= self.literals.len() >= LITERALS_FOLLOWED_MAX;
        if self.is_any_text { self.literals.clear() } else { self.literals.push(literal) }
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

/// What `+`, `-` and `*` make.
pub fn sum(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (Kind::Text | Kind::Key(_), _) | (_, Kind::Text | Kind::Key(_)) => Kind::Text,
        (Kind::Number, Kind::Number) => Kind::Number,
        (Kind::Moment, Kind::Moment) => Kind::Span,
        (Kind::Moment, _) => Kind::Moment,
        (Kind::Span, Kind::Span | Kind::Number) => Kind::Span,
        _ => Kind::Any,
    }
}

/// What `for` gives of it.
#[must_use]
pub fn item_of(kind: Kind) -> Kind {
    match kind {
        Kind::List(of) | Kind::Array(of) => *of,
        _ => Kind::Any,
    }
}
