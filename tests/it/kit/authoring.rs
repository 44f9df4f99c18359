//! From nothing to a package: `plugin new`, `build`, `check`.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{Workbench, kit_in, plugins};
use crate::plugins::server::{Server, json as answer};

const TARGET: &str = "wasm32-unknown-unknown";

#[test]
fn a_new_folder_has_all_that_it_is_built_from() {
    let bench = Workbench::empty();
    let out = bench.does(&["new", "stock-of-acme", "--publisher", "acme"]);
    assert!(out.contains("cd stock-of-acme") && out.contains("naryad plugin build"), "{out}");
    for file in [
        "src/lib.rs",
        "sdk/Cargo.toml",
        "sdk/src/lib.rs",
        "wit/plugin.wit",
        "fixtures/known.json",
        ".gitignore",
    ] {
        assert!(bench.path(&format!("stock-of-acme/{file}")).is_file(), "{file}");
    }
    let manifest: toml::Table = toml::from_str(&bench.read("stock-of-acme/plugin.toml")).unwrap();
    assert_eq!(manifest["name"].as_str(), Some("stock-of-acme"));
    assert_eq!(manifest["publisher"].as_str(), Some("acme"));
    let cargo: toml::Table = toml::from_str(&bench.read("stock-of-acme/Cargo.toml")).unwrap();
    assert_eq!(cargo["package"]["name"].as_str(), Some("stock-of-acme"));
    assert_eq!(cargo["workspace"]["members"].as_array().map(Vec::len), Some(1));
    assert!(bench.read("stock-of-acme/README.md").contains("stock-of-acme.wasm"));
    let error = bench.fails(&["new", "stock-of-acme"]);
    assert!(error.contains("is there already and not empty; choose another --dir"), "{error}");
    bench.does(&["new", "stock-of-acme", "--dir", "other"]);
    assert!(bench.read("other/plugin.toml").contains("publisher = \"stock-of-acme\""));
    let said = bench.plugin(&["new", "Stock of Acme"]);
    assert!(said.code != 0 && said.err.contains("Stock of Acme"), "{}", said.err);
    bench.write("file", "");
    assert!(bench.fails(&["new", "x", "--dir", "file"]).contains("file is a file"));
}

#[test]
fn without_a_toolchain_it_says_what_to_install() {
    let bench = Workbench::empty();
    bench.does(&["new", "mine"]);
    let folder = bench.path("mine");
    let none = bench.path("no-rustc");
    let said = kit_in(&folder, &["build"], &[("RUSTC", none.to_str().unwrap())]);
    assert_eq!(said.code, 2);
    for words in ["https://rustup.rs", "rustup target add wasm32-unknown-unknown", "--unpack-toolchain"] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
}

#[test]
fn a_check_says_in_plain_words_what_a_package_wants() {
    let bench = Workbench::example();
    let out = bench.does(&["check"]);
    for words in [
        "example 0.1.0 by naryad: Device register",
        "offers look_up: Which device has this serial number?",
        "wants to reach the host of the setting `base_url`: The register itself.",
        "needs the secret register_token, sent as a bearer token to the host of the setting `base_url` alone",
        "64 MiB of memory, 500 ms of processor time",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    assert!(!out.contains("advice"), "{out}");
    let wasm = std::fs::read(bench.path("example.wasm")).unwrap();
    for (content, words) in [
        (&wasm[..wasm.len() / 2], "damaged or cut off"),
        (&b"\0asm\x01\0\0\0"[..], "it is a core module"),
        (&b"\0asm\x0d\0\x01\0"[..], "the package has no manifest"),
        (&b"hello"[..], "not a WebAssembly component"),
    ] {
        bench.write("other.wasm", content);
        let out = bench.finds(&["check", "other.wasm"]);
        assert!(out.contains("a desk would not take it") && out.contains(words), "{out}");
    }
    assert!(bench.fails(&["check", "none.wasm"]).contains("none.wasm cannot be read"));
}

/// What `plugin build` needs on this machine; `None`: there is no wasm toolchain.
fn toolchain() -> Option<Vec<(&'static str, String)>> {
    let unpacked = plugins().join("target/toolchain/rustc");
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let sysroot = String::from_utf8(sysroot.stdout).ok()?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).is_dir() {
        return Some(Vec::new());
    }
    unpacked.is_file().then(|| vec![("RUSTC", unpacked.display().to_string())])
}

