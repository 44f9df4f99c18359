//! The client packs that come with the binary.

use std::collections::BTreeMap;

use anyhow::Context;
use rust_embed::RustEmbed;

use crate::domain::Key;
use crate::domain::command::PackSource;
use crate::domain::pack::ReadyPack;

#[derive(RustEmbed)]
#[folder = "workflows/"]
struct Files;

/// The texts of a pack, as they are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackTexts {
    /// `workflow.rhai`
    pub script: String,
    /// `client.toml`
    pub settings: String,
    /// `shared/*.rhai`, by the path that `import` names.
    pub modules: BTreeMap<String, String>,
}

impl PackTexts {
    #[must_use]
    pub fn source(self) -> PackSource {
        PackSource::Files { script: self.script, settings: self.settings, modules: self.modules }
    }
}

/// The names of the packs, in order.
#[must_use]
pub fn names() -> Vec<String> {
    let mut names: Vec<String> =
        Files::iter().filter_map(|path| path.strip_suffix("/client.toml").map(str::to_owned)).collect();
    names.sort_unstable();
    names
}

/// The pack called `name`.
pub fn texts(name: &str) -> anyhow::Result<PackTexts> {
    let read = |file: &str| text(&format!("{name}/{file}"));
    if !names().iter().any(|known| known == name) {
        anyhow::bail!("there is no pack `{name}` in this binary; it has {}", names().join(", "));
    }
    Ok(PackTexts { script: read("workflow.rhai")?, settings: read("client.toml")?, modules: modules()? })
}

/// All packs, for who starts a client's workflow from one.
pub fn ready() -> anyhow::Result<Vec<ReadyPack>> {
    names().into_iter().map(ready_one).collect()
}

fn ready_one(name: String) -> anyhow::Result<ReadyPack> {
    let PackTexts { script, settings, modules } = texts(&name)?;
    anyhow::ensure!(modules.is_empty(), "a draft holds no shared modules, and workflows/shared has some");
    let (holidays, tests) = (keyed_holidays(&name)?, kept_tests(&name)?);
    Ok(ReadyPack { name, script, settings, holidays, tests })
}

/// The modules that every pack may import.
pub fn modules() -> anyhow::Result<BTreeMap<String, String>> {
    let paths = Files::iter().filter(|path| path.starts_with("shared/"));
    let names = paths.filter_map(|path| path.strip_suffix(".rhai").map(str::to_owned));
    names.map(|name| Ok((name.clone(), text(&format!("{name}.rhai"))?))).collect()
}

/// The pack's script tests, by file name.
pub fn tests(name: &str) -> anyhow::Result<Vec<(String, String)>> {
    let found = below(&format!("{name}/tests/"), ".rhai")?;
    Ok(found.into_iter().map(|(file, text)| (format!("{file}.rhai"), text)).collect())
}

/// [`tests`] by the names that a desk keeps, such as `tests/visits.rhai`.
pub fn kept_tests(name: &str) -> anyhow::Result<BTreeMap<String, String>> {
    Ok(tests(name)?.into_iter().map(|(file, text)| (format!("tests/{file}"), text)).collect())
}

/// The pack's holiday lists, by key.
pub fn holidays(name: &str) -> anyhow::Result<Vec<(String, String)>> {
    below(&format!("{name}/holidays/"), ".ics")
}

/// [`holidays`] by keys that a desk takes.
pub fn keyed_holidays(name: &str) -> anyhow::Result<BTreeMap<Key, String>> {
    let keyed = |(key, text): (String, String)| {
        let key = Key::new(&key).with_context(|| format!("{key}.ics is not named by a key"))?;
        Ok((key, text))
    };
    holidays(name)?.into_iter().map(keyed).collect()
}

/// Files of a folder by their names without the ending, in order.
fn below(folder: &str, ending: &str) -> anyhow::Result<Vec<(String, String)>> {
    let paths = Files::iter().filter(|path| path.starts_with(folder)).map(|path| path.into_owned());
    let mut paths: Vec<String> = paths.filter(|path| path.ends_with(ending)).collect();
    paths.sort_unstable();
    let name = |path: &str| path[folder.len()..path.len() - ending.len()].to_owned();
    paths.iter().map(|path| Ok((name(path), text(path)?))).collect()
}

/// A file of the folder `workflows/`.
pub fn text(path: &str) -> anyhow::Result<String> {
    let file = Files::get(path).with_context(|| format!("the binary has no file workflows/{path}"))?;
    String::from_utf8(file.data.into_owned()).with_context(|| format!("workflows/{path} is not UTF-8"))
}
