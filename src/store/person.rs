//! People, their roles and their memberships.

use std::collections::BTreeSet;

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_word, id, json, key, maybe_id, search::fold, statements, word};
use crate::domain::assignment::Candidate;
use crate::domain::permission::{Access, Step, TicketFacts};
use crate::domain::person::{Affiliation, Grant, Membership, Person, Role};
use crate::domain::{ClientId, ContactId, PersonId};

statements! {
    GET = "select id, login, name, email, phone, language, time_zone, affiliation, partner, client, contact, engineer,
        capacity, is_on_duty, is_active, version, certificates, languages, service_area from person where id = ?1";
    BY_LOGIN = "select id, login, name, email, phone, language, time_zone, affiliation, partner, client, contact,
        engineer, capacity, is_on_duty, is_active, version, certificates, languages, service_area from person where login = ?1";
    WITH_EMAIL = "select id from person where lower(email) = ?1 and is_active = 1 order by id limit 2";
    PASSWORD_HASH = "select password_hash from person where id = ?1";
    SET_PASSWORD_HASH = "update person set password_hash = ?2 where id = ?1";
    COUNT = "select count(*) from person";
    INSERT = "insert into person (id, login, name, email, phone, language, time_zone, affiliation, partner, client,
        contact, engineer, capacity, is_on_duty, is_active, version, folded, certificates, languages,
        service_area)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";
    UPDATE = "update person set login = ?2, name = ?3, email = ?4, phone = ?5, language = ?6, time_zone = ?7,
        affiliation = ?8, partner = ?9, client = ?10, contact = ?11, engineer = ?12, capacity = ?13, is_on_duty = ?14,
        is_active = ?15, version = ?16, folded = ?17, certificates = ?18, languages = ?19,
        service_area = ?20 where id = ?1 and version + 1 = ?16";
    GRANTS_OF = "select role, client from access_grant where person = ?1";
    MEMBERSHIPS_OF = "select queue, client from membership where person = ?1";
    MEMBERSHIPS = "select person, queue, client from membership";
    WORKERS = "select id, name, time_zone from person where is_active = 1 and affiliation <> 'contact'
        order by name, id limit ?1";
    CLEAR_GRANTS = "delete from access_grant where person = ?1";
    CLEAR_MEMBERSHIPS = "delete from membership where person = ?1";
    INSERT_GRANT = "insert into access_grant (person, role, client) values (?1, ?2, ?3)";
    INSERT_MEMBERSHIP = "insert into membership (person, queue, client) values (?1, ?2, ?3)";
    MEMBERS = "select distinct m.person from membership m join person p on p.id = m.person
        where m.queue = ?1 and m.client in (0, ?2) and p.is_active = 1 order by m.person";
    WITH_ROLE = "select distinct g.person from access_grant g join person p on p.id = g.person
        where g.role = ?1 and g.client in (0, ?2) and p.is_active = 1 order by g.person";
    ADMINISTRATORS = "select count(distinct g.person) from access_grant g join person p on p.id = g.person
        where g.role = 'administrator' and g.client = 0 and p.is_active = 1";
    LOGINS_SERVING = "select distinct p.login from access_grant g join person p on p.id = g.person
        where g.client in (0, ?1) and p.is_active = 1
        and (p.affiliation = 'staff' or p.affiliation = 'partner' and g.role = 'partner_member') order by p.login";
    OF_CONTACT = "select id from person where contact = ?1 and is_active = 1 order by id";
}

pub fn get(db: &Db, person: PersonId) -> Result<Option<Person>, StoreError> {
    db.one(GET, [person.0], read)
}

pub fn by_login(db: &Db, login: &str) -> Result<Option<Person>, StoreError> {
    db.one(BY_LOGIN, [login], read)
}

/// Active people with the address, in small letters; two at most.
pub fn with_email(db: &Db, email: &str) -> Result<Vec<PersonId>, StoreError> {
    db.all(WITH_EMAIL, [email], |row| id(row, 0))
}

