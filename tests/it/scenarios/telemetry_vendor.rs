//! Vendor support of integrators: a day of one line with flexible shifts, from the morning's peak to the one at night.

use naryad::domain::calendar::local_moment;
use naryad::domain::command::{Command, OpenTicket, PutShift, RateTicket};
use naryad::domain::event::{Event, Visibility};
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::roster::ShiftKind;
use naryad::domain::sla::{FIRST_RESPONSE, RESOLUTION, SlaClock};
use naryad::domain::ticket::{Channel, Level};
use naryad::domain::{ClientId, ContactId, Key, Moment, PersonId, Span, SubClientId, TicketId};
use naryad::store;

use crate::helpers::{Somebody, TestDesk};

const SCRIPT: &str = include_str!("../../../workflows/telemetry-vendor/workflow.rhai");
const SETTINGS: &str = include_str!("../../../workflows/telemetry-vendor/client.toml");
const ZONE: &str = "Europe/Moscow";

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn local(text: &str) -> Moment {
    local_moment(text, ZONE).unwrap()
}

fn goes_to(desk: &TestDesk, text: &str) {
    desk.pass(local(text) - desk.now());
}

struct Day {
    desk: TestDesk,
    client: ClientId,
    partner: SubClientId,
    ivan: ContactId,
}

impl Day {
    fn new() -> Self {
        let desk = TestDesk::new();
        let client = desk.client_with("vendor", SCRIPT, SETTINGS);
        let partner = desk.sub_client(client, "north");
        let ivan = desk.contact(client, Some(partner), "Ivan");
        Self { desk, client, partner, ivan }
    }

    /// A member of a queue with a shift.
    fn works(&self, login: &str, role: Role, queue: &str, shift: Option<(&str, &str)>) -> Somebody<'_> {
        let person = self.desk.somebody(login, role, Some(self.client));
        let grant = Grant { role, client: Some(self.client) };
        person.gets(&[grant], &[Membership { queue: key(queue), client: Some(self.client) }]);
        if let Some((from, to)) = shift {
            self.shift(person.id, local(from), local(to));
        }
        person
    }

    fn shift(&self, person: PersonId, from: Moment, to: Moment) {
        let put = PutShift {
            id: None,
            version: None,
            person,
            from,
            to,
            kind: ShiftKind::Regular,
            queue: None,
            client: Some(self.client),
            note: None,
            series: None,
        };
        self.desk.does(Command::PutShift(Box::new(put))).unwrap();
    }

    fn asks(&self, subject: &str, level: Level) -> TicketId {
        let open = OpenTicket {
            sub_client: Some(self.partner),
            contact: Some(self.ivan),
            channel: Some(Channel::Email),
            impact: level,
            urgency: level,
            ..TestDesk::request(self.client, subject)
        };
        self.desk.opens_with(open)
    }

    fn has(&self, ticket: TicketId) -> Option<PersonId> {
        self.desk.ticket(ticket).assignee
    }

    fn clock(&self, ticket: TicketId, target: &str) -> SlaClock {
        let clocks = self.desk.read(|db| store::sla_clock::of_ticket(db, ticket));
        clocks.into_iter().find(|clock| clock.target == *target).unwrap()
    }
}

fn ask_the_client(person: &Somebody<'_>, ticket: TicketId, text: &str) {
    let (text, visibility, attachments) = (text.to_owned(), Visibility::Public, Vec::new());
    person.does(Command::AddComment { ticket, text, visibility, attachments, asks_client: true }).unwrap();
}

fn resolve(person: &Somebody<'_>, ticket: TicketId) {
    let (version, reason, information) = (None, None, Box::default());
    let resolution = key("solved");
    person.does(Command::ResolveTicket { ticket, version, resolution, reason, information }).unwrap();
}

