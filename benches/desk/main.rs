//! The figures of `BENCHMARKS.md`, in one run: `cargo xtask bench`.

mod backtest;
mod big;
mod client;
mod decide;
mod desk;
mod figures;
mod load;
mod log;
mod pace;
mod packs;
mod plugin;
mod raw;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is measured how long and how large.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub tickets: i64,
    pub time: Duration,
    pub only: Only,
}

/// Which part is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    Everything,
    Backtest,
}

const USAGE: &str = "options: --tickets N (1000000), --seconds N (5), --only backtest (10000 tickets)";
const TICKETS: i64 = 1_000_000;
const BACKTEST_TICKETS: i64 = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, folder] = &arguments[..]
        && word == server::SERVE
    {
        return server::serve(Path::new(folder));
    }
    let Some(options) = options(&arguments) else {
        eprintln!("{USAGE}");
        std::process::exit(2);
    };
    let folder = folder();
    figures::machine();
    if options.only == Only::Everything {
        let opened = load::opening(&folder.join("load"), options);
        raw::limit(&folder, &opened, options);
        packs::measure();
        decide::median(&opened.folder);
        plugin::round_trip(&folder.join("plugins"));
        big::desk(&folder.join("big"), options);
    }
    backtest::measure(&folder.join("backtest"), options);
    std::fs::remove_dir_all(&folder).expect("the folder of the bench can be removed");
}

fn options(arguments: &[String]) -> Option<Options> {
    let (mut tickets, mut seconds, mut only) = (None, 5, Only::Everything);
    for pair in arguments.chunks(2) {
        let value = pair.get(1)?;
        match pair[0].as_str() {
            "--tickets" => tickets = Some(i64::from(value.parse::<u32>().ok()?)),
            "--seconds" => seconds = value.parse().ok()?,
            "--only" if value == "backtest" => only = Only::Backtest,
            _ => return None,
        }
    }
    let usual = if only == Only::Backtest { BACKTEST_TICKETS } else { TICKETS };
    Some(Options { tickets: tickets.unwrap_or(usual), time: Duration::from_secs(seconds), only })
}

/// Beside what cargo builds, so that it is on a disk and not in memory.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("cargo's temporary folder is there");
    folder
}
