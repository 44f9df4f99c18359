//! Checks the two texts of a pack as publishing would, and saves nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::desk::Desk;
use super::done::DeskError;
use super::publication::{draft_modules, known, lists};
use crate::domain::pack::Pack;
use crate::domain::{ClientId, Refusal};
use crate::store;
use crate::workflow::{self, Finding, Severity};

pub(super) const SCRIPT: &str = "workflow.rhai";
const SETTINGS: &str = "client.toml";

/// One thing that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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
    /// What the sentence speaks of, by name, for programs that say it in another language.
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
    let lists = desk.readers().read(|db| lists(&store::holiday_list::of_client(db, client)?))?;
    let pack = match Pack::parse_with(settings, &lists) {
        Ok((pack, _)) => pack,
        Err(error) => {
            return Ok(vec![PackFinding {
                file: SETTINGS.to_owned(),
                line: error.line,
                column: error.column,
                severity: Severity::Error,
                code: "settings".to_owned(),
                values: BTreeMap::from([("detail".to_owned(), error.message.clone())]),
                message: error.message,
                hint: None,
            }]);
        }
    };
    let known = desk.readers().read(|db| {
        let found = store::client::get(db, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
        known(db, client, script, &draft_modules(db, &found)?)
    })?;
    Ok(workflow::check(script, &pack, &known).into_iter().map(PackFinding::from).collect())
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
