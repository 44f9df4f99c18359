//! A small desk as data: one ticket and what is around it, answered from memory.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use naryad::domain::calendars::Terms;
use naryad::domain::client::{Asset, Client, Contact, Site, SubClient};
use naryad::domain::contract::Asking;
use naryad::domain::pack::Pack;
use naryad::domain::person::{Affiliation, EngineerProfile, Person};
use naryad::domain::report::OrderReport;
use naryad::domain::sla::SlaClock;
use naryad::domain::task::{Task, TaskState};
use naryad::domain::ticket::{Channel, FieldValue, Level, Ticket};
use naryad::domain::work_order::{PartNeeded, Stage, WorkOrder};
use naryad::domain::*;
use naryad::workflow::{
    Fact, FactError, FactKey, Facts, Occasion, Program, Run, Sources, compile, decide, on_script_stack,
};

pub const TICKET: TicketId = TicketId(1);
pub const CLIENT: ClientId = ClientId(1);
pub const ORDER: WorkOrderId = WorkOrderId(30);
pub const TASK: TaskId = TaskId(40);
pub const NURLAN: PersonId = PersonId(50);
pub const OLGA: PersonId = PersonId(51);
pub const CONTACT: ContactId = ContactId(60);
/// Far above what a debug build needs, so that only a script that never ends meets it.
pub const WALL: Duration = Duration::from_secs(2);

pub const PACK: &str = include_str!("atm.toml");

/// What the transaction would answer.
#[derive(Debug, Clone)]
pub struct Desk {
    pub now: Moment,
    pub ticket: Ticket,
    pub texts: BTreeMap<TextId, String>,
    pub description: String,
    pub site: Site,
    pub asset: Asset,
    pub people: Vec<Person>,
    pub tasks: Vec<Task>,
    pub orders: Vec<WorkOrder>,
    pub clocks: Vec<SlaClock>,
    pub open_tickets: Vec<Ticket>,
}

pub fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

pub fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

pub fn pack() -> Arc<Pack> {
    Arc::new(Pack::parse(PACK).unwrap())
}

impl Default for Desk {
    fn default() -> Self {
        let now = at("2026-11-20T08:00:00Z");
        Desk {
            now,
            ticket: ticket(TICKET, now),
            texts: BTreeMap::from([
                (TextId(100), "Card reader is jammed".to_owned()),
                (TextId(101), "NK-3".to_owned()),
                (TextId(102), "Camera shows a crowbar".to_owned()),
                (TextId(103), "Not on our shelves".to_owned()),
            ]),
            description: "It swallows cards".to_owned(),
            site: site(),
            asset: asset(),
            people: vec![
                person(NURLAN, "nurlan", "Nurlan Seitov", Some("Almaty")),
                person(OLGA, "olga", "Olga Kim", None),
            ],
            tasks: vec![task()],
            orders: vec![order()],
            clocks: vec![SlaClock::started(key("resolution"), Span::hours(30), now - Span::hours(3))],
            open_tickets: Vec::new(),
        }
    }
}

pub fn ticket(id: TicketId, at: Moment) -> Ticket {
    Ticket {
        accept_until: None,
        return_count: 0,
        unaccepted_by: Default::default(),
        id,
        client: CLIENT,
        number: 1042,
        sub_client: Some(SubClientId(3)),
        site: Some(SiteId(10)),
        asset: Some(AssetId(20)),
        contact: Some(CONTACT),
        subject: TextId(100),
        status: key("new"),
        category: Some(key("receipt_jam")),
        impact: Level::Medium,
        urgency: Level::Medium,
        priority: 3,
        is_urgent: false,
        queue: Some(key("first_line")),
        assignee: None,
        channel: Channel::Desk,
        fields: BTreeMap::new(),
        tags: BTreeSet::from(["atm".to_owned()]),
        watchers: BTreeSet::new(),
        counters: BTreeMap::new(),
        resolution: None,
        incident: None,
        reopen_count: 0,
        handover_count: 0,
        pack_version: None,
        opened_at: at,
        updated_at: at,
        public_updated_at: at,
        turned_at: at,
        resolved_at: None,
        closed_at: None,
        is_marked: false,
        version: 1,
        terms: Terms::default(),
    }
}

