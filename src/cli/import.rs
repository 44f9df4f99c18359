//! `import servicenow`: the rows of a ServiceNow incident log become commands on the log's own clock.
//!
//! A row is one update of an incident. It is known again by a hash of what is read of it, so that a second
//! import adds nothing. A row that cannot be read, or that the desk refuses, is reported and left out.

mod lines;
mod row;
mod tally;

use std::collections::HashSet;
use std::io::{BufRead, Write};

use anyhow::Context;

use crate::commands::{DeskError, Done, Request};
use crate::domain::ClientId;
use crate::domain::command::{Command, ImportTicket, ImportUpdate};
use crate::domain::person::Actor;
use lines::Lines;
use row::{Columns, Row};
use tally::Tally;

pub use tally::{Count, Summary};

/// Rows that are handed to the desk at a time.
const ROWS_AT_ONCE_MAX: usize = 1_000;

/// How much is told of what was odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// How many tickets.
    Counts,
    /// Each ticket.
    Tickets,
}

/// Hands requests to the desk in their order and answers each: `Desk::run_all`, or the same through a socket.
pub type RunAll<'r> = &'r mut dyn FnMut(Vec<Request>) -> Vec<Result<Done, DeskError>>;

/// Imports a log. What is wrong with a row goes to `out`, and the counts as its last line. An error means that
/// the file is no such log, or that the desk gave up; what was imported until then stays, and the same import
/// again goes on from there.
pub fn servicenow(
    run_all: RunAll<'_>,
    client: ClientId,
    file: impl BufRead,
    detail: Detail,
    out: &mut dyn Write,
) -> anyhow::Result<Summary> {
    let mut lines = Lines::new(file);
    let columns = Columns::read(&mut lines)?;
    let mut import = Import { run_all, client, opened: HashSet::new(), tally: Tally::default(), out };
    let mut rows = Vec::with_capacity(ROWS_AT_ONCE_MAX);
    while let Some(line) = lines.next().context("the file cannot be read on")? {
        match columns.row(&line) {
            Ok(row) => rows.push(row),
            Err(error) => {
                writeln!(import.out, "{error}")?;
                import.tally.unreadable();
            }
        }
        if rows.len() == ROWS_AT_ONCE_MAX {
            import.hand_in(std::mem::take(&mut rows))?;
        }
    }
    import.hand_in(rows)?;
    let summary = import.tally.summary();
    summary.write(detail, import.out)?;
    Ok(summary)
}

struct Import<'i> {
    run_all: RunAll<'i>,
    client: ClientId,
    /// Numbers whose tickets are there.
    opened: HashSet<String>,
    tally: Tally,
    out: &'i mut dyn Write,
}

impl Import<'_> {
    /// Hands rows in. When the row that was to open a ticket is refused, the ticket's next row is tried.
    fn hand_in(&mut self, mut rows: Vec<Row>) -> anyhow::Result<()> {
        while !rows.is_empty() {
            let mut openers = HashSet::new();
            let requests = rows.iter().map(|row| self.request(row, &mut openers)).collect();
            let replies = (self.run_all)(requests);
            let mut unopened = HashSet::new();
            let mut again = Vec::new();
            for (row, reply) in rows.into_iter().zip(replies) {
                let is_opener = openers.remove(&row.number);
                match reply {
                    Ok(done) => {
                        self.opened.insert(row.number.clone());
                        self.tally.applied(&row, &done);
                    }
                    Err(DeskError::Refused(_)) if unopened.contains(&row.number) => again.push(row),
                    Err(DeskError::Refused(refusal)) => {
                        writeln!(self.out, "line {}: {}: {refusal}", row.line, row.number)?;
                        self.tally.refused(&row);
                        if is_opener {
                            unopened.insert(row.number);
                        }
                    }
                    Err(error) => {
                        return Err(error).with_context(|| {
                            format!(
                                "the import stopped at line {}; the same again goes on from there",
                                row.line
                            )
                        });
                    }
                }
            }
            rows = again;
        }
        Ok(())
    }

    fn request(&self, row: &Row, openers: &mut HashSet<String>) -> Request {
        let (client, external, key, state) =
            (self.client, row.number.clone(), row.key.clone(), row.state.clone());
        let command = if self.opened.contains(&row.number) || !openers.insert(row.number.clone()) {
            Command::ImportUpdate(Box::new(ImportUpdate { client, external, row: key, state }))
        } else {
            Command::ImportTicket(Box::new(ImportTicket {
                client,
                external,
                row: key,
                opened_at: row.opened_at,
                subject: row.subject.clone(),
                state,
                tags: [].into(),
            }))
        };
        Request::new(Actor::Import { client }, command).occurred(row.updated_at).muted()
    }
}
