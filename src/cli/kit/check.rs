//! `plugin check`: what a package is, offers and wants, in plain words.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use super::package_file;
use super::stand::Stand;
use super::tapes::SilentTape;
use super::words;
use crate::cli::Ended;
use crate::domain::{Label, Language};
use crate::plugin_host::{HostSource, Manifest, Package, SecretPlace, package};

/// A connector that is larger than this carries something that it does not need.
const USUAL_BYTES_MAX: usize = 200 << 10;

pub async fn check(path: &Path) -> anyhow::Result<Ended> {
    let file = package_file(path)?;
    let wasm = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    // Read before anything of it is compiled, as a desk does.
    let refused = match package::read(&wasm) {
        Err(error) => Some(error.to_string()),
        Ok(_) => {
            Stand::with(&wasm, Vec::new(), Arc::new(SilentTape)).await.err().map(|error| error.to_string())
        }
    };
    if let Some(why) = refused {
        println!("{}: a desk would not take it: {why}", file.display());
        return Ok(Ended::WithFindings);
    }
    let package = package::read(&wasm)?;
    describe(&package);
    for advice in advice(&package) {
        println!("advice: {advice}");
    }
    Ok(Ended::Well)
}

fn describe(package: &Package) {
    let manifest = &package.manifest;
    println!(
        "{} {} by {}: {}",
        manifest.name,
        manifest.version,
        manifest.publisher,
        english(&manifest.title)
    );
    println!("SHA-256 {}, {} bytes", package.hash, package.bytes);
    for function in &manifest.functions {
        println!("offers {}: {}", function.name, english(&function.description));
    }
    for host in &manifest.hosts {
        println!("wants to reach {}: {}", source(&host.source), english(&host.why));
    }
    if !package.imports_http {
        println!("reaches no host");
    }
    describe_inward(manifest);
    for secret in &manifest.secrets {
        let place = match &secret.place {
            SecretPlace::Bearer => "as a bearer token".to_owned(),
            SecretPlace::Basic => "as the password of basic authentication".to_owned(),
            SecretPlace::Header(header) => format!("in the header {header}"),
            SecretPlace::Hmac => "as the key of signatures, itself never".to_owned(),
            SecretPlace::OAuth2 => "as the client's secret for tokens".to_owned(),
            SecretPlace::Certificate => "as the client's certificate".to_owned(),
        };
        let need = if secret.optional { "may have" } else { "needs" };
        match &secret.host {
            HostSource::Nowhere => {
                println!("{need} the secret {}, to check what comes in; it is never sent", secret.name)
            }
            host => println!("{need} the secret {}, sent {place} to {} alone", secret.name, source(host)),
        }
    }
    let limits = &manifest.limits;
    println!(
        "uses at most {} MiB of memory, {} ms of processor time and {} ms in all a call",
        limits.memory_bytes >> 20,
        limits.guest_ms,
        limits.wall_ms
    );
}

/// What it hears of, reads, asks for and keeps.
fn describe_inward(manifest: &Manifest) {
    let list = |names: &[String], word: fn(&str) -> &str| {
        let words: Vec<&str> = names.iter().map(|name| word(name)).collect();
        words.join(", ")
    };
    if !manifest.events.is_empty() {
        println!("is told when {}", list(&manifest.events, words::event));
    }
    if !manifest.fields.is_empty() {
        println!("reads of a ticket: {}", list(&manifest.fields, words::field));
    }
    if !manifest.commands.is_empty() {
        println!("may {}", list(&manifest.commands, words::command));
    }
    if let Some(poll) = &manifest.poll {
        println!("asks the other side for news every {} s", poll.every.as_secs());
    }
    for webhook in &manifest.webhooks {
        println!("is called from outside at .../{}: {}", webhook.path, english(&webhook.why));
    }
    if let Some(kv) = &manifest.kv {
        println!("keeps at most {} KiB of its own data on the desk", kv.bytes_max.div_ceil(1 << 10));
    }
    if let Some(blob) = &manifest.blob {
        println!("reads attached files and makes new ones: {}", english(&blob.why));
    }
}

/// What a desk takes, and its people would miss.
fn advice(package: &Package) -> Vec<String> {
    let manifest = &package.manifest;
    let mut advice = Vec::new();
    if package.bytes > USUAL_BYTES_MAX {
        advice.push(format!(
            "{} bytes are many for a connector; most have fewer than {USUAL_BYTES_MAX}",
            package.bytes
        ));
    }
    let mut texts =
        vec![("title".to_owned(), &manifest.title), ("description".to_owned(), &manifest.description)];
    texts.extend(
        manifest
            .functions
            .iter()
            .map(|one| (format!("function {}: description", one.name), &one.description)),
    );
    texts.extend(manifest.hosts.iter().map(|one| (format!("host {}: why", source(&one.source)), &one.why)));
    texts.extend(manifest.webhooks.iter().map(|one| (format!("webhook {}: why", one.path), &one.why)));
    texts.extend(manifest.blob.iter().map(|one| ("blob: why".to_owned(), &one.why)));
    for (place, label) in texts {
        for (language, word) in [(Language::En, "English"), (Language::Ru, "Russian")] {
            if label.0.get(&language).is_none_or(|text| text.trim().is_empty()) {
                advice.push(format!("{place} is missing in {word}: who installs the plugin reads it"));
            }
        }
    }
    advice
}

fn source(source: &HostSource) -> String {
    match source {
        HostSource::Named(pattern) => pattern.to_string(),
        HostSource::Setting(name) => format!("the host of the setting `{name}`"),
        HostSource::Nowhere => "no host".to_owned(),
    }
}

fn english(label: &Label) -> &str {
    label.0.get(&Language::En).map_or("(no description)", String::as_str)
}
