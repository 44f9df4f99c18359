//! Commands about a client's shadow.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ClientId;

/// Lets the saved draft decide beside the published version for a time; nothing of it is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartShadow {
    pub client: ClientId,
    /// How long; 1 to 336 (14 days).
    pub hours: i64,
}
