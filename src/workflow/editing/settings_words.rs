//! What can stand at the cursor of a `client.toml`: the reader of packs itself says which words it would take.

use super::complete::{Completion, Item, ItemKind};
use crate::domain::pack::{Pack, SETTINGS_BYTES_MAX};
use crate::workflow::check::MARKER;

/// The line of the cursor: what stands before the word, the word, and what follows it.
struct Typed<'t> {
    above: &'t str,
    before: &'t str,
    word: &'t str,
    behind: &'t str,
    below: &'t str,
}

pub fn at(text: &str, at: usize) -> Completion {
    if text.len() > SETTINGS_BYTES_MAX {
        return Completion::default();
    }
    let typed = Typed::new(text, at);
    let is_in_text = quotes(typed.before) % 2 == 1;
    let is_header = typed.before.trim_start().starts_with('[') && !typed.before.contains('=');
    let words = typed.texts(is_in_text, is_header).iter().find_map(|text| wanted(text)).unwrap_or_default();
    let is_value = is_value(typed.before);
    let item = |word: String| {
        let kind = if is_value {
            ItemKind::Key
        } else if is_header {
            ItemKind::Table
        } else {
            ItemKind::Property
        };
        let is_plain = word == "true" || word == "false";
        let label = if is_value && !is_in_text && !is_plain { format!("\"{word}\"") } else { word };
        Item::new(label, kind)
    };
    let replaces = typed.word.chars().count();
    Completion { replaces, is_in_text, items: words.into_iter().map(item).collect() }
}

fn quotes(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'"').count()
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '-'
}

/// Whether a value is wanted behind it, and not a key.
fn is_value(before: &str) -> bool {
    let last = before.trim_end_matches(|letter| is_letter(letter) || letter == '"').trim_end();
    let in_list = last.rfind('[') > last.rfind('{') && last.contains('=');
    last.ends_with('=') || in_list && last.ends_with(['[', ','])
}

impl<'t> Typed<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let word = at
            - text[start..at]
                .chars()
                .rev()
                .take_while(|one| is_letter(*one))
                .map(char::len_utf8)
                .sum::<usize>();
        let rest = text[at..end].find(|one| !is_letter(one)).map_or(end, |stop| at + stop);
        Self {
            above: &text[..start],
            before: &text[start..word],
            word: &text[word..at],
            behind: &text[rest..end],
            below: &text[end..],
        }
    }

    /// The text with the marker in it: as it stands, and with the line cut off behind the cursor and closed.
    fn texts(&self, is_in_text: bool, is_header: bool) -> [String; 2] {
        let Self { above, before, behind, below, .. } = self;
        let has_sign = behind.trim_start().starts_with('=');
        let mark = if is_in_text || is_header || has_sign {
            MARKER.to_owned()
        } else if is_value(before) {
            format!("\"{MARKER}\"")
        } else {
            format!("{MARKER} = 0")
        };
        let mut cut = format!("{before}{mark}");
        if is_in_text {
            cut.push('"');
        }
        if is_header {
            let brackets = if before.trim_start().starts_with("[[") { "]]" } else { "]" };
            cut.push_str(brackets);
        } else {
            for letter in before.chars().rev() {
                match letter {
                    '{' => cut.push('}'),
                    '[' => cut.push(']'),
                    _ => {}
                }
            }
        }
        [format!("{above}{before}{mark}{behind}{below}"), format!("{above}{cut}{below}")]
    }
}

/// The words that the reader names when it meets the marker.
fn wanted(text: &str) -> Option<Vec<String>> {
    let error = toml::from_str::<Pack>(text).err()?;
    let message = error.message();
    let place = message.find(MARKER)?;
    let expected = message[place..].split_once("expected ")?.1;
    if expected.starts_with("a boolean") {
        return Some(vec!["true".to_owned(), "false".to_owned()]);
    }
    let words: Vec<String> = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    const PACK: &str = include_str!("../../../workflows/atm-service/client.toml");

    fn words(typed: &str) -> Vec<String> {
        let text = format!("{PACK}\n{typed}");
        let at = text.find('‸').expect("the case has a cursor");
        super::at(&text.replace('‸', ""), at).items.into_iter().map(|item| item.label).collect()
    }

    #[test]
    fn tables_keys_and_choices_come_from_the_reader_of_packs() {
        let cases: &[(&str, &[&str])] = &[
            ("[[‸", &["statuses", "categories", "queues", "templates"]),
            ("[wat‸]", &["watch", "settings"]),
            ("[[statuses]]\n‸", &["key", "label", "phase"]),
            ("[[queues]]\nkey = \"x\"\nki‸\nlabel = { en = \"X\" }", &["kind", "level", "outcomes"]),
            ("[[queues]]\nkey = \"x\"\nkind = \"‸\"", &["line", "department"]),
            ("[[queues]]\nkey = \"x\"\nkind = ‸", &["\"line\"", "\"department\""]),
            ("[[queues]]\nkey = \"x\"\nis_default = ‸", &["true", "false"]),
        ];
        for (typed, expected) in cases {
            let found = words(typed);
            for word in *expected {
                assert!(found.iter().any(|one| one == word), "{typed}: {word} is not in {found:?}");
            }
        }
    }
}
