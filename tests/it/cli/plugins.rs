//! `plugin install`: what is not what it should be stays outside; secrets go in sealed.

use serde_json::json;

use super::{Place, token};
use crate::plugins::PARTS_STOCK;

struct Ready {
    place: Place,
    package: String,
    config: String,
    secret: String,
}

fn ready() -> Ready {
    let place = Place::new();
    let token = token(&place);
    let desk = place.serve();
    desk.makes_client(&token, "bank");
    desk.stop();
    let package = place.write("parts-stock.wasm", PARTS_STOCK);
    let config =
        place.write("stock.json", json!({ "base_url": "https://stock.example.com/api" }).to_string());
    let secret = format!("stock_token={}", place.write("secret", "very-secret-token\n"));
    Ready { place, package, config, secret }
}

impl Ready {
    fn words<'w>(&'w self, more: &[&'w str]) -> Vec<&'w str> {
        let mut words =
            vec!["plugin", "install", &self.package, "--client", "bank", "--config", &self.config];
        words.extend(["--secret-file", &self.secret]);
        words.extend(more);
        words
    }
}

#[test]
fn a_package_that_is_unsigned_cut_off_or_no_package_is_refused() {
    let ready = ready();
    let error = ready.place.fails(&ready.words(&["--grant-declared"]));
    assert!(error.contains("not signed") && error.contains("--allow-unsigned"), "{error}");
    let all = ["--grant-declared", "--allow-unsigned"];
    for (content, words) in [
        (&PARTS_STOCK[..PARTS_STOCK.len() / 2], "damaged or cut off"),
        (&b"MZ this is no wasm"[..], "not a WebAssembly component"),
        (&b""[..], "not installed"),
    ] {
        ready.place.write("parts-stock.wasm", content);
        let error = ready.place.fails(&ready.words(&all));
        assert!(error.contains(words), "{error}");
    }
    ready.place.write("parts-stock.wasm", PARTS_STOCK);
    ready.place.write("parts-stock.wasm.minisig", "nonsense");
    let error = ready.place.fails(&ready.words(&["--grant-declared"]));
    assert!(error.contains("minisign cannot read"), "{error}");
    assert!(ready.place.does(&["plugin", "list"]).contains("No plugin"));
}

#[test]
fn hosts_are_granted_one_by_one_and_secrets_are_sealed() {
    let ready = ready();
    let error = ready.place.fails(&ready.words(&["--allow-unsigned"]));
    assert!(error.contains("wants to reach stock.example.com") && error.contains("--grant"), "{error}");
    let error = ready.place.fails(&ready.words(&["--allow-unsigned", "--grant", "evil.example.com"]));
    assert!(error.contains("does not ask for `evil.example.com`"), "{error}");
    let desk = ready.place.serve();
    let said = ready.place.does(&ready.words(&["--allow-unsigned", "--grant-declared"]));
    assert!(said.contains("parts-stock 0.1.0 by naryad") && said.contains("stock.example.com"), "{said}");
    // The same once more changes nothing that was decided, and asks for no settings.
    let again = ["plugin", "install", ready.package.as_str(), "--client", "bank", "--allow-unsigned"];
    let said = ready.place.does(&again);
    assert!(said.contains("may use stock.example.com:443"), "{said}");
    let call = ["plugin", "call", "bank", "parts-stock", "in_stock", "--input", "{\"part\":\"P\"}"];
    let said = ready.place.naryad(&call);
    assert!(said.code == 1 && said.out.contains("Failed (plugin_wrong_input)"), "{}", said.out);
    desk.stop();
    let list = ready.place.does(&["plugin", "list"]);
    assert!(list.contains("bank\tparts-stock 0.1.0\ton\tnaryad\tunsigned"), "{list}");
    for entry in std::fs::read_dir(ready.place.dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let content = std::fs::read(&path).unwrap();
            let secret = b"very-secret-token";
            assert!(!content.windows(secret.len()).any(|part| part == secret), "{}", path.display());
        }
    }
    std::fs::rename(ready.place.dir().join("naryad.key"), ready.place.path("kept.key")).unwrap();
    let said = ready.place.naryad(&["doctor"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("is gone") && said.out.contains("another key file"), "{}", said.out);
    std::fs::rename(ready.place.path("kept.key"), ready.place.dir().join("naryad.key")).unwrap();
    ready.place.does(&["doctor"]);
}
