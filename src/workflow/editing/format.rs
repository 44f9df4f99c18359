//! A script in the usual form: only white space changes, and never a token.

use super::scan::{Kind, Piece, scan};
use super::spacing::{Around, gap};
use crate::domain::pack::SCRIPT_BYTES_MAX;
use crate::workflow::engine::lenient;
use crate::workflow::source::Source;

/// Why a text was left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unformatted {
    #[error("`{opened}` is never closed; close it, then the script can be formatted")]
    NeverClosed { opened: String, line: usize, column: usize },
    #[error("`{closed}` closes nothing; take it away, then the script can be formatted")]
    NeverOpened { closed: String, line: usize, column: usize },
    #[error("the script has {bytes} bytes; at most {bytes_max} are formatted")]
    TooLong { bytes: usize, bytes_max: usize },
    /// A mistake of the formatter itself: it would have changed what the script says.
    #[error("formatting would change what stands here, so the script was left as it is")]
    WouldChange { line: usize, column: usize },
}

impl Unformatted {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NeverClosed { .. } => "never_closed",
            Self::NeverOpened { .. } => "never_opened",
            Self::TooLong { .. } => "script_too_long",
            Self::WouldChange { .. } => "would_change",
        }
    }

    /// Line and column, each from 1; 0 when it is about the whole.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        match self {
            Self::NeverClosed { line, column, .. }
            | Self::NeverOpened { line, column, .. }
            | Self::WouldChange { line, column } => (*line, *column),
            Self::TooLong { .. } => (0, 0),
        }
    }

    /// What the sentence speaks of, by name.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NeverClosed { opened, .. } => vec![("opened", opened.clone())],
            Self::NeverOpened { closed, .. } => vec![("closed", closed.clone())],
            Self::TooLong { bytes, bytes_max } => {
                vec![("bytes", bytes.to_string()), ("bytes_max", bytes_max.to_string())]
            }
            Self::WouldChange { .. } => Vec::new(),
        }
    }
}

const INDENT: &str = "    ";

/// The text in the usual form; formatting that once more changes nothing.
pub fn format(text: &str) -> Result<String, Unformatted> {
    let (bytes, bytes_max) = (text.len(), SCRIPT_BYTES_MAX);
    if bytes > bytes_max {
        return Err(Unformatted::TooLong { bytes, bytes_max });
    }
    let pieces = scan(text);
    balanced(text, &pieces)?;
    let formatted = written(text, &pieces);
    same_tokens(text, &formatted)?;
    Ok(formatted)
}

/// Line and column of an offset, each from 1, in characters.
#[must_use]
pub fn place_of(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

fn balanced(text: &str, pieces: &[Piece<'_>]) -> Result<(), Unformatted> {
    let mut open: Vec<&Piece<'_>> = Vec::new();
    let never_closed = |piece: &Piece<'_>| {
        let (line, column) = place_of(text, piece.start);
        let opened = piece.text.chars().take(2).take_while(|letter| !letter.is_alphanumeric()).collect();
        Unformatted::NeverClosed { opened, line, column }
    };
    for piece in pieces {
        if !piece.is_closed {
            return Err(never_closed(piece));
        }
        if piece.opens() {
            open.push(piece);
        }
        if piece.closes() {
            match open.pop() {
                Some(opener) if closer_of(opener.text) == piece.text => {}
                Some(opener) => return Err(never_closed(opener)),
                None => {
                    let (line, column) = place_of(text, piece.start);
                    return Err(Unformatted::NeverOpened { closed: piece.text.to_owned(), line, column });
                }
            }
        }
    }
    open.last().map_or(Ok(()), |piece| Err(never_closed(piece)))
}

/// What closes a bracket.
#[must_use]
pub fn closer_of(opener: &str) -> &'static str {
    match opener {
        "(" => ")",
        "[" | "?[" => "]",
        _ => "}",
    }
}

/// Both texts must say the same to the language, and hold the same comments.
fn same_tokens(before: &str, after: &str) -> Result<(), Unformatted> {
    let would_change = |at: Option<rhai::Position>| {
        let at = at.unwrap_or(rhai::Position::NONE);
        Unformatted::WouldChange { line: at.line().unwrap_or(0), column: at.position().unwrap_or(0) }
    };
    let engine = lenient();
    let (one, other) = (Source::new(&engine, before), Source::new(&engine, after));
    let (mut ours, mut theirs) = (one.tokens().iter(), other.tokens().iter());
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => break,
            (Some((own, _)), Some((new, _))) if own == new => {}
            (at, _) => return Err(would_change(at.map(|(_, position)| *position))),
        }
    }
    let comments = |text: &str| -> Vec<String> {
        let found = scan(text).into_iter().filter(Piece::is_comment);
        found.map(|piece| piece.text.trim_end().to_owned()).collect()
    };
    if comments(before) == comments(after) { Ok(()) } else { Err(would_change(None)) }
}

/// A bracket that stands open.
struct Open {
    /// How far the line on which it stands is indented.
    indent: usize,
    is_block: bool,
}

/// What is written, line by line.
struct Lines {
    out: String,
    open: Vec<Open>,
    /// How far the line that is being written is indented.
    indent: usize,
}

