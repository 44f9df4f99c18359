//! Everything a developer runs: `cargo xtask plugins`.

mod plugins;

use std::path::Path;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the project")?;
    match std::env::args().nth(1).as_deref() {
        Some("plugins") => plugins::build(root),
        Some("plugins-fresh") => plugins::check_fresh(root),
        _ => bail!("usage: cargo xtask plugins | plugins-fresh"),
    }
}
