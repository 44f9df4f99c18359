//! Headers of every answer: what a browser may do with it, and that nothing secret is kept.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::address::Peer;
use super::app::App;

/// Nothing inline, nothing from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    media-src 'self' blob:; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Browsers that came by https once come by https only, for a year.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

/// Adds them unless the handler said something stricter itself.
pub async fn protect(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_https = is_by_https(&app, &request);
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_https {
        let strict = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY);
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(strict);
    }
    if is_api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// People reach the desk encrypted: it speaks TLS itself, or its address says so. (Browsers heed the promise only
/// when it came encrypted.)
fn is_by_https(app: &App, request: &Request) -> bool {
    let is_encrypted = request.extensions().get::<Peer>().is_some_and(|peer| peer.is_encrypted);
    is_encrypted || app.settings.base_url.as_deref().is_some_and(|url| url.starts_with("https://"))
}
