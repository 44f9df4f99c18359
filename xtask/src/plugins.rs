//! `cargo xtask plugins`: builds every plugin below `plugins/` and writes the components to `plugins/built`.

#[path = "../../src/cli/kit/component.rs"]
mod component;
pub mod source;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use component::Toolchain;

/// Builds all plugins, finishes them and writes `plugins/built/*.wasm`.
pub fn build(root: &Path) -> Result<()> {
    let plugins = root.join("plugins");
    let unpacked = plugins.join("target/toolchain");
    // Without these the folders of the machine that built it would stand in the component.
    let names = [
        (unpacked.clone(), "/toolchain"),
        (plugins.clone(), "/plugins"),
        (component::cargo_home()?, "/cargo"),
    ];
    Toolchain::find(Some(&unpacked))?.build(&plugins, &names, &["--locked"])?;
    fs::create_dir_all(plugins.join("built"))?;
    for name in source::plugin_names(&plugins).map_err(anyhow::Error::msg)? {
        let manifest = fs::read(plugins.join(&name).join("plugin.toml"))?;
        let hash = source::source_hash(&plugins, &name).map_err(anyhow::Error::msg)?;
        let sections = [(source::MANIFEST_SECTION, &manifest[..]), (source::SOURCE_SECTION, hash.as_bytes())];
        let wasm = component::finished(&component::made(&plugins, &name), &sections)?;
        let to = plugins.join("built").join(format!("{name}.wasm"));
        fs::write(&to, &wasm).with_context(|| format!("cannot write {}", to.display()))?;
        println!("plugins/built/{name}.wasm: {} bytes", wasm.len());
    }
    Ok(())
}

/// Fails when a committed component was not made from the present source; needs no wasm toolchain.
pub fn check_fresh(root: &Path) -> Result<()> {
    source::check_fresh(&root.join("plugins")).map_err(anyhow::Error::msg)
}
