//! Licences, sources and doubles of the dependencies, from `cargo metadata`: what `cargo deny` checks too, for
//! machines that do not have it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::steps::{Outcome, cargo};

/// Licences that Apache-2.0 may be shipped with. `deny.toml` has the same list.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Fails on a licence that is not allowed and on a dependency from elsewhere; lists what comes in two versions.
pub fn check(root: &Path) -> Result<Outcome> {
    let output = cargo(root).args(["metadata", "--format-version", "1", "--locked"]).output()?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let problems: Vec<String> = packages.iter().filter_map(problem).collect();
    let doubles = doubles(packages);
    println!(
        "{} packages; {} in more than one version: {}",
        packages.len(),
        doubles.len(),
        doubles.join(", ")
    );
    if !problems.is_empty() {
        bail!("{}", problems.join("; "));
    }
    Ok(Outcome::Passed)
}

fn problem(package: &Value) -> Option<String> {
    let name = format!("{} {}", package["name"].as_str()?, package["version"].as_str()?);
    if let Some(source) = package["source"].as_str()
        && source != REGISTRY
    {
        return Some(format!("{name} comes from {source}"));
    }
    match package["license"].as_str() {
        None => Some(format!("{name} names no licence")),
        Some(licence) if !is_allowed(licence) => Some(format!("{name} has the licence {licence}")),
        Some(_) => None,
    }
}

/// Whether an SPDX expression can be met with allowed licences alone; what cannot be read is not allowed.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at) == Some(true) && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize) -> Option<bool> {
    let mut answer = all_of(words, at)?;
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        answer |= all_of(words, at)?;
    }
    Some(answer)
}

fn all_of(words: &[&str], at: &mut usize) -> Option<bool> {
    let mut answer = one(words, at)?;
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        answer &= one(words, at)?;
    }
    Some(answer)
}

fn one(words: &[&str], at: &mut usize) -> Option<bool> {
    let word = *words.get(*at)?;
    *at += 1;
    if word == "(" {
        let answer = any_of(words, at)?;
        *at += 1;
        return (words.get(*at - 1) == Some(&")")).then_some(answer);
    }
    // `MPL-2.0+` is that version or a later one.
    let mut licence = word.trim_end_matches('+').to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1)?);
        *at += 2;
    }
    Some(ALLOWED.contains(&licence.as_str()))
}

fn doubles(packages: &[Value]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        if let (Some(name), Some(version)) = (package["name"].as_str(), package["version"].as_str()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
        .into_iter()
        .map(|(name, versions)| format!("{name} {}", versions.into_iter().collect::<Vec<_>>().join("/")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_allowed_when_it_can_be_met() {
        for expression in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "MPL-2.0+",
            "(MIT OR GPL-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(is_allowed(expression), "{expression}");
        }
        for expression in [
            "GPL-3.0",
            "MIT AND GPL-2.0",
            "(MIT OR ISC) AND AGPL-3.0",
            "Apache-2.0 WITH odd",
            "",
            "MIT OR",
            "(MIT",
        ] {
            assert!(!is_allowed(expression), "{expression}");
        }
    }

    #[test]
    fn a_package_from_elsewhere_or_without_a_licence_is_a_problem() {
        let package = |source: &str, licence: Option<&str>| serde_json::json!({ "name": "sample", "version": "1.0.0", "source": source, "license": licence });
        assert_eq!(problem(&package(REGISTRY, Some("MIT"))), None);
        assert!(problem(&package("git+https://example.org/sample", Some("MIT"))).is_some());
        assert!(problem(&package(REGISTRY, None)).is_some());
    }

    #[test]
    fn deny_toml_has_the_same_list() {
        let list =
            include_str!("../../deny.toml").split_once("allow = [").unwrap().1.split_once(']').unwrap().0;
        let named: Vec<&str> = list.split(',').map(|word| word.trim().trim_matches('"')).collect();
        assert_eq!(named[..ALLOWED.len()], *ALLOWED);
        assert_eq!(named[ALLOWED.len()..], [""]);
    }
}
