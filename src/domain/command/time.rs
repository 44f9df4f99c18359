//! The commands of time entries: recorded by hand or by the timer, changed, taken back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Key, Moment, PersonId, TicketId, TimeEntryId};

/// Records work on a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordTime {
    pub ticket: TicketId,
    /// Who worked; without one, the acting person. For another only a supervisor of the client records.
    pub person: Option<PersonId>,
    pub spent: SpentTime,
}

/// Changes an entry; what it said before stays in the ticket's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeTime {
    pub entry: TimeEntryId,
    pub version: i64,
    pub spent: SpentTime,
}

/// What somebody says of the work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpentTime {
    /// When the work began: at most 62 days ago.
    pub began_at: Moment,
    /// How long it lasted: 1 to 720 minutes; the pack may round it up. It must not end in the future.
    pub minutes: i64,
    /// A kind of work of the pack.
    #[serde(default)]
    pub kind: Option<Key>,
    /// What was done; for staff only.
    #[serde(default)]
    pub note: Option<String>,
}

/// What becomes of the acting person's timer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum StopwatchEnd {
    /// An entry from the moment at which it was started.
    Record {
        /// When the work was shorter than the timer ran. A timer that ran for more than 720 minutes was forgotten:
        /// then it must be said.
        #[serde(default)]
        minutes: Option<i64>,
        /// A kind of work of the pack.
        #[serde(default)]
        kind: Option<Key>,
        #[serde(default)]
        note: Option<String>,
    },
    Discard,
}
