//! Who knocks: sessions, tokens and reset links by the hash of what was shown at the door.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ViewError, Views};
use crate::domain::person::Person;
use crate::domain::{Moment, PersonId, SessionId, Span, TokenId};
use crate::store::api_token::ApiToken;
use crate::store::session::Session;
use crate::store::{self, Db};

/// How long the token before a rotation is still taken.
pub const ROTATION_GRACE: Span = Span::seconds(60);
/// Sessions of a person that a list shows.
const SESSIONS_MAX: usize = 200;

/// A session that was found by its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    pub session: Session,
    /// Found by the present token, not by the one before.
    pub is_present: bool,
}

/// What a login needs to know of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginFacts {
    pub person: PersonId,
    pub login: String,
    pub password_hash: Option<String>,
    pub is_active: bool,
    /// Those that live.
    pub sessions: Vec<Session>,
}

impl LoginFacts {
    /// From where the person's sessions are used.
    #[must_use]
    pub fn session_addresses(&self) -> Vec<IpAddr> {
        self.sessions.iter().filter_map(|session| session.address.parse().ok()).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionLine {
    pub id: SessionId,
    pub created_at: Moment,
    /// Last use, to within an hour.
    pub seen_at: Moment,
    pub expires_at: Moment,
    /// From where it was last seen.
    pub address: String,
    pub agent: String,
    pub is_current: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenLine {
    pub id: TokenId,
    pub name: String,
    pub created_at: Moment,
    pub seen_at: Option<Moment>,
    pub expires_at: Option<Moment>,
}

impl TokenLine {
    #[must_use]
    pub fn new(token: ApiToken) -> Self {
        let ApiToken { id, name, created_at, seen_at, expires_at, .. } = token;
        Self { id, name, created_at, seen_at, expires_at }
    }
}

/// Whom a reset link is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResetFor {
    pub login: String,
    pub name: String,
}

impl Views {
    pub fn session(&self, token_sha256: &str) -> Result<Option<FoundSession>, ViewError> {
        let now = self.now();
        self.readers.read(|db| {
            if let Some(session) = store::session::by_token(db, token_sha256, now)? {
                return Ok(Some(FoundSession { session, is_present: true }));
            }
            let before = store::session::by_previous(db, token_sha256, now, now - ROTATION_GRACE)?;
            Ok(before.map(|session| FoundSession { session, is_present: false }))
        })
    }

    /// The person for whom the token acts, the token, and when it was last seen.
    pub fn token(
        &self,
        token_sha256: &str,
    ) -> Result<Option<(PersonId, TokenId, Option<Moment>)>, ViewError> {
        let found = self.readers.read(|db| store::api_token::by_token(db, token_sha256, self.now()))?;
        Ok(found.map(|token| (token.person, token.id, token.seen_at)))
    }

    /// Whether the session has not ended, whatever its token is now.
    pub fn session_lives(&self, person: PersonId, session: SessionId) -> Result<bool, ViewError> {
        let sessions = self.sessions(person, None)?;
        let is_active =
            self.readers.read(|db| store::person::get(db, person))?.is_some_and(|found| found.is_active);
        Ok(is_active && sessions.iter().any(|found| found.id == session))
    }

    pub fn login_facts(&self, login: &str) -> Result<Option<LoginFacts>, ViewError> {
        self.readers.read(|db| {
            let found = store::person::by_login(db, login)?;
            found.map(|person| self.facts_of(db, person)).transpose()
        })
    }

    /// As `login_facts`, of somebody who is logged in.
    pub fn login_facts_of(&self, person: PersonId) -> Result<Option<LoginFacts>, ViewError> {
        self.readers.read(|db| {
            let found = store::person::get(db, person)?;
            found.map(|person| self.facts_of(db, person)).transpose()
        })
    }

    fn facts_of(&self, db: &Db, person: Person) -> Result<LoginFacts, ViewError> {
        let Person { id, login, is_active, .. } = person;
        let password_hash = store::person::password_hash(db, id)?;
        let sessions = store::session::of_person(db, id, self.now(), SESSIONS_MAX)?;
        Ok(LoginFacts { person: id, login, password_hash, is_active, sessions })
    }

    /// Whether the desk waits for its first administrator.
    pub fn needs_setup(&self) -> Result<bool, ViewError> {
        self.readers.read(|db| Ok(!store::place_list::anybody_can_log_in(db)?))
    }

    pub fn reset_for(&self, token_sha256: &str) -> Result<Option<ResetFor>, ViewError> {
        self.readers.read(|db| {
            let person = self.of_reset_link(db, token_sha256)?;
            Ok(person.map(|person| ResetFor { login: person.login, name: person.name }))
        })
    }

    pub fn person_of_reset_link(&self, token_sha256: &str) -> Result<Option<PersonId>, ViewError> {
        self.readers.read(|db| Ok(self.of_reset_link(db, token_sha256)?.map(|person| person.id)))
    }

    fn of_reset_link(&self, db: &Db, token_sha256: &str) -> Result<Option<Person>, ViewError> {
        let link = store::reset_link::get(db, token_sha256, self.now())?;
        let Some(person) = link.and_then(|link| link.person) else { return Ok(None) };
        Ok(store::person::get(db, person)?.filter(|person| person.is_active))
    }

    /// Whether the link would be taken for the first set-up now.
    pub fn is_setup_link(&self, token_sha256: &str) -> Result<bool, ViewError> {
        self.readers.read(|db| {
            let link = store::reset_link::get(db, token_sha256, self.now())?;
            let is_one = link.is_some_and(|link| link.person.is_none());
            Ok(is_one && !store::place_list::anybody_can_log_in(db)?)
        })
    }

    pub fn sessions(
        &self,
        person: PersonId,
        current: Option<SessionId>,
    ) -> Result<Vec<SessionLine>, ViewError> {
        self.readers.read(|db| {
            let sessions = store::session::of_person(db, person, self.now(), SESSIONS_MAX)?;
            Ok(sessions
                .into_iter()
                .map(|session| SessionLine {
                    id: session.id,
                    created_at: session.created_at,
                    seen_at: session.seen_at,
                    expires_at: session.expires_at,
                    address: session.address,
                    agent: session.agent,
                    is_current: current == Some(session.id),
                })
                .collect())
        })
    }

    pub fn tokens(&self, person: PersonId) -> Result<Vec<TokenLine>, ViewError> {
        self.readers.read(|db| {
            let tokens = store::api_token::of_person(db, person)?;
            Ok(tokens
                .into_iter()
                .map(|token| TokenLine {
                    id: token.id,
                    name: token.name,
                    created_at: token.created_at,
                    seen_at: token.seen_at,
                    expires_at: token.expires_at,
                })
                .collect())
        })
    }
}
