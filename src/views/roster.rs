//! The roster of a period: shifts, absences, where too few are there, and the table for a spreadsheet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::calendar::{self, local_time};
use crate::domain::permission::{Reach, Step};
use crate::domain::person::{Membership, Person};
use crate::domain::roster::{
    self, Absence, AbsenceKind, Duty, FORMULA_STARTS, Gap, REST_HOURS, Shift, ShiftKind, Unrested, gaps,
    unrested,
};
use crate::domain::{AbsenceId, ClientId, Key, Moment, PersonId, Refusal, SeriesId, ShiftId, Span};
use crate::store;

/// Longest period that is shown at once.
const PERIOD_DAYS_MAX: i64 = 400;
/// Most shifts, and most absences, that are shown at once.
const ROWS_MAX: usize = 20_000;
/// Most people who can be asked to be there at once.
const AT_LEAST_MAX: usize = 1_000;
/// Most stretches without a rest that are named.
const UNRESTED_MAX: usize = 200;
/// So far beyond the period shifts are looked at for a stretch that began before it or goes on after it.
const AROUND: Span = Span::days(3);

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

impl RosterQuery {
    fn wants(&self, person: PersonId, members: Option<&BTreeSet<PersonId>>) -> bool {
        (self.people.is_empty() || self.people.contains(&person))
            && members.is_none_or(|members| members.contains(&person))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RosterPage {
    /// Those that touch the period, by beginning.
    pub shifts: Vec<ShiftLine>,
    pub absences: Vec<AbsenceLine>,
    /// Everybody who is named above.
    pub people: Vec<Ref>,
    /// Everybody who was asked for and can have a roster, with or without one, by name.
    pub workers: Vec<Worker>,
    /// Whether the reader may change shifts of every client, and absences.
    pub may_keep_all: bool,
}

/// A shift as far as the reader may know it: what it is paid and its note are for who keeps it and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ShiftLine {
    pub id: ShiftId,
    pub person: PersonId,
    pub from: Moment,
    pub to: Moment,
    pub kind: ShownKind,
    /// Counts for this queue only; without one, for all of the person's queues.
    pub queue: Option<Key>,
    /// Counts for this client only; without one, for all.
    pub client: Option<ClientId>,
    /// `null`: there is none, or it is not for the reader.
    pub note: Option<String>,
    /// Shifts that were copied or imported together.
    pub series: Option<SeriesId>,
    pub version: i64,
    /// Who wrote it last; `null`: a script or the command line.
    pub changed_by: Option<Ref>,
    pub changed_at: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ShownKind {
    Regular,
    OnCall,
    Extra {
        /// `null`: not for the reader.
        rate_percent: Option<i64>,
    },
}

impl ShownKind {
    fn of(kind: ShiftKind, is_whole: bool) -> Self {
        match kind {
            ShiftKind::Regular => ShownKind::Regular,
            ShiftKind::OnCall => ShownKind::OnCall,
            ShiftKind::Extra { rate_percent } => {
                ShownKind::Extra { rate_percent: is_whole.then_some(rate_percent) }
            }
        }
    }

    /// The word of files, as `ShiftKind` has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ShownKind::Regular => ShiftKind::Regular.as_str(),
            ShownKind::OnCall => ShiftKind::OnCall.as_str(),
            ShownKind::Extra { .. } => "extra",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Worker {
    pub id: PersonId,
    pub name: String,
    pub time_zone: String,
    pub memberships: Vec<Membership>,
}

/// A day on which a client's own calendar is closed from midnight to midnight of its zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClosedDay {
    pub client: ClientId,
    /// `2026-12-31`
    pub day: String,
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

/// Work of one person with no rest in between that is long enough.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UnrestedLine {
    pub person: Ref,
    /// When its first shift begins.
    pub from: Moment,
    /// When its last shift ends.
    pub to: Moment,
    /// Whole hours from one to the other.
    pub hours: i64,
    /// So many hours in between would have been a rest.
    pub rest_hours: i64,
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

    /// Days on which the calendars of the clients whom the reader meets are closed.
    pub fn closed_days(
        &self,
        person: PersonId,
        first_day: &str,
        last_day: &str,
    ) -> Result<Vec<ClosedDay>, ViewError> {
        let day = |field: &str, text: &str| roster::day(text).map_err(|why| Refusal::invalid(field, why));
        let (first, last) = (day("first_day", first_day)?, day("last_day", last_day)?);
        if !(0..PERIOD_DAYS_MAX).contains(&roster::days_between(first, last)) {
            let message = format!("must be from 0 to {} days after `first_day`", PERIOD_DAYS_MAX - 1);
            return Err(Refusal::invalid("last_day", message).into());
        }
        self.read(person, |reading| {
            let mut closed = Vec::new();
            for client in reading.clients()? {
                let Some(known) = reading.known_pack(client.pack_version)? else { continue };
                let calendar = known.calendars.usual();
                // A published pack names a zone that exists.
                let begin = |day| roster::begin_of(day, &known.pack.calendar.time_zone).ok();
                for day in first.series(1.day()).take_while(|day| *day <= last) {
                    let to = day.tomorrow().ok().and_then(begin);
                    let open = begin(day).zip(to).map(|(from, to)| calendar.open_span(from, to));
                    if open == Some(Span::ZERO) {
                        closed.push(ClosedDay { client: client.id, day: day.to_string() });
                    }
                }
            }
            Ok(closed)
        })
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

    /// Who is planned for too long without a rest, as far as the reader sees the shifts; in a period.
    pub fn roster_unrested(
        &self,
        person: PersonId,
        query: &RosterQuery,
    ) -> Result<Vec<UnrestedLine>, ViewError> {
        self.read(person, |reading| {
            let mut around = query.clone();
            // A stretch may have begun before the period, and goes on after it.
            (around.from, around.to) = (query.from - AROUND, query.to + AROUND);
            around.client = None;
            check_period(query)?;
            let (mut shifts, absences) = reading.rows(&around)?;
            shifts.retain(|shift| shift.person == person || reading.sees_shift(shift));
            let rests = reading.rest_hours()?;
            // A shift for all clients is for the one who wants the longest rest.
            let usual = rests.values().copied().max().unwrap_or(REST_HOURS);
            let wanted = |client: Option<ClientId>| {
                client.map_or(usual, |client| rests.get(&client).copied().unwrap_or(REST_HOURS))
            };
            let mut found = unrested(&shifts, &absences, wanted);
            found.retain(|one| one.from < query.to && query.from < one.to);
            let line = |one: Unrested| -> Result<UnrestedLine, ViewError> {
                let Unrested { person, from, to, rest_hours } = one;
                let hours = (to - from).ms() / Span::hours(1).ms();
                Ok(UnrestedLine { person: reading.names.person_ref(person)?, from, to, hours, rest_hours })
            };
            found.into_iter().take(UNRESTED_MAX).map(line).collect()
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

fn check_period(query: &RosterQuery) -> Result<(), Refusal> {
    if query.to <= query.from {
        return Err(Refusal::invalid("to", "must come after `from`"));
    }
    if query.to - query.from > Span::days(PERIOD_DAYS_MAX) {
        return Err(Refusal::invalid("to", format!("take at most {PERIOD_DAYS_MAX} days")));
    }
    Ok(())
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
        let signed = store::roster::signed(self.db, query.from, query.to, ROWS_MAX)?;
        let shown = |shift: Shift| -> Result<ShiftLine, ViewError> {
            let by = signed.get(&shift.id);
            let person = by.and_then(|(person, _)| *person);
            let changed_by = person.map(|id| self.names.person_ref(id)).transpose()?;
            let is_whole = shift.person == own || self.keeps(shift.client);
            let Shift { id, person, from, to, kind, queue, client, note, series, version } = shift;
            Ok(ShiftLine {
                id,
                person,
                from,
                to,
                kind: ShownKind::of(kind, is_whole),
                queue,
                client,
                note: note.filter(|_| is_whole),
                series,
                version,
                changed_by,
                changed_at: by.map(|(_, at)| *at),
            })
        };
        Ok(RosterPage {
            workers: self.workers(query)?,
            absences: absences.into_iter().map(line).collect(),
            people: named.into_iter().map(|id| self.names.person_ref(id)).collect::<Result<_, _>>()?,
            shifts: shifts.into_iter().map(shown).collect::<Result<_, _>>()?,
            may_keep_all,
        })
    }

    /// Staff see everybody who can have a roster; others are told of themselves.
    fn workers(&self, query: &RosterQuery) -> Result<Vec<Worker>, ViewError> {
        let members = self.members_of(query)?;
        let mut queues: BTreeMap<PersonId, Vec<Membership>> = BTreeMap::new();
        for (person, membership) in store::person::all_memberships(self.db)? {
            queues.entry(person).or_default().push(membership);
        }
        let mut workers = store::person::workers(self.db, ROWS_MAX)?;
        workers.retain(|(id, ..)| {
            (self.sees_internals() || *id == self.access.person) && query.wants(*id, members.as_ref())
        });
        let worker = |(id, name, time_zone)| {
            let mut memberships = queues.remove(&id).unwrap_or_default();
            memberships.retain(|own| id == self.access.person || self.scope.sees_internals_of(own.client));
            Worker { id, name, time_zone, memberships }
        };
        Ok(workers.into_iter().map(worker).collect())
    }

    /// What the clients whom the reader meets call a rest.
    fn rest_hours(&self) -> Result<BTreeMap<ClientId, i64>, ViewError> {
        let mut rests = BTreeMap::new();
        for client in self.clients()? {
            if let Some(pack) = self.pack(client.pack_version)? {
                rests.insert(client.id, pack.roster.rest_hours);
            }
        }
        Ok(rests)
    }

    /// Who is in the queue that was asked for.
    fn members_of(&self, query: &RosterQuery) -> Result<Option<BTreeSet<PersonId>>, ViewError> {
        let Some(queue) = &query.queue else { return Ok(None) };
        Ok(Some(store::place_list::members(self.db, queue, query.client)?.into_iter().collect()))
    }

    /// Staff see the shifts for the desk and for clients whom they meet.
    fn sees_shift(&self, shift: &Shift) -> bool {
        self.scope.sees_internals_of(shift.client)
    }

    fn keeps(&self, client: Option<ClientId>) -> bool {
        match client {
            Some(client) => self.scope.supervises().contains(client),
            None => *self.scope.supervises() == Reach::All,
        }
    }

    /// Shifts and absences as asked for, whoever may see them.
    fn roster_rows(&self, query: &RosterQuery) -> Result<(Vec<Shift>, Vec<Absence>), ViewError> {
        check_period(query)?;
        self.rows(query)
    }

    /// The same of a period that was checked, or is a little longer.
    fn rows(&self, query: &RosterQuery) -> Result<(Vec<Shift>, Vec<Absence>), ViewError> {
        let RosterQuery { from, to, .. } = *query;
        let members = self.members_of(query)?;
        let is_wanted = |person: PersonId| query.wants(person, members.as_ref());
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
