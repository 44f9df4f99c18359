//! Handover: at the end of a shift and by hand, where each ticket goes and what the next person is told.

use naryad::commands::{Done, HandedOver, HandoverOutcome};
use naryad::domain::command::{Command, HandOver, HandOverTicket, PutShift};
use naryad::domain::event::Event;
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::roster::ShiftKind;
use naryad::domain::{ClientId, Key, Moment, PersonId, ShiftId, Span, TicketId, calendar};
use naryad::store;

use crate::helpers::{SETTINGS, Somebody, TestDesk, made, refusal};

const BERLIN: &str = "Europe/Berlin";

fn settings(handover: &str) -> String {
    format!("{SETTINGS}\n[handover]\n{handover}\n")
}

fn client(desk: &TestDesk, rule: &str) -> ClientId {
    desk.client_with("bank", "", &settings(&format!("at_shift_end = \"{rule}\"")))
}

fn operator<'d>(desk: &'d TestDesk, login: &str) -> Somebody<'d> {
    let person = desk.somebody(login, Role::Operator, None);
    let membership = Membership { queue: Key::new("support").unwrap(), client: None };
    person.gets(&[Grant { role: Role::Operator, client: None }], &[membership]);
    person
}

fn local(text: &str) -> Moment {
    calendar::local_moment(text, BERLIN).unwrap()
}

fn hours(desk: &TestDesk, hours: i64) -> Moment {
    desk.now() + Span::hours(hours)
}

fn shift(person: PersonId, from: Moment, to: Moment) -> PutShift {
    let kind = ShiftKind::Regular;
    PutShift {
        id: None,
        version: None,
        person,
        from,
        to,
        kind,
        queue: None,
        client: None,
        note: None,
        series: None,
    }
}

fn works(desk: &TestDesk, person: PersonId, from: Moment, to: Moment) -> ShiftId {
    ShiftId(made(&desk.does(Command::PutShift(Box::new(shift(person, from, to)))).unwrap()))
}

/// A ticket of the client that the person has.
fn ticket_of(desk: &TestDesk, client: ClientId, person: &Somebody<'_>) -> TicketId {
    let ticket = desk.opens(client, "screen is dark");
    person.assigns(ticket, person).unwrap();
    ticket
}

/// The words that the next person is told.
fn summary(desk: &TestDesk, ticket: TicketId) -> Option<String> {
    desk.events(ticket).into_iter().rev().find_map(|recorded| match recorded.event {
        Event::HandedOver { summary, .. } => Some(desk.words(Some(summary))),
        _ => None,
    })
}

fn was_alarmed(desk: &TestDesk, ticket: TicketId) -> bool {
    desk.events(ticket)
        .iter()
        .any(|recorded| matches!(recorded.event, Event::TicketQueued { is_alarm: true, .. }))
}

#[test]
fn at_the_end_of_a_shift_the_next_on_shift_gets_the_ticket_with_a_summary() {
    let desk = TestDesk::new();
    let client = client(&desk, "next_on_shift");
    let (olga, ivan) = (operator(&desk, "olga"), operator(&desk, "ivan"));
    works(&desk, olga.id, desk.now(), hours(&desk, 8));
    works(&desk, ivan.id, hours(&desk, 8), hours(&desk, 16));
    let ticket = ticket_of(&desk, client, &olga);
    olga.replies(ticket, "We look into it").unwrap();
    desk.does(Command::OpenTask(Box::new(naryad::domain::command::OpenTask {
        ticket,
        department: Key::new("commercial").unwrap(),
        title: "Send an offer".to_owned(),
        due_at: None,
        outcomes: Vec::new(),
        fields: Default::default(),
    })))
    .unwrap();
    desk.pass(Span::hours(8) + Span::from_ms(-1));
    assert_eq!(desk.ticket(ticket).assignee, Some(olga.id), "not before the end");
    desk.pass(Span::from_ms(1));
    assert_eq!(desk.ticket(ticket).assignee, Some(ivan.id));
    let summary = summary(&desk, ticket).unwrap();
    for part in [
        "Handed over by olga",
        "Status: New, since",
        "We look into it",
        "Commercial department",
        "Send an offer",
    ] {
        assert!(summary.contains(part), "{part} in {summary}");
    }
    assert!(
        desk.told(ivan.id).iter().any(|told| told.contains("ticket_assigned")),
        "{:?}",
        desk.told(ivan.id)
    );
}

#[test]
fn nobody_on_the_next_shift_is_a_queue_with_an_alarm() {
    let desk = TestDesk::new();
    let client = client(&desk, "next_on_shift");
    let (olga, _) = (operator(&desk, "olga"), operator(&desk, "ivan"));
    works(&desk, olga.id, desk.now(), hours(&desk, 8));
    let ticket = ticket_of(&desk, client, &olga);
    desk.pass(Span::hours(9));
    assert_eq!((desk.ticket(ticket).assignee, desk.ticket(ticket).queue.as_deref()), (None, Some("support")));
    assert!(was_alarmed(&desk, ticket));
    assert!(desk.story(ticket).contains(&"assignment_failed"));
}

