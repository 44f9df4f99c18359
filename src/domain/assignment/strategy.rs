//! How those who suit are compared: strategies that scripts and queues name, and what each measures.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Candidate, Wanted};

/// How those who suit are compared. Of more than one, each counts where those before it make no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The smallest part of the capacity in use; tickets weigh by priority.
    LeastLoaded,
    /// Whoever was given a ticket longest ago.
    RoundRobin,
    /// Whoever had a ticket (for a visit: a visit) of the same asset last.
    SamePersonAsAsset,
    /// The grade that exceeds the one asked for the least.
    NearestGrade,
}

impl Strategy {
    pub const ALL: [Strategy; 4] =
        [Strategy::LeastLoaded, Strategy::RoundRobin, Strategy::SamePersonAsAsset, Strategy::NearestGrade];

    /// The word of scripts and settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Strategy::LeastLoaded => "least_loaded",
            Strategy::RoundRobin => "round_robin",
            Strategy::SamePersonAsAsset => "same_person_as_asset",
            Strategy::NearestGrade => "nearest_grade",
        }
    }

    /// Where the candidate stands by this strategy: the lesser goes first.
    pub(super) fn standing(self, wanted: &Wanted, candidate: &Candidate) -> Standing {
        match self {
            Strategy::LeastLoaded => (Measure::Load, candidate.load_part()),
            Strategy::RoundRobin => (Measure::Turn, candidate.last_assigned.unwrap_or(i64::MIN)),
            Strategy::SamePersonAsAsset => (Measure::Asset, candidate.had_asset.map_or(i64::MAX, |had| -had)),
            Strategy::NearestGrade => {
                let grade = candidate.grade();
                (Measure::Grade, grade.saturating_sub(wanted.grade.unwrap_or(grade)))
            }
        }
    }
}

/// A measure and where one stands by it: the lesser goes first.
pub(super) type Standing = (Measure, i64);

/// Loads are compared in parts of the capacity as fine as this.
const LOAD_PARTS: i64 = 1_000_000;

impl Candidate {
    /// The part of the capacity that is in use.
    fn load_part(&self) -> i64 {
        self.weight.saturating_mul(LOAD_PARTS) / self.capacity.max(1)
    }

    /// Who is no engineer has the lowest.
    pub(super) fn grade(&self) -> i64 {
        self.engineer.as_ref().map_or(0, |profile| profile.grade)
    }
}

/// What tells two who suit apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The other is at work, this one can only be called.
    OnCall,
    /// The other has had the asset, or had it later.
    Asset,
    /// The other's grade is nearer to the one asked for.
    Grade,
    Load,
    /// The other has waited longer for a ticket.
    Turn,
    /// Nothing: the other has been here longer.
    Order,
}

impl Measure {
    pub(super) fn words(self) -> &'static str {
        match self {
            Measure::OnCall => "is at work, not on call",
            Measure::Asset => "knows the asset",
            Measure::Grade => "has the grade that suits",
            Measure::Load => "has less to do",
            Measure::Turn => "has waited longer",
            Measure::Order => "comes first in the list",
        }
    }
}
