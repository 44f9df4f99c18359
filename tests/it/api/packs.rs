//! A client's workflow is started from a pack that comes with the binary.

use naryad::cli::packs;
use naryad::domain::person::Role;
use naryad::http::Settings;
use serde_json::{Value, json};

use super::Site;

fn site() -> Site {
    Site::with(Settings { packs: packs::ready().unwrap().into(), ..Settings::default() }, None)
}

/// A client of which nothing is published.
fn blank(site: &Site, token: &str) -> String {
    let client = json!({ "key": "fresh", "name": "Fresh", "prefix": "FRE", "colour": "#2f6f4f", "language": "en",
        "is_active": true });
    site.post(token, "/api/v1/clients", &client).ok()["id"].as_str().unwrap().to_owned()
}

#[test]
fn each_pack_becomes_a_draft_that_can_be_published() {
    let site = site();
    let admin = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let client = blank(&site, &admin);
    let at = |rest: &str| format!("/api/v1/clients/{client}/workflow{rest}");
    let listed = site.get(&admin, &at("/packs")).ok();
    let lines = listed["packs"].as_array().unwrap();
    let names: Vec<&str> = lines.iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names, packs::names());
    let line = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap();
    assert_eq!(line("atm-service")["plugins"], json!(["parts-stock"]));
    assert_eq!(line("atm-service")["partners"], json!(["local-service"]));
    assert_eq!(line("retail-first-line")["certificates"], json!(["retail-attestation"]));
    assert_eq!(line("sfa-support")["holidays"], json!(["am-2026"]));
    let (mut replaces, mut replaces_tests) = (Value::Null, Value::Null);
    for line in lines {
        for language in ["en", "ru"] {
            assert!(line["about"][language].is_string(), "{line}");
        }
        assert!(!line["tests"].as_array().unwrap().is_empty(), "{line}");
        let start = json!({ "pack": line["name"], "replaces": replaces, "replaces_tests": replaces_tests });
        site.post(&admin, &at("/start"), &start).ok();
        let page = site.get(&admin, &at("")).ok();
        assert_eq!(page["published"], Value::Null);
        let draft = &page["draft"];
        let texts = json!({ "script": draft["script"], "settings": draft["settings"] });
        let found = site.post(&admin, &at("/check"), &texts).ok();
        // Nobody works for the client yet, which is told and no hindrance.
        let findings = found["findings"].as_array().unwrap();
        assert!(findings.iter().all(|one| one["severity"] == "warning"), "{}: {findings:?}", line["name"]);
        assert!(findings.iter().any(|one| one["code"] == "queues_of_nobody"), "{}", line["name"]);
        // Its tests come along, no others stay, and all pass as the browser runs them.
        let kept = site.get(&admin, &at("/tests")).ok();
        let files: Vec<&String> = kept["tests"].as_object().unwrap().keys().collect();
        assert_eq!(json!(files), line["tests"]);
        let report = site.post(&admin, &at("/tests/run"), &texts).ok();
        assert_eq!(report["problems"], json!([]), "{}", line["name"]);
        let ran = report["tests"].as_array().unwrap();
        assert!(!ran.is_empty() && ran.iter().all(|test| test["outcome"] == "passed"), "{}", line["name"]);
        (replaces, replaces_tests) = (draft["saved_at"].clone(), kept["saved_at"].clone());
        site.desk.pass(naryad::domain::Span::minutes(1));
    }
    site.post(&admin, &at("/publish"), &json!({ "message": "The first" })).ok();
    assert_eq!(site.get(&admin, &at("")).ok()["published"]["ordinal"], 1);
}

#[test]
fn a_draft_that_was_not_seen_stays() {
    let site = site();
    let admin = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let client = blank(&site, &admin);
    let start = |body: &Value| site.post(&admin, &format!("/api/v1/clients/{client}/workflow/start"), body);
    let fault = start(&json!({ "pack": "it-deks" })).refused(422, "unknown_key");
    assert_eq!(fault["values"]["nearest"], "it-desk");
    start(&json!({ "pack": "it-desk", "replaces": "2026-01-01T00:00:00Z" })).refused(409, "draft_changed");
    start(&json!({ "pack": "it-desk" })).ok();
    start(&json!({ "pack": "atm-service" })).refused(409, "draft_changed");
    let saved_at =
        site.get(&admin, &format!("/api/v1/clients/{client}/workflow")).ok()["draft"]["saved_at"].clone();
    // The tests were not seen.
    start(&json!({ "pack": "atm-service", "replaces": saved_at })).refused(409, "draft_changed");
    let page = site.get(&admin, &format!("/api/v1/clients/{client}/workflow")).ok();
    assert!(page["draft"]["settings"].as_str().unwrap().contains("key = \"it-desk\""));
    let operator = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    for refused in [
        site.get(&operator, &format!("/api/v1/clients/{client}/workflow/packs")),
        site.post(
            &operator,
            &format!("/api/v1/clients/{client}/workflow/start"),
            &json!({ "pack": "it-desk" }),
        ),
    ] {
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
}
