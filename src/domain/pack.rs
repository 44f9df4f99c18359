//! A client pack's settings (`client.toml`): statuses, categories, fields, queues, targets, templates.

mod check;
mod check_lines;
mod edit;
mod fault;
mod incidents;
mod lines;
mod place;
mod ready;
mod schedule;
mod time;
mod unreadable;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use check::with_hint;
pub use fault::{NO_VALUES, PackError, PackFault};
pub use incidents::{DuplicateSettings, IncidentSettings};
pub use lines::{
    AcceptTime, AcceptWithin, Asked, CATEGORY, Classification, Gate, GatedStep, HandOverForm, Otherwise,
    PLACES,
};
pub use place::Place;
pub use place::places_of_setting;
pub use ready::{Needs, ReadyPack};
pub use schedule::ScheduleEntry;
pub use time::{TimeFault, TimeSettings, fingerprint, rewrite};
pub use words::{PackNames, kept_keys};

use super::assignment::{AssignmentSettings, Strategy};
use super::calendar::{CalendarSettings, HolidayLists, Lists, NamedCalendar};
use super::calendars::Calendars;
use super::contract::{Contract, Package, Service};
use super::handover::HandoverSettings;
use super::hold::Budget;
use super::key::Label;
use super::roster::RosterSettings;
use super::sla::{Target, TicketStage};
use super::ticket::Level;
use super::time_entry::EntrySettings;
use super::watch::WatchSettings;
use super::{Key, Language, Refusal};

/// Longest `client.toml`, in bytes.
pub const SETTINGS_BYTES_MAX: usize = 256 * 1024;
/// Longest `workflow.rhai`, in bytes.
pub const SCRIPT_BYTES_MAX: usize = 256 * 1024;

/// Everything that `client.toml` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// The pack's name, such as `atm-service`.
    pub key: Key,
    pub title: Label,
    /// For whom the pack is, in a sentence or two: read by who chooses one to start from.
    #[serde(default)]
    pub about: Label,
    pub language: Language,
    /// By which clocks run where nothing else is said.
    pub calendar: CalendarSettings,
    /// Calendars of contracts, sites and teams.
    #[serde(default)]
    pub calendars: Vec<NamedCalendar>,
    pub statuses: Vec<Status>,
    pub categories: Vec<Category>,
    #[serde(default)]
    pub fields: Vec<Field>,
    pub queues: Vec<Queue>,
    pub resolutions: Vec<Labelled>,
    /// Why a work order can be refused or not done.
    #[serde(default)]
    pub order_outcomes: Vec<Labelled>,
    /// Kinds of documents that a report of a visit can hold.
    #[serde(default)]
    pub document_kinds: Vec<Labelled>,
    #[serde(default)]
    pub templates: Vec<Template>,
    /// When `on_schedule` is called.
    #[serde(default)]
    pub schedules: Vec<ScheduleEntry>,
    /// Timers' names, for the checker and for people.
    #[serde(default)]
    pub timers: Vec<Labelled>,
    #[serde(default)]
    pub priorities: PriorityMatrix,
    #[serde(default)]
    pub sla: Vec<Target>,
    /// Parts of a ticket's way that have targets of their own.
    #[serde(default)]
    pub stages: Vec<TicketStage>,
    #[serde(default)]
    pub contract: Contract,
    /// What packages include, exclude or sell.
    #[serde(default)]
    pub services: Vec<Service>,
    /// What a client can buy; `contract` says who has which.
    #[serde(default)]
    pub packages: Vec<Package>,
    #[serde(default)]
    pub assignment: AssignmentSettings,
    /// Where open tickets go when who has them leaves.
    #[serde(default)]
    pub handover: HandoverSettings,
    /// Whether people may swap their shifts by themselves.
    #[serde(default)]
    pub roster: RosterSettings,
    /// How time entries are counted.
    #[serde(default)]
    pub time: EntrySettings,
    /// Who leads major incidents, and what attached tickets look like.
    #[serde(default)]
    pub major_incident: IncidentSettings,
    /// How far back possible duplicates are looked for.
    #[serde(default)]
    pub duplicates: DuplicateSettings,
    /// What raises an alarm, and who is told.
    #[serde(default)]
    pub watch: WatchSettings,
    /// How many messages the script sends on its own.
    #[serde(default)]
    pub budget: Budget,
    /// What must be known before a ticket is handed to a next line.
    #[serde(default)]
    pub hand_over_forms: Vec<HandOverForm>,
    #[serde(default)]
    pub classification: Classification,
    pub on_failure: OnFailure,
    /// Free settings, `settings.x` in the script.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: toml::Table,
    /// Overrides of `settings` by sub-client.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub sub_client_settings: BTreeMap<Key, toml::Table>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Status {
    pub key: Key,
    pub label: Label,
    pub phase: Phase,
    /// The clocks stand still in this status, and for whom we wait.
    #[serde(default)]
    pub waits_for: Option<WaitsFor>,
}

