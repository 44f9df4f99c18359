//! Major incidents and possible duplicates.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use super::records::Items;
use crate::commands::Done;
use crate::domain::command::{ChangeIncident, Command, DeclareIncident, EndIncident};
use crate::domain::{AssetId, ClientId, ContactId, Key, Refusal, SiteId, SubClientId, TicketId};
use crate::views::incident::{IncidentLine, IncidentPage, Request};
use crate::views::list::{Limit, List};
use crate::views::similar::SimilarLine;

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IncidentListQuery {
    /// `open` (so when absent) or `past`.
    pub state: Option<String>,
    pub client: Option<ClientId>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

/// A request that is being written down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestQuery {
    pub client: ClientId,
    pub sub_client: Option<SubClientId>,
    pub site: Option<SiteId>,
    pub asset: Option<AssetId>,
    pub contact: Option<ContactId>,
    pub category: Option<Key>,
    #[serde(default)]
    pub subject: String,
}

/// Of which incident: the parent ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachToIncident {
    pub incident: TicketId,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendIncidentUpdate {
    /// At most 64 KiB.
    pub text: String,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<IncidentListQuery>,
) -> Answer<List<IncidentLine>> {
    let limit = Limit::new(query.limit)?;
    let is_open = match query.state.as_deref() {
        None | Some("open") => true,
        Some("past") => false,
        Some(_) => return Err(Refusal::invalid("state", "take `open` or `past`").into()),
    };
    app.show(&caller, move |views, person| {
        views.incidents(person, is_open, query.client, query.cursor.as_deref(), limit)
    })
    .await
}

pub async fn matching(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RequestQuery>,
) -> Answer<Items<IncidentLine>> {
    app.show(&caller, move |views, person| {
        let client = query.client;
        Ok(Items { items: views.incidents_for(person, client, &query.into())? })
    })
    .await
}

pub async fn page(State(app): State<App>, caller: Caller, At(id): At<TicketId>) -> Answer<IncidentPage> {
    app.show(&caller, move |views, person| views.incident(person, id)).await
}

pub async fn similar(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
) -> Answer<Items<SimilarLine>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.similar(person, ticket)? })).await
}

pub async fn similar_to_request(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RequestQuery>,
) -> Answer<Items<SimilarLine>> {
    app.show(&caller, move |views, person| {
        let (client, contact) = (query.client, query.contact);
        Ok(Items { items: views.similar_to_request(person, client, contact, &query.into())? })
    })
    .await
}

pub async fn declare(State(app): State<App>, caller: Caller, body: Body<DeclareIncident>) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::DeclareIncident(Box::new(given))).await
}

pub async fn change(State(app): State<App>, caller: Caller, body: Body<ChangeIncident>) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::ChangeIncident(Box::new(given))).await
}

pub async fn end(State(app): State<App>, caller: Caller, body: Body<EndIncident>) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::EndIncident(Box::new(given))).await
}

pub async fn send_update(
    State(app): State<App>,
    caller: Caller,
    At(incident): At<TicketId>,
    body: Body<SendIncidentUpdate>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::SendIncidentUpdate { incident, text: given.text }).await
}

pub async fn gather(
    State(app): State<App>,
    caller: Caller,
    At(incident): At<TicketId>,
    body: Body<super::ticket_steps::Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::GatherForIncident { incident }).await
}

pub async fn attach(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    body: Body<AttachToIncident>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::AttachToIncident { ticket, incident: given.incident }).await
}

pub async fn detach(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    body: Body<super::ticket_steps::Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::DetachFromIncident { ticket }).await
}

impl From<RequestQuery> for Request {
    fn from(query: RequestQuery) -> Self {
        let RequestQuery { sub_client, site, asset, category, subject, .. } = query;
        Request { sub_client, site, asset, category, subject }
    }
}
