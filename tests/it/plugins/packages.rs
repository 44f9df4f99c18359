//! Packages that are damaged, incomplete or ask for too much are refused with a sentence.

use naryad::plugin_host::{PackageError, PluginHost, package};

use super::{BOMB, OLD, PARTS_STOCK, options};

pub const MANIFEST: &str = include_str!("../../../plugins/parts-stock/plugin.toml");

fn check(wasm: &[u8], code: &str, words: &str) {
    let error = package::read(wasm).expect_err("this package should be refused");
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

/// The component without custom sections at its top level, then a manifest of the test's own.
pub fn with_manifest(wasm: &[u8], manifest: &str) -> Vec<u8> {
    let mut bare = wasm[..8].to_vec();
    let mut rest = &wasm[8..];
    while let Some((&id, after)) = rest.split_first() {
        let (length, head) = unsigned(after);
        let (section, next) = rest.split_at(1 + head + length);
        if id != 0 {
            bare.extend_from_slice(section);
        }
        rest = next;
    }
    let name = b"naryad:manifest";
    bare.push(0);
    push_unsigned(&mut bare, 1 + name.len() + manifest.len());
    bare.push(name.len() as u8);
    bare.extend_from_slice(name);
    bare.extend_from_slice(manifest.as_bytes());
    bare
}

fn unsigned(bytes: &[u8]) -> (usize, usize) {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate() {
        value |= usize::from(byte & 127) << (7 * index);
        if byte & 128 == 0 {
            return (value, index + 1);
        }
    }
    panic!("a length that does not end")
}

fn push_unsigned(into: &mut Vec<u8>, mut value: usize) {
    while value > 127 {
        into.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    into.push(value as u8);
}

/// Every occurrence of a name replaced by one of the same length.
pub fn renamed(wasm: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = wasm.to_vec();
    let mut found = 0;
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
            found += 1;
        }
    }
    assert!(found > 0, "{from} is not in the component");
    bytes
}

#[test]
fn the_built_packages_are_sound_and_small() {
    for (wasm, name, functions, bytes_max) in
        [(BOMB, "bomb", 15, 250_000), (PARTS_STOCK, "parts-stock", 1, 100_000)]
    {
        let package = package::read(wasm).unwrap();
        assert_eq!(package.manifest.name, *name);
        assert_eq!(package.manifest.functions.len(), functions);
        assert!(package.imports_http);
        assert_eq!(package.manifest.document["name"], name);
        assert!(package.bytes < bytes_max, "{name} has {} bytes", package.bytes);
    }
}

#[test]
fn what_is_no_component_is_named() {
    check(b"", "package_not_a_component", "not a WebAssembly component");
    check(b"#!/bin/sh\nrm -rf /", "package_not_a_component", "not a WebAssembly component");
    check(b"\0asm\x01\0\0\0", "package_not_a_component", "it is a core module");
    check(b"\0asm\x0d\0\x01\0", "package_without_manifest", "`naryad:manifest` is missing");
    check(&vec![0; (32 << 20) + 1], "package_too_large", "at most 33554432");
}

#[test]
fn a_package_that_was_cut_off_anywhere_is_refused() {
    for at in (0..PARTS_STOCK.len()).step_by(997).chain([PARTS_STOCK.len() - 1]) {
        package::read(&PARTS_STOCK[..at]).expect_err("a part is no package");
    }
    check(&PARTS_STOCK[..50_000], "package_damaged", "ends too early");
}

