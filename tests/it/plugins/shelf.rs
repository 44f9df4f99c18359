//! What a test keeps for an installation: keys and values in memory, files in a folder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use futures_util::future::{FutureExt, ready};
use naryad::plugin_host::{Entered, FileAbout, Keeper, Kept};

/// Keys, values and files, as the desk would have them.
pub struct Shelf {
    pub values: Mutex<BTreeMap<String, Vec<u8>>>,
    files: Mutex<BTreeMap<String, (FileAbout, PathBuf)>>,
    folder: tempfile::TempDir,
}

impl Shelf {
    pub fn new() -> Shelf {
        let folder = tempfile::tempdir().unwrap();
        Shelf { values: Mutex::default(), files: Mutex::default(), folder }
    }

    /// An attachment that a document of the next call would name.
    pub fn put_file(&self, handle: &str, name: &str, content: &[u8]) {
        let path = self.folder.path().join(handle);
        std::fs::write(&path, content).unwrap();
        let about = FileAbout {
            name: name.to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: content.len() as u64,
        };
        self.files.lock().unwrap().insert(handle.to_owned(), (about, path));
    }

    /// What the desk does with the writes of a call that went well.
    pub fn store(&self, entered: &Entered) {
        let mut values = self.values.lock().unwrap();
        for write in &entered.kv {
            match &write.value {
                Some(value) => values.insert(write.key.clone(), value.clone()),
                None => values.remove(&write.key),
            };
        }
    }

    /// New files that lie in the folder.
    pub fn drafts(&self) -> usize {
        let named = self.files.lock().unwrap().len();
        std::fs::read_dir(self.folder.path()).unwrap().count() - named
    }
}

impl Keeper for Shelf {
    fn kv_get<'a>(&'a self, key: &'a str) -> Kept<'a, Option<Vec<u8>>> {
        ready(Ok(self.values.lock().unwrap().get(key).cloned())).boxed()
    }

    fn kv_keys<'a>(&'a self, prefix: &'a str, after: Option<&'a str>, max: usize) -> Kept<'a, Vec<String>> {
        let values = self.values.lock().unwrap();
        let meant = |key: &&String| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after);
        ready(Ok(values.keys().filter(meant).take(max).cloned().collect())).boxed()
    }

    fn kv_bytes(&self) -> Kept<'_, u64> {
        let values = self.values.lock().unwrap();
        ready(Ok(values.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum())).boxed()
    }

    fn file<'a>(&'a self, handle: &'a str) -> Kept<'a, Option<(FileAbout, PathBuf)>> {
        ready(Ok(self.files.lock().unwrap().get(handle).cloned())).boxed()
    }

    fn scratch(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}
