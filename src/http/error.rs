//! What goes wrong at the door, in one envelope: `{"error": {"code", "message", "field"}}`, and `problems` where one
//! request holds several.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::commands::DeskError;
use crate::domain::Refusal;
use crate::domain::refusal::ErrorDetail;
use crate::views::ViewError;

/// When to come again after "busy".
const RETRY_AFTER_SECONDS: u64 = 1;

/// The body of every answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

/// An answer that is no success.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    /// Boxed, for an answer is handed on through many functions.
    detail: Box<ErrorDetail>,
    retry_after_seconds: Option<u64>,
}

pub type Answer<T> = Result<Json<T>, ApiError>;

impl ApiError {
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let detail = ErrorDetail {
            code: code.to_owned(),
            message: message.into(),
            field: None,
            values: BTreeMap::new(),
            problems: Vec::new(),
            missing: Vec::new(),
        };
        Self { status, detail: Box::new(detail), retry_after_seconds: None }
    }

    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.detail.field = Some(field.into());
        self
    }

    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).retry_after(RETRY_AFTER_SECONDS)
    }

    pub fn internal() -> Self {
        let message = "the desk met a defect of its own; the log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    pub fn not_logged_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_logged_in", "log in, or send an API token as a bearer token")
    }

    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        Refusal::not_found(what, id).into()
    }

    /// Done before, by the same request; what it showed then is kept nowhere.
    pub fn secret_shown_once(what: &str, remedy: &str) -> Self {
        let message = format!("this request made {what} before; its secret is shown only once: {remedy}");
        Self::new(StatusCode::CONFLICT, "secret_shown_once", message)
    }

    pub fn body_too_large(bytes_max: usize) -> Self {
        let message = format!("the body is larger than {bytes_max} bytes, which is the limit here");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[cfg(test)]
    pub fn detail(&self) -> ErrorDetail {
        (*self.detail).clone()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorBody { error: *self.detail })).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self { status: status_of(&refusal), detail: Box::new(refusal.into()), retry_after_seconds: None }
    }
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
        Refusal::TooManyUploads { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Forbidden { .. } | Refusal::OtherClient | Refusal::OwnReport => StatusCode::FORBIDDEN,
        Refusal::UnknownKey { .. }
        | Refusal::Invalid { .. }
        | Refusal::TooLong { .. }
        | Refusal::TooMany { .. }
        | Refusal::OutcomeNotAllowed { .. }
        | Refusal::StageNotNext { .. }
        | Refusal::WorkflowHasErrors { .. }
        | Refusal::RosterHasErrors { .. }
        | Refusal::InformationMissing { .. }
        | Refusal::InTheFuture { .. }
        | Refusal::PackageRefused { .. }
        | Refusal::PackageNotTrusted { .. }
        | Refusal::TooManyCommands { .. }
        | Refusal::ReportIncomplete(_)
        | Refusal::RefusedByWorkflow { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Refused(refusal) => refusal.into(),
            DeskError::Overloaded | DeskError::ChecksAreBusy | DeskError::Stopped => {
                Self::busy(error.to_string())
            }
            DeskError::Panicked => Self::internal(),
            DeskError::Store(error) | DeskError::File(error) => {
                Self::of_disk(error.fault(), error.to_string())
            }
        }
    }
}

impl From<ViewError> for ApiError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Refused(refusal) => refusal.into(),
            ViewError::Store(error) => Self::of_disk(error.fault(), error.to_string()),
        }
    }
}

impl ApiError {
    fn of_disk(fault: &'static str, message: String) -> Self {
        match fault {
            "busy" => Self::busy(message),
            "storage_full" => Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full", message),
            _ => {
                tracing::error!(fault, message, "the store failed");
                Self::internal()
            }
        }
    }
}
