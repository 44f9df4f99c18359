//! A key: what settings and scripts call a status, a category, a department; people see its label.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};

/// Longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 60;

/// `snake_case` (or `kebab-case` for clients, packs and plugins), Latin, starting with a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "awaiting_approval")]
pub struct Key(String);

/// The text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a key: a key has up to 60 Latin small letters, digits, `_` or `-` and starts with a letter"
)]
pub struct NotAKey(pub String);

impl Key {
    pub fn new(text: &str) -> Result<Self, NotAKey> {
        let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
        let rest_is_fine =
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if starts_well && rest_is_fine && text.len() <= KEY_BYTES_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAKey(text.chars().take(80).collect()))
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Key {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Key {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Key {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Key {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// The languages that the desk speaks.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Ru,
    En,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::Ru, Language::En];

    /// As JSON and scripts call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Ru => "ru",
            Language::En => "en",
        }
    }
}

/// What people see in place of a key, in each language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Label(pub BTreeMap<Language, String>);

impl Label {
    /// The label in `language`, else in any language, else nothing.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Option<&str> {
        self.0.get(&language).or_else(|| self.0.values().next()).map(String::as_str)
    }
}

/// The known key that looks most like `wrong`, when one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE_MIN: f64 = 0.75;
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(wrong, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// What was probably meant, as the end of a sentence or of its first half; nothing where nothing is near.
#[must_use]
pub fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_latin_small_and_short() {
        for good in ["new", "awaiting_approval", "it-desk", "a1"] {
            assert!(Key::new(good).is_ok(), "{good}");
        }
        for bad in ["", "1a", "_a", "Новая", "a b", "A", &"x".repeat(61)] {
            assert!(Key::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_nearest_key_is_offered_only_when_near() {
        assert_eq!(nearest("categry", ["status", "category"]), Some("category"));
        assert_eq!(nearest("zzz", ["status", "category"]), None);
    }
}
