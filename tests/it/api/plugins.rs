//! Packages, keys and installations of plugins over HTTP, with real packages in real child processes.

mod keys;
mod updates;

use naryad::cli::plugin_room::PluginRoom;
use naryad::domain::ClientId;
use naryad::domain::person::Role;
use naryad::http::Settings;
use naryad::jobs::Outside;
use naryad::plugin_host::{HostOptions, PluginHost};
use naryad::secrets::Keys;
use naryad::store::files::Files;
use serde_json::{Value, json};

use super::{Answer, Site, id};
use crate::helpers::TestDesk;
use crate::plugins::packages::{MANIFEST, renamed, with_manifest};
use crate::plugins::server::{self, Server};
use crate::plugins::{PARTS_STOCK, host_of, options};

/// A desk with its plugin room, an administrator of everything, a client and its stock system.
struct Ready {
    site: Site,
    admin: String,
    client: ClientId,
    server: Server,
}

fn ready() -> Ready {
    let server = Server::start(|heard| match heard.header("authorization") {
        Some("Bearer very-secret-token") => {
            server::json(json!({ "part": "P", "balances": [{ "store": "EVN", "on_hand": 2 }] }))
        }
        _ => (401, vec![], vec![]),
    });
    let desk = TestDesk::new();
    let keys = Keys::open(desk.folder.path()).unwrap();
    let host = PluginHost::new(HostOptions {
        private_hosts: vec![host_of(&server.url("/")).parse().unwrap()],
        ..options()
    });
    let outside = Outside { host, files: Files::open(desk.folder.path()).unwrap(), keys };
    let plugins = PluginRoom::new(desk.desk.clone(), outside, Default::default()).for_http();
    let site = Site::of(desk, Settings { plugins, ..Settings::default() }, None);
    let admin = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let client = site.desk.client("bank", "");
    Ready { site, admin, client, server }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

impl Ready {
    fn keeps(&self, wasm: &[u8], signature: Option<&str>, public_key: Option<&str>) -> Answer {
        let mut query = Vec::new();
        query.extend(signature.map(|text| format!("signature={}", encoded(text))));
        query.extend(public_key.map(|text| format!("public_key={}", encoded(text))));
        let path = format!("/api/v1/plugin-packages?{}", query.join("&"));
        let ask = self.site.ask("POST", &path).token(&self.admin);
        ask.header("Content-Type", "application/wasm").bytes(wasm).send()
    }

    fn kept(&self, wasm: &[u8]) -> String {
        id(&self.keeps(wasm, None, None).ok()["id"]).to_owned()
    }

    fn package(&self, sha256: &str) -> Value {
        self.site.get(&self.admin, &format!("/api/v1/plugin-packages/{sha256}")).ok()
    }

    fn order(&self, package: &str, granted: &[&str]) -> Value {
        json!({
            "client": self.client, "package": package, "is_unsigned_accepted": true,
            "choice": self.choice(granted, json!({ "stock_token": "very-secret-token" })),
        })
    }

    fn choice(&self, granted: &[&str], secrets: Value) -> Value {
        let configuration = json!({ "base_url": self.server.url("/api") });
        json!({ "configuration": configuration, "granted": granted, "secrets": secrets })
    }

    fn installs(&self, order: &Value) -> Answer {
        self.site.post(&self.admin, "/api/v1/plugin-installations", order)
    }

    fn post(&self, installation: &str, step: &str, body: &Value) -> Answer {
        let path = format!("/api/v1/plugin-installations/{installation}/{step}");
        self.site.post(&self.admin, &path, body)
    }

    fn page(&self, installation: &str) -> Value {
        self.site.get(&self.admin, &format!("/api/v1/plugin-installations/{installation}")).ok()
    }

    fn tries(&self, installation: &str) -> Value {
        let trial = json!({ "function": "in_stock", "input": { "part": "P", "city": "EVN" } });
        self.post(installation, "try", &trial).ok()
    }
}

/// The names of the changes, the first first.
fn history(page: &Value) -> Vec<&str> {
    let lines = page["history"].as_array().unwrap().iter().rev();
    lines.map(|line| line["kind"].as_str().unwrap()).collect()
}

#[test]
fn what_is_no_sound_package_is_refused_with_the_reason() {
    let ready = ready();
    let unknown = renamed(PARTS_STOCK, "naryad:plugin/http@0.1.1", "wasi:sockets/tcpip@0.2.0");
    for (wasm, code, says) in [
        (&b"\0asm\x01\0\0\0"[..], "package_not_a_component", "core module"),
        (&PARTS_STOCK[..PARTS_STOCK.len() / 2], "package_damaged", "cut off"),
        (b"\x7fELF\x02\x01\x01\0 compiled by somebody", "package_not_a_component", "not a WebAssembly"),
        (&unknown, "package_unknown_import", "wasi:sockets"),
    ] {
        let fault = ready.keeps(wasm, None, None).refused(422, code);
        assert!(fault["message"].as_str().unwrap().contains(says), "{fault}");
        assert!(fault["values"]["message"].is_string(), "{fault}");
    }
    let large = ready.site.ask("POST", "/api/v1/plugin-packages").token(&ready.admin);
    large.header("Content-Length", "33554433").send().refused(413, "body_too_large");
    ready.keeps(PARTS_STOCK, Some("nonsense"), None).refused(422, "package_signature_unreadable");
    assert_eq!(ready.site.get(&ready.admin, "/api/v1/plugin-packages").ok()["items"], json!([]));
}

#[test]
fn less_is_granted_than_asked_and_the_plugin_is_told() {
    let ready = ready();
    let package = ready.kept(PARTS_STOCK);
    let page = ready.package(&package);
    assert_eq!((&page["signature"], &page["plugin"]), (&"unsigned".into(), &"parts-stock".into()));
    assert_eq!(page["asked"][0]["id"], "setting:base_url");
    assert!(page["asked"][0]["why"]["ru"].is_string() && page["limits"]["guest_ms"].is_u64(), "{page}");
    let mut unflagged = ready.order(&package, &[]);
    unflagged["is_unsigned_accepted"] = false.into();
    ready.installs(&unflagged).refused(422, "package_not_trusted");
    let unasked = ready.installs(&ready.order(&package, &["host:evil.example.com"])).refused(422, "invalid");
    assert_eq!(unasked["field"], "granted");
    assert!(unasked["message"].as_str().unwrap().contains("it asks for: setting:base_url"), "{unasked}");
    let mut wrong = ready.order(&package, &[]);
    wrong["choice"]["configuration"]["base_url"] = "x".into();
    let fault = ready.installs(&wrong).refused(422, "invalid");
    assert_eq!(fault["field"], "choice.configuration.base_url");

    let done = ready.installs(&ready.order(&package, &[])).ok();
    let installation = id(&done["id"]);
    ready.installs(&ready.order(&package, &[])).refused(409, "already_exists");
    let page = ready.page(installation);
    assert_eq!((&page["asked"][0]["is_granted"], &page["grants"]), (&false.into(), &json!({})));
    let denied = ready.tries(installation);
    assert_eq!(denied["failure"]["code"], "plugin_refused", "{denied}");
    assert!(ready.server.heard().is_empty(), "nothing left the desk");

    let change = json!({ "version": 1, "choice": ready.choice(&["setting:base_url"], json!({})) });
    ready.post(installation, "settings", &change).ok();
    ready.post(installation, "settings", &change).refused(409, "stale_version");
    let tried = ready.tries(installation);
    assert_eq!(tried["answer"]["quantity"], 2, "{tried}");
    assert!(tried["requests"][0]["outcome"].as_str().unwrap().contains("200"), "{tried}");
    assert!(tried["wall_us"].as_u64() > tried["guest_us"].as_u64(), "{tried}");
    let page = ready.page(installation);
    assert_eq!(page["grants"]["hosts"], json!([host_of(&ready.server.url("/"))]));
    assert_eq!(
        (&page["secret_names"], history(&page)),
        (&json!(["stock_token"]), vec!["installed", "changed"])
    );
    assert_eq!(page["history"][0]["by"]["name"], "anna");
    for text in [page.to_string(), tried.to_string()] {
        assert!(!text.contains("very-secret-token"), "{text}");
    }
    // A secret that is forgotten is not sent any more.
    let forget = json!({
        "version": 2, "choice": ready.choice(&["setting:base_url"], json!({ "stock_token": null })),
    });
    ready.post(installation, "settings", &forget).ok();
    assert_eq!(ready.page(installation)["secret_names"], json!([]));
    assert_ne!(ready.tries(installation)["failure"], Value::Null);
}

#[test]
fn nothing_runs_while_it_is_off_and_nothing_is_left_once_it_is_uninstalled() {
    let ready = ready();
    let package = ready.kept(PARTS_STOCK);
    let done = ready.installs(&ready.order(&package, &["setting:base_url"])).ok();
    let installation = id(&done["id"]).to_owned();
    ready.post(&installation, "state", &json!({ "state": "off" })).ok();
    let trial = json!({ "function": "in_stock", "input": { "part": "P", "city": "EVN" } });
    ready.post(&installation, "try", &trial).refused(422, "invalid");
    let change = json!({ "version": 2, "choice": ready.choice(&[], json!({})) });
    ready.post(&installation, "settings", &change).ok();
    assert_eq!(ready.page(&installation)["is_enabled"], false, "a change of settings does not switch it on");
    let path = format!("/api/v1/plugin-packages/{package}/forget");
    ready.site.post(&ready.admin, &path, &json!({})).refused(409, "package_in_use");
    ready.post(&installation, "uninstall", &json!({ "version": 1 })).refused(409, "stale_version");
    ready.post(&installation, "uninstall", &json!({ "version": 3 })).ok();
    let gone = ready.site.get(&ready.admin, &format!("/api/v1/plugin-installations/{installation}"));
    gone.refused(404, "not_found");
    assert_eq!(ready.site.get(&ready.admin, "/api/v1/plugin-installations").ok()["items"], json!([]));
    // Once more, it is the same installation with its history, and none of what it had.
    let mut again = ready.order(&package, &[]);
    again["choice"]["secrets"] = json!({});
    assert_eq!(id(&ready.installs(&again).ok()["id"]), installation);
    let page = ready.page(&installation);
    let expect = ["installed", "switched_off", "changed", "uninstalled", "installed"];
    assert_eq!((history(&page), &page["secret_names"]), (expect.to_vec(), &json!([])));
    assert_eq!(page["is_enabled"], true);
}

#[test]
fn each_administrator_meets_the_plugins_of_their_own_clients() {
    let ready = ready();
    let package = ready.kept(PARTS_STOCK);
    let done = ready.installs(&ready.order(&package, &["setting:base_url"])).ok();
    let installation = id(&done["id"]);
    let other = ready.site.desk.client("other", "");
    let token =
        |login: &str, role, client| ready.site.token(ready.site.desk.somebody(login, role, client).id);
    let own = token("own", Role::Administrator, Some(ready.client));
    let foreign = token("foreign", Role::Administrator, Some(other));
    let operator = token("olga", Role::Operator, None);
    let path = |step: &str| format!("/api/v1/plugin-installations/{installation}{step}");
    assert_eq!(ready.site.get(&own, &path("")).ok()["plugin"], "parts-stock");
    for stranger in [&foreign, &operator] {
        ready.site.get(stranger, &path("")).refused(404, "not_found");
        let change = json!({ "version": 1, "choice": ready.choice(&[], json!({})) });
        for (step, body) in [
            ("/settings", change),
            ("/state", json!({ "state": "off" })),
            ("/uninstall", json!({ "version": 1 })),
            ("/try", json!({ "function": "in_stock", "input": {} })),
            ("/update", json!({ "version": 1, "package": package })),
            ("/update/reject", json!({})),
        ] {
            ready.site.post(stranger, &path(step), &body).refused(404, "not_found");
        }
    }
    ready.site.get(&operator, "/api/v1/plugin-packages").refused(403, "forbidden");
    // Packages and keys are the whole desk's.
    for (at, body) in [
        ("/api/v1/plugin-keys", json!({ "name": "x", "public_key": "RW" })),
        ("/api/v1/plugin-publishers/naryad/pin", json!({ "public_key": null })),
    ] {
        ready.site.post(&own, at, &body).refused(403, "forbidden");
    }
    let send = ready.site.ask("POST", "/api/v1/plugin-packages").token(&own).bytes(PARTS_STOCK).send();
    send.refused(403, "forbidden");
    // To go without a signature is, too.
    let mut order = ready.order(&package, &[]);
    order["client"] = json!(other);
    ready.site.post(&foreign, "/api/v1/plugin-installations", &order).refused(403, "forbidden");
    ready.site.post(&own, "/api/v1/plugin-installations", &order).refused(404, "not_found");
    ready.site.post(&own, &path("/state"), &json!({ "state": "off" })).ok();
    assert_eq!(ready.page(installation)["history"][0]["by"]["name"], "own");
}
