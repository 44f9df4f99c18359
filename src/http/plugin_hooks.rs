//! Requests from outside to plugins: no account, but a token that nobody guesses. The answer comes when what the request
//! brought is stored.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{At, Body as Given};
use super::error::{Answer, ApiError};
use super::ticket_steps::Nothing;
use crate::commands::Request as Change;
use crate::commands::passwords::fresh_token;
use crate::domain::InstallationId;
use crate::domain::command::{Command, SetHookToken};
use crate::domain::plugin::{HOOK_BODY_BYTES_MAX, HOOK_QUERY_BYTES_MAX, HookAnswer, HookRequest};

/// Where the addresses of plugins begin; what is shown at this door is the plugin's affair, not the desk's.
pub const HOOKS_PATH: &str = "/api/v1/plugin-hooks/";
/// Headers by which an answer gives orders to a proxy before the desk: to send another file, above all.
const PROXY_HEADERS: [&str; 4] = ["x-accel-", "x-sendfile", "x-lighttpd-", "x-forwarded-"];
/// The whole body must be here within this.
const BODY_TIME_MAX: Duration = Duration::from_secs(15);

/// A new token for an installation; the one before is worth nothing any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct HookTokenMade {
    /// What goes before the path of a webhook, with the token in it: shown this once.
    pub url: String,
}

pub async fn renew(
    State(app): State<App>,
    caller: Caller,
    At(installation): At<InstallationId>,
    body: Given<Nothing>,
) -> Answer<HookTokenMade> {
    let fresh = fresh_token();
    let command = SetHookToken { installation, token_sha256: fresh.sha256 };
    let mut change = Change::new(caller.actor(), Command::SetHookToken(Box::new(command)));
    change.idempotency = body.idempotency;
    if app.desk.submit(change).await?.is_repeat {
        let remedy = "make another with a fresh Idempotency-Key";
        return Err(ApiError::secret_shown_once("the address for requests from outside", remedy));
    }
    let url = app.link(&format!("api/v1/plugin-hooks/{installation}/{}/", fresh.token));
    Ok(Json(HookTokenMade { url }))
}

pub async fn receive(
    State(app): State<App>,
    Path((installation, token, path)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, ApiError> {
    let Some(hooks) = app.settings.hooks.clone() else { return Err(unknown()) };
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    if query.len() > HOOK_QUERY_BYTES_MAX {
        let message =
            format!("what follows the `?` has {} bytes; at most {HOOK_QUERY_BYTES_MAX}", query.len());
        return Err(ApiError::new(StatusCode::URI_TOO_LONG, "query_too_long", message));
    }
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers = parts.headers.iter().filter_map(text).collect();
    let method = parts.method.as_str().to_owned();
    let body = if parts.method == Method::GET { Vec::new() } else { whole(body).await? };
    let request = HookRequest { installation, token, path, method, query, headers, body };
    match hooks.take(request).await {
        HookAnswer::Said { status, headers, body } => said(status, headers, body),
        HookAnswer::Unknown => Err(unknown()),
        HookAnswer::Later { seconds } => {
            let message = "the desk cannot take this just now; send it again later";
            Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "try_again", message)
                .retry_after(seconds.into()))
        }
        HookAnswer::Refused { message } => {
            Err(ApiError::new(StatusCode::BAD_REQUEST, "refused_by_plugin", message))
        }
    }
}

/// The same for every address that is none, so that nothing is learned by trying.
fn unknown() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address")
}

async fn whole(body: Body) -> Result<Vec<u8>, ApiError> {
    let read = Limited::new(body, HOOK_BODY_BYTES_MAX).collect();
    let read = tokio::time::timeout(BODY_TIME_MAX, read).await;
    match read.map_err(|_| super::body::too_slow(BODY_TIME_MAX))? {
        Ok(read) => Ok(read.to_bytes().to_vec()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::body_too_large(HOOK_BODY_BYTES_MAX)),
        Err(error) => {
            let message = format!("the body broke off: {error}");
            Err(ApiError::new(StatusCode::BAD_REQUEST, "broken_body", message))
        }
    }
}

/// What the plugin answered. Nothing of it may run in a browser.
fn said(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Result<Response, ApiError> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    let own = response.headers_mut();
    own.remove(header::CONTENT_TYPE);
    for (name, value) in headers {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) else {
            continue;
        };
        let is_orders = PROXY_HEADERS.iter().any(|orders| name.as_str().starts_with(orders));
        if name == header::CONTENT_TYPE || (name.as_str().starts_with("x-") && !is_orders) {
            own.append(name, value);
        }
    }
    let policy = HeaderValue::from_static("sandbox; default-src 'none'");
    own.insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}