/// What a status means to the desk. The first status of a phase is the one that the desk itself uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    New,
    Open,
    Resolved,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    Client,
    Part,
    Approval,
    ThirdParty,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub key: Key,
    pub label: Label,
    /// What a ticket has before anybody classified it.
    #[serde(default)]
    pub is_default: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub key: Key,
    pub label: Label,
    pub kind: FieldKind,
    /// For a choice: what can be chosen.
    #[serde(default)]
    pub choices: Vec<Labelled>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    Number,
    Flag,
    Choice,
    Moment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    pub key: Key,
    pub label: Label,
}

/// A support line or a department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    pub key: Key,
    pub label: Label,
    pub kind: QueueKind,
    /// For a support line: 0 to 4.
    #[serde(default)]
    pub level: Option<i64>,
    /// The partner organisation (by key) that this department is.
    #[serde(default)]
    pub partner: Option<Key>,
    /// When its people work: a key of `calendars`; without one, as the ticket's clocks run.
    #[serde(default)]
    pub calendar: Option<Key>,
    /// Where new tickets stand.
    #[serde(default)]
    pub is_default: bool,
    /// How its members are compared when a ticket is given to one of them; empty: the least loaded.
    #[serde(default)]
    pub strategy: Vec<Strategy>,
    /// Until when whoever is given one of its tickets must accept it; without it, nobody must.
    #[serde(default)]
    pub accept_within: Option<AcceptWithin>,
    /// What its tasks may end with, when the task itself names nothing.
    #[serde(default)]
    pub outcomes: Vec<Labelled>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueKind {
    Line,
    Department,
}

/// What a template may name between double braces, as scripts call it.
pub const TEMPLATE_MARKS: [&str; 7] = [
    "ticket.key",
    "ticket.subject",
    "ticket.title",
    "client.name",
    "site.address",
    "order.number",
    "order.engineer",
];

/// What a template that `watch.client_templates` names may name instead: the client, how many arrived or wait, how
/// many were expected or allowed, and for how many minutes it has been so.
pub const ALARM_MARKS: [&str; 5] =
    ["client.name", "alarm.about", "alarm.observed", "alarm.expected", "alarm.minutes"];

/// A text that is sent; marks such as `{{ticket.key}}` are replaced, see [`TEMPLATE_MARKS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub key: Key,
    pub text: Label,
}

impl Template {
    /// The words with every mark replaced by what `value` says of it. What is filled in is not read again: a
    /// subject that looks like a mark stays as it is.
    #[must_use]
    pub fn fill(words: &str, value: impl Fn(&str) -> Option<String>) -> String {
        let mut filled = String::with_capacity(words.len());
        let mut rest = words;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((mark, behind)) = after.split_once("}}") else {
                filled.push_str("{{");
                rest = after;
                continue;
            };
            match value(mark.trim()) {
                Some(value) => filled.push_str(&value),
                None => filled.extend(["{{", mark, "}}"]),
            }
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }

    /// A mark that is not among `known`, when the text has one.
    fn unknown_mark(&self, known: &[&str]) -> Option<String> {
        let unknown = std::cell::RefCell::new(None);
        for words in self.text.0.values() {
            let _ = Self::fill(words, |mark| {
                if !known.contains(&mark) {
                    unknown.borrow_mut().get_or_insert(mark.to_owned());
                }
                None
            });
        }
        unknown.into_inner()
    }
}

/// Priority by impact (rows: high, medium, low) and urgency (columns: high, medium, low).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Vec<Vec<i64>>)]
pub struct PriorityMatrix(pub [[i64; 3]; 3]);

impl Default for PriorityMatrix {
    fn default() -> Self {
        Self([[1, 2, 3], [2, 3, 4], [3, 4, 5]])
    }
}

impl PriorityMatrix {
    #[must_use]
    pub fn priority(&self, impact: Level, urgency: Level) -> i64 {
        self.0[impact as usize][urgency as usize]
    }
}

