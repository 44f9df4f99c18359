//! Cuts Rust source into words and marks, without comments and the insides of strings.

/// A word, `::`, or one character, and the line where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

/// The words and marks of the code alone.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut cutter = Cutter { source, at: 0, line: 1, tokens: Vec::new() };
    while cutter.at < source.len() {
        cutter.step();
    }
    cutter.tokens
}

struct Cutter<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Cutter<'a> {
    fn step(&mut self) {
        let rest = &self.source[self.at..];
        let first = rest.chars().next().expect("the end was not reached");
        if rest.starts_with("//") {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.skip(block_comment_bytes(rest));
        } else if let Some(bytes) = raw_string_bytes(rest) {
            self.skip(bytes);
        } else if rest.starts_with('"') || rest.starts_with("b\"") || rest.starts_with("c\"") {
            self.skip(string_bytes(rest));
        } else if first == '\'' || rest.starts_with("b'") {
            self.skip(character_bytes(rest));
        } else if is_word(first) {
            let bytes = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            self.take(bytes);
        } else if rest.starts_with("::") {
            self.take(2);
        } else if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else {
            self.take(first.len_utf8());
        }
    }

    fn take(&mut self, bytes: usize) {
        self.tokens.push(Token { text: &self.source[self.at..self.at + bytes], line: self.line });
        self.at += bytes;
    }

    fn skip(&mut self, bytes: usize) {
        self.line += self.source[self.at..self.at + bytes].matches('\n').count();
        self.at += bytes;
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment_bytes(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn raw_string_bytes(rest: &str) -> Option<usize> {
    let body = ["r", "br", "cr"].iter().find_map(|prefix| rest.strip_prefix(prefix))?;
    let hashes = body.bytes().take_while(|byte| *byte == b'#').count();
    let inside = body[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let before = rest.len() - inside.len();
    Some(inside.find(&end).map_or(rest.len(), |found| before + found + end.len()))
}

fn string_bytes(rest: &str) -> usize {
    let start = rest.find('"').expect("a string starts with a quote") + 1;
    let mut is_escaped = false;
    for (at, c) in rest[start..].char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return start + at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Of a character or a lifetime: `'a'`, `'\n'`, `b'x'`, `'static`.
fn character_bytes(rest: &str) -> usize {
    let start = rest.find('\'').expect("it starts with a quote") + 1;
    let mut inside = rest[start..].char_indices();
    match inside.next() {
        Some((_, '\\')) => {
            let after = inside.nth(1).map_or(rest.len() - start, |(at, _)| at);
            rest[start + after..].find('\'').map_or(rest.len(), |end| start + after + end + 1)
        }
        Some((_, first)) if rest[start + first.len_utf8()..].starts_with('\'') => {
            start + first.len_utf8() + 1
        }
        _ => start,
    }
}

#[test]
fn comments_strings_and_characters_are_no_code() {
    let source = r####"a /* b /* c */ d */ "e \" f" g // h
        'i' '\'' '\u{1F600}' b'j' k r#"l " m"# n::o 'p q "#"####;
    let texts: Vec<&str> = tokens(source).iter().map(|token| token.text).collect();
    assert_eq!(texts, ["a", "g", "k", "n", "::", "o", "p", "q"]);
    assert_eq!(tokens("a\n\"\n\n\" b").last(), Some(&Token { text: "b", line: 4 }));
}
