//! The UI's files, embedded and precompressed; every deep link gets the one page.

use std::borrow::Cow;
use std::io::Read;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use rust_embed::RustEmbed;

use super::app::App;
use super::error::ApiError;

#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Dist;

const PAGE: &str = "index.html";
/// Files in here carry a hash in their names and never change.
const HASHED: &str = "assets/";
const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// Whatever is no other route.
pub async fn serve(State(app): State<App>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return no_such_route(&uri).into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return not_allowed().await.into_response();
    }
    if path != PAGE
        && let Some(response) = file(path, &headers)
    {
        return response;
    }
    // A missing script must not be answered with the page: the browser would run it as one.
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file && path != PAGE { no_such_route(&uri).into_response() } else { page(&app) }
}

pub fn no_such_route(uri: &Uri) -> ApiError {
    let path: String = uri.path().chars().take(200).collect();
    ApiError::new(
        StatusCode::NOT_FOUND,
        "no_such_route",
        format!("there is nothing at {path}; /api lists what there is"),
    )
}

pub async fn not_allowed() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this address does not take this method; /api lists what it takes",
    )
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    // A packed twin is no address of its own.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |encoding: &str| {
        accepted.split(',').any(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next() == Some(encoding) && parts.all(|part| !matches!(part, "q=0" | "q=0.0"))
        })
    };
    let packed = [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(|(encoding, ending)| {
        let file = accepts(encoding).then(|| Dist::get(&format!("{path}{ending}"))).flatten()?;
        Some((encoding, file.data))
    });
    let (encoding, bytes) = match packed {
        Some((encoding, bytes)) => (Some(encoding), bytes),
        None => (None, plain(path)?),
    };
    let mut response = bytes.into_owned().into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let caching = if path.starts_with(HASHED) { FOREVER } else { ASK_AGAIN };
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The bytes as they are; of what lies only packed, unpacked for who takes nothing else.
fn plain(path: &str) -> Option<Cow<'static, [u8]>> {
    if let Some(file) = Dist::get(path) {
        return Some(file.data);
    }
    let packed = Dist::get(&format!("{path}.gz"))?;
    let mut bytes = Vec::new();
    GzDecoder::new(packed.data.as_ref()).read_to_end(&mut bytes).ok()?;
    Some(Cow::Owned(bytes))
}

/// The one page, told under which path it lives.
fn page(app: &App) -> Response {
    let Some(page) = Dist::get(PAGE) else {
        let message = "the UI is not built into this binary; the API is at /api";
        return ApiError::new(StatusCode::NOT_FOUND, "no_ui", message).into_response();
    };
    let html = with_base(&String::from_utf8_lossy(&page.data), app.base.as_str());
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, ASK_AGAIN)];
    (headers, html).into_response()
}

/// Replaces the address in `<base href="…">`.
fn with_base(html: &str, base: &str) -> String {
    const START: &str = "<base href=\"";
    let Some(start) = html.find(START).map(|at| at + START.len()) else { return html.to_owned() };
    let Some(length) = html[start..].find('"') else { return html.to_owned() };
    let safe = base.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!("{}{safe}{}", &html[..start], &html[start + length..])
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "md" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_told_where_it_lives() {
        let html = "<head><base href=\"/\" /><title>x</title></head>";
        assert_eq!(with_base(html, "/desk/"), "<head><base href=\"/desk/\" /><title>x</title></head>");
        assert!(with_base(html, "/\"><script>").contains("/&quot;>&lt;script>"));
        assert_eq!(with_base("no base", "/desk/"), "no base");
    }

    #[test]
    fn what_lies_packed_is_unpacked_for_who_takes_it_plain() {
        let packed: Vec<String> =
            Dist::iter().filter_map(|name| name.strip_suffix(".gz").map(str::to_owned)).collect();
        assert!(
            packed.iter().any(|path| path.ends_with(".js")),
            "the build holds packed scripts: {packed:?}"
        );
        for path in packed {
            assert!(Dist::get(&path).is_none(), "{path} lies packed and plain");
            let mut takes_gzip = HeaderMap::new();
            takes_gzip.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            let answer = file(&path, &takes_gzip).expect(&path);
            assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip", "{path}");
            let answer = file(&path, &HeaderMap::new()).expect(&path);
            assert!(!answer.headers().contains_key(header::CONTENT_ENCODING), "{path}");
            let bytes = plain(&path).expect(&path);
            assert!(std::str::from_utf8(&bytes).is_ok_and(|text| text.len() >= 1024), "{path} is text");
        }
    }
}
