//! Calendars, targets and stages of a client's draft: read, changed, and tried out before they are published.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{At, Body};
use super::error::Answer;
use crate::commands::Done;
use crate::commands::time_preview::{
    AskMonth, AskPreview, MonthAnswer, PreviewAnswer, month as days_of, preview as foretell,
};
use crate::domain::ClientId;
use crate::domain::command::{Command, EditTime};
use crate::domain::pack::TimeSettings;
use crate::views::time_settings::TimePage;

pub async fn show(State(app): State<App>, caller: Caller, At(client): At<ClientId>) -> Answer<TimePage> {
    app.show(&caller, move |views, person| views.time_settings(person, client)).await
}

/// Calendars, targets and stages, whole: what is not named is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTimeSettings {
    /// The `base` of the page that was read; a draft that changed since answers 409 `draft_changed`. Without it,
    /// whatever the draft says now is changed.
    #[serde(default)]
    pub base: Option<String>,
    pub time: TimeSettings,
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<ChangeTimeSettings>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        Command::EditTime(Box::new(EditTime { client, base: given.base, time: given.time }))
    })
    .await
}

pub async fn preview(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<AskPreview>,
) -> Answer<PreviewAnswer> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    let desk = app.desk.clone();
    Ok(Json(app.reads.cross(move || foretell(&desk, client, &body.value)).await??))
}

pub async fn month(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<AskMonth>,
) -> Answer<MonthAnswer> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    let desk = app.desk.clone();
    Ok(Json(app.reads.cross(move || days_of(&desk, client, &body.value)).await??))
}
