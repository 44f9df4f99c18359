//! A client's workflow: read, check, save. `publish.rs` publishes it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::query::PageQuery;
use super::ticket_steps::Nothing;
use crate::commands::Done;
use crate::commands::pack_check::{PackFinding, check_pack, check_published};
use crate::domain::command::Command;
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

#[derive(Debug, Serialize, ToSchema)]
pub struct DeadReferences {
    /// What of the published version was right when it was published and is not any more.
    pub findings: Vec<PackFinding>,
}

pub async fn references(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
) -> Answer<DeadReferences> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    let desk = app.desk.clone();
    let findings = app.checks.cross(move || check_published(&desk, client)).await??;
    Ok(Json(DeadReferences { findings }))
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

pub async fn release(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::ReleaseQuarantine { client }).await
}
