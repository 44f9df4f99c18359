//! Commands about specialists and technical managers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::specialist::Speciality;
use crate::domain::{Moment, PersonId, SpecialistId};

/// Names a person a specialist, or a client's technical manager.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameSpecialist {
    pub person: PersonId,
    pub of: Speciality,
    /// Not in the past; absent: from now on.
    #[serde(default)]
    pub valid_from: Option<Moment>,
    /// The first moment at which it is over; absent: until further notice.
    #[serde(default)]
    pub valid_to: Option<Moment>,
}

/// Ends what somebody is a specialist of; the row stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSpecialist {
    pub specialist: SpecialistId,
    /// The version that was seen.
    pub version: i64,
    /// Not in the past; absent: now.
    pub at: Option<Moment>,
}
