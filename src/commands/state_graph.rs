//! What a client's script can do with a ticket: the draft's or the published version's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::Desk;
use super::done::DeskError;
use super::programs::sources;
use super::publication::{draft_modules, lists, published_modules};
use crate::domain::pack::{Pack, Queue, Status};
use crate::domain::state_graph::ScriptSteps;
use crate::domain::{ClientId, Refusal};
use crate::store;
use crate::workflow;

/// Of which text a state graph is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GraphOf {
    /// The saved draft; where there is none, what is published.
    #[default]
    Draft,
    Published,
}

/// What the two texts of a pack say of where a ticket goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    pub statuses: Vec<Status>,
    pub queues: Vec<Queue>,
    pub steps: ScriptSteps,
}

/// Blocks for as long as the script takes to be read.
///
/// # Errors
/// The client has no such text; it is no script, or its settings are none: what is wrong, and where.
pub fn draw(desk: &Desk, client: ClientId, of: GraphOf) -> Result<Drawn, DeskError> {
    let (script, settings, modules, holidays) = desk.readers().read(|db| {
        let found = store::client::get(db, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
        let draft = store::pack::draft(db, client)?.filter(|_| of == GraphOf::Draft);
        let holidays = lists(&store::holiday_list::of_client(db, client)?)?;
        if let Some(draft) = draft {
            let modules = draft_modules(db, &found)?;
            return Ok::<_, DeskError>((draft.script, draft.settings, modules, holidays));
        }
        let version = match found.pack_version {
            Some(version) => store::pack::get(db, version)?,
            None => None,
        };
        let version = version.ok_or_else(|| Refusal::not_found("workflow of client", client))?;
        Ok((version.script, version.settings, published_modules(db, &found)?, holidays))
    })?;
    let (pack, _) = Pack::parse_with(&settings, &holidays)
        .map_err(|error| Refusal::invalid("settings", error.to_string()))?;
    let shared = sources(&script, &modules).shared;
    let steps = workflow::steps(&script, &shared, &pack).ok_or_else(|| {
        Refusal::invalid(
            "script",
            "the script cannot be read: check it, the findings say where it breaks off",
        )
    })?;
    Ok(Drawn { statuses: pack.statuses, queues: pack.queues, steps })
}
