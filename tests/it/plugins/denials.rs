//! What was not declared, granted and allowed is not reached, and the failure says why.

use serde_json::json;

use super::server::{self, Server};
use super::{BOMB, Bench, PARTS_STOCK, host_of, options};

async fn denied(bench: &Bench, url: &str, words: &str) {
    let failure = bench.fails("fetch", json!({ "url": url })).await;
    assert_eq!(failure.code(), "plugin_refused", "{url}: {failure}");
    assert!(failure.to_string().contains(words), "{url}: {failure}");
    assert!(!failure.retryable(), "{url}");
    assert!(failure.transcript.requests[0].outcome.starts_with("denied: "), "{url}");
}

#[tokio::test]
async fn a_host_needs_manifest_administrator_and_operator() {
    let server = Server::start(|_| server::json(json!(1)));
    let base = server.url("");
    let mut bench = Bench::bomb_at(&base).await;
    bench.call("fetch", json!({ "url": server.url("/x") })).await.unwrap();
    denied(&bench, "https://evil.example.net/", "not among the hosts that the plugin declares").await;
    denied(&bench, "https://a.example.com/", "was not granted to this installation").await;

    let mut narrow = options();
    narrow.private_hosts = vec![host_of(&base).parse().unwrap()];
    narrow.allowed_hosts = Some(vec!["other.example.org".parse().unwrap()]);
    let operator = Bench { installation: bench.installation.clone(), ..Bench::with(BOMB, narrow).await };
    denied(&operator, &server.url("/"), "outside of what the operator allows").await;

    bench.installation.grant.hosts.clear();
    let failure = bench.fails("fetch", json!({ "url": server.url("/") })).await;
    assert_eq!(failure.code(), "plugin_refused");
    assert!(failure.to_string().contains("this installation was granted no host"), "{failure}");
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn addresses_inside_are_not_reached_however_they_are_written() {
    for (base, url, words) in [
        ("https://127.0.0.1", "https://127.0.0.1/", "127.0.0.1, which is not a public address (loopback)"),
        ("https://2130706433", "https://2130706433/", "(loopback)"),
        ("https://0x7f.1", "https://0177.0.0.1/", "(loopback)"),
        ("https://[::1]", "https://[::1]/", "(loopback)"),
        ("https://[::ffff:10.0.0.1]", "https://[::ffff:10.0.0.1]/", "(private)"),
        (
            "https://169.254.169.254",
            "https://169.254.169.254/latest/meta-data/",
            "a cloud's metadata service",
        ),
        ("https://[64:ff9b::a9fe:a9fe]", "https://[64:ff9b::a9fe:a9fe]/", "a cloud's metadata service"),
        ("https://localhost", "https://localhost/", "`localhost` is at"),
    ] {
        let mut bench = Bench::with(BOMB, options()).await;
        bench.installation.configuration = json!({ "base_url": base });
        bench.installation.grant.hosts = vec![host_of(base).parse().unwrap()];
        denied(&bench, url, words).await;
        bench.still_answers().await;
    }
}

#[tokio::test]
async fn metadata_is_not_reached_even_when_the_operator_calls_it_private() {
    let bench = Bench::bomb_at("http://169.254.169.254").await;
    denied(&bench, "http://169.254.169.254/latest/meta-data/", "a cloud's metadata service").await;
}

#[tokio::test]
async fn plain_http_is_for_private_hosts() {
    let mut bench = Bench::with(BOMB, options()).await;
    bench.installation.grant.hosts = vec!["*.example.com".parse().unwrap()];
    denied(&bench, "http://a.example.com/", "must be reached over https").await;
}

#[tokio::test]
async fn redirects_are_handed_over_and_not_followed() {
    let server = Server::start(|heard| match heard.target.as_str() {
        "/away" => {
            (302, vec![("location".into(), "/inside".into()), ("set-cookie".into(), "a=b".into())], vec![])
        }
        _ => server::json(json!("reached")),
    });
    let bench = Bench::bomb_at(&server.url("")).await;
    let answer = bench.call("fetch", json!({ "url": server.url("/away") })).await.unwrap();
    assert_eq!(answer.value["status"], 302);
    let headers = answer.value["headers"].to_string();
    assert!(headers.contains("/inside") && !headers.contains("cookie"), "{headers}");
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn requests_that_make_no_sense_are_named() {
    let bench = Bench::bomb().await;
    for (input, words) in [
        (json!({ "url": "ftp://127.0.0.1:9/" }), "the scheme `ftp` is not http or https"),
        (json!({ "url": "not a url" }), "the URL cannot be read"),
        (json!({ "url": "http://me:pw@127.0.0.1:9/" }), "must not hold a user name"),
        (json!({ "url": format!("http://127.0.0.1:9/{}", "x".repeat(9_000)) }), "at most 8192 are taken"),
        (json!({ "url": "http://127.0.0.1:9/", "headers": [["Host", "x"]] }), "`host` is set by Naryad"),
        (json!({ "url": "http://127.0.0.1:9/", "headers": [["a b", "x"]] }), "is no header name"),
        (json!({ "url": "http://127.0.0.1:9/", "headers": [["a", "x\r\nb: c"]] }), "is not text"),
    ] {
        let failure = bench.fails("fetch", input.clone()).await;
        assert_eq!(failure.code(), "invalid_request", "{input}");
        assert!(failure.to_string().contains(words), "{input}: {failure}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_try() {
    let failure = Bench::bomb().await.fails("fetch", json!({ "url": "http://127.0.0.1:9/" })).await;
    assert_eq!(failure.code(), "unreachable");
    assert!(failure.retryable());
    assert!(failure.to_string().to_lowercase().contains("refused"), "{failure}");
}

#[tokio::test]
async fn a_plugin_may_go_on_after_a_denial() {
    let bench = Bench::bomb().await;
    let input = json!({ "url": "https://evil.example.net/", "swallow": true });
    let answer = bench.call("fetch", input).await.unwrap();
    assert!(answer.value["failure"].as_str().unwrap().contains("Denied"), "{}", answer.value);
    assert!(answer.transcript.requests[0].outcome.starts_with("denied: "));
}

#[tokio::test]
async fn an_installation_without_hosts_does_not_get_http_at_all() {
    let mut bench = Bench::with(PARTS_STOCK, options()).await;
    bench.installation.configuration = json!({ "base_url": "https://stock.example.com" });
    let failure = bench.fails("in_stock", json!({ "part": "7", "city": "Yerevan" })).await;
    assert_eq!(failure.code(), "plugin_refused");
    assert!(failure.to_string().contains("needs it for stock.example.com:443"), "{failure}");
}

#[tokio::test]
async fn a_server_that_cannot_prove_who_it_is_gets_nothing() {
    let server = Server::start(|_| server::json(json!("plain")));
    let base = format!("https://{}", server.address);
    let mut bench = Bench::bomb_at(&base).await;
    bench.installation.secrets.insert("token".to_owned(), "very-secret".to_owned());
    let input = json!({ "url": format!("{base}/"), "authentication": "bearer" });
    let failure = bench.fails("fetch", input).await;
    assert_eq!(failure.code(), "unreachable", "{failure}");
    assert!(server.heard().iter().all(|heard| heard.headers.is_empty()), "no request came through");
}
