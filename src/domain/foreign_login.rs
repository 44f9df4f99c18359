//! Whose a log-in of a client's own desk is, so that work under it counts; pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ClientId, ForeignLoginId, Key, Moment, PersonId};

/// The system that the ServiceNow import looks log-ins up in.
pub const SERVICENOW: &str = "servicenow";

/// A log-in of a client's own desk that is one of our people's, for a time. A row never changes but for its end, so
/// that a past moment can be seen as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForeignLogin {
    pub id: ForeignLoginId,
    pub client: ClientId,
    /// `servicenow`, `hpsm`.
    pub system: Key,
    /// As it was given; compared without regard to case.
    pub login: String,
    pub person: PersonId,
    pub valid_from: Moment,
    /// `null`: until further notice.
    pub valid_to: Option<Moment>,
    pub version: i64,
}

/// How a log-in is compared.
#[must_use]
pub fn folded(login: &str) -> String {
    login.trim().to_lowercase()
}
