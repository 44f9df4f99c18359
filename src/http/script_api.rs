//! The reference of the script API, and the definition file for other editors.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::auth::Caller;
use super::error::Answer;
use crate::commands::script_api::{Reference, api_definitions, api_reference};

/// Where the definition file is downloaded.
pub const DEFINITIONS_PATH: &str = "/api/naryad.d.rhai";

/// It says nothing of any client; whoever is logged in may read it.
pub async fn show(_caller: Caller) -> Answer<Reference> {
    Ok(Json(api_reference()))
}

pub async fn definitions() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"naryad.d.rhai\""),
    ];
    (headers, api_definitions()).into_response()
}
