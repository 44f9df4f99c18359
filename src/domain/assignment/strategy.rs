//! How those who suit are compared: strategies that scripts and queues name, and what each measures.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Candidate, Wanted};
use crate::domain::geography::Fit;
use crate::domain::specialist::Closeness;

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
    /// Who is a specialist of the ticket's sub-client, then of its client.
    ClientSpecialist,
    /// Who is a specialist of the asset's model or of the ticket's category.
    ProductSpecialist,
    /// The technical manager of the ticket's sub-client, then of its client.
    TechnicalManager,
    /// An engineer who lives in the site's city.
    City,
    /// Who serves the site's district, then its city, then its country.
    Territory,
    /// Who is nearest to the site as the crow flies; whose place is not known comes last.
    Distance,
}

impl Strategy {
    pub const ALL: [Strategy; 10] = [
        Strategy::LeastLoaded,
        Strategy::RoundRobin,
        Strategy::SamePersonAsAsset,
        Strategy::NearestGrade,
        Strategy::ClientSpecialist,
        Strategy::ProductSpecialist,
        Strategy::TechnicalManager,
        Strategy::City,
        Strategy::Territory,
        Strategy::Distance,
    ];

    /// The word of scripts and settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Strategy::LeastLoaded => "least_loaded",
            Strategy::RoundRobin => "round_robin",
            Strategy::SamePersonAsAsset => "same_person_as_asset",
            Strategy::NearestGrade => "nearest_grade",
            Strategy::ClientSpecialist => "client_specialist",
            Strategy::ProductSpecialist => "product_specialist",
            Strategy::TechnicalManager => "technical_manager",
            Strategy::City => "city",
            Strategy::Territory => "territory",
            Strategy::Distance => "distance",
        }
    }

    /// Where the candidate stands by this strategy: the lesser goes first.
    pub(super) fn standing(self, wanted: &Wanted, candidate: &Candidate) -> Standing {
        let close = |found: Option<Closeness>| match found {
            Some(Closeness::SubClient) => 0,
            Some(Closeness::Client) => 1,
            None => 2,
        };
        match self {
            Strategy::LeastLoaded => (Measure::Load, candidate.load_part()),
            Strategy::RoundRobin => (Measure::Turn, candidate.last_assigned.unwrap_or(i64::MIN)),
            Strategy::SamePersonAsAsset => (Measure::Asset, candidate.had_asset.map_or(i64::MAX, |had| -had)),
            Strategy::NearestGrade => {
                let grade = candidate.grade();
                (Measure::Grade, grade.saturating_sub(wanted.grade.unwrap_or(grade)))
            }
            Strategy::ClientSpecialist => (Measure::ClientSpecialist, close(candidate.knows.client)),
            Strategy::ProductSpecialist => (Measure::ProductSpecialist, i64::from(!candidate.knows.product)),
            Strategy::TechnicalManager => (Measure::TechnicalManager, close(candidate.knows.manages)),
            Strategy::City => (Measure::City, i64::from(!candidate.lives_in_city)),
            Strategy::Territory => (
                Measure::Territory,
                match candidate.serves {
                    Some(Fit::District) => 0,
                    Some(Fit::City) => 1,
                    Some(Fit::Country) => 2,
                    None => 3,
                },
            ),
            Strategy::Distance => match candidate.distance_m {
                Some(metres) => (Measure::Distance, metres),
                None => (Measure::Unlocated, i64::MAX),
            },
        }
    }
}

impl std::fmt::Display for Strategy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Strategy {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Strategy::ALL.into_iter().find(|known| known.as_str() == name).ok_or_else(|| {
            let known = Strategy::ALL.map(Strategy::as_str).join(", ");
            format!("there is no strategy `{name}`; known: {known}")
        })
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
    /// The other is a specialist of the client, or of the very sub-client.
    ClientSpecialist,
    /// The other is a specialist of the model or the category.
    ProductSpecialist,
    /// The other is the client's technical manager, or the very sub-client's.
    TechnicalManager,
    /// The other lives in the site's city.
    City,
    /// The other serves the site's place, or serves it more closely.
    Territory,
    /// The other is nearer to the site.
    Distance,
    /// It is known how far the other is; of this one it is not.
    Unlocated,
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
            Measure::ClientSpecialist => "knows the client",
            Measure::ProductSpecialist => "knows the product",
            Measure::TechnicalManager => "is the client's technical manager",
            Measure::City => "lives in the city",
            Measure::Territory => "serves the territory",
            Measure::Distance => "is nearer",
            Measure::Unlocated => "has known coordinates, this one has none",
            Measure::Order => "comes first in the list",
        }
    }
}
