//! Requests from outside to plugins: what comes through the door and what goes back.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use naryad::domain::command::{Command, SetHookToken};
use naryad::domain::person::Role;
use naryad::domain::plugin::{HOOK_BODY_BYTES_MAX, HookAnswer, HookReceiver, HookRequest};
use naryad::http::Settings;
use naryad::store;
use serde_json::json;

use super::Site;
use crate::inward::{installs, quiet_grant};

/// A site whose plugins answer so, and what they were asked.
fn site(answer: HookAnswer) -> (Site, Arc<Mutex<Vec<HookRequest>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    let hooks = HookReceiver::new(move |request| {
        kept.lock().unwrap().push(request);
        std::future::ready(answer.clone()).boxed()
    });
    (Site::with(Settings { hooks: Some(hooks), ..Settings::default() }, None), heard)
}

const ADDRESS: &str = "/api/v1/plugin-hooks/7/secret/notice";

#[test]
fn a_request_reaches_the_plugin_whole_and_its_answer_comes_back() {
    let answer = HookAnswer::Said {
        status: 202,
        headers: vec![
            ("content-type".to_owned(), "text/html".to_owned()),
            ("x-own".to_owned(), "yes".to_owned()),
            ("set-cookie".to_owned(), "a=b".to_owned()),
        ],
        body: b"taken".to_vec(),
    };
    let (site, heard) = site(answer);
    // Whoever calls has credentials of their own, which mean nothing to the desk.
    let answer = site
        .ask("POST", &format!("{ADDRESS}?a=1&b=2"))
        .header("Authorization", "Basic dXNlcjpwYXNz")
        .header("Origin", "https://elsewhere.example")
        .header("X-Signature", "sha256=7")
        .bytes(b"{\"hello\": 1}")
        .send();
    assert_eq!((answer.status, answer.text().as_str()), (202, "taken"));
    assert_eq!(answer.header("x-own"), Some("yes"));
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert!(answer.header("set-cookie").is_none());
    assert!(answer.header("content-security-policy").unwrap().starts_with("sandbox"));
    let request = heard.lock().unwrap().pop().unwrap();
    assert_eq!((request.installation.as_str(), request.token.as_str()), ("7", "secret"));
    assert_eq!(
        (request.path.as_str(), request.method.as_str(), request.query.as_str()),
        ("notice", "POST", "a=1&b=2")
    );
    assert_eq!(request.body, b"{\"hello\": 1}");
    assert!(request.headers.contains(&("x-signature".to_owned(), "sha256=7".to_owned())));
}

#[test]
fn what_is_too_large_never_gets_there() {
    let (site, heard) = site(HookAnswer::Unknown);
    let large = vec![b'x'; HOOK_BODY_BYTES_MAX + 1];
    assert_eq!(site.ask("POST", ADDRESS).bytes(&large).send().fault().0, 413);
    let query = "q".repeat(9_000);
    assert_eq!(site.ask("GET", &format!("{ADDRESS}?{query}")).send().fault().0, 414);
    assert!(heard.lock().unwrap().is_empty());
    assert_eq!(site.ask("DELETE", ADDRESS).send().fault().0, 405);
}

#[test]
fn each_way_of_saying_no_has_its_status() {
    for (answer, status, code) in [
        (HookAnswer::Unknown, 404, "not_found"),
        (HookAnswer::Later { seconds: 30 }, 503, "try_again"),
        (HookAnswer::Refused { message: "no signature".to_owned() }, 400, "refused_by_plugin"),
    ] {
        let (site, _) = site(answer);
        let answer = site.ask("PUT", ADDRESS).send();
        assert_eq!(answer.fault(), (status, code.to_owned()));
        assert_eq!(answer.header("retry-after"), (status == 503).then_some("30"));
    }
}

#[test]
fn an_administrator_makes_an_address_and_the_older_one_is_worth_nothing() {
    let (mut site, _) = site(HookAnswer::Unknown);
    site.desk.jobs_may_stay = true;
    let client = site.desk.client("bank", "");
    let plugin = installs(&site.desk, client, "mirror", quiet_grant());
    let person = |login, role| site.desk.somebody(login, role, Some(client)).id;
    let anna = site.token(person("anna", Role::Administrator));
    let olga = site.token(person("olga", Role::Operator));
    let path = format!("/api/v1/plugin-installations/{}/hook-token", plugin.id);
    site.post(&olga, &path, &json!({})).refused(404, "not_found");
    let made = site.post(&anna, &path, &json!({})).ok();
    let url = made["url"].as_str().unwrap();
    let token = url.trim_end_matches('/').rsplit('/').next().unwrap().to_owned();
    assert!(url.contains(&format!("/plugin-hooks/{}/", plugin.id)) && token.len() >= 32, "{url}");
    let stored = site.desk.read(|db| store::plugin_hook::token(db, plugin.id)).unwrap();
    assert_ne!(stored, token, "only a hash is kept");
    let again = site.post(&anna, &path, &json!({})).ok();
    assert_ne!(again["url"], made["url"]);
    assert_ne!(site.desk.read(|db| store::plugin_hook::token(db, plugin.id)), Some(stored));
    let keyed =
        || site.ask("POST", &path).token(&anna).header("Idempotency-Key", "k").json(&json!({})).send();
    keyed().ok();
    let stored = site.desk.read(|db| store::plugin_hook::token(db, plugin.id));
    keyed().refused(409, "secret_shown_once");
    assert_eq!(
        site.desk.read(|db| store::plugin_hook::token(db, plugin.id)),
        stored,
        "it did not take its place"
    );
    let unknown = SetHookToken { installation: 99.into(), token_sha256: "x".to_owned() };
    assert!(site.desk.does(Command::SetHookToken(Box::new(unknown))).is_err());
}
