//! Jobs and the outbox.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::query::Word;
use super::ticket_steps::Nothing;
use crate::commands::Done;
use crate::domain::command::Command;
use crate::domain::{ClientId, JobId, Key, Refusal};
use crate::views::list::{Limit, List};
use crate::views::operations::{JobLine, JobQuery};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobListQuery {
    /// `waiting`, `behind`, `leased`, `done`, `dead` or `dropped`; `dead` when absent.
    pub state: Option<String>,
    pub client: Option<ClientId>,
    pub kind: Option<Key>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

pub async fn jobs(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<JobListQuery>,
) -> Answer<List<JobLine>> {
    let limit = Limit::new(query.limit)?;
    let state = match query.state.as_deref() {
        Some(text) => {
            let word = text.parse::<Word<_>>();
            Some(word.map_err(|error| Refusal::invalid("state", error.to_string()))?.0)
        }
        None => None,
    };
    let query = JobQuery { state, client: query.client, kind: query.kind, cursor: query.cursor };
    app.show(&caller, move |views, person| views.jobs(person, &query, limit)).await
}

pub async fn replay(
    State(app): State<App>,
    caller: Caller,
    At(job): At<JobId>,
    body: Body<Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::ReplayJob { job }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DropJob {
    #[serde(default)]
    pub reason: Option<String>,
}

pub async fn drop_job(
    State(app): State<App>,
    caller: Caller,
    At(job): At<JobId>,
    body: Body<DropJob>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::DropJob { job, reason: given.reason }).await
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Outbox {
    /// Nothing goes out until a person lets it: the desk was restored from a backup.
    pub is_held: bool,
}

pub async fn outbox(State(app): State<App>, caller: Caller) -> Answer<Outbox> {
    let held = app.show(&caller, |views, person| views.outbox_is_held(person)).await?;
    Ok(Json(Outbox { is_held: held.0 }))
}

pub async fn release_outbox(State(app): State<App>, caller: Caller, body: Body<Nothing>) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::ReleaseOutbox).await
}
