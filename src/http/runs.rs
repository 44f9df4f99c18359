//! Runs of clients' scripts: what they read and asked for.

use axum::extract::State;

use super::app::App;
use super::auth::Caller;
use super::body::At;
use super::error::Answer;
use crate::domain::RunId;
use crate::views::run::RunDetail;

pub async fn get(State(app): State<App>, caller: Caller, At(id): At<RunId>) -> Answer<RunDetail> {
    app.show(&caller, move |views, person| views.run(person, id)).await
}
