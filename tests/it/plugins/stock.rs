//! The connector `parts-stock` against a stock system on loopback.

use naryad::plugin_host::Answer;
use serde_json::{Value, json};

use super::server::{self, Reply, Server};
use super::{Bench, PARTS_STOCK, host_of, options};

fn stock_system() -> Server {
    Server::start(|heard| -> Reply {
        if heard.header("authorization") != Some("Bearer stock-pass-1") {
            return (401, vec![], vec![]);
        }
        match heard.target.as_str() {
            "/api/stock?part=DISP-20%2F7" => server::json(json!({
                "part": "DISP-20/7",
                "balances": [
                    { "store": "EVN", "on_hand": 3, "reserved": 1 },
                    { "store": "EVN", "on_hand": 1, "owner": "bank" },
                    { "store": "Gyumri", "on_hand": 2, "reserved": 2 },
                    { "store": "TBS", "on_hand": 5 },
                ],
            })),
            "/api/stock?part=BUSY" => (503, vec![("retry-after".into(), "120".into())], vec![]),
            "/api/stock?part=BROKEN" => (200, vec![], b"<html>".to_vec()),
            _ => (404, vec![], vec![]),
        }
    })
}

async fn bench(server: &Server) -> Bench {
    let base = server.url("/api/");
    let mut options = options();
    options.private_hosts = vec![host_of(&base).parse().unwrap()];
    let mut bench = Bench::with(PARTS_STOCK, options).await;
    bench.installation.configuration = json!({ "base_url": base, "stores": { "Ереван": "EVN" } });
    bench.installation.secrets.insert("stock_token".to_owned(), "stock-pass-1".to_owned());
    bench.installation.grant.hosts = vec![host_of(&base).parse().unwrap()];
    bench
}

async fn ask(bench: &Bench, part: &str, city: &str) -> Answer {
    bench.call("in_stock", json!({ "part": part, "city": city })).await.unwrap()
}

#[tokio::test]
async fn a_part_is_found_in_the_citys_store() {
    let server = stock_system();
    let answer = ask(&bench(&server).await, "DISP-20/7", "Ереван").await;
    let expect: Value = json!({
        "ok": true, "local": true, "quantity": 3, "store": "EVN",
        "elsewhere": [{ "store": "TBS", "quantity": 5 }],
    });
    assert_eq!(answer.value, expect);
    assert_eq!(answer.transcript.requests[0].outcome, "status 200");
    assert_eq!(server.heard()[0].method, "GET");
}

#[tokio::test]
async fn a_reserved_part_is_not_in_stock_and_a_city_without_a_code_is_its_own_store() {
    let server = stock_system();
    let answer = ask(&bench(&server).await, "DISP-20/7", "Gyumri").await;
    assert_eq!((&answer.value["local"], &answer.value["quantity"]), (&json!(false), &json!(0)));
    assert_eq!(answer.value["store"], "Gyumri");
    assert_eq!(answer.value["elsewhere"][0], json!({ "store": "EVN", "quantity": 3 }));
}

#[tokio::test]
async fn an_unknown_part_is_an_answer_and_not_a_failure() {
    let server = stock_system();
    let answer = ask(&bench(&server).await, "NOPE", "Ереван").await;
    assert_eq!(answer.value["ok"], false);
    assert_eq!(answer.value["local"], false);
}

#[tokio::test]
async fn troubles_of_the_stock_system_are_told_apart() {
    let server = stock_system();
    let mut bench = bench(&server).await;
    for (part, code, after, retryable) in
        [("BUSY", "busy", Some(120), true), ("BROKEN", "wrong_response", None, true)]
    {
        let failure = bench.fails("in_stock", json!({ "part": part, "city": "Ереван" })).await;
        assert_eq!(failure.code(), code, "{failure}");
        assert_eq!(failure.retryable(), retryable);
        assert_eq!(failure.retry_after().map(|after| after.as_secs()), after);
    }
    bench.installation.secrets.insert("stock_token".to_owned(), "wrong-pass".to_owned());
    let failure = bench.fails("in_stock", json!({ "part": "NOPE", "city": "Ереван" })).await;
    assert_eq!(failure.code(), "refused_login");
    assert!(!failure.retryable());
    let failure = bench.fails("in_stock", json!({ "part": 7, "city": "Ереван" })).await;
    assert_eq!(failure.code(), "plugin_wrong_input");
    assert!(failure.to_string().contains("part should be string"), "{failure}");
}
