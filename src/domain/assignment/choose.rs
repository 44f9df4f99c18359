//! The choice itself: who suits, in which order, and the reason of everybody else.

use super::{
    AssignmentSettings, Candidate, Choice, Measure, MemberWanted, REJECTIONS_MAX, Rejection, RejectionReason,
    Requirements, Strategy, missing_certificate,
};
use crate::domain::PersonId;
use crate::domain::roster::Presence;

/// Loads are compared in parts of the capacity as fine as this.
const LOAD_PARTS: i64 = 1_000_000;

impl Candidate {
    /// The part of the capacity that is in use.
    fn load_part(&self) -> i64 {
        self.weight.saturating_mul(LOAD_PARTS) / self.capacity.max(1)
    }
}

/// Chooses an engineer: among those who satisfy `wanted`, who is at work before who is on call, then the grade
/// nearest to the one asked for, then the least loaded, then the one whose id is lowest.
#[must_use]
pub fn choose_engineer(wanted: &Requirements, candidates: &[Candidate]) -> Choice {
    choose(
        candidates,
        |candidate| engineer_obstacle(wanted, candidate),
        |candidate| {
            let grade = candidate.engineer.as_ref().map_or(0, |profile| profile.grade);
            let gap = grade.saturating_sub(wanted.grade.unwrap_or(grade));
            vec![on_call(candidate), (Measure::Grade, gap), (Measure::Load, candidate.load_part())]
        },
    )
}

/// Chooses who takes a ticket: who may, is there, has what is asked for and is below capacity; then as the
/// strategies say, one after the other, then the least loaded, then the one whose id is lowest.
#[must_use]
pub fn choose_member(
    wanted: &MemberWanted,
    settings: &AssignmentSettings,
    candidates: &[Candidate],
    may_serve: impl Fn(PersonId) -> bool,
) -> Choice {
    let obstacle = |candidate: &Candidate| match may_serve(candidate.person) {
        true => member_obstacle(wanted, settings, candidate),
        false => Some(RejectionReason::MayNotServe),
    };
    choose(candidates, obstacle, |candidate| {
        let measure = |strategy: &Strategy| match strategy {
            Strategy::LeastLoaded => (Measure::Load, candidate.load_part()),
            Strategy::RoundRobin => (Measure::Turn, candidate.last_assigned.unwrap_or(i64::MIN)),
            Strategy::SamePersonAsAsset => (Measure::Asset, candidate.had_asset.map_or(i64::MAX, |had| -had)),
        };
        let asked = wanted.strategy.iter().chain(&[Strategy::LeastLoaded]).map(measure);
        std::iter::once(on_call(candidate)).chain(asked).collect()
    })
}

/// The lesser goes first.
type Rank = Vec<(Measure, i64)>;

fn on_call(candidate: &Candidate) -> (Measure, i64) {
    (Measure::OnCall, i64::from(matches!(candidate.presence, Presence::OnCall { .. })))
}

