//! What a script may know: facts are read one by one, only when asked for, and what was read is recorded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::client::{Asset, Client, Contact, Site, SubClient};
use crate::domain::contract::{Asking, BalanceUnit};
use crate::domain::ledger::PieceKind;
use crate::domain::pack::Phase;
use crate::domain::person::Person;
use crate::domain::rating::Answer;
use crate::domain::report::Report;
use crate::domain::sla::SlaClock;
use crate::domain::task::Task;
use crate::domain::ticket::Ticket;
use crate::domain::time_entry::TimeEntry;
use crate::domain::work_order::WorkOrder;
use crate::domain::{
    AssetId, AttachmentId, ClientId, ContactId, Key, Language, Moment, PersonId, SiteId, SubClientId, TextId,
    TicketId,
};

/// The question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "ask", content = "of", rename_all = "snake_case")]
pub enum FactKey {
    /// The one `now` of the transaction.
    Now,
    Ticket(TicketId),
    Text(TextId),
    /// What the ticket was opened with, beside its subject; a [`Fact::Text`].
    Description(TicketId),
    Client(ClientId),
    SubClient(SubClientId),
    Site(SiteId),
    Asset(AssetId),
    Contact(ContactId),
    Person(PersonId),
    /// By login, as scripts name people; a [`Fact::Person`].
    PersonByLogin(String),
    /// All tasks of the ticket, oldest first.
    Tasks(TicketId),
    /// All work orders of the ticket, oldest first.
    Orders(TicketId),
    /// All reports of the ticket's visits, oldest first.
    Reports(TicketId),
    /// The files of the ticket, in the order of their ids.
    Files(TicketId),
    Sla(TicketId),
    /// The names of the ladders that stand; a [`Fact::Keys`].
    Ladders(TicketId),
    /// What the contract's verdict hangs on beside the ticket: the contact's name, and a month's sums in the unit.
    ContractUse {
        ticket: TicketId,
        /// The sub-client whose balance it is; `None`: the client's.
        holder: Option<SubClientId>,
        unit: Option<BalanceUnit>,
        from: Moment,
        to: Moment,
    },
    /// The ticket's time entries that count, by their beginning.
    TimeEntries(TicketId),
    /// The answer to the ticket's latest question that was answered; `None` inside when there is none.
    Rating(TicketId),
    /// Open tickets of the asset, oldest first; at most `OPEN_TICKETS_MAX`.
    OpenTicketsOfAsset(AssetId),
    /// Tickets of the asset that have ended, the latest first.
    RepairsOfAsset {
        asset: AssetId,
        count_max: usize,
    },
    /// Minutes by what the ticket's time was spent on, up to now.
    Minutes(TicketId),
    /// Who logs in as the contact; a [`Fact::People`].
    LoginsOfContact(ContactId),
    /// All tickets of the contact, the latest first; a [`Fact::TicketIds`].
    TicketsOfContact {
        contact: ContactId,
        count_max: usize,
    },
    /// When the contact last opened a ticket or wrote; a [`Fact::At`].
    LastHeardOfContact(ContactId),
    /// Of the ticket when it was declared a major incident.
    Incident(TicketId),
    /// Parents of the client's open incidents, the oldest first; a [`Fact::TicketIds`].
    OpenIncidents,
    /// Tickets of the client, the oldest first; a [`Fact::TicketIds`].
    Found(Box<TicketQuery>),
    /// Open tickets that may be about the same, the likeliest first.
    PossibleDuplicates(TicketId),
    /// Members of the client's queue who are there now, in the order of their ids.
    PeopleOnShift(Key),
    /// Whether the person is there now for the client.
    IsOnShift(PersonId),
}

/// What `find_tickets` asks for; an empty list means: all.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TicketQuery {
    pub phases: Vec<Phase>,
    pub statuses: Vec<Key>,
    pub categories: Vec<Key>,
    pub queues: Vec<Key>,
    pub priorities: Vec<i64>,
    pub assignee: Option<PersonId>,
    pub is_unassigned: bool,
    pub is_urgent: bool,
    pub is_unclassified: bool,
    pub is_overdue: bool,
    pub opened_before: Option<Moment>,
    pub changed_before: Option<Moment>,
    #[serde(default)]
    pub site: Option<SiteId>,
    #[serde(default)]
    pub asset: Option<AssetId>,
    #[serde(default)]
    pub contact: Option<ContactId>,
    pub count_max: usize,
}

/// Most repairs of an asset that one question answers.
pub const REPAIRS_MAX: usize = 20;
/// Most tickets of a contact that one question answers.
pub const CONTACT_TICKETS_MAX: usize = 20;
/// Latest tickets of a contact on which is looked for their last word.
pub const HEARD_TICKETS_MAX: usize = 10;
/// Most changes of a ticket (status, queue, whose it is, tasks and so on) whose minutes are added up. Comments, messages, timers
/// and runs, of which a long ticket has most, do not count. A ticket that changed so often is one that goes in a circle, and
/// reading more of its changes would take longer than a run may.
pub const LEDGER_TURNS_MAX: usize = 2_000;
/// Most tickets that one question answers.
pub const OPEN_TICKETS_MAX: usize = 100;

/// The answer; `None` inside where there is no such thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "snake_case")]
pub enum Fact {
    Now(Moment),
    Ticket(Option<Box<Ticket>>),
    /// `None`: erased.
    Text(Option<String>),
    Client(Option<Client>),
    SubClient(Option<SubClient>),
    Site(Option<Site>),
    Asset(Option<Asset>),
    Contact(Option<Contact>),
    Person(Option<Box<Person>>),
    Tasks(Vec<Task>),
    Orders(Vec<WorkOrder>),
    Reports(Vec<Report>),
    Files(Vec<FileFact>),
    Sla(Vec<SlaClock>),
    /// `None`: there is no such ticket.
    ContractUse(Option<Asking>),
    TimeEntries(Vec<TimeEntry>),
    Rating(Option<Answer>),
    Tickets(Vec<Ticket>),
    TicketIds(Vec<TicketId>),
    Keys(Vec<Key>),
    Incident(Option<Box<IncidentFact>>),
    People(Vec<PersonId>),
    Flag(bool),
    Repairs(Vec<RepairFact>),
    /// `None`: there is no such ticket, or its history is too long to be added up.
    Minutes(Option<BTreeMap<PieceKind, i64>>),
    At(Option<Moment>),
}

/// A ticket of an asset that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepairFact {
    pub ticket: TicketId,
    pub category: Option<Key>,
    pub resolution: Option<Key>,
    pub done_at: Moment,
    pub engineer: Option<PersonId>,
    pub reason: Option<Key>,
    pub visits: i64,
}

/// What a script may know of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileFact {
    pub id: AttachmentId,
    pub name: String,
}

/// What a script may know of a major incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentFact {
    pub is_open: bool,
    pub texts: BTreeMap<Language, String>,
    pub last_update: Option<String>,
    pub last_update_at: Option<Moment>,
    pub declared_at: Moment,
}

/// Facts could not be read: the database failed, or the key is not of this client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FactError(pub String);

/// Where facts come from: the open transaction when live or rehearsed, a recording when explained. An answer
/// may only ever be of the script's own client.
pub trait Facts {
    fn read(&self, key: &FactKey) -> Result<Fact, FactError>;
}
