//! Whether the server lives and can work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use super::app::App;

/// Alive: the process answers.
pub async fn health() -> &'static str {
    "ok"
}

#[derive(Debug, Serialize)]
pub struct Readiness {
    pub database: bool,
    pub writer: bool,
}

/// Ready: the database answers and the writer takes changes.
pub async fn readiness(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let database = app.read(|views| views.is_alive()).await.is_ok();
    let writer = app.desk.is_running();
    let status = if database && writer { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { database, writer }))
}
