//! Tables of the choice: who is chosen, and the reason of everybody else.

use super::*;
use crate::domain::Key;
use crate::domain::person::EngineerProfile;
use crate::domain::specialist::Closeness;

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
        knows: Knows::default(),
        lives_in_city: false,
        serves: None,
        distance_m: None,
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
    let choice = choose(&Wanted::engineer(wanted(1), &AssignmentSettings::default()), &people);
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
    let choice = choose(&Wanted::engineer(wanted(2), &AssignmentSettings::default()), &people);
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

/// Who comes first, then the others by which measure they are behind.
fn ranked(strategy: &[Strategy], people: &[Candidate]) -> Vec<(i64, Option<Measure>)> {
    let (first, others) = chosen(&asked(strategy), people);
    let others = others.into_iter().map(|(person, reason)| match reason {
        RejectionReason::Outranked { by, .. } => (person, Some(by)),
        other => panic!("{other:?}"),
    });
    first.into_iter().map(|person| (person, None)).chain(others).collect()
}

#[test]
fn each_strategy_ranks_by_what_it_names() {
    use Strategy::{City, ClientSpecialist, ProductSpecialist, TechnicalManager, Territory};
    let knows = |id, knows| Candidate { knows, ..member(id, id) };
    let client = |found| Knows { client: found, ..Knows::default() };
    let manages = |found| Knows { manages: found, ..Knows::default() };
    let serves = |id, serves| Candidate { serves, ..member(id, 0) };
    let (sub_client, whole) = (Some(Closeness::SubClient), Some(Closeness::Client));
    for (strategy, people, order) in [
        (
            ClientSpecialist,
            vec![member(1, 0), knows(2, client(whole)), knows(3, client(sub_client))],
            vec![(3, None), (2, Some(Measure::ClientSpecialist)), (1, Some(Measure::ClientSpecialist))],
        ),
        (
            TechnicalManager,
            vec![
                member(1, 0),
                knows(2, manages(whole)),
                knows(3, manages(sub_client)),
                knows(4, client(whole)),
            ],
            vec![
                (3, None),
                (2, Some(Measure::TechnicalManager)),
                (1, Some(Measure::TechnicalManager)),
                (4, Some(Measure::TechnicalManager)),
            ],
        ),
        (
            ProductSpecialist,
            vec![member(1, 0), knows(2, Knows { product: true, ..Knows::default() })],
            vec![(2, None), (1, Some(Measure::ProductSpecialist))],
        ),
        (
            City,
            vec![member(1, 0), Candidate { lives_in_city: true, ..member(2, 3) }],
            vec![(2, None), (1, Some(Measure::City))],
        ),
        (
            Territory,
            vec![
                serves(1, None),
                serves(2, Some(Fit::Country)),
                serves(3, Some(Fit::City)),
                serves(4, Some(Fit::District)),
                serves(5, Some(Fit::District)),
            ],
            vec![
                (4, None),
                (5, Some(Measure::Order)),
                (3, Some(Measure::Territory)),
                (2, Some(Measure::Territory)),
                (1, Some(Measure::Territory)),
            ],
        ),
    ] {
        assert_eq!(ranked(&[strategy], &people), order, "{strategy:?}");
    }
}

#[test]
fn the_nearest_goes_and_whose_place_is_not_known_comes_last() {
    let far = |id, distance_m| Candidate { distance_m, ..member(id, id) };
    let people = [far(1, None), far(2, Some(900)), far(3, Some(400)), far(4, None)];
    let (further, unknown) = (Some(Measure::Distance), Some(Measure::Unlocated));
    let order = [(3, None), (2, further), (1, unknown), (4, unknown)];
    assert_eq!(ranked(&[Strategy::Distance], &people), order);
    // Nobody's place is known: the load decides, and no error.
    let order = [(1, None), (2, Some(Measure::Load))];
    assert_eq!(ranked(&[Strategy::Distance], &[far(2, None), far(1, None)]), order);
}

