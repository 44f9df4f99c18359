//! Weeks of a desk at work: the same script does the same, and does what was done; another one is seen.

use naryad::commands::Request;
use naryad::domain::command::{AssignTo, Command, OpenTicket, PluginAnswer};
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::work_order::Stage;
use naryad::domain::{ClientId, Moment, Span, TicketId};
use naryad::rehearsal::backtest::{DifferenceKind, Side};
use serde_json::json;

use super::{BY_CATEGORY, backtest, differing, is_the_same, key, plan, texts};
use crate::helpers::{SETTINGS, Somebody, TestDesk};
use crate::simulation::random::Random;

pub(crate) const SCRIPT: &str = include_str!("../simulation/script.rhai");
const DAYS: i64 = 8;
const OPENED_A_DAY: usize = 5;

struct Life<'d> {
    desk: &'d TestDesk,
    client: ClientId,
    random: Random,
    anna: Somebody<'d>,
    olga: Somebody<'d>,
    ivan: Somebody<'d>,
    tickets: Vec<TicketId>,
}

impl<'d> Life<'d> {
    fn new(desk: &'d TestDesk, seed: u64) -> Self {
        let client = desk.client("bank", "");
        desk.plugin(client, "parts-stock", "in_stock");
        desk.publishes(client, SCRIPT, SETTINGS).unwrap();
        let olga = desk.somebody("olga", Role::Supervisor, None);
        let support = Membership { queue: key("support"), client: None };
        let grants = [Role::Supervisor, Role::Operator].map(|role| Grant { role, client: None });
        olga.gets(&grants, &[support]);
        let (anna, ivan) = (desk.member("anna", "commercial"), desk.engineer("ivan", 1, "Moscow"));
        Self { desk, client, random: Random::new(seed), anna, olga, ivan, tickets: Vec::new() }
    }

    /// One day: requests come, people do what waits for them, time passes.
    fn day(&mut self) {
        for _ in 0..OPENED_A_DAY {
            self.opens();
            self.desk.pass(Span::minutes(20 + self.random.below(60) as i64));
            self.desk.plugins_answer(|_| PluginAnswer::Ok { value: json!({ "in_stock": true }) });
            self.works();
        }
        self.desk.pass(Span::hours(18));
    }

    fn opens(&mut self) {
        let category = ["vandalism", "receipt_jam", "unknown"][self.random.below(3)];
        let open = OpenTicket { category: Some(key(category)), ..TestDesk::request(self.client, "a fault") };
        let done = self.olga.does(Command::OpenTicket(Box::new(open))).unwrap();
        self.tickets.push(done.ticket.unwrap());
    }

    fn works(&mut self) {
        let ticket = self.tickets[self.random.below(self.tickets.len())];
        if self.desk.ticket(ticket).is_closed() {
            return;
        }
        self.olga.replies(ticket, "we are on it").unwrap();
        for task in self.desk.tasks(ticket).into_iter().filter(|task| task.is_open()) {
            let outcome =
                if task.department == *"commercial" { ["approved", "refused"] } else { ["done"; 2] };
            self.anna.finishes(task.id, outcome[self.random.below(2)]).unwrap();
        }
        for order in self.desk.orders(ticket).into_iter().filter(|order| order.stage.is_open()) {
            if order.engineer == self.ivan.id && order.stage == Stage::Offered {
                for stage in [Stage::Accepted, Stage::OnTheWay, Stage::Arrived, Stage::Done] {
                    self.ivan.moves(order.id, stage, None).unwrap();
                    self.desk.pass(Span::minutes(15));
                }
            }
        }
        if self.random.below(4) == 0 && !self.desk.ticket(ticket).is_closed() {
            self.olga.assigns(ticket, &Somebody { desk: self.desk, id: self.olga.id }).unwrap();
        }
    }
}

/// A desk that has lived some days; answers the window after the first of them.
pub(crate) fn lived(desk: &TestDesk, seed: u64) -> (ClientId, (Moment, Moment)) {
    let mut life = Life::new(desk, seed);
    for _ in 0..3 {
        life.day();
    }
    // In the middle of a day's work, with tickets in every state.
    life.opens();
    let from = desk.now() + Span::from_ms(1);
    desk.pass(Span::minutes(7));
    for _ in 3..DAYS {
        life.day();
    }
    (life.client, (from, desk.now()))
}

