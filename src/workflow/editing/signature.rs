//! What the call takes between whose brackets the cursor stands.

use serde::Serialize;
use utoipa::ToSchema;

use super::repair::{Cursor, cursor, hole_start};
use super::scan::{Kind as PieceKind, Piece, scan};
use super::{Draft, asked, imports, own_functions};
use crate::domain::Language;
use crate::workflow::api::{self, Kind, Param, Shape, in_language};
use crate::workflow::check::{Place, types_of};

/// A call and which of its parameters the cursor is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Signature {
    /// `queue`; with its type where it is a method: `Ticket.queue`.
    pub name: String,
    pub params: Vec<SignatureParam>,
    /// What it answers; empty: nothing, or nobody said.
    pub returns: String,
    pub doc: String,
    /// From 0; as many as there are: one more than it takes.
    pub current: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignatureParam {
    pub name: String,
    /// In words; empty: nobody said.
    pub kind: String,
    pub doc: String,
    pub is_needed: bool,
    /// The keys that its option map knows.
    pub options: Vec<String>,
}

/// The call around the cursor: its name and how many commas stand before the cursor.
struct Call {
    name: String,
    /// Where the name ends.
    end: usize,
    commas: usize,
    /// The module before `::`.
    module: Option<String>,
}

pub fn at(draft: &Draft<'_>, at: usize) -> Option<Signature> {
    let call = call_around(draft.script, at)?;
    if let Some(module) = &call.module {
        let path = imports(draft.script).remove(module)?;
        return own(draft.known.shared.get(&path)?, &call);
    }
    let found = own(draft.script, &call);
    let probe = asked(draft, call.end)?;
    match probe.place? {
        Place::Member(kind) => method(kind, &call, draft.language).or(found),
        Place::Name { .. } => found.or_else(|| function(&call, draft.language)),
        Place::Module(_) => None,
    }
}

fn call_around(text: &str, at: usize) -> Option<Call> {
    let end = match cursor(text, at) {
        Cursor::Name { start } => start,
        Cursor::Text { quote } => quote,
        // A number is an argument too; in a comment there is no call.
        Cursor::Nowhere => at,
    };
    // Within `${…}` of a text its own calls count.
    let base = hole_start(&text[..end]);
    let pieces: Vec<Piece<'_>> =
        scan(&text[base..end]).into_iter().filter(|piece| !piece.is_comment()).collect();
    let (mut depth, mut commas) = (0_usize, 0);
    for index in (0..pieces.len()).rev() {
        let piece = &pieces[index];
        if piece.closes() {
            depth += 1;
        } else if piece.opens() && depth > 0 {
            depth -= 1;
        } else if piece.opens() {
            // A block or a statement lies between the cursor and a call.
            if piece.is("{") {
                return None;
            }
            let name = index.checked_sub(1).map(|at| &pieces[at]);
            if piece.is("(")
                && let Some(name) = name.filter(|name| name.kind == PieceKind::Word && !is_keyword(name.text))
            {
                let before = |back: usize| index.checked_sub(back).map(|at| &pieces[at]);
                if before(2).is_some_and(|piece| piece.is_word("fn")) {
                    return None;
                }
                let is_in_module = before(2).is_some_and(|piece| piece.is("::"));
                let module = before(3).filter(|_| is_in_module).map(|piece| piece.text.to_owned());
                return Some(Call { name: name.text.to_owned(), end: base + name.end(), commas, module });
            }
            // `#{`, `[` and brackets around an expression: the call lies further out.
            commas = 0;
        } else if depth == 0 && piece.is(",") {
            commas += 1;
        }
    }
    None
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "if" | "while" | "for" | "switch" | "return" | "in" | "catch" | "until" | "throw" | "else")
}

fn own(text: &str, call: &Call) -> Option<Signature> {
    let function = own_functions(text).into_iter().find(|function| function.name == call.name)?;
    let param = |name: String| SignatureParam {
        name,
        kind: String::new(),
        doc: String::new(),
        is_needed: true,
        options: Vec::new(),
    };
    let params: Vec<SignatureParam> = function.params.into_iter().map(param).collect();
    Some(Signature {
        name: function.name,
        params,
        returns: String::new(),
        doc: String::new(),
        current: call.commas,
    })
}

fn function(call: &Call, language: Language) -> Option<Signature> {
    let function = api::functions().find(|function| function.name == call.name)?;
    Some(Signature {
        name: function.name.to_owned(),
        params: params(function.params, function.params.len(), language),
        returns: returned(function.returns),
        doc: in_language(function.doc, language).to_owned(),
        current: call.commas,
    })
}

fn method(kind: Kind, call: &Call, language: Language) -> Option<Signature> {
    types_of(kind).into_iter().find_map(|entry| {
        // A property may have the same name: `ticket.queue`.
        let mut named = entry.all().filter(|member| member.name == call.name);
        let (member, taken, needed, returns) = named.find_map(|member| match &member.shape {
            Shape::Method { params, needed, returns, .. } => Some((member, params, needed, returns)),
            Shape::Property { .. } => None,
        })?;
        Some(Signature {
            name: format!("{}.{}", entry.name, member.name),
            params: params(taken, *needed, language),
            returns: returned(*returns),
            doc: in_language(member.doc, language).to_owned(),
            current: call.commas,
        })
    })
}

fn returned(kind: Kind) -> String {
    if kind == Kind::Nothing { String::new() } else { kind.to_string() }
}

fn params(params: &[Param], needed: usize, language: Language) -> Vec<SignatureParam> {
    let param = |(index, param): (usize, &Param)| SignatureParam {
        name: param.name.to_owned(),
        kind: param.kind.to_string(),
        doc: in_language(param.doc, language).to_owned(),
        is_needed: index < needed,
        options: match param.kind {
            Kind::Options(options)
            | Kind::OptionsAndFields(options)
            | Kind::Message(options)
            | Kind::Assignment(options) => options.iter().map(|option| option.name.to_owned()).collect(),
            _ => Vec::new(),
        },
    };
    params.iter().enumerate().map(param).collect()
}
