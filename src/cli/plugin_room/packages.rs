//! Packages and publishers' keys: what comes in is read, its signature judged, its code compiled, its bytes stored.

use std::collections::BTreeMap;

use super::PluginRoom;
use crate::commands::{DeskError, Done, Idempotency};
use crate::domain::command::{KeepPackage, PackageSignature, PinPublisher, PinnedKey, PluginStep, TrustKey};
use crate::domain::person::Actor;
use crate::domain::{Key, PluginKeyId, Refusal};
use crate::http::plugin_desk::TrustOrder;
use crate::plugin_host::{
    Package, PackageError, PackageHash, SignatureState, TrustedKey, package, signing_key, verify,
};
use crate::store;

/// Keys by what they say of a package.
struct Keys {
    /// The operator's and those of the database.
    trusted: Vec<TrustedKey>,
    /// That a publisher's packages are signed with, and the one that came along.
    known: Vec<TrustedKey>,
}

/// What the signature of a package is worth.
struct Judged {
    state: SignatureState,
    signature: Option<PackageSignature>,
}

impl PluginRoom {
    /// Stores a package; it runs for nobody yet.
    pub(super) async fn keep(
        &self,
        actor: Actor,
        wasm: Vec<u8>,
        signature: Option<String>,
        public_key: Option<String>,
        idempotency: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        let keys = self.keys(public_key.as_deref()).await?;
        let read = move || -> Result<(Package, Judged, Vec<u8>), Refusal> {
            let package = package::read(&wasm).map_err(refused)?;
            let judged = judge(&wasm, signature, &keys)?;
            Ok((package, judged, wasm))
        };
        let (package, judged, wasm) =
            tokio::task::spawn_blocking(read).await.map_err(|_| DeskError::Panicked)??;
        self.outside.host.install(&wasm).await.map_err(refused)?;
        let (bytes, files) = (i64::try_from(wasm.len()).unwrap_or(i64::MAX), self.outside.files.clone());
        let stored = tokio::task::spawn_blocking(move || files.put(&wasm[..])).await;
        stored.map_err(|_| DeskError::Panicked)?.map_err(DeskError::File)?;
        let manifest = package.manifest;
        let keep = KeepPackage {
            sha256: package.hash.to_string(),
            plugin: manifest.name,
            version: manifest.version,
            publisher: manifest.publisher,
            title: manifest.title,
            manifest: manifest.document,
            bytes,
            signature: judged.signature,
            signature_state: judged.state.word().to_owned(),
        };
        self.step(actor, PluginStep::KeepPackage(keep), idempotency).await
    }

    async fn keys(&self, given: Option<&str>) -> Result<Keys, DeskError> {
        let (trusted, pins) =
            self.read(|db| Ok((store::plugin_key::trusted(db)?, store::plugin_key::pins(db)?))).await?;
        let mut keys = Keys { trusted: self.operators(), known: Vec::new() };
        // What stands in the database was read once before.
        keys.trusted
            .extend(trusted.iter().filter_map(|own| TrustedKey::new(&own.name, &own.public_key).ok()));
        keys.known
            .extend(pins.iter().filter_map(|pin| TrustedKey::new(&pin.publisher, &pin.public_key).ok()));
        if let Some(text) = given {
            keys.known.push(read_key(text)?);
        }
        Ok(keys)
    }

    fn operators(&self) -> Vec<TrustedKey> {
        let read = |(name, text): (&String, &String)| match TrustedKey::new(name, text) {
            Ok(key) => Some(key),
            Err(error) => {
                tracing::warn!(%error, "a key of the setting plugins.trusted_keys does not count");
                None
            }
        };
        self.trusted.iter().filter_map(read).collect()
    }

    pub(super) async fn trust(
        &self,
        actor: Actor,
        trust: TrustOrder,
        idempotency: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        let key = read_key(&trust.public_key)?;
        let (public_key, key_id) = (key.line().to_owned(), key.id());
        let mut keys = self.keys(None).await?.trusted;
        keys.push(key);
        let judged = self.judge_anew(&key_id, keys).await?;
        let trust = TrustKey { name: trust.name, public_key, key_id, judged };
        self.step(actor, PluginStep::TrustKey(trust), idempotency).await
    }

