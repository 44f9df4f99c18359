//! `PutClient`, `PutSubClient`.

use super::done::{DeskError, Done};
use super::words;
use super::work::Work;
use crate::domain::client::{Client, SubClient};
use crate::domain::command::{PutClient, PutSubClient};
use crate::domain::permission::Step;
use crate::domain::{ClientId, Refusal, SubClientId};
use crate::store;

/// Longest prefix of ticket numbers.
const PREFIX_BYTES_MAX: usize = 8;

pub(super) fn put(work: &mut Work<'_>, put: PutClient) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    let name = words::line("name", &put.name)?;
    check_prefix(&put.prefix)?;
    check_colour(&put.colour)?;
    let before = match put.id {
        Some(id) => Some(store::client::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("client", id))?),
        None => None,
    };
    let is_other = |found: Option<Client>| found.filter(|found| Some(found.id) != put.id).is_some();
    if is_other(store::client::by_key(&work.tx, &put.key)?) {
        return Err(exists("client", "key", &put.key));
    }
    if is_other(store::client::by_prefix(&work.tx, &put.prefix)?) {
        return Err(exists("prefix", "prefix", &put.prefix));
    }
    let client = Client {
        id: put.id.unwrap_or_else(|| work.tx.id::<ClientId>()),
        key: put.key,
        name,
        prefix: put.prefix,
        colour: put.colour,
        language: put.language,
        pack_version: before.as_ref().and_then(|before| before.pack_version),
        is_active: put.is_active,
        version: before.as_ref().map_or(1, |before| before.version + 1),
    };
    match before {
        Some(before) => {
            seen(put.version, before.version)?;
            written(store::client::update(&work.tx, &client)?, before.version)?;
        }
        None => store::client::insert(&work.tx, &client)?,
    }
    work.programs.know_prefix(client.id, &client.prefix);
    work.note_change(Some(client.id), "client");
    Ok(made(client.id.0, client.version))
}

pub(super) fn put_sub(work: &mut Work<'_>, put: PutSubClient) -> Result<Done, DeskError> {
    work.require_for(Step::KeepRecords, Some(put.client))?;
    store::client::get(&work.tx, put.client)?.ok_or_else(|| Refusal::not_found("client", put.client))?;
    let before = match put.id {
        Some(id) => {
            let found = store::client::get_sub(&work.tx, id)?.filter(|sub| sub.client == put.client);
            Some(found.ok_or_else(|| Refusal::not_found("sub-client", id))?)
        }
        None => None,
    };
    let same_key = store::client::sub_by_key(&work.tx, put.client, &put.key)?;
    if same_key.is_some_and(|found| Some(found.id) != put.id) {
        return Err(exists("sub-client", "key", &put.key));
    }
    let sub = SubClient {
        id: put.id.unwrap_or_else(|| work.tx.id::<SubClientId>()),
        client: put.client,
        key: put.key,
        name: words::line("name", &put.name)?,
        support: words::maybe_line("support", put.support.as_deref())?,
        version: before.as_ref().map_or(1, |before| before.version + 1),
    };
    match before {
        Some(before) => {
            seen(put.version, before.version)?;
            written(store::client::update_sub(&work.tx, &sub)?, before.version)?;
        }
        None => store::client::insert_sub(&work.tx, &sub)?,
    }
    work.note_change(Some(sub.client), "client");
    Ok(made(sub.id.0, sub.version))
}

fn check_prefix(prefix: &str) -> Result<(), Refusal> {
    let is_fine = !prefix.is_empty()
        && prefix.len() <= PREFIX_BYTES_MAX
        && prefix.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_fine {
        Ok(())
    } else {
        Err(Refusal::invalid("prefix", "must be 1 to 8 Latin capitals, such as BANK"))
    }
}

fn check_colour(colour: &str) -> Result<(), Refusal> {
    let digits = colour.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err(Refusal::invalid("colour", "must be #rrggbb, such as #2f6f4f"))
    }
}

/// The version that the caller saw must be the one that stands.
pub(super) fn seen(seen: Option<i64>, current: i64) -> Result<(), Refusal> {
    match seen {
        Some(version) if version == current => Ok(()),
        Some(version) => Err(Refusal::StaleVersion { seen: version, current }),
        None => Err(Refusal::invalid("version", "is needed to change what exists: the version that you saw")),
    }
}

pub(super) fn written(is_written: bool, seen: i64) -> Result<(), Refusal> {
    if is_written { Ok(()) } else { Err(Refusal::StaleVersion { seen, current: seen + 1 }) }
}

pub(super) fn exists(what: &'static str, field: &str, key: &str) -> DeskError {
    Refusal::AlreadyExists { what, field: field.to_owned(), key: key.to_owned() }.into()
}

pub(super) fn made(id: i64, version: i64) -> Done {
    Done { id: Some(id.to_string()), version: Some(version), ..Done::default() }
}