#[test]
fn a_day_of_vendor_support() {
    let day = Day::new();
    let desk = &day.desk;
    let at = |time: &str| format!("2026-11-03 {time}");
    let anna = day.works("anna", Role::Operator, "support", Some(("2026-11-03 08:00", "2026-11-03 17:00")));
    let boris = day.works("boris", Role::Operator, "support", Some(("2026-11-03 11:00", "2026-11-03 22:00")));
    let egor = day.works("egor", Role::Operator, "support", Some(("2026-11-03 22:00", "2026-11-04 08:00")));
    let ivan = desk.person_of(day.client, day.ivan, "ivan");

    // The peak: each to the least loaded of those who are there.
    goes_to(desk, &at("11:30"));
    let first = day.asks("No track", Level::Medium);
    let second = day.asks("Terminal is silent", Level::Medium);
    assert_eq!((day.has(first), day.has(second)), (Some(anna.id), Some(boris.id)));
    let answered = desk.now();
    anna.replies(first, "We look at it").unwrap();
    assert_eq!(day.clock(first, FIRST_RESPONSE).met_at, Some(answered));
    // Boris is at lunch: after a quarter of an hour Anna has it.
    desk.pass(Span::minutes(15));
    assert_eq!(day.has(second), Some(anna.id));
    anna.replies(second, "We look at it").unwrap();

    // Waiting for the partner the clock stands, in the evening the answer finds somebody else.
    ask_the_client(&anna, first, "Which terminal?");
    let used = |ticket| {
        let clock = day.clock(ticket, RESOLUTION);
        (clock.running_since.is_some(), clock.used)
    };
    let stood = used(first);
    assert!(!stood.0);
    goes_to(desk, &at("18:30"));
    assert_eq!(used(first), stood);
    ivan.replies(first, "NK-17").unwrap();
    assert_eq!(day.has(first), Some(boris.id), "Anna has gone home");
    assert!(used(first).0);

    // At the end of Boris' shift what is pressing goes on with Egor, the rest waits for who knows it.
    boris.replies(first, "I see it").unwrap();
    let pressing = day.asks("All terminals are silent", Level::High);
    assert_eq!(day.has(pressing), Some(boris.id));
    boris.replies(pressing, "At once").unwrap();
    goes_to(desk, &at("22:01"));
    assert_eq!((day.has(pressing), day.has(first)), (Some(egor.id), Some(boris.id)));
    egor.replies(pressing, "It is the gateway").unwrap();

    solved_and_rated(&day, &ivan, &egor, pressing);
    let failed: Vec<_> =
        [first, second, pressing].into_iter().filter(|id| desk.ticket(*id).is_marked).collect();
    assert!(failed.is_empty(), "a run failed on {failed:?}");
}

/// Egor solves it; the partner rates it badly, the controllers look into it, and the month is reported.
fn solved_and_rated(day: &Day, ivan: &Somebody<'_>, egor: &Somebody<'_>, pressing: TicketId) {
    let desk = &day.desk;
    let head = day.works("head", Role::Supervisor, "head_of_support", None);
    let karl = day.works("karl", Role::DepartmentMember, "controllers", None);
    // A bad rating is a task for the controllers with the partner's words.
    resolve(egor, pressing);
    desk.pass(Span::minutes(5));
    assert_eq!(desk.told(ivan.id).last().map(String::as_str), Some("rating_asked"));
    let comment = Some("Half a day without data".to_owned());
    ivan.does(Command::RateTicket(Box::new(RateTicket { ticket: pressing, score: 2, comment }))).unwrap();
    desk.pass(Span::minutes(10));
    let task = desk.open_task(pressing, "controllers");
    assert_eq!(desk.words(Some(task.title)), "Half a day without data");
    karl.finishes(task.id, "our_fault").unwrap();
    assert!(desk.told(head.id).contains(&"our_fault".to_owned()));
    // Nobody objects: it closes after three days, and stays rated by who had it.
    desk.pass(Span::days(3));
    assert!(desk.ticket(pressing).is_closed());
    let rated = desk.events(pressing).into_iter().find_map(|recorded| match recorded.event {
        Event::RatingAsked(asked) => asked.person,
        _ => None,
    });
    assert_eq!(rated, Some(egor.id));

    // The month is reported to the head of support.
    desk.pass(Span::days(31));
    let told = desk.told(head.id);
    assert_eq!(told.iter().filter(|what| *what == "report_sent").count() % 2, 0);
    assert!(told.contains(&"report_sent".to_owned()), "{told:?}");
}
