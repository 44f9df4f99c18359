//! A refusal: why a change is not made, in the user's words, with what would be right.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::contract::BalanceUnit;
use super::key::did_you_mean;

use super::next::NothingToTake;
use super::pack::{Asked, CATEGORY, GatedStep};
use super::rating::NoRating;
use super::report::{Lacking, ReportState};
use super::roster::SwapState;
use super::version_move::Obstacle;
use super::work_order::Stage;
use super::{Key, Moment};

/// One of several things that are wrong at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Where: `line 7` of a table, `put_shifts[3]` of a request.
    pub at: String,
    /// The code that it would have alone.
    pub code: String,
    pub message: String,
    /// The part of it that is wrong, such as a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// As in the envelope around.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

impl Problem {
    #[must_use]
    pub fn new(at: impl Into<String>, refusal: &Refusal) -> Self {
        Self {
            at: at.into(),
            code: refusal.code().to_owned(),
            message: refusal.to_string(),
            field: refusal.field().map(str::to_owned),
            values: refusal.named_values(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}

fn in_a_row(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ")
}

/// Every reason for which a command is not carried out. The code is stable; the sentence is for people.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no {what} `{id}` that you can see")]
    NotFound { what: &'static str, id: String },
    #[error("you may not {what}")]
    Forbidden { what: String },
    #[error(
        "somebody changed this in the meantime: it is at version {current}, you saw version {seen}; read it again"
    )]
    StaleVersion { seen: i64, current: i64 },
    #[error("`{given}` is not a {what} of this client{}; known: {}", did_you_mean(.nearest.as_deref()), .known.join(", "))]
    UnknownKey {
        field: String,
        what: &'static str,
        given: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    #[error("{field}: {message}")]
    Invalid { field: String, message: String },
    #[error("{field} has {bytes} bytes; at most {bytes_max} are taken")]
    TooLong { field: String, bytes: usize, bytes_max: usize },
    #[error("{field} has {count} entries; at most {count_max} are taken")]
    TooMany { field: String, count: usize, count_max: usize },
    #[error("the {what} `{key}` exists already; choose another")]
    AlreadyExists { what: &'static str, field: String, key: String },
    #[error("the ticket is closed; reopen it first")]
    TicketIsClosed,
    #[error("the ticket is not closed or resolved, so there is nothing to reopen")]
    TicketIsOpen,
    #[error(
        "the major incident is over; to conclude those still attached, send its version, which is {version}, and          `attached`"
    )]
    IncidentIsOver { version: i64 },
    #[error("open tickets of another sub-client name the contact: {}; change or close these first", .numbers.join(", "))]
    ContactOnTickets { numbers: Vec<String> },
    #[error(transparent)]
    NoRating(NoRating),
    #[error("the task is over; open a new one")]
    TaskIsOver,
    #[error("the task may end with {}, not with `{given}`", .allowed.join(", "))]
    OutcomeNotAllowed { given: String, allowed: Vec<String> },
    #[error("a work order that is `{}` cannot become `{}`; possible: {}", .from.as_str(), .to.as_str(), stages(.from))]
    StageNotNext { from: Stage, to: Stage },
    #[error("the report lacks {}", .0.sentence())]
    ReportIncomplete(Lacking),
    #[error("there is no visit to report: the work order is `{}`", .stage.as_str())]
    NothingToReport { stage: Stage },
    #[error("the report of this work order is settled: it is {}", .state.as_str())]
    ReportIsSettled { state: ReportState },
    #[error("no report of this work order waits for a verdict: it is {}", .state.as_str())]
    NoReportWaits { state: ReportState },
    #[error("report {current} was handed in since you looked at report {seen}; look at that one")]
    ReportIsOlder { seen: i64, current: i64 },
    #[error("whoever made the visit cannot judge its report")]
    OwnReport,
    #[error(
        "the ticket cannot be closed yet: the report of work order {order} is {}; a controller accepts it, or a \
         supervisor waives it",
        .state.as_str()
    )]
    ReportNotAccepted { order: i64, state: ReportState },
    #[error("{name} is not on duty")]
    PersonIsOffDuty { name: String },
    #[error("{name} already has open work order for this ticket")]
    EngineerAlreadyHasOrder { name: String },
    #[error("{name} cannot take tickets of this client")]
    PersonCannotServe { name: String },
    #[error("{name} cannot take tickets of this client without the certificate `{certificate}`")]
    CertificateMissing { name: String, certificate: String },
    /// `hours`: of the other shift; nothing where the actor may not read it.
    #[error("{name} has a shift{} already; change that one or choose other hours", of_hours(.hours))]
    ShiftOverlaps { name: String, hours: Option<(Moment, Moment)> },
    #[error("{name} is away from {from} to {to}; that shift cannot be theirs")]
    PersonIsAway { name: String, from: Moment, to: Moment },
    #[error("the offer is over: it is {}; make a new one", .state.as_str())]
    SwapIsOver { state: SwapState },
    #[error("a person decided of these messages already; nothing is left to decide")]
    HoldIsDecided,
    #[error("there are {count} messages by now, you saw {seen}; read the hold again, and its samples")]
    HoldHasGrown { seen: i64, count: i64 },
    /// What no hold can keep, for it is about no ticket.
    #[error(
        "the script has sent all that it may ({limit} messages), or messages of it wait for a person: no report goes out"
    )]
    MessagesUsedUp { limit: i64 },
    #[error("{count} {what} of the roster are wrong, so nothing was taken: {}", in_a_row(.problems))]
    RosterHasErrors { field: &'static str, what: &'static str, count: usize, problems: Vec<Problem> },
    #[error("{count} of these changes cannot be made, so none was: {}", in_a_row(.problems))]
    RosterConflicts { count: usize, problems: Vec<Problem> },
    #[error("this work is recorded already: {minutes} min from {from}")]
    TimeIsRecorded { from: Moment, minutes: i64 },
    #[error("no timer of yours runs")]
    NoTimerRuns,
    #[error(
        "your timer on {number} has run for {minutes} minutes since {from}, more than the {minutes_max} that one entry \
         may have; stop it and say how long you worked, or discard it"
    )]
    TimerForgotten { number: String, from: Moment, minutes: i64, minutes_max: i64 },
    #[error("the moment {at} lies in the future")]
    InTheFuture { at: Moment },
    #[error("there is no ticket to take: {}", .0.sentence())]
    NothingToTake(NothingToTake),
    #[error("the client has no published workflow")]
    NothingPublished,
    #[error("the workflow has {} finding(s): {}", .findings.len(), .findings.join("; "))]
    WorkflowHasErrors { findings: Vec<String> },
    #[error("the draft, a plugin or the people changed while the workflow was checked; publish again")]
    ChangedMeanwhile,
    #[error("a shadow of this client runs already; stop it first")]
    ShadowRuns,
    #[error("somebody changed the draft in the meantime; read it again, then repeat your change")]
    DraftChanged,
    #[error("that version does not know all of the ticket, which stays on its own: {}", in_words(.obstacles))]
    VersionDoesNotFit { obstacles: Vec<Obstacle> },
    #[error(
        "the client's pack moved since it was pulled: {moved}; pull it again and bring your changes over"
    )]
    PackMoved { moved: String },
    #[error(
        "the draft cannot be read: client.toml:{line}:{column}: {message}; mend it in the text editor first"
    )]
    DraftUnreadable { line: usize, column: usize, message: String },
    #[error("this Idempotency-Key was used for another request; use a fresh one for each request")]
    IdempotencyKeyReused,
    #[error(
        "{count} files of {} MiB that you uploaded wait to be named by a reply or a ticket; at most {count_max} and \
         {} MiB may; use them, or come again when the oldest are a day old",
        .bytes / (1024 * 1024), .bytes_max / (1024 * 1024)
    )]
    TooManyUploads { count: usize, bytes: u64, count_max: usize, bytes_max: u64 },
    #[error("a script may not touch another client's ticket")]
    OtherClient,
    #[error("the script asked for more than {count_max} commands in one run")]
    TooManyCommands { count_max: usize },
    #[error("the step was refused: {message}")]
    RefusedByWorkflow { field: String, message: String },
    #[error("this costs {price}; send `is_agreed` once somebody of the client has agreed")]
    AgreementNeeded { price: String },
    #[error("this draws {needed} {} of the month's balance, of which {left} are left; add to the balance first", .unit.as_str())]
    BalanceTooSmall { needed: i64, left: i64, unit: BalanceUnit },
    #[error("the ticket cannot be {} yet; fill in: {}", .step.done(), asked(.missing))]
    InformationMissing { step: GatedStep, field: String, missing: Vec<Asked> },
    #[error("the client is not active")]
    ClientIsInactive,
    #[error("this run cannot be explained: {why}")]
    CannotExplain { why: &'static str },
    #[error("the plugin `{plugin}` is not installed for this client")]
    PluginNotInstalled { plugin: Key },
    #[error("the plugin `{plugin}` is switched off for this client")]
    PluginIsOff { plugin: Key },
    #[error("the item is decided already: it was {state}")]
    ItemIsDecided { state: &'static str },
    #[error("{message}")]
    PackageRefused { code: &'static str, message: String },
    #[error(
        "the package is {state}; trust its publisher's key, or accept the package as it is, knowing that"
    )]
    PackageNotTrusted { state: String },
    #[error(
        "packages of `{publisher}` are signed with the key {pinned}, this one is signed with {given}; ask the publisher, \
         then pin the other key if it is theirs"
    )]
    PublisherKeyDiffers { publisher: String, pinned: String, given: String },
    #[error("the package was installed and stays, so that its installation can go back to it")]
    PackageInUse,
}

