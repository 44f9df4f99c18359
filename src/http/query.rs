//! Pieces of queries: lists with commas, pages, and the query of the ticket list.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error as _, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::domain::pack::{Phase, WaitsFor};
use crate::domain::{
    AssetId, ClientId, ContactId, Key, Moment, PersonId, Refusal, SiteId, SubClientId, TicketId,
};
use crate::views::list::Limit;
use crate::views::ticket_list::{AssigneeQuery, Sort, TicketQuery};

/// Most values of one list.
const VALUES_MAX: usize = 100;

/// Values with commas between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Several<T>(pub Vec<T>);

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Display> Serialize for Several<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = self.0.iter().map(T::to_string).collect();
        serializer.serialize_str(&texts.join(","))
    }
}

impl<'de, T> Deserialize<'de> for Several<T>
where
    T: FromStr,
    T::Err: Display,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
        let values: Vec<T> =
            values.map(|value| value.parse().map_err(D::Error::custom)).collect::<Result<_, _>>()?;
        if values.len() > VALUES_MAX {
            return Err(D::Error::custom(format!("at most {VALUES_MAX} values are taken")));
        }
        Ok(Self(values))
    }
}

/// A word of an enum, as JSON would write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<T>(pub T);

impl<T: DeserializeOwned> FromStr for Word<T> {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let deserializer: serde::de::value::StrDeserializer<'_, Self::Err> = text.into_deserializer();
        T::deserialize(deserializer).map(Self)
    }
}

/// A page of a list that has no filters.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PageQuery {
    /// 1 to 200.
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

/// A page of a list that can be searched.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SearchQuery {
    /// Beginnings of words.
    pub q: Option<String>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

impl PageQuery {
    pub fn page(&self) -> Result<Limit, Refusal> {
        Limit::new(self.limit)
    }
}

/// What the ticket list is narrowed to. Lists are written with commas.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TicketListQuery {
    #[schema(value_type = String)]
    pub client: Several<ClientId>,
    /// `new`, `open`, `resolved`, `closed`, or `active` for the first two.
    #[schema(value_type = String)]
    pub phase: Several<String>,
    #[schema(value_type = String)]
    pub status: Several<Key>,
    #[schema(value_type = String)]
    pub category: Several<Key>,
    #[schema(value_type = String)]
    pub queue: Several<Key>,
    #[schema(value_type = String)]
    pub priority: Several<i64>,
    /// `client`, `part`, `approval`, `third_party`.
    #[schema(value_type = String)]
    pub waits_for: Several<String>,
    /// A person's id, `me` or `none`.
    pub assignee: Option<String>,
    pub asset: Option<AssetId>,
    pub contact: Option<ContactId>,
    pub site: Option<SiteId>,
    pub sub_client: Option<SubClientId>,
    /// Attached to this major incident: its parent ticket.
    pub incident: Option<TicketId>,
    pub is_marked: Option<bool>,
    pub is_urgent: Option<bool>,
    pub is_overdue: Option<bool>,
    /// Falls due within the next hour; what `at_risk` of the supervisor's page counts.
    pub is_at_risk: Option<bool>,
    /// Whether it stands in a queue.
    pub is_queued: Option<bool>,
    /// Whether it waits for somebody outside; with `waits_for`, for whom.
    pub is_waiting: Option<bool>,
    /// Left at the defaults: the default category, or without what the pack's `classification.requires`.
    pub is_unclassified: Option<bool>,
    /// Waits for its assignee to accept it.
    pub awaits_acceptance: Option<bool>,
    /// Closed at or after this moment.
    pub closed_from: Option<Moment>,
    /// Closed before this moment.
    pub closed_to: Option<Moment>,
    /// A person's id or `me`.
    pub watcher: Option<String>,
    pub tag: Option<String>,
    /// Words, a ticket's number, or an asset's tag.
    pub q: Option<String>,
    pub sort: Sort,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

impl TicketListQuery {
    pub fn limit(&self) -> Result<Limit, Refusal> {
        Limit::new(self.limit)
    }

    pub fn into_query(self) -> Result<TicketQuery, Refusal> {
        let mut phases = Vec::new();
        for word in self.phase.0 {
            match word.as_str() {
                "active" => phases.extend([Phase::New, Phase::Open]),
                other => phases.push(word_of("phase", other)?),
            }
        }
        let waits_for = self.waits_for.0.iter().map(|word| word_of::<WaitsFor>("waits_for", word));
        Ok(TicketQuery {
            clients: self.client.0,
            phases,
            statuses: self.status.0,
            categories: self.category.0,
            queues: self.queue.0,
            priorities: self.priority.0,
            waits_for: waits_for.collect::<Result<_, _>>()?,
            assignee: self.assignee.as_deref().map(|text| somebody("assignee", text)).transpose()?,
            asset: self.asset,
            contact: self.contact,
            site: self.site,
            sub_client: self.sub_client,
            incident: self.incident,
            is_marked: self.is_marked,
            is_urgent: self.is_urgent,
            is_overdue: self.is_overdue,
            is_at_risk: self.is_at_risk,
            is_queued: self.is_queued,
            is_waiting: self.is_waiting,
            is_unclassified: self.is_unclassified,
            awaits_acceptance: self.awaits_acceptance,
            closed_from: self.closed_from,
            closed_to: self.closed_to,
            watcher: self.watcher.as_deref().map(|text| somebody("watcher", text)).transpose()?,
            tag: self.tag,
            q: self.q.filter(|q| !q.trim().is_empty()),
            sort: self.sort,
            cursor: self.cursor,
        })
    }
}

fn word_of<T: DeserializeOwned>(field: &str, text: &str) -> Result<T, Refusal> {
    let word: Result<Word<T>, _> = text.parse();
    word.map(|word| word.0).map_err(|error| Refusal::invalid(field, error.to_string()))
}

fn somebody(field: &str, text: &str) -> Result<AssigneeQuery, Refusal> {
    match text {
        "me" => Ok(AssigneeQuery::Me),
        "none" => Ok(AssigneeQuery::Nobody),
        id => {
            let person = id.parse::<PersonId>();
            person.map(AssigneeQuery::Person).map_err(|error| Refusal::invalid(field, error.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<TicketQuery, String> {
        let uri = format!("/tickets?{query}").parse().unwrap();
        let asked = axum::extract::Query::<TicketListQuery>::try_from_uri(&uri).map_err(|e| e.to_string())?;
        asked.0.into_query().map_err(|error| error.to_string())
    }

    #[test]
    fn a_query_of_the_list_is_read() {
        let query = read("phase=active,resolved&client=7,8&assignee=me&sort=due&q=%20").unwrap();
        assert_eq!(query.phases, [Phase::New, Phase::Open, Phase::Resolved]);
        assert_eq!(query.clients, [ClientId(7), ClientId(8)]);
        assert_eq!((query.assignee, query.sort, query.q), (Some(AssigneeQuery::Me), Sort::Due, None));
        for bad in
            ["phase=x", "client=x", "assignee=x", "sort=x", "nonsense=1", "priority=x", "is_marked=maybe"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
