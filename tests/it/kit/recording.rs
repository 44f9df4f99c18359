//! `plugin test --record`: a live run against a real server becomes a fixture that is played without it.

use serde_json::json;

use super::{KNOWN, Workbench, kit_in, with};
use crate::plugins::server::{Server, json as answer};

const TOKEN: &str = "a-very-secret-token";

#[test]
fn a_live_run_becomes_a_fixture_without_secrets() {
    let server = Server::start(|heard| {
        assert_eq!(heard.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
        match heard.target.as_str() {
            // A system that repeats the token must not bring it into the fixture.
            "/api/devices?serial=A-1" => answer(json!({ "model": TOKEN, "warranty_until": "2027-01-01" })),
            _ => (404, Vec::new(), Vec::new()),
        }
    });
    let bench = Workbench::example();
    for name in ["unknown", "busy"] {
        std::fs::remove_file(bench.path(&format!("fixtures/{name}.json"))).unwrap();
    }
    let mut fixture = with(&bench.fixture(KNOWN), "/entry/function/input/serial", json!("A-1"));
    fixture["context"]["configuration"]["base_url"] = json!(server.url("/api"));
    for part in ["http", "expect"] {
        fixture.as_object_mut().unwrap().remove(part);
    }
    bench.write(KNOWN, fixture.to_string());
    let error = bench.fails(&["test", "--record", "--private"]);
    assert!(error.contains("--secret-env register_token=VARIABLE"), "{error}");
    let words = ["test", "--record", "--private", "--secret-env", "register_token=REGISTER_TOKEN"];
    let said = kit_in(&bench.path(""), &words, &[("REGISTER_TOKEN", TOKEN)]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("recorded known: 1 requests; it answered"), "{}", said.out);
    assert_eq!(server.heard().len(), 1);

    let text = bench.read(KNOWN);
    assert!(!text.contains(TOKEN), "{text}");
    let recorded = bench.fixture(KNOWN);
    let exchange = &recorded["http"][0];
    assert_eq!(exchange["request"]["url"], server.url("/api/devices?serial=A-1"));
    assert_eq!(exchange["request"]["authentication"], "bearer register_token");
    assert_eq!(exchange["response"]["answered"]["status"], 200);
    assert_eq!(recorded["expect"]["answer"]["warranty_until"], "2027-01-01");
    assert_eq!(recorded["description"], fixture["description"], "what people wrote stays");

    let out = bench.does(&["test"]);
    assert!(out.ends_with("1 passed, 0 failed\n"), "{out}");
    assert_eq!(server.heard().len(), 1, "nothing goes out when it is played");
}

#[test]
fn a_system_that_cannot_be_reached_is_recorded_too() {
    let bench = Workbench::example();
    let mut fixture = bench.fixture(KNOWN);
    // Without --private a loopback address is out of bounds, as on a desk.
    fixture["context"]["configuration"]["base_url"] = json!("https://127.0.0.1:9/api");
    bench.write(KNOWN, fixture.to_string());
    std::fs::remove_file(bench.path("fixtures/unknown.json")).unwrap();
    let words = ["test", "--record", "--only", "known", "--secret-env", "register_token=REGISTER_TOKEN"];
    let said = kit_in(&bench.path(""), &words, &[("REGISTER_TOKEN", TOKEN)]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let recorded = bench.fixture(KNOWN);
    assert!(recorded["http"][0]["response"]["denied"].is_string(), "{recorded}");
    assert_eq!(recorded["expect"]["error"]["code"], "plugin_refused");
    assert!(bench.does(&["test", "--only", "known"]).ends_with("1 passed, 0 failed\n"));
}