impl Refusal {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotFound { .. } => "not_found",
            Refusal::Forbidden { .. } => "forbidden",
            Refusal::StaleVersion { .. } => "stale_version",
            Refusal::UnknownKey { .. } => "unknown_key",
            Refusal::Invalid { .. } => "invalid",
            Refusal::TooLong { .. } => "too_long",
            Refusal::TooMany { .. } => "too_many",
            Refusal::AlreadyExists { .. } => "already_exists",
            Refusal::TicketIsClosed => "ticket_is_closed",
            Refusal::TicketIsOpen => "ticket_is_open",
            Refusal::IncidentIsOver { .. } => "incident_is_over",
            Refusal::ContactOnTickets { .. } => "contact_on_tickets",
            Refusal::NoRating(why) => why.code(),
            Refusal::TaskIsOver => "task_is_over",
            Refusal::OutcomeNotAllowed { .. } => "outcome_not_allowed",
            Refusal::StageNotNext { .. } => "stage_not_next",
            Refusal::ReportIncomplete(_) => "report_incomplete",
            Refusal::NothingToReport { .. } => "nothing_to_report",
            Refusal::ReportIsSettled { .. } => "report_is_settled",
            Refusal::NoReportWaits { .. } => "no_report_waits",
            Refusal::ReportIsOlder { .. } => "report_is_older",
            Refusal::OwnReport => "own_report",
            Refusal::ReportNotAccepted { .. } => "report_not_accepted",
            Refusal::PersonIsOffDuty { .. } => "person_is_off_duty",
            Refusal::EngineerAlreadyHasOrder { .. } => "engineer_already_has_order",
            Refusal::PersonCannotServe { .. } => "person_cannot_serve",
            Refusal::CertificateMissing { .. } => "certificate_missing",
            Refusal::ShiftOverlaps { .. } => "shift_overlaps",
            Refusal::PersonIsAway { .. } => "person_is_away",
            Refusal::SwapIsOver { .. } => "swap_is_over",
            Refusal::HoldIsDecided => "hold_is_decided",
            Refusal::HoldHasGrown { .. } => "hold_has_grown",
            Refusal::MessagesUsedUp { .. } => "messages_used_up",
            Refusal::RosterHasErrors { .. } => "roster_has_errors",
            Refusal::TimeIsRecorded { .. } => "time_is_recorded",
            Refusal::NoTimerRuns => "no_timer_runs",
            Refusal::TimerForgotten { .. } => "timer_forgotten",
            Refusal::RosterConflicts { .. } => "roster_conflicts",
            Refusal::InTheFuture { .. } => "in_the_future",
            Refusal::NothingToTake(nothing) => nothing.code(),
            Refusal::NothingPublished => "nothing_published",
            Refusal::WorkflowHasErrors { .. } => "workflow_has_errors",
            Refusal::ChangedMeanwhile => "changed_meanwhile",
            Refusal::ShadowRuns => "shadow_runs",
            Refusal::DraftChanged => "draft_changed",
            Refusal::VersionDoesNotFit { .. } => "version_does_not_fit",
            Refusal::PackMoved { .. } => "pack_moved",
            Refusal::DraftUnreadable { .. } => "draft_unreadable",
            Refusal::IdempotencyKeyReused => "idempotency_key_reused",
            Refusal::TooManyUploads { .. } => "too_many_uploads",
            Refusal::OtherClient => "other_client",
            Refusal::TooManyCommands { .. } => "too_many_commands",
            Refusal::RefusedByWorkflow { .. } => "refused_by_workflow",
            Refusal::AgreementNeeded { .. } => "agreement_needed",
            Refusal::BalanceTooSmall { .. } => "balance_too_small",
            Refusal::InformationMissing { .. } => "information_missing",
            Refusal::ClientIsInactive => "client_is_inactive",
            Refusal::CannotExplain { .. } => "cannot_explain",
            Refusal::PluginNotInstalled { .. } => "plugin_not_installed",
            Refusal::PluginIsOff { .. } => "plugin_is_off",
            Refusal::ItemIsDecided { .. } => "item_is_decided",
            Refusal::PackageRefused { code, .. } => code,
            Refusal::PackageNotTrusted { .. } => "package_not_trusted",
            Refusal::PublisherKeyDiffers { .. } => "publisher_key_differs",
            Refusal::PackageInUse => "package_in_use",
        }
    }

    /// The field of the request that is wrong, when it is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Refusal::UnknownKey { field, .. }
            | Refusal::Invalid { field, .. }
            | Refusal::TooLong { field, .. }
            | Refusal::TooMany { field, .. }
            | Refusal::AlreadyExists { field, .. }
            | Refusal::RefusedByWorkflow { field, .. }
            | Refusal::InformationMissing { field, .. } => Some(field),
            Refusal::StaleVersion { .. } | Refusal::IncidentIsOver { .. } => Some("version"),
            Refusal::HoldHasGrown { .. } => Some("messages"),
            Refusal::ContactOnTickets { .. } => Some("sub_client"),
            Refusal::OutcomeNotAllowed { .. } => Some("outcome"),
            Refusal::StageNotNext { .. } => Some("stage"),
            Refusal::ReportIncomplete(_) => Some("papers"),
            Refusal::ReportIsOlder { .. } => Some("number"),
            Refusal::TimeIsRecorded { .. } => Some("began_at"),
            Refusal::TimerForgotten { .. } => Some("minutes"),
            Refusal::ShiftOverlaps { .. } => Some("from"),
            Refusal::RosterHasErrors { field, .. } => Some(field),
            _ => None,
        }
    }

    /// Each thing that is wrong, where several are.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Refusal::RosterHasErrors { problems, .. } | Refusal::RosterConflicts { problems, .. } => problems,
            _ => &[],
        }
    }

    fn named_values(&self) -> BTreeMap<String, String> {
        self.values().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What the sentence speaks of, by name.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let of = |values: &[(&'static str, &dyn ToString)]| -> Vec<(&'static str, String)> {
            values.iter().map(|(name, value)| (*name, value.to_string())).collect()
        };
        match self {
            Refusal::NotFound { what, id } => vec![("what", (*what).to_owned()), ("id", id.clone())],
            Refusal::UnknownKey { what, given, nearest, known, .. } => vec![
                ("what", (*what).to_owned()),
                ("given", given.clone()),
                ("nearest", nearest.clone().unwrap_or_default()),
                ("known", known.join(", ")),
            ],
            Refusal::Invalid { message, .. } | Refusal::RefusedByWorkflow { message, .. } => {
                vec![("message", message.clone())]
            }
            Refusal::TooLong { bytes, bytes_max, .. } => of(&[("bytes", bytes), ("bytes_max", bytes_max)]),
            Refusal::TooMany { count, count_max, .. } => of(&[("count", count), ("count_max", count_max)]),
            Refusal::AlreadyExists { what, key, .. } => of(&[("what", what), ("key", key)]),
            Refusal::OutcomeNotAllowed { given, allowed } => {
                vec![("given", given.clone()), ("allowed", allowed.join(", "))]
            }
            Refusal::StageNotNext { from, to } => {
                vec![("from", from.as_str().to_owned()), ("to", to.as_str().to_owned())]
            }
            Refusal::PersonIsOffDuty { name }
            | Refusal::EngineerAlreadyHasOrder { name }
            | Refusal::PersonCannotServe { name } => vec![("name", name.clone())],
            Refusal::CertificateMissing { name, certificate } => {
                vec![("name", name.clone()), ("certificate", certificate.clone())]
            }
            Refusal::ShiftOverlaps { name, hours: None } => vec![("name", name.clone())],
            Refusal::ShiftOverlaps { name, hours: Some((from, to)) }
            | Refusal::PersonIsAway { name, from, to } => {
                vec![("name", name.clone()), ("from", from.to_string()), ("to", to.to_string())]
            }
            Refusal::RosterHasErrors { count, problems, .. }
            | Refusal::RosterConflicts { count, problems } => {
                vec![("count", count.to_string()), ("problems", in_a_row(problems))]
            }
            Refusal::TimeIsRecorded { from, minutes } => of(&[("from", from), ("minutes", minutes)]),
            Refusal::TimerForgotten { number, from, minutes, minutes_max } => vec![
                ("number", number.clone()),
                ("from", from.to_string()),
                ("minutes", minutes.to_string()),
                ("minutes_max", minutes_max.to_string()),
            ],
            Refusal::AgreementNeeded { price } => vec![("price", price.clone())],
            Refusal::BalanceTooSmall { needed, left, unit } => vec![
                ("needed", needed.to_string()),
                ("left", left.to_string()),
                ("unit", unit.as_str().to_owned()),
            ],
            Refusal::SwapIsOver { state } => vec![("state", state.as_str().to_owned())],
            Refusal::HoldHasGrown { seen, count } => of(&[("seen", seen), ("count", count)]),
            Refusal::IncidentIsOver { version } => vec![("version", version.to_string())],
            Refusal::ContactOnTickets { numbers } => vec![("numbers", numbers.join(", "))],
            Refusal::InTheFuture { at } => vec![("at", at.to_string())],
            Refusal::WorkflowHasErrors { findings } => vec![("findings", findings.join("; "))],
            Refusal::DraftUnreadable { line, column, message } => {
                vec![("line", line.to_string()), ("column", column.to_string()), ("message", message.clone())]
            }
            Refusal::TooManyUploads { count_max, .. } | Refusal::TooManyCommands { count_max } => {
                vec![("count_max", count_max.to_string())]
            }
            Refusal::PackMoved { moved } => vec![("moved", moved.clone())],
            Refusal::VersionDoesNotFit { obstacles } => vec![("obstacles", in_words(obstacles))],
            other => other.values_of_rest(),
        }
    }

    fn values_of_package(&self) -> Vec<(&'static str, String)> {
        match self {
            Refusal::PackageRefused { message, .. } => vec![("message", message.clone())],
            Refusal::PackageNotTrusted { state } => vec![("state", state.clone())],
            Refusal::PublisherKeyDiffers { publisher, pinned, given } => {
                vec![("publisher", publisher.clone()), ("pinned", pinned.clone()), ("given", given.clone())]
            }
            _ => Vec::new(),
        }
    }

    fn values_of_rest(&self) -> Vec<(&'static str, String)> {
        match self {
            Refusal::ReportIncomplete(lacking) => vec![
                ("photos", lacking.photos.to_string()),
                ("documents", lacking.documents.iter().map(Key::as_str).collect::<Vec<_>>().join(", ")),
                ("signatures", lacking.signatures.to_string()),
            ],
            Refusal::NothingToReport { stage } => vec![("stage", stage.as_str().to_owned())],
            Refusal::MessagesUsedUp { limit } => vec![("limit", limit.to_string())],
            Refusal::ReportIsSettled { state } | Refusal::NoReportWaits { state } => {
                vec![("state", state.as_str().to_owned())]
            }
            Refusal::PluginNotInstalled { plugin } | Refusal::PluginIsOff { plugin } => {
                vec![("plugin", plugin.to_string())]
            }
            Refusal::ItemIsDecided { state } => vec![("state", (*state).to_owned())],
            Refusal::ReportIsOlder { seen, current } => {
                vec![("seen", seen.to_string()), ("current", current.to_string())]
            }
            Refusal::ReportNotAccepted { order, state } => {
                vec![("order", order.to_string()), ("state", state.as_str().to_owned())]
            }
            other => other.values_of_package(),
        }
    }

    /// `given` is not among `known`; offers the nearest.
    pub fn unknown_key<'a>(
        field: &str,
        what: &'static str,
        given: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Refusal {
        let known: Vec<&str> = known.into_iter().collect();
        Refusal::UnknownKey {
            field: field.to_owned(),
            what,
            given: given.chars().take(80).collect(),
            nearest: super::key::nearest(given, known.iter().copied()).map(str::to_owned),
            known: known.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The step needs what is missing; the first of it is the field.
    #[must_use]
    pub fn information_missing(step: GatedStep, missing: Vec<Asked>) -> Refusal {
        let first = missing.first().map(|asked| asked.key.as_str()).unwrap_or_default();
        let is_own = first == CATEGORY || super::pack::PLACES.contains(&first);
        let field = if is_own { first.to_owned() } else { format!("fields.{first}") };
        Refusal::InformationMissing { step, field, missing }
    }

    #[must_use]
    pub fn invalid(field: &str, message: impl Into<String>) -> Refusal {
        Refusal::Invalid { field: field.to_owned(), message: message.into() }
    }

    #[must_use]
    pub fn not_found(what: &'static str, id: impl ToString) -> Refusal {
        Refusal::NotFound { what, id: id.to_string() }
    }

    #[must_use]
    pub fn forbidden(what: impl Into<String>) -> Refusal {
        Refusal::Forbidden { what: what.into() }
    }
}

/// What is told of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// A stable word for programs, such as `stale_version`.
    pub code: String,
    /// For people: what, where, and what would be right.
    pub message: String,
    /// The part of the request that is wrong, such as `changes.status`.
    pub field: Option<String>,
    /// Each thing that is wrong, where the request holds several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// With `information_missing`: everything that the step asks for and the ticket lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Asked>,
    /// What the sentence speaks of, by name, for programs that say it in another language; left out where there is
    /// nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

impl From<Refusal> for ErrorDetail {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code().to_owned(),
            message: refusal.to_string(),
            field: refusal.field().map(str::to_owned),
            problems: refusal.problems().to_vec(),
            values: refusal.named_values(),
            missing: match refusal {
                Refusal::InformationMissing { missing, .. } => missing,
                _ => Vec::new(),
            },
        }
    }
}

fn of_hours(hours: &Option<(Moment, Moment)>) -> String {
    hours.map_or_else(|| " then".to_owned(), |(from, to)| format!(" from {from} to {to}"))
}

fn in_words(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// `Error code (error_code), Access (access): the badge's number`.
fn asked(missing: &[Asked]) -> String {
    let one = |asked: &Asked| {
        let words = |label: &super::Label| label.in_language(super::Language::En).map(str::to_owned);
        let label = words(&asked.label).unwrap_or_else(|| asked.key.to_string());
        let hint = asked.hint.as_ref().and_then(words).map(|hint| format!(": {hint}")).unwrap_or_default();
        format!("{label} ({}){hint}", asked.key)
    };
    missing.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn stages(from: &Stage) -> String {
    match from.next() {
        [] => "nothing, it is over".to_owned(),
        next => next.iter().map(|stage| stage.as_str()).collect::<Vec<_>>().join(", "),
    }
}
