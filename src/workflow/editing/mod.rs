//! What an editor asks while somebody types: what can stand here, what does this call take, where is it defined, and
//! the text in its usual form.

mod complete;
mod definition;
mod format;
mod repair;
mod scan;
mod settings_words;
mod signature;
mod spacing;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::complete::{Completion, Item, ItemKind};
pub use self::definition::Definition;
pub use self::format::{Unformatted, format};
pub use self::signature::{Signature, SignatureParam};

use self::repair::Repair;
use super::api::in_language;
use super::check::{Known, Probe, probe};
use super::engine::lenient;
use super::limits::on_script_stack;
use super::source::Source;
use crate::domain::Language;
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX, SETTINGS_BYTES_MAX};

/// Which of the two texts the cursor is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum EditedFile {
    #[serde(rename = "workflow.rhai")]
    Script,
    #[serde(rename = "client.toml")]
    Settings,
}

/// Where the cursor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    pub file: EditedFile,
    /// From 1. Behind the last line is its end.
    pub line: usize,
    /// From 1, in characters; the cursor stands before that character.
    pub column: usize,
}

/// The texts as they are typed, and what their words can mean.
pub struct Draft<'d> {
    pub script: &'d str,
    pub settings: &'d str,
    /// The settings, or older ones while these have mistakes.
    pub pack: &'d Pack,
    pub known: &'d Known,
    /// In which labels and descriptions are read.
    pub language: Language,
}

/// What can stand at the cursor of one of the texts.
#[must_use]
pub fn complete(draft: &Draft<'_>, spot: Spot) -> Completion {
    match spot.file {
        EditedFile::Script => on_script_stack(|| complete::at(draft, offset(draft.script, spot))),
        EditedFile::Settings => complete_settings(draft.settings, spot),
    }
}

/// What can stand at the cursor of a `client.toml`; nothing of the desk is asked.
#[must_use]
pub fn complete_settings(settings: &str, spot: Spot) -> Completion {
    settings_words::at(settings, offset(settings, spot))
}

/// The call between whose brackets the cursor stands; nothing outside of calls.
#[must_use]
pub fn signature(draft: &Draft<'_>, spot: Spot) -> Option<Signature> {
    match spot.file {
        EditedFile::Script => on_script_stack(|| signature::at(draft, offset(draft.script, spot))),
        EditedFile::Settings => None,
    }
}

/// Where that is defined on which the cursor stands; nothing where that is not known.
#[must_use]
pub fn definition(draft: &Draft<'_>, spot: Spot) -> Option<Definition> {
    match spot.file {
        EditedFile::Script => on_script_stack(|| definition::at(draft, offset(draft.script, spot))),
        EditedFile::Settings => None,
    }
}

/// The byte at which the cursor stands; what lies outside of the text is its nearest end.
fn offset(text: &str, spot: Spot) -> usize {
    let start = match spot.line {
        0 | 1 => 0,
        line => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1),
    };
    let rest = text[start..].split('\n').next().unwrap_or_default();
    let column = spot.column.saturating_sub(1);
    start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
}

/// What the checker knows at a place of the script; nothing in comments and where no repair of the text parses.
fn asked(draft: &Draft<'_>, at: usize) -> Option<Probe> {
    if draft.script.len() > SCRIPT_BYTES_MAX || draft.settings.len() > SETTINGS_BYTES_MAX {
        return None;
    }
    let engine = lenient();
    let (text, ast) = Repair::new(draft.script, at)?.parse(&engine)?;
    Some(probe(&Source::new(&engine, &text), &ast, draft.pack, draft.known))
}

/// A function that a script defines.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OwnFunction {
    name: String,
    params: Vec<String>,
    /// Of its name, in bytes.
    start: usize,
}

/// The functions of a text, also of one that does not parse.
fn own_functions(text: &str) -> Vec<OwnFunction> {
    let pieces: Vec<scan::Piece<'_>> =
        scan::scan(text).into_iter().filter(|piece| !piece.is_comment()).collect();
    let named = pieces
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0].is_word("fn") && pair[1].kind == scan::Kind::Word);
    let functions = named.map(|(index, pair)| {
        // Up to the next function: in a text of nothing but `fn` none may look through all the others.
        let is_inside = |piece: &&scan::Piece<'_>| !piece.is(")") && !piece.is("{") && !piece.is_word("fn");
        let inside = pieces[index + 2..].iter().take_while(is_inside);
        let params = inside
            .filter(|piece| piece.kind == scan::Kind::Word)
            .map(|piece| piece.text.to_owned())
            .collect();
        OwnFunction { name: pair[1].text.to_owned(), params, start: pair[1].start }
    });
    functions.collect()
}

/// The modules that a text imports, by the name that it gives each.
fn imports(text: &str) -> BTreeMap<String, String> {
    let pieces = scan::scan(text);
    let found = pieces.windows(4).filter_map(|four| {
        let [import, path, word, alias] = four else { return None };
        let is_import = import.is_word("import") && path.kind == scan::Kind::Text && word.is_word("as");
        is_import.then(|| (alias.text.to_owned(), path.text.trim_matches(['"', '`']).to_owned()))
    });
    found.collect()
}

/// A call as it is written: `(queue, options?)`.
fn written(params: &[super::api::Param], needed: usize) -> String {
    let name = |(index, param): (usize, &super::api::Param)| {
        format!("{}{}", param.name, if index < needed { "" } else { "?" })
    };
    format!("({})", params.iter().enumerate().map(name).collect::<Vec<_>>().join(", "))
}

/// The first sentence of a description of the table, in the language of who types.
fn first_sentence(doc: &'static str, language: Language) -> String {
    let doc = in_language(doc, language);
    let end = doc.find(". ").map_or(doc.len(), |end| end + 1);
    doc[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_nothing_but_functions_is_read_once() {
        let found = own_functions(&"fn a b ".repeat(50_000));
        assert_eq!(found.len(), 50_000);
        assert!(found.iter().all(|function| function.params == ["b"]));
    }
}
