//! Who calls: a session cookie or a bearer token becomes a person; a foreign page is turned away.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::address::{From, Peer};
use super::app::App;
use super::cookie;
use super::error::ApiError;
use super::plugin_hooks::HOOKS_PATH;
use crate::commands::{passwords, sessions};
use crate::domain::person::Actor;
use crate::domain::{Moment, PersonId, SessionId, Span, TokenId};

/// A session's token is replaced when it is older than this.
pub const ROTATE_AFTER: Span = Span::hours(1);
/// The last use of an API token is written down at most this often.
const SEEN_EVERY: Span = Span::minutes(10);
/// Who was recognised is believed this long without asking the database again. Rights are never kept: every view
/// and every command reads them anew.
const KNOWN_TIME_MAX: Duration = Duration::from_millis(1_000);
const KNOWN_MAX: usize = 10_000;
/// Where the numbers for Prometheus are.
pub const METRICS_PATH: &str = "/metrics";

/// The person who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub person: PersonId,
    pub by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Session(SessionId),
    Token(TokenId),
}

impl Caller {
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Person { person: self.person }
    }

    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self.by {
            By::Session(session) => Some(session),
            By::Token(_) => None,
        }
    }
}

/// Who was recognised a moment ago, by the hash of what was shown.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<String, (Caller, Instant)>>);

impl Known {
    fn get(&self, sha256: &str) -> Option<Caller> {
        let known = self.0.lock().ok()?;
        let (caller, at) = known.get(sha256)?;
        (at.elapsed() < KNOWN_TIME_MAX).then_some(*caller)
    }

    fn put(&self, sha256: String, caller: Caller) {
        if let Ok(mut known) = self.0.lock() {
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(sha256, (caller, Instant::now()));
        }
    }

    /// Something about logins changed.
    pub fn forget(&self) {
        if let Ok(mut known) = self.0.lock() {
            known.clear();
        }
    }
}

/// What was shown at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(pub String);

/// Puts `From` and, when somebody is recognised, `Caller` into the request.
pub async fn recognise(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let from = from(&app, &parts);
    let mut fresh_token = None;
    match identify(&app, &from, &parts).await {
        Ok(Some((caller, sha256, fresh))) => {
            parts.extensions.insert(caller);
            parts.extensions.insert(Shown(sha256));
            fresh_token = fresh;
        }
        Ok(None) => {}
        Err(error) => return error.into_response(),
    }
    parts.extensions.insert(from.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(token) = fresh_token
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie::set(&token, &from, &app.base));
    }
    response
}

fn from(app: &App, parts: &Parts) -> From {
    let peer = parts.extensions.get::<Peer>().copied();
    let peer = peer.unwrap_or(Peer { address: ([0, 0, 0, 0], 0).into(), is_encrypted: false });
    From::of(peer, parts, &app.settings.trusted_proxies)
}

type Identified = Option<(Caller, String, Option<String>)>;

async fn identify(app: &App, from: &From, parts: &Parts) -> Result<Identified, ApiError> {
    let headers = &parts.headers;
    if parts.uri.path() == METRICS_PATH && has_metrics_token(app, headers) {
        return Ok(None);
    }
    if parts.uri.path().starts_with(HOOKS_PATH) {
        return Ok(None);
    }
    if let Some(token) = bearer(headers)? {
        let sha256 = passwords::sha256(token.as_bytes());
        let caller = by_token(app, &sha256).await?;
        return Ok(Some((caller, sha256, None)));
    }
    let token = cookie::read(headers);
    if !parts.method.is_safe_here() {
        check_origin(app, from, headers, token.is_some())?;
    }
    let Some(token) = token else { return Ok(None) };
    by_cookie(app, from, headers, &token).await
}

trait SafeHere {
    /// Changes nothing.
    fn is_safe_here(&self) -> bool;
}

impl SafeHere for Method {
    fn is_safe_here(&self) -> bool {
        matches!(*self, Method::GET | Method::HEAD | Method::OPTIONS)
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
            Ok(Some(token.trim().to_owned()))
        }
        _ => Err(ApiError::new(StatusCode::UNAUTHORIZED, "bad_token", "write `Authorization: Bearer TOKEN`")),
    }
}

/// The caller shows the token of the settings that opens the metrics and nothing else.
pub fn has_metrics_token(app: &App, headers: &HeaderMap) -> bool {
    let Some(wanted) = &app.settings.metrics_token else { return false };
    // Hashes are compared, so that the time does not tell how much of a guess was right.
    let is_it = |given: String| passwords::sha256(given.as_bytes()) == passwords::sha256(wanted.as_bytes());
    bearer(headers).is_ok_and(|given| given.is_some_and(is_it))
}