#[test]
fn strategies_of_a_visit_are_combined_in_their_order() {
    let knows = |candidate, had| Candidate { had_asset: Some(had), ..candidate };
    let far = |candidate, distance_m| Candidate { distance_m: Some(distance_m), ..candidate };
    let people = [
        far(engineer(1, 3, "Almaty", 0), 10),
        far(engineer(2, 1, "Almaty", 0), 20),
        knows(far(engineer(3, 2, "Almaty", 2), 500), 7),
    ];
    let settings = |strategy: &[Strategy]| AssignmentSettings {
        visit_strategy: strategy.to_vec(),
        ..AssignmentSettings::default()
    };
    let choice = |named: &[Strategy], of_pack: &[Strategy]| {
        let requirements = Requirements { strategy: named.to_vec(), ..wanted(1) };
        choose(&Wanted::engineer(requirements, &settings(of_pack)), &people).chosen.unwrap().0
    };
    use Strategy::{Distance, SamePersonAsAsset};
    assert_eq!(choice(&[], &[]), 2, "the grade asked for");
    assert_eq!(choice(&[], &[Distance]), 1, "as the pack says");
    assert_eq!(choice(&[SamePersonAsAsset, Distance], &[Distance]), 3, "the call goes before the pack");
    assert_eq!(choice(&[Distance, SamePersonAsAsset], &[]), 1);
}

/// The next of a fixed row of numbers, below `end`.
fn dice(state: &mut u64, end: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % end
}

fn anybody(id: i64, state: &mut u64) -> Candidate {
    let mut some = |end: u64| i64::try_from(dice(state, end)).unwrap();
    let closeness = |number| [None, Some(Closeness::Client), Some(Closeness::SubClient)][number as usize];
    let load = some(4);
    Candidate {
        is_on_duty: some(8) > 0,
        presence: [
            Presence::NotRostered,
            Presence::OnShift { until: at(9) },
            Presence::OnCall { until: at(9) },
            Presence::OffShift { next_from: None },
        ][some(4) as usize],
        weight: load * some(3),
        capacity: 1 + some(4),
        last_assigned: Some(some(3)).filter(|number| *number > 0),
        had_asset: Some(some(3)).filter(|number| *number > 0),
        knows: Knows { client: closeness(some(3)), manages: closeness(some(3)), product: some(2) > 0 },
        lives_in_city: some(2) > 0,
        serves: [None, Some(Fit::Country), Some(Fit::City), Some(Fit::District)][some(4) as usize],
        distance_m: Some(some(4)).filter(|number| *number > 0),
        ..engineer(id, some(3), "Almaty", load)
    }
}

#[test]
fn every_ranking_is_total_and_does_not_depend_on_the_order_of_the_candidates() {
    let mut state = 20_261_125;
    let mut chosen_count = 0;
    for round in 0..2_000 {
        let count = 1 + dice(&mut state, 12) as i64;
        let mut people: Vec<Candidate> = (1..=count).map(|id| anybody(id, &mut state)).collect();
        let named = dice(&mut state, 4);
        let strategy: Vec<Strategy> = (0..named)
            .map(|_| Strategy::ALL[dice(&mut state, Strategy::ALL.len() as u64) as usize])
            .collect();
        let wanted = if round % 2 == 0 {
            Wanted::member(asked(&strategy), &[], &AssignmentSettings::default())
        } else {
            let requirements = Requirements { strategy: strategy.clone(), ..Requirements::default() };
            Wanted::engineer(requirements, &AssignmentSettings::default())
        };
        let first = choose(&wanted, &people);
        chosen_count += i64::from(first.chosen.is_some());
        // Everybody stands in it once, and nobody is outranked where nobody is chosen.
        let mut named: Vec<i64> = first.rejections.iter().map(|one| one.person.0).collect();
        named.extend(first.chosen.map(|person| person.0));
        named.sort_unstable();
        assert_eq!(named, (1..=count).collect::<Vec<_>>(), "{strategy:?}");
        let outranked = |choice: &Choice| -> Vec<Rejection> {
            let is_so = |one: &&Rejection| matches!(one.reason, RejectionReason::Outranked { .. });
            choice.rejections.iter().filter(is_so).cloned().collect()
        };
        assert!(first.chosen.is_some() || outranked(&first).is_empty());
        for _ in 0..3 {
            for place in (1..people.len()).rev() {
                people.swap(place, dice(&mut state, place as u64 + 1) as usize);
            }
            let again = choose(&wanted, &people);
            assert_eq!((again.chosen, outranked(&again)), (first.chosen, outranked(&first)), "{strategy:?}");
        }
    }
    assert!(chosen_count > 1_000, "{chosen_count}");
}
