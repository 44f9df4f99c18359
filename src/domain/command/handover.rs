//! Handing over one's open tickets before leaving.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{PersonId, TicketId};

/// Hands open tickets of a person over, each as the client's rule `by_hand` says and each alone: what one
/// is refused for keeps no other back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// Whose tickets; without one, the acting person's. Those of another only a supervisor of the client hands over.
    #[serde(default)]
    pub person: Option<PersonId>,
    pub tickets: Vec<HandOverTicket>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverTicket {
    pub ticket: TicketId,
    /// What the next person should know beside the summary.
    #[serde(default)]
    pub note: Option<String>,
}
