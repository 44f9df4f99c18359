//! Records of clients: the clients themselves, sub-clients, sites, assets, contacts, and partner organisations.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::{Answer, ApiError};
use super::query::SearchQuery;
use crate::commands::Done;
use crate::domain::client::{Client, Contact, Site, SubClient};
use crate::domain::command::{Command, PutAsset, PutClient, PutContact, PutSite, PutSubClient};
use crate::domain::person::Partner;
use crate::domain::{AssetId, ClientId, ContactId, Key, PartnerId, Refusal, SiteId, SubClientId};
use crate::views::list::{Limit, List};
use crate::views::places::{AssetLine, RecordQuery};
use crate::views::vocabulary::Vocabulary;

/// All there is, in one piece.
#[derive(Debug, Serialize)]
pub struct Items<T> {
    pub items: Vec<T>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecordListQuery {
    pub client: Option<ClientId>,
    /// For sites and contacts.
    pub sub_client: Option<SubClientId>,
    /// For assets.
    pub site: Option<SiteId>,
    /// Beginnings of words in any case; of numbers and addresses any part of three characters.
    pub q: Option<String>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

impl RecordListQuery {
    fn split(self) -> Result<(RecordQuery, Limit), Refusal> {
        let limit = Limit::new(self.limit)?;
        let query = RecordQuery {
            client: self.client,
            sub_client: self.sub_client,
            site: self.site,
            q: self.q,
            cursor: self.cursor,
        };
        Ok((query, limit))
    }
}

/// The id stands in the address; one in the body must be the same.
pub fn same_id<T: Copy + PartialEq>(address: Option<T>, body: Option<T>) -> Result<Option<T>, ApiError> {
    match (address, body) {
        (address, None) => Ok(address),
        (Some(address), Some(body)) if address == body => Ok(Some(address)),
        _ => Err(Refusal::invalid("id", "leave it out; the address says which record").into()),
    }
}

/// List, read, make and change one kind of record.
macro_rules! records {
    ($($list:ident, $get:ident, $make:ident, $change:ident: $id:ty, $line:ty, $put:ident, $views_list:ident, $views_get:ident;)*) => {$(
        pub async fn $list(
            State(app): State<App>,
            caller: Caller,
            Asked(query): Asked<RecordListQuery>,
        ) -> Answer<List<$line>> {
            let (query, limit) = query.split()?;
            app.show(&caller, move |views, person| views.$views_list(person, &query, limit)).await
        }

        pub async fn $get(State(app): State<App>, caller: Caller, At(id): At<$id>) -> Answer<$line> {
            app.show(&caller, move |views, person| views.$views_get(person, id)).await
        }

        pub async fn $make(State(app): State<App>, caller: Caller, body: Body<$put>) -> Answer<Done> {
            same_id(None, body.value.id)?;
            app.carry_out(&caller, body, |put| Command::$put(Box::new(put))).await
        }

        pub async fn $change(
            State(app): State<App>,
            caller: Caller,
            At(id): At<$id>,
            mut body: Body<$put>,
        ) -> Answer<Done> {
            body.value.id = same_id(Some(id), body.value.id)?;
            app.carry_out(&caller, body, |put| Command::$put(Box::new(put))).await
        }
    )*};
}

records! {
    sub_clients, sub_client, make_sub_client, change_sub_client:
        SubClientId, SubClient, PutSubClient, sub_clients, sub_client;
    sites, site, make_site, change_site: SiteId, Site, PutSite, sites, site;
    assets, asset, make_asset, change_asset: AssetId, AssetLine, PutAsset, assets, asset;
    contacts, contact, make_contact, change_contact: ContactId, Contact, PutContact, contacts, contact;
}

pub async fn clients(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<SearchQuery>,
) -> Answer<List<Client>> {
    let limit = Limit::new(query.limit)?;
    app.show(&caller, move |views, person| {
        views.clients(person, query.q.as_deref(), query.cursor.as_deref(), limit)
    })
    .await
}

pub async fn client(State(app): State<App>, caller: Caller, At(id): At<ClientId>) -> Answer<Client> {
    app.show(&caller, move |views, person| views.client(person, id)).await
}

pub async fn make_client(State(app): State<App>, caller: Caller, body: Body<PutClient>) -> Answer<Done> {
    same_id(None, body.value.id)?;
    app.carry_out(&caller, body, |put| Command::PutClient(Box::new(put))).await
}

pub async fn change_client(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ClientId>,
    mut body: Body<PutClient>,
) -> Answer<Done> {
    body.value.id = same_id(Some(id), body.value.id)?;
    app.carry_out(&caller, body, |put| Command::PutClient(Box::new(put))).await
}

pub async fn vocabularies(State(app): State<App>, caller: Caller) -> Answer<Items<Vocabulary>> {
    app.show(&caller, |views, person| Ok(Items { items: views.vocabularies(person)? })).await
}

pub async fn vocabulary(State(app): State<App>, caller: Caller, At(id): At<ClientId>) -> Answer<Vocabulary> {
    app.show(&caller, move |views, person| views.vocabulary(person, id)).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PartnerQuery {
    pub q: Option<String>,
}

pub async fn partners(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<PartnerQuery>,
) -> Answer<Items<Partner>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.partners(person, query.q.as_deref())? }))
        .await
}

pub async fn partner(State(app): State<App>, caller: Caller, At(id): At<PartnerId>) -> Answer<Partner> {
    app.show(&caller, move |views, person| views.partner(person, id)).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutPartner {
    #[serde(default)]
    pub version: Option<i64>,
    pub key: Key,
    pub name: String,
}

pub async fn make_partner(State(app): State<App>, caller: Caller, body: Body<PutPartner>) -> Answer<Done> {
    app.carry_out(&caller, body, |put| Command::PutPartner {
        id: None,
        version: put.version,
        key: put.key,
        name: put.name,
    })
    .await
}

pub async fn change_partner(
    State(app): State<App>,
    caller: Caller,
    At(id): At<PartnerId>,
    body: Body<PutPartner>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |put| Command::PutPartner {
        id: Some(id),
        version: put.version,
        key: put.key,
        name: put.name,
    })
    .await
}
