//! Sessions, API tokens and links: written beside commands because they change nothing of the desk.

use super::done::DeskError;
use super::passwords::{FreshToken, fresh_token};
use super::words;
use crate::domain::person::Actor;
use crate::domain::{Moment, PersonId, Refusal, SessionId, Span, TokenId};
use crate::store::api_token::ApiToken;
use crate::store::reset_link::ResetLink;
use crate::store::session::Session;
use crate::store::{self, StoreError, Tx};

/// A session that nobody uses ends after this.
pub const SESSION_IDLE_MAX: Span = Span::days(14);
/// A session ends after this in any case.
pub const SESSION_AGE_MAX: Span = Span::days(90);
/// Most sessions of one person; with one more the oldest ends.
pub const SESSIONS_MAX: usize = 50;
/// A reset link works this long.
pub const RESET_LINK_AGE_MAX: Span = Span::hours(24);
/// The link of the first set-up works this long after the start that printed it.
pub const SETUP_LINK_AGE_MAX: Span = Span::days(7);
/// Most API tokens of one person.
const TOKENS_MAX: i64 = 100;
/// Longest part of a browser's name of itself that is kept, in characters.
const AGENT_CHARS_MAX: usize = 200;
/// Expired sessions removed with each new one.
const EXPIRED_REMOVED_MAX: usize = 50;

/// Where a session is used from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub address: String,
    pub agent: String,
}

impl Origin {
    fn agent(&self) -> String {
        self.agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS_MAX).collect()
    }
}

/// Starts a session; the browser gets the token.
pub fn start(tx: &Tx, person: PersonId, origin: &Origin) -> Result<(Session, String), DeskError> {
    store::session::delete_expired(tx, EXPIRED_REMOVED_MAX)?;
    let FreshToken { token, sha256 } = fresh_token();
    let now = tx.now();
    let session = Session {
        id: tx.id(),
        person,
        rotated_at: now,
        created_at: now,
        seen_at: now,
        expires_at: now + SESSION_IDLE_MAX,
        address: origin.address.clone(),
        agent: origin.agent(),
    };
    store::session::insert(tx, &session, &sha256)?;
    store::session::end_but_newest(tx, person, SESSIONS_MAX)?;
    Ok((session, token))
}

/// Replaces the session's token; nothing when another request did so a moment ago.
pub fn rotate(
    tx: &Tx,
    token_sha256: &str,
    session: &Session,
    origin: &Origin,
) -> Result<Option<String>, DeskError> {
    let FreshToken { token, sha256 } = fresh_token();
    let expires_at = (tx.now() + SESSION_IDLE_MAX).min(session.created_at + SESSION_AGE_MAX);
    let moved =
        Session { expires_at, address: origin.address.clone(), agent: origin.agent(), ..session.clone() };
    Ok(store::session::rotate(tx, token_sha256, &sha256, &moved)?.then_some(token))
}

pub fn end(tx: &Tx, person: PersonId, session: SessionId) -> Result<(), DeskError> {
    if store::session::end(tx, person, session)? {
        Ok(())
    } else {
        Err(Refusal::not_found("session", session).into())
    }
}

/// Ends all sessions, API tokens and reset links of a person.
pub fn lock_out(tx: &Tx, person: PersonId) -> Result<(), DeskError> {
    store::session::end_others(tx, person, None)?;
    store::reset_link::forget_of_person(tx, person)?;
    Ok(store::api_token::revoke_all(tx, person)?)
}

/// Makes an API token; its secret is shown once and never again.
pub fn make_token(
    tx: &Tx,
    person: PersonId,
    name: &str,
    expires_at: Option<Moment>,
) -> Result<(ApiToken, String), DeskError> {
    let name = words::line("name", name)?;
    if expires_at.is_some_and(|at| at <= tx.now()) {
        return Err(Refusal::invalid("expires_at", "lies in the past").into());
    }
    let count = store::api_token::count(tx, person)?;
    if count >= TOKENS_MAX {
        let count_max = usize::try_from(TOKENS_MAX).unwrap_or_default();
        return Err(Refusal::TooMany { field: "tokens".to_owned(), count: count_max + 1, count_max }.into());
    }
    let FreshToken { token, sha256 } = fresh_token();
    let made = ApiToken { id: tx.id(), person, name, created_at: tx.now(), seen_at: None, expires_at };
    store::api_token::insert(tx, &made, &sha256)?;
    Ok((made, token))
}

pub fn token_seen(tx: &Tx, token: TokenId) -> Result<(), DeskError> {
    Ok(store::api_token::seen(tx, token)?)
}

pub fn revoke_token(tx: &Tx, person: PersonId, token: TokenId) -> Result<(), DeskError> {
    if store::api_token::revoke(tx, person, token)? {
        Ok(())
    } else {
        Err(Refusal::not_found("token", token).into())
    }
}

/// Makes the person's only reset link.
pub fn make_reset_link(tx: &Tx, person: PersonId) -> Result<(String, Moment), DeskError> {
    store::reset_link::delete_expired(tx)?;
    store::reset_link::forget_of_person(tx, person)?;
    let expires_at = tx.now() + RESET_LINK_AGE_MAX;
    Ok((put_link(tx, Some(person), expires_at)?, expires_at))
}

/// The token of the first set-up, for the console; the one before it stops working. Nothing once somebody can
/// log in.
pub fn make_setup_link(tx: &Tx) -> Result<Option<String>, DeskError> {
    store::reset_link::forget_setup(tx)?;
    if store::place_list::anybody_can_log_in(tx)? {
        return Ok(None);
    }
    Ok(Some(put_link(tx, None, tx.now() + SETUP_LINK_AGE_MAX)?))
}

fn put_link(tx: &Tx, person: Option<PersonId>, expires_at: Moment) -> Result<String, StoreError> {
    let FreshToken { token, sha256 } = fresh_token();
    store::reset_link::insert(tx, ResetLink { person, expires_at }, &sha256)?;
    Ok(token)
}

/// Takes the link of the first set-up, so that it works once and only while nobody can log in.
pub fn take_setup_link(tx: &Tx, token_sha256: &str) -> Result<ResetLink, DeskError> {
    let link = store::reset_link::take(tx, token_sha256)?.filter(|link| link.person.is_none());
    match link {
        Some(link) if !store::place_list::anybody_can_log_in(tx)? => Ok(link),
        _ => Err(Refusal::not_found("set-up link", "given").into()),
    }
}

/// Puts the link of a set-up back that was refused.
pub fn put_back_setup_link(tx: &Tx, link: ResetLink, token_sha256: &str) -> Result<(), DeskError> {
    Ok(store::reset_link::insert(tx, link, token_sha256)?)
}

/// Uses the reset link of the actor up: whoever knew the old password is out, and so is every token that was made
/// with it.
pub(super) fn use_reset_link(tx: &Tx, token_sha256: &str, actor: &Actor) -> Result<(), DeskError> {
    let link = store::reset_link::take(tx, token_sha256)?;
    let person =
        link.and_then(|link| link.person).filter(|person| *actor == Actor::Person { person: *person });
    let person = person.ok_or_else(|| Refusal::not_found("reset link", "given"))?;
    let is_active = store::person::get(tx, person)?.is_some_and(|person| person.is_active);
    if !is_active {
        return Err(Refusal::not_found("reset link", "given").into());
    }
    lock_out(tx, person)
}

/// The person of a login, for a set-up that was cut off half-way.
pub fn person_of_login(tx: &Tx, login: &str) -> Result<Option<PersonId>, DeskError> {
    Ok(store::person::by_login(tx, login)?.map(|person| person.id))
}
