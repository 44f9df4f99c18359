//! The roster of a period: shifts, absences, where too few are there, and the table for a spreadsheet.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::calendar::{self, local_time};
use crate::domain::permission::{Reach, Step};
use crate::domain::person::Person;
use crate::domain::roster::{Absence, AbsenceKind, Duty, FORMULA_STARTS, Gap, Shift, ShiftKind, gaps};
use crate::domain::{AbsenceId, ClientId, Key, Moment, PersonId, Refusal, Span};
use crate::store;

/// Longest period that is shown at once.
const PERIOD_DAYS_MAX: i64 = 400;
/// Most shifts, and most absences, that are shown at once.
const ROWS_MAX: usize = 20_000;
/// Most people who can be asked to be there at once.
const AT_LEAST_MAX: usize = 1_000;

/// Whose roster somebody wants to see.
#[derive(Debug, Clone)]
pub struct RosterQuery {
    pub from: Moment,
    pub to: Moment,
    /// Empty: everybody.
    pub people: BTreeSet<PersonId>,
    /// Members of this queue, and their shifts that count for it.
    pub queue: Option<Key>,
    /// Shifts that count for this client.
    pub client: Option<ClientId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RosterPage {
    /// Those that touch the period, by beginning.
    pub shifts: Vec<Shift>,
    pub absences: Vec<AbsenceLine>,
    /// Everybody who is named above.
    pub people: Vec<Ref>,
    /// Whether the reader may change shifts of every client, and absences.
    pub may_keep_all: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AbsenceLine {
    pub id: AbsenceId,
    pub person: PersonId,
    pub from: Moment,
    pub to: Moment,
    /// `null` for who neither keeps the roster nor is the person: why somebody is away is their own affair.
    pub kind: Option<AbsenceKind>,
    pub version: i64,
}

/// In which queue and period somebody looks for gaps.
#[derive(Debug, Clone)]
pub struct GapQuery {
    pub client: ClientId,
    pub queue: Key,
    pub from: Moment,
    pub to: Moment,
    /// How many should be there.
    pub at_least: usize,
}

impl Views {
    /// Staff see everybody's; others see their own.
    pub fn roster(&self, person: PersonId, query: &RosterQuery) -> Result<RosterPage, ViewError> {
        self.read(person, |reading| reading.roster(query))
    }

    /// Stretches with fewer people than wanted.
    pub fn roster_gaps(&self, person: PersonId, query: &GapQuery) -> Result<Vec<Gap>, ViewError> {
        self.read(person, |reading| {
            reading.require(Step::SeeInternals, query.client, "see the roster")?;
            if query.at_least > AT_LEAST_MAX {
                return Err(Refusal::invalid("at_least", format!("take 1 to {AT_LEAST_MAX}")).into());
            }
            let wanted = RosterQuery {
                from: query.from,
                to: query.to,
                people: BTreeSet::new(),
                queue: Some(query.queue.clone()),
                client: Some(query.client),
            };
            let client = reading.client(query.client)?;
            if let Some(pack) = reading.pack(client.pack_version)? {
                pack.require_queue("queue", &query.queue)?;
            }
            let (mut shifts, absences) = reading.roster_rows(&wanted)?;
            // Who was made inactive comes to no shift.
            let active = store::person::members(reading.db, &query.queue, query.client)?;
            shifts.retain(|shift| active.contains(&shift.person));
            Ok(gaps(&shifts, &absences, query.from, query.to, query.at_least))
        })
    }

    /// The shifts as `ImportRoster` takes them; for who keeps a roster, because it names logins.
    pub fn roster_table(
        &self,
        person: PersonId,
        query: &RosterQuery,
        zone: &str,
    ) -> Result<String, ViewError> {
        calendar::zone(zone).map_err(|error| Refusal::invalid("time_zone", error.to_string()))?;
        self.read(person, |reading| {
            if reading.scope.supervises().is_empty() {
                return Err(Refusal::forbidden("take the roster along: a supervisor may").into());
            }
            let (mut shifts, _) = reading.roster_rows(query)?;
            shifts.retain(|shift| reading.keeps(shift.client));
            reading.table(&shifts, zone)
        })
    }
}

impl Reading<'_> {
    fn roster(&self, query: &RosterQuery) -> Result<RosterPage, ViewError> {
        let (mut shifts, mut absences) = self.roster_rows(query)?;
        let own = self.access.person;
        shifts.retain(|shift| shift.person == own || self.sees_shift(shift));
        absences.retain(|away| away.person == own || self.sees_internals());
        let named: BTreeSet<PersonId> =
            shifts.iter().map(|shift| shift.person).chain(absences.iter().map(|away| away.person)).collect();
        let may_keep_all = self.keeps(None);
        let line = |away: Absence| AbsenceLine {
            id: away.id,
            person: away.person,
            from: away.from,
            to: away.to,
            kind: (may_keep_all || away.person == own).then_some(away.kind),
            version: away.version,
        };
        Ok(RosterPage {
            absences: absences.into_iter().map(line).collect(),
            people: named.into_iter().map(|id| self.names.person_ref(id)).collect::<Result<_, _>>()?,
            shifts,
            may_keep_all,
        })
    }

    /// Staff see the shifts for the desk and for clients whom they meet.
    fn sees_shift(&self, shift: &Shift) -> bool {
        self.sees_internals() && shift.client.is_none_or(|client| self.scope.clients().contains(client))
    }

    fn keeps(&self, client: Option<ClientId>) -> bool {
        match client {
            Some(client) => self.scope.supervises().contains(client),
            None => *self.scope.supervises() == Reach::All,
        }
    }

    /// Shifts and absences as asked for, whoever may see them.
    fn roster_rows(&self, query: &RosterQuery) -> Result<(Vec<Shift>, Vec<Absence>), ViewError> {
        let RosterQuery { from, to, .. } = *query;
        if to <= from {
            return Err(Refusal::invalid("to", "must come after `from`").into());
        }
        if to - from > Span::days(PERIOD_DAYS_MAX) {
            return Err(Refusal::invalid("to", format!("take at most {PERIOD_DAYS_MAX} days")).into());
        }
        let members: Option<BTreeSet<PersonId>> = match &query.queue {
            Some(queue) => {
                Some(store::place_list::members(self.db, queue, query.client)?.into_iter().collect())
            }
            None => None,
        };
        let is_wanted = |person: PersonId| {
            (query.people.is_empty() || query.people.contains(&person))
                && members.as_ref().is_none_or(|members| members.contains(&person))
        };
        let mut shifts = store::roster::shifts(self.db, from, to, ROWS_MAX + 1)?;
        let mut absences = store::roster::absences(self.db, from, to, ROWS_MAX + 1)?;
        for count in [shifts.len(), absences.len()] {
            if count > ROWS_MAX {
                let field = "the period".to_owned();
                return Err(Refusal::TooMany { field, count, count_max: ROWS_MAX }.into());
            }
        }
        shifts.retain(|shift| {
            let counts = match (query.client, &query.queue) {
                (Some(client), queue) => shift.counts_for(Duty { client, queue: queue.as_ref() }),
                (None, Some(queue)) => shift.queue.as_ref().is_none_or(|only| only == queue),
                (None, None) => true,
            };
            counts && is_wanted(shift.person)
        });
        absences.retain(|away| is_wanted(away.person));
        Ok((shifts, absences))
    }

    fn table(&self, shifts: &[Shift], zone: &str) -> Result<String, ViewError> {
        let mut people: BTreeMap<PersonId, Person> = BTreeMap::new();
        for id in shifts.iter().map(|shift| shift.person).collect::<BTreeSet<_>>() {
            people.extend(store::person::get(self.db, id)?.map(|person| (id, person)));
        }
        let clients = store::client::all(self.db)?.into_iter().map(|client| (client.id, client.key));
        let clients: BTreeMap<ClientId, Key> = clients.collect();
        let mut table = csv::Writer::from_writer(Vec::new());
        let unwritten = |error: csv::Error| {
            ViewError::Refused(Refusal::invalid("roster", format!("cannot be written: {error}")))
        };
        let head = ["login", "name", "from", "to", "kind", "rate_percent", "queue", "client", "note"];
        table.write_record(head).map_err(unwritten)?;
        for shift in shifts {
            let Some(person) = people.get(&shift.person) else { continue };
            let client = shift.client.and_then(|id| clients.get(&id)).map_or("", Key::as_str);
            let rate = match shift.kind {
                ShiftKind::Extra { rate_percent } => rate_percent.to_string(),
                ShiftKind::Regular | ShiftKind::OnCall => String::new(),
            };
            table
                .write_record([
                    &person.login,
                    &harmless(&person.name),
                    &wall(shift.from, zone)?,
                    &wall(shift.to, zone)?,
                    shift.kind.as_str(),
                    &rate,
                    shift.queue.as_deref().unwrap_or_default(),
                    client,
                    &harmless(shift.note.as_deref().unwrap_or_default()),
                ])
                .map_err(unwritten)?;
        }
        let bytes = table.into_inner().map_err(|error| unwritten(error.into_error().into()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// As a clock and a calendar of the zone show it: `2026-12-01 08:00`.
fn wall(at: Moment, zone: &str) -> Result<String, Refusal> {
    let local = local_time(at, zone).map_err(|error| Refusal::invalid("time_zone", error.to_string()))?;
    let calendar::LocalTime { year, month, day, hour, minute, .. } = local;
    Ok(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"))
}

/// A spreadsheet would carry out what begins like a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA_STARTS) { format!("'{text}") } else { text.to_owned() }
}
