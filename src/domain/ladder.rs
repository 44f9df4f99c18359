//! What is expected of a ticket by when, and what is done rung by rung until it comes; pure.
//!
//! An expectation is a ladder of one rung that reaching a stage stops.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::{Event, Speaker, Visibility};
use super::report::{REPORT, ReportState};
use super::task::{OUTCOME_DONE, TaskState};
use super::ticket::Ticket;
use super::work_order::Stage;
use super::{Key, Moment, TaskId, WorkOrderId};

/// Most rungs of one ladder.
pub const RUNGS_MAX: usize = 20;
/// Most ladders and expectations of one ticket.
pub const LADDERS_MAX: usize = 50;
/// A rung may begin a ladder that is due at once, whose rung begins another, at most so often in a row.
pub const DEPTH_MAX: i64 = 10;
/// What a task is expected to reach, beside `done`.
pub const TASK_TAKEN: &str = "taken";

/// Rungs in order, each a function of the script that is called at its moment unless the ladder was stopped before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ladder {
    /// One of this name stands on a ticket at a time.
    pub name: Key,
    pub about: About,
    pub until: Until,
    /// By their moments.
    pub rungs: Vec<Rung>,
    /// How many rungs in a row have begun the next ladder at once; the last of them began this one.
    #[serde(default)]
    pub depth: i64,
}

/// What the functions are given beside the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum About {
    Ticket,
    Order { order: WorkOrderId },
    Task { task: TaskId },
}

/// What stops the ladder beside the script and the ticket's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Until {
    /// A stage of the order, or its report; a stage of the task; a milestone or a status of the ticket.
    Stage { stage: Key },
    /// A word that the script says.
    Signal { signals: BTreeSet<Key> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rung {
    /// The function of the client's script.
    pub function: Key,
    pub at: Moment,
}

/// Why a ladder was left before its last rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LadderStop {
    /// What was expected has come.
    Met,
    /// It can come no more: the order or the task has ended otherwise.
    Over,
    Signal {
        signal: Key,
    },
    /// The script stopped it.
    Script,
    /// The ticket was closed.
    Closed,
}

/// What can be expected of a ticket, beside the statuses of its pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// Somebody has it.
    Assigned,
    /// Who has it said so, or began to work on it.
    Accepted,
    /// A person of ours wrote a reply that the client sees.
    Answered,
    /// The client's person wrote.
    ContactAnswered,
    Resolved,
    Closed,
}

impl Milestone {
    pub const ALL: [Milestone; 6] = [
        Milestone::Assigned,
        Milestone::Accepted,
        Milestone::Answered,
        Milestone::ContactAnswered,
        Milestone::Resolved,
        Milestone::Closed,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Milestone::Assigned => "assigned",
            Milestone::Accepted => "accepted",
            Milestone::Answered => "answered",
            Milestone::ContactAnswered => "contact_answered",
            Milestone::Resolved => "resolved",
            Milestone::Closed => "closed",
        }
    }
}

/// The stages that a work order can be expected to reach; its report can be expected too.
pub const ORDER_STAGES: [Stage; 4] = [Stage::Accepted, Stage::OnTheWay, Stage::Arrived, Stage::Done];

/// What can be expected of a work order.
pub fn expected_of_orders() -> impl Iterator<Item = &'static str> {
    ORDER_STAGES.iter().map(|stage| stage.as_str()).chain([REPORT])
}

impl Ladder {
    /// What `event` means for it; `by_assignee`: the event is an act of whoever has the ticket.
    #[must_use]
    pub fn stopped_by(&self, event: &Event, by_assignee: bool) -> Option<LadderStop> {
        if matches!(event, Event::TicketClosed { .. }) {
            let is_met =
                matches!(&self.until, Until::Stage { stage } if *stage == *Milestone::Closed.as_str());
            return Some(if is_met { LadderStop::Met } else { LadderStop::Closed });
        }
        let Until::Stage { stage } = &self.until else { return None };
        match (self.about, event) {
            (About::Order { order }, Event::WorkOrderAdvanced { order: which, to, .. })
                if order == *which =>
            {
                order_stop(stage, *to)
            }
            (About::Order { order }, Event::ReportHandedIn(handed)) if order == handed.order => {
                (*stage == *REPORT).then_some(LadderStop::Met)
            }
            (About::Order { order }, Event::ReportJudged { order: which, verdict, .. })
                if order == *which && *stage == *REPORT =>
            {
                verdict.leads_to().is_handed_in().then_some(LadderStop::Met)
            }
            (About::Task { task }, Event::TaskTaken { task: which, .. }) if task == *which => {
                (*stage == *TASK_TAKEN).then_some(LadderStop::Met)
            }
            (About::Task { task }, Event::TaskDone { task: which, .. }) if task == *which => {
                task_stop(stage, TaskState::Done)
            }
            (About::Task { task }, Event::TaskCancelled { task: which, .. }) if task == *which => {
                task_stop(stage, TaskState::Cancelled)
            }
            (About::Ticket, event) => ticket_stop(stage, event, by_assignee),
            _ => None,
        }
    }
}

