//! The reference of the script API, and the definition file for other editors.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Asked;
use super::error::Answer;
use crate::commands::script_api::{Reference, api_definitions, api_reference};
use crate::domain::Language;

/// Where the definition file is downloaded.
pub const DEFINITIONS_PATH: &str = "/api/naryad.d.rhai";

/// In which language descriptions are read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReferenceQuery {
    /// `en` unless it says `ru`.
    pub language: Option<Language>,
}

/// It says nothing of any client; whoever is logged in may read it.
pub async fn show(_caller: Caller, Asked(query): Asked<ReferenceQuery>) -> Answer<Reference> {
    Ok(Json(api_reference(query.language.unwrap_or(Language::En))))
}

pub async fn definitions() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"naryad.d.rhai\""),
    ];
    (headers, api_definitions()).into_response()
}
