//! The ticket list: filters, orders, search, and the counts beside them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{Limit, List, decode, encode};
use super::reading::Reading;
use super::ticket_row::TicketRow;
use super::{ViewError, Views};
use crate::domain::pack::{Phase, WaitsFor};
use crate::domain::{
    AssetId, ClientId, ContactId, Key, Moment, PersonId, Refusal, SiteId, SubClientId, TicketId,
};
use crate::store;
use crate::store::ticket_list::{After, Assignee, Listed, TicketFilter};

/// Latest matches among which a search looks.
const FOUND_MAX: usize = 1_000;
/// The same for a reader who sees only a part of the desk.
const FOUND_IN_PART_MAX: usize = 5_000;
/// Counts stop here: 1,000 means "1,000 or more".
pub const COUNTED_MAX: usize = 1_000;
/// Rows looked through for what only the row itself can tell (a tag, a watcher) before a page is given back.
const LOOKED_THROUGH_MAX: usize = 5_000;
/// Rows looked through for the count of one saved view.
const COUNTED_BY_ROW_MAX: usize = 2_000;
/// Most tickets of an asset whose number a search names.
const OF_ASSET_MAX: usize = 200;

/// What somebody wants to see in the list.
#[derive(Debug, Clone, Default)]
pub struct TicketQuery {
    pub clients: Vec<ClientId>,
    pub phases: Vec<Phase>,
    pub statuses: Vec<Key>,
    pub categories: Vec<Key>,
    pub queues: Vec<Key>,
    pub priorities: Vec<i64>,
    pub waits_for: Vec<WaitsFor>,
    pub assignee: Option<AssigneeQuery>,
    pub asset: Option<AssetId>,
    pub contact: Option<ContactId>,
    pub site: Option<SiteId>,
    pub sub_client: Option<SubClientId>,
    pub incident: Option<TicketId>,
    pub is_marked: Option<bool>,
    pub is_urgent: Option<bool>,
    pub is_overdue: Option<bool>,
    pub is_unclassified: Option<bool>,
    pub awaits_acceptance: Option<bool>,
    pub closed_from: Option<Moment>,
    pub closed_to: Option<Moment>,
    pub watcher: Option<AssigneeQuery>,
    pub tag: Option<String>,
    /// Words, a ticket's number, or an asset's tag.
    pub q: Option<String>,
    pub sort: Sort,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssigneeQuery {
    Person(PersonId),
    Me,
    Nobody,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// By opening, latest first.
    #[default]
    Newest,
    Oldest,
    Updated,
    /// The nearest deadline first; tickets whose clocks stand still follow.
    Due,
    /// The most pressing first; closed tickets are left out.
    Priority,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Place {
    N(i64),
    O(i64),
    U(i64, i64),
    D(i64, i64),
    /// Among those whose clocks stand still; 0: at their start.
    S(i64),
    P(i64, i64),
}

/// Numbers for the rail; each stops at 1,000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    pub inbox: InboxCounts,
    /// Open tasks of the reader's departments or organisation.
    pub tasks: i64,
    /// The reader's own open work orders.
    pub orders: i64,
    pub unread: i64,
    /// For supervisors.
    pub dead_jobs: i64,
    /// By the id of the saved view; one that cannot be counted in short is left out.
    pub by_view: BTreeMap<String, i64>,
}

/// Tickets that are new or open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct InboxCounts {
    pub all: i64,
    pub mine: i64,
    pub unassigned: i64,
    pub overdue: i64,
    pub marked: i64,
    pub waiting: i64,
}

const ACTIVE: [Phase; 2] = [Phase::New, Phase::Open];

impl Views {
    pub fn tickets(
        &self,
        person: PersonId,
        query: &TicketQuery,
        limit: Limit,
    ) -> Result<List<TicketRow>, ViewError> {
        self.read(person, |reading| reading.tickets(query, limit))
    }

