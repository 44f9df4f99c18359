//! The room in which packages are judged, installations made and plugins tried out; HTTP and the command line ask it.

mod choice;
mod installations;
mod packages;
mod trial;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use serde_json::Value;

use super::open_desk::OpenDesk;
use crate::commands::{Desk, DeskError, Done, Idempotency, Request};
use crate::domain::command::{Command, PluginStep};
use crate::domain::person::Actor;
use crate::domain::{InstallationId, Refusal};
use crate::http::plugin_desk::{
    AskedLine, CallLimits, Difference, Later, PluginDesk, PluginOrder, Plugins, Trial, TrialResult,
};
use crate::jobs::Outside;
use crate::plugin_host::asked::{Asked, asked, is_within};
use crate::plugin_host::{HostPattern, Limits, PACKAGE_BYTES_MAX};
use crate::store::{self, Db};

/// Cheap to clone.
#[derive(Clone)]
pub struct PluginRoom {
    desk: Desk,
    outside: Outside,
    /// The operator's own keys, by their names.
    trusted: Arc<BTreeMap<String, String>>,
    /// Hosts that plugins may reach at all; nothing: every public one.
    ceiling: Option<Arc<[HostPattern]>>,
    limits: Limits,
}

impl PluginRoom {
    /// # Errors
    /// When the operator's settings name what is no host.
    pub fn of(open: &OpenDesk) -> anyhow::Result<PluginRoom> {
        let plugins = &open.config.plugins;
        let ceiling =
            plugins.allowed_hosts.as_ref().map(|hosts| hosts.iter().map(|host| host.parse()).collect());
        let limits = Limits::default();
        Ok(PluginRoom {
            ceiling: ceiling.transpose().context("the setting plugins.allowed_hosts")?,
            limits: Limits {
                memory_bytes: plugins.memory_bytes.unwrap_or(limits.memory_bytes),
                guest_ms: plugins.guest_ms.unwrap_or(limits.guest_ms),
                wall_ms: plugins.wall_ms.unwrap_or(limits.wall_ms),
            },
            ..PluginRoom::new(open.desk.clone(), open.outside.clone(), plugins.trusted_keys.clone())
        })
    }

    /// Without a ceiling of its own.
    #[must_use]
    pub fn new(desk: Desk, outside: Outside, trusted: BTreeMap<String, String>) -> PluginRoom {
        PluginRoom { desk, outside, trusted: Arc::new(trusted), ceiling: None, limits: Limits::default() }
    }

    /// As the door takes it.
    #[must_use]
    pub fn for_http(self) -> Plugins {
        Plugins::new(Arc::new(self))
    }

    /// Reads on a thread that may wait.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Db) -> Result<T, store::StoreError> + Send + 'static,
    ) -> Result<T, DeskError> {
        let readers = self.desk.readers().clone();
        let answer = tokio::task::spawn_blocking(move || readers.read(read)).await;
        Ok(answer.map_err(|_| DeskError::Panicked)??)
    }

    async fn submit(
        &self,
        actor: Actor,
        command: Command,
        idempotency: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        let mut request = Request::new(actor, command);
        request.idempotency = idempotency;
        self.desk.submit(request).await
    }

    async fn step(
        &self,
        actor: Actor,
        step: PluginStep,
        idempotency: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        self.submit(actor, Command::Plugin(Box::new(step)), idempotency).await
    }

    /// # Errors
    /// Why the order is not carried out.
    pub async fn order(
        &self,
        actor: Actor,
        order: PluginOrder,
        wasm: Vec<u8>,
        key: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        match order {
            PluginOrder::Keep { signature, public_key } => {
                self.keep(actor, wasm, signature, public_key, key).await
            }
            PluginOrder::Forget { sha256 } => {
                self.step(actor, PluginStep::ForgetPackage { sha256 }, key).await
            }
            PluginOrder::Trust(trust) => self.trust(actor, trust, key).await,
            PluginOrder::Distrust { key: distrusted } => self.distrust(actor, distrusted, key).await,
            PluginOrder::Pin { publisher, public_key } => self.pin(actor, publisher, public_key, key).await,
            PluginOrder::Install(install) => self.install(actor, install).await,
            PluginOrder::Change { installation, change } => self.change(actor, installation, change).await,
            PluginOrder::Update { installation, update } => {
                self.update(actor, installation, update, key).await
            }
            PluginOrder::Approve { installation, approve } => {
                self.approve(actor, installation, approve).await
            }
            PluginOrder::Reject { installation } => {
                self.step(actor, PluginStep::RejectUpdate { installation }, key).await
            }
            PluginOrder::RollBack { installation, back } => {
                self.roll_back(actor, installation, back, key).await
            }
            PluginOrder::Uninstall { installation, version: seen } => {
                self.step(actor, PluginStep::Uninstall { installation, seen }, key).await
            }
        }
    }

    fn line(&self, asked: Asked, is_granted: bool) -> AskedLine {
        let host = asked.value.parse::<HostPattern>().ok().filter(|_| asked.kind.is_host());
        let is_beyond_ceiling = match (&self.ceiling, host) {
            (Some(ceiling), Some(host)) => !ceiling.iter().any(|allowed| is_within(&host, allowed)),
            _ => false,
        };
        AskedLine {
            kind: store_word(&asked.kind),
            id: asked.id,
            value: asked.value,
            setting: asked.setting,
            why: asked.why,
            is_granted,
            is_beyond_ceiling,
        }
    }
}

/// The word of an enum's variant as JSON has it.
fn store_word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn no_installation(id: InstallationId) -> DeskError {
    Refusal::not_found("plugin installation", id).into()
}

impl PluginDesk for PluginRoom {
    fn package_bytes_max(&self) -> usize {
        PACKAGE_BYTES_MAX
    }

    fn asked(&self, manifest: &Value, configuration: &Value, grants: &Value) -> Vec<AskedLine> {
        let all = asked(manifest, configuration).into_iter();
        all.map(|one| {
            let is_granted = one.is_granted(grants);
            self.line(one, is_granted)
        })
        .collect()
    }

    fn limits(&self, manifest: &Value) -> CallLimits {
        let declared: Limits = serde_json::from_value(manifest["limits"].clone()).unwrap_or_default();
        let Limits { memory_bytes, guest_ms, wall_ms } = declared.within(self.limits);
        CallLimits { memory_bytes, guest_ms, wall_ms }
    }

    fn difference(&self, runs: &Value, comes: &Value, configuration: &Value) -> Difference {
        choice::difference(self, runs, comes, configuration)
    }

    fn carry_out(
        &self,
        actor: Actor,
        order: PluginOrder,
        wasm: Vec<u8>,
        idempotency: Option<Idempotency>,
    ) -> Later<'_, Done> {
        Box::pin(self.order(actor, order, wasm, idempotency))
    }

    fn try_out(&self, installation: InstallationId, trial: Trial) -> Later<'_, TrialResult> {
        Box::pin(self.trial(installation, trial))
    }
}
