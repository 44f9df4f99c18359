//! `NameSpecialist`, `EndSpecialist`: who knows which client or product, and who answers for a client.

use super::client::{made, seen, written};
use super::done::{DeskError, Done};
use super::open_ticket::own_sub_client;
use super::roster::worker;
use super::words;
use super::work::Work;
use crate::domain::command::{EndSpecialist, NameSpecialist};
use crate::domain::permission::Step;
use crate::domain::specialist::{Specialist, Speciality};
use crate::domain::{Moment, Refusal};
use crate::store;

/// Most that one person is or was a specialist of.
const SPECIALITIES_MAX: usize = 500;

pub(super) fn name(work: &mut Work<'_>, name: NameSpecialist) -> Result<Done, DeskError> {
    work.require_for(Step::KeepRoster, name.of.client())?;
    let person = worker(work, name.person)?;
    let of = checked(work, name.of)?;
    let now = work.tx.now();
    let valid_from = name.valid_from.unwrap_or(now);
    not_past("valid_from", valid_from, now)?;
    if let Some(end) = name.valid_to
        && end <= valid_from
    {
        let message = format!("must come after `valid_from`, which is {valid_from}");
        return Err(Refusal::invalid("valid_to", message).into());
    }
    let before = store::specialist::of_person(&work.tx, person.id)?;
    if before.len() >= SPECIALITIES_MAX {
        let (field, count) = ("specialities of this person".to_owned(), before.len() + 1);
        return Err(Refusal::TooMany { field, count, count_max: SPECIALITIES_MAX }.into());
    }
    let meets = |other: &Specialist| {
        other.of == of
            && other.valid_to.is_none_or(|end| valid_from < end)
            && name.valid_to.is_none_or(|end| other.valid_from < end)
    };
    if let Some(other) = before.iter().find(|other| meets(other)) {
        let message = format!("{} is that already, from {}", person.name, other.valid_from);
        return Err(Refusal::invalid("of", message).into());
    }
    let specialist = Specialist {
        id: work.tx.id(),
        person: person.id,
        of,
        valid_from,
        valid_to: name.valid_to,
        version: 1,
    };
    store::specialist::insert(&work.tx, &specialist)?;
    work.note_change(specialist.of.client(), "person");
    Ok(made(specialist.id.0, specialist.version))
}

/// The speciality, when what it names is there. A category need not be the published pack's: packs change.
fn checked(work: &Work<'_>, of: Speciality) -> Result<Speciality, DeskError> {
    if let Some(client) = of.client() {
        store::client::get(&work.tx, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
    }
    match of {
        Speciality::Client { client, sub_client } | Speciality::TechnicalManager { client, sub_client } => {
            own_sub_client(work, "of.sub_client", sub_client, client)?;
            Ok(of)
        }
        Speciality::Model { client, model } => {
            Ok(Speciality::Model { client, model: words::line("of.model", &model)? })
        }
        of => Ok(of),
    }
}

fn not_past(field: &str, at: Moment, now: Moment) -> Result<(), Refusal> {
    if at < now {
        return Err(Refusal::invalid(field, format!("must not lie in the past; it is {now} now")));
    }
    Ok(())
}

pub(super) fn end(work: &mut Work<'_>, end: &EndSpecialist) -> Result<Done, DeskError> {
    let id = end.specialist;
    let missing = || Refusal::not_found("speciality", id);
    let found = store::specialist::get(&work.tx, id)?.ok_or_else(missing)?;
    if !work.sees_internals_of(found.of.client())? {
        return Err(missing().into());
    }
    work.require_for(Step::KeepRoster, found.of.client())?;
    seen(Some(end.version), found.version)?;
    let now = work.tx.now();
    if found.valid_to.is_some_and(|over| over <= now) {
        return Err(Refusal::invalid("at", "it is over already").into());
    }
    let at = end.at.unwrap_or(now);
    not_past("at", at, now)?;
    // What has not begun never was.
    let at = at.max(found.valid_from);
    written(store::specialist::end(&work.tx, id, at, found.version)?, found.version)?;
    work.note_change(found.of.client(), "person");
    Ok(made(id.0, found.version + 1))
}
