//! `plugin test`: recorded calls are played against the package, or made anew from a live run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use super::args::TestPlugin;
use super::fixture::{self, Fixture, Purpose, Recorded};
use super::stand::Stand;
use super::tapes::{PlayedTape, RecordingTape};
use super::{FIXTURES_FOLDER, PluginFolder};
use crate::cli::Ended;
use crate::clock::Clock;
use crate::plugin_host::{HostPattern, Manifest, Tape, package};

pub async fn test(order: &TestPlugin) -> anyhow::Result<Ended> {
    let folder = PluginFolder::open(&order.folder)?;
    let wasm = match &order.package {
        Some(file) => fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?,
        None => folder.built()?,
    };
    let manifest = package::read(&wasm)?.manifest;
    let purpose = if order.record { Purpose::Record } else { Purpose::Play };
    let fixtures = folder.path.join(FIXTURES_FOLDER);
    let recorded = fixture::read_all(&fixtures, order.only.as_deref(), &manifest, purpose)?;
    match purpose {
        Purpose::Record => record(order, &wasm, &manifest, recorded).await,
        Purpose::Play => play(&wasm, &manifest, &recorded).await,
    }
}

async fn play(wasm: &[u8], manifest: &Manifest, recorded: &[Recorded]) -> anyhow::Result<Ended> {
    let tape = Arc::new(PlayedTape::default());
    let private = private_hosts(manifest, recorded);
    let stand = Stand::with(wasm, private, Arc::clone(&tape) as Arc<dyn Tape>).await?;
    let mut failed = 0;
    for Recorded { name, fixture, file } in recorded {
        tape.wind(&fixture.http);
        let ended = stand.call(fixture, &BTreeMap::new()).await?;
        let mut problems = tape.problems();
        problems.extend(ended.compare(&fixture.expect));
        if problems.is_empty() {
            println!("ok      {name}");
            continue;
        }
        failed += 1;
        println!("FAILED  {name} ({})", file.display());
        for problem in problems {
            println!("        {problem}");
        }
        for line in &ended.transcript.log {
            println!("        it wrote: {:?} {}", line.level, line.message);
        }
    }
    stand.host.shutdown().await;
    println!("{} passed, {failed} failed", recorded.len() - failed);
    Ok(if failed == 0 { Ended::Well } else { Ended::WithFindings })
}

/// A recorded system may have stood in a private network; nothing goes out when it is played.
pub fn private_hosts(manifest: &Manifest, recorded: &[Recorded]) -> Vec<HostPattern> {
    recorded.iter().flat_map(|one| manifest.hosts_with(&one.fixture.context.configuration)).collect()
}

async fn record(
    order: &TestPlugin,
    wasm: &[u8],
    manifest: &Manifest,
    recorded: Vec<Recorded>,
) -> anyhow::Result<Ended> {
    let secrets = secrets(order, manifest)?;
    let private = if order.private { private_hosts(manifest, &recorded) } else { Vec::new() };
    let tape = Arc::new(RecordingTape::default());
    let stand = Stand::with(wasm, private, Arc::clone(&tape) as Arc<dyn Tape>).await?;
    for Recorded { name, mut fixture, file } in recorded {
        // The other side's answers fit the time at which they were given.
        fixture.context.now.get_or_insert_with(|| Clock::Machine.now());
        let ended = stand.call(&fixture, &secrets).await?;
        fixture.http = tape.take();
        fixture.expect = ended.seen(manifest.kv.is_some());
        write(&file, &fixture)?;
        println!("recorded {name}: {} requests; it {ended}", fixture.http.len());
    }
    stand.host.shutdown().await;
    println!("Read what was recorded before you keep it: answers of a real system may hold personal data.");
    Ok(Ended::Well)
}

/// Values by the names of the manifest.
fn secrets(order: &TestPlugin, manifest: &Manifest) -> anyhow::Result<BTreeMap<String, String>> {
    let mut secrets = BTreeMap::new();
    for pair in &order.secret_env {
        let (name, variable) = pair.split_once('=').context("write --secret-env NAME=VARIABLE")?;
        let secret = manifest.secret(name);
        secret.with_context(|| format!("the manifest declares no secret `{name}`"))?;
        let value = std::env::var(variable)
            .with_context(|| format!("the variable {variable} of the environment is not set"))?;
        secrets.insert(name.to_owned(), value);
    }
    for secret in manifest.secrets.iter().filter(|one| !one.optional) {
        let name = secret.name.as_str();
        anyhow::ensure!(
            secrets.contains_key(name),
            "the plugin needs the secret `{name}`: give its value with --secret-env {name}=VARIABLE"
        );
    }
    Ok(secrets)
}

fn write(file: &Path, fixture: &Fixture) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(fixture)? + "\n";
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}
