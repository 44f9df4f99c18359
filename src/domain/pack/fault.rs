//! What is wrong with the settings of a pack: a place, an English sentence, and a code with values for other languages.

use serde::Serialize;
use utoipa::ToSchema;

use super::check::unknown;
use super::{Place, unreadable};

/// What is wrong with a `client.toml`, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, thiserror::Error)]
#[error("client.toml:{line}:{column}: {message}")]
pub struct PackError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
    /// A stable word for programs, such as `out_of_range`.
    pub code: &'static str,
    /// What the sentence speaks of, in its order.
    pub values: Vec<String>,
}

impl PackError {
    /// What the reader of TOML says, at a byte of the text.
    #[must_use]
    pub fn of_toml(text: &str, offset: Option<usize>, message: &str) -> Self {
        let (line, column) = super::place::position(text, offset.unwrap_or(0));
        let (code, values) = unreadable::code_of(message);
        Self { line, column, message: super::with_hint(message), code, values }
    }

    /// About the whole file.
    #[must_use]
    pub fn of_file(code: &'static str, values: [String; 2], message: String) -> Self {
        Self { line: 1, column: 1, message, code, values: values.into() }
    }
}

/// What is wrong with the settings, before their text is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFault {
    pub place: Place,
    pub message: String,
    /// A stable word for programs.
    pub code: &'static str,
    /// What the sentence speaks of, in its order.
    pub values: Vec<String>,
}

/// Nothing to name in a sentence.
pub const NO_VALUES: [&str; 0] = [];

impl PackFault {
    #[must_use]
    pub fn near(
        needle: impl Into<String>,
        code: &'static str,
        values: impl IntoIterator<Item = impl ToString>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Place::Near(needle.into()), code, values, message)
    }

    #[must_use]
    pub fn at(
        way: &str,
        code: &'static str,
        values: impl IntoIterator<Item = impl ToString>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Place::at(way), code, values, message)
    }

    fn new(
        place: Place,
        code: &'static str,
        values: impl IntoIterator<Item = impl ToString>,
        message: impl Into<String>,
    ) -> Self {
        let values = values.into_iter().map(|value| value.to_string()).collect();
        Self { place, message: message.into(), code, values }
    }

    /// `given` is not among `known`.
    #[must_use]
    pub fn unknown(way: &str, what: &str, given: &str, known: &[&str]) -> Self {
        let values = [what, given, &known.join(", ")];
        Self::at(way, "not_among", values, unknown(what, given, known))
    }

    /// A key that is defined a second time.
    #[must_use]
    pub fn twice(way: &str, what: &str, key: &str) -> Self {
        Self::at(way, "defined_again", [what, key], format!("the {what} `{key}` is defined twice"))
    }

    /// A number outside of its bounds; `message` says which and what it means.
    #[must_use]
    pub fn range(way: &str, (least, most): (i64, i64), message: impl Into<String>) -> Self {
        Self::at(way, "out_of_range", [least, most], message)
    }

    /// The same with a code of its own.
    #[must_use]
    pub fn coded(self, code: &'static str, values: impl IntoIterator<Item = impl ToString>) -> Self {
        Self { code, values: values.into_iter().map(|value| value.to_string()).collect(), ..self }
    }

    #[must_use]
    pub fn in_text(self, text: &str) -> PackError {
        let (line, column) = self.place.find(text);
        PackError { line, column, message: self.message, code: self.code, values: self.values }
    }
}
