//! Whether a package was signed, by whom, and whether it is still what was signed.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::{Error, PublicKey, Signature};

/// Where the number of a key stands, in a public key and in a signature.
const KEY_ID: std::ops::Range<usize> = 2..10;

/// What the signature of a package says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureState {
    /// By a key that the operator trusts.
    Trusted {
        key: String,
    },
    /// By some other key: this says nothing about who made the package.
    UnknownKey,
    /// A trusted key's number, but the package or the signature is not what that key signed.
    Modified {
        key: String,
    },
    /// The signature file cannot be read.
    Unreadable,
    Unsigned,
}

impl SignatureState {
    /// A stable word for the database and the API.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            SignatureState::Trusted { .. } => "trusted",
            SignatureState::UnknownKey => "unknown_key",
            SignatureState::Modified { .. } => "modified",
            SignatureState::Unreadable => "unreadable",
            SignatureState::Unsigned => "unsigned",
        }
    }
}

impl fmt::Display for SignatureState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignatureState::Trusted { key } => write!(f, "signed with the trusted key `{key}`"),
            SignatureState::UnknownKey => f.write_str("signed with a key that this desk does not trust"),
            SignatureState::Modified { key } => {
                write!(f, "changed after it was signed with the key `{key}`, or the signature was")
            }
            SignatureState::Unreadable => f.write_str("accompanied by a signature that minisign cannot read"),
            SignatureState::Unsigned => f.write_str("not signed"),
        }
    }
}

/// A public key of minisign with the name that the operator gave it.
#[derive(Clone)]
pub struct TrustedKey {
    name: String,
    line: String,
    key: PublicKey,
}

impl TrustedKey {
    /// `text` is the base64 line of a `minisign.pub` file, or the whole file.
    ///
    /// # Errors
    /// A sentence when it is no such key.
    pub fn new(name: &str, text: &str) -> Result<TrustedKey, String> {
        let lines = [text.trim(), text.lines().nth(1).unwrap_or_default().trim()];
        let read = |line: &str| Some((line.to_owned(), PublicKey::from_base64(line).ok()?));
        let (line, key) = lines.into_iter().find_map(read).ok_or_else(|| {
            format!("the trusted key `{name}` is not a minisign public key, which starts with RW and has 56 characters")
        })?;
        Ok(TrustedKey { name: name.to_owned(), line, key })
    }

    /// The line of base64.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The number of the key as minisign writes it.
    #[must_use]
    pub fn id(&self) -> String {
        key_id(&self.line).unwrap_or_default()
    }
}

/// The number of the key that a `.minisig` file names; nothing where it cannot be read.
#[must_use]
pub fn signing_key(signature: &str) -> Option<String> {
    Signature::decode(signature).ok()?;
    key_id(signature.lines().nth(1)?.trim())
}

fn key_id(line: &str) -> Option<String> {
    let bytes: [u8; 8] = STANDARD.decode(line).ok()?.get(KEY_ID)?.try_into().ok()?;
    Some(format!("{:016X}", u64::from_le_bytes(bytes)))
}

/// Judges a package by the text of its `.minisig` file, if there is one.
#[must_use]
pub fn verify(package: &[u8], signature: Option<&str>, trusted: &[TrustedKey]) -> SignatureState {
    let Some(signature) = signature else { return SignatureState::Unsigned };
    let Ok(signature) = Signature::decode(signature) else { return SignatureState::Unreadable };
    for TrustedKey { name, key, .. } in trusted {
        // Signatures of the first minisign (not prehashed) are still made by some tools: no reason to refuse.
        match key.verify(package, &signature, true) {
            Ok(()) => return SignatureState::Trusted { key: name.clone() },
            Err(Error::UnexpectedKeyId) => {}
            Err(_) => return SignatureState::Modified { key: name.clone() },
        }
    }
    SignatureState::UnknownKey
}
