//! An assignment that nobody accepts comes back: in time, with its reason, and never in silence.

use naryad::domain::assignment::MemberWanted;
use naryad::domain::command::{Alarm, AssignTo, Command, PutShift};
use naryad::domain::event::{Event, ReturnReason};
use naryad::domain::person::{Affiliation, Grant, Membership, Role};
use naryad::domain::roster::ShiftKind;
use naryad::domain::{ClientId, Key, Moment, PersonId, Span, TicketId};
use naryad::store;
use naryad::store::due::DueKind;

use crate::helpers::{SETTINGS, Somebody, TestDesk};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// A client whose first line must accept as `rule` says.
fn client(desk: &TestDesk, rule: &str, script: &str) -> ClientId {
    let settings = SETTINGS.replace(
        "level = 1\nis_default = true",
        &format!("level = 1\nis_default = true\naccept_within = {rule}"),
    );
    assert_ne!(settings, SETTINGS);
    desk.client_with("bank", script, &settings)
}

fn member<'d>(desk: &'d TestDesk, login: &str, client: ClientId) -> Somebody<'d> {
    let person = desk.person(login, Affiliation::Staff, None);
    let grant = Grant { role: Role::Operator, client: Some(client) };
    person.gets(&[grant], &[Membership { queue: key("support"), client: None }]);
    person
}

fn to_a_member(desk: &TestDesk, ticket: TicketId) {
    let to = AssignTo::Member(MemberWanted::of(key("support")));
    let information = Box::default();
    desk.does(Command::AssignTicket { ticket, version: None, to, reason: None, information }).unwrap();
}

/// (who, why, how many in a row, whether supervisors were told) of each return.
fn returns(desk: &TestDesk, ticket: TicketId) -> Vec<(PersonId, ReturnReason, i64, bool)> {
    let returned = desk.events(ticket).into_iter().filter_map(|recorded| match recorded.event {
        Event::AssignmentReturned { person, why, count, is_alarm, .. } => {
            Some((person, why, count, is_alarm))
        }
        _ => None,
    });
    returned.collect()
}

fn rings_at(desk: &TestDesk, ticket: TicketId) -> Option<Moment> {
    let due = desk.read(|db| store::due::of_ticket(db, ticket));
    due.into_iter().find(|due| due.kind == DueKind::Acceptance).map(|due| due.run_at)
}

#[test]
fn what_nobody_accepts_returns_to_its_queue_and_supervisors_hear_of_the_second_time() {
    let desk = TestDesk::new();
    let script = "fn on_assignment_returned(ticket, person) {
        ticket.note(`${person.name} did not take it: ${ticket.return_count}`);
    }";
    let bank = client(&desk, "{ minutes = 30, time = 'elapsed' }", script);
    let boss = desk.somebody("boris", Role::Supervisor, Some(bank));
    let olga = member(&desk, "olga", bank);
    let ticket = desk.opens(bank, "paper is stuck");
    for (count, told) in [(1, 0), (2, 1), (3, 2)] {
        boss.assigns(ticket, &olga).unwrap();
        assert_eq!(desk.ticket(ticket).accept_until, Some(desk.now() + Span::minutes(30)));
        desk.pass(Span::minutes(29));
        assert_eq!(desk.ticket(ticket).assignee, Some(olga.id));
        desk.pass(Span::minutes(1));
        let stands = desk.ticket(ticket);
        assert_eq!((stands.assignee, stands.accept_until, stands.return_count), (None, None, count));
        assert_eq!(stands.queue, Some(key("support")));
        let last = *returns(&desk, ticket).last().unwrap();
        assert_eq!(last, (olga.id, ReturnReason::NotAccepted, count, count >= 2));
        let heard = desk.told(boss.id).iter().filter(|what| *what == "assignment_returned").count();
        assert_eq!(heard, told);
    }
    assert!(desk.story(ticket).ends_with(&["assignment_returned", "ticket_unassigned", "comment_added"]));
    assert!(desk.told(olga.id).contains(&"assignment_returned".to_owned()));
    assert!(!desk.ticket(ticket).is_marked);
}

