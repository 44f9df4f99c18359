//! `plugin keygen|sign|verify`: keys and signatures that minisign reads too.

use std::process::Command;

use super::{Workbench, kit_in};
use crate::cli::Place;

const PASSWORD: [(&str, &str); 2] = [("PASSWORD", "correct horse"), ("OTHER", "battery staple")];

fn signed() -> Workbench {
    let bench = Workbench::example();
    for words in [["keygen", "--password-env", "PASSWORD"], ["sign", "--password-env", "PASSWORD"]] {
        let said = kit_in(&bench.path(""), &words, &PASSWORD);
        assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
    }
    bench
}

#[test]
fn a_signed_package_is_told_from_any_other() {
    let bench = signed();
    assert!(bench.read("example.wasm.minisig").contains("example 0.1.0 by naryad"));
    let out = bench.does(&["verify", "--trust", "plugin.key.pub"]);
    assert!(out.contains("signed with the trusted key `plugin.key.pub`"), "{out}");
    let out = bench.finds(&["verify"]);
    assert!(out.contains("--trust"), "{out}");
    let wasm = std::fs::read(bench.path("example.wasm")).unwrap();
    let mut changed = wasm.clone();
    *changed.last_mut().unwrap() ^= 1;
    bench.write("example.wasm", &changed);
    let out = bench.finds(&["verify", "example.wasm", "--trust", "plugin.key.pub"]);
    assert!(out.contains("changed after it was signed"), "{out}");
    bench.write("example.wasm", &wasm);
    bench.write("example.wasm.minisig", "nonsense");
    let out = bench.finds(&["verify", "--trust", "plugin.key.pub"]);
    assert!(out.contains("minisign cannot read"), "{out}");
    std::fs::remove_file(bench.path("example.wasm.minisig")).unwrap();
    assert!(bench.finds(&["verify", "--trust", "plugin.key.pub"]).contains("not signed"));
    let error = bench.fails(&["verify", "--trust", "plugin.toml"]);
    assert!(error.contains("is not a minisign public key"), "{error}");
}

#[test]
fn keys_are_never_overwritten_and_open_with_their_password_alone() {
    let bench = signed();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(bench.path("plugin.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "the secret key is its owner's alone");
    }
    let error = bench.fails(&["keygen"]);
    assert!(error.contains("plugin.key is there already"), "{error}");
    for (words, problem) in [
        (&["sign", "--password-env", "OTHER"][..], "is the password right?"),
        (&["sign", "--password-env", "NONE"], "the variable NONE of the environment is not set"),
        (&["sign", "--key", "none.key"], "`naryad plugin keygen` makes one"),
        (&["sign", "--key", "plugin.toml"], "plugin.toml is no secret key of minisign"),
        (&["sign", "--key", "plugin.key.pub"], "plugin.key.pub is no secret key of minisign"),
        (&["sign", "plugin.toml"], "plugin.toml was not signed: this is not a WebAssembly component"),
    ] {
        let said = kit_in(&bench.path(""), words, &PASSWORD);
        assert_eq!(said.code, 2, "{words:?}: {}", said.out);
        assert!(said.err.contains(problem), "{words:?}: {}", said.err);
    }
}

#[test]
fn minisign_and_the_kit_read_each_other() {
    let Ok(version) = Command::new("minisign").arg("-v").output() else {
        eprintln!("skipped: there is no `minisign` on this machine");
        return;
    };
    assert!(version.status.success());
    let bench = signed();
    let minisign = |words: &[&str]| {
        let output = Command::new("minisign").args(words).current_dir(bench.path("")).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{words:?}: {text}");
        text
    };
    let said = minisign(&["-V", "-p", "plugin.key.pub", "-m", "example.wasm"]);
    assert!(said.contains("example 0.1.0 by naryad"), "{said}");
    // And the other way: a key without a password, a signature of minisign's own.
    minisign(&["-G", "-W", "-p", "theirs.pub", "-s", "theirs.key"]);
    bench.does(&["sign", "--key", "theirs.key"]);
    minisign(&["-V", "-p", "theirs.pub", "-m", "example.wasm"]);
    minisign(&["-S", "-s", "theirs.key", "-m", "example.wasm"]);
    bench.does(&["verify", "--trust", "theirs.pub"]);
}

#[test]
fn what_a_partner_signed_an_administrator_installs() {
    let bench = signed();
    let place = Place::new();
    let token = crate::cli::token(&place);
    let desk = place.serve();
    desk.makes_client(&token, "bank");
    let config = place.write("register.json", r#"{ "base_url": "https://register.example.com/api" }"#);
    let secret = format!("register_token={}", place.write("secret", "very-secret-token\n"));
    let path = |name: &str| bench.path(name).to_str().unwrap().to_owned();
    let (package, key) = (path("example.wasm"), path("plugin.key.pub"));
    let words =
        ["plugin", "install", &package, "--client", "bank", "--config", &config, "--secret-file", &secret];
    let error = place.fails(&[&words[..], &["--grant-declared"]].concat());
    assert!(error.contains("a key that this desk does not trust"), "{error}");
    let said = place.does(&[&words[..], &["--grant-declared", "--trust", &key]].concat());
    assert!(said.contains("example 0.1.0 by naryad") && said.contains("register.example.com"), "{said}");
    assert!(place.does(&["plugin", "list"]).contains("bank\texample 0.1.0\ton\tnaryad\ttrusted"));
}
