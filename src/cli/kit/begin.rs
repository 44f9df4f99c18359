//! `plugin new`: a folder with a plugin of one's own, which builds and passes its tests as it stands.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use rust_embed::RustEmbed;

use super::args::{NewPlugin, PluginLanguage};
use super::{CARGO_FILE, FIXTURES_FOLDER, MANIFEST_FILE};
use crate::cli::Ended;
use crate::domain::Key;

/// The example with everything that it is built from.
#[derive(RustEmbed)]
#[folder = "plugins/"]
#[include = "Cargo.toml"]
#[include = "Cargo.lock"]
#[include = "sdk/*"]
#[include = "wit/*"]
#[include = "example/*"]
#[include = "javascript/component.mjs"]
#[include = "javascript/package.json"]
#[include = "javascript/plugin.js"]
struct Source;

const EXAMPLE: &str = "example";
const README: &str = include_str!("README.txt");
const IGNORED: &str = "/target/\n/node_modules/\n*.key\n";

pub fn begin(order: &NewPlugin) -> anyhow::Result<Ended> {
    let folder = order.dir.clone().unwrap_or_else(|| PathBuf::from(order.name.as_str()));
    ensure!(!folder.is_file(), "{} is a file", folder.display());
    let is_taken = fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    ensure!(!is_taken, "{} is there already and not empty; choose another --dir", folder.display());
    let publisher = order.publisher.as_ref().unwrap_or(&order.name);
    for (path, text) in files(&order.name, publisher, order.lang)? {
        write(&folder.join(path), &text)?;
    }
    let shown = folder.display();
    println!("{shown} is a plugin that looks a device up over HTTP. Next:");
    println!("  cd {shown}\n  naryad plugin build\n  naryad plugin test");
    println!("Then change plugin.toml, {} and fixtures/ into yours; README.md says how.", code(order.lang));
    Ok(Ended::Well)
}

/// The file that its author writes.
fn code(language: PluginLanguage) -> &'static str {
    match language {
        PluginLanguage::Rust => "src/lib.rs",
        PluginLanguage::Js => "plugin.js",
    }
}

/// Paths below the new folder, with their texts.
fn files(name: &Key, publisher: &Key, language: PluginLanguage) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let theirs = match language {
        PluginLanguage::Rust => "`sdk/` and `wit/` are",
        PluginLanguage::Js => "`component.mjs` and `wit/` are",
    };
    let readme = README.replace("{{name}}", name.as_str());
    let readme = readme.replace("{{code}}", code(language)).replace("{{theirs}}", theirs);
    let mut files =
        vec![(PathBuf::from("README.md"), readme), (PathBuf::from(".gitignore"), IGNORED.to_owned())];
    if language == PluginLanguage::Rust {
        files.push((CARGO_FILE.into(), cargo_file(name)?));
    }
    for path in Source::iter() {
        let text = text(&path)?;
        let (folder, rest) = path.split_once('/').unwrap_or(("", &path));
        let (to, text) = match (language, folder, rest) {
            (_, EXAMPLE, MANIFEST_FILE) => (rest, named(&text, name, publisher)?),
            (_, EXAMPLE, rest) if rest.starts_with(FIXTURES_FOLDER) => (rest, text),
            (_, "wit", _) => (path.as_ref(), text),
            (PluginLanguage::Rust, "", "Cargo.lock") | (PluginLanguage::Rust, "sdk", _) => {
                (path.as_ref(), text)
            }
            (PluginLanguage::Rust, EXAMPLE, rest) if rest != CARGO_FILE => (rest, text),
            (PluginLanguage::Js, "javascript", rest) => (rest, text),
            _ => continue,
        };
        files.push((to.into(), text));
    }
    Ok(files)
}

/// The package and its workspace in one file: the SDK beside it takes versions from there.
fn cargo_file(name: &Key) -> anyhow::Result<String> {
    let mut package: toml_edit::DocumentMut = text("example/Cargo.toml")?.parse()?;
    let workspace: toml_edit::DocumentMut = text("Cargo.toml")?.parse()?;
    package["package"]["name"] = toml_edit::value(name.as_str());
    package["package"]["description"] = toml_edit::value("A plugin for Naryad");
    for table in ["workspace", "profile"] {
        package[table] = workspace[table].clone();
    }
    package["workspace"]["members"] = toml_edit::value(toml_edit::Array::from_iter(["sdk"]));
    Ok(package.to_string())
}

/// The example's manifest under another name.
fn named(text: &str, name: &Key, publisher: &Key) -> anyhow::Result<String> {
    let mut manifest: toml_edit::DocumentMut = text.parse()?;
    manifest["name"] = toml_edit::value(name.as_str());
    manifest["publisher"] = toml_edit::value(publisher.as_str());
    Ok(manifest.to_string())
}

fn text(path: &str) -> anyhow::Result<String> {
    let file = Source::get(path).with_context(|| format!("this binary was built without {path}"))?;
    String::from_utf8(file.data.into_owned()).with_context(|| format!("{path} is not UTF-8"))
}

fn write(to: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", to.display());
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(to, text).with_context(cannot)
}