    /// Counts for the rail; `views` are saved queries that the door has parsed, by id.
    pub fn counts(&self, person: PersonId, views: &[(String, TicketQuery)]) -> Result<Counts, ViewError> {
        self.read(person, |reading| {
            let mut by_view = BTreeMap::new();
            for (id, query) in views {
                if let Some(count) = reading.count_view(query)? {
                    by_view.insert(id.clone(), count);
                }
            }
            let active = TicketFilter { phases: ACTIVE.to_vec(), ..TicketFilter::default() };
            let waiting = vec![WaitsFor::Client, WaitsFor::Part, WaitsFor::Approval, WaitsFor::ThirdParty];
            let inside = reading.sees_internals();
            let staff_only = |filter: TicketFilter| if inside { reading.count(&filter) } else { Ok(0) };
            let mine = Some(Assignee::Person(person));
            let inbox = InboxCounts {
                all: reading.count(&active)?,
                mine: reading.count(&TicketFilter { assignee: mine, ..active.clone() })?,
                unassigned: staff_only(TicketFilter { assignee: Some(Assignee::Nobody), ..active.clone() })?,
                overdue: staff_only(TicketFilter { overdue_at: Some(reading.now), ..active.clone() })?,
                marked: staff_only(TicketFilter { is_marked: Some(true), ..TicketFilter::default() })?,
                waiting: reading.count(&TicketFilter { waits_for: waiting, ..active })?,
            };
            let supervises = !reading.scope.supervises().is_empty();
            Ok(Counts {
                inbox,
                tasks: reading.count_tasks()?,
                orders: reading.count_orders()?,
                unread: store::notification::unread(reading.db, person)?,
                dead_jobs: if supervises { reading.count_dead_jobs()? } else { 0 },
                by_view,
            })
        })
    }
}

