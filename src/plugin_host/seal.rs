//! Compiled code on disk: written and accepted only with a seal that this desk's key makes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::package::PackageHash;

const MAGIC: &[u8] = b"naryad-compiled-1";
const SEAL_BYTES: usize = 32;

/// What compiled code belongs to: other code, or code by another compiler, has another seal.
pub fn seal(key: &[u8; 32], package: &PackageHash, engine: &str, code: &[u8]) -> Vec<u8> {
    let seal = mac(key, package, engine, code).finalize().into_bytes();
    [MAGIC, &seal[..], code].concat()
}

/// The code, if the seal is right.
pub fn open(key: &[u8; 32], package: &PackageHash, engine: &str, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
    let head = MAGIC.len() + SEAL_BYTES;
    let seal = sealed.strip_prefix(MAGIC)?.get(..SEAL_BYTES)?;
    mac(key, package, engine, &sealed[head..]).verify_slice(seal).ok()?;
    Some(sealed.split_off(head))
}

fn mac(key: &[u8; 32], package: &PackageHash, engine: &str, code: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in [MAGIC, package.as_str().as_bytes(), engine.as_bytes()] {
        mac.update(part);
        mac.update(b"\n");
    }
    mac.update(code);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_that_was_sealed_is_opened() {
        let (package, other) = (PackageHash::of(b"a"), PackageHash::of(b"b"));
        let sealed = seal(&[7; 32], &package, "engine 1", b"code");
        assert_eq!(open(&[7; 32], &package, "engine 1", sealed.clone()), Some(b"code".to_vec()));
        assert_eq!(open(&[8; 32], &package, "engine 1", sealed.clone()), None);
        assert_eq!(open(&[7; 32], &other, "engine 1", sealed.clone()), None);
        assert_eq!(open(&[7; 32], &package, "engine 2", sealed.clone()), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&[7; 32], &package, "engine 1", changed), None, "byte {at}");
            assert_eq!(open(&[7; 32], &package, "engine 1", sealed[..at].to_vec()), None, "cut at {at}");
        }
    }
}
