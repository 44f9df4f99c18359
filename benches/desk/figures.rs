//! How measured times are summed up and printed.

use std::time::Duration;

/// Times of one kind, sorted.
pub struct Times(Vec<Duration>);

impl Times {
    pub fn new(mut times: Vec<Duration>) -> Self {
        assert!(!times.is_empty(), "nothing was measured");
        times.sort_unstable();
        Self(times)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time below which so many of a thousand lie.
    pub fn permille(&self, part: usize) -> Duration {
        self.0[(self.0.len() * part / 1_000).min(self.0.len() - 1)]
    }

    pub fn median(&self) -> Duration {
        self.permille(500)
    }
}

pub fn section(title: &str) {
    println!("\n{title}");
}

pub fn line(what: &str, times: &Times) {
    let [p50, p99, max] = [500, 990, 1_000].map(|part| milliseconds(times.permille(part)));
    println!("  {what:<34} p50 {p50:>9.3} ms   p99 {p99:>9.3} ms   max {max:>9.3} ms   ({})", times.count());
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// On what this was measured.
pub fn machine() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{cores} cores{model}; SQLite {}; naryad {}", rusqlite::version(), env!("CARGO_PKG_VERSION"));
}
