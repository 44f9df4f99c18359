//! The key file beside the data: what it seals (plugin secrets) and what it proves (compiled plugin code is ours).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The file in the data folder; never part of a backup.
pub const KEY_FILE: &str = "naryad.key";

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Says how a value was sealed, so that another way can come later.
const SEALED: &str = "x1:";
const FILE_BYTES_MAX: u64 = 4 * 1024;
const FILE_HEAD: &str = "# The key of this Naryad desk. It opens the sealed secrets of plugins and is in no backup:\n\
     # keep a copy of this file where backups are not kept. Whoever has both can read the secrets.\n";

/// The keys of one data folder.
#[derive(Clone)]
pub struct Keys {
    master: [u8; KEY_BYTES],
}

/// Why there are no keys, or a value cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the key file {path} cannot be used: {why}")]
    KeyFile { path: PathBuf, why: String },
    #[error("the system gives no random numbers: {0}")]
    NoRandom(String),
    #[error(
        "a secret cannot be opened: it was sealed with another key file, or for something else; \
         put the right {KEY_FILE} back, or enter the secret again"
    )]
    WrongKey,
}

/// Who can read the key file beside its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFileState {
    Missing,
    OwnerOnly,
    OthersMayRead,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// Reads the key file of the data folder; makes one when there is none.
    ///
    /// # Errors
    /// When the file cannot be read, written or understood.
    pub fn open(data_folder: &Path) -> Result<Keys, SecretError> {
        let path = data_folder.join(KEY_FILE);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.len() > FILE_BYTES_MAX => Err(wrong(&path, "it is too large")),
            Ok(_) => read(&path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(&path),
            Err(error) => Err(wrong(&path, error)),
        }
    }

    /// A fresh set that lies in no file.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> Result<Keys, SecretError> {
        let mut master = [0; KEY_BYTES];
        getrandom::fill(&mut master).map_err(|error| SecretError::NoRandom(error.to_string()))?;
        Ok(Keys { master })
    }

    /// Seals a value for one place; it opens for that place only.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn seal(&self, place: &str, value: &str) -> Result<String, SecretError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| SecretError::NoRandom(error.to_string()))?;
        let payload = Payload { msg: value.as_bytes(), aad: place.as_bytes() };
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a value in memory is not too long for the cipher");
        Ok(format!("{SEALED}{}", STANDARD.encode([&nonce[..], &sealed].concat())))
    }

    /// The value that was sealed for this place.
    ///
    /// # Errors
    /// When it was sealed with another key, for another place, or was changed.
    pub fn open_sealed(&self, place: &str, sealed: &str) -> Result<String, SecretError> {
        let text = sealed.strip_prefix(SEALED).ok_or(SecretError::WrongKey)?;
        let bytes = STANDARD.decode(text).map_err(|_| SecretError::WrongKey)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SecretError::WrongKey)?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let value =
            self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| SecretError::WrongKey)?;
        String::from_utf8(value).map_err(|_| SecretError::WrongKey)
    }

    /// What seals the compiled code of plugins.
    #[must_use]
    pub fn code_seal(&self) -> [u8; KEY_BYTES] {
        self.derived("compiled plugins")
    }

    /// Tells one key file from another without saying anything about the key; kept in the database.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.derived("fingerprint")[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.derived("plugin secrets").into())
    }

    /// A key for one purpose, so that no key serves two.
    fn derived(&self, purpose: &str) -> [u8; KEY_BYTES] {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.master)
            .expect("HMAC takes keys of any length");
        mac.update(b"naryad ");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Looks at the key file without opening it.
#[must_use]
pub fn key_file_state(data_folder: &Path) -> KeyFileState {
    match fs::metadata(data_folder.join(KEY_FILE)) {
        Err(_) => KeyFileState::Missing,
        Ok(metadata) if others_may_read(&metadata) => KeyFileState::OthersMayRead,
        Ok(_) => KeyFileState::OwnerOnly,
    }
}

/// A random word of so many bytes in URL-safe base64: tokens and passwords that are shown once.
///
/// # Errors
/// When the system gives no random numbers.
pub fn random_word(bytes: usize) -> Result<String, SecretError> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| SecretError::NoRandom(error.to_string()))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random))
}

#[cfg(unix)]
fn others_may_read(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn others_may_read(_metadata: &fs::Metadata) -> bool {
    false
}

fn read(path: &Path) -> Result<Keys, SecretError> {
    let text = fs::read_to_string(path).map_err(|error| wrong(path, error))?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let bytes = STANDARD.decode(line.unwrap_or_default()).unwrap_or_default();
    let master = bytes.try_into().map_err(|_| {
        wrong(path, "it should hold one line of base64 with 32 bytes; put the copy that you kept back")
    })?;
    Ok(Keys { master })
}

fn make(path: &Path) -> Result<Keys, SecretError> {
    let keys = Keys::random()?;
    let text = format!("{FILE_HEAD}{}\n", STANDARD.encode(keys.master));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    });
    if let Err(error) = written {
        // Half a key would be taken for a damaged one at the next start.
        let _ = fs::remove_file(path);
        return Err(wrong(path, error));
    }
    Ok(keys)
}

fn wrong(path: &Path, why: impl ToString) -> SecretError {
    SecretError::KeyFile { path: path.to_owned(), why: why.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_with_its_key_for_its_place_only() {
        let keys = Keys::random().unwrap();
        let sealed = keys.seal("bank/parts-stock/token", "stock-pass-1").unwrap();
        assert!(!sealed.contains("stock-pass"));
        assert_eq!(keys.open_sealed("bank/parts-stock/token", &sealed).unwrap(), "stock-pass-1");
        assert!(keys.open_sealed("bank/parts-stock/other", &sealed).is_err());
        assert!(Keys::random().unwrap().open_sealed("bank/parts-stock/token", &sealed).is_err());
        assert!(keys.open_sealed("bank/parts-stock/token", "x1:").is_err());
        assert!(keys.open_sealed("bank/parts-stock/token", "stock-pass-1").is_err());
        assert_ne!(sealed, keys.seal("bank/parts-stock/token", "stock-pass-1").unwrap());
    }

    #[test]
    fn the_key_file_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(key_file_state(folder.path()), KeyFileState::Missing);
        let made = Keys::open(folder.path()).unwrap();
        assert_eq!(Keys::open(folder.path()).unwrap().fingerprint(), made.fingerprint());
        assert_eq!(key_file_state(folder.path()), KeyFileState::OwnerOnly);
        assert_ne!(made.code_seal(), made.derived("plugin secrets"));
    }

    #[test]
    fn a_damaged_key_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(KEY_FILE), "AAAA").unwrap();
        let error = Keys::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("32 bytes"), "{error}");
        assert_eq!(fs::read_to_string(folder.path().join(KEY_FILE)).unwrap(), "AAAA");
    }
}
