//! Plugins: packages, publishers' keys, installations and calls for a test.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body, idempotency, idempotency_key, too_slow};
use super::error::{Answer, ApiError};
use super::plugin_desk::{
    ApproveOrder, AskedLine, CallLimits, ChangeOrder, Difference, InstallOrder, PluginDesk, PluginOrder,
    RollBackOrder, Trial, TrialResult, TrustOrder, UpdateOrder,
};
use super::records::Items;
use super::ticket_steps::Nothing;
use crate::commands::Done;
use crate::domain::command::{Command, Switch};
use crate::domain::{ClientId, InstallationId, Key, PersonId, PluginKeyId};
use crate::views::plugin::{InstallationLine, InstallationPage, KeyLine, PackageLine, PublisherLine};
use crate::views::{ViewError, Views};

/// A package must be here within this.
const PACKAGE_TIME_MAX: Duration = Duration::from_secs(5 * 60);
/// Packages that one person may send at once: each is held in memory.
const PACKAGES_AT_ONCE_MAX: usize = 2;

pub async fn packages(State(app): State<App>, caller: Caller) -> Answer<Items<PackageLine>> {
    app.show(&caller, |views, person| Ok(Items { items: views.packages(person)? })).await
}

/// A package with what it asks for.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackagePage {
    #[serde(flatten)]
    pub package: PackageLine,
    /// Without any settings.
    pub asked: Vec<AskedLine>,
    pub limits: CallLimits,
}

pub async fn package(State(app): State<App>, caller: Caller, At(sha256): At<String>) -> Answer<PackagePage> {
    let desk = desk_of(&app)?;
    let package = app.show(&caller, move |views, person| views.package(person, &sha256)).await?.0;
    let asked = desk.asked(&package.manifest, &Value::Null, &Value::Null);
    Ok(Json(PackagePage { asked, limits: desk.limits(&package.manifest), package }))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeepQuery {
    /// The text of the `.minisig` file beside the package.
    pub signature: Option<String>,
    /// The publisher's `minisign.pub` file or its second line, to verify a signature whose key the desk does not know.
    pub public_key: Option<String>,
}

pub async fn keep(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<KeepQuery>,
    request: Request,
) -> Answer<Done> {
    let desk = desk_of(&app)?;
    allow(&app, &caller, |views, person| views.require_plugin_keeper(person)).await?;
    let _place = app.packages.enter(caller.person, PACKAGES_AT_ONCE_MAX).ok_or_else(too_many_at_once)?;
    let (parts, body) = request.into_parts();
    let bytes_max = desk.package_bytes_max();
    let announced =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > bytes_max) {
        return Err(ApiError::body_too_large(bytes_max));
    }
    let received = tokio::time::timeout(PACKAGE_TIME_MAX, Limited::new(body, bytes_max).collect()).await;
    let wasm: Bytes = match received {
        Err(_) => return Err(too_slow(PACKAGE_TIME_MAX)),
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(ApiError::body_too_large(bytes_max)),
        Ok(Err(error)) => {
            let message = format!("the package broke off: {error}");
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "broken_body", message));
        }
    };
    let key = idempotency_key(&parts.headers)?.map(|key| idempotency(&parts, key, &wasm));
    let order = PluginOrder::Keep { signature: query.signature, public_key: query.public_key };
    Ok(Json(desk.carry_out(caller.actor(), order, wasm.to_vec(), key).await?))
}

fn too_many_at_once() -> ApiError {
    let message =
        format!("{PACKAGES_AT_ONCE_MAX} packages of yours are under way; send this one when one is over");
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_uploads_at_once", message).retry_after(1)
}

pub async fn forget(
    State(app): State<App>,
    caller: Caller,
    At(sha256): At<String>,
    body: Body<Nothing>,
) -> Answer<Done> {
    keeper_orders(&app, &caller, body, |_| PluginOrder::Forget { sha256 }).await
}

pub async fn keys(State(app): State<App>, caller: Caller) -> Answer<Items<KeyLine>> {
    app.show(&caller, |views, person| Ok(Items { items: views.plugin_keys(person)? })).await
}

pub async fn trust(State(app): State<App>, caller: Caller, body: Body<TrustOrder>) -> Answer<Done> {
    keeper_orders(&app, &caller, body, PluginOrder::Trust).await
}

pub async fn distrust(
    State(app): State<App>,
    caller: Caller,
    At(key): At<PluginKeyId>,
    body: Body<Nothing>,
) -> Answer<Done> {
    keeper_orders(&app, &caller, body, |_| PluginOrder::Distrust { key }).await
}

pub async fn publishers(State(app): State<App>, caller: Caller) -> Answer<Items<PublisherLine>> {
    app.show(&caller, |views, person| Ok(Items { items: views.plugin_publishers(person)? })).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PinOrder {
    /// The `minisign.pub` file or its second line; `null`: the key of the next signed package.
    pub public_key: Option<String>,
}

pub async fn pin(
    State(app): State<App>,
    caller: Caller,
    At(publisher): At<Key>,
    body: Body<PinOrder>,
) -> Answer<Done> {
    let order = |given: PinOrder| PluginOrder::Pin { publisher, public_key: given.public_key };
    keeper_orders(&app, &caller, body, order).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InstallationQuery {
    pub client: Option<ClientId>,
}

pub async fn installations(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<InstallationQuery>,
) -> Answer<Items<InstallationLine>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.installations(person, query.client)? }))
        .await
}

