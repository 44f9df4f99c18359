//! Sites, assets, contacts and partner organisations.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, id, json, key, maybe_id, maybe_key, person::maybe_json, search::fold,
    statements,
};
use crate::domain::client::{Asset, Contact, Site};
use crate::domain::person::Partner;
use crate::domain::{AssetId, ClientId, ContactId, PartnerId, SiteId};

statements! {
    GET_SITE = "select id, client, sub_client, name, address, city, country, time_zone, version, calendar, district,
        location from site where id = ?1";
    INSERT_SITE = "insert into site (id, client, sub_client, name, address, city, country, time_zone, version, folded,
        calendar, district, location) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    UPDATE_SITE = "update site set sub_client = ?3, name = ?4, address = ?5, city = ?6, country = ?7, time_zone = ?8,
        version = ?9, folded = ?10, calendar = ?11, district = ?12, location = ?13
        where id = ?1 and client = ?2 and version + 1 = ?9";
    GET_ASSET = "select id, client, site, tag, serial, model, certificates, is_active, version from asset where id = ?1";
    ASSET_BY_TAG = "select id, client, site, tag, serial, model, certificates, is_active, version from asset
        where client = ?1 and tag = ?2";
    INSERT_ASSET = "insert into asset (id, client, site, tag, serial, model, certificates, is_active, version, folded)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    UPDATE_ASSET = "update asset set site = ?3, tag = ?4, serial = ?5, model = ?6, certificates = ?7, is_active = ?8,
        version = ?9, folded = ?10 where id = ?1 and client = ?2 and version + 1 = ?9";
    GET_CONTACT = "select id, client, sub_client, name, email, phone, version from contact where id = ?1";
    INSERT_CONTACT = "insert into contact (id, client, sub_client, name, email, phone, version, folded)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    UPDATE_CONTACT = "update contact set sub_client = ?3, name = ?4, email = ?5, phone = ?6, version = ?7, folded = ?8
        where id = ?1 and client = ?2 and version + 1 = ?7";
    SITE_COUNT = "select count(*) from (select 1 as one from site where client = ?1 limit ?2) few";
    ASSET_COUNT = "select count(*) from (select 1 as one from asset where client = ?1 limit ?2) few";
    GET_PARTNER = "select id, key, name, version from partner where id = ?1";
    PARTNER_BY_KEY = "select id, key, name, version from partner where key = ?1";
    PARTNERS = "select id, key, name, version from partner order by name, id";
    INSERT_PARTNER = "insert into partner (id, key, name, version) values (?1, ?2, ?3, ?4)";
    UPDATE_PARTNER = "update partner set key = ?2, name = ?3, version = ?4 where id = ?1 and version + 1 = ?4";
}

pub fn site(db: &Db, site: SiteId) -> Result<Option<Site>, StoreError> {
    db.one(GET_SITE, [site.0], read_site)
}

/// How many sites a client has; counted up to `count_max`.
pub fn site_count(db: &Db, client: ClientId, count_max: usize) -> Result<usize, StoreError> {
    few(db, SITE_COUNT, client, count_max)
}

/// How many assets a client has; counted up to `count_max`.
pub fn asset_count(db: &Db, client: ClientId, count_max: usize) -> Result<usize, StoreError> {
    few(db, ASSET_COUNT, client, count_max)
}

fn few(db: &Db, sql: &str, client: ClientId, count_max: usize) -> Result<usize, StoreError> {
    let count = db.one(sql, params![client.0, count_max as i64], |row| row.get::<_, i64>(0))?;
    Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(0))
}

pub fn insert_site(tx: &Tx, site: &Site) -> Result<(), StoreError> {
    write_site(tx, INSERT_SITE, site).map(drop)
}

pub fn update_site(tx: &Tx, site: &Site) -> Result<bool, StoreError> {
    Ok(write_site(tx, UPDATE_SITE, site)? == 1)
}

fn write_site(tx: &Tx, sql: &str, site: &Site) -> Result<usize, StoreError> {
    let folded = fold(&[&site.name, &site.address, &site.city]);
    tx.run(
        sql,
        params![
            site.id.0,
            site.client.0,
            site.sub_client.map(|sub| sub.0),
            site.name,
            site.address,
            site.city,
            site.country,
            site.time_zone,
            site.version,
            folded,
            site.calendar.as_deref(),
            site.district,
            site.location.as_ref().map(json).transpose()?
        ],
    )
}

pub fn asset(db: &Db, asset: AssetId) -> Result<Option<Asset>, StoreError> {
    db.one(GET_ASSET, [asset.0], read_asset)
}

