//! `backup`: one tar file with the database, the files and the settings of a desk, each with its sum, verified.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use crate::clock::Clock;
use crate::config::CONFIG_FILE;
use crate::domain::Moment;
use crate::store::files::Files;
use crate::store::sqlite::DATABASE_FILE;
use crate::store::{Readers, StoreError, hex};

/// The last file of the archive: what is in it.
pub const MANIFEST_FILE: &str = "manifest.json";
pub const MANIFEST_BYTES_MAX: u64 = 1 << 30;
/// The form of the archive; another one has another number.
pub const FORMAT: u32 = 1;
const COPY_BYTES: usize = 256 << 10;
/// A busy database is asked again this often, this long apart.
const BUSY_TRIES_MAX: u32 = 100;
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// What is in an archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub made_by: String,
    pub made_at: Moment,
    /// Which key file opens the secrets; the key itself is not here.
    pub key_fingerprint: String,
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub path: String,
    pub bytes: u64,
    pub sha256: String,
}

/// What was written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Written {
    pub path: PathBuf,
    pub bytes: u64,
    pub files: usize,
    pub key_fingerprint: String,
}

/// Writes the archive beside its name, verifies it, and only then gives it its name. The desk may run.
///
/// # Errors
/// When anything could not be read, written or verified; nothing is left under the name then.
pub fn write(
    readers: &Readers,
    files: &Files,
    folder: &Path,
    key_fingerprint: &str,
    to: &Path,
) -> anyhow::Result<Written> {
    ensure!(!to.exists(), "{} exists already; name a new file", to.display());
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = |what: &str| tempfile::Builder::new().prefix(what).tempfile_in(parent);
    let cannot = || format!("nothing can be written into {}", parent.display());
    let (copy, archive) =
        (beside(".naryad-database-").with_context(cannot)?, beside(".naryad-backup-").with_context(cannot)?);
    let named = copy_database(readers, copy.path()).context("the database could not be copied")?;
    let mut packer = Packer::new(archive.as_file());
    packer.add(DATABASE_FILE, copy.path())?;
    let config = folder.join(CONFIG_FILE);
    if config.exists() {
        packer.add(CONFIG_FILE, &config)?;
    }
    for file in named {
        match files.path(&file.sha256) {
            path if path.exists() => packer.add_file(&file.sha256, &path)?,
            // Cleaned up after the database was copied: nobody had hung it on anything.
            _ if !file.is_needed => {}
            path => bail!(
                "the file {} is missing, but the database names it; see `naryad doctor`",
                path.display()
            ),
        }
    }
    let manifest = packer.finish(key_fingerprint)?;
    archive.as_file().sync_all()?;
    verify(archive.path()).context("the backup that was just written is not what it should be")?;
    archive.persist_noclobber(to).with_context(|| format!("{} could not be written", to.display()))?;
    File::open(parent)?.sync_all()?;
    let bytes = fs::metadata(to)?.len();
    let (path, files) = (to.to_owned(), manifest.entries.len());
    Ok(Written { path, bytes, files, key_fingerprint: key_fingerprint.to_owned() })
}

/// A file that the copied database names.
struct Named {
    sha256: String,
    /// Not an upload that may be cleaned up.
    is_needed: bool,
}

