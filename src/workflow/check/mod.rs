//! What is wrong with a script, found without running it: each finding has its place and what would be right.

mod chain;
mod circle;
mod endless;
mod guards;
mod keys;
mod live;
mod pack;
mod parse;
mod patience;
mod probe;
mod recipients;
mod slips;
mod syntax;
mod value;
mod walk;
mod wrong;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::chain::types_of;
pub use self::keys::KeySets;
pub use self::live::{Dead, Live, SETTINGS_FILE, Skills, dead_settings};
use self::patience::Patience;
pub use self::probe::{MARKER, Place, Probe, Wanted, probe};
pub use self::slips::Slip;
use self::walk::Walk;
pub(super) use self::walk::{Own, own};
pub use self::wrong::Wrong;
use super::api::HANDLERS;
use super::engine::{SharedSources, engine, parse};
use super::limits::{CHECK_WALL_MAX, Guard, RUN_WALL_MAX, on_script_stack};
use super::source::Source;
use crate::domain::Key;
use crate::domain::key::{self, nearest};
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX};

/// What a message is for, as findings call it.
const RECIPIENT: &str = "queue, role or person";

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    pub severity: Severity,
    /// The shared module that it is in; `null`: the script itself.
    pub module: Option<String>,
    /// From 1; 0 when it is about the whole.
    pub line: usize,
    /// From 1, in characters; 0 when it is about the whole.
    pub column: usize,
    /// A stable word for programs, such as `no_key`.
    pub code: String,
    /// What the sentence speaks of, by name.
    pub values: BTreeMap<String, String>,
    pub message: String,
    /// What was probably meant.
    pub nearest: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot be published.
    Error,
    /// It can, but somebody should look.
    Warning,
}

/// Live things that a script may name. What is `None` is not known here, so nothing is found wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Installed plugins and their functions.
    pub plugins: Option<BTreeMap<Key, BTreeSet<Key>>>,
    /// Logins.
    pub people: Option<BTreeSet<String>>,
    /// Who and what is behind the names; `None`: no desk is at hand.
    pub live: Option<Live>,
    /// `workflows/shared/`, by the path that `import` names.
    pub shared: SharedSources,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(module) = &self.module {
            write!(f, "{module}:")?;
        }
        let hint = key::did_you_mean(self.nearest.as_deref());
        write!(f, "{}:{}: {}{hint}", self.line, self.column, self.message)
    }
}

impl Finding {
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Whether it can come by itself, without a change of the texts: what they name has gone, or was taken away.
    #[must_use]
    pub fn is_about_live(&self) -> bool {
        let of_live =
            |what: &str| [chain::PERSON, RECIPIENT, "plugin", "function of the plugin"].contains(&what);
        match self.code.as_str() {
            "no_key" | "setting_names" => self.values.get("what").is_some_and(|what| of_live(what)),
            code => Dead::CODES.contains(&code) || ["no_recipient", "no_plugin_function"].contains(&code),
        }
    }

    #[must_use]
    pub fn about_pack(wrong: &Wrong) -> Self {
        Self {
            severity: Severity::Error,
            module: None,
            line: 0,
            column: 0,
            code: wrong.code().to_owned(),
            values: wrong.values(),
            message: wrong.to_string(),
            nearest: None,
        }
    }

    #[must_use]
    pub fn at(position: rhai::Position, wrong: &Wrong) -> Self {
        Self {
            line: position.line().unwrap_or(0),
            column: position.position().unwrap_or(0),
            ..Self::about_pack(wrong)
        }
    }

    #[must_use]
    pub fn of_parse_error(error: &rhai::ParseError) -> Self {
        Self::at(error.1, &Wrong::of_parse_error(&error.0))
    }
}

/// Checks a script against the API and the pack, on a thread of its own with room for any script. An empty
/// answer: nothing is wrong.
#[must_use]
pub fn check(script: &str, pack: &Pack, known: &Known) -> Vec<Finding> {
    on_script_stack(|| check_here(script, pack, known))
}

/// [`check`] on a thread that has `SCRIPT_STACK_BYTES` of stack.
#[must_use]
pub fn check_here(script: &str, pack: &Pack, known: &Known) -> Vec<Finding> {
    check_within(script, pack, known, CHECK_WALL_MAX)
}

/// [`check_here`] with another limit than `CHECK_WALL_MAX`; a check that meets it is a finding.
#[must_use]
pub fn check_within(script: &str, pack: &Pack, known: &Known, wall_max: Duration) -> Vec<Finding> {
    let mut findings = pack::misfits(pack);
    let mut seen = BTreeSet::new();
    let patience = Patience::new(wall_max);
    let frame = Frame { pack, known, patience: &patience };
    check_text(script, &[], frame, &mut seen, &mut findings);
    findings.extend(patience.finding());
    findings
}

/// What all texts of one check are checked against.
#[derive(Clone, Copy)]
struct Frame<'f> {
    pack: &'f Pack,
    known: &'f Known,
    patience: &'f Patience,
}

