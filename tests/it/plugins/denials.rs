//! What was not declared, granted and allowed is not reached, and the failure says why.

use serde_json::json;

use naryad::plugin_host::{Ability, Ceiling, Entry};

use super::doors::webhook;
use super::server::{self, Server};
use super::{BOMB, Bench, PARTS_STOCK, host_of, log_text, options};

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

fn event() -> Entry {
    Entry::Event(json!({ "kind": "ticket_opened" }))
}

#[tokio::test]
async fn every_way_in_needs_its_grant() {
    for (entry, ability, words) in [
        (event(), "events", "the event `ticket_opened` was not declared, not granted"),
        (Entry::Poll { cursor: None }, "poll", "polling was not declared, not granted"),
        (webhook("notice", b"", ""), "webhooks", "the webhook `notice` was not declared, not granted"),
    ] {
        let mut bench = Bench::bomb().await;
        bench.installation.grant.events.clear();
        bench.installation.grant.poll = false;
        bench.installation.grant.webhooks.clear();
        let failure = bench.fails_to_enter(entry).await;
        assert_eq!(failure.code(), "plugin_refused", "{ability}: {failure}");
        assert!(failure.to_string().contains(&format!("refused `{ability}`: {words}")), "{failure}");
        assert!(!failure.retryable());
        assert!(bench.host.children().await.is_empty(), "no child was needed");
    }
}

#[tokio::test]
async fn what_the_manifest_does_not_declare_cannot_be_granted() {
    let mut bench = Bench::bomb().await;
    bench.installation.grant.events.push("closed".to_owned());
    bench.installation.grant.webhooks.push("other".to_owned());
    for entry in
        [Entry::Event(json!({ "kind": "closed" })), Entry::Event(json!({})), webhook("other", b"", "")]
    {
        assert_eq!(bench.fails_to_enter(entry).await.code(), "plugin_refused");
    }
    let package = bench.host.package(&bench.installation.package).await.unwrap();
    let effective = bench.host.effective(&package.manifest, &bench.installation);
    assert_eq!(effective.events, ["ticket_opened", "comment_added"]);
    assert_eq!(effective.webhooks, ["notice"]);
}

#[tokio::test]
async fn the_operator_has_the_last_word_on_every_ability() {
    let some = |name: &str| Some(vec![name.to_owned()]);
    let ceiling = Ceiling {
        events: some("comment_added"),
        fields: some("subject"),
        commands: some("comment"),
        denied: vec![Ability::Poll, Ability::Webhooks],
    };
    let mut options = options();
    options.private_hosts = vec!["127.0.0.1:9".parse().unwrap()];
    options.ceiling = ceiling;
    let bench = Bench { installation: Bench::bomb().await.installation, ..Bench::with(BOMB, options).await };
    for entry in [event(), Entry::Poll { cursor: None }, webhook("notice", b"", "")] {
        assert_eq!(bench.fails_to_enter(entry).await.code(), "plugin_refused");
    }
    let package = bench.host.package(&bench.installation.package).await.unwrap();
    let effective = bench.host.effective(&package.manifest, &bench.installation);
    assert_eq!(
        (&effective.events[..], &effective.fields[..]),
        (&["comment_added".to_owned()][..], &["subject".to_owned()][..])
    );
    assert_eq!(effective.commands, ["comment"]);
    assert!(!effective.poll && effective.webhooks.is_empty() && effective.kv && effective.blob);
}

#[tokio::test]
async fn an_ability_that_was_not_granted_is_not_linked() {
    for (ability, deny) in [("kv", Ability::Kv), ("blob", Ability::Blob)] {
        let mut granted = Bench::bomb().await;
        match deny {
            Ability::Kv => granted.installation.grant.kv = false,
            _ => granted.installation.grant.blob = false,
        }
        let failure = granted.fails("echo", json!(1)).await;
        assert_eq!(failure.code(), "plugin_refused");
        let words = format!("refused `{ability}`: the plugin needs it to");
        assert!(failure.to_string().contains(&words), "{failure}");

        let mut options = options();
        options.ceiling.denied = vec![deny];
        let operator =
            Bench { installation: Bench::bomb().await.installation, ..Bench::with(BOMB, options).await };
        let failure = operator.fails("echo", json!(1)).await;
        assert!(failure.to_string().contains(&words), "{failure}");
    }
}

#[tokio::test]
async fn each_denial_is_a_line_in_the_log() {
    let mut bench = Bench::bomb().await;
    bench.installation.secrets.insert("token".to_owned(), "very-secret".to_owned());
    let answer = bench
        .call(
            "steps",
            json!([
                { "send_as": { "url": "https://a.example.com/", "by": "by_token", "body": null } },
                { "verify": { "secret": "token", "algorithm": "sha256", "message": "a", "signature": "00" } },
                { "verify": { "secret": "hook_key", "algorithm": "sha256", "message": "a", "signature": "00" } },
            ]),
        )
        .await
        .unwrap();
    let log = log_text(&answer.transcript);
    assert_eq!((answer.transcript.denials, answer.transcript.wishes), (3, 3));
    for words in [
        "Naryad denied `http`: `a.example.com` was not granted",
        "Naryad denied `signatures`: the secret `token` is not one that checks signatures",
        "Naryad denied `signatures`: the secret `hook_key` is not declared, or has no value",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    assert!(!log.contains("very-secret"));
}
