//! A person's own account: password, sessions, API tokens.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::address::From;
use super::app::{App, NO_CONTENT};
use super::auth::Caller;
use super::body::{At, Body};
use super::error::{Answer, ApiError};
use super::login;
use super::records::Items;
use super::ticket_steps::Nothing;
use crate::commands::{Done, Once, Request, passwords, sessions};
use crate::domain::command::Command;
use crate::domain::person::Actor;
use crate::domain::{Moment, PersonId, SessionId, TokenId};
use crate::views::session::{SessionLine, TokenLine};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    pub current: String,
    /// At least 10 characters.
    pub new: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeToken {
    /// What it is for.
    pub name: String,
    #[serde(default)]
    pub expires_at: Option<Moment>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TokenMade {
    #[serde(flatten)]
    pub line: TokenLine,
    /// Shown once and never again.
    pub token: String,
}

pub async fn change_password(
    State(app): State<App>,
    caller: Caller,
    from: From,
    body: Body<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    let Some(session) = caller.session() else {
        let message = "log in to change your password: an API token cannot";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "forbidden", message));
    };
    let ChangePassword { current, new } = body.value;
    passwords::check_rules("new", &new)?;
    let person = caller.person;
    let hash = fresh_hash(&app, &from, person, current, new).await?;
    let set = Request::new(Actor::Person { person }, Command::SetPassword { person, hash });
    app.desk.submit(set.keeping(session)).await?;
    app.known.forget();
    Ok(NO_CONTENT)
}

/// The hash of the new password, when the present one is right; a wrong one counts as a failed login.
async fn fresh_hash(
    app: &App,
    from: &From,
    person: PersonId,
    current: String,
    new: String,
) -> Result<String, ApiError> {
    let facts = app.read(move |views| views.login_facts_of(person)).await?;
    let facts = facts.ok_or_else(ApiError::not_logged_in)?;
    let attempt = login::attempt(app, from, &facts.login, &facts.session_addresses())?;
    let present = facts.password_hash;
    let is_short_enough = current.len() <= passwords::PASSWORD_BYTES_MAX;
    let rehash = move || {
        let is_right = is_short_enough && passwords::verify(&current, present.as_deref());
        is_right.then(|| passwords::hash(&new))
    };
    match app.hashes.cross(from.address, Some(person), rehash).await {
        Ok(Some(hash)) => {
            app.limiter.succeeded(attempt, app.now());
            Ok(hash)
        }
        Ok(None) => {
            let message = "this is not the present password";
            let error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_password", message);
            Err(error.at("current"))
        }
        Err(error) => {
            app.limiter.undecided(&attempt);
            Err(error)
        }
    }
}

pub async fn sessions(State(app): State<App>, caller: Caller) -> Answer<Items<SessionLine>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.sessions(person, caller.session())? }))
        .await
}

pub async fn revoke_session(
    State(app): State<App>,
    caller: Caller,
    At(session): At<SessionId>,
    body: Body<Nothing>,
) -> Result<StatusCode, ApiError> {
    let end = move |tx: &_| Ok((sessions::end(tx, caller.person, session)?, ()));
    app.desk.once(caller.actor(), body.idempotency, end).await?.answer();
    app.known.forget();
    Ok(NO_CONTENT)
}

pub async fn tokens(State(app): State<App>, caller: Caller) -> Answer<Items<TokenLine>> {
    app.show(&caller, |views, person| Ok(Items { items: views.tokens(person)? })).await
}

pub async fn make_token(State(app): State<App>, caller: Caller, body: Body<MakeToken>) -> Answer<TokenMade> {
    if caller.session().is_none() {
        let message = "log in to make an API token: a token cannot make another";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "forbidden", message));
    }
    let MakeToken { name, expires_at } = body.value;
    let person = caller.person;
    let make = move |tx: &_| {
        let (made, token) = sessions::make_token(tx, person, &name, expires_at)?;
        Ok((TokenLine::new(made), token))
    };
    match app.desk.once(caller.actor(), body.idempotency, make).await? {
        Once::Now { kept: line, shown: token } => Ok(Json(TokenMade { line, token })),
        Once::Before(line) => {
            let what = format!("the API token `{}` ({})", line.name, line.id);
            let remedy = "revoke it and make another with a fresh Idempotency-Key";
            Err(ApiError::secret_shown_once(&what, remedy))
        }
    }
}

pub async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    At(token): At<TokenId>,
    body: Body<Nothing>,
) -> Result<StatusCode, ApiError> {
    let revoke = move |tx: &_| Ok((sessions::revoke_token(tx, caller.person, token)?, ()));
    app.desk.once(caller.actor(), body.idempotency, revoke).await?.answer();
    app.known.forget();
    Ok(NO_CONTENT)
}

/// What people change about themselves.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OwnSettings {
    pub language: Option<crate::domain::Language>,
    /// IANA name.
    pub time_zone: Option<String>,
    pub is_on_duty: Option<bool>,
}

pub async fn change_own(State(app): State<App>, caller: Caller, body: Body<OwnSettings>) -> Answer<Done> {
    let me = app.show(&caller, |views, person| views.me(person)).await?.0.person;
    app.carry_out(&caller, body, |wanted| {
        Command::PutPerson(Box::new(crate::domain::command::PutPerson {
            id: Some(me.id),
            version: Some(me.version),
            login: me.login,
            name: me.name,
            email: me.email,
            phone: me.phone,
            language: wanted.language.unwrap_or(me.language),
            time_zone: wanted.time_zone.unwrap_or(me.time_zone),
            affiliation: me.affiliation,
            engineer: me.engineer,
            certificates: None,
            languages: None,
            service_area: None,
            capacity: me.capacity,
            is_on_duty: wanted.is_on_duty.unwrap_or(me.is_on_duty),
            is_active: me.is_active,
        }))
    })
    .await
}