#[test]
fn a_new_plugin_is_built_tested_signed_and_verified_as_it_stands() {
    let Some(environment) = toolchain() else {
        eprintln!(
            "skipped: no wasm toolchain here (rustup target add {TARGET}, or cargo xtask plugins once)"
        );
        return;
    };
    let bench = Workbench::empty();
    bench.does(&["new", "fresh", "--publisher", "acme"]);
    let folder = bench.path("fresh");
    let mut environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    environment.push(("PASSWORD", "correct horse"));
    let does = |words: &[&str]| {
        let said = kit_in(&folder, words, &environment);
        assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
        said.out
    };
    let out = does(&["build"]);
    assert!(out.contains("fresh.wasm") && out.contains("fresh 0.1.0 by acme"), "{out}");
    let home = bench.path("");
    let wasm = std::fs::read(folder.join("fresh.wasm")).unwrap();
    let home = home.to_str().unwrap().trim_end_matches('/').as_bytes();
    assert!(!wasm.windows(home.len()).any(|part| part == home), "a folder of this machine stands in it");
    let out = does(&["test"]);
    assert!(out.ends_with("3 passed, 0 failed\n"), "{out}");
    does(&["keygen", "--password-env", "PASSWORD"]);
    does(&["sign", "--password-env", "PASSWORD"]);
    assert!(does(&["verify", "--trust", "plugin.key.pub"]).contains("signed with the trusted key"));
    follow_the_tutorial(&folder, &environment);
}

/// `plugins/README.md` from its second step on, in a folder that was built already.
fn follow_the_tutorial(folder: &Path, environment: &[(&str, &str)]) {
    let does = |words: &[&str]| {
        let said = kit_in(folder, words, environment);
        assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
        said.out
    };
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let source = block("// src/lib.rs");
    write("plugin.toml", &block("# plugin.toml"));
    write("src/lib.rs", &source);
    does(&["build"]);
    for name in ["known", "unknown", "busy"] {
        std::fs::remove_file(folder.join(format!("fixtures/{name}.json"))).unwrap();
    }
    let courier = Server::start(|heard| match heard.target.as_str() {
        "/parcels/RA1" => answer(json!({ "place": "Tbilisi" })),
        _ => (404, Vec::new(), Vec::new()),
    });
    let moving = block("{\n  \"description\": \"A parcel").replace("http://127.0.0.1:8099", &courier.url(""));
    write("fixtures/moving.json", &moving);
    let record = |name: &str| {
        let words =
            ["test", "--record", "--private", "--only", name, "--secret-env", "courier_token=PASSWORD"];
        does(&words)
    };
    assert!(record("moving").contains(r#"answered {"known":true,"place":"Tbilisi"}"#));
    assert!(does(&["test"]).ends_with("1 passed, 0 failed\n"));
    write("fixtures/unknown.json", &moving.replace("RA1", "RA2"));
    let out = record("unknown");
    assert!(
        out.contains("failed with `plugin_wrong_answer`") && out.contains("place should be string"),
        "{out}"
    );
    // Now their own mistakes: of a type, and one that a fixture finds.
    write("src/lib.rs", &source.replace("known: false", "known: 0"));
    let said = kit_in(folder, &["test"], environment);
    assert!(said.err.contains("lib.rs has changed since"), "{}", said.err);
    let said = kit_in(folder, &["build"], environment);
    assert!(said.code == 2 && said.err.contains("mismatched types"), "{}", said.err);
    assert!(said.err.ends_with("it does not compile: see what cargo says above\n"), "{}", said.err);
    let skip = "    #[serde(skip_serializing_if = \"Option::is_none\")]\n    place: Option<String>";
    write("src/lib.rs", &source.replace("    place: Option<String>", skip));
    does(&["build"]);
    let said = kit_in(folder, &["test"], environment);
    let words = r#"error: expected `plugin_wrong_answer`; the call answered {"known":false}"#;
    assert!(said.code == 1 && said.out.contains(words), "{}", said.out);
    record("unknown");
    assert!(does(&["test"]).ends_with("2 passed, 0 failed\n"));
}

/// The block of the tutorial that begins so.
fn block(begin: &str) -> String {
    let text = std::fs::read_to_string(plugins().join("README.md")).unwrap();
    let mut blocks = text.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap().1);
    blocks
        .find(|block| block.starts_with(begin))
        .unwrap_or_else(|| panic!("no block begins {begin}"))
        .to_owned()
}

#[test]
fn a_plugin_in_javascript_has_the_same_manifest_and_fixtures() {
    let bench = Workbench::empty();
    bench.does(&["new", "mine", "--lang", "js"]);
    bench.does(&["new", "mine", "--lang", "rust", "--dir", "rust"]);
    for file in ["plugin.toml", "fixtures/known.json", "fixtures/busy.json", "wit/plugin.wit", ".gitignore"] {
        assert_eq!(bench.read(&format!("mine/{file}")), bench.read(&format!("rust/{file}")), "{file}");
    }
    for file in ["plugin.js", "package.json", "component.mjs"] {
        assert!(bench.path(&format!("mine/{file}")).is_file(), "{file}");
    }
    assert!(!bench.path("mine/Cargo.toml").exists());
    let said = kit_in(&bench.path("mine"), &["build"], &[("PATH", "")]);
    assert!(said.code == 2 && said.err.contains("Node.js 20 or later"), "{}", said.err);
}
