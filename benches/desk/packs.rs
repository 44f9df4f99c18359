//! The script tests of the shipped packs: how long the whole of a pack takes.

use naryad::cli::packs;
use naryad::rehearsal::script_tests::{PackSource, run};

/// Rounds of which the quickest counts.
const ROUNDS: usize = 3;

/// Prints a line for each pack.
pub fn measure() {
    for name in packs::names() {
        let texts = packs::texts(&name).expect("a pack of the binary");
        let pack = PackSource {
            script: texts.script,
            settings: texts.settings,
            tests: packs::kept_tests(&name).expect("its tests"),
            shared: texts.modules.into_iter().map(|(path, text)| (path, text.into())).collect(),
            holidays: packs::keyed_holidays(&name).expect("its holiday lists"),
        };
        let rounds = (0..ROUNDS).map(|_| run(&pack));
        let report = rounds.min_by_key(|report| report.millis).expect("a round");
        assert!(report.all_passed(), "{name}:\n{report}");
        let count = report.tests.len();
        println!("  {:<34} {:>13} ms   ({count} tests)", format!("script tests of {name}"), report.millis);
    }
}
