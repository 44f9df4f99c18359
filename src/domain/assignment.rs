//! Who gets the work: candidates are ranked, and everybody who is not chosen is told why.

mod choose;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use choose::{choose_engineer, choose_member};

use super::person::EngineerProfile;
use super::roster::Presence;
use super::{Key, Moment, PersonId};

/// What one open ticket of each priority (1 to 5) weighs, unless the pack says otherwise: all the same.
pub const WEIGHTS_DEFAULT: [i64; 5] = [1; 5];
/// The most that one ticket may weigh.
pub const WEIGHT_MAX: i64 = 100;

/// What a work order asks of its engineer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Requirements {
    /// City of residence; compared without regard to case.
    pub city: Option<String>,
    /// The grade that suits; a higher one serves when nobody of this grade is free.
    pub grade: Option<i64>,
    pub certificates: Vec<String>,
    /// ISO 639-1; the engineer must speak one of them.
    pub languages: Vec<String>,
    /// People who must not be chosen, such as those who did not come.
    pub exclude: Vec<PersonId>,
}

/// How members of a queue are compared. Of more than one, each counts where those before it make no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The smallest part of the capacity in use; tickets weigh by priority.
    LeastLoaded,
    /// Whoever was given a ticket longest ago.
    RoundRobin,
    /// Whoever had a ticket of the same asset last.
    SamePersonAsAsset,
}

impl Strategy {
    pub const ALL: [Strategy; 3] = [Strategy::LeastLoaded, Strategy::RoundRobin, Strategy::SamePersonAsAsset];

    /// The word of scripts and settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Strategy::LeastLoaded => "least_loaded",
            Strategy::RoundRobin => "round_robin",
            Strategy::SamePersonAsAsset => "same_person_as_asset",
        }
    }
}

/// What a ticket asks of the member of a queue who gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberWanted {
    pub queue: Key,
    /// Empty: the queue's own, or `least_loaded`.
    #[serde(default)]
    pub strategy: Vec<Strategy>,
    /// An engineer's lowest grade that will do.
    #[serde(default)]
    pub grade: Option<i64>,
    #[serde(default)]
    pub certificates: Vec<String>,
    /// ISO 639-1; one of them must be spoken.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Who has no roster does not count as there either.
    #[serde(default)]
    pub only_on_shift: bool,
    #[serde(default)]
    pub exclude: Vec<PersonId>,
}

impl MemberWanted {
    /// Anybody of the queue.
    #[must_use]
    pub fn of(queue: Key) -> Self {
        let (strategy, certificates, languages, exclude) = Default::default();
        Self { queue, strategy, grade: None, certificates, languages, only_on_shift: false, exclude }
    }
}

/// What a pack says of assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AssignmentSettings {
    /// What an open ticket weighs, by priority from 1 to 5.
    pub weights: [i64; 5],
    /// Attestations without which nobody can take a ticket of this client.
    pub required_certificates: Vec<String>,
}

impl Default for AssignmentSettings {
    fn default() -> Self {
        Self { weights: WEIGHTS_DEFAULT, required_certificates: Vec::new() }
    }
}

impl AssignmentSettings {
    /// What a ticket of the priority weighs.
    #[must_use]
    pub fn weight(&self, priority: i64) -> i64 {
        let place = usize::try_from(priority - 1).unwrap_or(0).min(self.weights.len() - 1);
        self.weights[place]
    }

    pub fn check(&self) -> Result<(), String> {
        if self.weights.iter().all(|weight| (1..=WEIGHT_MAX).contains(weight)) {
            Ok(())
        } else {
            Err(format!("assignment.weights: each must be from 1 to {WEIGHT_MAX}"))
        }
    }
}

/// The first of `required` that is not held.
#[must_use]
pub fn missing_certificate<'r>(required: &'r [String], held: &[String]) -> Option<&'r String> {
    required.iter().find(|needed| !held.contains(needed))
}

