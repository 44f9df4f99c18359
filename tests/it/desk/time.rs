//! Calendars, targets and the ledger on a whole desk: what desks get wrong, case by case.

use std::collections::BTreeMap;

use naryad::commands::Request;
use naryad::domain::command::{Command, PutSite, TicketChanges};
use naryad::domain::event::{Event, Visibility};
use naryad::domain::ledger::{Entry, PieceKind, Policy, ledger};
use naryad::domain::pack::Pack;
use naryad::domain::person::{Actor, Role};
use naryad::domain::sla::SlaClock;
use naryad::domain::{ClientId, Key, Moment, PackVersionId, SiteId, Span, TicketId};
use naryad::store;
use naryad::store::event::{Recorded, Turn};

use crate::helpers::{SETTINGS, TestDesk, made, refusal};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// The settings of the tests with other targets and more calendars.
fn settings(sla: &str, more: &str) -> String {
    let start = SETTINGS.find("[[sla]]").unwrap();
    let end = SETTINGS.find("[contract]").unwrap();
    format!("{}{sla}\n{more}\n{}", &SETTINGS[..start], &SETTINGS[end..])
}

const PLAIN: &str =
    "[[sla]]\nfirst_response_minutes = 60\nnext_response_minutes = 30\nresolution_minutes = 480\n";
const OFFICE: &str = "[[calendars]]\nkey = 'office'\nlabel = { en = 'Office' }\ntime_zone = 'site'\n\
    hours = [{ days = ['mon', 'tue', 'wed', 'thu', 'fri'], from = '09:00', to = '18:00' }]\n";

fn clock(desk: &TestDesk, ticket: TicketId, target: &str) -> Option<SlaClock> {
    let clocks = desk.read(|db| store::sla_clock::of_ticket(db, ticket));
    clocks.into_iter().find(|clock| clock.target == *target)
}

fn used(desk: &TestDesk, ticket: TicketId, target: &str) -> i64 {
    let clock = clock(desk, ticket, target).unwrap();
    let (_, calendars) = rules(desk, ticket);
    let calendar = calendars.of(&desk.ticket(ticket).terms);
    clock.used_at(&calendar, desk.now()).ms() / 60_000
}

fn rules(desk: &TestDesk, ticket: TicketId) -> (Pack, naryad::domain::calendars::Calendars) {
    let version = desk.ticket(ticket).pack_version.unwrap();
    desk.read(|db| {
        let version = store::pack::get(db, version)?.unwrap();
        let lists = store::holiday_list::of_version(db, &version.holidays)?;
        Ok(Pack::parse_with(&version.settings, &lists).unwrap())
    })
}

/// Minutes by kind.
fn spent(desk: &TestDesk, ticket: TicketId) -> BTreeMap<&'static str, i64> {
    let events = desk.events(ticket);
    let entries: Vec<Entry<'_>> = events.iter().map(Recorded::entry).collect();
    let (pack, calendars) = rules(desk, ticket);
    let policy = Policy { pack: &pack, calendars: &calendars };
    let mut minutes = BTreeMap::new();
    for piece in ledger(ticket, &entries, policy, desk.now()) {
        *minutes.entry(piece.kind.as_str()).or_default() += piece.minutes();
    }
    let turns = desk.read(|db| store::event::turns(db, ticket, events.len()));
    let entries: Vec<Entry<'_>> = turns.iter().map(Turn::entry).collect();
    let mut of_turns = BTreeMap::new();
    for piece in ledger(ticket, &entries, policy, desk.now()) {
        *of_turns.entry(piece.kind.as_str()).or_default() += piece.minutes();
    }
    assert_eq!(of_turns, minutes, "what a script reads are the minutes of the whole story");
    minutes
}

fn set_status(desk: &TestDesk, ticket: TicketId, status: &str) {
    let changes = TicketChanges { status: Some(key(status)), ..TicketChanges::default() };
    desk.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }).unwrap();
}

fn set_priority(desk: &TestDesk, ticket: TicketId, priority: i64) {
    let changes = TicketChanges { priority: Some(priority), ..TicketChanges::default() };
    desk.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }).unwrap();
}