#[test]
fn working_minutes_stand_at_night_and_over_a_change_of_clocks() {
    for (time, rings) in [("working", "2027-03-29T07:20:00Z"), ("elapsed", "2027-03-26T17:20:00Z")] {
        let desk = TestDesk::new();
        let rule = format!("{{ minutes = 30, time = '{time}' }}");
        let settings = SETTINGS.replace(
            "level = 1\nis_default = true",
            &format!("level = 1\nis_default = true\naccept_within = {rule}\ncalendar = 'berlin'"),
        ) + "\n[[calendars]]\nkey = 'berlin'\nlabel = { en = 'Berlin' }\ntime_zone = 'Europe/Berlin'\n\
               hours = [{ days = ['mon', 'tue', 'wed', 'thu', 'fri'], from = '09:00', to = '18:00' }]";
        let bank = desk.client_with("bank", "", &settings);
        let boss = desk.somebody("boris", Role::Supervisor, Some(bank));
        let olga = member(&desk, "olga", bank);
        // Friday 17:50 in Berlin, before the Sunday on which clocks go forward.
        desk.clock.set(at("2027-03-26T16:50:00Z"));
        let ticket = desk.opens(bank, "paper is stuck");
        boss.assigns(ticket, &olga).unwrap();
        assert_eq!(rings_at(&desk, ticket), Some(at(rings)), "{time}");
        desk.pass(at(rings) - (desk.now() + Span::from_ms(1)));
        assert_eq!(desk.ticket(ticket).assignee, Some(olga.id));
        desk.pass(Span::from_ms(1));
        assert_eq!(desk.ticket(ticket).assignee, None);
    }
}

#[test]
fn whoever_acts_has_accepted() {
    let desk = TestDesk::new();
    let bank = client(&desk, "{ minutes = 30, time = 'elapsed' }", "");
    let boss = desk.somebody("boris", Role::Supervisor, Some(bank));
    let (olga, petr) = (member(&desk, "olga", bank), member(&desk, "petr", bank));
    let given = || {
        let ticket = desk.opens(bank, "paper is stuck");
        boss.assigns(ticket, &olga).unwrap();
        assert!(rings_at(&desk, ticket).is_some());
        ticket
    };
    let changes = |status: &str| {
        Box::new(naryad::domain::command::TicketChanges { status: Some(key(status)), ..Default::default() })
    };
    let mut accepted = Vec::new();
    for act in 0..3 {
        let ticket = given();
        // Another's note is not the assignee's acceptance, nor is following the ticket.
        boss.notes(ticket, "please hurry").unwrap();
        assert!(desk.ticket(ticket).accept_until.is_some());
        match act {
            0 => olga.does(Command::AcceptTicket { ticket, version: None }),
            1 => olga.notes(ticket, "looking"),
            _ => olga.does(Command::ChangeTicket { ticket, version: None, changes: changes("in_work") }),
        }
        .unwrap();
        assert_eq!(desk.story(ticket).iter().filter(|name| **name == "ticket_accepted").count(), 1);
        accepted.push(ticket);
    }
    // Once more changes nothing.
    let again = Command::AcceptTicket { ticket: accepted[0], version: None };
    let events = desk.events(accepted[0]).len();
    olga.does(again).unwrap();
    assert_eq!(desk.events(accepted[0]).len(), events);
    // Given to another, it waits for the other from then on; taken by oneself, for nobody.
    let ticket = given();
    desk.pass(Span::minutes(20));
    boss.assigns(ticket, &petr).unwrap();
    assert_eq!(rings_at(&desk, ticket), Some(desk.now() + Span::minutes(30)));
    olga.assigns(ticket, &olga).unwrap();
    assert_eq!(rings_at(&desk, ticket), None);
    desk.pass(Span::hours(3));
    for ticket in accepted.into_iter().chain([ticket]) {
        assert_eq!(desk.ticket(ticket).assignee, Some(olga.id));
        assert_eq!(returns(&desk, ticket), []);
    }
}

