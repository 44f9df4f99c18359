//! `plugin bench`: what the recorded calls cost, without the network's share.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::args::BenchPlugin;
use super::fixture::{self, Recorded};
use super::replay::{PlayedTape, private_hosts};
use super::stand::Stand;
use super::{FIXTURES_FOLDER, PluginFolder};
use crate::cli::Ended;
use crate::plugin_host::Tape;

pub async fn bench(order: &BenchPlugin) -> anyhow::Result<Ended> {
    let folder = PluginFolder::open(&order.folder)?;
    let file = folder.package();
    let wasm = fs::read(&file)
        .with_context(|| format!("{} cannot be read; `naryad plugin build` makes it", file.display()))?;
    let recorded = fixture::read_all(&folder.path.join(FIXTURES_FOLDER), None)?;
    ensure!(!recorded.is_empty(), "no fixture: nothing is recorded that could be called");
    let tape = Arc::new(PlayedTape::default());
    let stand =
        Stand::with(&wasm, private_hosts(&wasm, &recorded)?, Arc::clone(&tape) as Arc<dyn Tape>).await?;
    println!(
        "{} calls of each; own time: processor time of the plugin's code; whole: with the sandbox and the pipe",
        order.calls
    );
    println!("{:<32} {:>12} {:>12} {:>12} {:>12}", "", "own, median", "own, p95", "whole, median", "memory");
    for Recorded { name, fixture, file } in &recorded {
        let (mut own, mut whole, mut memory) = (Vec::new(), Vec::new(), 0);
        for _ in 0..order.calls {
            tape.wind(&fixture.http);
            let ended =
                stand.call(fixture, &BTreeMap::new()).await.with_context(|| file.display().to_string())?;
            let transcript = match ended {
                Ok(answer) => answer.transcript,
                Err(failure) => failure.transcript,
            };
            own.push(transcript.guest_time);
            whole.push(transcript.wall_time);
            memory = memory.max(transcript.memory_peak_bytes);
        }
        println!(
            "{name:<32} {:>12} {:>12} {:>12} {:>12}",
            micros(share(&mut own, 50)),
            micros(share(&mut own, 95)),
            micros(share(&mut whole, 50)),
            format!("{} KiB", memory >> 10)
        );
    }
    stand.host.shutdown().await;
    Ok(Ended::Well)
}

/// The time that so many of a hundred calls stay below.
fn share(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn micros(time: Duration) -> String {
    format!("{} us", time.as_micros())
}
