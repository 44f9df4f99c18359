//! Tables of the choice: who is chosen, and the reason of everybody else.

use super::*;
use crate::domain::Key;
use crate::domain::person::EngineerProfile;

fn engineer(id: i64, grade: i64, city: &str, load: i64) -> Candidate {
    let profile = EngineerProfile { grade, city: city.to_owned(), ..EngineerProfile::default() };
    Candidate { engineer: Some(profile), capacity: 3, ..member(id, load) }
}

fn member(id: i64, load: i64) -> Candidate {
    Candidate {
        person: PersonId(id),
        name: format!("e{id}"),
        engineer: None,
        may_serve: true,
        has_order: false,
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
    let wanted = Wanted::member(wanted.clone(), &[], &AssignmentSettings::default());
    let choice = choose(&wanted, people);
    let reasons = choice.rejections.into_iter().map(|one| (one.person.0, one.reason));
    (choice.chosen.map(|person| person.0), reasons.collect())
}

fn outranked(load: i64, by: Measure) -> RejectionReason {
    RejectionReason::Outranked { load, grade: None, by }
}

#[test]
fn a_simple_fault_takes_the_lowest_sufficient_grade_of_the_city() {
    let people = [engineer(1, 2, "Almaty", 0), engineer(2, 1, "ALMATY", 2), engineer(3, 1, "Astana", 0)];
    let choice = choose(&Wanted::engineer(wanted(1)), &people);
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
    let choice = choose(&Wanted::engineer(wanted(2)), &people);
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
    let wanted = Wanted::member(asked(&[]), &[], &settings);
    assert_eq!([0, 1, 3, 5, 9].map(|priority| wanted.weight(priority)), [8, 8, 2, 1, 1]);
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
    let wanted = Wanted::member(asked(&[]), &[], &settings);
    assert_eq!(choose(&wanted, &[member(1, 0), attested]).chosen, Some(PersonId(2)));
    assert_eq!(choose(&wanted, &[member(1, 0)]).chosen, None);
    let stranger = Candidate { may_serve: false, ..member(1, 0) };
    assert_eq!(choose(&wanted, &[stranger]).rejections[0].reason, RejectionReason::MayNotServe);
}
