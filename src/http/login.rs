//! Log in, log out, and links with which a person chooses a password.

use std::net::IpAddr;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::address::From;
use super::app::{App, NO_CONTENT};
use super::auth::{self, Caller};
use super::body::{At, Body};
use super::cookie;
use super::error::{Answer, ApiError};
use super::limiter::Attempt;
use super::ticket_steps::Nothing;
use crate::commands::{LOGIN_BYTES_MAX, Once, Request, passwords, sessions};
use crate::domain::command::Command;
use crate::domain::person::Actor;
use crate::domain::{Moment, PersonId};
use crate::views::me::Me;
use crate::views::session::{LoginFacts, ResetFor};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub login: String,
    pub password: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// From the link.
    pub token: String,
    /// At least 10 characters.
    pub password: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ResetLinkMade {
    /// For the person; whole when the settings name the desk's address.
    pub link: String,
    pub token: String,
    pub expires_at: Moment,
}

pub async fn log_in(
    State(app): State<App>,
    from: From,
    headers: HeaderMap,
    body: Body<Login>,
) -> Result<Response, ApiError> {
    let Login { login, password } = body.value;
    let login = login.trim().to_lowercase();
    let wrong =
        || ApiError::new(StatusCode::UNAUTHORIZED, "wrong_login", "the login or the password is wrong");
    if login.len() > LOGIN_BYTES_MAX {
        // Nobody has it, and nobody's memory is filled with it.
        return Err(wrong());
    }
    let wanted = login.clone();
    let facts = app.read(move |views| views.login_facts(&wanted)).await?.filter(|facts| facts.is_active);
    let used = facts.as_ref().map(LoginFacts::session_addresses).unwrap_or_default();
    let attempt = attempt(&app, &from, &login, &used)?;
    match who_knows(&app, &from, facts, password).await {
        Ok(Some(person)) => {
            app.limiter.succeeded(attempt, app.now());
            start_session(&app, &from, &headers, person).await
        }
        Ok(None) => Err(wrong()),
        Err(error) => {
            app.limiter.undecided(&attempt);
            Err(error)
        }
    }
}

/// Counts a try at a password until it is known to be right.
pub fn attempt(app: &App, from: &From, login: &str, used: &[IpAddr]) -> Result<Attempt, ApiError> {
    app.limiter.attempt(from.address, login, used, app.now()).map_err(|seconds| {
        let message = format!("too many failed logins; try again in {seconds} seconds");
        let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", message);
        error.retry_after(seconds)
    })
}

/// The person, when the password is right.
async fn who_knows(
    app: &App,
    from: &From,
    facts: Option<LoginFacts>,
    password: String,
) -> Result<Option<PersonId>, ApiError> {
    let hash = facts.as_ref().and_then(|facts| facts.password_hash.clone());
    let is_short_enough = password.len() <= passwords::PASSWORD_BYTES_MAX;
    let verify = move || is_short_enough && passwords::verify(&password, hash.as_deref());
    let is_right = app.hashes.cross(from.address, None, verify).await?;
    Ok(facts.filter(|_| is_right).map(|facts| facts.person))
}

/// Starts a session and answers who it is.
pub async fn start_session(
    app: &App,
    from: &From,
    headers: &HeaderMap,
    person: PersonId,
) -> Result<Response, ApiError> {
    let origin = auth::origin(from, headers);
    let (_, token) = app.desk.aside(move |tx| sessions::start(tx, person, &origin)).await?;
    let me: Me = app.read(move |views| views.me(person)).await?;
    let mut response = Json(me).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie::set(&token, from, &app.base));
    Ok(response)
}

pub async fn me(State(app): State<App>, caller: Caller) -> Answer<Me> {
    app.show(&caller, |views, person| views.me(person)).await
}

pub async fn log_out(State(app): State<App>, caller: Caller, from: From) -> Result<Response, ApiError> {
    if let Some(session) = caller.session() {
        app.desk.aside(move |tx| sessions::end(tx, caller.person, session)).await?;
        app.known.forget();
    }
    let mut response = NO_CONTENT.into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie::clear(&from, &app.base));
    Ok(response)
}

/// An administrator makes a link for somebody who forgot the password, or never had one.
pub async fn make_reset_link(
    State(app): State<App>,
    caller: Caller,
    At(person): At<PersonId>,
    body: Body<Nothing>,
) -> Answer<ResetLinkMade> {
    let found = app.show(&caller, move |views, caller| views.person_to_reset(caller, person)).await?;
    let id = found.0.id;
    let make = move |tx: &_| sessions::make_reset_link(tx, id).map(|(token, expires_at)| (expires_at, token));
    match app.desk.once(caller.actor(), body.idempotency, make).await? {
        Once::Now { kept: expires_at, shown: token } => {
            Ok(Json(ResetLinkMade { link: app.link(&format!("reset#{token}")), token, expires_at }))
        }
        Once::Before(expires_at) => {
            let what = format!("a reset link that works until {expires_at}");
            let remedy = "make another with a fresh Idempotency-Key; it takes the place of the first";
            Err(ApiError::secret_shown_once(&what, remedy))
        }
    }
}

/// Whom a link is for.
pub async fn reset_for(State(app): State<App>, Path(token): Path<String>) -> Answer<ResetFor> {
    let sha256 = passwords::sha256(token.as_bytes());
    let found = app.read(move |views| views.reset_for(&sha256)).await?;
    found.map(Json).ok_or_else(|| ApiError::not_found("reset link", "given"))
}

pub async fn reset(
    State(app): State<App>,
    from: From,
    headers: HeaderMap,
    body: Body<Reset>,
) -> Result<Response, ApiError> {
    let Reset { token, password } = body.value;
    passwords::check_rules("password", &password)?;
    let sha256 = passwords::sha256(token.as_bytes());
    let wanted = sha256.clone();
    let person = app.read(move |views| views.person_of_reset_link(&wanted)).await?;
    let person = person.ok_or_else(|| ApiError::not_found("reset link", "given"))?;
    let hash = app.hashes.cross(from.address, None, move || passwords::hash(&password)).await?;
    // The link is used up with the password that it sets, and with nothing that fails.
    let set = Request::new(Actor::Person { person }, Command::SetPassword { person, hash });
    app.desk.submit(set.by_link(sha256)).await?;
    app.known.forget();
    start_session(&app, &from, &headers, person).await
}
