//! Script tests over HTTP: kept, run and written by who administers the client; and why a run did not do something.

use naryad::domain::ClientId;
use naryad::domain::person::Role;
use serde_json::json;

use super::Site;
use crate::helpers::SETTINGS;

const SCRIPT: &str = r#"
fn on_opened(ticket) {
    if ticket.urgent { ticket.queue("dispatchers"); }
    else { ticket.queue("commercial"); }
}"#;
const TESTS: &str = r#"
fn test_passes() { assert_eq(open(#{ subject: "x" }).queue, "commercial"); }
fn test_fails() {
    let ticket = open(#{ subject: "x" });
    assert_eq(ticket.queue, "dispatchers");
}"#;

fn way(client: ClientId, rest: &str) -> String {
    format!("/api/v1/clients/{client}/workflow/tests{rest}")
}

#[test]
fn tests_are_kept_beside_the_draft_and_run_against_texts_that_are_not_saved() {
    let site = Site::new();
    let client = site.desk.client("bank", "");
    let token = site.token(site.desk.somebody("anna", Role::Administrator, Some(client)).id);
    assert_eq!(site.get(&token, &way(client, "")).json(), json!({ "tests": {}, "saved_at": null }));
    let tests = json!({ "tests": { "tests/some.rhai": TESTS } });
    site.post(&token, &way(client, ""), &tests).ok();
    assert_eq!(site.get(&token, &way(client, "")).json()["tests"], tests["tests"]);
    let report =
        site.post(&token, &way(client, "/run"), &json!({ "script": SCRIPT, "settings": SETTINGS })).json();
    assert_eq!(report["problems"], json!([]), "{report}");
    let outcomes: Vec<&str> =
        report["tests"].as_array().unwrap().iter().map(|test| test["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["passed", "failed"]);
    let failed = &report["tests"][1]["failed"];
    assert_eq!(
        (&failed["line"], &failed["expected"], &failed["actual"]),
        (&json!(5), &json!("\"dispatchers\""), &json!("\"commercial\""))
    );
    assert_eq!(report["coverage"]["branches"], json!({ "covered": 1, "total": 2, "percent": 50 }));
    let sent = json!({ "script": "fn on_opend(ticket) {}", "settings": SETTINGS, "tests": { "tests/a.rhai": TESTS } });
    let report = site.post(&token, &way(client, "/run"), &sent).json();
    assert_eq!(report["problems"][0]["file"], "workflow.rhai", "{report}");
    let bad = json!({ "tests": { "../etc/passwd": "" } });
    assert_eq!(site.post(&token, &way(client, ""), &bad).status, 422);
    let operator = site.token(site.desk.somebody("boris", Role::Operator, Some(client)).id);
    assert!(matches!(site.get(&operator, &way(client, "")).status, 403 | 404));
    assert!(matches!(site.post(&operator, &way(client, ""), &tests).status, 403 | 404));
    assert!(matches!(site.post(&operator, &way(client, "/run"), &sent).status, 403 | 404));
}

#[test]
fn a_test_is_written_from_a_ticket_and_a_run_says_why_not() {
    let site = Site::new();
    let client = site.desk.client("bank", SCRIPT);
    let token = site.token(site.desk.somebody("anna", Role::Administrator, Some(client)).id);
    let ticket = site.desk.opens(client, "a fault");
    let written = site.get(&token, &format!("/api/v1/tickets/{ticket}/script-test")).json();
    assert_eq!(written["is_proven"], true, "{written}");
    assert!(
        written["text"].as_str().unwrap().contains("assert_eq(ticket.queue, \"commercial\");"),
        "{written}"
    );
    let run = site.desk.runs(ticket)[0].id;
    let outcomes = site.get(&token, &format!("/api/v1/runs/{run}/outcomes")).json();
    assert_eq!(
        outcomes["outcomes"][1],
        json!({ "key": "queue dispatchers", "call": "queue", "target": "dispatchers" })
    );
    let answer = site.get(&token, &format!("/api/v1/runs/{run}/why-not?outcome=queue%20dispatchers")).json();
    assert_eq!(answer["places"][0]["verdict"]["verdict"], "stopped", "{answer}");
    assert_eq!(answer["places"][0]["conditions"][0]["condition"], "ticket.urgent", "{answer}");
    assert_eq!(site.get(&token, &format!("/api/v1/runs/{run}/why-not?outcome=nothing")).status, 404);
    let operator = site.token(site.desk.somebody("boris", Role::Operator, Some(client)).id);
    assert!(matches!(
        site.get(&operator, &format!("/api/v1/tickets/{ticket}/script-test")).status,
        403 | 404
    ));
    assert_eq!(site.get(&token, "/api/v1/tickets/7/script-test").status, 404);
}