fn site() -> Site {
    Site {
        id: SiteId(10),
        client: CLIENT,
        sub_client: None,
        name: "Mega".to_owned(),
        address: "Rozybakiev 263".to_owned(),
        city: "Almaty".to_owned(),
        country: "KZ".to_owned(),
        time_zone: "Asia/Almaty".to_owned(),
        calendar: None,
        district: None,
        location: None,
        version: 1,
    }
}

fn asset() -> Asset {
    Asset {
        id: AssetId(20),
        client: CLIENT,
        site: Some(SiteId(10)),
        tag: "ATM-7".to_owned(),
        serial: "S7".to_owned(),
        model: "NCR 6627".to_owned(),
        certificates: vec!["ncr".to_owned()],
        is_active: true,
        version: 1,
    }
}

fn person(id: PersonId, login: &str, name: &str, city: Option<&str>) -> Person {
    let engineer = city.map(|city| EngineerProfile {
        grade: 1,
        city: city.to_owned(),
        certificates: vec!["ncr".to_owned()],
        languages: vec!["kk".to_owned()],
        lead: Some(OLGA),
    });
    Person {
        id,
        login: login.to_owned(),
        name: name.to_owned(),
        email: None,
        phone: Some("+7 700".to_owned()),
        language: Language::Ru,
        time_zone: "Asia/Almaty".to_owned(),
        affiliation: Affiliation::Staff,
        engineer,
        certificates: Vec::new(),
        languages: Vec::new(),
        service_area: Default::default(),
        capacity: 3,
        is_on_duty: true,
        is_active: true,
        version: 1,
    }
}

fn task() -> Task {
    Task {
        id: TASK,
        ticket: TICKET,
        department: key("commercial"),
        title: TextId(102),
        due_at: None,
        outcomes: vec![key("approved"), key("refused")],
        partner: None,
        fields: BTreeMap::from([(key("part"), FieldValue::Text(TextId(101)))]),
        state: TaskState::Done,
        opened_at: at("2026-11-20T07:00:00Z"),
        taken_by: Some(OLGA),
        finished_at: Some(at("2026-11-20T08:00:00Z")),
        outcome: Some(key("approved")),
        comment: Some(TextId(103)),
        files: Vec::new(),
        ordinal: 1,
    }
}

fn order() -> WorkOrder {
    WorkOrder {
        id: ORDER,
        ticket: TICKET,
        engineer: NURLAN,
        stage: Stage::Offered,
        note: None,
        due_at: None,
        planned_at: None,
        opened_at: at("2026-11-20T07:00:00Z"),
        arrived_at: None,
        finished_at: None,
        outcome: None,
        comment: None,
        parts_needed: vec![PartNeeded { code: "NK-3".to_owned(), quantity: 2 }],
        ordinal: 1,
        report: OrderReport::default(),
    }
}