fn choose(
    candidates: &[Candidate],
    obstacle: impl Fn(&Candidate) -> Option<RejectionReason>,
    rank: impl Fn(&Candidate) -> Rank,
) -> Choice {
    let mut rejections = Vec::new();
    let mut suited: Vec<(Rank, &Candidate)> = Vec::new();
    for candidate in candidates {
        match obstacle(candidate) {
            Some(reason) => rejections.push(Rejection { person: candidate.person, reason }),
            None => suited.push((rank(candidate), candidate)),
        }
    }
    let order = |(rank, candidate): &(Rank, &Candidate)| -> (Vec<i64>, PersonId) {
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

/// The first measure by which two ranks differ.
fn difference(best: &Rank, other: &Rank) -> Measure {
    let pairs = best.iter().zip(other);
    pairs.into_iter().find(|(one, two)| one.1 != two.1).map_or(Measure::Order, |(one, _)| one.0)
}

fn availability_obstacle(exclude: &[PersonId], candidate: &Candidate) -> Option<RejectionReason> {
    if exclude.contains(&candidate.person) {
        return Some(RejectionReason::Excluded);
    }
    if !candidate.is_on_duty {
        return Some(RejectionReason::OffDuty);
    }
    match candidate.presence {
        Presence::OffShift { next_from } => Some(RejectionReason::OffShift { next_from }),
        Presence::Absent { until } => Some(RejectionReason::Absent { until }),
        _ if candidate.load >= candidate.capacity => {
            Some(RejectionReason::AtCapacity { load: candidate.load, capacity: candidate.capacity })
        }
        _ => None,
    }
}

fn member_obstacle(
    wanted: &MemberWanted,
    settings: &AssignmentSettings,
    candidate: &Candidate,
) -> Option<RejectionReason> {
    let grade = candidate.engineer.as_ref().map_or(0, |profile| profile.grade);
    if wanted.grade.is_some_and(|wanted| grade < wanted) {
        return Some(RejectionReason::GradeTooLow { grade });
    }
    for required in [&settings.required_certificates, &wanted.certificates] {
        if let Some(missing) = missing_certificate(required, &candidate.certificates) {
            return Some(RejectionReason::CertificateMissing { certificate: missing.clone() });
        }
    }
    if !speaks_one_of(&wanted.languages, candidate) {
        return Some(RejectionReason::NoCommonLanguage);
    }
    let obstacle = availability_obstacle(&wanted.exclude, candidate);
    let has_no_shift = wanted.only_on_shift && candidate.presence == Presence::NotRostered;
    match obstacle {
        None | Some(RejectionReason::AtCapacity { .. }) if has_no_shift => {
            Some(RejectionReason::OffShift { next_from: None })
        }
        obstacle => obstacle,
    }
}

/// Whether the candidate speaks one of the languages; none asked for is spoken by all.
fn speaks_one_of(languages: &[String], candidate: &Candidate) -> bool {
    languages.is_empty() || languages.iter().any(|tongue| candidate.languages.contains(tongue))
}

fn engineer_obstacle(wanted: &Requirements, candidate: &Candidate) -> Option<RejectionReason> {
    let Some(profile) = &candidate.engineer else { return Some(RejectionReason::NotAnEngineer) };
    if wanted.city.as_ref().is_some_and(|city| city.to_lowercase() != profile.city.to_lowercase()) {
        return Some(RejectionReason::OtherCity { city: profile.city.clone() });
    }
    if wanted.grade.is_some_and(|grade| profile.grade < grade) {
        return Some(RejectionReason::GradeTooLow { grade: profile.grade });
    }
    if let Some(missing) = missing_certificate(&wanted.certificates, &candidate.certificates) {
        return Some(RejectionReason::CertificateMissing { certificate: missing.clone() });
    }
    if !speaks_one_of(&wanted.languages, candidate) {
        return Some(RejectionReason::NoCommonLanguage);
    }
    availability_obstacle(&wanted.exclude, candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::EngineerProfile;
    use crate::domain::{Key, Moment};

    fn engineer(id: i64, grade: i64, city: &str, load: i64) -> Candidate {
        let profile = EngineerProfile { grade, city: city.to_owned(), ..EngineerProfile::default() };
        Candidate { engineer: Some(profile), capacity: 3, ..member(id, load) }
    }

    fn member(id: i64, load: i64) -> Candidate {
        Candidate {
            person: PersonId(id),
            name: format!("e{id}"),
            engineer: None,
            is_on_duty: true,
            presence: Presence::NotRostered,
            certificates: Vec::new(),
            languages: Vec::new(),
            load,
            weight: load,
            capacity: 10,
            last_assigned: None,
            had_asset: None,
        }
    }

    fn at(hour: i64) -> Moment {
        Moment::from_ms(hour * 3_600_000)
    }

    fn wanted(grade: i64) -> Requirements {
        Requirements { city: Some("Almaty".to_owned()), grade: Some(grade), ..Requirements::default() }
    }

    fn asked(strategy: &[Strategy]) -> MemberWanted {
        MemberWanted { strategy: strategy.to_vec(), ..MemberWanted::of(Key::new("support").unwrap()) }
    }

    /// The chosen one, and the reason of everybody else.
    fn chosen(wanted: &MemberWanted, people: &[Candidate]) -> (Option<i64>, Vec<(i64, RejectionReason)>) {
        let choice = choose_member(wanted, &AssignmentSettings::default(), people, |_| true);
        let reasons = choice.rejections.into_iter().map(|one| (one.person.0, one.reason));
        (choice.chosen.map(|person| person.0), reasons.collect())
    }

    fn outranked(load: i64, by: Measure) -> RejectionReason {
        RejectionReason::Outranked { load, grade: None, by }
    }

    #[test]
    fn a_simple_fault_takes_the_lowest_sufficient_grade_of_the_city() {
        let people = [engineer(1, 2, "Almaty", 0), engineer(2, 1, "ALMATY", 2), engineer(3, 1, "Astana", 0)];
        let choice = choose_engineer(&wanted(1), &people);
        assert_eq!(choice.chosen, Some(PersonId(2)));
        let reasons: Vec<RejectionReason> = choice.rejections.into_iter().map(|one| one.reason).collect();
        let by = Measure::Grade;
        assert_eq!(
            reasons,
            [
                RejectionReason::Outranked { load: 0, grade: Some(2), by },
                RejectionReason::OtherCity { city: "Astana".into() },
            ]
        );
    }

    #[test]
    fn nobody_suits_when_all_are_busy_away_or_of_a_lower_grade() {
        let mut away = engineer(3, 2, "Almaty", 0);
        away.is_on_duty = false;
        let mut off = engineer(4, 2, "Almaty", 0);
        off.presence = Presence::OffShift { next_from: None };
        let people = [engineer(1, 1, "Almaty", 0), engineer(2, 2, "Almaty", 3), away, off];
        let choice = choose_engineer(&wanted(2), &people);
        assert_eq!(choice.chosen, None);
        assert_eq!(choice.rejections.len(), 4);
    }

    #[test]
    fn the_least_loaded_by_capacity_and_weight_takes_the_ticket() {
        let small = Candidate { capacity: 4, ..member(1, 2) };
        let heavy = Candidate { weight: 9, ..member(3, 3) };
        let (who, why) = chosen(&asked(&[]), &[small, member(2, 4), heavy]);
        assert_eq!(who, Some(2), "4 of 10 is less than 2 of 4");
        assert_eq!(why, [(1, outranked(2, Measure::Load)), (3, outranked(3, Measure::Load))]);
        let (who, why) = chosen(&asked(&[]), &[member(6, 1), member(5, 1)]);
        assert_eq!((who, why), (Some(5), vec![(6, outranked(1, Measure::Order))]));
        let settings = AssignmentSettings { weights: [8, 4, 2, 1, 1], ..AssignmentSettings::default() };
        assert_eq!([0, 1, 3, 5, 9].map(|priority| settings.weight(priority)), [8, 8, 2, 1, 1]);
    }

    #[test]
    fn strategies_are_asked_one_after_the_other() {
        use Strategy::{LeastLoaded, RoundRobin, SamePersonAsAsset};
        let with =
            |id, load, last_assigned, had_asset| Candidate { last_assigned, had_asset, ..member(id, load) };
        let people = [
            with(1, 0, Some(9), None),
            with(2, 1, Some(5), Some(70)),
            with(3, 0, Some(7), Some(60)),
            with(4, 2, None, None),
        ];
        for (strategy, who, by) in [
            (&[][..], 1, [(3, Measure::Order), (2, Measure::Load), (4, Measure::Load)]),
            (&[LeastLoaded, RoundRobin], 3, [(1, Measure::Turn), (2, Measure::Load), (4, Measure::Load)]),
            (&[RoundRobin], 4, [(2, Measure::Turn), (3, Measure::Turn), (1, Measure::Turn)]),
            (&[SamePersonAsAsset], 2, [(3, Measure::Asset), (1, Measure::Asset), (4, Measure::Asset)]),
        ] {
            let (found, why) = chosen(&asked(strategy), &people);
            assert_eq!(found, Some(who), "{strategy:?}");
            let why = why.into_iter().map(|(person, reason)| match reason {
                RejectionReason::Outranked { by, .. } => (person, by),
                other => panic!("{other:?}"),
            });
            assert_eq!(why.collect::<Vec<_>>(), by, "{strategy:?}");
        }
    }

    #[test]
    fn everybody_who_does_not_suit_is_told_why() {
        let there = |id, presence| Candidate { presence, ..member(id, 0) };
        let holds = |id, what: &str| Candidate { certificates: vec![what.to_owned()], ..member(id, 0) };
        let mut wanted = asked(&[]);
        wanted.certificates = vec!["acme".to_owned()];
        wanted.languages = vec!["es".to_owned()];
        wanted.exclude = vec![PersonId(8)];
        let fit = |candidate: Candidate| Candidate {
            certificates: vec!["acme".to_owned()],
            languages: vec!["ru".to_owned(), "es".to_owned()],
            ..candidate
        };
        let people = [
            member(1, 0),
            holds(2, "acme"),
            fit(there(3, Presence::OffShift { next_from: Some(at(9)) })),
            fit(there(4, Presence::Absent { until: at(7) })),
            fit(Candidate { is_on_duty: false, ..there(5, Presence::OnShift { until: at(5) }) }),
            fit(member(6, 10)),
            fit(there(7, Presence::OnCall { until: at(5) })),
            fit(member(8, 0)),
            fit(Candidate { load: 9, weight: 9, ..there(9, Presence::OnShift { until: at(5) }) }),
        ];
        let (who, why) = chosen(&wanted, &people);
        assert_eq!(who, Some(9), "at work before on call, however busy");
        assert_eq!(
            why,
            [
                (7, outranked(0, Measure::OnCall)),
                (6, RejectionReason::AtCapacity { load: 10, capacity: 10 }),
                (3, RejectionReason::OffShift { next_from: Some(at(9)) }),
                (4, RejectionReason::Absent { until: at(7) }),
                (5, RejectionReason::OffDuty),
                (8, RejectionReason::Excluded),
                (2, RejectionReason::NoCommonLanguage),
                (1, RejectionReason::CertificateMissing { certificate: "acme".to_owned() }),
            ]
        );
        wanted.only_on_shift = true;
        let off = (6, RejectionReason::OffShift { next_from: None });
        assert!(chosen(&wanted, &people).1.contains(&off), "has no roster");
        wanted.grade = Some(1);
        let (who, why) = chosen(&wanted, &people);
        assert_eq!((who, why.len()), (None, 9));
        assert!(why.iter().all(|(_, why)| *why == RejectionReason::GradeTooLow { grade: 0 }));
    }

    #[test]
    fn the_attestation_that_a_client_requires_goes_before_all() {
        let settings = AssignmentSettings {
            required_certificates: vec!["acme".to_owned()],
            ..AssignmentSettings::default()
        };
        let attested = Candidate { certificates: vec!["acme".to_owned()], ..member(2, 9) };
        let choice = choose_member(&asked(&[]), &settings, &[member(1, 0), attested], |_| true);
        assert_eq!(choice.chosen, Some(PersonId(2)));
        let choice = choose_member(&asked(&[]), &settings, &[member(1, 0)], |_| true);
        assert_eq!(choice.chosen, None);
        let choice = choose_member(&asked(&[]), &settings, &[member(1, 0)], |_| false);
        assert_eq!(choice.rejections[0].reason, RejectionReason::MayNotServe);
    }
}
