//! A finished back-test as a file: the report, and both timelines of the tickets that differ.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::BacktestError;
use super::report::BacktestReport;
use super::run::{Outcome, Side};
use crate::domain::person::Actor;
use crate::domain::{Moment, TicketId};

/// Tickets whose timelines are written out.
const TIMELINES_MAX: usize = 1_000;

/// All that a back-test found.
#[derive(Serialize, ToSchema)]
pub struct WholeBacktest<'o> {
    #[serde(flatten)]
    report: &'o BacktestReport,
    /// Of the first 1,000 tickets that differ.
    timelines: Vec<BothTimelines>,
}

/// A ticket in both runs, from old to new.
#[derive(Serialize, ToSchema)]
pub struct BothTimelines {
    ticket: TicketId,
    published: Vec<PlayedStep>,
    draft: Vec<PlayedStep>,
}

/// One event. What it names are ids of the run.
#[derive(Serialize, ToSchema)]
pub struct PlayedStep {
    at: Moment,
    #[serde(rename = "type")]
    kind: &'static str,
    actor: Actor,
    body: Value,
}

impl Outcome {
    /// Writes the report as JSON.
    pub fn write_json(&self, mut file: impl Write) -> Result<(), NotWritten> {
        let mut timelines = Vec::new();
        for row in self.report.tickets.iter().take(TIMELINES_MAX) {
            let ticket = row.ticket;
            let (published, draft) = (self.steps(Side::Published, ticket)?, self.steps(Side::Draft, ticket)?);
            timelines.push(BothTimelines { ticket, published, draft });
        }
        let whole = WholeBacktest { report: &self.report, timelines };
        serde_json::to_writer_pretty(&mut file, &whole).map_err(io::Error::from)?;
        Ok(file.flush()?)
    }

    fn steps(&self, side: Side, ticket: TicketId) -> Result<Vec<PlayedStep>, NotWritten> {
        let recorded = self.timeline(side, ticket).map_err(BacktestError::from)?;
        let mut steps = Vec::new();
        for one in recorded {
            let (kind, body) = (one.event.name(), serde_json::to_value(&one.event).map_err(io::Error::from)?);
            steps.push(PlayedStep { at: one.occurred_at, kind, actor: one.actor, body });
        }
        Ok(steps)
    }
}

/// Why the report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    #[error(transparent)]
    Read(#[from] BacktestError),
    #[error(transparent)]
    Write(#[from] io::Error),
}
