//! Signatures: states, trusted keys, and the key that a publisher's packages are signed with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;

/// A publisher's key as minisign has it.
struct Signer {
    id: [u8; 8],
    pair: Ed25519KeyPair,
}

impl Signer {
    fn new(id: u64) -> Signer {
        let seed = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Signer { id: id.to_le_bytes(), pair: Ed25519KeyPair::from_pkcs8(seed.as_ref()).unwrap() }
    }

    fn public_key(&self) -> String {
        let bytes = [b"Ed".as_slice(), &self.id, self.pair.public_key().as_ref()].concat();
        format!("untrusted comment: minisign public key\n{}\n", STANDARD.encode(bytes))
    }

    fn sign(&self, package: &[u8]) -> String {
        let signature = self.pair.sign(package);
        let comment = "timestamp:1790000000\tfile:parts-stock.wasm";
        let global = self.pair.sign(&[signature.as_ref(), comment.as_bytes()].concat());
        format!(
            "untrusted comment: signature\n{}\ntrusted comment: {comment}\n{}\n",
            STANDARD.encode([b"Ed".as_slice(), &self.id, signature.as_ref()].concat()),
            STANDARD.encode(global)
        )
    }
}

impl Ready {
    fn trusts(&self, name: &str, signer: &Signer) -> Answer {
        let order = json!({ "name": name, "public_key": signer.public_key() });
        self.site.post(&self.admin, "/api/v1/plugin-keys", &order)
    }
}

#[test]
fn a_package_is_shown_for_what_its_signature_is_worth() {
    let (ready, acme, other) = (ready(), Signer::new(0xA1), Signer::new(0xB2));
    let signature = acme.sign(PARTS_STOCK);
    let sha256 = id(&ready.keeps(PARTS_STOCK, Some(&signature), None).ok()["id"]).to_owned();
    let state = |ready: &Ready| {
        let page = ready.package(&sha256);
        let text = |name: &str| page[name].as_str().unwrap_or_default().to_owned();
        (text("signature"), text("key_id"), text("key_name"), page["is_verified"] == true)
    };
    let unknown =
        |verified| ("unknown_key".to_owned(), "00000000000000A1".to_owned(), String::new(), verified);
    assert_eq!(state(&ready), unknown(false));
    // The key that comes along proves that the package is whole, and is not trusted for that.
    ready.keeps(PARTS_STOCK, Some(&signature), Some(&acme.public_key())).ok();
    assert_eq!(state(&ready), unknown(true));
    ready.keeps(PARTS_STOCK, Some(&signature), Some("RWnonsense")).refused(422, "invalid");

    let key = ready.trusts("Acme", &acme).ok();
    assert_eq!(state(&ready), ("trusted".into(), "00000000000000A1".into(), "Acme".into(), true));
    ready.trusts("Acme again", &acme).refused(409, "already_exists");
    ready.trusts("Other", &other).ok();
    let keys = ready.site.get(&ready.admin, "/api/v1/plugin-keys").ok();
    assert_eq!(
        (&keys["items"][0]["name"], &keys["items"][0]["added_by"]["name"]),
        (&"Acme".into(), &"anna".into())
    );
    // Changed after it was signed, by whomever: it never comes in.
    let changed = with_manifest(PARTS_STOCK, &MANIFEST.replace("0.1.0", "0.1.1"));
    let fault = ready.keeps(&changed, Some(&signature), None).refused(422, "package_modified");
    assert!(fault["message"].as_str().unwrap().contains("`Acme`"), "{fault}");
    let forged = Signer::new(0xA1).sign(PARTS_STOCK);
    ready.keeps(PARTS_STOCK, Some(&forged), None).refused(422, "package_modified");
    // A package that is there keeps its signature when it is sent without one.
    ready.keeps(PARTS_STOCK, None, None).ok();
    assert_eq!(state(&ready).0, "trusted");
    let path = format!("/api/v1/plugin-keys/{}/remove", id(&key["id"]));
    ready.site.post(&ready.admin, &path, &json!({})).ok();
    assert_eq!(state(&ready), unknown(true));
    ready.site.post(&ready.admin, &path, &json!({})).refused(404, "not_found");
}

#[test]
fn the_first_key_of_a_publisher_is_the_key_until_somebody_pins_another() {
    let (ready, acme, other) = (ready(), Signer::new(0xA1), Signer::new(0xB2));
    ready.trusts("Acme", &acme).ok();
    ready.trusts("Other", &other).ok();
    let first = id(&ready.keeps(PARTS_STOCK, Some(&acme.sign(PARTS_STOCK)), None).ok()["id"]).to_owned();
    let mut order = ready.order(&first, &[]);
    order["is_unsigned_accepted"] = false.into();
    let done = ready.installs(&order).ok();
    let installation = id(&done["id"]);
    let pins = ready.site.get(&ready.admin, "/api/v1/plugin-publishers").ok();
    let expect = (&"naryad".into(), &"00000000000000A1".into());
    assert_eq!((&pins["items"][0]["publisher"], &pins["items"][0]["key_id"]), expect);

    let newer = with_manifest(PARTS_STOCK, &MANIFEST.replace("version = \"0.1.0\"", "version = \"0.1.1\""));
    let foreign = other.sign(&newer);
    let fault = ready.keeps(&newer, Some(&foreign), None).refused(409, "publisher_key_differs");
    let values = &fault["values"];
    assert_eq!(
        (&values["pinned"], &values["given"]),
        (&"00000000000000A1".into(), &"00000000000000B2".into())
    );
    let fault = ready.keeps(&newer, None, None).refused(409, "publisher_key_differs");
    assert_eq!(fault["values"]["given"], "no key at all");

    // The same bytes once more say nothing new of who signed them.
    ready.keeps(PARTS_STOCK, None, None).ok();

    let pin = json!({ "public_key": other.public_key() });
    ready.site.post(&ready.admin, "/api/v1/plugin-publishers/naryad/pin", &pin).ok();
    let second = id(&ready.keeps(&newer, Some(&foreign), None).ok()["id"]).to_owned();
    ready.post(installation, "update", &json!({ "version": 1, "package": second })).ok();
    let page = ready.page(installation);
    assert_eq!((&page["package_version"], &page["package"]["key_name"]), (&"0.1.1".into(), &"Other".into()));
    // What ran before may run again, whoever signed it.
    let back = json!({ "version": 2, "to": page["former"][0] });
    ready.post(installation, "roll-back", &back).ok();
    assert_eq!(ready.page(installation)["package_version"], "0.1.0");
}