fn alarms(desk: &TestDesk, ticket: TicketId) -> Vec<(String, i64, i64)> {
    let reached = desk.events(ticket).into_iter().filter_map(|recorded| match recorded.event {
        Event::SlaReached { target, percent, overdue_minutes, .. } => {
            Some((target.to_string(), percent, overdue_minutes))
        }
        _ => None,
    });
    reached.collect()
}

fn site_with(desk: &TestDesk, client: ClientId, zone: &str, calendar: Option<&str>) -> SiteId {
    let put = PutSite {
        id: None,
        version: None,
        client,
        sub_client: None,
        name: format!("Branch in {zone}"),
        address: "Main street 1".to_owned(),
        city: "Almaty".to_owned(),
        country: "KZ".to_owned(),
        time_zone: zone.to_owned(),
        calendar: calendar.map(key),
        district: None,
        location: None,
    };
    SiteId(made(&desk.does(Command::PutSite(Box::new(put))).unwrap()))
}

#[test]
fn reopened_after_a_long_wait_the_wait_and_the_rest_are_nobodys() {
    let desk = TestDesk::new();
    let client = desk.client_with("bank", "", &settings(PLAIN, ""));
    let ticket = desk.opens(client, "screen is dark");
    desk.pass(Span::minutes(30));
    set_status(&desk, ticket, "waiting_for_client");
    desk.pass(Span::days(20));
    desk.does(Command::CloseTicket {
        ticket,
        version: None,
        resolution: key("done"),
        reason: None,
        information: Box::default(),
    })
    .unwrap();
    desk.pass(Span::days(40));
    desk.does(Command::ReopenTicket { ticket, version: None, reason: None }).unwrap();
    desk.pass(Span::minutes(15));
    assert_eq!(used(&desk, ticket, "resolution"), 45);
    let day = 24 * 60;
    let expected = [("resolved", 40 * day), ("waiting_for_client", 20 * day), ("working", 45)];
    assert_eq!(spent(&desk, ticket), expected.into());
    assert_eq!(alarms(&desk, ticket), []);
}

#[test]
fn a_priority_raised_during_a_pause_counts_when_work_goes_on() {
    let desk = TestDesk::new();
    let rows =
        "[[sla]]\npriority = 3\nresolution_minutes = 480\n[[sla]]\npriority = 1\nresolution_minutes = 120\n";
    let client = desk.client_with("bank", "", &settings(rows, ""));
    let ticket = desk.opens(client, "screen is dark");
    desk.pass(Span::minutes(100));
    set_status(&desk, ticket, "awaiting_approval");
    desk.pass(Span::days(2));
    set_priority(&desk, ticket, 1);
    desk.pass(Span::days(2));
    // 100 of 120 minutes are gone already: 80 percent is reached the moment it runs again, not before.
    assert_eq!(alarms(&desk, ticket), []);
    set_status(&desk, ticket, "in_work");
    desk.pass(Span::minutes(19));
    assert_eq!(alarms(&desk, ticket), [("resolution".to_owned(), 80, 0)]);
    desk.pass(Span::minutes(1));
    assert_eq!(alarms(&desk, ticket).last(), Some(&("resolution".to_owned(), 100, 0)));
    // A longer target takes the alarms back, and they may come again.
    set_priority(&desk, ticket, 3);
    assert_eq!(clock(&desk, ticket, "resolution").unwrap().warned_percent, 25);
}

#[test]
fn a_priority_with_other_targets_counts_from_the_opening() {
    let desk = TestDesk::new();
    let rows = "[[sla]]\npriority = 3\nresolution_minutes = 480\n[[sla]]\npriority = 1\nresolution_minutes = 120\n\
        stage_minutes = { approval = 600 }\n[[stages]]\nkey = 'approval'\nlabel = { en = 'Approval' }\n\
        statuses = ['awaiting_approval']\n";
    let client = desk.client_with("bank", "", &settings(rows, ""));
    let ticket = desk.opens(client, "screen is dark");
    set_status(&desk, ticket, "awaiting_approval");
    desk.pass(Span::minutes(50));
    set_status(&desk, ticket, "in_work");
    assert_eq!(clock(&desk, ticket, "approval"), None);
    set_priority(&desk, ticket, 1);
    assert_eq!(used(&desk, ticket, "approval"), 50, "a waiting status counts in a stage that names it");
    set_priority(&desk, ticket, 3);
    assert_eq!(clock(&desk, ticket, "approval"), None);
}