/// A person who could be chosen, as things stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub person: PersonId,
    pub name: String,
    pub engineer: Option<EngineerProfile>,
    /// The switch that the person or an administrator sets; off goes before the roster.
    pub is_on_duty: bool,
    pub presence: Presence,
    /// Held in any capacity, as an engineer or as staff.
    pub certificates: Vec<String>,
    pub languages: Vec<String>,
    /// Open work orders (for a visit) or open tickets (for an assignment).
    pub load: i64,
    /// What they weigh together.
    pub weight: i64,
    pub capacity: i64,
    /// The event by which the person was last given a ticket; later ones are larger.
    pub last_assigned: Option<i64>,
    /// The person's last ticket of the same asset; later ones are larger.
    pub had_asset: Option<i64>,
}

/// Why a candidate was not chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rejection {
    pub person: PersonId,
    pub reason: RejectionReason,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum RejectionReason {
    NotAnEngineer,
    /// Has no role that works on this client's tickets.
    MayNotServe,
    OffDuty,
    /// Has a roster and is on no shift that counts.
    OffShift {
        /// When the next begins; `null`: none is planned.
        next_from: Option<Moment>,
    },
    /// Vacation, illness and the like.
    Absent {
        until: Moment,
    },
    OtherCity {
        city: String,
    },
    GradeTooLow {
        grade: i64,
    },
    CertificateMissing {
        certificate: String,
    },
    NoCommonLanguage,
    Excluded,
    AtCapacity {
        load: i64,
        capacity: i64,
    },
    /// Suited, but another suited better.
    Outranked {
        load: i64,
        grade: Option<i64>,
        /// What the other was better by.
        by: Measure,
    },
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
    fn words(self) -> &'static str {
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

impl RejectionReason {
    /// How far the candidate came before this obstacle.
    fn steps_passed(&self) -> u8 {
        match self {
            RejectionReason::NotAnEngineer | RejectionReason::MayNotServe => 0,
            RejectionReason::OtherCity { .. } => 1,
            RejectionReason::GradeTooLow { .. } => 2,
            RejectionReason::CertificateMissing { .. } => 3,
            RejectionReason::NoCommonLanguage => 4,
            RejectionReason::Excluded => 5,
            RejectionReason::OffDuty => 6,
            RejectionReason::Absent { .. } => 7,
            RejectionReason::OffShift { .. } => 8,
            RejectionReason::AtCapacity { .. } => 9,
            RejectionReason::Outranked { .. } => 10,
        }
    }
}

impl std::fmt::Display for RejectionReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RejectionReason::NotAnEngineer => write!(f, "not an engineer"),
            RejectionReason::MayNotServe => write!(f, "may not work on this client's tickets"),
            RejectionReason::OffDuty => write!(f, "off duty"),
            RejectionReason::OffShift { next_from: Some(at) } => write!(f, "off shift until {at}"),
            RejectionReason::OffShift { next_from: None } => write!(f, "off shift, none is planned"),
            RejectionReason::Absent { until } => write!(f, "absent until {until}"),
            RejectionReason::OtherCity { city } => write!(f, "lives in {city}"),
            RejectionReason::GradeTooLow { grade } => write!(f, "grade {grade} is too low"),
            RejectionReason::CertificateMissing { certificate } => {
                write!(f, "lacks certificate {certificate}")
            }
            RejectionReason::NoCommonLanguage => write!(f, "speaks none of the languages"),
            RejectionReason::Excluded => write!(f, "excluded"),
            RejectionReason::AtCapacity { load, capacity } => write!(f, "busy: {load} of {capacity}"),
            RejectionReason::Outranked { load, by, .. } => {
                write!(f, "another {} (load {load})", by.words())
            }
        }
    }
}

/// Most rejections that a choice keeps: of those who came furthest in the examination.
pub const REJECTIONS_MAX: usize = 100;

/// The choice, or nobody; and the others with the reason, those first who came nearest to being chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub chosen: Option<PersonId>,
    pub rejections: Vec<Rejection>,
}
