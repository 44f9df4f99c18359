//! The rooms and which of them may see which: the table of the design.

use super::rules::Problem;
use super::tokens::{Token, tokens};

/// Rooms that everything above `domain` may use: what the process was given, the time, the keys, what is
/// built into the binary.
const LEAVES: &[&str] = &["config", "clock", "secrets", "packs"];

/// A room and what it may import, beside itself and the leaves.
const TABLE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("clock", &["domain"]),
    ("secrets", &["domain"]),
    ("packs", &["domain"]),
    ("store", &["domain"]),
    ("workflow", &["domain"]),
    ("channels", &["domain"]),
    ("plugin_host", &["domain"]),
    ("commands", &["domain", "store", "workflow"]),
    ("views", &["domain", "store"]),
    ("rehearsal", &["domain", "store", "workflow", "commands", "views"]),
    ("jobs", &["domain", "store", "commands", "views", "channels", "plugin_host", "rehearsal"]),
    ("http", &["domain", "commands", "views", "rehearsal", "channels"]),
];
/// The wiring sees everything.
const WIRING: &[&str] = &["cli", "main", "lib"];

/// Every import of the file that the table does not have.
pub fn check(name: &str, source: &str) -> Vec<Problem> {
    let home = module_path(name);
    let room = home.first().map_or("lib", String::as_str);
    if WIRING.contains(&room) {
        return Vec::new();
    }
    let Some((_, allowed)) = TABLE.iter().find(|(known, _)| *known == room) else {
        return vec![Problem::new(
            name,
            1,
            format!("`{room}` is no room of the design; add it to the table there first"),
        )];
    };
    let is_leaf = LEAVES.contains(&room);
    let may = |other: &str| {
        other == room || allowed.contains(&other) || (room != "domain" && !is_leaf && LEAVES.contains(&other))
    };
    let mut problems = Vec::new();
    for (line, path) in paths(&home, &tokens(source)) {
        match path.first() {
            Some(other) if may(other) => {}
            Some(other) => {
                let list = if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") };
                problems.push(Problem::new(
                    name,
                    line,
                    format!("`{room}` names `{other}`; it may import {list}"),
                ));
            }
            None => {}
        }
    }
    problems.dedup();
    problems
}

/// `src/store/ticket.rs` is `store::ticket`.
fn module_path(name: &str) -> Vec<String> {
    let inside = name.strip_prefix("src/").unwrap_or(name).trim_end_matches(".rs");
    inside.split('/').filter(|part| *part != "mod").map(str::to_owned).collect()
}

/// Every path that starts at `crate` or climbs with `super`, from the root of the crate.
fn paths(home: &[String], tokens: &[Token<'_>]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut module = home.to_vec();
    // The depth of braces at which each inline module ends.
    let mut inline: Vec<usize> = Vec::new();
    let (mut depth, mut at) = (0, 0);
    while at < tokens.len() {
        let next = tokens.get(at + 1).map(|token| token.text);
        match tokens[at].text {
            "mod" if tokens.get(at + 2).is_some_and(|token| token.text == "{") => {
                module.push(next.unwrap_or_default().to_owned());
                inline.push(depth);
                depth += 1;
                at += 3;
                continue;
            }
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                    module.pop();
                }
            }
            "crate" | "super" if next == Some("::") => {
                at = follow(tokens, at, &module, &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Reads one path with its groups; answers where it ends.
fn follow(
    tokens: &[Token<'_>],
    mut at: usize,
    module: &[String],
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let line = tokens[at].line;
    let mut path = if tokens[at].text == "crate" { Vec::new() } else { module.to_vec() };
    while let Some(token) = tokens.get(at) {
        match token.text {
            "crate" => {}
            "super" => drop(path.pop()),
            "{" => return group(tokens, at + 1, &path, found),
            word if word.starts_with(char::is_alphabetic) => path.push(word.to_owned()),
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|token| token.text != "::") {
            break;
        }
        at += 1;
    }
    found.push((line, path));
    at
}

/// Reads `a::{b, c::{d}}` after its brace.
fn group(
    tokens: &[Token<'_>],
    mut at: usize,
    prefix: &[String],
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.text {
            "}" => return at + 1,
            "," | "as" => at += 1,
            "super" | "self" | "*" => at += 1,
            _ => at = member(tokens, at, prefix, found).max(at + 1),
        }
    }
    at
}

fn member(
    tokens: &[Token<'_>],
    mut at: usize,
    prefix: &[String],
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let line = tokens[at].line;
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        match token.text {
            "{" => return group(tokens, at + 1, &path, found),
            word if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => path.push(word.to_owned()),
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|token| token.text != "::") {
            break;
        }
        at += 1;
    }
    found.push((line, path));
    at
}

#[cfg(test)]
mod tests {
    use super::check;

    fn problems(name: &str, source: &str) -> Vec<String> {
        check(name, source).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_edge_that_the_table_lacks_is_found_however_it_is_written() {
        let cases = [
            ("src/domain/ticket.rs", "use crate::store::Tx;", "`domain` names `store`"),
            ("src/domain/ticket.rs", "use crate::clock::Clock;", "`domain` names `clock`"),
            ("src/http/router.rs", "use crate::{domain::Key, store};", "`http` names `store`"),
            ("src/http/router.rs", "use crate::{views::{a, b}, store::{c}};", "`http` names `store`"),
            ("src/store/mod.rs", "fn f() { super::workflow::check(); }", "`store` names `workflow`"),
            ("src/store/ticket.rs", "use super::super::commands::Desk;", "`store` names `commands`"),
            (
                "src/store/ticket.rs",
                "mod tests { use super::super::super::views::x; }",
                "`store` names `views`",
            ),
            ("src/workflow/mod.rs", "type A = Vec<crate::plugin_host::B>;", "`workflow` names `plugin_host`"),
            ("src/views/list.rs", "use crate::commands::Desk;", "`views` names `commands`"),
            ("src/rooms/new.rs", "", "`rooms` is no room of the design"),
            ("src/clock.rs", "use crate::config::Config;", "`clock` names `config`"),
        ];
        for (name, source, expected) in cases {
            let found = problems(name, source);
            assert!(found.len() == 1 && found[0].contains(expected), "{name}: {source}: {found:?}");
        }
    }

    #[test]
    fn an_edge_of_the_table_passes() {
        let cases = [
            ("src/domain/ticket.rs", "use super::{Key, pack::Pack}; use crate::domain::Moment;"),
            ("src/store/ticket.rs", "mod tests { use super::super::Tx; use super::Ticket; }"),
            ("src/http/mod.rs", "use crate::{config::Config, commands::Desk, domain::{Key, Moment}};"),
            ("src/jobs/runner.rs", "// crate::http is not named here\nconst A: &str = \"crate::http\";"),
            ("src/cli/serve.rs", "use crate::{http, jobs, store};"),
            ("src/store/mod.rs", "macro_rules! m { () => { $crate::domain::Key } } pub(crate) use m;"),
        ];
        for (name, source) in cases {
            assert_eq!(problems(name, source), Vec::<String>::new(), "{name}: {source}");
        }
    }
}
