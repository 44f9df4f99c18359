//! Commands about a script's messages beyond its budget.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::HoldId;

/// Lets the messages of a hold go out, in turns; the hour of its handler begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveHold {
    pub hold: HoldId,
    /// The version of the hold that was seen.
    pub version: i64,
    /// How many messages the person saw: what joined since goes along, at most 100; with more it is refused.
    pub messages: i64,
    /// Leaves out those whose ticket was closed since.
    #[serde(default)]
    pub is_without_stale: bool,
}

/// Discards the messages of a hold, in turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscardHold {
    pub hold: HoldId,
    /// The version of the hold that was seen.
    pub version: i64,
    /// How many messages the person saw: what joined since goes along, at most 100; with more it is refused.
    pub messages: i64,
    /// Shown on each ticket; at most 500 bytes.
    pub reason: String,
}
