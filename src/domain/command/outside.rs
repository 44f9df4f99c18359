//! Commands about the world outside: plugins that are called, attempts at jobs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{JobId, Key, Moment, TicketId};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallPlugin {
    pub ticket: TicketId,
    pub plugin: Key,
    pub function: Key,
    pub input: Value,
    /// The handler that takes the answer.
    pub then: Option<Key>,
    /// What the handler gets back beside the answer.
    pub context: Value,
}

/// What a plugin answered, or why there is no answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginAnswered {
    pub ticket: TicketId,
    /// The job that brought it, which ends with it in one transaction.
    pub job: Option<JobId>,
    pub plugin: Key,
    pub function: Key,
    pub then: Option<Key>,
    pub context: Value,
    pub answer: PluginAnswer,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PluginAnswer {
    Ok {
        #[schema(value_type = Object)]
        value: Value,
    },
    Failed {
        message: String,
    },
}

/// How an attempt at a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum JobEnd {
    Done,
    /// Once more at that time.
    Retry {
        at: Moment,
        error: String,
    },
    /// Given up until a person replays it.
    Dead {
        error: String,
    },
    /// It was not tried at all, and does not count as an attempt.
    Postponed {
        at: Moment,
        why: String,
    },
    /// Nobody wants it any more.
    Dropped {
        why: String,
    },
}
