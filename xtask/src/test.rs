//! `cargo xtask test`: everything that must hold, the quick and the telling first.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::steps::{AfterFailure, Outcome, Step, cargo, is_there, run_all, show};
use crate::{licences, plugins, setup, web};

/// Tests that must also hold in an optimised build, where stacks and times differ.
const RELEASE_TESTS: &[&str] = &["bombs", "crash::", "open_tickets::"];

const STEPS: &[Step] = &[
    Step { name: "setup", what: "rustfmt, clippy, Node, Chromium", run: setup::prepare },
    Step { name: "fmt", what: "the width and shape of the source", run: fmt },
    Step { name: "fresh", what: "committed builds match their source", run: fresh },
    Step { name: "licences", what: "licences and sources of the dependencies", run: licences::check },
    Step { name: "deny", what: "licences, doubles, sources, advisories with cargo-deny", run: deny },
    Step { name: "clippy", what: "lints, warnings are errors", run: clippy },
    Step { name: "test", what: "unit and integration tests", run: unit },
    Step { name: "postgres", what: "every statement on a PostgreSQL server", run: postgres },
    Step { name: "packs", what: "check and script tests of every client pack", run: packs },
    Step { name: "web", what: "type check and unit tests of the web", run: web_tests },
    Step { name: "release", what: "bombs, kills and 5,000 moved tickets, optimised", run: release },
    Step { name: "browser", what: "the UI in Chromium against the real binary", run: browser },
];

/// Runs the steps that the arguments name, or all.
pub fn run(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let mut chosen: Vec<&Step> = Vec::new();
    let mut after = AfterFailure::Stop;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--only" => chosen.push(find(rest.next().context("--only needs the name of a step")?)?),
            "--keep-going" => after = AfterFailure::GoOn,
            "--list" => {
                STEPS.iter().for_each(|step| println!("{:<10} {}", step.name, step.what));
                return Ok(ExitCode::SUCCESS);
            }
            other => {
                bail!("`{other}` is no option of `cargo xtask test`; there are --only, --keep-going, --list")
            }
        }
    }
    if chosen.is_empty() {
        chosen = STEPS.iter().collect();
    }
    let summary = run_all(root, &chosen, after);
    println!("{summary}");
    Ok(if summary.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn find(name: &str) -> Result<&'static Step> {
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    let step = STEPS.iter().find(|step| step.name == name);
    step.with_context(|| format!("`{name}` is no step; the steps are {}", names.join(", ")))
}

fn fmt(root: &Path) -> Result<Outcome> {
    show(cargo(root).args(["fmt", "--all", "--", "--check"]))?;
    show(cargo(&root.join("plugins")).args(["fmt", "--all", "--", "--check"]))
}

fn fresh(root: &Path) -> Result<Outcome> {
    plugins::check_fresh(root)?;
    web::check_fresh(root)?;
    Ok(Outcome::Passed)
}

/// Advisories need a database from the network, which a build may not have: they are for `cargo deny check` by hand.
fn deny(root: &Path) -> Result<Outcome> {
    if !is_there("cargo-deny", "--version") {
        return Ok(Outcome::Skipped(
            "cargo-deny is not installed; `licences` checked the most of it".to_owned(),
        ));
    }
    let has_advisories = cargo_home().is_some_and(|home| home.join("advisory-dbs").is_dir());
    let mut command = cargo(root);
    command.args(["deny", "--offline", "check", "licenses", "bans", "sources"]);
    if has_advisories {
        command.arg("advisories");
    }
    show(&mut command)
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))
}

/// Builds what the next steps run, with clippy as the compiler of our own crates: the dependencies are built once, not
/// also checked for the lints alone.
fn clippy(root: &Path) -> Result<Outcome> {
    show(linting(root).args(["test", "--workspace", "--all-targets", "--no-run", "--locked"]))
}

fn unit(root: &Path) -> Result<Outcome> {
    show(linting(root).args(["test", "--workspace", "--locked"]))
}

/// Cargo with clippy in the place of rustc, as `cargo clippy` sets it up; warnings are errors.
fn linting(root: &Path) -> Command {
    let mut command = cargo(root);
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command
}

fn postgres(root: &Path) -> Result<Outcome> {
    let has_server = is_there("postgres", "--version") || Path::new("/usr/lib/postgresql").is_dir();
    if !has_server {
        return Ok(Outcome::Skipped("no PostgreSQL server is installed".to_owned()));
    }
    show(linting(root).args(["test", "--locked", "--workspace", "--test", "it", "--", "postgres::"]))
}

fn packs(root: &Path) -> Result<Outcome> {
    show(linting(root).args(["build", "--locked", "--bin", "naryad"]))?;
    let binary = target(root).join("debug/naryad");
    let mut packs: Vec<PathBuf> = std::fs::read_dir(root.join("workflows"))
        .context("cannot list workflows/")?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|pack| pack.join("client.toml").is_file())
        .collect();
    packs.sort();
    if packs.is_empty() {
        bail!("workflows/ holds no pack");
    }
    for pack in packs {
        for action in ["check", "test"] {
            show(Command::new(&binary).args(["workflow", action]).arg(&pack))?;
        }
    }
    Ok(Outcome::Passed)
}

fn web_tests(root: &Path) -> Result<Outcome> {
    web::test(root)?;
    Ok(Outcome::Passed)
}

fn release(root: &Path) -> Result<Outcome> {
    let mut command = cargo(root);
    show(command.args(["test", "--release", "--locked", "--test", "it", "--"]).args(RELEASE_TESTS))
}

fn browser(root: &Path) -> Result<Outcome> {
    show(cargo(root).args(["build", "--release", "--locked", "--bin", "naryad"]))?;
    web::browser_test(root, &target(root).join("release/naryad"))?;
    Ok(Outcome::Passed)
}

/// Where cargo puts what it builds.
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}
