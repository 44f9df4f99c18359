//! The steps that the simulation takes, and how each picks what it is about.

use std::collections::{BTreeMap, BTreeSet};

use naryad::commands::Request;
use naryad::domain::assignment::MemberWanted;
use naryad::domain::command::{
    AdvanceWorkOrder, Alarm, AssignTo, Command, OpenTicket, Recipient, TicketChanges,
};
use naryad::domain::event::Visibility;
use naryad::domain::person::Actor;
use naryad::domain::ticket::{Level, LinkKind};
use naryad::domain::work_order::{PartNeeded, Stage};
use naryad::domain::{DueId, Key, Span, TaskId, TicketId, WorkOrderId};
use serde_json::json;

use super::world::{World, publish};
use crate::helpers::TestDesk;

const CATEGORIES: &[&str] = &["unknown", "receipt_jam", "vandalism", "no_such_category"];
const STATUSES: &[&str] = &["new", "in_work", "awaiting_approval", "waiting_for_client", "resolved"];
const QUEUES: &[&str] = &["support", "supervisors", "dispatchers", "commercial", "no_such_queue"];
const RESOLUTIONS: &[&str] = &["done", "refused", "duplicate"];
const OUTCOMES: &[&str] = &["approved", "refused", "done"];

impl World {
    pub fn step(&mut self) {
        match self.random.below(100) {
            0..16 => self.open_a_ticket(),
            16..20 => self.repeat(),
            20..62 => self.change_a_ticket(),
            62..70 => self.move_a_task(),
            70..79 => self.move_an_order(),
            79..86 => self.work_on_jobs(),
            86..88 => self.look_after_a_job(),
            88..95 => self.let_time_pass(),
            95..97 => self.administer(),
            _ => {
                self.count("crash");
                self.crash();
            }
        }
    }

    /// As one of the people, or as the holder of the data folder.
    pub fn by_somebody(&mut self, command: Command) {
        let person = self.random.one_of(&self.people).copied();
        let actor = match person {
            Some(person) if self.random.percent(80) => Actor::Person { person },
            _ => Actor::Operator,
        };
        self.send(Request::new(actor, command));
    }

    fn word(&mut self, of: &[&str]) -> Key {
        Key::new(self.random.one_of(of).unwrap()).unwrap()
    }

    fn open_a_ticket(&mut self) {
        let client = *self.random.one_of(&self.clients).unwrap();
        let open = OpenTicket {
            description: "the machine is dark ".repeat(self.random.below(40)),
            category: Some(self.word(CATEGORIES)),
            impact: if self.random.percent(30) { Level::High } else { Level::Low },
            fields: BTreeMap::from([(Key::new("floor").unwrap(), json!(self.random.below(9)))]),
            ..TestDesk::request(client, "screen is dark")
        };
        let mut request = Request::new(Actor::Operator, Command::OpenTicket(Box::new(open)));
        if self.random.percent(50) {
            request.idempotency = Some(self.next_key());
        }
        self.send(request);
    }

    /// The same request once more: the same answer, nothing done.
    fn repeat(&mut self) {
        let at = self.random.below(self.keyed.len());
        let Some((request, first)) = self.keyed.get(at).cloned() else { return };
        if let Some(again) = self.send(request) {
            assert!(
                again.is_repeat && again.id == first.id && again.number == first.number,
                "{first:?}, {again:?}"
            );
            self.count("repeated");
        }
    }

    fn a_ticket(&mut self) -> Option<TicketId> {
        let recent: Vec<TicketId> = self.ids("select id from ticket order by id desc limit 40");
        self.random.one_of(&recent).copied()
    }

