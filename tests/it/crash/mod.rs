//! The real binary under load, killed at random moments; and its backup, taken under load and restored.

mod load;
mod requests;
mod restore;
mod served;
mod verify;

use std::time::Duration;

use crate::simulation::random::Random;
use load::Load;
use served::{Folder, Served};
use verify::Ledger;

/// Fewer in a debug build, which `cargo test` runs; the whole hundred is for the optimised one.
const KILLS: u64 = if cfg!(debug_assertions) { 20 } else { 100 };
/// A kill comes within this after the load began.
const LIFE_MS_MAX: usize = 400;
/// Kills between two looks at the whole file.
const WHOLE_CHECK_KILLS: u64 = 10;

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_is_doubled() {
    let seed = seed();
    let kills = std::env::var("TEST_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    println!("TEST_SEED={seed} repeats the moments of the kills");
    let mut random = Random::new(seed);
    let folder = Folder::new();
    let mut ledger = Ledger::default();
    for kill in 1..=kills {
        let served = Served::start(&folder);
        ledger.settle(&served);
        let load = Load::start(&served, kill);
        std::thread::sleep(Duration::from_millis(5 + random.below(LIFE_MS_MAX) as u64));
        served.kill();
        ledger.note(load.end());
        ledger.check_new(&folder);
        if kill % WHOLE_CHECK_KILLS == 0 {
            verify::the_whole_file_holds(&folder);
        }
    }
    let served = Served::start(&folder);
    ledger.settle(&served);
    served.kill();
    ledger.check_new(&folder);
    verify::the_whole_file_holds(&folder);
    println!("{kills} kills: {}", ledger.summary());
    assert!(
        ledger.has_seen_both_ends(),
        "no kill came between a request and its answer: {}",
        ledger.summary()
    );
}

fn seed() -> u64 {
    let given = std::env::var("TEST_SEED").ok().map(|text| text.parse().unwrap());
    given.unwrap_or_else(|| u64::from(std::process::id()))
}