#[test]
fn a_pack_that_says_nothing_keeps_and_a_rule_may_be_for_some_tickets_only() {
    let desk = TestDesk::new();
    let kept = desk.client("shop", "");
    let rule = "at_shift_end = \"queue\"\nqueue = \"supervisors\"\npriority_up_to = 2";
    let bank = desk.client_with("bank", "", &settings(rule));
    let olga = operator(&desk, "olga");
    works(&desk, olga.id, desk.now(), hours(&desk, 8));
    let tickets =
        [ticket_of(&desk, kept, &olga), ticket_of(&desk, bank, &olga), ticket_of(&desk, bank, &olga)];
    let changes = naryad::domain::command::TicketChanges { priority: Some(1), ..Default::default() };
    let (ticket, changes) = (tickets[2], Box::new(changes));
    olga.does(Command::ChangeTicket { ticket, version: None, changes }).unwrap();
    desk.pass(Span::hours(9));
    assert_eq!(tickets.map(|id| desk.ticket(id).assignee), [Some(olga.id), Some(olga.id), None]);
    assert_eq!(desk.ticket(tickets[2]).queue.as_deref(), Some("supervisors"));
    assert_eq!([summary(&desk, tickets[0]), summary(&desk, tickets[1])], [None, None]);
}

#[test]
fn shifts_of_one_person_without_a_break_are_one_stretch() {
    let desk = TestDesk::new();
    let client = client(&desk, "queue");
    let olga = operator(&desk, "olga");
    works(&desk, olga.id, desk.now(), hours(&desk, 8));
    works(&desk, olga.id, hours(&desk, 8), hours(&desk, 12));
    let ticket = ticket_of(&desk, client, &olga);
    desk.pass(Span::hours(12) + Span::from_ms(-1));
    assert_eq!(desk.ticket(ticket).assignee, Some(olga.id));
    desk.pass(Span::from_ms(1));
    assert_eq!(desk.ticket(ticket).assignee, None);
}

#[test]
fn who_is_only_on_call_has_gone_home() {
    let desk = TestDesk::new();
    let client = client(&desk, "queue");
    let olga = operator(&desk, "olga");
    works(&desk, olga.id, desk.now(), hours(&desk, 8));
    let on_call = PutShift { kind: ShiftKind::OnCall, ..shift(olga.id, hours(&desk, 8), hours(&desk, 24)) };
    desk.does(Command::PutShift(Box::new(on_call))).unwrap();
    let ticket = ticket_of(&desk, client, &olga);
    desk.pass(Span::hours(8));
    assert_eq!(desk.ticket(ticket).assignee, None);
}

#[test]
fn the_end_follows_the_roster() {
    let desk = TestDesk::new();
    let client = client(&desk, "queue");
    let (olga, ivan) = (operator(&desk, "olga"), operator(&desk, "ivan"));
    let ends = |person: PersonId| desk.read(|db| store::due::shift_end(db, person));
    let start = desk.now();
    let id = works(&desk, olga.id, start, hours(&desk, 8));
    assert_eq!(ends(olga.id), Some(hours(&desk, 8)));
    let change = |version, person, to| {
        let put = PutShift { id: Some(id), version: Some(version), ..shift(person, start, to) };
        desk.does(Command::PutShift(Box::new(put))).unwrap();
    };
    change(1, olga.id, hours(&desk, 10));
    assert_eq!(ends(olga.id), Some(hours(&desk, 10)), "extended");
    change(2, ivan.id, hours(&desk, 10));
    assert_eq!((ends(olga.id), ends(ivan.id)), (None, Some(hours(&desk, 10))), "given to another");
    change(3, olga.id, hours(&desk, 10));
    let ticket = ticket_of(&desk, client, &olga);
    desk.pass(Span::hours(4));
    change(4, olga.id, start + Span::hours(3));
    desk.pass(Span::minutes(1));
    assert_eq!(desk.ticket(ticket).assignee, None, "cut short to what has passed");
    let other = works(&desk, olga.id, hours(&desk, 1), hours(&desk, 2));
    desk.does(Command::RemoveShift { shift: other, version: 1 }).unwrap();
    assert_eq!(ends(olga.id), None, "removed");
}

