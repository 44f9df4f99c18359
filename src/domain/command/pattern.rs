//! Commands about shift patterns: kept by name, laid over a period for people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::calendar::Day;
use crate::domain::roster::PatternSlot;
use crate::domain::{ClientId, Key, PatternId, PersonId};

/// Makes a pattern (no id) or changes one (id and the version that was seen). Shifts that were made by it stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutShiftPattern {
    #[serde(default)]
    pub id: Option<PatternId>,
    #[serde(default)]
    pub version: Option<i64>,
    /// One line; no other pattern may have it.
    pub name: String,
    /// After so many days it begins again: 4 for two on and two off, 7 for a week. From 1 to 366.
    pub cycle_days: i64,
    /// The day of the week that is day 1, for a cycle of whole weeks; without it, the first day of the period that the
    /// pattern is laid over.
    #[serde(default)]
    pub starts_on: Option<Day>,
    /// At most 400; those of one person's cycle must not overlap.
    pub slots: Vec<PatternSlot>,
}

/// Makes the shifts of a pattern over a period: all of them, or none. The answer's id is the series of the shifts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyShiftPattern {
    pub pattern: PatternId,
    /// At least one, at most 1,000.
    pub people: Vec<PatternPerson>,
    /// The first day on which a shift may begin: `2026-12-01`.
    pub first_day: String,
    /// The last, included: `2026-12-31`; at most 366 days.
    pub last_day: String,
    /// IANA name; the slots' hours are as its clocks show them.
    pub time_zone: String,
    /// The shifts count for this queue only.
    #[serde(default)]
    pub queue: Option<Key>,
    /// The shifts count for this client only.
    #[serde(default)]
    pub client: Option<ClientId>,
    #[serde(default)]
    pub note: Option<String>,
}

/// Who works by the pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatternPerson {
    pub person: PersonId,
    /// So many days later than the others this person begins the cycle: 2 for the second crew of two on and two off.
    #[serde(default)]
    pub offset_days: i64,
}
