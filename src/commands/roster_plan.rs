//! `CopyRoster`, `ImportRoster`: many shifts at once, all of them or none.

use std::collections::HashMap;

use csv::StringRecord;
use jiff::civil::Date;

use super::client::made;
use super::done::{DeskError, Done};
use super::roster::add_shift;
use super::words;
use super::work::Work;
use crate::domain::calendar::{self, local_moment};
use crate::domain::command::{CopyRoster, ImportRoster};
use crate::domain::permission::{self, Step, TicketFacts};
use crate::domain::refusal::Problem;
use crate::domain::roster::{self, Shift, ShiftKind};
use crate::domain::{ClientId, Key, Moment, PersonId, Refusal, SeriesId};
use crate::store;

/// Most shifts that one command makes.
pub(super) const SHIFTS_MAX: usize = 5_000;
/// Longest period that is copied or planned at once.
const PERIOD_DAYS_MAX: i64 = 366;
/// Most people named by one copying.
pub(super) const PEOPLE_MAX: usize = 1_000;
/// Most wrong rows that are named; all are counted.
const PROBLEMS_MAX: usize = 100;
/// Columns of the table that must be there, and those that may.
const NEEDED: [&str; 4] = ["login", "from", "to", "kind"];
const OPTIONAL: [&str; 5] = ["rate_percent", "queue", "client", "note", "name"];

/// The first and the last day of a period that is not too long.
pub(super) fn period(first_day: &str, last_day: &str) -> Result<(Date, Date), Refusal> {
    let (first, last) = (day("first_day", first_day)?, day("last_day", last_day)?);
    let length = roster::days_between(first, last) + 1;
    if !(1..=PERIOD_DAYS_MAX).contains(&length) {
        let message = format!("must be from 0 to {} days after `first_day`", PERIOD_DAYS_MAX - 1);
        return Err(Refusal::invalid("last_day", message));
    }
    Ok((first, last))
}

fn day(field: &str, text: &str) -> Result<Date, Refusal> {
    roster::day(text).map_err(|why| Refusal::invalid(field, why))
}

/// What is wrong with the parts of a plan, so that all can be named at once.
#[derive(Debug, Default)]
pub(super) struct Problems {
    count: usize,
    named: Vec<Problem>,
}

