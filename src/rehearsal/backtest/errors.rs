//! Which errors the two scripts made: the same one of both runs is one row.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::BacktestError;
use super::progress::Watch;
use super::replay::Played;
use crate::domain::{ClientId, Moment, RunId, TicketId};
use crate::store::run::{Run, RunState};
use crate::store::{self, Readers, StoreError};
use crate::workflow::failure::Told;

/// Errors that are named; all are counted.
const ERRORS_MAX: usize = 100;
/// Tickets of one error that are named.
const TICKETS_MAX: usize = 5;
const READ_AT_ONCE: usize = 500;

/// One error of the scripts, and how often each of the two runs made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScriptError {
    /// Such as `on_opened`.
    pub handler: String,
    /// Without its place.
    pub message: String,
    /// The shared module that it happened in; `null`: the script itself.
    pub module: Option<String>,
    /// With the published version.
    pub published: ErrorCount,
    pub draft: ErrorCount,
    /// The first five tickets that it happened on, in the order of their ids; none of a schedule's error.
    pub tickets: Vec<ErrorTicket>,
}

/// How often an error was made in a run, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorCount {
    pub count: usize,
    /// From 1; 0 where the place is not known, or nothing was made.
    pub line: usize,
    pub column: usize,
}

/// A live ticket on which a script went wrong in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorTicket {
    pub ticket: TicketId,
    pub number: i64,
}

/// What is the same error in both runs. Its line moves as the script is edited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    handler: String,
    message: String,
    module: Option<String>,
}

/// The errors of one run, by line and column.
pub(super) type Errors = BTreeMap<Kind, BTreeMap<(usize, usize), Made>>;

#[derive(Debug, Clone, Default)]
pub(super) struct Made {
    count: usize,
    tickets: Vec<TicketId>,
}

/// Reads the failed runs that the tickets' events name, and those of schedules since the window's first instant, and
/// counts the latter: no ticket does.
pub(super) fn errors(
    played: &mut Played,
    failed: &[(RunId, TicketId)],
    client: ClientId,
    from: Moment,
    watch: &Watch,
) -> Result<Errors, BacktestError> {
    let mut errors = Errors::new();
    for some in failed.chunks(READ_AT_ONCE) {
        watch.look()?;
        played.readers.read::<_, StoreError>(|db| {
            for (run, ticket) in some {
                if let Some(run) = store::run::get(db, *run)? {
                    add(&mut errors, run, Some(*ticket));
                }
            }
            Ok(())
        })?;
    }
    let own = played.readers.read::<_, StoreError>(|db| store::run::of_no_ticket(db, client))?;
    for run in own.into_iter().filter(|run| run.state == RunState::Failed && run.at >= from) {
        played.report.script_errors += 1;
        add(&mut errors, run, None);
    }
    Ok(errors)
}

fn add(errors: &mut Errors, run: Run, ticket: Option<TicketId>) {
    let told = Told::read(run.failure.as_deref().unwrap_or_default());
    let kind = Kind { handler: run.handler, message: told.message.to_owned(), module: told.module };
    let made = errors.entry(kind).or_default().entry((told.line, told.column)).or_default();
    made.count += 1;
    if made.tickets.len() < TICKETS_MAX {
        made.tickets.extend(ticket);
    }
}

/// Both runs together, the most frequent first.
pub(super) fn together(
    live: &Readers,
    published: Errors,
    mut draft: Errors,
) -> Result<Vec<ScriptError>, BacktestError> {
    let mut rows = Vec::new();
    for (kind, was) in published {
        let is = draft.remove(&kind).unwrap_or_default();
        rows.extend(pairs(&kind, was, is));
    }
    for (kind, is) in draft {
        rows.extend(pairs(&kind, BTreeMap::new(), is));
    }
    rows.sort_by_key(|row: &ScriptError| std::cmp::Reverse(row.published.count + row.draft.count));
    rows.truncate(ERRORS_MAX);
    live.read::<_, StoreError>(|db| {
        for ticket in rows.iter_mut().flat_map(|row| &mut row.tickets) {
            ticket.number = store::ticket::get(db, ticket.ticket)?.map_or(0, |ticket| ticket.number);
        }
        Ok(())
    })?;
    Ok(rows)
}

/// One error at the places of both: the same place first, then what is left in its order.
fn pairs(
    kind: &Kind,
    mut was: BTreeMap<(usize, usize), Made>,
    mut is: BTreeMap<(usize, usize), Made>,
) -> Vec<ScriptError> {
    let same: Vec<(usize, usize)> = was.keys().filter(|place| is.contains_key(place)).copied().collect();
    let mut both: Vec<_> =
        same.into_iter().map(|place| (was.remove_entry(&place), is.remove_entry(&place))).collect();
    let (mut was, mut is) = (was.into_iter(), is.into_iter());
    loop {
        let pair = (was.next(), is.next());
        if pair.0.is_none() && pair.1.is_none() {
            break;
        }
        both.push(pair);
    }
    both.into_iter().map(|(was, is)| row(kind, was, is)).collect()
}

type Placed = Option<((usize, usize), Made)>;

fn row(kind: &Kind, was: Placed, is: Placed) -> ScriptError {
    let mut tickets: Vec<TicketId> =
        was.iter().chain(&is).flat_map(|(_, made)| made.tickets.iter().copied()).collect();
    tickets.sort_unstable();
    tickets.dedup();
    tickets.truncate(TICKETS_MAX);
    let count = |placed: Placed| {
        placed.map_or_else(ErrorCount::default, |((line, column), made)| ErrorCount {
            count: made.count,
            line,
            column,
        })
    };
    let Kind { handler, message, module } = kind.clone();
    let tickets = tickets.into_iter().map(|ticket| ErrorTicket { ticket, number: 0 }).collect();
    ScriptError { handler, message, module, published: count(was), draft: count(is), tickets }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(count: usize) -> Made {
        Made { count, tickets: Vec::new() }
    }

    #[test]
    fn an_error_that_moved_to_another_line_is_one_row() {
        let kind = Kind { handler: "on_opened".to_owned(), message: "no".to_owned(), module: None };
        let was = BTreeMap::from([((3, 1), made(2)), ((9, 4), made(1))]);
        let is = BTreeMap::from([((9, 4), made(5)), ((12, 1), made(2)), ((20, 1), made(1))]);
        let rows = pairs(&kind, was, is);
        let found: Vec<_> = rows
            .iter()
            .map(|row| (row.published.line, row.published.count, row.draft.line, row.draft.count))
            .collect();
        assert_eq!(found, [(9, 1, 9, 5), (3, 2, 12, 2), (0, 0, 20, 1)]);
    }
}
