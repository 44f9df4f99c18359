//! What can stand at the cursor of a script.

use serde::Serialize;
use utoipa::ToSchema;

use super::repair::{Cursor, cursor};
use super::scan::{Kind as PieceKind, Piece, scan};
use super::{Draft, OwnFunction, asked, first_sentence, imports, own_functions, written};
use crate::domain::Language;
use crate::domain::key::Label;
use crate::domain::pack::Pack;
use crate::workflow::api::{self, HANDLERS, Keys, Kind, Param, Shape, in_language};
use crate::workflow::check::{KeySets, Place, Probe, Wanted, types_of};
use crate::workflow::engine::FORBIDDEN_WORDS;

/// Items of one answer; who has more types a letter.
const ITEMS_MAX: usize = 1_000;

/// What can stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Completion {
    /// How many characters before the cursor the chosen item takes the place of.
    pub replaces: usize,
    /// The cursor stands in a text: letters of a key are more than those of a name.
    pub is_in_text: bool,
    /// At most 1,000, what fits best first.
    pub items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Item {
    /// What is shown and written.
    pub label: String,
    pub kind: ItemKind,
    /// What is called: its parameters, `(queue, options?)`; `?` behind one that may be left out.
    pub params: Option<String>,
    /// What it is or answers: a type, the set of a key.
    pub detail: String,
    /// One sentence, or the label of a key.
    pub doc: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    Property,
    Method,
    /// Of the API, of the script, of a module.
    Function,
    /// A handler that the script does not have yet; written whole.
    Handler,
    Variable,
    Keyword,
    /// A key out of a set.
    Key,
    /// A key of an option map.
    Option,
    Module,
    /// A table of `client.toml`.
    Table,
}

const KEYWORDS: &[&str] = &[
    "let", "const", "if", "else", "switch", "while", "loop", "for", "in", "break", "continue", "return",
    "throw", "try", "catch", "true", "false", "fn", "import",
];

impl Item {
    pub fn new(label: impl Into<String>, kind: ItemKind) -> Self {
        Self { label: label.into(), kind, params: None, detail: String::new(), doc: String::new() }
    }
}

pub fn at(draft: &Draft<'_>, at: usize) -> Completion {
    let (start, is_in_text) = match cursor(draft.script, at) {
        Cursor::Nowhere => return Completion::default(),
        Cursor::Name { start } => (start, false),
        Cursor::Text { quote } => (quote + 1, true),
    };
    let replaces = draft.script[start..at].chars().count();
    let mut items = items(draft, start, is_in_text, at);
    items.truncate(ITEMS_MAX);
    Completion { replaces, is_in_text, items }
}

fn items(draft: &Draft<'_>, start: usize, is_in_text: bool, at: usize) -> Vec<Item> {
    let own = own_functions(draft.script);
    let before = scan(&draft.script[..start.saturating_sub(usize::from(is_in_text))]);
    let before: Vec<&Piece<'_>> = before.iter().filter(|piece| !piece.is_comment()).collect();
    if is_in_text && before.last().is_some_and(|piece| piece.is_word("import")) {
        return draft.known.shared.keys().map(|path| Item::new(path, ItemKind::Module)).collect();
    }
    if !is_in_text && let Some(named) = naming(&before, &own, draft.language) {
        return named;
    }
    let Some(Probe { place, wanted }) = asked(draft, at) else { return Vec::new() };
    if let Some(Wanted::Option { options, given }) = &wanted {
        return options
            .iter()
            .filter(|option| !given.iter().any(|name| name == option.name))
            .map(|option| option_item(option, draft.language))
            .collect();
    }
    let is_bare = place.as_ref().is_none_or(|place| matches!(place, Place::Name { .. }));
    let mut items = match wanted {
        // What a text can be stands with its quotation marks where none were typed.
        Some(wanted) if is_bare => words_of(draft, &wanted, &own, is_in_text),
        _ => Vec::new(),
    };
    match place {
        Some(Place::Member(kind)) => items.extend(members(draft, kind)),
        Some(Place::Module(alias)) => items.extend(of_module(draft, &alias)),
        Some(Place::Name { scope, is_in_function }) if !is_in_text => {
            items.extend(names(draft, &scope, is_in_function, &own));
        }
        _ => {}
    }
    items
}

