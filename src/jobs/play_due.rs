//! Due rows become commands of the clock, in their order and at a bounded rate.

use std::time::Duration;

use futures_util::future::join_all;

use super::counters::count;
use super::runner::Shared;
use crate::commands::{DeskError, Request};
use crate::domain::DueId;
use crate::domain::command::Command;
use crate::domain::person::Actor;
use crate::store::due::Due;

/// Between two full batches, so that a backlog after downtime leaves the writer to people: with
/// `DUE_BATCH_MAX` rows to a batch this is 400 rows a second.
pub(super) const CATCH_UP_PAUSE: Duration = Duration::from_millis(250);
/// A row that could not be played is left alone for so long.
pub(super) const POSTPONE: Duration = Duration::from_secs(60);

/// Plays the rows, handed in in their order so that they share commits; answers those that could not be played.
pub(super) async fn play(shared: &Shared, rows: Vec<Due>) -> Vec<DueId> {
    let plays = rows
        .iter()
        .map(|row| shared.desk.submit(Request::new(Actor::Clock, Command::PlayDue { due: row.id })));
    let mut failed = Vec::new();
    for (row, played) in rows.iter().zip(join_all(plays).await) {
        match played {
            Ok(_) => count(&shared.counters.due_played, 1),
            Err(DeskError::Stopped) => return Vec::new(),
            Err(error) => {
                tracing::error!(due = row.id.0, client = row.client.0, ticket = ?row.ticket, name = %row.name, %error,
                    "what was due could not be played; trying again in a minute");
                failed.push(row.id);
            }
        }
    }
    failed
}
