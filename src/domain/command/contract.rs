//! Commands about contracts: who may ask, what is added to a balance, a priority that the client has raised.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Switch;
use crate::domain::contract::AdjustmentKind;
use crate::domain::{ClientId, ContactId, Moment, SubClientId, TicketId};

/// Names a contact of the client as one who may ask, or takes the name away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetNamedContact {
    pub client: ClientId,
    pub contact: ContactId,
    pub state: Switch,
    /// From when on; now when absent. Not before the contact was last named or ceased to be.
    #[serde(default)]
    pub from: Option<Moment>,
}

/// Adds to the balance of a month, or takes from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustBalance {
    pub client: ClientId,
    /// A sub-client with a package of its own; absent: the client.
    #[serde(default)]
    pub sub_client: Option<SubClientId>,
    /// Minutes where the package grants hours, requests where it grants requests; below zero it takes away.
    pub amount: i64,
    pub kind: AdjustmentKind,
    /// One line.
    pub reason: String,
    /// It counts in the month of this moment, in the client's zone; now when absent.
    #[serde(default)]
    pub valid_from: Option<Moment>,
}

/// Raises the priority of a ticket on the terms of the client's package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RaisePriority {
    pub ticket: TicketId,
    #[serde(default)]
    pub version: Option<i64>,
    /// More pressing than now: a smaller number.
    pub to: i64,
    /// The price, or what it draws from the balance, was agreed to. Needed where a raise is not free.
    #[serde(default)]
    pub is_agreed: bool,
    /// Who of the client agreed; needed with `is_agreed` unless the contact itself asks.
    #[serde(default)]
    pub agreed_by: Option<ContactId>,
    #[serde(default)]
    pub reason: Option<String>,
}
