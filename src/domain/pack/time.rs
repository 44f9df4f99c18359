//! The part of a `client.toml` by which time is counted: calendars, targets and stages, as one piece to edit.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Pack, PackError, PackFault, edit};
use crate::domain::calendar::{CalendarSettings, Lists, NamedCalendar};
use crate::domain::calendars;
use crate::domain::sla::{self, Target, TicketStage};

/// Bytes of a text's hash that tell one draft from another.
const FINGERPRINT_BYTES: usize = 12;

/// Calendars, targets and stages of a pack, as `client.toml` says them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeSettings {
    pub calendar: CalendarSettings,
    #[serde(default)]
    pub calendars: Vec<NamedCalendar>,
    #[serde(default)]
    pub sla: Vec<Target>,
    #[serde(default)]
    pub stages: Vec<TicketStage>,
}

/// One thing that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimeFault {
    /// The way to it, such as `calendars.0.hours.2` or `sla.3.priority`; `null`: about the whole.
    pub field: Option<String>,
    /// In the text of `client.toml`, from 1.
    pub line: usize,
    pub column: usize,
    /// A stable word for programs, such as `no_open_hour`.
    pub code: String,
    /// What the sentence speaks of, in its order.
    pub values: Vec<String>,
    pub message: String,
}

impl TimeSettings {
    pub const MEMBERS: [&'static str; 4] = ["calendar", "calendars", "stages", "sla"];

    /// What the text says, whether it can be used or not.
    ///
    /// # Errors
    /// The text is no TOML, or no pack: only the text editor helps.
    pub fn read(text: &str) -> Result<Pack, PackError> {
        toml::from_str(text)
            .map_err(|error| PackError::of_toml(text, error.span().map(|span| span.start), error.message()))
    }

    /// Whether a fault at `field` lies in this part of the settings.
    #[must_use]
    pub fn holds(field: &str) -> bool {
        Self::MEMBERS.contains(&field.split('.').next().unwrap_or_default())
    }
}

impl Pack {
    #[must_use]
    pub fn time(&self) -> TimeSettings {
        TimeSettings {
            calendar: self.calendar.clone(),
            calendars: self.calendars.clone(),
            sla: self.sla.clone(),
            stages: self.stages.clone(),
        }
    }

    /// Whether tickets' time is counted by both alike; words of people and what has nothing to do with time do not
    /// matter.
    #[must_use]
    pub fn counts_time_like(&self, other: &Pack) -> bool {
        let statuses = |pack: &Pack| -> Vec<_> {
            let of = |status: &super::Status| (status.key.clone(), status.phase, status.waits_for);
            pack.statuses.iter().map(of).collect()
        };
        let queues = |pack: &Pack| -> Vec<_> {
            let of =
                |queue: &super::Queue| (queue.key.clone(), queue.calendar.clone(), queue.partner.clone());
            pack.queues.iter().map(of).collect()
        };
        let hours = |pack: &Pack| -> Vec<_> {
            pack.packages.iter().map(|package| (package.key.clone(), package.hours.clone())).collect()
        };
        self.time() == other.time()
            && self.contract == other.contract
            && statuses(self) == statuses(other)
            && queues(self) == queues(other)
            && hours(self) == hours(other)
    }

    /// The same pack with other calendars, targets and stages.
    #[must_use]
    pub fn with_time(self, time: TimeSettings) -> Pack {
        let TimeSettings { calendar, calendars, sla, stages } = time;
        Pack { calendar, calendars, sla, stages, ..self }
    }

    /// Everything that is wrong with how time is counted, and the first thing that is wrong elsewhere.
    #[must_use]
    pub fn faults_of_time(&self, lists: Lists<'_>) -> Vec<PackFault> {
        let mut faults = calendars::faults(self, lists);
        faults.extend(sla::faults(self));
        faults.extend(super::check::check(self).err().filter(|first| !faults.contains(first)));
        faults
    }
}

impl PackFault {
    /// The fault with its place in a text.
    #[must_use]
    pub fn of_time(self, text: &str) -> TimeFault {
        let (line, column) = self.place.find(text);
        TimeFault {
            field: self.place.way(),
            line,
            column,
            code: self.code.to_owned(),
            values: self.values,
            message: self.message,
        }
    }
}

/// `text`, a `client.toml`, with other calendars, targets and stages; everything else stays as it is written.
///
/// # Errors
/// The text is no pack.
pub fn rewrite(text: &str, time: &TimeSettings) -> Result<String, PackError> {
    let before = TimeSettings::read(text)?.time();
    edit::write(text, &before, time)
}

/// Tells one text from another.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let hash = Sha256::digest(text);
    hash.iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect()
}
