//! People and their access: administrators see everything, other staff the active staff by name.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::places::{Words, is_everything};
use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::person::{Affiliation, Grant, Membership, Person, Role};
use crate::domain::{ClientId, Key, PersonId, Refusal};
use crate::store;

/// Which people somebody wants to see.
#[derive(Debug, Clone, Default)]
pub struct PersonQuery {
    pub role: Option<Role>,
    pub client: Option<ClientId>,
    pub queue: Option<Key>,
    pub is_active: Option<bool>,
    pub affiliation: Option<AffiliationKind>,
    pub q: Option<String>,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AffiliationKind {
    Staff,
    Partner,
    Contact,
}

/// Roles and memberships of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccessLine {
    pub grants: BTreeSet<Grant>,
    pub memberships: BTreeSet<Membership>,
}

impl Views {
    pub fn people(
        &self,
        person: PersonId,
        query: &PersonQuery,
        limit: Limit,
    ) -> Result<List<Person>, ViewError> {
        self.read(person, |reading| {
            let wanted = Words::new(query.q.as_deref());
            let after: Option<(String, i64)> = decode(query.cursor.as_deref())?;
            let among = reading.people_among(query)?;
            let mut people: Vec<Person> = Vec::new();
            for (found, folded) in store::place_list::people(reading.db)? {
                let follows = after.as_ref().is_none_or(|(name, id)| (&found.name, found.id.0) > (name, *id));
                let suits = among.as_ref().is_none_or(|among| among.contains(&found.id))
                    && query.is_active.is_none_or(|is_active| found.is_active == is_active)
                    && query.affiliation.is_none_or(|kind| kind == kind_of(&found.affiliation));
                if follows && suits && wanted.are_in(&folded) && reading.sees_person(&found) {
                    people.push(reading.shown_person(found));
                    if people.len() > limit.count() {
                        break;
                    }
                }
            }
            Ok(List::cut(people, limit, |person| (person.name.clone(), person.id.0)))
        })
    }

    pub fn person(&self, person: PersonId, id: PersonId) -> Result<Person, ViewError> {
        self.read(person, |reading| {
            let found = store::person::get(reading.db, id)?.filter(|found| reading.sees_person(found));
            let found = found.ok_or_else(|| Refusal::not_found("person", id))?;
            Ok(reading.shown_person(found))
        })
    }

    /// For administrators of the whole desk.
    pub fn access(&self, person: PersonId, id: PersonId) -> Result<AccessLine, ViewError> {
        self.read(person, |reading| {
            reading.require_desk_administrator("see what people may do")?;
            store::person::get(reading.db, id)?.ok_or_else(|| Refusal::not_found("person", id))?;
            Ok(AccessLine {
                grants: store::person::grants(reading.db, id)?,
                memberships: store::person::memberships(reading.db, id)?,
            })
        })
    }

    /// The person for whom a reset link may be made: by an administrator of the whole desk.
    pub fn person_to_reset(&self, person: PersonId, id: PersonId) -> Result<Person, ViewError> {
        self.read(person, |reading| {
            reading.require_desk_administrator("make reset links")?;
            let found = store::person::get(reading.db, id)?;
            found.ok_or_else(|| Refusal::not_found("person", id).into())
        })
    }
}

impl Reading<'_> {
    fn people_among(&self, query: &PersonQuery) -> Result<Option<BTreeSet<PersonId>>, ViewError> {
        let mut among: Option<BTreeSet<PersonId>> = None;
        let mut keep = |found: Vec<PersonId>| {
            let found: BTreeSet<PersonId> = found.into_iter().collect();
            among = Some(match among.take() {
                Some(before) => before.intersection(&found).copied().collect(),
                None => found,
            });
        };
        if let Some(role) = query.role {
            keep(store::place_list::with_role(self.db, role, query.client)?);
        }
        if let Some(queue) = &query.queue {
            keep(store::place_list::members(self.db, queue, query.client)?);
        }
        if let (None, None, Some(client)) = (query.role, &query.queue, query.client) {
            let mut serving = Vec::new();
            for role in Role::ALL {
                serving.extend(store::place_list::with_role(self.db, role, Some(client))?);
            }
            keep(serving);
        }
        Ok(among)
    }

    /// Partners' people are listed for administrators alone; others meet them by name where they work.
    fn sees_person(&self, found: &Person) -> bool {
        let is_listed = !matches!(found.affiliation, Affiliation::Partner { .. })
            || found.id == self.access.person
            || is_everything(self.scope.administers());
        is_listed && self.scope.knows(found)
    }

    /// Who does not administer gets no logins of others, and not where they live.
    fn shown_person(&self, mut found: Person) -> Person {
        if !is_everything(self.scope.administers()) && found.id != self.access.person {
            found.login.clear();
            found.service_area.location = None;
        }
        found
    }
}

fn kind_of(affiliation: &Affiliation) -> AffiliationKind {
    match affiliation {
        Affiliation::Staff => AffiliationKind::Staff,
        Affiliation::Partner { .. } => AffiliationKind::Partner,
        Affiliation::Contact { .. } => AffiliationKind::Contact,
    }
}
