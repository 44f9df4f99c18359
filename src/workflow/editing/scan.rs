//! A script cut into pieces with their places: also a text that nobody could parse, and with its comments.

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word,
    Number,
    /// A text or a letter, with its quotation marks; one that is never closed goes on to the end of its line, a
    /// back-ticked one to the end of the script.
    Text,
    Symbol,
    LineComment,
    BlockComment,
}

/// A stretch of the script without the blanks around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'t> {
    pub kind: Kind,
    pub text: &'t str,
    /// In bytes.
    pub start: usize,
    pub is_closed: bool,
}

impl Piece<'_> {
    #[must_use]
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    #[must_use]
    pub fn is(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    #[must_use]
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    #[must_use]
    pub fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::LineComment | Kind::BlockComment)
    }

    #[must_use]
    pub fn opens(&self) -> bool {
        self.kind == Kind::Symbol && matches!(self.text, "(" | "[" | "{" | "#{" | "?[")
    }

    #[must_use]
    pub fn closes(&self) -> bool {
        self.kind == Kind::Symbol && matches!(self.text, ")" | "]" | "}")
    }
}

/// Longest first.
const SYMBOLS: &[&str] = &[
    "<<=", ">>=", "**=", "..=", "...", "===", "!==", "??", "?.", "?[", "#{", "=>", "==", "!=", "<=", ">=",
    "&&", "||", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "::", "..", "->", "<-",
    "++", "--", ":=",
];

/// Back-ticked texts within holes of others that are followed; a hostile text has one in another for each letter.
pub const TEMPLATES_NESTED_MAX: usize = 32;

/// Most `#` before a text's quotation mark that are followed; a hostile text has nothing else.
const HASHES_MAX: usize = 64;

/// The pieces of a text in their order.
#[must_use]
pub fn scan(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    while let Some(letter) = text[at..].chars().next() {
        if letter.is_whitespace() {
            at += letter.len_utf8();
            continue;
        }
        let (kind, bytes, is_closed) = piece(&text[at..], letter, 0);
        pieces.push(Piece { kind, text: &text[at..at + bytes], start: at, is_closed });
        at += bytes;
    }
    pieces
}

/// The piece with which a text begins: its kind, its length, whether it is whole.
fn piece(text: &str, first: char, nested: usize) -> (Kind, usize, bool) {
    if text.starts_with("//") {
        return (Kind::LineComment, text.find('\n').unwrap_or(text.len()), true);
    }
    if text.starts_with("/*") {
        let (bytes, is_closed) = block_comment(text);
        return (Kind::BlockComment, bytes, is_closed);
    }
    let hashes = text.bytes().take(HASHES_MAX + 1).take_while(|byte| *byte == b'#').count();
    if (1..=HASHES_MAX).contains(&hashes) && text[hashes..].starts_with('"') {
        let end = format!("\"{}", "#".repeat(hashes));
        let found = text[hashes + 1..].find(&end).map(|at| hashes + 1 + at + end.len());
        return (Kind::Text, found.unwrap_or(text.len()), found.is_some());
    }
    match first {
        '"' | '\'' => quoted(text, first),
        '`' => {
            let (bytes, hole) = template_within(text, nested);
            (Kind::Text, bytes, hole.is_none() && bytes > 1 && text[..bytes].ends_with('`'))
        }
        _ if is_word_start(first) => (Kind::Word, word_bytes(text), true),
        _ if first.is_ascii_digit() => (Kind::Number, number_bytes(text), true),
        _ => (Kind::Symbol, symbol_bytes(text, first), true),
    }
}

#[must_use]
pub fn is_word_start(letter: char) -> bool {
    letter == '_' || letter.is_alphabetic()
}

#[must_use]
pub fn is_word_letter(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

fn word_bytes(text: &str) -> usize {
    text.find(|letter| !is_word_letter(letter)).unwrap_or(text.len())
}

fn number_bytes(text: &str) -> usize {
    let mut end = word_bytes(text);
    let fraction = &text[end..];
    if fraction.starts_with('.') && fraction[1..].starts_with(|letter: char| letter.is_ascii_digit()) {
        end += 1 + word_bytes(&fraction[1..]);
    }
    let is_exponent = !text.starts_with("0x") && text[..end].ends_with(['e', 'E']);
    if is_exponent && text[end..].starts_with(['+', '-']) {
        end += 1 + word_bytes(&text[end + 1..]);
    }
    end
}

fn symbol_bytes(text: &str, first: char) -> usize {
    // `a !in b` is one word of the language.
    if text.starts_with("!in") && !text[3..].starts_with(is_word_letter) {
        return 3;
    }
    // Most signs are alone: the list is gone through where the second may belong to the first.
    let is_long = text.as_bytes().get(1).is_some_and(|next| b"<>=.?[{&|*:+-".contains(next));
    let long = SYMBOLS.iter().find(|symbol| is_long && text.starts_with(**symbol));
    long.map_or(first.len_utf8(), |symbol| symbol.len())
}

fn block_comment(text: &str) -> (usize, bool) {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(letter) = text[at..].chars().next() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return (at, true);
            }
        } else {
            at += letter.len_utf8();
        }
    }
    (at, false)
}

