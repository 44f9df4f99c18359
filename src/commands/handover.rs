//! `HandOver`, and the end of a shift: the open tickets of who leaves go where the client's rule says, each with a
//! summary.

use super::acceptance;
use super::apply::about;
use super::assign;
use super::done::{DeskError, Done, HandedOver, HandoverOutcome};
use super::record::record;
use super::words;
use super::work::Work;
use crate::domain::assignment::MemberWanted;
use crate::domain::command::{HandOver, HandOverTicket};
use crate::domain::event::{AttemptKind, Collected, Event, Speaker, Visibility};
use crate::domain::handover::{HandoverCause, HandoverRule, REPLY_CHARS_MAX, Summary, goes_on};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::roster::Duty;
use crate::domain::task::Task;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, Moment, PersonId, Refusal, Span, TextId, TicketId};
use crate::store;
use crate::store::due::{Due, DueKind};
use crate::workflow::Occasion;

/// Most tickets that one person hands over at once.
const TICKETS_MAX: usize = 500;
/// Of the shifts that ended while the desk was down, those that are looked at.
const SHIFTS_MAX: usize = 500;
/// What the due row of one ticket's handover is called.
const NAME: &str = "handover";

/// Sets the clock to the next end of a shift of the person, after their roster changed. `ended`: a shift that was cut
/// short to a moment that has passed.
pub(super) fn follow_roster(
    work: &mut Work<'_>,
    person: PersonId,
    ended: Option<Moment>,
) -> Result<(), DeskError> {
    let now = work.tx.now();
    let standing = store::due::shift_end(&work.tx, person)?;
    // An end that has come is played first; it sets the next one.
    if standing.is_some_and(|at| at <= now) {
        return Ok(());
    }
    let next = store::roster::next_end(&work.tx, person, now)?;
    let run_at = [ended, next].into_iter().flatten().min();
    if run_at != standing {
        store::due::set_shift_end(&work.tx, person, run_at)?;
        work.note_change(None, "due");
    }
    Ok(())
}

/// A shift has ended: each ticket that goes gets a due row of its own, so that one that fails holds up no other.
pub(super) fn shift_ended(work: &mut Work<'_>, due: &Due) -> Result<Done, DeskError> {
    let Some(person) = due.person else { return Ok(Done::default()) };
    let now = work.tx.now();
    let (from, to) = (due.run_at + Span::from_ms(-1), now + Span::from_ms(1));
    let shifts = store::roster::shifts_of(&work.tx, person, from, to, SHIFTS_MAX)?;
    let ended: Vec<_> = shifts.iter().filter(|shift| shift.to >= due.run_at && shift.to <= now).collect();
    for id in store::ticket::carried_by(&work.tx, person, TICKETS_MAX)? {
        let ticket = work.ticket(id)?;
        let duty = Duty { client: ticket.client, queue: ticket.queue.as_ref() };
        let has_left =
            ended.iter().any(|shift| shift.counts_for(duty) && !goes_on(shift, &shifts, duty, now));
        if has_left
            && (script_decides(work, id, person)?
                || rule(work, &ticket, HandoverCause::ShiftEnd)? != HandoverRule::Keep)
        {
            let row = Due {
                id: work.tx.id(),
                client: ticket.client,
                ticket: Some(id),
                person: Some(person),
                kind: DueKind::Handover,
                name: Key::new(NAME).expect("a key"),
                percent: 0,
                overdue_minutes: 0,
                run_at: now,
            };
            store::due::put(&work.tx, &row)?;
        }
    }
    follow_roster(work, person, None)?;
    work.note_change(None, "due");
    Ok(Done::default())
}

/// One ticket of somebody whose shift has ended.
pub(super) fn play(work: &mut Work<'_>, due: &Due) -> Result<Done, DeskError> {
    let (Some(id), Some(person)) = (due.ticket, due.person) else { return Ok(Done::default()) };
    let ticket = work.ticket(id)?;
    // In the meantime it ended, or somebody else has it.
    if ticket.assignee != Some(person) || ticket.is_closed() || ticket.resolved_at.is_some() {
        return Ok(Done::default());
    }
    let summary = tell(work, &ticket, person, HandoverCause::ShiftEnd, None)?;
    if !script_decides(work, id, person)? {
        let rule = rule(work, &ticket, HandoverCause::ShiftEnd)?;
        give(work, &ticket, person, rule, summary)?;
    }
    Ok(about(id, None))
}

