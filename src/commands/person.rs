//! `PutPerson`, `SetAccess`, `SetPassword`.

use std::collections::BTreeSet;

use super::client::{exists, made, seen, written};
use super::done::{DeskError, Done, Warning};
use super::place::email;
use super::references::{self, Standing};
use super::sessions;
use super::words;
use super::work::Work;
use super::work_order::check_grade;
use crate::domain::calendar;
use crate::domain::command::PutPerson;
use crate::domain::geography::{ServiceArea, TERRITORIES_MAX};
use crate::domain::permission::Step;
use crate::domain::person::{Actor, Affiliation, Grant, Membership, Person, Role, is_login};
use crate::domain::{PersonId, Refusal};
use crate::store;

/// Longest login, in bytes.
pub const LOGIN_BYTES_MAX: usize = 100;
/// Most open work that a person can be given at once.
const CAPACITY_MAX: i64 = 1_000;
/// Most certificates or languages of one person.
const SKILLS_MAX: usize = 100;
/// Most roles or memberships of one person.
const ACCESS_MAX: usize = 500;

pub(super) fn put(work: &mut Work<'_>, put: PutPerson) -> Result<Done, DeskError> {
    let found = match put.id {
        Some(id) => store::person::get(&work.tx, id)?,
        None => None,
    };
    if !is_own_setting(&work.cause.actor, found.as_ref(), &put) {
        work.require_for(Step::Administer, None)?;
    }
    let before = match (put.id, &found) {
        (Some(_), Some(found)) => Some(found.version),
        (Some(id), None) => return Err(Refusal::not_found("person", id).into()),
        (None, _) => None,
    };
    check_login(&put.login)?;
    let same_login = store::person::by_login(&work.tx, &put.login)?;
    if same_login.is_some_and(|found| Some(found.id) != put.id) {
        return Err(exists("login", "login", &put.login));
    }
    calendar::zone(&put.time_zone).map_err(|error| Refusal::invalid("time_zone", error.to_string()))?;
    if !(0..=CAPACITY_MAX).contains(&put.capacity) {
        return Err(Refusal::invalid("capacity", format!("must be from 0 to {CAPACITY_MAX}")).into());
    }
    check_affiliation(work, put.affiliation)?;
    check_grade("engineer.grade", put.engineer.as_ref().map(|profile| profile.grade))?;
    let stays = |skills: fn(&Person) -> &Vec<String>| found.as_ref().map(skills).cloned().unwrap_or_default();
    let certificates = put.certificates.unwrap_or_else(|| stays(|person| &person.certificates));
    let languages = put.languages.unwrap_or_else(|| stays(|person| &person.languages));
    check_skills("certificates", &certificates)?;
    check_skills("languages", &languages)?;
    let service_area = service_area(put.service_area, found.as_ref())?;
    let person = Person {
        id: put.id.unwrap_or_else(|| work.tx.id()),
        login: put.login,
        name: words::line("name", &put.name)?,
        email: email("email", put.email.as_deref())?,
        phone: words::maybe_line("phone", put.phone.as_deref())?,
        language: put.language,
        time_zone: put.time_zone,
        affiliation: put.affiliation,
        engineer: put.engineer,
        certificates,
        languages,
        service_area,
        capacity: put.capacity,
        is_on_duty: put.is_on_duty,
        is_active: put.is_active,
        version: before.unwrap_or(0) + 1,
    };
    let standing = found.as_ref().map(|found| Standing::of(&work.tx, found)).transpose()?;
    match before {
        Some(version) => {
            seen(put.version, version)?;
            written(store::person::update(&work.tx, &person)?, version)?;
        }
        None => store::person::insert(&work.tx, &person)?,
    }
    if before.is_some() && !person.is_active {
        // Made active again, the person logs in anew.
        sessions::lock_out(&work.tx, person.id)?;
    }
    an_administrator_remains(work)?;
    work.note_change(None, "person");
    Ok(Done { warnings: lost(work, standing, person.id)?, ..made(person.id.0, person.version) })
}

/// What workflows still name of what the change took away.
fn lost(work: &Work<'_>, before: Option<Standing>, person: PersonId) -> Result<Vec<Warning>, DeskError> {
    let before = before.map(|before| references::after_change_of_person(work, &before, person));
    Ok(before.transpose()?.unwrap_or_default())
}

/// What people may change about themselves: their language, their zone, whether they are on duty.
fn is_own_setting(actor: &Actor, found: Option<&Person>, put: &PutPerson) -> bool {
    let Some(found) = found.filter(|found| *actor == Actor::Person { person: found.id } && found.is_active)
    else {
        return false;
    };
    put.login == found.login
        && put.name == found.name
        && put.email == found.email
        && put.phone == found.phone
        && put.affiliation == found.affiliation
        && put.engineer == found.engineer
        && put.certificates.as_ref().is_none_or(|own| *own == found.certificates)
        && put.languages.as_ref().is_none_or(|own| *own == found.languages)
        && put.service_area.as_ref().is_none_or(|own| *own == found.service_area)
        && put.capacity == found.capacity
        && put.is_active == found.is_active
}

