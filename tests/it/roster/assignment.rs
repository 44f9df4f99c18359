//! Who gets a ticket or a visit: by roster, by attestation, in turn, by what they had before.

use naryad::commands::{DeskError, Done};
use naryad::domain::assignment::{Measure, MemberWanted, Rejection, RejectionReason, Requirements, Strategy};
use naryad::domain::command::{AssignTo, Command, PutAbsence, PutPerson, PutShift};
use naryad::domain::event::Event;
use naryad::domain::person::{Grant, Membership, Person, Role};
use naryad::domain::roster::{AbsenceKind, Presence, ShiftKind};
use naryad::domain::{AssetId, ClientId, Key, Moment, PersonId, Span, TicketId};
use naryad::store;

use crate::helpers::{SETTINGS, Somebody, TestDesk, refusal};

fn support() -> Key {
    Key::new("support").unwrap()
}

/// An operator in the first line of every client.
fn operator<'d>(desk: &'d TestDesk, login: &str) -> Somebody<'d> {
    let person = desk.somebody(login, Role::Operator, None);
    let membership = Membership { queue: support(), client: None };
    person.gets(&[Grant { role: Role::Operator, client: None }], &[membership]);
    person
}

/// On shift from some hours before now to some hours after it.
fn works(desk: &TestDesk, person: PersonId, client: Option<ClientId>, hours: (i64, i64)) {
    let put = PutShift {
        id: None,
        version: None,
        person,
        from: desk.now() + Span::hours(hours.0),
        to: desk.now() + Span::hours(hours.1),
        kind: ShiftKind::Regular,
        queue: None,
        client,
        note: None,
        series: None,
    };
    desk.does(Command::PutShift(Box::new(put))).unwrap();
}

fn is_away(desk: &TestDesk, person: PersonId, until: Moment) {
    let from = desk.now() + Span::hours(-1);
    let kind = AbsenceKind::Vacation;
    let put = PutAbsence { id: None, version: None, person, from, to: until, kind };
    desk.does(Command::PutAbsence(Box::new(put))).unwrap();
}

/// Changes something of a person, and nothing else.
pub fn changed(desk: &TestDesk, person: PersonId, change: impl FnOnce(&mut PutPerson)) {
    let Person { id, login, name, email, phone, language, time_zone, affiliation, engineer, .. } =
        desk.read(|db| store::person::get(db, person)).unwrap();
    let now = desk.read(|db| store::person::get(db, person)).unwrap();
    let mut put = PutPerson {
        id: Some(id),
        version: Some(now.version),
        login,
        name,
        email,
        phone,
        language,
        time_zone,
        affiliation,
        engineer,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: now.capacity,
        is_on_duty: now.is_on_duty,
        is_active: true,
    };
    change(&mut put);
    desk.does(Command::PutPerson(Box::new(put))).unwrap();
}

fn find(desk: &TestDesk, ticket: TicketId, strategy: &[Strategy]) -> Option<PersonId> {
    let wanted = MemberWanted { strategy: strategy.to_vec(), ..MemberWanted::of(support()) };
    give(desk, ticket, AssignTo::Member(wanted)).unwrap();
    desk.ticket(ticket).assignee
}

fn give(desk: &TestDesk, ticket: TicketId, to: AssignTo) -> Result<Done, DeskError> {
    desk.does(Command::AssignTicket { ticket, version: None, to, reason: None, information: Box::default() })
}

/// Why the others did not get it, as the last choice says.
fn rejections(desk: &TestDesk, ticket: TicketId) -> Vec<Rejection> {
    let last = desk.events(ticket).into_iter().rev().find_map(|recorded| match recorded.event {
        Event::TicketAssigned { rejections, .. } | Event::AssignmentFailed { rejections, .. } => {
            Some(rejections)
        }
        Event::WorkOrderOpened(opened) => Some(opened.rejections),
        _ => None,
    });
    last.expect("a choice was made")
}

