//! A test that a limit stopped: which limit, in our own words.

use std::collections::BTreeMap;

use rhai::EvalAltResult;

use super::run::{TEST_OPERATIONS_MAX, TEST_WALL_MAX};
use crate::workflow::limits::{CALL_DEPTH_MAX, STRING_BYTES_MAX};

/// Which limit a test met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    Operations,
    Time,
    Depth,
    Size,
}

impl Stopped {
    /// The limit behind what Rhai threw, when it was one.
    #[must_use]
    pub fn by(error: &EvalAltResult) -> Option<Stopped> {
        match error {
            EvalAltResult::ErrorTooManyOperations(_) => Some(Stopped::Operations),
            EvalAltResult::ErrorTerminated(..) => Some(Stopped::Time),
            EvalAltResult::ErrorStackOverflow(_) => Some(Stopped::Depth),
            EvalAltResult::ErrorDataTooLarge(..) => Some(Stopped::Size),
            _ => None,
        }
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Stopped::Operations => "test_operations",
            Stopped::Time => "test_time",
            Stopped::Depth => "test_depth",
            Stopped::Size => "test_size",
        }
    }

    #[must_use]
    pub fn message(self) -> String {
        match self {
            Stopped::Operations => format!(
                "the test itself took more than {TEST_OPERATIONS_MAX} operations; look for a loop that does not end"
            ),
            Stopped::Time => format!(
                "the test took more than {} s, or all of them more than they may together; pass less time or look \
                 for a loop that does not end",
                TEST_WALL_MAX.as_secs()
            ),
            Stopped::Depth => format!(
                "functions of the test call one another more than {} deep; one of them calls itself",
                CALL_DEPTH_MAX * 2
            ),
            Stopped::Size => format!(
                "a text, an array or a map of the test is too large; a text has at most {} bytes",
                STRING_BYTES_MAX * 4
            ),
        }
    }

    /// What the sentence speaks of, by name.
    #[must_use]
    pub fn values(self) -> BTreeMap<String, String> {
        let max = match self {
            Stopped::Operations => TEST_OPERATIONS_MAX.to_string(),
            Stopped::Time => TEST_WALL_MAX.as_secs().to_string(),
            Stopped::Depth => (CALL_DEPTH_MAX * 2).to_string(),
            Stopped::Size => (STRING_BYTES_MAX * 4).to_string(),
        };
        BTreeMap::from([("max".to_owned(), max)])
    }
}
