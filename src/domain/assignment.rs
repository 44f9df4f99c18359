//! Who gets the work: candidates are ranked, and everybody who is not chosen is told why.

mod choose;
mod strategy;
#[cfg(test)]
mod tests;
mod wanted;
mod words;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use choose::choose;
pub use strategy::{Measure, Strategy};
pub use wanted::{MemberWanted, Requirements, Wanted};

use super::geography::Fit;
use super::pack::PackFault;
use super::person::EngineerProfile;
use super::roster::Presence;
use super::specialist::Knows;
use super::{Language, Moment, PersonId};

/// What one open ticket of each priority (1 to 5) weighs, unless the pack says otherwise: all the same.
pub const WEIGHTS_DEFAULT: [i64; 5] = [1; 5];
/// The most that one ticket may weigh.
pub const WEIGHT_MAX: i64 = 100;

/// What a pack says of assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AssignmentSettings {
    /// What an open ticket weighs, by priority from 1 to 5.
    pub weights: [i64; 5],
    /// Attestations without which nobody can take a ticket of this client, nor go on its visits.
    pub required_certificates: Vec<String>,
    /// How engineers are compared when one is looked for and the call names no strategy; empty: `nearest_grade`, then
    /// `least_loaded`.
    pub visit_strategy: Vec<Strategy>,
}

impl Default for AssignmentSettings {
    fn default() -> Self {
        Self { weights: WEIGHTS_DEFAULT, required_certificates: Vec::new(), visit_strategy: Vec::new() }
    }
}

impl AssignmentSettings {
    pub fn check(&self) -> Result<(), PackFault> {
        if self.weights.iter().all(|weight| (1..=WEIGHT_MAX).contains(weight)) {
            Ok(())
        } else {
            let message = format!("assignment.weights: each must be from 1 to {WEIGHT_MAX}");
            Err(PackFault::range("assignment.weights", (1, WEIGHT_MAX), message))
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
    /// Has a role that works on the client's tickets, or goes on its visits.
    pub may_serve: bool,
    /// Has an open work order of the same ticket: nobody is sent twice.
    pub has_order: bool,
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
    /// When the person was last given a ticket or a visit, as a number; later ones are larger.
    pub last_assigned: Option<i64>,
    /// The person's last ticket or visit of the same asset; later ones are larger.
    pub had_asset: Option<i64>,
    /// What the person's specialities say of the ticket.
    pub knows: Knows,
    /// An engineer of the site's city.
    pub lives_in_city: bool,
    /// How closely the person's territories fit the site.
    pub serves: Option<Fit>,
    /// To the site along the great circle; nothing where the place of one of them is not known.
    pub distance_m: Option<i64>,
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
        f.write_str(&self.words(Language::En))
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
