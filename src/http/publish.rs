//! Publishing a client's workflow, for new tickets or for open ones too: what the latter would do is looked at first.

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
use crate::commands::Done;
use crate::commands::version_preview::{MovePreview, MoveTo, preview_move};
use crate::domain::command::{Command, PackSource};
use crate::domain::version_move::Reach;
use crate::domain::{ClientId, PackVersionId, TicketId};
use crate::views::list::List;
use crate::views::version_move::{MovePage, StayLine};

/// Texts that are sent along in place of the saved draft.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SentTexts {
    /// With `settings`: these texts in place of the saved draft.
    #[serde(default)]
    pub script: Option<String>,
    #[serde(default)]
    pub settings: Option<String>,
    /// With both: the shared modules that the script imports, by path.
    #[serde(default)]
    pub modules: BTreeMap<String, String>,
}

impl SentTexts {
    /// The texts, or the draft where none were sent.
    pub fn source(self) -> Result<PackSource, ApiError> {
        match (self.script, self.settings) {
            (Some(script), Some(settings)) => {
                Ok(PackSource::Files { script, settings, modules: self.modules })
            }
            (None, None) => Ok(PackSource::Draft),
            _ => {
                let message = "send both `script` and `settings`, or neither for the saved draft";
                Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message).at("settings"))
            }
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// What changed and why.
    pub message: String,
    /// `open_tickets_too` moves the open tickets to the version, in turns; see what it would do with
    /// `workflow/open-tickets/preview` first.
    #[serde(default)]
    pub reach: Reach,
    #[serde(flatten)]
    pub texts: SentTexts,
}

pub async fn publish(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<Publish>,
) -> Answer<Done> {
    let Publish { message, reach, texts } = body.value;
    let source = texts.source()?;
    let body = Body { value: (), idempotency: body.idempotency };
    app.carry_out(&caller, body, |()| Command::PublishPack { client, source, message, reach }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollBack {
    pub to: PackVersionId,
    pub message: String,
    /// As in publishing.
    #[serde(default)]
    pub reach: Reach,
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
        reach: given.reach,
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskMove {
    /// An older version, as a roll-back would publish it; then no texts.
    #[serde(default)]
    pub to: Option<PackVersionId>,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<TicketId>,
    #[serde(flatten)]
    pub texts: SentTexts,
}

pub async fn preview(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<AskMove>,
) -> Answer<MovePreview> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    let AskMove { to, after, texts } = body.value;
    let to = match (to, texts.source()?) {
        (None, source) => MoveTo::Texts(source),
        (Some(version), PackSource::Draft) => MoveTo::Version(version),
        (Some(_), PackSource::Files { .. }) => {
            let message = "send an older version or texts, not both";
            return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message).at("to"));
        }
    };
    let desk = app.desk.clone();
    // The first page checks the texts, which may take a core for a while.
    let bridge = if after.is_none() { &app.checks } else { &app.reads };
    Ok(Json(bridge.cross(move || preview_move(&desk, client, &to, after)).await??))
}

pub async fn stand(State(app): State<App>, caller: Caller, At(client): At<ClientId>) -> Answer<MovePage> {
    app.show(&caller, move |views, person| views.version_move(person, client)).await
}

pub async fn stays(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<PageQuery>,
) -> Answer<List<StayLine>> {
    let limit = query.page()?;
    app.show(&caller, move |views, person| {
        views.version_stays(person, client, query.cursor.as_deref(), limit)
    })
    .await
}
