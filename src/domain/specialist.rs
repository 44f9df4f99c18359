//! Who is a specialist of what: clients, models, categories; and who is a client's technical manager; pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ticket::Ticket;
use super::{ClientId, Key, Moment, PersonId, SpecialistId, SubClientId};

/// Somebody's special knowledge or charge, for a time. A row never changes but for its end, so that a past moment can
/// be seen as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Specialist {
    pub id: SpecialistId,
    pub person: PersonId,
    pub of: Speciality,
    pub valid_from: Moment,
    /// `null`: until further notice.
    pub valid_to: Option<Moment>,
    pub version: i64,
}

/// Of what somebody is a specialist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Speciality {
    /// Knows the client; with a sub-client, that one.
    Client {
        client: ClientId,
        #[serde(default)]
        sub_client: Option<SubClientId>,
    },
    /// Answers for the client, or for one sub-client, in technical matters.
    TechnicalManager {
        client: ClientId,
        #[serde(default)]
        sub_client: Option<SubClientId>,
    },
    /// Knows assets of a model; compared without regard to case.
    Model {
        /// `null`: whosever they are.
        #[serde(default)]
        client: Option<ClientId>,
        model: String,
    },
    /// Knows a category of the client's tickets.
    Category { client: ClientId, category: Key },
}

impl Speciality {
    #[must_use]
    pub fn client(&self) -> Option<ClientId> {
        match self {
            Speciality::Client { client, .. }
            | Speciality::TechnicalManager { client, .. }
            | Speciality::Category { client, .. } => Some(*client),
            Speciality::Model { client, .. } => *client,
        }
    }
}

impl Specialist {
    #[must_use]
    pub fn is_valid(&self, at: Moment) -> bool {
        self.valid_from <= at && self.valid_to.is_none_or(|end| at < end)
    }
}

/// How closely somebody knows a client: the sub-client itself before the client as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    SubClient,
    Client,
}

/// What somebody's specialities say about one ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Knows {
    pub client: Option<Closeness>,
    pub manages: Option<Closeness>,
    pub product: bool,
}

impl Knows {
    /// By the specialities that are valid; `model` is that of the ticket's asset.
    #[must_use]
    pub fn of(specialities: &[Speciality], ticket: &Ticket, model: Option<&str>) -> Knows {
        let mut knows = Knows::default();
        let closest = |before: Option<Closeness>, sub_client: Option<SubClientId>| {
            let found = match sub_client {
                None => Some(Closeness::Client),
                Some(own) if ticket.sub_client == Some(own) => Some(Closeness::SubClient),
                Some(_) => None,
            };
            before.into_iter().chain(found).min()
        };
        let is_own = |client: ClientId| client == ticket.client;
        for speciality in specialities {
            match speciality {
                Speciality::Client { client, sub_client } if is_own(*client) => {
                    knows.client = closest(knows.client, *sub_client);
                }
                Speciality::TechnicalManager { client, sub_client } if is_own(*client) => {
                    knows.manages = closest(knows.manages, *sub_client);
                }
                Speciality::Model { client, model: own } if client.is_none_or(is_own) => {
                    knows.product |= model.is_some_and(|model| super::geography::is_same(own, model));
                }
                Speciality::Category { client, category } if is_own(*client) => {
                    knows.product |= ticket.category.as_ref() == Some(category);
                }
                _ => {}
            }
        }
        knows
    }
}
