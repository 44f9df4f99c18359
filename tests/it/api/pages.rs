//! What a ticket's page holds, and the pages around it.

use naryad::domain::Span;
use naryad::domain::person::Role;
use serde_json::json;

use super::{Site, id};

const SCRIPT: &str = r#"
fn on_opened(ticket) {
    if ticket.subject.contains("broken") {
        ticket.category = "vandalism";
    }
}
"#;

#[test]
fn a_page_holds_the_ticket_its_story_and_its_clocks() {
    let site = Site::new();
    let client = site.desk.client("acme", SCRIPT);
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let token = site.token(operator.id);
    let opened = json!({ "client": client.to_string(), "subject": "the window is broken", "description": "since monday", "fields": { "floor": 3, "access_code": "1234" } });
    let done = site.post(&token, "/api/v1/tickets", &opened).ok();
    operator.replies(id(&done["id"]).parse().unwrap(), "on our way").unwrap();
    site.desk.pass(Span::minutes(5));

    let page = site.get(&token, "/api/v1/tickets/ACME-1").ok();
    let ticket = &page["ticket"];
    assert_eq!(ticket["id"], done["id"]);
    assert_eq!((&ticket["number"], &ticket["subject"]), (&"ACME-1".into(), &"the window is broken".into()));
    assert_eq!((&ticket["description"], &ticket["category"]), (&"since monday".into(), &"vandalism".into()));
    assert_eq!(ticket["fields"]["floor"], json!({ "kind": "number", "value": 3.0 }));
    assert_eq!(ticket["fields"]["access_code"], json!({ "kind": "text", "value": "1234" }));
    let story: Vec<&str> =
        page["timeline"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(&story[..2], ["ticket_opened", "category_changed"]);
    let opening = &page["timeline"][0];
    assert_eq!(opening["actor"]["name"], "olga");
    assert!(opening["texts"].as_object().unwrap().values().any(|words| words == "since monday"), "{opening}");
    let by_script = &page["timeline"][1];
    assert_eq!(by_script["actor"]["kind"], "script");
    let run = id(&by_script["run"]);
    assert_eq!(page["runs"][0]["id"], run);
    assert_eq!(page["runs"][0]["handler"], "on_opened");
    let trace = site.get(&token, &format!("/api/v1/runs/{run}/explain")).ok();
    assert_eq!((&trace["handler"], &trace["failure"]), (&"on_opened".into(), &json!(null)));
    let branch = trace["steps"].as_array().unwrap().iter().find(|step| step["type"] == "branch").unwrap();
    assert_eq!((&branch["line"], &branch["is_taken"]), (&3.into(), &true.into()), "{trace}");
    assert!(trace["asked"].to_string().contains("vandalism"), "{trace}");
    let run = site.get(&token, &format!("/api/v1/runs/{run}")).ok();
    assert_eq!(run["state"], "applied");
    assert!(run["commands"].to_string().contains("vandalism"), "{run}");
    assert_eq!(page["context"]["client"]["name"], "acme");
    assert_eq!(page["may"]["work"], true);
    for clock in page["clocks"].as_array().unwrap() {
        assert!(clock["limit"].as_i64().unwrap() > 0 && clock["used"].as_i64().is_some(), "{clock}");
    }
    let before = page["timeline"].as_array().unwrap().len();
    let timeline = site.get(&token, &format!("/api/v1/tickets/{}/timeline?limit=2", id(&done["id"]))).ok();
    assert_eq!(timeline["items"][1]["id"], page["timeline"][before - 1]["id"]);
    assert!(timeline["next"].is_string());
}

#[test]
fn a_draft_waits_for_its_author_alone() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let ticket = site.desk.opens(client, "x");
    let (olga, boris) =
        (site.desk.somebody("olga", Role::Operator, None), site.desk.somebody("boris", Role::Operator, None));
    let (olga, boris) = (site.token(olga.id), site.token(boris.id));
    let path = format!("/api/v1/tickets/{ticket}/draft");
    let put = |token: &str, body: &str| {
        site.ask("PUT", &path).token(token).json(&json!({ "body": body, "visibility": "internal" })).send()
    };
    assert_eq!(put(&olga, "half a word").status, 204);
    let draft = site.get(&olga, &path).ok();
    assert_eq!(
        (&draft["draft"]["body"], &draft["draft"]["visibility"]),
        (&"half a word".into(), &"internal".into())
    );
    assert_eq!(site.get(&boris, &path).ok(), json!({ "draft": null }));
    assert_eq!(put(&olga, "").status, 204);
    assert_eq!(site.get(&olga, &path).ok(), json!({ "draft": null }));
    put(&olga, &"x".repeat(64 * 1024 + 1)).refused(422, "too_long");
}

