//! The effect budget: a script sends what it may, the rest waits for a person, who lets it out or discards it.

use std::collections::BTreeMap;

use naryad::clock::Clock;
use naryad::commands::{Desk, Request, ScriptLimits};
use naryad::domain::command::{ApproveHold, Command, DiscardHold, PutPerson};
use naryad::domain::event::Event;
use naryad::domain::hold::{DiscardWhy, Hold, HoldReason, HoldState, MessageKind};
use naryad::domain::id::IdMaker;
use naryad::domain::pack::Pack;
use naryad::domain::person::{Actor, Role};
use naryad::domain::{ClientId, HeldMessageId, HoldId, Key, PersonId, Span, TicketId};
use naryad::store::{self, Durability};
use naryad::views::list::Limit;
use naryad::views::{ViewError, Views};

use crate::helpers::{SETTINGS, TestDesk, refusal};

/// Each morning at 9 in Moscow; the desk begins on Monday at 12 there.
const MORNING: &str =
    "\n[[schedules]]\nkey = 'morning'\nlabel = { en = 'Morning' }\ncron = '0 9 * * MON-FRI'\n";
/// Tells everybody in a queue about each of 20 tickets: with 200 people in it 4,000 messages.
const FLOOD: &str = r#"fn on_schedule(name) {
    for ticket in find_tickets(#{}, 20) { ticket.notify("support", #{ text: "Late again." }); }
}"#;
const TELL_ALL: &str = r#"
fn on_opened(ticket) { ticket.notify("support", #{ text: "A new one." }); }
fn on_comment(ticket, comment) { ticket.notify("support", #{ text: "Somebody wrote." }); }
"#;

fn crowd(desk: &TestDesk, count: usize) -> Vec<PersonId> {
    crowd_of(desk, "support", count)
}

fn crowd_of(desk: &TestDesk, queue: &str, count: usize) -> Vec<PersonId> {
    (0..count).map(|number| desk.member(&format!("member{number}"), queue).id).collect()
}

/// The person leaves.
fn leaves(desk: &TestDesk, id: PersonId) {
    let known = desk.read(|db| store::person::get(db, id)).unwrap();
    let put = PutPerson {
        id: Some(id),
        version: Some(known.version),
        login: known.login,
        name: known.name,
        email: None,
        phone: None,
        language: known.language,
        time_zone: known.time_zone,
        affiliation: known.affiliation,
        engineer: None,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: known.capacity,
        is_on_duty: false,
        is_active: false,
    };
    desk.does(Command::PutPerson(Box::new(put))).unwrap();
}

fn holds(desk: &TestDesk, client: ClientId) -> Vec<Hold> {
    desk.read(|db| store::hold::unfinished(db, client))
}

fn only_hold(desk: &TestDesk, client: ClientId) -> Hold {
    let mut holds = holds(desk, client);
    assert_eq!(holds.len(), 1, "{holds:?}");
    holds.remove(0)
}

/// How many notifications each person has, by ticket.
fn told(desk: &TestDesk, tickets: &[TicketId]) -> BTreeMap<(TicketId, PersonId), usize> {
    let mut told = BTreeMap::new();
    for ticket in tickets {
        for row in desk.read(|db| store::notification::of_ticket(db, *ticket)) {
            *told.entry((*ticket, row.person)).or_default() += 1;
        }
    }
    told
}

fn approves(hold: &Hold) -> Command {
    let (hold, version, messages) = (hold.id, hold.version, hold.held);
    Command::ApproveHold(ApproveHold { hold, version, messages, is_without_stale: false })
}

fn discards(hold: &Hold, reason: &str) -> Command {
    let (hold, version, messages) = (hold.id, hold.version, hold.held);
    Command::DiscardHold(Box::new(DiscardHold { hold, version, messages, reason: reason.to_owned() }))
}

fn count(desk: &TestDesk, tickets: &[TicketId], name: &str) -> usize {
    tickets.iter().map(|ticket| desk.story(*ticket).iter().filter(|own| **own == name).count()).sum()
}

/// Every message of a hold, page by page.
fn all_messages(views: &Views, person: PersonId, hold: HoldId) -> Result<Vec<HeldMessageId>, ViewError> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let page = views.held_messages(person, hold, cursor.as_deref(), Limit::new(Some(200)).unwrap())?;
        assert!(page.items.iter().all(|held| held.sample.text.as_deref() == Some("Late again.")));
        ids.extend(page.items.iter().map(|held| held.id));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(ids);
        }
    }
}

#[test]
fn of_4_000_messages_the_budget_goes_out_and_the_rest_once_a_person_says_so() {
    let mut desk = TestDesk::new();
    crowd(&desk, 200);
    let client = desk.client_with("bank", FLOOD, &format!("{SETTINGS}{MORNING}"));
    let other = desk.client("shop", "");
    let supervisor = desk.somebody("sofia", Role::Supervisor, Some(client)).id;
    let stranger = desk.somebody("igor", Role::Supervisor, Some(other)).id;
    let operator = desk.somebody("olga", Role::Operator, Some(client)).id;
    let tickets: Vec<_> = (0..20).map(|number| desk.opens(client, &format!("no cash {number}"))).collect();
    desk.pass(Span::hours(21));

    assert_eq!(told(&desk, &tickets).values().sum::<usize>(), 200);
    assert_eq!(
        (count(&desk, &tickets, "person_notified"), count(&desk, &tickets, "message_held")),
        (200, 3_800)
    );
    let runs = desk.read(|db| store::work_list::runs_failed(db, client, 10));
    assert!(runs.is_empty(), "the run itself stands: {runs:?}");
    let hold = only_hold(&desk, client);
    assert_eq!((hold.handler.as_str(), hold.why, hold.limit), ("on_schedule", HoldReason::Run, 200));
    assert_eq!((hold.held, hold.left(), hold.state), (3_800, 3_800, HoldState::Open));
    let inbox = desk.read(|db| store::notification::of_person(db, supervisor, None, 10));
    let words = inbox.iter().map(|row| row.template.as_ref().map(ToString::to_string));
    assert_eq!(words.collect::<Vec<_>>(), [Some("messages_held".to_owned())], "told once");

    let views = Views::new(desk.desk.readers().clone(), Clock::Virtual(desk.clock.clone()));
    let shown = views.holds(supervisor, None).unwrap();
    assert_eq!((shown.len(), shown[0].tickets, shown[0].people, shown[0].stale), (1, 19, 200, 0));
    let part = &shown[0].parts[0];
    assert_eq!((part.kind, part.count, part.samples.len()), (MessageKind::Notice, 3_800, 3));
    assert_eq!(part.samples[0].text.as_deref(), Some("Late again."));
    assert!(part.samples[0].number.starts_with("BANK-") && part.samples[0].recipient.is_some());
    let pages = |person| all_messages(&views, person, hold.id);
    let all = pages(supervisor).unwrap();
    assert!(all.len() == 3_800 && all.is_sorted(), "each message once");
    assert!(pages(stranger).is_err() && pages(operator).is_err(), "for others there is no such hold");
    assert!(views.holds(stranger, None).unwrap().is_empty());
    assert!(views.holds(stranger, Some(client)).is_err() && views.holds(operator, None).is_err());

    let as_person =
        |desk: &TestDesk, person, command| desk.desk.run(Request::new(Actor::Person { person }, command));
    for nobody in [stranger, operator] {
        assert_eq!(refusal(as_person(&desk, nobody, approves(&hold))), "not_found");
        assert_eq!(refusal(as_person(&desk, nobody, discards(&hold, "no"))), "not_found");
    }
    let grown = Hold { held: 1, ..hold.clone() };
    assert_eq!(refusal(as_person(&desk, supervisor, approves(&grown))), "hold_has_grown");
    as_person(&desk, supervisor, approves(&hold)).unwrap();
    assert_eq!(refusal(as_person(&desk, supervisor, approves(&hold))), "hold_is_decided");

    // Some turns, then the desk is stopped and started in the middle.
    for _ in 0..100 {
        let due = desk.read(|db| store::due::ready(db, desk.now(), 1)).remove(0);
        desk.desk.run(Request::new(Actor::Clock, Command::PlayDue { due: due.id })).unwrap();
    }
    let half = only_hold(&desk, client);
    assert_eq!((half.state, half.sent), (HoldState::Sending, 1_600));
    desk.restarts_after(|_| {});
    desk.pass(Span::minutes(1));
    let told = told(&desk, &tickets);
    assert_eq!(told.len(), 4_000);
    assert!(told.values().all(|times| *times == 1), "each exactly once");
    assert_eq!(count(&desk, &tickets, "person_notified"), 4_000);
    assert!(holds(&desk, client).is_empty());
    let over = desk.read(|db| store::hold::get(db, hold.id)).unwrap();
    assert_eq!((over.state, over.sent, over.left()), (HoldState::Sent, 3_800, 0));
    assert_eq!(over.decided_by, Some(Actor::Person { person: supervisor }));
    assert!(desk.read(|db| store::hold::first_messages(db, hold.id, 1)).is_empty());
}

#[test]
fn a_burst_takes_a_handlers_hour_joins_one_hold_and_is_discarded_whole() {
    let desk = TestDesk::new();
    crowd(&desk, 100);
    let client = desk.client("bank", TELL_ALL);
    let other = desk.client("shop", TELL_ALL);
    let supervisor = desk.somebody("sofia", Role::Supervisor, Some(client));
    let tickets: Vec<_> = (0..40).map(|number| desk.opens(client, &format!("no cash {number}"))).collect();

    // Half of the client's hour is the handler's; the other half is left to others.
    let sent = |tickets: &[TicketId]| count(&desk, tickets, "person_notified");
    assert_eq!((sent(&tickets), count(&desk, &tickets, "message_held")), (500, 3_500));
    let hold = only_hold(&desk, client);
    assert_eq!((hold.why, hold.limit, hold.held), (HoldReason::HandlerHour, 500, 3_500));
    supervisor.replies(tickets[0], "We are on it.").unwrap();
    assert_eq!(sent(&tickets), 600, "another handler has its own hour, and a person's words never wait");
    let elsewhere = desk.opens(other, "no paper");
    assert_eq!((sent(&[elsewhere]), holds(&desk, other).len()), (100, 0), "another client is not touched");
    let counts: BTreeMap<_, _> = desk.desk.script_counts().by_client().into_iter().collect();
    assert_eq!((counts["bank"].messages_sent, counts["bank"].messages_held), (600, 3_500));
    assert_eq!((counts["shop"].messages_sent, counts["shop"].messages_held), (100, 0));

    // Hours later nothing dribbles out: it joins what waits, and nobody is told again.
    desk.pass(Span::hours(3));
    let later = desk.opens(client, "no cash again");
    assert_eq!((sent(&[later]), only_hold(&desk, client).held), (0, 3_600));
    let inbox = desk.read(|db| store::notification::of_person(db, supervisor.id, None, 10));
    let of_holds = inbox.iter().filter(|row| row.template.as_deref() == Some("messages_held"));
    assert_eq!(of_holds.count(), 1);

    let hold = only_hold(&desk, client);
    assert_eq!(refusal(supervisor.does(discards(&hold, " "))), "invalid");
    supervisor.does(discards(&hold, "Wrong queue.")).unwrap();
    desk.pass(Span::minutes(1));
    let over = desk.read(|db| store::hold::get(db, hold.id)).unwrap();
    assert_eq!((over.state, over.discarded, over.sent), (HoldState::Discarded, 3_600, 0));
    assert_eq!(sent(&tickets), 600, "none of them went out");
    let last = desk.events(later).pop().unwrap();
    let Event::MessageDiscarded { why, reason, person, .. } = last.event else { panic!("{last:?}") };
    assert_eq!((why, last.actor), (DiscardWhy::Discarded, Actor::Person { person: supervisor.id }));
    let reason = desk.read(|db| store::text::get(db, reason.unwrap()));
    assert!(person.is_some() && reason.as_deref() == Some("Wrong queue."));
    assert_eq!(sent(&[desk.opens(client, "the next")]), 100, "a new hour, a new budget");
}

#[test]
fn what_a_client_reads_is_held_too_and_goes_out_as_the_script_said_it() {
    let desk = TestDesk::new();
    let script = r#"
fn on_opened(ticket) { ticket.ask_contact("How much cash is left?"); ticket.note("asked"); }
fn on_comment(ticket, comment) { if comment.is_public { ticket.count_up("heard"); } }
"#;
    let client = desk.client_with("bank", script, &format!("{SETTINGS}\n[budget]\nmessages_per_run = 0\n"));
    let supervisor = desk.somebody("sofia", Role::Supervisor, Some(client));
    let (open, closed) = (desk.opens(client, "no cash"), desk.opens(client, "no paper"));
    assert_eq!(desk.ticket(open).status.as_str(), "waiting_for_client", "the rest of the run stands");
    assert_eq!(count(&desk, &[open, closed], "comment_added"), 2, "notes are for us and wait for nobody");
    supervisor
        .does(Command::CloseTicket {
            ticket: closed,
            version: None,
            resolution: Key::new("done").unwrap(),
            reason: None,
            information: Box::default(),
        })
        .unwrap();
    let hold = only_hold(&desk, client);
    assert_eq!((hold.handler.as_str(), hold.why, hold.held), ("on_opened", HoldReason::Run, 2));
    let views = Views::new(desk.desk.readers().clone(), Clock::Virtual(desk.clock.clone()));
    let shown = views.holds(supervisor.id, Some(client)).unwrap().remove(0);
    assert_eq!((shown.stale, shown.parts[0].kind), (1, MessageKind::Reply));
    assert_eq!(shown.parts[0].samples.iter().filter(|sample| sample.is_stale).count(), 1);

    let (hold, version, messages) = (hold.id, hold.version, hold.held);
    let approve = ApproveHold { hold, version, messages, is_without_stale: true };
    supervisor.does(Command::ApproveHold(approve)).unwrap();
    desk.pass(Span::minutes(1));
    let reply = desk.events(open).into_iter().rfind(|one| one.event.name() == "comment_added").unwrap();
    assert!(matches!(reply.event, Event::CommentAdded { .. }) && reply.event.is_public());
    assert_eq!(reply.actor, Actor::Script { client });
    assert!(reply.run.is_some() && desk.ticket(open).counters.get("heard") == Some(&1));
    let dropped = desk.events(closed).pop().unwrap().event;
    assert!(matches!(dropped, Event::MessageDiscarded { why: DiscardWhy::TicketClosed, .. }), "{dropped:?}");
    let over = desk.read(|db| store::hold::get(db, hold)).unwrap();
    assert_eq!((over.state, over.sent, over.discarded), (HoldState::Sent, 1, 1));
}

#[test]
fn the_alarm_of_a_queue_counts_and_who_left_is_told_nothing() {
    let desk = TestDesk::new();
    let members = crowd_of(&desk, "dispatchers", 3);
    let script = "fn on_opened(ticket) { ticket.queue(\"dispatchers\", #{ alarm: true }); }";
    let settings = format!("{SETTINGS}\n[budget]\nmessages_per_run = 1\n");
    let client = desk.client_with("bank", script, &settings);
    let supervisor = desk.somebody("sofia", Role::Supervisor, Some(client));
    let ticket = desk.opens(client, "no cash");
    assert_eq!(told(&desk, &[ticket]).len(), 1);
    assert_eq!(count(&desk, &[ticket], "ticket_queued"), 1, "the step itself is taken");
    let hold = only_hold(&desk, client);
    assert_eq!(hold.held, 2);
    leaves(&desk, members[2]);
    supervisor.does(approves(&hold)).unwrap();
    desk.pass(Span::minutes(1));
    assert_eq!(told(&desk, &[ticket]).len(), 2);
    let last = desk.events(ticket).pop().unwrap().event;
    assert!(matches!(last, Event::MessageDiscarded { why: DiscardWhy::RecipientGone, .. }), "{last:?}");
}

/// A report is about no ticket, so no hold can keep it; none goes out beyond the limit all the same.
#[test]
fn reports_are_messages_too_and_none_goes_out_beyond_the_limit() {
    let desk = TestDesk::new();
    let members = crowd(&desk, 20);
    let script = r#"fn on_schedule(name) {
        for turn in 0..10 { send_report("unclassified", #{ to: "support" }); }
    }"#;
    let of_members = |desk: &TestDesk| -> usize {
        members.iter().map(|id| desk.read(|db| store::notification::of_person(db, *id, None, 50)).len()).sum()
    };
    let client = desk.client_with("bank", script, &format!("{SETTINGS}{MORNING}"));
    desk.pass(Span::hours(24));
    assert_eq!(of_members(&desk), 200, "200 of a run are what it may send");
    desk.client_with("shop", script, &format!("{SETTINGS}{MORNING}\n[budget]\nmessages_per_run = 199\n"));
    desk.pass(Span::hours(24));
    assert_eq!(of_members(&desk), 400, "of the other client's run, which failed, nothing went out");
    let failed = desk.read(|db| store::work_list::runs_failed(db, client, 10));
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn the_operators_ceiling_holds_whatever_the_pack_says() {
    let mut desk = TestDesk::new();
    crowd(&desk, 10);
    desk.desk.stop();
    let now = desk.clock.now();
    let (tx, readers) = store::open(desk.folder.path(), Durability::None, IdMaker::new(2), now).unwrap();
    let wall_max = std::time::Duration::from_secs(5);
    let limits = ScriptLimits { wall_max, messages_per_hour_max: 4 };
    desk.desk = Desk::start(tx, readers, Clock::Virtual(desk.clock.clone()), limits).unwrap();
    let settings = format!("{SETTINGS}\n[budget]\nmessages_per_hour = 100000\n");
    let client = desk.client_with("bank", TELL_ALL, &settings);
    let ticket = desk.opens(client, "no cash");
    assert_eq!(count(&desk, &[ticket], "person_notified"), 4);
    let hold = only_hold(&desk, client);
    assert_eq!((hold.why, hold.limit, hold.held), (HoldReason::DeskHour, 4, 6));
}

#[test]
fn a_limit_that_cannot_be_is_refused_with_its_place() {
    for (line, wanted) in [
        ("messages_per_run = -1", "-1 is not from 0 to 100000"),
        ("messages_per_hour = 100001", "100001 is not from 0 to 100000"),
        ("handler_messages_per_hour = -5", "-5 is not from 0 to 100000"),
        ("messages_per_hours = 5", "did you mean `messages_per_hour`?"),
        ("messages_per_run = 'many'", "invalid type"),
    ] {
        let error = Pack::parse(&format!("{SETTINGS}\n[budget]\n{line}\n")).unwrap_err();
        assert!(error.message.contains(wanted), "{line}: {error}");
        assert_eq!(error.line, SETTINGS.lines().count() + 3, "{line}: {error}");
    }
}
