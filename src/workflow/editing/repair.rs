//! A text that somebody is typing, made whole around the cursor, so that the checker can be asked what it knows there.
//!
//! A made-up name is put where the cursor stands. Where the whole text then parses, it is taken as it is. Else functions
//! that do not parse become empty ones, and what follows the cursor in its own function is cut off and every open bracket
//! closed; if that is not enough, only the statement at the cursor stays, with the variables before it. Functions that stand
//! there twice count once.

use std::collections::BTreeSet;

use rhai::{AST, Engine};

use super::format::closer_of;
use super::scan::{Kind, Piece, TEMPLATES_NESTED_MAX, is_word_letter, is_word_start, scan, template};
use crate::workflow::check::MARKER;
use crate::workflow::engine::parse;
use crate::workflow::limits::VARIABLES_MAX;

/// Where the cursor stands, as far as the text before it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// In a name that begins there, or where one could begin.
    Name { start: usize },
    /// In a text whose quotation mark stands at `quote`.
    Text { quote: usize },
    /// In a comment or a number.
    Nowhere,
}

/// Finds out where the cursor stands.
#[must_use]
pub fn cursor(text: &str, at: usize) -> Cursor {
    // Within `${…}` it is code again.
    let (hole, pieces) = innermost(&text[..at]);
    if open_hole(&pieces).is_some() {
        return Cursor::Nowhere;
    }
    match in_code(&pieces, at - hole) {
        Cursor::Name { start } => Cursor::Name { start: hole + start },
        Cursor::Text { quote } => Cursor::Text { quote: hole + quote },
        Cursor::Nowhere => Cursor::Nowhere,
    }
}

