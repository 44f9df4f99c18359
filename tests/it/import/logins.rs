//! A log-in of the foreign desk that is mapped makes the ticket a person's; the others are listed.

use naryad::domain::command::{AssignTo, Command, MapForeignLogin};
use naryad::domain::event::Event;
use naryad::domain::{ClientId, Key, Moment, PersonId};

use super::{Count, HEADER, import, it_desk, ticket_of};
use crate::helpers::TestDesk;

fn row(number: u32, hour: u32, login: &str) -> String {
    format!(
        "INC{number},Active,0,0,{hour},TRUE,29-02-2016 01:16,29-02-2016 {hour:02}:00,?,Category 9,?,?,2 - Medium,2 - Medium,3 - Moderate,Group 70,{login}\n"
    )
}

fn map(desk: &TestDesk, client: ClientId, login: &str, person: PersonId, from: &str) {
    let valid_from: Moment = from.parse().unwrap();
    let map = MapForeignLogin {
        client,
        system: Key::new("servicenow").unwrap(),
        login: login.to_owned(),
        person,
        valid_from: Some(valid_from),
    };
    desk.does(Command::MapForeignLogin(Box::new(map))).unwrap();
}

/// Who was given the ticket and when, by the hour.
fn given(desk: &TestDesk, client: ClientId, number: &str) -> Vec<(String, Option<PersonId>)> {
    let events = desk.events(ticket_of(desk, client, number));
    let hour = |at: Moment| at.to_string()[11..13].to_owned();
    let found = events.iter().filter_map(|one| match one.event {
        Event::TicketAssigned { person, .. } => Some((hour(one.occurred_at), Some(person))),
        Event::TicketUnassigned { .. } => Some((hour(one.occurred_at), None)),
        _ => None,
    });
    found.collect()
}

#[test]
fn a_mapped_login_makes_the_ticket_a_persons_and_the_rest_are_listed() {
    let desk = TestDesk::new();
    let client = it_desk(&desk);
    let [ivan, boris] = ["ivan", "boris"].map(|login| desk.member(login, "support").id);
    map(&desk, client, "Resolver 1", ivan, "2016-02-01T00:00:00Z");
    map(&desk, client, "resolver 2", boris, "2016-02-29T05:00:00Z");
    let rows = [
        row(1, 2, "RESOLVER 1"),
        row(1, 3, "Resolver 3"),
        row(1, 4, "Resolver 2"),
        row(1, 6, "Resolver 2"),
        row(2, 3, "Resolver 3"),
        row(3, 3, "?"),
        row(4, 3, "Resolver 3"),
    ];
    let text = format!("{HEADER},assigned_to\n{}", rows.concat());
    let (first, said) = import(&desk, client, text.as_bytes());
    assert_eq!(first.tickets, Count { new: 4, ..Count::default() });
    let listed = [("Resolver 3".to_owned(), 3), ("Resolver 2".to_owned(), 1)];
    assert_eq!(first.unmapped, listed, "before 05:00 the second log-in was nobody's");
    assert!(
        said.contains(
            "2 log-ins of assigned_to are nobody's here: Resolver 3 (3 rows), Resolver 2 (1 rows); map them"
        ),
        "{said}"
    );
    let hour = |hour: &str, person: Option<PersonId>| (hour.to_owned(), person);
    let story = [hour("02", Some(ivan)), hour("03", None), hour("06", Some(boris))];
    assert_eq!(given(&desk, client, "INC1"), story);
    assert_eq!(given(&desk, client, "INC2"), []);

    // By hand: an import again leaves that alone.
    let by_hand = ticket_of(&desk, client, "INC4");
    let olga = desk.somebody("olga", naryad::domain::person::Role::Operator, None).id;
    let to = AssignTo::Person { person: olga };
    let assign = Command::AssignTicket {
        ticket: by_hand,
        version: None,
        to,
        reason: None,
        information: Default::default(),
    };
    desk.does(assign).unwrap();

    map(&desk, client, "Resolver 3", boris, "2016-02-01T00:00:00Z");
    for _ in 0..2 {
        let (again, _) = import(&desk, client, text.as_bytes());
        assert_eq!(again.tickets, Count { known: 4, ..Count::default() });
        assert_eq!(again.updates, Count { known: 3, ..Count::default() });
        assert_eq!(again.unmapped, [("Resolver 2".to_owned(), 1)]);
        assert_eq!(given(&desk, client, "INC2"), [hour("03", Some(boris))]);
        assert_eq!(desk.ticket(ticket_of(&desk, client, "INC1")).assignee, Some(boris));
        assert_eq!(desk.ticket(by_hand).assignee, Some(olga));
        // Only what differs was recorded, and once: 03 was nobody's, 04 is nobody's between the two, and who had the
        // ticket since 06 is said again because it is the last word.
        let corrected = [hour("03", Some(boris)), hour("04", None), hour("06", Some(boris))];
        assert_eq!(given(&desk, client, "INC1"), [&story[..], &corrected[..]].concat());
    }
}
