//! Everything a developer runs: `cargo xtask plugins`, `web`.

mod plugins;
mod web;

use std::path::Path;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the project")?;
    match std::env::args().nth(1).as_deref() {
        Some("plugins") => plugins::build(root),
        Some("plugins-fresh") => plugins::check_fresh(root),
        Some("web") => web::build(root),
        Some("web-fresh") => web::check_fresh(root),
        Some("web-test") => web::test(root),
        Some("web-browser") => web::browser_test(root, &root.join("target/debug/naryad")),
        _ => bail!("usage: cargo xtask plugins | plugins-fresh | web | web-fresh | web-test | web-browser"),
    }
}