#[test]
fn a_workflow_is_checked_saved_published_and_rolled_back() {
    let site = Site::new();
    let client = site.desk.client("acme", SCRIPT);
    let token = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let path = format!("/api/v1/clients/{client}/workflow");
    let page = site.get(&token, &path).ok();
    assert_eq!(page["published"]["ordinal"], 1);
    let settings = page["settings"].as_str().unwrap();
    let texts = |script: &str| json!({ "script": script, "settings": settings });
    let broken = site
        .post(&token, &format!("{path}/check"), &texts("fn on_opened(ticket) {\n  ticket.status = ;\n}"))
        .ok();
    assert_eq!(
        (&broken["findings"][0]["file"], &broken["findings"][0]["line"]),
        (&"workflow.rhai".into(), &2.into())
    );
    let toml = json!({ "script": "", "settings": "key = 7" });
    let toml = site.post(&token, &format!("{path}/check"), &toml).ok();
    assert_eq!(toml["findings"][0]["file"], "client.toml");
    let fine = "fn on_opened(ticket) { ticket.category = \"receipt_jam\"; }";
    let told = site.post(&token, &format!("{path}/check"), &texts(fine)).ok();
    let codes: Vec<_> = told["findings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["queues_of_nobody"], "told, and no hindrance");
    let references = site.get(&token, &format!("{path}/references")).ok();
    assert_eq!(references["findings"][0]["code"], "queues_of_nobody");
    site.post(&token, &format!("{path}/draft"), &texts("fn on_opened(ticket) { ticket.status = ; }")).ok();
    site.post(&token, &format!("{path}/publish"), &json!({ "message": "broken" }))
        .refused(422, "workflow_has_errors");
    site.post(&token, &format!("{path}/draft"), &texts(fine)).ok();
    assert_eq!(site.get(&token, &path).ok()["draft"]["script"], fine);
    site.post(&token, &format!("{path}/publish"), &json!({ "message": "jams" })).ok();
    let versions = site.get(&token, &format!("{path}/versions")).ok();
    let ordinals: Vec<i64> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["ordinal"].as_i64().unwrap())
        .collect();
    assert_eq!(ordinals, [2, 1]);
    assert_eq!(
        (&versions["items"][0]["author"], &versions["items"][0]["is_published"]),
        (&"anna".into(), &true.into())
    );
    let first = id(&versions["items"][1]["id"]);
    assert_eq!(site.get(&token, &format!("{path}/versions/{first}")).ok()["script"], SCRIPT);
    site.post(&token, &format!("{path}/roll-back"), &json!({ "to": first, "message": "back" })).ok();
    assert_eq!(site.get(&token, &path).ok()["script"], SCRIPT);
}

#[test]
fn candidates_come_ranked_and_each_with_its_reason() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let ticket = site.desk.opens(client, "x");
    site.desk.engineer("near", 1, "Almaty");
    site.desk.engineer("expert", 2, "Almaty");
    site.desk.engineer("far", 1, "Astana");
    let token = site.token(site.desk.somebody("dina", Role::Dispatcher, None).id);
    let found = site.get(&token, &format!("/api/v1/tickets/{ticket}/candidates?city=almaty&grade=1")).ok();
    let lines: Vec<(String, String)> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (line["person"]["name"].as_str().unwrap().to_owned(), line["rejection"]["why"].to_string())
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("near".to_owned(), "null".to_owned()),
            ("expert".to_owned(), "\"outranked\"".to_owned()),
            ("far".to_owned(), "\"other_city\"".to_owned())
        ]
    );
    assert_eq!((&found["items"][1]["rank"], &found["items"][2]["rank"]), (&2.into(), &json!(null)));
}
