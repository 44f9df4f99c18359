//! Shadows, rates and script metrics over HTTP, for who administers the client and nobody else.

use naryad::domain::ClientId;
use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::Site;
use crate::helpers::SETTINGS;

fn way(client: ClientId, rest: &str) -> String {
    format!("/api/v1/clients/{client}/workflow{rest}")
}

const SCRIPT: &str =
    r#"fn on_opened(ticket) { ticket.queue("dispatchers"); if ticket.subject == "x" { throw "x"; } }"#;

#[test]
fn a_shadow_is_started_watched_paged_through_and_stopped() {
    let site = Site::new();
    let client = site.desk.client("bank", SCRIPT);
    let anna = site.desk.somebody("anna", Role::Administrator, Some(client));
    let token = site.token(anna.id);
    site.get(&token, &way(client, "/shadow")).refused(404, "not_found");
    assert_eq!(site.get(&token, &way(client, "/shadow/differences")).ok()["items"], json!([]));
    let draft = json!({ "script": SCRIPT.replace("dispatchers", "commercial"), "settings": SETTINGS });
    site.post(&token, &way(client, "/draft"), &draft).ok();
    site.post(&token, &way(client, "/shadow"), &json!({ "hours": 400 })).refused(422, "invalid");
    site.post(&token, &way(client, "/shadow"), &json!({ "hours": 2 })).ok();
    site.post(&token, &way(client, "/shadow"), &json!({ "hours": 2 })).refused(409, "shadow_runs");
    let tickets = ["one", "two", "three"].map(|subject| site.desk.opens(client, subject));

    let page = site.get(&token, &way(client, "/shadow")).ok();
    assert_eq!(
        (&page["version"], &page["author"], &page["ended_at"]),
        (&json!(1), &json!("anna"), &Value::Null)
    );
    assert_eq!((&page["counts"]["runs"], &page["counts"]["different"]), (&json!(3), &json!(3)));
    let first = site.get(&token, &way(client, "/shadow/differences?limit=2")).ok();
    let next = first["next"].as_str().unwrap();
    let rest = site.get(&token, &way(client, &format!("/shadow/differences?limit=2&cursor={next}"))).ok();
    let items: Vec<&Value> =
        [&first, &rest].into_iter().flat_map(|list| list["items"].as_array().unwrap()).collect();
    let named: Vec<&str> = items.iter().map(|item| item["ticket"].as_str().unwrap()).collect();
    assert_eq!(named, [tickets[2], tickets[1], tickets[0]].map(|id| id.to_string()));
    assert_eq!((&items[2]["number"], &items[2]["handler"]), (&json!("BANK-1"), &json!("on_opened")));
    assert_eq!(items[2]["draft"]["commands"][0]["command"]["queue"], "commercial");
    assert_eq!(items[2]["published"]["commands"][0]["command"]["queue"], "dispatchers");
    let run = items[2]["run"].as_str().unwrap();
    assert_eq!(site.get(&token, &format!("/api/v1/runs/{run}")).ok()["handler"], "on_opened");

    site.post(&token, &way(client, "/shadow/stop"), &json!({})).ok();
    assert_eq!(site.get(&token, &way(client, "/shadow")).ok()["ending"], "stopped");
}

#[test]
fn nobody_but_who_administers_the_client_meets_its_shadow_or_its_rates() {
    let site = Site::new();
    let (client, other) = (site.desk.client("bank", SCRIPT), site.desk.client("shop", ""));
    let draft = json!({ "script": "", "settings": SETTINGS });
    let anna = site.token(site.desk.somebody("anna", Role::Administrator, Some(client)).id);
    site.post(&anna, &way(client, "/draft"), &draft).ok();
    site.post(&anna, &way(client, "/shadow"), &json!({ "hours": 2 })).ok();
    site.desk.opens(client, "one");
    for (login, role, of, status, code) in [
        ("olga", Role::Administrator, other, 404, "not_found"),
        ("boris", Role::Operator, client, 403, "forbidden"),
        ("petrov", Role::ClientContact, client, 403, "forbidden"),
        ("sidorov", Role::ClientContact, other, 404, "not_found"),
    ] {
        let stranger = site.token(site.desk.somebody(login, role, Some(of)).id);
        for path in ["/shadow", "/shadow/differences", "/rates"] {
            site.get(&stranger, &way(client, path)).refused(status, code);
        }
        for (path, body) in [("/shadow", json!({ "hours": 1 })), ("/shadow/stop", json!({}))] {
            assert!(site.post(&stranger, &way(client, path), &body).status >= 400, "{role:?} {path}");
        }
    }
    assert_eq!(site.get(&anna, &way(client, "/shadow")).ok()["counts"]["different"], 1);
}

#[test]
fn rates_and_metrics_count_runs_by_handler_and_by_client() {
    let site = Site::new();
    let client = site.desk.client("bank", SCRIPT);
    site.desk.client("idle", "");
    let token = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let count = |subject, times| {
        for _ in 0..times {
            site.desk.opens(client, subject);
        }
    };
    count("fine", 3);
    site.desk.pass(naryad::domain::Span::hours(2));
    count("x", 2);
    site.desk.pass(naryad::domain::Span::minutes(10));
    count("fine", 1);
    let rates = site.get(&token, &way(client, "/rates")).ok();
    let expected = json!([{
        "handler": "on_opened",
        "hour": { "runs": 3, "failures": 2 }, "day": { "runs": 6, "failures": 2 }, "month": { "runs": 6, "failures": 2 },
    }]);
    assert_eq!(rates["items"], expected);
    site.desk.pass(naryad::domain::Span::days(2));
    let rates = site.get(&token, &way(client, "/rates")).ok();
    assert_eq!(
        (&rates["items"][0]["day"]["runs"], &rates["items"][0]["month"]["runs"]),
        (&json!(0), &json!(6))
    );

    let metrics = site.get(&token, "/metrics").text();
    for line in [
        "naryad_script_runs_total{client=\"bank\",state=\"applied\"} 4",
        "naryad_script_runs_total{client=\"bank\",state=\"failed\"} 2",
        "naryad_script_commands_total{client=\"bank\"} 4",
        "naryad_script_commands_refused_total{client=\"bank\"} 0",
        "naryad_script_run_seconds_count{client=\"bank\"} 6",
    ] {
        assert!(metrics.lines().any(|own| own == line), "{line} in\n{metrics}");
    }
    assert!(!metrics.contains("client=\"idle\""), "who has run nothing has no line");
}
