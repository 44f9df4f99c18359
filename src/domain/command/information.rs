//! What a step asks for and what is given in the same command, so that a dialog is one step and nothing is lost.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TicketChanges;

/// Goes along with a hand-over, an assignment, a resolution or a closing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Information {
    /// Made before the step asks; the status is the step's own.
    pub changes: TicketChanges,
    pub gaps: Gaps,
}

/// What happens while the information that the step asks for is incomplete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    #[default]
    Refuse,
    /// The step is taken and its event says what is missing: for scripts, which must never lose a ticket.
    Pass,
}

impl Information {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Information::default()
    }
}