fn quoted(text: &str, quote: char) -> (Kind, usize, bool) {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '\n' => return (Kind::Text, at, false),
            _ if letter == quote => return (Kind::Text, at + 1, true),
            _ => {}
        }
    }
    (Kind::Text, text.len(), false)
}

/// The length of a back-ticked text, and where a `${` of it begins that is never closed.
#[must_use]
pub fn template(text: &str) -> (usize, Option<usize>) {
    template_within(text, 0)
}

/// One that is nested too deep counts as never closed.
fn template_within(text: &str, nested: usize) -> (usize, Option<usize>) {
    if nested > TEMPLATES_NESTED_MAX {
        return (text.len(), Some(0));
    }
    let mut at = 1;
    while let Some(letter) = text[at..].chars().next() {
        if letter == '`' {
            return (at + 1, None);
        }
        if !text[at..].starts_with("${") {
            at += letter.len_utf8();
            continue;
        }
        let hole = at;
        at += 2;
        let mut depth = 0_usize;
        loop {
            let Some(letter) = text[at..].chars().next() else { return (at, Some(hole)) };
            if letter.is_whitespace() {
                at += letter.len_utf8();
                continue;
            }
            let (kind, bytes, is_closed) = piece(&text[at..], letter, nested + 1);
            let inner = Piece { kind, text: &text[at..at + bytes], start: at, is_closed };
            at += bytes;
            if inner.is("}") && depth == 0 {
                break;
            }
            depth = if inner.opens() && !inner.is("(") && !inner.text.ends_with('[') {
                depth + 1
            } else if inner.is("}") {
                depth - 1
            } else {
                depth
            };
        }
    }
    (at, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<&str> {
        scan(text).into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn texts_in_texts_without_end_are_one_piece_that_is_not_closed() {
        let text = "`${".repeat(100_000);
        let found = scan(&text);
        assert_eq!((found.len(), found[0].text.len(), found[0].is_closed), (1, text.len(), false));
        let nested = format!("{}1{}", "`${".repeat(8), "}`".repeat(8));
        assert!(scan(&nested)[0].is_closed);
    }

    #[test]
    fn a_script_falls_into_pieces() {
        let cases: &[(&str, &[&str])] = &[
            ("a.b(1.5, -2)", &["a", ".", "b", "(", "1.5", ",", "-", "2", ")"]),
            ("1..=5", &["1", "..=", "5"]),
            ("a?[0]??b<<=c", &["a", "?[", "0", "]", "??", "b", "<<=", "c"]),
            ("#{ a: \"x\\\"y\" } // z", &["#{", "a", ":", "\"x\\\"y\"", "}", "// z"]),
            ("`a ${b + `c ${d}`} e` f", &["`a ${b + `c ${d}`} e`", "f"]),
            ("`${#{ a: 1 }.a}`;", &["`${#{ a: 1 }.a}`", ";"]),
            ("/* a /* b */ c */ d", &["/* a /* b */ c */", "d"]),
            ("x !in y != !z", &["x", "!in", "y", "!=", "!", "z"]),
            ("'\\'' 'я' #\"a\"b\"#", &["'\\''", "'я'", "#\"a\"b\"#"]),
            ("заявка?.поле ?? 1e-5", &["заявка", "?.", "поле", "??", "1e-5"]),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text), *expected, "{text}");
        }
    }

    #[test]
    fn each_sign_of_several_letters_is_one_piece() {
        for symbol in SYMBOLS {
            assert_eq!(pieces(symbol), [*symbol]);
        }
    }

    #[test]
    fn what_is_never_closed_is_known() {
        for text in ["\"a", "\"a\nb", "`a", "`a ${b", "/* a", "#\"a", "'"] {
            assert!(!scan(text)[0].is_closed, "{text}");
        }
        assert_eq!(pieces("\"a\nb"), ["\"a", "b"]);
    }
}