#[test]
fn a_manifest_that_asks_for_unknown_things_is_refused() {
    for (from, to, words) in [
        ("contract = \"0.1\"", "contract = \"0.2\"", "written for contract 0.2, this Naryad speaks 0.1"),
        ("version = \"0.1.0\"", "version = \"new\"", "should look like 1.2.3"),
        ("publisher = \"naryad\"", "publisher = \"../x\"", "is not a key"),
        ("name = \"parts-stock\"", "name = \"parts-stock\"\nfiles = [\"/etc\"]", "unknown field `files`"),
        ("place = \"bearer\"", "place = \"cookie\"", "`place` should be"),
        (
            "from_setting = \"base_url\"",
            "from_setting = \"url\"",
            "names `url`, which is no text in [config]",
        ),
        ("name = \"in_stock\"", "name = \"in_stock\"\nasync = true", "unknown field `async`"),
        ("minLength = 8", "pattern = \"^https\"", "keyword `/properties/base_url/pattern` is not supported"),
        ("en = \"Parts stock\"", "xx = \"Parts stock\"", "unknown variant `xx`, expected `ru` or `en`"),
        ("[config]", "[limits]\nfuel = 7\n[config]", "unknown field `fuel`"),
        (
            "title = { en = \"Token",
            "host = \"a.com\"\ntitle = { en = \"Token",
            "either a host's name or `from_setting`",
        ),
    ] {
        assert!(MANIFEST.contains(from), "{from}");
        let wasm = with_manifest(PARTS_STOCK, &MANIFEST.replacen(from, to, 1));
        check(&wasm, "package_wrong_manifest", words);
    }
    check(&with_manifest(PARTS_STOCK, "= nonsense"), "package_wrong_manifest", "the manifest is wrong");
    let hosts = MANIFEST.find("[[host]]").unwrap()..MANIFEST.find("[[secret]]").unwrap();
    let secrets = MANIFEST.find("[[secret]]").unwrap()..MANIFEST.find("[config]").unwrap();
    let without_host = MANIFEST.replace(&MANIFEST[hosts.clone()], "");
    check(&with_manifest(PARTS_STOCK, &without_host), "package_wrong_manifest", "no [[host]] declares");
    let without_both = without_host.replace(&MANIFEST[secrets], "");
    check(&with_manifest(PARTS_STOCK, &without_both), "package_undeclared_http", "declares no host");
    let without_function = &MANIFEST[..MANIFEST.find("[[function]]").unwrap()];
    check(
        &with_manifest(PARTS_STOCK, without_function),
        "package_wrong_manifest",
        "nothing would ever enter this plugin",
    );
    check(
        &[&with_manifest(PARTS_STOCK, MANIFEST)[..], &with_manifest(PARTS_STOCK, MANIFEST)[8..]].concat(),
        "package_wrong_manifest",
        "two of them",
    );
}

#[test]
fn imports_and_exports_must_be_those_of_the_contract() {
    let sockets = renamed(PARTS_STOCK, "naryad:plugin/http@0.1.1", "wasi:sockets/tcpip@0.2.0");
    check(
        &sockets,
        "package_unknown_import",
        "imports `wasi:sockets/tcpip@0.2.0`; this Naryad offers `naryad:plugin/context@0.1.1`",
    );
    let newer = renamed(PARTS_STOCK, "naryad:plugin/http@0.1.1", "naryad:plugin/http@0.2.0");
    check(&newer, "package_unknown_import", "naryad:plugin/http@0.2.0");
    let silent = renamed(PARTS_STOCK, "naryad:plugin/functions@0.1.1", "naryad:plugin/functionz@0.1.1");
    check(&silent, "package_without_functions", "does not export");
}

/// The manifest of the bomb with one part replaced.
fn bomb_with(from: &str, to: &str) -> Vec<u8> {
    let manifest = include_str!("../../../plugins/bomb/plugin.toml");
    assert!(manifest.contains(from), "{from}");
    with_manifest(BOMB, &manifest.replacen(from, to, 1))
}

#[test]
fn a_manifest_says_the_whole_way_in() {
    let package = package::read(BOMB).unwrap();
    let manifest = &package.manifest;
    assert_eq!(manifest.events, ["ticket_opened", "comment_added"]);
    assert_eq!(manifest.fields, ["subject", "status"]);
    assert_eq!(manifest.commands, ["upsert", "comment", "link", "notice"]);
    assert_eq!(manifest.poll.unwrap().every.as_secs(), 60);
    assert_eq!(manifest.webhooks[0].path, *"notice");
    assert_eq!(manifest.kv.unwrap().bytes_max, 1_048_576);
    assert!(manifest.blob.is_some());
    let kinds: Vec<&str> = manifest.authentications.iter().map(|one| one.way.kind()).collect();
    assert_eq!(kinds, ["bearer", "basic", "header", "hmac", "oauth2", "mtls"]);
}

