//! `restore`: a backup becomes a desk in an empty folder, whole or not at all, with its outbox held.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use rusqlite::Connection;

use super::backup::{self, Manifest, check_integrity};
use super::folder::{Folder, Hold, Missing};
use crate::clock::Clock;
use crate::config::CONFIG_FILE;
use crate::domain::id::IdMaker;
use crate::secrets::{KeyFileState, Keys, key_file_state};
use crate::store::sqlite::{DATABASE_FILE, database_path};
use crate::store::{self, Durability};

/// The database's name until everything is in place: a folder without a database is no desk.
const UNFINISHED: &str = "naryad.restoring";
const FILE_FOLDER: &str = "files";

/// What was restored, and whether its secrets can be read.
pub struct Restored {
    pub manifest: Manifest,
    pub secrets: SecretsState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretsState {
    /// The key file that lies in the folder is the right one.
    Readable,
    KeyFileMissing,
    OtherKeyFile,
}

/// # Errors
/// When the folder is in use or not empty, or the backup is not whole; what was written is removed then.
pub fn restore(from: &Path, dir: &Path) -> anyhow::Result<Restored> {
    let folder = match Folder::take(dir, Missing::Make)? {
        Hold::Ours(folder) => folder,
        Hold::Theirs(_) => bail!("{} is in use by another process", dir.display()),
    };
    ensure!(
        folder.is_empty()?,
        "{} is not empty; restore into a new folder and keep this one until you have looked at the result",
        dir.display()
    );
    let path = folder.path();
    match unpack(from, path).and_then(|manifest| settle(path).map(|()| manifest)) {
        Ok(manifest) => {
            let secrets = secrets_state(path, &manifest)?;
            Ok(Restored { manifest, secrets })
        }
        Err(error) => {
            clear(path);
            Err(error)
        }
    }
}

fn unpack(from: &Path, folder: &Path) -> anyhow::Result<Manifest> {
    let manifest = backup::read_archive(from, |name, content| {
        let to = place(folder, name).with_context(|| format!("`{name}` does not belong into a backup"))?;
        write(&to, content).with_context(|| format!("{} could not be written", to.display()))
    })?;
    ensure!(
        manifest.entries.iter().any(|entry| entry.path == DATABASE_FILE),
        "{} holds no database",
        from.display()
    );
    Ok(manifest)
}

/// Where an entry goes; nothing for a name that no backup has.
fn place(folder: &Path, name: &str) -> Option<PathBuf> {
    match name {
        DATABASE_FILE => Some(folder.join(UNFINISHED)),
        // Settings that lie in the folder already are newer wishes.
        CONFIG_FILE if folder.join(CONFIG_FILE).exists() => Some(folder.join("naryad.toml.from-backup")),
        CONFIG_FILE => Some(folder.join(CONFIG_FILE)),
        _ => {
            let hash = name.rsplit('/').next()?;
            let is_hash = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            (is_hash && name == backup::entry_path(hash)).then(|| folder.join(name))
        }
    }
}

fn write(to: &Path, content: &mut dyn Read) -> anyhow::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(to)?;
    std::io::copy(content, &mut file)?;
    Ok(file.sync_all()?)
}

/// Checks the database, brings it up to date, holds its outbox, and gives it its name as the last step.
fn settle(folder: &Path) -> anyhow::Result<()> {
    let unfinished = folder.join(UNFINISHED);
    check_integrity(&Connection::open(&unfinished)?)?;
    // The hold must be in it before it is a desk that somebody could start.
    let now = Clock::Machine.now();
    let connection = Connection::open(&unfinished)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute(
        "insert into desk (name, value) values (?1, ?2) on conflict (name) do update set value = ?2",
        (store::setting::OUTBOX_HELD, now.to_string()),
    )?;
    connection.close().map_err(|(_, error)| error)?;
    fs::rename(&unfinished, database_path(folder))?;
    File::open(folder)?.sync_all()?;
    drop(store::open(folder, Durability::Full, IdMaker::new(0), now)?);
    Ok(())
}

fn secrets_state(folder: &Path, manifest: &Manifest) -> anyhow::Result<SecretsState> {
    if key_file_state(folder) == KeyFileState::Missing {
        return Ok(SecretsState::KeyFileMissing);
    }
    let is_same = Keys::open(folder)?.fingerprint() == manifest.key_fingerprint;
    Ok(if is_same { SecretsState::Readable } else { SecretsState::OtherKeyFile })
}

/// Removes what a restore that broke off has written; the folder was empty before.
fn clear(folder: &Path) {
    let names = ["", "-wal", "-shm", "-journal"].map(|end| format!("{DATABASE_FILE}{end}"));
    for name in names.iter().map(String::as_str).chain([UNFINISHED, "naryad.restoring-journal"]) {
        let _ = fs::remove_file(folder.join(name));
    }
    let _ = fs::remove_dir_all(folder.join(FILE_FOLDER));
}
