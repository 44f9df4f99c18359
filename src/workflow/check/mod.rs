//! What is wrong with a script, found without running it: each finding has its place and what would be right.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::api::{CONTINUATION, HANDLERS};
use super::engine::{SharedSources, engine, parse};
use super::limits::{Guard, RUN_WALL_MAX, on_script_stack};
use crate::domain::Key;
use crate::domain::key::nearest;
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX};

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
    /// `workflows/shared/`, by the path that `import` names.
    pub shared: SharedSources,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(module) = &self.module {
            write!(f, "{module}:")?;
        }
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

impl Finding {
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    #[must_use]
    pub fn about_pack(message: String) -> Self {
        Self { severity: Severity::Error, module: None, line: 0, column: 0, message, nearest: None }
    }

    #[must_use]
    pub fn of_parse_error(error: &rhai::ParseError) -> Self {
        Self {
            line: error.1.line().unwrap_or(0),
            column: error.1.position().unwrap_or(0),
            ..Self::about_pack(error.0.to_string())
        }
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
    let _ = pack;
    if script.len() > SCRIPT_BYTES_MAX {
        let message = format!("the script has {} bytes; at most {SCRIPT_BYTES_MAX} are taken", script.len());
        return vec![Finding::about_pack(message)];
    }
    let engine = engine(Rc::new(Guard::new(RUN_WALL_MAX)), &known.shared);
    let ast = match parse(&engine, script) {
        Ok(ast) => ast,
        Err(error) => return vec![Finding::of_parse_error(&error)],
    };
    let mut findings = Vec::new();
    for function in ast.iter_functions() {
        let name = function.name;
        let wanted = HANDLERS.iter().find(|handler| handler.name == name).map(|handler| handler.params);
        if let Some(params) = wanted
            && params.len() != function.params.len()
        {
            findings.push(Finding::about_pack(format!("`{name}` takes {} parameters", params.len())));
        } else if wanted.is_none() && name.starts_with("on_") {
            let hint = nearest(name, HANDLERS.iter().map(|handler| handler.name));
            let mut finding = Finding::about_pack(format!("there is no handler `{name}`"));
            finding.nearest = hint.map(str::to_owned);
            findings.push(finding);
        }
    }
    let _ = CONTINUATION;
    findings
}