#[test]
fn an_automatic_message_is_no_first_response() {
    let desk = TestDesk::new();
    let script = "fn on_opened(ticket) { ticket.comment(\"We have got your request.\"); }";
    let client = desk.client_with("bank", script, &settings(PLAIN, ""));
    let operator = desk.somebody("olga", Role::Operator, None);
    let contact = desk.somebody("anna", Role::ClientContact, Some(client));
    let ticket = desk.opens(client, "screen is dark");
    assert!(desk.story(ticket).contains(&"comment_added"), "{:?}", desk.story(ticket));
    let by_clock = Command::AddComment {
        ticket,
        text: "Your request is being looked at.".to_owned(),
        visibility: naryad::domain::event::Visibility::Public,
        attachments: Vec::new(),
        asks_client: false,
    };
    desk.desk.run(Request::new(Actor::Clock, by_clock)).unwrap();
    desk.pass(Span::minutes(10));
    assert_eq!(clock(&desk, ticket, "first_response").unwrap().met_at, None);
    // While the first response is owed, a question starts no other clock.
    contact.replies(ticket, "hello?").unwrap();
    assert_eq!(clock(&desk, ticket, "next_response"), None);
    operator.replies(ticket, "an engineer is coming").unwrap();
    assert_eq!(clock(&desk, ticket, "first_response").unwrap().met_at, Some(desk.now()));
    desk.pass(Span::minutes(10));
    contact.replies(ticket, "when?").unwrap();
    desk.pass(Span::minutes(5));
    contact.replies(ticket, "well?").unwrap();
    desk.pass(Span::minutes(5));
    assert_eq!(used(&desk, ticket, "next_response"), 10, "counted from the first question");
    operator.replies(ticket, "at two").unwrap();
    contact.replies(ticket, "thank you").unwrap();
    assert_eq!(used(&desk, ticket, "next_response"), 0, "the next question has a clock of its own");
}

#[test]
fn a_duplicate_ends_with_its_merging() {
    let desk = TestDesk::new();
    let client = desk.client_with("bank", "", &settings(PLAIN, ""));
    let first = desk.opens(client, "screen is dark");
    let ticket = desk.opens(client, "dark screen");
    desk.pass(Span::minutes(20));
    desk.does(Command::MarkDuplicate { ticket, of: first }).unwrap();
    let merged_at = desk.now();
    desk.pass(Span::days(3));
    assert_eq!(spent(&desk, ticket), [("working", 20)].into());
    for target in ["first_response", "resolution"] {
        assert_eq!(clock(&desk, ticket, target).unwrap().met_at, Some(merged_at), "{target}");
    }
    assert_eq!(alarms(&desk, ticket), []);
    assert!(alarms(&desk, first).len() > 2, "the other goes on");
}

#[test]
fn levels_and_repeated_alarms_wake_the_script() {
    let desk = TestDesk::new();
    let rows = "[[sla]]\nresolution_minutes = 100\nwarn_percent = [50, 100]\noverdue_every_minutes = 60\n";
    let script = "fn on_sla(ticket, alarm) { ticket.note(`${alarm.target} ${alarm.percent} ${alarm.overdue_minutes}`); }";
    let client = desk.client_with("bank", script, &settings(rows, ""));
    let ticket = desk.opens(client, "screen is dark");
    desk.pass(Span::minutes(220));
    let said: Vec<String> = desk
        .events(ticket)
        .into_iter()
        .filter_map(|recorded| match recorded.event {
            Event::CommentAdded { text, .. } => Some(desk.words(Some(text))),
            _ => None,
        })
        .collect();
    assert_eq!(said, ["resolution 50 0", "resolution 100 0", "resolution 160 60", "resolution 220 120"]);
}

