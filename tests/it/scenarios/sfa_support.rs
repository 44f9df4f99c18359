//! Vendor support: two packages, who may ask, the month's hours, weekends of the client's own, paid raises.

use naryad::domain::calendar::{Month, local_moment};
use naryad::domain::command::{
    AdjustBalance, Command, OpenTicket, RaisePriority, RecordTime, SetNamedContact, SpentTime, StopwatchEnd,
    Switch,
};
use naryad::domain::contract::{AdjustmentKind, BalanceUnit, Charge, Coverage, NotCovered, RaiseLine};
use naryad::domain::event::Event;
use naryad::domain::pack::Pack;
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::sla::{FIRST_RESPONSE, RESOLUTION, SlaClock};
use naryad::domain::ticket::{Channel, Level};
use naryad::domain::{ClientId, ContactId, Key, Moment, Span, SubClientId, TicketId};
use naryad::store;
use naryad::store::contract::Holder;

use crate::helpers::{Somebody, TestDesk, refusal};

const SCRIPT: &str = include_str!("../../../workflows/sfa-support/workflow.rhai");
const SETTINGS: &str = include_str!("../../../workflows/sfa-support/client.toml");
const HOLIDAYS: &str = include_str!("../../../workflows/sfa-support/holidays/am-2026.ics");
const ZONE: &str = "Europe/Moscow";

/// The vendor's desk: the client has the full package, its sub-client `dairy` the basic one.
struct Vendor {
    desk: TestDesk,
    client: ClientId,
    dairy: SubClientId,
    /// Named by dairy.
    anna: ContactId,
    /// Of dairy, not named.
    boris: ContactId,
    /// A user of the client itself.
    ivan: ContactId,
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn vendor(script: &str) -> Vendor {
    let desk = TestDesk::new();
    let client = desk.client("vendor", "");
    let source = HOLIDAYS.to_owned();
    desk.does(Command::PutHolidays { client, key: key("am-2026"), source }).unwrap();
    desk.publishes(client, script, SETTINGS).unwrap();
    let dairy = desk.sub_client(client, "dairy");
    let anna = desk.contact(client, Some(dairy), "Anna");
    let boris = desk.contact(client, Some(dairy), "Boris");
    let ivan = desk.contact(client, None, "Ivan");
    let vendor = Vendor { desk, client, dairy, anna, boris, ivan };
    vendor.names(anna, Switch::On).unwrap();
    vendor
}

impl Vendor {
    fn names(&self, contact: ContactId, state: Switch) -> Result<(), &'static str> {
        let set = SetNamedContact { client: self.client, contact, state, from: None };
        match self.desk.does(Command::SetNamedContact(Box::new(set))) {
            Ok(_) => Ok(()),
            refused => Err(refusal(refused)),
        }
    }

    /// A request of dairy by e-mail.
    fn asks(&self, contact: ContactId, category: &str) -> TicketId {
        self.asks_by(Some(self.dairy), contact, category, Channel::Email)
    }

    fn asks_by(
        &self,
        sub_client: Option<SubClientId>,
        contact: ContactId,
        category: &str,
        channel: Channel,
    ) -> TicketId {
        self.desk.opens_with(OpenTicket {
            sub_client,
            contact: Some(contact),
            category: Some(key(category)),
            channel: Some(channel),
            ..TestDesk::request(self.client, "Help")
        })
    }

    /// Lets time pass until a moment on the wall in Moscow.
    fn at(&self, local: &str) {
        let at = local_moment(local, ZONE).unwrap();
        assert!(at >= self.desk.now(), "{local} is over");
        self.desk.pass(at - self.desk.now());
    }

    fn coverage(&self, ticket: TicketId) -> Coverage {
        self.desk.read(|db| store::contract::coverage(db, ticket)).expect("it was judged").1
    }

    fn reason(&self, ticket: TicketId) -> Option<NotCovered> {
        self.coverage(ticket).reason
    }

    fn queue(&self, ticket: TicketId) -> String {
        self.desk.ticket(ticket).queue.unwrap().to_string()
    }

    fn clock(&self, ticket: TicketId, target: &str) -> SlaClock {
        let clocks = self.desk.read(|db| store::sla_clock::of_ticket(db, ticket));
        clocks.into_iter().find(|clock| clock.target == *target).expect("the clock was started")
    }

