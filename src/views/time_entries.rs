//! Recorded work: on a ticket, of a person, and added up for a report; the timer that runs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::pack::Labelled;
use crate::domain::permission::{Step, TicketFacts};
use crate::domain::time_entry::{
    ENTRY_BACK_DAYS_MAX, ENTRY_MINUTES_MAX, EntrySettings, Stopwatch, TimeEntry,
};
use crate::domain::{ClientId, Key, Moment, PersonId, Refusal, Span, SubClientId, TicketId, TimeEntryId};
use crate::store;

/// Most entries that one report adds up.
const REPORT_ENTRIES_MAX: usize = 100_000;
/// Longest period of a report.
const REPORT_MAX: Span = Span::days(400);
/// Longest period of a person's own list.
const SHEET_MAX: Span = Span::days(62);
/// Most entries of a person's own list.
const SHEET_ENTRIES_MAX: usize = 5_000;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TimeEntryLine {
    pub id: TimeEntryId,
    pub ticket: TicketId,
    /// Such as `BANK-1042`; `null`: the ticket can no longer be seen.
    pub number: Option<String>,
    pub subject: Option<String>,
    pub client: ClientId,
    pub sub_client: Option<Ref>,
    /// Who worked.
    pub person: Ref,
    pub began_at: Moment,
    pub ends_at: Moment,
    pub minutes: i64,
    /// A kind of work of the pack.
    pub kind: Option<Labelled>,
    /// `null`: none, or erased.
    pub note: Option<String>,
    /// Who wrote it down; `null`: the desk itself.
    pub recorded_by: Option<Ref>,
    pub recorded_at: Moment,
    /// Then it counts nothing.
    pub taken_back_at: Option<Moment>,
    pub version: i64,
    /// Whether the reader may change it and take it back.
    pub may_change: bool,
}

/// A timer that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StopwatchLine {
    pub person: Ref,
    pub ticket: TicketId,
    /// `null`: the ticket can no longer be seen.
    pub number: Option<String>,
    pub subject: Option<String>,
    pub started_at: Moment,
    /// Minutes up to now; one that has begun counts.
    pub minutes: i64,
    /// It ran longer than an entry may be: who stops it must say how long the work was.
    pub is_forgotten: bool,
}

/// The work that is recorded on a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketTime {
    /// By their beginning; those taken back too.
    pub entries: Vec<TimeEntryLine>,
    /// Of the entries that count.
    pub minutes: i64,
    /// Timers that run on this ticket.
    pub timers: Vec<StopwatchLine>,
    pub may: MayRecord,
    /// Kinds of work that an entry of this ticket may name.
    pub kinds: Vec<Labelled>,
    /// Minutes are rounded up to a multiple of this.
    pub round_to_minutes: i64,
    /// The longest entry, in minutes.
    pub entry_minutes_max: i64,
    /// How far back an entry may begin, in days.
    pub entry_back_days_max: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct MayRecord {
    /// Their own time.
    pub own: bool,
    /// That of others.
    pub others: bool,
}

/// What a person recorded in a period.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TimeSheet {
    pub from: Moment,
    pub to: Moment,
    pub entries: Vec<TimeEntryLine>,
    pub minutes: i64,
}

/// The caller's timer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OwnTimer {
    /// `null`: none runs.
    pub timer: Option<StopwatchLine>,
}

