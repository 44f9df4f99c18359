//! Which source a built plugin was made from: its hash, and whether the committed components still match.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The custom section that holds the hash of the source, in hexadecimal.
pub const SOURCE_SECTION: &str = "naryad:source";
/// The custom section that holds `plugin.toml`.
pub const MANIFEST_SECTION: &str = "naryad:manifest";

const SOURCE_EXTENSIONS: [&str; 4] = ["rs", "toml", "lock", "wit"];
/// What every plugin is built from besides its own folder.
const SHARED: [&str; 4] = ["Cargo.toml", "Cargo.lock", "sdk", "wit"];

/// The plugins below `plugins/`: every folder with a `plugin.toml`, in order of their names.
pub fn plugin_names(plugins: &Path) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = entries(plugins)?
        .into_iter()
        .filter(|path| path.join("plugin.toml").is_file())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// SHA-256 over the names and contents of all files that this plugin is built from.
pub fn source_hash(plugins: &Path, name: &str) -> Result<String, String> {
    let mut files = Vec::new();
    for part in SHARED.into_iter().chain([name]) {
        collect(&plugins.join(part), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let relative = file.strip_prefix(plugins).map_err(|error| error.to_string())?;
        let content = read(&file)?;
        hash.update(format!("{} {}\n", relative.display(), content.len()));
        hash.update(&content);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Fails with a sentence when a committed component was not made from the present source.
pub fn check_fresh(plugins: &Path) -> Result<(), String> {
    for name in plugin_names(plugins)? {
        let built = plugins.join("built").join(format!("{name}.wasm"));
        let wasm = read(&built)?;
        let manifest = read(&plugins.join(&name).join("plugin.toml"))?;
        let hash = source_hash(plugins, &name)?;
        let fresh = section(&wasm, SOURCE_SECTION) == Some(hash.as_bytes())
            && section(&wasm, MANIFEST_SECTION) == Some(&manifest);
        if !fresh {
            return Err(format!(
                "plugins/built/{name}.wasm was not built from the present source; run `cargo xtask plugins` and commit it"
            ));
        }
    }
    Ok(())
}

/// The first custom section of that name at the top level of a component.
pub fn section<'a>(wasm: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = wasm.get(8..)?;
    while let Some((&id, after)) = rest.split_first() {
        let (length, after) = unsigned(after)?;
        let (body, next) = after.split_at_checked(length)?;
        if id == 0 {
            let (name_length, body) = unsigned(body)?;
            let (found, content) = body.split_at_checked(name_length)?;
            if found == name.as_bytes() {
                return Some(content);
            }
        }
        rest = next;
    }
    None
}

/// LEB128 as WebAssembly writes lengths; none above 32 bits.
fn unsigned(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 127) << (7 * index);
        if byte & 128 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    if path.is_dir() {
        for entry in entries(path)? {
            collect(&entry, files)?;
        }
    } else if path
        .extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| SOURCE_EXTENSIONS.contains(&extension))
    {
        files.push(path.to_owned());
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::read_dir(folder).map_err(named)?.map(|entry| entry.map(|entry| entry.path()).map_err(named)).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
