//! Lists and single records of clients: sub-clients, sites, assets, contacts, and partner organisations.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::client::{Asset, Client, Contact, Site, SubClient};
use crate::domain::permission::Reach;
use crate::domain::person::Partner;
use crate::domain::{AssetId, ClientId, ContactId, PartnerId, PersonId, Refusal, SiteId, SubClientId};
use crate::store;

/// Rows read at once while a list is searched.
const ROWS_READ: usize = 500;

/// An asset with where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssetLine {
    #[serde(flatten)]
    pub asset: Asset,
    pub site_name: Option<String>,
    pub city: Option<String>,
}

/// Which records somebody wants to see.
#[derive(Debug, Clone, Default)]
pub struct RecordQuery {
    pub client: Option<ClientId>,
    pub sub_client: Option<SubClientId>,
    pub site: Option<SiteId>,
    /// Beginnings of words, in any case.
    pub q: Option<String>,
    pub cursor: Option<String>,
}

/// Where a page of records ended: the client, what rows are ordered by, the row.
type Place = (i64, String, i64);

impl Views {
    pub fn clients(
        &self,
        person: PersonId,
        q: Option<&str>,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<Client>, ViewError> {
        self.read(person, |reading| {
            let wanted = Words::new(q);
            let after: Option<(String, i64)> = decode(cursor)?;
            let clients = reading.clients()?.into_iter().filter(|client| {
                let folded = store::search::fold(&[&client.name, &client.key, &client.prefix]);
                let follows =
                    after.as_ref().is_none_or(|(name, id)| (&client.name, client.id.0) > (name, *id));
                follows && wanted.are_in(&folded)
            });
            let mut clients: Vec<Client> = clients.collect();
            clients.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            Ok(List::cut(clients, limit, |client| (client.name.clone(), client.id.0)))
        })
    }

    pub fn client(&self, person: PersonId, id: ClientId) -> Result<Client, ViewError> {
        self.read(person, |reading| reading.client(id))
    }

    pub fn sub_clients(
        &self,
        person: PersonId,
        query: &RecordQuery,
        limit: Limit,
    ) -> Result<List<SubClient>, ViewError> {
        self.read(person, |reading| {
            reading.records(
                query,
                limit,
                |client, (name, id), count_max| {
                    let subs = store::client::subs_of(reading.db, client)?;
                    let following = subs.into_iter().filter(|sub| (sub.name.as_str(), sub.id.0) > (name, id));
                    Ok(following
                        .take(count_max)
                        .map(|sub| {
                            let folded = store::search::fold(&[&sub.name, &sub.key]);
                            (sub, folded)
                        })
                        .collect())
                },
                |sub| (sub.client.0, sub.name.clone(), sub.id.0),
                |sub| reading.reaches_sub_client(sub.id),
            )
        })
    }

    pub fn sites(
        &self,
        person: PersonId,
        query: &RecordQuery,
        limit: Limit,
    ) -> Result<List<Site>, ViewError> {
        self.read(person, |reading| {
            reading.records(
                query,
                limit,
                |client, (name, id), count_max| {
                    Ok(store::place_list::sites(reading.db, client, (name, SiteId(id)), count_max)?)
                },
                |site| (site.client.0, site.name.clone(), site.id.0),
                |site| {
                    query.sub_client.is_none_or(|only| site.sub_client == Some(only))
                        && reading.scope.reaches(site.client, site.sub_client)
                },
            )
        })
    }

    pub fn assets(
        &self,
        person: PersonId,
        query: &RecordQuery,
        limit: Limit,
    ) -> Result<List<AssetLine>, ViewError> {
        self.read(person, |reading| {
            let own_sites = reading.own_sites()?;
            let page = reading.records(
                query,
                limit,
                |client, (tag, _), count_max| {
                    Ok(store::place_list::assets(reading.db, client, tag, count_max)?)
                },
                |asset| (asset.client.0, asset.tag.clone(), asset.id.0),
                |asset| {
                    query.site.is_none_or(|only| asset.site == Some(only))
                        && own_sites
                            .as_ref()
                            .is_none_or(|own| asset.site.is_some_and(|site| own.contains(&site)))
                },
            )?;
            page.try_map(|asset| reading.asset_line(asset))
        })
    }

    pub fn contacts(
        &self,
        person: PersonId,
        query: &RecordQuery,
        limit: Limit,
    ) -> Result<List<Contact>, ViewError> {
        self.read(person, |reading| {
            reading.records(
                query,
                limit,
                |client, (name, id), count_max| {
                    Ok(store::place_list::contacts(reading.db, client, (name, ContactId(id)), count_max)?)
                },
                |contact| (contact.client.0, contact.name.clone(), contact.id.0),
                |contact| {
                    query.sub_client.is_none_or(|only| contact.sub_client == Some(only))
                        && reading.scope.reaches(contact.client, contact.sub_client)
                },
            )
        })
    }

    pub fn sub_client(&self, person: PersonId, id: SubClientId) -> Result<SubClient, ViewError> {
        self.read(person, |reading| {
            let found = store::client::get_sub(reading.db, id)?;
            reading.own_record(
                found,
                |sub| (sub.client, Some(sub.id)),
                || Refusal::not_found("sub-client", id),
            )
        })
    }

    pub fn site(&self, person: PersonId, id: SiteId) -> Result<Site, ViewError> {
        self.read(person, |reading| {
            let found = store::place::site(reading.db, id)?;
            let owner = |site: &Site| (site.client, site.sub_client);
            reading.own_record(found, owner, || Refusal::not_found("site", id))
        })
    }

    pub fn asset(&self, person: PersonId, id: AssetId) -> Result<AssetLine, ViewError> {
        self.read(person, |reading| {
            let found = store::place::asset(reading.db, id)?;
            let site = found.as_ref().and_then(|asset| asset.site);
            let site = site.map_or(Ok(None), |id| store::place::site(reading.db, id))?;
            let sub_client = site.and_then(|site| site.sub_client);
            let owner = |asset: &Asset| (asset.client, sub_client);
            let asset = reading.own_record(found, owner, || Refusal::not_found("asset", id))?;
            reading.asset_line(asset)
        })
    }

    pub fn contact(&self, person: PersonId, id: ContactId) -> Result<Contact, ViewError> {
        self.read(person, |reading| {
            let found = store::place::contact(reading.db, id)?;
            let owner = |contact: &Contact| (contact.client, contact.sub_client);
            reading.own_record(found, owner, || Refusal::not_found("contact", id))
        })
    }

    /// Partner organisations: staff sees all, a partner's person its own.
    pub fn partners(&self, person: PersonId, q: Option<&str>) -> Result<Vec<Partner>, ViewError> {
        self.read(person, |reading| {
            let wanted = Words::new(q);
            let mut partners = store::place::partners(reading.db)?;
            partners.retain(|partner| {
                reading.sees_partner(partner.id)
                    && wanted.are_in(&store::search::fold(&[&partner.name, &partner.key]))
            });
            Ok(partners)
        })
    }

    pub fn partner(&self, person: PersonId, id: PartnerId) -> Result<Partner, ViewError> {
        self.read(person, |reading| {
            let found = store::place::partner(reading.db, id)?.filter(|_| reading.sees_partner(id));
            found.ok_or_else(|| Refusal::not_found("partner", id).into())
        })
    }
}

impl Reading<'_> {
    fn sees_partner(&self, partner: PartnerId) -> bool {
        self.sees_internals() || self.scope.partner() == Some(partner)
    }

