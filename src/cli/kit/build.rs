//! `plugin build`: cargo, the manifest as a section, and a look at what came out.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

use super::args::BuildPlugin;
use super::check;
use super::component::{self, Toolchain};
use super::{Ended, PluginFolder};
use crate::plugin_host::package::MANIFEST_SECTION;

const CARGO_FILE: &str = "Cargo.toml";

pub async fn build(order: &BuildPlugin) -> anyhow::Result<Ended> {
    // The manifest first: what is wrong there need not wait for the compiler.
    let folder = PluginFolder::open(&order.folder)?;
    let path = fs::canonicalize(&folder.path)?;
    let unpacked = path.join("target/toolchain");
    let names =
        [(unpacked.clone(), "/toolchain"), (path.clone(), "/plugin"), (component::cargo_home()?, "/cargo")];
    let crate_name = crate_name(&path.join(CARGO_FILE))?;
    let toolchain =
        Toolchain::find(order.unpack_toolchain.then_some(unpacked.as_path())).map_err(|error| {
            if order.unpack_toolchain {
                error
            } else {
                error.context("try again with --unpack-toolchain, or:")
            }
        })?;
    toolchain.build(&path, &names, &["--package", &crate_name])?;
    let sections = [(MANIFEST_SECTION, folder.manifest_text.as_bytes())];
    let wasm = component::finished(&path, &crate_name, &sections)?;
    let to = folder.package();
    fs::write(&to, &wasm).with_context(|| format!("{} cannot be written", to.display()))?;
    println!("{}: {} bytes.", to.display(), wasm.len());
    check::check(&to).await
}

#[derive(Deserialize)]
struct CargoFile {
    package: CargoPackage,
}

#[derive(Deserialize)]
struct CargoPackage {
    name: String,
}

fn crate_name(file: &PathBuf) -> anyhow::Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let cargo: CargoFile =
        toml::from_str(&text).with_context(|| format!("{} names no package", file.display()))?;
    Ok(cargo.package.name)
}