/// One consistent state of the database, checked, and the files that it names.
fn copy_database(readers: &Readers, to: &Path) -> anyhow::Result<Vec<Named>> {
    readers.read::<_, anyhow::Error>(|db| {
        let mut copy = Connection::open(to)?;
        let backup = Backup::new(db.connection(), &mut copy)?;
        // All pages in one step: a writer that goes on neither waits nor makes it start again.
        for _ in 0..BUSY_TRIES_MAX {
            match backup.step(-1)? {
                StepResult::Done => return Ok(()),
                _ => std::thread::sleep(BUSY_PAUSE),
            }
        }
        bail!(StoreError::Busy)
    })?;
    let copy = Connection::open(to)?;
    // One file, without a log beside it.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    check_integrity(&copy)?;
    let mut statement = copy.prepare(
        "select sha256, max(ticket is not null) from attachment group by sha256
         union select sha256, 1 from plugin_package order by 1",
    )?;
    let rows = statement.query_map([], |row| Ok(Named { sha256: row.get(0)?, is_needed: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// # Errors
/// What SQLite found wrong.
pub fn check_integrity(connection: &Connection) -> anyhow::Result<()> {
    let said: String = connection.query_row("pragma integrity_check", [], |row| row.get(0))?;
    ensure!(said == "ok", "the database is damaged: {said}");
    let broken = connection.prepare("pragma foreign_key_check")?.exists([])?;
    ensure!(!broken, "the database is damaged: a row names another that is not there");
    Ok(())
}

struct Packer<'f> {
    tar: Builder<BufWriter<&'f File>>,
    entries: Vec<Entry>,
}

impl<'f> Packer<'f> {
    fn new(file: &'f File) -> Self {
        Self { tar: Builder::new(BufWriter::with_capacity(COPY_BYTES, file)), entries: Vec::new() }
    }

    fn add(&mut self, name: &str, path: &Path) -> anyhow::Result<()> {
        let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let bytes = file.metadata()?.len();
        let mut reader = Summed::new(BufReader::with_capacity(COPY_BYTES, file));
        self.tar
            .append_data(&mut header(bytes), name, &mut reader)
            .with_context(|| format!("{name} could not be written into the backup"))?;
        self.entries.push(Entry { path: name.to_owned(), bytes, sha256: reader.sum() });
        Ok(())
    }

    /// A file of the desk must still be what its name says.
    fn add_file(&mut self, sha256: &str, path: &Path) -> anyhow::Result<()> {
        self.add(&entry_path(sha256), path)?;
        let found = self.entries.last().map(|entry| entry.sha256.as_str());
        ensure!(found == Some(sha256), "the file {} was damaged on the disk", path.display());
        Ok(())
    }

    fn finish(mut self, key_fingerprint: &str) -> anyhow::Result<Manifest> {
        let manifest = Manifest {
            format: FORMAT,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: Clock::Machine.now(),
            key_fingerprint: key_fingerprint.to_owned(),
            entries: std::mem::take(&mut self.entries),
        };
        let text = serde_json::to_vec_pretty(&manifest)?;
        self.tar.append_data(&mut header(text.len() as u64), MANIFEST_FILE, &text[..])?;
        self.tar.into_inner()?.flush()?;
        Ok(manifest)
    }
}

fn header(bytes: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(bytes);
    header
}

/// Where a file of the desk lies in the archive.
#[must_use]
pub fn entry_path(sha256: &str) -> String {
    format!("files/{}/{sha256}", &sha256[..2])
}

/// Reads the archive from its beginning to its end and compares every sum, and the database with itself.
fn verify(archive: &Path) -> anyhow::Result<()> {
    let mut database = tempfile::NamedTempFile::new_in(archive.parent().unwrap_or(Path::new(".")))?;
    read_archive(archive, |name, content| {
        if name == DATABASE_FILE {
            std::io::copy(content, database.as_file_mut())?;
        }
        Ok(())
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    check_integrity(&Connection::open_with_flags(database.path(), flags)?)
}

/// Hands every entry to `take` and compares what was read with the manifest.
///
/// # Errors
/// When the archive is no backup, is damaged, or `take` fails.
pub fn read_archive(
    archive: &Path,
    mut take: impl FnMut(&str, &mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<Manifest> {
    let file = File::open(archive).with_context(|| format!("{} cannot be read", archive.display()))?;
    let mut tar = tar::Archive::new(BufReader::with_capacity(COPY_BYTES, file));
    let (mut found, mut manifest) = (Vec::new(), None);
    let damaged = || format!("{} is not a whole backup of Naryad", archive.display());
    for entry in tar.entries().with_context(damaged)? {
        let entry = entry.with_context(damaged)?;
        ensure!(entry.header().entry_type() == EntryType::Regular, damaged());
        ensure!(manifest.is_none(), "{}: something follows its manifest", damaged());
        let name = entry.path().with_context(damaged)?.to_string_lossy().into_owned();
        if name == MANIFEST_FILE {
            let mut text = Vec::new();
            entry.take(MANIFEST_BYTES_MAX).read_to_end(&mut text).with_context(damaged)?;
            manifest = Some(serde_json::from_slice::<Manifest>(&text).with_context(damaged)?);
            continue;
        }
        let mut content = Summed::new(entry);
        take(&name, &mut content)?;
        std::io::copy(&mut content, &mut std::io::sink()).with_context(damaged)?;
        let bytes = content.bytes;
        found.push(Entry { path: name, bytes, sha256: content.sum() });
    }
    let manifest = manifest.with_context(|| format!("{}: its manifest is missing", damaged()))?;
    ensure!(manifest.format == FORMAT, "the backup was made by version {}; use that one", manifest.made_by);
    for (entry, known) in found.iter().zip(&manifest.entries) {
        ensure!(entry == known, "{}: {} was changed or cut off", damaged(), entry.path);
    }
    ensure!(found.len() == manifest.entries.len(), "{}: files are missing", damaged());
    Ok(manifest)
}

/// Sums what is read through it.
struct Summed<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Summed<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    fn sum(self) -> String {
        hex(&self.hash.finalize())
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
