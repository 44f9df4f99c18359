//! The first steps of a new client: what its statuses and queues are called, and what its pack still needs.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{At, Body};
use super::error::Answer;
use super::records::Items;
use crate::commands::Done;
use crate::domain::ClientId;
use crate::domain::command::{Command, EditWords};
use crate::domain::pack::PackNames;
use crate::views::onboarding::{Prerequisite, WordsPage};

pub async fn words(State(app): State<App>, caller: Caller, At(client): At<ClientId>) -> Answer<WordsPage> {
    app.show(&caller, move |views, person| views.pack_words(person, client)).await
}

/// The words, whole: a status or a queue that is not named is left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeWords {
    /// The `base` of the page that was read; a draft that changed since answers 409 `draft_changed`. Without it,
    /// whatever the draft says now is changed.
    #[serde(default)]
    pub base: Option<String>,
    pub words: PackNames,
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<ChangeWords>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        Command::EditWords(Box::new(EditWords { client, base: given.base, words: given.words }))
    })
    .await
}

pub async fn prerequisites(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
) -> Answer<Items<Prerequisite>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.prerequisites(person, client)? })).await
}
