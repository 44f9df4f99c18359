//! A work order: one engineer's visit for a ticket and the stages that it passes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::report::OrderReport;
use super::{Key, Moment, PersonId, TextId, TicketId, WorkOrderId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkOrder {
    pub id: WorkOrderId,
    pub ticket: TicketId,
    pub engineer: PersonId,
    pub stage: Stage,
    pub note: Option<TextId>,
    pub due_at: Option<Moment>,
    pub planned_at: Option<Moment>,
    pub opened_at: Moment,
    pub arrived_at: Option<Moment>,
    pub finished_at: Option<Moment>,
    /// Why it was refused or could not be done, such as `part_needed`; what it ended with when done.
    pub outcome: Option<Key>,
    pub comment: Option<TextId>,
    pub parts_needed: Vec<PartNeeded>,
    /// The n-th work order of its ticket, from 1; a rehearsal matches orders by it.
    pub ordinal: i64,
    #[serde(default)]
    pub report: OrderReport,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartNeeded {
    /// The code of the part in the client's stock system.
    pub code: String,
    pub quantity: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Offered,
    Accepted,
    OnTheWay,
    Arrived,
    Done,
    Refused,
    CouldNot,
    Cancelled,
    /// The engineer did not come.
    NoShow,
}

impl Stage {
    pub const ALL: [Stage; 9] = [
        Stage::Offered,
        Stage::Accepted,
        Stage::OnTheWay,
        Stage::Arrived,
        Stage::Done,
        Stage::Refused,
        Stage::CouldNot,
        Stage::Cancelled,
        Stage::NoShow,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Offered => "offered",
            Stage::Accepted => "accepted",
            Stage::OnTheWay => "on_the_way",
            Stage::Arrived => "arrived",
            Stage::Done => "done",
            Stage::Refused => "refused",
            Stage::CouldNot => "could_not",
            Stage::Cancelled => "cancelled",
            Stage::NoShow => "no_show",
        }
    }

    /// Still somebody's work.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Stage::Offered | Stage::Accepted | Stage::OnTheWay | Stage::Arrived)
    }

    /// Whether the engineer was there, so that there is something to report.
    #[must_use]
    pub fn was_visited(self) -> bool {
        matches!(self, Stage::Arrived | Stage::Done | Stage::CouldNot)
    }

    /// The stages that may follow. A stage may be skipped forward (a phone without a network reports late),
    /// never taken back.
    #[must_use]
    pub fn next(self) -> &'static [Stage] {
        use Stage::{Accepted, Arrived, Cancelled, CouldNot, Done, NoShow, OnTheWay, Refused};
        match self {
            Stage::Offered => &[Accepted, Refused, OnTheWay, Arrived, Done, CouldNot, Cancelled, NoShow],
            Accepted => &[OnTheWay, Arrived, Done, CouldNot, Refused, Cancelled, NoShow],
            OnTheWay => &[Arrived, Done, CouldNot, Cancelled, NoShow],
            Arrived => &[Done, CouldNot, Cancelled],
            Done | Refused | CouldNot | Cancelled | NoShow => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_is_over_stays_over() {
        for stage in Stage::ALL {
            assert_eq!(stage.is_open(), !stage.next().is_empty(), "{stage:?}");
            assert!(!stage.next().contains(&stage), "{stage:?}");
        }
    }
}
