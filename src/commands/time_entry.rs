//! `RecordTime`, `ChangeTime`, `TakeTimeBack`: minutes of work on tickets, by hand.

use std::rc::Rc;

use super::apply::about;
use super::client::seen;
use super::done::{DeskError, Done, Warning};
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::command::{ChangeTime, RecordTime, SpentTime};
use crate::domain::event::Event;
use crate::domain::permission::{Step, TicketFacts};
use crate::domain::person::Actor;
use crate::domain::ticket::Ticket;
use crate::domain::time_entry::{
    ENTRY_BACK_DAYS_MAX, ENTRY_MINUTES_MAX, EntrySettings, TimeEntry, TimeSpent,
};
use crate::domain::{Key, Moment, PersonId, Refusal, Span, TicketId, TimeEntryId};
use crate::store;

/// Most entries of one ticket.
const ENTRIES_MAX: usize = 5_000;
/// Of a person's entries, those that are looked at for one that overlaps.
const NEIGHBOURS_MAX: usize = 500;
/// Most warnings of one answer.
const WARNINGS_MAX: usize = 5;

/// How an entry comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    ByHand,
    Timer,
}

pub(super) fn record_time(work: &mut Work<'_>, given: RecordTime) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(given.ticket, Step::RecordTime, None)?;
    let person = match (given.person, &work.cause.actor) {
        (Some(person), _) => person,
        (None, Actor::Person { person }) => *person,
        (None, _) => return Err(Refusal::invalid("person", "say who worked").into()),
    };
    check_worker(work, &ticket, person)?;
    let settings = settings(work, ticket.id)?;
    let spent = checked(work, &settings, &given.spent)?;
    add(work, &ticket, person, spent, Source::ByHand)
}

/// Records one entry that was checked, unless it is recorded already.
pub(super) fn add(
    work: &mut Work<'_>,
    ticket: &Ticket,
    person: PersonId,
    spent: TimeSpent,
    source: Source,
) -> Result<Done, DeskError> {
    let count = store::time_entry::count_of_ticket(&work.tx, ticket.id)?;
    if count >= ENTRIES_MAX {
        let field = "time entries".to_owned();
        return Err(Refusal::TooMany { field, count, count_max: ENTRIES_MAX }.into());
    }
    let entry: TimeEntryId = work.tx.id();
    let warnings = neighbours(work, ticket.id, person, &spent, entry)?;
    let is_timer = source == Source::Timer;
    record(work, ticket.id, Event::TimeRecorded { entry, person, spent, is_timer })?;
    Ok(Done { warnings, ..about(ticket.id, Some(entry.0)) })
}

pub(super) fn change(work: &mut Work<'_>, given: &ChangeTime) -> Result<Done, DeskError> {
    let (before, ticket) = own_entry(work, given.entry, given.version)?;
    let settings = settings(work, ticket.id)?;
    let mut to = checked(work, &settings, &given.spent)?;
    let from = TimeSpent::of(&before);
    let words = |work: &Work<'_>, text| store::text::get(&work.tx, text);
    // The same words again are the same text.
    if let (Some(old), Some(new)) = (from.note, to.note)
        && words(work, old)? == words(work, new)?
    {
        to.note = Some(old);
    }
    let mut done = about(ticket.id, Some(before.id.0));
    done.version = Some(before.version);
    if from == to {
        return Ok(done);
    }
    done.warnings = neighbours(work, ticket.id, before.person, &to, before.id)?;
    let (entry, person) = (before.id, before.person);
    record(work, ticket.id, Event::TimeChanged { entry, person, from, to })?;
    done.version = Some(before.version + 1);
    Ok(done)
}

pub(super) fn take_back(work: &mut Work<'_>, id: TimeEntryId, version: i64) -> Result<Done, DeskError> {
    let (entry, ticket) = own_entry(work, id, version)?;
    let spent = TimeSpent::of(&entry);
    record(work, ticket.id, Event::TimeTakenBack { entry: id, person: entry.person, spent })?;
    Ok(Done { version: Some(version + 1), ..about(ticket.id, Some(id.0)) })
}

/// The entry, when the actor may change it and saw it as it stands: one's own, or any for a supervisor.
fn own_entry(
    work: &mut Work<'_>,
    id: TimeEntryId,
    version: i64,
) -> Result<(TimeEntry, Rc<Ticket>), DeskError> {
    let missing = || DeskError::from(Refusal::not_found("time entry", id));
    let entry = store::time_entry::get(&work.tx, id)?.ok_or_else(missing)?;
    let ticket = match work.ticket_for(entry.ticket, Step::SeeInternals, None) {
        Err(DeskError::Refused(Refusal::NotFound { .. } | Refusal::Forbidden { .. })) => {
            return Err(missing());
        }
        other => other?,
    };
    let is_own = work.cause.actor == Actor::Person { person: entry.person };
    if is_own {
        work.require(Step::RecordTime, &ticket)?;
    } else {
        work.require(Step::Supervise, &ticket).map_err(|_| other_person())?;
    }
    seen(Some(version), entry.version)?;
    if !entry.counts() {
        return Err(Refusal::invalid("entry", "was taken back; record the work anew").into());
    }
    check_age(work, "entry", entry.began_at)?;
    Ok((entry, ticket))
}

