//! The kit of those who write plugins, as they type it: the real binary on folders of their own.

mod authoring;
mod entries;
mod fixtures;
mod recording;
mod signing;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::cli::Said;

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
/// The text of the example's fixture that most tests change.
const KNOWN: &str = "fixtures/known.json";

/// A plugin's folder outside the repository.
pub struct Workbench {
    temporary: tempfile::TempDir,
}

impl Workbench {
    pub fn empty() -> Workbench {
        Workbench { temporary: tempfile::tempdir().unwrap() }
    }

    /// The example as `plugin new` and `plugin build` would have left it, built of the committed component.
    pub fn example() -> Workbench {
        let bench = Workbench::empty();
        let from = plugins().join("example");
        std::fs::create_dir(bench.path("fixtures")).unwrap();
        for name in ["plugin.toml", KNOWN, "fixtures/unknown.json", "fixtures/busy.json"] {
            std::fs::copy(from.join(name), bench.path(name)).unwrap();
        }
        std::fs::copy(plugins().join("built/example.wasm"), bench.path("example.wasm")).unwrap();
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn fixture(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// `naryad plugin WORDS`, typed in this folder.
    pub fn plugin(&self, words: &[&str]) -> Said {
        kit_in(self.temporary.path(), words, &[])
    }

    #[track_caller]
    pub fn does(&self, words: &[&str]) -> String {
        let said = self.plugin(words);
        assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
        said.out
    }

    /// What a command that found something wrong printed.
    #[track_caller]
    pub fn finds(&self, words: &[&str]) -> String {
        let said = self.plugin(words);
        assert_eq!(said.code, 1, "{words:?} should find something: {}{}", said.out, said.err);
        said.out
    }

    /// The sentence with which a command failed.
    #[track_caller]
    pub fn fails(&self, words: &[&str]) -> String {
        let said = self.plugin(words);
        assert_eq!(said.code, 2, "{words:?} should fail: {}{}", said.out, said.err);
        assert!(said.err.starts_with("error: "), "{}", said.err);
        said.err
    }
}

pub fn plugins() -> PathBuf {
    Path::new(REPOSITORY).join("plugins")
}

pub fn kit_in(folder: &Path, words: &[&str], environment: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naryad"));
    command.arg("plugin").args(words).envs(environment.iter().copied());
    let output = command.current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let Output { status, stdout, stderr } = output;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}

/// A document with one place set to something else.
pub fn with(document: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = document.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} is not there"));
    match parent {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    changed
}

#[test]
fn recorded_calls_of_the_reference_plugins_hold() {
    for (name, passed) in [("example", 3), ("parts-stock", 6)] {
        let folder = plugins().join(name);
        let package = plugins().join(format!("built/{name}.wasm"));
        let said = kit_in(&folder, &["test", "--package", package.to_str().unwrap()], &[]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        assert!(said.out.ends_with(&format!("{passed} passed, 0 failed\n")), "{}", said.out);
    }
}

#[test]
fn a_bench_gives_median_and_last_percentile_of_each_fixture() {
    let out = Workbench::example().does(&["bench", "--calls", "30"]);
    assert!(out.contains("own, median") && out.contains("whole, p99"), "{out}");
    for name in ["known", "unknown", "busy"] {
        let line = out.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{out}"));
        let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [own, own_99, whole, whole_99, memory] = numbers[..] else { panic!("{line}") };
        assert!(0 < own && own <= own_99 && own <= whole && whole <= whole_99, "{line}");
        assert!((64..65_536).contains(&memory), "{line}");
    }
}

#[test]
fn a_fixture_can_be_chosen_by_its_name() {
    let bench = Workbench::example();
    let out = bench.does(&["test", "--only", "usy"]);
    assert!(out.ends_with("1 passed, 0 failed\n") && out.contains("busy"), "{out}");
    let error = bench.fails(&["test", "--only", "zzz"]);
    assert!(error.contains("no .json file with `zzz` in its name"), "{error}");
}

#[test]
fn a_package_of_another_manifest_or_none_is_not_tested() {
    let bench = Workbench::example();
    let manifest = bench.read("plugin.toml");
    bench.write("plugin.toml", manifest.replace("0.1.0", "0.2.0"));
    let error = bench.fails(&["test"]);
    assert!(error.contains("built of another plugin.toml") && error.contains("plugin build"), "{error}");
    bench.write("plugin.toml", manifest);
    bench.write("example.wasm", bench.read("plugin.toml"));
    let error = bench.fails(&["test"]);
    assert!(error.contains("plugin build"), "{error}");
    std::fs::remove_file(bench.path("example.wasm")).unwrap();
    let error = bench.fails(&["bench"]);
    assert!(error.contains("example.wasm cannot be read; `naryad plugin build` makes it"), "{error}");
    let error = Workbench::empty().fails(&["test"]);
    assert!(error.contains("is no plugin's folder") && error.contains("plugin new"), "{error}");
}

#[test]
fn a_new_fixture_says_what_to_do_about_it() {
    let bench = Workbench::example();
    let mut fixture = bench.fixture(KNOWN);
    fixture.as_object_mut().unwrap().remove("expect");
    bench.write("fixtures/fresh.json", json!(fixture).to_string());
    let error = bench.fails(&["test", "--only", "fresh"]);
    assert!(error.contains("neither `answer` nor `error`") && error.contains("--record"), "{error}");
}