    fn asset_line(&self, asset: Asset) -> Result<AssetLine, ViewError> {
        let site = asset.site.map_or(Ok(None), |id| self.names.site(id))?;
        let (site_name, city) = site.map(|site| (site.name, site.city)).unzip();
        Ok(AssetLine { asset, site_name, city })
    }

    /// Whether records of the sub-client may be read, as far as sub-clients are told apart.
    pub(super) fn reaches_sub_client(&self, id: SubClientId) -> bool {
        self.scope.sub_client().is_none_or(|own| own == id)
    }

    /// Sites of the reader's sub-client, whose assets can be read; nothing when sub-clients are not told apart.
    fn own_sites(&self) -> Result<Option<BTreeSet<SiteId>>, ViewError> {
        if self.scope.sub_client().is_none() {
            return Ok(None);
        }
        let mut own = BTreeSet::new();
        for client in self.record_clients(None)? {
            let mut from = (String::new(), SiteId(0));
            loop {
                let read = store::place_list::sites(self.db, client, (&from.0, from.1), ROWS_READ)?;
                let is_end = read.len() < ROWS_READ;
                if let Some((last, _)) = read.last() {
                    from = (last.name.clone(), last.id);
                }
                let reached =
                    read.into_iter().filter(|(site, _)| self.scope.reaches(client, site.sub_client));
                own.extend(reached.map(|(site, _)| site.id));
                if is_end {
                    break;
                }
            }
        }
        Ok(Some(own))
    }

