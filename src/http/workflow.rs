//! A client's workflow: read, check, save, publish, roll back.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::{Answer, ApiError};
use super::query::PageQuery;
use super::ticket_steps::Nothing;
use crate::commands::Done;
use crate::commands::pack_check::{PackFinding, check_pack};
use crate::domain::command::{Command, PackSource};
use crate::domain::{ClientId, PackVersionId};
use crate::rehearsal::backtest::digest_of;
use crate::views::list::List;
use crate::views::workflow_page::{VersionLine, VersionTexts, WorkflowPage};

pub async fn page(State(app): State<App>, caller: Caller, At(client): At<ClientId>) -> Answer<WorkflowPage> {
    app.show(&caller, move |views, person| views.workflow(person, client)).await
}

pub async fn versions(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<PageQuery>,
) -> Answer<List<VersionLine>> {
    let limit = query.page()?;
    app.show(&caller, move |views, person| views.versions(person, client, query.cursor.as_deref(), limit))
        .await
}

pub async fn version(
    State(app): State<App>,
    caller: Caller,
    At((client, version)): At<(ClientId, PackVersionId)>,
) -> Answer<VersionTexts> {
    app.show(&caller, move |views, person| views.version(person, client, version)).await
}

/// The two texts of a pack.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackTexts {
    /// `workflow.rhai`
    pub script: String,
    /// `client.toml`
    pub settings: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Findings {
    pub findings: Vec<PackFinding>,
    /// Names the two texts: a back-test says by it which texts it tried.
    pub digest: String,
}

pub async fn check(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<PackTexts>,
) -> Answer<Findings> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    let PackTexts { script, settings } = body.value;
    let digest = digest_of(&script, &settings);
    let desk = app.desk.clone();
    let findings = app.checks.cross(move || check_pack(&desk, client, &script, &settings)).await??;
    Ok(Json(Findings { findings, digest }))
}

pub async fn save_draft(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<PackTexts>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::SaveDraft {
        client,
        script: given.script,
        settings: given.settings,
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// What changed and why.
    pub message: String,
    /// With `settings`: these texts in place of the draft.
    #[serde(default)]
    pub script: Option<String>,
    #[serde(default)]
    pub settings: Option<String>,
    /// With both: the shared modules that the script imports, by path.
    #[serde(default)]
    pub modules: BTreeMap<String, String>,
}

pub async fn publish(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<Publish>,
) -> Answer<Done> {
    if body.value.script.is_some() != body.value.settings.is_some() {
        let message = "send both `script` and `settings`, or neither to publish the draft";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message).at("settings"));
    }
    app.carry_out(&caller, body, |given| {
        let source = match (given.script, given.settings) {
            (Some(script), Some(settings)) => PackSource::Files { script, settings, modules: given.modules },
            _ => PackSource::Draft,
        };
        Command::PublishPack { client, source, message: given.message }
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollBack {
    pub to: PackVersionId,
    pub message: String,
}

pub async fn roll_back(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<RollBack>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::RollBackPack {
        client,
        to: given.to,
        message: given.message,
    })
    .await
}

pub async fn release(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::ReleaseQuarantine { client }).await
}