pub(super) fn by_hand(work: &mut Work<'_>, given: HandOver) -> Result<Done, DeskError> {
    if given.tickets.is_empty() || given.tickets.len() > TICKETS_MAX {
        let message = format!("name 1 to {TICKETS_MAX} tickets");
        return Err(Refusal::invalid("tickets", message).into());
    }
    let person = match (given.person, &work.cause.actor) {
        (Some(person), _) => person,
        (None, Actor::Person { person }) => *person,
        (None, _) => return Err(Refusal::invalid("person", "say whose tickets these are").into()),
    };
    let mut handed_over = Vec::with_capacity(given.tickets.len());
    for given in given.tickets {
        let ticket = given.ticket;
        // Each is given with the load as the one before it left it.
        let became = match work.part(|work| hand_over(work, person, given))? {
            Ok(()) => whereabouts(work, ticket, person)?,
            Err(refusal) => HandoverOutcome::Refused { error: refusal.into() },
        };
        handed_over.push(HandedOver { ticket, number: seen_number(work, ticket)?, became });
    }
    Ok(Done { handed_over, ..Done::default() })
}

fn hand_over(work: &mut Work<'_>, person: PersonId, given: HandOverTicket) -> Result<(), DeskError> {
    let HandOverTicket { ticket, note } = given;
    let ticket = work.open_ticket_for(ticket, Step::Assign, None)?;
    if work.cause.actor != (Actor::Person { person }) {
        work.require(Step::Supervise, &ticket)?;
    }
    if ticket.assignee != Some(person) {
        let number = work.programs.number(&work.tx, ticket.client, ticket.number)?;
        let message = format!("{number} is not with this person any more; read the list again");
        return Err(Refusal::invalid("ticket", message).into());
    }
    words::maybe_text("note", note.as_deref())?;
    let note = work.text(note.as_deref())?;
    let summary = tell(work, &ticket, person, HandoverCause::ByHand, note)?;
    let rule = rule(work, &ticket, HandoverCause::ByHand)?;
    give(work, &ticket, person, rule, note.unwrap_or(summary))
}

/// Where the ticket is now, after the client's script has had its word too.
fn whereabouts(
    work: &mut Work<'_>,
    ticket: TicketId,
    leaver: PersonId,
) -> Result<HandoverOutcome, DeskError> {
    let ticket = work.ticket(ticket)?;
    Ok(match ticket.assignee {
        Some(person) if person == leaver => HandoverOutcome::Kept,
        Some(person) => HandoverOutcome::Person { person, name: name(work, person)? },
        None => HandoverOutcome::Queue { queue: ticket.queue.clone() },
    })
}

