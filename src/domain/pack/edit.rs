//! Writes changed calendars, targets and stages into the text of a `client.toml`: comments, order and everything
//! that did not change stay as they were written.

mod align;

use toml::Value as Said;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::{PackError, TimeSettings};
use align::{Step, align};

/// How new entries of a list are set in.
const INDENT: &str = "\n    ";

/// The order in which the members of a new table are written.
const ORDER: [&str; 23] = [
    "key",
    "label",
    "time_zone",
    "days",
    "from",
    "to",
    "hours",
    "exceptions",
    "holidays",
    "priority",
    "category",
    "sub_client",
    "country",
    "site",
    "first_response_minutes",
    "next_response_minutes",
    "resolution_minutes",
    "stage_minutes",
    "warn_percent",
    "overdue_every_minutes",
    "statuses",
    "phase",
    "en",
];

/// The text with `after` in the place of `before`, which is what it says now.
///
/// # Errors
/// The text is no TOML, with the line and the column.
pub fn write(text: &str, before: &TimeSettings, after: &TimeSettings) -> Result<String, PackError> {
    write_members(text, &TimeSettings::MEMBERS, &said(before), &said(after))
}

/// The text with the members of `after` in the place of those of `before`, which is what it says now.
///
/// # Errors
/// The text is no TOML, with the line and the column.
pub fn write_members(text: &str, names: &[&str], before: &Said, after: &Said) -> Result<String, PackError> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        PackError::of_toml(text, error.span().map(|span| span.start), error.message())
    })?;
    for name in names {
        let (before, after) = (member(before, name), member(after, name));
        let root: &mut dyn TableLike = document.as_table_mut();
        if root.get(name).is_none()
            && let Some(Said::Array(list)) = after
        {
            let tables = list.iter().filter_map(Said::as_table).map(table).collect();
            root.insert(name, Item::ArrayOfTables(tables));
        } else {
            put(root, name, before, after);
        }
    }
    let written = document.to_string();
    // The editor writes plain line ends.
    Ok(if text.contains("\r\n") { written.replace("\r\n", "\n").replace('\n', "\r\n") } else { written })
}

fn said(settings: &TimeSettings) -> Said {
    Said::try_from(settings).expect("settings of time are strings, numbers and lists of them")
}

/// A member that says something.
fn member<'s>(table: &'s Said, name: &str) -> Option<&'s Said> {
    table.get(name).filter(|said| says(said) || must_stand(name, table.get("key").is_some()))
}

fn put(into: &mut dyn TableLike, name: &str, before: Option<&Said>, after: Option<&Said>) {
    if before == after {
        return;
    }
    let Some(after) = after else {
        into.remove(name);
        return;
    };
    match into.get_mut(name) {
        Some(item) => turn(item, name, before, after),
        None => {
            into.insert(name, Item::Value(value(after)));
        }
    }
}

/// Makes an item say `after`; what `before` said the same is left alone.
fn turn(item: &mut Item, name: &str, before: Option<&Said>, after: &Said) {
    let nothing = Said::Table(toml::Table::new());
    match after {
        Said::Table(after_table) => {
            if let Some(into) = item.as_table_like_mut() {
                let before = before.unwrap_or(&nothing);
                let mut names: Vec<String> = into.iter().map(|(name, _)| name.to_owned()).collect();
                let fresh = ordered(after_table).map(|(name, _)| name.clone());
                names.extend(fresh.filter(|name| !into.contains_key(name)));
                for name in &names {
                    put(into, name, member(before, name), member(after, name));
                }
                return;
            }
        }
        Said::Array(list) if list.iter().all(Said::is_table) => {
            let before = before.and_then(Said::as_array).map(Vec::as_slice).unwrap_or_default();
            let steps = align(name, before, list);
            match item {
                Item::ArrayOfTables(tables) if tables.len() == before.len() => {
                    return turn_tables(tables, &steps, before, list);
                }
                Item::Value(Value::Array(array)) if array.len() == before.len() => {
                    return turn_list(array, &steps, before, list);
                }
                _ => {}
            }
        }
        _ => {}
    }
    let mut fresh = value(after);
    if let Some(old) = item.as_value() {
        *fresh.decor_mut() = old.decor().clone();
    }
    *item = Item::Value(fresh);
}

fn turn_tables(tables: &mut ArrayOfTables, steps: &[Step], before: &[Said], after: &[Said]) {
    let mut at = 0;
    for step in steps {
        match *step {
            Step::Keep(old, new) => {
                if let Some(own) = tables.get_mut(at) {
                    let mut item = Item::Table(std::mem::take(own));
                    turn(&mut item, "", Some(&before[old]), &after[new]);
                    if let Item::Table(turned) = item {
                        *own = turned;
                    }
                }
                at += 1;
            }
            Step::Remove => {
                let gone = tables.remove(at);
                let next = tables.get_mut(at).filter(|_| at == 0);
                // What is said above the first entry is mostly about all of them.
                let says =
                    |own: &Table| own.decor().prefix().and_then(|text| text.as_str()).is_some_and(has_words);
                if let Some(next) = next.filter(|next| says(&gone) && !says(next)) {
                    *next.decor_mut() = gone.decor().clone();
                }
            }
            Step::Insert(new) => {
                let fresh = after[new].as_table().map(table).unwrap_or_default();
                tables.insert(at, fresh);
                at += 1;
            }
        }
    }
}

