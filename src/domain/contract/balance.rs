//! A month's balance: what was granted, adjusted and drawn, in the month of the client's zone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BalanceUnit, Charge, MonthlyPack};
use crate::domain::calendar::{CalendarError, Month};
use crate::domain::person::Actor;
use crate::domain::{
    AdjustmentId, ClientId, ContactId, Key, Moment, NamedContactId, PersonId, PriorityRaiseId, SubClientId,
    TextId, TicketId, TimeEntryId,
};

/// What a person added to a balance or took from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Adjustment {
    pub id: AdjustmentId,
    pub client: ClientId,
    /// Of a sub-client with a balance of its own; `null`: the client's.
    pub sub_client: Option<SubClientId>,
    /// It counts in the month of this moment.
    pub valid_from: Moment,
    pub unit: BalanceUnit,
    /// Minutes or requests; below zero it takes away.
    pub amount: i64,
    pub kind: AdjustmentKind,
    pub reason: TextId,
    pub author: Actor,
    pub recorded_at: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentKind {
    /// Paid for beside the package.
    Bought,
    /// Left over from another month.
    CarryOver,
    Correction,
}

/// That somebody may ask where the package names who may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedContact {
    pub id: NamedContactId,
    pub client: ClientId,
    pub contact: ContactId,
    pub valid_from: Moment,
    /// The first moment at which the contact is named no more.
    pub valid_until: Option<Moment>,
    pub author: Actor,
    pub recorded_at: Moment,
}

/// A priority that was raised for a client on the terms of its package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RaiseLine {
    pub id: PriorityRaiseId,
    pub ticket: TicketId,
    pub client: ClientId,
    /// Whose balance it concerns; `null`: the client's.
    pub sub_client: Option<SubClientId>,
    pub raised_at: Moment,
    pub from: i64,
    pub to: i64,
    pub charge: Charge,
    /// What it drew, in the unit of the balance; 0 unless it was drawn from it.
    pub amount: i64,
    pub unit: Option<BalanceUnit>,
    pub package: Key,
    /// Who of the client agreed.
    pub agreed_by: Option<ContactId>,
    pub author: Actor,
}

/// Something that used up a balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Draw {
    pub ticket: TicketId,
    /// In the month of this moment.
    pub at: Moment,
    pub amount: i64,
    #[serde(flatten)]
    pub what: DrawKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum DrawKind {
    TimeEntry { entry: TimeEntryId, person: PersonId },
    Request,
    PriorityRaise { raise: PriorityRaiseId },
}

/// How a month stands, in minutes or in requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Balance {
    pub unit: BalanceUnit,
    pub granted: i64,
    pub adjusted: i64,
    pub drawn: i64,
    /// Below zero when more was drawn than there was.
    pub left: i64,
}

impl Balance {
    #[must_use]
    pub fn new(monthly: &MonthlyPack, adjusted: i64, drawn: i64) -> Self {
        let (unit, granted) = (monthly.unit(), monthly.granted());
        let left = granted.saturating_add(adjusted).saturating_sub(drawn);
        Self { unit, granted, adjusted, drawn, left }
    }
}

/// How `month` stands: of what is handed in, only what is of this month (in `zone`) and of the pack's unit counts.
pub fn balance(
    monthly: &MonthlyPack,
    zone: &str,
    month: Month,
    adjustments: &[Adjustment],
    draws: &[Draw],
) -> Result<Balance, CalendarError> {
    let (from, to) = month.bounds(zone)?;
    let is_in = |at: Moment| from <= at && at < to;
    let unit = monthly.unit();
    let adjusted = adjustments
        .iter()
        .filter(|own| own.unit == unit && is_in(own.valid_from))
        .fold(0_i64, |sum, own| sum.saturating_add(own.amount));
    let drawn = draws
        .iter()
        .filter(|draw| is_in(draw.at) && draw.what.is_counted_in(unit))
        .fold(0_i64, |sum, draw| sum.saturating_add(draw.amount));
    Ok(Balance::new(monthly, adjusted, drawn))
}

impl DrawKind {
    fn is_counted_in(&self, unit: BalanceUnit) -> bool {
        match self {
            DrawKind::TimeEntry { .. } => unit == BalanceUnit::Minutes,
            DrawKind::Request => unit == BalanceUnit::Requests,
            // Only raises of the balance's own unit are handed in.
            DrawKind::PriorityRaise { .. } => true,
        }
    }
}
