//! `MapForeignLogin`, `UnmapForeignLogin`: whose a log-in of a client's own desk is.

use super::client::{made, seen, written};
use super::done::{DeskError, Done};
use super::roster::worker;
use super::words;
use super::work::Work;
use crate::domain::Refusal;
use crate::domain::command::{MapForeignLogin, UnmapForeignLogin};
use crate::domain::foreign_login::ForeignLogin;
use crate::domain::permission::Step;
use crate::store;

/// Most log-ins that are or were mapped for one client.
const LOGINS_MAX: usize = 5_000;

pub(super) fn map(work: &mut Work<'_>, map: MapForeignLogin) -> Result<Done, DeskError> {
    let MapForeignLogin { client, system, login, person, valid_from } = map;
    work.require_for(Step::KeepRoster, Some(client))?;
    store::client::get(&work.tx, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
    let person = worker(work, person)?;
    let login = words::line("login", login.trim())?;
    let now = work.tx.now();
    let valid_from = valid_from.unwrap_or(now);
    if valid_from > now {
        let message = format!("must not lie in the future; it is {now} now");
        return Err(Refusal::invalid("valid_from", message).into());
    }
    let before = store::foreign_login::of_login(&work.tx, client, system.as_str(), &login)?;
    let meets = |other: &&ForeignLogin| other.valid_to.is_none_or(|end| valid_from < end);
    if let Some(other) = before.iter().find(meets) {
        let whose = store::person::get(&work.tx, other.person)?.map(|person| person.name).unwrap_or_default();
        let until = other.valid_to.map(|end| format!(" until {end}")).unwrap_or_default();
        let message =
            format!("`{}` is mapped already, to {whose}, from {}{until}", other.login, other.valid_from);
        return Err(Refusal::invalid("login", message).into());
    }
    let count = store::foreign_login::of_client(&work.tx, client)?.len() + 1;
    if count > LOGINS_MAX {
        let field = "foreign log-ins of this client".to_owned();
        return Err(Refusal::TooMany { field, count, count_max: LOGINS_MAX }.into());
    }
    let id = work.tx.id();
    let one =
        ForeignLogin { id, client, system, login, person: person.id, valid_from, valid_to: None, version: 1 };
    store::foreign_login::insert(&work.tx, &one)?;
    work.note_change(Some(client), "person");
    Ok(made(id.0, one.version))
}

pub(super) fn unmap(work: &mut Work<'_>, unmap: &UnmapForeignLogin) -> Result<Done, DeskError> {
    let id = unmap.id;
    let not_there = || Refusal::not_found("foreign log-in", id);
    let found = store::foreign_login::get(&work.tx, id)?.ok_or_else(not_there)?;
    // Who may not see it learns nothing of it.
    if !work.sees_internals_of(Some(found.client))? {
        return Err(not_there().into());
    }
    work.require_for(Step::KeepRoster, Some(found.client))?;
    seen(Some(unmap.version), found.version)?;
    if found.valid_to.is_some() {
        return Err(Refusal::invalid("id", "it is over already").into());
    }
    // What was imported under it stays as it was.
    let now = work.tx.now();
    written(store::foreign_login::end(&work.tx, id, now, found.version)?, found.version)?;
    work.note_change(Some(found.client), "person");
    Ok(made(id.0, found.version + 1))
}
