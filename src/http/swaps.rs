//! `/swaps`: shifts that people offer each other.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{At, Body};
use super::error::Answer;
use super::records::Items;
use crate::commands::Done;
use crate::domain::SwapOfferId;
use crate::domain::command::{AnswerSwap, Command, OfferSwap};
use crate::domain::roster::SwapAnswer;
use crate::views::swap::SwapLine;

pub async fn list(State(app): State<App>, caller: Caller) -> Answer<Items<SwapLine>> {
    app.show(&caller, |views, person| Ok(Items { items: views.swaps(person)? })).await
}

pub async fn offer(State(app): State<App>, caller: Caller, body: Body<OfferSwap>) -> Answer<Done> {
    app.carry_out(&caller, body, |offer| Command::OfferSwap(Box::new(offer))).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SayToSwap {
    /// The version that was seen.
    pub version: i64,
    pub answer: SwapAnswer,
}

pub async fn answer(
    State(app): State<App>,
    caller: Caller,
    At(offer): At<SwapOfferId>,
    body: Body<SayToSwap>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        Command::AnswerSwap(AnswerSwap { offer, version: given.version, answer: given.answer })
    })
    .await
}
