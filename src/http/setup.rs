//! The first set-up: whoever holds the link that the console printed becomes the first administrator.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::address::From;
use super::app::App;
use super::body::Body;
use super::error::{Answer, ApiError};
use super::login;
use crate::commands::{DeskError, Request, passwords, sessions};
use crate::domain::command::{Command, PutPerson};
use crate::domain::person::{Actor, Affiliation, Grant, Role};
use crate::domain::{Language, PersonId};

/// Open work that the first administrator can carry: as much as anybody.
const CAPACITY: i64 = 10;

#[derive(Debug, Serialize, ToSchema)]
pub struct SetupState {
    /// Nobody can log in yet.
    pub needed: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// From the link that the console printed.
    pub token: String,
    pub login: String,
    pub name: String,
    /// At least 10 characters.
    pub password: String,
    #[serde(default)]
    pub language: Language,
    /// IANA name.
    pub time_zone: String,
}

pub async fn state(State(app): State<App>) -> Answer<SetupState> {
    let needed = app.read(|views| views.needs_setup()).await?;
    Ok(axum::Json(SetupState { needed }))
}

pub async fn set_up(
    State(app): State<App>,
    from: From,
    headers: HeaderMap,
    body: Body<Setup>,
) -> Result<Response, ApiError> {
    if !from.is_local {
        let message = "the set-up works only from the machine itself; open the printed link there, or through an SSH tunnel";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "setup_is_local", message));
    }
    let setup = body.value;
    passwords::check_rules("password", &setup.password)?;
    let token_sha256 = passwords::sha256(setup.token.as_bytes());
    let password = setup.password.clone();
    let (wanted, taken) = (token_sha256.clone(), token_sha256.clone());
    if !app.read(move |views| views.is_setup_link(&wanted)).await? {
        return Err(ApiError::not_found("set-up link", "given"));
    }
    // Hashed before the link is taken: the bridge may be busy.
    let hash = app.hashes.cross(from.address, None, move || passwords::hash(&password)).await?;
    let link = app.desk.aside(move |tx| sessions::take_setup_link(tx, &taken)).await?;
    match make_administrator(&app, setup, hash).await {
        Ok(person) => login::start_session(&app, &from, &headers, person).await,
        Err(error) => {
            // What was refused can be corrected and sent again with the same link.
            app.desk.aside(move |tx| sessions::put_back_setup_link(tx, link, &token_sha256)).await?;
            Err(error.into())
        }
    }
}

async fn make_administrator(app: &App, setup: Setup, hash: String) -> Result<PersonId, DeskError> {
    let does = |command| app.desk.submit(Request::new(Actor::Operator, command));
    let login = setup.login.trim().to_lowercase();
    let wanted = login.clone();
    // A set-up that was cut off half-way left its person behind, without a password.
    let person = match app.desk.aside(move |tx| sessions::person_of_login(tx, &wanted)).await? {
        Some(person) => person,
        None => {
            let put = PutPerson {
                id: None,
                version: None,
                login,
                name: setup.name,
                email: None,
                phone: None,
                language: setup.language,
                time_zone: setup.time_zone,
                affiliation: Affiliation::Staff,
                engineer: None,
                certificates: None,
                languages: None,
                service_area: None,
                capacity: CAPACITY,
                is_on_duty: true,
                is_active: true,
            };
            let done = does(Command::PutPerson(Box::new(put))).await?;
            let id = done.id.as_deref().and_then(|id| id.parse().ok());
            id.expect("a person that was made has an id")
        }
    };
    let grants = BTreeSet::from([Grant { role: Role::Administrator, client: None }]);
    does(Command::SetAccess { person, grants, memberships: BTreeSet::new() }).await?;
    does(Command::SetPassword { person, hash }).await?;
    Ok(person)
}