    /// Open time that the clock has used, by the hours of the ticket's package.
    fn used(&self, ticket: TicketId, target: &str) -> Span {
        let version = self.desk.ticket(ticket).pack_version.unwrap();
        let version = self.desk.read(|db| store::pack::get(db, version)).unwrap();
        let lists = self.desk.read(|db| store::holiday_list::of_version(db, &version.holidays));
        let (_, calendars) = Pack::parse_with(&version.settings, &lists).unwrap();
        let calendar = calendars.of(&self.desk.ticket(ticket).terms);
        self.clock(ticket, target).used_at(&calendar, self.desk.now())
    }

    /// Minutes of dairy's month that are left.
    fn left(&self) -> i64 {
        let period = Month::of(self.desk.now(), ZONE).unwrap().bounds(ZONE).unwrap();
        let holder = Holder { client: self.client, sub_client: Some(self.dairy) };
        let spent =
            self.desk.read(|db| store::contract::spent_by_all(db, holder, BalanceUnit::Minutes, period));
        5 * 60 + spent.adjusted - spent.by_others
    }

    fn operator(&self, login: &str, queue: &str) -> Somebody<'_> {
        let person = self.desk.somebody(login, Role::Operator, None);
        let grant = Grant { role: Role::Operator, client: None };
        person.gets(&[grant], &[Membership { queue: key(queue), client: None }]);
        person
    }

    fn raises(&self, contact: ContactId, ticket: TicketId) -> Vec<RaiseLine> {
        let raises = self.desk.events(ticket).into_iter().filter_map(|recorded| match recorded.event {
            Event::PriorityRaised { raise, .. } => Some(*raise),
            _ => None,
        });
        raises.filter(|raise| raise.agreed_by == Some(contact)).collect()
    }
}

fn raise(ticket: TicketId, to: i64, is_agreed: bool, agreed_by: Option<ContactId>) -> Command {
    let reason = Some("The shop is shut".to_owned());
    Command::RaisePriority(Box::new(RaisePriority {
        ticket,
        version: None,
        to,
        is_agreed,
        agreed_by,
        reason,
    }))
}

fn records(ticket: TicketId, began_at: Moment, minutes: i64) -> Command {
    let spent = SpentTime { began_at, minutes, kind: None, note: None };
    Command::RecordTime(Box::new(RecordTime { ticket, person: None, spent }))
}

#[test]
fn only_named_contacts_of_the_basic_package_ask_and_anybody_of_the_full_one() {
    let vendor = vendor(SCRIPT);
    let manager = vendor.operator("mila", "managers");
    let line = vendor.operator("olga", "line_1");
    let bob = vendor.desk.person_of(vendor.client, vendor.boris, "bob");

    let hers = vendor.asks(vendor.anna, "how_to");
    assert_eq!((vendor.reason(hers), vendor.queue(hers).as_str()), (None, "line_1"));
    assert_eq!(vendor.clock(hers, FIRST_RESPONSE).limit, Span::hours(4));

    // Nobody has named Boris: his request is lost to nobody, and a person decides.
    let his = vendor.asks(vendor.boris, "how_to");
    assert_eq!(vendor.reason(his), Some(NotCovered::NotANamedContact));
    assert!(!vendor.coverage(his).draws, "what is not covered draws nothing");
    assert_eq!(vendor.queue(his), "managers");
    assert_eq!(vendor.desk.reason(his), "Not in the package basic: not_a_named_contact");
    assert!(!vendor.desk.ticket(his).is_closed());
    assert_eq!(vendor.clock(his, RESOLUTION).running_since, Some(vendor.desk.now()));
    assert_eq!(vendor.desk.told(bob.id), [""; 0]);
    assert_eq!(vendor.desk.told(manager.id), [""; 0], "a matter for the day, not for the bell");

    // Once he is named, what he asks from then on is covered; what he asked before is not.
    vendor.desk.pass(Span::hours(1));
    vendor.names(vendor.boris, Switch::On).unwrap();
    assert_eq!(vendor.reason(vendor.asks(vendor.boris, "how_to")), None);
    line.replies(his, "We have asked your manager").unwrap();
    assert_eq!(vendor.reason(his), Some(NotCovered::NotANamedContact));
    assert_eq!(vendor.clock(his, FIRST_RESPONSE).met_at, Some(vendor.desk.now()));
    // Three names are bought.
    let gleb = vendor.desk.contact(vendor.client, Some(vendor.dairy), "Gleb");
    let vera = vendor.desk.contact(vendor.client, Some(vendor.dairy), "Vera");
    vendor.names(gleb, Switch::On).unwrap();
    assert_eq!(vendor.names(vera, Switch::On), Err("invalid"));
    vendor.desk.pass(Span::minutes(1));
    vendor.names(gleb, Switch::Off).unwrap();
    vendor.names(vera, Switch::On).unwrap();
    assert_eq!(vendor.reason(vendor.asks(gleb, "how_to")), Some(NotCovered::NotANamedContact));
    // By a channel that was not bought her request is not covered either.
    let called = vendor.asks_by(Some(vendor.dairy), vendor.anna, "how_to", Channel::Phone);
    assert_eq!(vendor.reason(called), Some(NotCovered::ChannelNotInPackage));
    // Any user of the full package asks, by any channel.
    for channel in [Channel::Portal, Channel::Phone, Channel::Email, Channel::Chat] {
        let ticket = vendor.asks_by(None, vendor.ivan, "how_to", channel);
        assert_eq!((vendor.reason(ticket), vendor.queue(ticket).as_str()), (None, "line_1"), "{channel:?}");
        assert_eq!(vendor.coverage(ticket).balance_left, None, "it is unlimited");
    }
}

