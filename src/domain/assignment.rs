//! Who gets the work: candidates are ranked, and everybody who is not chosen is told why.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PersonId;
use super::person::EngineerProfile;

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

/// A person who could be chosen, as things stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub person: PersonId,
    pub name: String,
    pub engineer: Option<EngineerProfile>,
    pub is_on_duty: bool,
    /// Open work orders (for a visit) or open tickets (for an assignment).
    pub load: i64,
    pub capacity: i64,
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
            RejectionReason::AtCapacity { .. } => 7,
            RejectionReason::Outranked { .. } => 8,
        }
    }
}

impl std::fmt::Display for RejectionReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RejectionReason::NotAnEngineer => write!(f, "not an engineer"),
            RejectionReason::MayNotServe => write!(f, "may not work on this client's tickets"),
            RejectionReason::OffDuty => write!(f, "off duty"),
            RejectionReason::OtherCity { city } => write!(f, "lives in {city}"),
            RejectionReason::GradeTooLow { grade } => write!(f, "grade {grade} is too low"),
            RejectionReason::CertificateMissing { certificate } => {
                write!(f, "lacks certificate {certificate}")
            }
            RejectionReason::NoCommonLanguage => write!(f, "speaks none of the languages"),
            RejectionReason::Excluded => write!(f, "excluded"),
            RejectionReason::AtCapacity { load, capacity } => write!(f, "busy: {load} of {capacity}"),
            RejectionReason::Outranked { load, .. } => write!(f, "another suits better (load {load})"),
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

/// Chooses an engineer: among those who satisfy `wanted`, the grade nearest to the one asked for, then the
/// least loaded, then the one whose id is lowest.
#[must_use]
pub fn choose_engineer(wanted: &Requirements, candidates: &[Candidate]) -> Choice {
    choose(
        candidates,
        |candidate| engineer_obstacle(wanted, candidate),
        |candidate| {
            let grade = candidate.engineer.as_ref().map_or(0, |profile| profile.grade);
            (grade.saturating_sub(wanted.grade.unwrap_or(grade)), candidate.load)
        },
    )
}

/// Chooses who takes a ticket: on duty, below capacity, fewest open tickets first.
#[must_use]
pub fn choose_least_loaded(
    exclude: &[PersonId],
    candidates: &[Candidate],
    may_serve: impl Fn(PersonId) -> bool,
) -> Choice {
    let obstacle = |candidate: &Candidate| match may_serve(candidate.person) {
        true => availability_obstacle(exclude, candidate),
        false => Some(RejectionReason::MayNotServe),
    };
    choose(candidates, obstacle, |candidate| (0, candidate.load))
}

fn choose(
    candidates: &[Candidate],
    obstacle: impl Fn(&Candidate) -> Option<RejectionReason>,
    rank: impl Fn(&Candidate) -> (i64, i64),
) -> Choice {
    let mut rejections = Vec::new();
    let mut suited = Vec::new();
    for candidate in candidates {
        match obstacle(candidate) {
            Some(reason) => rejections.push(Rejection { person: candidate.person, reason }),
            None => suited.push(candidate),
        }
    }
    suited.sort_by_key(|candidate| (rank(candidate), candidate.person));
    let outranked = suited.iter().skip(1).map(|candidate| Rejection {
        person: candidate.person,
        reason: RejectionReason::Outranked {
            load: candidate.load,
            grade: candidate.engineer.as_ref().map(|profile| profile.grade),
        },
    });
    rejections.splice(0..0, outranked);
    // Stable: within one kind of reason the order of the candidates stays.
    rejections.sort_by_key(|rejection| std::cmp::Reverse(rejection.reason.steps_passed()));
    rejections.truncate(REJECTIONS_MAX);
    Choice { chosen: suited.first().map(|candidate| candidate.person), rejections }
}

fn availability_obstacle(exclude: &[PersonId], candidate: &Candidate) -> Option<RejectionReason> {
    if exclude.contains(&candidate.person) {
        Some(RejectionReason::Excluded)
    } else if !candidate.is_on_duty {
        Some(RejectionReason::OffDuty)
    } else if candidate.load >= candidate.capacity {
        Some(RejectionReason::AtCapacity { load: candidate.load, capacity: candidate.capacity })
    } else {
        None
    }
}

fn engineer_obstacle(wanted: &Requirements, candidate: &Candidate) -> Option<RejectionReason> {
    let Some(profile) = &candidate.engineer else { return Some(RejectionReason::NotAnEngineer) };
    if wanted.city.as_ref().is_some_and(|city| city.to_lowercase() != profile.city.to_lowercase()) {
        return Some(RejectionReason::OtherCity { city: profile.city.clone() });
    }
    if wanted.grade.is_some_and(|grade| profile.grade < grade) {
        return Some(RejectionReason::GradeTooLow { grade: profile.grade });
    }
    if let Some(missing) = wanted.certificates.iter().find(|needed| !profile.certificates.contains(needed)) {
        return Some(RejectionReason::CertificateMissing { certificate: missing.clone() });
    }
    if !wanted.languages.is_empty()
        && !wanted.languages.iter().any(|tongue| profile.languages.contains(tongue))
    {
        return Some(RejectionReason::NoCommonLanguage);
    }
    availability_obstacle(&wanted.exclude, candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engineer(id: i64, grade: i64, city: &str, load: i64) -> Candidate {
        let profile = EngineerProfile { grade, city: city.to_owned(), ..EngineerProfile::default() };
        Candidate {
            person: PersonId(id),
            name: format!("e{id}"),
            engineer: Some(profile),
            is_on_duty: true,
            load,
            capacity: 3,
        }
    }

    fn wanted(grade: i64) -> Requirements {
        Requirements { city: Some("Almaty".to_owned()), grade: Some(grade), ..Requirements::default() }
    }

    #[test]
    fn a_simple_fault_takes_the_lowest_sufficient_grade_of_the_city() {
        let people = [engineer(1, 2, "Almaty", 0), engineer(2, 1, "ALMATY", 2), engineer(3, 1, "Astana", 0)];
        let choice = choose_engineer(&wanted(1), &people);
        assert_eq!(choice.chosen, Some(PersonId(2)));
        assert_eq!(
            choice.rejections,
            [
                Rejection {
                    person: PersonId(1),
                    reason: RejectionReason::Outranked { load: 0, grade: Some(2) }
                },
                Rejection {
                    person: PersonId(3),
                    reason: RejectionReason::OtherCity { city: "Astana".into() }
                },
            ]
        );
    }

    #[test]
    fn nobody_suits_when_all_are_busy_away_or_of_a_lower_grade() {
        let mut away = engineer(3, 2, "Almaty", 0);
        away.is_on_duty = false;
        let people = [engineer(1, 1, "Almaty", 0), engineer(2, 2, "Almaty", 3), away];
        let choice = choose_engineer(&wanted(2), &people);
        assert_eq!(choice.chosen, None);
        assert_eq!(choice.rejections.len(), 3);
    }

    #[test]
    fn the_least_loaded_takes_the_ticket() {
        let people = [engineer(1, 1, "", 2), engineer(2, 1, "", 1), engineer(3, 1, "", 0)];
        let choice = choose_least_loaded(&[PersonId(3)], &people, |_| true);
        assert_eq!(choice.chosen, Some(PersonId(2)));
        let choice = choose_least_loaded(&[PersonId(3)], &people, |person| person != PersonId(2));
        assert_eq!(choice.chosen, Some(PersonId(1)));
    }
}
