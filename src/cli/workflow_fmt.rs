//! `workflow fmt`: scripts on disk in their usual form.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::Ended;
use super::args::WorkflowFmt;
use super::workflow::{SCRIPT_FILE, TESTS_FOLDER, scripts_below};
use crate::workflow::editing::format;

pub fn fmt(asked: &WorkflowFmt) -> anyhow::Result<Ended> {
    let mut scripts = Vec::new();
    for path in &asked.paths {
        scripts.extend(scripts_of(path)?);
    }
    let (mut changed, mut refused) = (0, 0);
    for path in &scripts {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        match format(&text) {
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => {
                changed += 1;
                if !asked.check {
                    fs::write(path, formatted).with_context(|| format!("cannot write {}", path.display()))?;
                }
                println!("{}{}", path.display(), if asked.check { ": is not in the usual form" } else { "" });
            }
            Err(why) => {
                refused += 1;
                let (line, column) = why.place();
                println!("{}:{line}:{column}: {why}", path.display());
            }
        }
    }
    let word = if asked.check { "would change" } else { "changed" };
    eprintln!("{} script(s), {changed} {word}", scripts.len());
    let is_well = refused == 0 && (changed == 0 || !asked.check);
    Ok(if is_well { Ended::Well } else { Ended::WithFindings })
}

/// The script itself, or those of a pack.
fn scripts_of(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    ensure!(path.is_dir(), "{} is neither a script nor the folder of a pack", path.display());
    let script = path.join(SCRIPT_FILE);
    ensure!(script.is_file(), "{} has no {SCRIPT_FILE}", path.display());
    let tests = path.join(TESTS_FOLDER);
    let below = scripts_below(&tests)?;
    let names = below.into_iter().map(|(name, _)| tests.join(format!("{name}.rhai")));
    Ok(std::iter::once(script).chain(names).collect())
}
