//! What stands between two pieces of one line.

use super::scan::{Kind, Piece};

/// The pieces with what their neighbours make of them.
pub struct Around<'t> {
    text: &'t str,
    pieces: &'t [Piece<'t>],
    roles: Vec<Role>,
}

/// What a symbol is where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    /// A word of the language, which is no name.
    Keyword,
    /// Before what it is about: `-x`, `!x`.
    Unary,
    /// The bars around the parameters of an anonymous function.
    BarOpen,
    BarClose,
    /// A `{` of statements or arms, and the `}` of it.
    Block,
}

const KEYWORDS: &[&str] = &[
    "let", "const", "if", "else", "switch", "while", "loop", "do", "until", "for", "in", "break", "continue",
    "return", "throw", "try", "catch", "fn", "private", "import", "export", "as",
];
/// No blank before and behind them.
const TIGHT: &[&str] = &[".", "?.", "::"];

impl<'t> Around<'t> {
    #[must_use]
    pub fn new(text: &'t str, pieces: &'t [Piece<'t>]) -> Self {
        let mut roles: Vec<Role> = Vec::with_capacity(pieces.len());
        let mut blocks = Vec::new();
        let mut before: Option<usize> = None;
        let mut is_in_bars = false;
        for (index, piece) in pieces.iter().enumerate() {
            let wants_operand = before.is_none_or(|at| !ends_operand(&pieces[at], roles[at]));
            let role = match piece.kind {
                Kind::Word
                    if KEYWORDS.contains(&piece.text) && !before.is_some_and(|at| is_tight(&pieces[at])) =>
                {
                    Role::Keyword
                }
                Kind::Symbol if piece.is("|") && (is_in_bars || wants_operand) => {
                    is_in_bars = !is_in_bars;
                    if is_in_bars { Role::BarOpen } else { Role::BarClose }
                }
                Kind::Symbol if piece.is("||") && wants_operand => Role::BarClose,
                Kind::Symbol if matches!(piece.text, "-" | "+" | "!") && wants_operand => Role::Unary,
                Kind::Symbol if piece.is("{") => Role::Block,
                Kind::Symbol if piece.closes() => {
                    if blocks.pop() == Some(Role::Block) {
                        Role::Block
                    } else {
                        Role::Plain
                    }
                }
                _ => Role::Plain,
            };
            if piece.opens() {
                blocks.push(role);
            }
            roles.push(role);
            if !piece.is_comment() {
                before = Some(index);
            }
        }
        Self { text, pieces, roles }
    }

    /// Whether a `{` holds statements, or a `}` ends such.
    #[must_use]
    pub fn is_block(&self, index: usize) -> bool {
        self.roles[index] == Role::Block
    }

    /// Whether the author left something between the piece and the one before.
    fn had_blank(&self, index: usize) -> bool {
        self.pieces[index - 1].end() < self.pieces[index].start
    }
}

fn is_tight(piece: &Piece<'_>) -> bool {
    piece.kind == Kind::Symbol && TIGHT.contains(&piece.text)
}

/// Whether an operator behind it stands between two operands.
fn ends_operand(piece: &Piece<'_>, role: Role) -> bool {
    match piece.kind {
        Kind::Word => role != Role::Keyword,
        Kind::Number | Kind::Text => true,
        Kind::Symbol => matches!(piece.text, ")" | "]") || piece.is("}") && role != Role::Block,
        Kind::LineComment | Kind::BlockComment => false,
    }
}

/// What stands between the piece and the one before on the same line.
#[must_use]
pub fn gap(around: &Around<'_>, index: usize) -> String {
    let (before, piece) = (&around.pieces[index - 1], &around.pieces[index]);
    if piece.is_comment() {
        // Comments behind lines may stand in a column.
        let given = around.text[before.end()..piece.start].chars().filter(|letter| *letter == ' ').count();
        let least = usize::from(!is_tight_opener(before));
        return " ".repeat(given.clamp(least, COLUMN_MAX));
    }
    let blank = if wants_blank(around, index) { " " } else { "" };
    blank.to_owned()
}

/// How far a comment may be moved to the right.
const COLUMN_MAX: usize = 120;

fn wants_blank(around: &Around<'_>, index: usize) -> bool {
    let (before, piece) = (&around.pieces[index - 1], &around.pieces[index]);
    let (role_before, role) = (around.roles[index - 1], around.roles[index]);
    let as_given = around.had_blank(index);
    if before.is_comment() {
        return as_given || !piece.closes();
    }
    if is_empty_pair(before, piece) {
        // `( )` and `()` are not the same to the language.
        return as_given && before.is("(");
    }
    if is_tight(before)
        || is_tight(piece)
        || matches!(piece.text, ";" | "," | ")" | "]") && piece.kind == Kind::Symbol
    {
        return false;
    }
    if is_tight_opener(before) {
        return false;
    }
    if piece.is(":")
        || role_before == Role::BarOpen
        || role == Role::BarClose && piece.is("|")
        || piece.is("?[")
    {
        return false;
    }
    if role_before == Role::Unary || is_range(before) || is_range(piece) {
        // `- 1` and `-1` are not the same to the language.
        return as_given;
    }
    let is_call =
        matches!(piece.text, "(" | "[") && piece.kind == Kind::Symbol && ends_operand(before, role_before);
    // `f!(…)`
    let is_capturing = piece.is("!") && piece.kind == Kind::Symbol && ends_operand(before, role_before);
    let is_captured_call = piece.is("(") && before.is("!");
    !(is_call || is_capturing || is_captured_call)
}

fn is_empty_pair(before: &Piece<'_>, piece: &Piece<'_>) -> bool {
    before.opens() && piece.closes()
}

fn is_tight_opener(piece: &Piece<'_>) -> bool {
    piece.kind == Kind::Symbol && matches!(piece.text, "(" | "[" | "?[")
}

fn is_range(piece: &Piece<'_>) -> bool {
    piece.is("..") || piece.is("..=")
}
