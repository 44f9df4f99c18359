//! Signatures of packages: who signed, and whether it is still what was signed.

use naryad::plugin_host::{SignatureState, TrustedKey, verify};

const SIGNED: &[u8] = include_bytes!("../../data/plugins/signed.txt");
const SIGNATURE: &str = include_str!("../../data/plugins/signed.txt.minisig");
const TRUSTED: &str = include_str!("../../data/plugins/trusted.pub");
const OTHER: &str = include_str!("../../data/plugins/other.pub");

#[test]
fn a_signature_says_who_and_whether_it_is_unchanged() {
    let trusted = TrustedKey::new("acme", TRUSTED).unwrap();
    let other = TrustedKey::new("other", OTHER.lines().nth(1).unwrap()).unwrap();
    let both = [other.clone(), trusted.clone()];
    let mut changed = SIGNED.to_vec();
    changed[3] ^= 1;
    let forged = SIGNATURE.replacen("bWZNnoDc", "bWZNnoDd", 1);
    assert_ne!(forged, SIGNATURE);
    for (package, signature, keys, expect) in [
        (SIGNED, Some(SIGNATURE), &both[..], SignatureState::Trusted { key: "acme".into() }),
        (SIGNED, Some(SIGNATURE), &both[..1], SignatureState::UnknownKey),
        (SIGNED, Some(SIGNATURE), &[], SignatureState::UnknownKey),
        (&changed, Some(SIGNATURE), &both, SignatureState::Modified { key: "acme".into() }),
        (SIGNED, Some(&forged), &both, SignatureState::Modified { key: "acme".into() }),
        (SIGNED, Some("nonsense"), &both, SignatureState::Unreadable),
        (SIGNED, Some(""), &both, SignatureState::Unreadable),
        (SIGNED, None, &both, SignatureState::Unsigned),
    ] {
        let state = verify(package, signature, keys);
        assert_eq!(state, expect);
        assert_eq!(state.word() == "trusted", state.to_string().starts_with("signed with the trusted key"));
    }
    assert!(
        TrustedKey::new("bad", "RWnonsense").err().unwrap().contains("`bad` is not a minisign public key")
    );
}
