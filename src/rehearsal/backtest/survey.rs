//! What a client's past holds, before a window of it is chosen.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde::Serialize;
use utoipa::ToSchema;

use super::BacktestError;
use super::journal::{MARKS_READ, time_of};
use crate::domain::person::Actor;
use crate::domain::{ClientId, JournalId, Moment};
use crate::store::{self, Readers, StoreError};

/// How long it is counted; then what was found so far is the answer.
const COUNTED_FOR: Duration = Duration::from_secs(5);

/// The outside commands of a client that could be replayed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Survey {
    /// Commands about tickets in the window.
    pub commands: usize,
    /// Tickets that these commands are about.
    pub tickets: usize,
    /// When the earliest command about a ticket happened that is still kept; `null`: there is none.
    pub first_at: Option<Moment>,
    /// When the latest one happened.
    pub last_at: Option<Moment>,
    /// There are so many that not all could be counted; there are at least so many.
    pub is_cut: bool,
}

/// Counts what came from outside between `from` and `to`.
pub fn survey(
    readers: &Readers,
    client: ClientId,
    (from, to): (Moment, Moment),
) -> Result<Survey, BacktestError> {
    let began = Instant::now();
    let mut survey = Survey::default();
    let mut tickets = HashSet::new();
    let mut after = JournalId(0);
    let since = Moment::from_ms(0);
    loop {
        let marks = readers
            .read::<_, StoreError>(|db| store::journal::marks(db, client, since, after, MARKS_READ))?;
        let Some(last) = marks.last() else { break };
        after = last.id;
        for mark in &marks {
            // What fell due is played anew.
            let Some(ticket) = mark.ticket.filter(|_| mark.actor != Actor::Clock) else { continue };
            let at = time_of(&mark.actor, mark.occurred_at, mark.recorded_at);
            survey.first_at = Some(survey.first_at.map_or(at, |first| first.min(at)));
            survey.last_at = Some(survey.last_at.map_or(at, |last| last.max(at)));
            if at >= from && at < to {
                survey.commands += 1;
                tickets.insert(ticket);
            }
        }
        if began.elapsed() > COUNTED_FOR {
            survey.is_cut = true;
            break;
        }
    }
    survey.tickets = tickets.len();
    Ok(survey)
}
