//! A text that somebody is typing, made whole around the cursor, so that the checker can be asked what it knows there.
//!
//! A made-up name is put where the cursor stands. Where the whole text then parses, it is taken as it is. Else functions
//! that do not parse become empty ones, and what follows the cursor in its own function is cut off and every open bracket
//! closed; if that is not enough, only the statement at the cursor stays, with the variables before it.

use rhai::{AST, Engine};

use super::format::closer_of;
use super::scan::{Kind, Piece, TEMPLATES_NESTED_MAX, is_word_letter, is_word_start, scan, template};
use crate::workflow::check::MARKER;
use crate::workflow::engine::parse;

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
    let before = &text[..at];
    // Within `${…}` it is code again.
    let hole = hole_start(before);
    if open_hole(&before[hole..]).is_some() {
        return Cursor::Nowhere;
    }
    match in_code(&before[hole..], at - hole) {
        Cursor::Name { start } => Cursor::Name { start: hole + start },
        Cursor::Text { quote } => Cursor::Text { quote: hole + quote },
        Cursor::Nowhere => Cursor::Nowhere,
    }
}

fn in_code(before: &str, at: usize) -> Cursor {
    let pieces = scan(before);
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
fn open_hole(text: &str) -> Option<(usize, usize)> {
    let last = scan(text).into_iter().next_back()?;
    let hole = (last.kind == Kind::Text && last.text.starts_with('`')).then(|| template(last.text).1)??;
    Some((last.start, last.start + hole + 2))
}

/// Where the code begins in which a text ends: behind the innermost `${` that stands open, else at its start. Of holes in
/// holes without end, the last that is followed.
#[must_use]
pub fn hole_start(text: &str) -> usize {
    let mut start = 0;
    for _ in 0..TEMPLATES_NESTED_MAX {
        let Some((_, hole)) = open_hole(&text[start..]) else { break };
        start += hole;
    }
    start
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
        let starts = [own.start, own.statement];
        starts.into_iter().enumerate().find_map(|(index, start)| {
            let head = if index == 0 { String::new() } else { own.head.clone() };
            let cut = [&head, &self.before[start..], &self.mark].concat();
            let closed = format!("{others}\n{cut}{}", closers(&cut));
            parsed(engine, closed)
        })
    }

    /// The function at the cursor, and the others as far as they parse.
    fn own_function(&self, engine: &Engine) -> (Own, String) {
        let mut starts = function_starts(self.text, &scan(self.text));
        if starts.first() != Some(&0) {
            starts.insert(0, 0);
        }
        let at = self.before.len();
        let own = starts.iter().rposition(|start| *start <= at).unwrap_or(0);
        let mut others = String::new();
        for (index, start) in starts.iter().enumerate().filter(|(index, _)| *index != own) {
            let end = starts.get(index + 1).copied().unwrap_or(self.text.len());
            push_if_whole(engine, &self.text[*start..end], &mut others);
        }
        (Own::new(engine, self.before, starts[own]), others)
    }
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

/// The texts of `let … = …;`.
fn variables<'t>(text: &'t str, pieces: &[Piece<'_>]) -> Vec<&'t str> {
    let begins =
        pieces.iter().enumerate().filter(|(_, piece)| piece.is_word("let") || piece.is_word("const"));
    let slices = begins.filter_map(|(index, piece)| {
        let mut depth = 0_usize;
        let end = pieces[index..].iter().find(|piece| {
            depth = if piece.opens() { depth + 1 } else { depth.saturating_sub(usize::from(piece.closes())) };
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

/// Where functions begin: `fn` at the start of a line. Braces are no help in a text that is being typed.
fn function_starts(text: &str, pieces: &[Piece<'_>]) -> Vec<usize> {
    let starts = pieces.iter().enumerate().filter(|(index, piece)| {
        let next_is_fn = || pieces.get(index + 1).is_some_and(|next| next.is_word("fn"));
        let begins = piece.is_word("fn") || piece.is_word("private") && next_is_fn();
        begins && (piece.start == 0 || text[..piece.start].ends_with('\n'))
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
    if let Some((start, hole)) = open_hole(text) {
        let outside = format!("{}``", &text[..start]);
        return format!("{}}}`{}", closers(&text[hole..]), closers(&outside));
    }
    let pieces = scan(text);
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