/// As people call the ticket, for who may see it.
fn seen_number(work: &mut Work<'_>, ticket: TicketId) -> Result<Option<String>, DeskError> {
    match work.ticket_for(ticket, Step::SeeTicket, None) {
        Ok(ticket) => Ok(Some(work.programs.number(&work.tx, ticket.client, ticket.number)?)),
        Err(DeskError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn rule(work: &mut Work<'_>, ticket: &Ticket, cause: HandoverCause) -> Result<HandoverRule, DeskError> {
    work.touch(ticket.id)?;
    let loaded = work.with(ticket.id, |case| case.loaded.clone());
    Ok(loaded.map_or(HandoverRule::Keep, |loaded| loaded.pack.handover.rule(cause, ticket)))
}

/// Whether the client's script says itself where the ticket goes.
fn script_decides(work: &mut Work<'_>, ticket: TicketId, person: PersonId) -> Result<bool, DeskError> {
    work.touch(ticket)?;
    let Some(version) = work.with(ticket, |case| case.ticket.pack_version) else { return Ok(false) };
    let program = work.programs.program(&work.tx, version)?;
    Ok(program.is_some_and(|program| program.has_handler(&Occasion::ShiftEnded { person })))
}

/// Records the summary; it wakes the script's handler, if it is the end of a shift.
fn tell(
    work: &mut Work<'_>,
    ticket: &Ticket,
    person: PersonId,
    cause: HandoverCause,
    note: Option<TextId>,
) -> Result<TextId, DeskError> {
    let summary = summary(work, ticket, person)?;
    let stored = store::text::put(&work.tx, &summary)?;
    store::search::add(&work.tx, ticket.id, stored, &summary);
    record(work, ticket.id, Event::HandedOver { person, cause, summary: stored, note })?;
    Ok(stored)
}

fn give(
    work: &mut Work<'_>,
    ticket: &Ticket,
    leaver: PersonId,
    rule: HandoverRule,
    reason: TextId,
) -> Result<(), DeskError> {
    if rule == HandoverRule::Keep {
        return Ok(());
    }
    let pack = work.pack_of(ticket.id)?;
    let own = pack.handover.queue.clone().or_else(|| ticket.queue.clone());
    let Some(queue) = own.or_else(|| pack.default_queue().map(|queue| queue.key.clone())) else {
        return Ok(());
    };
    let mut is_alarm = false;
    if rule == HandoverRule::NextOnShift {
        let exclude = vec![leaver];
        let wanted = MemberWanted { only_on_shift: true, exclude, ..MemberWanted::of(queue.clone()) };
        let choice = assign::choose(work, ticket, wanted)?;
        let rejections = choice.rejections;
        if let Some(person) = choice.chosen {
            let reason = Some(reason);
            let (collected, accept_until) = (Collected::default(), acceptance::until(work, ticket, person)?);
            return record(
                work,
                ticket.id,
                Event::TicketAssigned { person, reason, rejections, collected, accept_until },
            );
        }
        record(work, ticket.id, Event::AssignmentFailed { attempt: AttemptKind::Assignment, rejections })?;
        // The rule itself says what follows: the script is not asked once more.
        work.waiting
            .retain(|wake| wake.ticket != ticket.id || !matches!(wake.occasion, Occasion::Unassigned { .. }));
        is_alarm = true;
    }
    let (from, to, reason) = (ticket.queue.clone(), queue, Some(reason));
    if from.as_ref() != Some(&to) || is_alarm {
        record(
            work,
            ticket.id,
            Event::TicketQueued { from, to, reason, is_alarm, collected: Collected::default() },
        )?;
    }
    record(work, ticket.id, Event::TicketUnassigned { person: leaver, reason })
}

fn summary(work: &mut Work<'_>, ticket: &Ticket, person: PersonId) -> Result<String, DeskError> {
    let pack = work.pack_of(ticket.id)?;
    let status = pack.status(&ticket.status);
    let in_language =
        |label: &crate::domain::Label, key: &str| label.in_language(pack.language).unwrap_or(key).to_owned();
    let mut summary = Summary {
        person: name(work, person)?,
        status: status.map_or_else(|| ticket.status.to_string(), |own| in_language(&own.label, &own.key)),
        status_since: Some(ticket.opened_at),
        waits_for: status.and_then(|own| own.waits_for).map(|_| ticket.status.to_string()),
        ..Summary::default()
    };
    summary.waits_for = summary.waits_for.map(|_| summary.status.clone());
    for recorded in store::event::of_ticket(&work.tx, ticket.id)? {
        match recorded.event {
            Event::StatusChanged { .. } => summary.status_since = Some(recorded.occurred_at),
            Event::CommentAdded { text, visibility: Visibility::Public, speaker: Speaker::Desk, .. } => {
                let words = store::text::get(&work.tx, text)?.unwrap_or_default();
                let words = words.chars().take(REPLY_CHARS_MAX).collect();
                summary.reply = Some((recorded.occurred_at, words));
            }
            _ => {}
        }
    }
    let calendar = work.with(ticket.id, |case| super::clocks::calendar(case));
    for clock in super::clocks::clocks(work, ticket.id)? {
        let due = calendar.as_ref().filter(|_| clock.met_at.is_none());
        if let Some(due_at) = due.and_then(|calendar| clock.due_at(calendar)) {
            summary.targets.push((clock.target.to_string(), due_at));
        }
    }
    for task in store::task::of_ticket(&work.tx, ticket.id)?.into_iter().filter(Task::is_open) {
        let title = store::text::get(&work.tx, task.title)?.unwrap_or_default();
        let department = pack.queue(&task.department);
        let department =
            department.map_or_else(|| task.department.to_string(), |own| in_language(&own.label, &own.key));
        summary.tasks.push((department, title, task.due_at));
    }
    for order in store::work_order::of_ticket(&work.tx, ticket.id)? {
        if order.stage.is_open() {
            summary.orders.push((name(work, order.engineer)?, order.stage.as_str().to_owned()));
        }
    }
    Ok(summary.text(pack.language, &pack.calendar.time_zone))
}

fn name(work: &Work<'_>, person: PersonId) -> Result<String, DeskError> {
    Ok(store::person::get(&work.tx, person)?.map(|person| person.name).unwrap_or_default())
}
