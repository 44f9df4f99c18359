//! A client with the labels of everything that its pack calls by a key.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::client::Client;
use crate::domain::pack::{
    Category, Classification, Field, HandOverForm, Labelled, Pack, Queue, Status, Template,
};
use crate::domain::sla::TicketStage;
use crate::domain::{ClientId, Key, Label, Language, PackVersionId, PersonId, SubClientId};
use crate::store;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Vocabulary {
    pub client: ClientId,
    pub key: Key,
    pub name: String,
    pub prefix: String,
    /// `#rrggbb`
    pub colour: String,
    pub language: Language,
    pub is_active: bool,
    /// Of the published version; `null`: nothing is published.
    pub pack: Option<PackWords>,
    pub sub_clients: Vec<SubClientName>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PackWords {
    pub version: PackVersionId,
    pub key: Key,
    pub title: Label,
    /// IANA name of the client's calendar.
    pub time_zone: String,
    pub statuses: Vec<Status>,
    pub categories: Vec<Category>,
    pub fields: Vec<Field>,
    /// Support lines and departments.
    pub queues: Vec<Queue>,
    pub resolutions: Vec<Labelled>,
    pub order_outcomes: Vec<Labelled>,
    /// Kinds of documents that a report of a visit can hold; for staff.
    pub document_kinds: Vec<Labelled>,
    pub templates: Vec<Template>,
    pub timers: Vec<Labelled>,
    /// What packages include, exclude or sell.
    pub services: Vec<Labelled>,
    pub packages: Vec<Labelled>,
    /// What must be known before a ticket is handed to a next line; for staff.
    pub hand_over_forms: Vec<HandOverForm>,
    pub classification: Classification,
    /// Parts of a ticket's way that have targets of their own.
    pub stages: Vec<Labelled>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SubClientName {
    pub id: SubClientId,
    pub key: Key,
    pub name: String,
}

impl Views {
    /// Of every client whom the person meets.
    pub fn vocabularies(&self, person: PersonId) -> Result<Vec<Vocabulary>, ViewError> {
        self.read(person, |reading| {
            reading.clients()?.into_iter().map(|client| reading.vocabulary(client)).collect()
        })
    }

    pub fn vocabulary(&self, person: PersonId, client: ClientId) -> Result<Vocabulary, ViewError> {
        self.read(person, |reading| reading.vocabulary(reading.client(client)?))
    }
}

impl Reading<'_> {
    fn vocabulary(&self, client: Client) -> Result<Vocabulary, ViewError> {
        let pack = self.pack(client.pack_version)?;
        let words = client.pack_version.zip(pack).map(|(version, pack)| self.words(version, &pack));
        let sub_clients = store::client::subs_of(self.db, client.id)?;
        Ok(Vocabulary {
            client: client.id,
            key: client.key,
            name: client.name,
            prefix: client.prefix,
            colour: client.colour,
            language: client.language,
            is_active: client.is_active,
            pack: words,
            sub_clients: sub_clients
                .into_iter()
                .filter(|sub| self.reaches_sub_client(sub.id))
                .map(|sub| SubClientName { id: sub.id, key: sub.key, name: sub.name })
                .collect(),
        })
    }

    /// A client's own people get no department's list of outcomes and no templates.
    fn words(&self, version: PackVersionId, pack: &Pack) -> PackWords {
        let staff = self.sees_internals();
        let inside = staff || self.scope.partner().is_some();
        PackWords {
            version,
            key: pack.key.clone(),
            title: pack.title.clone(),
            time_zone: pack.calendar.time_zone.clone(),
            statuses: pack.statuses.clone(),
            categories: pack.categories.clone(),
            fields: pack.fields.clone(),
            queues: if inside { pack.queues.clone() } else { Vec::new() },
            resolutions: pack.resolutions.clone(),
            order_outcomes: if inside { pack.order_outcomes.clone() } else { Vec::new() },
            document_kinds: if staff { pack.document_kinds.clone() } else { Vec::new() },
            templates: if inside { pack.templates.clone() } else { Vec::new() },
            timers: if inside { pack.timers.clone() } else { Vec::new() },
            services: labels(pack.services.iter().map(|own| (&own.key, &own.label))),
            packages: labels(pack.packages.iter().map(|own| (&own.key, &own.label))),
            hand_over_forms: if staff { pack.hand_over_forms.clone() } else { Vec::new() },
            classification: if staff { pack.classification.clone() } else { Classification::default() },
            stages: if inside { pack.stages.iter().map(stage).collect() } else { Vec::new() },
        }
    }
}

fn labels<'p>(named: impl Iterator<Item = (&'p Key, &'p Label)>) -> Vec<Labelled> {
    named.map(|(key, label)| Labelled { key: key.clone(), label: label.clone() }).collect()
}

fn stage(stage: &TicketStage) -> Labelled {
    Labelled { key: stage.key.clone(), label: stage.label.clone() }
}
