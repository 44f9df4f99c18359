//! Made-up texts in place of what people wrote, and values as a test writes them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::{Moment, Span};

/// A literal of the script is kept in a made-up text when it has at least so many characters.
const LITERAL_CHARS_MIN: usize = 3;
/// Most literals that one made-up text repeats.
const LITERALS_KEPT_MAX: usize = 8;
/// Deepest value that is written.
const DEPTH_MAX: usize = 16;

/// Makes up texts. What the script itself looks for by a literal is kept, for it decides where a ticket goes and is
/// nobody's data.
pub(super) struct Words {
    literals: BTreeSet<String>,
}

impl Words {
    pub fn new(literals: BTreeSet<String>) -> Self {
        Self { literals }
    }

    pub fn is_literal(&self, text: &str) -> bool {
        self.literals.contains(text)
    }

    /// `label` in place of the text, with what the script looks for in it.
    pub fn made_up(&self, label: &str, text: &str) -> String {
        if text.is_empty() || self.is_literal(text) {
            return text.to_owned();
        }
        let lower = text.to_lowercase();
        let kept = self.literals.iter().filter(|literal| {
            literal.chars().count() >= LITERAL_CHARS_MIN && lower.contains(&literal.to_lowercase())
        });
        let kept: Vec<&str> = kept.take(LITERALS_KEPT_MAX).map(String::as_str).collect();
        if kept.is_empty() { label.to_owned() } else { format!("{label}: {}", kept.join(", ")) }
    }

    /// A value of a plugin or a task, in which every text is made up.
    pub fn value(&self, value: &Value) -> String {
        self.value_within(value, DEPTH_MAX)
    }

    fn value_within(&self, value: &Value, depth: usize) -> String {
        match value {
            Value::Null => "()".to_owned(),
            Value::String(text) => quoted(&self.made_up("text", text)),
            Value::Array(items) if depth > 0 => {
                let items: Vec<String> =
                    items.iter().map(|item| self.value_within(item, depth - 1)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(fields) if depth > 0 => {
                let fields =
                    fields.iter().map(|(name, value)| (quoted(name), self.value_within(value, depth - 1)));
                map(fields)
            }
            Value::Array(_) | Value::Object(_) => "()".to_owned(),
            plain => plain.to_string(),
        }
    }
}

/// A text as Rhai writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for one in text.chars() {
        match one {
            '"' | '\\' => written.extend(['\\', one]),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            one if one.is_control() => {}
            one => written.push(one),
        }
    }
    written.push('"');
    written
}

/// `#{ a: 1, b: 2 }`.
pub(super) fn map(fields: impl Iterator<Item = (String, String)>) -> String {
    let fields: Vec<String> = fields.map(|(name, value)| format!("{name}: {value}")).collect();
    if fields.is_empty() { "#{}".to_owned() } else { format!("#{{ {} }}", fields.join(", ")) }
}

/// `["a", "b"]`.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// From one moment to a later one: `hours(3) + minutes(5)`, to the second; nothing when it is the same second.
pub(super) fn span(from: Moment, to: Moment) -> Option<String> {
    let seconds = to.ms().div_euclid(1_000) - from.ms().div_euclid(1_000);
    let parts = [(seconds / 3_600, "hours"), (seconds / 60 % 60, "minutes"), (seconds % 60, "seconds")];
    let parts: Vec<String> =
        parts.iter().filter(|part| part.0 > 0).map(|(count, unit)| format!("{unit}({count})")).collect();
    (!parts.is_empty()).then(|| parts.join(" + "))
}

/// The moment without what is less than a second.
pub(super) fn whole_second(at: Moment) -> Moment {
    at - Span::from_ms(at.ms().rem_euclid(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_made_up_but_for_what_the_script_looks_for() {
        let words = Words::new(["jam", "in", "vandalism"].map(str::to_owned).into());
        for (text, expected) in [
            ("", ""),
            ("Mr Petrov cannot log in", "Subject"),
            ("PAPER JAM at Petrov's", "Subject: jam"),
            ("vandalism", "vandalism"),
        ] {
            assert_eq!(words.made_up("Subject", text), expected, "{text}");
        }
        let value = serde_json::json!({ "name": "Petrov", "local": true, "list": [1, "jam"] });
        assert_eq!(words.value(&value), r#"#{ "list": [1, "jam"], "local": true, "name": "text" }"#);
    }

    #[test]
    fn spans_and_texts_are_written_as_rhai_reads_them() {
        let at = Moment::from_ms;
        assert_eq!(span(at(999), at(1_000)).as_deref(), Some("seconds(1)"));
        assert_eq!(
            span(at(0), at(3_600_000 * 49 + 61_500)).as_deref(),
            Some("hours(49) + minutes(1) + seconds(1)")
        );
        assert_eq!(span(at(0), at(999)), None);
        assert_eq!(quoted("a \"b\"\\\n\u{7}"), r#""a \"b\"\\\n""#);
    }
}