/// Monday, 2 November 2026, 09:00 UTC is 14:00 in Almaty.
#[test]
fn a_site_counts_by_its_own_calendar_and_a_move_counts_from_then_on() {
    let desk = TestDesk::new();
    let client = desk.client_with("bank", "", &settings(PLAIN, OFFICE));
    let site = site_with(&desk, client, "Asia/Almaty", Some("office"));
    let mut open = TestDesk::request(client, "screen is dark");
    open.site = Some(site);
    let ticket = desk.opens_with(open);
    desk.pass(Span::hours(24));
    // 14:00 to 18:00, then 09:00 to 14:00.
    assert_eq!(used(&desk, ticket, "resolution"), 9 * 60);
    assert_eq!(spent(&desk, ticket), [("outside_calendar", 15 * 60), ("working", 9 * 60)].into());
    let changes = TicketChanges { site: Some(None), ..TicketChanges::default() };
    desk.does(Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }).unwrap();
    desk.pass(Span::hours(24));
    assert_eq!(used(&desk, ticket, "resolution"), 9 * 60 + 24 * 60);
    let put = PutSite {
        id: None,
        version: None,
        client,
        sub_client: None,
        name: "x".to_owned(),
        address: "x".to_owned(),
        city: "x".to_owned(),
        country: "KZ".to_owned(),
        time_zone: "Asia/Almaty".to_owned(),
        calendar: Some(key("ofice")),
        district: None,
        location: None,
    };
    assert_eq!(refusal(desk.does(Command::PutSite(Box::new(put)))), "unknown_key");
}

#[test]
fn a_calendar_changed_in_flight_counts_only_when_it_is_recomputed() {
    let desk = TestDesk::new();
    let client = desk.client_with("bank", "", &settings(PLAIN, ""));
    let ticket = desk.opens(client, "screen is dark");
    desk.pass(Span::hours(2));
    let office = settings(PLAIN, "").replace(
        "calendar = { time_zone = \"Europe/Moscow\" }",
        "calendar = { time_zone = \"Europe/Moscow\", hours = [{ days = [\"mon\"], from = \"13:00\", to = \"18:00\" }] }",
    );
    desk.publishes(client, "", &office).unwrap();
    desk.pass(Span::hours(1));
    assert_eq!(used(&desk, ticket, "resolution"), 180, "the ticket keeps the calendar of its version");
    let before = clock(&desk, ticket, "resolution");
    let found = naryad::commands::recount::recount(&desk.desk, ticket, None).unwrap();
    assert_eq!(clock(&desk, ticket, "resolution"), before, "a look changes nothing");
    let change = found.clocks.iter().find(|change| change.target == "resolution").unwrap();
    let minutes = |figures: naryad::commands::recount::ClockFigures| figures.used.ms() / 60_000;
    assert_eq!((change.before.map(minutes), change.after.map(minutes)), (Some(180), Some(120)));
    let kinds: Vec<_> =
        found.kinds.iter().map(|one| (one.kind, one.minutes_before, one.minutes_after)).collect();
    assert_eq!(kinds, [(PieceKind::Working, 180, 120), (PieceKind::OutsideCalendar, 0, 60)]);
    desk.does(Command::RecomputeClocks { ticket, to: None }).unwrap();
    assert_eq!(used(&desk, ticket, "resolution"), 120);
    let after = desk.story(ticket);
    desk.does(Command::RecomputeClocks { ticket, to: None }).unwrap();
    assert_eq!(desk.story(ticket), after, "nothing differs any more, so nothing is recorded");
    let wrong = Command::RecomputeClocks { ticket, to: Some(PackVersionId(1)) };
    assert_eq!(refusal(desk.does(wrong)), "not_found");
}