/// An installation whole, with what its package asks for and what an update would add.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstallationDetail {
    #[serde(flatten)]
    pub page: InstallationPage,
    pub asked: Vec<AskedLine>,
    pub limits: CallLimits,
    /// Of the update that waits.
    pub difference: Option<Difference>,
    /// What the update that waits asks for, and what of it is granted now.
    pub asked_by_update: Vec<AskedLine>,
}

pub async fn installation(
    State(app): State<App>,
    caller: Caller,
    At(id): At<InstallationId>,
) -> Answer<InstallationDetail> {
    let desk = desk_of(&app)?;
    let page = app.show(&caller, move |views, person| views.installation(person, id)).await?.0;
    let (manifest, settings, grants) = (&page.package.manifest, &page.line.configuration, &page.line.grants);
    let comes = page.update.as_ref().map(|update| &update.package.manifest);
    Ok(Json(InstallationDetail {
        asked: desk.asked(manifest, settings, grants),
        limits: desk.limits(manifest),
        difference: comes.map(|comes| desk.difference(manifest, comes, settings)),
        asked_by_update: comes.map(|comes| desk.asked(comes, settings, grants)).unwrap_or_default(),
        page,
    }))
}

pub async fn install(State(app): State<App>, caller: Caller, body: Body<InstallOrder>) -> Answer<Done> {
    let client = body.value.client;
    allow(&app, &caller, move |views, person| views.require_plugin_administrator(person, client)).await?;
    // It may hold secrets, of which nothing is remembered.
    let desk = desk_of(&app)?;
    let order = PluginOrder::Install(body.value);
    Ok(Json(desk.carry_out(caller.actor(), order, Vec::new(), None).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetState {
    pub state: Switch,
}

pub async fn set_state(
    State(app): State<App>,
    caller: Caller,
    At(installation): At<InstallationId>,
    body: Body<SetState>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::SetPluginEnabled { installation, state: given.state }).await
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    At(installation): At<InstallationId>,
    body: Body<ChangeOrder>,
) -> Answer<Done> {
    let body = Body { value: body.value, idempotency: None };
    orders(&app, &caller, installation, body, |change| PluginOrder::Change { installation, change }).await
}

pub async fn update(
    State(app): State<App>,
    caller: Caller,
    At(installation): At<InstallationId>,
    body: Body<UpdateOrder>,
) -> Answer<Done> {
    orders(&app, &caller, installation, body, |update| PluginOrder::Update { installation, update }).await
}

pub async fn approve(
    State(app): State<App>,
    caller: Caller,
    At(installation): At<InstallationId>,
    body: Body<ApproveOrder>,
) -> Answer<Done> {
    let body = Body { value: body.value, idempotency: None };
    orders(&app, &caller, installation, body, |approve| PluginOrder::Approve { installation, approve }).await
}

pub async fn reject(
    State(app): State<App>,
    caller: Caller,
    At(installation): At<InstallationId>,
    body: Body<Nothing>,
) -> Answer<Done> {
    orders(&app, &caller, installation, body, |_| PluginOrder::Reject { installation }).await
}

pub async fn roll_back(
    State(app): State<App>,
    caller: Caller,
    At(installation): At<InstallationId>,
    body: Body<RollBackOrder>,
) -> Answer<Done> {
    orders(&app, &caller, installation, body, |back| PluginOrder::RollBack { installation, back }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Uninstall {
    /// The version that was seen.
    pub version: i64,
}

pub async fn uninstall(
    State(app): State<App>,
    caller: Caller,
    At(installation): At<InstallationId>,
    body: Body<Uninstall>,
) -> Answer<Done> {
    let order = |given: Uninstall| PluginOrder::Uninstall { installation, version: given.version };
    orders(&app, &caller, installation, body, order).await
}

pub async fn try_out(
    State(app): State<App>,
    caller: Caller,
    At(id): At<InstallationId>,
    body: Body<Trial>,
) -> Answer<TrialResult> {
    let desk = desk_of(&app)?;
    allow(&app, &caller, move |views, person| views.installation(person, id).map(drop)).await?;
    Ok(Json(desk.try_out(id, body.value).await?))
}

fn desk_of(app: &App) -> Result<Arc<dyn PluginDesk>, ApiError> {
    app.settings.plugins.desk().ok_or_else(|| ApiError::busy("this desk runs no plugins just now"))
}

/// Before anything that takes time is begun.
async fn allow(
    app: &App,
    caller: &Caller,
    check: impl FnOnce(&Views, PersonId) -> Result<(), ViewError> + Send + 'static,
) -> Result<(), ApiError> {
    app.show(caller, check).await.map(drop)
}

/// An order about packages and keys, refused before it is looked at unless the caller keeps them.
async fn keeper_orders<T>(
    app: &App,
    caller: &Caller,
    body: Body<T>,
    order: impl FnOnce(T) -> PluginOrder,
) -> Answer<Done> {
    let desk = desk_of(app)?;
    allow(app, caller, |views, person| views.require_plugin_keeper(person)).await?;
    let done = desk.carry_out(caller.actor(), order(body.value), Vec::new(), body.idempotency).await?;
    Ok(Json(done))
}

/// An order about an installation, which is not there for whoever does not administer its client.
async fn orders<T>(
    app: &App,
    caller: &Caller,
    id: InstallationId,
    body: Body<T>,
    order: impl FnOnce(T) -> PluginOrder,
) -> Answer<Done> {
    let desk = desk_of(app)?;
    allow(app, caller, move |views, person| views.installation(person, id).map(drop)).await?;
    let done = desk.carry_out(caller.actor(), order(body.value), Vec::new(), body.idempotency).await?;
    Ok(Json(done))
}