/// Checks one text and the shared modules that it imports. `trail`: the modules that led here.
fn check_text(
    text: &str,
    trail: &[&str],
    frame: Frame<'_>,
    seen: &mut BTreeSet<String>,
    findings: &mut Vec<Finding>,
) {
    let Frame { pack, known, patience } = frame;
    let module = trail.last().copied();
    let mut found = Found { module, findings };
    if text.len() > SCRIPT_BYTES_MAX {
        let wrong = Wrong::ScriptTooLong { bytes: text.len(), bytes_max: SCRIPT_BYTES_MAX };
        return found.push(Finding::about_pack(&wrong));
    }
    let engine = engine(Rc::new(Guard::new(RUN_WALL_MAX)), &known.shared);
    let source = Source::new(&engine, text);
    let keys = KeySets::new(pack, known);
    let ast = match parse(&engine, text) {
        Ok(ast) => ast,
        Err(error) => return found.push(parse::finding(&error, &source, &keys)),
    };
    let mut walk = Walk::new(keys, &source, module.map(str::to_owned), &ast, patience);
    if module.is_none() {
        handlers(&mut found, &walk);
    }
    let imports = imports(&ast);
    for import in imports.iter().take_while(|_| !patience.is_over()) {
        match known.shared.get(&import.path) {
            Some(_) if trail.contains(&import.path.as_str()) => {
                let wrong = Wrong::ImportCircle { path: import.path.clone() };
                found.push(Finding::at(import.position, &wrong));
            }
            Some(shared) => walk.imported.extend(functions_of(&engine, shared, &import.alias)),
            None => {
                let nearest = did_you_mean(&import.path, known.shared.keys().map(String::as_str));
                let wrong = Wrong::NoModule { path: import.path.clone() };
                found.push(Finding { nearest, ..Finding::at(import.position, &wrong) });
            }
        }
    }
    walk.run(&ast);
    walk.findings.into_iter().for_each(|finding| found.push(finding));
    for import in imports {
        if let Some(shared) = known.shared.get(&import.path)
            && seen.insert(import.path.clone())
        {
            let trail = [trail, &[import.path.as_str()]].concat();
            check_text(shared, &trail, frame, seen, findings);
        }
    }
}

/// Where findings of one text go.
struct Found<'f> {
    module: Option<&'f str>,
    findings: &'f mut Vec<Finding>,
}

impl Found<'_> {
    fn push(&mut self, finding: Finding) {
        self.findings.push(Finding { module: self.module.map(str::to_owned), ..finding });
    }
}

/// The names and parameters of handlers.
fn handlers(found: &mut Found<'_>, walk: &Walk<'_>) {
    for own in &walk.functions {
        let handler = HANDLERS.iter().find(|handler| handler.name == own.name);
        match handler {
            Some(handler) if handler.params.len() != own.params.len() => {
                let wanted: Vec<&str> = handler.params.iter().map(|param| param.name).collect();
                let wrong = Wrong::HandlerTakes {
                    name: own.name.clone(),
                    params: wanted.join(", "),
                    given: own.params.join(", "),
                };
                found.push(Finding::at(own.position, &wrong));
            }
            None if own.name.starts_with("on_") => {
                let nearest = did_you_mean(&own.name, HANDLERS.iter().map(|handler| handler.name));
                let wrong = Wrong::NoHandler { name: own.name.clone() };
                found.push(Finding { nearest, ..Finding::at(own.position, &wrong) });
            }
            _ => {}
        }
    }
}

struct Import {
    path: String,
    alias: String,
    position: rhai::Position,
}

fn imports(ast: &rhai::AST) -> Vec<Import> {
    let mut imports = Vec::new();
    ast.walk(&mut |path: &[rhai::ASTNode<'_>]| {
        if let Some(rhai::ASTNode::Stmt(rhai::Stmt::Import(parts, position))) = path.last()
            && let rhai::Expr::StringConstant(text, _) = &parts.0
        {
            imports.push(Import {
                path: text.to_string(),
                alias: parts.1.name.to_string(),
                position: *position,
            });
        }
        true
    });
    imports
}

/// `alias::name` of each function of a shared module, with how many parameters it takes.
fn functions_of(engine: &rhai::Engine, text: &str, alias: &str) -> BTreeMap<String, Vec<usize>> {
    let mut functions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    if let Ok(ast) = parse(engine, text) {
        for function in ast.iter_functions() {
            let name = format!("{alias}::{}", function.name);
            functions.entry(name).or_default().push(function.params.len());
        }
    }
    functions
}

/// Longest word that something near is looked for, and that a finding shows whole.
const WORD_BYTES_MAX: usize = 200;

/// The known word that looks most like the wrong one.
fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if wrong.len() > WORD_BYTES_MAX {
        return None;
    }
    nearest(wrong, known).map(str::to_owned)
}

/// Most words that a finding lists when none of them is near.
const LISTED_MAX: usize = 12;

/// `; known: a, b`: what would be right where nothing is near.
fn known(members: &[String]) -> String {
    if members.is_empty() || members.len() > LISTED_MAX {
        return String::new();
    }
    format!("; known: {}", members.join(", "))
}

/// A text of the script as a finding shows it: a long one by its beginning.
fn quoted(text: &str) -> String {
    let end = text.floor_char_boundary(WORD_BYTES_MAX);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}
