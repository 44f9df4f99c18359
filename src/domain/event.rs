//! What happened: events are appended, never changed, and hold ids and keys, never free text.

mod lines;
mod opened;
mod rating;
mod report;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use lines::{Collected, ReturnReason};
pub use opened::{CoverageChecked, TaskOpened, TicketOpened, WorkOrderOpened};
pub use rating::{RatingAsked, TicketRated};
pub use report::ReportHandedIn;

use super::assignment::Rejection;
use super::calendars::Terms;
use super::contract::RaiseLine;
use super::handover::HandoverCause;
use super::hold::{DiscardWhy, MessageKind};
use super::incident::AttachedBy;
use super::ladder::{About, Ladder, LadderStop};
use super::rating::Answer;
use super::report::{ReportVerdict, ReportWanted};
use super::ticket::{FieldValue, Level, LinkKind};
use super::time_entry::TimeSpent;
use super::work_order::{PartNeeded, Stage};
use super::{
    AssetId, AttachmentId, ContactId, HoldId, Key, Language, Moment, PackVersionId, PersonId, RunId, SiteId,
    SubClientId, TaskId, TextId, TicketId, TimeEntryId, WorkOrderId,
};

/// One thing that happened to a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    TicketOpened(Box<TicketOpened>),
    StatusChanged {
        from: Key,
        to: Key,
    },
    CategoryChanged {
        from: Option<Key>,
        to: Option<Key>,
    },
    PriorityChanged {
        impact: Level,
        urgency: Level,
        from: i64,
        to: i64,
    },
    UrgentChanged {
        to: bool,
    },
    SubjectChanged {
        to: TextId,
    },
    SubClientChanged {
        to: Option<SubClientId>,
    },
    SiteChanged {
        to: Option<SiteId>,
    },
    /// The place by which the ticket's calendar and targets go.
    TermsChanged {
        terms: Terms,
    },
    AssetChanged {
        to: Option<AssetId>,
    },
    ContactChanged {
        to: Option<ContactId>,
    },
    FieldChanged {
        field: Key,
        to: Option<FieldValue>,
    },
    /// What the contract says of the ticket, at the opening and each time when it says something else.
    CoverageChecked(Box<CoverageChecked>),
    /// The client had the priority raised; [`Event::PriorityChanged`] follows.
    PriorityRaised {
        raise: Box<RaiseLine>,
        reason: Option<TextId>,
    },
    TagsChanged {
        added: BTreeSet<String>,
        removed: BTreeSet<String>,
    },
    CounterChanged {
        name: Key,
        to: i64,
    },
    WatcherAdded {
        person: PersonId,
    },
    WatcherRemoved {
        person: PersonId,
    },

    CommentAdded {
        text: TextId,
        visibility: Visibility,
        attachments: Vec<AttachmentId>,
        /// Whose words these are, as it was known then.
        #[serde(default)]
        speaker: Speaker,
        /// The author waits for the client's answer.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        asks_client: bool,
    },
    AttachmentsAdded {
        attachments: Vec<AttachmentId>,
        visibility: Visibility,
    },

    TicketAssigned {
        person: PersonId,
        reason: Option<TextId>,
        /// When the desk chose: who else was looked at and why each was not chosen.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rejections: Vec<Rejection>,
        /// When that handed it to another line.
        #[serde(default, skip_serializing_if = "Collected::is_empty")]
        collected: Collected,
        /// Until when the person must accept it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accept_until: Option<Moment>,
    },
    /// The assignee has said so, or acted on the ticket.
    TicketAccepted {
        person: PersonId,
    },
    /// The assignee did not accept it in time; that they have it no more follows in an event of its own.
    AssignmentReturned {
        person: PersonId,
        why: ReturnReason,
        /// Until when it waited.
        until: Moment,
        /// How many times in a row by now.
        count: i64,
        is_alarm: bool,
    },
    TicketUnassigned {
        person: PersonId,
        reason: Option<TextId>,
    },
    /// Put into the queue of a support line or a department.
    TicketQueued {
        from: Option<Key>,
        to: Key,
        reason: Option<TextId>,
        is_alarm: bool,
        #[serde(default, skip_serializing_if = "Collected::is_empty")]
        collected: Collected,
    },
    /// Nobody suited: who was looked at and why each was not chosen.
    AssignmentFailed {
        attempt: AttemptKind,
        rejections: Vec<Rejection>,
    },

    TaskOpened(Box<TaskOpened>),
    TaskTaken {
        task: TaskId,
        person: PersonId,
    },
    TaskDone {
        task: TaskId,
        department: Key,
        outcome: Key,
        comment: Option<TextId>,
        fields: BTreeMap<Key, FieldValue>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<AttachmentId>,
    },
    TaskCancelled {
        task: TaskId,
        department: Key,
        reason: Option<TextId>,
    },

    WorkOrderOpened(Box<WorkOrderOpened>),
    WorkOrderAdvanced {
        order: WorkOrderId,
        engineer: PersonId,
        from: Stage,
        to: Stage,
        outcome: Option<Key>,
        comment: Option<TextId>,
        parts_needed: Vec<PartNeeded>,
        planned_at: Option<Moment>,
    },
    /// A word for the engineer on the way.
    WorkOrderNoteSent {
        order: WorkOrderId,
        text: TextId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<AttachmentId>,
    },
    ReportRequired {
        order: WorkOrderId,
        wanted: Box<ReportWanted>,
    },
    ReportHandedIn(Box<ReportHandedIn>),
    ReportJudged {
        order: WorkOrderId,
        /// Of the report; 0: none was handed in.
        number: i64,
        verdict: ReportVerdict,
        defects: Option<TextId>,
    },

    /// Minutes of work on the ticket.
    TimeRecorded {
        entry: TimeEntryId,
        person: PersonId,
        spent: TimeSpent,
        /// Measured by the person's timer.
        is_timer: bool,
    },
    TimeChanged {
        entry: TimeEntryId,
        person: PersonId,
        from: TimeSpent,
        to: TimeSpent,
    },
    TimeTakenBack {
        entry: TimeEntryId,
        person: PersonId,
        spent: TimeSpent,
    },
    /// A person's timer began to run on the ticket.
    StopwatchStarted {
        person: PersonId,
    },
    StopwatchStopped {
        person: PersonId,
        /// What was recorded; `null`: discarded.
        entry: Option<TimeEntryId>,
    },

    /// Who has the ticket leaves; what the next person must know.
    HandedOver {
        person: PersonId,
        cause: HandoverCause,
        summary: TextId,
        note: Option<TextId>,
    },

    TicketResolved {
        resolution: Key,
        reason: Option<TextId>,
        /// What a gate asked for and a script passed without.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        missing: BTreeSet<Key>,
    },
    TicketClosed {
        resolution: Key,
        reason: Option<TextId>,
        /// What a gate asked for and a script passed without.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        missing: BTreeSet<Key>,
    },
    TicketReopened {
        reason: Option<TextId>,
    },

    TicketLinked {
        other: TicketId,
        kind: LinkKind,
    },
    TicketUnlinked {
        other: TicketId,
        kind: LinkKind,
    },

    /// The ticket is the parent of a major incident from now on.
    IncidentDeclared {
        /// The rule as JSON: it names places and words.
        rule: TextId,
        texts: BTreeMap<Language, TextId>,
    },
    IncidentChanged {
        rule: Option<TextId>,
        texts: Option<BTreeMap<Language, TextId>>,
    },
    /// On the parent: an update for all attached tickets.
    IncidentUpdateSent {
        text: TextId,
    },
    IncidentEnded,
    AttachedToIncident {
        /// The parent ticket.
        incident: TicketId,
        by: AttachedBy,
    },
    DetachedFromIncident {
        incident: TicketId,
    },
    /// On an attached ticket: the update, the same words for all.
    IncidentUpdateReached {
        incident: TicketId,
        text: TextId,
    },

    TimerStarted {
        name: Key,
        run_at: Moment,
    },
    TimerCancelled {
        name: Key,
    },
    TimerFired {
        name: Key,
    },
    /// An expectation or a ladder; one of the same name is put in its place.
    LadderStarted(Box<Ladder>),
    /// The function of a rung is called.
    RungReached {
        name: Key,
        /// From 1.
        rung: i64,
        function: Key,
        about: About,
        depth: i64,
    },
    LadderStopped {
        name: Key,
        why: LadderStop,
    },
    /// A warning level of a target was reached, or the target was missed (100 and above).
    SlaReached {
        target: Key,
        percent: i64,
        /// For an alarm that comes again and again: open minutes over the target; 0 for a warning level.
        #[serde(default)]
        overdue_minutes: i64,
        due_at: Moment,
    },

    PersonNotified {
        person: PersonId,
        template: Option<Key>,
        text: Option<TextId>,
    },
    /// A message of the script is beyond its budget and waits for a person.
    MessageHeld {
        hold: HoldId,
        kind: MessageKind,
        /// `null`: a reply, to the client.
        person: Option<PersonId>,
        template: Option<Key>,
        text: Option<TextId>,
    },
    /// It will not go out.
    MessageDiscarded {
        hold: HoldId,
        kind: MessageKind,
        person: Option<PersonId>,
        template: Option<Key>,
        why: DiscardWhy,
        reason: Option<TextId>,
    },
    /// The contact is going to be asked how the ticket was dealt with.
    RatingPlanned {
        ordinal: i64,
        ask_at: Moment,
    },
    RatingAsked(Box<RatingAsked>),
    TicketRated(Box<TicketRated>),
    /// The answer can be changed no more; the script hears of it.
    RatingSettled {
        ordinal: i64,
        answer: Answer,
    },
    PluginCalled {
        plugin: Key,
        function: Key,
        then: Option<Key>,
    },
    PluginAnswered {
        plugin: Key,
        function: Key,
        then: Option<Key>,
        is_ok: bool,
    },
    /// Outside work for this ticket was given up after its last attempt.
    JobDied {
        job: super::JobId,
        kind: Key,
    },

    PackVersionMoved {
        to: Option<PackVersionId>,
    },
    /// The run's commands were undone; the change that woke it stands.
    ScriptFailed {
        run: RunId,
        handler: Key,
    },
    MarkCleared,
}

