//! Keyed hashes: those that come with a webhook are checked, those of a request are made.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::http::Access;
use super::manifest::SecretPlace;
use super::protocol::HmacAlgorithm;

/// Whether `signature` is that of `message` under the named secret, compared in constant time.
///
/// # Errors
/// A sentence: the secret is not there, or is for something else.
pub fn verify(
    access: &Access,
    secret: &str,
    algorithm: HmacAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, String> {
    let found = access.secrets.get(secret).ok_or_else(|| {
        format!("the secret `{secret}` is not declared, or has no value in this installation")
    })?;
    if found.place != SecretPlace::Hmac {
        return Err(format!(
            "the secret `{secret}` is not one that checks signatures; the manifest says what it is"
        ));
    }
    let key = found.value.as_bytes();
    Ok(match algorithm {
        HmacAlgorithm::Sha1 => filled(mac::<Hmac<Sha1>>(key), message).verify_slice(signature).is_ok(),
        HmacAlgorithm::Sha256 => filled(mac::<Hmac<Sha256>>(key), message).verify_slice(signature).is_ok(),
        HmacAlgorithm::Sha512 => filled(mac::<Hmac<Sha512>>(key), message).verify_slice(signature).is_ok(),
    })
}

/// The keyed hash of a message.
pub fn sign(algorithm: HmacAlgorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    match algorithm {
        HmacAlgorithm::Sha1 => filled(mac::<Hmac<Sha1>>(key), message).finalize().into_bytes().to_vec(),
        HmacAlgorithm::Sha256 => filled(mac::<Hmac<Sha256>>(key), message).finalize().into_bytes().to_vec(),
        HmacAlgorithm::Sha512 => filled(mac::<Hmac<Sha512>>(key), message).finalize().into_bytes().to_vec(),
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8]) -> M {
    <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn filled<M: Mac>(mut mac: M, message: &[u8]) -> M {
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The test cases 2 of RFC 2202 and RFC 4231.
    #[test]
    fn signatures_are_those_of_the_standards() {
        for (algorithm, expect) in [
            (HmacAlgorithm::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (HmacAlgorithm::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                HmacAlgorithm::Sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            assert_eq!(
                hex(&sign(algorithm, b"Jefe", b"what do ya want for nothing?")),
                expect,
                "{algorithm:?}"
            );
        }
    }
}