/// Where something gets its name: handlers behind `fn`, nothing behind `let`.
fn naming(before: &[&Piece<'_>], own: &[OwnFunction], language: Language) -> Option<Vec<Item>> {
    let last = before.last()?;
    if last.is_word("fn") {
        return Some(missing_handlers(own, language));
    }
    let is_naming = ["let", "const", "for", "as"].iter().any(|word| last.is_word(word));
    // `fn name(` and what stands behind it up to the bracket's end.
    let open = before.iter().rposition(|piece| piece.is("(") || piece.is(")") || piece.is("{"));
    let is_parameter = open.is_some_and(|open| {
        before[open].is("(")
            && open >= 2
            && before[open - 1].kind == PieceKind::Word
            && before[open - 2].is_word("fn")
    });
    (is_naming || is_parameter).then(Vec::new)
}

fn missing_handlers(own: &[OwnFunction], language: Language) -> Vec<Item> {
    let missing = HANDLERS.iter().filter(|handler| !own.iter().any(|function| function.name == handler.name));
    let item = missing.map(|handler| Item {
        params: Some(written(handler.params, handler.params.len())),
        doc: first_sentence(handler.doc, language),
        ..Item::new(handler.name, ItemKind::Handler)
    });
    item.collect()
}

fn option_item(option: &Param, language: Language) -> Item {
    Item {
        detail: option.kind.to_string(),
        doc: in_language(option.doc, language).to_owned(),
        ..Item::new(option.name, ItemKind::Option)
    }
}

/// Members of the types that a value of the kind can be, and the keys that its index knows.
fn members(draft: &Draft<'_>, kind: Kind) -> Vec<Item> {
    let keys = KeySets::new(draft.pack, draft.known);
    let mut items: Vec<Item> = Vec::new();
    for entry in types_of(kind) {
        for member in entry.all().filter(|member| !FORBIDDEN_WORDS.contains(&member.name)) {
            let kind =
                if let Shape::Property { .. } = member.shape { ItemKind::Property } else { ItemKind::Method };
            // Integer and Float share members; a property and a method of one name are two.
            if items.iter().any(|item| item.label == member.name && item.kind == kind) {
                continue;
            }
            let doc = first_sentence(member.doc, draft.language);
            items.push(match &member.shape {
                Shape::Property { kind, .. } => {
                    Item { detail: kind.to_string(), doc, ..Item::new(member.name, ItemKind::Property) }
                }
                Shape::Method { params, needed, returns, .. } => Item {
                    params: Some(written(params, *needed)),
                    detail: if *returns == Kind::Nothing { String::new() } else { returns.to_string() },
                    doc,
                    ..Item::new(member.name, ItemKind::Method)
                },
            });
        }
        if let Some(index) = &entry.index {
            let known = keys.members(index.keys).unwrap_or_default();
            items.extend(known.into_iter().map(|key| key_item(draft, index.keys, key, ItemKind::Property)));
        }
    }
    items
}

fn key_item(draft: &Draft<'_>, keys: Keys, key: &str, kind: ItemKind) -> Item {
    let label = label_of(draft.pack, keys, key);
    let doc = match (label, keys) {
        (Some(label), _) => label.in_language(draft.language).unwrap_or_default().to_owned(),
        (None, Keys::Setting) => draft.pack.settings.get(key).map(ToString::to_string).unwrap_or_default(),
        (None, _) => String::new(),
    };
    Item { detail: keys.what().to_owned(), doc, ..Item::new(key, kind) }
}

/// What people call the key.
fn label_of<'p>(pack: &'p Pack, keys: Keys, key: &str) -> Option<&'p Label> {
    let labelled = |all: &'p [crate::domain::pack::Labelled]| {
        all.iter().find(|one| one.key == *key).map(|one| &one.label)
    };
    match keys {
        Keys::Status | Keys::TicketExpected => pack.status(key).map(|one| &one.label),
        Keys::Category => pack.category(key).map(|one| &one.label),
        Keys::Queue | Keys::Department | Keys::Line => pack.queue(key).map(|one| &one.label),
        Keys::Resolution => labelled(&pack.resolutions),
        Keys::OrderOutcome => labelled(&pack.order_outcomes),
        Keys::TaskOutcome => pack
            .queues
            .iter()
            .flat_map(|queue| &queue.outcomes)
            .find(|one| one.key == *key)
            .map(|one| &one.label),
        Keys::Timer => labelled(&pack.timers),
        Keys::Template => pack.templates.iter().find(|one| one.key == *key).map(|one| &one.text),
        Keys::Field => pack.field(key).map(|one| &one.label),
        _ => None,
    }
}

