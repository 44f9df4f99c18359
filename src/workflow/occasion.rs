//! What a script is called for: an event of the ticket, or a plugin's answer.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::assignment::Rejection;
use crate::domain::command::{PluginAnswer, PluginAnswered};
use crate::domain::contract::Coverage;
use crate::domain::event::{AttemptKind, Event, Visibility};
use crate::domain::handover::HandoverCause;
use crate::domain::ladder::About;
use crate::domain::person::Actor;
use crate::domain::rating::Answer;
use crate::domain::report::ReportVerdict;
use crate::domain::{AttachmentId, Key, Moment, PersonId, TaskId, TextId, TicketId, WorkOrderId};

/// Recorded with the run, so that it can be explained later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Occasion {
    Opened,
    Changed(Change),
    Comment {
        text: TextId,
        visibility: Visibility,
        attachments: Vec<AttachmentId>,
        author: Actor,
        #[serde(default)]
        asks_client: bool,
    },
    TaskDone {
        task: TaskId,
    },
    WorkOrder {
        order: WorkOrderId,
    },
    /// A controller has looked at a report.
    Report {
        order: WorkOrderId,
        number: i64,
    },
    Unassigned {
        attempt: AttemptKind,
        rejections: Vec<Rejection>,
    },
    ShiftEnded {
        person: PersonId,
    },
    AssignmentReturned {
        person: PersonId,
    },
    Timer {
        name: Key,
    },
    Rung {
        /// The ladder.
        name: Key,
        /// From 1.
        rung: i64,
        function: Key,
        about: About,
        #[serde(default)]
        depth: i64,
    },
    Sla {
        target: Key,
        percent: i64,
        #[serde(default)]
        overdue_minutes: i64,
        due_at: Moment,
    },
    PluginAnswer {
        plugin: Key,
        function: Key,
        /// The handler that the call named; without one, `on_plugin`.
        then: Option<Key>,
        context: Value,
        answer: PluginAnswer,
    },
    /// The contract does not cover the ticket, as it was opened or as it is now.
    NotCovered {
        coverage: Box<Coverage>,
    },
    Attached {
        incident: TicketId,
    },
    IncidentUpdate {
        incident: TicketId,
        text: TextId,
    },
    Resolved,
    Closed,
    Reopened,
    Rated {
        answer: Answer,
    },
    /// About no single ticket.
    Schedule {
        name: Key,
    },
    /// A person is about to take the step, and the script may refuse it.
    Accepting {
        person: PersonId,
    },
    Resolving {
        resolution: Key,
    },
    Closing {
        resolution: Key,
    },
}

/// What of a ticket changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub what: ChangedWhat,
    /// The custom field, when it is one.
    pub field: Option<Key>,
    /// The key or number before, where there is one.
    pub from: Option<String>,
    pub to: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedWhat {
    Status,
    Category,
    Priority,
    Urgent,
    Subject,
    SubClient,
    Site,
    Asset,
    Contact,
    Field,
    Tags,
    Queue,
    Assignee,
}

impl ChangedWhat {
    pub const ALL: [ChangedWhat; 13] = [
        ChangedWhat::Status,
        ChangedWhat::Category,
        ChangedWhat::Priority,
        ChangedWhat::Urgent,
        ChangedWhat::Subject,
        ChangedWhat::SubClient,
        ChangedWhat::Site,
        ChangedWhat::Asset,
        ChangedWhat::Contact,
        ChangedWhat::Field,
        ChangedWhat::Tags,
        ChangedWhat::Queue,
        ChangedWhat::Assignee,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ChangedWhat::Status => "status",
            ChangedWhat::Category => "category",
            ChangedWhat::Priority => "priority",
            ChangedWhat::Urgent => "urgent",
            ChangedWhat::Subject => "subject",
            ChangedWhat::SubClient => "sub_client",
            ChangedWhat::Site => "site",
            ChangedWhat::Asset => "asset",
            ChangedWhat::Contact => "contact",
            ChangedWhat::Field => "field",
            ChangedWhat::Tags => "tags",
            ChangedWhat::Queue => "queue",
            ChangedWhat::Assignee => "assignee",
        }
    }
}

