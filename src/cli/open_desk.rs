//! Opens the desk of a data folder that we hold: settings, keys, database, files, plugin host.

use std::sync::Arc;

use anyhow::Context;

use super::folder::Folder;
use crate::clock::Clock;
use crate::commands::{Desk, ScriptLimits};
use crate::config::{Config, PluginConfig};
use crate::domain::id::{IdMaker, NODE_MAX};
use crate::jobs::{Outside, Settings};
use crate::plugin_host::{
    Ability, COMMANDS, Ceiling, EVENT_KINDS, HostOptions, HostPattern, Limits, PluginHost, TICKET_FIELDS,
};
use crate::secrets::Keys;
use crate::store::files::Files;
use crate::store::{self, Durability, Readers};
use crate::workflow::RUN_WALL_MAX;

/// Where the plugin host keeps packages and their compiled code; it may be emptied at any time.
pub const PLUGIN_FOLDER: &str = "plugin-cache";

/// A desk that this process runs.
pub struct OpenDesk {
    pub folder: Folder,
    pub config: Config,
    pub desk: Desk,
    pub readers: Readers,
    pub outside: Outside,
}

impl OpenDesk {
    /// # Errors
    /// A sentence that says which part of the folder cannot be used and why.
    pub fn open(folder: Folder, config: Config) -> anyhow::Result<OpenDesk> {
        let keys = Keys::open(folder.path())?;
        Self::open_with(folder, config, keys)
    }

    /// With keys that need not be the folder's own.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_with(folder: Folder, config: Config, keys: Keys) -> anyhow::Result<OpenDesk> {
        let path = folder.path();
        let files = Files::open(path).context("the files of the desk cannot be opened")?;
        let cut_off = files.remove_cut_off().context("what a crash left of uploads cannot be removed")?;
        if cut_off > 0 {
            tracing::info!(files = cut_off, "removed what a crash left of uploads");
        }
        let host = PluginHost::new(host_options(&folder, &config.plugins, &keys)?);
        let node = i64::try_from(random() % (NODE_MAX.unsigned_abs() + 1)).unwrap_or_default();
        let (tx, readers) = store::open(path, Durability::Full, IdMaker::new(node), Clock::Machine.now())
            .with_context(|| format!("the desk in {} cannot be opened", path.display()))?;
        let limits =
            ScriptLimits { wall_max: RUN_WALL_MAX, messages_per_hour_max: config.script_messages_per_hour };
        let desk = Desk::start(tx, readers.clone(), Clock::Machine, limits)
            .context("the writer thread cannot be started")?;
        Ok(OpenDesk { folder, config, desk, readers, outside: Outside { host, files, keys } })
    }

    /// How the job runner is set up.
    #[must_use]
    pub fn job_settings(&self) -> Settings {
        Settings {
            at_once: self.config.jobs.at_once,
            at_once_per_plugin: self.config.jobs.at_once_per_plugin,
            retention: self.config.retention.clone(),
            random: Arc::new(random),
            base_url: self.config.base_url.clone(),
        }
    }

    /// Ends the children and the writer.
    pub async fn close(self) {
        self.outside.host.shutdown().await;
        let desk = self.desk.clone();
        if tokio::task::spawn_blocking(move || desk.stop()).await.is_err() {
            tracing::error!("the desk did not stop in order");
        }
    }
}

fn host_options(folder: &Folder, config: &PluginConfig, keys: &Keys) -> anyhow::Result<HostOptions> {
    let patterns = |name: &str, hosts: &[String]| -> anyhow::Result<Vec<HostPattern>> {
        let parsed = hosts.iter().map(|host| host.parse());
        parsed.collect::<Result<_, _>>().with_context(|| format!("the setting plugins.{name}"))
    };
    let limits = Limits::default();
    let allowed = config.allowed_hosts.as_deref();
    Ok(HostOptions {
        executable: std::env::current_exe().context("the program does not find its own file")?,
        cache_dir: folder.path().join(PLUGIN_FOLDER),
        seal_key: keys.code_seal(),
        allowed_hosts: allowed.map(|hosts| patterns("allowed_hosts", hosts)).transpose()?,
        private_hosts: patterns("private_hosts", &config.private_hosts)?,
        limits: Limits {
            memory_bytes: config.memory_bytes.unwrap_or(limits.memory_bytes),
            guest_ms: config.guest_ms.unwrap_or(limits.guest_ms),
            wall_ms: config.wall_ms.unwrap_or(limits.wall_ms),
        },
        ceiling: ceiling(config)?,
        tape: None,
    })
}

fn ceiling(config: &PluginConfig) -> anyhow::Result<Ceiling> {
    for (name, allowed, known) in [
        ("allowed_events", &config.allowed_events, &EVENT_KINDS[..]),
        ("allowed_fields", &config.allowed_fields, &TICKET_FIELDS[..]),
        ("allowed_commands", &config.allowed_commands, &COMMANDS[..]),
    ] {
        let unknown = allowed.iter().flatten().find(|word| !known.contains(&word.as_str()));
        if let Some(word) = unknown {
            anyhow::bail!("the setting plugins.{name} names `{word}`; there are {}", known.join(", "));
        }
    }
    let denied =
        config.denied_abilities.iter().map(|name| name.parse::<Ability>().map_err(anyhow::Error::msg));
    Ok(Ceiling {
        events: config.allowed_events.clone(),
        fields: config.allowed_fields.clone(),
        commands: config.allowed_commands.clone(),
        denied: denied.collect::<Result<_, _>>().context("the setting plugins.denied_abilities")?,
    })
}

fn random() -> u64 {
    getrandom::u64().expect("the system gives random numbers: it gave the key file its own")
}
