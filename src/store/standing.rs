//! Who and what stands behind the names that a client's workflow uses.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Row;

use super::{Db, StoreError, from_json, from_word, id, key, person::maybe_json, statements};
use crate::domain::person::{EngineerProfile, Role};
use crate::domain::{ClientId, Key, PartnerId};

statements! {
    QUEUES = "select distinct m.queue from membership m join person p on p.id = m.person
        where m.client in (0, ?1) and p.is_active = 1";
    ROLES = "select distinct g.role from access_grant g join person p on p.id = g.person
        where g.client in (0, ?1) and p.is_active = 1";
    LEFT = "select distinct p.login from access_grant g join person p on p.id = g.person
        where g.client in (0, ?1) and p.is_active = 0
        and (p.affiliation = 'staff' or p.affiliation = 'partner' and g.role = 'partner_member')";
    PARTNERS = "select id, key from partner";
    PARTNERS_SERVING = "select distinct p.partner from access_grant g join person p on p.id = g.person
        where g.client in (0, ?1) and p.is_active = 1 and p.partner is not null";
    SKILLS = "select distinct p.id, p.engineer, p.certificates, p.languages from access_grant g
        join person p on p.id = g.person
        where g.client in (0, ?1) and p.is_active = 1 and p.affiliation <> 'contact'";
}

/// Queues with an active member for the client.
pub fn queues(db: &Db, client: ClientId) -> Result<BTreeSet<Key>, StoreError> {
    Ok(db.all(QUEUES, [client.0], |row| key(row, 0))?.into_iter().collect())
}

/// Roles that somebody active has for the client.
pub fn roles(db: &Db, client: ClientId) -> Result<BTreeSet<Role>, StoreError> {
    Ok(db.all(ROLES, [client.0], |row| from_word(row, 0))?.into_iter().collect())
}

/// Logins of those who would serve the client and are not active any more.
pub fn left(db: &Db, client: ClientId) -> Result<BTreeSet<String>, StoreError> {
    Ok(db.all(LEFT, [client.0], |row| row.get(0))?.into_iter().collect())
}

/// Every partner organisation, and whether active people of it serve the client.
pub fn partners(db: &Db, client: ClientId) -> Result<BTreeMap<Key, bool>, StoreError> {
    let serving: Vec<PartnerId> = db.all(PARTNERS_SERVING, [client.0], |row| id(row, 0))?;
    let partners = db.all(PARTNERS, [], |row| Ok((id::<PartnerId>(row, 0)?, key(row, 1)?)))?;
    Ok(partners.into_iter().map(|(partner, key)| (key, serving.contains(&partner))).collect())
}

/// What somebody can who serves a client.
#[derive(Debug)]
pub struct SkillsOf {
    pub engineer: Option<EngineerProfile>,
    pub certificates: Vec<String>,
    pub languages: Vec<String>,
}

/// What each of those can who serve the client.
pub fn skills(db: &Db, client: ClientId) -> Result<Vec<SkillsOf>, StoreError> {
    db.all(SKILLS, [client.0], read_skills)
}

fn read_skills(row: &Row<'_>) -> rusqlite::Result<SkillsOf> {
    Ok(SkillsOf {
        engineer: maybe_json(row, 1)?,
        certificates: from_json(row, 2)?,
        languages: from_json(row, 3)?,
    })
}
