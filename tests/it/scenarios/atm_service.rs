//! Cash machines: vandalism, receipt jams, complex faults, missing parts, nobody free.

use naryad::domain::calendar::Calendar;
use naryad::domain::command::{Command, PluginAnswer};
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::report::{ReportState, ReportVerdict};
use naryad::domain::sla::RESOLUTION;
use naryad::domain::work_order::Stage;
use naryad::domain::{ClientId, Key, SiteId, Span, TicketId};
use naryad::store;
use naryad::store::run::RunState;
use naryad::workflow::trace::What;
use serde_json::json;

use crate::helpers::{Somebody, TestDesk};

const SCRIPT: &str = include_str!("../../../workflows/atm-service/workflow.rhai");
const SETTINGS: &str = include_str!("../../../workflows/atm-service/client.toml");

struct Atm {
    desk: TestDesk,
    client: ClientId,
    yerevan: SiteId,
}

/// A desk with the shipped pack and a site in Yerevan.
fn atm() -> Atm {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    desk.plugin(client, "parts-stock", "in_stock");
    desk.publishes(client, SCRIPT, SETTINGS).unwrap();
    let yerevan = desk.site(client, "Yerevan", "AM", "Asia/Yerevan");
    Atm { desk, client, yerevan }
}

/// Anna (grade 1) and Boris (2) in Yerevan, Gor (2) far away, Karine who agrees prices.
struct Staff<'d> {
    anna: Somebody<'d>,
    boris: Somebody<'d>,
    gor: Somebody<'d>,
    karine: Somebody<'d>,
}