/// What an order that has come to `now` means for who expects `stage`; a later stage counts for an earlier one.
#[must_use]
pub fn order_stop(stage: &Key, now: Stage) -> Option<LadderStop> {
    if *stage == *REPORT {
        // One that could not be done is reported too.
        let is_over = matches!(now, Stage::Refused | Stage::Cancelled | Stage::NoShow);
        return is_over.then_some(LadderStop::Over);
    }
    let expected = ORDER_STAGES.into_iter().find(|one| *stage == *one.as_str())?;
    match now {
        Stage::Refused | Stage::CouldNot | Stage::Cancelled | Stage::NoShow => Some(LadderStop::Over),
        now if now >= expected => Some(LadderStop::Met),
        _ => None,
    }
}

/// Whether the order's report, when it is what is expected, is here already.
#[must_use]
pub fn report_stands_already(stage: &Key, report: ReportState) -> bool {
    *stage == *REPORT && report.is_handed_in()
}

#[must_use]
pub fn task_stop(stage: &Key, now: TaskState) -> Option<LadderStop> {
    match now {
        TaskState::Open => None,
        TaskState::Done => Some(LadderStop::Met),
        TaskState::Cancelled => Some(LadderStop::Over),
    }
    .filter(|_| *stage == *TASK_TAKEN || *stage == *OUTCOME_DONE)
}

fn ticket_stop(stage: &Key, event: &Event, by_assignee: bool) -> Option<LadderStop> {
    let is = |milestone: Milestone| *stage == *milestone.as_str();
    if by_assignee && is(Milestone::Accepted) {
        return Some(LadderStop::Met);
    }
    let is_met = match event {
        Event::StatusChanged { to, .. } => to == stage,
        Event::TicketAssigned { .. } => is(Milestone::Assigned),
        Event::TicketAccepted { .. } => is(Milestone::Accepted),
        Event::CommentAdded { speaker: Speaker::Client, .. } => is(Milestone::ContactAnswered),
        Event::CommentAdded { speaker: Speaker::Desk, visibility: Visibility::Public, .. } => {
            is(Milestone::Answered)
        }
        Event::TicketResolved { .. } => {
            // Nobody takes or answers what is solved.
            if is(Milestone::Resolved) {
                return Some(LadderStop::Met);
            }
            let is_over = [Milestone::Assigned, Milestone::Accepted, Milestone::Answered].into_iter().any(is);
            return is_over.then_some(LadderStop::Over);
        }
        _ => false,
    };
    is_met.then_some(LadderStop::Met)
}

/// Whether the ticket has what is expected of it already. What was said before counts for nothing.
#[must_use]
pub fn stands_already(stage: &Key, ticket: &Ticket) -> bool {
    let is = |milestone: Milestone| *stage == *milestone.as_str();
    ticket.status == *stage
        || (is(Milestone::Assigned) && ticket.assignee.is_some())
        || (is(Milestone::Resolved) && ticket.resolved_at.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonId;

    fn key(text: &str) -> Key {
        Key::new(text).expect("a key")
    }

    fn expecting(about: About, stage: &str) -> Ladder {
        let until = Until::Stage { stage: key(stage) };
        Ladder { name: key("one"), about, until, rungs: Vec::new(), depth: 0 }
    }

    #[test]
    fn a_later_stage_of_an_order_counts_and_an_end_otherwise_is_over() {
        let accepted = key("accepted");
        assert_eq!(order_stop(&accepted, Stage::Offered), None);
        assert_eq!(order_stop(&accepted, Stage::Arrived), Some(LadderStop::Met));
        assert_eq!(order_stop(&accepted, Stage::Done), Some(LadderStop::Met));
        assert_eq!(order_stop(&accepted, Stage::Refused), Some(LadderStop::Over));
        assert_eq!(order_stop(&key("done"), Stage::CouldNot), Some(LadderStop::Over));
        assert_eq!(order_stop(&key("arrived"), Stage::OnTheWay), None);
        assert_eq!(order_stop(&key("accepted"), Stage::NoShow), Some(LadderStop::Over));
    }

    #[test]
    fn a_report_is_expected_after_the_visit_and_never_of_one_that_was_not_made() {
        let report = key(REPORT);
        for stage in Stage::ALL {
            let is_over = matches!(stage, Stage::Refused | Stage::Cancelled | Stage::NoShow);
            assert_eq!(order_stop(&report, stage), is_over.then_some(LadderStop::Over), "{stage:?}");
        }
        assert!(report_stands_already(&report, ReportState::HandedIn));
        assert!(!report_stands_already(&report, ReportState::Returned));
        assert!(!report_stands_already(&key("done"), ReportState::HandedIn));
    }

    #[test]
    fn an_act_of_the_assignee_is_acceptance_and_one_of_others_is_not() {
        let ladder = expecting(About::Ticket, "accepted");
        let moved = Event::StatusChanged { from: key("new"), to: key("in_work") };
        assert_eq!(ladder.stopped_by(&moved, true), Some(LadderStop::Met));
        assert_eq!(ladder.stopped_by(&moved, false), None);
        let accepted = Event::TicketAccepted { person: PersonId(7) };
        assert_eq!(ladder.stopped_by(&accepted, false), Some(LadderStop::Met));
        assert_eq!(expecting(About::Ticket, "answered").stopped_by(&accepted, true), None);
    }

    #[test]
    fn a_status_is_a_stage() {
        let moved = Event::StatusChanged { from: key("new"), to: key("in_work") };
        assert_eq!(expecting(About::Ticket, "in_work").stopped_by(&moved, false), Some(LadderStop::Met));
        assert_eq!(expecting(About::Ticket, "waiting").stopped_by(&moved, true), None);
    }
}
