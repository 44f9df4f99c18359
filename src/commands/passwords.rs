//! Passwords: the rules for them, their argon2id hashes, and random tokens that are kept only as SHA-256.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::Refusal;
use crate::store::hex;

/// Shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password, in bytes: hashing takes time by length.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Of a session's, link's or token's secret: 256 bits.
const TOKEN_BYTES: usize = 32;

/// A secret that somebody else keeps; we keep its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshToken {
    pub token: String,
    pub sha256: String,
}

/// Refuses a password that is too short or too long; `field` is the request's name for it.
pub fn check_rules(field: &str, password: &str) -> Result<(), Refusal> {
    if password.len() > PASSWORD_BYTES_MAX {
        let (bytes, bytes_max) = (password.len(), PASSWORD_BYTES_MAX);
        return Err(Refusal::TooLong { field: field.to_owned(), bytes, bytes_max });
    }
    if password.chars().count() < PASSWORD_CHARS_MIN {
        let message = format!("a password has at least {PASSWORD_CHARS_MIN} characters");
        return Err(Refusal::invalid(field, message));
    }
    Ok(())
}

/// The argon2id hash of a password. Takes some ten milliseconds and 19 MiB on purpose.
#[must_use]
pub fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("the default parameters are valid and the system gives random bytes")
        .to_string()
}

/// Whether the password belongs to the hash. Without a hash the same work is done for nothing, so that the time
/// does not tell whether somebody exists.
#[must_use]
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$\
        RdescudvJCsgt3ub+b4dWRWJTmaaJObGRdescudvJCs";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    is_right && hash.is_some()
}

/// A new random token.
#[must_use]
pub fn fresh_token() -> FreshToken {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let sha256 = sha256(token.as_bytes());
    FreshToken { token, sha256 }
}

/// Lower-case hexadecimal SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_its_own_hash_only() {
        let hash = hash("correct horse battery");
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("correct horse battery", Some(&hash)));
        assert!(!verify("correct horse batterz", Some(&hash)));
        assert!(!verify("correct horse battery", None));
        assert!(!verify("correct horse battery", Some("nonsense")));
    }

    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let hash = hash("correct horse battery");
        let time = |hash: Option<&str>| {
            let start = std::time::Instant::now();
            let _ = verify("correct horse battery", hash);
            start.elapsed()
        };
        let (somebody, nobody) = (time(Some(&hash)), time(None));
        assert!(nobody * 4 > somebody, "{nobody:?} against {somebody:?}");
    }

    #[test]
    fn rules_name_the_limit() {
        assert!(check_rules("new", "ninechars").is_err());
        assert!(check_rules("new", "tencharsss").is_ok());
        assert!(
            check_rules("new", &"x".repeat(PASSWORD_BYTES_MAX + 1)).unwrap_err().to_string().contains("1024")
        );
    }

    #[test]
    fn tokens_differ_and_are_kept_as_hashes() {
        let (one, other) = (fresh_token(), fresh_token());
        assert_ne!(one.token, other.token);
        assert_eq!(one.sha256, sha256(one.token.as_bytes()));
        assert_eq!(one.token.len(), 43);
    }
}