#[test]
fn a_version_that_does_not_know_all_of_a_ticket_is_refused_as_a_move_leaves_it() {
    let desk = TestDesk::new();
    let script = "fn on_opened(ticket) { ticket.timer(\"remind\", hours(2)); ticket.queue(\"commercial\"); }\n\
                  fn on_timer(ticket, name) {}";
    let client = desk.client_with("bank", script, &settings(PLAIN, ""));
    let ticket = desk.opens(client, "a screen is dark");
    let before = desk.story(ticket);
    // The status is known; nothing takes the timer.
    desk.publishes(client, "", &settings(PLAIN, "")).unwrap();
    let asked = Command::RecomputeClocks { ticket, to: None };
    let error = desk.does(asked.clone()).unwrap_err();
    assert!(error.to_string().contains("stays on its own: nothing takes the timer `remind`"), "{error}");
    assert_eq!(refusal(desk.does(asked.clone())), "version_does_not_fit");
    assert_eq!(desk.story(ticket), before);
    // The look beforehand says the same.
    let looked = naryad::commands::recount::recount(&desk.desk, ticket, None).unwrap_err();
    assert_eq!(looked.to_string(), error.to_string());
    // A version that knows it all takes the ticket.
    desk.publishes(client, "fn on_timer(ticket, name) { }", &settings(PLAIN, "")).unwrap();
    desk.does(asked).unwrap();
    assert_eq!(desk.story(ticket).len(), before.len() + 1);
}

const NOVEMBER: &str =
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:DAY\nSUMMARY:Holiday\nEND:VEVENT\nEND:VCALENDAR\n";

#[test]
fn a_holiday_list_counts_for_new_tickets_from_its_import_on() {
    let desk = TestDesk::new();
    let import = |client, day: &str| {
        let source = NOVEMBER.replace("DAY", day);
        desk.does(Command::PutHolidays { client, key: key("own"), source })
    };
    let client = desk.client_with("bank", "", &settings(PLAIN, ""));
    let with_list =
        settings(PLAIN, "").replace("\"Europe/Moscow\" }", "\"Europe/Moscow\", holidays = [\"own\"] }");
    let refused = desk.publishes(client, "", &with_list).unwrap_err().to_string();
    assert!(refused.contains("client.toml:4:") && refused.contains("no holiday list `own`"), "{refused}");
    import(client, "20261103").unwrap();
    desk.publishes(client, "", &with_list).unwrap();
    let old = desk.opens(client, "before the second import");
    import(client, "20261102").unwrap();
    let new = desk.opens(client, "after it");
    desk.pass(Span::hours(6));
    assert_eq!((used(&desk, old, "resolution"), used(&desk, new, "resolution")), (360, 0));
    desk.does(Command::RecomputeClocks { ticket: old, to: None }).unwrap();
    assert_eq!(used(&desk, old, "resolution"), 0);
    let broken = Command::PutHolidays { client, key: key("own"), source: "BEGIN:VCALENDAR\nx".to_owned() };
    let refused = desk.does(broken).unwrap_err().to_string();
    assert!(refused.contains("source: line 2"), "{refused}");
}

#[test]
fn what_comes_late_counts_from_when_it_happened() {
    let desk = TestDesk::new();
    let client = desk.client_with("bank", "", &settings(PLAIN, ""));
    let ticket = desk.opens(client, "screen is dark");
    desk.pass(Span::minutes(120));
    let changes = TicketChanges { status: Some(key("awaiting_approval")), ..TicketChanges::default() };
    let command = Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) };
    let then: Moment = desk.now() - Span::minutes(90);
    desk.desk.run(Request::new(Actor::Operator, command).occurred(then)).unwrap();
    assert_eq!(used(&desk, ticket, "resolution"), 30);
    assert_eq!(spent(&desk, ticket), [("waiting_for_approval", 90), ("working", 30)].into());
    // The first response was not missed after all; it may be, later.
    assert!(alarms(&desk, ticket).contains(&("first_response".to_owned(), 100, 0)));
    assert_eq!(clock(&desk, ticket, "first_response").unwrap().warned_percent, 50);
    set_status(&desk, ticket, "in_work");
    desk.pass(Span::minutes(30));
    assert_eq!(alarms(&desk, ticket).last(), Some(&("first_response".to_owned(), 100, 0)));
}