impl Problems {
    /// Keeps a refusal with its place; another error ends the command.
    pub fn note<T>(
        &mut self,
        place: impl FnOnce() -> String,
        done: Result<T, DeskError>,
    ) -> Result<Option<T>, DeskError> {
        match done {
            Ok(value) => Ok(Some(value)),
            Err(DeskError::Refused(refusal)) => {
                self.count += 1;
                if self.named.len() < PROBLEMS_MAX {
                    self.named.push(Problem::new(place(), &refusal));
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses the whole plan when anything was wrong.
    pub fn none(self, field: &'static str, what: &'static str) -> Result<(), Refusal> {
        self.refuse(|count, problems| Refusal::RosterHasErrors { field, what, count, problems })
    }

    /// Refuses in the given words when anything was wrong.
    pub fn refuse(self, words: impl FnOnce(usize, Vec<Problem>) -> Refusal) -> Result<(), Refusal> {
        if self.count == 0 { Ok(()) } else { Err(words(self.count, self.named)) }
    }
}

pub(super) fn copy(work: &mut Work<'_>, copy: &CopyRoster) -> Result<Done, DeskError> {
    let (first, last) = period(&copy.first_day, &copy.last_day)?;
    let days = roster::days_between(first, day("to_day", &copy.to_day)?);
    if days == 0 {
        return Err(Refusal::invalid("to_day", "must be another day than `first_day`").into());
    }
    let length = roster::days_between(first, last) + 1;
    let zone = &copy.time_zone;
    let wrong_zone = |error: calendar::CalendarError| Refusal::invalid("time_zone", error.to_string());
    let from = roster::begin_of(first, zone).map_err(wrong_zone)?;
    let to = roster::days_later(from, length, zone).map_err(wrong_zone)?;
    let series: SeriesId = work.tx.id();
    let found = shifts_to_copy(work, copy, from, to)?;
    if found.is_empty() {
        return Err(
            Refusal::invalid("first_day", "nobody of these has a shift that begins in this period").into()
        );
    }
    for shift in found {
        let shift = Shift {
            id: work.tx.id(),
            from: roster::days_later(shift.from, days, zone).map_err(wrong_zone)?,
            to: roster::days_later(shift.to, days, zone).map_err(wrong_zone)?,
            series: Some(series),
            version: 1,
            ..shift
        };
        add_shift(work, &shift)?;
    }
    work.note_change(copy.client, "roster");
    Ok(made(series.0, 1))
}

/// Shifts that begin in the period, of the people who are named, or of everybody who is still here and whose shifts
/// the actor may keep.
fn shifts_to_copy(
    work: &mut Work<'_>,
    copy: &CopyRoster,
    from: Moment,
    to: Moment,
) -> Result<Vec<Shift>, DeskError> {
    let too_many =
        |field: &str, count, count_max| Refusal::TooMany { field: field.to_owned(), count, count_max };
    if copy.people.len() > PEOPLE_MAX {
        return Err(too_many("people", copy.people.len(), PEOPLE_MAX).into());
    }
    let mut found = Vec::new();
    if copy.people.is_empty() {
        let mut kept: HashMap<(PersonId, Option<ClientId>), bool> = HashMap::new();
        for shift in store::roster::shifts(&work.tx, from, to, SHIFTS_MAX + 1)? {
            let about = (shift.person, shift.client);
            let is_kept = match kept.get(&about) {
                Some(is_kept) => *is_kept,
                None => is_kept(work, about.0, about.1)?,
            };
            kept.insert(about, is_kept);
            found.extend(is_kept.then_some(shift));
        }
    } else {
        for person in &copy.people {
            // A shift for a client that the actor does not meet is not there.
            for shift in store::roster::shifts_of(&work.tx, *person, from, to, SHIFTS_MAX + 1)? {
                found.extend(work.sees_internals_of(shift.client)?.then_some(shift));
            }
        }
    }
    found.retain(|shift| shift.from >= from && copy.client.is_none_or(|client| shift.client == Some(client)));
    if found.len() > SHIFTS_MAX {
        return Err(too_many("the copy", found.len(), SHIFTS_MAX).into());
    }
    Ok(found)
}

fn is_kept(work: &mut Work<'_>, person: PersonId, client: Option<ClientId>) -> Result<bool, DeskError> {
    let facts = TicketFacts { client, ..TicketFacts::default() };
    let access = work.access()?;
    let may = permission::check(&work.cause.actor, access.as_deref(), Step::KeepRoster, None, &facts);
    let found = store::person::get(&work.tx, person)?;
    Ok(may.is_ok() && found.is_some_and(|person| person.is_active))
}

pub(super) fn import(work: &mut Work<'_>, import: &ImportRoster) -> Result<Done, DeskError> {
    work.require_for(Step::KeepRoster, import.client)?;
    calendar::zone(&import.time_zone).map_err(|error| Refusal::invalid("time_zone", error.to_string()))?;
    let text = import.csv.trim_start_matches('\u{feff}');
    // Spreadsheets of half of Europe put semicolons.
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = Columns::read(reader.headers().map_err(|error| unreadable(&error))?)?;
    let series: SeriesId = work.tx.id();
    let mut problems = Problems::default();
    let mut count = 0;
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        count += 1;
        if count > SHIFTS_MAX {
            let field = "csv".to_owned();
            return Err(Refusal::TooMany { field, count, count_max: SHIFTS_MAX }.into());
        }
        let taken = take_row(work, import, &Row { columns: &columns, record: &record }, series);
        problems.note(|| format!("line {}", record.position().map_or(0, csv::Position::line)), taken)?;
    }
    problems.none("csv", "row(s)")?;
    if count == 0 {
        return Err(Refusal::invalid("csv", "has no row below its head line").into());
    }
    work.note_change(import.client, "roster");
    Ok(made(series.0, 1))
}

fn unreadable(error: &csv::Error) -> Refusal {
    Refusal::invalid("csv", format!("is no table: {error}"))
}

/// Where each column stands.
struct Columns(HashMap<String, usize>);

impl Columns {
    fn read(head: &StringRecord) -> Result<Self, Refusal> {
        let mut columns = HashMap::new();
        for (place, name) in head.iter().enumerate() {
            let known = NEEDED.into_iter().chain(OPTIONAL);
            if !known.clone().any(|known| known == name) {
                return Err(Refusal::unknown_key("csv", "column", name, known));
            }
            if columns.insert(name.to_owned(), place).is_some() {
                return Err(Refusal::invalid("csv", format!("the column `{name}` is there twice")));
            }
        }
        match NEEDED.iter().find(|needed| !columns.contains_key(**needed)) {
            Some(missing) => Err(Refusal::invalid("csv", format!("the head line has no column `{missing}`"))),
            None => Ok(Self(columns)),
        }
    }
}

struct Row<'r> {
    columns: &'r Columns,
    record: &'r StringRecord,
}

impl<'r> Row<'r> {
    /// What stands in the column; nothing where it is empty.
    fn cell(&self, column: &str) -> Option<&'r str> {
        self.record.get(*self.columns.0.get(column)?).filter(|cell| !cell.is_empty())
    }

    /// A cell beyond the head line means that the others may stand under the wrong names.
    fn has_no_more_than_the_head(&self) -> Result<(), Refusal> {
        let named = self.columns.0.len();
        match self.record.iter().skip(named).find(|cell| !cell.is_empty()) {
            None => Ok(()),
            Some(_) => {
                let (count, message) = (self.record.len(), "cells, the head line names");
                Err(Refusal::invalid("csv", format!("the row has {count} {message} {named}")))
            }
        }
    }

    fn needed(&self, column: &str) -> Result<&'r str, Refusal> {
        self.cell(column).ok_or_else(|| Refusal::invalid(column, "is empty"))
    }