#[test]
fn who_is_off_shift_or_away_gets_nothing_and_the_others_are_told() {
    let desk = TestDesk::new();
    let client = desk.client("acme", "");
    let [early, late, away, plain, off] =
        ["early", "late", "away", "plain", "off"].map(|login| operator(&desk, login).id);
    works(&desk, early, None, (-2, 2));
    works(&desk, late, None, (3, 9));
    works(&desk, off, None, (-2, 2));
    is_away(&desk, away, desk.now() + Span::days(7));
    changed(&desk, off, |put| put.is_on_duty = false);
    let ticket = desk.opens(client, "first");
    assert_eq!(find(&desk, ticket, &[]), Some(early));
    let next_from = Some(desk.now() + Span::hours(3));
    let until = desk.now() + Span::days(7);
    let reason = |person, reason| Rejection { person, reason };
    assert_eq!(
        rejections(&desk, ticket),
        [
            reason(plain, RejectionReason::Outranked { load: 0, grade: None, by: Measure::Order }),
            reason(late, RejectionReason::OffShift { next_from }),
            reason(away, RejectionReason::Absent { until }),
            reason(off, RejectionReason::OffDuty),
        ]
    );
    desk.pass(Span::hours(3));
    assert_eq!(find(&desk, desk.opens(client, "second"), &[]), Some(late), "without a roster comes by id");
    assert_eq!(find(&desk, desk.opens(client, "third"), &[]), Some(plain));
    desk.pass(Span::days(7));
    assert_eq!(find(&desk, desk.opens(client, "fourth"), &[]), Some(away), "all others have something");
}

#[test]
fn a_shift_for_one_client_takes_nobody_from_another() {
    let desk = TestDesk::new();
    let (ours, theirs) = (desk.client("ours", ""), desk.client("theirs", ""));
    let olga = operator(&desk, "olga").id;
    works(&desk, olga, Some(theirs), (3, 9));
    assert_eq!(find(&desk, desk.opens(theirs, "later"), &[]), None);
    assert_eq!(find(&desk, desk.opens(ours, "now"), &[]), Some(olga));
}

#[test]
fn engineers_are_sent_while_they_are_on_shift() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let ticket = desk.opens(client, "screen is dark");
    let ivan = desk.engineer("ivan", 1, "Almaty");
    works(&desk, ivan.id, None, (3, 9));
    let dispatch = || {
        let requirements = Requirements { city: Some("Almaty".to_owned()), ..Requirements::default() };
        desk.does(Command::Dispatch { ticket, requirements, due_at: None, note: None }).unwrap();
    };
    dispatch();
    let next_from = Some(desk.now() + Span::hours(3));
    let reason = RejectionReason::OffShift { next_from };
    assert_eq!(rejections(&desk, ticket), [Rejection { person: ivan.id, reason }]);
    let views = naryad::views::Views::new(
        desk.desk.readers().clone(),
        naryad::clock::Clock::Virtual(desk.clock.clone()),
    );
    let dispatcher = desk.somebody("dana", Role::Dispatcher, None).id;
    let lines = views.engineers_for(dispatcher, ticket, Requirements::default()).unwrap();
    assert_eq!((lines[0].is_suited, lines[0].presence), (false, Presence::OffShift { next_from }));
    desk.pass(Span::hours(4));
    dispatch();
    assert_eq!(desk.last_order(ticket).engineer, ivan.id);
}

