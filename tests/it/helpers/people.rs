//! People of a test desk, each with the verbs of their role.

use std::collections::{BTreeMap, BTreeSet};

use naryad::commands::{DeskError, Done, Request};
use naryad::domain::command::{AdvanceWorkOrder, AssignTo, Command, PutPerson};
use naryad::domain::event::Visibility;
use naryad::domain::person::{Actor, Affiliation, EngineerProfile, Grant, Membership, Role};
use naryad::domain::work_order::Stage;
use naryad::domain::{ClientId, Key, Language, PersonId, TaskId, TicketId, WorkOrderId};

use super::{TestDesk, made};

pub struct Somebody<'d> {
    pub desk: &'d TestDesk,
    pub id: PersonId,
}

impl TestDesk {
    /// A person with one role, for one client or for all.
    pub fn somebody(&self, login: &str, role: Role, client: Option<ClientId>) -> Somebody<'_> {
        let affiliation = match (role, client) {
            (Role::ClientContact, Some(client)) => Affiliation::Contact { client, contact: None },
            _ => Affiliation::Staff,
        };
        let person = self.person(login, affiliation, None);
        person.gets(&[Grant { role, client }], &[]);
        person
    }

    /// A member of a department of every client.
    pub fn member(&self, login: &str, queue: &str) -> Somebody<'_> {
        let person = self.person(login, Affiliation::Staff, None);
        let grant = Grant { role: Role::DepartmentMember, client: None };
        person.gets(&[grant], &[Membership { queue: Key::new(queue).unwrap(), client: None }]);
        person
    }

    pub fn engineer(&self, login: &str, grade: i64, city: &str) -> Somebody<'_> {
        let profile = EngineerProfile { grade, city: city.to_owned(), ..EngineerProfile::default() };
        let person = self.person(login, Affiliation::Staff, Some(profile));
        person.gets(&[Grant { role: Role::Engineer, client: None }], &[]);
        person
    }

    pub fn person(
        &self,
        login: &str,
        affiliation: Affiliation,
        engineer: Option<EngineerProfile>,
    ) -> Somebody<'_> {
        let put = PutPerson {
            id: None,
            version: None,
            login: login.to_owned(),
            name: login.to_owned(),
            email: None,
            phone: None,
            language: Language::En,
            time_zone: "Europe/Moscow".to_owned(),
            affiliation,
            engineer,
            certificates: None,
            languages: None,
            service_area: None,
            capacity: 3,
            is_on_duty: true,
            is_active: true,
        };
        let id = PersonId(made(&self.does(Command::PutPerson(Box::new(put))).unwrap()));
        Somebody { desk: self, id }
    }
}

impl Somebody<'_> {
    pub fn does(&self, command: Command) -> Result<Done, DeskError> {
        self.desk.desk.run(Request::new(Actor::Person { person: self.id }, command))
    }

    pub fn gets(&self, grants: &[Grant], memberships: &[Membership]) {
        let grants: BTreeSet<Grant> = grants.iter().copied().collect();
        let memberships: BTreeSet<Membership> = memberships.iter().cloned().collect();
        self.desk.does(Command::SetAccess { person: self.id, grants, memberships }).unwrap();
    }

    pub fn opens(&self, client: ClientId, subject: &str) -> Result<Done, DeskError> {
        self.does(Command::OpenTicket(Box::new(TestDesk::request(client, subject))))
    }

    pub fn replies(&self, ticket: TicketId, text: &str) -> Result<Done, DeskError> {
        self.comments(ticket, text, Visibility::Public)
    }

    pub fn notes(&self, ticket: TicketId, text: &str) -> Result<Done, DeskError> {
        self.comments(ticket, text, Visibility::Internal)
    }

    fn comments(&self, ticket: TicketId, text: &str, visibility: Visibility) -> Result<Done, DeskError> {
        self.does(Command::AddComment {
            ticket,
            text: text.to_owned(),
            visibility,
            attachments: Vec::new(),
            asks_client: false,
        })
    }

    pub fn assigns(&self, ticket: TicketId, to: &Somebody<'_>) -> Result<Done, DeskError> {
        let to = AssignTo::Person { person: to.id };
        self.does(Command::AssignTicket {
            ticket,
            version: None,
            to,
            reason: None,
            information: Box::default(),
        })
    }

    pub fn finishes(&self, task: TaskId, outcome: &str) -> Result<Done, DeskError> {
        let outcome = Key::new(outcome).unwrap();
        let (fields, attachments) = (BTreeMap::new(), Vec::new());
        self.does(Command::FinishTask { task, outcome, comment: None, fields, attachments })
    }

    pub fn moves(&self, order: WorkOrderId, stage: Stage, outcome: Option<&str>) -> Result<Done, DeskError> {
        let advance = AdvanceWorkOrder {
            order,
            stage,
            outcome: outcome.map(|outcome| Key::new(outcome).unwrap()),
            comment: None,
            parts_needed: Vec::new(),
            planned_at: None,
        };
        self.does(Command::AdvanceWorkOrder(Box::new(advance)))
    }
}
