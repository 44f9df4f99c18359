//! `plugin build`: the compiler of the plugin's language, the manifest as a section, and a look at what came out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::args::BuildPlugin;
use super::check;
use super::component::{self, Toolchain};
use super::{CARGO_FILE, Ended, PACKAGE_FILE, PluginFolder};
use crate::plugin_host::package::MANIFEST_SECTION;

/// Where the template's `component.mjs` puts what it makes.
const JAVASCRIPT_MADE: &str = "target/component.wasm";

pub async fn build(order: &BuildPlugin) -> anyhow::Result<Ended> {
    // The manifest first: what is wrong there need not wait for the compiler.
    let folder = PluginFolder::open(&order.folder)?;
    let path = fs::canonicalize(&folder.path)?;
    let made = if path.join(CARGO_FILE).is_file() {
        rust(&path, order.unpack_toolchain)?
    } else {
        let is_known = path.join(PACKAGE_FILE).is_file();
        ensure!(is_known, "{} has neither {CARGO_FILE} nor {PACKAGE_FILE}", folder.path.display());
        javascript(&path)?
    };
    let sections = [(MANIFEST_SECTION, folder.manifest_text.as_bytes())];
    let wasm = component::finished(&made, &sections)?;
    let to = folder.package();
    fs::write(&to, &wasm).with_context(|| format!("{} cannot be written", to.display()))?;
    println!("{}: {} bytes.", to.display(), wasm.len());
    check::check(&to).await
}

/// Cargo, for wasm32.
fn rust(path: &Path, unpack_toolchain: bool) -> anyhow::Result<PathBuf> {
    let unpacked = path.join("target/toolchain");
    // Folders of this machine, which nobody else should find in the component.
    let names = [
        (unpacked.clone(), "/toolchain"),
        (path.to_owned(), "/plugin"),
        (component::cargo_home()?, "/cargo"),
    ];
    let crate_name = crate_name(&path.join(CARGO_FILE))?;
    // What was unpacked once is used without being asked for again.
    let may_unpack = unpack_toolchain || unpacked.join("rustc").is_file();
    let toolchain = Toolchain::find(may_unpack.then_some(unpacked.as_path())).map_err(|error| {
        if may_unpack {
            error
        } else {
            error.context("the toolchain is missing (--unpack-toolchain may help)")
        }
    })?;
    toolchain.build(path, &names, &["--package", &crate_name])?;
    Ok(component::made(path, &crate_name))
}

/// The folder's own script over componentize-js.
fn javascript(path: &Path) -> anyhow::Result<PathBuf> {
    if !path.join("node_modules").is_dir() {
        npm(path, &["install", "--no-fund", "--no-audit"])?;
    }
    npm(path, &["run", "--silent", "component", "--", JAVASCRIPT_MADE])?;
    Ok(path.join(JAVASCRIPT_MADE))
}

fn npm(path: &Path, words: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("npm").current_dir(path).args(words).status().context(
        "npm cannot be started: a plugin in JavaScript needs Node.js 20 or later from https://nodejs.org",
    )?;
    ensure!(status.success(), "`npm {}` failed: see what it says above", words.join(" "));
    Ok(())
}

#[derive(Deserialize)]
struct CargoFile {
    package: CargoPackage,
}

#[derive(Deserialize)]
struct CargoPackage {
    name: String,
}

fn crate_name(file: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let cargo: CargoFile =
        toml::from_str(&text).with_context(|| format!("{} names no package", file.display()))?;
    Ok(cargo.package.name)
}
