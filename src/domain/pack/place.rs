//! Where in the text of a `client.toml` something is wrong.

use toml::de::{DeTable, DeValue};

/// A way through the settings, such as `calendars`, 1, `hours`, 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Member(String),
    Index(usize),
}

/// Where, before it is known in lines and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At the first coming of a piece of text.
    Near(String),
    At(Vec<Step>),
}

impl Place {
    /// `a.b`, with numbers for places in lists: `sla.2.calendar`.
    #[must_use]
    pub fn at(way: &str) -> Self {
        let step = |part: &str| part.parse().map_or_else(|_| Step::Member(part.to_owned()), Step::Index);
        Place::At(way.split('.').map(step).collect())
    }

    /// As [`Place::at`] takes it; nothing where no way is known.
    #[must_use]
    pub fn way(&self) -> Option<String> {
        let Place::At(way) = self else { return None };
        let part = |step: &Step| match step {
            Step::Member(name) => name.clone(),
            Step::Index(index) => index.to_string(),
        };
        Some(way.iter().map(part).collect::<Vec<_>>().join("."))
    }

    /// Line and column, each from 1.
    #[must_use]
    pub fn find(&self, text: &str) -> (usize, usize) {
        match self {
            Place::Near(needle) => position(text, text.find(needle).unwrap_or(0)),
            Place::At(way) => position(text, offset(text, way)),
        }
    }
}

/// The start of the value at the way's end, or as far as the text has it.
fn offset(text: &str, way: &[Step]) -> usize {
    let Ok(table) = DeTable::parse(text) else { return 0 };
    let root = DeValue::Table(table.into_inner());
    let (mut value, mut found) = (&root, 0);
    for step in way {
        let next = match (value, step) {
            (DeValue::Table(table), Step::Member(name)) => {
                let own = table.iter().find(|(key, _)| key.get_ref().as_ref() == name.as_str());
                own.map(|(key, value)| (key.span().start, value))
            }
            (DeValue::Array(list), Step::Index(index)) => {
                list.get(*index).map(|value| (value.span().start, value))
            }
            _ => None,
        };
        let Some((start, next)) = next else { break };
        (found, value) = (start, next.get_ref());
    }
    found
}

/// Where `[settings]` and its overrides have the text as a value: each line and column, from 1.
#[must_use]
pub fn places_of_setting(text: &str, wanted: &str) -> Vec<(usize, usize)> {
    let Ok(table) = DeTable::parse(text) else { return Vec::new() };
    let mut offsets = Vec::new();
    let tables = table.get_ref().iter();
    for (_, value) in
        tables.filter(|(key, _)| ["settings", "sub_client_settings"].contains(&key.get_ref().as_ref()))
    {
        values_like(value.get_ref(), value.span().start, wanted, &mut offsets);
    }
    offsets.into_iter().map(|offset| position(text, offset)).collect()
}

fn values_like(value: &DeValue<'_>, at: usize, wanted: &str, offsets: &mut Vec<usize>) {
    match value {
        DeValue::String(found) if found.as_ref() == wanted => offsets.push(at),
        DeValue::Array(list) => {
            list.iter().for_each(|one| values_like(one.get_ref(), one.span().start, wanted, offsets));
        }
        DeValue::Table(table) => {
            table.iter().for_each(|(_, one)| values_like(one.get_ref(), one.span().start, wanted, offsets));
        }
        _ => {}
    }
}

/// Line and column of an offset, each from 1.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
