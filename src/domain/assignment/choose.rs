//! The choice itself: who suits, in which order, and the reason of everybody else.

use super::strategy::Standing;
use super::{
    Candidate, Choice, Measure, REJECTIONS_MAX, Rejection, RejectionReason, Wanted, missing_certificate,
};
use crate::domain::PersonId;
use crate::domain::roster::Presence;

/// Chooses among those who may, have what is asked for, are there and are below their capacity: who is at work before
/// who is on call, then as the strategies say, one after the other, then the one whose id is lowest.
#[must_use]
pub fn choose(wanted: &Wanted, candidates: &[Candidate]) -> Choice {
    let mut rejections = Vec::new();
    let mut suited: Vec<(Vec<Standing>, &Candidate)> = Vec::new();
    for candidate in candidates {
        match obstacle(wanted, candidate) {
            Some(reason) => rejections.push(Rejection { person: candidate.person, reason }),
            None => suited.push((rank(wanted, candidate), candidate)),
        }
    }
    let order = |(rank, candidate): &(Vec<Standing>, &Candidate)| -> (Vec<i64>, PersonId) {
        (rank.iter().map(|(_, value)| *value).collect(), candidate.person)
    };
    suited.sort_by_cached_key(order);
    let outranked = suited.iter().skip(1).map(|(rank, candidate)| Rejection {
        person: candidate.person,
        reason: RejectionReason::Outranked {
            load: candidate.load,
            grade: candidate.engineer.as_ref().map(|profile| profile.grade),
            by: difference(&suited[0].0, rank),
        },
    });
    rejections.splice(0..0, outranked.collect::<Vec<_>>());
    // Stable: within one kind of reason the order of the candidates stays.
    rejections.sort_by_key(|rejection| std::cmp::Reverse(rejection.reason.steps_passed()));
    rejections.truncate(REJECTIONS_MAX);
    Choice { chosen: suited.first().map(|(_, candidate)| candidate.person), rejections }
}

fn rank(wanted: &Wanted, candidate: &Candidate) -> Vec<Standing> {
    let is_on_call = matches!(candidate.presence, Presence::OnCall { .. });
    let on_call = (Measure::OnCall, i64::from(is_on_call));
    let asked = wanted.strategy.iter().map(|strategy| strategy.standing(wanted, candidate));
    std::iter::once(on_call).chain(asked).collect()
}

/// The first measure by which two ranks differ.
fn difference(best: &[Standing], other: &[Standing]) -> Measure {
    let mut pairs = best.iter().zip(other);
    pairs.find(|(one, two)| one.1 != two.1).map_or(Measure::Order, |(_, two)| two.0)
}

/// The first thing that keeps the candidate from the work.
fn obstacle(wanted: &Wanted, candidate: &Candidate) -> Option<RejectionReason> {
    if !candidate.may_serve {
        return Some(RejectionReason::MayNotServe);
    }
    if wanted.queue.is_none() {
        let Some(profile) = &candidate.engineer else { return Some(RejectionReason::NotAnEngineer) };
        if wanted.city.as_ref().is_some_and(|city| city.to_lowercase() != profile.city.to_lowercase()) {
            return Some(RejectionReason::OtherCity { city: profile.city.clone() });
        }
    }
    let grade = candidate.grade();
    if wanted.grade.is_some_and(|wanted| grade < wanted) {
        return Some(RejectionReason::GradeTooLow { grade });
    }
    if let Some(missing) = missing_certificate(&wanted.certificates, &candidate.certificates) {
        return Some(RejectionReason::CertificateMissing { certificate: missing.clone() });
    }
    let speaks = |tongue| candidate.languages.contains(tongue);
    if !wanted.languages.is_empty() && !wanted.languages.iter().any(speaks) {
        return Some(RejectionReason::NoCommonLanguage);
    }
    if candidate.has_order || wanted.exclude.contains(&candidate.person) {
        return Some(RejectionReason::Excluded);
    }
    absence(wanted, candidate)
}

/// What the duty switch, the roster and the capacity say.
fn absence(wanted: &Wanted, candidate: &Candidate) -> Option<RejectionReason> {
    if !candidate.is_on_duty {
        return Some(RejectionReason::OffDuty);
    }
    match candidate.presence {
        Presence::OffShift { next_from } => Some(RejectionReason::OffShift { next_from }),
        Presence::Absent { until } => Some(RejectionReason::Absent { until }),
        Presence::NotRostered if wanted.only_on_shift => Some(RejectionReason::OffShift { next_from: None }),
        _ if candidate.load >= candidate.capacity => {
            Some(RejectionReason::AtCapacity { load: candidate.load, capacity: candidate.capacity })
        }
        _ => None,
    }
}
