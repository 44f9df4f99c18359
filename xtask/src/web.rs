//! The web build: `web/dist` from `web/`, and whether the committed build still matches its source.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// What the build comes from, below `web/`; tests, caches and whatever else lies there do not matter to it.
const SOURCES: [&str; 13] = [
    "index.html",
    "messages",
    "package-lock.json",
    "package.json",
    "plugins.inlang/settings.json",
    "project.inlang/settings.json",
    "public",
    "scripts",
    "src",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
    "workshop.inlang/settings.json",
];
/// Made by the build inside a source folder.
const GENERATED: &str = "src/paraglide";
/// Beside the build: the hash of the source that it was made from.
const HASH_FILE: &str = "source.sha256";
/// Beside the installed packages: the hash of the lock file that they follow.
const INSTALLED_FILE: &str = "node_modules/.installed.sha256";

/// Installs packages when the lock file changed, checks types, builds, records the source's hash.
pub fn build(root: &Path) -> Result<()> {
    let web = &root.join("web");
    install(web)?;
    npm(web, &["run", "check"])?;
    npm(web, &["run", "build"])?;
    let hash_path = web.join("dist").join(HASH_FILE);
    fs::write(&hash_path, format!("{}\n", source_hash(web)?))
        .with_context(|| format!("cannot write {}", hash_path.display()))
}

/// Type check and unit tests of the web source.
pub fn test(root: &Path) -> Result<()> {
    let web = &root.join("web");
    install(web)?;
    npm(web, &["run", "check"])?;
    npm(web, &["test"])
}

/// Browser tests against the `naryad` binary at `binary`; needs Chromium.
pub fn browser_test(root: &Path, binary: &Path) -> Result<()> {
    let web = &root.join("web");
    install(web)?;
    run(web, Command::new("npm").args(["run", "browser"]).env("TEST_BINARY", binary))
}

/// Fails when `web/dist` was not built from the present source. Needs no Node.
pub fn check_fresh(root: &Path) -> Result<()> {
    let web = &root.join("web");
    let path = web.join("dist").join(HASH_FILE);
    let recorded = fs::read_to_string(&path)
        .with_context(|| format!("{} is missing: run `cargo xtask web`", path.display()))?;
    ensure!(
        recorded.trim() == source_hash(web)?,
        "web/dist was built from another source: run `cargo xtask web` and commit web/dist"
    );
    Ok(())
}

/// Packages as the lock file names them; nothing is done when they are there already.
fn install(web: &Path) -> Result<()> {
    let lock = fs::read(web.join("package-lock.json")).context("cannot read web/package-lock.json")?;
    let wanted = hex(&Sha256::digest(&lock));
    let installed_path = web.join(INSTALLED_FILE);
    if fs::read_to_string(&installed_path).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    npm(web, &["ci", "--no-audit", "--no-fund"])?;
    fs::write(&installed_path, wanted).with_context(|| format!("cannot write {}", installed_path.display()))
}

fn npm(web: &Path, arguments: &[&str]) -> Result<()> {
    run(web, Command::new("npm").args(arguments))
}

fn run(web: &Path, command: &mut Command) -> Result<()> {
    let status = command
        .current_dir(web)
        .status()
        .with_context(|| format!("cannot start {command:?}: Node 20 or newer with npm is needed"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// One hash over names and contents of every source file, in the order of their names.
fn source_hash(web: &Path) -> Result<String> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(web, &web.join(source), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in &files {
        let bytes = fs::read(web.join(file)).with_context(|| format!("cannot read web/{file}"))?;
        hash.update(format!("{file}\0{}\0", bytes.len()));
        hash.update(&bytes);
    }
    Ok(hex(&hash.finalize()))
}

/// Names below `root` with `/` between the parts, so that the hash is the same on every system.
fn collect(root: &Path, path: &Path, files: &mut Vec<String>) -> Result<()> {
    let relative = path.strip_prefix(root).context("a file outside of web/")?;
    let name = relative.to_string_lossy().replace('\\', "/");
    if name == GENERATED {
        return Ok(());
    }
    if !path.is_dir() {
        files.push(name);
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        collect(root, &entry?.path(), files)?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