#[test]
fn a_shift_to_23_o_clock_ends_then_also_when_the_clocks_change() {
    let desk = TestDesk::new();
    let client = client(&desk, "queue");
    let olga = operator(&desk, "olga");
    // The clocks of Berlin go forward on 28 March 2027: a shift over the change ends at 23:00 on the wall.
    desk.clock.set(local("2027-03-27 20:00"));
    let end = local("2027-03-28 23:00");
    works(&desk, olga.id, local("2027-03-27 23:00"), end);
    assert_eq!(end - local("2027-03-27 23:00"), Span::hours(23));
    let ticket = ticket_of(&desk, client, &olga);
    desk.pass(end - desk.now() + Span::from_ms(-1));
    assert_eq!(desk.ticket(ticket).assignee, Some(olga.id));
    desk.pass(Span::from_ms(1));
    assert_eq!(desk.ticket(ticket).assignee, None);
}

#[test]
fn a_desk_that_was_down_catches_up_once() {
    let mut desk = TestDesk::new();
    let client = client(&desk, "next_on_shift");
    let (olga, ivan) = (operator(&desk, "olga").id, operator(&desk, "ivan").id);
    works(&desk, olga, desk.now(), hours(&desk, 8));
    works(&desk, ivan, hours(&desk, 8), hours(&desk, 16));
    let ticket = ticket_of(&desk, client, &Somebody { desk: &desk, id: olga });
    desk.restarts_after(|_| {});
    // Two hours after the end of the shift.
    desk.clock.set(hours(&desk, 10));
    while let Some(due) = desk.read(|db| store::due::ready(db, desk.now(), 1)).pop() {
        let actor = naryad::domain::person::Actor::Clock;
        desk.desk.run(naryad::commands::Request::new(actor, Command::PlayDue { due: due.id })).unwrap();
    }
    assert_eq!(desk.ticket(ticket).assignee, Some(ivan));
    let count = desk.story(ticket).iter().filter(|name| **name == "handed_over").count();
    assert_eq!(count, 1);
}

