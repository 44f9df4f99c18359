//! What a fresh machine lacks: installed where we may, named exactly where we may not.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::steps::{Outcome, is_there, show};

/// Oldest Node that builds the web UI.
const NODE_MAJOR_MIN: u32 = 20;
/// Names under which Chromium is found.
const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Makes sure of rustfmt, clippy, Node with npm, and Chromium. The web's packages follow in the step that needs them.
pub fn prepare(_root: &Path) -> Result<Outcome> {
    for part in ["fmt", "clippy"] {
        if !is_there(&format!("cargo-{part}"), "--version") {
            bail!("`cargo {part}` is missing: run `rustup component add rustfmt clippy`");
        }
    }
    node()?;
    chromium()?;
    Ok(Outcome::Passed)
}

fn node() -> Result<()> {
    if node_major().is_none_or(|major| major < NODE_MAJOR_MIN) || !is_there("npm", "--version") {
        install(&["nodejs", "npm"])?;
    }
    match node_major() {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        Some(major) => {
            bail!(
                "Node {major} is too old: install Node {NODE_MAJOR_MIN} or newer with npm (Debian 13 has it)"
            )
        }
        None => bail!("Node is missing: install Node {NODE_MAJOR_MIN} or newer with npm"),
    }
}

fn node_major() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn chromium() -> Result<()> {
    let is_installed = || CHROMIUM.iter().any(|name| is_there(name, "--version"));
    if is_installed() {
        return Ok(());
    }
    install(&["chromium"])?;
    if is_installed() { Ok(()) } else { bail!("Chromium is still not there after its installation") }
}

/// Asks apt-get, which only root may.
fn install(packages: &[&str]) -> Result<()> {
    let what = format!("apt-get install --yes --no-install-recommends {}", packages.join(" "));
    if !is_there("apt-get", "--version") {
        bail!("{} is missing; install it with the package manager of this system", packages.join(" or "));
    }
    if !is_root() {
        bail!("{} is missing; run `sudo {what}` and try again", packages.join(" or "));
    }
    println!("{what}");
    show(Command::new("apt-get").args(["--quiet", "update"]))?;
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    show(command.args(["--quiet", "install", "--yes", "--no-install-recommends"]).args(packages)).map(drop)
}

fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output();
    answer.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
