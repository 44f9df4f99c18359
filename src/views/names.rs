//! Names of people, places and texts, each read once for a view.

use std::cell::RefCell;
use std::collections::HashMap;

use super::ViewError;
use super::ticket_row::{AssetRef, Ref, SiteRef};
use crate::domain::{AssetId, ContactId, PersonId, SiteId, SubClientId, TextId, TicketId};
use crate::store::place_list::TicketLine;
use crate::store::{self, Db};

/// What was read for this view so far.
#[derive(Debug)]
pub(super) struct Names<'a> {
    db: &'a Db,
    people: RefCell<HashMap<PersonId, Option<String>>>,
    sites: RefCell<HashMap<SiteId, Option<SiteRef>>>,
    assets: RefCell<HashMap<AssetId, Option<AssetRef>>>,
    tickets: RefCell<HashMap<TicketId, Option<TicketLine>>>,
}

impl<'a> Names<'a> {
    pub fn new(db: &'a Db) -> Self {
        Self {
            db,
            people: RefCell::default(),
            sites: RefCell::default(),
            assets: RefCell::default(),
            tickets: RefCell::default(),
        }
    }

    pub fn person(&self, person: PersonId) -> Result<Option<String>, ViewError> {
        if let Some(known) = self.people.borrow().get(&person) {
            return Ok(known.clone());
        }
        let name = store::place_list::name_of_person(self.db, person)?;
        self.people.borrow_mut().insert(person, name.clone());
        Ok(name)
    }

    pub fn person_ref(&self, person: PersonId) -> Result<Ref, ViewError> {
        Ok(Ref { id: person.to_string(), name: self.person(person)?.unwrap_or_default() })
    }

    pub fn site(&self, site: SiteId) -> Result<Option<SiteRef>, ViewError> {
        if let Some(known) = self.sites.borrow().get(&site) {
            return Ok(known.clone());
        }
        let line = store::place_list::line_of_site(self.db, site)?;
        let found = line.map(|line| SiteRef {
            id: site,
            name: line.name,
            city: line.city,
            time_zone: line.time_zone,
            address: line.address,
        });
        self.sites.borrow_mut().insert(site, found.clone());
        Ok(found)
    }

    pub fn asset(&self, asset: AssetId) -> Result<Option<AssetRef>, ViewError> {
        if let Some(known) = self.assets.borrow().get(&asset) {
            return Ok(known.clone());
        }
        let found = store::place_list::tag_of_asset(self.db, asset)?;
        let found = found.map(|(tag, model)| AssetRef { id: asset, tag, model });
        self.assets.borrow_mut().insert(asset, found.clone());
        Ok(found)
    }

    pub fn contact(&self, contact: ContactId) -> Result<Option<Ref>, ViewError> {
        let name = store::place_list::name_of_contact(self.db, contact)?;
        Ok(name.map(|name| Ref { id: contact.to_string(), name }))
    }

    pub fn sub_client(&self, sub_client: SubClientId) -> Result<Option<Ref>, ViewError> {
        let name = store::place_list::name_of_sub_client(self.db, sub_client)?;
        Ok(name.map(|name| Ref { id: sub_client.to_string(), name }))
    }

    pub fn ticket(&self, ticket: TicketId) -> Result<Option<TicketLine>, ViewError> {
        if let Some(known) = self.tickets.borrow().get(&ticket) {
            return Ok(known.clone());
        }
        let line = store::place_list::line_of_ticket(self.db, ticket)?;
        self.tickets.borrow_mut().insert(ticket, line.clone());
        Ok(line)
    }

    /// The words, unless they were erased.
    pub fn text(&self, text: TextId) -> Result<Option<String>, ViewError> {
        Ok(store::text::get(self.db, text)?)
    }

    pub fn maybe_text(&self, text: Option<TextId>) -> Result<Option<String>, ViewError> {
        text.map_or(Ok(None), |text| self.text(text))
    }
}
