//! Plugins: a call goes to the outbox, its answer comes back to the handler that was named.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::apply::about;
use super::done::{DeskError, Done};
use super::record::record;
use super::references;
use super::work::{Wake, Work};
use crate::domain::command::{CallPlugin, InstallPlugin, JobEnd, PluginAnswer, PluginAnswered, Switch};
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::domain::{InstallationId, JobId, Key, Refusal};
use crate::store;
use crate::store::job::{Job, JobState};
use crate::store::plugin::Installation;
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
    let id: JobId = work.tx.id();
    let job = Job {
        id,
        kind: Key::new(CALL_PLUGIN).expect("a key"),
        client: Some(ticket.client),
        ticket: Some(ticket.id),
        body: json!({
            "plugin": call.plugin, "function": call.function, "input": call.input,
            "then": call.then, "context": call.context,
        }),
        state: JobState::Waiting,
        run_at: work.tx.now(),
        attempts: 0,
        lease_until: None,
        last_error: None,
        created_at: work.tx.now(),
        finished_at: None,
    };
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

pub(super) fn install(work: &mut Work<'_>, install: InstallPlugin) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    let client = store::client::get(&work.tx, install.client)?;
    let client = client.ok_or_else(|| Refusal::not_found("client", install.client))?;
    if store::plugin::package(&work.tx, &install.package_sha256)?.is_none() {
        return Err(Refusal::not_found("plugin package", &install.package_sha256).into());
    }
    let before = store::plugin::of_client(&work.tx, client.id, &install.plugin)?;
    let functions = |sha256: &str| -> Result<BTreeSet<Key>, DeskError> {
        Ok(store::plugin::package(&work.tx, sha256)?.map(|package| package.functions()).unwrap_or_default())
    };
    let lost: Vec<Key> = match &before {
        Some(before) => {
            let now = functions(&install.package_sha256)?;
            functions(&before.package_sha256)?.into_iter().filter(|own| !now.contains(own)).collect()
        }
        None => Vec::new(),
    };
    let installation = Installation {
        id: before.as_ref().map_or_else(|| work.tx.id(), |before| before.id),
        client: client.id,
        plugin: install.plugin,
        package_sha256: install.package_sha256,
        configuration: object(install.configuration, "configuration")?,
        grants: install.grant,
        secrets: install.secrets,
        is_enabled: true,
        version: before.map_or(1, |before| before.version + 1),
    };
    store::plugin::put(&work.tx, &installation)?;
    work.note_change(Some(client.id), "plugin");
    let (id, warnings) = (Some(installation.id.to_string()), references::after_loss(work, &client, lost)?);
    Ok(Done { id, version: Some(installation.version), warnings, ..Done::default() })
}

fn object(value: Value, field: &str) -> Result<Value, Refusal> {
    if value.is_object() { Ok(value) } else { Err(Refusal::invalid(field, "must be a JSON object")) }
}

pub(super) fn set_enabled(work: &mut Work<'_>, id: InstallationId, state: Switch) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    let found = store::plugin::get(&work.tx, id)?;
    let mut installation = found.ok_or_else(|| Refusal::not_found("plugin installation", id))?;
    installation.is_enabled = state == Switch::On;
    installation.version += 1;
    store::plugin::put(&work.tx, &installation)?;
    work.note_change(Some(installation.client), "plugin");
    let client = store::client::get(&work.tx, installation.client)?.filter(|_| !installation.is_enabled);
    let lost = client.map(|client| references::after_loss(work, &client, [installation.plugin.clone()]));
    let warnings = lost.transpose()?.unwrap_or_default();
    Ok(Done { id: Some(id.to_string()), version: Some(installation.version), warnings, ..Done::default() })
}