    fn change_a_ticket(&mut self) {
        let (Some(ticket), Some(other)) = (self.a_ticket(), self.a_ticket()) else { return };
        let version = self.random.percent(20).then(|| i64::try_from(self.random.below(9)).unwrap());
        let person = *self.random.one_of(&self.people).unwrap();
        let reason = Some("because".to_owned());
        let resolution = self.word(RESOLUTIONS);
        let queue = self.word(QUEUES);
        let name = Key::new("remind").unwrap();
        let command = match self.random.below(18) {
            0 | 1 => Command::ChangeTicket { ticket, version, changes: Box::new(self.changes()) },
            2..5 => Command::AddComment {
                ticket,
                text: "any news?".to_owned(),
                visibility: if self.random.percent(50) { Visibility::Public } else { Visibility::Internal },
                attachments: Vec::new(),
                asks_client: false,
            },
            5 => Command::AssignTicket {
                ticket,
                version,
                to: AssignTo::Person { person },
                reason,
                information: Box::default(),
            },
            6 => Command::AssignTicket {
                ticket,
                version,
                to: AssignTo::Member(MemberWanted { exclude: vec![person], ..MemberWanted::of(queue) }),
                reason,
                information: Box::default(),
            },
            7 => Command::UnassignTicket { ticket, version, reason },
            8 => Command::QueueTicket {
                ticket,
                version,
                queue,
                reason,
                alarm: Alarm::Raise,
                information: Box::default(),
            },
            9 => Command::ResolveTicket { ticket, version, resolution, reason, information: Box::default() },
            10 => Command::CloseTicket { ticket, version, resolution, reason, information: Box::default() },
            11 => Command::ReopenTicket { ticket, version, reason },
            12 => Command::ChangeTags {
                ticket,
                add: BTreeSet::from(["vip".to_owned()]),
                remove: BTreeSet::new(),
            },
            13 => Command::LinkTickets { ticket, other, kind: LinkKind::Related },
            14 => Command::MarkDuplicate { ticket, of: other },
            15 => Command::StartTimer { ticket, name, run_at: self.clock.now() + Span::hours(3) },
            16 => Command::AcceptTicket { ticket, version },
            _ => Command::AddWatcher { ticket, who: Recipient::Person { person } },
        };
        self.by_somebody(command);
    }

    fn changes(&mut self) -> TicketChanges {
        let mut changes = TicketChanges::default();
        match self.random.below(4) {
            0 => changes.status = Some(self.word(STATUSES)),
            1 => changes.category = Some(self.word(CATEGORIES)),
            2 => changes.priority = Some(i64::try_from(self.random.below(7)).unwrap()),
            _ => changes.fields = BTreeMap::from([(Key::new("access_code").unwrap(), json!("4711"))]),
        }
        changes
    }

    fn move_a_task(&mut self) {
        let open: Vec<TaskId> = self.ids("select id from task where state = 'open' order by id");
        let Some(task) = self.random.one_of(&open).copied() else { return };
        let command = match self.random.below(5) {
            0 => Command::TakeTask { task },
            1 => Command::CancelTask { task, reason: Some("not needed".to_owned()) },
            _ => Command::FinishTask {
                task,
                outcome: self.word(OUTCOMES),
                comment: Some("as agreed".to_owned()),
                fields: BTreeMap::new(),
                attachments: Vec::new(),
            },
        };
        self.by_somebody(command);
    }

    fn move_an_order(&mut self) {
        let open: Vec<WorkOrderId> = self.ids("select id from work_order where is_open = 1 order by id");
        let Some(order) = self.random.one_of(&open).copied() else { return };
        let stage = *self.random.one_of(&Stage::ALL).unwrap();
        let has_outcome = matches!(stage, Stage::Refused | Stage::CouldNot) && self.random.percent(90);
        let advance = AdvanceWorkOrder {
            order,
            stage,
            outcome: has_outcome.then(|| Key::new("part_needed").unwrap()),
            comment: self.random.percent(30).then(|| "on site".to_owned()),
            parts_needed: vec![PartNeeded { code: "P-1".to_owned(), quantity: 1 }],
            planned_at: None,
        };
        self.by_somebody(Command::AdvanceWorkOrder(Box::new(advance)));
    }

    /// Time passes, in small steps and in leaps; what falls due is played, or waits for the next time.
    fn let_time_pass(&mut self) {
        let minutes = [5, 45, 300, 2_000][self.random.below(4)];
        self.clock.pass(Span::minutes(minutes));
        let due: Vec<DueId> = self.ids(&format!(
            "select id from due where run_at <= {} order by run_at, id limit 20",
            self.clock.now().ms()
        ));
        for due in due {
            if self.random.percent(90) {
                self.send(Request::new(Actor::Clock, Command::PlayDue { due }));
            }
        }
    }

    fn administer(&mut self) {
        let client = *self.random.one_of(&self.clients).unwrap();
        let command = match self.random.below(3) {
            0 => publish(client),
            1 => Command::ReleaseQuarantine { client },
            _ => {
                let marked: Vec<TicketId> = self.ids("select id from ticket where is_marked = 1 order by id");
                let Some(ticket) = self.random.one_of(&marked).copied() else { return };
                Command::ClearMark { ticket }
            }
        };
        self.send(Request::new(Actor::Operator, command));
    }
}
