//! What a test reads of a ticket's work, and how it answers for plugins.

use naryad::commands::{CALL_PLUGIN, Request, lease_jobs};
use naryad::domain::command::{AdvanceWorkOrder, Command, PluginAnswer, PluginAnswered};
use naryad::domain::event::Event;
use naryad::domain::person::Actor;
use naryad::domain::task::Task;
use naryad::domain::work_order::{PartNeeded, Stage, WorkOrder};
use naryad::domain::{Key, PersonId, Span, TicketId, WorkOrderId};
use naryad::store;
use naryad::store::run::{Run, RunState};
use serde_json::Value;

use super::{Somebody, TestDesk};

impl TestDesk {
    pub fn tasks(&self, ticket: TicketId) -> Vec<Task> {
        self.read(|db| store::task::of_ticket(db, ticket))
    }

    /// The one open task of the department.
    #[track_caller]
    pub fn open_task(&self, ticket: TicketId, department: &str) -> Task {
        let mut tasks = self.tasks(ticket);
        tasks.retain(|task| task.department == *department && task.is_open());
        assert_eq!(tasks.len(), 1, "open tasks of {department}: {tasks:?}");
        tasks.remove(0)
    }

    pub fn orders(&self, ticket: TicketId) -> Vec<WorkOrder> {
        self.read(|db| store::work_order::of_ticket(db, ticket))
    }

    #[track_caller]
    pub fn last_order(&self, ticket: TicketId) -> WorkOrder {
        self.orders(ticket).pop().expect("the ticket has a work order")
    }

    pub fn runs(&self, ticket: TicketId) -> Vec<Run> {
        self.read(|db| store::run::of_ticket(db, ticket))
    }

    /// Each run of the script as (handler, how it ended).
    pub fn handlers(&self, ticket: TicketId) -> Vec<(String, RunState)> {
        self.runs(ticket).into_iter().map(|run| (run.handler, run.state)).collect()
    }

    pub fn words(&self, text: Option<naryad::domain::TextId>) -> String {
        text.and_then(|text| self.read(|db| store::text::get(db, text))).unwrap_or_default()
    }

    /// The words that came with the last hand-over, resolution or closing.
    pub fn reason(&self, ticket: TicketId) -> String {
        let reason = self.events(ticket).into_iter().rev().find_map(|recorded| match recorded.event {
            Event::TicketQueued { reason, .. }
            | Event::TicketResolved { reason, .. }
            | Event::TicketClosed { reason, .. } => Some(reason),
            _ => None,
        });
        self.words(reason.flatten())
    }

    /// What the person's list holds, oldest first.
    pub fn told(&self, person: PersonId) -> Vec<String> {
        let mut rows = self.read(|db| store::notification::of_person(db, person, None, 100));
        rows.reverse();
        rows.into_iter().map(|row| row.template.map_or("message".to_owned(), |key| key.to_string())).collect()
    }

    /// Answers every plugin call that waits; gives the inputs that were asked with.
    pub fn plugins_answer(&self, answer: impl Fn(&Value) -> PluginAnswer) -> Vec<Value> {
        let jobs = self.desk.aside_now(|tx| Ok(lease_jobs(tx, Span::minutes(1), 100)?)).unwrap();
        let mut inputs = Vec::new();
        for job in jobs.into_iter().filter(|job| job.kind == *CALL_PLUGIN) {
            let key = |name: &str| job.body[name].as_str().map(|text| Key::new(text).unwrap());
            let client = job.client.unwrap();
            let plugin = key("plugin").unwrap();
            let installed = self.read(|db| store::plugin::of_client(db, client, &plugin)).unwrap();
            let answered = PluginAnswered {
                ticket: job.ticket.unwrap(),
                job: Some(job.id),
                plugin,
                function: key("function").unwrap(),
                then: key("then"),
                context: job.body["context"].clone(),
                answer: answer(&job.body["input"]),
            };
            let actor = Actor::Plugin { installation: installed.id, client };
            self.desk.run(Request::new(actor, Command::PluginAnswered(Box::new(answered)))).unwrap();
            inputs.push(job.body["input"].clone());
        }
        inputs
    }
}

impl Somebody<'_> {
    /// Goes there and finds that it cannot be done.
    pub fn cannot(&self, order: WorkOrderId, why: &str, parts: &[&str]) {
        for stage in [Stage::Accepted, Stage::OnTheWay, Stage::Arrived] {
            self.moves(order, stage, None).unwrap();
        }
        let part = |code: &&str| PartNeeded { code: (*code).to_owned(), quantity: 1 };
        let advance = AdvanceWorkOrder {
            order,
            stage: Stage::CouldNot,
            outcome: Some(Key::new(why).unwrap()),
            comment: None,
            parts_needed: parts.iter().map(part).collect(),
            planned_at: None,
        };
        self.does(Command::AdvanceWorkOrder(Box::new(advance))).unwrap();
    }
}
