//! What stands around the API: the document, the reference page, the UI's page, health, numbers, headers.

use naryad::domain::person::Role;
use naryad::http::{Settings, router};

use super::Site;

#[test]
fn the_document_names_every_route_and_every_shape() {
    let site = Site::new();
    let document = site.ask("GET", "/api/openapi.json").send().ok();
    for (method, path) in router::operations() {
        let operation = &document["paths"][format!("/api/v1{path}")][method];
        assert!(
            operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')),
            "{method} {path}"
        );
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut references = Vec::new();
    gather(&document, &mut references);
    assert!(references.len() > 200, "{}", references.len());
    for name in references {
        assert!(schemas.contains_key(&name), "the document refers to {name} and does not say what it is");
    }
    assert!(!document.to_string().contains("Several"), "queries are described by their values");
}

fn gather(value: &serde_json::Value, references: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(to) if name == "$ref" => references.push(to.rsplit('/').next().unwrap().to_owned()),
                    _ => gather(value, references),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| gather(value, references)),
        _ => {}
    }
}

#[test]
fn every_page_forbids_what_is_inline_or_from_elsewhere() {
    let site = Site::new();
    for path in ["/", "/tickets/ACME-1", "/api", "/api/v1/setup", "/nothing.js", "/api/v1/nothing"] {
        let answer = site.ask("GET", path).send();
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
    }
    let reference = site.ask("GET", "/api").send().text();
    assert!(reference.contains("/api/v1/tickets/{id}/assign") && !reference.contains("<script"));
    assert!(!reference.contains("style="), "no inline style either");
    assert_eq!(site.ask("GET", "/api/v1/setup").send().header("cache-control"), Some("no-store"));
}

#[test]
fn the_ui_is_served_and_a_missing_file_is_not_the_page() {
    let site = Site::new();
    let page = site.ask("GET", "/").send();
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-cache")));
    let html = page.text();
    assert_eq!(site.ask("GET", "/clients/7/workflow").send().text(), html, "deep links get the page");
    site.ask("GET", "/assets/nothing-1234.js").send().refused(404, "no_such_route");
    site.ask("GET", "/../Cargo.toml").send().refused(404, "no_such_route");
    if let Some(script) = html.split("src=\"./assets/").nth(1).and_then(|rest| rest.split('"').next()) {
        let script = site.ask("GET", &format!("/assets/{script}")).send();
        assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert!(script.header("cache-control").unwrap().contains("immutable"));
    }
}

#[test]
fn the_token_of_the_settings_opens_the_metrics_and_nothing_else() {
    const TOKEN: &str = "a-token-for-prometheus";
    let settings = Settings { metrics_token: Some(TOKEN.to_owned()), ..Settings::default() };
    let site = Site::with(settings, None);
    site.ask("GET", "/metrics").send().refused(401, "not_logged_in");
    site.get("a-token-for-prometheuz", "/metrics").refused(401, "bad_token");
    assert_eq!(site.get(TOKEN, "/metrics").status, 200);
    site.get(TOKEN, "/api/v1/session").refused(401, "bad_token");
}

#[test]
fn health_and_numbers_are_told_to_who_may_know() {
    let site = Site::new();
    assert_eq!(site.ask("GET", "/healthz").send().text(), "ok");
    let ready = site.ask("GET", "/readyz").send().ok();
    assert_eq!((&ready["database"], &ready["writer"]), (&true.into(), &true.into()));
    let metrics = || site.ask("GET", "/metrics");
    metrics().send().refused(401, "not_logged_in");
    let operator = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    metrics().token(&operator).send().refused(403, "forbidden");
    metrics().token("").send().refused(401, "bad_token");
    let administrator = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let numbers = metrics().token(&administrator).send();
    assert_eq!(numbers.status, 200);
    for name in
        ["naryad_http_answers_total{class=\"4xx\"} ", "naryad_writer_is_running 1", "naryad_last_event_seq 0"]
    {
        assert!(numbers.text().contains(name), "{name} in {}", numbers.text());
    }
    site.desk.desk.stop();
    assert_eq!(site.ask("GET", "/readyz").send().status, 503);
}