#[test]
fn the_same_script_does_the_same_and_does_what_was_done() {
    for seed in [1, 2] {
        let mut desk = TestDesk::new();
        desk.jobs_may_stay = true;
        let (client, window) = lived(&desk, seed);
        let outcome = backtest(&desk, &plan(client, window, texts(SCRIPT, SETTINGS))).unwrap();
        let report = &outcome.report;
        is_the_same(report);
        assert_eq!(report.published.not_applied.count, 0, "{:#?}", report.published.not_applied);
        assert_eq!(report.published.unknown.count, 0, "{:#?}", report.published.unknown);
        assert_eq!(report.history.differ, 0, "{:#?}", report.history.first.first());
        assert!(report.history.compared > 20 && report.tickets_before > 3, "{report}");
        assert!(report.published.breaches > 0 && report.published.tasks > 0, "{report}");
        assert!(report.published.dispatches > 0 && report.published.messages > 0, "{report}");
        assert!(report.published.script_errors > 0, "{report}");
    }
}

#[test]
fn the_desk_that_is_asked_stays_as_it_was() {
    let mut desk = TestDesk::new();
    desk.jobs_may_stay = true;
    let (client, window) = lived(&desk, 3);
    let before = desk.read(naryad::store::event::last_seq);
    backtest(&desk, &plan(client, window, texts(SCRIPT, SETTINGS))).unwrap();
    assert_eq!(desk.read(naryad::store::event::last_seq), before);
}

#[test]
fn swapped_departments_show_exactly_the_tickets_concerned() {
    let desk = TestDesk::new();
    let client = desk.client("bank", BY_CATEGORY);
    let mut random = Random::new(5);
    let mut opens = |concerned: &mut Vec<TicketId>| {
        let category = ["vandalism", "receipt_jam", "unknown"][random.below(3)];
        let open = OpenTicket { category: Some(key(category)), ..TestDesk::request(client, category) };
        let ticket = desk.opens_with(open);
        if category != "unknown" {
            concerned.push(ticket);
        }
        desk.pass(Span::minutes(40));
    };
    let (mut earlier, mut concerned) = (Vec::new(), Vec::new());
    (0..10).for_each(|_| opens(&mut earlier));
    let from = desk.now();
    (0..30).for_each(|_| opens(&mut concerned));
    let swapped = BY_CATEGORY
        .replace("\"dispatchers\"", "\"first\"")
        .replace("\"commercial\"", "\"dispatchers\"")
        .replace("\"first\"", "\"commercial\"");
    let outcome = backtest(&desk, &plan(client, (from, desk.now()), texts(&swapped, SETTINGS))).unwrap();
    assert_eq!(differing(&outcome.report), concerned, "{}", outcome.report);
    assert!(concerned.len() > 10);
    assert_eq!(outcome.report.totals.route, concerned.len());
    let row = &outcome.report.tickets[0];
    assert_eq!(row.kinds, [DifferenceKind::Route]);
    assert_eq!(row.number, desk.ticket(row.ticket).number);
    let queue = |side| {
        let timeline = outcome.timeline(side, row.ticket).unwrap();
        assert_eq!(timeline[0].occurred_at, desk.ticket(row.ticket).opened_at);
        let (readers, own) = outcome.desk(side, row.ticket).unwrap();
        let stands = readers.read(|db| naryad::store::ticket::get(db, own)).unwrap().unwrap();
        assert_eq!(stands.number, row.number, "it is called as it was");
        stands.queue.unwrap()
    };
    let (was, is) = (queue(Side::Published), queue(Side::Draft));
    assert_ne!(was, is);
    assert_eq!(desk.ticket(row.ticket).queue, Some(was));
}

#[test]
fn a_slower_script_gains_breaches_and_a_quieter_one_sends_less() {
    let told = r#"fn on_opened(ticket) { ticket.notify("olga", "at_risk"); ticket.status = "in_work"; }"#;
    let silent = r#"fn on_opened(ticket) { ticket.status = "waiting_for_client"; }"#;
    let desk = TestDesk::new();
    let olga = desk.somebody("olga", Role::Supervisor, None);
    let client = desk.client("bank", silent);
    let from = desk.now();
    let ticket = desk.opens(client, "printer");
    desk.pass(Span::hours(20));
    let to = AssignTo::Person { person: olga.id };
    let (version, reason, information) = (None, None, Box::default());
    let assign = Command::AssignTicket { ticket, version, to, reason, information };
    desk.desk.run(Request::new(naryad::domain::person::Actor::Person { person: olga.id }, assign)).unwrap();
    let outcome = backtest(&desk, &plan(client, (from, desk.now() + Span::ZERO), texts(told, SETTINGS)));
    let report = outcome.unwrap().report;
    assert_eq!(report.totals.breaches_gained, 1, "{report}");
    assert_eq!(report.totals.messages, 1, "{report}");
    assert_eq!((report.published.messages, report.draft.messages), (0, 1));
    assert_eq!(report.published.breaches, 0);
    assert!(report.draft.breaches >= 1);
    let kinds = &report.tickets[0].kinds;
    assert!(kinds.contains(&DifferenceKind::BreachesGained) && kinds.contains(&DifferenceKind::Status));
}
