//! A shadow: a draft that decides beside the published version on live events, its commands recorded and not applied.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::command::Command;

/// The shortest and the longest time that a shadow may be asked to stand, in hours.
pub const HOURS_MIN: i64 = 1;
pub const HOURS_MAX: i64 = 14 * 24;
/// Differences of one shadow that are kept; more are counted.
pub const DIFFERENCES_MAX: i64 = 500;
/// So many failed runs of the draft end its shadow.
pub const FAILURES_MAX: i64 = 20;
/// In one minute a shadow may take so many times the limit of one run; more ends it.
pub const MINUTE_RUN_WALLS: u32 = 100;
/// The commands of one side that a difference keeps, in bytes; those behind them are counted.
pub const SIDE_BYTES_MAX: usize = 16 * 1024;

/// Why a shadow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShadowEnd {
    /// Its time was up.
    Time,
    /// A person stopped it.
    Stopped,
    /// Something was published: it stood beside another version.
    Published,
    /// The draft failed too often.
    Failures,
    /// The draft took too much time of the desk.
    Slow,
    /// The draft does not compile with this version of the program.
    NotCompiled,
}

/// What became of the runs that were compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShadowCounts {
    /// Runs that both versions decided.
    pub runs: i64,
    /// Of these, those in which the draft wanted something else.
    pub different: i64,
    /// Of these, those in which the draft failed; it fails alone.
    pub failures: i64,
    /// Differences that are kept to be read; the others are only counted.
    pub kept: i64,
    /// Runs of tickets that stay on an older version, which were not compared.
    pub older: i64,
    /// What the draft's runs took together, in microseconds.
    pub micros: i64,
}

/// What one version said to an event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Said {
    /// Whether the version has a function for it at all.
    pub has_handler: bool,
    /// What it asked for, in order.
    pub commands: Vec<SaidCommand>,
    /// Commands behind these that were too long to be kept.
    pub left_out: usize,
    /// Why it failed; then it asked for nothing.
    pub failure: Option<String>,
    /// A guard's no.
    pub refused: Option<SaidNo>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SaidCommand {
    /// The shared module that asked for it; `null`: the script itself.
    pub module: Option<String>,
    /// From 1.
    pub line: usize,
    /// As in the commands of a run.
    #[schema(value_type = Object)]
    pub command: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SaidNo {
    /// What of the request it is about.
    pub field: String,
    pub message: String,
}

impl Said {
    /// Adds a command while there is room; from the first that has none on, they are counted.
    pub fn push(&mut self, module: Option<&str>, line: usize, command: &Command, bytes: &mut usize) {
        let written = serde_json::to_value(command).unwrap_or_default();
        *bytes = bytes.saturating_add(written.to_string().len());
        if *bytes > SIDE_BYTES_MAX {
            self.left_out += 1;
        } else {
            self.commands.push(SaidCommand { module: module.map(str::to_owned), line, command: written });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TicketId;

    #[test]
    fn what_has_no_room_is_counted() {
        let (mut said, mut bytes) = (Said::default(), 0);
        let count = |text: &str| Command::Notify {
            ticket: TicketId(1),
            to: crate::domain::command::Recipient::Assignee,
            template: None,
            text: Some(text.to_owned()),
            order: None,
        };
        for text in ["short", &"x".repeat(SIDE_BYTES_MAX), "short"] {
            said.push(None, 3, &count(text), &mut bytes);
        }
        assert_eq!((said.commands.len(), said.left_out), (1, 2));
        assert_eq!(said.commands[0].command["type"], "notify");
    }
}
