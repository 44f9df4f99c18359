//! Named authentication: the parent does it, with secrets that reach their own host and nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::server::{self, Reply, Server};
use super::{Bench, host_of, log_text};

const CLIENT_SECRET: &str = "s3cret+of/client";

/// A server that says what it was shown.
fn api() -> Server {
    Server::start(|heard| {
        let shown = |name: &str| heard.header(name).unwrap_or_default().to_owned();
        (200, vec![("x-echo".into(), shown("authorization"))], shown("authorization").into_bytes())
    })
}

async fn bench(server: &Server) -> Bench {
    let mut bench = Bench::bomb_at(&server.url("")).await;
    bench.installation.configuration = json!({ "base_url": server.url(""), "user": "anna" });
    for (name, value) in [
        ("token", "token-0123"),
        ("password", "pass-0123"),
        ("api_key", "key-0123"),
        ("sign_key", "Jefe"),
        ("client_secret", CLIENT_SECRET),
    ] {
        bench.installation.secrets.insert(name.to_owned(), value.to_owned());
    }
    bench
}

fn send_as(url: &str, by: &str, body: Option<&str>) -> Value {
    json!({ "send_as": { "url": url, "by": by, "body": body } })
}

#[tokio::test]
async fn the_simple_ways_are_those_of_the_manifest() {
    let server = api();
    let bench = bench(&server).await;
    for (by, header, expect, record) in [
        ("by_token", "authorization", "Bearer token-0123", "bearer by_token"),
        ("by_password", "authorization", "Basic YW5uYTpwYXNzLTAxMjM=", "basic by_password"),
        ("by_key", "x-api-key", "key-0123", "header by_key"),
    ] {
        let entered = bench.entered_steps(json!([send_as(&server.url("/"), by, None)])).await;
        assert_eq!(server.heard().last().unwrap().header(header), Some(expect), "{by}");
        let seen = format!("{}{:?}", super::value(&entered), entered.transcript);
        for secret in ["token-0123", "pass-0123", "YW5uYTpwYXNzLTAxMjM", "key-0123"] {
            assert!(!seen.contains(secret), "{secret} in {seen}");
        }
        assert_eq!(entered.transcript.requests[0].authentication.as_deref(), Some(record));
    }
}

#[tokio::test]
async fn a_signature_covers_what_the_manifest_names() {
    let server = api();
    let bench = bench(&server).await;
    bench.steps(json!([send_as(&server.url("/a?b=c"), "by_signature", Some("hello"))])).await;
    let heard = server.heard().remove(0);
    // HMAC-SHA256 of "POST\n/a?b=c\nhello" under the key "Jefe".
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"Jefe").unwrap();
    mac.update(b"POST\n/a?b=c\nhello");
    let expect: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(heard.header("x-signature"), Some(format!("sha256={expect}").as_str()));
}

