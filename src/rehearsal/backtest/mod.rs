//! The back-test: a window of a client's past is replayed with the published version and with a draft, and compared.
//!
//! Nothing is written to the desk that is asked; it is read in short pieces, and its writer is never held.

mod counterpart;
mod diff;
mod earlier;
mod errors;
mod fate;
mod journal;
mod pages;
mod progress;
mod replay;
mod report;
mod run;
mod shelf;
mod start;
mod survey;
mod whole;

pub use earlier::{BacktestRun, Tried, digest_of};
pub use errors::{ErrorCount, ErrorTicket, ScriptError};
pub use fate::Fate;
pub use progress::{BacktestPhase, Progress, Stand};
pub use report::{
    BacktestReport, DifferenceKind, DifferenceTotals, History, Listed, Lost, LostWhy, RunReport, Strayed,
    TicketDiff,
};
pub use run::{Outcome, Side, run};
pub use shelf::{
    AT_ONCE_MAX, BacktestPage, BacktestState, EARLIER_MAX, KEPT_FOR, KEPT_MAX, NotStarted, Shelf,
};
pub use survey::{Survey, survey};
pub use whole::{BothTimelines, NotWritten, PlayedStep, WholeBacktest};

use std::collections::BTreeMap;
use std::time::Duration;

use crate::commands::DeskError;
use crate::domain::{ClientId, Key, Moment, Span};
use crate::store::StoreError;

/// Longest window.
pub const WINDOW_MAX: Span = Span::days(400);
/// Most outside commands of a window.
pub const COMMANDS_MAX: usize = 3_000_000;
/// Most tickets that are opened in the window or stand open at its first instant.
pub const TICKETS_MAX: usize = 500_000;
/// What each of the two temporary databases may take on the disk.
pub const DISK_BYTES_MAX: u64 = 16 * 1024 * 1024 * 1024;
/// How long a back-test may take.
pub const WALL_MAX: Duration = Duration::from_secs(30 * 60);
/// Tickets that differ and are listed; all are counted.
pub const ROWS_MAX: usize = 20_000;
/// Commands without a counterpart, or that no longer applied, which are listed; all are counted.
pub const LISTED_MAX: usize = 1_000;

/// What is to be tried on which part of the past.
#[derive(Debug, Clone)]
pub struct Plan {
    pub client: ClientId,
    /// The window's first instant.
    pub from: Moment,
    /// The first instant after it.
    pub to: Moment,
    pub draft: Draft,
    pub limits: Limits,
}

/// The version that is compared with the published one.
#[derive(Debug, Clone)]
pub enum Draft {
    /// What is saved as the client's draft, with the modules that are published now.
    Saved,
    Texts {
        script: String,
        settings: String,
        /// Shared modules by the path that `import` names.
        modules: BTreeMap<String, String>,
        /// Holiday lists that come with it: iCalendar files by key.
        holidays: BTreeMap<Key, String>,
    },
}

/// What one back-test may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub tickets_max: usize,
    pub commands_max: usize,
    pub disk_bytes_max: u64,
    pub wall_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tickets_max: TICKETS_MAX,
            commands_max: COMMANDS_MAX,
            disk_bytes_max: DISK_BYTES_MAX,
            wall_max: WALL_MAX,
        }
    }
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum BacktestError {
    #[error("the client is not there")]
    NoClient,
    #[error("nothing is published for the client; there is nothing to compare a draft with")]
    NothingPublished,
    #[error("there is no draft; save one, or name the folder of a pack")]
    NoDraft,
    #[error("the window is empty: its end {to} must come after its beginning {from}")]
    Backwards { from: Moment, to: Moment },
    #[error("the window ends at {to}, which has not come yet; choose one that ends by {now}")]
    InTheFuture { to: Moment, now: Moment },
    #[error("the window is longer than 400 days; choose a shorter one")]
    TooLong,
    #[error("from {from} to {to} nothing came from outside for this client; choose another window")]
    NothingHappened { from: Moment, to: Moment },
    #[error("what came from outside is kept since {kept_since}; choose a window that begins then or later")]
    Forgotten { kept_since: Moment },
    #[error("the window has more than {count_max} {what}; choose a shorter one")]
    TooMany { what: &'static str, count_max: usize },
    #[error("the temporary database has grown past {bytes_max} bytes; choose a shorter window")]
    DiskFull { bytes_max: u64 },
    #[error("it has taken longer than {} seconds; choose a shorter window", .0.as_secs())]
    TookTooLong(Duration),
    #[error("the draft has findings: {}", .0.join("; "))]
    Findings(Vec<String>),
    #[error("the back-test was cancelled")]
    Cancelled,
    #[error(transparent)]
    Desk(DeskError),
}

impl From<DeskError> for BacktestError {
    fn from(error: DeskError) -> Self {
        use crate::domain::Refusal;
        match error {
            DeskError::Refused(Refusal::WorkflowHasErrors { findings }) => Self::Findings(findings),
            other => Self::Desk(other),
        }
    }
}

impl From<StoreError> for BacktestError {
    fn from(error: StoreError) -> Self {
        Self::Desk(error.into())
    }
}
