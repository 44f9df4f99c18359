//! Whom we serve: clients, their sub-clients, sites, assets and contacts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::geography::Location;
use super::{AssetId, ClientId, ContactId, Key, Language, PackVersionId, SiteId, SubClientId};

/// A firm whose requests we handle by its own rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Client {
    pub id: ClientId,
    /// What the command line and plugins call it, such as `it-desk`.
    pub key: Key,
    pub name: String,
    /// Before the number of each of its tickets: `BANK` in `BANK-1042`.
    pub prefix: String,
    /// `#rrggbb`, shown as a bar wherever its name stands.
    pub colour: String,
    pub language: Language,
    /// The published version of its pack; without one its tickets follow the default rule.
    pub pack_version: Option<PackVersionId>,
    pub is_active: bool,
    pub version: i64,
}

/// A firm that is served through a client: one of a service company's banks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubClient {
    pub id: SubClientId,
    pub client: ClientId,
    pub key: Key,
    pub name: String,
    /// Where questions about its own systems go, such as an e-mail address.
    pub support: Option<String>,
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Site {
    pub id: SiteId,
    pub client: ClientId,
    pub sub_client: Option<SubClientId>,
    pub name: String,
    pub address: String,
    /// As engineers' cities are written; compared without regard to case.
    pub city: String,
    /// ISO 3166-1 alpha-2, such as `KZ`.
    pub country: String,
    /// IANA name, such as `Asia/Almaty`.
    pub time_zone: String,
    /// By which the clocks of its tickets run: a calendar of the client's pack; without one, the contract's.
    #[serde(default)]
    pub calendar: Option<Key>,
    /// A part of the city, as territories name it.
    #[serde(default)]
    pub district: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<super::geography::Degrees>)]
    pub location: Option<Location>,
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Asset {
    pub id: AssetId,
    pub client: ClientId,
    pub site: Option<SiteId>,
    /// What is painted on the machine; unique for the client.
    pub tag: String,
    pub serial: String,
    pub model: String,
    /// What an engineer must hold to open it.
    pub certificates: Vec<String>,
    pub is_active: bool,
    pub version: i64,
}

/// Somebody at the client who asks or answers, with or without a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    pub id: ContactId,
    pub client: ClientId,
    pub sub_client: Option<SubClientId>,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub version: i64,
}

impl Contact {
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.email.is_some() || self.phone.is_some()
    }
}