pub fn asset_by_tag(db: &Db, client: ClientId, tag: &str) -> Result<Option<Asset>, StoreError> {
    db.one(ASSET_BY_TAG, params![client.0, tag], read_asset)
}

pub fn insert_asset(tx: &Tx, asset: &Asset) -> Result<(), StoreError> {
    write_asset(tx, INSERT_ASSET, asset).map(drop)
}

pub fn update_asset(tx: &Tx, asset: &Asset) -> Result<bool, StoreError> {
    Ok(write_asset(tx, UPDATE_ASSET, asset)? == 1)
}

fn write_asset(tx: &Tx, sql: &str, asset: &Asset) -> Result<usize, StoreError> {
    let folded = fold(&[&asset.tag, &asset.serial, &asset.model]);
    tx.run(
        sql,
        params![
            asset.id.0,
            asset.client.0,
            asset.site.map(|site| site.0),
            asset.tag,
            asset.serial,
            asset.model,
            json(&asset.certificates)?,
            asset.is_active,
            asset.version,
            folded
        ],
    )
}

pub fn contact(db: &Db, contact: ContactId) -> Result<Option<Contact>, StoreError> {
    db.one(GET_CONTACT, [contact.0], read_contact)
}

pub fn insert_contact(tx: &Tx, contact: &Contact) -> Result<(), StoreError> {
    write_contact(tx, INSERT_CONTACT, contact).map(drop)
}

pub fn update_contact(tx: &Tx, contact: &Contact) -> Result<bool, StoreError> {
    Ok(write_contact(tx, UPDATE_CONTACT, contact)? == 1)
}

fn write_contact(tx: &Tx, sql: &str, contact: &Contact) -> Result<usize, StoreError> {
    let email = contact.email.as_deref().unwrap_or_default();
    let folded = fold(&[&contact.name, email, contact.phone.as_deref().unwrap_or_default()]);
    tx.run(
        sql,
        params![
            contact.id.0,
            contact.client.0,
            contact.sub_client.map(|sub| sub.0),
            contact.name,
            contact.email,
            contact.phone,
            contact.version,
            folded
        ],
    )
}

pub fn partner(db: &Db, partner: PartnerId) -> Result<Option<Partner>, StoreError> {
    db.one(GET_PARTNER, [partner.0], read_partner)
}

pub fn partner_by_key(db: &Db, partner_key: &str) -> Result<Option<Partner>, StoreError> {
    db.one(PARTNER_BY_KEY, [partner_key], read_partner)
}

pub fn partners(db: &Db) -> Result<Vec<Partner>, StoreError> {
    db.all(PARTNERS, [], read_partner)
}

pub fn insert_partner(tx: &Tx, partner: &Partner) -> Result<(), StoreError> {
    tx.run(INSERT_PARTNER, params![partner.id.0, partner.key.as_str(), partner.name, partner.version])
        .map(drop)
}

pub fn update_partner(tx: &Tx, partner: &Partner) -> Result<bool, StoreError> {
    Ok(tx.run(UPDATE_PARTNER, params![partner.id.0, partner.key.as_str(), partner.name, partner.version])?
        == 1)
}

pub(super) fn read_site(row: &Row<'_>) -> rusqlite::Result<Site> {
    Ok(Site {
        id: id(row, 0)?,
        client: id(row, 1)?,
        sub_client: maybe_id(row, 2)?,
        name: row.get(3)?,
        address: row.get(4)?,
        city: row.get(5)?,
        country: row.get(6)?,
        time_zone: row.get(7)?,
        version: row.get(8)?,
        calendar: maybe_key(row, 9)?,
        district: row.get(10)?,
        location: maybe_json(row, 11)?,
    })
}

pub(super) fn read_asset(row: &Row<'_>) -> rusqlite::Result<Asset> {
    Ok(Asset {
        id: id(row, 0)?,
        client: id(row, 1)?,
        site: maybe_id(row, 2)?,
        tag: row.get(3)?,
        serial: row.get(4)?,
        model: row.get(5)?,
        certificates: from_json(row, 6)?,
        is_active: row.get(7)?,
        version: row.get(8)?,
    })
}

pub(super) fn read_contact(row: &Row<'_>) -> rusqlite::Result<Contact> {
    Ok(Contact {
        id: id(row, 0)?,
        client: id(row, 1)?,
        sub_client: maybe_id(row, 2)?,
        name: row.get(3)?,
        email: row.get(4)?,
        phone: row.get(5)?,
        version: row.get(6)?,
    })
}

fn read_partner(row: &Row<'_>) -> rusqlite::Result<Partner> {
    Ok(Partner { id: id(row, 0)?, key: key(row, 1)?, name: row.get(2)?, version: row.get(3)? })
}
