//! What people keep for themselves: notifications and saved views.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::{App, NO_CONTENT};
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::{Answer, ApiError};
use super::records::Items;
use crate::commands::personal::ViewWish;
use crate::commands::{Done, personal};
use crate::domain::command::Command;
use crate::domain::{NotificationId, SavedViewId};
use crate::views::list::{Limit, List};
use crate::views::me::{NotificationLine, SavedViewLine};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationQuery {
    /// Only those not read yet.
    pub unread: Option<bool>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

pub async fn notifications(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<NotificationQuery>,
) -> Answer<List<NotificationLine>> {
    let limit = Limit::new(query.limit)?;
    app.show(&caller, move |views, person| {
        views.notifications(person, query.unread, query.cursor.as_deref(), limit)
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadNotifications {
    /// This one and all before it; `null`: all.
    #[serde(default)]
    pub up_to: Option<NotificationId>,
}

pub async fn read_notifications(
    State(app): State<App>,
    caller: Caller,
    body: Body<ReadNotifications>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::ReadNotifications { up_to: given.up_to }).await
}

pub async fn views(State(app): State<App>, caller: Caller) -> Answer<Items<SavedViewLine>> {
    app.show(&caller, |views, person| Ok(Items { items: views.saved_views(person)? })).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutView {
    pub name: String,
    /// The query of the ticket list, such as `phase=active&assignee=me`.
    pub query: String,
    /// At the end when absent.
    #[serde(default)]
    pub position: Option<i64>,
}

impl PutView {
    fn into_wish(self) -> ViewWish {
        ViewWish { name: self.name, query: self.query, position: self.position }
    }
}

pub async fn make_view(State(app): State<App>, caller: Caller, body: Body<PutView>) -> Answer<SavedViewLine> {
    let wish = body.value.into_wish();
    let make = move |tx: &_| Ok((SavedViewLine::new(personal::put_view(tx, caller.person, None, wish)?), ()));
    Ok(Json(app.desk.once(caller.actor(), body.idempotency, make).await?.answer()))
}

pub async fn change_view(
    State(app): State<App>,
    caller: Caller,
    At(id): At<SavedViewId>,
    body: Body<PutView>,
) -> Answer<SavedViewLine> {
    let wish = body.value.into_wish();
    let view = app.desk.aside(move |tx| personal::put_view(tx, caller.person, Some(id), wish)).await?;
    Ok(Json(SavedViewLine::new(view)))
}

pub async fn remove_view(
    State(app): State<App>,
    caller: Caller,
    At(id): At<SavedViewId>,
) -> Result<StatusCode, ApiError> {
    app.desk.aside(move |tx| personal::remove_view(tx, caller.person, id)).await?;
    Ok(NO_CONTENT)
}
