//! `PutSite`, `PutAsset`, `PutContact`, `PutPartner`.

use super::client::{exists, made, seen, written};
use super::done::{DeskError, Done};
use super::open_ticket::{own_site, own_sub_client};
use super::words;
use super::work::Work;
use crate::domain::calendar;
use crate::domain::client::{Asset, Contact, Site};
use crate::domain::command::{PutAsset, PutContact, PutSite};
use crate::domain::permission::Step;
use crate::domain::person::Partner;
use crate::domain::{ClientId, Key, PartnerId, Refusal, SubClientId};
use crate::store;

/// Most certificates that an asset asks for.
const CERTIFICATES_MAX: usize = 20;
/// Most tickets that a refusal names.
const TICKETS_NAMED_MAX: usize = 20;

pub(super) fn put_site(work: &mut Work<'_>, put: PutSite) -> Result<Done, DeskError> {
    may_keep(work, put.client)?;
    let before = match put.id {
        Some(id) => {
            let found = store::place::site(&work.tx, id)?.filter(|site| site.client == put.client);
            Some(found.ok_or_else(|| Refusal::not_found("site", id))?.version)
        }
        None => None,
    };
    own_sub_client(work, "sub_client", put.sub_client, put.client)?;
    calendar::zone(&put.time_zone).map_err(|error| Refusal::invalid("time_zone", error.to_string()))?;
    let is_country = put.country.len() == 2 && put.country.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_country {
        return Err(Refusal::invalid("country", "must be two capitals (ISO 3166-1), such as KZ").into());
    }
    check_calendar(work, &put)?;
    let site = Site {
        id: put.id.unwrap_or_else(|| work.tx.id()),
        client: put.client,
        sub_client: put.sub_client,
        name: words::line("name", &put.name)?,
        address: words::line("address", &put.address)?,
        city: words::line("city", &put.city)?,
        country: put.country,
        time_zone: put.time_zone,
        calendar: put.calendar,
        district: words::maybe_line("district", put.district.as_deref())?,
        location: put.location,
        version: before.unwrap_or(0) + 1,
    };
    match before {
        Some(version) => {
            seen(put.version, version)?;
            written(store::place::update_site(&work.tx, &site)?, version)?;
        }
        None => store::place::insert_site(&work.tx, &site)?,
    }
    work.note_change(Some(site.client), "place");
    Ok(made(site.id.0, site.version))
}

/// A calendar that the site names must be the published pack's.
fn check_calendar(work: &mut Work<'_>, put: &PutSite) -> Result<(), DeskError> {
    let Some(calendar) = &put.calendar else { return Ok(()) };
    let client = store::client::get(&work.tx, put.client)?;
    let published = match client.and_then(|client| client.pack_version) {
        Some(version) => work.programs.pack(&work.tx, version)?,
        None => None,
    };
    let pack = &published.ok_or(Refusal::NothingPublished)?.pack;
    let known = || pack.calendars.iter().map(|calendar| calendar.key.as_str());
    if known().any(|key| *calendar == *key) {
        return Ok(());
    }
    Err(Refusal::unknown_key("calendar", "calendar", calendar, known()).into())
}

pub(super) fn put_asset(work: &mut Work<'_>, put: PutAsset) -> Result<Done, DeskError> {
    may_keep(work, put.client)?;
    let before = match put.id {
        Some(id) => {
            let found = store::place::asset(&work.tx, id)?.filter(|asset| asset.client == put.client);
            Some(found.ok_or_else(|| Refusal::not_found("asset", id))?.version)
        }
        None => None,
    };
    own_site(work, put.site, put.client)?;
    let tag = words::line("tag", &put.tag)?;
    let same_tag = store::place::asset_by_tag(&work.tx, put.client, &tag)?;
    if same_tag.is_some_and(|found| Some(found.id) != put.id) {
        return Err(exists("asset", "tag", &tag));
    }
    if put.certificates.len() > CERTIFICATES_MAX {
        let (field, count) = ("certificates".to_owned(), put.certificates.len());
        return Err(Refusal::TooMany { field, count, count_max: CERTIFICATES_MAX }.into());
    }
    let asset = Asset {
        id: put.id.unwrap_or_else(|| work.tx.id()),
        client: put.client,
        site: put.site,
        tag,
        serial: words::maybe_line("serial", Some(&put.serial))?.unwrap_or_default(),
        model: words::line("model", &put.model)?,
        certificates: put.certificates,
        is_active: put.is_active,
        version: before.unwrap_or(0) + 1,
    };
    match before {
        Some(version) => {
            seen(put.version, version)?;
            written(store::place::update_asset(&work.tx, &asset)?, version)?;
        }
        None => store::place::insert_asset(&work.tx, &asset)?,
    }
    work.note_change(Some(asset.client), "place");
    Ok(made(asset.id.0, asset.version))
}

