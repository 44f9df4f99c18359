//! The supervisor's page, the queue board, alarms, and the next best ticket.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::records::Items;
use crate::commands::Done;
use crate::domain::command::Command;
use crate::domain::{AlarmId, ClientId, Key};
use crate::views::board::Board;
use crate::views::watch::{AlarmLine, SupervisorPage};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WatchQuery {
    /// Only of this client.
    pub client: Option<ClientId>,
}

pub async fn supervisor(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<WatchQuery>,
) -> Answer<SupervisorPage> {
    app.show(&caller, move |views, person| views.supervisor_page(person, query.client)).await
}

pub async fn board(State(app): State<App>, caller: Caller, Asked(query): Asked<WatchQuery>) -> Answer<Board> {
    app.show(&caller, move |views, person| views.board(person, query.client)).await
}

pub async fn alarms(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
) -> Answer<Items<AlarmLine>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.alarms(person, client)? })).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeAlarm {
    /// The version that was seen.
    pub version: i64,
}

pub async fn acknowledge(
    State(app): State<App>,
    caller: Caller,
    At(alarm): At<AlarmId>,
    body: Body<AcknowledgeAlarm>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::AcknowledgeAlarm { alarm, version: given.version }).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TakeNext {
    /// Only a ticket of this client.
    pub client: Option<ClientId>,
    /// Only one of this queue, of which the caller is a member.
    pub queue: Option<Key>,
}

pub async fn take_next(State(app): State<App>, caller: Caller, body: Body<TakeNext>) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::TakeNext { client: given.client, queue: given.queue }).await
}
