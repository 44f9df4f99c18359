//! Runs of clients' scripts: what they read and asked for, and why.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::app::App;
use super::auth::Caller;
use super::body::At;
use super::error::Answer;
use crate::commands::why::explain_run;
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
