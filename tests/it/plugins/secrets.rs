//! Secrets reach the host that they belong to and nothing else: not the plugin, not the log, not the records.

use serde_json::{Value, json};

use super::server::{self, Server};
use super::{Bench, log_text};

const TOKEN: &str = "s3cr3t-token/with+odd chars";
const PASSWORD: &str = "pass:word\"quoted";
const API_KEY: &str = "key-0123456789";

fn echo_server() -> Server {
    Server::start(|heard| {
        let mut headers =
            vec![("x-echo".to_owned(), heard.header("authorization").unwrap_or_default().to_owned())];
        headers.push(("x-key".to_owned(), heard.header("x-api-key").unwrap_or_default().to_owned()));
        (200, headers, format!("{heard:?}").into_bytes())
    })
}

async fn bench(server: &Server) -> Bench {
    let mut bench = Bench::bomb_at(&server.url("")).await;
    for (name, value) in [("token", TOKEN), ("password", PASSWORD), ("api_key", API_KEY)] {
        bench.installation.secrets.insert(name.to_owned(), value.to_owned());
    }
    bench
}

#[tokio::test]
async fn secrets_reach_the_server_and_nobody_else_sees_them() {
    let server = echo_server();
    let bench = bench(&server).await;
    for (authentication, header, expect, described) in [
        ("bearer", "authorization", format!("Bearer {TOKEN}"), "bearer token"),
        ("basic", "authorization", "Basic dXNlcjpwYXNzOndvcmQicXVvdGVk".to_owned(), "basic password"),
        ("header", "x-api-key", API_KEY.to_owned(), "header x-api-key api_key"),
    ] {
        let input = json!({ "url": server.url("/who?q=1"), "authentication": authentication });
        let answer = bench.call("fetch", input).await.unwrap();
        assert_eq!(server.heard().last().unwrap().header(header), Some(expect.as_str()));
        assert_eq!(answer.transcript.requests[0].authentication.as_deref(), Some(described));
        let seen =
            format!("{}{}{:?}", answer.value, log_text(&answer.transcript), answer.transcript.requests);
        for part in [TOKEN, PASSWORD, API_KEY, "s3cr3t", "dXNlcjpwYXNz", "quoted", "key-01"] {
            assert!(!seen.contains(part), "{part} in {seen}");
        }
        assert!(seen.contains("[secret "), "the server's echo was blacked out: {seen}");
    }
}

#[tokio::test]
async fn a_secret_in_a_url_is_blacked_out_in_the_record() {
    let server = echo_server();
    let bench = bench(&server).await;
    let input = json!({ "url": server.url(&format!("/{API_KEY}?t={API_KEY}")) });
    let answer = bench.call("fetch", input).await.unwrap();
    let url = &answer.transcript.requests[0].url;
    assert!(url.contains("[secret api_key]") && !url.contains(API_KEY), "{url}");
}

#[tokio::test]
async fn a_secret_goes_only_where_and_how_the_manifest_says() {
    let server = echo_server();
    let other = echo_server();
    let mut bench = bench(&server).await;
    let refused = async |bench: &Bench, input: Value, words: &str| {
        let failure = bench.fails("fetch", input).await;
        assert_eq!(failure.code(), "plugin_refused", "{failure}");
        assert!(failure.to_string().contains(words), "{failure}");
    };
    let url = server.url("/");
    refused(
        &bench,
        json!({ "url": url, "authentication": "api_key" }),
        "`api_key` may not travel in this way",
    )
    .await;
    refused(&bench, json!({ "url": url, "authentication": "root" }), "`root` is not declared").await;
    let twice = json!({ "url": url, "authentication": "bearer", "headers": [["Authorization", "mine"]] });
    assert_eq!(bench.fails("fetch", twice).await.code(), "invalid_request");
    bench.installation.secrets.remove("token");
    refused(&bench, json!({ "url": url, "authentication": "bearer" }), "has no value in this installation")
        .await;
    assert!(server.heard().is_empty());

    // Declared and granted, but not the secret's host.
    bench.installation.configuration = json!({});
    bench.installation.grant.hosts.push("*.example.com".parse().unwrap());
    bench.installation.secrets.insert("token".to_owned(), TOKEN.to_owned());
    let elsewhere = json!({ "url": "https://a.example.com/", "authentication": "bearer" });
    refused(&bench, elsewhere, "may not be sent to `a.example.com`").await;
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn the_context_of_a_call_holds_no_secret() {
    let server = server_that_is_not_asked();
    let answer = bench(&server).await.call("echo", json!(null)).await.unwrap();
    for part in [TOKEN, PASSWORD, API_KEY] {
        assert!(!answer.value.to_string().contains(part));
    }
    assert!(server.heard().is_empty());
}

fn server_that_is_not_asked() -> Server {
    Server::start(|_| server::json(json!(null)))
}