    fn moment(&self, column: &str, zone: &str) -> Result<Moment, Refusal> {
        let text = self.needed(column)?;
        local_moment(text, zone).map_err(|_| {
            let given: String = text.chars().take(40).collect();
            Refusal::invalid(column, format!("`{given}` is not a time: write 2026-12-01 08:00"))
        })
    }

    fn kind(&self) -> Result<ShiftKind, Refusal> {
        let rate = self.cell("rate_percent").map(|text| {
            text.trim_end_matches('%').parse::<i64>().map_err(|_| {
                let given: String = text.chars().take(20).collect();
                Refusal::invalid("rate_percent", format!("`{given}` is not a whole number"))
            })
        });
        let word = self.needed("kind")?;
        ShiftKind::read(word, rate.transpose()?).map_err(|why| Refusal::invalid("kind", why))
    }

    fn queue(&self) -> Result<Option<Key>, Refusal> {
        let key = self.cell("queue").map(Key::new).transpose();
        key.map_err(|error| Refusal::invalid("queue", error.to_string()))
    }
}

fn take_row(
    work: &mut Work<'_>,
    import: &ImportRoster,
    row: &Row<'_>,
    series: SeriesId,
) -> Result<(), DeskError> {
    row.has_no_more_than_the_head()?;
    let login = row.needed("login")?;
    let person = by_login(work, login)?;
    let client = match row.cell("client") {
        Some(key) => {
            let client = store::client::by_key(&work.tx, key)?;
            Some(client.ok_or_else(|| Refusal::not_found("client", key))?.id)
        }
        None => import.client,
    };
    let shift = Shift {
        id: work.tx.id(),
        person,
        from: row.moment("from", &import.time_zone)?,
        to: row.moment("to", &import.time_zone)?,
        kind: row.kind()?,
        queue: row.queue()?,
        client,
        note: words::maybe_line("note", row.cell("note").map(as_written))?,
        series: Some(series),
        version: 1,
    };
    add_shift(work, &shift)
}

/// Whose log-in it is, when the actor may know of them.
pub(super) fn by_login(work: &mut Work<'_>, login: &str) -> Result<PersonId, DeskError> {
    let found = store::person::by_login(&work.tx, login)?;
    match found {
        Some(person) if work.knows(&person)? => Ok(person.id),
        _ => Err(Refusal::not_found("person with the login", login).into()),
    }
}

/// The table that is given out puts `'` before what a spreadsheet would take for a formula.
fn as_written(note: &str) -> &str {
    match note.strip_prefix('\'') {
        Some(rest) if rest.starts_with(roster::FORMULA_STARTS) => rest,
        _ => note,
    }
}
