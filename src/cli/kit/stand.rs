//! The stand on which the kit runs a package: the desk's own host, in the same confined child process, with a tape.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::compare::Ending;
use super::fixture::{Body, Fixture, FixtureEntry, FixtureWebhook};
use super::keeper::FixtureKeeper;
use crate::domain::{InstallationId, Moment};
use crate::plugin_host::{
    Ceiling, Entry, Grant, HostOptions, HostPattern, Installation, Keeper, Limits, Manifest, Package,
    PluginHost, SecretPlace, Tape, Terms, WebhookRequest,
};

const CALL_SECONDS_MAX: u64 = 60;
const MADE_UP_IDENTITY: &str = include_str!("made_up_identity.pem");
/// 2026-01-01T00:00:00Z, for fixtures to which the time is all one.
const NOW: Moment = Moment::from_ms(1_767_225_600_000);

/// A package that can be called; its compiled code lies in a folder that goes with it.
pub struct Stand {
    pub host: PluginHost,
    pub package: Package,
    _cache: tempfile::TempDir,
}

impl Stand {
    /// # Errors
    /// Why a desk would not take the package.
    pub async fn with(wasm: &[u8], private: Vec<HostPattern>, tape: Arc<dyn Tape>) -> anyhow::Result<Stand> {
        let cache = tempfile::tempdir().context("no temporary folder can be made")?;
        let mut seal_key = [0; 32];
        getrandom::fill(&mut seal_key).context("the system gives no random numbers")?;
        let host = PluginHost::new(HostOptions {
            executable: std::env::current_exe().context("the program does not find its own file")?,
            cache_dir: cache.path().to_owned(),
            seal_key,
            allowed_hosts: None,
            private_hosts: private,
            limits: Limits::default(),
            ceiling: Ceiling::default(),
            tape: Some(tape),
        });
        let package = host.install(wasm).await?;
        Ok(Stand { host, package, _cache: cache })
    }

    /// Runs the call of a fixture without mistakes. `secrets`: values by name; those that are not given have one
    /// made up.
    pub async fn call(
        &self,
        fixture: &Fixture,
        secrets: &BTreeMap<String, String>,
    ) -> anyhow::Result<Ending> {
        let manifest = &self.package.manifest;
        let context = &fixture.context;
        let declared = || manifest.secrets.iter().map(|secret| secret.name.to_string()).collect();
        let names: Vec<String> = fixture.secrets.clone().unwrap_or_else(declared);
        let value = |name: String| {
            let value = secrets.get(&name).cloned().unwrap_or_else(|| made_up(manifest, &name));
            (name, value)
        };
        let declared = || Grant::declared(manifest, &context.configuration);
        let installation = Installation {
            id: InstallationId(1),
            client: context.client.clone(),
            package: self.package.hash.clone(),
            configuration: context.configuration.clone(),
            secrets: names.into_iter().map(value).collect(),
            grant: fixture.grant.clone().unwrap_or_else(declared),
        };
        let terms = Terms {
            attempt: context.attempt,
            deadline: Instant::now() + Duration::from_secs(CALL_SECONDS_MAX),
            idempotency_key: context.idempotency_key.clone(),
            time_zone: context.time_zone.clone(),
            now: context.now.unwrap_or(NOW),
        };
        let keeper: Arc<dyn Keeper> = Arc::new(FixtureKeeper::of(fixture)?);
        let entered = self.host.enter(&installation, entry(&fixture.entry)?, terms, &keeper).await;
        Ending::of(fixture, entered)
    }
}

fn made_up(manifest: &Manifest, secret: &str) -> String {
    match manifest.secret(secret).map(|secret| &secret.place) {
        Some(SecretPlace::Certificate) => MADE_UP_IDENTITY.to_owned(),
        _ => format!("value-of-{secret}"),
    }
}

fn entry(entry: &FixtureEntry) -> anyhow::Result<Entry> {
    Ok(match entry.clone() {
        FixtureEntry::Function { name, input } => Entry::Function { name, input },
        FixtureEntry::Event(event) => Entry::Event(event),
        FixtureEntry::Poll { cursor } => Entry::Poll { cursor },
        FixtureEntry::Webhook(FixtureWebhook { path, method, query, headers, body }) => {
            let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
            let headers = headers.into_iter().map(lower).collect();
            let body = body.as_ref().map(Body::bytes).transpose()?.unwrap_or_default();
            Entry::Webhook(WebhookRequest { path, method, query, headers, body })
        }
        FixtureEntry::Check => Entry::Check,
        FixtureEntry::Refused { item, refusal } => Entry::Refused { item, refusal },
    })
}