    pub(super) async fn distrust(
        &self,
        actor: Actor,
        key: PluginKeyId,
        idempotency: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        let known = self.read(store::plugin_key::trusted).await?;
        let judged = match known.iter().find(|own| own.id == key) {
            None => BTreeMap::new(),
            Some(gone) => {
                let others = known.iter().filter(|own| own.id != key);
                let mut keys = self.operators();
                keys.extend(others.filter_map(|own| TrustedKey::new(&own.name, &own.public_key).ok()));
                self.judge_anew(&gone.key_id, keys).await?
            }
        };
        self.step(actor, PluginStep::DistrustKey { key, judged }, idempotency).await
    }

    /// What the stored packages that name this key are worth with these keys.
    async fn judge_anew(
        &self,
        key_id: &str,
        keys: Vec<TrustedKey>,
    ) -> Result<BTreeMap<String, String>, DeskError> {
        let mut packages = self.read(store::plugin::packages).await?;
        packages.retain(|package| package.signed.as_ref().is_some_and(|own| own.key_id == key_id));
        let files = self.outside.files.clone();
        let judge = move || {
            let mut judged = BTreeMap::new();
            for package in packages {
                let Some(signed) = package.signed else { continue };
                let state = match std::fs::read(files.path(&package.sha256)) {
                    Ok(wasm) => verify(&wasm, Some(&signed.text), &keys),
                    Err(error) => {
                        tracing::error!(%error, package = package.sha256, "a stored package cannot be read");
                        continue;
                    }
                };
                judged.insert(package.sha256, state.word().to_owned());
            }
            judged
        };
        tokio::task::spawn_blocking(judge).await.map_err(|_| DeskError::Panicked)
    }

    pub(super) async fn pin(
        &self,
        actor: Actor,
        publisher: Key,
        public_key: Option<String>,
        idempotency: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        let key = public_key.as_deref().map(read_key).transpose()?;
        let key = key.map(|key| PinnedKey { public_key: key.line().to_owned(), key_id: key.id() });
        self.step(actor, PluginStep::PinPublisher(PinPublisher { publisher, key }), idempotency).await
    }

    /// The package as it lies with the files, read; compiled again when the host's folder was emptied.
    pub(super) async fn sound(&self, sha256: &str) -> Result<Package, DeskError> {
        let hash = PackageHash::try_from(sha256.to_owned())
            .map_err(|message| Refusal::Invalid { field: "package".to_owned(), message })?;
        if let Some(package) = self.outside.host.package(&hash).await {
            return Ok(package);
        }
        let missing = || Refusal::not_found("plugin package", sha256);
        let wasm = tokio::fs::read(self.outside.files.path(sha256)).await.map_err(|_| missing())?;
        let package = self.outside.host.install(&wasm).await.map_err(refused)?;
        if package.hash == hash { Ok(package) } else { Err(missing().into()) }
    }
}

pub(super) fn refused(error: PackageError) -> Refusal {
    Refusal::PackageRefused { code: error.code(), message: error.to_string() }
}

fn read_key(text: &str) -> Result<TrustedKey, Refusal> {
    TrustedKey::new("public_key", text).map_err(|_| {
        Refusal::invalid("public_key", "is no minisign public key: one starts with RW and has 56 characters")
    })
}

/// What was changed after it was signed never comes in; what nobody signed does, and says so.
fn judge(wasm: &[u8], signature: Option<String>, keys: &Keys) -> Result<Judged, Refusal> {
    let text = signature.filter(|text| !text.trim().is_empty());
    let Some(text) = text else { return Ok(Judged { state: SignatureState::Unsigned, signature: None }) };
    let state = match verify(wasm, Some(&text), &keys.trusted) {
        SignatureState::UnknownKey => match verify(wasm, Some(&text), &keys.known) {
            SignatureState::Trusted { .. } => SignatureState::UnknownKey,
            other => other,
        },
        state => state,
    };
    let code = match state {
        SignatureState::Modified { .. } => Some("package_modified"),
        SignatureState::Unreadable => Some("package_signature_unreadable"),
        _ => None,
    };
    if let Some(code) = code {
        let message = format!("the package is {state}; ask its publisher for an intact one");
        return Err(Refusal::PackageRefused { code, message });
    }
    let key_id = signing_key(&text).unwrap_or_default();
    let mut all = keys.trusted.iter().chain(&keys.known);
    let public_key = all.find(|key| key.id() == key_id).map(|key| key.line().to_owned());
    Ok(Judged { state, signature: Some(PackageSignature { text, key_id, public_key }) })
}