pub(super) fn put_contact(work: &mut Work<'_>, put: PutContact) -> Result<Done, DeskError> {
    may_keep(work, put.client)?;
    let before = match put.id {
        Some(id) => {
            let found = store::place::contact(&work.tx, id)?.filter(|contact| contact.client == put.client);
            Some(found.ok_or_else(|| Refusal::not_found("contact", id))?)
        }
        None => None,
    };
    own_sub_client(work, "sub_client", put.sub_client, put.client)?;
    if let (Some(before), Some(to)) = (&before, put.sub_client)
        && before.sub_client != put.sub_client
    {
        leaves_no_ticket_behind(work, before, to)?;
    }
    let before = before.map(|before| before.version);
    let contact = Contact {
        id: put.id.unwrap_or_else(|| work.tx.id()),
        client: put.client,
        sub_client: put.sub_client,
        name: words::line("name", &put.name)?,
        email: email("email", put.email.as_deref())?,
        phone: words::maybe_line("phone", put.phone.as_deref())?,
        version: before.unwrap_or(0) + 1,
    };
    match before {
        Some(version) => {
            seen(put.version, version)?;
            written(store::place::update_contact(&work.tx, &contact)?, version)?;
        }
        None => store::place::insert_contact(&work.tx, &contact)?,
    }
    work.note_change(Some(contact.client), "place");
    Ok(made(contact.id.0, contact.version))
}

/// Whom open tickets of one sub-client name is no other's: its people would read the name, and be told no more.
fn leaves_no_ticket_behind(work: &mut Work<'_>, contact: &Contact, to: SubClientId) -> Result<(), DeskError> {
    let mut numbers = Vec::new();
    for id in store::ticket::open_elsewhere(&work.tx, contact.id, to, TICKETS_NAMED_MAX)? {
        let ticket = work.ticket(id)?;
        numbers.push(work.programs.number(&work.tx, ticket.client, ticket.number)?);
    }
    if numbers.is_empty() { Ok(()) } else { Err(Refusal::ContactOnTickets { numbers }.into()) }
}

pub(super) fn put_partner(
    work: &mut Work<'_>,
    id: Option<PartnerId>,
    version: Option<i64>,
    key: Key,
    name: &str,
) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    let before = match id {
        Some(id) => {
            let found = store::place::partner(&work.tx, id)?;
            Some(found.ok_or_else(|| Refusal::not_found("partner organisation", id))?.version)
        }
        None => None,
    };
    let same_key = store::place::partner_by_key(&work.tx, &key)?;
    if same_key.is_some_and(|found| Some(found.id) != id) {
        return Err(exists("partner organisation", "key", &key));
    }
    let partner = Partner {
        id: id.unwrap_or_else(|| work.tx.id()),
        key,
        name: words::line("name", name)?,
        version: before.unwrap_or(0) + 1,
    };
    match before {
        Some(current) => {
            seen(version, current)?;
            written(store::place::update_partner(&work.tx, &partner)?, current)?;
        }
        None => store::place::insert_partner(&work.tx, &partner)?,
    }
    work.note_change(None, "place");
    Ok(made(partner.id.0, partner.version))
}

fn may_keep(work: &mut Work<'_>, client: ClientId) -> Result<(), DeskError> {
    work.require_for(Step::KeepRecords, Some(client))?;
    store::client::get(&work.tx, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
    Ok(())
}

/// An address that could be one; the mail server is the only judge of more.
pub(super) fn email(field: &str, address: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(address) = words::maybe_line(field, address)? else { return Ok(None) };
    let (user, host) = address.rsplit_once('@').unwrap_or_default();
    if user.is_empty() || host.is_empty() || address.contains(char::is_whitespace) {
        return Err(Refusal::invalid(field, "is not an e-mail address, such as name@example.org"));
    }
    Ok(Some(address))
}