fn written(text: &str, pieces: &[Piece<'_>]) -> String {
    let mut lines = Lines { out: String::with_capacity(text.len()), open: Vec::new(), indent: 0 };
    let around = Around::new(text, pieces);
    for (index, piece) in pieces.iter().enumerate() {
        let breaks = line_breaks(text, pieces, index, lines.open.is_empty());
        if index > 0 && breaks == 0 {
            lines.out.push_str(&gap(&around, index));
        } else {
            (0..breaks).for_each(|_| lines.out.push('\n'));
            lines.indent = lines.indent_of(text, pieces, index);
            (0..lines.indent).for_each(|_| lines.out.push_str(INDENT));
        }
        lines.write(piece, around.is_block(index));
    }
    if !lines.out.is_empty() {
        lines.out.push('\n');
    }
    lines.out
}

impl Lines {
    fn write(&mut self, piece: &Piece<'_>, is_block: bool) {
        let text = if piece.kind == Kind::LineComment { piece.text.trim_end() } else { piece.text };
        self.out.push_str(text);
        if piece.closes() {
            self.open.pop();
        }
        if piece.opens() {
            self.open.push(Open { indent: self.indent, is_block });
        }
    }

    /// How far the line is indented that begins with the piece at `index`.
    fn indent_of(&self, text: &str, pieces: &[Piece<'_>], index: usize) -> usize {
        // A comment belongs to what it stands before, but into the bracket that is closed below it.
        let own = &pieces[index];
        let speaks = if own.is_comment() {
            pieces[index..].iter().find(|piece| !piece.is_comment())
        } else {
            Some(own)
        };
        let is_on_line =
            |at: usize| at == index || !text[pieces[at - 1].end()..pieces[at].start].contains('\n');
        let closers = (index..pieces.len()).take_while(|at| pieces[*at].closes() && is_on_line(*at)).count();
        if closers > 0 {
            // All leading closers go to the line of the bracket that the last of them closes.
            return self.open[self.open.len() - closers.min(self.open.len())].indent;
        }
        let base = self.open.last().map_or(0, |open| open.indent + 1);
        let before = pieces[..index].iter().rev().find(|piece| !piece.is_comment());
        let is_end = speaks.is_none_or(Piece::closes);
        let goes_on = !is_end
            && before.is_some_and(|before| {
                let in_block = self.open.last().is_none_or(|open| open.is_block);
                goes_on(before, speaks.expect("an end is none"), in_block)
            });
        base + usize::from(goes_on)
    }
}

/// Whether a line that begins with `piece` goes on with what `before` left open.
fn goes_on(before: &Piece<'_>, piece: &Piece<'_>, in_block: bool) -> bool {
    if leads_on(piece) {
        return true;
    }
    let is_ended = before.opens() || before.is(";") || before.is(",") || before.is("}");
    // Inside of brackets a line break alone says nothing.
    !is_ended && (in_block || before.kind == Kind::Symbol && !before.closes())
}

/// What no statement begins with.
fn leads_on(piece: &Piece<'_>) -> bool {
    const LEADING: &[&str] = &[
        ".", "?.", "&&", "||", "+", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "??", "=", "+=", "-=",
        "=>", "!in", "..", "..=",
    ];
    piece.kind == Kind::Symbol && LEADING.contains(&piece.text)
}

/// How many line ends stand before the piece.
fn line_breaks(text: &str, pieces: &[Piece<'_>], index: usize, is_outside: bool) -> usize {
    let Some(before) = index.checked_sub(1).map(|at| &pieces[at]) else { return 0 };
    let piece = &pieces[index];
    let given = text[before.end()..piece.start].matches('\n').count();
    if before.kind == Kind::LineComment {
        // It ends with its line.
        let is_edge = piece.closes();
        let most = if is_edge { 1 } else { 2 };
        return separated(pieces, index, given.clamp(1, most), is_outside);
    }
    if given > 0 && (piece.is("{") && takes_block(before) || piece.is(";") || piece.is(",")) {
        return 0;
    }
    let is_edge = before.opens() || piece.closes();
    separated(pieces, index, given.min(if is_edge { 1 } else { 2 }), is_outside)
}

/// Between functions is a blank line, before the comments that stand directly over them.
fn separated(pieces: &[Piece<'_>], index: usize, breaks: usize, is_outside: bool) -> usize {
    let before = &pieces[index - 1];
    if !is_outside || before.is_comment() || !before.is("}") || breaks == 0 {
        return breaks;
    }
    let begins = pieces[index..].iter().find(|piece| !piece.is_comment());
    let is_function = begins.is_some_and(|piece| piece.is_word("fn") || piece.is_word("private"));
    if is_function { 2 } else { breaks }
}

/// Whether a `{` on the next line belongs to it.
fn takes_block(before: &Piece<'_>) -> bool {
    match before.kind {
        Kind::Word | Kind::Number | Kind::Text => true,
        Kind::Symbol => matches!(before.text, ")" | "]" | "=>"),
        Kind::LineComment | Kind::BlockComment => false,
    }
}
