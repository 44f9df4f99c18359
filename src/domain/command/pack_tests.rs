//! The script tests of a client's pack, as the editor keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{ClientId, Refusal};

/// Most test files that a desk keeps for a client.
pub const KEPT_TEST_FILES_MAX: usize = 50;
/// Longest that they may be together, in bytes.
pub const KEPT_TESTS_BYTES_MAX: usize = 512 * 1024;
/// Longest name of a file, in bytes.
const NAME_BYTES_MAX: usize = 80;
const FOLDER: &str = "tests/";
const SUFFIX: &str = ".rhai";

/// Puts these tests in place of those that are kept beside the client's draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveTests {
    pub client: ClientId,
    /// By file name, such as `tests/visits.rhai`.
    pub tests: BTreeMap<String, String>,
}

/// Refuses names that are no `tests/….rhai`, too many files and texts that are too long.
pub fn check_tests(tests: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let invalid = |message: String| Refusal::Invalid { field: "tests".to_owned(), message };
    if tests.len() > KEPT_TEST_FILES_MAX {
        let count = tests.len();
        return Err(invalid(format!("has {count} files; at most {KEPT_TEST_FILES_MAX} are kept")));
    }
    for name in tests.keys() {
        let stem = name.strip_prefix(FOLDER).and_then(|rest| rest.strip_suffix(SUFFIX));
        let is_plain = |stem: &str| {
            !stem.is_empty()
                && stem
                    .chars()
                    .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || "_-".contains(one))
        };
        if name.len() > NAME_BYTES_MAX || !stem.is_some_and(is_plain) {
            let shown: String = name.chars().take(NAME_BYTES_MAX).collect();
            return Err(invalid(format!(
                "`{shown}` is no name of a test file: write tests/visits.rhai, with small Latin letters, digits, `_` and `-`, at most {NAME_BYTES_MAX} characters"
            )));
        }
    }
    let bytes: usize = tests.values().map(String::len).sum();
    if bytes > KEPT_TESTS_BYTES_MAX {
        return Err(Refusal::TooLong { field: "tests".to_owned(), bytes, bytes_max: KEPT_TESTS_BYTES_MAX });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str) -> Result<(), Refusal> {
        check_tests(&BTreeMap::from([(name.to_owned(), String::new())]))
    }

    #[test]
    fn names_of_test_files_are_plain() {
        for name in ["tests/a.rhai", "tests/from_bank-12.rhai"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        let long = format!("tests/{}.rhai", "a".repeat(80));
        for name in [
            "a.rhai",
            "tests/.rhai",
            "tests/a/b.rhai",
            "tests/../a.rhai",
            "tests/A.rhai",
            "tests/a.txt",
            &long,
        ] {
            let refusal = check(name).unwrap_err();
            assert_eq!(refusal.field(), Some("tests"), "{name}");
        }
    }

    #[test]
    fn tests_are_bounded() {
        let many = (0..=KEPT_TEST_FILES_MAX).map(|index| (format!("tests/t{index}.rhai"), String::new()));
        assert!(check_tests(&many.collect()).is_err());
        let long = "x".repeat(KEPT_TESTS_BYTES_MAX + 1);
        assert!(check_tests(&BTreeMap::from([("tests/a.rhai".to_owned(), long)])).is_err());
    }
}
