//! Attachments: bytes stream to a file that is on the disk before its row is, and back without being trusted.

use std::time::Duration;

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, idempotency, idempotency_key, too_slow};
use super::error::{Answer, ApiError};
use crate::commands::personal::{self, FileLabel};
use crate::commands::upload;
use crate::domain::AttachmentId;
use crate::views::attachment::{AttachmentLine, StoredFile};

/// Between two pieces of an upload at most this may pass.
const PIECE_TIME_MAX: Duration = Duration::from_secs(30);
/// An upload must be over within this.
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(30 * 60);
/// Uploads that one person may have under way at once.
pub const UPLOADS_AT_ONCE_MAX: usize = 16;
/// Read from the disk at once.
const PIECE_BYTES: usize = 64 * 1024;
/// Types that a browser may show; everything else is saved.
const SHOWN_TYPES: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"];

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// The file's name.
    pub name: String,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DownloadQuery {
    /// `1`: to be saved, never shown.
    pub download: Option<u8>,
}

pub async fn put(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<UploadQuery>,
    request: Request,
) -> Answer<AttachmentLine> {
    let bytes_max = app.settings.attachment_bytes_max;
    let (parts, body) = request.into_parts();
    let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let announced = text(header::CONTENT_LENGTH).and_then(|bytes| bytes.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(too_large(bytes_max));
    }
    let media_type = text(header::CONTENT_TYPE).unwrap_or_default().to_owned();
    // What will be refused is not received.
    let label = FileLabel::new(&query.name, &media_type)?;
    let _place = app.uploads.enter(caller.person, UPLOADS_AT_ONCE_MAX).ok_or_else(too_many_at_once)?;
    let (person, desk, key) = (caller.person, app.desk.clone(), idempotency_key(&parts.headers)?);
    let begun = match key {
        Some(_) => app.reads.cross(move || upload::begin_repeat(&desk)).await??,
        None => app.reads.cross(move || upload::begin(&desk, person, announced.unwrap_or(0))).await??,
    };
    let received = tokio::time::timeout(UPLOAD_TIME_MAX, receive(&app, begun, body, bytes_max)).await;
    let received = received.map_err(|_| too_slow(UPLOAD_TIME_MAX))??;
    let what = format!("{} {media_type}", received.sha256());
    let idempotency = key.map(|key| idempotency(&parts, key, what.as_bytes()));
    let (desk, same) = (app.desk.clone(), idempotency.clone());
    let received = app.reads.cross(move || received.finish(&desk, person, same.as_ref())).await??;
    let record = move |tx: &_| {
        let attachment = personal::record_upload(tx, person, received, label)?;
        Ok((AttachmentLine::new(attachment, None), ()))
    };
    Ok(Json(app.desk.once(caller.actor(), idempotency, record).await?.answer()))
}

async fn receive(
    app: &App,
    mut writer: upload::Upload,
    body: RawBody,
    bytes_max: u64,
) -> Result<upload::Upload, ApiError> {
    let mut pieces = body.into_data_stream();
    loop {
        let piece = tokio::time::timeout(PIECE_TIME_MAX, pieces.next()).await;
        match piece.map_err(|_| too_slow(PIECE_TIME_MAX))? {
            None => break,
            Some(Err(error)) => {
                let message = format!("the upload broke off: {error}");
                return Err(ApiError::new(StatusCode::BAD_REQUEST, "broken_body", message));
            }
            Some(Ok(piece)) => {
                if writer.bytes() + piece.len() as u64 > bytes_max {
                    return Err(too_large(bytes_max));
                }
                writer = app.reads.cross(move || writer.write(&piece)).await??;
            }
        }
    }
    Ok(writer)
}

fn too_many_at_once() -> ApiError {
    let message =
        format!("{UPLOADS_AT_ONCE_MAX} uploads of yours are under way; send this one when one is over");
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_uploads_at_once", message).retry_after(1)
}

fn too_large(bytes_max: u64) -> ApiError {
    ApiError::body_too_large(usize::try_from(bytes_max).unwrap_or(usize::MAX))
}

pub async fn get(
    State(app): State<App>,
    caller: Caller,
    At(id): At<AttachmentId>,
    Asked(query): Asked<DownloadQuery>,
) -> Result<Response, ApiError> {
    let file = app.show(&caller, move |views, person| views.attachment(person, id)).await?.0;
    let opened = tokio::fs::File::open(&file.path).await.map_err(|error| {
        tracing::error!(%error, attachment = %id, "the file of an attachment cannot be opened");
        ApiError::internal()
    })?;
    let pieces = stream::unfold(opened, |mut file| async {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        match file.read_buf(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(piece), file)),
            Err(error) => Some((Err(error), file)),
        }
    });
    let mut response = RawBody::from_stream(pieces).into_response();
    describe(&mut response, &file, query.download == Some(1));
    Ok(response)
}

/// A file comes from anybody: it is never run, never guessed at, and shown only when it is harmless.
fn describe(response: &mut Response, file: &StoredFile, to_be_saved: bool) {
    let is_shown = !to_be_saved && SHOWN_TYPES.contains(&file.media_type.as_str());
    let media_type = match file.media_type.as_str() {
        "text/plain" => "text/plain; charset=utf-8",
        known if SHOWN_TYPES.contains(&known) => known,
        _ => "application/octet-stream",
    };
    let disposition = format!(
        "{}; filename*=UTF-8''{}",
        if is_shown { "inline" } else { "attachment" },
        percent_encoded(&file.name)
    );
    let headers = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).expect("made of visible ASCII");
    headers.insert(header::CONTENT_TYPE, value(media_type));
    headers.insert(header::CONTENT_DISPOSITION, value(&disposition));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.bytes));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        value("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert(header::ETAG, value(&format!("\"{}\"", file.sha256)));
    headers.insert(header::CACHE_CONTROL, value("private, max-age=3600"));
}

fn percent_encoded(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(percent_encoded("a\"\r\n; x=y.jpg"), "a%22%0D%0A%3B%20x%3Dy.jpg");
        assert_eq!(percent_encoded("фото.png"), "%D1%84%D0%BE%D1%82%D0%BE.png");
    }
}
