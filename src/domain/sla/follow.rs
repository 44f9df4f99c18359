//! How one event moves the clocks of a ticket. What the ledger derives from all events must come out the same.

use super::{NEXT_RESPONSE, RESOLUTION, SlaClock, is_answered};
use crate::domain::calendar::Calendar;
use crate::domain::event::{Event, Speaker, Visibility};
use crate::domain::pack::{Pack, Phase, Status};
use crate::domain::ticket::{Channel, Ticket};
use crate::domain::{Key, Moment, Span};

/// One event, and the ticket around it.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'t> {
    pub event: &'t Event,
    /// When it happened.
    pub at: Moment,
    /// As the event left it.
    pub ticket: &'t Ticket,
    pub pack: &'t Pack,
    /// The ticket's calendar before the event.
    pub before: &'t Calendar,
}

/// What became of the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    Clocks(Vec<SlaClock>),
    /// Other targets count now, from the opening on: only all events together tell how far they are.
    Derive,
}

/// Whether the event may change which row of targets counts.
#[must_use]
pub fn moves_terms(event: &Event) -> bool {
    matches!(
        event,
        Event::PriorityChanged { .. }
            | Event::CategoryChanged { .. }
            | Event::SiteChanged { .. }
            | Event::TermsChanged { .. }
    )
}

/// Whether something was noted meanwhile that happened after the event: an alarm of then may have been none.
#[must_use]
pub fn is_late(event: &Event, at: Moment, ticket: &Ticket) -> bool {
    event.turns_time() && at < ticket.updated_at
}

/// Whether the clock of `target` counts open time while the ticket is in its status.
#[must_use]
pub fn counts(pack: &Pack, target: &Key, ticket: &Ticket) -> bool {
    let status = pack.status(&ticket.status);
    let runs = status.map_or(ticket.resolved_at.is_none(), Status::runs);
    match pack.stage(target) {
        Some(stage) if !stage.statuses.is_empty() => stage.statuses.contains(&ticket.status),
        Some(stage) => runs && status.is_some_and(|status| Some(status.phase) == stage.phase),
        None => runs,
    }
}

impl Status {
    /// Whether the ticket's time counts in this status.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.waits_for.is_none() && matches!(self.phase, Phase::New | Phase::Open)
    }
}

/// Lets the clocks follow one event. They must be in the order of their targets.
#[must_use]
pub fn follow(clocks: &[SlaClock], turn: Turn<'_>) -> Followed {
    let at = turn.ticket.turned_at;
    if turn.ticket.channel == Channel::Import {
        return Followed::Clocks(Vec::new());
    }
    let mut after = clocks.to_vec();
    if matches!(turn.event, Event::TicketOpened(_)) {
        after = started(turn, at);
    }
    if matches!(turn.event, Event::PackVersionMoved { .. }) {
        return Followed::Derive;
    }
    if moves_terms(turn.event) && !retarget(&mut after, turn, at) {
        return Followed::Derive;
    }
    if is_late(turn.event, turn.at, turn.ticket) {
        for clock in &mut after {
            let used = clock.used_at(turn.before, at);
            clock.limit_to(clock.limit, used);
        }
    }
    if let Event::SlaReached { target, percent, overdue_minutes, .. } = turn.event {
        after.iter_mut().filter(|clock| clock.target == *target).for_each(|clock| {
            clock.raised(*percent, *overdue_minutes);
        });
    }
    conclude(&mut after, turn, at);
    for clock in &mut after {
        // A new calendar counts from here on.
        let is_other_calendar = matches!(turn.event, Event::TermsChanged { .. });
        let counts = counts(turn.pack, &clock.target, turn.ticket);
        if is_other_calendar || !counts {
            clock.pause(turn.before, at);
        }
        if counts {
            clock.resume(at);
        }
    }
    Followed::Clocks(after)
}

fn started(turn: Turn<'_>, at: Moment) -> Vec<SlaClock> {
    let row = turn.pack.target_for(turn.ticket);
    let limits = row.map(|(_, row)| row.limits()).unwrap_or_default();
    let at_once = limits.into_iter().filter(|(target, _)| *target != *NEXT_RESPONSE);
    at_once
        .map(|(target, limit)| {
            let mut clock = SlaClock::started(target, limit, at);
            clock.running_since = None;
            clock
        })
        .collect()
}

/// Gives every clock the limit that holds now; `false` when there are other targets now.
fn retarget(clocks: &mut [SlaClock], turn: Turn<'_>, at: Moment) -> bool {
    let row = turn.pack.target_for(turn.ticket);
    let limits = row.map(|(_, row)| row.limits()).unwrap_or_default();
    let has_next = clocks.iter().any(|clock| clock.target == *NEXT_RESPONSE);
    let wanted = limits.keys().filter(|target| has_next || **target != *NEXT_RESPONSE);
    // A row may grant a next response before a client has asked for one: then nothing tells whether it did.
    let is_hidden = !has_next && limits.contains_key(NEXT_RESPONSE);
    if is_hidden || !wanted.eq(clocks.iter().map(|clock| &clock.target)) {
        return false;
    }
    for clock in clocks {
        let used = clock.used_at(turn.before, at);
        clock.limit_to(limits.get(&clock.target).copied().unwrap_or(Span::ZERO), used);
    }
    true
}

/// Answers, ends and returns.
fn conclude(clocks: &mut Vec<SlaClock>, turn: Turn<'_>, at: Moment) {
    match turn.event {
        Event::CommentAdded { visibility: Visibility::Public, speaker: Speaker::Desk, .. } => {
            for clock in clocks.iter_mut() {
                if is_answered(&clock.target) {
                    clock.meet(turn.before, at);
                }
            }
        }
        Event::CommentAdded { visibility: Visibility::Public, speaker: Speaker::Client, .. } => {
            asked_again(clocks, turn, at);
        }
        Event::TicketResolved { .. } | Event::TicketClosed { .. } => {
            clocks.iter_mut().for_each(|clock| clock.end(turn.before, at));
        }
        Event::TicketReopened { .. } => {
            for clock in clocks.iter_mut() {
                let goes_on = clock.target == *RESOLUTION || turn.pack.stage(&clock.target).is_some();
                clock.met_at = clock.met_at.filter(|_| !goes_on);
            }
        }
        _ => {}
    }
}

/// A client wrote: the next response is owed, unless the first still is or one is owed already.
fn asked_again(clocks: &mut Vec<SlaClock>, turn: Turn<'_>, at: Moment) {
    let row = turn.pack.target_for(turn.ticket);
    let Some(limit) = row.and_then(|(_, row)| row.limits().get(NEXT_RESPONSE).copied()) else { return };
    let is_owed = |clock: &SlaClock| is_answered(&clock.target) && clock.met_at.is_none();
    if clocks.iter().any(is_owed) {
        return;
    }
    let target = Key::new(NEXT_RESPONSE).expect("the names of targets are keys");
    let mut clock = SlaClock::started(target, limit, at);
    clock.running_since = None;
    clocks.retain(|clock| clock.target != *NEXT_RESPONSE);
    clocks.push(clock);
    clocks.sort_by(|one, other| one.target.cmp(&other.target));
}
