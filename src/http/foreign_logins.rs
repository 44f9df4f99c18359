//! `/foreign-logins`: whose the log-ins of a client's own desk are.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::records::Items;
use crate::commands::Done;
use crate::domain::command::{Command, MapForeignLogin, UnmapForeignLogin};
use crate::domain::{ClientId, ForeignLoginId, Key, Moment, Refusal};
use crate::views::foreign_login::{ForeignLoginLine, Which};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ForeignLoginQuery {
    /// Needed.
    pub client: Option<ClientId>,
    /// Only of this system, such as `servicenow`.
    pub system: Option<Key>,
    /// Those that were valid then; without it, those that are now.
    pub at: Option<Moment>,
    /// All of them, also those that are over; then `at` is not looked at.
    pub over: Option<bool>,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<ForeignLoginQuery>,
) -> Answer<Items<ForeignLoginLine>> {
    let client = query.client.ok_or_else(|| Refusal::invalid("client", "name a client"))?;
    app.show(&caller, move |views, person| {
        let which = match query.over {
            Some(true) => Which::All,
            _ => Which::At(query.at),
        };
        Ok(Items { items: views.foreign_logins(person, client, query.system, which)? })
    })
    .await
}

pub async fn map(State(app): State<App>, caller: Caller, body: Body<MapForeignLogin>) -> Answer<Done> {
    app.carry_out(&caller, body, |map| Command::MapForeignLogin(Box::new(map))).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndForeignLogin {
    /// The version that was seen.
    pub version: i64,
}

pub async fn end(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ForeignLoginId>,
    body: Body<EndForeignLogin>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        Command::UnmapForeignLogin(UnmapForeignLogin { id, version: given.version })
    })
    .await
}
