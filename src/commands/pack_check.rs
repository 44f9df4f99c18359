//! Checks the two texts of a pack as publishing would, and saves nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::Desk;
use super::done::DeskError;
use super::publication::{draft_modules, known, lists};
use super::references;
use crate::domain::calendar::HolidayLists;
use crate::domain::key::did_you_mean;
use crate::domain::pack::{Pack, PackError};
use crate::domain::{ClientId, Refusal};
use crate::store;
use crate::workflow::{self, Finding, Known, Severity, dead_settings};

pub(super) const SCRIPT: &str = "workflow.rhai";
const SETTINGS: &str = "client.toml";

/// One thing that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackFinding {
    /// `workflow.rhai`, `client.toml`, or the path of a shared module.
    pub file: String,
    /// From 1; 0 when it is about the whole.
    pub line: usize,
    /// From 1, in characters; 0 when it is about the whole.
    pub column: usize,
    pub severity: Severity,
    /// A stable word for programs, such as `no_key`; `settings` for what `client.toml` itself has wrong.
    pub code: String,
    /// What the sentence speaks of, by name, for programs that say it in another language; of `settings`: the fault's own
    /// code as `fault`, and what its sentence speaks of as `0`, `1`, `2`.
    pub values: BTreeMap<String, String>,
    pub message: String,
    /// What was probably meant.
    pub hint: Option<String>,
}

/// Everything that is wrong; an empty answer means that the texts can be published.
pub fn check_pack(
    desk: &Desk,
    client: ClientId,
    script: &str,
    settings: &str,
) -> Result<Vec<PackFinding>, DeskError> {
    let modules = desk.readers().read(|db| {
        let found = store::client::get(db, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
        draft_modules(db, &found)
    })?;
    check_texts(desk, client, &Checking { script, settings, modules: &modules, lists: HolidayLists::new() })
}

/// What is checked against a client of the desk.
#[derive(Debug, Clone)]
pub struct Checking<'c> {
    pub script: &'c str,
    pub settings: &'c str,
    /// By the path that `import` names.
    pub modules: &'c BTreeMap<String, String>,
    /// Holiday lists that come with the texts, beside those of the desk.
    pub lists: HolidayLists,
}

/// As [`check_pack`], with what comes along.
pub fn check_texts(
    desk: &Desk,
    client: ClientId,
    checking: &Checking<'_>,
) -> Result<Vec<PackFinding>, DeskError> {
    let Checking { script, settings, modules, lists: own } = checking;
    let mut lists = desk.readers().read(|db| lists(&store::holiday_list::of_client(db, client)?))?;
    lists.extend(own.clone());
    let pack = match Pack::parse_with(settings, &lists) {
        Ok((pack, _)) => pack,
        Err(error) => return Ok(vec![PackFinding::of_settings(error)]),
    };
    let known = desk.readers().read(|db| {
        store::client::get(db, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
        let live = references::live(db, client, script, modules.values(), settings)?;
        Ok::<_, DeskError>(Known { live: Some(live), ..known(db, client, script, modules)? })
    })?;
    Ok(findings(script, settings, &pack, &known).into_iter().map(PackFinding::from).collect())
}

/// What is wrong with the script, then what the settings name that is dead.
pub(super) fn findings(script: &str, settings: &str, pack: &Pack, known: &Known) -> Vec<Finding> {
    let mut findings = workflow::check(script, pack, known);
    if let Some(live) = &known.live {
        findings.extend(dead_settings(settings, pack, live));
    }
    findings
}

/// What the client's published workflow names and the desk does not have: it was right when it was published.
pub fn check_published(desk: &Desk, client: ClientId) -> Result<Vec<PackFinding>, DeskError> {
    let version = desk.readers().read(|db| {
        let found = store::client::get(db, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
        let version = found.pack_version.map_or(Ok(None), |version| store::pack::get(db, version))?;
        let Some(version) = version else { return Ok(None) };
        let known = known(db, client, &version.script, &version.modules)?;
        let live =
            references::live(db, client, &version.script, version.modules.values(), &version.settings)?;
        let lists = store::holiday_list::of_version(db, &version.holidays)?;
        Ok::<_, DeskError>(Some((version, Known { live: Some(live), ..known }, lists)))
    })?;
    let Some((version, known, lists)) = version else { return Ok(Vec::new()) };
    let Ok((pack, _)) = Pack::parse_with(&version.settings, &lists) else { return Ok(Vec::new()) };
    let all = findings(&version.script, &version.settings, &pack, &known);
    Ok(all.into_iter().filter(|finding| finding.is_about_live()).map(PackFinding::from).collect())
}

impl PackFinding {
    /// What `client.toml` itself has wrong: the fault's own code is `fault`, its values are numbered.
    fn of_settings(error: PackError) -> Self {
        let PackError { line, column, message, code, values } = error;
        let numbered = values.into_iter().enumerate().map(|(index, value)| (index.to_string(), value));
        let named = [("detail".to_owned(), message.clone()), ("fault".to_owned(), code.to_owned())];
        Self {
            file: SETTINGS.to_owned(),
            line,
            column,
            severity: Severity::Error,
            code: "settings".to_owned(),
            values: named.into_iter().chain(numbered).collect(),
            message,
            hint: None,
        }
    }
}

impl From<Finding> for PackFinding {
    fn from(finding: Finding) -> Self {
        Self {
            file: finding.module.unwrap_or_else(|| SCRIPT.to_owned()),
            line: finding.line,
            column: finding.column,
            severity: finding.severity,
            code: finding.code,
            values: finding.values,
            message: finding.message,
            hint: finding.nearest,
        }
    }
}

impl std::fmt::Display for PackFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.severity == Severity::Warning { "warning: " } else { "" };
        let hint = did_you_mean(self.hint.as_deref());
        write!(f, "{}:{}:{}: {kind}{}{hint}", self.file, self.line, self.column, self.message)
    }
}
