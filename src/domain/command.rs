//! Everything that wants a change speaks `Command`: the one closed list, whoever asks.

mod contract;
mod foreign_login;
mod handover;
mod hold;
mod import;
mod incident;
mod information;
mod ladder;
mod opening;
mod outside;
mod pack_tests;
mod pattern;
mod plugin;
mod plugin_items;
mod put;
mod rating;
mod report;
mod roster;
mod shadow;
mod specialist;
mod starting;
mod swap;
mod time;
mod time_settings;
mod version;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use contract::{AdjustBalance, RaisePriority, SetNamedContact};
pub use foreign_login::{MapForeignLogin, UnmapForeignLogin};
pub use handover::{HandOver, HandOverTicket};
pub use hold::{ApproveHold, DiscardHold};
pub use import::{ImportState, ImportTicket, ImportUpdate};
pub use incident::{ChangeIncident, DeclareIncident, EndIncident};
pub use information::{Gaps, Information};
pub use ladder::StartLadder;
pub use opening::{OpenTicket, TicketChanges};
pub use outside::{CallPlugin, JobEnd, PluginAnswer, PluginAnswered};
pub use pack_tests::{KEPT_TEST_FILES_MAX, KEPT_TESTS_BYTES_MAX, SaveTests, check_tests};
pub use pattern::{ApplyShiftPattern, PatternPerson, PutShiftPattern};
pub use plugin::{
    InstallPlugin, InstallWay, KeepPackage, PackageSignature, PinPublisher, PinnedKey, PluginStep, TrustKey,
};
pub use plugin_items::{
    AddForeignComment, DiscardItem, GiveNotice, KvWrite, PollEnd, ReplayItem, SetHookToken, SetPollInterval,
    TakeItems,
};
pub use put::{PutAsset, PutClient, PutContact, PutPerson, PutSite, PutSubClient};
pub use rating::{RateTicket, SendReport};
pub use report::{AskPeople, HandInReport, JudgeReport, PaperGiven, RequireReport};
pub use roster::{
    ChangeRoster, CopyRoster, ImportRoster, ImportRosterCalendar, PutAbsence, PutShift, SeenAbsence,
    SeenShift, SwapShifts,
};
pub use shadow::StartShadow;
pub use specialist::{EndSpecialist, NameSpecialist};
pub use starting::StartFromPack;
pub use swap::{AnswerSwap, OfferSwap};
pub use time::{ChangeTime, RecordTime, SpentTime, StopwatchEnd};
pub use time_settings::EditTime;
pub use version::{PushDraft, SeenPack};
pub use words::EditWords;

use super::assignment::{MemberWanted, Requirements};
use super::event::Visibility;
use super::person::{Grant, Membership};
use super::ticket::LinkKind;
use super::version_move::Reach;
use super::work_order::{PartNeeded, Stage};
use super::{
    AbsenceId, AlarmId, AttachmentId, ClientId, ContactId, InstallationId, JobId, Key, Moment, PackVersionId,
    PartnerId, PatternId, PersonId, ShiftId, TaskId, TicketId, TimeEntryId, WorkOrderId,
};

/// Longest subject, title, name or reason, in bytes.
pub const LINE_BYTES_MAX: usize = 500;
/// Longest comment, description or answer, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Most tags of a ticket.
pub const TAGS_MAX: usize = 50;
/// Longest tag, in bytes.
pub const TAG_BYTES_MAX: usize = 60;
/// Most attachments named by one command.
pub const ATTACHMENTS_MAX: usize = 50;

