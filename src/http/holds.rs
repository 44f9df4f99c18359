//! Messages of scripts beyond their budget: a supervisor looks at them, lets them go out or discards them.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::query::PageQuery;
use super::records::Items;
use super::watch::WatchQuery;
use crate::commands::Done;
use crate::domain::HoldId;
use crate::domain::command::{ApproveHold, Command, DiscardHold};
use crate::views::hold::{HeldLine, HoldLine};
use crate::views::list::List;

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<WatchQuery>,
) -> Answer<Items<HoldLine>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.holds(person, query.client)? })).await
}

pub async fn messages(
    State(app): State<App>,
    caller: Caller,
    At(hold): At<HoldId>,
    Asked(query): Asked<PageQuery>,
) -> Answer<List<HeldLine>> {
    let limit = query.page()?;
    app.show(&caller, move |views, person| views.held_messages(person, hold, query.cursor.as_deref(), limit))
        .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveHere {
    /// The version that was seen.
    pub version: i64,
    /// `held` as it was seen; when more than 100 have joined since, it is refused.
    pub messages: i64,
    /// Leaves out those whose ticket was closed since.
    #[serde(default)]
    pub is_without_stale: bool,
}

pub async fn approve(
    State(app): State<App>,
    caller: Caller,
    At(hold): At<HoldId>,
    body: Body<ApproveHere>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let ApproveHere { version, messages, is_without_stale } = given;
        Command::ApproveHold(ApproveHold { hold, version, messages, is_without_stale })
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscardHere {
    /// The version that was seen.
    pub version: i64,
    /// `held` as it was seen; when more than 100 have joined since, it is refused.
    pub messages: i64,
    /// Shown on each ticket; at most 500 bytes.
    pub reason: String,
}

pub async fn discard(
    State(app): State<App>,
    caller: Caller,
    At(hold): At<HoldId>,
    body: Body<DiscardHere>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let DiscardHere { version, messages, reason } = given;
        Command::DiscardHold(Box::new(DiscardHold { hold, version, messages, reason }))
    })
    .await
}
