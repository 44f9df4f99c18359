//! Plays stories on the desk, in the order of their moments, as the people who took the steps.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::Value;

use super::machines::Machine;
use super::maker::{Maker, key};
use super::papers::Papers;
use super::people::Caller;
use super::stock;
use super::story::{Act, Story, Where};
use crate::commands::lease_these;
use crate::domain::command::{
    AdvanceWorkOrder, AssignTo, Command, JudgeReport, OpenTicket, PluginAnswer, PluginAnswered, TicketChanges,
};
use crate::domain::person::Actor;
use crate::domain::report::{ReportState, ReportVerdict};
use crate::domain::task::Task;
use crate::domain::work_order::{PartNeeded, Stage, WorkOrder};
use crate::domain::{ClientId, InstallationId, JobId, Key, Moment, Span, TicketId};
use crate::store;
use crate::store::job::JobState;

/// How long the connector's answer may take: it is there at once.
const LEASE: Span = Span::minutes(1);
/// When an engineer who accepts means to arrive.
const PLANNED_IN: Span = Span::hours(24);
/// Who acts for a department.
const DEPARTMENT_PEOPLE: &[(&str, &str)] = &[
    ("commercial", "commercial"),
    ("local_service", "local-service"),
    ("global_logistics", "logistics"),
    ("purchasing", "purchasing"),
    ("bank_support", "bank-support"),
];

pub struct Player<'m> {
    pub maker: &'m mut Maker,
    pub client: ClientId,
    pub machines: Vec<Machine>,
    pub contacts: Vec<Caller>,
    pub stock: InstallationId,
    pub papers: Papers,
}

/// A step and whose it is; `None` opens the ticket.
struct Due {
    at: Moment,
    story: usize,
    act: Option<Act>,
}

