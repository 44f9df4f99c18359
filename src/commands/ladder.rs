//! Ladders and expectations: started by scripts, stopped by what comes, climbed by the durable clock.

use std::rc::Rc;

use super::acceptance::is_act;
use super::apply::about;
use super::done::{DeskError, Done};
use super::due::TIMER_AHEAD_MAX;
use super::record::record;
use super::work::Work;
use crate::domain::command::StartLadder;
use crate::domain::event::Event;
use crate::domain::ladder::{
    About, DEPTH_MAX, LADDERS_MAX, Ladder, LadderStop, Milestone, RUNGS_MAX, Rung, TASK_TAKEN, Until,
    expected_of_orders, order_stop, report_stands_already, stands_already, task_stop,
};
use crate::domain::pack::Pack;
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::task::OUTCOME_DONE;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, Refusal, TicketId};
use crate::store;
use crate::store::due::{Due, DueKind};
use crate::store::ladder::Standing;

pub(super) fn start(work: &mut Work<'_>, start: StartLadder) -> Result<Done, DeskError> {
    let StartLadder { ticket: id, name, about: subject, until, rungs } = start;
    let ticket = work.open_ticket_for(id, Step::WorkOnTicket, None)?;
    check_rungs(work, &ticket, &rungs)?;
    let pack = work.pack_of(id)?;
    let Some(place) = place_of(work, &ticket, &pack, subject, &until)? else { return Ok(about(id, None)) };
    let name = match (name, &until) {
        (Some(name), _) => name,
        (None, Until::Stage { stage }) => named(&place, stage)?,
        (None, Until::Signal { .. }) => return Err(Refusal::invalid("name", "name the ladder").into()),
    };
    let standing = standing(work, id)?;
    let others = standing.iter().filter(|one| one.ladder.name != name).count();
    if others >= LADDERS_MAX {
        let field = "ladders".to_owned();
        return Err(Refusal::TooMany { field, count: others + 1, count_max: LADDERS_MAX }.into());
    }
    let is_due_at_once = rungs.first().is_some_and(|rung| rung.at <= work.tx.now());
    let depth = if is_due_at_once { work.cause.depth } else { 0 };
    if depth > DEPTH_MAX {
        let message = format!(
            "`{name}` goes in a circle: {DEPTH_MAX} rungs in a row have each begun the next at once; give it time"
        );
        return Err(Refusal::invalid("rungs", message).into());
    }
    record(work, id, Event::LadderStarted(Box::new(Ladder { name, about: subject, until, rungs, depth })))?;
    Ok(about(id, None))
}

pub(super) fn stop(
    work: &mut Work<'_>,
    id: TicketId,
    name: Key,
    signal: Option<Key>,
) -> Result<Done, DeskError> {
    work.ticket_for(id, Step::WorkOnTicket, None)?;
    let standing = standing(work, id)?;
    let Some(found) = standing.iter().find(|one| one.ladder.name == name) else { return Ok(about(id, None)) };
    let why = match (signal, &found.ladder.until) {
        (None, _) => LadderStop::Script,
        (Some(signal), Until::Signal { signals }) if signals.contains(&signal) => {
            LadderStop::Signal { signal }
        }
        (Some(_), _) => return Ok(about(id, None)),
    };
    record(work, id, Event::LadderStopped { name, why })?;
    Ok(about(id, None))
}

/// Its next rung's moment has come.
pub(super) fn play(work: &mut Work<'_>, id: TicketId, name: Key) -> Result<(), DeskError> {
    let standing = standing(work, id)?;
    let Some(found) = standing.iter().find(|one| one.ladder.name == name) else { return Ok(()) };
    let at = usize::try_from(found.next_rung - 1).unwrap_or(usize::MAX);
    let Some(Rung { function, .. }) = found.ladder.rungs.get(at).cloned() else { return Ok(()) };
    let (rung, about, depth) = (found.next_rung, found.ladder.about, found.ladder.depth);
    record(work, id, Event::RungReached { name, rung, function, about, depth })
}

