//! Possible duplicates: bounded sets of candidates, each along its own index, then ranked.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use super::{Db, StoreError, id, place, search, statements, text, ticket};
use crate::domain::id::smallest_at;
use crate::domain::similar::{Likeness, Traits, likeness};
use crate::domain::ticket::Ticket;
use crate::domain::{AssetId, ClientId, ContactId, Moment, SiteId, TicketId};

/// Latest tickets of the asset, and of the contact, that are looked at.
const OF_ONE_MAX: usize = 20;
/// Contacts of the same phone or e-mail that are looked at.
const CONTACTS_MAX: usize = 5;
/// Tickets that are read and compared, whatever led to them.
const COMPARED_MAX: usize = 100;
/// Most tickets that are answered.
pub const SIMILAR_MAX: usize = 10;

statements! {
    OF_ASSET = "select id from ticket where asset = ?1 and id > ?2 order by id desc limit ?3";
    OF_CONTACT = "select id from ticket where contact = ?1 and id > ?2 order by id desc limit ?3";
    SAME_PHONE = "select id from contact where client = ?1 and phone = ?2 limit ?3";
    SAME_EMAIL = "select id from contact where client = ?1 and email = ?2 limit ?3";
}

/// What others are compared with.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    pub asset: Option<AssetId>,
    pub contact: Option<ContactId>,
    pub site: Option<SiteId>,
    pub subject: &'a str,
    /// The ticket itself, when there is one already.
    pub but: Option<TicketId>,
    /// Tickets opened before are not looked at.
    pub since: Moment,
}

/// A ticket with its points and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Similar {
    pub ticket: Ticket,
    pub score: i64,
    pub reasons: Vec<Likeness>,
}

/// Tickets of the client that are not closed and may be about the same, the likeliest first.
pub fn find(db: &Db, client: ClientId, asked: &Asked<'_>) -> Result<Vec<Similar>, StoreError> {
    let stems = search::stems(asked.subject);
    let of = Traits {
        asset: asked.asset,
        contacts: same_person(db, client, asked.contact)?,
        site: asked.site,
        stems: stems.iter().cloned().collect(),
    };
    let mut found = Vec::new();
    for candidate in candidates(db, &of, &stems, asked.since)? {
        if Some(candidate) == asked.but {
            continue;
        }
        let Some(ticket) = ticket::get(db, candidate)? else { continue };
        if ticket.client != client || ticket.is_closed() {
            continue;
        }
        let subject = text::get(db, ticket.subject)?.unwrap_or_default();
        let other = Traits {
            asset: ticket.asset,
            contacts: ticket.contact.into_iter().collect(),
            site: ticket.site,
            stems: search::stems(&subject).into_iter().collect(),
        };
        if let Some((score, reasons)) = likeness(&of, &other) {
            found.push(Similar { ticket, score, reasons });
        }
    }
    found.sort_by_key(|one| (-one.score, -one.ticket.id.0));
    Ok(found)
}

/// The contact, and those whom the same phone or e-mail reaches: one person who came by two channels.
fn same_person(
    db: &Db,
    client: ClientId,
    contact: Option<ContactId>,
) -> Result<BTreeSet<ContactId>, StoreError> {
    let known = contact.map_or(Ok(None), |id| place::contact(db, id))?;
    let Some(contact) = known.filter(|known| known.client == client) else {
        return Ok(BTreeSet::new());
    };
    let mut people = BTreeSet::from([contact.id]);
    for (sql, value) in [(SAME_PHONE, &contact.phone), (SAME_EMAIL, &contact.email)] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            people.extend(
                db.all(sql, params![client.0, value, CONTACTS_MAX as i64], |row| id::<ContactId>(row, 0))?,
            );
        }
    }
    Ok(people)
}

fn candidates(db: &Db, of: &Traits, stems: &[String], since: Moment) -> Result<Vec<TicketId>, StoreError> {
    let after = smallest_at(since);
    let limit = OF_ONE_MAX as i64;
    // How many ways lead to each, so that the likeliest are read first.
    let mut ways: BTreeMap<TicketId, usize> = BTreeMap::new();
    let mut count = |tickets: Vec<TicketId>| {
        for ticket in tickets {
            *ways.entry(ticket).or_default() += 1;
        }
    };
    if let Some(asset) = of.asset {
        count(db.all(OF_ASSET, params![asset.0, after, limit], |row| id(row, 0))?);
    }
    for contact in &of.contacts {
        count(db.all(OF_CONTACT, params![contact.0, after, limit], |row| id(row, 0))?);
    }
    count(search::alike(db, stems, after)?);
    let mut tickets: Vec<(usize, TicketId)> = ways.into_iter().map(|(ticket, ways)| (ways, ticket)).collect();
    tickets.sort_unstable_by(|a, b| b.cmp(a));
    Ok(tickets.into_iter().take(COMPARED_MAX).map(|(_, ticket)| ticket).collect())
}
