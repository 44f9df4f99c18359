//! What administrators see of an installation's work: its calls, what was refused of what it brought, conflicts, how
//! far it has been polled.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::permission::Step;
use crate::domain::plugin::{Prefer, RefusalDocument};
use crate::domain::{
    ConflictId, InstallationId, JobId, Moment, ParkedItemId, PersonId, PluginCallId, Refusal, Span, TicketId,
};
use crate::store;
use crate::store::plugin::Installation;
use crate::store::plugin_call::{PluginCall, Which};
use crate::store::plugin_conflict::{Conflict, ConflictWhy};
use crate::store::plugin_item::{ParkedItem, ParkedState};

/// Most rows of one page.
pub const ROWS_MAX: usize = 100;

/// One call, as its log has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CallLine {
    pub id: PluginCallId,
    /// `function`, `event`, `poll`, `webhook`, `check` or `refused`.
    pub entry: String,
    /// The function, the kind of the event, the path of the webhook.
    pub name: Option<String>,
    pub job: Option<JobId>,
    pub ticket: Option<TicketId>,
    pub attempt: i64,
    pub started_at: Moment,
    /// `answered`, or the code of the failure.
    pub outcome: String,
    pub message: Option<String>,
    pub is_retryable: bool,
    /// Processor time of the plugin's own code, in microseconds.
    pub guest_us: i64,
    /// From start to end, in milliseconds.
    pub wall_ms: i64,
    pub memory_bytes: i64,
    /// Lines that it wrote: `level` and `message`.
    #[schema(value_type = Object)]
    pub log: Value,
    /// Requests that it made: `method`, `url`, `authentication`, `outcome`, `request_bytes`, `response_bytes`,
    /// `duration_ms`.
    #[schema(value_type = Object)]
    pub requests: Value,
    /// What it was given, of a call that failed.
    #[schema(value_type = Option<Object>)]
    pub input: Option<Value>,
}

/// An item that was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ParkedLine {
    pub id: ParkedItemId,
    pub ticket: Option<TicketId>,
    pub external: Option<String>,
    pub key: Option<String>,
    /// As the plugin gave it.
    #[schema(value_type = Object)]
    pub item: Value,
    pub refusal: RefusalDocument,
    pub state: ParkedState,
    pub at: Moment,
    pub decided_at: Option<Moment>,
}

/// A value that was changed on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConflictLine {
    pub id: ConflictId,
    pub ticket: TicketId,
    /// `BANK-1042`.
    pub number: Option<String>,
    pub field: String,
    #[schema(value_type = Object)]
    pub ours: Value,
    #[schema(value_type = Object)]
    pub theirs: Value,
    pub won: Prefer,
    pub why: ConflictWhy,
    pub at: Moment,
}

/// How far an installation has been polled, and what waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PluginProgress {
    pub cursor: Option<String>,
    /// What the administrator set instead of the manifest's interval, in milliseconds.
    pub every: Option<Span>,
    pub polled_at: Option<Moment>,
    /// Nothing when it is not polled.
    pub next_poll_at: Option<Moment>,
    /// Polls in a row that failed.
    pub failures: i64,
    pub last_error: Option<String>,
    /// Refused items that wait for a person.
    pub parked: i64,
    pub kv_bytes: u64,
    /// Whether a token was made, so that requests from outside can come in.
    pub has_hook_token: bool,
}

impl Reading<'_> {
    /// The installation, when the reader supervises its client.
    fn installed(&self, id: InstallationId) -> Result<Installation, ViewError> {
        let found = store::plugin::get(self.db, id)?;
        let unknown = || Refusal::not_found("plugin installation", id);
        let installation = found.ok_or_else(unknown)?;
        if !self.may(Step::Supervise, installation.client) {
            return Err(unknown().into());
        }
        Ok(installation)
    }
}

impl Views {
    /// Calls of an installation, latest first.
    pub fn plugin_calls(
        &self,
        person: PersonId,
        installation: InstallationId,
        which: Which,
        before: Option<PluginCallId>,
    ) -> Result<Vec<CallLine>, ViewError> {
        self.read(person, |reading| {
            reading.installed(installation)?;
            let rows = store::plugin_call::page(reading.db, installation, which, before, ROWS_MAX)?;
            Ok(rows.into_iter().map(call_line).collect())
        })
    }

    /// Refused items of an installation, latest first.
    pub fn parked_items(
        &self,
        person: PersonId,
        installation: InstallationId,
        before: Option<ParkedItemId>,
    ) -> Result<Vec<ParkedLine>, ViewError> {
        self.read(person, |reading| {
            reading.installed(installation)?;
            let rows = store::plugin_item::page(reading.db, installation, before, ROWS_MAX)?;
            Ok(rows.into_iter().map(parked_line).collect())
        })
    }

    /// Conflicts of an installation, latest first.
    pub fn plugin_conflicts(
        &self,
        person: PersonId,
        installation: InstallationId,
        before: Option<ConflictId>,
    ) -> Result<Vec<ConflictLine>, ViewError> {
        self.read(person, |reading| {
            reading.installed(installation)?;
            let rows = store::plugin_conflict::page(reading.db, installation, before, ROWS_MAX)?;
            rows.into_iter().map(|row| reading.conflict_line(row)).collect()
        })
    }

    /// How far an installation has been polled, and what waits.
    pub fn plugin_progress(
        &self,
        person: PersonId,
        installation: InstallationId,
    ) -> Result<PluginProgress, ViewError> {
        self.read(person, |reading| {
            reading.installed(installation)?;
            let (db, id) = (reading.db, installation);
            let cursor = store::plugin_state::cursor(db, id)?;
            let poll = store::job::open_of_lane(db, &store::job::poll_lane(id))?;
            Ok(PluginProgress {
                cursor: cursor.cursor,
                every: cursor.every,
                polled_at: cursor.polled_at,
                next_poll_at: poll.map(|job| job.run_at),
                failures: cursor.failures,
                last_error: cursor.last_error,
                parked: store::plugin_item::parked_count(db, id)?,
                kv_bytes: store::plugin_state::kv_bytes(db, id)?,
                has_hook_token: store::plugin_hook::token(db, id)?.is_some(),
            })
        })
    }
}

impl Reading<'_> {
    fn conflict_line(&self, row: Conflict) -> Result<ConflictLine, ViewError> {
        let number = match store::ticket::get(self.db, row.ticket)? {
            Some(ticket) => store::client::get(self.db, ticket.client)?
                .map(|client| format!("{}-{}", client.prefix, ticket.number)),
            None => None,
        };
        let Conflict { id, ticket, field, ours, theirs, won, why, at, .. } = row;
        Ok(ConflictLine { id, ticket, number, field, ours, theirs, won, why, at })
    }
}

fn parked_line(row: ParkedItem) -> ParkedLine {
    let ParkedItem { id, ticket, external, key, item, refusal, state, at, decided_at, .. } = row;
    ParkedLine { id, ticket, external, key, item, refusal, state, at, decided_at }
}

fn call_line(row: PluginCall) -> CallLine {
    CallLine {
        id: row.id,
        entry: row.entry.to_string(),
        name: row.name,
        job: row.job,
        ticket: row.ticket,
        attempt: row.attempt,
        started_at: row.started_at,
        outcome: row.outcome,
        message: row.message,
        is_retryable: row.is_retryable,
        guest_us: row.guest_us,
        wall_ms: row.wall_ms,
        memory_bytes: row.memory_bytes,
        log: row.log,
        requests: row.requests,
        input: row.input,
    }
}