impl Reading<'_> {
    fn tickets(&self, query: &TicketQuery, limit: Limit) -> Result<List<TicketRow>, ViewError> {
        let filter = self.filter(query)?;
        let sort = self.sort(query);
        let mut after = self.start(sort, decode(query.cursor.as_deref())?)?;
        let mut kept: Vec<Listed> = Vec::new();
        let mut looked_through = 0;
        let next = loop {
            let wanted = limit.and_one() - kept.len();
            let rows = store::ticket_list::page(self.db, self.scope, &filter, after, wanted)?;
            looked_through += rows.len();
            let is_end = rows.len() < wanted;
            let last = rows.last().map(|row| place(after, row));
            for row in rows {
                if self.suits(query, &row) && self.is_said_openly(query, &row)? {
                    kept.push(row);
                }
            }
            if kept.len() > limit.count() {
                kept.truncate(limit.count());
                break kept.last().map(|row| encode(&place(after, row)));
            }
            match (is_end, after, last) {
                (true, After::Due(_), _) => after = After::NotDue(None),
                (true, ..) | (false, _, None) => break None,
                (false, _, Some(last)) if looked_through >= LOOKED_THROUGH_MAX => break Some(encode(&last)),
                (false, _, Some(last)) => after = self.start(sort, Some(last))?,
            }
        };
        let items = kept.iter().map(|row| self.row(row)).collect::<Result<_, _>>()?;
        Ok(List { items, next })
    }

    /// A search has one order. A deadline is internal, so for others its order must not show in a cursor either.
    fn sort(&self, query: &TicketQuery) -> Sort {
        match query.sort {
            _ if query.q.is_some() => Sort::Newest,
            Sort::Due if !self.sees_internals() => Sort::Newest,
            sort => sort,
        }
    }

    /// Outsiders' order by change goes by what they may read: notes must not move a ticket.
    fn start(&self, sort: Sort, place: Option<Place>) -> Result<After, Refusal> {
        Ok(match start(sort, place)? {
            After::Updated(from) if !self.sees_internals() => After::PubliclyUpdated(from),
            after => after,
        })
    }

    /// How many tickets the list of the query has. What only the rows themselves can tell is counted row by row;
    /// nothing where that takes too long, and nothing where the number would tell of what must not be read.
    fn count_view(&self, query: &TicketQuery) -> Result<Option<i64>, ViewError> {
        let inside = self.sees_internals();
        if !inside && (query.q.is_some() || query.tag.is_some()) {
            return Ok(None);
        }
        let filter = self.filter(query)?;
        if query.tag.is_none() && query.watcher.is_none() {
            return Ok(Some(self.count(&filter)?));
        }
        let newest = After::Newest(None);
        let rows = store::ticket_list::page(self.db, self.scope, &filter, newest, COUNTED_BY_ROW_MAX)?;
        if rows.len() == COUNTED_BY_ROW_MAX {
            return Ok(None);
        }
        let count = rows.iter().filter(|row| self.suits(query, row)).count().min(COUNTED_MAX);
        Ok(Some(count as i64))
    }

    fn count(&self, filter: &TicketFilter) -> Result<i64, ViewError> {
        Ok(store::ticket_list::count(self.db, self.scope, filter, COUNTED_MAX)?)
    }

    /// What SQL can tell; the rest is for `suits`.
    fn filter(&self, query: &TicketQuery) -> Result<TicketFilter, ViewError> {
        let inside = self.sees_internals();
        let mut filter = TicketFilter {
            clients: query.clients.clone(),
            phases: query.phases.clone(),
            statuses: query.statuses.clone(),
            categories: query.categories.clone(),
            priorities: query.priorities.clone(),
            waits_for: query.waits_for.clone(),
            asset: query.asset,
            contact: query.contact,
            site: query.site,
            sub_client: query.sub_client,
            is_urgent: query.is_urgent,
            closed_from: query.closed_from,
            closed_to: query.closed_to,
            ..TicketFilter::default()
        };
        // Who does not see these cannot find out by asking for them either.
        if inside {
            filter.queues.clone_from(&query.queues);
            filter.is_marked = query.is_marked;
            filter.incident = query.incident;
            filter.is_unclassified = query.is_unclassified;
            filter.awaits_acceptance = query.awaits_acceptance;
            filter.overdue_at = query.is_overdue.filter(|is_overdue| *is_overdue).map(|_| self.now);
            filter.assignee = match query.assignee {
                Some(AssigneeQuery::Person(person)) => Some(Assignee::Person(person)),
                Some(AssigneeQuery::Me) => Some(Assignee::Person(self.access.person)),
                Some(AssigneeQuery::Nobody) => Some(Assignee::Nobody),
                None => None,
            };
        }
        if let Some(words) = query.q.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
            filter.tickets = Some(self.find(words)?);
        }
        Ok(filter)
    }

    fn suits(&self, query: &TicketQuery, row: &Listed) -> bool {
        let inside = self.sees_internals();
        let has_tag = query.tag.as_ref().is_none_or(|tag| inside && row.ticket.tags.contains(tag));
        let is_watched_by = |person: PersonId| row.ticket.watchers.contains(&person);
        has_tag
            && match query.watcher {
                Some(AssigneeQuery::Me) => is_watched_by(self.access.person),
                // Who else watches is internal.
                Some(AssigneeQuery::Person(person)) => {
                    (inside || person == self.access.person) && is_watched_by(person)
                }
                Some(AssigneeQuery::Nobody) | None => true,
            }
    }

    /// For who must not read notes: whether what was searched for stands where they may read.
    fn is_said_openly(&self, query: &TicketQuery, row: &Listed) -> Result<bool, ViewError> {
        let Some(words) = query.q.as_deref().filter(|_| !self.sees_internals()) else { return Ok(true) };
        let ticket = &row.ticket;
        let number = self.names.ticket(ticket.id)?.map(|line| line.number).unwrap_or_default();
        let asset = ticket.asset.map_or(Ok(None), |id| self.names.asset(id))?;
        if number.eq_ignore_ascii_case(words) || asset.is_some_and(|asset| asset.tag == words) {
            return Ok(true);
        }
        let mut open = String::new();
        for recorded in store::event::of_ticket(self.db, ticket.id)? {
            if recorded.event.is_public() {
                for text in recorded.event.texts() {
                    open.push_str(&self.names.text(text)?.unwrap_or_default());
                    open.push(' ');
                }
            }
        }
        let said = store::search::stems(&open);
        let is_said = |stem: &String| said.iter().any(|word| word.starts_with(stem.as_str()));
        Ok(store::search::stems(words).iter().all(is_said))
    }

    /// Tickets that `words` name: a number, an asset's tag, or words of their texts.
    fn find(&self, words: &str) -> Result<Vec<TicketId>, ViewError> {
        if let Some(ticket) = self.by_number(words)? {
            return Ok(vec![ticket]);
        }
        let is_whole = *self.scope.clients() == crate::domain::permission::Reach::All;
        let found_max = if is_whole { FOUND_MAX } else { FOUND_IN_PART_MAX };
        let mut found = store::search::find(self.db, words, found_max)?;
        for client in self.clients()? {
            if let Some(asset) = store::place::asset_by_tag(self.db, client.id, words)? {
                let of_asset = TicketFilter { asset: Some(asset.id), ..TicketFilter::default() };
                let rows = store::ticket_list::page(
                    self.db,
                    self.scope,
                    &of_asset,
                    After::Newest(None),
                    OF_ASSET_MAX,
                )?;
                found.extend(rows.into_iter().map(|row| row.ticket.id));
            }
        }
        Ok(found)
    }

    /// The ticket that people call `BANK-1042`, whether it may be seen or not.
    pub(super) fn by_number(&self, text: &str) -> Result<Option<TicketId>, ViewError> {
        Ok(store::ticket::by_name(self.db, text)?)
    }
}

