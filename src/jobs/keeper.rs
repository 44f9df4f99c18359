//! What one call of a plugin may read of the store: its installation's keys and values, and the files that its
//! document names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures_util::FutureExt;

use crate::domain::{AttachmentId, InstallationId};
use crate::plugin_host::{FileAbout, Keeper, Kept};
use crate::store::files::Files;
use crate::store::{self, Db, Readers, StoreError};

pub(super) struct StoreKeeper {
    pub readers: Readers,
    pub files: Files,
    pub installation: InstallationId,
    /// Files by their handles, good for this call only.
    pub handles: BTreeMap<String, AttachmentId>,
}

impl StoreKeeper {
    /// Reads on a thread that may wait; what fails may work later.
    fn read<'a, T: Send + 'static>(
        &'a self,
        read: impl FnOnce(&Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Kept<'a, T> {
        let readers = self.readers.clone();
        async move {
            let answer = tokio::task::spawn_blocking(move || readers.read(read)).await;
            match answer {
                Ok(Ok(value)) => Ok(value),
                Ok(Err(error)) => Err(error.to_string()),
                Err(error) => Err(format!("a reader broke off: {error}")),
            }
        }
        .boxed()
    }
}

impl Keeper for StoreKeeper {
    fn kv_get<'a>(&'a self, key: &'a str) -> Kept<'a, Option<Vec<u8>>> {
        let (installation, key) = (self.installation, key.to_owned());
        self.read(move |db| store::plugin_state::kv_get(db, installation, &key))
    }

    fn kv_keys<'a>(&'a self, prefix: &'a str, after: Option<&'a str>, max: usize) -> Kept<'a, Vec<String>> {
        let (installation, prefix) = (self.installation, prefix.to_owned());
        let after = after.map(str::to_owned);
        self.read(move |db| store::plugin_state::kv_keys(db, installation, &prefix, after.as_deref(), max))
    }

    fn kv_bytes(&self) -> Kept<'_, u64> {
        let installation = self.installation;
        self.read(move |db| store::plugin_state::kv_bytes(db, installation))
    }

    fn file<'a>(&'a self, handle: &'a str) -> Kept<'a, Option<(FileAbout, PathBuf)>> {
        let Some(id) = self.handles.get(handle).copied() else {
            return std::future::ready(Ok(None)).boxed();
        };
        let files = self.files.clone();
        self.read(move |db| {
            let found = store::attachment::get(db, id)?;
            Ok(found.map(|found| {
                let bytes = found.bytes.unsigned_abs();
                let about = FileAbout { name: found.name, media_type: found.media_type, bytes };
                (about, files.path(&found.sha256))
            }))
        })
    }

    fn scratch(&self) -> PathBuf {
        std::env::temp_dir()
    }
}
