//! The figures of `BENCHMARKS.md`, in one run: `cargo xtask bench`.

mod big;
mod client;
mod decide;
mod desk;
mod figures;
mod load;
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
}

const USAGE: &str = "options: --tickets N (1000000), --seconds N (5)";

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
    let opened = load::opening(&folder.join("load"), options);
    raw::limit(&folder, &opened, options);
    decide::median(&opened.folder);
    plugin::round_trip(&folder.join("plugins"));
    big::desk(&folder.join("big"), options);
    std::fs::remove_dir_all(&folder).expect("the folder of the bench can be removed");
}

fn options(arguments: &[String]) -> Option<Options> {
    let mut options = Options { tickets: 1_000_000, time: Duration::from_secs(5) };
    for pair in arguments.chunks(2) {
        let value: u32 = pair.get(1)?.parse().ok()?;
        match pair[0].as_str() {
            "--tickets" => options.tickets = i64::from(value),
            "--seconds" => options.time = Duration::from_secs(u64::from(value)),
            _ => return None,
        }
    }
    Some(options)
}

/// Beside what cargo builds, so that it is on a disk and not in memory.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("cargo's temporary folder is there");
    folder
}
