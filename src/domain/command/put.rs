//! The records that an administrator makes and changes: clients, their places and things, people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::geography::{Location, ServiceArea};
use crate::domain::person::{Affiliation, EngineerProfile};
use crate::domain::{AssetId, ClientId, ContactId, Key, Language, PersonId, SiteId, SubClientId};

macro_rules! put {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind),* }
    };
}

put!(
    /// Makes a client (no id) or changes one (id and the version that was seen).
    PutClient {
        #[serde(default)]
        id: Option<ClientId>,
        #[serde(default)]
        version: Option<i64>,
        key: Key,
        name: String,
        /// 1 to 8 Latin capitals.
        prefix: String,
        /// `#rrggbb`
        colour: String,
        language: Language,
        is_active: bool,
    }
);
put!(PutSubClient {
    #[serde(default)]
    id: Option<SubClientId>,
    #[serde(default)]
    version: Option<i64>,
    client: ClientId,
    key: Key,
    name: String,
    #[serde(default)]
    support: Option<String>,
});
put!(PutSite {
    #[serde(default)]
    id: Option<SiteId>,
    #[serde(default)]
    version: Option<i64>,
    client: ClientId,
    #[serde(default)]
    sub_client: Option<SubClientId>,
    name: String,
    address: String,
    city: String,
    country: String,
    time_zone: String,
    /// A calendar of the client's pack, by key.
    #[serde(default)]
    calendar: Option<Key>,
    /// A part of the city, as territories name it.
    #[serde(default)]
    district: Option<String>,
    /// Degrees; without it, every distance to the site is unknown.
    #[serde(default)]
    #[schema(value_type = Option<crate::domain::geography::Degrees>)]
    location: Option<Location>,
});
put!(PutAsset {
    #[serde(default)]
    id: Option<AssetId>,
    #[serde(default)]
    version: Option<i64>,
    client: ClientId,
    #[serde(default)]
    site: Option<SiteId>,
    tag: String,
    serial: String,
    model: String,
    #[serde(default)]
    certificates: Vec<String>,
    is_active: bool,
});
put!(PutContact {
    #[serde(default)]
    id: Option<ContactId>,
    #[serde(default)]
    version: Option<i64>,
    client: ClientId,
    #[serde(default)]
    sub_client: Option<SubClientId>,
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
});
put!(PutPerson {
    #[serde(default)]
    id: Option<PersonId>,
    #[serde(default)]
    version: Option<i64>,
    login: String,
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    language: Language,
    time_zone: String,
    affiliation: Affiliation,
    #[serde(default)]
    engineer: Option<EngineerProfile>,
    /// Attestations, such as for a client; at most 100. Absent: they stay.
    #[serde(default)]
    certificates: Option<Vec<String>>,
    /// What the person speaks, ISO 639-1; at most 100. Absent: they stay.
    #[serde(default)]
    languages: Option<Vec<String>>,
    /// Where the person is, and which places they serve. Absent: it stays.
    #[serde(default)]
    service_area: Option<ServiceArea>,
    capacity: i64,
    is_on_duty: bool,
    is_active: bool,
});
