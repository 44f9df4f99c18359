//! Request bodies: JSON within a limit and a time, each fault named with its place.

use std::time::Duration;

use axum::body::{Body as RawBody, Bytes};
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::error::ApiError;
use crate::commands::Idempotency;

/// Longest JSON body, in bytes.
pub const JSON_BYTES_MAX: usize = 1024 * 1024;
/// A JSON body must be here within this.
const JSON_BODY_TIME_MAX: Duration = Duration::from_secs(20);
/// Longest `Idempotency-Key`, in bytes.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 200;

/// A JSON body, and what makes its request known again.
#[derive(Debug)]
pub struct Body<T> {
    pub value: T,
    pub idempotency: Option<Idempotency>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let bytes = read(body, &parts.headers).await?;
        if !bytes.is_empty() {
            require_json(&parts.headers)?;
        }
        let idempotency = key.map(|key| idempotency(&parts, key, &bytes));
        Ok(Self { value: parse(&bytes)?, idempotency })
    }
}

async fn read(body: RawBody, headers: &HeaderMap) -> Result<Bytes, ApiError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > JSON_BYTES_MAX) {
        return Err(ApiError::body_too_large(JSON_BYTES_MAX));
    }
    let collected =
        tokio::time::timeout(JSON_BODY_TIME_MAX, Limited::new(body, JSON_BYTES_MAX).collect()).await;
    match collected {
        Err(_) => Err(too_slow(JSON_BODY_TIME_MAX)),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::body_too_large(JSON_BYTES_MAX)),
        Ok(Err(error)) => {
            Err(ApiError::new(StatusCode::BAD_REQUEST, "broken_body", format!("the body broke off: {error}")))
        }
    }
}

pub fn too_slow(limit: Duration) -> ApiError {
    let message = format!("the body did not arrive within {} seconds", limit.as_secs());
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message)
}

fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bare = given.split(';').next().unwrap_or_default().trim();
    if bare.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message =
        format!("send application/json; this body says `{}`", given.chars().take(60).collect::<String>());
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type", message))
}

/// Reads JSON; an empty body is an empty document.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "bad_utf8",
            format!("the body is not UTF-8: byte {at} is wrong"),
        )
    })?;
    let text = if text.trim().is_empty() { "{}" } else { text };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| wrong_json(&error))?;
    json.end().map_err(|error| broken_json(&error))?;
    Ok(value)
}

fn wrong_json(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    if !error.inner().is_data() {
        return broken_json(error.inner());
    }
    let path = error.path().to_string();
    let message = error.inner().to_string();
    let wrong = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message.clone());
    match unknown_or_missing(&message) {
        Some(field) if path == "." || path.is_empty() => wrong.at(field),
        Some(field) if !path.ends_with(&field) => wrong.at(format!("{path}.{field}")),
        _ if path == "." => wrong,
        _ => wrong.at(path),
    }
}

/// The field that serde names in its sentence, when the path does not reach it.
fn unknown_or_missing(message: &str) -> Option<String> {
    let rest = ["unknown field `", "missing field `"].iter().find_map(|start| message.strip_prefix(start))?;
    rest.split('`').next().map(str::to_owned)
}

fn broken_json(error: &serde_json::Error) -> ApiError {
    let (line, column) = (error.line(), error.column());
    let message = format!("the body is not JSON: line {line}, column {column}: {error}");
    ApiError::new(StatusCode::BAD_REQUEST, "bad_json", message)
}

/// The key of a request together with what makes it the same request.
pub fn idempotency(parts: &Parts, key: String, body: &[u8]) -> Idempotency {
    Idempotency { key, request_sha256: fingerprint(parts, body) }
}

pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let is_fine = !text.is_empty()
        && text.len() <= IDEMPOTENCY_KEY_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_fine {
        return Ok(Some(text.to_owned()));
    }
    let message = format!("an Idempotency-Key has 1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible ASCII characters");
    Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_idempotency_key", message).at("Idempotency-Key"))
}

/// The same method, path, query and body give the same text.
fn fingerprint(parts: &Parts, body: &[u8]) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let mut hash = Sha256::new();
    hash.update(parts.method.as_str());
    hash.update([0]);
    hash.update(uri.path());
    hash.update([0]);
    hash.update(uri.query().unwrap_or_default());
    hash.update([0]);
    hash.update(body);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ids in the path.
#[derive(Debug)]
pub struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(error) => Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_id", error.body_text())),
        }
    }
}

/// The query of the address.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Self(query.0)),
            Err(error) => {
                let text = error.body_text();
                let message = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, rest)| rest);
                Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_query", message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::OpenTicket;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Change {
        #[expect(dead_code, reason = "only its reading is tried")]
        changes: crate::domain::command::TicketChanges,
    }

    #[track_caller]
    fn fault<T: DeserializeOwned + std::fmt::Debug>(body: &[u8]) -> (u16, serde_json::Value) {
        let error = parse::<T>(body).unwrap_err();
        let status = error.status().as_u16();
        (status, serde_json::to_value(super::super::error::ErrorBody { error: error.detail() }).unwrap())
    }

    #[test]
    fn every_fault_of_a_body_names_its_place() {
        for (body, status, code, field, says) in [
            (&b"{\"client\":"[..], 400, "bad_json", None, "line 1, column 10"),
            (b"{\n  \"client\": x}", 400, "bad_json", None, "line 2"),
            (b"{} {}", 422, "invalid", Some("client"), "missing field"),
            (b"\xff\xfe", 400, "bad_utf8", None, "byte 0"),
            (
                br#"{"client":"1","subject":"s","nonsense":1}"#,
                422,
                "invalid",
                Some("nonsense"),
                "unknown field",
            ),
            (br#"{"client":7,"subject":"s"}"#, 422, "invalid", Some("client"), "string"),
            (br#"{"client":"x","subject":"s"}"#, 422, "invalid", Some("client"), "not an id"),
            (br#"{"client":"1","subject":"s","impact":"huge"}"#, 422, "invalid", Some("impact"), "huge"),
        ] {
            let (got, json) = fault::<OpenTicket>(body);
            let error = &json["error"];
            assert_eq!((got, error["code"].as_str()), (status, Some(code)), "{json}");
            assert_eq!(error["field"].as_str(), field, "{json}");
            assert!(error["message"].as_str().unwrap().contains(says), "{json}");
        }
        let (_, json) = fault::<Change>(br#"{"changes":{"categry":"x"}}"#);
        assert_eq!(json["error"]["field"], "changes.categry", "{json}");
        let (status, json) = fault::<Change>(br#"{"changes":{"priority":"high"}} x"#);
        assert_eq!((status, &json["error"]["field"]), (422, &"changes.priority".into()), "{json}");
    }
}
