//! Contracts: the page of a client or a sub-client, who is named, the balance, what a ticket's coverage is.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::Answer;
use crate::commands::Done;
use crate::domain::calendar::Month;
use crate::domain::command::{AdjustBalance, Command, RaisePriority, SetNamedContact, Switch};
use crate::domain::contract::AdjustmentKind;
use crate::domain::{ClientId, ContactId, Moment, SubClientId, TicketId};
use crate::views::contract::{ContractPage, CoverageLine};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ContractQuery {
    /// A sub-client of the client; without one, the client itself.
    pub sub_client: Option<SubClientId>,
    /// `2026-11`, in the client's zone; this month when absent.
    pub month: Option<Month>,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<ContractQuery>,
) -> Answer<ContractPage> {
    app.show(&caller, move |views, person| views.contract(person, client, query.sub_client, query.month))
        .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameContact {
    pub contact: ContactId,
    pub state: Switch,
    /// From when on; now when absent. At most 400 days from now.
    #[serde(default)]
    pub from: Option<Moment>,
}

pub async fn name_contact(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<NameContact>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let NameContact { contact, state, from } = given;
        Command::SetNamedContact(Box::new(SetNamedContact { client, contact, state, from }))
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustBalanceHere {
    /// A sub-client with a package of its own; absent: the client.
    #[serde(default)]
    pub sub_client: Option<SubClientId>,
    /// Minutes where the package grants hours, requests where it grants requests; below zero it takes away.
    pub amount: i64,
    pub kind: AdjustmentKind,
    /// One line.
    pub reason: String,
    /// It counts in the month of this moment, in the client's zone; now when absent. At most 400 days from now.
    #[serde(default)]
    pub valid_from: Option<Moment>,
}

pub async fn adjust(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<AdjustBalanceHere>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let AdjustBalanceHere { sub_client, amount, kind, reason, valid_from } = given;
        let adjust = AdjustBalance { client, sub_client, amount, kind, reason, valid_from };
        Command::AdjustBalance(Box::new(adjust))
    })
    .await
}

pub async fn coverage(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
) -> Answer<CoverageLine> {
    app.show(&caller, move |views, person| views.coverage(person, ticket)).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RaisePriorityHere {
    /// The version that was seen; another one is refused.
    #[serde(default)]
    pub version: Option<i64>,
    /// More pressing than now: a smaller number.
    pub to: i64,
    /// The price, or what it draws from the balance, was agreed to. Needed where a raise is not free; without it the
    /// answer is 409 `agreement_needed`, which says the price.
    #[serde(default)]
    pub is_agreed: bool,
    /// Which contact of the client agreed; a contact who asks agrees for itself.
    #[serde(default)]
    pub agreed_by: Option<ContactId>,
    #[serde(default)]
    pub reason: Option<String>,
}

pub async fn raise(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    body: Body<RaisePriorityHere>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let RaisePriorityHere { version, to, is_agreed, agreed_by, reason } = given;
        let raise = RaisePriority { ticket, version, to, is_agreed, agreed_by, reason };
        Command::RaisePriority(Box::new(raise))
    })
    .await
}