fn other_person() -> DeskError {
    Refusal::forbidden("change another person's time: a supervisor of the client does").into()
}

/// Whether the actor may record for `person`, and `person` works on the ticket.
fn check_worker(work: &mut Work<'_>, ticket: &Ticket, person: PersonId) -> Result<(), DeskError> {
    if work.cause.actor == (Actor::Person { person }) {
        return Ok(());
    }
    if let Actor::Person { .. } = work.cause.actor {
        work.require(Step::Supervise, ticket).map_err(|_| other_person())?;
    }
    let found = work.person(person)?;
    let facts = TicketFacts { client: Some(ticket.client), ..TicketFacts::default() };
    let facts = work.passed_to(ticket, facts)?;
    let access = work.programs.people.access(&work.tx, person)?;
    if access.is_some_and(|access| access.may(Step::RecordTime, &facts)) {
        Ok(())
    } else {
        Err(Refusal::invalid("person", format!("{} does not work on this ticket", found.name)).into())
    }
}

/// How the ticket's pack counts time; a ticket without one has the defaults.
pub(super) fn settings(work: &mut Work<'_>, ticket: TicketId) -> Result<EntrySettings, DeskError> {
    work.touch(ticket)?;
    let loaded = work.with(ticket, |case| case.loaded.clone());
    Ok(loaded.map(|loaded| loaded.pack.time.clone()).unwrap_or_default())
}

/// What was said of the work, checked, rounded, its words stored.
pub(super) fn checked(
    work: &mut Work<'_>,
    settings: &EntrySettings,
    given: &SpentTime,
) -> Result<TimeSpent, DeskError> {
    check_age(work, "began_at", given.began_at)?;
    if !(1..=ENTRY_MINUTES_MAX).contains(&given.minutes) {
        let message = format!("must be from 1 to {ENTRY_MINUTES_MAX}; write longer work as several entries");
        return Err(Refusal::invalid("minutes", message).into());
    }
    let ends_at = given.began_at + Span::minutes(given.minutes);
    // A minute that has begun counts.
    if ends_at > work.tx.now() + Span::minutes(1) {
        let message = format!("the work would end at {ends_at}, which lies in the future");
        return Err(Refusal::invalid("minutes", message).into());
    }
    check_kind(settings, given.kind.as_ref())?;
    words::maybe_text("note", given.note.as_deref())?;
    Ok(TimeSpent {
        began_at: given.began_at,
        minutes: settings.rounded(given.minutes),
        kind: given.kind.clone(),
        note: work.text(given.note.as_deref())?,
    })
}

fn check_kind(settings: &EntrySettings, kind: Option<&Key>) -> Result<(), Refusal> {
    let Some(kind) = kind else { return Ok(()) };
    let known = || settings.kinds.iter().map(|kind| kind.key.as_str());
    if known().any(|key| *kind == *key) {
        return Ok(());
    }
    Err(Refusal::unknown_key("kind", "kind of work", kind, known()))
}

fn check_age(work: &Work<'_>, field: &str, began_at: Moment) -> Result<(), Refusal> {
    if began_at >= work.tx.now() + Span::days(-ENTRY_BACK_DAYS_MAX) {
        return Ok(());
    }
    let message = format!("began more than {ENTRY_BACK_DAYS_MAX} days ago: such time is settled");
    Err(Refusal::invalid(field, message))
}

/// Entries of the person that the new one overlaps, as warnings; the same one again is refused.
fn neighbours(
    work: &mut Work<'_>,
    ticket: TicketId,
    person: PersonId,
    spent: &TimeSpent,
    own: TimeEntryId,
) -> Result<Vec<Warning>, DeskError> {
    let ends_at = spent.began_at + Span::minutes(spent.minutes);
    let period = (spent.began_at + Span::minutes(-ENTRY_MINUTES_MAX), ends_at);
    let others = store::time_entry::of_person(&work.tx, person, period, NEIGHBOURS_MAX)?;
    let is_own = work.cause.actor == Actor::Person { person };
    let mut warnings = Vec::new();
    for other in others.iter().filter(|other| other.id != own && other.ends_at() > spent.began_at) {
        if other.ticket == ticket && TimeSpent::of(other).says_the_same(spent) {
            return Err(Refusal::TimeIsRecorded { from: other.began_at, minutes: other.minutes }.into());
        }
        if warnings.len() < WARNINGS_MAX {
            // Whose time it is knows the ticket; a supervisor of this client may not know another client's.
            let shown =
                store::ticket::get(&work.tx, other.ticket)?.filter(|_| is_own || other.ticket == ticket);
            let number = match shown {
                Some(shown) => Some(work.programs.number(&work.tx, shown.client, shown.number)?),
                None => None,
            };
            warnings.push(Warning::TimeOverlaps { number, from: other.began_at, to: other.ends_at() });
        }
    }
    Ok(warnings)
}
