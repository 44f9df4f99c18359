//! One call, seen from the parent: checked, sent, answered; the plugin's wishes on the way.

mod entry;
mod exchange;
mod files;
mod kv;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::SemaphorePermit;

use super::failure::FailureReason;
use super::grant::Grant;
use super::host::{Inner, Installation, Kept, Transcript};
use super::http::{Access, NamedWay, Secret};
use super::limits::{CONFIGURATION_BYTES_MAX, Limits, SECRET_BYTES_MAX, SECRET_BYTES_MIN};
use super::manifest::Manifest;
use super::protocol::{CALLS_IN_FLIGHT_MAX, Context, Linked, StartCall};
use super::publisher::Publisher;
use super::redaction::Redactor;
use super::seam::{Entry, EntryAnswer, Keeper, KvWrite, NewFile, Terms};
use exchange::Exchange;

/// What is to be done.
pub struct Order<'a> {
    pub installation: &'a Installation,
    pub entry: Entry,
    pub terms: Terms,
    pub keeper: &'a Arc<dyn Keeper>,
}

/// What came of it.
pub struct Outcome {
    pub answer: EntryAnswer,
    pub kv: Vec<KvWrite>,
    pub files: Vec<NewFile>,
}

/// Runs a call to its end.
pub async fn run(
    host: &Inner,
    order: Order<'_>,
    transcript: &mut Transcript,
) -> Result<Outcome, FailureReason> {
    let Order { installation, entry, terms, keeper } = order;
    let kept = host.package(&installation.package).await?;
    let manifest = &kept.package.manifest;
    let (door, body) = entry::open(manifest, &entry)?;
    let configuration = check_installation(manifest, installation)?;
    let grant = installation.grant.effective(manifest, &installation.configuration, &host.ceiling);
    entry::check_grant(&entry, &grant)?;
    let access = access(manifest, installation);
    let linked = linked(&kept, &grant, &access)?;
    let publisher = host.publisher(&manifest.publisher);
    let _turn = turn(&publisher, terms.deadline).await?;
    let process = publisher.with_package(&host.cache, &installation.package, &kept.wasm).await?;
    let limits = limits(host.limits, manifest.limits, terms.deadline);
    let start = StartCall {
        call: host.next_call(),
        package: installation.package.clone(),
        linked,
        entry: door,
        context: context(installation, configuration, &terms),
        limits,
        now_ms: terms.now.ms(),
        clock_stands: host.taped,
    };
    let desk = exchange::Desk::new(keeper.as_ref(), manifest, &grant);
    let mut exchange = Exchange::new(host, &access, &process, transcript, desk, &start);
    let (outcome, answer) = exchange.run(start, &body).await?;
    let (denial, desk) = exchange.end();
    let said = entry::Said { outcome, body: answer, denial };
    let answer = entry::conclude(said, &entry, manifest, limits, &access.redactor)?;
    let (kv, files) = desk.give_out();
    Ok(Outcome { answer, kv, files })
}

/// What the code imports must have been granted, else it cannot be linked.
fn linked(kept: &Kept, grant: &Grant, access: &Access) -> Result<Linked, FailureReason> {
    let package = &kept.package;
    let linked = Linked { http: package.imports_http, kv: package.imports_kv, blob: package.imports_blob };
    if linked.http && grant.hosts.is_empty() {
        let wanted: Vec<String> = access.declared.iter().map(ToString::to_string).collect();
        let why = format!(
            "the plugin needs it for {}, and this installation was granted no host",
            wanted.join(", ")
        );
        return Err(FailureReason::Refused { ability: "http", why });
    }
    for (needed, granted, ability, what) in [
        (linked.kv, grant.kv, "kv", "to keep keys and values"),
        (linked.blob, grant.blob, "blob", "to read and make files"),
    ] {
        if needed && !granted {
            let why = format!("the plugin needs it {what}, and this installation was not granted it");
            return Err(FailureReason::Refused { ability, why });
        }
    }
    Ok(linked)
}

/// Waits until one more call may run in this publisher's child.
async fn turn(publisher: &Publisher, deadline: Instant) -> Result<SemaphorePermit<'_>, FailureReason> {
    let left = deadline.saturating_duration_since(Instant::now());
    match tokio::time::timeout(left, publisher.turns.acquire()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => {
            let why = format!("{CALLS_IN_FLIGHT_MAX} calls of its publisher are running already");
            Err(FailureReason::Unavailable { why, retry_after: None })
        }
    }
}

/// The configuration as text, when everything that the administrator gave is what the manifest wants.
fn check_installation(manifest: &Manifest, installation: &Installation) -> Result<String, FailureReason> {
    let wrong = |why: String| FailureReason::WrongInstallation { why };
    manifest
        .config
        .check(&installation.configuration)
        .map_err(|mismatch| wrong(format!("its settings do not fit the plugin: {mismatch}")))?;
    for secret in manifest.secrets.iter().filter(|secret| !secret.optional) {
        if !installation.secrets.contains_key(secret.name.as_str()) {
            return Err(wrong(format!("the secret `{}` has no value", secret.name)));
        }
    }
    for (name, value) in &installation.secrets {
        if manifest.secret(name).is_none() {
            return Err(wrong(format!("the plugin has no secret `{name}`")));
        }
        if !(SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&value.len()) {
            let bounds = format!("{SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes");
            return Err(wrong(format!("the secret `{name}` should have {bounds}")));
        }
    }
    let configuration = installation.configuration.to_string();
    if configuration.len() > CONFIGURATION_BYTES_MAX {
        return Err(wrong(format!("its settings have more than {CONFIGURATION_BYTES_MAX} bytes")));
    }
    Ok(configuration)
}

fn access(manifest: &Manifest, installation: &Installation) -> Access {
    let configuration = &installation.configuration;
    let secret = |(name, value): (&String, &String)| {
        let declared = manifest.secret(name)?;
        let host = declared.host.pattern(configuration);
        Some((name.clone(), Secret { value: value.clone(), place: declared.place.clone(), host }))
    };
    let secrets: BTreeMap<String, Secret> = installation.secrets.iter().filter_map(secret).collect();
    let way = |declared: &super::manifest::AuthenticationDeclaration| {
        let host = declared.host.pattern(configuration);
        (declared.name.to_string(), NamedWay { host, way: declared.way.clone() })
    };
    Access {
        installation: installation.id,
        declared: manifest.hosts_with(configuration),
        granted: installation.grant.hosts.clone(),
        secrets,
        ways: manifest.authentications.iter().map(way).collect(),
        configuration: configuration.clone(),
        redactor: Redactor::new(&installation.secrets),
    }
}

fn limits(operator: Limits, declared: Limits, deadline: Instant) -> Limits {
    let left = deadline.saturating_duration_since(Instant::now()).as_millis();
    let limits = declared.within(operator);
    Limits { wall_ms: limits.wall_ms.min(u64::try_from(left).unwrap_or(u64::MAX)), ..limits }
}

fn context(installation: &Installation, configuration: String, terms: &Terms) -> Context {
    Context {
        client: installation.client.to_string(),
        installation: installation.id.to_string(),
        configuration,
        attempt: terms.attempt,
        idempotency_key: terms.idempotency_key.clone(),
        time_zone: terms.time_zone.clone(),
    }
}