#[test]
fn without_the_clients_certificate_nobody_takes_its_ticket() {
    let desk = TestDesk::new();
    let settings = format!("{SETTINGS}\n[assignment]\nrequired_certificates = [\"acme-2026\"]\n");
    let script = r#"fn on_comment(ticket, comment) { ticket.assign(comment.text); }"#;
    let client = desk.client_with("acme", script, &settings);
    let (olga, boris) = (operator(&desk, "olga"), operator(&desk, "boris"));
    let ticket = desk.opens(client, "help");
    assert_eq!(find(&desk, ticket, &[]), None);
    let certificate = "acme-2026".to_owned();
    let missing = RejectionReason::CertificateMissing { certificate: certificate.clone() };
    assert!(rejections(&desk, ticket).iter().all(|rejection| rejection.reason == missing));
    assert_eq!(refusal(olga.assigns(ticket, &olga)), "certificate_missing");
    assert_eq!(refusal(give(&desk, ticket, AssignTo::Person { person: boris.id })), "certificate_missing");
    olga.notes(ticket, "olga").unwrap();
    let run = desk.runs(ticket).pop().unwrap();
    let failure = run.failure.unwrap();
    assert!(failure.contains("olga cannot take tickets of this client without the certificate"), "{failure}");
    assert_eq!(desk.ticket(ticket).assignee, None);
    changed(&desk, boris.id, |put| put.certificates = Some(vec![certificate]));
    changed(&desk, boris.id, |put| put.capacity = 4);
    assert_eq!(find(&desk, ticket, &[]), Some(boris.id), "a change that says nothing of it leaves it");
    boris.assigns(desk.opens(client, "more"), &boris).unwrap();
}

#[test]
fn without_the_clients_certificate_nobody_goes_on_its_visit() {
    let desk = TestDesk::new();
    let settings = format!("{SETTINGS}\n[assignment]\nrequired_certificates = [\"acme-2026\"]\n");
    let client = desk.client_with("acme", "", &settings);
    let ticket = desk.opens(client, "screen is dark");
    let ivan = desk.engineer("ivan", 1, "Almaty");
    let certificate = "acme-2026".to_owned();
    let reason = RejectionReason::CertificateMissing { certificate: certificate.clone() };
    let dispatch = || {
        let requirements = Requirements::default();
        desk.does(Command::Dispatch { ticket, requirements, due_at: None, note: None }).unwrap();
    };
    dispatch();
    assert_eq!(rejections(&desk, ticket), [Rejection { person: ivan.id, reason }]);
    let open = || {
        let engineer = ivan.id;
        desk.does(Command::OpenWorkOrder { ticket, engineer, due_at: None, planned_at: None, note: None })
    };
    let refused = open().unwrap_err().to_string();
    assert!(refused.contains("ivan") && refused.contains("`acme-2026`"), "{refused}");
    assert_eq!(refusal(open()), "certificate_missing");
    assert!(desk.orders(ticket).is_empty());
    changed(&desk, ivan.id, |put| put.certificates = Some(vec![certificate]));
    dispatch();
    assert_eq!(desk.last_order(ticket).engineer, ivan.id);
}

#[test]
fn tickets_go_round_in_turn_and_to_whoever_knows_the_machine() {
    let desk = TestDesk::new();
    let settings = SETTINGS.replace("level = 1\n", "level = 1\nstrategy = [\"round_robin\"]\n");
    let client = desk.client_with("bank", "", &settings);
    let people = ["anna", "boris", "vera"].map(|login| operator(&desk, login).id);
    for person in people {
        changed(&desk, person, |put| put.capacity = 100);
    }
    // The queue's own strategy: in turn, although Anna solves hers at once and has the least to do.
    for turn in 0..7 {
        let ticket = desk.opens(client, "in turn");
        assert_eq!(find(&desk, ticket, &[]), Some(people[turn % 3]), "{turn}");
        if turn % 3 == 0 {
            let resolution = Key::new("done").unwrap();
            let solved = Command::ResolveTicket {
                ticket,
                version: None,
                resolution,
                reason: None,
                information: Box::default(),
            };
            desk.does(solved).unwrap();
        }
    }
    let site = desk.site(client, "Almaty", "KZ", "Asia/Almaty");
    let (one, other) = (desk.machine(client, site, "ATM-1"), desk.machine(client, site, "ATM-2"));
    let about = |asset: AssetId| {
        let mut open = TestDesk::request(client, "about a machine");
        open.asset = Some(asset);
        desk.opens_with(open)
    };
    let knows = [Strategy::SamePersonAsAsset, Strategy::LeastLoaded];
    give(&desk, about(one), AssignTo::Person { person: people[0] }).unwrap();
    give(&desk, about(one), AssignTo::Person { person: people[2] }).unwrap();
    let ticket = about(one);
    assert_eq!(find(&desk, ticket, &knows), Some(people[2]), "she had it last");
    let by: Vec<RejectionReason> = rejections(&desk, ticket).into_iter().map(|one| one.reason).collect();
    assert!(
        by.iter().all(|why| matches!(why, RejectionReason::Outranked { by: Measure::Asset, .. })),
        "{by:?}"
    );
    // Nobody knows the other: Anna has the one of these, Boris two, Vera four.
    assert_eq!(find(&desk, about(other), &knows), Some(people[0]));
}