#[test]
fn a_wrong_word_on_the_way_in_is_named() {
    for (from, to, words) in [
        ("\"ticket_opened\"", "\"ticket_opend\"", "`events` names `ticket_opend`, which does not exist"),
        ("\"ticket_opened\"", "\"ticket_opend\"", "did you mean `ticket_opened`"),
        ("\"comment_added\"", "\"ticket_opened\"", "`events` names `ticket_opened` twice"),
        ("\"subject\"", "\"password\"", "`fields` names `password`"),
        ("\"upsert\"", "\"delete\"", "`commands` names `delete`"),
        ("every = \"1m\"", "every = \"5s\"", "a length from 10s to 1d such as 1m, not `5s`"),
        ("every = \"1m\"", "every = \"2d\"", "not `2d`"),
        ("every = \"1m\"", "every = \"often\"", "not `often`"),
        ("every = \"1m\"", "every = \"1m\"\nat = 3", "unknown field `at`"),
        ("path = \"notice\"", "path = \"../notice\"", "is not a key"),
        (
            "[[webhook]]",
            "[[webhook]]\npath = \"notice\"\n[[webhook]]",
            "the webhook `notice` is declared twice",
        ),
        ("bytes_max = 1048576", "bytes_max = 16777217", "`bytes_max` should be 1 to 16777216, not 16777217"),
        ("place = \"hmac\"", "place = \"hash\"", "`place` should be"),
        (
            "place = \"oauth2\"",
            "place = \"oauth2\"\nhost = \"a.com\"",
            "either a host's name or `from_setting`",
        ),
        ("kind = \"bearer\"", "kind = \"digest\"", "unknown variant `digest`"),
        ("kind = \"bearer\"", "kind = \"bearer\"\nuser = \"me\"", "unknown field `user`"),
        ("secret = \"token\"", "secret = \"tokn\"", "names the secret `tokn`, which no [[secret]] declares"),
        ("secret = \"token\"", "secret = \"password\"", "has another `place` than bearer needs"),
        (
            "secret = \"sign_key\"",
            "secret = \"hook_key\"",
            "is not declared for the host that it would go to",
        ),
        (
            "user_from_setting = \"user\"",
            "user_from_setting = \"usr\"",
            "names `usr`, which is no text in [config]",
        ),
        ("user_from_setting = \"user\"", "", "either `user`"),
        (
            "token_url_from_setting = \"token_url\"",
            "token_url = \"https://a.example.com/t\"",
            "is not declared for the host",
        ),
        ("signs = [\"method\", \"target\", \"body\"]", "signs = []", "`signs` should name what is signed"),
        ("signs = [\"method\",", "signs = [\"timestamp\",", "`timestamp_header` go together"),
        ("name = \"by_password\"", "name = \"by_token\"", "the authentication `by_token` is declared twice"),
    ] {
        check(&bomb_with(from, to), "package_wrong_manifest", words);
    }
    let idle = MANIFEST.replacen("publisher =", "commands = [\"upsert\"]\npublisher =", 1);
    check(&with_manifest(PARTS_STOCK, &idle), "package_wrong_manifest", "nothing would ever make any");
}

#[test]
fn code_and_manifest_must_agree_on_abilities_and_exports() {
    let manifest = include_str!("../../../plugins/bomb/plugin.toml");
    let without = |section: &str| {
        let at = manifest.find(section).unwrap();
        let end = at + 1 + manifest[at + 1..].find("\n[").unwrap();
        format!("{}{}", &manifest[..at], &manifest[end + 1..])
    };
    for (section, words) in [
        ("[kv]", "imports `naryad:plugin/kv`, but its manifest has no [kv]"),
        ("[blob]", "imports `naryad:plugin/blob`, but its manifest has no [blob]"),
    ] {
        check(&with_manifest(BOMB, &without(section)), "package_undeclared_ability", words);
    }
    let no_keys = manifest.replace("place = \"hmac\"", "place = \"bearer\"").replace(
        "name = \"hook_key\"\nplace = \"bearer\"",
        "name = \"hook_key\"\nfrom_setting = \"base_url\"\nplace = \"bearer\"",
    );
    let signs = no_keys.find("[[authentication]]\nname = \"by_signature\"").unwrap();
    let signs_end = no_keys.find("[[authentication]]\nname = \"by_grant\"").unwrap();
    let no_keys = format!("{}{}", &no_keys[..signs], &no_keys[signs_end..]);
    check(
        &with_manifest(BOMB, &no_keys),
        "package_undeclared_ability",
        "no [[secret]] with place = \"hmac\"",
    );
    for (line, words) in [
        (
            "events = [\"ticket_opened\"]",
            "declares `events`, but the package does not export `naryad:plugin/events@",
        ),
        (
            "[poll]\nevery = \"1m\"",
            "declares [poll], but the package does not export `naryad:plugin/polling@",
        ),
        ("[[webhook]]\npath = \"a\"", "declares a [[webhook]], but the package does not export"),
    ] {
        // A component of the first version has none of these.
        let manifest = match line.starts_with('[') {
            true => format!("{MANIFEST}\n{line}\n"),
            false => MANIFEST.replacen("publisher =", &format!("{line}\npublisher ="), 1),
        };
        check(&with_manifest(OLD, &manifest), "package_without_export", words);
    }
}