async fn by_token(app: &App, sha256: &str) -> Result<Caller, ApiError> {
    if let Some(caller) = app.known.get(sha256) {
        return Ok(caller);
    }
    let wanted = sha256.to_owned();
    let found = app.read(move |views| views.token(&wanted)).await?;
    let Some((person, token, seen_at)) = found else {
        let message = "this API token is unknown, expired or revoked, or its person is not active";
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "bad_token", message));
    };
    let caller = Caller { person, by: By::Token(token) };
    app.known.put(sha256.to_owned(), caller);
    if is_old(seen_at, SEEN_EVERY, app.now()) {
        // Nobody waits for a note about the last use.
        let desk = app.desk.clone();
        tokio::spawn(async move { desk.aside(move |tx| sessions::token_seen(tx, token)).await });
    }
    Ok(caller)
}

fn is_old(at: Option<Moment>, age: Span, now: Moment) -> bool {
    at.is_none_or(|at| at + age <= now)
}

async fn by_cookie(app: &App, from: &From, headers: &HeaderMap, token: &str) -> Result<Identified, ApiError> {
    let sha256 = passwords::sha256(token.as_bytes());
    if let Some(caller) = app.known.get(&sha256) {
        return Ok(Some((caller, sha256, None)));
    }
    let wanted = sha256.clone();
    let Some(found) = app.read(move |views| views.session(&wanted)).await? else { return Ok(None) };
    let caller = Caller { person: found.session.person, by: By::Session(found.session.id) };
    if !found.is_present || !is_old(Some(found.session.rotated_at), ROTATE_AFTER, app.now()) {
        app.known.put(sha256.clone(), caller);
        return Ok(Some((caller, sha256, None)));
    }
    let (origin, old) = (origin(from, headers), sha256.clone());
    let fresh = app.desk.aside(move |tx| sessions::rotate(tx, &old, &found.session, &origin)).await?;
    let sha256 = fresh.as_ref().map_or(sha256, |token| passwords::sha256(token.as_bytes()));
    Ok(Some((caller, sha256, fresh)))
}

/// Where a session is used from.
pub fn origin(from: &From, headers: &HeaderMap) -> sessions::Origin {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sessions::Origin { address: from.address.to_string(), agent: agent.to_owned() }
}

/// A page of somebody else's must not use the reader's cookie. Browsers name the page's origin with every unsafe
/// request; who sends a cookie and names none is refused, who sends neither is no browser.
fn check_origin(app: &App, from: &From, headers: &HeaderMap, has_cookie: bool) -> Result<(), ApiError> {
    let refuse = |message: &str| Err(ApiError::new(StatusCode::FORBIDDEN, "foreign_origin", message));
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let Some(origin) = headers.get(header::ORIGIN) else {
        return match (has_cookie, site) {
            (false, _) | (true, Some("same-origin")) => Ok(()),
            (true, _) => refuse("send an Origin header with a session cookie, or use an API token"),
        };
    };
    let origin = origin.to_str().unwrap_or_default();
    let Some(given) = PageOrigin::of_url(origin) else {
        return refuse("the request comes from a page of another site");
    };
    let own = PageOrigin::of_desk(from);
    let base = app.settings.base_url.as_deref().and_then(PageOrigin::of_url);
    if own.as_ref() == Some(&given) || base.as_ref() == Some(&given) {
        return Ok(());
    }
    if own.is_some_and(|own| own.authority == given.authority) {
        let message = "the page was opened by another scheme (http, https) than the desk believes to be served by; \
            behind a proxy, set base_url to the address that people open";
        return refuse(message);
    }
    refuse("the request comes from a page of another site")
}

/// The origin of a page: its scheme and `host:port`, without the port that the scheme has anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PageOrigin {
    scheme: &'static str,
    authority: String,
}

impl PageOrigin {
    fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = ["http", "https"].into_iter().find(|known| *known == scheme)?;
        let authority = rest.split(['/', '?', '#']).next().filter(|authority| !authority.is_empty())?;
        Some(Self::new(scheme, authority))
    }

    /// As the browser's side of the connection has it.
    fn of_desk(from: &From) -> Option<Self> {
        let scheme = if from.is_https { "https" } else { "http" };
        from.host.as_deref().map(|host| Self::new(scheme, host))
    }

    fn new(scheme: &'static str, authority: &str) -> Self {
        let lower = authority.to_ascii_lowercase();
        let bare = lower.strip_suffix(if scheme == "https" { ":443" } else { ":80" });
        Self { scheme, authority: bare.unwrap_or(&lower).to_owned() }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        parts.extensions.get::<Caller>().copied().ok_or_else(ApiError::not_logged_in)
    }
}

impl FromRequestParts<App> for From {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        parts.extensions.get::<From>().cloned().ok_or_else(ApiError::internal)
    }
}