/// The default rule: where a ticket goes when the script fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnFailure {
    pub queue: Key,
}

impl Pack {
    /// Reads and checks the text of a `client.toml`.
    pub fn parse(text: &str) -> Result<Pack, PackError> {
        if text.len() > SETTINGS_BYTES_MAX {
            let message =
                format!("the file has {} bytes; at most {SETTINGS_BYTES_MAX} are taken", text.len());
            let values = [text.len().to_string(), SETTINGS_BYTES_MAX.to_string()];
            return Err(PackError::of_file("settings_too_long", values, message));
        }
        let pack = TimeSettings::read(text)?;
        check::hours_are_left_out_or_written(text).map_err(|fault| fault.in_text(text))?;
        check::check(&pack).map_err(|fault| fault.in_text(text))?;
        Ok(pack)
    }

    /// As [`Pack::parse`], with the client's holiday lists, which the calendars may name.
    pub fn parse_with(text: &str, lists: &HolidayLists) -> Result<(Pack, Calendars), PackError> {
        let pack = Pack::parse(text)?;
        let calendars = Calendars::new(&pack, Lists::Known(lists)).map_err(|fault| fault.in_text(text))?;
        Ok((pack, calendars))
    }

    /// The holiday lists that its calendars name, without the built-in ones.
    pub fn holiday_keys(&self) -> BTreeSet<Key> {
        let named = self.calendars.iter().flat_map(|calendar| &calendar.holidays);
        self.calendar.holidays.iter().chain(named).filter_map(|name| Key::new(name).ok()).collect()
    }

    #[must_use]
    pub fn status(&self, key: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.key == *key)
    }

    /// The status that the desk itself sets for a phase.
    #[must_use]
    pub fn status_of_phase(&self, phase: Phase) -> &Status {
        let found = self.statuses.iter().find(|status| status.phase == phase);
        found.expect("check() demands a status of each phase")
    }

    #[must_use]
    pub fn category(&self, key: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.key == *key)
    }

    #[must_use]
    pub fn default_category(&self) -> Option<&Category> {
        self.categories.iter().find(|category| category.is_default)
    }

    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == *key)
    }

    #[must_use]
    pub fn queue(&self, key: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.key == *key)
    }

    #[must_use]
    pub fn default_queue(&self) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.is_default)
    }

    #[must_use]
    pub fn template(&self, key: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.key == *key)
    }

    #[must_use]
    pub fn stage(&self, key: &str) -> Option<&TicketStage> {
        self.stages.iter().find(|stage| stage.key == *key)
    }

    pub fn require_status(&self, field: &str, key: &Key) -> Result<&Status, Refusal> {
        self.status(key).ok_or_else(|| {
            Refusal::unknown_key(field, "status", key, self.statuses.iter().map(|status| status.key.as_str()))
        })
    }

    pub fn require_category(&self, field: &str, key: &Key) -> Result<&Category, Refusal> {
        self.category(key).ok_or_else(|| {
            Refusal::unknown_key(
                field,
                "category",
                key,
                self.categories.iter().map(|category| category.key.as_str()),
            )
        })
    }

    pub fn require_queue(&self, field: &str, key: &Key) -> Result<&Queue, Refusal> {
        self.queue(key).ok_or_else(|| {
            Refusal::unknown_key(field, "queue", key, self.queues.iter().map(|queue| queue.key.as_str()))
        })
    }

    pub fn require_resolution(&self, field: &str, key: &Key) -> Result<(), Refusal> {
        let known = || self.resolutions.iter().map(|resolution| resolution.key.as_str());
        if known().any(|resolution| *key == *resolution) {
            Ok(())
        } else {
            Err(Refusal::unknown_key(field, "resolution", key, known()))
        }
    }

    pub fn require_document_kind(&self, field: &str, key: &Key) -> Result<(), Refusal> {
        let known = || self.document_kinds.iter().map(|kind| kind.key.as_str());
        if known().any(|kind| *key == *kind) {
            Ok(())
        } else {
            Err(Refusal::unknown_key(field, "kind of document", key, known()))
        }
    }

    pub fn require_field(&self, field: &str, key: &Key) -> Result<&Field, Refusal> {
        self.field(key).ok_or_else(|| {
            Refusal::unknown_key(field, "field", key, self.fields.iter().map(|known| known.key.as_str()))
        })
    }
}

#[cfg(test)]
mod tests;