/// What a text can be that stands here.
fn words_of(draft: &Draft<'_>, wanted: &Wanted, own: &[OwnFunction], is_in_text: bool) -> Vec<Item> {
    let keys = KeySets::new(draft.pack, draft.known);
    let mut items: Vec<Item> = match wanted {
        Wanted::Key(set) => {
            let known = keys.members(*set).unwrap_or_default();
            known.into_iter().map(|key| key_item(draft, *set, key, ItemKind::Key)).collect()
        }
        Wanted::Among(words) => words.iter().map(|word| recipient_item(draft, word)).collect(),
        Wanted::Function(signature) => {
            let most = signature.params.len();
            let fits =
                own.iter().filter(|function| (signature.needed..=most).contains(&function.params.len()));
            fits.map(|function| Item { detail: "fn".to_owned(), ..own_item(function) }).collect()
        }
        Wanted::PluginFunction(plugin) => {
            let known = keys.functions_of(plugin).unwrap_or_default();
            known.into_iter().map(|name| key_item(draft, Keys::PluginFunction, name, ItemKind::Key)).collect()
        }
        Wanted::Option { .. } => Vec::new(),
    };
    for item in &mut items {
        // A name in quotation marks is not called.
        item.params = None;
        if !is_in_text {
            item.label = format!("\"{}\"", item.label);
        }
    }
    items
}

fn recipient_item(draft: &Draft<'_>, word: &str) -> Item {
    match label_of(draft.pack, Keys::Queue, word) {
        Some(_) => key_item(draft, Keys::Queue, word, ItemKind::Key),
        None => Item::new(word, ItemKind::Key),
    }
}

fn own_item(function: &OwnFunction) -> Item {
    Item {
        params: Some(format!("({})", function.params.join(", "))),
        ..Item::new(&function.name, ItemKind::Function)
    }
}

/// What a name alone can be.
fn names(
    draft: &Draft<'_>,
    scope: &[(String, Kind)],
    is_in_function: bool,
    own: &[OwnFunction],
) -> Vec<Item> {
    let mut items = Vec::new();
    if !is_in_function {
        items.extend(missing_handlers(own, draft.language));
    }
    items.extend(scope.iter().map(|(name, kind)| {
        let detail = if *kind == Kind::Any { String::new() } else { kind.to_string() };
        Item { detail, ..Item::new(name, ItemKind::Variable) }
    }));
    items.extend(own.iter().map(own_item));
    items.extend(
        imports(draft.script)
            .into_iter()
            .map(|(alias, path)| Item { detail: path, ..Item::new(alias, ItemKind::Module) }),
    );
    items.extend(api::functions().map(|function| Item {
        params: Some(written(function.params, function.params.len())),
        detail: function.returns.to_string(),
        doc: first_sentence(function.doc, draft.language),
        ..Item::new(function.name, ItemKind::Function)
    }));
    items.extend(KEYWORDS.iter().map(|word| Item::new(*word, ItemKind::Keyword)));
    items
}

/// The functions of a shared module.
fn of_module(draft: &Draft<'_>, alias: &str) -> Vec<Item> {
    let path = imports(draft.script).remove(alias);
    let text = path.and_then(|path| draft.known.shared.get(&path));
    text.map_or_else(Vec::new, |text| own_functions(text).iter().map(own_item).collect())
}