/// What the desk knows of each ticket's time: the rows of its clocks, and its minutes by kind.
type Counted = Vec<(Vec<SlaClock>, BTreeMap<&'static str, i64>)>;

fn counted(desk: &TestDesk, tickets: &[TicketId]) -> Counted {
    let clocks = |ticket| desk.read(|db| store::sla_clock::of_ticket(db, ticket));
    tickets.iter().map(|ticket| (clocks(*ticket), spent(desk, *ticket))).collect()
}

/// Tickets with pauses, raised priorities, answers, resolutions and openings again, over nine days.
fn some_days(desk: &TestDesk, client: ClientId) -> Vec<TicketId> {
    let changes =
        |ticket, changes| Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) };
    let status = |key_of| TicketChanges { status: Some(key(key_of)), ..TicketChanges::default() };
    let mut tickets = Vec::new();
    let mut done = [0; 6];
    for step in 0..240_usize {
        desk.pass(Span::minutes(13 + 7 * (step as i64 % 11)));
        if step % 4 == 0 {
            tickets.push(desk.opens(client, &format!("request {step}")));
        }
        // Well mixed, and the same each time.
        let dice = step.wrapping_mul(2_654_435_761) >> 7;
        let (ticket, what) = (tickets[dice % tickets.len()], (dice >> 9) % done.len());
        let priority = Some(1 + step as i64 % 5);
        let command = match what {
            0 => changes(ticket, status("awaiting_approval")),
            1 => changes(ticket, status("in_work")),
            2 => changes(ticket, TicketChanges { priority, ..TicketChanges::default() }),
            3 => Command::ResolveTicket {
                ticket,
                version: None,
                resolution: key("done"),
                reason: None,
                information: Box::default(),
            },
            4 => Command::ReopenTicket { ticket, version: None, reason: None },
            _ => Command::AddComment {
                ticket,
                text: "looked at".to_owned(),
                visibility: Visibility::Public,
                attachments: Vec::new(),
                asks_client: false,
            },
        };
        // What is resolved takes no change, and what is not cannot be opened again.
        done[what] += usize::from(desk.does(command).is_ok());
    }
    assert!(done.iter().all(|count| *count > 3), "each kind of step was taken: {done:?}");
    tickets
}

#[test]
fn a_restart_and_a_policy_there_and_back_leave_every_minute_where_it_was() {
    let mut desk = TestDesk::new();
    let client = desk.client_with("bank", "", &settings(PLAIN, ""));
    let first = desk.read(|db| store::client::get(db, client)).unwrap().pack_version;
    let tickets = some_days(&desk, client);
    let before = counted(&desk, &tickets);
    assert!(before.iter().any(|(_, minutes)| minutes.len() > 2), "the days are not all alike: {before:?}");
    desk.restarts_after(|_| {});
    assert_eq!(counted(&desk, &tickets), before, "after a restart");
    let recompute = |desk: &TestDesk, to| {
        for ticket in &tickets {
            desk.does(Command::RecomputeClocks { ticket: *ticket, to }).unwrap();
        }
    };
    recompute(&desk, first);
    assert_eq!(counted(&desk, &tickets), before, "counted anew by the same policy");
    let office = settings(&PLAIN.replace("480", "240"), "").replace(
        "calendar = { time_zone = \"Europe/Moscow\" }",
        "calendar = { time_zone = \"Asia/Almaty\", hours = [{ days = [\"mon\", \"thu\"], from = \"09:00\", to = \"18:00\" }] }",
    );
    desk.publishes(client, "", &office).unwrap();
    recompute(&desk, None);
    let other = counted(&desk, &tickets);
    assert!(before.iter().zip(&other).all(|(one, other)| one != other), "the other policy counts otherwise");
    desk.restarts_after(|_| {});
    assert_eq!(counted(&desk, &tickets), other, "after another restart");
    recompute(&desk, first);
    assert_eq!(counted(&desk, &tickets), before, "there and back");
}
