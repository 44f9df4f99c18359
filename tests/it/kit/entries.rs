//! Fixtures by every entry of a plugin, with what is kept before and after, files, and the clock.

use serde_json::{Value, json};

use super::{KNOWN, Workbench, kit_in, plugins, with};

/// HMAC-SHA256 of `{"id":"D-1"}` under the value that the kit makes up for `hook_key`.
const SIGNATURE: &str = "ceaeb8c150eeb4253582905e5c2fd1b24cbb7158c74466dca30b219ce8ca8840";
const FIXTURE: &str = "fixtures/entry.json";

/// The bomb, which has all entries, with one fixture.
fn bench(fixture: &Value) -> Workbench {
    let bench = Workbench::empty();
    std::fs::create_dir(bench.path("fixtures")).unwrap();
    std::fs::copy(plugins().join("bomb/plugin.toml"), bench.path("plugin.toml")).unwrap();
    std::fs::copy(plugins().join("built/bomb.wasm"), bench.path("bomb.wasm")).unwrap();
    bench.write(FIXTURE, fixture.to_string());
    bench
}

/// The fixture as `--record` completes it, after it was played once as it stands then.
#[track_caller]
fn recorded(fixture: &Value) -> (Workbench, Value) {
    let bench = bench(fixture);
    bench.does(&["test", "--record"]);
    let out = bench.does(&["test"]);
    assert!(out.ends_with("1 passed, 0 failed\n"), "{out}");
    let recorded = bench.fixture(FIXTURE);
    (bench, recorded)
}

fn event() -> Value {
    json!({
        "schema": 1, "seq": 7, "at": 1_767_225_600_000_i64, "kind": "ticket_opened", "origin": "desk",
        "visibility": "public", "actor": { "kind": "person", "name": "Anna" }, "before": {}, "after": {},
        "ticket": { "id": "1", "number": "BANK-1", "subject": "No paper" },
    })
}

