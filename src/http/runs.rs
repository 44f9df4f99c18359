//! Runs of clients' scripts: what they read and asked for, and why.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At};
use super::error::Answer;
use crate::commands::why::{Outcome, WhyNot, explain_run, outcomes_of, why_not_of};
use crate::domain::RunId;
use crate::views::run::RunDetail;

pub async fn get(State(app): State<App>, caller: Caller, At(id): At<RunId>) -> Answer<RunDetail> {
    app.show(&caller, move |views, person| views.run(person, id)).await
}

/// Who may read the run may read why. It takes a core for up to a second, so it has its turn among the checks.
pub async fn explain(State(app): State<App>, caller: Caller, At(id): At<RunId>) -> Answer<Value> {
    let Json(_) = app.show(&caller, move |views, person| views.run(person, id)).await?;
    let desk = app.desk.clone();
    Ok(Json(app.checks.cross(move || explain_run(&desk, id)).await??))
}

/// What the run could have asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcomes {
    pub outcomes: Vec<Outcome>,
}

pub async fn outcomes(State(app): State<App>, caller: Caller, At(id): At<RunId>) -> Answer<Outcomes> {
    let Json(_) = app.show(&caller, move |views, person| views.run(person, id)).await?;
    let desk = app.desk.clone();
    let outcomes = app.checks.cross(move || outcomes_of(&desk, id)).await??;
    Ok(Json(Outcomes { outcomes }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhyNotQuery {
    /// The key of one of the run's outcomes, such as `dispatch` or `queue line_2`.
    pub outcome: String,
}

pub async fn why_not(
    State(app): State<App>,
    caller: Caller,
    At(id): At<RunId>,
    Asked(query): Asked<WhyNotQuery>,
) -> Answer<WhyNot> {
    let Json(_) = app.show(&caller, move |views, person| views.run(person, id)).await?;
    let desk = app.desk.clone();
    Ok(Json(app.checks.cross(move || why_not_of(&desk, id, &query.outcome)).await??))
}
