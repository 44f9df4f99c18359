//! What a recorded call finds kept: the keys and values and the files of its fixture, in memory and in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use futures_util::future::{FutureExt, ready};

use super::fixture::{Body, Fixture, FixtureFile};
use crate::plugin_host::{FileAbout, Keeper, Kept, KvWrite, NewFile};

/// Keys and values as a fixture has them.
pub type Values = BTreeMap<String, Vec<u8>>;

/// One call's keeper; its files go with the folder.
pub struct FixtureKeeper {
    kv: Values,
    files: BTreeMap<String, (FileAbout, PathBuf)>,
    folder: tempfile::TempDir,
}

impl FixtureKeeper {
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn of(fixture: &Fixture) -> anyhow::Result<FixtureKeeper> {
        let folder = tempfile::tempdir().context("no temporary folder can be made")?;
        let mut files = BTreeMap::new();
        for (number, (handle, file)) in fixture.files.iter().flatten().enumerate() {
            let FixtureFile { name, media_type, body } = file;
            let bytes = body.bytes()?;
            let path = folder.path().join(number.to_string());
            fs::write(&path, &bytes).with_context(|| format!("{} cannot be written", path.display()))?;
            let (name, media_type) = (name.clone(), media_type.clone());
            let about = FileAbout { name, media_type, bytes: bytes.len() as u64 };
            files.insert(handle.clone(), (about, path));
        }
        Ok(FixtureKeeper { kv: values(fixture)?, files, folder })
    }
}

impl Keeper for FixtureKeeper {
    fn kv_get<'a>(&'a self, key: &'a str) -> Kept<'a, Option<Vec<u8>>> {
        ready(Ok(self.kv.get(key).cloned())).boxed()
    }

    fn kv_keys<'a>(&'a self, prefix: &'a str, after: Option<&'a str>, max: usize) -> Kept<'a, Vec<String>> {
        let keys = self.kv.keys().filter(|key| key.starts_with(prefix));
        let keys = keys.filter(|key| after.is_none_or(|after| key.as_str() > after));
        ready(Ok(keys.take(max).cloned().collect())).boxed()
    }

    fn kv_bytes(&self) -> Kept<'_, u64> {
        let bytes = self.kv.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum();
        ready(Ok(bytes)).boxed()
    }

    fn file<'a>(&'a self, handle: &'a str) -> Kept<'a, Option<(FileAbout, PathBuf)>> {
        ready(Ok(self.files.get(handle).cloned())).boxed()
    }

    fn scratch(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

/// What the fixture has before the call.
fn values(fixture: &Fixture) -> anyhow::Result<Values> {
    let value = |(key, body): (&String, &Body)| Ok((key.clone(), body.bytes()?));
    fixture.kv.iter().flatten().map(value).collect()
}

/// What is kept after the call, as a fixture writes it.
pub fn kept(fixture: &Fixture, writes: &[KvWrite]) -> BTreeMap<String, Body> {
    let mut values = fixture.kv.clone().unwrap_or_default();
    for KvWrite { key, value } in writes {
        match value {
            Some(value) => values.insert(key.clone(), Body::of(value)),
            None => values.remove(key),
        };
    }
    values
}

/// A file that the call made, as a fixture writes it.
///
/// # Errors
/// When it cannot be read any more.
pub fn made(file: &NewFile) -> anyhow::Result<FixtureFile> {
    let bytes = read(&file.path)?;
    Ok(FixtureFile { name: file.name.clone(), media_type: file.media_type.clone(), body: Body::of(&bytes) })
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
