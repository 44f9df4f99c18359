//! The kit of those who write plugins: a folder to begin with, build, check, test, measure, sign, verify.

pub mod args;
mod begin;
mod build;
mod check;
mod compare;
mod component;
mod fixture;
mod keeper;
mod mistakes;
mod replay;
mod sign;
mod stand;
mod tapes;
mod timing;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::Ended;
use crate::plugin_host::{Manifest, package};
use args::KitVerb;

/// Beside `Cargo.toml` of a plugin.
const MANIFEST_FILE: &str = "plugin.toml";
/// Which of these is there says what the plugin is written in.
const CARGO_FILE: &str = "Cargo.toml";
const PACKAGE_FILE: &str = "package.json";
/// Of a plugin's folder: its code, in Rust or in JavaScript.
const SOURCES: [&str; 2] = ["src", "plugin.js"];
/// Of a plugin's folder: recorded calls, a file each.
const FIXTURES_FOLDER: &str = "fixtures";

pub async fn carry_out(verb: KitVerb) -> anyhow::Result<Ended> {
    match verb {
        KitVerb::New(new) => begin::begin(&new),
        KitVerb::Build(order) => build::build(&order).await,
        KitVerb::Check { package } => check::check(&package).await,
        KitVerb::Test(test) => replay::test(&test).await,
        KitVerb::Bench(bench) => timing::bench(&bench).await,
        KitVerb::Keygen(keys) => sign::make_keys(&keys),
        KitVerb::Sign(order) => sign::sign(&order),
        KitVerb::Verify(order) => sign::verify(&order),
    }
}

/// A plugin's folder as its author works in it.
struct PluginFolder {
    path: PathBuf,
    manifest_text: String,
    manifest: Manifest,
}

impl PluginFolder {
    fn open(path: &Path) -> anyhow::Result<PluginFolder> {
        let file = path.join(MANIFEST_FILE);
        ensure!(
            file.is_file(),
            "{} is no plugin's folder: it has no {MANIFEST_FILE}; `naryad plugin new NAME` makes one",
            path.display()
        );
        let manifest_text =
            std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let manifest =
            Manifest::read(&manifest_text).map_err(|why| anyhow::anyhow!("{}: {why}", file.display()))?;
        Ok(PluginFolder { path: path.to_owned(), manifest_text, manifest })
    }

    /// Where `build` puts the package.
    fn package(&self) -> PathBuf {
        self.path.join(format!("{}.wasm", self.manifest.name))
    }

    /// The package that was built of this folder as it is now.
    fn built(&self) -> anyhow::Result<Vec<u8>> {
        let file = self.package();
        let wasm = std::fs::read(&file)
            .with_context(|| format!("{} cannot be read; `naryad plugin build` makes it", file.display()))?;
        let is_of_this =
            package::read(&wasm).is_ok_and(|built| built.manifest.document == self.manifest.document);
        ensure!(
            is_of_this,
            "{} was built of another {MANIFEST_FILE}; `naryad plugin build` makes it anew",
            file.display()
        );
        if let Some(newer) = newer_source(&self.path, &file)? {
            eprintln!("note: {} has changed since {} was built", newer.display(), file.display());
        }
        Ok(wasm)
    }
}

/// The package that is meant: a file, or the one that was built in a folder.
fn package_file(path: &Path) -> anyhow::Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let built = PluginFolder::open(path)?.package();
    ensure!(built.is_file(), "{} is not there yet; `naryad plugin build` makes it", built.display());
    Ok(built)
}

/// A file of the plugin's own source that was changed after the package was made.
fn newer_source(folder: &Path, package: &Path) -> anyhow::Result<Option<PathBuf>> {
    let made = std::fs::metadata(package)?.modified()?;
    let mut files: Vec<PathBuf> = SOURCES.iter().map(|name| folder.join(name)).collect();
    while let Some(file) = files.pop() {
        let Ok(about) = std::fs::metadata(&file) else { continue };
        if about.is_dir() {
            files.extend(std::fs::read_dir(&file)?.flatten().map(|entry| entry.path()));
        } else if about.modified()? > made {
            return Ok(Some(file));
        }
    }
    Ok(None)
}