#[test]
fn tickets_weigh_by_priority_where_the_pack_says_so() {
    let desk = TestDesk::new();
    let settings = format!("{SETTINGS}\n[assignment]\nweights = [9, 5, 3, 2, 1]\n");
    let client = desk.client_with("bank", "", &settings);
    let people = ["anna", "boris"].map(|login| operator(&desk, login).id);
    let prioritised = |priority: i64| {
        let ticket = desk.opens(client, "weighed");
        let changes =
            naryad::domain::command::TicketChanges { priority: Some(priority), ..Default::default() };
        desk.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }).unwrap();
        ticket
    };
    for (priority, person) in [(1, people[0]), (5, people[1]), (5, people[1])] {
        assert_eq!(find(&desk, prioritised(priority), &[]), Some(person), "{priority}");
    }
    let bad = desk.publishes(client, "", &settings.replace("[9, 5, 3, 2, 1]", "[0, 5, 3, 2, 1]"));
    assert_eq!(refusal(bad), "workflow_has_errors");
}

#[test]
fn a_ticket_that_is_taken_back_weighs_on_nobody_when_it_is_given_anew() {
    let desk = TestDesk::new();
    let script = r#"
fn on_comment(ticket, comment) {
    ticket.unassign("Taken back");
    ticket.assign(#{ strategy: "least_loaded", line: "support" });
}
"#;
    let client = desk.client("acme", script);
    let people = ["anna", "boris"].map(|login| operator(&desk, login).id);
    let (first, second) = (desk.opens(client, "one"), desk.opens(client, "two"));
    assert_eq!(find(&desk, first, &[]), Some(people[0]));
    assert_eq!(find(&desk, second, &[]), Some(people[1]));
    desk.somebody("olga", Role::Operator, None).notes(first, "again").unwrap();
    assert_eq!(desk.ticket(first).assignee, Some(people[0]), "Anna has nothing else, Boris has one");
}

#[test]
fn what_the_same_command_has_given_already_counts() {
    let desk = TestDesk::new();
    let script = r#"
fn on_comment(ticket, comment) {
    let other = ticket.asset.open_ticket();
    for one in [ticket, other] { one.assign(#{ strategy: "least_loaded", line: "support" }); }
}
"#;
    let client = desk.client("bank", script);
    let people = ["anna", "boris"].map(|login| operator(&desk, login).id);
    let site = desk.site(client, "Almaty", "KZ", "Asia/Almaty");
    let mut open = TestDesk::request(client, "one of two");
    open.asset = Some(desk.machine(client, site, "ATM-1"));
    let tickets = [desk.opens_with(open.clone()), desk.opens_with(open)];
    desk.somebody("olga", Role::Operator, None).notes(tickets[0], "give both").unwrap();
    assert_eq!(tickets.map(|ticket| desk.ticket(ticket).assignee), people.map(Some));
}