fn in_code(pieces: &[Piece<'_>], at: usize) -> Cursor {
    let last = pieces.last().filter(|piece| piece.end() == at || piece.is_comment() && !piece.is_closed);
    match last {
        Some(piece) if piece.kind == Kind::Text && !piece.is_closed => Cursor::Text { quote: piece.start },
        Some(piece) if piece.kind == Kind::LineComment || piece.is_comment() && !piece.is_closed => {
            Cursor::Nowhere
        }
        Some(piece) if piece.kind == Kind::Number => Cursor::Nowhere,
        Some(piece) if piece.kind == Kind::Word => Cursor::Name { start: piece.start },
        _ => Cursor::Name { start: at },
    }
}

/// The `${` that stands open at the end of a text: where the back-ticked text begins, and where the code in it does.
fn open_hole(pieces: &[Piece<'_>]) -> Option<(usize, usize)> {
    let last = pieces.last()?;
    let hole = (last.kind == Kind::Text && last.text.starts_with('`')).then(|| template(last.text).1)??;
    Some((last.start, last.start + hole + 2))
}

/// Where the code begins in which a text ends, and its pieces: behind the innermost `${` that stands open, else at its start.
/// Of holes in holes without end, the last that is followed.
fn innermost(text: &str) -> (usize, Vec<Piece<'_>>) {
    let (mut start, mut pieces) = (0, scan(text));
    for _ in 0..TEMPLATES_NESTED_MAX {
        let Some((_, hole)) = open_hole(&pieces) else { break };
        start += hole;
        pieces = scan(&text[start..]);
    }
    (start, pieces)
}

/// Where the code begins in which a text ends.
#[must_use]
pub fn hole_start(text: &str) -> usize {
    innermost(text).0
}

/// The texts that may stand for what is typed, the truest first, each with the marker in it.
pub struct Repair<'t> {
    text: &'t str,
    before: &'t str,
    after: &'t str,
    mark: String,
}

impl<'t> Repair<'t> {
    /// `None`: nothing is asked there.
    #[must_use]
    pub fn new(text: &'t str, at: usize) -> Option<Self> {
        let rest = &text[at..];
        Some(match cursor(text, at) {
            Cursor::Nowhere => return None,
            Cursor::Name { start } => {
                let end = rest.find(|letter| !is_word_letter(letter)).unwrap_or(rest.len());
                Self { text, before: &text[..start], after: &rest[end..], mark: MARKER.to_owned() }
            }
            Cursor::Text { quote } => {
                let mark = text[quote..].chars().next().unwrap_or('"');
                let line = rest.split('\n').next().unwrap_or_default();
                let end = line.find(mark).map_or(0, |end| end + mark.len_utf8());
                Self { text, before: &text[..quote], after: &rest[end..], mark: format!("\"{MARKER}\"") }
            }
        })
    }

    /// The first of the texts that parses, with its tree.
    #[must_use]
    pub fn parse(&self, engine: &Engine) -> Option<(String, AST)> {
        let whole = [self.before, &self.mark, self.after].concat();
        if let Some(found) = parsed(engine, whole) {
            return Some(found);
        }
        let (own, others) = self.own_function(engine);
        // Where the others do not go together, the function at the cursor is enough.
        [others.as_str(), ""].into_iter().find_map(|others| self.cut_off(engine, &own, others))
    }

    /// What follows the cursor in its own function is left out; if that is not enough, what lies before its statement too.
    fn cut_off(&self, engine: &Engine, own: &Own, others: &str) -> Option<(String, AST)> {
        let starts = [(own.start, ""), (own.statement, own.head.as_str())];
        starts.into_iter().find_map(|(start, head)| {
            let cut = [head, &self.before[start..], &self.mark].concat();
            let closed = format!("{others}\n{cut}{}", closers(&cut));
            parsed(engine, closed)
        })
    }

    /// The function at the cursor, and the others as far as they parse. Of several with one name and as many parameters, which
    /// no script can have, the one at the cursor stays, else the first.
    fn own_function(&self, engine: &Engine) -> (Own, String) {
        let mut starts = function_starts(self.text, &scan(self.text));
        if starts.first() != Some(&0) {
            starts.insert(0, 0);
        }
        let at = self.before.len();
        let own = starts.iter().rposition(|start| *start <= at).unwrap_or(0);
        let part = |index: usize| {
            let end = starts.get(index + 1).copied().unwrap_or(self.text.len());
            &self.text[starts[index]..end]
        };
        let mut others = String::new();
        let mut known = BTreeSet::from_iter(defined(part(own)));
        for index in (0..starts.len()).filter(|index| *index != own) {
            let text = part(index);
            if defined(text).is_none_or(|function| known.insert(function)) {
                push_if_whole(engine, text, &mut others);
            }
        }
        (Own::new(engine, self.before, starts[own]), others)
    }
}

/// The function that begins with the text: its name and how many parameters it takes.
fn defined(text: &str) -> Option<(String, usize)> {
    let own = super::own_functions(text.split_once('{').map_or(text, |(head, _)| head));
    own.into_iter().next().map(|function| (function.name, function.params.len()))
}

/// The function in which the cursor stands.
struct Own {
    start: usize,
    /// Where the statement at the cursor begins.
    statement: usize,
    /// `fn name(parameters) {` and the variables before that statement.
    head: String,
}

impl Own {
    fn new(engine: &Engine, before: &str, start: usize) -> Self {
        let pieces: Vec<Piece<'_>> = scan(&before[start..]);
        let (mut open, mut statement) = (Vec::new(), 0);
        for piece in &pieces {
            if piece.opens() {
                open.push(piece.is("{"));
            }
            let was_block = if piece.closes() { open.pop() } else { None };
            let is_in_block = open.last().is_none_or(|is_block| *is_block);
            let is_edge = piece.is("{") || piece.is(";") && is_in_block || was_block == Some(true);
            if is_edge && !piece.is("#{") {
                statement = piece.end();
            }
        }
        let signature =
            pieces.iter().find(|piece| piece.is("{")).map_or("", |brace| &before[start..start + brace.end()]);
        let is_function = signature.starts_with("fn") || signature.starts_with("private");
        let mut head = if is_function { signature.to_owned() } else { String::new() };
        for text in variables(&before[start..start + statement], &pieces) {
            if engine.compile(text).is_ok() {
                head.push_str(text);
            }
        }
        Self { start, statement: start + statement, head }
    }
}

/// The texts of the last `let … = …;`: a script has no more variables at once than a run may have.
fn variables<'t>(text: &'t str, pieces: &[Piece<'_>]) -> Vec<&'t str> {
    let begins: Vec<_> = pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.is_word("let") || piece.is_word("const"))
        .collect();
    let slices =
        begins.iter().skip(begins.len().saturating_sub(VARIABLES_MAX)).filter_map(|(index, piece)| {
            let mut depth = 0_usize;
            let end = pieces[*index..].iter().find(|piece| {
                depth =
                    if piece.opens() { depth + 1 } else { depth.saturating_sub(usize::from(piece.closes())) };
                depth == 0 && piece.is(";")
            })?;
            text.get(piece.start..end.end())
        });
    slices.collect()
}

fn parsed(engine: &Engine, text: String) -> Option<(String, AST)> {
    let ast = parse(engine, &text).ok()?;
    Some((text, ast))
}

/// A function that does not parse is there without its body.
fn push_if_whole(engine: &Engine, text: &str, out: &mut String) {
    if engine.compile(text).is_ok() {
        out.push_str(text);
        out.push('\n');
        return;
    }
    let head = text.find(')').map_or("", |end| &text[..=end]);
    let empty = format!("{head} {{}}\n");
    if engine.compile(&empty).is_ok() {
        out.push_str(&empty);
    }
}

/// Where functions begin: `fn` with a line of its own, for none stands in another. Braces are no help in a text that is being
/// typed.
fn function_starts(text: &str, pieces: &[Piece<'_>]) -> Vec<usize> {
    let starts = pieces.iter().enumerate().filter(|(index, piece)| {
        let next_is_fn = || pieces.get(index + 1).is_some_and(|next| next.is_word("fn"));
        let begins = piece.is_word("fn") || piece.is_word("private") && next_is_fn();
        let before = || text[..piece.start].trim_end_matches([' ', '\t']);
        begins && (before().is_empty() || before().ends_with('\n'))
    });
    starts.map(|(_, piece)| piece.start).collect()
}

/// What stands open and how it is closed.
struct Level<'t> {
    opener: &'t str,
    /// The word that began the block: `switch`, `do`, `try`.
    word: &'t str,
    /// A word that wants a block, and has none yet.
    pending: &'t str,
    /// The last piece of this level, and whether its part has a `:` or a `=>`.
    last: &'t str,
    has_sign: bool,
}

impl<'t> Level<'t> {
    fn new(opener: &'t str, word: &'t str) -> Self {
        Self { opener, word, pending: "", last: "", has_sign: false }
    }

    fn end(&self) -> String {
        let mut end = String::new();
        if self.opener == "#{" && !self.has_sign && !matches!(self.last, "" | ",") {
            end.push_str(": ()");
        }
        if matches!(self.pending, "if" | "while" | "for" | "switch" | "fn" | "loop" | "else") {
            end.push_str(" {}");
        }
        if self.opener == "{" && self.word == "switch" && !self.has_sign && !matches!(self.last, "" | ",") {
            end.push_str(" => ()");
        }
        end
    }

    fn closer(&self) -> String {
        match (self.opener, self.word) {
            ("", _) => String::new(),
            ("{", "do") => "} while true;".to_owned(),
            ("{", "try") => "} catch {}".to_owned(),
            (opener, _) => closer_of(opener).to_owned(),
        }
    }
}

/// What makes a text whole that ends where something was being typed.
fn closers(text: &str) -> String {
    let pieces = scan(text);
    if let Some((start, hole)) = open_hole(&pieces) {
        let outside = format!("{}``", &text[..start]);
        return format!("{}}}`{}", closers(&text[hole..]), closers(&outside));
    }
    let mut levels = vec![Level::new("", "")];
    for piece in &pieces {
        let level = levels.last_mut().expect("the outermost is never closed");
        if piece.is_comment() {
            continue;
        }
        if piece.opens() {
            let word = if piece.is("{") { std::mem::take(&mut level.pending) } else { "" };
            level.last = piece.text;
            levels.push(Level::new(piece.text, word));
            continue;
        }
        if piece.closes() {
            if levels.len() > 1 {
                let closed = levels.pop().expect("there are two");
                let level = levels.last_mut().expect("the outermost is never closed");
                level.last = piece.text;
                // An arm that is a block needs no comma behind it.
                level.has_sign &= !(closed.opener == "{" && level.word == "switch");
            }
            continue;
        }
        level.last = piece.text;
        match piece.text {
            "," if piece.kind == Kind::Symbol => level.has_sign = false,
            ":" | "=>" if piece.kind == Kind::Symbol => level.has_sign = true,
            ";" if piece.kind == Kind::Symbol => level.pending = "",
            "if" | "while" | "for" | "switch" | "loop" | "do" | "try" | "else" | "fn"
                if piece.kind == Kind::Word =>
            {
                level.pending = piece.text;
            }
            _ => {}
        }
    }
    levels.iter().rev().map(|level| format!("{}{}", level.end(), level.closer())).collect()
}

/// The name at the cursor, whole.
#[must_use]
pub fn word_at(text: &str, at: usize) -> Option<(usize, &str)> {
    let start = match cursor(text, at) {
        Cursor::Name { start } => start,
        _ => return None,
    };
    let rest = &text[start..];
    let end = rest.find(|letter| !is_word_letter(letter)).unwrap_or(rest.len());
    rest.starts_with(is_word_start).then(|| (start, &rest[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_in_texts_in_texts_without_end() {
        let deep = "`${".repeat(50_000);
        assert_eq!(cursor(&deep, deep.len()), Cursor::Nowhere);
        assert!(Repair::new(&deep, deep.len()).is_none());
        let some = "`${".repeat(5);
        assert_eq!(cursor(&some, some.len()), Cursor::Name { start: some.len() });
    }
    use crate::workflow::engine::lenient;

    fn repaired(text: &str) -> String {
        let at = text.find('‸').expect("the case has a cursor");
        let text = text.replace('‸', "");
        let repair = Repair::new(&text, at).expect("something is asked there");
        let (repaired, _) = repair.parse(&lenient()).unwrap_or_else(|| panic!("{text} cannot be repaired"));
        repaired.replace(MARKER, "‸").trim().to_owned()
    }

    #[test]
    fn a_text_that_is_being_typed_becomes_whole() {
        let cases = [
            ("fn a(t) { t.‸ }", "fn a(t) { t.‸ }"),
            ("fn a(t) {\n t.‸\n b();\n}", "fn a(t) {\n t.‸}"),
            ("fn a(t) { if t.‸", "fn a(t) { if t.‸ {}}"),
            ("fn a(t) { if t.x { 1 } else if t.‸", "fn a(t) { if t.x { 1 } else if t.‸ {}}"),
            ("fn a(t) { t.q(\"x\", #{ re‸", "fn a(t) { t.q(\"x\", #{ ‸: ()})}"),
            ("fn a(t) { t.q(\"x\", #{ a: t.‸", "fn a(t) { t.q(\"x\", #{ a: t.‸})}"),
            ("fn a(t) { t.s = \"‸ \n}", "fn a(t) { t.s = \"‸\" \n}"),
            ("fn a(t) { t.s = \"in‸x\"; }", "fn a(t) { t.s = \"‸\"; }"),
            ("fn a(t) { switch t.s { \"‸\" } }", "fn a(t) { switch t.s { \"‸\" => ()}}"),
            ("fn a(t) { t.f(`x ${t.‸", "fn a(t) { t.f(`x ${t.‸}`)}"),
            ("fn a(t) { do { t.‸", "fn a(t) { do { t.‸} while true;}"),
            ("fn a(t) { try { t.‸", "fn a(t) { try { t.‸} catch {}}"),
            ("fn a(t) { t.tasks.filter(|x| x.‸", "fn a(t) { t.tasks.filter(|x| x.‸)}"),
        ];
        for (text, expected) in cases {
            assert_eq!(repaired(text), expected, "{text}");
        }
    }

    #[test]
    fn other_functions_that_do_not_parse_lose_their_bodies() {
        let text = "fn a(t, b) {\n if if }\n}\nfn c(t) {\n t.‸\n}\nfn d() { 1 }\n";
        assert_eq!(repaired(text), "fn a(t, b) {}\nfn d() { 1 }\n\n\nfn c(t) {\n t.‸}");
    }

    #[test]
    fn a_function_that_stands_there_twice_counts_once() {
        let text = "fn a(t) { 1 }\nfn b(t) { 2 }\nfn a(t) { t.‸ }\nfn b(t) { 3 }\nfn b(t, u) { 4 }\n";
        assert_eq!(repaired(text), "fn b(t) { 2 }\n\nfn b(t, u) { 4 }\n\n\nfn a(t) { t.‸}");
    }

    #[test]
    fn a_text_of_nothing_but_beginnings_costs_no_more_than_another() {
        let text = format!("fn a(t) {{ {}; t.", "let ".repeat(60_000));
        let started = std::time::Instant::now();
        let found = Repair::new(&text, text.len()).and_then(|repair| repair.parse(&lenient()));
        assert!(found.is_some());
        // Each beginning against each is minutes in a debug build.
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
    }

    #[test]
    fn functions_need_not_begin_a_line() {
        let text = "  fn a(t) {\n if if }\n  fn c(t) {\n t.‸\n";
        assert_eq!(repaired(text), "fn a(t) {}\n\nfn c(t) {\n t.‸}");
    }

    #[test]
    fn a_statement_is_enough_where_those_before_it_are_broken() {
        let text = "fn a(t) {\n let x = t.y;\n foo bar;\n if t.z { x.‸\n";
        assert_eq!(repaired(text), "fn a(t) {let x = t.y; x.‸}");
    }

    #[test]
    fn nothing_is_asked_in_comments_and_numbers() {
        for text in ["// a‸", "/* a‸", "let x = 1‸"] {
            let at = text.find('‸').expect("the case has a cursor");
            assert_eq!(cursor(&text.replace('‸', ""), at), Cursor::Nowhere, "{text}");
        }
    }
}
