//! Publishing for open tickets too: they are moved to the new version in turns of a few, each one command of the clock,
//! so that thousands of tickets never hold the writer. The cursor moves in the same transaction, so each ticket is dealt
//! with once. What a move changes and what keeps a ticket behind is said in `domain/version_move.rs`.

use std::sync::Arc;

use super::coverage;
use super::done::DeskError;
use super::programs::Loaded;
use super::record::record;
use super::work::{Cause, Work};
use crate::domain::event::Event;
use crate::domain::ticket::Ticket;
use crate::domain::version_move::{Obstacle, ObstacleKind, Reach, Standing, Version, VersionMove, obstacles};
use crate::domain::{ClientId, Key, MoveId, PackVersionId, Refusal, TicketId};
use crate::store::due::DueKind;
use crate::store::job::{Job, JobState};
use crate::store::{self, Db, StoreError};
use crate::workflow::Program;

/// Tickets that one turn deals with: each is counted anew from all its events.
const TICKETS_OF_TURN: usize = 20;
/// What the row of the durable clock is called.
const TURN: &str = "version_move";

/// What a turn did with a ticket.
enum Dealt {
    Moved,
    Stayed(Vec<Obstacle>),
    /// It goes by the version already.
    Passed,
}

/// Begins the move of a version that was just published, as far as it is to reach. One that goes on is left where it
/// is: the newer version is what counts.
pub(super) fn start(
    work: &mut Work<'_>,
    client: ClientId,
    to: PackVersionId,
    reach: Reach,
) -> Result<Option<MoveId>, DeskError> {
    if reach == Reach::NewTickets {
        return Ok(None);
    }
    let now = work.tx.now();
    if let Some(mut before) = store::version_move::running(&work.tx, client)? {
        (before.finished_at, before.is_replaced) = (Some(now), true);
        store::version_move::update(&work.tx, &before)?;
    }
    let own = VersionMove {
        id: work.tx.id(),
        client,
        to,
        actor: work.cause.actor.clone(),
        after: TicketId(0),
        total: store::version_move::count_others(&work.tx, client, to)?,
        moved: 0,
        stayed: 0,
        started_at: now,
        finished_at: None,
        is_replaced: false,
    };
    store::version_move::insert(&work.tx, &own)?;
    work.note_change(Some(client), "version_move");
    wait(work, client)?;
    Ok(Some(own.id))
}

/// Puts the next turn on the durable clock.
fn wait(work: &mut Work<'_>, client: ClientId) -> Result<(), DeskError> {
    let name = Key::new(TURN).expect("a key");
    store::due::put_of_client(&work.tx, client, DueKind::VersionMove, &name, work.tx.now())?;
    work.note_change(Some(client), "due");
    Ok(())
}

/// Plays one turn of the client's move.
pub(super) fn go_on(work: &mut Work<'_>, client: ClientId) -> Result<(), DeskError> {
    let Some(mut own) = store::version_move::running(&work.tx, client)? else { return Ok(()) };
    let tickets = store::ticket::open_of_client(&work.tx, client, own.after, TICKETS_OF_TURN)?;
    let is_over = tickets.len() < TICKETS_OF_TURN;
    let to = work.programs.pack(&work.tx, own.to)?.ok_or(Refusal::NothingPublished)?;
    let program = work.programs.program(&work.tx, own.to)?;
    let cause = Cause { actor: own.actor.clone(), run: None, handler: None, depth: 0 };
    let outside = std::mem::replace(&mut work.cause, cause);
    for ticket in tickets {
        own.after = ticket.id;
        match deal_with(work, ticket, own.to, &to, program.as_deref())? {
            Dealt::Moved => own.moved += 1,
            Dealt::Stayed(why) => {
                own.stayed += 1;
                store::version_move::note_stay(&work.tx, own.id, own.after, &why)?;
            }
            Dealt::Passed => {}
        }
    }
    work.cause = outside;
    if is_over {
        own.finished_at = Some(work.tx.now());
    }
    store::version_move::update(&work.tx, &own)?;
    work.note_change(Some(client), "version_move");
    if is_over { Ok(()) } else { wait(work, client) }
}

fn deal_with(
    work: &mut Work<'_>,
    ticket: Ticket,
    version: PackVersionId,
    to: &Arc<Loaded>,
    program: Option<&Program>,
) -> Result<Dealt, DeskError> {
    if ticket.pack_version == Some(version) {
        return Ok(Dealt::Passed);
    }
    let found = obstacles_on(work, &ticket, to, program)?;
    if !found.is_empty() {
        return Ok(Dealt::Stayed(found));
    }
    let id = ticket.id;
    let moved = work.part(|work| {
        let waiting = work.waiting.len();
        record(work, id, Event::PackVersionMoved { to: Some(version) })?;
        coverage::recheck(work, id)?;
        // The script is not asked about what nobody did.
        work.waiting.truncate(waiting);
        Ok(())
    })?;
    Ok(match moved {
        Ok(()) => Dealt::Moved,
        Err(refusal) => Dealt::Stayed(vec![Obstacle::new(ObstacleKind::Refused, refusal.to_string())]),
    })
}

/// What keeps the ticket on the version that it has.
pub(super) fn obstacles_on(
    work: &mut Work<'_>,
    ticket: &Ticket,
    to: &Loaded,
    program: Option<&Program>,
) -> Result<Vec<Obstacle>, DeskError> {
    let from = ticket.pack_version.map_or(Ok(None), |own| work.programs.pack(&work.tx, own))?;
    let standing = standing(&work.tx, ticket.id)?;
    let has_function = |name: &str| program.is_some_and(|program| program.has_function(name));
    let version_to = Version { pack: &to.pack, has_function: &has_function };
    Ok(obstacles(ticket, &standing, from.as_ref().map(|from| &*from.pack), version_to))
}

/// What stands on the ticket beside itself.
pub(super) fn standing(db: &Db, id: TicketId) -> Result<Standing, StoreError> {
    let ladders = store::ladder::of_ticket(db, id)?;
    let timers = store::due::of_ticket(db, id)?.into_iter().filter(|due| due.kind == DueKind::Timer);
    let tasks = store::task::of_ticket(db, id)?.into_iter().filter(|task| task.is_open());
    let mut departments: Vec<Key> = tasks.map(|task| task.department).collect();
    departments.sort_unstable();
    departments.dedup();
    Ok(Standing {
        ladders: ladders
            .into_iter()
            .map(|one| (one.ladder, usize::try_from(one.next_rung - 1).unwrap_or(0)))
            .collect(),
        timers: timers.map(|due| due.name).collect(),
        departments,
        answers: answers(db, id)?,
    })
}

/// Functions that calls of plugins name for their answers; a call that was given up may be replayed.
fn answers(db: &Db, id: TicketId) -> Result<Vec<Key>, StoreError> {
    let jobs = store::job::of_ticket(db, id)?.into_iter();
    let may_answer = |job: &Job| matches!(job.state, JobState::Waiting | JobState::Leased | JobState::Dead);
    let named = jobs.filter(may_answer).filter_map(|job| Key::new(job.body["then"].as_str()?).ok());
    let mut named: Vec<Key> = named.collect();
    named.sort_unstable();
    named.dedup();
    Ok(named)
}