#[test]
fn a_balance_that_time_entries_used_up_sends_the_next_request_to_the_manager() {
    let vendor = vendor(SCRIPT);
    let manager = vendor.operator("mila", "managers");
    let olga = vendor.operator("olga", "line_1");
    let first = vendor.asks(vendor.anna, "how_to");
    assert_eq!((vendor.coverage(first).balance_left, vendor.left()), (Some(300), 300));

    // Four hours by hand, and the last one by the timer.
    vendor.at("2026-11-03 15:00");
    olga.does(records(first, vendor.desk.now() - Span::hours(4), 240)).unwrap();
    let second = vendor.asks(vendor.anna, "how_to");
    assert_eq!((vendor.reason(second), vendor.coverage(second).balance_left), (None, Some(60)));
    olga.does(Command::StartStopwatch { ticket: second }).unwrap();
    vendor.desk.pass(Span::minutes(60));
    let end = StopwatchEnd::Record { minutes: None, kind: None, note: None };
    olga.does(Command::StopStopwatch { end }).unwrap();
    assert_eq!(vendor.left(), 0);

    let third = vendor.asks(vendor.anna, "how_to");
    let coverage = vendor.coverage(third);
    assert_eq!((coverage.reason, coverage.balance_left), (Some(NotCovered::BalanceUsedUp), Some(0)));
    assert_eq!(vendor.queue(third), "managers");
    assert_eq!(vendor.desk.reason(third), "The month's hours are used up");
    assert_eq!(vendor.desk.told(manager.id), ["ticket_queued"], "money is told at once");
    assert!(vendor.clock(third, FIRST_RESPONSE).running_since.is_some(), "the client still waits");
    // Its tickets of before stand where they stood.
    assert_eq!((vendor.queue(first).as_str(), vendor.queue(second).as_str()), ("line_1", "line_1"));

    // A bug fix stays outside the balance, however long it takes.
    let defect = vendor.asks(vendor.anna, "defect");
    assert_eq!((vendor.reason(defect), vendor.queue(defect).as_str()), (None, "line_3"));
    assert!(!vendor.coverage(defect).draws);
    let earlier = vendor.desk.now() - Span::hours(20);
    olga.does(records(defect, earlier, 600)).unwrap();
    assert_eq!(vendor.left(), 0);

    // Two hours are bought: the next one is covered again; a new month brings five.
    let (reason, client) = ("Bought by phone".to_owned(), vendor.client);
    let (amount, kind, sub_client) = (120, AdjustmentKind::Bought, Some(vendor.dairy));
    let bought = AdjustBalance { client, sub_client, amount, kind, reason, valid_from: None };
    vendor.desk.does(Command::AdjustBalance(Box::new(bought))).unwrap();
    assert_eq!(vendor.reason(vendor.asks(vendor.anna, "how_to")), None);
    vendor.at("2026-12-01 10:00");
    assert_eq!(vendor.left(), 300);
    assert_eq!(vendor.reason(vendor.asks(vendor.anna, "how_to")), None);
}

