//! Back-tests over HTTP: started, watched, looked through, by who administers the client and nobody else.

use std::time::{Duration, Instant};

use naryad::domain::person::Role;
use naryad::domain::{ClientId, Span};
use serde_json::{Value, json};

use super::Site;
use crate::helpers::SETTINGS;

/// How long a back-test of a few tickets may take on a busy machine.
const END_TIME_MAX: Duration = Duration::from_secs(60);

fn way(client: ClientId, rest: &str) -> String {
    format!("/api/v1/clients/{client}/workflow/backtest{rest}")
}

/// Asks until it has ended.
fn ended(site: &Site, token: &str, client: ClientId) -> Value {
    let began = Instant::now();
    loop {
        let page = site.get(token, &way(client, "")).json()["last"].clone();
        if page["state"] != "running" {
            return page;
        }
        assert!(began.elapsed() < END_TIME_MAX, "{page}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_draft_is_tried_and_its_tickets_are_looked_at_side_by_side() {
    let site = Site::new();
    let client = site.desk.client("bank", r#"fn on_opened(ticket) { ticket.queue("dispatchers"); }"#);
    let administrator = site.desk.somebody("anna", Role::Administrator, Some(client));
    let token = site.token(administrator.id);
    assert_eq!(site.get(&token, &way(client, "")).ok(), json!({ "last": null }));
    let from = site.desk.now();
    let tickets = [site.desk.opens(client, "printer"), site.desk.opens(client, "scanner")];
    site.desk.pass(Span::hours(1));
    let window = json!({ "from": from, "to": site.desk.now() });
    site.post(&token, &way(client, ""), &window).ok();
    let page = ended(&site, &token, client);
    assert_eq!(page["state"], "failed", "{page}");
    assert!(page["failure"].as_str().unwrap().contains("there is no draft"), "{page}");
    let draft =
        json!({ "script": r#"fn on_opened(ticket) { ticket.queue("commercial"); }"#, "settings": SETTINGS });
    site.post(&token, &format!("/api/v1/clients/{client}/workflow/draft"), &draft).ok();
    site.post(&token, &way(client, ""), &window).ok();
    let page = ended(&site, &token, client);
    assert_eq!((&page["state"], &page["report"]["totals"]["route"]), (&json!("done"), &json!(2)), "{page}");
    assert_eq!(page["report"]["tickets"], json!([]));
    let first = site.get(&token, &way(client, "/tickets?limit=1&kind=route")).json();
    assert_eq!(first["items"][0]["ticket"], tickets[0].to_string());
    assert_eq!(first["items"][0]["draft"]["queues"], json!(["support", "commercial"]));
    let next = first["next"].as_str().unwrap();
    let second = site.get(&token, &way(client, &format!("/tickets?limit=1&kind=route&cursor={next}"))).json();
    assert_eq!(
        (&second["items"][0]["ticket"], &second["next"]),
        (&json!(tickets[1].to_string()), &Value::Null)
    );
    assert_eq!(site.get(&token, &way(client, "/tickets?kind=tasks")).json()["items"], json!([]));
    let both = site.get(&token, &way(client, &format!("/tickets/{}", tickets[0]))).json();
    for (side, queue) in [("published", "dispatchers"), ("draft", "commercial")] {
        let events = both[side].as_array().unwrap();
        let queued = events.iter().find(|event| event["type"] == "ticket_queued").unwrap();
        assert_eq!(queued["body"]["to"], queue, "{side}");
    }
    assert_eq!(site.get(&token, &way(client, "/tickets/7")).status, 404);
    assert_eq!(site.post(&token, &way(client, "/cancel"), &json!({})).json()["state"], "done");
    let operator = site.token(site.desk.somebody("boris", Role::Operator, Some(client)).id);
    for rest in ["", "/tickets"] {
        assert!(matches!(site.get(&operator, &way(client, rest)).status, 403 | 404), "{rest}");
    }
    assert!(matches!(site.post(&operator, &way(client, ""), &window).status, 403 | 404));
}

#[test]
fn what_cannot_be_started_says_why() {
    let site = Site::new();
    let client = site.desk.client("bank", "");
    let token = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let (from, to) = (site.desk.now(), site.desk.now() + Span::hours(1));
    let half = json!({ "from": from, "to": to, "script": "" });
    assert_eq!(site.post(&token, &way(client, ""), &half).status, 422);
    assert!(matches!(site.post(&token, &way(client, ""), &json!({ "from": from })).status, 400 | 422));
    let whole = json!({ "from": from, "to": to, "script": "", "settings": SETTINGS });
    site.post(&token, &way(client, ""), &whole).ok();
    let page = ended(&site, &token, client);
    assert!(page["failure"].as_str().unwrap().contains("has not come yet"), "{page}");
    assert_eq!(site.get(&token, &way(client, "/tickets")).status, 404);
}

#[test]
fn a_back_test_says_which_texts_it_tried_and_what_came_before_it() {
    let site = Site::new();
    let client = site.desk.client("bank", r#"fn on_opened(ticket) { ticket.queue("dispatchers"); }"#);
    let token = site.token(site.desk.somebody("anna", Role::Administrator, Some(client)).id);
    let before = site.desk.now();
    let empty = site.get(&token, &way(client, "/window")).json();
    assert_eq!((&empty["tickets"], &empty["first_at"]), (&json!(0), &Value::Null));
    site.desk.pass(Span::minutes(5));
    let first_at = site.desk.now();
    let ticket = site.desk.opens(client, "printer");
    site.desk.pass(Span::hours(1));
    site.desk.opens(client, "scanner");
    site.desk.pass(Span::hours(1));
    let to = site.desk.now();
    let all = site.get(&token, &way(client, "/window")).json();
    assert_eq!(
        (&all["tickets"], &all["commands"], &all["is_cut"]),
        (&json!(2), &json!(2), &json!(false)),
        "{all}"
    );
    assert_eq!(all["first_at"], json!(first_at), "{all}");
    let path = format!("/window?from={before}&to={}", first_at + Span::minutes(1));
    assert_eq!(site.get(&token, &way(client, &path)).json()["tickets"], 1);
    let texts =
        json!({ "script": r#"fn on_opened(ticket) { ticket.queue("commercial"); }"#, "settings": SETTINGS });
    let check = |texts: &Value| {
        let path = format!("/api/v1/clients/{client}/workflow/check");
        site.post(&token, &path, texts).json()["digest"].as_str().unwrap().to_owned()
    };
    site.post(&token, &format!("/api/v1/clients/{client}/workflow/draft"), &texts).ok();
    let window = json!({ "from": before, "to": to });
    site.post(&token, &way(client, ""), &window).ok();
    let first = ended(&site, &token, client);
    assert_eq!(first["tried"]["digest"], check(&texts), "{first}");
    assert_eq!(first["earlier"], json!([]));
    let named = site.get(&token, &way(client, "/tickets?limit=1")).json();
    assert_eq!(named["items"][0]["ticket"], ticket.to_string());
    assert_eq!(named["items"][0]["called"], json!({ "number": "BANK-1", "subject": "printer" }));
    let file = site.get(&token, &way(client, "/report")).json();
    assert_eq!(file["tickets"].as_array().unwrap().len(), 2);
    assert_eq!(file["timelines"][0]["draft"][0]["type"], "ticket_opened");
    let same =
        json!({ "script": r#"fn on_opened(ticket) { ticket.queue("dispatchers"); }"#, "settings": SETTINGS });
    let mut other = same.clone();
    other["from"] = json!(before);
    other["to"] = json!(to);
    site.post(&token, &way(client, ""), &other).ok();
    let second = ended(&site, &token, client);
    assert_eq!((&second["state"], &second["report"]["totals"]["tickets"]), (&json!("done"), &json!(0)));
    assert_eq!(second["tried"]["digest"], check(&same));
    assert_ne!(second["tried"]["digest"], first["tried"]["digest"]);
    assert_eq!(second["tried"]["published"], first["tried"]["published"]);
    let earlier = &second["earlier"][0];
    assert_eq!((&earlier["state"], &earlier["differing"]), (&json!("done"), &json!(2)), "{earlier}");
    assert_eq!(earlier["tried"], first["tried"]);
    let operator = site.token(site.desk.somebody("boris", Role::Operator, Some(client)).id);
    for rest in ["/window", "/report"] {
        assert!(matches!(site.get(&operator, &way(client, rest)).status, 403 | 404), "{rest}");
    }
}

#[test]
fn a_back_test_says_which_errors_the_scripts_made() {
    let site = Site::new();
    let client = site.desk.client("bank", "fn on_opened(ticket) {\n    throw \"not today\";\n}");
    let token = site.token(site.desk.somebody("anna", Role::Administrator, Some(client)).id);
    let from = site.desk.now();
    site.desk.pass(Span::minutes(5));
    let tickets: Vec<String> =
        ["printer", "scanner"].map(|subject| site.desk.opens(client, subject).to_string()).into();
    site.desk.pass(Span::hours(1));
    // The same error two lines below, and one that only the draft makes, of a command that the desk refuses.
    let script = "fn on_opened(ticket) {\n    if ticket.subject == \"scanner\" { ticket.reopen(\"x\"); return; }\n\n    \
                  throw \"not today\";\n}";
    let texts = json!({ "script": script, "settings": SETTINGS, "from": from, "to": site.desk.now() });
    site.post(&token, &way(client, ""), &texts).ok();
    let report = ended(&site, &token, client)["report"].clone();
    assert_eq!(
        (&report["published"]["script_errors"], &report["draft"]["script_errors"]),
        (&json!(2), &json!(2))
    );
    let thrown = &report["errors"][0];
    assert_eq!(thrown["message"], "the script threw: not today", "{report}");
    assert_eq!(thrown["handler"], "on_opened");
    let place = |side: &str| (thrown[side]["count"].clone(), thrown[side]["line"].clone());
    assert_eq!(
        (place("published"), place("draft")),
        ((json!(2), json!(2)), (json!(1), json!(4))),
        "{thrown}"
    );
    assert_eq!(
        thrown["tickets"],
        json!([{ "ticket": tickets[0], "number": 1 }, { "ticket": tickets[1], "number": 2 }])
    );
    let refused = &report["errors"][1];
    let counts = (&refused["published"]["count"], &refused["draft"]["count"], &refused["draft"]["line"]);
    assert_eq!(counts, (&json!(0), &json!(1), &json!(2)), "{report}");
    assert_eq!(refused["tickets"][0]["number"], 2, "{report}");
    assert_eq!(report["errors"].as_array().unwrap().len(), 2);
    let file = site.get(&token, &way(client, "/report")).json();
    assert_eq!(file["errors"], report["errors"]);
}
