//! Every bad request is refused in one envelope that says what, where, and what would be right.

use naryad::domain::person::Role;
use serde_json::json;

use super::Site;

#[test]
fn every_bad_body_is_refused_with_its_place_and_nothing_is_stored() {
    let site = Site::new();
    let client = site.desk.client("acme", "").to_string();
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let token = site.token(operator.id);
    let open = |body: &[u8]| {
        site.ask("POST", "/api/v1/tickets")
            .token(&token)
            .header("Content-Type", "application/json")
            .bytes(body)
            .send()
    };

    let broken = open(b"{\n \"client\": \"1\",\n oops").refused(400, "bad_json");
    assert!(broken["message"].as_str().unwrap().contains("line 3, column 2"), "{broken}");
    open(b"{\"subject\": \"\xff\"}").refused(400, "bad_utf8");
    let unknown = open(json!({ "client": client, "subject": "s", "nonsense": 1 }).to_string().as_bytes());
    assert_eq!(unknown.refused(422, "invalid")["field"], "nonsense");
    let wrong_type = open(json!({ "client": client, "subject": 7 }).to_string().as_bytes());
    assert_eq!(wrong_type.refused(422, "invalid")["field"], "subject");
    let missing = open(json!({ "client": client }).to_string().as_bytes());
    assert_eq!(missing.refused(422, "invalid")["field"], "subject");
    let nowhere = open(json!({ "client": "77", "subject": "s" }).to_string().as_bytes());
    assert!(matches!(nowhere.status, 403 | 404), "{}", nowhere.text());
    let category =
        open(json!({ "client": client, "subject": "s", "category": "vandalizm" }).to_string().as_bytes());
    let category = category.refused(422, "unknown_key");
    assert_eq!(category["field"], "category");
    assert!(category["message"].as_str().unwrap().contains("did you mean `vandalism`?"), "{category}");
    let field =
        open(json!({ "client": client, "subject": "s", "fields": { "floor": "x" } }).to_string().as_bytes());
    assert_eq!(field.refused(422, "invalid")["field"], "fields.floor");
    let long = open(json!({ "client": client, "subject": "x".repeat(501) }).to_string().as_bytes());
    assert!(long.refused(422, "too_long")["message"].as_str().unwrap().contains("500"));
    open(json!({ "client": client, "subject": " " }).to_string().as_bytes()).refused(422, "invalid");

    assert_eq!(site.get(&token, "/api/v1/tickets").ok()["items"], json!([]));
}

#[test]
fn a_body_over_the_limit_is_refused_and_the_limit_named() {
    let site = Site::new();
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let token = site.token(operator.id);
    let ask = || site.ask("POST", "/api/v1/tickets").token(&token).header("Content-Type", "application/json");
    let announced = ask().header("Content-Length", "1048577").send().refused(413, "body_too_large");
    assert!(announced["message"].as_str().unwrap().contains("1048576"), "{announced}");
    let mut chunked = Vec::new();
    for _ in 0..20 {
        chunked.extend_from_slice(format!("{:x}\r\n{}\r\n", 64 * 1024, " ".repeat(64 * 1024)).as_bytes());
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let unannounced =
        ask().header("Transfer-Encoding", "chunked").header("Content-Length", "").bytes(&chunked);
    let mut text = unannounced.text();
    let at = text.windows(20).position(|part| part == b"Content-Length: \r\n\r\n").unwrap();
    text.drain(at..at + 18);
    let mut stream = std::net::TcpStream::connect(site.address).unwrap();
    let _ = std::io::Write::write_all(&mut stream, &text);
    super::Answer::read(stream).refused(413, "body_too_large");
}

#[test]
fn wrong_addresses_methods_and_types_are_named() {
    let site = Site::new();
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let token = site.token(operator.id);
    site.get(&token, "/api/v1/nonsense").refused(404, "no_such_route");
    site.get(&token, "/api/v2/tickets").refused(404, "no_such_route");
    site.ask("PATCH", "/api/v1/tickets").token(&token).send().refused(405, "method_not_allowed");
    site.ask("DELETE", "/some/page").send().refused(405, "method_not_allowed");
    let plain =
        site.ask("POST", "/api/v1/tickets").token(&token).header("Content-Type", "text/plain").bytes(b"{}");
    assert!(
        plain.send().refused(415, "wrong_media_type")["message"].as_str().unwrap().contains("text/plain")
    );
    for path in ["/api/v1/tickets?nonsense=1", "/api/v1/tickets?client=x", "/api/v1/tasks?state=x"] {
        site.get(&token, path).refused(400, "bad_query");
    }
    for path in [
        "/api/v1/tickets?limit=0",
        "/api/v1/tickets?limit=201",
        "/api/v1/tickets?cursor=nonsense",
        "/api/v1/tickets?phase=x",
    ] {
        site.get(&token, path).refused(422, "invalid");
    }
    site.get(&token, "/api/v1/tasks/x").refused(400, "bad_id");
    site.get(&token, "/api/v1/tickets/nonsense").refused(404, "not_found");
    site.get(&token, "/api/v1/tickets/NOPE-17").refused(404, "not_found");
    let key =
        site.ask("POST", "/api/v1/tickets").token(&token).header("Idempotency-Key", "a b").json(&json!({}));
    key.send().refused(400, "bad_idempotency_key");
}

#[test]
fn who_is_nobody_is_told_to_log_in() {
    let site = Site::new();
    for (method, path) in naryad::http::router::operations() {
        let open =
            ["/setup", "/session", "/reset"].iter().any(|open| path.starts_with(open)) && path != "/sessions";
        if open && !(method != "post" && path == "/session") && !path.starts_with("/sessions") {
            continue;
        }
        let path = path.replace("{id}", "1").replace("{version}", "1").replace("{name}", "x");
        let answer = site.ask(&method.to_uppercase(), &format!("/api/v1{path}")).send();
        assert_eq!(answer.fault(), (401, "not_logged_in".to_owned()), "{method} {path}");
        let forged = site.ask(&method.to_uppercase(), &format!("/api/v1{path}")).token("forged").send();
        assert_eq!(forged.fault(), (401, "bad_token".to_owned()), "{method} {path}");
    }
}
