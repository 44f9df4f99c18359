//! Who can log in: staff, members of partner organisations, contacts of clients; and who acts at all.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::geography::ServiceArea;
use super::{ClientId, ContactId, InstallationId, Key, Language, PartnerId, PersonId};

/// Whether somebody can log in by this name.
#[must_use]
pub fn is_login(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !c.is_uppercase())
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    pub id: PersonId,
    pub login: String,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub language: Language,
    pub time_zone: String,
    pub affiliation: Affiliation,
    pub engineer: Option<EngineerProfile>,
    /// Attestations of whoever it is, such as for a client; an engineer's stand in the profile too.
    pub certificates: Vec<String>,
    /// What the person speaks, ISO 639-1.
    pub languages: Vec<String>,
    /// Where the person is, and which places they serve.
    #[serde(default)]
    pub service_area: ServiceArea,
    /// Open work orders or tickets that the person can carry at once.
    pub capacity: i64,
    /// Takes new work now: off goes before the roster, on leaves it to the roster where there is one.
    pub is_on_duty: bool,
    pub is_active: bool,
    pub version: i64,
}

impl Person {
    /// Everything that the person is attested in.
    #[must_use]
    pub fn all_certificates(&self) -> Vec<String> {
        let own = self.engineer.iter().flat_map(|profile| &profile.certificates);
        self.certificates.iter().chain(own).cloned().collect()
    }

    /// Everything that the person speaks.
    #[must_use]
    pub fn all_languages(&self) -> Vec<String> {
        let own = self.engineer.iter().flat_map(|profile| &profile.languages);
        self.languages.iter().chain(own).cloned().collect()
    }
}

/// To whom a person belongs; it bounds what any role can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Affiliation {
    Staff,
    Partner { partner: PartnerId },
    Contact { client: ClientId, contact: Option<ContactId> },
}

/// The highest grade.
pub const GRADE_MAX: i64 = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineerProfile {
    /// 1 mends simple faults, 2 complex ones, and so on up.
    pub grade: i64,
    pub city: String,
    #[serde(default)]
    pub certificates: Vec<String>,
    /// ISO 639-1, such as `kk`.
    #[serde(default)]
    pub languages: Vec<String>,
    /// The technical lead.
    pub lead: Option<PersonId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, people and plugins included.
    Administrator,
    /// Everything about tickets, dead jobs and marks; sees all queues.
    Supervisor,
    /// Chooses engineers, moves work orders.
    Dispatcher,
    /// Takes and answers tickets.
    Operator,
    /// Carries out work orders; sees the tickets of these only.
    Engineer,
    /// Checks what was done; reads everything, comments in notes.
    Controller,
    /// Works on the tasks of the departments that the person is a member of.
    DepartmentMember,
    /// A client's person: that company's tickets and public replies.
    ClientContact,
    /// A partner's person: what was passed to the partner.
    PartnerMember,
}

impl Role {
    pub const ALL: [Role; 9] = [
        Role::Administrator,
        Role::Supervisor,
        Role::Dispatcher,
        Role::Operator,
        Role::Engineer,
        Role::Controller,
        Role::DepartmentMember,
        Role::ClientContact,
        Role::PartnerMember,
    ];

    /// The role as JSON and scripts call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Supervisor => "supervisor",
            Role::Dispatcher => "dispatcher",
            Role::Operator => "operator",
            Role::Engineer => "engineer",
            Role::Controller => "controller",
            Role::DepartmentMember => "department_member",
            Role::ClientContact => "client_contact",
            Role::PartnerMember => "partner_member",
        }
    }
}

/// A role for one client, or for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Grant {
    pub role: Role,
    /// `null`: for every client.
    pub client: Option<ClientId>,
}

/// Membership of a support line or a department, of one client or of all that have one of that key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    pub queue: Key,
    /// `null`: for every client.
    pub client: Option<ClientId>,
}

/// An organisation that works with us on what we pass to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Partner {
    pub id: PartnerId,
    pub key: Key,
    pub name: String,
    pub version: i64,
}

/// Who wants a change. All pass the same permission check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    Person {
        person: PersonId,
    },
    /// The durable clock: timers, deadlines.
    Clock,
    Script {
        client: ClientId,
    },
    Plugin {
        installation: InstallationId,
        client: ClientId,
    },
    /// An import of a foreign desk's history.
    Import {
        client: ClientId,
    },
    /// The command line on the data folder, or the first set-up: whoever holds the files.
    Operator,
}
