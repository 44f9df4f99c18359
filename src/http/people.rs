//! People, their roles and memberships.

use std::collections::BTreeSet;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::records::Items;
use crate::commands::Done;
use crate::domain::command::{Command, EndSpecialist, NameSpecialist, PutPerson};
use crate::domain::person::{Grant, Membership, Person, Role};
use crate::domain::{ClientId, Key, Moment, PersonId, Refusal, SpecialistId};
use crate::views::list::{Limit, List};
use crate::views::person_list::{AccessLine, AffiliationKind, PersonQuery};
use crate::views::specialist::{SpecialistLine, SpecialistQuery};
use crate::views::territory::TerritoryLine;

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PersonListQuery {
    pub role: Option<Role>,
    pub client: Option<ClientId>,
    /// Members of this support line or department.
    pub queue: Option<Key>,
    pub is_active: Option<bool>,
    pub affiliation: Option<AffiliationKind>,
    pub q: Option<String>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<PersonListQuery>,
) -> Answer<List<Person>> {
    let limit = Limit::new(query.limit)?;
    let query = PersonQuery {
        role: query.role,
        client: query.client,
        queue: query.queue,
        is_active: query.is_active,
        affiliation: query.affiliation,
        q: query.q,
        cursor: query.cursor,
    };
    app.show(&caller, move |views, person| views.people(person, &query, limit)).await
}

pub async fn get(State(app): State<App>, caller: Caller, At(id): At<PersonId>) -> Answer<Person> {
    app.show(&caller, move |views, person| views.person(person, id)).await
}

pub async fn make(State(app): State<App>, caller: Caller, body: Body<PutPerson>) -> Answer<Done> {
    if body.value.id.is_some() {
        return Err(Refusal::invalid("id", "leave it out; a new person gets one").into());
    }
    app.carry_out(&caller, body, |put| Command::PutPerson(Box::new(put))).await
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    At(id): At<PersonId>,
    mut body: Body<PutPerson>,
) -> Answer<Done> {
    if body.value.id.is_some_and(|given| given != id) {
        return Err(Refusal::invalid("id", "leave it out; the address says which person").into());
    }
    body.value.id = Some(id);
    let answer = app.carry_out(&caller, body, |put| Command::PutPerson(Box::new(put))).await;
    // A person who was made inactive is out at once.
    app.known.forget();
    answer
}

pub async fn access(State(app): State<App>, caller: Caller, At(id): At<PersonId>) -> Answer<AccessLine> {
    app.show(&caller, move |views, person| views.access(person, id)).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAccess {
    pub grants: BTreeSet<Grant>,
    pub memberships: BTreeSet<Membership>,
}

pub async fn set_access(
    State(app): State<App>,
    caller: Caller,
    At(person): At<PersonId>,
    body: Body<SetAccess>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::SetAccess {
        person,
        grants: given.grants,
        memberships: given.memberships,
    })
    .await
}

pub async fn territories(State(app): State<App>, caller: Caller) -> Answer<Items<TerritoryLine>> {
    app.show(&caller, |views, person| Ok(Items { items: views.territories(person)? })).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SpecialistListQuery {
    /// Needed, or `client`.
    pub person: Option<PersonId>,
    pub client: Option<ClientId>,
    /// Those that were valid then; without it, those that are now or will be.
    pub at: Option<Moment>,
}

pub async fn specialists(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<SpecialistListQuery>,
) -> Answer<Items<SpecialistLine>> {
    let query = SpecialistQuery { person: query.person, client: query.client, at: query.at };
    app.show(&caller, move |views, person| Ok(Items { items: views.specialists(person, query)? })).await
}

pub async fn name_specialist(
    State(app): State<App>,
    caller: Caller,
    body: Body<NameSpecialist>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |name| Command::NameSpecialist(Box::new(name))).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSpeciality {
    /// The version that was seen.
    pub version: i64,
    /// Not in the past; absent: now.
    #[serde(default)]
    pub at: Option<Moment>,
}

pub async fn end_specialist(
    State(app): State<App>,
    caller: Caller,
    At(specialist): At<SpecialistId>,
    body: Body<EndSpeciality>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let end = EndSpecialist { specialist, version: given.version, at: given.at };
        Command::EndSpecialist(Box::new(end))
    })
    .await
}