/// How many people there are; none means that the desk waits for its set-up.
pub fn count(db: &Db) -> Result<i64, StoreError> {
    Ok(db.one(COUNT, [], |row| row.get(0))?.unwrap_or(0))
}

pub fn password_hash(db: &Db, person: PersonId) -> Result<Option<String>, StoreError> {
    Ok(db.one(PASSWORD_HASH, [person.0], |row| row.get(0))?.flatten())
}

pub fn set_password_hash(tx: &Tx, person: PersonId, hash: &str) -> Result<(), StoreError> {
    tx.run(SET_PASSWORD_HASH, params![person.0, hash]).map(drop)
}

pub fn insert(tx: &Tx, person: &Person) -> Result<(), StoreError> {
    write(tx, INSERT, person).map(drop)
}

pub fn update(tx: &Tx, person: &Person) -> Result<bool, StoreError> {
    Ok(write(tx, UPDATE, person)? == 1)
}

fn write(tx: &Tx, sql: &str, person: &Person) -> Result<usize, StoreError> {
    let (affiliation, partner, client, contact) = match person.affiliation {
        Affiliation::Staff => ("staff", None, None, None),
        Affiliation::Partner { partner } => ("partner", Some(partner.0), None, None),
        Affiliation::Contact { client, contact } => ("contact", None, Some(client.0), contact.map(|id| id.0)),
    };
    let engineer = person.engineer.as_ref().map(json).transpose()?;
    let email = person.email.as_deref().unwrap_or_default();
    let folded = fold(&[&person.name, &person.login, email]);
    tx.run(
        sql,
        params![
            person.id.0,
            person.login,
            person.name,
            person.email,
            person.phone,
            word(person.language),
            person.time_zone,
            affiliation,
            partner,
            client,
            contact,
            engineer,
            person.capacity,
            person.is_on_duty,
            person.is_active,
            person.version,
            folded,
            json(&person.certificates)?,
            json(&person.languages)?,
            json(&person.service_area)?
        ],
    )
}

/// What the person may do, as things stand.
pub fn access(db: &Db, person: PersonId) -> Result<Option<Access>, StoreError> {
    let Some(found) = get(db, person)? else { return Ok(None) };
    let sub_client = match found.affiliation {
        Affiliation::Contact { contact: Some(contact), .. } => {
            super::place::contact(db, contact)?.and_then(|contact| contact.sub_client)
        }
        _ => None,
    };
    Ok(Some(Access {
        person,
        affiliation: found.affiliation,
        sub_client,
        is_active: found.is_active,
        grants: grants(db, person)?,
        memberships: memberships(db, person)?,
    }))
}

pub fn grants(db: &Db, person: PersonId) -> Result<BTreeSet<Grant>, StoreError> {
    let grants = db.all(GRANTS_OF, [person.0], |row| {
        Ok(Grant { role: from_word(row, 0)?, client: one_or_every(row, 1)? })
    })?;
    Ok(grants.into_iter().collect())
}

pub fn memberships(db: &Db, person: PersonId) -> Result<BTreeSet<Membership>, StoreError> {
    let memberships = db.all(MEMBERSHIPS_OF, [person.0], |row| {
        Ok(Membership { queue: key(row, 0)?, client: one_or_every(row, 1)? })
    })?;
    Ok(memberships.into_iter().collect())
}

/// Everybody's.
pub fn all_memberships(db: &Db) -> Result<Vec<(PersonId, Membership)>, StoreError> {
    db.all(MEMBERSHIPS, [], |row| {
        Ok((id(row, 0)?, Membership { queue: key(row, 1)?, client: one_or_every(row, 2)? }))
    })
}

