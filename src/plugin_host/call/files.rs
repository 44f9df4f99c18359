//! Files of one call: attachments that its documents name, and new ones, which fall away when it fails.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::NamedTempFile;

use super::super::limits::{FILE_BYTES_MAX, FILE_NAME_BYTES_MAX, FILE_PIECE_BYTES_MAX, FILES_NEW_MAX, cut};
use super::super::protocol::Refusal;
use super::super::seam::{FileAbout, Keeper, NewFile};

/// What a call can read and has made.
pub struct Files<'a> {
    keeper: &'a dyn Keeper,
    made: Vec<Made>,
}

struct Made {
    handle: String,
    about: FileAbout,
    file: NamedTempFile,
}

impl<'a> Files<'a> {
    pub fn new(keeper: &'a dyn Keeper) -> Files<'a> {
        Files { keeper, made: Vec::new() }
    }

    /// What it is, and where it lies.
    pub async fn find(&self, handle: &str) -> Result<(FileAbout, PathBuf), Refusal> {
        if let Some(made) = self.made.iter().find(|made| made.handle == handle) {
            return Ok((made.about.clone(), made.file.path().to_owned()));
        }
        let found = self.keeper.file(handle).await.map_err(Refusal::Unavailable)?;
        found.ok_or_else(|| Refusal::Unknown(format!("this call knows no file `{}`", cut(handle, 100))))
    }

    pub async fn read(&self, handle: &str, offset: u64, bytes: u32) -> Result<Vec<u8>, Refusal> {
        let (_, path) = self.find(handle).await?;
        let bytes = u64::from(bytes).min(FILE_PIECE_BYTES_MAX as u64);
        let read = move || {
            let mut file = std::fs::File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut piece = Vec::new();
            file.take(bytes).read_to_end(&mut piece)?;
            Ok(piece)
        };
        on_disk(read).await
    }

    /// A new, empty file; the answer is its handle.
    pub async fn create(&mut self, name: String, media_type: String) -> Result<String, Refusal> {
        check_name(&name)?;
        check_media_type(&media_type)?;
        if self.made.len() >= FILES_NEW_MAX {
            return Err(Refusal::TooLarge(format!("a call makes at most {FILES_NEW_MAX} files")));
        }
        let folder = self.keeper.scratch();
        let file = on_disk(move || tempfile::Builder::new().prefix(".plugin-").tempfile_in(folder)).await?;
        let handle = format!("new-{}", self.made.len() + 1);
        self.made.push(Made {
            handle: handle.clone(),
            about: FileAbout { name, media_type, bytes: 0 },
            file,
        });
        Ok(handle)
    }

    pub async fn append(&mut self, handle: &str, bytes: Vec<u8>) -> Result<(), Refusal> {
        let unknown = || Refusal::Unknown(format!("this call made no file `{}`", cut(handle, 100)));
        let made = self.made.iter_mut().find(|made| made.handle == handle).ok_or_else(unknown)?;
        if bytes.len() > FILE_PIECE_BYTES_MAX {
            let why = format!("{} bytes at once; at most {FILE_PIECE_BYTES_MAX} are appended", bytes.len());
            return Err(Refusal::Invalid(why));
        }
        let length = made.about.bytes + bytes.len() as u64;
        if length > FILE_BYTES_MAX {
            return Err(Refusal::TooLarge(format!("a file has at most {FILE_BYTES_MAX} bytes")));
        }
        let file = made.file.as_file().try_clone();
        on_disk(move || {
            let mut file = file?;
            file.seek(SeekFrom::End(0))?;
            file.write_all(&bytes)
        })
        .await?;
        made.about.bytes = length;
        Ok(())
    }

    /// Says how large a file became that was written past `append`, and of which kind it is.
    pub fn filled(&mut self, handle: &str, media_type: &str, bytes: u64) {
        if let Some(made) = self.made.iter_mut().find(|made| made.handle == handle) {
            made.about.bytes = bytes;
            if check_media_type(media_type).is_ok() {
                media_type.clone_into(&mut made.about.media_type);
            }
        }
    }

    /// The last file that was made is not wanted after all.
    pub fn drop_last(&mut self) {
        self.made.pop();
    }

    /// From here on they are whoever's receives them.
    pub fn give_out(self) -> Vec<NewFile> {
        let give = |made: Made| {
            let Made { handle, about: FileAbout { name, media_type, bytes }, file } = made;
            NewFile { handle, name, media_type, path: Arc::new(file.into_temp_path()), bytes }
        };
        self.made.into_iter().map(give).collect()
    }
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|error| {
        Refusal::Unavailable(format!("the desk's files cannot be reached: {}", error.kind()))
    })
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let plain = Path::new(name).file_name().is_some_and(|last| last == name) && !name.contains(['/', '\\']);
    if plain && name.len() <= FILE_NAME_BYTES_MAX && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        let right = format!(
            "a file's name has 1 to {FILE_NAME_BYTES_MAX} bytes without folders and control characters"
        );
        Err(Refusal::Invalid(right))
    }
}

fn check_media_type(media_type: &str) -> Result<(), Refusal> {
    let plain = media_type.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if plain && media_type.contains('/') && media_type.len() <= FILE_NAME_BYTES_MAX {
        Ok(())
    } else {
        Err(Refusal::Invalid("a media type should look like application/pdf".to_owned()))
    }
}
