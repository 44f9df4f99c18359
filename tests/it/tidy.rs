//! What a test can check about the shape of the source: rooms, lengths, first sentences, words.

mod imports;
mod rules;
mod tokens;

use std::path::{Path, PathBuf};

use rules::Problem;

/// Folders that hold what was made, not written.
const MADE: &[&str] =
    &["target", "node_modules", "dist", "paraglide", "built", "test-results", "playwright-report"];

#[test]
fn rooms_import_downwards_only() {
    let mut problems = Vec::new();
    for file in files_below("src", &["rs"]) {
        problems.extend(imports::check(&file.name, &file.text));
    }
    report(&problems);
}

#[test]
fn rust_files_keep_the_rules() {
    let mut problems = Vec::new();
    for folder in ["src", "tests", "xtask", "plugins", "benches"] {
        for file in files_below(folder, &["rs"]) {
            problems.extend(rules::check_rust(&file.name, &file.text));
        }
    }
    report(&problems);
}

#[test]
fn web_files_keep_the_rules() {
    let mut problems = Vec::new();
    for folder in ["web/src", "web/tests"] {
        for file in files_below(folder, &["ts", "svelte", "css"]) {
            problems.extend(rules::check_web(&file.name, &file.text));
        }
    }
    report(&problems);
}

#[test]
fn scripts_and_documents_name_no_machine() {
    let mut problems = Vec::new();
    for folder in ["src", "tests", "xtask", "plugins", "benches", "web", "workflows", ".ci", "docs"] {
        let kinds = &["rs", "ts", "svelte", "css", "md", "toml", "sh", "rhai", "json", "run", "mjs", "html"];
        for file in files_below(folder, kinds) {
            problems.extend(rules::check_machine_paths(&file.name, &file.text));
        }
    }
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "BENCHMARKS.md", "Cargo.toml", "deny.toml"] {
        if let Ok(text) = std::fs::read_to_string(root().join(name)) {
            problems.extend(rules::check_machine_paths(name, &text));
        }
    }
    report(&problems);
}

/// A file of the project, named from its root.
struct Source {
    name: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &str, kinds: &[&str]) -> Vec<Source> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.map(|entry| entry.unwrap()) {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().unwrap().is_dir() {
                if !MADE.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if kinds.iter().any(|kind| name == *kind || has_kind(&path, kind)) {
                files.push(read(&path));
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn has_kind(path: &Path, kind: &str) -> bool {
    path.extension().is_some_and(|extension| extension == kind)
}

fn read(path: &PathBuf) -> Source {
    let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
    let bytes = std::fs::read(path).unwrap();
    Source { name, text: String::from_utf8_lossy(&bytes).into_owned() }
}

fn report(problems: &[Problem]) {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} to tidy up:\n{}", lines.len(), lines.join("\n"));
}

/// The API's document knows a shape by its name alone: of two with one name it would show one.
#[test]
fn no_two_shapes_of_the_api_have_one_name() {
    let mut seen = std::collections::BTreeMap::new();
    for source in files_below("src", &["rs"]) {
        let mut is_shape = false;
        for line in source.text.lines() {
            is_shape |= line.starts_with("#[derive(") && line.contains("ToSchema");
            let Some(rest) = ["pub struct ", "pub enum "].iter().find_map(|start| line.strip_prefix(start))
            else {
                continue;
            };
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            if std::mem::take(&mut is_shape)
                && let Some(other) = seen.insert(name.clone(), source.name.clone())
            {
                panic!("`{name}` is a shape of {other} and of {}", source.name);
            }
        }
    }
    assert!(seen.len() > 200, "only {} shapes were found", seen.len());
}