/// A change that somebody or something wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    OpenTicket(Box<OpenTicket>),
    ChangeTicket {
        ticket: TicketId,
        version: Option<i64>,
        changes: Box<TicketChanges>,
    },
    /// As the client asks, on the terms of its package.
    RaisePriority(Box<RaisePriority>),
    AddComment {
        ticket: TicketId,
        text: String,
        visibility: Visibility,
        attachments: Vec<AttachmentId>,
        /// The author waits for the client's answer: the ticket gets a status that waits for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        asks_client: bool,
    },
    AddAttachments {
        ticket: TicketId,
        attachments: Vec<AttachmentId>,
        visibility: Visibility,
    },
    AssignTicket {
        ticket: TicketId,
        version: Option<i64>,
        to: AssignTo,
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Information::is_empty")]
        information: Box<Information>,
    },
    /// The assignee says that they have it; anything else that they do on it says so too.
    AcceptTicket {
        ticket: TicketId,
        version: Option<i64>,
    },
    UnassignTicket {
        ticket: TicketId,
        version: Option<i64>,
        reason: Option<String>,
    },
    /// Into the queue of a support line or a department, with what was collected for it.
    QueueTicket {
        ticket: TicketId,
        version: Option<i64>,
        queue: Key,
        reason: Option<String>,
        alarm: Alarm,
        #[serde(default, skip_serializing_if = "Information::is_empty")]
        information: Box<Information>,
    },
    ResolveTicket {
        ticket: TicketId,
        version: Option<i64>,
        resolution: Key,
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Information::is_empty")]
        information: Box<Information>,
    },
    CloseTicket {
        ticket: TicketId,
        version: Option<i64>,
        resolution: Key,
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Information::is_empty")]
        information: Box<Information>,
    },
    ReopenTicket {
        ticket: TicketId,
        version: Option<i64>,
        reason: Option<String>,
    },
    ChangeTags {
        ticket: TicketId,
        add: BTreeSet<String>,
        remove: BTreeSet<String>,
    },
    LinkTickets {
        ticket: TicketId,
        other: TicketId,
        kind: LinkKind,
    },
    UnlinkTickets {
        ticket: TicketId,
        other: TicketId,
        kind: LinkKind,
    },
    /// Links to the other and closes this one with the first resolution of the pack unless it names one.
    MarkDuplicate {
        ticket: TicketId,
        of: TicketId,
    },
    DeclareIncident(Box<DeclareIncident>),
    ChangeIncident(Box<ChangeIncident>),
    /// By hand or by a script; the rule does the same on its own.
    AttachToIncident {
        ticket: TicketId,
        incident: TicketId,
    },
    /// A ticket that was taken off does not attach again by the rule.
    DetachFromIncident {
        ticket: TicketId,
    },
    /// Attaches tickets that were open before and that the rule fits.
    GatherForIncident {
        incident: TicketId,
    },
    /// One update for all attached tickets, in turns of the durable clock.
    SendIncidentUpdate {
        incident: TicketId,
        text: String,
    },
    EndIncident(Box<EndIncident>),
    AddWatcher {
        ticket: TicketId,
        who: Recipient,
    },
    RemoveWatcher {
        ticket: TicketId,
        person: PersonId,
    },
    CountUp {
        ticket: TicketId,
        name: Key,
    },
    /// A person has seen that the script failed and dealt with the ticket.
    ClearMark {
        ticket: TicketId,
    },

    OpenTask(Box<OpenTask>),
    TakeTask {
        task: TaskId,
    },
    FinishTask {
        task: TaskId,
        outcome: Key,
        comment: Option<String>,
        fields: BTreeMap<Key, Value>,
        /// Uploads of the caller that came back with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<AttachmentId>,
    },
    CancelTask {
        task: TaskId,
        reason: Option<String>,
    },

    /// Finds an engineer by requirements and offers a work order; nobody suits: an event of its own.
    Dispatch {
        ticket: TicketId,
        requirements: Requirements,
        due_at: Option<Moment>,
        note: Option<String>,
    },
    /// A work order for the engineer whom a dispatcher chose.
    OpenWorkOrder {
        ticket: TicketId,
        engineer: PersonId,
        due_at: Option<Moment>,
        planned_at: Option<Moment>,
        note: Option<String>,
    },
    AdvanceWorkOrder(Box<AdvanceWorkOrder>),
    SendOrderNote {
        order: WorkOrderId,
        text: String,
        /// Files of the ticket, or uploads of the caller.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<AttachmentId>,
    },
    RequireReport(Box<RequireReport>),
    HandInReport(Box<HandInReport>),
    JudgeReport(Box<JudgeReport>),

    HandOver(Box<HandOver>),
    RecordTime(Box<RecordTime>),
    ChangeTime(Box<ChangeTime>),
    /// The entry counts nothing any more and stays to be read.
    TakeTimeBack {
        entry: TimeEntryId,
        version: i64,
    },
    /// Starts the acting person's timer on a ticket; one that runs elsewhere is stopped and recorded.
    StartStopwatch {
        ticket: TicketId,
    },
    StopStopwatch {
        end: StopwatchEnd,
    },

    StartTimer {
        ticket: TicketId,
        name: Key,
        run_at: Moment,
    },
    CancelTimer {
        ticket: TicketId,
        name: Key,
    },
    StartLadder(Box<StartLadder>),
    /// With a signal: only where the ladder stops on it. One that does not stand stays so.
    StopLadder {
        ticket: TicketId,
        name: Key,
        signal: Option<Key>,
    },
    /// A row of the durable clock is due.
    PlayDue {
        due: super::DueId,
    },
    /// Moves the ticket to another version of its pack (without one, the published) and to its place as the
    /// records say it now, and counts its time anew.
    RecomputeClocks {
        ticket: TicketId,
        to: Option<PackVersionId>,
    },
    Notify {
        ticket: TicketId,
        to: Recipient,
        template: Option<Key>,
        text: Option<String>,
        /// Whom the template's marks are about; without it, the last order of whoever is written to, or the ticket's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<WorkOrderId>,
    },
    AskPeople(Box<AskPeople>),
    /// Asks the ticket's contact how it was dealt with, then or at once; a ticket that is open then is not asked about.
    AskRating {
        ticket: TicketId,
        ask_at: Moment,
    },
    RateTicket(Box<RateTicket>),
    SendReport(Box<SendReport>),
    CallPlugin(Box<CallPlugin>),
    PluginAnswered(Box<PluginAnswered>),
    ReadNotifications {
        up_to: Option<super::NotificationId>,
    },

    PutClient(Box<PutClient>),
    PutSubClient(Box<PutSubClient>),
    PutSite(Box<PutSite>),
    PutAsset(Box<PutAsset>),
    PutContact(Box<PutContact>),
    SetNamedContact(Box<SetNamedContact>),
    AdjustBalance(Box<AdjustBalance>),
    PutPartner {
        id: Option<PartnerId>,
        version: Option<i64>,
        key: Key,
        name: String,
    },
    PutPerson(Box<PutPerson>),
    /// Roles and memberships, whole: what is not named is taken away.
    SetAccess {
        person: PersonId,
        grants: BTreeSet<Grant>,
        memberships: BTreeSet<Membership>,
    },
    /// A password as its argon2id hash; ends the person's sessions but the one that asks.
    SetPassword {
        person: PersonId,
        hash: String,
    },

    NameSpecialist(Box<NameSpecialist>),
    EndSpecialist(Box<EndSpecialist>),
    MapForeignLogin(Box<MapForeignLogin>),
    UnmapForeignLogin(UnmapForeignLogin),

    PutShift(Box<PutShift>),
    RemoveShift {
        shift: ShiftId,
        version: i64,
    },
    PutAbsence(Box<PutAbsence>),
    RemoveAbsence {
        absence: AbsenceId,
        version: i64,
    },
    SwapShifts(Box<SwapShifts>),
    OfferSwap(Box<OfferSwap>),
    AnswerSwap(AnswerSwap),
    ChangeRoster(Box<ChangeRoster>),
    CopyRoster(Box<CopyRoster>),
    ImportRoster(Box<ImportRoster>),
    ImportRosterCalendar(Box<ImportRosterCalendar>),
    PutShiftPattern(Box<PutShiftPattern>),
    RemoveShiftPattern {
        pattern: PatternId,
        version: i64,
    },
    ApplyShiftPattern(Box<ApplyShiftPattern>),

    SaveDraft {
        client: ClientId,
        script: String,
        settings: String,
    },
    SaveTests(Box<SaveTests>),
    StartFromPack(Box<StartFromPack>),
    EditTime(Box<EditTime>),
    EditWords(Box<EditWords>),
    PushDraft(Box<PushDraft>),
    PublishPack {
        client: ClientId,
        source: PackSource,
        message: String,
        #[serde(default)]
        reach: Reach,
    },
    RollBackPack {
        client: ClientId,
        to: PackVersionId,
        message: String,
        #[serde(default)]
        reach: Reach,
    },
    /// A holiday list for the calendars of the client's pack.
    PutHolidays {
        client: ClientId,
        key: Key,
        /// The iCalendar file.
        source: String,
    },
    ReleaseQuarantine {
        client: ClientId,
    },
    StartShadow(StartShadow),
    /// Ends the client's shadow before its time.
    StopShadow {
        client: ClientId,
    },
    ApproveHold(ApproveHold),
    DiscardHold(Box<DiscardHold>),
    /// A supervisor has seen an alarm of the queue watch and deals with it.
    AcknowledgeAlarm {
        alarm: AlarmId,
        version: i64,
    },
    /// Gives the acting person the ticket that is best taken now, of the queues that the person is a member of.
    TakeNext {
        /// Only of this client.
        client: Option<ClientId>,
        /// Only of this queue.
        queue: Option<Key>,
    },

    InstallPlugin(Box<InstallPlugin>),
    SetPluginEnabled {
        installation: InstallationId,
        state: Switch,
    },
    TakeItems(Box<TakeItems>),
    /// Only a plugin's.
    AddForeignComment(Box<AddForeignComment>),
    /// Only a plugin's.
    GiveNotice(Box<GiveNotice>),
    ReplayItem(ReplayItem),
    DiscardItem(DiscardItem),
    SetHookToken(Box<SetHookToken>),
    SetPollInterval(SetPollInterval),
    Plugin(Box<PluginStep>),
    /// An attempt at a job ended without an answer.
    EndJob {
        job: JobId,
        end: JobEnd,
    },
    /// Runs a dead job once more.
    ReplayJob {
        job: JobId,
    },
    DropJob {
        job: JobId,
        reason: Option<String>,
    },
    /// Lets the outbox of a restored desk go out.
    ReleaseOutbox,
    ImportTicket(Box<ImportTicket>),
    ImportUpdate(Box<ImportUpdate>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum AssignTo {
    Person {
        person: PersonId,
    },
    /// The member of a queue who suits best: on shift, below capacity, then as the strategies say.
    Member(MemberWanted),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    #[default]
    Silent,
    /// The queue's members are notified at once.
    Raise,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    On,
    Off,
}

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Recipient {
    Person {
        person: PersonId,
    },
    /// Everybody in a queue.
    Queue {
        queue: Key,
    },
    /// Everybody with a role for the client.
    Role {
        role: super::person::Role,
    },
    /// The client's person; inside the desk it reaches those who log in as that contact.
    Contact {
        contact: ContactId,
    },
    Assignee,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenTask {
    pub ticket: TicketId,
    /// A department of the pack.
    pub department: Key,
    pub title: String,
    #[serde(default)]
    pub due_at: Option<Moment>,
    /// Empty: the department's outcomes, or `done`.
    #[serde(default)]
    pub outcomes: Vec<Key>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub fields: BTreeMap<Key, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvanceWorkOrder {
    pub order: WorkOrderId,
    pub stage: Stage,
    /// Needed for `refused` and `could_not`: a key of the pack's `order_outcomes`.
    #[serde(default)]
    pub outcome: Option<Key>,
    #[serde(default)]
    pub comment: Option<String>,
    #[serde(default)]
    pub parts_needed: Vec<PartNeeded>,
    /// With `accepted`: when the engineer means to arrive.
    #[serde(default)]
    pub planned_at: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum PackSource {
    /// The draft that is saved for the client.
    Draft,
    /// The texts themselves (the command line, a test).
    Files {
        script: String,
        settings: String,
        /// Shared modules that the script imports, by the path that `import` names.
        #[serde(default)]
        modules: BTreeMap<String, String>,
    },
}
