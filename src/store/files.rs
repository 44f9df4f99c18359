//! Files beside the database, named by their SHA-256; a file and its folder are on disk before its row is.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::{StoreError, hex};

const FOLDER: &str = "files";
/// How the name of a file begins that is still being written.
const INCOMING: &str = "incoming-";
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

/// Writes one file; dropped before it is placed, it leaves nothing.
#[derive(Debug)]
pub struct FileWriter {
    temporary: tempfile::NamedTempFile,
    hash: Sha256,
    bytes: u64,
    folder: PathBuf,
}

/// A file whose bytes are on the disk, not yet under the name of its hash; dropped, it leaves nothing.
#[derive(Debug)]
pub struct Sealed {
    temporary: tempfile::NamedTempFile,
    stored: Stored,
    path: PathBuf,
    shelf: PathBuf,
}

impl Files {
    pub fn open(data_folder: &Path) -> Result<Self, StoreError> {
        let folder = data_folder.join(FOLDER);
        fs::create_dir_all(&folder).map_err(disk)?;
        Ok(Self { folder })
    }

    pub fn writer(&self) -> Result<FileWriter, StoreError> {
        let temporary = tempfile::Builder::new().prefix(INCOMING).tempfile_in(&self.folder).map_err(disk)?;
        Ok(FileWriter { temporary, hash: Sha256::new(), bytes: 0, folder: self.folder.clone() })
    }

    pub fn put(&self, from: impl Read) -> Result<Stored, StoreError> {
        self.seal(from)?.place()
    }

    /// The bytes of a file elsewhere, brought to the disk here; placed with the row that names them.
    pub fn seal_copy(&self, path: &Path) -> Result<Sealed, StoreError> {
        self.seal(File::open(path).map_err(disk)?)
    }

    fn seal(&self, mut from: impl Read) -> Result<Sealed, StoreError> {
        let mut writer = self.writer()?;
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            match from.read(&mut buffer).map_err(disk)? {
                0 => return writer.seal(),
                read => writer.write(&buffer[..read])?,
            }
        }
    }

    /// Removes what a crash cut off while it was written; only for whoever holds the data folder alone.
    pub fn remove_cut_off(&self) -> Result<usize, StoreError> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.folder).map_err(disk)? {
            let entry = entry.map_err(disk)?;
            let is_file = entry.file_type().map_err(disk)?.is_file();
            if is_file && entry.file_name().to_string_lossy().starts_with(INCOMING) {
                fs::remove_file(entry.path()).map_err(disk)?;
                removed += 1;
            }
        }
        Ok(removed)
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

    /// Brings the bytes, and the shelf for them, to the disk: the slow part.
    pub fn seal(self) -> Result<Sealed, StoreError> {
        let sha256 = hex(&self.hash.finalize());
        let path = path_in(&self.folder, &sha256);
        let shelf = path.parent().expect("a stored file lies in a shelf").to_owned();
        self.temporary.as_file().sync_all().map_err(disk)?;
        fs::create_dir_all(&shelf).map_err(disk)?;
        sync_folder(&self.folder)?;
        let stored = Stored { sha256, bytes: self.bytes };
        Ok(Sealed { temporary: self.temporary, stored, path, shelf })
    }
}

impl Sealed {
    #[must_use]
    pub fn stored(&self) -> &Stored {
        &self.stored
    }

    /// Gives the file the name of its hash, on the disk too.
    pub fn place(self) -> Result<Stored, StoreError> {
        match File::open(&self.path) {
            // Looks new again, so that no clean-up takes it away before its row is there.
            Ok(file) => file.set_modified(SystemTime::now()).map_err(disk)?,
            Err(_) => drop(self.temporary.persist(&self.path).map_err(|error| disk(error.error))?),
        }
        sync_folder(&self.shelf)?;
        Ok(self.stored)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_placed_file_stays_and_what_was_cut_off_goes() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::open(data.path()).unwrap();
        let stored = files.put(&b"signed act"[..]).unwrap();
        let sealed = |bytes: &[u8]| {
            let mut writer = files.writer().unwrap();
            writer.write(bytes).unwrap();
            writer.seal().unwrap()
        };
        drop(sealed(b"refused"));
        let placed = sealed(b"a photo").place().unwrap();
        let mut hashes = [stored.sha256, placed.sha256];
        hashes.sort();
        assert_eq!(files.hashes().unwrap(), hashes);
        assert_eq!(files.remove_cut_off().unwrap(), 0);
        // As a crash leaves it: nobody drops it.
        std::mem::forget(sealed(b"half of a"));
        fs::write(data.path().join(FOLDER).join("readme"), "not ours").unwrap();
        assert_eq!(files.remove_cut_off().unwrap(), 1);
        assert_eq!(files.remove_cut_off().unwrap(), 0);
        assert_eq!(files.hashes().unwrap(), hashes);
    }
}
