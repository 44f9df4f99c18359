//! What the door asks of the room that runs plugins, which it does not see: what is judged, compiled and called.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::commands::{DeskError, Done, Idempotency};
use crate::domain::person::Actor;
use crate::domain::{ClientId, InstallationId, Key, Label, PluginChangeId, PluginKeyId};

pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, DeskError>> + Send + 'a>>;

/// Judges packages, settings and grants, hands in the commands that follow, and calls plugins for a test.
pub trait PluginDesk: Send + Sync {
    /// Longest package, in bytes.
    fn package_bytes_max(&self) -> usize;

    /// What the plugin of this manifest asks for with these settings, and what of it the grant has.
    fn asked(&self, manifest: &Value, configuration: &Value, grants: &Value) -> Vec<AskedLine>;

    /// What a call of the plugin may use.
    fn limits(&self, manifest: &Value) -> CallLimits;

    /// In what one package asks for more than another, with these settings.
    fn difference(&self, runs: &Value, comes: &Value, configuration: &Value) -> Difference;

    /// `wasm` is the package, of an order that brings one.
    fn carry_out(
        &self,
        actor: Actor,
        order: PluginOrder,
        wasm: Vec<u8>,
        idempotency: Option<Idempotency>,
    ) -> Later<'_, Done>;

    fn try_out(&self, installation: InstallationId, trial: Trial) -> Later<'_, TrialResult>;
}

/// The room that runs plugins, or none: then every order is refused.
#[derive(Clone, Default)]
pub struct Plugins(Option<Arc<dyn PluginDesk>>);

impl Plugins {
    #[must_use]
    pub fn new(desk: Arc<dyn PluginDesk>) -> Self {
        Self(Some(desk))
    }

    #[must_use]
    pub fn desk(&self) -> Option<Arc<dyn PluginDesk>> {
        self.0.clone()
    }
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plugins").field(&self.0.is_some()).finish()
    }
}

/// What an administrator wants of plugins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum PluginOrder {
    /// Keeps the package that comes along.
    Keep {
        signature: Option<String>,
        public_key: Option<String>,
    },
    Forget {
        sha256: String,
    },
    Trust(TrustOrder),
    Distrust {
        key: PluginKeyId,
    },
    Pin {
        publisher: Key,
        public_key: Option<String>,
    },
    Install(InstallOrder),
    Change {
        installation: InstallationId,
        change: ChangeOrder,
    },
    Update {
        installation: InstallationId,
        update: UpdateOrder,
    },
    Approve {
        installation: InstallationId,
        approve: ApproveOrder,
    },
    Reject {
        installation: InstallationId,
    },
    RollBack {
        installation: InstallationId,
        back: RollBackOrder,
    },
    Uninstall {
        installation: InstallationId,
        version: i64,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustOrder {
    /// What the desk calls the key: whose it is.
    pub name: String,
    /// The `minisign.pub` file, or its second line.
    pub public_key: String,
}

/// Settings, secrets and grants of an installation.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// As the manifest's `config` wants it.
    #[schema(value_type = Object)]
    pub configuration: Value,
    /// Ids of what is granted, of those that the plugin asks for.
    pub granted: BTreeSet<String>,
    /// Values by the manifest's names; `null` forgets one; what is not named stays.
    #[serde(default)]
    pub secrets: BTreeMap<String, Option<String>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstallOrder {
    pub client: ClientId,
    /// The SHA-256 of a stored package.
    pub package: String,
    pub choice: Choice,
    /// Install it although no trusted key has signed it; only for administrators of the whole desk.
    #[serde(default)]
    pub is_unsigned_accepted: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeOrder {
    /// The version that was seen.
    pub version: i64,
    pub choice: Choice,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateOrder {
    /// The version that was seen.
    pub version: i64,
    /// The SHA-256 of another stored package of the same plugin.
    pub package: String,
    /// See `InstallOrder`.
    #[serde(default)]
    pub is_unsigned_accepted: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveOrder {
    /// The version that was seen.
    pub version: i64,
    /// The SHA-256 of the package that waits: what was seen is what is approved.
    pub package: String,
    pub choice: Choice,
    /// See `InstallOrder`.
    #[serde(default)]
    pub is_unsigned_accepted: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollBackOrder {
    /// The version that was seen.
    pub version: i64,
    /// A change of the installation's `former`: its package, settings and grant come back; secrets stay as they are.
    pub to: PluginChangeId,
}

/// A call for a test.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    pub function: String,
    /// As the function's `input` wants it.
    #[schema(value_type = Object)]
    pub input: Value,
}

/// One thing that a plugin asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AskedLine {
    /// What a choice calls it.
    pub id: String,
    /// `host`, `event`, `field`, `command`, `webhook`, `poll`, `kv` or `blob`.
    pub kind: String,
    /// The host, the kind of event, the field, …; empty where the kind says it all.
    pub value: String,
    /// The setting that a host stands in.
    pub setting: Option<String>,
    /// The publisher's reason.
    pub why: Option<Label>,
    pub is_granted: bool,
    /// The operator's settings do not allow it, whatever is granted.
    pub is_beyond_ceiling: bool,
}

/// What one call may use: what the manifest asks for, at most what the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallLimits {
    pub memory_bytes: u64,
    /// Processor time of the plugin's own code.
    pub guest_ms: u64,
    /// From the start to the answer.
    pub wall_ms: u64,
}

/// What is new in another package.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// What it asks for and the other did not.
    pub more: Vec<AskedLine>,
    /// What it asks for no more.
    pub less: Vec<AskedLine>,
    /// Secrets that are new, or go elsewhere.
    pub secrets: Vec<String>,
    /// What of the present settings does not fit it.
    pub settings: Option<String>,
    /// Functions that scripts can call no more.
    pub lost_functions: Vec<String>,
    /// Nobody has to approve it.
    pub is_harmless: bool,
}

/// What came of a call for a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrialResult {
    /// The answer; nothing where it failed.
    #[schema(value_type = Object)]
    pub answer: Option<Value>,
    pub failure: Option<TrialFailure>,
    pub log: Vec<TrialLog>,
    /// It wrote more lines than are kept.
    pub log_is_cut: bool,
    pub requests: Vec<TrialRequest>,
    /// Processor time of the plugin's own code, in microseconds.
    pub guest_us: u64,
    /// From the start to the answer, in microseconds.
    pub wall_us: u64,
    pub memory_peak_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialFailure {
    pub code: String,
    pub message: String,
    pub is_retryable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialLog {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialRequest {
    pub method: String,
    pub url: String,
    /// How it was authenticated and with which secret's name.
    pub authentication: Option<String>,
    /// `status 200`, `denied: …`, `timed out`, …
    pub outcome: String,
    pub request_bytes: u64,
    pub response_bytes: u64,
    pub ms: u64,
}