#[test]
fn without_the_scripts_word_a_used_up_balance_is_put_apart_and_nobody_is_told() {
    let (head, rest) = SCRIPT.split_once("fn on_not_covered(").unwrap();
    let rest = &rest[rest.find("fn on_task_done").unwrap()..];
    let vendor = vendor(&format!("{head}{rest}"));
    let manager = vendor.operator("mila", "managers");
    let olga = vendor.operator("olga", "line_1");
    let ann = vendor.desk.person_of(vendor.client, vendor.anna, "ann");
    let first = vendor.asks(vendor.anna, "how_to");
    vendor.at("2026-11-03 15:00");
    olga.does(records(first, vendor.desk.now() - Span::hours(5), 300)).unwrap();
    let next = vendor.asks(vendor.anna, "how_to");
    assert_eq!(vendor.reason(next), Some(NotCovered::BalanceUsedUp));
    let ticket = vendor.desk.ticket(next);
    assert_eq!((ticket.queue.as_deref(), ticket.is_closed()), (Some("managers"), false));
    assert!(ticket.tags.contains("not_covered"), "lists can be narrowed to it");
    assert_eq!((vendor.desk.told(manager.id), vendor.desk.told(ann.id)), (Vec::new(), Vec::new()));
    assert_eq!(vendor.reason(vendor.asks(vendor.anna, "defect")), None);
}

#[test]
fn a_weekend_goes_by_the_clients_own_schedule() {
    let vendor = vendor(SCRIPT);
    let line = vendor.operator("olga", "line_1");
    let ann = vendor.desk.person_of(vendor.client, vendor.anna, "ann");
    // Saturday 21 November is like any other: told, and taken when support opens on Monday.
    vendor.at("2026-11-21 12:00");
    let early = vendor.asks(vendor.anna, "how_to");
    assert_eq!(vendor.reason(early), Some(NotCovered::OutsideHours));
    assert!(vendor.desk.ticket(early).tags.contains("out_of_hours"));
    assert_eq!(vendor.desk.told(ann.id), ["opens_later"]);
    vendor.at("2026-11-23 09:00");
    assert_eq!((vendor.used(early, FIRST_RESPONSE), vendor.desk.told(line.id).len()), (Span::ZERO, 0));
    vendor.at("2026-11-23 09:30");
    assert_eq!(vendor.used(early, RESOLUTION), Span::minutes(30));
    assert_eq!(vendor.desk.told(line.id), ["ticket_queued"], "support is open");
    line.replies(early, "We look").unwrap();

    // Saturday 28 November is in its schedule, from ten to four.
    vendor.at("2026-11-28 11:00");
    let inside = vendor.asks(vendor.anna, "how_to");
    assert_eq!((vendor.reason(inside), vendor.queue(inside).as_str()), (None, "line_1"));
    vendor.at("2026-11-28 13:00");
    assert_eq!(vendor.used(inside, FIRST_RESPONSE), Span::hours(2));
    line.replies(inside, "We look").unwrap();
    assert_eq!(vendor.clock(inside, FIRST_RESPONSE).used, Span::hours(2));
    vendor.at("2026-11-28 16:30");
    assert_eq!(vendor.used(inside, RESOLUTION), Span::hours(5), "at four the clocks stand");
    let late = vendor.asks(vendor.anna, "how_to");
    assert_eq!(vendor.reason(late), Some(NotCovered::OutsideHours));
    // What monitoring notices then is for the vendor itself, and waits for no Monday.
    let noticed = vendor.asks_by(Some(vendor.dairy), vendor.anna, "failure", Channel::Monitoring);
    assert_eq!(vendor.queue(noticed), "line_2");
    // The full package is served at the same moment.
    let full = vendor.asks_by(None, vendor.ivan, "failure", Channel::Phone);
    assert_eq!((vendor.reason(full), vendor.queue(full).as_str()), (None, "line_2"));
    vendor.at("2026-11-29 04:30");
    assert_eq!(vendor.used(full, RESOLUTION), Span::hours(12));
    assert_eq!(vendor.used(late, RESOLUTION), Span::ZERO);
    assert_eq!(vendor.used(inside, RESOLUTION), Span::hours(5));
    vendor.at("2026-11-30 10:00");
    assert_eq!(vendor.used(late, RESOLUTION), Span::hours(1));
    assert_eq!(vendor.used(inside, RESOLUTION), Span::hours(6));
    assert_eq!(vendor.reason(late), Some(NotCovered::OutsideHours), "it was asked when it was asked");
}