fn start(sort: Sort, place: Option<Place>) -> Result<After, Refusal> {
    let pair = |ms: i64, id: i64| (Moment::from_ms(ms), TicketId(id));
    match (sort, place) {
        (Sort::Newest, None) => Ok(After::Newest(None)),
        (Sort::Newest, Some(Place::N(id))) => Ok(After::Newest(Some(TicketId(id)))),
        (Sort::Oldest, None) => Ok(After::Oldest(None)),
        (Sort::Oldest, Some(Place::O(id))) => Ok(After::Oldest(Some(TicketId(id)))),
        (Sort::Updated, None) => Ok(After::Updated(None)),
        (Sort::Updated, Some(Place::U(ms, id))) => Ok(After::Updated(Some(pair(ms, id)))),
        (Sort::Due, None) => Ok(After::Due(None)),
        (Sort::Due, Some(Place::D(ms, id))) => Ok(After::Due(Some(pair(ms, id)))),
        (Sort::Due, Some(Place::S(id))) => Ok(After::NotDue(Some(TicketId(id)))),
        (Sort::Priority, None) => Ok(After::Priority(None)),
        (Sort::Priority, Some(Place::P(priority, id))) => Ok(After::Priority(Some((priority, TicketId(id))))),
        _ => Err(Refusal::invalid("cursor", "this cursor belongs to another order of the list")),
    }
}

fn place(after: After, row: &Listed) -> Place {
    let id = row.ticket.id.0;
    match after {
        After::Newest(_) => Place::N(id),
        After::Oldest(_) => Place::O(id),
        After::Updated(_) => Place::U(row.ticket.updated_at.ms(), id),
        After::PubliclyUpdated(_) => Place::U(row.ticket.public_updated_at.ms(), id),
        After::Due(_) => match row.due_at {
            Some(due_at) => Place::D(due_at.ms(), id),
            None => Place::S(id),
        },
        After::NotDue(_) => Place::S(id),
        After::Priority(_) => Place::P(row.ticket.priority, id),
    }
}