impl Atm {
    fn staff(&self) -> Staff<'_> {
        Staff {
            anna: self.desk.field_engineer("anna", 1, "Yerevan", "hy"),
            boris: self.desk.field_engineer("boris", 2, "Yerevan", "hy"),
            gor: self.desk.field_engineer("gor", 2, "Gyumri", "hy"),
            karine: self.desk.member("karine", "commercial"),
        }
    }

    fn dispatcher(&self, login: &str) -> Somebody<'_> {
        let person = self.desk.somebody(login, Role::Dispatcher, None);
        let queue = Key::new("dispatchers").unwrap();
        person.gets(&[Grant { role: Role::Dispatcher, client: None }], &[Membership { queue, client: None }]);
        person
    }

    /// A ticket about a machine of its own, so that none is another's duplicate.
    fn opens(&self, category: &str, tag: &str) -> TicketId {
        let mut open = TestDesk::request(self.client, category);
        open.category = Some(Key::new(category).unwrap());
        open.asset = Some(self.desk.machine(self.client, self.yerevan, tag));
        self.desk.opens_with(open)
    }

    fn resolution_used(&self, ticket: TicketId) -> Span {
        let clocks = self.desk.read(|db| store::sla_clock::of_ticket(db, ticket));
        let clock = clocks.into_iter().find(|clock| clock.target == *RESOLUTION).unwrap();
        clock.used_at(&Calendar::always(), self.desk.now())
    }

    /// Every run of the ticket's script went well, is on record, and can be explained.
    #[track_caller]
    fn explained(&self, ticket: TicketId, handlers: &[&str]) {
        let traces = self.desk.traces(ticket);
        let ran: Vec<&str> = traces.iter().map(|(run, _)| run.handler.as_str()).collect();
        assert_eq!(ran, handlers);
        for (run, trace) in traces {
            assert_eq!(run.state, RunState::Applied, "{}: {:?}", run.handler, run.failure);
            assert_eq!(trace.failure, None, "{}", run.handler);
            assert!(!trace.steps.is_empty(), "{} took no branch", run.handler);
        }
    }

    /// Whether a condition was met in a run of the handler, as its trace says.
    #[track_caller]
    fn met(&self, ticket: TicketId, handler: &str, wanted: &str) -> Option<bool> {
        let traces = self.desk.traces(ticket);
        let trace = &traces.iter().find(|(run, _)| run.handler == handler).unwrap().1;
        let found = trace.steps.iter().find_map(|step| match &step.what {
            What::Branch { condition, is_taken, .. } if condition.contains(wanted) => Some(*is_taken),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no condition with `{wanted}`: {trace:?}"))
    }
}

#[test]
fn vandalism_waits_for_the_commercial_department_with_the_clock_stopped() {
    let atm = atm();
    let staff = atm.staff();
    let ticket = atm.opens("vandalism", "ATM-1");
    assert_eq!(atm.desk.ticket(ticket).status, *"awaiting_approval");
    assert_eq!(atm.desk.orders(ticket), []);
    assert_eq!(atm.desk.told(staff.karine.id), ["task_opened"]);
    atm.desk.pass(Span::hours(30));
    assert_eq!(atm.resolution_used(ticket), Span::ZERO);
    assert!(!atm.desk.story(ticket).contains(&"sla_reached"));

    let task = atm.desk.open_task(ticket, "commercial");
    staff.karine.finishes(task.id, "approved").unwrap();
    assert_eq!(atm.desk.ticket(ticket).status, *"in_work");
    assert_eq!(atm.desk.last_order(ticket).engineer, staff.boris.id);
    atm.desk.pass(Span::minutes(50));
    assert_eq!(atm.resolution_used(ticket), Span::minutes(50));
    let handlers = ["on_opened", "on_changed", "on_task_done", "on_changed", "on_work_order", "on_sla"];
    atm.explained(ticket, &handlers);
    assert_eq!(atm.met(ticket, "on_opened", "contract.covers"), Some(true), "it is not covered");
    assert_eq!(atm.met(ticket, "on_task_done", "approved"), Some(true));
}

#[test]
fn a_refused_price_closes_the_ticket_with_the_reason() {
    let atm = atm();
    let staff = atm.staff();
    let ticket = atm.opens("vandalism", "ATM-1");
    let finish = Command::FinishTask {
        task: atm.desk.open_task(ticket, "commercial").id,
        outcome: Key::new("refused").unwrap(),
        comment: Some("The bank does not pay".to_owned()),
        fields: Default::default(),
        attachments: Vec::new(),
    };
    staff.karine.does(finish).unwrap();
    let closed = atm.desk.ticket(ticket);
    assert!(closed.is_closed());
    assert_eq!(closed.resolution, Some(Key::new("refused").unwrap()));
    assert_eq!(atm.desk.reason(ticket), "The bank does not pay");
    assert_eq!(atm.met(ticket, "on_task_done", "approved"), Some(false));
    assert_eq!(atm.desk.orders(ticket), []);
}

#[test]
fn the_fault_decides_the_grade_and_the_machine_the_city() {
    let atm = atm();
    let staff = atm.staff();
    for (tag, category, engineer) in [
        ("ATM-1", "receipt_jam", &staff.anna),
        ("ATM-2", "paper_roll", &staff.anna),
        ("ATM-3", "cash_dispense_fault", &staff.boris),
        ("ATM-4", "card_reader_fault", &staff.boris),
    ] {
        let ticket = atm.opens(category, tag);
        assert_eq!(atm.desk.last_order(ticket).engineer, engineer.id, "{category}");
        atm.explained(ticket, &["on_opened", "on_work_order"]);
    }
    assert_eq!(atm.desk.told(staff.gor.id), [""; 0]);
    assert_eq!(atm.desk.told(staff.anna.id), ["work_order_opened"; 2]);
}

#[test]
fn nobody_free_goes_to_the_dispatchers_with_the_reason() {
    let atm = atm();
    let davit = atm.dispatcher("davit");
    let anna = atm.desk.field_engineer("anna", 1, "Yerevan", "hy");
    for number in 0..3 {
        let ticket = atm.opens("receipt_jam", &format!("ATM-{number}"));
        assert_eq!(atm.desk.last_order(ticket).engineer, anna.id);
    }
    let fourth = atm.opens("receipt_jam", "ATM-9");
    assert_eq!(atm.desk.ticket(fourth).queue, Some(Key::new("dispatchers").unwrap()));
    assert!(atm.desk.reason(fourth).contains("занят: 3 из 3"), "{}", atm.desk.reason(fourth));
    assert_eq!(atm.desk.orders(fourth), []);
    assert_eq!(atm.desk.told(davit.id), ["ticket_queued"]);
    let ran: Vec<String> = atm.desk.handlers(fourth).into_iter().map(|run| run.0).collect();
    assert_eq!(ran[..2], ["on_opened", "on_unassigned"]);
    assert_eq!(atm.met(fourth, "on_opened", "twin != ()"), Some(false));
}

#[test]
fn a_missing_part_goes_from_store_to_store_and_then_to_a_second_visit() {
    let atm = atm();
    let staff = atm.staff();
    let ticket = atm.opens("cash_dispense_fault", "ATM-1");
    staff.boris.cannot(atm.desk.last_order(ticket).id, "part_needed", &["BELT-7"]);
    assert_eq!(atm.desk.ticket(ticket).status, *"waiting_for_part");
    let used = atm.resolution_used(ticket);
    let local = atm.desk.open_task(ticket, "local_service");

    let none = |_: &serde_json::Value| PluginAnswer::Ok { value: json!({ "local": false }) };
    let asked = atm.desk.plugins_answer(none);
    assert_eq!(asked, [json!({ "part": "BELT-7", "city": "Yerevan" })]);
    let local = atm.desk.tasks(ticket).into_iter().find(|task| task.id == local.id).unwrap();
    assert!(!local.is_open(), "what the stock system knows need not be looked for");
    let logistics = atm.desk.open_task(ticket, "global_logistics");

    atm.desk.pass(Span::hours(40));
    assert_eq!(atm.resolution_used(ticket), used);
    let lev = atm.desk.member("lev", "global_logistics");
    lev.finishes(logistics.id, "delivered").unwrap();
    let second = atm.desk.last_order(ticket);
    assert_eq!((second.ordinal, second.engineer, second.stage), (2, staff.boris.id, Stage::Offered));
    assert_eq!(atm.desk.words(second.note), "Part delivered: second visit");
    assert_eq!(atm.desk.ticket(ticket).status, *"in_work");
    let ran: Vec<String> = atm.desk.handlers(ticket).into_iter().map(|run| run.0).collect();
    atm.explained(ticket, &ran.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(ran.iter().any(|handler| handler == "stock_known"), "{ran:?}");
    assert_eq!(atm.met(ticket, "stock_known", "answer.value.local"), Some(false));
}

#[test]
fn a_part_that_the_plugin_cannot_tell_of_is_looked_for_by_people() {
    let atm = atm();
    let staff = atm.staff();
    let ticket = atm.opens("cash_dispense_fault", "ATM-1");
    staff.boris.cannot(atm.desk.last_order(ticket).id, "part_needed", &["BELT-7", "LAMP-2"]);
    let failed = |_: &serde_json::Value| PluginAnswer::Failed { message: "timed out".to_owned() };
    assert_eq!(atm.desk.plugins_answer(failed).len(), 2);
    let open: Vec<_> = atm.desk.tasks(ticket).into_iter().filter(|task| task.is_open()).collect();
    assert_eq!(open.len(), 2);
    assert!(open.iter().all(|task| task.department == *"local_service"));
    let sona = atm.desk.somebody("sona", Role::Supervisor, None);
    sona.finishes(open[0].id, "delivered").unwrap();
    assert_eq!(atm.desk.orders(ticket).len(), 1, "the other part is still missing");
    sona.finishes(open[1].id, "delivered").unwrap();
    assert_eq!(atm.desk.orders(ticket).len(), 2);
}

#[test]
fn a_report_is_returned_once_for_poor_photos_and_then_the_ticket_closes() {
    let atm = atm();
    let (staff, davit) = (atm.staff(), atm.dispatcher("davit"));
    let elena = atm.desk.somebody("elena", Role::Controller, None);
    let ticket = atm.opens("cash_dispense_fault", "ATM-1");
    let order = atm.desk.last_order(ticket).id;
    for (stage, outcome) in [(Stage::Accepted, None), (Stage::Arrived, None), (Stage::Done, Some("repaired"))]
    {
        staff.boris.moves(order, stage, outcome).unwrap();
    }
    assert_eq!(atm.desk.ticket(ticket).status, *"checking_report");
    assert_eq!(atm.desk.report_state(order), ReportState::Awaited);

    let act = ["act_of_acceptance"];
    let short = staff.boris.papers(&["Front", "Inside"], &act, 1);
    let refused = staff.boris.hands_in(order, short).unwrap_err().to_string();
    assert!(refused.contains("1 photo with a description, 1 signature"), "{refused}");

    staff.boris.hands_in(order, staff.boris.papers(&["Front", "Inside", "Receipt"], &act, 2)).unwrap();
    assert_eq!(atm.desk.told(elena.id), ["report_handed_in"]);
    elena.judges(order, ReportVerdict::Returned, Some("The second photo is blurred")).unwrap();
    assert_eq!(atm.desk.report_state(order), ReportState::Returned);
    assert!(!atm.desk.ticket(ticket).is_closed());
    let told = atm.desk.told(staff.boris.id);
    assert_eq!(told[told.len() - 2..], ["report_judged", "report_returned"]);
    atm.desk.pass(Span::hours(4));
    assert_eq!(atm.desk.told(davit.id), ["stage_late"], "nobody sent the photos again");

    staff.boris.hands_in(order, staff.boris.papers(&["Front", "Inside", "Receipt"], &act, 2)).unwrap();
    elena.judges(order, ReportVerdict::Accepted, None).unwrap();
    let closed = atm.desk.ticket(ticket);
    assert!(closed.is_closed());
    assert_eq!(closed.resolution, Some(Key::new("repaired").unwrap()));
    let ran: Vec<String> = atm.desk.handlers(ticket).into_iter().map(|run| run.0).collect();
    assert_eq!(ran.iter().filter(|handler| *handler == "on_report").count(), 2, "{ran:?}");
    atm.explained(ticket, &ran.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(atm.met(ticket, "on_report", "accepted"), Some(false), "the first was returned");
}