#[test]
fn an_event_leaves_items_and_what_is_kept() {
    let (bench, fixture) =
        recorded(&json!({ "entry": { "event": event() }, "kv": { "old": { "text": "1" } } }));
    let item = &fixture["expect"]["answer"]["items"][0];
    assert_eq!(item["external"], "X-BANK-1");
    assert_eq!(item["commands"][0]["do"], "link");
    let kept =
        json!({ "old": { "text": "1" }, "copy/BANK-1": { "json": { "seq": 7, "subject": "No paper" } } });
    assert_eq!(fixture["expect"]["kv"], kept);
    for (pointer, value, words) in [
        ("/expect/kv/old/text", json!("2"), r#"kv.old.text: expected "2", was "1""#),
        ("/expect/kv", json!({}), "kv.copy/BANK-1: expected nothing, was {"),
        ("/expect/kv/more", json!({ "text": "x" }), r#"kv.more: expected {"text":"x"}, is not there"#),
        (
            "/expect/answer/items/0/external",
            json!("Y"),
            r#"answer.items[0].external: expected "Y", was "X-BANK-1""#,
        ),
        ("/grant", json!({}), "failed with `plugin_refused`"),
        ("/entry/event/ticket/subject", json!("busy"), "failed with `busy`"),
    ] {
        bench.write(FIXTURE, with(&fixture, pointer, value).to_string());
        let out = bench.finds(&["test"]);
        assert!(out.contains(words), "{pointer}: {out}");
    }
    // The same bytes, written otherwise: no difference.
    let mut same = fixture.clone();
    same["expect"]["kv"]["copy/BANK-1"] = json!({ "text": r#"{"seq":7,"subject":"No paper"}"# });
    bench.write(FIXTURE, same.to_string());
    bench.does(&["test"]);
}

#[test]
fn a_call_that_fails_has_written_nothing() {
    let busy = with(&event(), "/ticket/subject", json!("busy"));
    let (_, fixture) = recorded(&json!({ "entry": { "event": busy }, "kv": { "old": { "text": "1" } } }));
    assert_eq!(fixture["expect"]["error"], json!({ "code": "busy", "retryable": true, "retry_after": 5 }));
    assert_eq!(fixture["expect"]["kv"], json!({ "old": { "text": "1" } }));
}

#[test]
fn a_poll_a_webhook_a_check_and_a_refusal_are_recorded() {
    let (_, poll) = recorded(&json!({ "entry": { "poll": { "cursor": "2" } } }));
    assert_eq!(poll["expect"]["answer"]["cursor"], "4");
    assert_eq!(poll["expect"]["answer"]["more"], true);
    assert_eq!(poll["expect"]["kv"], json!({ "last_cursor": { "text": "2" } }));
    assert!(poll["context"]["now"].is_string(), "the time of the recording stands in it: {poll}");

    let mut webhook = json!({ "entry": { "webhook": {
        "path": "notice", "method": "POST", "query": "n=1", "headers": { "X-Signature": SIGNATURE },
        "body": { "json": { "id": "D-1" } },
    } } });
    let (_, taken) = recorded(&webhook);
    let answer = &taken["expect"]["answer"];
    assert_eq!(answer["status"], 200, "{answer}");
    assert_eq!(answer["headers"]["x-seen"], "1");
    assert_eq!(answer["body"], json!({ "json": { "took": "D-1", "by": "POST" } }));
    assert_eq!(answer["items"]["items"][0]["commands"][0]["do"], "notice");
    webhook["entry"]["webhook"]["headers"] = json!({});
    assert_eq!(recorded(&webhook).1["expect"]["answer"]["status"], 401);

    let (_, check) = recorded(&json!({ "entry": "check" }));
    assert_eq!(check["expect"]["answer"], "The bomb is where it was put.");

    let refusal =
        json!({ "schema": 1, "code": "no_such_category", "message": "There is none.", "command": 0 });
    let item = json!({ "external": "IM1", "commands": [] });
    let (bench, refused) = recorded(&json!({ "entry": { "refused": { "item": item, "refusal": refusal } } }));
    assert_eq!(refused["expect"]["kv"], json!({ "refused": { "text": "no_such_category" } }));
    assert_eq!(refused["expect"]["answer"], Value::Null);
    assert!(refused["expect"].as_object().unwrap().contains_key("answer"), "`null` is an answer");
    assert_eq!(refused["expect"]["log"][0]["level"], "warn");
    bench.write(FIXTURE, with(&refused, "/expect/answer", json!(1)).to_string());
    assert!(bench.finds(&["test"]).contains("answer: expected 1, was null"));
}

#[test]
fn the_clock_stands_and_files_go_in_and_out() {
    let steps = json!([
        "now", { "get": "a" }, { "about": "file-1" }, { "read": ["file-1", 1, 3] },
        { "create": ["note.txt", "text/plain", "hello"] }, { "set": ["a", "2"] }, { "delete": "b" },
    ]);
    let (bench, fixture) = recorded(&json!({
        "entry": { "function": { "name": "steps", "input": steps } },
        "context": { "now": "2026-11-26T10:00:00Z" },
        "kv": { "a": { "text": "1" }, "b": { "base64": "/w==" } },
        "files": { "file-1": { "name": "photo.jpg", "media_type": "image/jpeg", "body": { "text": "12345" } } },
    }));
    let now: jiff::Timestamp = "2026-11-26T10:00:00Z".parse().unwrap();
    let about = json!(["photo.jpg", "image/jpeg", 5]);
    let answer = json!([now.as_millisecond(), "1", about, "234", "new-1", "done", "done"]);
    assert_eq!(fixture["expect"]["answer"], answer);
    assert_eq!(fixture["expect"]["kv"], json!({ "a": { "text": "2" } }));
    let made = json!({ "name": "note.txt", "media_type": "text/plain", "body": { "text": "hello" } });
    assert_eq!(fixture["expect"]["files"], json!({ "new-1": made }));
    assert_eq!(fixture["context"]["now"], "2026-11-26T10:00:00.000Z");
    bench.write(FIXTURE, with(&fixture, "/expect/files/new-1/body/text", json!("bye")).to_string());
    assert!(bench.finds(&["test"]).contains(r#"files.new-1.body.text: expected "bye", was "hello""#));
}

#[test]
fn named_ways_of_authentication_and_files_on_the_way_are_on_the_tape() {
    let url = "https://system.example.com/a";
    let ways = ["by_identity", "by_signature", "by_grant", "by_token"];
    let mut steps: Vec<Value> =
        ways.iter().map(|by| json!({ "send_as": { "url": url, "by": by } })).collect();
    steps.push(json!({ "upload": { "url": url, "file": "file-1", "by": "by_token" } }));
    steps.push(json!({ "download": { "url": url, "name": "scan.pdf", "by": "by_token" } }));
    let exchange = |method: &str, by: &str, sent: Value, body: &str| {
        json!({
            "request": { "method": method, "url": url, "authentication": format!("as {by}"), "body": sent },
            "response": { "answered": { "status": 200, "body": { "text": body } } },
        })
    };
    let mut http: Vec<Value> = ways.iter().map(|&by| exchange("GET", by, Value::Null, by)).collect();
    http.push(exchange("POST", "by_token", json!({ "text": "12345" }), "stored"));
    http.push(exchange("GET", "by_token", Value::Null, "pages"));
    let mut answer: Vec<Value> = ways.iter().map(|by| json!([200, by])).collect();
    answer.extend([json!([200, "stored"]), json!([200, "new-1", ""])]);
    let made =
        json!({ "name": "scan.pdf", "media_type": "application/octet-stream", "body": { "text": "pages" } });
    let fixture = json!({
        "entry": { "function": { "name": "steps", "input": steps } },
        "context": { "configuration": {
            "base_url": "https://system.example.com", "token_url": "https://login.example.com/token",
        } },
        "files": { "file-1": { "name": "photo.jpg", "media_type": "image/jpeg", "body": { "text": "12345" } } },
        "http": http,
        "expect": { "answer": answer, "files": { "new-1": made } },
    });
    let bench = bench(&fixture);
    let out = bench.does(&["test"]);
    assert!(out.ends_with("1 passed, 0 failed\n"), "{out}");
    let other = with(&fixture, "/http/0/request/authentication", json!("as by_token"));
    bench.write(FIXTURE, other.to_string());
    let words = r#"http[0].request.authentication: expected "as by_token", was "as by_identity""#;
    assert!(bench.finds(&["test"]).contains(words));
    bench.write(FIXTURE, with(&fixture, "/http/0/request/authentication", json!("as nobody")).to_string());
    assert!(bench.fails(&["test"]).contains("declares no authentication `nobody`; it has by_token"));
}

#[test]
fn mistakes_of_entries_have_their_own_words() {
    let bench = Workbench::example();
    let known = bench.fixture(KNOWN);
    let hook = |path: &str, method: &str| json!({ "webhook": { "path": path, "method": method } });
    for (pointer, value, words) in [
        (
            "/entry",
            json!({ "event": { "kind": "x" } }),
            "`entry.event.kind`: the manifest wants no event `x`; it wants none",
        ),
        ("/entry", json!({ "event": {} }), "`entry.event.kind`: it says which event this is, and is missing"),
        ("/entry", json!({ "poll": {} }), "`entry.poll`: the manifest has no [poll]"),
        ("/entry", json!({ "poll": { "curser": "" } }), "unknown field `curser`"),
        (
            "/entry",
            hook("a", "POST"),
            "`entry.webhook.path`: the manifest declares no webhook `a`; it has none",
        ),
        ("/entry", hook("a", "PATCH"), "`entry.webhook.method`: `PATCH` should be one of GET, POST, PUT"),
        ("/entry", json!({ "refused": { "item": {} } }), "missing field `refusal`"),
        ("/kv", json!({}), "`kv`: the manifest has no [kv]"),
        ("/files", json!({}), "`files`: the manifest has no [blob]"),
        ("/expect/kv", json!({}), "`expect.kv`: the manifest has no [kv]"),
        ("/kv", json!({ "a": { "base64": "#" } }), "`kv.a.base64`: this is no base64"),
        ("/files", json!({ "f": { "name": "n", "body": { "text": "" } } }), "missing field `media_type`"),
        ("/context/now", json!("today"), "`context.now`: `today` is not a moment"),
    ] {
        bench.write(KNOWN, with(&known, pointer, value).to_string());
        let error = bench.fails(&["test"]);
        assert!(error.contains(words), "{pointer}: {error}");
    }
}

#[test]
fn a_check_says_in_plain_words_what_comes_in_and_what_is_kept() {
    let out = kit_in(&plugins(), &["check", "built/bomb.wasm"], &[]).out;
    for words in [
        "is told when a ticket was opened, somebody commented",
        "reads of a ticket: subject, status",
        "may open tickets and change those that it opened, comment, tie tickets to others elsewhere, wake the",
        "asks the other side for news every 60 s",
        "is called from outside at .../notice: Says what arrived.",
        "keeps at most 1024 KiB of its own data on the desk",
        "reads attached files and makes new ones: To pass files on.",
        "may have the secret hook_key, to check what comes in; it is never sent",
        "may have the secret identity, sent as the client's certificate to the host of the setting `base_url` alone",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
}
