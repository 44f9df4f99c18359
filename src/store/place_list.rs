//! Pages of a client's sites, assets and contacts, and all people, in the order in which lists show them.

use rusqlite::params;

use super::{Db, StoreError, statements};
use crate::domain::client::{Asset, Contact, Site};
use crate::domain::person::{Person, Role};
use crate::domain::{AssetId, ClientId, ContactId, PersonId, SiteId, TicketId};

statements! {
    SITES = "select id, client, sub_client, name, address, city, country, time_zone, version, calendar, district, location,
        folded from site
        where client = ?1 and (name, id) > (?2, ?3) order by name, id limit ?4";
    ASSETS = "select id, client, site, tag, serial, model, certificates, is_active, version, folded from asset
        where client = ?1 and tag > ?2 order by tag limit ?3";
    CONTACTS = "select id, client, sub_client, name, email, phone, version, folded from contact
        where client = ?1 and (name, id) > (?2, ?3) order by name, id limit ?4";
    PEOPLE = "select id, login, name, email, phone, language, time_zone, affiliation, partner, client, contact, engineer,
        capacity, is_on_duty, is_active, version, certificates, languages, service_area, folded from person order by name, id";
    WITH_ROLE = "select person from access_grant where role = ?1 and (client = 0 or client = ?2)";
    WITH_ROLE_ANYWHERE = "select person from access_grant where role = ?1";
    MEMBERS = "select person from membership where queue = ?1 and (client = 0 or client = ?2)";
    MEMBERS_ANYWHERE = "select person from membership where queue = ?1";
    PLACES = "select country, city, district, count(*) from site where client = ?1
        group by country, city, district order by country, city, district";
    NAME_OF_PERSON = "select name from person where id = ?1";
    NAME_OF_SITE = "select name, city, time_zone, address from site where id = ?1";
    TAG_OF_ASSET = "select tag, model from asset where id = ?1";
    NAME_OF_CONTACT = "select name from contact where id = ?1";
    NAME_OF_SUB_CLIENT = "select name from sub_client where id = ?1";
    NUMBER_OF_TICKET = "select t.client, t.number, t.subject, c.prefix from ticket t join client c on c.id = t.client
        where t.id = ?1";
    ANYBODY_CAN_LOG_IN = "select 1 from person where password_hash is not null limit 1";
}

/// A row and the folded text that it is searched by.
pub type Folded<T> = (T, String);

pub fn sites(
    db: &Db,
    client: ClientId,
    after: (&str, SiteId),
    count_max: usize,
) -> Result<Vec<Folded<Site>>, StoreError> {
    db.all(SITES, params![client.0, after.0, after.1.0, count_max as i64], |row| {
        Ok((super::place::read_site(row)?, row.get(12)?))
    })
}

pub fn assets(
    db: &Db,
    client: ClientId,
    after_tag: &str,
    count_max: usize,
) -> Result<Vec<Folded<Asset>>, StoreError> {
    db.all(ASSETS, params![client.0, after_tag, count_max as i64], |row| {
        Ok((super::place::read_asset(row)?, row.get(9)?))
    })
}

pub fn contacts(
    db: &Db,
    client: ClientId,
    after: (&str, ContactId),
    count_max: usize,
) -> Result<Vec<Folded<Contact>>, StoreError> {
    db.all(CONTACTS, params![client.0, after.0, after.1.0, count_max as i64], |row| {
        Ok((super::place::read_contact(row)?, row.get(7)?))
    })
}

/// Everybody, by name: a desk has hundreds of people, not millions.
pub fn people(db: &Db) -> Result<Vec<Folded<Person>>, StoreError> {
    db.all(PEOPLE, [], |row| Ok((super::person::read(row)?, row.get(19)?)))
}

/// A city or a district, and how many sites of the client lie there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceLine {
    pub country: String,
    pub city: String,
    pub district: Option<String>,
    pub sites: i64,
}

pub fn places(db: &Db, client: ClientId) -> Result<Vec<PlaceLine>, StoreError> {
    db.all(PLACES, [client.0], |row| {
        Ok(PlaceLine { country: row.get(0)?, city: row.get(1)?, district: row.get(2)?, sites: row.get(3)? })
    })
}

/// Who has a role, for a client or anywhere.
pub fn with_role(db: &Db, role: Role, client: Option<ClientId>) -> Result<Vec<PersonId>, StoreError> {
    match client {
        Some(client) => db.all(WITH_ROLE, params![super::word(role), client.0], |row| super::id(row, 0)),
        None => db.all(WITH_ROLE_ANYWHERE, [super::word(role)], |row| super::id(row, 0)),
    }
}

/// Who is in a queue, of a client or of any.
pub fn members(db: &Db, queue: &str, client: Option<ClientId>) -> Result<Vec<PersonId>, StoreError> {
    match client {
        Some(client) => db.all(MEMBERS, params![queue, client.0], |row| super::id(row, 0)),
        None => db.all(MEMBERS_ANYWHERE, [queue], |row| super::id(row, 0)),
    }
}

/// Where a site is, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLine {
    pub name: String,
    pub city: String,
    pub time_zone: String,
    pub address: String,
}

/// How people call a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketLine {
    pub client: ClientId,
    pub number: String,
    pub subject: crate::domain::TextId,
}

pub fn name_of_person(db: &Db, person: PersonId) -> Result<Option<String>, StoreError> {
    db.one(NAME_OF_PERSON, [person.0], |row| row.get(0))
}

pub fn line_of_site(db: &Db, site: SiteId) -> Result<Option<SiteLine>, StoreError> {
    db.one(NAME_OF_SITE, [site.0], |row| {
        Ok(SiteLine { name: row.get(0)?, city: row.get(1)?, time_zone: row.get(2)?, address: row.get(3)? })
    })
}

/// Tag and model.
pub fn tag_of_asset(db: &Db, asset: AssetId) -> Result<Option<(String, String)>, StoreError> {
    db.one(TAG_OF_ASSET, [asset.0], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub fn name_of_contact(db: &Db, contact: ContactId) -> Result<Option<String>, StoreError> {
    db.one(NAME_OF_CONTACT, [contact.0], |row| row.get(0))
}

pub fn name_of_sub_client(
    db: &Db,
    sub_client: crate::domain::SubClientId,
) -> Result<Option<String>, StoreError> {
    db.one(NAME_OF_SUB_CLIENT, [sub_client.0], |row| row.get(0))
}

pub fn line_of_ticket(db: &Db, ticket: TicketId) -> Result<Option<TicketLine>, StoreError> {
    db.one(NUMBER_OF_TICKET, [ticket.0], |row| {
        let prefix: String = row.get(3)?;
        let number: i64 = row.get(1)?;
        Ok(TicketLine {
            client: super::id(row, 0)?,
            number: format!("{prefix}-{number}"),
            subject: super::id(row, 2)?,
        })
    })
}

/// Whether anybody has a password; nobody means that the desk waits for its set-up.
pub fn anybody_can_log_in(db: &Db) -> Result<bool, StoreError> {
    Ok(db.one(ANYBODY_CAN_LOG_IN, [], |_| Ok(()))?.is_some())
}
