//! `cargo xtask bench`: the figures of `BENCHMARKS.md`, measured in release.

use std::path::Path;

use anyhow::Result;

use crate::steps::{cargo, show};

/// Hands the options on to the bench, which knows them.
pub fn run(root: &Path, arguments: &[String]) -> Result<()> {
    show(cargo(root).args(["bench", "--locked", "--bench", "desk", "--"]).args(arguments)).map(drop)
}