/// What a report is about.
#[derive(Debug, Clone, Copy)]
pub struct EntriesQuery {
    pub from: Moment,
    /// The first moment that is not in it.
    pub to: Moment,
    pub client: Option<ClientId>,
    pub sub_client: Option<SubClientId>,
    pub person: Option<PersonId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EntriesReport {
    pub from: Moment,
    pub to: Moment,
    pub rows: Vec<EntriesRow>,
    /// The sum of the rows.
    pub minutes: i64,
    /// Tickets with an entry in the period.
    pub tickets: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EntriesRow {
    pub client: ClientId,
    pub client_name: String,
    pub sub_client: Option<Ref>,
    pub person: Ref,
    /// A kind of work, by its key.
    pub kind: Option<Key>,
    pub tickets: i64,
    pub entries: i64,
    pub minutes: i64,
}

#[derive(Debug, Default)]
struct Cell {
    tickets: BTreeSet<TicketId>,
    entries: i64,
    minutes: i64,
}

type RowKey = (ClientId, Option<SubClientId>, PersonId, Option<Key>);

impl Views {
    /// For who may read internal things of the ticket.
    pub fn ticket_time(&self, person: PersonId, ticket: TicketId) -> Result<TicketTime, ViewError> {
        self.read(person, |reading| reading.ticket_time(ticket))
    }

    /// The person's own entries that count and began in the period.
    pub fn time_sheet(&self, person: PersonId, from: Moment, to: Moment) -> Result<TimeSheet, ViewError> {
        check_period(from, to, SHEET_MAX)?;
        self.read(person, |reading| reading.time_sheet(from, to))
    }

    pub fn own_timer(&self, person: PersonId) -> Result<OwnTimer, ViewError> {
        self.read(person, |reading| Ok(OwnTimer { timer: reading.own_timer()? }))
    }

    /// For clients whom the person supervises.
    pub fn entries_report(&self, person: PersonId, query: EntriesQuery) -> Result<EntriesReport, ViewError> {
        check_period(query.from, query.to, REPORT_MAX)?;
        self.read(person, |reading| reading.entries_report(query))
    }
}

fn check_period(from: Moment, to: Moment, longest: Span) -> Result<(), Refusal> {
    if from < to && to - from <= longest {
        return Ok(());
    }
    let days = longest.ms() / Span::days(1).ms();
    Err(Refusal::invalid("to", format!("must lie after `from`, at most {days} days")))
}

impl Reading<'_> {
    fn ticket_time(&self, id: TicketId) -> Result<TicketTime, ViewError> {
        let (listed, facts) = self.ticket(id)?;
        if !self.access.may(Step::SeeInternals, &facts) {
            return Err(Refusal::not_found("ticket", id).into());
        }
        let settings = self.time_settings(listed.ticket.pack_version)?;
        let rows = store::time_entry::of_ticket(self.db, id)?;
        let minutes = rows.iter().filter(|entry| entry.counts()).map(|entry| entry.minutes).sum();
        let may = MayRecord {
            own: self.access.may(Step::RecordTime, &facts),
            others: self.access.may(Step::Supervise, &facts),
        };
        let entries = rows.into_iter().map(|entry| self.time_entry(entry, Some((&facts, &settings))));
        let timers = store::time_entry::running_on(self.db, id)?;
        Ok(TicketTime {
            entries: entries.collect::<Result<_, _>>()?,
            minutes,
            timers: timers.into_iter().map(|timer| self.timer(timer)).collect::<Result<_, _>>()?,
            may,
            kinds: settings.kinds,
            round_to_minutes: settings.round_to_minutes,
            entry_minutes_max: ENTRY_MINUTES_MAX,
            entry_back_days_max: ENTRY_BACK_DAYS_MAX,
        })
    }

    fn time_settings(
        &self,
        version: Option<crate::domain::PackVersionId>,
    ) -> Result<EntrySettings, ViewError> {
        Ok(self.pack(version)?.map(|pack| pack.time.clone()).unwrap_or_default())
    }

    fn time_sheet(&self, from: Moment, to: Moment) -> Result<TimeSheet, ViewError> {
        let rows = store::time_entry::of_person(self.db, self.access.person, (from, to), SHEET_ENTRIES_MAX)?;
        let minutes = rows.iter().map(|entry| entry.minutes).sum();
        let entries = rows.into_iter().map(|entry| self.time_entry(entry, None));
        Ok(TimeSheet { from, to, entries: entries.collect::<Result<_, _>>()?, minutes })
    }

    pub(super) fn own_timer(&self) -> Result<Option<StopwatchLine>, ViewError> {
        store::time_entry::running(self.db, self.access.person)?.map(|timer| self.timer(timer)).transpose()
    }

    fn timer(&self, timer: Stopwatch) -> Result<StopwatchLine, ViewError> {
        let named = self.named_ticket(timer.ticket)?;
        Ok(StopwatchLine {
            person: self.names.person_ref(timer.person)?,
            ticket: timer.ticket,
            number: named.as_ref().map(|named| named.number.clone()),
            subject: named.and_then(|named| named.subject),
            started_at: timer.started_at,
            minutes: timer.minutes(self.now),
            is_forgotten: timer.is_forgotten(self.now),
        })
    }

    /// An entry; `known`: what is known of its ticket already.
    fn time_entry(
        &self,
        entry: TimeEntry,
        known: Option<(&TicketFacts, &EntrySettings)>,
    ) -> Result<TimeEntryLine, ViewError> {
        let (facts, settings) = match known {
            Some((facts, settings)) => (Some(facts.clone()), settings.clone()),
            None => match self.ticket(entry.ticket) {
                Ok((listed, facts)) => (Some(facts), self.time_settings(listed.ticket.pack_version)?),
                Err(ViewError::Refused(_)) => (None, EntrySettings::default()),
                Err(error) => return Err(error),
            },
        };
        let is_own = entry.person == self.access.person;
        let may_change = entry.counts()
            && entry.began_at >= self.now + Span::days(-ENTRY_BACK_DAYS_MAX)
            && facts.as_ref().is_some_and(|facts| {
                self.access.may(if is_own { Step::RecordTime } else { Step::Supervise }, facts)
            });
        let line = match facts {
            Some(_) => self.names.ticket(entry.ticket)?,
            None => None,
        };
        let kind = entry.kind.clone().map(|key| {
            // A kind that the pack dropped since is shown by its key.
            let known = settings.kinds.iter().find(|kind| kind.key == key).cloned();
            known.unwrap_or_else(|| Labelled { key, label: Default::default() })
        });
        Ok(TimeEntryLine {
            id: entry.id,
            ticket: entry.ticket,
            subject: line.as_ref().map_or(Ok(None), |line| self.names.text(line.subject))?,
            number: line.map(|line| line.number),
            client: entry.client,
            sub_client: entry.sub_client.map_or(Ok(None), |id| self.names.sub_client(id))?,
            person: self.names.person_ref(entry.person)?,
            began_at: entry.began_at,
            ends_at: entry.ends_at(),
            minutes: entry.minutes,
            kind,
            note: self.names.maybe_text(entry.note)?,
            recorded_by: entry.recorded_by.map(|by| self.names.person_ref(by)).transpose()?,
            recorded_at: entry.recorded_at,
            taken_back_at: entry.taken_back_at,
            version: entry.version,
            may_change,
        })
    }

    fn entries_report(&self, query: EntriesQuery) -> Result<EntriesReport, ViewError> {
        let clients = self.supervised(query.client, "see the report of recorded time")?;
        let mut cells: BTreeMap<RowKey, Cell> = BTreeMap::new();
        let mut read = 0;
        for client in &clients {
            let (period, count_max) = ((query.from, query.to), REPORT_ENTRIES_MAX + 1 - read);
            let rows = store::time_entry::of_client(self.db, client.id, query.sub_client, period, count_max)?;
            read += rows.len();
            if read > REPORT_ENTRIES_MAX {
                let message =
                    format!("more than {REPORT_ENTRIES_MAX} entries: ask for less time or for one client");
                return Err(Refusal::invalid("to", message).into());
            }
            for entry in rows.into_iter().filter(|entry| query.person.is_none_or(|id| id == entry.person)) {
                let cell =
                    cells.entry((entry.client, entry.sub_client, entry.person, entry.kind)).or_default();
                cell.tickets.insert(entry.ticket);
                cell.entries += 1;
                cell.minutes += entry.minutes;
            }
        }
        let names = clients.into_iter().map(|client| (client.id, client.name)).collect();
        self.entries_rows(query, cells, &names)
    }

    fn entries_rows(
        &self,
        query: EntriesQuery,
        cells: BTreeMap<RowKey, Cell>,
        names: &BTreeMap<ClientId, String>,
    ) -> Result<EntriesReport, ViewError> {
        let count = |tickets: &BTreeSet<TicketId>| i64::try_from(tickets.len()).unwrap_or(i64::MAX);
        let (mut rows, mut tickets) = (Vec::with_capacity(cells.len()), BTreeSet::new());
        for ((client, sub_client, person, kind), cell) in cells {
            rows.push(EntriesRow {
                client,
                client_name: names.get(&client).cloned().unwrap_or_default(),
                sub_client: sub_client.map_or(Ok(None), |id| self.names.sub_client(id))?,
                person: self.names.person_ref(person)?,
                kind,
                tickets: count(&cell.tickets),
                entries: cell.entries,
                minutes: cell.minutes,
            });
            tickets.extend(cell.tickets);
        }
        let minutes = rows.iter().map(|row| row.minutes).sum();
        Ok(EntriesReport { from: query.from, to: query.to, rows, minutes, tickets: count(&tickets) })
    }
}
