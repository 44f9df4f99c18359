//! Plugins: a call goes to the outbox, its answer comes back to the handler that was named.

use serde_json::json;

use super::apply::about;
use super::done::{DeskError, Done};
use super::record::record;
use super::work::{Wake, Work};
use crate::domain::Refusal;
use crate::domain::command::{CallPlugin, JobEnd, PluginAnswer, PluginAnswered};
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::store;
use crate::store::job::Job;
use crate::workflow::Occasion;

/// The kind of the job that calls a plugin.
pub const CALL_PLUGIN: &str = "call_plugin";
/// Largest input of a call, in bytes of JSON.
pub const INPUT_BYTES_MAX: usize = 256 * 1024;

pub(super) fn call(work: &mut Work<'_>, call: CallPlugin) -> Result<Done, DeskError> {
    let ticket = work.ticket_for(call.ticket, Step::WorkOnTicket, None)?;
    let installed = store::plugin::of_client(&work.tx, ticket.client, &call.plugin)?;
    if !installed.is_some_and(|installed| installed.is_enabled) {
        return Err(Refusal::PluginNotInstalled { plugin: call.plugin }.into());
    }
    let bytes = call.input.to_string().len();
    if bytes > INPUT_BYTES_MAX {
        return Err(Refusal::TooLong { field: "input".to_owned(), bytes, bytes_max: INPUT_BYTES_MAX }.into());
    }
    let body = json!({
        "plugin": call.plugin, "function": call.function, "input": call.input,
        "then": call.then, "context": call.context,
    });
    let fresh = super::job::fresh(&work.tx, CALL_PLUGIN, body);
    let job = Job { client: Some(ticket.client), ticket: Some(ticket.id), ..fresh };
    let id = job.id;
    store::job::insert(&work.tx, &job)?;
    work.note_change(Some(ticket.client), "job");
    record(
        work,
        ticket.id,
        Event::PluginCalled { plugin: call.plugin, function: call.function, then: call.then },
    )?;
    Ok(about(ticket.id, Some(id.0)))
}

/// The answer wakes its handler; it is recorded as an event without its content, which the run keeps.
pub(super) fn answered(work: &mut Work<'_>, answered: PluginAnswered) -> Result<Done, DeskError> {
    let id = answered.ticket;
    work.ticket_for(id, Step::WorkOnTicket, None)?;
    if let Some(job) = answered.job
        && !super::job::end(work, job, &JobEnd::Done)?
    {
        // Another attempt has answered already.
        return Ok(about(id, None));
    }
    let occasion = Occasion::answered(&answered);
    record(
        work,
        id,
        Event::PluginAnswered {
            plugin: answered.plugin,
            function: answered.function,
            then: answered.then,
            is_ok: matches!(answered.answer, PluginAnswer::Ok { .. }),
        },
    )?;
    work.waiting.push_back(Wake { ticket: id, occasion, depth: 0 });
    Ok(about(id, None))
}