/// Id, name and zone of active people who can have a roster: all but clients' contacts, by name.
pub fn workers(db: &Db, count_max: usize) -> Result<Vec<(PersonId, String, String)>, StoreError> {
    db.all(WORKERS, [count_max as i64], |row| Ok((id(row, 0)?, row.get(1)?, row.get(2)?)))
}

pub fn set_access(
    tx: &Tx,
    person: PersonId,
    grants: &BTreeSet<Grant>,
    memberships: &BTreeSet<Membership>,
) -> Result<(), StoreError> {
    tx.run(CLEAR_GRANTS, [person.0])?;
    tx.run(CLEAR_MEMBERSHIPS, [person.0])?;
    for grant in grants {
        tx.run(INSERT_GRANT, params![person.0, word(grant.role), grant.client.map_or(0, |client| client.0)])?;
    }
    for own in memberships {
        tx.run(
            INSERT_MEMBERSHIP,
            params![person.0, own.queue.as_str(), own.client.map_or(0, |client| client.0)],
        )?;
    }
    Ok(())
}

/// Active members of a client's queue.
pub fn members(db: &Db, queue: &str, client: ClientId) -> Result<Vec<PersonId>, StoreError> {
    db.all(MEMBERS, params![queue, client.0], |row| id(row, 0))
}

/// Active people with a role for the client.
pub fn with_role(db: &Db, role: Role, client: ClientId) -> Result<Vec<PersonId>, StoreError> {
    db.all(WITH_ROLE, params![word(role), client.0], |row| id(row, 0))
}

/// How many active people administer the whole desk.
pub fn administrators(db: &Db) -> Result<i64, StoreError> {
    Ok(db.one(ADMINISTRATORS, [], |row| row.get(0))?.unwrap_or(0))
}

/// Logins of active people who can serve the client: staff with a role for it, and people of its partners.
pub fn logins_serving(db: &Db, client: ClientId) -> Result<BTreeSet<String>, StoreError> {
    Ok(db.all(LOGINS_SERVING, [client.0], |row| row.get(0))?.into_iter().collect())
}

/// Active people who log in as the contact.
pub fn of_contact(db: &Db, contact: ContactId) -> Result<Vec<PersonId>, StoreError> {
    db.all(OF_CONTACT, [contact.0], |row| id(row, 0))
}

/// Says of each candidate whether a role lets them work on the client's tickets.
pub fn say_who_may_serve(db: &Db, client: ClientId, candidates: &mut [Candidate]) -> Result<(), StoreError> {
    let facts = TicketFacts { client: Some(client), ..TicketFacts::default() };
    for candidate in candidates {
        let access = access(db, candidate.person)?;
        candidate.may_serve = access.is_some_and(|access| access.may(Step::WorkOnTicket, &facts));
    }
    Ok(())
}

pub(super) fn maybe_json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    if row.get_ref(column)? == rusqlite::types::ValueRef::Null {
        return Ok(None);
    }
    super::from_json(row, column).map(Some)
}

fn one_or_every(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<ClientId>> {
    let number: i64 = row.get(column)?;
    Ok((number != 0).then_some(ClientId(number)))
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Person> {
    let affiliation = match row.get_ref(7)?.as_str()? {
        "partner" => Affiliation::Partner { partner: id(row, 8)? },
        "contact" => Affiliation::Contact { client: id(row, 9)?, contact: maybe_id(row, 10)? },
        _ => Affiliation::Staff,
    };
    Ok(Person {
        id: id(row, 0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        email: row.get(3)?,
        phone: row.get(4)?,
        language: from_word(row, 5)?,
        time_zone: row.get(6)?,
        affiliation,
        engineer: maybe_json(row, 11)?,
        capacity: row.get(12)?,
        is_on_duty: row.get(13)?,
        is_active: row.get(14)?,
        version: row.get(15)?,
        certificates: super::from_json(row, 16)?,
        languages: super::from_json(row, 17)?,
        service_area: super::from_json(row, 18)?,
    })
}
