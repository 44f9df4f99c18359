//! Script tests: `tests/*.rhai` beside a pack's script, each `fn test_…()` on a fresh desk on a virtual clock.

mod acting;
mod arranging;
mod asserting;
mod bench;
mod contracting;
mod handles;
mod incidents;
mod kept;
mod lines;
mod options;
mod plugins;
mod rating;
mod reading;
mod report;
mod reporting;
mod rostering;
mod run;
mod spending;
mod stopped;
mod story;
mod tickets;
mod time;
mod values;
mod working;

pub use kept::{KEPT_TESTS_WALL_MAX, run_kept};
pub use report::{Failed, Outcome, PackSource, Report, TestProblem, TestResult};
pub use run::{Counting, FILE_BYTES_MAX, FILES_MAX, RunOptions, TEST_WALL_MAX, TESTS_MAX, run, run_with};
pub use time::local_seconds;
