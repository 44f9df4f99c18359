//! What the workflow editor asks while somebody types: completion, signatures, definitions, the usual form.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{At, Body};
use super::error::{Answer, ApiError};
use crate::commands::pack_editing::{
    self as asked, Completion, Definition, Formatted, Signature, Spot, Typed,
};
use crate::commands::{Desk, DeskError};
use crate::domain::{ClientId, Language};

/// The two texts of a pack as they are typed, and the cursor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypedTexts {
    /// `workflow.rhai`
    pub script: String,
    /// `client.toml`; while it has mistakes, the saved or the published one is asked for keys.
    pub settings: String,
    pub at: Spot,
    /// In which labels of keys are read; without it, the pack's.
    #[serde(default)]
    pub language: Option<Language>,
}

/// A script alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptText {
    /// `workflow.rhai`
    pub script: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureAnswer {
    /// `null`: the cursor stands in no call that is known.
    pub signature: Option<Signature>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DefinitionAnswer {
    /// `null`: nobody knows.
    pub definition: Option<Definition>,
}

pub async fn complete(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<TypedTexts>,
) -> Answer<Completion> {
    Ok(Json(ask(&app, &caller, client, body, asked::complete).await?))
}

pub async fn signature(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<TypedTexts>,
) -> Answer<SignatureAnswer> {
    let signature = ask(&app, &caller, client, body, asked::signature).await?;
    Ok(Json(SignatureAnswer { signature }))
}

pub async fn definition(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<TypedTexts>,
) -> Answer<DefinitionAnswer> {
    let definition = ask(&app, &caller, client, body, asked::definition).await?;
    Ok(Json(DefinitionAnswer { definition }))
}

pub async fn format(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<ScriptText>,
) -> Answer<Formatted> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    Ok(Json(app.checks.cross(move || asked::formatted(&body.value.script)).await?))
}

/// Who may check the client's workflow may ask.
async fn ask<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    client: ClientId,
    body: Body<TypedTexts>,
    question: fn(&Desk, ClientId, Typed<'_>) -> Result<T, DeskError>,
) -> Result<T, ApiError> {
    let Json(()) = app.show(caller, move |views, person| views.check_administers(person, client)).await?;
    let desk = app.desk.clone();
    let answer = move || {
        let TypedTexts { script, settings, at, language } = &body.value;
        question(&desk, client, Typed { script, settings, spot: *at, language: *language })
    };
    Ok(app.checks.cross(answer).await??)
}
