//! Checks of signatures with secrets that the plugin does not see.

use crate::Error;
use crate::bindings::naryad::plugin::signatures as wit;

pub use wit::Algorithm;

/// Whether `signature` is the HMAC of `message` under the named secret, which has the place `hmac` in the manifest.
///
/// # Errors
/// `no_secret` when it is not declared or not set.
pub fn verify_hmac(
    secret: &str,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, Error> {
    wit::verify_hmac(secret, algorithm, message, signature).map_err(|why| Error::new("no_secret", why))
}

/// As `verify_hmac`, of a signature in hexadecimal; what is no hexadecimal is no signature.
///
/// # Errors
/// As `verify_hmac`.
pub fn verify_hmac_hex(
    secret: &str,
    algorithm: Algorithm,
    message: &[u8],
    signature: &str,
) -> Result<bool, Error> {
    let pairs = signature.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    match bytes {
        Some(bytes) if signature.len() % 2 == 0 => verify_hmac(secret, algorithm, message, &bytes),
        _ => Ok(false),
    }
}