#[test]
fn a_raise_of_the_full_package_is_billed_once_somebody_of_the_client_agrees() {
    let vendor = vendor(SCRIPT);
    let van = vendor.desk.person_of(vendor.client, vendor.ivan, "van");
    let olga = vendor.operator("olga", "line_2");
    let ticket = vendor.asks_by(None, vendor.ivan, "failure", Channel::Portal);
    olga.assigns(ticket, &olga).unwrap();
    let limit = vendor.clock(ticket, RESOLUTION).limit;
    assert_eq!((vendor.desk.ticket(ticket).priority, limit), (3, Span::hours(24)));
    vendor.desk.pass(Span::minutes(10));
    let before = vendor.desk.events(ticket).len();
    let asked = van.does(raise(ticket, 1, false, None)).unwrap_err().to_string();
    assert!(asked.contains("5,000 roubles a ticket"), "{asked}");
    let unsaid = olga.does(raise(ticket, 1, true, None));
    assert_eq!(refusal(unsaid), "invalid", "an operator says who agreed");
    assert_eq!(refusal(olga.does(raise(ticket, 1, true, Some(vendor.anna)))), "invalid", "not dairy's Anna");
    assert_eq!(vendor.desk.events(ticket).len(), before);

    van.does(raise(ticket, 1, true, None)).unwrap();
    let raises = vendor.raises(vendor.ivan, ticket);
    assert_eq!(raises.len(), 1);
    let line = &raises[0];
    assert_eq!((line.charge, line.amount, line.from, line.to), (Charge::Billed, 0, 3, 1));
    assert_eq!((line.package.as_str(), line.unit), ("full", None));
    assert_eq!(vendor.desk.ticket(ticket).priority, 1);
    // The target is that of the first priority, and what was used is used.
    let (first, whole) = (vendor.clock(ticket, FIRST_RESPONSE), vendor.clock(ticket, RESOLUTION));
    assert_eq!((first.limit, whole.limit), (Span::minutes(15), Span::hours(4)));
    assert_eq!(vendor.used(ticket, RESOLUTION), Span::minutes(10));
    assert_eq!(vendor.desk.told(olga.id), ["priority_raised"], "whoever has it learns of it");
    // It cannot be raised any further, nor be lowered by a raise.
    assert_eq!(refusal(van.does(raise(ticket, 1, true, None))), "invalid");
    assert_eq!(refusal(van.does(raise(ticket, 4, true, None))), "invalid");
}

#[test]
fn a_raise_of_the_basic_package_draws_an_hour_of_the_month() {
    let vendor = vendor(SCRIPT);
    let ann = vendor.desk.person_of(vendor.client, vendor.anna, "ann");
    let bob = vendor.desk.person_of(vendor.client, vendor.boris, "bob");
    let olga = vendor.operator("olga", "line_1");
    let ticket = vendor.asks(vendor.anna, "how_to");
    let limit = vendor.clock(ticket, RESOLUTION).limit;
    assert_eq!(refusal(bob.does(raise(ticket, 2, true, None))), "forbidden", "he is not named");
    assert_eq!(refusal(ann.does(raise(ticket, 1, true, None))), "invalid", "it goes up to two");
    assert_eq!(refusal(ann.does(raise(ticket, 2, false, None))), "agreement_needed");
    assert_eq!(vendor.left(), 300);
    ann.does(raise(ticket, 2, true, None)).unwrap();
    let raises = vendor.raises(vendor.anna, ticket);
    assert_eq!((raises[0].charge, raises[0].amount, raises[0].to), (Charge::Balance, 60, 2));
    assert_eq!((vendor.left(), vendor.coverage(ticket).reason), (240, None));
    assert_eq!(vendor.clock(ticket, RESOLUTION).limit, limit, "the basic package has one target");
    assert_eq!(vendor.desk.told(olga.id), ["priority_raised"], "nobody has it: its queue learns of it");

    // With less than an hour left, nothing changes and nobody owes anything.
    vendor.at("2026-11-03 15:00");
    olga.does(records(ticket, vendor.desk.now() - Span::hours(4), 190)).unwrap();
    let other = vendor.asks(vendor.anna, "how_to");
    let before = vendor.desk.events(other).len();
    assert_eq!(refusal(ann.does(raise(other, 2, true, None))), "balance_too_small");
    assert_eq!((vendor.left(), vendor.desk.ticket(other).priority), (50, 3));
    assert_eq!(vendor.desk.events(other).len(), before);
    assert_eq!(vendor.desk.ticket(other).impact, Level::Medium);
}
