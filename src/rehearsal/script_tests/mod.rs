//! Script tests: `tests/*.rhai` beside a pack's script, each `fn test_…()` on a fresh desk on a virtual clock.

mod acting;
mod arranging;
mod asserting;
mod bench;
mod contracting;
mod handles;
mod incidents;
mod lines;
mod options;
mod plugins;
mod reading;
mod report;
mod rostering;
mod run;
mod spending;
mod story;
mod tickets;
mod time;
mod values;
mod working;

pub use report::{Failed, Outcome, PackSource, Problem, Report, TestResult};
pub use run::{FILES_MAX, TEST_WALL_MAX, TESTS_MAX, run};