#[test]
fn a_script_may_say_itself_where_the_ticket_goes() {
    let desk = TestDesk::new();
    let script = r#"
fn on_shift_ended(ticket, person) {
    if ticket.priority > 1 { ticket.queue("dispatchers", #{ reason: "after " + person.name }); }
}"#;
    let client = desk.client_with("bank", script, &settings("at_shift_end = \"queue\""));
    let olga = operator(&desk, "olga");
    works(&desk, olga.id, desk.now(), hours(&desk, 8));
    let ticket = ticket_of(&desk, client, &olga);
    desk.pass(Span::hours(8));
    assert_eq!(desk.ticket(ticket).queue.as_deref(), Some("dispatchers"));
    assert_eq!(desk.reason(ticket), "after olga");
    assert!(desk.handlers(ticket).iter().any(|(name, _)| name == "on_shift_ended"));
}

fn hand_over(person: Option<PersonId>, tickets: &[(TicketId, &str)]) -> Command {
    let given =
        tickets.iter().map(|(ticket, note)| HandOverTicket { ticket: *ticket, note: Some((*note).into()) });
    Command::HandOver(Box::new(HandOver { person, tickets: given.collect() }))
}

/// What became of each: `kept`, the person's name, the queue, or the code and the field of the refusal.
fn became(done: &Done) -> Vec<String> {
    let word = |one: &HandedOver| match &one.became {
        HandoverOutcome::Kept => "kept".to_owned(),
        HandoverOutcome::Person { name, .. } => name.clone(),
        HandoverOutcome::Queue { queue } => queue.as_ref().unwrap().to_string(),
        HandoverOutcome::Refused { error } => {
            format!("{} {}", error.code, error.field.as_deref().unwrap_or("-"))
        }
    };
    done.handed_over.iter().map(word).collect()
}

#[test]
fn tickets_are_handed_over_by_hand_each_with_a_note() {
    let desk = TestDesk::new();
    let client = client(&desk, "keep");
    let (olga, ivan) = (operator(&desk, "olga"), operator(&desk, "ivan"));
    works(&desk, olga.id, desk.now(), hours(&desk, 8));
    works(&desk, ivan.id, desk.now(), hours(&desk, 8));
    let tickets = [ticket_of(&desk, client, &olga), ticket_of(&desk, client, &olga)];
    let refused = ivan.does(hand_over(Some(olga.id), &[(tickets[0], "")])).unwrap();
    assert_eq!(became(&refused), ["forbidden -"]);
    let done = olga.does(hand_over(None, &[(tickets[0], "The key is at the door")])).unwrap();
    assert_eq!(became(&done), ["ivan"]);
    assert_eq!(tickets.map(|id| desk.ticket(id).assignee), [Some(ivan.id), Some(olga.id)]);
    let reason = desk.events(tickets[0]).into_iter().rev().find_map(|recorded| match recorded.event {
        Event::TicketAssigned { reason, .. } => Some(desk.words(reason)),
        _ => None,
    });
    assert_eq!(reason.as_deref(), Some("The key is at the door"));
    let done = olga.does(hand_over(None, &[(tickets[0], "")])).unwrap();
    assert_eq!(became(&done), ["invalid ticket"], "it is not hers any more");
    let boss = desk.somebody("boris", Role::Supervisor, None);
    boss.does(hand_over(Some(olga.id), &[(tickets[1], "")])).unwrap();
    assert_eq!(desk.ticket(tickets[1]).assignee, Some(ivan.id));
    assert_eq!(refusal(olga.does(hand_over(None, &[]))), "invalid", "the request as a whole makes no sense");
}

#[test]
fn each_ticket_is_handed_over_or_refused_alone() {
    let desk = TestDesk::new();
    let next = client(&desk, "keep");
    let keeps = desk.client_with("shop", "", &settings("by_hand = \"keep\""));
    let queues = desk.client_with("mall", "", &settings("by_hand = \"queue\"\nqueue = \"supervisors\""));
    let (olga, ivan) = (operator(&desk, "olga"), operator(&desk, "ivan"));
    works(&desk, olga.id, desk.now(), hours(&desk, 8));
    works(&desk, ivan.id, desk.now(), hours(&desk, 8));
    let mine = |client| ticket_of(&desk, client, &olga);
    let [given, closed, long, kept, queued] = [mine(next), mine(next), mine(next), mine(keeps), mine(queues)];
    let close = Command::CloseTicket {
        ticket: closed,
        version: None,
        resolution: Key::new("done").unwrap(),
        reason: None,
        information: Default::default(),
    };
    olga.does(close).unwrap();
    let not_hers = ticket_of(&desk, next, &ivan);
    let too_long = "x".repeat(70_000);
    let untouched = [closed, long, not_hers];
    let before = untouched.map(|id| (desk.ticket(id), desk.events(id).len()));
    let asked = [
        (given, "first"),
        (closed, "late"),
        (long, too_long.as_str()),
        (kept, "second"),
        (not_hers, "third"),
        (TicketId(77), "nothing"),
        (queued, "fourth"),
        (given, "again"),
    ];
    let done = olga.does(hand_over(None, &asked)).unwrap();
    assert_eq!(
        became(&done),
        [
            "ivan",
            "ticket_is_closed -",
            "too_long note",
            "kept",
            "invalid ticket",
            "not_found -",
            "supervisors",
            "invalid ticket"
        ]
    );
    assert_eq!(done.handed_over.iter().map(|one| one.ticket).collect::<Vec<_>>(), asked.map(|(id, _)| id));
    assert_eq!(done.handed_over[5].number, None);
    assert_eq!(done.handed_over[1].number.as_deref(), Some("BANK-2"));
    assert_eq!(untouched.map(|id| (desk.ticket(id), desk.events(id).len())), before, "nothing half-done");
    assert_eq!(desk.ticket(given).assignee, Some(ivan.id));
    assert_eq!(desk.ticket(kept).assignee, Some(olga.id));
    assert_eq!(
        (desk.ticket(queued).assignee, desk.ticket(queued).queue.as_deref()),
        (None, Some("supervisors"))
    );
    assert!(summary(&desk, kept).is_some(), "what is kept has its summary too");
}

#[test]
fn a_handover_of_many_is_not_one_cascade() {
    let desk = TestDesk::new();
    let script =
        "fn on_changed(ticket, change) { if change.what == \"assignee\" { ticket.add_tag(\"seen\"); } }";
    let client = desk.client_with("bank", script, &settings("by_hand = \"queue\""));
    let olga = operator(&desk, "olga");
    let tickets: Vec<TicketId> = (0..40).map(|_| ticket_of(&desk, client, &olga)).collect();
    let asked: Vec<_> = tickets.iter().map(|id| (*id, "")).collect();
    let done = olga.does(hand_over(None, &asked)).unwrap();
    assert_eq!(became(&done), ["support"; 40]);
    assert!(tickets.iter().all(|id| desk.ticket(*id).tags.contains("seen")));
    assert!(tickets.iter().all(|id| !desk.ticket(*id).is_marked), "no script was stopped");
}

#[test]
fn settings_of_a_handover_are_checked_with_their_place() {
    let desk = TestDesk::new();
    let bank = desk.client("bank", "");
    for (handover, part) in [
        ("at_shift_end = \"away\"", "unknown variant `away`"),
        ("queue = \"suport\"", "did you mean `support`?"),
        ("statuses = [\"in_wrk\"]", "did you mean `in_work`?"),
        ("priority_up_to = 9", "must be from 1 to 5"),
    ] {
        let refused = desk.publishes(bank, "", &settings(handover)).unwrap_err().to_string();
        assert!(refused.contains(part), "{refused}");
    }
}
