//! What a plugin brought goes to the desk: its files are stored, then its items, cursor and kept values in one command.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::enter_plugin::within_ceiling;
use super::installed::Ground;
use super::runner::{Shared, hand_in};
use crate::commands::personal::{self, FileLabel};
use crate::commands::{DeskError, Done, Request};
use crate::domain::command::{Command, KvWrite, PluginAnswered, PollEnd, TakeItems};
use crate::domain::{AttachmentId, JobId, TicketId};
use crate::plugin_host::{self, NewFile};

/// What a call brought beside its answer.
#[derive(Default)]
pub(super) struct Brought {
    pub job: Option<JobId>,
    pub ticket: Option<TicketId>,
    pub items: Vec<Value>,
    pub kv: Vec<plugin_host::KvWrite>,
    pub files: Vec<NewFile>,
    pub poll: Option<PollEnd>,
    pub answered: Option<Box<PluginAnswered>>,
}

/// Hands in all of it. Only when this has answered is it on the disk.
pub(super) async fn take(shared: &Shared, ground: &Ground, brought: Brought) -> Result<Done, DeskError> {
    let files = keep_files(shared, ground, brought.files, &brought.items).await?;
    let ceiling = match brought.items.is_empty() {
        true => None,
        false => Some(within_ceiling(shared, ground).await.commands),
    };
    let kv = brought.kv.into_iter().map(|write| KvWrite { key: write.key, value: write.value });
    let take = TakeItems {
        installation: ground.installation.id,
        job: brought.job,
        ticket: brought.ticket,
        items: brought.items,
        files,
        kv: kv.collect(),
        ceiling,
        poll: brought.poll,
        answered: brought.answered,
    };
    let request = Request::new(ground.actor(), Command::TakeItems(Box::new(take)));
    let done = hand_in(shared, &request).await?;
    if !done.taken.parked.is_empty() {
        tracing::warn!(
            installation = ground.installation.id.0, plugin = %ground.installation.plugin,
            parked = done.taken.parked.len(), "items of a plugin were refused and are parked"
        );
    }
    Ok(done)
}

/// Stores the files that items name, as uploads of the plugin that a command names next; all others are thrown away.
/// After a crash in between, they vanish as any upload that nothing names.
async fn keep_files(
    shared: &Shared,
    ground: &Ground,
    files: Vec<NewFile>,
    items: &[Value],
) -> Result<BTreeMap<String, AttachmentId>, DeskError> {
    let mut named = BTreeSet::new();
    items.iter().for_each(|item| texts_of(item, &mut named));
    let mut kept = BTreeMap::new();
    for file in files {
        if named.contains(file.handle.as_str()) {
            let id = keep(shared, ground, &file).await?;
            kept.insert(file.handle.clone(), id);
        }
    }
    Ok(kept)
}

fn texts_of<'a>(value: &'a Value, texts: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => {
            texts.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| texts_of(field, texts)),
        _ => {}
    }
}

async fn keep(shared: &Shared, ground: &Ground, file: &NewFile) -> Result<AttachmentId, DeskError> {
    let label = FileLabel::new(&file.name, &file.media_type).or_else(|_| FileLabel::new("file", ""))?;
    let (files, path) = (shared.outside.files.clone(), file.path.to_path_buf());
    let sealed = tokio::task::spawn_blocking(move || files.seal_copy(&path));
    let sealed = sealed.await.map_err(|_| DeskError::Stopped)??;
    let actor = ground.actor();
    let record = move |tx: &crate::store::Tx| personal::record_file(tx, &actor, sealed, label);
    Ok(shared.desk.aside(record).await?.id)
}
