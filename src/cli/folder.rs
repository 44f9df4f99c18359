//! The data folder: held by one process at a time, told from an empty one, never entered twice.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use fs4::{FileExt, TryLockError};

use crate::store::sqlite::database_path;

const LOCK_FILE: &str = "naryad.lock";
/// What may lie in a folder that a backup is restored into, or a desk is started in.
const NO_DATA: [&str; 4] = [LOCK_FILE, crate::secrets::KEY_FILE, crate::config::CONFIG_FILE, "lost+found"];

/// A data folder that this process holds until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The lock goes with the open file, also when the process is killed.
    _lock: File,
}

/// What to do when there is no desk in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Start an empty one.
    Make,
    /// Say so.
    Refuse,
}

/// Whether we hold the folder.
#[derive(Debug)]
pub enum Hold {
    Ours(Folder),
    /// Another process does; its number, if it left it.
    Theirs(Option<u32>),
}

impl Folder {
    /// Takes hold of the folder, unless another process has it.
    ///
    /// # Errors
    /// When there is no desk and none is to be made, or the folder cannot be used.
    pub fn take(path: &Path, missing: Missing) -> anyhow::Result<Hold> {
        if missing == Missing::Refuse && !database_path(path).exists() {
            bail!(
                "there is no desk in {}; name its folder with --dir, or start one with `naryad serve --dir {}`",
                path.display(),
                path.display()
            );
        }
        make(path)?;
        let path = path.canonicalize().with_context(|| format!("{} cannot be used", path.display()))?;
        let lock_path = path.join(LOCK_FILE);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut lock =
            options.open(&lock_path).with_context(|| format!("{} cannot be opened", lock_path.display()))?;
        match FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let read = lock.read_to_string(&mut text);
                return Ok(Hold::Theirs(read.ok().and_then(|_| text.trim().parse().ok())));
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("{} cannot be locked", lock_path.display()));
            }
        }
        // Only for the message of the next process; a full disk must not keep the desk from being looked at.
        let _ = lock.set_len(0);
        let _ = lock.seek(SeekFrom::Start(0)).and_then(|_| write!(lock, "{}", std::process::id()));
        Ok(Hold::Ours(Folder { path, _lock: lock }))
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing of a desk is in it; the key file and the settings may lie there already.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_empty(&self) -> anyhow::Result<bool> {
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            if !NO_DATA.iter().any(|known| name == *known) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// For its owner alone: everything about every client is in it.
fn make(path: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("the folder {} cannot be made", path.display()))
}
