//! Commands about plugins as administrators keep them: packages, publishers' keys, installations and their updates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{ClientId, InstallationId, Key, Label, PluginKeyId};

/// Installs a package for a client, or changes what is installed: package, settings, secrets and grant are all those
/// given. Everything was judged against the package's manifest before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstallPlugin {
    pub client: ClientId,
    pub plugin: Key,
    pub version: String,
    /// SHA-256 of the package, in hex; its bytes are stored already.
    pub package_sha256: String,
    pub publisher: String,
    pub title: Label,
    /// The configuration that the plugin's schema describes.
    pub configuration: Value,
    /// What is granted, as the manifest names it.
    pub grant: Value,
    /// Sealed secrets, by name.
    pub secrets: BTreeMap<String, String>,
    /// The version of the installation that was seen, 0 where none was; nothing: whatever stands there.
    #[serde(default)]
    pub seen: Option<i64>,
    #[serde(default)]
    pub way: InstallWay,
    /// The person knows that no trusted key has signed the package.
    #[serde(default)]
    pub is_unsigned_accepted: bool,
}

/// Where a change of an installation leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallWay {
    #[default]
    Forward,
    /// To what stood there before.
    Back,
}

/// A step of an administrator about plugins, beside `InstallPlugin` and the switch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum PluginStep {
    KeepPackage(KeepPackage),
    /// Of a package that was never installed.
    ForgetPackage {
        sha256: String,
    },
    /// Settings and secrets are erased; what the installation did stays to be read.
    Uninstall {
        installation: InstallationId,
        seen: i64,
    },
    /// The package asks for more than the one that runs: an administrator has to approve.
    AskForUpdate {
        installation: InstallationId,
        seen: i64,
        package_sha256: String,
    },
    RejectUpdate {
        installation: InstallationId,
    },
    TrustKey(TrustKey),
    DistrustKey {
        key: PluginKeyId,
        /// What the stored packages are without it.
        judged: BTreeMap<String, String>,
    },
    PinPublisher(PinPublisher),
}

/// A package whose bytes lie with the files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeepPackage {
    pub sha256: String,
    pub plugin: Key,
    pub version: String,
    pub publisher: Key,
    pub title: Label,
    pub manifest: Value,
    pub bytes: i64,
    pub signature: Option<PackageSignature>,
    /// `trusted`, `unknown_key` or `unsigned`.
    pub signature_state: String,
}

/// The signature of a package as it came with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageSignature {
    /// The whole `.minisig` file.
    pub text: String,
    /// The number of the key that it names, as minisign writes it.
    pub key_id: String,
    /// The key that it was verified with; nothing where nobody has given us that key.
    pub public_key: Option<String>,
}

/// A publisher's key that the desk trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustKey {
    pub name: String,
    /// The line of base64.
    pub public_key: String,
    pub key_id: String,
    /// What the stored packages are with it, by SHA-256.
    pub judged: BTreeMap<String, String>,
}

/// From now on the publisher's packages are signed with this key; nothing: with whichever comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinPublisher {
    pub publisher: Key,
    pub key: Option<PinnedKey>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedKey {
    pub public_key: String,
    pub key_id: String,
}
