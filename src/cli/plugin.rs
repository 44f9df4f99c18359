//! `plugin install|list|call`: the package, its signature, settings and secrets come from files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::Ended;
use super::args::{PluginCall, PluginInstall};
use super::folder::Missing;
use super::install::{GrantOrder, Installed, Order, Unsigned};
use super::operation::Operation;
use super::session::ask;
use crate::http::plugin_desk::{AskedLine, Trial, TrialResult};

/// A package is refused by its own limit; this one keeps a wrong file out of memory.
const FILE_BYTES_MAX: u64 = 64 << 20;
const TEXT_BYTES_MAX: u64 = 64 << 10;

pub async fn install(install: PluginInstall) -> anyhow::Result<Ended> {
    let wasm = read(&install.file, FILE_BYTES_MAX)?;
    let order = Order {
        client: install.client.clone(),
        configuration: configuration(install.config.as_deref())?,
        secrets: secrets(&install)?,
        grant: if install.grant_declared {
            GrantOrder::Declared
        } else {
            GrantOrder::Only(install.grant.clone())
        },
        signature: signature(&install.file)?,
        unsigned: if install.allow_unsigned { Unsigned::Allow } else { Unsigned::Refuse },
        trusted_keys: trusted_keys(&install.trust)?,
    };
    let operation = Operation::InstallPlugin { order: Box::new(order) };
    let installed: Installed = ask(&install.folder.dir, Missing::Refuse, operation, wasm)
        .await
        .with_context(|| format!("{} was not installed", install.file.display()))?;
    let Installed { plugin, version, publisher, signature, client, asked, waits, .. } = installed;
    let line = format!("{plugin} {version} by {publisher} ({signature})");
    if !waits.is_empty() {
        println!("{line} asks for more than what runs for {client}, which runs on: {}.", waits.join(", "));
        println!(
            "Approve it on the page \"Plugins\", or say here what is granted, with --grant or --grant-declared."
        );
        return Ok(Ended::Well);
    }
    println!("{line} is installed for {client}.");
    let named = |is_granted: bool| -> Vec<String> {
        asked.iter().filter(|one| one.is_granted == is_granted).map(name_of).collect()
    };
    match named(true).as_slice() {
        [] => println!("It may reach nothing."),
        granted => println!("It may use {}.", granted.join(", ")),
    }
    if let denied @ [_, ..] = named(false).as_slice() {
        println!("It asks for more and is denied {}.", denied.join(", "));
    }
    Ok(Ended::Well)
}

fn name_of(asked: &AskedLine) -> String {
    if asked.kind == "host" && !asked.value.is_empty() { asked.value.clone() } else { asked.id.clone() }
}

/// Calls a function through the desk and shows everything that was seen of it.
pub async fn call(call: PluginCall) -> anyhow::Result<Ended> {
    let input = match (&call.input, &call.input_file) {
        (Some(text), _) => serde_json::from_str(text).context("--input is not JSON")?,
        (None, Some(file)) => {
            let text = read_text(file)?;
            serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?
        }
        (None, None) => json!({}),
    };
    let PluginCall { client, plugin, function, folder, .. } = call;
    let operation = Operation::TryPlugin { client, plugin, trial: Trial { function, input } };
    let tried: TrialResult = ask(&folder.dir, Missing::Refuse, operation, Vec::new()).await?;
    for line in &tried.log {
        println!("{}: {}", line.level, line.message);
    }
    if tried.log_is_cut {
        println!("… and more lines than are kept");
    }
    for request in &tried.requests {
        let with = request.authentication.as_ref().map_or_else(String::new, |how| format!(" as {how}"));
        println!(
            "{} {}{with}: {} in {} ms, {} bytes out, {} in",
            request.method,
            request.url,
            request.outcome,
            request.ms,
            request.request_bytes,
            request.response_bytes
        );
    }
    println!(
        "{:.1} ms, of which {:.1} ms were the plugin's own; {} KiB of memory",
        tried.wall_us as f64 / 1_000.0,
        tried.guest_us as f64 / 1_000.0,
        tried.memory_peak_bytes / 1_024
    );
    match (tried.answer, tried.failure) {
        (_, Some(failure)) => {
            let again = if failure.is_retryable { "; the same call may succeed later" } else { "" };
            println!("Failed ({}): {}{again}", failure.code, failure.message);
            Ok(Ended::WithFindings)
        }
        (answer, None) => {
            println!("{:#}", answer.unwrap_or_default());
            Ok(Ended::Well)
        }
    }
}

pub async fn list(dir: &Path) -> anyhow::Result<Ended> {
    let rows: Vec<Value> = ask(dir, Missing::Refuse, Operation::ListPlugins, Vec::new()).await?;
    if rows.is_empty() {
        println!("No plugin is installed.");
    }
    for row in rows {
        let word = |name: &str| row[name].as_str().unwrap_or("?").to_owned();
        let granted: Vec<&str> =
            row["granted"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let state = if row["is_enabled"] == json!(true) { "on" } else { "off" };
        println!(
            "{}\t{} {}\t{state}\t{}\t{}\t{}",
            word("client"),
            word("plugin"),
            word("version"),
            word("publisher"),
            word("signature"),
            granted.join(", ")
        );
    }
    Ok(Ended::Well)
}

fn read(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("{} cannot be read", path.display());
    let bytes = fs::metadata(path).with_context(cannot)?.len();
    ensure!(bytes <= bytes_max, "{} has {bytes} bytes; at most {bytes_max} are taken", path.display());
    fs::read(path).with_context(cannot)
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(read(path, TEXT_BYTES_MAX)?).with_context(|| format!("{} is not UTF-8", path.display()))
}

fn configuration(file: Option<&Path>) -> anyhow::Result<Value> {
    let Some(file) = file else { return Ok(Value::Null) };
    let text = read_text(file)?;
    if file.extension().is_some_and(|kind| kind == "json") {
        return serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()));
    }
    toml::from_str(&text).with_context(|| format!("{} is not TOML", file.display()))
}

/// Values by name. On the command line itself they would stand in the list of processes.
fn secrets(install: &PluginInstall) -> anyhow::Result<BTreeMap<String, String>> {
    let mut secrets = BTreeMap::new();
    for pair in &install.secret_file {
        let (name, file) = pair.split_once('=').context("write --secret-file NAME=FILE")?;
        let text = read_text(Path::new(file))?;
        secrets.insert(name.to_owned(), text.lines().next().unwrap_or_default().to_owned());
    }
    for pair in &install.secret_env {
        let (name, variable) = pair.split_once('=').context("write --secret-env NAME=VARIABLE")?;
        let value = std::env::var(variable)
            .with_context(|| format!("the variable {variable} of the environment is not set"))?;
        secrets.insert(name.to_owned(), value);
    }
    Ok(secrets)
}

/// `FILE.minisig` beside the package, if it is there.
fn signature(package: &Path) -> anyhow::Result<Option<String>> {
    let mut name = package.as_os_str().to_owned();
    name.push(".minisig");
    let path = PathBuf::from(name);
    if path.exists() { read_text(&path).map(Some) } else { Ok(None) }
}

fn trusted_keys(files: &[PathBuf]) -> anyhow::Result<BTreeMap<String, String>> {
    let named = |file: &PathBuf| Ok((file.display().to_string(), read_text(file)?));
    files.iter().map(named).collect()
}
