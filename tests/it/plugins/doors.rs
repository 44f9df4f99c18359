//! Every export of the contract is entered, says what it says, and keeps what it keeps.

use naryad::plugin_host::{Entry, EntryAnswer, PackageHash, WebhookRequest};
use serde_json::{Value, json};

use super::{Bench, OLD, PARTS_STOCK, log_text, options};

fn event(kind: &str, subject: &str) -> Entry {
    Entry::Event(json!({
        "schema": 1, "seq": 17, "at": 1_700_000_000_000_i64, "kind": kind, "origin": "desk",
        "visibility": "public", "actor": { "kind": "person", "name": "Anna" }, "before": {}, "after": {},
        "ticket": { "id": "9", "number": "BANK-7", "external": [], "subject": subject },
    }))
}

pub fn webhook(path: &str, body: &[u8], signature: &str) -> Entry {
    Entry::Webhook(WebhookRequest {
        path: path.to_owned(),
        method: "POST".to_owned(),
        query: "m=2&n=%61+1".to_owned(),
        headers: vec![("x-signature".to_owned(), signature.to_owned())],
        body: body.to_vec(),
    })
}

#[tokio::test]
async fn an_event_is_answered_with_items_and_what_it_kept() {
    let bench = Bench::bomb().await;
    let entered = bench.enter(event("ticket_opened", "No paper")).await.unwrap();
    let expect = json!({ "schema": 1, "items": [{
        "external": "X-BANK-7", "at": 1_700_000_000_000_i64, "commands": [{ "do": "link" }],
    }] });
    assert_eq!(entered.answer, EntryAnswer::Items(expect));
    assert_eq!(entered.kv.len(), 1);
    assert_eq!(entered.kv[0].key, "copy/BANK-7");
    let value: Value = serde_json::from_slice(entered.kv[0].value.as_ref().unwrap()).unwrap();
    assert_eq!(value, json!({ "seq": 17, "subject": "No paper" }));

    let failure = bench.fails_to_enter(event("ticket_opened", "busy")).await;
    assert_eq!((failure.code(), failure.retryable()), ("busy", true));
    assert_eq!(failure.retry_after().unwrap().as_secs(), 5);
}

#[tokio::test]
async fn a_poll_goes_on_from_its_cursor_to_the_last_page() {
    let bench = Bench::bomb().await;
    let mut cursor = None;
    let mut seen = Vec::new();
    for page in 0..3 {
        let entered = bench.enter(Entry::Poll { cursor: cursor.clone() }).await.unwrap();
        let EntryAnswer::Poll(poll) = entered.answer else { panic!("a poll answers a poll") };
        assert_eq!(poll["more"], page < 2);
        cursor = poll["cursor"].as_str().map(str::to_owned);
        for item in poll["items"].as_array().unwrap() {
            seen.push(item["external"].as_str().unwrap().to_owned());
            assert_eq!(item["commands"][0]["do"], "upsert");
            assert_eq!(item["commands"][0]["fields"]["model"], "K-7");
            assert_eq!(
                item["commands"][1],
                json!({
                    "do": "comment", "text": "As it was said there.", "visibility": "public", "author": "Anna",
                })
            );
        }
    }
    assert_eq!(seen, ["IM0", "IM1", "IM2", "IM3", "IM4", "IM5"]);
    let failure = bench.fails_to_enter(Entry::Poll { cursor: Some("x".repeat(4_097)) }).await;
    assert_eq!(failure.to_string(), "the cursor is too large: 4097 bytes where 4096 are allowed");
}

#[tokio::test]
async fn a_webhook_checks_the_signature_without_seeing_the_key() {
    let mut bench = Bench::bomb().await;
    bench.installation.secrets.insert("hook_key".to_owned(), "Jefe".to_owned());
    let body = br#"{"id":"IM1"}"#;
    let (right, of_another_key) = (hmac_hex(b"Jefe", body), hmac_hex(b"Jeff", body));
    for (signature, expect) in
        [(right.as_str(), 200), (&of_another_key, 401), (&right[..62], 401), ("", 401), ("zz", 401)]
    {
        let entered = bench.enter(webhook("notice", body, signature)).await.unwrap();
        let EntryAnswer::Webhook { status, headers, body, items } = entered.answer else {
            panic!("a webhook answers a webhook")
        };
        assert_eq!(status, expect, "{signature}");
        if status == 200 {
            assert_eq!(
                serde_json::from_slice::<Value>(&body).unwrap(),
                json!({ "took": "IM1", "by": "POST" })
            );
            assert_eq!(items["items"][0]["commands"][0]["name"], "arrived");
            assert!(headers.contains(&("x-seen".to_owned(), "a 1".to_owned())), "{headers:?}");
            assert!(
                headers.contains(&("content-type".to_owned(), "application/json".to_owned())),
                "{headers:?}"
            );
        } else {
            assert_eq!(items["items"], json!([]));
        }
        assert!(!log_text(&entered.transcript).contains("Jefe"));
    }
    let failure = bench.fails_to_enter(webhook("notice", &vec![0; (1 << 20) + 1], "")).await;
    assert_eq!(failure.code(), "plugin_too_large");
}