/// Stops what an event ends.
pub(super) fn follow(work: &mut Work<'_>, id: TicketId, event: &Event) -> Result<(), DeskError> {
    if matches!(event, Event::LadderStarted(_) | Event::RungReached { .. } | Event::LadderStopped { .. }) {
        return Ok(());
    }
    let standing = standing(work, id)?;
    if standing.is_empty() {
        return Ok(());
    }
    let assignee = work.with(id, |case| case.ticket.assignee);
    let is_theirs = assignee.is_some_and(|person| work.cause.actor == Actor::Person { person });
    let by_assignee = is_theirs && (is_act(event) || matches!(event, Event::TicketAssigned { .. }));
    for Standing { ladder, .. } in standing.iter() {
        if let Some(why) = ladder.stopped_by(event, by_assignee) {
            record(work, id, Event::LadderStopped { name: ladder.name.clone(), why })?;
        }
    }
    Ok(())
}

/// Whether the ticket's assignee is expected to say that they have it.
pub(super) fn is_acceptance_expected(work: &mut Work<'_>, id: TicketId) -> Result<bool, DeskError> {
    let is_so = |one: &Standing| {
        one.ladder.about == About::Ticket
            && matches!(&one.ladder.until, Until::Stage { stage } if *stage == *Milestone::Accepted.as_str())
    };
    Ok(standing(work, id)?.iter().any(is_so))
}

/// Writes the rows of a ladder that was started, climbed or stopped.
pub(super) fn write_rows(work: &mut Work<'_>, id: TicketId, event: &Event) -> Result<(), DeskError> {
    let (name, next) = match event {
        Event::LadderStarted(ladder) => {
            let started_at = work.occurred_at;
            (&ladder.name, Some(Standing { ladder: (**ladder).clone(), next_rung: 1, started_at }))
        }
        Event::RungReached { name, rung, .. } => {
            let standing = standing(work, id)?;
            let found = standing.iter().find(|one| one.ladder.name == *name).cloned();
            let next = found.map(|found| Standing { next_rung: rung + 1, ..found });
            (name, next.filter(|next| next.next_rung as usize <= next.ladder.rungs.len()))
        }
        Event::LadderStopped { name, .. } => (name, None),
        _ => return Ok(()),
    };
    match &next {
        Some(standing) => {
            store::ladder::put(&work.tx, id, standing)?;
            put_due(work, id, standing)?;
        }
        None => {
            store::ladder::remove(&work.tx, id, name)?;
            store::due::remove(&work.tx, id, DueKind::Ladder, name)?;
        }
    }
    work.with(id, |case| case.ladders = None);
    Ok(())
}

fn put_due(work: &mut Work<'_>, id: TicketId, standing: &Standing) -> Result<(), DeskError> {
    let at = usize::try_from(standing.next_rung - 1).unwrap_or(usize::MAX);
    let Some(rung) = standing.ladder.rungs.get(at) else { return Ok(()) };
    let client = work.with(id, |case| case.ticket.client);
    let due = Due {
        id: work.tx.id(),
        client,
        ticket: Some(id),
        person: None,
        kind: DueKind::Ladder,
        name: standing.ladder.name.clone(),
        percent: 0,
        overdue_minutes: 0,
        run_at: rung.at,
    };
    store::due::put(&work.tx, &due)?;
    work.note_change(Some(client), "due");
    Ok(())
}

/// The ladders of the ticket, read once in a command.
fn standing(work: &mut Work<'_>, id: TicketId) -> Result<Rc<[Standing]>, DeskError> {
    work.touch(id)?;
    if let Some(known) = work.with(id, |case| case.ladders.clone()) {
        return Ok(known);
    }
    let found: Rc<[Standing]> = store::ladder::of_ticket(&work.tx, id)?.into();
    work.with(id, |case| case.ladders = Some(Rc::clone(&found)));
    Ok(found)
}

