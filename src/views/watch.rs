//! The supervisor's page: queues, who is there, arrivals against their norm, and alarms.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::calendar;
use crate::domain::client::Client;
use crate::domain::person::{Affiliation, Person};
use crate::domain::roster::Shift;
use crate::domain::watch::norm::{Norm, WEEKS_MIN, first_hour, hour_of};
use crate::domain::watch::{AlarmKind, WatchAlarm};
use crate::domain::{AlarmId, ClientId, Key, Moment, PersonId, Refusal, Span, TicketId};
use crate::store;
use crate::store::waiting::QueueSum;

/// What falls due within so many minutes is at risk.
pub const AT_RISK_MINUTES: i64 = 60;
/// Whose arrivals are shown at once: the busiest clients.
const CHARTS_MAX: usize = 24;
/// Alarms of one client that are shown: those that stand, or the latest.
const ALARMS_MAX: usize = 50;
/// People who come next are looked for so far ahead.
const NEXT_HOURS: i64 = 24;
/// Most shifts and absences that are looked through.
const ROSTER_ROWS_MAX: usize = 5_000;
const HOUR_MS: i64 = Span::hours(1).ms();

/// Everything that a supervisor keeps an eye on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SupervisorPage {
    /// When this was read; a page that shows an older one must say so.
    pub at: Moment,
    /// What falls due within so many minutes is counted as at risk.
    pub at_risk_minutes: i64,
    pub queues: Vec<QueueLine>,
    /// Who works now, then who comes within 24 hours.
    pub people: Vec<PresentLine>,
    pub arrivals: Vec<ArrivalsLine>,
    /// Those that stand, newest first.
    pub alarms: Vec<AlarmLine>,
}

/// New and open tickets in a queue of a client.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueueLine {
    pub client: ClientId,
    /// `null`: in no queue.
    pub queue: Option<Key>,
    pub all: i64,
    /// Nobody's, and waiting for nobody outside.
    pub waiting: i64,
    pub overdue: i64,
    pub at_risk: i64,
    /// Of those waiting, the one that was opened first.
    pub oldest: Option<OldestLine>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OldestLine {
    pub ticket: TicketId,
    pub number: String,
    pub opened_at: Moment,
}

/// Somebody whom the roster, or the duty switch, calls present now or soon.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PresentLine {
    pub person: Ref,
    pub is_now: bool,
    pub is_on_call: bool,
    /// Of the shift; `null`: the duty switch alone says that the person works.
    pub from: Option<Moment>,
    pub to: Option<Moment>,
    /// The shift counts for this queue only.
    pub queue: Option<Key>,
    /// Tickets that the person has, neither resolved nor closed.
    pub load: i64,
    pub capacity: i64,
}