impl Facts for Desk {
    fn read(&self, key: &FactKey) -> Result<Fact, FactError> {
        Ok(match key {
            FactKey::Now => Fact::Now(self.now),
            FactKey::Ticket(id) => {
                let all = self.open_tickets.iter().chain([&self.ticket]);
                Fact::Ticket(all.into_iter().find(|ticket| ticket.id == *id).cloned().map(Box::new))
            }
            FactKey::Text(id) => Fact::Text(self.texts.get(id).cloned()),
            FactKey::Description(_) => Fact::Text(Some(self.description.clone())),
            FactKey::Client(_) => Fact::Client(Some(client())),
            FactKey::SubClient(_) => Fact::SubClient(Some(sub_client())),
            FactKey::Site(_) => Fact::Site(Some(self.site.clone())),
            FactKey::Asset(_) => Fact::Asset(Some(self.asset.clone())),
            FactKey::Contact(_) => Fact::Contact(Some(contact())),
            FactKey::Person(id) => {
                Fact::Person(self.people.iter().find(|person| person.id == *id).cloned().map(Box::new))
            }
            FactKey::PersonByLogin(login) => {
                Fact::Person(self.people.iter().find(|person| person.login == *login).cloned().map(Box::new))
            }
            FactKey::Tasks(_) => Fact::Tasks(self.tasks.clone()),
            FactKey::Orders(_) => Fact::Orders(self.orders.clone()),
            FactKey::Reports(_) => Fact::Reports(Vec::new()),
            FactKey::Files(_) => Fact::Files(Vec::new()),
            FactKey::Sla(_) => Fact::Sla(self.clocks.clone()),
            FactKey::Ladders(_) => Fact::Keys(Vec::new()),
            FactKey::ContractUse { .. } => Fact::ContractUse(Some(Asking::default())),
            FactKey::TimeEntries(_) => Fact::TimeEntries(Vec::new()),
            FactKey::Rating(_) => Fact::Rating(None),
            FactKey::OpenTicketsOfAsset(_) => Fact::Tickets(self.open_tickets.clone()),
            FactKey::RepairsOfAsset { .. } => Fact::Repairs(Vec::new()),
            FactKey::Minutes(_) => Fact::Minutes(Some(BTreeMap::new())),
            FactKey::LoginsOfContact(_) => Fact::People(Vec::new()),
            FactKey::LastHeardOfContact(_) => Fact::At(None),
            FactKey::Incident(_) => Fact::Incident(None),
            FactKey::OpenIncidents
            | FactKey::PossibleDuplicates(_)
            | FactKey::TicketsOfContact { .. }
            | FactKey::Found(_) => Fact::TicketIds(Vec::new()),
            // Everybody who is on duty is there.
            FactKey::PeopleOnShift(_) => Fact::People(
                self.people.iter().filter(|person| person.is_on_duty).map(|person| person.id).collect(),
            ),
            FactKey::IsOnShift(id) => {
                Fact::Flag(self.people.iter().any(|person| person.id == *id && person.is_on_duty))
            }
        })
    }
}

fn client() -> Client {
    Client {
        id: CLIENT,
        key: key("atm-service"),
        name: "Terminal Service".to_owned(),
        prefix: "ATM".to_owned(),
        colour: "#336699".to_owned(),
        language: Language::Ru,
        pack_version: None,
        is_active: true,
        version: 1,
    }
}

fn sub_client() -> SubClient {
    SubClient {
        id: SubClientId(3),
        client: CLIENT,
        key: key("north_bank"),
        name: "North Bank".to_owned(),
        support: Some("support@north.example".to_owned()),
        version: 1,
    }
}

fn contact() -> Contact {
    Contact {
        id: CONTACT,
        client: CLIENT,
        sub_client: None,
        name: "Aigul".to_owned(),
        email: Some("aigul@north.example".to_owned()),
        phone: None,
        version: 1,
    }
}

pub fn program(script: &str) -> Program {
    compile(Sources::alone(script), pack(), WALL).unwrap_or_else(|findings| {
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        panic!("the script does not compile:\n{}", lines.join("\n"))
    })
}

/// Runs a script's handler on a thread of its own, as the writer does.
pub fn runs(script: &str, occasion: &Occasion, desk: &Desk) -> Run {
    on_script_stack(|| {
        let program = program(script);
        assert!(program.has_handler(occasion), "the script has no {}", occasion.handler());
        decide(&program, TICKET, occasion, Rc::new(desk.clone()))
    })
}

/// What a run asked for, a line each: `12: {"type":"queue_ticket",…}`.
pub fn asked(script: &str, occasion: &Occasion, desk: &Desk) -> String {
    match runs(script, occasion, desk).asked {
        Ok(asked) => {
            let line = |one: &naryad::workflow::Asked| {
                format!("{}: {}\n", one.line, serde_json::to_string(&one.command).unwrap())
            };
            asked.iter().map(line).collect()
        }
        Err(failure) => format!("{}: {failure}\n", failure.kind.as_str()),
    }
}
