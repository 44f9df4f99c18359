//! `ImportRosterCalendar`: shifts and absences from an iCalendar file, all of them or none.

use std::collections::{HashMap, VecDeque};

use super::client::made;
use super::done::{DeskError, Done};
use super::handover::follow_roster;
use super::roster::{add_shift, check_absence};
use super::roster_plan::{Problems, SHIFTS_MAX, by_login};
use super::swap;
use super::words;
use super::work::Work;
use crate::domain::calendar;
use crate::domain::command::ImportRosterCalendar;
use crate::domain::permission::Step;
use crate::domain::roster::calendar_file::{ALL_TIMES_MAX, RosterEvent, What, Who, WrongEvent, read};
use crate::domain::roster::{Absence, Shift};
use crate::domain::{AbsenceId, PersonId, Refusal, SeriesId, ShiftId};
use crate::store;

/// Else a file could be cut short and taken.
const _: () = assert!(ALL_TIMES_MAX >= SHIFTS_MAX);

/// What came from an event before, by id: taken off the roster, so that it can be put back changed.
#[derive(Debug, Default)]
struct Before {
    shifts: VecDeque<Shift>,
    absences: VecDeque<Absence>,
}

pub(super) fn import(work: &mut Work<'_>, import: &ImportRosterCalendar) -> Result<Done, DeskError> {
    work.require_for(Step::KeepRoster, import.client)?;
    calendar::zone(&import.time_zone).map_err(|error| Refusal::invalid("time_zone", error.to_string()))?;
    let events =
        read(&import.ics, &import.time_zone).map_err(|error| Refusal::invalid("ics", error.to_string()))?;
    let mut problems = Problems::default();
    let mut readable: Vec<RosterEvent> = Vec::new();
    let mut count = 0;
    for event in events {
        match event {
            Ok(event) if readable.iter().any(|other| other.uid == event.uid) => {
                let twice = Refusal::invalid("UID", "is there twice in this file");
                problems.note::<()>(|| place(event.line, Some(&event.uid)), Err(twice.into()))?;
            }
            Ok(event) => {
                count += event.times.len();
                readable.push(event);
            }
            Err(WrongEvent { uid, error }) => {
                let wrong = Refusal::invalid("event", error.message);
                problems.note::<()>(|| place(error.line, uid.as_deref()), Err(wrong.into()))?;
            }
        }
    }
    if count > SHIFTS_MAX {
        return Err(Refusal::TooMany { field: "ics".to_owned(), count, count_max: SHIFTS_MAX }.into());
    }
    // All that comes from these events is taken off first: an event may move to where another was.
    let mut before = HashMap::new();
    for event in &readable {
        let taken = take_off(work, import, event).map(|taken| before.insert(event.uid.clone(), taken));
        problems.note(|| place(event.line, Some(&event.uid)), taken.map(drop))?;
    }
    let series: SeriesId = work.tx.id();
    let mut people = HashMap::new();
    for event in &readable {
        let before = before.remove(&event.uid).unwrap_or_default();
        let put = put(work, import, event, before, (series, &mut people));
        problems.note(|| place(event.line, Some(&event.uid)), put)?;
    }
    problems.none("ics", "event(s)")?;
    work.note_change(import.client, "roster");
    Ok(made(series.0, 1))
}

fn place(line: usize, uid: Option<&str>) -> String {
    match uid {
        Some(uid) => format!("line {line}, UID {}", uid.chars().take(80).collect::<String>()),
        None => format!("line {line}"),
    }
}

fn take_off(
    work: &mut Work<'_>,
    import: &ImportRosterCalendar,
    event: &RosterEvent,
) -> Result<Before, DeskError> {
    let mut before = Before::default();
    let mut entries = store::roster::of_event(&work.tx, &event.uid, import.client)?;
    // What was given out as a file can come back in.
    entries.extend(own_entry(&event.uid));
    for entry in entries {
        if let Some(shift) = store::roster::shift(&work.tx, ShiftId(entry))? {
            work.require_for(Step::KeepRoster, shift.client)?;
            swap::lapse(work, shift.id)?;
            store::roster::remove_shift(&work.tx, shift.id, shift.version)?;
            follow_roster(work, shift.person, None)?;
            before.shifts.push_back(shift);
        } else if let Some(absence) = store::roster::absence(&work.tx, AbsenceId(entry))? {
            work.require_for(Step::KeepRoster, None)?;
            store::roster::remove_absence(&work.tx, absence.id, absence.version)?;
            before.absences.push_back(absence);
        }
    }
    Ok(before)
}

/// The shift or absence that a UID of our own names.
fn own_entry(uid: &str) -> Option<i64> {
    uid.strip_suffix(store::roster::OWN_UID_END)?.parse().ok()
}

fn put(
    work: &mut Work<'_>,
    import: &ImportRosterCalendar,
    event: &RosterEvent,
    mut before: Before,
    (series, people): (SeriesId, &mut HashMap<Who, PersonId>),
) -> Result<(), DeskError> {
    let person = match (event.times.is_empty(), people.get(&event.who)) {
        // Who is gone may have left cancelled events behind.
        (true, _) => {
            return Ok(store::roster::note_event(&work.tx, &event.uid, import.client, &[])?);
        }
        (false, Some(known)) => *known,
        (false, None) => {
            let found = find(work, &event.who)?;
            people.insert(event.who.clone(), found);
            found
        }
    };
    let mut entries = Vec::new();
    for &(from, to) in &event.times {
        match &event.what {
            What::Shift { kind, queue, note } => {
                let old = before.shifts.pop_front();
                let shift = Shift {
                    id: old.as_ref().map_or_else(|| work.tx.id(), |old| old.id),
                    person,
                    from,
                    to,
                    kind: *kind,
                    queue: queue.clone(),
                    client: import.client,
                    note: words::maybe_line("DESCRIPTION", note.as_deref())?,
                    series: Some(series),
                    version: old.map_or(0, |old| old.version) + 1,
                };
                add_shift(work, &shift)?;
                entries.push(shift.id.0);
            }
            What::Absence { kind } => {
                let old = before.absences.pop_front();
                let absence = Absence {
                    id: old.as_ref().map_or_else(|| work.tx.id(), |old| old.id),
                    person,
                    from,
                    to,
                    kind: *kind,
                    version: old.map_or(0, |old| old.version) + 1,
                };
                check_absence(work, &absence)?;
                store::roster::insert_absence(&work.tx, &absence)?;
                entries.push(absence.id.0);
            }
        }
    }
    Ok(store::roster::note_event(&work.tx, &event.uid, import.client, &entries)?)
}

fn find(work: &mut Work<'_>, who: &Who) -> Result<PersonId, DeskError> {
    let email = match who {
        Who::Login(login) => return by_login(work, login),
        Who::Email(email) => email,
    };
    let mut known = Vec::new();
    for id in store::person::with_email(&work.tx, email)? {
        if let Some(person) = work.programs.people.person(&work.tx, id)?
            && work.knows(&person)?
        {
            known.push(id);
        }
    }
    match known[..] {
        [person] => Ok(person),
        [] => Err(Refusal::not_found("person with the address", email).into()),
        _ => Err(Refusal::invalid(
            "ATTENDEE",
            format!("several people have the address {email}; write X-NARYAD-LOGIN"),
        )
        .into()),
    }
}
