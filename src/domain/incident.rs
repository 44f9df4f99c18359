//! A major incident: a ticket behind which others stand, which tickets attach by its rule, and rounds over them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::Event;
use super::person::Actor;
use super::{ClientId, Key, Language, Moment, RoundId, SiteId, SubClientId, TextId, TicketId};

/// Most values of one condition of a rule.
pub const RULE_VALUES_MAX: usize = 100;
/// Most words and phrases of one rule: each new ticket of the client is held against all of them.
pub const RULE_WORDS_MAX: usize = 20;
/// Longest word or phrase of a rule, in bytes.
pub const RULE_PHRASE_BYTES_MAX: usize = 200;
/// Longest public text of an incident in one language, in bytes.
pub const PUBLIC_TEXT_BYTES_MAX: usize = 4_000;

/// A declared major incident. Its id is the ticket that was declared: the parent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub ticket: TicketId,
    pub client: ClientId,
    pub is_open: bool,
    pub rule: IncidentRule,
    /// What the client's people are told, in each language.
    pub texts: BTreeMap<Language, TextId>,
    pub last_update: Option<TextId>,
    pub last_update_at: Option<Moment>,
    pub declared_at: Moment,
    pub ended_at: Option<Moment>,
    pub version: i64,
}

/// Which tickets attach by themselves while the incident is open. All conditions that are given must hold; of the
/// values of one, any. Without a condition nothing attaches by rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IncidentRule {
    /// Categories of the client's pack.
    pub categories: BTreeSet<Key>,
    /// ISO 3166-1 alpha-2, of the ticket's site.
    pub countries: BTreeSet<String>,
    /// Of the ticket's site; compared without regard to case.
    pub cities: BTreeSet<String>,
    pub sites: BTreeSet<SiteId>,
    pub sub_clients: BTreeSet<SubClientId>,
    /// Models of the ticket's asset; compared without regard to case.
    pub models: BTreeSet<String>,
    /// Words of the subject, in any form; a phrase holds when all its words stand there.
    pub words: BTreeSet<String>,
    /// Only tickets opened at or after this moment; without one, from the declaration on.
    pub opened_after: Option<Moment>,
}

/// What a rule looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    pub category: Option<Key>,
    pub country: Option<String>,
    pub city: Option<String>,
    pub site: Option<SiteId>,
    pub sub_client: Option<SubClientId>,
    pub model: Option<String>,
    /// Stems of the subject.
    pub stems: BTreeSet<String>,
    pub opened_at: Moment,
}

impl IncidentRule {
    /// Whether nothing attaches by it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { categories, countries, cities, sites, sub_clients, models, words, opened_after: _ } = self;
        categories.is_empty()
            && countries.is_empty()
            && cities.is_empty()
            && sites.is_empty()
            && sub_clients.is_empty()
            && models.is_empty()
            && words.is_empty()
    }

    /// Whether the ticket attaches. `stems` turns a phrase into its stems as the search does.
    pub fn matches(&self, of: &Described, declared_at: Moment, stems: impl Fn(&str) -> Vec<String>) -> bool {
        let has_phrase = |phrase: &String| {
            let wanted = stems(phrase);
            !wanted.is_empty() && wanted.iter().all(|stem| of.stems.contains(stem))
        };
        !self.is_empty()
            && of.opened_at >= self.opened_after.unwrap_or(declared_at)
            && holds(&self.categories, of.category.as_ref())
            && holds(&self.sites, of.site.as_ref())
            && holds(&self.sub_clients, of.sub_client.as_ref())
            && is_named(&self.countries, of.country.as_deref())
            && is_named(&self.cities, of.city.as_deref())
            && is_named(&self.models, of.model.as_deref())
            && (self.words.is_empty() || self.words.iter().any(has_phrase))
    }

    /// The condition that has too many values, and how many.
    #[must_use]
    pub fn overfull(&self) -> Option<(&'static str, usize)> {
        [
            ("rule.categories", self.categories.len()),
            ("rule.countries", self.countries.len()),
            ("rule.cities", self.cities.len()),
            ("rule.sites", self.sites.len()),
            ("rule.sub_clients", self.sub_clients.len()),
            ("rule.models", self.models.len()),
            ("rule.words", self.words.len()),
        ]
        .into_iter()
        .find(|(_, count)| *count > RULE_VALUES_MAX)
    }
}

fn holds<T: Ord>(wanted: &BTreeSet<T>, found: Option<&T>) -> bool {
    wanted.is_empty() || found.is_some_and(|found| wanted.contains(found))
}

fn is_named(wanted: &BTreeSet<String>, found: Option<&str>) -> bool {
    let Some(found) = found.map(str::to_lowercase) else { return wanted.is_empty() };
    wanted.is_empty() || wanted.iter().any(|name| name.trim().to_lowercase() == found)
}

/// How a ticket came to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachedBy {
    Rule,
    /// A person or a script said so.
    Choice,
}

/// Work over many tickets of an incident, done in turns by the durable clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    pub id: RoundId,
    pub incident: TicketId,
    pub kind: RoundKind,
    /// Who asked for it; its events are theirs.
    pub actor: Actor,
    pub text: Option<TextId>,
    pub resolution: Option<Key>,
    /// The last ticket that was looked at; ids rise.
    pub after: TicketId,
    /// Tickets that it has changed so far.
    pub reached: i64,
    /// Tickets that it has left to people.
    pub left: i64,
    pub started_at: Moment,
    pub finished_at: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundKind {
    /// An update reaches every attached ticket that is not closed.
    Update,
    /// Tickets that were open before and that the rule fits are attached.
    Gather,
    ResolveUntouched,
    ResolveAll,
    CloseUntouched,
    CloseAll,
}

/// What becomes of the attached tickets when the incident ends. `untouched` leaves those on which a person did
/// something since they were attached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachedEnd {
    #[default]
    Leave,
    ResolveUntouched,
    ResolveAll,
    CloseUntouched,
    CloseAll,
}

impl AttachedEnd {
    #[must_use]
    pub fn round(self) -> Option<RoundKind> {
        match self {
            AttachedEnd::Leave => None,
            AttachedEnd::ResolveUntouched => Some(RoundKind::ResolveUntouched),
            AttachedEnd::ResolveAll => Some(RoundKind::ResolveAll),
            AttachedEnd::CloseUntouched => Some(RoundKind::CloseUntouched),
            AttachedEnd::CloseAll => Some(RoundKind::CloseAll),
        }
    }
}

/// Whether a person did something on the ticket since it was attached to the incident. `latest` are its events,
/// the newest first; where the attaching is not among them, the ticket counts as touched.
pub fn is_touched<'a>(latest: impl IntoIterator<Item = (&'a Event, &'a Actor)>, incident: TicketId) -> bool {
    for (event, actor) in latest {
        match event {
            Event::AttachedToIncident { incident: to, .. } if *to == incident => return false,
            Event::IncidentUpdateReached { .. } => {}
            _ if matches!(actor, Actor::Person { .. }) => return true,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests;
