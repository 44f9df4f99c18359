//! Commands on a stopped and on a running desk, and what they say when they cannot.

use super::{Place, empty_pack, naryad_on, token};

#[test]
fn every_command_explains_itself() {
    let place = Place::new();
    for words in [
        "",
        "serve",
        "demo",
        "admin",
        "admin create",
        "token create",
        "workflow check",
        "workflow test",
        "workflow publish",
        "workflow pull",
        "workflow push",
        "workflow diff",
        "plugin install",
        "plugin list",
        "import servicenow",
        "backup",
        "restore",
        "outbox release",
        "doctor",
    ] {
        let words: Vec<&str> = words.split_whitespace().chain(["--help"]).collect();
        let help = place.does(&words);
        assert!(help.contains("Usage: naryad"), "{help}");
        assert!(!help.contains("plugin-host"), "{help}");
    }
    assert_ne!(place.naryad(&["srve"]).code, 0);
}

#[test]
fn a_running_desk_is_reached_through_its_socket_and_a_second_one_is_refused() {
    let place = Place::new();
    let desk = place.serve();
    assert!(desk.setup.as_ref().unwrap().contains("/setup#"), "{:?}", desk.setup);
    assert!(place.fails(&["serve", "--listen", "127.0.0.1:0"]).contains("runs on"));
    let token = token(&place);
    let (status, me) = desk.asks("GET", "/session", &token, None);
    assert_eq!((status, &me["person"]["login"]), (200, &serde_json::json!("anna")));
    desk.makes_client(&token, "bank");
    let pack = empty_pack(&place);
    assert!(place.does(&["workflow", "publish", &pack, "--client", "bank"]).contains("version 1"));
    let doctor = place.does(&["doctor"]);
    assert!(doctor.contains("runs as process") && doctor.contains("whole"), "{doctor}");
    assert_eq!(desk.stop(), 0);
    assert!(place.does(&["workflow", "publish", &pack, "--client", "bank"]).contains("version 2"));
    assert!(place.does(&["doctor", "--full"]).contains("the desk does not run"));
    let again = place.serve();
    assert_eq!(again.asks("GET", "/session", &token, None).0, 200);
    assert!(again.setup.is_none(), "somebody can log in");
}

#[test]
fn a_folder_that_is_held_in_silence_is_named_with_its_holder() {
    let place = Place::new();
    token(&place);
    let lock = std::fs::File::options().write(true).open(place.dir().join("naryad.lock")).unwrap();
    lock.lock().unwrap();
    for words in [&["doctor"][..], &["serve"], &["backup", "x.tar"], &["plugin", "list"]] {
        let error = place.fails(words);
        assert!(error.contains("held by another process") && error.contains("does not answer"), "{error}");
    }
}

#[test]
fn what_is_missing_or_wrong_is_said_in_a_sentence() {
    let place = Place::new();
    assert!(place.fails(&["doctor"]).contains("there is no desk in"));
    assert!(!place.dir().exists(), "nothing was made");
    token(&place);
    assert!(place.fails(&["token", "create", "--login", "bob"]).contains("nobody has the login `bob`"));
    let pack = empty_pack(&place);
    let error = place.fails(&["workflow", "publish", &pack, "--client", "bank"]);
    assert!(error.contains("there is no client `bank`; the desk has: none yet"), "{error}");
    assert!(
        place
            .fails(&["workflow", "check", "/nowhere"])
            .contains("there is no folder /nowhere, and no pack of this name")
    );
    place.write("desk/naryad.toml", "lisen = 1");
    assert!(place.fails(&["doctor"]).contains("unknown field `lisen`"));
    let short = place.write("short", "abc\n");
    let words = ["admin", "create", "--login", "b", "--name", "B", "--password-file", &short];
    std::fs::remove_file(place.dir().join("naryad.toml")).unwrap();
    assert!(place.fails(&words).contains("at least 10 characters"));
}

#[test]
fn a_pack_is_checked_with_line_and_column() {
    let place = Place::new();
    let pack = empty_pack(&place);
    assert_eq!(place.naryad(&["workflow", "check", &pack]).code, 0);
    place.write(
        "pack/workflow.rhai",
        "fn on_opened(ticket) {\n    if false { ticket.categry = \"vandalism\"; }\n}\n",
    );
    let said = place.naryad(&["workflow", "check", &pack]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("workflow.rhai:2:") && said.out.contains("category"), "{}", said.out);
    place.write("pack/client.toml", "key = 1\n");
    let said = place.naryad(&["workflow", "check", &pack]);
    assert!(said.code == 1 && said.out.contains("client.toml:1:"), "{}", said.out);
}

#[test]
fn a_pack_is_checked_against_what_a_client_of_the_desk_has() {
    let place = Place::new();
    let desk = place.serve();
    desk.makes_client(&token(&place), "bank");
    let pack = empty_pack(&place);
    let check = ["workflow", "check", &pack, "--client", "bank"];
    let said = place.naryad(&check);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("warning: nobody is in any queue of this client yet"), "{}", said.out);
    place.write("pack/workflow.rhai", "fn on_opened(ticket) {\n  ticket.assign(\"olga\");\n}\n");
    assert_eq!(place.naryad(&["workflow", "check", &pack]).code, 0, "without a desk nobody knows");
    let said = place.naryad(&check);
    assert_eq!(said.code, 1, "{}", said.err);
    let expected = "workflow.rhai:2:17: there is no person with the login `olga`";
    assert!(said.out.contains(expected), "{}", said.out);
    assert!(place.fails(&["workflow", "check", &pack, "--client", "shop"]).contains("shop"));
}

#[test]
fn a_log_is_imported_into_a_running_desk_once() {
    let place = Place::new();
    let desk = place.serve();
    let token = token(&place);
    desk.makes_client(&token, "it-desk");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    // By its name: who has only the binary has the packs too.
    assert_eq!(place.naryad(&["workflow", "test", "it-desk"]).code, 0);
    place.does(&["workflow", "publish", "it-desk", "--client", "it-desk"]);
    let log = root.join("workflows/it-desk/demo/incidents.csv");
    let words = ["import", "servicenow", log.to_str().unwrap(), "--client", "it-desk"];
    let first = place.does(&words);
    assert!(first.lines().last().unwrap().contains("534"), "{first}");
    let second = place.does(&words);
    assert_ne!(first.lines().last(), second.lines().last());
    assert!(second.lines().last().unwrap().contains("0 new"), "{second}");
    let elsewhere = naryad_on(&place.path("nothing"), &words);
    assert!(elsewhere.err.contains("there is no desk"), "{}", elsewhere.err);
}

#[test]
fn the_demo_prints_logins_that_work_and_starts_again() {
    let place = Place::new();
    for _ in 0..2 {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_naryad"));
        command.args(["demo", "--listen", "127.0.0.1:0", "--dir"]).arg(place.dir());
        let desk = super::Running::start(command);
        let token = place.does(&["token", "create", "--login", "dispatcher"]);
        let (status, list) = desk.asks("GET", "/tickets", token.trim(), None);
        assert_eq!(status, 200, "{list}");
        assert!(list["items"].as_array().unwrap().len() > 10, "{list}");
        assert_eq!(desk.stop(), 0);
    }
}
