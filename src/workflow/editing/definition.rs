//! Where that is defined on which the cursor stands.

use serde::Serialize;
use utoipa::ToSchema;

use super::format::place_of;
use super::repair::{Cursor, cursor, word_at};
use super::scan::{Kind as PieceKind, scan};
use super::{Draft, EditedFile, Spot, asked, imports, own_functions};
use crate::domain::pack::Place as SettingsPlace;
use crate::workflow::api::{self, HANDLERS, Keys, Kind};
use crate::workflow::check::{Place, Wanted, types_of};

/// Lines of a module's function that are shown.
const SHOWN_LINES_MAX: usize = 40;

/// Where something is defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Definition {
    /// In one of the two texts.
    Text(Spot),
    /// In a shared module, which is not edited here: where, and its first lines.
    Module { path: String, line: usize, lines: String },
    /// In the script API: the words by which the reference finds it, such as `Ticket.queue`.
    Reference { words: String },
}

pub fn at(draft: &Draft<'_>, at: usize) -> Option<Definition> {
    match cursor(draft.script, at) {
        Cursor::Nowhere => None,
        Cursor::Text { quote } => of_text(draft, quote, at),
        Cursor::Name { .. } => {
            let (start, word) = word_at(draft.script, at)?;
            // The name of a function is its definition already, but handlers have an entry.
            if is_named_there(draft.script, start) {
                return handler(word);
            }
            match asked(draft, at)?.place? {
                Place::Member(kind) => member(draft, kind, word),
                Place::Module(alias) => in_module(draft, &alias, word),
                Place::Name { scope, .. } => name(draft, &scope, word, start),
            }
        }
    }
}

fn is_named_there(text: &str, start: usize) -> bool {
    own_functions(text).iter().any(|function| function.start == start)
}

fn handler(word: &str) -> Option<Definition> {
    let handler = HANDLERS.iter().find(|handler| handler.name == word)?;
    Some(Definition::Reference { words: handler.name.to_owned() })
}

fn name(draft: &Draft<'_>, scope: &[(String, Kind)], word: &str, start: usize) -> Option<Definition> {
    if word == "settings" {
        return settings_line(draft.settings, &["settings"]).or_else(|| reference("Settings"));
    }
    if scope.iter().any(|(known, _)| known == word) {
        return variable(draft.script, word, start);
    }
    if let Some(found) = own_function(draft.script, word) {
        return Some(found);
    }
    if let Some(path) = imports(draft.script).get(word) {
        let text = draft.known.shared.get(path)?;
        return Some(module_text(path, text, 0));
    }
    api::functions().any(|function| function.name == word).then(|| reference(word))?
}

fn reference(words: &str) -> Option<Definition> {
    Some(Definition::Reference { words: words.to_owned() })
}

fn in_script(text: &str, offset: usize) -> Definition {
    let (line, column) = place_of(text, offset);
    Definition::Text(Spot { file: EditedFile::Script, line, column })
}

fn own_function(text: &str, name: &str) -> Option<Definition> {
    let found = own_functions(text).into_iter().find(|function| function.name == name)?;
    Some(in_script(text, found.start))
}

/// The last place before `start` that gives a variable or a parameter its name.
fn variable(text: &str, name: &str, start: usize) -> Option<Definition> {
    let pieces = scan(&text[..start]);
    let function = pieces.iter().rposition(|piece| piece.is_word("fn")).unwrap_or(0);
    let mut names = pieces.iter().enumerate().skip(function).filter(|(_, piece)| piece.is_word(name));
    let defines = |index: usize| {
        let before = &pieces[index - 1];
        let is_defined = ["let", "const", "for"].iter().any(|word| before.is_word(word));
        // A parameter, between the brackets of `fn` or the bars of an anonymous function.
        let is_listed = ["(", ",", "|"].iter().any(|sign| before.is(sign));
        let ends = pieces.get(index + 1).is_some_and(|next| [")", ",", "|"].iter().any(|sign| next.is(sign)));
        is_defined || is_listed && ends
    };
    let is_head = |index: usize| {
        // What is passed to a call looks as a parameter does; those of the function come first.
        let head = pieces[function..].iter().position(|piece| piece.is("{")).map_or(0, |at| function + at);
        index < head || pieces[index - 1].is("|") || !["(", ","].iter().any(|sign| pieces[index - 1].is(sign))
    };
    let found = names.rfind(|(index, _)| *index > 0 && defines(*index) && is_head(*index));
    Some(in_script(text, found?.1.start))
}

