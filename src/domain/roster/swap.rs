//! Swaps that two people agree on: what is offered, how far it is, and who may say what next; pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{REST_HOURS, REST_HOURS_MAX, Shift};
use crate::domain::pack::PackFault;
use crate::domain::{Moment, PersonId, SwapOfferId};

/// Most offers of one person that wait for an answer.
pub const OFFERS_OPEN_MAX: usize = 50;

/// What a client's pack says of rosters: `[roster]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RosterSettings {
    /// Whether two people may swap shifts that count for the client without anybody else's word.
    pub swaps: SwapRule,
    /// So many hours between two shifts are a rest, without which the planner warns of a day; 0: it does not.
    pub rest_hours: i64,
}

impl Default for RosterSettings {
    fn default() -> Self {
        Self { swaps: SwapRule::default(), rest_hours: REST_HOURS }
    }
}

impl RosterSettings {
    pub fn check(&self) -> Result<(), PackFault> {
        if (0..=REST_HOURS_MAX).contains(&self.rest_hours) {
            return Ok(());
        }
        let message = format!("rest_hours must be from 0 (nobody looks) to {REST_HOURS_MAX}");
        Err(PackFault::range("roster.rest_hours", (0, REST_HOURS_MAX), message))
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SwapRule {
    /// Once the two agree, the roster changes.
    #[default]
    Agreed,
    /// A supervisor who keeps the roster says yes first.
    Approved,
}

/// Somebody offers a colleague a shift, perhaps for one of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapOffer {
    pub id: SwapOfferId,
    pub person: PersonId,
    pub to: PersonId,
    /// As it was when it was offered: another version is another shift.
    pub shift: Shift,
    /// What `person` wants for it, as it was then.
    pub in_return: Option<Shift>,
    pub note: Option<String>,
    pub state: SwapState,
    pub offered_at: Moment,
    /// When `to` accepted or declined.
    pub answered_at: Option<Moment>,
    /// The supervisor who approved or refused.
    pub decided_by: Option<PersonId>,
    /// When nothing more can become of it.
    pub ended_at: Option<Moment>,
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SwapState {
    /// Waits for the colleague.
    Offered,
    /// The two agree; waits for a supervisor.
    Accepted,
    /// The roster says so now.
    Made,
    Declined,
    Withdrawn,
    /// By a supervisor.
    Refused,
    /// One of its shifts changed, went or began before all had agreed.
    Lapsed,
}

/// What somebody says to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SwapAnswer {
    /// The colleague: yes.
    Accept,
    /// The colleague: no.
    Decline,
    /// Who offered: not any more.
    Withdraw,
    /// A supervisor who keeps the roster of both shifts: yes.
    Approve,
    /// The same: no.
    Refuse,
}

impl SwapState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SwapState::Offered => "offered",
            SwapState::Accepted => "accepted",
            SwapState::Made => "made",
            SwapState::Declined => "declined",
            SwapState::Withdrawn => "withdrawn",
            SwapState::Refused => "refused",
            SwapState::Lapsed => "lapsed",
        }
    }

    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, SwapState::Offered | SwapState::Accepted)
    }
}

impl SwapOffer {
    /// When the first of its shifts begins.
    #[must_use]
    pub fn begins_at(&self) -> Moment {
        self.in_return.as_ref().map_or(self.shift.from, |other| other.from.min(self.shift.from))
    }

    /// An offer lapses when its first shift begins, without anybody's doing.
    #[must_use]
    pub fn state_at(&self, now: Moment) -> SwapState {
        if self.state.is_open() && self.begins_at() <= now { SwapState::Lapsed } else { self.state }
    }

    /// What can be said to it now by a person; `keeps`: whether they keep the roster of both shifts. A supervisor's word
    /// is another's than the two's.
    #[must_use]
    pub fn answers(&self, person: PersonId, keeps: bool, now: Moment) -> Vec<SwapAnswer> {
        let state = self.state_at(now);
        let mut answers = Vec::new();
        if state == SwapState::Offered && person == self.to {
            answers.extend([SwapAnswer::Accept, SwapAnswer::Decline]);
        }
        if state == SwapState::Accepted && keeps && person != self.person && person != self.to {
            answers.extend([SwapAnswer::Approve, SwapAnswer::Refuse]);
        }
        if state.is_open() && person == self.person {
            answers.push(SwapAnswer::Withdraw);
        }
        answers
    }

    /// The shifts as they are once it is made.
    #[must_use]
    pub fn after(&self) -> Vec<Shift> {
        let given = |shift: &Shift, person| Shift { person, version: shift.version + 1, ..shift.clone() };
        let mut after = vec![given(&self.shift, self.to)];
        after.extend(self.in_return.as_ref().map(|shift| given(shift, self.person)));
        after
    }
}
