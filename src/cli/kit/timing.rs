//! `plugin bench`: what the recorded calls cost, without the network's share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::args::BenchPlugin;
use super::fixture::{self, Purpose, Recorded};
use super::replay::private_hosts;
use super::stand::Stand;
use super::tapes::PlayedTape;
use super::{FIXTURES_FOLDER, PluginFolder};
use crate::cli::Ended;
use crate::plugin_host::{Tape, package};

/// The child's start and the first look at the code are no part of a call.
const CALLS_TO_WARM: u32 = 5;

pub async fn bench(order: &BenchPlugin) -> anyhow::Result<Ended> {
    let folder = PluginFolder::open(&order.folder)?;
    let wasm = folder.built()?;
    let manifest = package::read(&wasm)?.manifest;
    let recorded = fixture::read_all(&folder.path.join(FIXTURES_FOLDER), None, &manifest, Purpose::Play)?;
    let tape = Arc::new(PlayedTape::default());
    let private = private_hosts(&manifest, &recorded);
    let stand = Stand::with(&wasm, private, Arc::clone(&tape) as Arc<dyn Tape>).await?;
    println!(
        "{} calls of each. own: processor time of the plugin's code; whole: with the sandbox and the pipe.",
        order.calls
    );
    println!(
        "{:<24} {:>11} {:>11} {:>13} {:>11} {:>10}",
        "", "own, median", "own, p99", "whole, median", "whole, p99", "memory"
    );
    for Recorded { name, fixture, .. } in &recorded {
        let (mut own, mut whole, mut memory) = (Vec::new(), Vec::new(), 0);
        for number in 0..order.calls + CALLS_TO_WARM {
            tape.wind(&fixture.http);
            let ended = stand.call(fixture, &BTreeMap::new()).await?;
            let seen = &ended.transcript;
            memory = memory.max(seen.memory_peak_bytes);
            if number >= CALLS_TO_WARM {
                own.push(seen.guest_time);
                whole.push(seen.wall_time);
            }
        }
        println!(
            "{name:<24} {:>11} {:>11} {:>13} {:>11} {:>10}",
            micros(share(&mut own, 50)),
            micros(share(&mut own, 99)),
            micros(share(&mut whole, 50)),
            micros(share(&mut whole, 99)),
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
