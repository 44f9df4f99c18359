//! The client's person says how a ticket was dealt with; a report is sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Recipient;
use crate::domain::monthly_report::ReportKind;
use crate::domain::{ClientId, TicketId};

/// Answers the question that the ticket's contact was asked. Said again within ten minutes, it replaces what was
/// said; after that the first answer stands and another is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateTicket {
    pub ticket: TicketId,
    /// 1 (very bad) to 5 (very good).
    pub score: i64,
    /// Why.
    #[serde(default)]
    pub comment: Option<String>,
}

/// A message that leads to a report about a month, with its headline numbers. Only staff get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendReport {
    /// Without one, the client of the script that asks.
    #[serde(default)]
    pub client: Option<ClientId>,
    pub report: ReportKind,
    /// How many months back from the present one, in the client's time; at most 24.
    pub months_back: i64,
    pub to: Recipient,
}
