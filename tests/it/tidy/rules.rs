//! Lengths, first sentences, names and words that do not belong.

use std::fmt;

use super::tokens::{Token, tokens};

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "manager", "service", "misc"];
/// Macros of things that are not finished.
const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];
/// Marks of things that are not finished, in comments.
const MARKS: &[&str] = &["FIXME", "XXX", "TODO", "HACK"];
/// Folders of the machines on which the project is made; cut in two, so that this file is not one of its own findings.
const MACHINE_PATHS: &[&str] = &[
    concat!("/wo", "rk/main"),
    concat!("/wo", "rk/shared"),
    concat!("/tm", "p/w/"),
    concat!("/tm", "p/contract"),
    concat!("/ro", "ot/"),
    concat!("../sh", "ared/"),
];

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    file: String,
    line: usize,
    what: String,
}

impl Problem {
    pub fn new(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

pub fn check_rust(name: &str, source: &str) -> Vec<Problem> {
    let tokens = tokens(source);
    let mut problems = Vec::new();
    problems.extend(check_length(name, source));
    problems.extend(check_first_sentence(name, source));
    problems.extend(check_marks(name, source));
    problems.extend(check_functions(name, &tokens));
    problems.extend(check_unfinished(name, &tokens));
    if !name.starts_with("tests/") {
        problems.extend(check_names(name, &tokens));
    }
    problems
}

pub fn check_web(name: &str, source: &str) -> Vec<Problem> {
    // What a tool wrote says so itself.
    if source.lines().take(5).any(|line| line.to_lowercase().contains("auto-generated")) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    problems.extend(check_length(name, source));
    problems.extend(check_marks(name, source));
    let first = source.lines().next().unwrap_or_default();
    let sentence = ["// ", "/** ", "/* ", "<!-- "].iter().find_map(|start| first.strip_prefix(start));
    if sentence.is_none_or(|sentence| !sentence.contains(' ')) {
        problems.push(Problem::new(name, 1, "the file does not start with a comment of one sentence"));
    }
    problems.extend(check_file_name(name));
    problems
}

pub fn check_machine_paths(name: &str, source: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (line, text) in source.lines().enumerate() {
        for path in MACHINE_PATHS.iter().filter(|path| text.contains(**path)) {
            problems.push(Problem::new(name, line + 1, format!("`{path}` is a folder of one machine")));
        }
    }
    problems
}

fn check_length(name: &str, source: &str) -> Option<Problem> {
    let lines = source.lines().count();
    (lines > FILE_LINES_MAX)
        .then(|| Problem::new(name, lines, format!("{lines} lines; a file has at most {FILE_LINES_MAX}")))
}

fn check_first_sentence(name: &str, source: &str) -> Option<Problem> {
    let sentence: Vec<&str> = source.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let text = sentence.join(" ");
    let is_sentence = text.trim().contains(' ') && text.contains(['.', '?', ':']);
    (!is_sentence).then(|| Problem::new(name, 1, "the file does not start with a `//!` sentence"))
}

fn check_marks(name: &str, source: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (line, text) in source.lines().enumerate() {
        let Some((_, comment)) = text.split_once("//") else { continue };
        let mut words = comment.split(|c: char| !c.is_alphanumeric());
        if let Some(mark) = words.find(|word| MARKS.contains(word)) {
            problems.push(Problem::new(
                name,
                line + 1,
                format!("`{mark}`: finish it, or say what is limited"),
            ));
        }
    }
    problems
}

fn check_unfinished(name: &str, tokens: &[Token<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for pair in tokens.windows(2) {
        if UNFINISHED.contains(&pair[0].text) && pair[1].text == "!" {
            problems.push(Problem::new(name, pair[0].line, format!("`{}!` is not finished", pair[0].text)));
        }
        if pair[0].text == "[" && pair[1].text == "ignore" {
            problems.push(Problem::new(name, pair[0].line, "a test that is skipped looks green"));
        }
    }
    problems
}

fn check_functions(name: &str, tokens: &[Token<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == "fn") {
        let Some(function) = tokens.get(at + 1).filter(|next| is_name(next.text)) else { continue };
        let Some(end) = body_end(&tokens[at..]) else { continue };
        let lines = end - token.line + 1;
        if lines > FUNCTION_LINES_MAX {
            let what =
                format!("`{}` has {lines} lines; a function has at most {FUNCTION_LINES_MAX}", function.text);
            problems.push(Problem::new(name, token.line, what));
        }
    }
    problems
}

/// The line of the brace that ends the function; nothing for a signature without a body.
fn body_end(tokens: &[Token<'_>]) -> Option<usize> {
    let (mut braces, mut brackets) = (0, 0);
    for token in tokens {
        match token.text {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets -= 1,
            ";" if braces == 0 && brackets == 0 => return None,
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                if braces == 0 && brackets == 0 {
                    return Some(token.line);
                }
            }
            _ => {}
        }
    }
    None
}

fn check_names(name: &str, tokens: &[Token<'_>]) -> Vec<Problem> {
    let mut problems = Vec::from_iter(check_file_name(name));
    for pair in tokens.windows(2).filter(|pair| pair[0].text == "mod") {
        if EMPTY_NAMES.contains(&pair[1].text) {
            let what = format!("a module named `{}` says nothing about what is inside", pair[1].text);
            problems.push(Problem::new(name, pair[0].line, what));
        }
    }
    problems
}

fn check_file_name(name: &str) -> Option<Problem> {
    let part = name
        .split('/')
        .map(|part| part.split('.').next().unwrap_or(part))
        .find(|part| EMPTY_NAMES.contains(part))?;
    Some(Problem::new(name, 1, format!("the name `{part}` says nothing about what is inside")))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(source: &str) -> Vec<String> {
        check_rust("src/store/sample.rs", source).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_tidy_file_passes() {
        let source = "//! What it is for.\n\n/// A `dbg!()` in a comment is a word.\nfn f() -> &'static str {\n    \"todo!()\"\n}\n";
        assert_eq!(rust(source), Vec::<String>::new());
    }

    #[test]
    fn every_rule_finds_what_breaks_it() {
        let long_file = format!("//! A sentence.\n{}", "\n".repeat(FILE_LINES_MAX));
        let long_function =
            format!("//! A sentence.\nfn far(a: [u8; 3]) {{{}}}", "\n".repeat(FUNCTION_LINES_MAX));
        let marked = format!("//! A sentence.\n// {} later\n", MARKS[0]);
        let cases = [
            (long_file.as_str(), "601 lines"),
            (long_function.as_str(), "`far` has 71 lines"),
            ("use std::fmt;\n", "does not start with a `//!` sentence"),
            ("//! word\n", "does not start with a `//!` sentence"),
            ("//! A sentence.\nfn f() { todo!() }", "sample.rs:2: `todo!` is not finished"),
            ("//! A sentence.\nfn f() { unimplemented!(\"x\") }", "`unimplemented!` is not finished"),
            (marked.as_str(), "sample.rs:2: `FIXME`"),
            (
                "//! A sentence.\n#[test]\n#[ignore = \"slow\"]\nfn f() {}",
                "sample.rs:3: a test that is skipped",
            ),
            ("//! A sentence.\nmod helpers;\n", "a module named `helpers`"),
        ];
        for (source, expected) in cases {
            let found = rust(source);
            assert!(found.len() == 1 && found[0].contains(expected), "expected {expected}, found {found:?}");
        }
    }

    #[test]
    fn lengths_at_the_wall_pass() {
        let file = format!("//! A sentence.{}", "\n".repeat(FILE_LINES_MAX));
        let function = format!("//! A sentence.\nfn far() {{{}}}", "\n".repeat(FUNCTION_LINES_MAX - 1));
        assert_eq!((rust(&file), rust(&function)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_web_file_starts_with_a_sentence() {
        let found = |source: &str| check_web("web/src/inbox/List.svelte", source).len();
        assert_eq!(found("<!-- The list of tickets. -->\n<p></p>"), 0);
        assert_eq!(found("// Asks the desk.\nexport {};"), 0);
        assert_eq!(found("<script>\n</script>"), 1);
        assert_eq!(check_web("web/src/utils/a.ts", "// Asks the desk.\n").len(), 1);
    }

    #[test]
    fn a_folder_of_one_machine_is_found() {
        let line = format!("see {}/src for it\n", MACHINE_PATHS[0]);
        let found = check_machine_paths("README.md", &format!("fine\n{line}"));
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().starts_with("README.md:2: "));
    }
}