fn member(draft: &Draft<'_>, kind: Kind, word: &str) -> Option<Definition> {
    if kind == Kind::Handle("Settings") {
        return key_line(draft, Keys::Setting, word);
    }
    let types = types_of(kind);
    if let Some(entry) = types.iter().find(|entry| entry.all().any(|member| member.name == word)) {
        return reference(&format!("{}.{word}", entry.name));
    }
    if kind == Kind::Handle("Fields") {
        return key_line(draft, Keys::Field, word);
    }
    own_function(draft.script, word)
}

fn in_module(draft: &Draft<'_>, alias: &str, word: &str) -> Option<Definition> {
    let path = imports(draft.script).remove(alias)?;
    let text = draft.known.shared.get(&path)?;
    let found = own_functions(text).into_iter().find(|function| function.name == word)?;
    Some(module_text(&path, text, found.start))
}

fn module_text(path: &str, text: &str, offset: usize) -> Definition {
    let (line, _) = place_of(text, offset);
    let lines: Vec<&str> = text.lines().skip(line - 1).take(SHOWN_LINES_MAX).collect();
    let end = lines.iter().position(|line| *line == "}").map_or(lines.len(), |end| end + 1);
    let shown = if offset == 0 { lines.len() } else { end };
    Definition::Module { path: path.to_owned(), line, lines: lines[..shown].join("\n") }
}

/// What a text names: a function of the script, a key of the settings, a module.
fn of_text(draft: &Draft<'_>, quote: usize, at: usize) -> Option<Definition> {
    let pieces = scan(draft.script);
    let index = pieces.iter().position(|piece| piece.start == quote && piece.kind == PieceKind::Text)?;
    let word = pieces[index].text.trim_matches(['"', '`']);
    if index > 0 && pieces[index - 1].is_word("import") {
        let text = draft.known.shared.get(word)?;
        return Some(module_text(word, text, 0));
    }
    match asked(draft, at)?.wanted? {
        Wanted::Function(_) => own_function(draft.script, word),
        Wanted::Key(keys) => key_line(draft, keys, word),
        Wanted::Among(_) => key_line(draft, Keys::Queue, word),
        Wanted::PluginFunction(_) | Wanted::Option { .. } => None,
    }
}

/// Where `client.toml` defines the key.
fn key_line(draft: &Draft<'_>, keys: Keys, word: &str) -> Option<Definition> {
    let table = match keys {
        Keys::Status | Keys::TicketExpected => "statuses",
        Keys::Category => "categories",
        Keys::Queue | Keys::Department | Keys::Line => "queues",
        Keys::Resolution => "resolutions",
        Keys::OrderOutcome => "order_outcomes",
        Keys::Template => "templates",
        Keys::Timer => "timers",
        Keys::Schedule => "schedules",
        Keys::Field => "fields",
        Keys::SlaTarget => "stages",
        Keys::Service => "services",
        Keys::Package => "packages",
        Keys::Setting => {
            let usual = settings_line(draft.settings, &["settings", word]);
            let own = || {
                let subs = draft.pack.sub_client_settings.iter();
                subs.filter(|(_, table)| table.contains_key(word)).find_map(|(sub, _)| {
                    settings_line(draft.settings, &["sub_client_settings", sub.as_str(), word])
                })
            };
            return usual.or_else(own);
        }
        Keys::TaskOutcome => return outcome_line(draft.settings, word),
        _ => return None,
    };
    let read: toml::Table = toml::from_str(draft.settings).ok()?;
    let index = index_of(read.get(table)?, word)?;
    settings_line(draft.settings, &[table, &index.to_string(), "key"])
}

fn index_of(list: &toml::Value, key: &str) -> Option<usize> {
    list.as_array()?.iter().position(|one| one.get("key").and_then(toml::Value::as_str) == Some(key))
}

/// An outcome stands within the department whose tasks have it.
fn outcome_line(settings: &str, word: &str) -> Option<Definition> {
    let read: toml::Table = toml::from_str(settings).ok()?;
    let queues = read.get("queues")?.as_array()?;
    queues.iter().enumerate().find_map(|(queue, entry)| {
        let outcome = index_of(entry.get("outcomes")?, word)?;
        settings_line(settings, &["queues", &queue.to_string(), "outcomes", &outcome.to_string(), "key"])
    })
}

/// The line of the settings to which the way leads, where they have it.
fn settings_line(settings: &str, way: &[&str]) -> Option<Definition> {
    let read: toml::Value = toml::from_str(settings).ok()?;
    way.iter().try_fold(&read, |value, step| match value {
        toml::Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })?;
    let (line, column) = SettingsPlace::at(&way.join(".")).find(settings);
    Some(Definition::Text(Spot { file: EditedFile::Settings, line, column }))
}