#[test]
fn a_plugin_without_functions_is_sound_when_something_else_enters_it() {
    let manifest = include_str!("../../../plugins/bomb/plugin.toml");
    let without_functions = &manifest[..manifest.find("[[function]]").unwrap()];
    let package = package::read(&with_manifest(BOMB, without_functions)).unwrap();
    assert!(package.manifest.functions.is_empty());
}

#[tokio::test]
async fn what_looks_sound_but_does_not_compile_is_refused_and_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let host =
        PluginHost::new(naryad::plugin_host::HostOptions { cache_dir: dir.path().into(), ..options() });
    let other_types = renamed(PARTS_STOCK, "timeout-ms", "timeout-mm");
    let mut broken_code = PARTS_STOCK.to_vec();
    let middle = broken_code.len() / 2;
    broken_code[middle..middle + 200].fill(0xff);
    for wasm in [other_types, broken_code] {
        let error = host.install(&wasm).await.expect_err("it does not compile");
        assert!(matches!(error, PackageError::NotCompiled { .. }), "{error}");
        assert!(error.to_string().len() > 40, "{error}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn compiled_code_that_somebody_changed_is_never_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let options = || naryad::plugin_host::HostOptions { cache_dir: dir.path().into(), ..options() };
    let bench = super::Bench::with(BOMB, options()).await;
    let code = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension != "wasm"))
        .unwrap();
    let genuine = std::fs::read(&code).unwrap();
    let mut forged = genuine.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    std::fs::write(&code, &forged).unwrap();

    // A new host has nothing in memory: it finds the forgery, drops it and compiles anew from the package.
    let again = PluginHost::new(options());
    let mut installation = bench.installation.clone();
    installation.grant.hosts = vec!["a.example.com".parse().unwrap()];
    let answer = again.call(&installation, super::call("echo", serde_json::json!(1))).await.unwrap();
    assert_eq!(answer.value["input"], 1);
    assert_ne!(std::fs::read(&code).unwrap(), forged);

    // The same for a package that was changed on disk: it is not what its name says.
    std::fs::write(code.with_file_name(format!("{}.wasm", installation.package)), b"changed").unwrap();
    let third = PluginHost::new(options());
    let failure =
        third.call(&installation, super::call("echo", serde_json::json!(1))).await.expect_err("changed");
    assert_eq!(failure.code(), "plugin_not_installed");
}

/// A component with one more core module, which nobody uses, of functions that are slow to compile.
fn with_slow_module(wasm: &[u8], functions: usize, body_bytes: usize) -> Vec<u8> {
    let section = |id: u8, content: &[u8]| {
        let mut section = vec![id];
        push_unsigned(&mut section, content.len());
        [&section[..], content].concat()
    };
    // No locals; then over and over: x = (x * 3) ^ rotl(x, 5), each depending on the one before.
    let mut body = vec![0];
    while body.len() < body_bytes {
        body.extend_from_slice(&[0x20, 0, 0x42, 3, 0x7e, 0x20, 0, 0x42, 5, 0x89, 0x85, 0x21, 0]);
    }
    body.extend_from_slice(&[0x20, 0, 0x0b]);
    let mut code = Vec::new();
    push_unsigned(&mut code, functions);
    for _ in 0..functions {
        push_unsigned(&mut code, body.len());
        code.extend_from_slice(&body);
    }
    let mut types = Vec::new();
    push_unsigned(&mut types, functions);
    types.resize(types.len() + functions, 0);
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 1, 0x7e, 1, 0x7e]),
        section(3, &types),
        section(10, &code),
    ]
    .concat();
    [wasm, &section(1, &module)].concat()
}

#[tokio::test]
async fn a_package_that_takes_too_much_to_compile_is_refused_and_the_host_lives() {
    let dir = tempfile::tempdir().unwrap();
    let host =
        PluginHost::new(naryad::plugin_host::HostOptions { cache_dir: dir.path().into(), ..options() });
    let started = std::time::Instant::now();
    let bomb = with_slow_module(PARTS_STOCK, 4, 7_000_000);
    let error = host.install(&bomb).await.expect_err("it is too much");
    println!("{error} after {:?}", started.elapsed());
    assert!(matches!(error, PackageError::NotCompiled { .. }), "{error}");
    assert!(error.to_string().contains("limits of memory or time"), "{error}");
    assert!(started.elapsed() < std::time::Duration::from_secs(40));
    host.install(PARTS_STOCK).await.unwrap();
}
