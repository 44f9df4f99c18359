//! Files beside the database, named by their SHA-256; a file and its folder are on disk before its row is.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::{StoreError, hex};

const FOLDER: &str = "files";
const COPY_BYTES: usize = 64 * 1024;

/// The folder of stored files.
#[derive(Debug, Clone)]
pub struct Files {
    folder: PathBuf,
}

/// A file that is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub sha256: String,
    pub bytes: u64,
}

/// Writes one file; dropped before `finish`, it leaves nothing.
#[derive(Debug)]
pub struct FileWriter {
    temporary: tempfile::NamedTempFile,
    hash: Sha256,
    bytes: u64,
    folder: PathBuf,
}

impl Files {
    pub fn open(data_folder: &Path) -> Result<Self, StoreError> {
        let folder = data_folder.join(FOLDER);
        fs::create_dir_all(&folder).map_err(disk)?;
        Ok(Self { folder })
    }

    pub fn writer(&self) -> Result<FileWriter, StoreError> {
        let temporary =
            tempfile::Builder::new().prefix("incoming-").tempfile_in(&self.folder).map_err(disk)?;
        Ok(FileWriter { temporary, hash: Sha256::new(), bytes: 0, folder: self.folder.clone() })
    }

    pub fn put(&self, mut from: impl Read) -> Result<Stored, StoreError> {
        let mut writer = self.writer()?;
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            match from.read(&mut buffer).map_err(disk)? {
                0 => return writer.finish(),
                read => writer.write(&buffer[..read])?,
            }
        }
    }

    /// Where the file of a hash lies.
    #[must_use]
    pub fn path(&self, sha256: &str) -> PathBuf {
        path_in(&self.folder, sha256)
    }

    /// Every stored file's hash.
    pub fn hashes(&self) -> Result<Vec<String>, StoreError> {
        let mut hashes = Vec::new();
        for shelf in fs::read_dir(&self.folder).map_err(disk)?.flatten().filter(|entry| entry.path().is_dir())
        {
            for file in fs::read_dir(shelf.path()).map_err(disk)?.flatten() {
                hashes.push(file.file_name().to_string_lossy().into_owned());
            }
        }
        hashes.sort();
        Ok(hashes)
    }

    /// When the file was last stored; nothing when it is not there.
    #[must_use]
    pub fn stored_at(&self, sha256: &str) -> Option<SystemTime> {
        fs::metadata(self.path(sha256)).and_then(|file| file.modified()).ok()
    }

    pub fn remove(&self, sha256: &str) -> Result<(), StoreError> {
        match fs::remove_file(self.path(sha256)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(error)),
            _ => Ok(()),
        }
    }
}

impl FileWriter {
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.temporary.write_all(bytes).map_err(disk)
    }

    /// Bytes written so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Of the bytes written so far.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex(&self.hash.clone().finalize())
    }

    /// Brings the file and its folder to the disk under the name of its hash.
    pub fn finish(self) -> Result<Stored, StoreError> {
        let sha256 = hex(&self.hash.finalize());
        let path = path_in(&self.folder, &sha256);
        let shelf = path.parent().expect("a stored file lies in a shelf").to_owned();
        self.temporary.as_file().sync_all().map_err(disk)?;
        fs::create_dir_all(&shelf).map_err(disk)?;
        match File::open(&path) {
            // Looks new again, so that no clean-up takes it away before its row is there.
            Ok(file) => file.set_modified(SystemTime::now()).map_err(disk)?,
            Err(_) => drop(self.temporary.persist(&path).map_err(|error| disk(error.error))?),
        }
        sync_folder(&shelf)?;
        sync_folder(&self.folder)?;
        Ok(Stored { sha256, bytes: self.bytes })
    }
}

fn path_in(folder: &Path, sha256: &str) -> PathBuf {
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = if is_hash { sha256 } else { "not-a-hash" };
    folder.join(&name[..2]).join(name)
}

fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(disk)
}

fn disk(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Disk(error.to_string()),
    }
}