fn check_login(login: &str) -> Result<(), Refusal> {
    if login.len() > LOGIN_BYTES_MAX {
        let field = "login".to_owned();
        return Err(Refusal::TooLong { field, bytes: login.len(), bytes_max: LOGIN_BYTES_MAX });
    }
    if is_login(login) {
        Ok(())
    } else {
        Err(Refusal::invalid("login", "must be without capitals and spaces"))
    }
}

fn check_skills(field: &str, skills: &[String]) -> Result<(), Refusal> {
    if skills.len() > SKILLS_MAX {
        return Err(Refusal::TooMany { field: field.to_owned(), count: skills.len(), count_max: SKILLS_MAX });
    }
    skills.iter().try_for_each(|skill| words::line(field, skill).map(drop))
}

/// What is said of it, or what stood before.
fn service_area(said: Option<ServiceArea>, found: Option<&Person>) -> Result<ServiceArea, Refusal> {
    let service_area =
        said.unwrap_or_else(|| found.map(|found| found.service_area.clone()).unwrap_or_default());
    let count = service_area.territories.len();
    if count > TERRITORIES_MAX {
        let field = "service_area.territories".to_owned();
        return Err(Refusal::TooMany { field, count, count_max: TERRITORIES_MAX });
    }
    Ok(service_area)
}

fn check_affiliation(work: &Work<'_>, affiliation: Affiliation) -> Result<(), DeskError> {
    match affiliation {
        Affiliation::Staff => Ok(()),
        Affiliation::Partner { partner } => {
            let found = store::place::partner(&work.tx, partner)?;
            found.map(drop).ok_or_else(|| Refusal::not_found("partner organisation", partner).into())
        }
        Affiliation::Contact { client, contact } => {
            store::client::get(&work.tx, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
            let Some(contact) = contact else { return Ok(()) };
            let found = store::place::contact(&work.tx, contact)?.filter(|found| found.client == client);
            found.map(drop).ok_or_else(|| Refusal::not_found("contact", contact).into())
        }
    }
}

pub(super) fn set_access(
    work: &mut Work<'_>,
    id: PersonId,
    grants: &BTreeSet<Grant>,
    memberships: &BTreeSet<Membership>,
) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    let person = store::person::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("person", id))?;
    for (field, count) in [("grants", grants.len()), ("memberships", memberships.len())] {
        if count > ACCESS_MAX {
            return Err(Refusal::TooMany { field: field.to_owned(), count, count_max: ACCESS_MAX }.into());
        }
    }
    for grant in grants {
        if !suits(person.affiliation, grant.role) {
            let message = format!("{:?} is not a role for this kind of person", grant.role);
            return Err(Refusal::invalid("grants", message).into());
        }
    }
    let clients = grants.iter().filter_map(|grant| grant.client);
    for client in clients.chain(memberships.iter().filter_map(|own| own.client)).collect::<BTreeSet<_>>() {
        store::client::get(&work.tx, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
    }
    let standing = Standing::of(&work.tx, &person)?;
    store::person::set_access(&work.tx, id, grants, memberships)?;
    an_administrator_remains(work)?;
    work.note_change(None, "person");
    Ok(Done { warnings: lost(work, Some(standing), id)?, ..made(id.0, person.version) })
}

fn suits(affiliation: Affiliation, role: Role) -> bool {
    match affiliation {
        Affiliation::Staff => !matches!(role, Role::ClientContact | Role::PartnerMember),
        Affiliation::Partner { .. } => role == Role::PartnerMember,
        Affiliation::Contact { .. } => role == Role::ClientContact,
    }
}

/// A desk without an administrator could never be changed again. Before the first one there is nothing to lose.
fn an_administrator_remains(work: &Work<'_>) -> Result<(), DeskError> {
    if work.cause.actor == Actor::Operator || store::person::administrators(&work.tx)? > 0 {
        Ok(())
    } else {
        Err(Refusal::invalid("grants", "the last active administrator must stay one").into())
    }
}

pub(super) fn set_password(work: &mut Work<'_>, id: PersonId, hash: &str) -> Result<Done, DeskError> {
    let is_own = work.cause.actor == (Actor::Person { person: id });
    if !is_own {
        work.require_for(Step::Administer, None)?;
    }
    let person = store::person::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("person", id))?;
    if !hash.starts_with("$argon2id$") {
        return Err(Refusal::invalid("hash", "must be an argon2id hash").into());
    }
    store::person::set_password_hash(&work.tx, id, hash)?;
    store::session::end_others(&work.tx, id, work.kept_session)?;
    work.note_change(None, "person");
    Ok(made(id.0, person.version))
}
