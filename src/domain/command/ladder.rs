//! The command of scripts that expect something, or climb rung by rung until it comes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ladder::{About, Rung, Until};
use crate::domain::{Key, TicketId};

/// Starts a ladder, or an expectation: one rung until a stage is reached. One of the same name is put in its place;
/// nothing is started where the stage is reached already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartLadder {
    pub ticket: TicketId,
    /// Absent: made from what is expected, such as `order_1_accepted`.
    pub name: Option<Key>,
    pub about: About,
    pub until: Until,
    /// At least one, each not before the one above it.
    pub rungs: Vec<Rung>,
}