fn turn_list(array: &mut Array, steps: &[Step], before: &[Said], after: &[Said]) {
    let mut at = 0;
    for step in steps {
        match *step {
            Step::Keep(old, new) => {
                if let Some(own) = array.get_mut(at) {
                    let mut item = Item::Value(own.clone());
                    turn(&mut item, "", Some(&before[old]), &after[new]);
                    if let Item::Value(turned) = item {
                        *own = turned;
                    }
                }
                at += 1;
            }
            Step::Remove => {
                remove(array, at);
            }
            Step::Insert(new) => {
                insert(array, at, value(&after[new]));
                at += 1;
            }
        }
    }
}

fn remove(array: &mut Array, at: usize) {
    let gone = array.remove(at);
    // A comment behind the entry before lies in front of this one.
    let before = gone.decor().prefix().and_then(|text| text.as_str()).unwrap_or_default();
    let note = before.split('\n').next().filter(|note| has_words(note)).unwrap_or_default().to_owned();
    if let Some(next) = array.get_mut(at) {
        let prefix = next.decor().prefix().and_then(|text| text.as_str()).unwrap_or_default();
        let prefix = format!("{note}{prefix}");
        next.decor_mut().set_prefix(prefix);
    } else {
        let trailing = format!("{note}{}", array.trailing().as_str().unwrap_or_default());
        array.set_trailing(trailing);
        if let (Some(last), Some(suffix)) = (at.checked_sub(1), gone.decor().suffix().cloned())
            && let Some(last) = array.get_mut(last)
        {
            last.decor_mut().set_suffix(suffix);
        }
    }
}

fn insert(array: &mut Array, at: usize, mut fresh: Value) {
    let is_set_in = |own: &Value| {
        own.decor().prefix().and_then(|text| text.as_str()).is_some_and(|text| text.contains('\n'))
    };
    let own = array.iter().find(|own| is_set_in(own));
    let own = own.and_then(|own| {
        own.decor().prefix()?.as_str()?.rsplit_once('\n').map(|(_, indent)| format!("\n{indent}"))
    });
    let is_spread = own.is_some();
    let indent = own.unwrap_or_else(|| INDENT.to_owned());
    fresh.decor_mut().set_prefix(indent.clone());
    if at > 0
        && at == array.len()
        && let Some(last) = array.get_mut(at - 1)
    {
        let suffix = last.decor().suffix().cloned().unwrap_or_default();
        last.decor_mut().set_suffix("");
        fresh.decor_mut().set_suffix(suffix);
    }
    array.insert_formatted(at, fresh);
    if !is_spread {
        spread(array);
    }
}

/// One entry a line.
fn spread(array: &mut Array) {
    for own in array.iter_mut() {
        own.decor_mut().set_prefix(INDENT);
        own.decor_mut().set_suffix("");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
}

fn has_words(decor: &str) -> bool {
    decor.contains('#')
}

fn ordered(table: &toml::Table) -> impl Iterator<Item = (&String, &Said)> {
    let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    let mut members: Vec<_> = table
        .iter()
        .filter(|(name, said)| says(said) || must_stand(name, table.contains_key("key")))
        .collect();
    members.sort_by_key(|(name, _)| rank(name));
    members.into_iter()
}

/// What has a key needs a label, if an empty one.
fn must_stand(name: &str, has_key: bool) -> bool {
    has_key && name == "label"
}

/// An empty list and an empty table say nothing.
fn says(said: &Said) -> bool {
    match said {
        Said::Array(list) => !list.is_empty(),
        Said::Table(table) => !table.is_empty(),
        _ => true,
    }
}

fn table(said: &toml::Table) -> Table {
    let mut table = Table::new();
    for (name, said) in ordered(said) {
        table.insert(name, Item::Value(value(said)));
    }
    table
}

fn value(said: &Said) -> Value {
    match said {
        Said::String(text) => Value::from(text.as_str()),
        Said::Integer(number) => Value::from(*number),
        Said::Float(number) => Value::from(*number),
        Said::Boolean(flag) => Value::from(*flag),
        Said::Datetime(date) => Value::from(date.to_string()),
        Said::Array(list) => {
            let mut array: Array = list.iter().map(value).collect();
            if list.len() > 1 && list.iter().all(Said::is_table) {
                spread(&mut array);
            }
            Value::Array(array)
        }
        Said::Table(table) => {
            let mut inline = InlineTable::new();
            for (name, said) in ordered(table) {
                inline.insert(name, value(said));
            }
            Value::InlineTable(inline)
        }
    }
}

#[cfg(test)]
mod tests;
