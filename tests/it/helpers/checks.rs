//! What must hold of every desk when its test is over.

use std::collections::BTreeMap;

use naryad::domain::event::Event;
use naryad::domain::ladder::Ladder;
use naryad::domain::ledger::{self, Entry, Policy};
use naryad::domain::pack::Pack;
use naryad::domain::ticket::Ticket;
use naryad::domain::{Key, Moment, TicketId};
use naryad::store::due::DueKind;
use naryad::store::event::Recorded;
use naryad::store::{self, Db, StoreError};

use super::TestDesk;

pub fn nothing_is_broken(desk: &TestDesk) {
    desk.read(|db| {
        the_file_is_whole(db);
        every_ticket_follows_from_its_events(db)?;
        if !desk.jobs_may_stay {
            let stay: i64 = db.connection().query_row(
                "select count(*) from job where state in ('waiting', 'leased', 'dead')",
                [],
                |row| row.get(0),
            )?;
            assert_eq!(stay, 0, "jobs are left undone or dead");
        }
        Ok(())
    });
}

pub fn the_file_is_whole(db: &Db) {
    let integrity: String =
        db.connection().query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    let mut statement = db.connection().prepare("pragma foreign_key_check").unwrap();
    assert!(!statement.exists([]).unwrap(), "a foreign key points nowhere");
}

pub fn every_ticket_follows_from_its_events(db: &Db) -> Result<(), StoreError> {
    let mut last = TicketId(0);
    loop {
        let ids = store::ticket::ids_after(db, last, 500)?;
        let Some(newest) = ids.last() else { return Ok(()) };
        last = *newest;
        for id in ids {
            let events = store::event::of_ticket(db, id)?;
            let story: Vec<(&_, Moment)> = events.iter().map(|one| (&one.event, one.occurred_at)).collect();
            assert_eq!(
                Ticket::rebuild(id, story),
                store::ticket::get(db, id)?,
                "ticket {id} and its events differ"
            );
            its_clocks_follow_from_its_events(db, id, &events)?;
            it_waits_for_acceptance_as_it_says(db, id)?;
            its_ladders_follow_from_its_events(db, id, &events)?;
            its_rating_waits_as_it_says(db, id)?;
        }
    }
}

/// Who must accept the ticket is told by its row, and the clock rings for it no later than that.
pub fn it_waits_for_acceptance_as_it_says(db: &Db, id: TicketId) -> Result<(), StoreError> {
    let ticket = store::ticket::get(db, id)?.unwrap();
    let rings = store::due::of_ticket(db, id)?.into_iter().find(|due| due.kind == DueKind::Acceptance);
    match (ticket.accept_until, rings) {
        (None, None) => {}
        (Some(until), Some(due)) => {
            assert!(due.run_at <= until, "ticket {id} rings after its deadline");
            assert!(
                ticket.assignee.is_some() && ticket.resolved_at.is_none(),
                "ticket {id} waits for nobody"
            );
        }
        (until, due) => panic!("ticket {id} must be accepted until {until:?}, its due row is {due:?}"),
    }
    Ok(())
}

/// A question that is to be put, and an answer that can still be changed, each have their row of the clock.
pub fn its_rating_waits_as_it_says(db: &Db, id: TicketId) -> Result<(), StoreError> {
    let last = store::rating::last(db, id)?;
    let due = store::due::of_ticket(db, id)?;
    let rings = |name: &str| due.iter().any(|due| due.kind == DueKind::Rating && due.name == *name);
    let is_planned = last.as_ref().is_some_and(|last| last.asked_at.is_none());
    let rated = store::rating::last_rated(db, id)?;
    let is_changeable = rated.as_ref().is_some_and(|rated| rated.settled_at.is_none());
    assert!(!is_planned || rings("ask"), "ticket {id} is to be asked about and the clock does not know");
    assert_eq!(rings("settle"), is_changeable, "ticket {id} was rated: {rated:?}");
    Ok(())
}

/// Each ladder that its events leave standing has its row, and a row of the clock for its next rung; nothing else has.
fn its_ladders_follow_from_its_events(db: &Db, id: TicketId, events: &[Recorded]) -> Result<(), StoreError> {
    let mut derived: BTreeMap<Key, (Ladder, i64)> = BTreeMap::new();
    for recorded in events {
        match &recorded.event {
            Event::LadderStarted(ladder) => {
                drop(derived.insert(ladder.name.clone(), ((**ladder).clone(), 1)))
            }
            Event::RungReached { name, rung, .. } => {
                let (ladder, next) = derived.get_mut(name).expect("a rung of a ladder that stands");
                *next = rung + 1;
                if *next as usize > ladder.rungs.len() {
                    derived.remove(name);
                }
            }
            Event::LadderStopped { name, .. } => {
                assert!(
                    derived.remove(name).is_some(),
                    "`{name}` of ticket {id} was stopped but did not stand"
                );
            }
            _ => {}
        }
    }
    let standing = store::ladder::of_ticket(db, id)?;
    let rows: BTreeMap<Key, (Ladder, i64)> =
        standing.into_iter().map(|one| (one.ladder.name.clone(), (one.ladder, one.next_rung))).collect();
    assert_eq!(rows, derived, "ladders of ticket {id} and its events differ");
    let rings = store::due::of_ticket(db, id)?.into_iter().filter(|due| due.kind == DueKind::Ladder);
    let rings: BTreeMap<Key, Moment> = rings.map(|due| (due.name, due.run_at)).collect();
    let next = |(name, (ladder, next)): (&Key, &(Ladder, i64))| {
        (name.clone(), ladder.rungs[usize::try_from(next - 1).unwrap()].at)
    };
    assert_eq!(rings, rows.iter().map(next).collect(), "ladders of ticket {id} ring at other times");
    Ok(())
}

/// The rows that the desk turned event by event are what all events together say.
fn its_clocks_follow_from_its_events(db: &Db, id: TicketId, events: &[Recorded]) -> Result<(), StoreError> {
    let ticket = store::ticket::get(db, id)?.unwrap();
    let Some(version) = ticket.pack_version else { return Ok(()) };
    let version = store::pack::get(db, version)?.unwrap();
    let lists = store::holiday_list::of_version(db, &version.holidays)?;
    let (pack, calendars) = Pack::parse_with(&version.settings, &lists).unwrap();
    let policy = Policy { pack: &pack, calendars: &calendars };
    let entries: Vec<Entry<'_>> = events.iter().map(Recorded::entry).collect();
    let derived = ledger::clocks(id, &entries, policy);
    assert_eq!(store::sla_clock::of_ticket(db, id)?, derived, "clocks of ticket {id} and its events differ");
    let calendar = calendars.of(&ticket.terms);
    let due = derived.iter().filter_map(|clock| clock.due_at(&calendar)).min();
    let row = store::ticket_list::get(db, id)?.unwrap();
    assert_eq!(row.due_at, due, "the row of ticket {id} is due at another time than its clocks");
    Ok(())
}