/// Who may read a comment or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The client too.
    Public,
    /// Staff only.
    Internal,
}

/// Who speaks in a comment. Only the desk's own words answer a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// A person of ours.
    Desk,
    /// A person of the client.
    Client,
    /// A person of a partner organisation.
    Partner,
    /// A script, a plugin, the clock, an import.
    #[default]
    Automatic,
}

/// What was tried when nobody suited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptKind {
    /// A work order for an engineer.
    Dispatch,
    /// An operator for the ticket.
    Assignment,
}

impl Event {
    /// The name in the `type` field: what lists, filters and live messages call it.
    #[must_use]
    #[rustfmt::skip]
    pub fn name(&self) -> &'static str {
        match self {
            Event::TicketOpened(_) => "ticket_opened",
            Event::StatusChanged { .. } => "status_changed",
            Event::CategoryChanged { .. } => "category_changed",
            Event::PriorityChanged { .. } => "priority_changed",
            Event::UrgentChanged { .. } => "urgent_changed",
            Event::SubjectChanged { .. } => "subject_changed",
            Event::SubClientChanged { .. } => "sub_client_changed",
            Event::SiteChanged { .. } => "site_changed",
            Event::TermsChanged { .. } => "terms_changed",
            Event::AssetChanged { .. } => "asset_changed",
            Event::ContactChanged { .. } => "contact_changed",
            Event::FieldChanged { .. } => "field_changed",
            Event::CoverageChecked(_) => "coverage_checked",
            Event::PriorityRaised { .. } => "priority_raised",
            Event::TagsChanged { .. } => "tags_changed",
            Event::CounterChanged { .. } => "counter_changed",
            Event::WatcherAdded { .. } => "watcher_added",
            Event::WatcherRemoved { .. } => "watcher_removed",
            Event::CommentAdded { .. } => "comment_added",
            Event::AttachmentsAdded { .. } => "attachments_added",
            Event::TicketAssigned { .. } => "ticket_assigned",
            Event::TicketAccepted { .. } => "ticket_accepted",
            Event::AssignmentReturned { .. } => "assignment_returned",
            Event::TicketUnassigned { .. } => "ticket_unassigned",
            Event::TicketQueued { .. } => "ticket_queued",
            Event::AssignmentFailed { .. } => "assignment_failed",
            Event::TaskOpened(_) => "task_opened",
            Event::TaskTaken { .. } => "task_taken",
            Event::TaskDone { .. } => "task_done",
            Event::TaskCancelled { .. } => "task_cancelled",
            Event::WorkOrderOpened(_) => "work_order_opened",
            Event::WorkOrderAdvanced { .. } => "work_order_advanced",
            Event::WorkOrderNoteSent { .. } => "work_order_note_sent",
            Event::ReportRequired { .. } => "report_required", Event::ReportHandedIn(_) => "report_handed_in",
            Event::ReportJudged { .. } => "report_judged",
            Event::TimeRecorded { .. } => "time_recorded",
            Event::TimeChanged { .. } => "time_changed",
            Event::TimeTakenBack { .. } => "time_taken_back",
            Event::StopwatchStarted { .. } => "stopwatch_started", Event::StopwatchStopped { .. } => "stopwatch_stopped",
            Event::HandedOver { .. } => "handed_over",
            Event::TicketResolved { .. } => "ticket_resolved",
            Event::TicketClosed { .. } => "ticket_closed",
            Event::TicketReopened { .. } => "ticket_reopened",
            Event::TicketLinked { .. } => "ticket_linked",
            Event::TicketUnlinked { .. } => "ticket_unlinked",
            Event::IncidentDeclared { .. } => "incident_declared",
            Event::IncidentChanged { .. } => "incident_changed",
            Event::IncidentUpdateSent { .. } => "incident_update_sent",
            Event::IncidentEnded => "incident_ended",
            Event::AttachedToIncident { .. } => "attached_to_incident",
            Event::DetachedFromIncident { .. } => "detached_from_incident",
            Event::IncidentUpdateReached { .. } => "incident_update_reached",
            Event::TimerStarted { .. } => "timer_started", Event::TimerCancelled { .. } => "timer_cancelled",
            Event::TimerFired { .. } => "timer_fired",
            Event::LadderStarted(_) => "ladder_started",
            Event::RungReached { .. } => "rung_reached",
            Event::LadderStopped { .. } => "ladder_stopped",
            Event::SlaReached { .. } => "sla_reached",
            Event::PersonNotified { .. } => "person_notified",
            Event::MessageHeld { .. } => "message_held", Event::MessageDiscarded { .. } => "message_discarded",
            Event::PluginCalled { .. } => "plugin_called",
            Event::PluginAnswered { .. } => "plugin_answered",
            Event::JobDied { .. } => "job_died",
            Event::PackVersionMoved { .. } => "pack_version_moved",
            Event::ScriptFailed { .. } => "script_failed", Event::MarkCleared => "mark_cleared",
            other => rating::name(other),
        }
    }

    /// Whether a client's person may read it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        match self {
            Event::CommentAdded { visibility, .. } | Event::AttachmentsAdded { visibility, .. } => {
                *visibility == Visibility::Public
            }
            Event::TicketOpened(_)
            | Event::StatusChanged { .. }
            | Event::CategoryChanged { .. }
            | Event::PriorityChanged { .. }
            | Event::SubjectChanged { .. }
            | Event::SiteChanged { .. }
            | Event::AssetChanged { .. }
            | Event::ContactChanged { .. }
            | Event::TicketResolved { .. }
            | Event::TicketClosed { .. }
            | Event::TicketReopened { .. }
            | Event::IncidentUpdateSent { .. }
            | Event::IncidentUpdateReached { .. } => true,
            _ => false,
        }
    }

    /// Whether a ticket's time may count differently after it. What the desk only notes (alarms, timers, runs,
    /// messages) does not, so that a report that comes late is not held up by them.
    #[must_use]
    pub fn turns_time(&self) -> bool {
        matches!(
            self,
            Event::TicketOpened(_)
                | Event::StatusChanged { .. }
                | Event::CategoryChanged { .. }
                | Event::PriorityChanged { .. }
                | Event::SiteChanged { .. }
                | Event::TermsChanged { .. }
                | Event::CommentAdded { .. }
                | Event::TicketAssigned { .. }
                | Event::TicketUnassigned { .. }
                | Event::TicketQueued { .. }
                | Event::TaskOpened(_)
                | Event::TaskDone { .. }
                | Event::TaskCancelled { .. }
                | Event::TicketResolved { .. }
                | Event::TicketClosed { .. }
                | Event::TicketReopened { .. }
                | Event::PackVersionMoved { .. }
        )
    }
}
