//! A client's shadow, for who administers the client: started, watched, stopped; and how the script fares.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::query::PageQuery;
use super::records::Items;
use super::ticket_steps::Nothing;
use crate::commands::Done;
use crate::domain::ClientId;
use crate::domain::command::{Command, StartShadow};
use crate::views::list::List;
use crate::views::script_rates::HandlerRates;
use crate::views::shadow::{DifferenceLine, ShadowPage};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartShadowHere {
    /// How long it stands; 1 to 336 (14 days).
    pub hours: i64,
}

pub async fn start(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<StartShadowHere>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::StartShadow(StartShadow { client, hours: given.hours }))
        .await
}

pub async fn stop(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::StopShadow { client }).await
}

pub async fn page(State(app): State<App>, caller: Caller, At(client): At<ClientId>) -> Answer<ShadowPage> {
    app.show(&caller, move |views, person| views.shadow(person, client)).await
}

pub async fn differences(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<PageQuery>,
) -> Answer<List<DifferenceLine>> {
    let limit = query.page()?;
    app.show(&caller, move |views, person| {
        views.shadow_differences(person, client, query.cursor.as_deref(), limit)
    })
    .await
}

pub async fn rates(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
) -> Answer<Items<HandlerRates>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.script_rates(person, client)? })).await
}