/// Gives out tokens that hold for so long, each with its number.
fn giver(holds_seconds: u32) -> (Server, Arc<AtomicUsize>) {
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    let server = Server::start(move |heard| -> Reply {
        // RFC 6749 has both form-encoded: `bomb:s3cret%2Bof%2Fclient`.
        if heard.header("authorization") != Some("Basic Ym9tYjpzM2NyZXQlMkJvZiUyRmNsaWVudA==") {
            return (401, vec![], br#"{"error":"invalid_client"}"#.to_vec());
        }
        if heard.body != b"grant_type=client_credentials&scope=tickets" {
            return (400, vec![], br#"{"error":"invalid_request"}"#.to_vec());
        }
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        server::json(
            json!({ "access_token": format!("granted-{number}"), "token_type": "Bearer", "expires_in": holds_seconds }),
        )
    });
    (server, given)
}

async fn with_giver(api: &Server, giver: &Server) -> Bench {
    let mut options = super::options();
    let hosts: Vec<_> = [api, giver].iter().map(|server| host_of(&server.url("")).parse().unwrap()).collect();
    options.private_hosts = hosts.clone();
    let former = bench(api).await;
    let mut bench = Bench { installation: former.installation, ..Bench::with(super::BOMB, options).await };
    bench.installation.configuration = json!({ "base_url": api.url(""), "token_url": giver.url("/token") });
    bench.installation.grant.hosts = hosts;
    bench
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_kept_between_calls() {
    let api = api();
    let (giver, given) = giver(3_600);
    let bench = with_giver(&api, &giver).await;
    for _ in 0..3 {
        let entered = bench.entered_steps(json!([send_as(&api.url("/"), "by_grant", None)])).await;
        assert_eq!(super::value(&entered)[0], json!([200, "Bearer [secret token]"]));
        assert_eq!(entered.transcript.requests[0].authentication.as_deref(), Some("oauth2 by_grant"));
        let seen = format!("{:?}{}", entered.transcript, log_text(&entered.transcript));
        assert!(!seen.contains("granted-1") && !seen.contains("s3cret"), "{seen}");
    }
    assert_eq!(api.heard().len(), 3);
    assert!(api.heard().iter().all(|heard| heard.header("authorization") == Some("Bearer granted-1")));
    assert_eq!(given.load(Ordering::SeqCst), 1);
    // Another installation has tokens of its own.
    let mut other = bench;
    other.installation.id = naryad::domain::InstallationId(32);
    other.steps(json!([send_as(&api.url("/"), "by_grant", None)])).await;
    assert_eq!(given.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_was_taken_back_or_ran_out_is_asked_for_again() {
    let api = Server::start(|heard| match heard.header("authorization") {
        Some("Bearer granted-1") if heard.target == "/strict" => (401, vec![], vec![]),
        Some(shown) => (200, vec![], shown.replace("granted-", "number ").into_bytes()),
        None => (401, vec![], vec![]),
    });
    let (strict, given) = giver(3_600);
    let bench = with_giver(&api, &strict).await;
    let answer = bench
        .steps(json!([
            send_as(&api.url("/"), "by_grant", None),
            send_as(&api.url("/strict"), "by_grant", Some("body")),
            send_as(&api.url("/"), "by_grant", None),
        ]))
        .await;
    assert_eq!(answer[0], json!([200, "Bearer number 1"]));
    assert_eq!(answer[1], json!([200, "Bearer number 2"]), "sent once more with a new token");
    assert_eq!(answer[2], json!([200, "Bearer number 2"]));
    assert_eq!(api.heard()[2].body, b"body");
    assert_eq!(given.load(Ordering::SeqCst), 2);

    let (short, given) = giver(1);
    let bench = with_giver(&api, &short).await;
    bench.steps(json!([send_as(&api.url("/"), "by_grant", None)])).await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    bench.steps(json!([send_as(&api.url("/"), "by_grant", None)])).await;
    assert_eq!(given.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn who_gives_no_token_is_named_and_the_request_does_not_go_out() {
    let api = api();
    let (giver, _) = giver(3_600);
    let mut bench = with_giver(&api, &giver).await;
    let ask = json!([send_as(&api.url("/"), "by_grant", None)]);
    bench.installation.secrets.insert("client_secret".to_owned(), "wrong-secret".to_owned());
    let answer = bench.steps(ask.clone()).await;
    let words = answer[0]["error"].as_str().unwrap();
    assert!(words.contains("gave no token for `by_grant`: status 401, invalid_client"), "{words}");
    bench.installation.secrets.remove("client_secret");
    let answer = bench.steps(ask.clone()).await;
    assert!(
        answer[0]["error"].as_str().unwrap().contains("`client_secret` is not declared, or has no value")
    );
    // The giver of tokens is a host like any other.
    bench.installation.secrets.insert("client_secret".to_owned(), CLIENT_SECRET.to_owned());
    bench.installation.grant.hosts.pop();
    let answer = bench.steps(ask).await;
    assert!(
        answer[0]["error"].as_str().unwrap().contains("was not granted to this installation"),
        "{answer}"
    );
    assert!(api.heard().is_empty());
    let broken = Server::start(|_| (200, vec![], b"<html>".to_vec()));
    let bench = with_giver(&api, &broken).await;
    let answer = bench.steps(json!([send_as(&api.url("/"), "by_grant", None)])).await;
    assert!(answer[0]["error"].as_str().unwrap().contains("Unreachable"), "{answer}");
}

#[tokio::test]
async fn a_named_way_is_for_its_own_host_and_stands_alone() {
    let server = api();
    let mut bench = bench(&server).await;
    bench.installation.grant.hosts.push("*.example.com".parse().unwrap());
    bench.installation.secrets.insert("identity".to_owned(), "no certificate".to_owned());
    let answer = bench
        .steps(json!([
            send_as("https://a.example.com/", "by_token", None),
            send_as("https://a.example.com/", "by_signature", None),
            send_as(&server.url("/"), "by_magic", None),
            send_as(&server.url("/"), "by_identity", None),
            send_as(&server.url("/"), "by_grant", None),
        ]))
        .await;
    for (index, words) in [
        (0, "the authentication `by_token` may not be used for `a.example.com`"),
        (1, "the authentication `by_signature` may not be used for `a.example.com`"),
        (2, "the manifest declares no authentication `by_magic`"),
        (3, "the secret `identity` should hold certificates and their key as PEM"),
        (4, "`by_grant` needs a setting that this installation leaves empty"),
    ] {
        assert!(answer[index]["error"].as_str().unwrap().contains(words), "{index}: {}", answer[index]);
    }
    assert!(server.heard().is_empty());
}
