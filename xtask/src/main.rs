//! Everything a developer runs: `cargo xtask test`, `bench`, `web`, `plugins`.

mod bench;
mod licences;
mod plugins;
mod setup;
mod steps;
mod test;
mod web;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: cargo xtask COMMAND
  test [--only STEP]... [--keep-going]   everything that must hold; sets a fresh machine up first
  test --list                            the names of its steps
  bench [--tickets N] [--seconds N]      the figures of BENCHMARKS.md, in release
  bench --only backtest [--tickets N]    how long a back-test takes, and whether the live desk notices
  web                                    builds web/dist; web-fresh, web-test and web-browser are its checks
  plugins                                builds plugins/built; plugins-fresh checks that it is up to date";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the project")?;
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    match command.as_deref() {
        Some("test") => return test::run(root, &rest),
        Some("bench") => bench::run(root, &rest)?,
        Some("plugins") => plugins::build(root)?,
        Some("plugins-fresh") => plugins::check_fresh(root)?,
        Some("web") => web::build(root)?,
        Some("web-fresh") => web::check_fresh(root)?,
        Some("web-test") => web::test(root)?,
        Some("web-browser") => web::browser_test(root, &root.join("target/debug/naryad"))?,
        _ => bail!(USAGE),
    }
    Ok(ExitCode::SUCCESS)
}
