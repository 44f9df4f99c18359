//! What is wrong in a fixture or a manifest, and what a call did otherwise: each has words of its own.

use serde_json::{Value, json};

use super::{KNOWN, Workbench, with};

#[test]
fn a_difference_is_shown_with_its_path_and_both_sides() {
    let bench = Workbench::example();
    let known = bench.fixture(KNOWN);
    let twice = json!([known["http"][0], known["http"][0]]);
    let url = "https://register.example.com/api/devices?serial=NCR-884-112-07";
    let tables: Vec<(&str, Value, String)> = vec![
        ("/expect/answer/model", json!("NCR"), r#"answer.model: expected "NCR", was "NCR 6622""#.into()),
        ("/expect/answer/more", json!(1), "answer.more: expected 1, is not there".into()),
        ("/expect/answer", json!({}), "answer.known: expected nothing, was true".into()),
        (
            "/expect",
            json!({ "error": { "code": "busy", "retryable": true } }),
            "error: expected `busy`; the call answered {".into(),
        ),
        (
            "/expect/log",
            json!([{ "level": "info", "message": "x" }]),
            r#"log[0]: expected Info "x", was nothing"#.into(),
        ),
        (
            "/http/0/request/url",
            json!("https://register.example.com/"),
            format!(r#"http[0].request.url: expected "https://register.example.com/", was "{url}""#),
        ),
        (
            "/http/0/request/method",
            json!("POST"),
            r#"http[0].request.method: expected "POST", was "GET""#.into(),
        ),
        (
            "/http/0/request/authentication",
            json!("basic anna register_token"),
            r#"http[0].request.authentication: expected "basic anna register_token", was "bearer register_token""#
                .into(),
        ),
        (
            "/http/0/request/headers",
            json!({ "x-trace": "7" }),
            r#"http[0].request.headers.x-trace: expected "7", was null"#.into(),
        ),
        (
            "/http/0/request/body",
            json!({ "json": { "a": 1 } }),
            r#"http[0].request.body: expected {"json":{"a":1}}, was null"#.into(),
        ),
        ("/http", json!([]), format!("http: expected nothing more, was GET {url}")),
        ("/http", twice, format!("http[1]: expected GET {url}, was nothing")),
        (
            "/http/0/response",
            json!({ "unreachable": "no route" }),
            "the call failed with `unreachable`: no route".into(),
        ),
        ("/http/0/response", json!("timed_out"), "the call failed with `timed_out`".into()),
        ("/grant", json!({ "hosts": [] }), "the call failed with `plugin_refused`".into()),
        ("/secrets", json!([]), "the call failed with `plugin_".into()),
    ];
    for (pointer, value, words) in tables {
        bench.write(KNOWN, with(&known, pointer, value).to_string());
        let out = bench.finds(&["test"]);
        assert!(out.contains("FAILED  known") && out.contains("2 passed, 1 failed"), "{pointer}: {out}");
        assert!(out.contains(&words), "{pointer}: {out}");
    }
}

#[test]
fn an_error_is_compared_in_every_part() {
    let bench = Workbench::example();
    let busy = bench.fixture("fixtures/busy.json");
    for (pointer, value, words) in [
        ("/expect/error/code", json!("gone"), r#"error.code: expected "gone", was "busy""#),
        ("/expect/error/retryable", json!(false), "error.retryable: expected false, was true"),
        ("/expect/error/retry_after", json!(7), "error.retry_after: expected 7, was 120"),
        ("/expect", json!({ "answer": {} }), "answer: expected {}; the call failed with `busy`"),
    ] {
        bench.write("fixtures/busy.json", with(&busy, pointer, value).to_string());
        let out = bench.finds(&["test", "--only", "busy"]);
        assert!(out.contains(words), "{pointer}: {out}");
    }
}

#[test]
fn each_mistake_of_a_fixture_has_its_own_words() {
    let bench = Workbench::example();
    let known = bench.fixture(KNOWN);
    for (pointer, value, words) in [
        ("/entri", json!(1), "unknown field `entri`"),
        ("/entry", json!("function"), "`entry.function`: invalid type"),
        ("/entry", json!({ "funktion": {} }), "unknown variant `funktion`"),
        ("/entry/function/name", json!("look"), "no function `look`; it has look_up"),
        ("/entry/function/input", json!({}), "`entry.function.input`: serial should be present"),
        ("/entry/function/input/serial", json!(7), "`entry.function.input`: serial should be string"),
        ("/context/client", json!("Not A Key"), "`context.client`: "),
        ("/context/configuration", json!({}), "`context.configuration`: base_url should be present"),
        ("/context/attempt", json!(0), "`context.attempt`: attempts count from 1"),
        ("/context/attempt", json!("one"), "`context.attempt`: invalid type"),
        ("/context/time_zone", json!("Moon/Base"), "`context.time_zone`: "),
        ("/context/zone", json!("Asia/Yerevan"), "unknown field `zone`"),
        ("/grant", json!({ "hosts": ["a b"] }), "`grant.hosts[0]`: `a b` is not a host"),
        ("/grant", json!({ "host": [] }), "unknown field `host`"),
        (
            "/secrets",
            json!(["token"]),
            "`secrets[0]`: the manifest declares no secret `token`; it has register_token",
        ),
        (
            "/http/0/request/method",
            json!("FETCH"),
            "`http[0].request.method`: `FETCH` is no method; they are GET",
        ),
        ("/http/0/request/url", json!("devices"), "`http[0].request.url`: `devices` is no URL"),
        ("/http/0/request/authentication", json!("digest x"), "should be `bearer SECRET`"),
        ("/http/0/request/authentication", json!("bearer x"), "declares no secret `x`"),
        (
            "/http/0/request/body",
            json!({ "base64": "#" }),
            "`http[0].request.body.base64`: this is no base64",
        ),
        (
            "/http/0/request/body",
            json!({ "xml": "" }),
            "unknown variant `xml`, expected one of `json`, `text`",
        ),
        ("/http/0/request/body", json!({ "text": "a", "json": 1 }), "`http[0].request.body`: "),
        ("/http/0/response/answered/status", json!(700), "700 is no status; they are 100 to 599"),
        ("/http/0/response/answered/status", json!("ok"), "`http[0].response.answered.status`: invalid type"),
        (
            "/http/0/response",
            json!({ "status": 200 }),
            "unknown variant `status`, expected one of `answered`",
        ),
        (
            "/expect/error",
            json!({ "code": "x", "retryable": true }),
            "with `answer` or with `error`, not with both",
        ),
        ("/expect/error", json!({ "code": "x" }), "missing field `retryable`"),
        (
            "/expect/log",
            json!([{ "level": "loud", "message": "" }]),
            "`expect.log[0].level`: unknown variant `loud`",
        ),
    ] {
        bench.write(KNOWN, with(&known, pointer, value).to_string());
        let error = bench.fails(&["test"]);
        assert!(error.contains("known.json") && error.contains(words), "{pointer}: {error}");
    }
}

#[test]
fn what_is_no_document_has_its_own_words() {
    let bench = Workbench::example();
    let known = bench.fixture(KNOWN);
    for (text, words) in [
        ("", "EOF while parsing"),
        ("{} {}", "missing field `entry`"),
        (&format!("{known} 7"), "something follows the document"),
    ] {
        bench.write(KNOWN, text);
        let error = bench.fails(&["test"]);
        assert!(error.contains("known.json") && error.contains(words), "{text}: {error}");
    }
    bench.write(KNOWN, [0xff, 0xfe]);
    assert!(bench.fails(&["test"]).contains("known.json: it cannot be read"));
}

#[test]
fn all_mistakes_of_all_fixtures_are_told_at_once() {
    let bench = Workbench::example();
    let known = bench.fixture(KNOWN);
    let wrong = with(&with(&known, "/context/attempt", json!(0)), "/context/time_zone", json!("x"));
    bench.write(KNOWN, wrong.to_string());
    bench.write("fixtures/busy.json", "{");
    let error = bench.fails(&["test"]);
    for words in ["known.json: `context.attempt`", "known.json: `context.time_zone`", "busy.json: "] {
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn each_mistake_of_a_manifest_is_told_before_anything_is_built() {
    let bench = Workbench::example();
    let manifest = bench.read("plugin.toml");
    for (from, to, words) in [
        ("contract = \"0.1\"", "contract = \"9.9\"", "written for contract 9.9, this Naryad speaks 0.1"),
        ("contract = \"0.1\"\n", "", "missing field `contract`"),
        ("name = \"example\"", "name = \"An Example\"", "name = \"An Example\""),
        ("version = \"0.1.0\"", "version = \"one\"", "`version` should look like 1.2.3"),
        (
            "publisher = \"naryad\"\n",
            "publisher = \"naryad\"\nlicence = \"MIT\"\n",
            "unknown field `licence`",
        ),
        ("en = \"Device register\"\n", "", "`title.en` is missing"),
        ("from_setting = \"base_url\"\nwhy", "why", "[[host]]: either a host's name or `from_setting`"),
        ("from_setting = \"base_url\"\nwhy", "name = \"a/b\"\nwhy", "`a/b` is not a host"),
        (
            "from_setting = \"base_url\"\nwhy",
            "from_setting = \"url\"\nwhy",
            "names `url`, which is no text in [config]",
        ),
        ("place = \"bearer\"", "place = \"cookie\"", "secret `register_token`: `place` should be"),
        (
            "place = \"bearer\"\nfrom_setting = \"base_url\"",
            "place = \"bearer\"\nhost = \"a.com\"",
            "belongs to a host that no [[host]] declares",
        ),
        (
            "[config]\ntype = \"object\"",
            "[config]\ntype = \"array\"",
            "`config` should have type = \"object\"",
        ),
        ("minLength = 8", "minimumLength = 8", "minimumLength"),
        ("type = \"boolean\"", "type = \"bool\"", "function `look_up`, output: "),
    ] {
        assert!(manifest.contains(from), "{from}");
        bench.write("plugin.toml", manifest.replacen(from, to, 1));
        let error = bench.fails(&["build"]);
        assert!(error.contains("plugin.toml") && error.contains(words), "{to}: {error}");
    }
}