#[test]
fn what_moves_the_ticket_on_ends_the_wait() {
    let desk = TestDesk::new();
    let bank = client(&desk, "{ minutes = 30, time = 'elapsed' }", "");
    let boss = desk.somebody("boris", Role::Supervisor, Some(bank));
    let olga = member(&desk, "olga", bank);
    for end in 0..4 {
        let ticket = desk.opens(bank, "paper is stuck");
        boss.assigns(ticket, &olga).unwrap();
        let (resolution, information) = (key("done"), Box::default());
        match end {
            0 => boss.does(Command::UnassignTicket { ticket, version: None, reason: None }),
            1 => boss.does(Command::CloseTicket {
                ticket,
                version: None,
                resolution,
                reason: None,
                information,
            }),
            2 => boss.does(Command::ResolveTicket {
                ticket,
                version: None,
                resolution,
                reason: None,
                information,
            }),
            _ => boss.does(Command::QueueTicket {
                ticket,
                version: None,
                queue: key("supervisors"),
                reason: None,
                alarm: Alarm::Silent,
                information,
            }),
        }
        .unwrap();
        assert_eq!((rings_at(&desk, ticket), desk.ticket(ticket).accept_until), (None, None), "{end}");
    }
}

#[test]
fn the_next_one_is_offered_it_until_nobody_is_left() {
    let desk = TestDesk::new();
    let script = "fn on_unassigned(ticket, attempt) { ticket.note(attempt.rejections_text); }";
    let bank =
        client(&desk, "{ minutes = 10, time = 'elapsed', otherwise = 'next', alarm_after = 2 }", script);
    let boss = desk.somebody("boris", Role::Supervisor, Some(bank));
    let people = ["anna", "olga", "petr"].map(|login| member(&desk, login, bank).id);
    let ticket = desk.opens(bank, "paper is stuck");
    to_a_member(&desk, ticket);
    let mut asked = Vec::new();
    for _ in 0..3 {
        asked.extend(desk.ticket(ticket).assignee);
        desk.pass(Span::minutes(10));
    }
    assert_eq!(asked, people, "each once");
    let stands = desk.ticket(ticket);
    assert_eq!((stands.assignee, stands.return_count, stands.unaccepted_by.len()), (None, 3, 3));
    assert!(desk.story(ticket).contains(&"assignment_failed"));
    assert_eq!(desk.told(boss.id), ["assignment_returned", "assignment_returned"]);
    desk.pass(Span::days(3));
    assert_eq!(returns(&desk, ticket).len(), 3, "nothing goes round and round");
    // Somebody takes it: the next time begins anew.
    let taker = people[2];
    let to = AssignTo::Person { person: taker };
    let information = Box::default();
    let take = Command::AssignTicket { ticket, version: None, to, reason: None, information };
    Somebody { desk: &desk, id: taker }.does(take).unwrap();
    assert_eq!((desk.ticket(ticket).return_count, desk.ticket(ticket).unaccepted_by.len()), (0, 0));
}

#[test]
fn a_shift_that_ends_before_returns_it_then() {
    let desk = TestDesk::new();
    let bank = client(&desk, "{ minutes = 60, time = 'elapsed' }", "");
    let boss = desk.somebody("boris", Role::Supervisor, None);
    let olga = member(&desk, "olga", bank);
    let begun = desk.now();
    let shift = |id, version, hours| PutShift {
        id,
        version,
        person: olga.id,
        client: None,
        queue: None,
        from: begun,
        to: begun + Span::hours(hours),
        kind: ShiftKind::Regular,
        note: None,
        series: None,
    };
    let made = boss.does(Command::PutShift(Box::new(shift(None, None, 1)))).unwrap();
    let id = Some(naryad::domain::ShiftId(crate::helpers::made(&made)));
    desk.pass(Span::minutes(30));
    let (first, second) = (desk.opens(bank, "paper is stuck"), desk.opens(bank, "screen is dark"));
    boss.assigns(first, &olga).unwrap();
    assert_eq!(rings_at(&desk, first), Some(begun + Span::hours(1)), "where the shift ends");
    desk.pass(Span::minutes(30));
    assert_eq!(returns(&desk, first), [(olga.id, ReturnReason::OffShift, 1, false)]);
    // A shift that was made longer meanwhile leaves the whole time.
    let longer = shift(id, Some(1), 3);
    boss.does(Command::PutShift(Box::new(longer.clone()))).unwrap();
    boss.assigns(second, &olga).unwrap();
    let until = desk.now() + Span::minutes(60);
    assert_eq!(rings_at(&desk, second), Some(until));
    let shorter = PutShift { version: Some(2), to: begun + Span::minutes(70), ..longer };
    boss.does(Command::PutShift(Box::new(shorter))).unwrap();
    desk.pass(Span::minutes(60));
    assert_eq!(returns(&desk, second), [(olga.id, ReturnReason::OffShift, 1, false)]);
}