impl Occasion {
    /// What `event`, made by `author`, wakes; `None`: scripts do not hear of it. A plugin's answer comes with
    /// its command, not with its event: see [`Occasion::answered`].
    #[must_use]
    pub fn of(event: &Event, author: &Actor) -> Option<Occasion> {
        if let Some(change) = Change::of(event) {
            return Some(Occasion::Changed(change));
        }
        Some(match event {
            Event::TicketOpened(_) => Occasion::Opened,
            Event::CommentAdded { text, visibility, attachments, asks_client, .. } => Occasion::Comment {
                text: *text,
                visibility: *visibility,
                attachments: attachments.clone(),
                author: author.clone(),
                asks_client: *asks_client,
            },
            Event::TaskDone { task, .. } => Occasion::TaskDone { task: *task },
            Event::WorkOrderOpened(opened) => Occasion::WorkOrder { order: opened.order },
            Event::WorkOrderAdvanced { order, .. } => Occasion::WorkOrder { order: *order },
            Event::ReportJudged {
                order,
                number,
                verdict: ReportVerdict::Accepted | ReportVerdict::Returned,
                ..
            } => Occasion::Report { order: *order, number: *number },
            Event::AssignmentFailed { attempt, rejections } => {
                Occasion::Unassigned { attempt: *attempt, rejections: rejections.clone() }
            }
            Event::HandedOver { person, cause: HandoverCause::ShiftEnd, .. } => {
                Occasion::ShiftEnded { person: *person }
            }
            Event::AssignmentReturned { person, .. } => Occasion::AssignmentReturned { person: *person },
            Event::TimerFired { name } => Occasion::Timer { name: name.clone() },
            Event::RungReached { name, rung, function, about, depth } => Occasion::Rung {
                name: name.clone(),
                rung: *rung,
                function: function.clone(),
                about: *about,
                depth: *depth,
            },
            Event::SlaReached { target, percent, overdue_minutes, due_at } => Occasion::Sla {
                target: target.clone(),
                percent: *percent,
                overdue_minutes: *overdue_minutes,
                due_at: *due_at,
            },
            Event::CoverageChecked(checked) if !checked.coverage.is_covered => {
                Occasion::NotCovered { coverage: Box::new(checked.coverage.clone()) }
            }
            Event::AttachedToIncident { incident, .. } => Occasion::Attached { incident: *incident },
            Event::IncidentUpdateReached { incident, text } => {
                Occasion::IncidentUpdate { incident: *incident, text: *text }
            }
            Event::TicketResolved { .. } => Occasion::Resolved,
            Event::TicketClosed { .. } => Occasion::Closed,
            Event::TicketReopened { .. } => Occasion::Reopened,
            Event::RatingSettled { answer, .. } => Occasion::Rated { answer: *answer },
            _ => return None,
        })
    }

    #[must_use]
    pub fn answered(answered: &PluginAnswered) -> Occasion {
        Occasion::PluginAnswer {
            plugin: answered.plugin.clone(),
            function: answered.function.clone(),
            then: answered.then.clone(),
            context: answered.context.clone(),
            answer: answered.answer.clone(),
        }
    }

    /// Whether the script may only say no.
    #[must_use]
    pub fn is_guard(&self) -> bool {
        matches!(self, Occasion::Accepting { .. } | Occasion::Resolving { .. } | Occasion::Closing { .. })
    }

    /// The function of the script that is called.
    #[must_use]
    pub fn handler(&self) -> &str {
        match self {
            Occasion::Opened => "on_opened",
            Occasion::Changed(_) => "on_changed",
            Occasion::Comment { .. } => "on_comment",
            Occasion::TaskDone { .. } => "on_task_done",
            Occasion::WorkOrder { .. } => "on_work_order",
            Occasion::Report { .. } => "on_report",
            Occasion::Unassigned { .. } => "on_unassigned",
            Occasion::ShiftEnded { .. } => "on_shift_ended",
            Occasion::AssignmentReturned { .. } => "on_assignment_returned",
            Occasion::Timer { .. } => "on_timer",
            Occasion::Rung { function, .. } => function.as_str(),
            Occasion::Sla { .. } => "on_sla",
            Occasion::PluginAnswer { then: Some(then), .. } => then.as_str(),
            Occasion::PluginAnswer { then: None, .. } => "on_plugin",
            Occasion::NotCovered { .. } => "on_not_covered",
            Occasion::Attached { .. } => "on_attached_to_incident",
            Occasion::IncidentUpdate { .. } => "on_incident_update",
            Occasion::Resolved => "on_resolved",
            Occasion::Closed => "on_closed",
            Occasion::Reopened => "on_reopened",
            Occasion::Rated { .. } => "on_rating",
            Occasion::Schedule { .. } => "on_schedule",
            Occasion::Accepting { .. } => "on_accepting",
            Occasion::Resolving { .. } => "on_resolving",
            Occasion::Closing { .. } => "on_closing",
        }
    }
}

impl Change {
    fn of(event: &Event) -> Option<Change> {
        let change = |what| Change { what, field: None, from: None, to: None };
        let text = |key: &Key| Some(key.to_string());
        let id = |id: Option<i64>| id.map(|id| id.to_string());
        Some(match event {
            Event::StatusChanged { from, to } => {
                Change { from: text(from), to: text(to), ..change(ChangedWhat::Status) }
            }
            Event::CategoryChanged { from, to } => Change {
                from: from.as_ref().and_then(text),
                to: to.as_ref().and_then(text),
                ..change(ChangedWhat::Category)
            },
            Event::PriorityChanged { from, to, .. } => {
                Change { from: id(Some(*from)), to: id(Some(*to)), ..change(ChangedWhat::Priority) }
            }
            Event::UrgentChanged { to } => Change { to: Some(to.to_string()), ..change(ChangedWhat::Urgent) },
            Event::SubjectChanged { .. } => change(ChangedWhat::Subject),
            Event::SubClientChanged { .. } => change(ChangedWhat::SubClient),
            Event::SiteChanged { .. } => change(ChangedWhat::Site),
            Event::AssetChanged { .. } => change(ChangedWhat::Asset),
            Event::ContactChanged { .. } => change(ChangedWhat::Contact),
            Event::FieldChanged { field, .. } => {
                Change { field: Some(field.clone()), ..change(ChangedWhat::Field) }
            }
            Event::TagsChanged { .. } => change(ChangedWhat::Tags),
            Event::TicketQueued { from, to, .. } => {
                Change { from: from.as_ref().and_then(text), to: text(to), ..change(ChangedWhat::Queue) }
            }
            Event::TicketAssigned { .. } | Event::TicketUnassigned { .. } => change(ChangedWhat::Assignee),
            _ => return None,
        })
    }
}