impl Player<'_> {
    /// Plays all that happened until `present`; answers how many tickets there are.
    pub fn play(&mut self, stories: &[Story], present: Moment) -> anyhow::Result<usize> {
        let mut tickets: BTreeMap<usize, TicketId> = BTreeMap::new();
        for due in schedule(stories, present) {
            self.maker.pass_until(due.at)?;
            let story = &stories[due.story];
            match due.act {
                None => {
                    tickets.insert(due.story, self.open(story, due.story)?);
                }
                Some(act) => {
                    let ticket = tickets[&due.story];
                    let step = self.step(ticket, act);
                    step.with_context(|| format!("`{}` at {}: {act:?}", story.subject, due.at))?;
                }
            }
        }
        self.maker.pass_until(present)?;
        Ok(tickets.len())
    }

    fn open(&mut self, story: &Story, number: usize) -> anyhow::Result<TicketId> {
        let machine = match story.machine {
            Where::City(city, place) => Some(self.machine(city, place)?),
            Where::NotRecognised => None,
        };
        // Somebody of the bank whose machine it is; any bank may ask where none is recognised.
        let is_theirs = |one: &&Caller| machine.is_none_or(|machine| machine.bank == one.bank);
        let callers: Vec<&Caller> = self.contacts.iter().filter(is_theirs).collect();
        anyhow::ensure!(!callers.is_empty(), "nobody calls from the bank of `{}`", story.subject);
        let open = OpenTicket {
            client: self.client,
            subject: story.subject.to_owned(),
            description: story.description.to_owned(),
            sub_client: None,
            site: None,
            asset: machine.map(|machine| machine.asset),
            contact: Some(callers[number % callers.len()].contact),
            category: Some(key(story.category)),
            impact: story.impact,
            urgency: story.urgency,
            channel: Some(story.channel),
            fields: BTreeMap::new(),
            tags: [].into(),
            attachments: Vec::new(),
        };
        let done = self.as_person(story.by, Command::OpenTicket(Box::new(open)))?;
        done.ticket.context("opening answers the ticket")
    }

    fn machine(&self, city: &str, place: usize) -> anyhow::Result<Machine> {
        let of_city: Vec<Machine> = self.machines.iter().filter(|one| one.city == city).copied().collect();
        anyhow::ensure!(!of_city.is_empty(), "the demo has no machine in {city}");
        Ok(of_city[place % of_city.len()])
    }

    fn as_person(&mut self, login: &str, command: Command) -> anyhow::Result<crate::commands::Done> {
        let actor = self.maker.who(login)?;
        self.maker.run_as(actor, command)
    }

    fn step(&mut self, ticket: TicketId, act: Act) -> anyhow::Result<()> {
        match act {
            Act::Say(login, visibility, text) => {
                let text = text.to_owned();
                let comment = Command::AddComment {
                    ticket,
                    text,
                    visibility,
                    attachments: Vec::new(),
                    asks_client: false,
                };
                self.as_person(login, comment).map(drop)
            }
            Act::Move(stage) => self.advance(ticket, stage, None, "", &[], PLANNED_IN),
            Act::AcceptFor(hours) => self.advance(ticket, Stage::Accepted, None, "", &[], Span::hours(hours)),
            Act::End(stage, outcome, words) => {
                self.advance(ticket, stage, Some(outcome), words, &[], PLANNED_IN)
            }
            Act::LacksPart(code) => {
                let parts = [PartNeeded { code: code.to_owned(), quantity: 1 }];
                self.advance(ticket, Stage::CouldNot, Some("part_needed"), "", &parts, PLANNED_IN)
            }
            Act::Take(department) => match self.open_task(ticket, department)? {
                Some(task) => {
                    self.as_person(person_of(department)?, Command::TakeTask { task: task.id }).map(drop)
                }
                None => Ok(()),
            },
            Act::Finish(department, outcome, words) => self.finish(ticket, department, outcome, words),
            Act::HandIn => match self.order_whose_report_is(ticket, ReportState::Awaited)? {
                Some(order) => self.papers.hand_in(self.maker, &order),
                None => Ok(()),
            },
            Act::Accept => self.judge(ticket, ReportVerdict::Accepted, None),
            Act::Return(defects) => self.judge(ticket, ReportVerdict::Returned, Some(defects)),
            Act::Assign(login, to) => {
                let Actor::Person { person } = self.maker.who(to)? else { return Ok(()) };
                let to = AssignTo::Person { person };
                self.as_person(
                    login,
                    Command::AssignTicket {
                        ticket,
                        version: None,
                        to,
                        reason: None,
                        information: Box::default(),
                    },
                )
                .map(drop)
            }
            Act::Status(login, status) => {
                let changes = TicketChanges { status: Some(key(status)), ..TicketChanges::default() };
                self.change(login, ticket, changes)
            }
            Act::Recognise(login, city, place) => {
                let machine = self.machine(city, place)?;
                let changes = TicketChanges { asset: Some(Some(machine.asset)), ..TicketChanges::default() };
                self.change(login, ticket, changes)
            }
            Act::Resolve(..) | Act::Close(..) | Act::Reopen(..) => self.conclude(ticket, act),
            Act::StockAnswers => self.stock_answers(ticket),
            Act::Stock(state) => {
                let installation = self.stock;
                self.as_person("admin", Command::SetPluginEnabled { installation, state }).map(drop)
            }
        }
    }

    fn change(&mut self, login: &str, ticket: TicketId, changes: TicketChanges) -> anyhow::Result<()> {
        let changes = Box::new(changes);
        self.as_person(login, Command::ChangeTicket { ticket, version: None, changes }).map(drop)
    }

    fn conclude(&mut self, ticket: TicketId, act: Act) -> anyhow::Result<()> {
        // A routine request can have ended otherwise, as a duplicate.
        let stands = store::ticket::get(self.maker.engine.tx(), ticket)?.context("the ticket was opened")?;
        let (login, command) = match act {
            Act::Resolve(login, resolution, reason) if !stands.is_closed() => {
                let (resolution, reason) = (key(resolution), Some(reason.to_owned()));
                (
                    login,
                    Command::ResolveTicket {
                        ticket,
                        version: None,
                        resolution,
                        reason,
                        information: Box::default(),
                    },
                )
            }
            Act::Close(login, resolution) if !stands.is_closed() => {
                let resolution = key(resolution);
                (
                    login,
                    Command::CloseTicket {
                        ticket,
                        version: None,
                        resolution,
                        reason: None,
                        information: Box::default(),
                    },
                )
            }
            Act::Reopen(login, reason) => {
                (login, Command::ReopenTicket { ticket, version: None, reason: Some(reason.to_owned()) })
            }
            _ => return Ok(()),
        };
        self.as_person(login, command).map(drop)
    }

    /// Moves the ticket's open work order. Without one nobody was free, or the request was a duplicate.
    fn advance(
        &mut self,
        ticket: TicketId,
        stage: Stage,
        outcome: Option<&str>,
        words: &str,
        parts: &[PartNeeded],
        planned_in: Span,
    ) -> anyhow::Result<()> {
        let orders: Vec<WorkOrder> = store::work_order::of_ticket(self.maker.engine.tx(), ticket)?;
        let Some(order) = orders.into_iter().rev().find(|order| order.stage.is_open()) else { return Ok(()) };
        let advance = AdvanceWorkOrder {
            order: order.id,
            stage,
            outcome: outcome.filter(|outcome| !outcome.is_empty()).map(key),
            comment: Some(words.to_owned()).filter(|words| !words.is_empty()),
            parts_needed: parts.to_vec(),
            planned_at: (stage == Stage::Accepted).then(|| self.maker.clock.now() + planned_in),
        };
        let command = Command::AdvanceWorkOrder(Box::new(advance));
        match stage {
            Stage::Cancelled => self.as_person("dispatcher", command).map(drop),
            _ => self.maker.run_as(Actor::Person { person: order.engineer }, command).map(drop),
        }
    }

    /// The order of the ticket whose report is so far; none where nobody went.
    fn order_whose_report_is(
        &self,
        ticket: TicketId,
        state: ReportState,
    ) -> anyhow::Result<Option<WorkOrder>> {
        let orders = store::work_order::of_ticket(self.maker.engine.tx(), ticket)?;
        Ok(orders.into_iter().rfind(|order| order.report.state == state))
    }

    fn judge(
        &mut self,
        ticket: TicketId,
        verdict: ReportVerdict,
        defects: Option<&str>,
    ) -> anyhow::Result<()> {
        let waits = self.order_whose_report_is(ticket, ReportState::HandedIn)?;
        let Some(order) = waits.map(|order| order.id) else { return Ok(()) };
        let judge = JudgeReport { order, number: None, verdict, defects: defects.map(str::to_owned) };
        self.as_person("controller", Command::JudgeReport(Box::new(judge))).map(drop)
    }

    fn open_task(&self, ticket: TicketId, department: &str) -> anyhow::Result<Option<Task>> {
        let tasks = store::task::of_ticket(self.maker.engine.tx(), ticket)?;
        Ok(tasks.into_iter().find(|task| task.is_open() && task.department == *department))
    }

    fn finish(
        &mut self,
        ticket: TicketId,
        department: &str,
        outcome: &str,
        words: &str,
    ) -> anyhow::Result<()> {
        let Some(task) = self.open_task(ticket, department)? else { return Ok(()) };
        let login = person_of(department)?;
        let comment = Some(words.to_owned()).filter(|words| !words.is_empty());
        let (fields, attachments) = (BTreeMap::new(), Vec::new());
        let finish =
            Command::FinishTask { task: task.id, outcome: key(outcome), comment, fields, attachments };
        self.as_person(login, finish).map(drop)
    }

    /// What the connector would have brought back from the demo's stock system.
    fn stock_answers(&mut self, ticket: TicketId) -> anyhow::Result<()> {
        let waiting = store::job::of_ticket(self.maker.engine.tx(), ticket)?;
        let waiting = waiting.into_iter().filter(|job| job.state == JobState::Waiting).map(|job| job.id);
        let waiting: Vec<JobId> = waiting.collect();
        let leased = self.maker.engine.aside(move |tx| Ok(lease_these(tx, LEASE, &waiting)?))?;
        for job in leased {
            let text = |name: &str| job.body["input"][name].as_str().unwrap_or_default().to_owned();
            let then: Option<Key> = serde_json::from_value(job.body["then"].clone())?;
            let value: Value = stock::availability(&text("part"), &text("city"));
            let answered = PluginAnswered {
                ticket,
                job: Some(job.id),
                plugin: key(stock::PLUGIN),
                function: key("in_stock"),
                then,
                context: job.body["context"].clone(),
                answer: PluginAnswer::Ok { value },
            };
            let actor = Actor::Plugin { installation: self.stock, client: self.client };
            self.maker.run_as(actor, Command::PluginAnswered(Box::new(answered)))?;
        }
        Ok(())
    }
}

fn person_of(department: &str) -> anyhow::Result<&'static str> {
    let found = DEPARTMENT_PEOPLE.iter().find(|(known, _)| *known == department);
    found.map(|(_, login)| *login).with_context(|| format!("nobody of the demo works for {department}"))
}

/// Every step until the present, earliest first; of equal moments, in the order of the stories.
fn schedule(stories: &[Story], present: Moment) -> Vec<Due> {
    let mut all = Vec::new();
    for (story, told) in stories.iter().enumerate() {
        let opened = present - Span::minutes(told.opened_before);
        all.push(Due { at: opened, story, act: None });
        for (minutes, act) in told.steps {
            all.push(Due { at: opened + Span::minutes(*minutes), story, act: Some(*act) });
        }
    }
    all.retain(|due| due.at <= present);
    all.sort_by_key(|due| (due.at, due.story));
    all
}