/// A client's arrivals of the last 24 hours beside their norm.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ArrivalsLine {
    pub client: ClientId,
    /// Whether the client's pack has arrivals watched.
    pub is_watched: bool,
    /// Whole weeks that the norm was learned from; with fewer than `weeks_needed` there is none.
    pub weeks: usize,
    pub weeks_needed: usize,
    /// Oldest first; the last hour is the present one.
    pub hours: Vec<ArrivalHour>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ArrivalHour {
    pub from: Moment,
    pub observed: i64,
    /// Of the whole hour; `null`: there is no norm yet.
    pub expected: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlarmLine {
    pub id: AlarmId,
    pub client: ClientId,
    pub kind: AlarmKind,
    /// Of `depth` and `oldest`, and of a spike or a silence in one queue.
    pub queue: Option<Key>,
    /// Of a spike or a silence in one category.
    pub category: Option<Key>,
    pub since: Moment,
    pub raised_at: Moment,
    /// Arrivals (`spike`, `silence`), tickets (`depth`) or minutes (`oldest`).
    pub observed: i64,
    pub peak: i64,
    pub expected: f64,
    pub ended_at: Option<Moment>,
    pub acknowledged_at: Option<Moment>,
    pub acknowledged_by: Option<Ref>,
    /// Whether the reader may acknowledge it.
    pub may_acknowledge: bool,
    pub version: i64,
}

impl Views {
    /// Of clients whose tickets the person reads whole, or of one of them.
    pub fn supervisor_page(
        &self,
        person: PersonId,
        client: Option<ClientId>,
    ) -> Result<SupervisorPage, ViewError> {
        self.read(person, |reading| {
            let clients = reading.watched_clients(client)?;
            let mut alarms = Vec::new();
            for client in &clients {
                alarms.extend(store::watch_alarm::newest_open(reading.db, client.id, ALARMS_MAX)?);
            }
            alarms.sort_by_key(|alarm| std::cmp::Reverse(alarm.id));
            Ok(SupervisorPage {
                at: reading.now,
                at_risk_minutes: AT_RISK_MINUTES,
                queues: reading.queue_lines(&clients)?,
                people: reading.present()?,
                arrivals: reading.arrivals(&clients)?,
                alarms: alarms.into_iter().map(|alarm| reading.alarm(alarm)).collect::<Result<_, _>>()?,
            })
        })
    }

    /// A client's latest alarms, those that ended too, newest first.
    pub fn alarms(&self, person: PersonId, client: ClientId) -> Result<Vec<AlarmLine>, ViewError> {
        self.read(person, |reading| {
            reading.watched_clients(Some(client))?;
            let alarms = store::watch_alarm::newest(reading.db, client, None, ALARMS_MAX)?;
            alarms.into_iter().map(|alarm| reading.alarm(alarm)).collect()
        })
    }
}

impl Reading<'_> {
    /// Active clients that a member of the staff reads whole.
    pub(super) fn watched_clients(&self, only: Option<ClientId>) -> Result<Vec<Client>, ViewError> {
        // What somebody does not meet does not exist for them, whatever else they may not do.
        if let Some(only) = only {
            self.client(only)?;
        }
        if !self.sees_internals() || self.scope.clients().is_empty() {
            return Err(Refusal::forbidden("see the queues: staff who read tickets do").into());
        }
        let mut clients = store::client::all(self.db)?;
        clients.retain(|client| {
            self.scope.clients().contains(client.id)
                && only.map_or(client.is_active, |only| only == client.id)
        });
        match only {
            Some(only) if clients.is_empty() => Err(Refusal::not_found("client", only).into()),
            _ => Ok(clients),
        }
    }

    fn queue_lines(&self, clients: &[Client]) -> Result<Vec<QueueLine>, ViewError> {
        let shown: BTreeSet<ClientId> = clients.iter().map(|client| client.id).collect();
        let soon = self.now + Span::minutes(AT_RISK_MINUTES);
        let sums = store::waiting::sums(self.db, self.scope, self.now, soon)?;
        let of_shown = sums.into_iter().filter(|sum| shown.contains(&sum.client));
        of_shown.map(|sum| self.queue_line(sum)).collect()
    }

    fn queue_line(&self, sum: QueueSum) -> Result<QueueLine, ViewError> {
        let oldest = match sum.oldest {
            Some(ticket) => store::ticket_list::get(self.db, ticket)?,
            None => None,
        };
        let oldest = oldest.map(|listed| listed.ticket);
        Ok(QueueLine {
            client: sum.client,
            queue: sum.queue,
            all: sum.all,
            waiting: sum.waiting,
            overdue: sum.overdue,
            at_risk: sum.at_risk,
            oldest: match oldest {
                Some(ticket) => Some(OldestLine {
                    ticket: ticket.id,
                    number: self.names.ticket(ticket.id)?.map(|line| line.number).unwrap_or_default(),
                    opened_at: ticket.opened_at,
                }),
                None => None,
            },
        })
    }

    /// Staff on a shift now, staff whom only the duty switch calls present, and shifts to come.
    fn present(&self) -> Result<Vec<PresentLine>, ViewError> {
        let until = self.now + Span::hours(NEXT_HOURS);
        let shifts = store::roster::shifts(self.db, self.now, until, ROSTER_ROWS_MAX)?;
        let away = store::roster::absences(self.db, self.now, until, ROSTER_ROWS_MAX)?;
        let loads = store::waiting::loads(self.db, self.scope)?;
        let mut people: BTreeMap<PersonId, Option<Person>> = BTreeMap::new();
        let mut lines = Vec::new();
        for shift in shifts.iter().filter(|shift| self.scope.sees_internals_of(shift.client)) {
            let is_away = away.iter().any(|absence| {
                absence.person == shift.person
                    && absence.from <= shift.from.max(self.now)
                    && shift.from.max(self.now) < absence.to
            });
            let person = match people.get(&shift.person) {
                Some(known) => known.clone(),
                None if loads.contains_key(&shift.person) || self.works_here(shift.person)? => {
                    store::person::get(self.db, shift.person)?
                }
                None => None,
            };
            people.insert(shift.person, person.clone());
            let Some(person) = person.filter(|person| person.is_active && !is_away) else { continue };
            lines.push(present(&person, Some(shift), self.now, &loads));
        }
        for id in loads.keys().filter(|id| !people.contains_key(id)) {
            let person = store::person::get(self.db, *id)?;
            let is_there = |person: &Person| {
                person.is_active && person.is_on_duty && person.affiliation == Affiliation::Staff
            };
            let rostered = store::roster::shifts_of(self.db, *id, self.now, Moment::LAST, 1)?;
            if let Some(person) = person.filter(is_there).filter(|_| rostered.is_empty()) {
                lines.push(present(&person, None, self.now, &loads));
            }
        }
        lines.sort_by_key(|line| (!line.is_now, line.is_on_call, line.from, line.person.name.clone()));
        Ok(lines)
    }

    /// Whether the person works for a client whose tickets the reader reads.
    fn works_here(&self, person: PersonId) -> Result<bool, ViewError> {
        let access = store::person::access(self.db, person)?;
        Ok(access.is_some_and(|access| access.works_for_any(self.scope.clients())))
    }

    fn arrivals(&self, clients: &[Client]) -> Result<Vec<ArrivalsLine>, ViewError> {
        let mut lines = Vec::new();
        for client in clients {
            lines.extend(self.arrivals_of(client)?);
        }
        let total = |line: &ArrivalsLine| line.hours.iter().map(|hour| hour.observed).sum::<i64>();
        lines.sort_by_key(|line| std::cmp::Reverse(total(line)));
        lines.truncate(CHARTS_MAX);
        Ok(lines)
    }

    /// Nothing where nothing is published.
    fn arrivals_of(&self, client: &Client) -> Result<Option<ArrivalsLine>, ViewError> {
        let Some(known) = self.known_pack(client.pack_version)? else { return Ok(None) };
        let Ok(zone) = calendar::zone(known.calendars.zone()) else { return Ok(None) };
        let today = calendar::start_of_day(self.now, &zone);
        let (this, began) = (hour_of(self.now), store::arrival::began(self.db, client.id)?);
        let hours = store::arrival::hours(self.db, client.id, first_hour(today), this + 1)?;
        let norm = Norm::learn(&hours, began, today, zone);
        let moment = |hour: i64| Moment::from_ms(hour * HOUR_MS);
        let hour = |hour: i64| ArrivalHour {
            from: moment(hour),
            observed: hours.get(&hour).copied().unwrap_or(0),
            expected: norm.as_ref().ok().map(|norm| norm.expected(moment(hour), moment(hour + 1))),
        };
        Ok(Some(ArrivalsLine {
            client: client.id,
            is_watched: known.pack.watch.arrivals,
            weeks: norm.as_ref().map_or_else(|learning| learning.weeks, |norm| norm.weeks),
            weeks_needed: WEEKS_MIN,
            hours: (this - 23..=this).map(hour).collect(),
        }))
    }

    fn alarm(&self, alarm: WatchAlarm) -> Result<AlarmLine, ViewError> {
        Ok(AlarmLine {
            id: alarm.id,
            client: alarm.client,
            kind: alarm.kind,
            queue: alarm.queue,
            category: alarm.category,
            since: alarm.since,
            raised_at: alarm.raised_at,
            observed: alarm.observed,
            peak: alarm.peak,
            expected: alarm.expected,
            ended_at: alarm.ended_at,
            acknowledged_at: alarm.acknowledged_at,
            acknowledged_by: alarm.acknowledged_by.map(|id| self.names.person_ref(id)).transpose()?,
            may_acknowledge: self.scope.supervises().contains(alarm.client),
            version: alarm.version,
        })
    }
}

fn present(
    person: &Person,
    shift: Option<&Shift>,
    now: Moment,
    loads: &BTreeMap<PersonId, i64>,
) -> PresentLine {
    PresentLine {
        person: Ref { id: person.id.to_string(), name: person.name.clone() },
        is_now: shift.is_none_or(|shift| shift.covers(now)),
        is_on_call: shift.is_some_and(|shift| shift.kind.as_str() == "on_call"),
        from: shift.map(|shift| shift.from),
        to: shift.map(|shift| shift.to),
        queue: shift.and_then(|shift| shift.queue.clone()),
        load: loads.get(&person.id).copied().unwrap_or(0),
        capacity: person.capacity,
    }
}