    /// The record if its client, and its sub-client where these are told apart, is one that the person sees.
    fn own_record<T>(
        &self,
        found: Option<T>,
        owner: impl Fn(&T) -> (ClientId, Option<SubClientId>),
        missing: impl Fn() -> Refusal,
    ) -> Result<T, ViewError> {
        let found = found.filter(|record| {
            let (client, sub_client) = owner(record);
            self.scope.reaches(client, sub_client)
        });
        found.ok_or_else(|| missing().into())
    }

    /// A page through the records of each client in turn. `read` answers rows after a place, `place` tells where
    /// a row stands.
    fn records<T>(
        &self,
        query: &RecordQuery,
        limit: Limit,
        read: impl Fn(ClientId, (&str, i64), usize) -> Result<Vec<(T, String)>, ViewError>,
        place: impl Fn(&T) -> Place,
        suits: impl Fn(&T) -> bool,
    ) -> Result<List<T>, ViewError> {
        let wanted = Words::new(query.q.as_deref());
        let after: Option<Place> = decode(query.cursor.as_deref())?;
        let mut rows = Vec::new();
        for client in self.record_clients(query.client)? {
            let mut from = match &after {
                Some((of_client, ..)) if client.0 < *of_client => continue,
                Some((of_client, text, id)) if client.0 == *of_client => (text.clone(), *id),
                _ => (String::new(), 0),
            };
            while rows.len() < limit.and_one() {
                let read = read(client, (&from.0, from.1), ROWS_READ)?;
                let is_end = read.len() < ROWS_READ;
                if let Some((last, _)) = read.last() {
                    let (_, text, id) = place(last);
                    from = (text, id);
                }
                let found = read.into_iter().filter(|(row, folded)| suits(row) && wanted.are_in(folded));
                rows.extend(found.map(|(row, _)| row));
                if is_end {
                    break;
                }
            }
            if rows.len() >= limit.and_one() {
                break;
            }
        }
        Ok(List::cut(rows, limit, place))
    }
}

/// Beginnings of words that a folded text must have.
pub(super) struct Words(Vec<String>);

impl Words {
    pub fn new(q: Option<&str>) -> Self {
        let folded = store::search::fold(&[q.unwrap_or_default()]);
        Self(folded.split_whitespace().map(str::to_owned).collect())
    }

    pub fn are_in(&self, folded: &str) -> bool {
        self.0.iter().all(|wanted| {
            folded.split(' ').any(|word| word.starts_with(wanted.as_str()))
                // A part of a number or an address is looked for inside the word too.
                || (wanted.len() >= 3 && folded.contains(wanted.as_str()))
        })
    }
}

/// Whether a reach names all, for people who administer the whole desk.
pub(super) fn is_everything(reach: &Reach) -> bool {
    *reach == Reach::All
}