fn check_rungs(work: &mut Work<'_>, ticket: &Ticket, rungs: &[Rung]) -> Result<(), DeskError> {
    let invalid = |message: String| DeskError::from(Refusal::invalid("rungs", message));
    if rungs.is_empty() {
        return Err(invalid("say what is to be done: `.otherwise(…)` or `.rung(…)`".to_owned()));
    }
    if rungs.len() > RUNGS_MAX {
        let (field, count) = ("rungs".to_owned(), rungs.len());
        return Err(Refusal::TooMany { field, count, count_max: RUNGS_MAX }.into());
    }
    if let Some(pair) = rungs.windows(2).find(|pair| pair[1].at < pair[0].at) {
        return Err(invalid(format!("`{}` comes before `{}`", pair[1].function, pair[0].function)));
    }
    if rungs.iter().any(|rung| rung.at > work.tx.now() + TIMER_AHEAD_MAX) {
        return Err(invalid("lie more than 1,000 days ahead".to_owned()));
    }
    let program = match ticket.pack_version {
        Some(version) => work.programs.program(&work.tx, version)?,
        None => None,
    };
    let has = |name: &str| program.as_ref().is_some_and(|program| program.has_function(name));
    match rungs.iter().find(|rung| !has(&rung.function)) {
        Some(rung) => Err(invalid(format!("the script has no function `{}`", rung.function))),
        None => Ok(()),
    }
}

/// How a name made from what is expected begins; nothing where it has come already, or can come no more.
fn place_of(
    work: &Work<'_>,
    ticket: &Ticket,
    pack: &Pack,
    subject: About,
    until: &Until,
) -> Result<Option<String>, DeskError> {
    let stage = match until {
        Until::Stage { stage } => Some(stage),
        Until::Signal { .. } => None,
    };
    let unknown = |known: Vec<&str>| {
        let shown = stage.map_or("", |stage| stage);
        Refusal::invalid("stage", format!("`{shown}` cannot be expected; known: {}", known.join(", ")))
    };
    Ok(match subject {
        About::Ticket => {
            let known = expectable(pack);
            match stage {
                Some(stage) if !known.contains(&stage.as_str()) => return Err(unknown(known).into()),
                Some(stage) if stands_already(stage, ticket) => None,
                _ => Some("ticket".to_owned()),
            }
        }
        About::Order { order } => {
            let found = store::work_order::get(&work.tx, order)?.filter(|found| found.ticket == ticket.id);
            let found = found.ok_or_else(|| Refusal::not_found("work order", order))?;
            match stage {
                Some(stage) if !expected_of_orders().any(|one| *stage == *one) => {
                    return Err(unknown(expected_of_orders().collect()).into());
                }
                Some(stage) if order_stop(stage, found.stage).is_some() => None,
                Some(stage) if report_stands_already(stage, found.report.state) => None,
                _ => Some(format!("order_{}", found.ordinal)),
            }
        }
        About::Task { task } => {
            let found = store::task::get(&work.tx, task)?.filter(|found| found.ticket == ticket.id);
            let found = found.ok_or_else(|| Refusal::not_found("task", task))?;
            let is_taken = found.taken_by.is_some();
            match stage {
                Some(stage) if ![TASK_TAKEN, OUTCOME_DONE].contains(&stage.as_str()) => {
                    return Err(unknown(vec![TASK_TAKEN, OUTCOME_DONE]).into());
                }
                Some(stage) if *stage == *TASK_TAKEN && is_taken => None,
                Some(stage) if task_stop(stage, found.state).is_some() => None,
                _ => Some(format!("task_{}", found.ordinal)),
            }
        }
    })
}

/// What can be expected of a ticket of the pack: milestones and statuses.
fn expectable(pack: &Pack) -> Vec<&str> {
    let milestones = Milestone::ALL.iter().map(|one| one.as_str());
    milestones.chain(pack.statuses.iter().map(|one| one.key.as_str())).collect()
}

fn named(place: &str, stage: &Key) -> Result<Key, Refusal> {
    Key::new(&format!("{place}_{stage}")).map_err(|error| Refusal::invalid("stage", error.to_string()))
}