fn hmac_hex(key: &[u8], message: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_webhook_whose_answer_breaks_the_contract_is_a_failure() {
    let mut bench = Bench::bomb().await;
    bench.installation.secrets.insert("hook_key".to_owned(), "Jefe".to_owned());
    let body = br#"{"id":"IM1"}"#;
    let Entry::Webhook(mut request) = webhook("notice", body, &hmac_hex(b"Jefe", body)) else {
        unreachable!()
    };
    // The plugin sends it back as a header; a header holds no line's end.
    request.query = "n=a%0D%0Ab".to_owned();
    let failure = bench.fails_to_enter(Entry::Webhook(request)).await;
    assert_eq!(failure.code(), "plugin_wrong_answer");
    assert!(failure.to_string().contains("headers should be at most 16 headers"), "{failure}");
}

#[tokio::test]
async fn a_check_and_a_refusal_are_heard() {
    let bench = Bench::bomb().await;
    let entered = bench.enter(Entry::Check).await.unwrap();
    assert_eq!(entered.answer, EntryAnswer::Text("The bomb is where it was put.".to_owned()));
    let refusal = json!({ "schema": 1, "code": "unknown_key", "message": "There is no such category." });
    let entered = bench.enter(Entry::Refused { item: json!({ "external": "IM1" }), refusal }).await.unwrap();
    assert_eq!(entered.answer, EntryAnswer::Nothing);
    assert!(log_text(&entered.transcript).contains("There is no such category."));
    assert_eq!(entered.kv[0].value.as_deref(), Some(&b"unknown_key"[..]));
}

#[tokio::test]
async fn a_component_of_the_first_version_runs_as_before() {
    let mut bench = Bench::with(OLD, options()).await;
    assert_ne!(bench.installation.package, PackageHash::of(PARTS_STOCK), "it is kept as it was built then");
    let server = super::server::Server::start(|_| {
        super::server::json(json!({ "balances": [{ "store": "EVN", "on_hand": 2 }] }))
    });
    let base = server.url("");
    let mut options = options();
    options.private_hosts = vec![super::host_of(&base).parse().unwrap()];
    bench = Bench { installation: bench.installation.clone(), ..Bench::with(OLD, options).await };
    bench.installation.configuration = json!({ "base_url": base, "stores": { "Ереван": "EVN" } });
    bench.installation.grant.hosts = vec![super::host_of(&base).parse().unwrap()];
    bench.installation.secrets.insert("stock_token".to_owned(), "stock-pass-1".to_owned());
    let answer = bench.call("in_stock", json!({ "part": "7", "city": "Ереван" })).await.unwrap();
    assert_eq!(answer.value["quantity"], 2);
    assert_eq!(server.heard()[0].target, "/stock?part=7");
    // It has none of the exports that came later.
    assert_eq!(bench.enter(Entry::Check).await.unwrap().answer, EntryAnswer::Nothing);
    let refused = Entry::Refused { item: json!({}), refusal: json!({}) };
    assert_eq!(bench.enter(refused).await.unwrap().answer, EntryAnswer::Nothing);
    let failure = bench.fails_to_enter(Entry::Poll { cursor: None }).await;
    assert_eq!(failure.code(), "plugin_refused", "{failure}");
}

#[tokio::test]
async fn time_is_the_desks_and_zones_are_known() {
    let bench = Bench::bomb().await;
    let answer = bench
        .steps(json!([
            "now",
            { "to_civil": [1_700_000_000_000_i64, "Asia/Yerevan"] },
            { "from_civil": [[2023, 11, 15, 2, 13, 20], "Asia/Yerevan"] },
            { "to_civil": [0, "Asia/Erevan"] },
            { "from_civil": [[2023, 2, 30, 0, 0, 0], "UTC"] },
            { "random": 1024 },
        ]))
        .await;
    let now = answer[0].as_i64().unwrap();
    assert!((super::NOW_MS..super::NOW_MS + 10_000).contains(&now), "{now}");
    assert_eq!(answer[1], json!([2023, 11, 15, 2, 13, 20, 240]));
    assert_eq!(answer[2], 1_700_000_000_000_i64);
    assert!(answer[3]["error"].as_str().unwrap().contains("Asia/Yerevan"), "{}", answer[3]);
    assert!(answer[4]["error"].as_str().unwrap().contains("2023-02-30 00:00:00 is no date"), "{}", answer[4]);
    let random = answer[5].as_array().unwrap();
    assert_eq!(random.len(), 1_024);
    assert!(random.iter().any(|byte| byte != &random[0]));
    let failure = bench.fails("steps", json!([{ "random": 1025 }])).await;
    assert!(failure.to_string().contains("at most 1024 are given"), "{failure}");
}
