//! The ledger: every millisecond of a ticket from its opening to its closing is one piece's, and each piece is
//! counted to a queue, a person and a partner organisation. The clocks of targets follow from the same states.

mod clocks;
mod history;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use clocks::clocks;

use super::calendars::Calendars;
use super::event::Event;
use super::pack::{Pack, WaitsFor};
use super::{EventId, Key, Moment, PersonId, Span, TicketId};
use history::{Base, State, history};

/// An event as the ledger reads it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'e> {
    pub id: EventId,
    pub event: &'e Event,
    /// When it happened. One that came late counts from the last one before it that turned the ticket's time.
    pub at: Moment,
}

/// By what rules time is counted: those of the version on which the ticket stands.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'p> {
    pub pack: &'p Pack,
    pub calendars: &'p Calendars,
}

/// What a piece of time was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    /// Ours to work on, and the ticket's calendar is open.
    Working,
    /// Ours, but the ticket's calendar is closed.
    OutsideCalendar,
    WaitingForClient,
    WaitingForPart,
    WaitingForApproval,
    WaitingForThirdParty,
    /// Resolved, or closed and reopened later: counted to nobody.
    Resolved,
}

impl PieceKind {
    pub const ALL: [PieceKind; 7] = [
        PieceKind::Working,
        PieceKind::OutsideCalendar,
        PieceKind::WaitingForClient,
        PieceKind::WaitingForPart,
        PieceKind::WaitingForApproval,
        PieceKind::WaitingForThirdParty,
        PieceKind::Resolved,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PieceKind::Working => "working",
            PieceKind::OutsideCalendar => "outside_calendar",
            PieceKind::WaitingForClient => "waiting_for_client",
            PieceKind::WaitingForPart => "waiting_for_part",
            PieceKind::WaitingForApproval => "waiting_for_approval",
            PieceKind::WaitingForThirdParty => "waiting_for_third_party",
            PieceKind::Resolved => "resolved",
        }
    }

    fn waiting(waits_for: WaitsFor) -> Self {
        match waits_for {
            WaitsFor::Client => PieceKind::WaitingForClient,
            WaitsFor::Part => PieceKind::WaitingForPart,
            WaitsFor::Approval => PieceKind::WaitingForApproval,
            WaitsFor::ThirdParty => PieceKind::WaitingForThirdParty,
        }
    }
}

/// Why a piece begins where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// The event that the piece names.
    Event,
    /// The ticket's calendar opened or closed; the event that the piece names still holds.
    Calendar,
}

/// A stretch of a ticket's time that is one thing to one set of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Piece {
    pub from: Moment,
    /// The first moment that is not in it.
    pub to: Moment,
    pub kind: PieceKind,
    pub status: Key,
    /// Whose group clock it is; `null` while it is counted to nobody.
    pub queue: Option<Key>,
    /// Whose own clock it is: the assignee.
    pub person: Option<PersonId>,
    /// The partner organisation that has the ticket or a task of it, by its key.
    pub partner: Option<Key>,
    /// Of a piece that is ours: how much of it the team's own calendar was open, in milliseconds.
    pub team_open: Span,
    /// The event since which all this holds.
    pub opened_by: EventId,
    pub begins_with: Edge,
}

impl Piece {
    #[must_use]
    pub fn span(&self) -> Span {
        self.to - self.from
    }

    /// Whole minutes of the clock on the wall that end within the piece. Neighbours share none, so that the
    /// minutes of pieces add up to the minutes of the whole.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        minutes_between(self.from, self.to)
    }

    /// The part of it within a period.
    #[must_use]
    pub fn within(&self, from: Moment, to: Moment) -> Option<(Moment, Moment)> {
        let (start, end) = (self.from.max(from), self.to.min(to));
        (start < end).then_some((start, end))
    }
}

/// Whole minutes of the clock on the wall that end after `from`, up to `to`.
#[must_use]
pub fn minutes_between(from: Moment, to: Moment) -> i64 {
    let minute = |at: Moment| at.ms().div_euclid(Span::minutes(1).ms());
    minute(to) - minute(from)
}

/// The pieces from the opening to `until`, or to the closing if that was earlier, in order and without a gap.
#[must_use]
pub fn ledger(ticket: TicketId, events: &[Entry<'_>], policy: Policy<'_>, until: Moment) -> Vec<Piece> {
    let states = history(ticket, events, policy);
    let mut pieces = Vec::new();
    let mut index = 0;
    while index < states.len() {
        let state = &states[index];
        let next = (index + 1..states.len()).find(|next| !states[*next].is_like(state));
        let end = match next {
            Some(next) => states[next].at,
            None if state.base == Base::Closed => state.at,
            None => until,
        };
        cut(&mut pieces, state, end.min(until));
        index = next.unwrap_or(states.len());
    }
    pieces
}

/// Cuts the time of one state where the calendar opens and closes.
fn cut(pieces: &mut Vec<Piece>, state: &State, end: Moment) {
    let mut push = |from: Moment, to: Moment, kind: PieceKind, begins_with: Edge| {
        let is_ours = matches!(state.base, Base::Ours);
        let team_open = if is_ours { state.team.open_span(from, to) } else { Span::ZERO };
        let is_nobodys = kind == PieceKind::Resolved;
        pieces.push(Piece {
            from,
            to,
            kind,
            status: state.status.clone(),
            queue: state.queue.clone().filter(|_| !is_nobodys),
            person: state.person.filter(|_| !is_nobodys),
            partner: state.partner.clone().filter(|_| !is_nobodys),
            team_open,
            opened_by: state.event,
            begins_with,
        });
    };
    if state.at >= end {
        return;
    }
    match state.base {
        Base::Waiting(waits_for) => push(state.at, end, PieceKind::waiting(waits_for), Edge::Event),
        Base::Resolved | Base::Closed => push(state.at, end, PieceKind::Resolved, Edge::Event),
        Base::Ours => {
            let (mut from, mut begins_with) = (state.at, Edge::Event);
            while from < end {
                let is_open = state.calendar.is_open(from);
                let kind = if is_open { PieceKind::Working } else { PieceKind::OutsideCalendar };
                let to = state.calendar.next_edge(from).map_or(end, |edge| edge.min(end));
                push(from, to, kind, begins_with);
                (from, begins_with) = (to, Edge::Calendar);
            }
        }
    }
}

#[cfg(test)]
mod tests;
